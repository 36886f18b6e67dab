// The basket: a list of answers kept in this browser alone. Without it, /basket takes addresses of answers one by one.
"use strict";

const KEY = "stratgraph-basket";
const read = () => {
  try {
    const found = JSON.parse(localStorage.getItem(KEY) || "[]");
    return Array.isArray(found) ? found.filter((one) => typeof one === "string").slice(0, 20) : [];
  } catch {
    return [];
  }
};
const write = (items) => {
  try {
    localStorage.setItem(KEY, JSON.stringify(items));
  } catch {
    // A browser that keeps nothing has the address.
  }
};
const address = (items) => {
  const query = new URLSearchParams(items.map((one) => ["item", one]));
  query.append("lang", document.documentElement.lang);
  return `/basket?${query}`;
};

function show() {
  const items = read();
  for (const link of document.querySelectorAll("[data-basket]")) {
    link.href = address(items);
    link.dataset.count = items.length || "";
  }
}

for (const link of document.querySelectorAll("a.collect")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    write([...new Set([...read(), link.dataset.item])]);
    show();
    const told = document.createElement("a");
    told.href = address(read());
    told.textContent = link.dataset.done;
    const status = document.createElement("span");
    status.setAttribute("role", "status");
    status.append(told);
    link.replaceWith(status);
    told.focus();
  });
}

if (location.pathname === "/basket") {
  // The address is the basket: what it lists is kept; where it lists nothing, what is kept is shown.
  const here = new URLSearchParams(location.search).getAll("item").filter(Boolean);
  const listed = Array.from(document.querySelectorAll("#basket [data-item]"), (one) => one.dataset.item);
  if (here.length) write(listed);
  else if (read().length) location.replace(address(read()));
  for (const link of document.querySelectorAll("a.remove")) {
    link.addEventListener("click", () => write(read().filter((one) => one !== link.closest("[data-item]").dataset.item)));
  }
}
show();
