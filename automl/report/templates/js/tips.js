const tip = make("div", { class: "tip", role: "presentation" });
document.body.append(tip);
for (const title of $$("svg.plot title")) {
  title.parentElement.dataset.tip = title.textContent;
  title.remove();
}
const show = (mark, x, y) => {
  tip.textContent = mark.dataset.tip;
  tip.classList.add("on");
  const box = tip.getBoundingClientRect();
  tip.style.left = `${Math.max(4, Math.min(x + 12, innerWidth - box.width - 4))}px`;
  tip.style.top = `${y + box.height + 24 > innerHeight ? y - box.height - 10 : y + 16}px`;
};
document.addEventListener("pointermove", (e) => {
  const mark = e.target.closest?.("[data-tip]");
  mark ? show(mark, e.clientX, e.clientY) : tip.classList.remove("on");
});
document.addEventListener("pointerleave", () => tip.classList.remove("on"));
