// Sorting by a column's head and filtering of rows, for the tables of answers. Without it the table is there all the same.
"use strict";

const key = (cell, type) => {
  const text = cell ? cell.textContent.trim() : "";
  if (type === "integer" || type === "decimal") return text === "–" || text === "" ? null : Number(text.replace(/,/g, ""));
  return text === "–" || text === "" ? null : text;
};

const fold = (text) => text.normalize("NFKC").toLowerCase().replace(/\s+/g, "");

function sortable(table) {
  const collator = new Intl.Collator(document.documentElement.lang, { numeric: true });
  const body = table.tBodies[0];
  const original = Array.from(body.rows);
  Array.from(table.tHead.rows[0].cells).forEach((head, column) => {
    const type = head.dataset.type;
    if (type === "none") return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sort";
    button.title = table.dataset.sort;
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const next = { ascending: "descending", descending: "none" }[head.getAttribute("aria-sort")] || "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      if (next === "none") return body.append(...original);
      head.setAttribute("aria-sort", next);
      const sign = next === "ascending" ? 1 : -1;
      const keyed = original.map((row) => [key(row.cells[column], type), row]);
      // What has no value stands last either way.
      keyed.sort(([a], [b]) => {
        if (a === null || b === null) return (a === null) - (b === null);
        return sign * (typeof a === "number" ? a - b : collator.compare(a, b));
      });
      body.append(...keyed.map(([, row]) => row));
    });
  });
}

function filterable(table) {
  const rows = Array.from(table.tBodies[0].rows);
  if (rows.length < 5) return;
  const label = document.createElement("label");
  label.className = "filter";
  const input = document.createElement("input");
  input.type = "search";
  const status = document.createElement("span");
  status.setAttribute("role", "status");
  label.append(`${table.dataset.filter} `, input, " ", status);
  table.closest(".scroll").before(label);
  const texts = rows.map((row) => fold(Array.from(row.cells).slice(0, -1).map((cell) => cell.textContent).join(" ")));
  input.addEventListener("input", () => {
    const words = input.value.split(/\s+/).map(fold).filter(Boolean);
    let shown = 0;
    rows.forEach((row, i) => {
      row.hidden = !words.every((word) => texts[i].includes(word));
      shown += row.hidden ? 0 : 1;
    });
    status.textContent = words.length ? table.dataset.shown.replace("{shown}", shown).replace("{count}", rows.length) : "";
  });
}

for (const table of document.querySelectorAll("table.answers")) {
  sortable(table);
  filterable(table);
}
