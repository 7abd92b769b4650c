// An index that was read from the formulas of a team's workbook: its tree, its proof, and the cells
// that break the pattern of their column. Text of cells is set as text, never as HTML.
import { button, el, helpText, listed, plainName, send, shown, speech, t } from "./common.js";

// Asks for the index of a workbook; `total` and `keep` are what a person has chosen.
export const readProof = (table, total = "", keep = []) =>
  send("ask", { command: "prove", given: { table, total, keep: JSON.stringify(keep) } });

// While formulas are followed: what is done, and a button that ends it.
export const following = () => el("p", { class: "help", role: "status" }, t("proof.following"), " ",
  button(t("proof.stop"), () => send("cancel", {})));

const said = (part) => part.texts[speech.lang];
const MOVES = 4;

// -- the tree ----------------------------------------------------------------
// Parts in the order of a tree: what is below a node follows it. `lines` says for each level above
// whether its line goes on below this part.
function inOrder(tree, parent = "", lines = []) {
  const group = tree.filter((part) => part.parent === parent);
  return group.flatMap((part, number) => {
    const own = parent ? [...lines, number < group.length - 1] : [];
    return [{ ...part, lines: own }, ...inOrder(tree, part.code, own)];
  });
}

// From a part to the one above it: a corner, and the lines that go on beside it.
const twigs = (lines) => lines.map((goesOn, level) => {
  const kind = level < lines.length - 1 ? (goesOn ? "through" : "") : goesOn ? "branch" : "corner";
  const twig = el("span", { class: `twig ${kind}`, "aria-hidden": "true" });
  twig.style.left = `${1.6 * level}rem`;
  return twig;
});

// 40 %, 33.3 %.
const percent = (share) => `${Number((100 * share).toFixed(1))}%`;

function weight(part) {
  if (!part.parent) return null;
  const drawn = el("span", { class: "bar", "aria-hidden": "true" });
  drawn.style.width = `${100 * part.share}%`;
  return el("div", { class: "scored" }, drawn, el("span", {}, percent(part.share)));
}

function way(direction) {
  if (!direction) return null;
  return el("span", { class: direction < 0 ? "turned" : "" }, el("span", { "aria-hidden": "true" }, direction < 0 ? "▽ " : "▲ "), t(`adopt.way.${direction}`));
}

function partRow(part, known) {
  const cell = (key, content, kind = "") => el("td", { class: kind, "data-label": t(key) }, content);
  const above = known.tree.find((other) => other.code === part.parent);
  const name = el("th", { scope: "row" }, ...twigs(part.lines), el("span", { class: "part" }, plainName(part) || part.code, part.uom ? el("span", { class: "help" }, ` ${part.uom}`) : null,
    above ? el("span", { class: "ears" }, t("proof.below", plainName(above) || above.code)) : null));
  name.style.setProperty("--level", part.lines.length);
  const details = part.details.map((texts) => texts[speech.lang]);
  const step = el("span", {}, part.step[speech.lang], details.length ? el("span", { class: "help" }, ` · ${details.join(" · ")}`) : null);
  const places = [part.column, ...(part.values && part.values !== part.column ? [part.values] : [])];
  return el("tr", { class: part.parent ? "" : "root" }, name, cell("adopt.weight", weight(part), "weight"), cell("adopt.way", way(part.direction), "way"),
    cell("proof.step", step, "step"), cell("cell", el("code", {}, places.join(" ← ")), "place"));
}

function tree(known) {
  const heads = ["proof.part", "adopt.weight", "adopt.way", "proof.step", "cell"].map((key) => el("th", { scope: "col" }, t(key)));
  return el("div", {}, el("h4", { "aria-level": 3, id: "proof-tree" }, t("proof.tree", known.total)),
    el("div", { class: "scroll parts", tabindex: "0", role: "region", "aria-labelledby": "proof-tree" },
      el("table", {}, el("thead", {}, el("tr", {}, ...heads)), el("tbody", {}, ...inOrder(known.tree).map((part) => partRow(part, known))))));
}

// -- cells off the pattern -----------------------------------------------------
const moved = ({ unit, from, to }) => `${unit} ${from}\u00a0→\u00a0${to}`;

function effect({ moves }) {
  if (moves == null) return t("proof.no_effect_known");
  if (!moves.length) return t("proof.no_moves");
  const rest = moves.length - MOVES;
  return `${t("proof.moves")}${speech.colon}${listed(moves.slice(0, MOVES).map(moved))}${rest > 0 ? ` ${t("more", rest)}` : ""}`;
}

