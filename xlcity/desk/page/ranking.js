// The ranking: bars after the names, parts of a score under the pointer, where a city's score comes from,
// places of the cities, and the ranking as a picture and as a table. Names come from strangers' workbooks:
// text is set as text, never as HTML.
import { $, button, el, known, nameOf, nodeText, number, root, scrolled, send, speech, svg, t } from "./common.js";

const [TOP, EXACT, PARTS] = [20, 1e-9, 4];
const shown = { all: false, split: false, open: "", top: "", explained: {} };
const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
const share = (part) => `${Number((100 * part).toFixed(1))}%`;
const isScored = (city) => typeof city.score === "number";
const tops = () => known.overview.nodes.filter((node) => node.parent === root()?.code);
const provisional = () => known.check?.verdict === "fail";
const doubted = () => new Set((known.check?.causes ?? []).map((cause) => cause.doubt?.unit));
const parts = (city) => (city.parts ? tops().map((top) => city.parts[top.code] ?? 0) : []);

// -- the figure ----------------------------------------------------------------
// How scores become places: the lowest and the highest that is drawn, round ticks, decimals.
function scaleOf(cities) {
  const reach = (sign, city) => sum(parts(city).filter((part) => part * sign > 0));
  const low = Math.min(0, ...cities.map((city) => Math.min(city.score, shown.split ? reach(-1, city) : 0)));
  const high = Math.max(0, ...cities.map((city) => Math.max(city.score, reach(1, city)))) || 1;
  const size = 10 ** Math.floor(Math.log10((high - low) / 2));
  const step = [1, 2, 2.5, 5, 10].map((times) => times * size).find((one) => (high - low) / one <= 5.5) ?? 10 * size;
  const first = Math.ceil(low / step - EXACT);
  const ticks = Array.from({ length: Math.floor(high / step - first + 1 + EXACT) }, (_, k) => (first + k) * step);
  const decimals = Math.max(0, Math.ceil(-Math.log10(step / (String(step / size) === "2.5" ? 10 : 1))));
  return { ticks, at: (value) => (100 * (value - low)) / (high - low), tick: (value) => number(value, Math.min(decimals, 6)), low, high };
}

// Decimals that tell scores apart: one where they go up to a hundred, else two.
const decimals = () => (Math.max(0, ...known.overview.ranking.filter(isScored).map((city) => Math.abs(city.score))) >= 20 ? 1 : 2);
export const points = (score) => (typeof score === "number" ? number(score, decimals()) : score ?? "–");

function piece(kind, scale, from, to) {
  const drawn = el("i", { class: kind });
  Object.assign(drawn.style, { left: `${scale.at(Math.min(from, to))}%`, width: `${scale.at(Math.max(from, to)) - scale.at(Math.min(from, to))}%` });
  return drawn;
}

// Parts of a score: what adds to it after each other, then what takes from it; split, to both sides of 0.
function segments(city, scale) {
  if (!city.parts) return { drawn: [], end: city.score };
  const own = parts(city).map((part, k) => [part, `seg p${Math.min(k, PARTS - 1) + 1}`]);
  let [end, low] = [0, 0];
  const drawn = own.filter(([part]) => part > 0).map(([part, kind]) => piece(kind, scale, end, (end += part)));
  const taken = own.filter(([part]) => part < 0);
  if (shown.split) drawn.push(...taken.map(([part, kind]) => piece(kind, scale, low, (low += part))), mark("net", scale, city.score));
  else if (taken.length) drawn.push(piece("seg minus", scale, end, end + sum(taken.map(([part]) => part))));
  return { drawn, end: Math.max(end, city.score) };
}

function mark(kind, scale, value, text = "") {
  const drawn = el("i", { class: kind }, text);
  drawn.style.left = `${scale.at(value)}%`;
  return drawn;
}

const lines = (scale) => scale.ticks.map((tick) => mark(Math.abs(tick) < EXACT ? "gl zero" : "gl", scale, tick));

