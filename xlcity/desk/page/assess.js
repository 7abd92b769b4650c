// Pictures of an assessment that answer: a city is chosen, its ranks and what moves them are drawn.
// All numbers are those of assessment.json; beside every picture they stand in a table.
import { $, cityName, el, get, has, helpText, nodeText, options, scrolled, svg, t } from "./common.js";

const shown = { assessed: null, unit: "" };

const percent = (p) => `${Math.round(100 * p)} %`;
const row = (cells, chosen) => el("tr", chosen ? { class: "chosen" } : {}, ...cells.map((cell, k) => (k ? el("td", { class: "number" }, cell ?? "–") : el("th", { scope: "row" }, cell))));
const table = (heads, rows) => el("table", {}, el("thead", {}, el("tr", {}, ...heads.map((head, k) => el("th", { scope: "col", class: k ? "number" : "" }, head)))), el("tbody", {}, ...rows));

// A picture, its title and its table.
function figure(title, drawing, numbers, long = false) {
  drawing.setAttribute("aria-label", title);
  return el("figure", {}, el("figcaption", {}, title), long ? scrolled(title, drawing) : drawing,
    el("details", {}, el("summary", {}, t("assess.table")), long ? scrolled(`${title}: ${t("assess.table")}`, numbers) : numbers));
}

// Two columns beside each other, as the style sheet has them, or one.
const narrow = window.matchMedia("(max-width: 900px)");
const width = () => Math.max(260, Math.min(720, $("assessment").clientWidth / (narrow.matches ? 1 : 2) - (narrow.matches ? 4 : 24)));
// Room for names on the left: as much as the longest needs, if that leaves enough for what is drawn.
const size = (name) => [...String(name)].reduce((sum, letter) => sum + (letter > "\u2e7f" ? 12.4 : 6.9), 0);
let LEFT = 142;
const fitted = (name) => {
  let short = name;
  while (size(short) > LEFT - 8) short = `${short.replace(/…$/, "").slice(0, -1)}…`;
  return short;
};
// Fewer replicates give intervals that are rough.
const ENOUGH = 1000;

// Rows of one line each: [name, what is drawn there, class]; `scale` turns a number into a place.
function lines(rows, scale, ticks, pick) {
  const height = 18 * rows.length + 22;
  const picture = svg("svg", { role: "img", viewBox: `0 0 ${width()} ${height}`, width: width(), height });
  for (const tick of ticks) {
    picture.append(svg("line", { x1: scale(tick.value), x2: scale(tick.value), y1: 16, y2: height, class: "tick" }),
      svg("text", { x: scale(tick.value), y: 12, "text-anchor": "middle" }, tick.text));
  }
  rows.forEach(([name, draw, chosen], number) => {
    const y = 18 * number + 29;
    const label = svg("text", { x: LEFT - 6, y: y + 4, "text-anchor": "end" }, fitted(name));
    const group = svg("g", { class: chosen ? "line chosen" : "line" }, svg("rect", { x: 0, y: y - 9, width: width(), height: 18, class: "back" }), label, ...draw(y));
    if (pick) group.addEventListener("click", () => pick(number));
    picture.append(group);
  });
  return picture;
}

const ranked = (assessed) => assessed.units.filter((city) => city.rank !== null).sort((a, b) => a.rank - b.rank);

function intervals(assessed) {
  const cities = ranked(assessed);
  const most = Math.max(1, ...cities.map((city) => Math.max(city.rank, city.high ?? 0)));
  const scale = (rank) => LEFT + ((rank - 1) / Math.max(1, most - 1)) * (width() - LEFT - 16);
  const step = [1, 2, 5, 10, 20, 50, 100, 200].find((size) => most / size <= 6) ?? 500;
  const ticks = [1, ...Array.from({ length: Math.floor(most / step) }, (_, k) => (k + 1) * step).filter((tick) => tick > 1)].map((tick) => ({ value: tick, text: tick }));
  const drawn = cities.map((city) => [cityName(city.unit), (y) => [
    svg("line", { x1: scale(city.low), x2: scale(city.high), y1: y, y2: y, class: "range" }),
    svg("circle", { cx: scale(city.median), cy: y, r: 3.5, class: "median" }),
    svg("line", { x1: scale(city.rank), x2: scale(city.rank), y1: y - 6, y2: y + 6, class: "rank" }),
    svg("title", {}, `${cityName(city.unit)}: ${city.rank}; ${city.low}–${city.high}`)], city.unit === shown.unit]);
  const numbers = table(["city", "rank", "assess.median", "assess.low", "assess.high"].map((key) => t(key)),
    cities.map((city) => row([cityName(city.unit), city.rank, city.median, city.low, city.high], city.unit === shown.unit)));
  return figure(t("assess.intervals"), lines(drawn, scale, ticks, (number) => choose(cities[number].unit)), numbers, true);
}

