// Type-ahead over all names of the things a field takes. Without it the field takes any name, and suggests the first thousand.
"use strict";

for (const input of document.querySelectorAll("input[data-choices]")) {
  const list = input.list;
  if (!list) continue;
  let timer = 0;
  let last = null;
  const ask = async () => {
    const text = input.value.trim();
    if (text === last) return;
    last = text;
    const response = await fetch(`${input.dataset.choices}&q=${encodeURIComponent(text)}`);
    if (!response.ok || text !== input.value.trim()) return;
    const { choices } = await response.json();
    list.replaceChildren(...choices.map((one) => {
      const option = document.createElement("option");
      option.value = one.value;
      option.label = one.beside;
      return option;
    }));
  };
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, 120);
  });
}