function plot(city, scale, isDoubted) {
  if (!isScored(city)) return el("div", { class: "plot" }, el("span", { class: "quiet" }, points(city.score)));
  const { drawn, end } = segments(city, scale);
  const state = provisional() ? " grey" : isDoubted ? " wait" : "";
  const value = mark("val", scale, Math.max(0, city.score), points(city.score));
  value.style.setProperty("--far", `${scale.at(end)}%`);
  return el("div", { class: drawn.length ? "plot parted" : "plot" }, el("span", { "aria-hidden": "true" }, ...lines(scale),
    piece(`bar${city.score < 0 ? " neg" : ""}${state}`, scale, 0, city.score), ...drawn), value);
}

// -- rows ------------------------------------------------------------------------
const badge = (kind, text) => el("span", { class: `mark ${kind}` }, text);

function rowOf(city, scale, { moved, redraw, widest }) {
  const isDoubted = doubted().has(city.unit);
  const isOpen = shown.open === city.unit;
  const toggle = () => { Object.assign(shown, { open: isOpen ? "" : city.unit, top: "" }); redraw(); if (!isOpen) explain(city, redraw); };
  const name = el("button", { type: "button", id: `city-${city.unit}`, "aria-expanded": String(isOpen) }, nameOf(city), el("span", { class: "ears" }, t("ranking.why")));
  const rank = city.rank == null ? "–" : provisional() ? `(${city.rank})` : city.rank;
  const marks = [isDoubted && badge("warn", t("ranking.check")), city.gaps > 0 && badge("", t("ranking.gaps", city.gaps))].filter(Boolean);
  const row = el("tr", { class: isOpen ? "x on" : "x", onclick: toggle }, el("td", { class: "r" }, rank), el("th", { class: "c", scope: "row" }, name, ...marks),
    el("td", {}, plot(city, scale, isDoubted)), ...(moved ? [el("td", { class: "m" }, moved(city))] : []));
  return isOpen ? [row, el("tr", {}, el("td", { class: "trace", colspan: widest }, trace(city, redraw)))] : [row];
}

// The indicators behind a score are asked for when it is opened.
async function explain(city, redraw) {
  const asked = known.overview;
  const answered = await send("ask", { command: "city", given: { unit: city.unit } }).catch(() => ({ indicators: [] }));
  if (asked !== known.overview) return;
  shown.explained[city.unit] = answered.indicators;
  if (shown.open === city.unit && shown.top) redraw();
}

// -- where a score comes from ------------------------------------------------------
function trace(city, redraw) {
  const own = tops().map((top, k) => chip(city, top, k, redraw));
  const sums = t(city.parts ? "ranking.sum" : "ranking.of", { city: nameOf(city), rank: city.rank ?? "–", score: points(city.score) });
  const followed = button(t("ranking.formula"), async (event) => { const { target } = event; await shown.follow(city); target.setAttribute("aria-expanded", String(shown.isFollowed(city))); }, { class: "link formula", "aria-expanded": String(shown.isFollowed(city)) });
  return el("div", { class: "stack" }, el("p", {}, sums), el("div", { class: "chips" }, ...own),
    shown.top ? indicators(city) : null, el("p", {}, followed), el("div", { id: "trace-slot" }));
}

function chip(city, top, k, redraw) {
  const weight = city.parts && Math.abs(city.tops[top.code]) > EXACT ? city.parts[top.code] / city.tops[top.code] : top.share;
  const isChosen = shown.top === top.code;
  const choose = () => { shown.top = isChosen ? "" : top.code; redraw(); };
  return el("span", { class: k && city.parts ? "chipped plus" : "chipped" }, el("button", { type: "button", class: "chip", id: `top-${top.code}`, "aria-expanded": String(isChosen), onclick: choose },
    el("i", { class: `p${Math.min(k, PARTS - 1) + 1}` }), nodeText(top.code), el("b", {}, points(city.tops[top.code])), weight == null ? "" : `× ${share(weight)}`));
}

function indicators(city) {
  const own = (shown.explained[city.unit] ?? []).filter((line) => line.top === shown.top);
  const value = (line) => (line.value == null ? t("status.missing") : `${number(line.value)} ${line.uom[speech.lang] || line.uom.en}`);
  const cells = (line) => [value(line), line.score == null ? "–" : number(line.score, 2), line.share == null ? "" : share(line.share)];
  const row = (line) => el("tr", {}, el("th", { scope: "row" }, nodeText(line.code)), ...cells(line).map((text) => el("td", { class: "number" }, text)), el("td", {}, line.cell ? shown.link(line.cell) : ""));
  const heads = ["indicator", "value", "score", "ranking.share", "cell"].map((key, k) => el("th", { scope: "col", class: k % 4 ? "number" : "" }, t(key)));
  return scrolled(nodeText(shown.top), el("table", {}, el("thead", {}, el("tr", {}, ...heads)), el("tbody", {}, ...own.map(row))));
}