const share = (p) => LEFT + Math.max(0, Math.min(1, p)) * (width() - LEFT - 60);
// Where there is little room, every other one has its number.
const shares = [0, 0.25, 0.5, 0.75, 1].map((value) => ({ value, get text() { return width() < 360 && value % 0.5 ? "" : percent(value); } }));
const bar = (p, text, kind) => (y) => [svg("rect", { x: share(0), y: y - 6, width: Math.max(0, share(p) - share(0)), height: 12, class: kind }),
  svg("text", { x: share(p) + 6, y: y + 4 }, text)];

const first = (k) => (k === 1 ? t("assess.first.1") : t("assess.first", k));

function places(city) {
  const steps = Object.entries(city.top).map(([k, p]) => [Number(k), p]).sort((a, b) => a[0] - b[0]);
  const rows = steps.map(([k, p]) => [first(k), bar(p, percent(p), "part")]);
  return figure(t("assess.places", cityName(city.unit)), lines(rows, share, shares), table([t("assess.place"), t("assess.share")], steps.map(([k, p]) => row([first(k), percent(p)]))));
}

const choiceName = (choice) => (has(`assess.choice.${choice}`) ? t(`assess.choice.${choice}`) : choice);

function movers(assessed, city) {
  const causes = Object.entries(assessed.city_sensitivity[city.unit] ?? {}).sort((a, b) => b[1].total - a[1].total);
  if (!causes.length) return el("p", {}, t("assess.no_movers"));
  const rows = causes.map(([choice, part]) => [choiceName(choice), (y) => [
    bar(part.total, "", "total")(y)[0], bar(part.first, "", "part")(y)[0], bar(Math.max(part.total, part.first), percent(part.total), "none")(y)[1]]]);
  const numbers = table(["assess.choice", "assess.alone", "assess.total"].map((key) => t(key)), causes.map(([choice, part]) => row([choiceName(choice), percent(part.first), percent(part.total)])));
  return figure(t("assess.movers", cityName(city.unit)), lines(rows, share, shares), numbers);
}

// Cities that are above the chosen one in some replicates and below it in others.
function rivals(assessed, city) {
  const { units, p } = assessed.above;
  const own = units.indexOf(city.unit);
  if (own < 0) return null;
  const near = units.map((unit, k) => [unit, p[own][k]]).filter(([unit, q]) => unit !== city.unit && q !== null && q >= 0.05 && q <= 0.95)
    .sort((a, b) => Math.abs(a[1] - 0.5) - Math.abs(b[1] - 0.5));
  if (!near.length) return el("p", {}, t("assess.no_rivals", cityName(city.unit)));
  const least = near.slice(0, 12);
  const head = t("assess.rivals", near.length);
  return figure(head, lines(least.map(([unit, q]) => [cityName(unit), bar(q, percent(q), "part")]), share, shares),
    table([t("city"), t("assess.above", cityName(city.unit))], least.map(([unit, q]) => row([cityName(unit), percent(q)]))));
}

function overtaking(assessed, city) {
  const rows = assessed.overtaking.filter((pair) => [pair.unit, pair.above].includes(city.unit)).slice(0, 12);
  if (!rows.length) return null;
  return el("div", {}, el("h4", {}, t("assess.overtaking")), table(["city", "assess.over", "node", "assess.weight", "assess.needed"].map((key) => t(key)),
    rows.map((pair) => row([cityName(pair.unit), cityName(pair.above), nodeText(pair.node), pair.weight.toPrecision(3), percent(pair.share)]))));
}

