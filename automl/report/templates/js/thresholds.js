const holder = document.getElementById("pick-threshold");
if (holder) {
  const levels = JSON.parse(document.getElementById("threshold-counts").textContent);
  const start = +holder.dataset.at;
  const nearest = (t) => levels.reduce((best, l, i) => (Math.abs(l.threshold - t) < Math.abs(levels[best].threshold - t) ? i : best), 0);
  const range = make("input", { type: "range", min: 0, max: levels.length - 1, value: nearest(start), id: "threshold-range" });
  const alarm = make("input", { type: "number", min: 0, step: "any", value: holder.dataset.alarm, id: "cost-alarm" });
  const miss = make("input", { type: "number", min: 0, step: "any", value: holder.dataset.miss, id: "cost-miss" });
  const out = make("p", { role: "status", class: "told" });
  const labelled = (text, field) => { const l = make("label", { for: field.id }, text); const p = make("p"); p.append(l, field); return p; };
  const rows = levels[0].tp + levels[0].fp + levels[0].fn + levels[0].tn;
  const costOf = (l) => (l.fp * (+alarm.value || 0) + l.fn * (+miss.value || 0)) / rows;
  const share = (a, b) => (b ? (a / b).toFixed(3) : "–");
  const tell = () => {
    const l = levels[+range.value];
    range.setAttribute("aria-valuetext", `threshold ${l.threshold}`);
    out.textContent = `Above ${(+l.threshold.toPrecision(3))}: precision ${share(l.tp, l.tp + l.fp)}, recall ${share(l.tp, l.tp + l.fn)}; ${l.fp.toLocaleString("en")} false alarms, ` +
      `${l.fn.toLocaleString("en")} misses, ${l.tp.toLocaleString("en")} found in ${rows.toLocaleString("en")} rows; mean cost per row ${costOf(l).toPrecision(3)}.`;
  };
  const cheapest = button("cheapest", "Go to the cheapest threshold", () => {
    range.value = levels.reduce((best, l, i) => (costOf(l) < costOf(levels[best]) ? i : best), 0); tell();
  });
  [range, alarm, miss].forEach((f) => f.addEventListener("input", tell));
  const costs = make("div", { class: "costs" });
  costs.append(labelled("a false alarm costs ", alarm), labelled("a miss costs ", miss), cheapest);
  holder.append(labelled("threshold ", range), costs, out);
  holder.hidden = false;
  tell();
}