// -- the sheet -----------------------------------------------------------------------
function title(cities) {
  const [first, second] = cities.filter((city) => isScored(city) && city.rank != null);
  if (provisional()) return t("ranking.provisional");
  if (doubted().size > 1 || (doubted().size && !doubted().has(undefined))) return t("ranking.doubtful");
  const gap = second && points(Number(points(first.score).replace("−", "-")) - Number(points(second.score).replace("−", "-")));
  if (!second || !Number(gap)) return t("ranking");
  return t("ranking.lead", { city: nameOf(first), score: points(first.score), next: nameOf(second), gap });
}

// What index it is, and how many of its cities are listed.
const extent = (all, count) => t(count < all ? "ranking.top" : "ranking.all", { index: nodeText(root().code), count });

function about(cities, count) {
  const scores = cities.filter(isScored).map((city) => city.score);
  const isCentred = Math.abs(sum(scores)) < 0.1 * sum(scores.map(Math.abs));
  const unranked = cities.filter((city) => city.rank == null).length;
  return [extent(cities.length, count), isCentred && t("ranking.centred"), unranked && t("ranking.unranked", unranked), t("ranking.choose")].filter(Boolean).join(speech.lang === "zh" ? "" : " ");
}

function legend(cities) {
  if (!cities.some((city) => city.parts)) return [];
  const one = (kind, text) => el("span", { class: "quiet" }, el("i", { class: kind }), text);
  const takes = cities.some((city) => parts(city).some((part) => part < 0)) && !shown.split;
  return [...tops().map((top, k) => el("span", {}, el("i", { class: `p${Math.min(k, PARTS - 1) + 1}` }), `${nodeText(top.code)} ${share(top.share)}`)), ...(takes ? [one("minus", t("ranking.takes"))] : []), ...(shown.split ? [one("net", t("ranking.net"))] : [])];
}

// Rows of one group after the other, each cut to its first ones unless all are asked for.
function listed(wanted) {
  const counts = {};
  const isFirst = (city) => (counts[city.population] = (counts[city.population] ?? 0) + 1) <= TOP;
  const isFound = (city) => `${city.unit} ${city.name_zh} ${city.name_en}`.toLowerCase().includes(wanted);
  return known.overview.ranking.filter((city) => (wanted ? isFound(city) : shown.all || isFirst(city)));
}

