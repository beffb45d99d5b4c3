const KEPT = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "stroke-opacity", "stroke-linejoin", "opacity", "font", "text-anchor"];
const standalone = (svg) => {
  const copy = svg.cloneNode(true);
  const [from, to] = [[svg, ...$$("*", svg)], [copy, ...$$("*", copy)]];
  from.forEach((element, i) => {
    const style = getComputedStyle(element);
    to[i].setAttribute("style", KEPT.map((k) => `${k}:${style.getPropertyValue(k)}`).join(";"));
  });
  const [x, y, width, height] = svg.getAttribute("viewBox").split(" ").map(Number);
  const ground = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  for (const [k, v] of Object.entries({ x, y, width, height, fill: getComputedStyle(document.body).backgroundColor })) ground.setAttribute(k, v);
  copy.prepend(ground);
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("width", 2 * width); copy.setAttribute("height", 2 * height);
  return { text: new XMLSerializer().serializeToString(copy), width: 2 * width, height: 2 * height };
};
const save = (href, name) => { const a = make("a", { href, download: name }); document.body.append(a); a.click(); a.remove(); };
const savePicture = (svg, name) => {
  const { text, width, height } = standalone(svg);
  const data = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  const image = new Image();
  image.onload = () => {
    const canvas = make("canvas", { width, height });
    canvas.getContext("2d").drawImage(image, 0, 0, width, height);
    save(canvas.toDataURL("image/png"), `${name}.png`);
  };
  image.onerror = () => save(data, `${name}.svg`);
  image.src = data;
};

const stage = make("dialog", { class: "stage", "aria-label": "Picture, enlarged" });
document.body.append(stage);
const zoomable = (svg) => {
  const home = svg.getAttribute("viewBox").split(" ").map(Number);
  let [x, y, w, h] = home;
  const set = () => svg.setAttribute("viewBox", `${x} ${y} ${w} ${h}`);
  const zoom = (factor, px = 0.5, py = 0.5) => {
    const next = Math.min(home[2], Math.max(home[2] / 40, w * factor));
    const ratio = next / w;
    x += w * (1 - ratio) * px; y += h * (1 - ratio) * py; w = next; h *= ratio;
    if (w >= home[2]) [x, y, w, h] = home;
    set();
  };
  const move = (dx, dy) => { x += dx * w; y += dy * h; set(); };
  const reset = () => { [x, y, w, h] = home; set(); };
  svg.addEventListener("wheel", (e) => {
    e.preventDefault();
    const box = svg.getBoundingClientRect();
    zoom(e.deltaY > 0 ? 1.2 : 1 / 1.2, (e.clientX - box.left) / box.width, (e.clientY - box.top) / box.height);
  }, { passive: false });
  let held = null;
  svg.addEventListener("pointerdown", (e) => { held = [e.clientX, e.clientY]; svg.setPointerCapture(e.pointerId); });
  svg.addEventListener("pointermove", (e) => {
    if (!held || w >= home[2]) return;
    const box = svg.getBoundingClientRect();
    move((held[0] - e.clientX) / box.width, (held[1] - e.clientY) / box.height);
    held = [e.clientX, e.clientY];
  });
  svg.addEventListener("pointerup", () => { held = null; });
  svg.addEventListener("dblclick", reset);
  return { zoom, move, reset };
};
const enlarge = (figure) => {
  const svg = figure.querySelector("svg.plot").cloneNode(true);
  const view = zoomable(svg);
  const bar = make("p", { class: "tools" });
  const close = button("close", "close", () => stage.close());
  bar.append(button("+", "Zoom in", () => view.zoom(1 / 1.4)), button("−", "Zoom out", () => view.zoom(1.4)), button("reset", "reset", view.reset), close);
  stage.replaceChildren(bar, svg, make("p", { class: "soft" }, "Wheel or + and − to zoom, drag or arrows to move, 0 for the whole picture."));
  stage.onkeydown = (e) => {
    const act = { "+": () => view.zoom(1 / 1.4), "=": () => view.zoom(1 / 1.4), "-": () => view.zoom(1.4), 0: view.reset, ArrowLeft: () => view.move(-0.1, 0),
      ArrowRight: () => view.move(0.1, 0), ArrowUp: () => view.move(0, -0.1), ArrowDown: () => view.move(0, 0.1) }[e.key];
    if (act) { e.preventDefault(); act(); }
  };
  stage.append(tip); tip.classList.remove("on");
  stage.onclose = () => document.body.append(tip);
  stage.showModal();
  close.focus();
};
for (const figure of $$("figure.chart")) {
  const svg = figure.querySelector("svg.plot");
  if (!svg) continue;
  const name = figure.dataset.name;
  const bar = make("p", { class: "tools" });
  bar.append(button("enlarge", `Enlarge the picture: ${name}`, () => enlarge(figure)), button("save", `Save as a picture: ${name}`, () => savePicture(svg, name)));
  const head = figure.querySelector(":scope > h3");
  head ? head.after(bar) : figure.prepend(bar);
}
