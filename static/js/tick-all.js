// A tick above a column of ticks sets them all, or none; without script each is ticked by itself.
for (const head of document.querySelectorAll("[data-tick-all]")) {
  const ticks = [...document.querySelectorAll(`input[type="checkbox"][name="${head.dataset.tickAll}"]`)];
  const all = document.createElement("input");
  all.type = "checkbox";
  all.setAttribute("aria-label", "Choose all on this page");
  const show = () => {
    const count = ticks.filter((tick) => tick.checked).length;
    all.checked = count > 0 && count === ticks.length;
    all.indeterminate = count > 0 && count < ticks.length;
  };
  all.addEventListener("change", () => {
    for (const tick of ticks) tick.checked = all.checked;
  });
  for (const tick of ticks) tick.addEventListener("change", show);
  window.addEventListener("pageshow", show); // a browser that goes back restores the ticks
  head.replaceChildren(all);
  show();
}