// Draws the ranking; `ways` has the mark of a city that moved, how a cell is linked and followed.
export function drawRanking(ways) {
  const all = known.overview?.ranking ?? [];
  $("ranking-sheet").hidden = !all.some((city) => city.score != null);
  $("where").hidden = !all.some((city) => city.at);
  if (!all.length) return;
  Object.assign(shown, ways);
  const redraw = () => { const focused = document.activeElement?.id; drawRanking(ways); if (focused) $(focused)?.focus({ preventScroll: true }); };
  if (shown.of !== known.overview) { // saved anew, or another workbook: what was asked of a city is asked again
    Object.assign(shown, { of: known.overview, explained: {} });
    const opened = all.find((city) => city.unit === shown.open);
    if (opened) explain(opened, redraw);
  }
  const wanted = $("search").value.trim().toLowerCase();
  const cities = listed(wanted);
  const scale = scaleOf(cities.filter(isScored));
  const moved = all.some((city) => ways.moved(city)) ? ways.moved : null;
  const widest = moved ? 4 : 3;
  const groups = new Set(all.map((city) => city.population)).size > 1;
  const body = cities.flatMap((city, k) => [
    ...(groups && city.population !== cities[k - 1]?.population ? [el("tr", {}, el("th", { class: "group", colspan: widest, scope: "rowgroup" }, city.population === "main" ? t("ranking.main") : city.population))] : []),
    ...rowOf(city, scale, { moved, redraw, widest })]);
  const ticks = scale.ticks.map((tick) => mark("tick", scale, tick, scale.tick(tick)));
  const heads = [el("th", { class: "r", scope: "col" }, t("rank")), el("th", { class: "c", scope: "col" }, t("city")), el("th", { scope: "col" }, el("span", { class: "ears" }, t("score")), el("div", { class: "plot", "aria-hidden": "true" }, ...ticks))];
  if (moved) heads.push(el("th", { class: "m", scope: "col" }, t(ways.since)));
  const close = (event) => { if (event.key === "Escape" && shown.open) { const name = `city-${shown.open}`; shown.open = ""; redraw(); $(name)?.focus(); } };
  $("ranking-head").textContent = title(all);
  $("ranking-about").textContent = about(all, cities.length);
  const table = el("table", { onkeydown: close, class: `rank${shown.split ? " split" : ""}${provisional() ? " provisional" : ""}` }, el("caption", { class: "ears" }, t("ranking")), el("thead", {}, el("tr", {}, ...heads)), el("tbody", {}, ...body));
  $("ranking").replaceChildren(el("div", { class: "legend", "aria-hidden": "true" }, ...legend(all)), cities.length ? table : el("p", { role: "status" }, t("search_none", $("search").value.trim())));
  $("ranking-foot").replaceChildren(...foot(all, cities, scale, redraw));
  ways.drawn();
  drawMap(all.filter((city) => city.at && isScored(city)));
}

function foot(all, cities, scale, redraw) {
  const way = (id, key, go, value) => button(t(key, value), go, { class: "link", id });
  const toggle = (name) => () => { shown[name] = !shown[name]; redraw(); };
  const said = el("span", { role: "status", class: "quiet" });
  const tell = (work, key) => async () => { await work(); said.textContent = t(key); };
  return [el("span", {}, all.length > TOP ? way("ranking-all", shown.all ? "ranking.only" : "ranking.show", toggle("all"), shown.all ? TOP : all.length) : null,
    all.some((city) => city.parts) ? way("ranking-split", shown.split ? "ranking.whole" : "ranking.split", toggle("split")) : null),
  el("span", {}, way("ranking-picture", "ranking.picture", tell(() => picture(cities, scale), "ranking.saved")), way("ranking-copy", "ranking.copy", tell(() => copy(all), "ranking.copied")), said)];
}

// -- to take along ---------------------------------------------------------------------
const copy = (cities) => navigator.clipboard.writeText([["rank", "city", "score"].map((key) => t(key)), ...cities.map((city) => [city.rank ?? "", nameOf(city), isScored(city) ? city.score : ""])].map((row) => row.join("\t")).join("\n"));

// The rows that are shown, as a PNG on white: for articles and slides.
async function picture(cities, scale) {
  const [width, row, top, twice] = [1000, 30, 96, 2];
  const canvas = el("canvas", { width: width * twice, height: (top + row * cities.length + 24) * twice });
  const on = canvas.getContext("2d");
  const write = (text, x, y, colour = "#1b1d1f", font = "15px") => { on.fillStyle = colour; on.font = `${font} ${getComputedStyle(document.body).fontFamily}`; on.fillText(text, x, y); return on.measureText(text).width; };
  on.scale(twice, twice);
  on.fillStyle = "#ffffff";
  on.fillRect(0, 0, width, canvas.height);
  write($("ranking-head").textContent, 24, 40, undefined, "600 22px");
  write(extent(known.overview.ranking.length, cities.length), 24, 66, "#5c5a54", "13px");
  const left = 88 + Math.max(...cities.map((city) => write(nameOf(city), -900, 0)));
  const at = (value) => left + (scale.at(value) / 100) * (width - left - 96);
  cities.forEach((city, k) => {
    const y = top + row * k + 20;
    on.textAlign = "right";
    write(String(city.rank ?? "–"), 52, y, "#5c5a54");
    on.textAlign = "left";
    write(nameOf(city), 68, y);
    if (!isScored(city)) return;
    on.fillStyle = "#4489b0";
    on.fillRect(Math.min(at(0), at(city.score)), y - 13, Math.abs(at(city.score) - at(0)), 16);
    write(points(city.score), Math.max(at(0), at(city.score)) + 8, y);
  });
  on.fillStyle = "#88827a";
  on.fillRect(at(0), top, 1, row * cities.length);
  const address = URL.createObjectURL(await new Promise((made) => { canvas.toBlob(made, "image/png"); }));
  el("a", { href: address, download: `${nodeText(root().code)}.png` }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60000);
}

