const dark = () => root.dataset.theme === "dark" || (root.dataset.theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
const switcher = button("◐", "Switch between light and dark", () => { root.dataset.theme = dark() ? "light" : "dark"; });
switcher.className = "theme";
document.querySelector("header")?.append(switcher);

for (const block of $$("code.block, pre > code")) {
  const copy = button("copy", "Copy this line", async () => {
    const text = block.textContent;
    try { await navigator.clipboard.writeText(text); } catch {
      const area = make("textarea"); area.value = text; document.body.append(area); area.select(); document.execCommand("copy"); area.remove();
    }
    copy.textContent = "copied"; setTimeout(() => { copy.textContent = "copy"; }, 1500);
  });
  copy.className = "copy";
  const holder = make("div", { class: "copied" });
  const whole = block.parentElement.tagName === "PRE" ? block.parentElement : block;
  whole.replaceWith(holder); holder.append(whole, copy);
}

const toOpen = () => { const at = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1))); for (let up = at; up; up = up.parentElement) if (up.tagName === "DETAILS") up.open = true; };
addEventListener("hashchange", toOpen); toOpen();
let closed = [];
addEventListener("beforeprint", () => { closed = $$("details:not([open]):not(.data)"); closed.forEach((d) => { d.open = true; }); });
addEventListener("afterprint", () => closed.forEach((d) => { d.open = false; }));

const links = new Map($$("nav.toc a").map((a) => [a.hash.slice(1), a]));
if (links.size && "IntersectionObserver" in window) {
  const seen = new Set();
  const spy = new IntersectionObserver((entries) => {
    for (const e of entries) e.isIntersecting ? seen.add(e.target.id) : seen.delete(e.target.id);
    const first = [...links.keys()].find((id) => seen.has(id));
    for (const [id, a] of links) id === first ? a.setAttribute("aria-current", "true") : a.removeAttribute("aria-current");
  }, { rootMargin: "-10% 0px -60% 0px" });
  $$("main > section[id]").forEach((s) => spy.observe(s));
}

if (document.body.classList.contains("running")) setTimeout(() => {
  if (!document.querySelector("dialog[open]") && getSelection().isCollapsed) location.reload();
}, 5000);
