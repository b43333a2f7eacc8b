// Keys at the desk: J and K walk the rows, Enter opens one, / searches. On a phone the row of tabs begins at the one that
// is open. Without script the page works all the same.
(() => {
  "use strict";

  const typing = (element) => element.closest("input, textarea, select, [contenteditable]") !== null;
  const links = () => Array.from(document.querySelectorAll("[data-rows] .row-link"));

  const walk = (step) => {
    const all = links();
    if (!all.length) return;
    const here = all.findIndex((link) => link === document.activeElement);
    const current = all.findIndex((link) => link.closest("tr, li")?.getAttribute("aria-current") === "true");
    const from = here >= 0 ? here : current;
    const to = Math.min(Math.max(from + step, 0), all.length - 1);
    all[to].focus();
    all[to].scrollIntoView({ block: "nearest" });
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target)) return;
    const key = event.key.toLowerCase();
    if (key === "j" || key === "k") {
      event.preventDefault();
      walk(key === "j" ? 1 : -1);
    } else if (key === "/") {
      const search = document.getElementById("desk-search");
      if (!search) return;
      event.preventDefault();
      search.focus();
      search.select();
    }
  });

  const row = document.querySelector(".tabs");
  const open = row?.querySelector("[aria-current]");
  if (open && row.scrollWidth > row.clientWidth) row.scrollLeft = open.offsetLeft - (row.clientWidth - open.offsetWidth) / 2;
})();