// -- where the cities are: dots, no borders ------------------------------------------------
const [WIDE, MARGIN, LEADING] = [360, 16, 5];

function drawMap(cities) {
  if (!cities.length) return;
  const range = (axis) => [Math.min(...cities.map((city) => city.at[axis])), Math.max(...cities.map((city) => city.at[axis]))];
  const [[west, east], [south, north]] = [range(0), range(1)];
  const shrink = Math.cos((Math.PI * (south + north)) / 360);
  const degree = Math.min((WIDE - 2 * MARGIN) / Math.max(4, (east - west) * shrink), 300 / Math.max(4, north - south));
  const high = (north - south) * degree + 2 * MARGIN + 14;
  const x = (city) => WIDE / 2 + (city - (west + east) / 2) * degree * shrink;
  const y = (latitude) => MARGIN + (north - latitude) * degree;
  const scores = cities.map((city) => city.score);
  const [least, most] = [Math.min(...scores), Math.max(...scores)];
  const radius = (city) => 2.5 + 6.5 * ((city.score - least) / (most - least || 1)) ** 1.4;
  const step = [2, 5, 10, 20, 30, 60].find((one) => (east - west) / one <= 4.5) ?? 90;
  const ticks = (low, up) => Array.from({ length: Math.floor(up / step) - Math.ceil(low / step) + 1 }, (_, k) => (Math.ceil(low / step) + k) * step);
  const degrees = (value, [plus, minus]) => `${Math.abs(value)}°${value > 0 ? plus : value < 0 ? minus : ""}`;
  const grid = [...ticks(west, east).flatMap((tick) => [svg("line", { x1: x(tick), x2: x(tick), y1: 0, y2: high - 14 }), svg("text", { class: "deg", x: x(tick), y: high - 2, "text-anchor": "middle" }, degrees(tick, "EW"))]),
    ...ticks(south, north).flatMap((tick) => [svg("line", { x1: 0, x2: WIDE, y1: y(tick), y2: y(tick) }), svg("text", { class: "deg", x: 0, y: y(tick) - 3 }, degrees(tick, "NS"))])];
  const leading = cities.slice(0, LEADING);
  const kind = (city) => (city.unit === shown.open ? "hot" : leading.includes(city) ? "lead" : "");
  const dot = (city) => svg("circle", { cx: x(city.at[0]), cy: y(city.at[1]), r: radius(city), class: kind(city) }, svg("title", {}, `${nameOf(city)} ${points(city.score)}`));
  const opened = cities.filter((city) => city.unit === shown.open && !leading.includes(city));
  const label = t("map.label", listed(leading.map(nameOf)));
  $("map").replaceChildren(svg("svg", { role: "img", "aria-label": label, viewBox: `0 0 ${WIDE} ${high}` }, ...grid, ...cities.map(dot), ...names([...opened, ...leading], (city) => [x(city.at[0]), y(city.at[1]), radius(city)])));
}

// Names beside their dots, on the side where they meet no other name; none where there is no such side.
function names(cities, place) {
  const taken = [];
  return cities.flatMap((city) => {
    const [x, y, radius] = place(city);
    const width = [...nameOf(city)].reduce((total, letter) => total + (letter > "\u2e7f" ? 12 : 6.6), 0);
    const sides = [[x + radius + 3, y + 4], [x - radius - 3 - width, y + 4], [x - width / 2, y - radius - 4], [x - width / 2, y + radius + 13]];
    const isFree = ([left, base]) => left > 0 && left + width < WIDE && !taken.some(([other, line, wide]) => left < other + wide && other < left + width && Math.abs(base - line) < 14);
    const side = sides.find(isFree);
    if (!side) return [];
    taken.push([...side, width]);
    return [svg("text", { x: side[0], y: side[1] }, nameOf(city))];
  });
}
