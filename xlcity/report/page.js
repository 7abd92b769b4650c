"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const words = Object.fromEntries(Object.entries(data.words).map(([key, text]) => [key.replace(/^html\./, ""), text]));
const cityOf = new Map(data.cities.map((city) => [city.id, city]));
const $ = (id) => document.getElementById(id);
// Texts are set as texts, never as HTML.
const el = (tag, looks, ...children) => {
  const made = Object.assign(document.createElement(tag), looks);
  made.append(...children.filter((child) => child !== null));
  return made;
};
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const number = (value, decimals) => value.toLocaleString("en", { minimumFractionDigits: decimals, maximumFractionDigits: decimals }).replace(/^-(?=0\.?0*$)/, "").replace("-", "−");
// -- tables: sorted by the column whose heading is pressed, cells without a number last ---------------
document.querySelectorAll(".data thead button").forEach((button) => button.addEventListener("click", () => {
  const head = button.parentElement, body = head.closest("table").tBodies[0];
  const down = head.getAttribute("aria-sort") === "ascending";
  const at = [...head.parentElement.children].indexOf(head), isNumber = head.classList.contains("number");
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
// -- the ranking: all cities, all parts, a copy -----------------------------------------------------------
const toggle = (button, table, name, state, other) => button?.addEventListener("click", () => {
  const text = button.textContent, isOn = table.classList.toggle(name);
  button.setAttribute(state, isOn);
  button.textContent = button.dataset.other ?? other;
  button.dataset.other = text;
});
const ranking = document.querySelector("#ranking table");
toggle(document.querySelector("[data-all]"), ranking, "every", "aria-expanded", words.first);
toggle(document.querySelector("[data-split]"), ranking, "split", "aria-pressed", words.whole);
document.querySelector("[data-copy]").addEventListener("click", async () => {
  const lines = [...ranking.tBodies[0].rows].map((row) => [row.cells[0], row.cells[1], row.querySelector(".val")].map((cell) => cell.textContent).join("\t"));
  await navigator.clipboard.writeText([[words["head.rank"], words["head.city"], words["head.score"]].join("\t"), ...lines].join("\n"));
  $("copied").textContent = words.copied;
});
// -- other weights: what xlcity computes, in the same order of steps ----------------------------------------
const own = data.weights;
const sum = (values) => values.reduce((total, value) => total + value, 0);
function meanOf(cells, shares) {
  const { power, missing } = own;
  const values = missing === "zero" ? cells.map((value) => value ?? 0) : cells;
  const isThere = values.map((value) => value !== null);
  if (missing === "na" && values.some((value, n) => value === null && shares[n] > 0)) return null;
  if (missing === "refuse" && !isThere.every(Boolean)) return null;
  if (power !== 1 && values.some((value, n) => isThere[n] && (power <= 0 ? value <= 0 : value < 0))) return null;
  const total = sum(shares.filter((_, n) => isThere[n]));
  if (!(total > 0)) return null;
  const turned = (value) => power === 0 ? Math.log(value) : value ** power;
  const mean = sum(values.map((value, n) => isThere[n] ? turned(value) * (shares[n] / total) : 0));
  return power === 0 ? Math.exp(mean) : mean ** (1 / power);
}
function scoresBy(shares) {
  const means = own.values.map((cells) => meanOf(cells, shares)), known = means.filter((mean) => mean !== null);
  const [first, second] = own.numbers;
  const scale = {
    same: (mean) => mean,
    line: (mean) => first + mean * second,
    ends: (mean) => first + (mean - Math.min(...known)) / (Math.max(...known) - Math.min(...known)) * (second - first),
    moments: (mean) => {
      const middle = sum(known) / known.length;
      return first + (mean - middle) / Math.sqrt(sum(known.map((one) => (one - middle) ** 2)) / known.length) * second;
    },
  }[own.scale];
  return means.map((mean) => mean === null ? null : scale(mean));
}
// As ROUND in spreadsheets: of 15 digits, half away from zero.
function roundedTo(value, decimals) {
  const size = Number(Math.abs(value).toPrecision(15));
  const near = Math.round(Number((size * 10 ** decimals).toPrecision(15))) / 10 ** decimals;
  return value < 0 ? -near : near;
}
function rankedBy(shares) {
  const scores = scoresBy(shares), sizes = scores.map((score) => Math.abs(score ?? 0));
  const decimals = Math.min(own.digits, 14 - Math.floor(Math.log10(Math.max(1, ...sizes)) + 1e-9));
  const keyOf = (score) => own.coarse === null ? roundedTo(score, decimals) : roundedTo(roundedTo(score, decimals), own.coarse);
  const cities = scores.map((score, at) => ({ at, score, key: score === null ? null : keyOf(score) })).filter((city) => city.score !== null);
  const above = (city) => cities.filter((other) => other.key > city.key);
  const rank = {
    min: (city) => 1 + above(city).length,
    max: (city) => cities.filter((other) => other.key >= city.key).length,
    dense: (city) => 1 + new Set(above(city).map((other) => other.key)).size,
    ordinal: (city) => 1 + cities.filter((other) => other.key > city.key || (other.key === city.key && other.at < city.at)).length,
  }[own.ties];
  return cities.map((city) => ({ ...city, rank: rank(city) })).sort((a, b) => a.rank - b.rank || b.score - a.score || a.at - b.at);
}
function whatChanged(now, before) {
  const was = new Map(before.map((city) => [city.at, city.rank]));
  const moved = (city) => (was.get(city.at) ?? city.rank) - city.rank;
  const name = (city) => own.cities[city.at];
  const told = (key, city) => fill(words[key], { city: name(city), from: was.get(city.at), to: city.rank });
  const far = (cities) => cities.filter((city) => was.has(city.at)).reduce((most, city) => most && Math.abs(moved(most)) >= Math.abs(moved(city)) ? most : city, null);
  const [first] = now, [old] = before;
  const lead = first.at === old.at ? fill(words.leads, { city: name(first) }) : fill(words.takes, { city: name(first), old: name(old) });
  const up = far(now.slice(0, 15).filter((city) => moved(city) > 0 && city !== first));
  const leading = new Set(before.slice(0, 10).map((city) => city.at));
  const down = far(now.filter((city) => leading.has(city.at) && moved(city) < 0));
  if (!now.some(moved)) return words.mark + words.still;
  return words.mark + fill(words.all, { lead, up: up ? told("rises", up) : "", down: down ? told("falls", down) : "" });
}
function showWeights() {
  const body = $("reweighed").tBodies[0], before = rankedBy(own.shares);
  const was = new Map(before.map((city) => [city.at, city.rank]));
  const sliders = own.names.map((name, n) => {
    const slider = el("input", { type: "range", min: 0, max: 100, step: 1, value: 100 * own.shares[n], id: `w${n}` });
    const shown = el("output", { htmlFor: `w${n}` });
    $("sliders").append(el("div", { className: "sl" }, el("label", { htmlFor: `w${n}` }, name), shown, slider));
    slider.addEventListener("input", () => show(false));
    return { slider, shown };
  });
  function show(isOwn) {
    const values = sliders.map(({ slider }) => Number(slider.value)), total = sum(values);
    const shares = isOwn || !total ? own.shares : values.map((value) => value / total);
    sliders.forEach(({ shown }, n) => shown.textContent = `${Math.round(100 * shares[n])}%`);
    const now = rankedBy(shares), scores = now.map((city) => city.score);
    const table = $("reweighed"), first = scores.slice(0, own.first);
    Object.entries({ low: Math.min(0, ...first), all: Math.min(0, ...scores), high: Math.max(0, ...scores) || 1 }).forEach(([name, end]) => table.style.setProperty(`--${name}`, end));
    $("said").textContent = isOwn ? words.same : whatChanged(now, before);
    body.replaceChildren(...now.map((city, n) => {
      const moved = was.has(city.at) ? was.get(city.at) - city.rank : 0;
      const ends = `--a:${Math.min(0, city.score)};--b:${Math.max(0, city.score)}`;
      const bar = el("i", { className: city.score < 0 ? "bar neg" : "bar", style: ends });
      const value = el("span", { className: "val", style: ends }, number(city.score, own.decimals));
      const zero = el("i", { className: "gl zero", style: "--a:0" });
      const unit = own.units[city.at];
      const name = cityOf.has(unit) ? el("a", { href: `#city-${unit}` }, own.cities[city.at]) : own.cities[city.at];
      const line = el("tr", { className: n < own.first ? "" : "rest" }, el("td", { className: "r" }, String(city.rank)), el("th", { className: "c", scope: "row" }, name),
        el("td", {}, el("div", { className: "plot" }, zero, bar, value)), el("td", { className: "m" }, moved ? `${moved > 0 ? "▲" : "▼"}${Math.abs(moved)}` : ""));
      line.dataset.unit = unit;
      return line;
    }));
  }
  $("reset").addEventListener("click", () => {
    sliders.forEach(({ slider }, n) => slider.value = 100 * own.shares[n]);
    show(true);
  });
  toggle(document.querySelector("[data-every]"), $("reweighed"), "every", "aria-expanded", words.fewer);
  show(true);
}
if (own) showWeights();
// -- a city: what is said of it, its ranks, and where it stands in each indicator ----------------------------
const part = (role, looks, ...children) => { const made = el("div", looks, ...children); made.setAttribute("role", role); return made; };
function strip(line, [place, value, rank]) {
  const [worst, best] = line.ends;
  const dot = (name, share) => el("i", { className: name, style: `left:${100 * share}%` });
  const name = part("rowheader", {}, line.name, el("span", { className: "uom small quiet" }, line.uom + (line.reverse ? (line.uom ? words.reverse : words.reverse_only) : "")));
  const drawn = el("div", { ariaHidden: "true" }, el("i", { className: "ax" }), dot("mean", line.mean), place === undefined ? null : dot("me", place),
    el("div", { className: "ends" }, el("span", {}, worst), el("span", {}, best)));
  const picture = part("cell", { className: "ps" }, drawn, el("span", { className: "vh" }, `${words.worst} ${worst}, ${words.best} ${best}`));
  return part("row", { className: "pos" }, name, picture, part("cell", {}, el("b", {}, value ?? words.missing)),
    part("cell", { className: "small quiet" }, rank === undefined ? "" : fill(words.place, { n: rank })));
}
function showCity(city) {
  $("city").value = city.id;
  $("city-name").textContent = fill(words.title, { city: city.name });
  $("city-said").textContent = city.said;
  $("city-ranks").replaceChildren(...data.nodes.map((name, n) => el("div", {}, el("dt", {}, name), el("dd", {}, city.ranks[n] === null ? "—" : fill(words.place, { n: city.ranks[n] })))));
  const key = el("div", { className: "ends" }, el("span", {}, words.worst), el("span", {}, fill(words.key, { city: city.name })), el("span", {}, words.best));
  const head = part("row", { className: "pos poshead small quiet" }, part("columnheader", {}, words["head.node"]), part("columnheader", {}, key),
    part("columnheader", {}, words.value), part("columnheader", {}, words["head.rank"]));
  $("city-strips").setAttribute("aria-label", fill(words.title, { city: city.name }));
  $("city-strips").replaceChildren(head, ...data.lines[city.group].flatMap((line, n) => line ? [strip(line, city.places[n])] : []));
}
function jump(city) {
  showCity(city);
  $("city-name").focus({ preventScroll: true });
  $("profile").scrollIntoView();
}
const hashed = () => cityOf.get(decodeURIComponent(location.hash).replace(/^#city-/, ""));
$("city").append(...data.cities.map((city) => el("option", { value: city.id }, city.name)));
$("names").append(...data.cities.map((city) => el("option", { value: city.name })));
$("city").addEventListener("change", () => showCity(cityOf.get($("city").value)));
$("find").addEventListener("submit", (event) => {
  event.preventDefault();
  const wanted = $("search").value.trim().toLowerCase(), named = (test) => data.cities.find((city) => [city.name, ...city.words, city.id].some((word) => test(word.toLowerCase())));
  const city = wanted && (named((word) => word === wanted) || named((word) => word.startsWith(wanted)) || named((word) => word.includes(wanted)));
  $("search").setCustomValidity(city ? "" : words.none);
  $("search").reportValidity();
  if (city) jump(city);
});
$("search").addEventListener("input", (event) => {
  event.target.setCustomValidity("");
  // A name that is chosen from the list needs no Enter.
  const chosen = event.inputType === "insertReplacementText" || !event.inputType;
  if (chosen && data.cities.some((city) => city.name === event.target.value)) $("find").requestSubmit();
});
addEventListener("hashchange", () => hashed() && jump(hashed()));
document.addEventListener("click", (event) => {
  const link = event.target.closest('a[href^="#city-"]');
  if (link && link.hash === location.hash) jump(hashed());
});
showCity(data.cities[0]);
if (hashed()) jump(hashed());