function left(assessed) {
  const nodes = [...assessed.leave_one_out].sort((a, b) => b.mean_shift - a.mean_shift).slice(0, 15);
  if (!nodes.length) return null;
  const most = nodes[0].mean_shift || 1;
  const scale = (shift) => LEFT + (shift / most) * (width() - LEFT - 60);
  const rows = nodes.map((omitted) => [nodeText(omitted.node), (y) => [svg("rect", { x: LEFT, y: y - 6, width: Math.max(0, scale(omitted.mean_shift) - LEFT), height: 12, class: "part" }),
    svg("text", { x: scale(omitted.mean_shift) + 6, y: y + 4 }, omitted.mean_shift.toFixed(1))]]);
  return figure(t("assess.left"), lines(rows, scale, []), table(["node", "assess.mean_shift", "assess.max_shift"].map((key) => t(key)),
    nodes.map((omitted) => row([nodeText(omitted.node), omitted.mean_shift.toFixed(2), omitted.max_shift]))));
}

// How firm the ranks are, in a sentence; whether there are replicates enough to say so.
function firmness(assessed, cities) {
  const spread = (city) => city.high - city.low;
  const loose = cities.reduce((widest, city) => (spread(city) > spread(widest) ? city : widest));
  const words = { firm: cities.filter((city) => spread(city) <= 3).length, all: cities.length, city: cityName(loose.unit), low: loose.low, high: loose.high };
  return [el("p", { class: "lead" }, t("assess.firm", words)), assessed.replicates < ENOUGH ? el("p", { class: "note" }, t("assess.few", assessed.replicates)) : null].filter(Boolean);
}

function choose(unit) {
  shown.unit = unit;
  draw();
}

function draw() {
  const { assessed } = shown;
  const cities = ranked(assessed);
  const chosen = cities.find((city) => city.unit === shown.unit) ?? cities[0];
  if (!chosen) return;
  shown.unit = chosen.unit;
  const names = [...cities.map((city) => cityName(city.unit)), ...assessed.leave_one_out.map((left) => nodeText(left.node)), ...Object.keys(assessed.city_sensitivity[chosen.unit] ?? {}).map(choiceName)];
  LEFT = Math.min(0.42 * width(), 12 + Math.max(...names.map(size)));
  const focused = document.activeElement?.id;
  const above = $("assessment").querySelector(".scroll")?.scrollTop ?? 0;
  const select = el("select", { id: "assessed-city", onchange: () => choose(select.value) });
  options(select, cities.map((city) => [city.unit, `${city.rank} · ${cityName(city.unit)}`]));
  select.value = chosen.unit;
  const own = el("p", { "aria-live": "polite" }, t("assess.own", { ...chosen, city: cityName(chosen.unit) }));
  $("assessment").replaceChildren(...[
    el("h4", {}, t("assess.head", nodeText(assessed.node))), helpText(t("assess.help", assessed.replicates)),
    ...firmness(assessed, cities),
    el("p", {}, el("label", { for: "assessed-city" }, t("city")), " ", select), own,
    el("div", { class: "columns" }, el("div", {}, intervals(assessed)), el("div", {}, places(chosen), movers(assessed, chosen))),
    el("div", { class: "columns" }, el("div", {}, rivals(assessed, chosen), overtaking(assessed, chosen)), el("div", {}, left(assessed)))].filter(Boolean));
  $("assessment").querySelector(".scroll").scrollTop = above;
  if (focused === "assessed-city") $(focused).focus();
}

// Draws the numbers of a run, or clears what is there.
export async function assessment(number) {
  $("assessment").replaceChildren();
  Object.assign(shown, { assessed: null, number });
  if (number === null) return;
  const assessed = await get(`made/${number}`);
  if (!assessed.units || number !== shown.number) return;
  shown.assessed = assessed;
  draw();
}

let waiting = 0;
window.addEventListener("resize", () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => shown.assessed && draw(), 200);
});
