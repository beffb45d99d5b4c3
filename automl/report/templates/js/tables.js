const valueOf = (cell) => {
  const text = cell.dataset.value ?? cell.firstChild?.textContent ?? "";
  const plain = text.replace(/[,\s%×]/g, "").replace("−", "-");
  return plain !== "" && Number.isFinite(+plain) ? +plain : text.trim();
};
const sortBy = (table, at, up) => {
  const body = table.tBodies[0];
  const rows = [...body.rows].map((row) => [valueOf(row.cells[at]), row]);
  const empty = (v) => v === "" || v === "–";
  rows.sort(([a], [b]) => empty(a) - empty(b) || (typeof a === typeof b ? (a < b ? -1 : a > b ? 1 : 0) : typeof a === "number" ? -1 : 1) * (up ? 1 : -1));
  body.append(...rows.map(([, row]) => row));
};
for (const table of $$("table.sorts")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, at) => {
    const text = head.textContent;
    const press = button(text, text, () => {
      const up = head.getAttribute("aria-sort") !== "ascending";
      heads.forEach((h) => h.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      sortBy(table, at, up);
    });
    head.textContent = ""; head.append(press);
  });
  if (table.tBodies[0].rows.length < 6) continue;
  const said = make("span", { role: "status", class: "soft" });
  const field = make("input", { type: "search", placeholder: "filter rows", "aria-label": `Filter the rows of: ${table.dataset.name}` });
  field.addEventListener("input", () => {
    const parts = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    let left = 0;
    for (const row of table.tBodies[0].rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !parts.every((p) => text.includes(p));
      left += !row.hidden;
    }
    said.textContent = parts.length ? `${left} of ${table.tBodies[0].rows.length} rows` : "";
  });
  const bar = make("p", { class: "filter" });
  bar.append(field, said);
  (table.closest(".scroll") ?? table).before(bar);
}
const reachable = () => {
  for (const box of $$(".scroll:not([tabindex])")) if (box.scrollWidth > box.clientWidth + 1) {
    const heads = $$("h2, h3, h4, summary", box.closest("section") ?? document).filter((h) => h.compareDocumentPosition(box) & Node.DOCUMENT_POSITION_FOLLOWING);
    for (const [k, v] of Object.entries({ tabindex: 0, role: "region", "aria-label": `Table: ${heads.at(-1)?.textContent ?? ""}` })) box.setAttribute(k, v);
  }
};
reachable(); addEventListener("resize", reachable);