// A cell: what the others have, what stands there, and which of them counts.
function slip(one, number, choose) {
  const isRange = one.kind === "short_range";
  const own = one.kind === "typed" ? one.own : `=${one.own}`;
  const expected = isRange ? one.expected.replace(/^=/, "") : one.expected;
  const about = (key, formula, help) => el("span", {}, el("strong", {}, t(key)), el("code", {}, formula), el("span", { class: "help" }, help));
  const name = `slip-${number}`;
  const card = (keep, what) => el("label", { class: "choice" },
    el("input", { type: "radio", id: `${name}-${keep ? "keep" : "mend"}`, name, checked: one.kept === keep, onchange: () => choose(one.cell, keep) }), what);
  const mended = about(isRange ? "proof.whole_range" : "proof.mend", expected, effect(one));
  const cards = one.can_stay ? [card(false, mended), card(true, about("proof.keep", own, t("proof.keep.help")))]
    : [el("div", { class: "choice only" }, mended), el("div", { class: "choice only" }, about("proof.stands", own, t("proof.cannot_stay")))];
  return el("li", {}, el("fieldset", {}, el("legend", {}, el("strong", {}, one.cell), speech.colon, said(one)), el("div", { class: "choices" }, ...cards)));
}

function slips(known, choose) {
  if (!known.slips.length) return null;
  const free = known.slips.filter((one) => one.can_stay);
  const all = (keep) => button(t(keep ? "proof.keep_all" : "proof.mend_all"), () => choose(free.map((one) => one.cell), keep));
  return el("section", { class: "ask" }, el("h4", { "aria-level": 3 }, t("proof.slips", known.slips.length)), helpText(t("proof.slips.help")),
    free.length > 2 ? el("p", { class: "buttons" }, all(false), " ", all(true)) : null,
    el("ul", { class: "findings" }, ...known.slips.map((one, number) => slip(one, number, choose))));
}

// -- what is not clear ---------------------------------------------------------
function notExplained(known) {
  if (!known.not_explained.length) return null;
  const line = (row) => el("li", {}, el("strong", {}, row.column), row.heading ? ` ${row.heading}` : "", speech.colon, said(row), el("div", {}, el("code", {}, row.formula)));
  return el("section", { class: "ask" }, el("h4", { "aria-level": 3 }, t("proof.given", known.not_explained.length)), helpText(t("proof.given.help")),
    el("ul", { class: "findings" }, ...known.not_explained.map(line)));
}

function questions(known, chooseTotal) {
  if (!known.questions.length) return null;
  const line = (one) => el("li", {}, said(one), one.total ? el("div", { class: "buttons" }, button(t("proof.take_total", one.cell), () => chooseTotal(one.cell))) : null);
  return el("section", { class: "ask" }, el("h4", { "aria-level": 3 }, t("proof.questions")),
    known.questions.some((one) => !one.total) ? helpText(t("proof.bounds.help")) : null, el("ul", { class: "findings" }, ...known.questions.map(line)));
}

// -- the proof -----------------------------------------------------------------
// Every comparison in numbers.
function compared(known) {
  const named = (code) => plainName(known.tree.find((part) => part.code === code) ?? {}) || code;
  const row = (one) => el("tr", {}, el("th", { scope: "row" }, t(`proof.what.${one.what}`, named(one.node))),
    el("td", { class: "number" }, `${one.equal} / ${one.cells}`), el("td", { class: "number" }, one.max_diff ? one.max_diff.toExponential(0) : shown(one.max_diff)));
  const heads = [["proof.compared"], ["proof.equal", "number"], ["proof.largest", "number"]].map(([key, kind]) => el("th", { scope: "col", class: kind ?? "" }, t(key)));
  return el("details", {}, el("summary", {}, t("proof.all")), el("table", {}, el("thead", {}, el("tr", {}, ...heads)), el("tbody", {}, ...known.proof.map(row))));
}

// Draws what was read; `way` has what a person may choose: `slip`, `total`, and the other ways to go on.
export function drawProof(known, way) {
  const kind = { explained: known.slips.length ? "note" : "pass", part: "note", refuted: "fail" }[known.status];
  const asked = [slips(known, way.slip), questions(known, way.total), notExplained(known)].filter(Boolean);
  const other = (key, go) => button(t(key), go);
  return [
    el("div", { id: "proof-lead", "aria-live": "polite" }, el("p", { class: `lead ${kind}` }, known.lead[speech.lang]),
      el("ul", { class: "facts" }, ...known.facts.map((texts) => el("li", {}, texts[speech.lang])))),
    compared(known),
    tree(known),
    ...(asked.length ? [el("div", { class: "asks" }, ...asked)] : []),
    helpText(t("proof.untouched")),
    el("p", { class: "buttons" }, other("proof.as_table", way.table), " ", other("check_formulas", way.check)),
    el("p", { class: "buttons last" }, el("button", { class: "main", id: "proof-make" }, t("proof.make")), " ", other("close", way.close)),
  ];
}
