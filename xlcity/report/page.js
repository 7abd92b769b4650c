"use strict";
// Sort a table by the column whose heading is clicked; cells without a number stay last.
document.querySelectorAll("thead button").forEach((button) => button.addEventListener("click", () => {
  const head = button.parentElement, table = head.closest("table"), body = table.tBodies[0];
  const down = head.getAttribute("aria-sort") === "ascending";
  const at = [...head.parentElement.children].indexOf(head);
  const isNumber = head.classList.contains("number");
  const key = (row) => isNumber ? row.cells[at].dataset.value : row.cells[at].textContent;
  const compare = (a, b) => {
    const one = key(a), other = key(b);
    if (one === undefined || other === undefined) return (one === undefined) - (other === undefined);
    const order = isNumber ? one - other : one.localeCompare(other, document.documentElement.lang);
    return down ? -order : order;
  };
  [...body.rows].sort(compare).forEach((row) => body.append(row));
  head.parentElement.querySelectorAll("th").forEach((other) => other.setAttribute("aria-sort", "none"));
  head.setAttribute("aria-sort", down ? "descending" : "ascending");
}));
document.querySelectorAll("button.all").forEach((button) => button.addEventListener("click", () =>
  button.closest("figure").classList.remove("long")));
// On telephones the score is beside the city: behind the scores it comes from it is not seen.
if (matchMedia("(max-width: 48rem)").matches) document.querySelectorAll("th.total").forEach((head) => {
  const table = head.closest("table"), heads = [...head.parentElement.children];
  const from = heads.indexOf(head), to = heads.findIndex((one) => one.classList.contains("name"));
  if (table.tHead.rows.length > 1 || to < 0 || from < to + 2) return;
  [...table.rows].forEach((row) => row.cells[to].after(row.cells[from]));
});
// Mark the tables and charts that go on below or to the right of what is seen of them; keys reach
// what moves.
document.querySelectorAll(".scroll").forEach((box) => {
  const mark = () => {
    box.tabIndex = box.scrollHeight > box.clientHeight + 2 || box.scrollWidth > box.clientWidth + 2 ? 0 : -1;
    box.classList.toggle("more", box.scrollTop + box.clientHeight < box.scrollHeight - 2);
    box.classList.toggle("aside", box.scrollLeft + box.clientWidth < box.scrollWidth - 2);
  };
  box.addEventListener("scroll", mark);
  new ResizeObserver(mark).observe(box);
});
// Show only the rows of the cities that are searched for.
document.getElementById("search").addEventListener("input", (event) => {
  const words = event.target.value.trim().toLowerCase();
  document.querySelectorAll("[data-city]").forEach((row) =>
    row.classList.toggle("hidden", words !== "" && !row.dataset.city.includes(words)));
});
// Charts fit the screen; pressed, they have the size of their letters.
document.querySelectorAll("button.enlarge").forEach((button) => button.addEventListener("click", () =>
  button.closest("figure").classList.toggle("large")));
// Ranks by other weights: the total is the mean of the first-level scores.
document.querySelectorAll(".weights").forEach((box) => {
  const [names, weights, rows] = ["names", "weights", "rows"].map((name) => JSON.parse(box.dataset[name]));
  const sliders = names.map((name, at) => {
    const label = document.createElement("label"), slider = document.createElement("input"), shown = document.createElement("output");
    Object.assign(slider, { type: "range", min: 0, max: 100, step: 1, value: 100 * weights[at] });
    label.append(name, slider, shown);
    box.querySelector(".sliders").append(label);
    slider.addEventListener("input", show);
    return { slider, shown };
  });
  const ranked = (shares) => rows.map((row, at) => [at, row.slice(1).reduce((sum, score, n) => sum + score * shares[n], 0)])
    .sort((a, b) => b[1] - a[1]);
  const before = new Map(ranked(weights).map(([at], n) => [at, n]));
  function show() {
    const values = sliders.map(({ slider }) => Number(slider.value)), sum = values.reduce((a, b) => a + b, 0);
    const shares = sum ? values.map((value) => value / sum) : weights;
    sliders.forEach(({ shown }, n) => shown.textContent = ` ${(100 * shares[n]).toFixed(0)}%`);
    box.querySelector("tbody").replaceChildren(...ranked(shares).map(([at, score], n) => {
      const line = document.createElement("tr"), moved = before.get(at) - n;
      [n + 1, rows[at][0], score.toFixed(2), moved ? (moved > 0 ? `+${moved}` : `−${-moved}`) : "0"].forEach((text, column) => {
        const cell = line.insertCell();
        cell.textContent = text;
        if (column !== 1) cell.className = "number";
      });
      return line;
    }));
  }
  box.querySelector(".reset").addEventListener("click", () => {
    sliders.forEach(({ slider }, n) => slider.value = 100 * weights[n]);
    show();
  });
  show();
});
