const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];
const make = (tag, attributes = {}, text = "") => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.textContent = text;
  return made;
};
const button = (text, label, act) => {
  const made = make("button", label === text ? { type: "button" } : { type: "button", "aria-label": label, title: label }, text);
  made.addEventListener("click", act);
  return made;
};
const root = document.documentElement;
root.classList.add("scripted");
