// From a rank that moved to the cells that moved it: one city, its causes, their cells, and the nodes
// below that moved with it.
import { button, cityName, el, foldButton, helpText, known, nodeText, scoreText, shown, speech, t } from "./common.js";

const points = (effect) => (!effect ? "" : `${effect > 0 ? "+" : "−"}${shown(Math.abs(effect))}`);
const parentOf = (code) => known.overview?.nodes.find((node) => node.code === code)?.parent;
const isRoot = (move) => !parentOf(move.node);
const title = (move) => `${cityName(move.unit)}${isRoot(move) ? "" : ` · ${nodeText(move.node)}`}${speech.colon}${shown(move.from)} → ${shown(move.to)}`;
const inBrackets = (text) => (speech.lang === "zh" ? `（${text}）` : ` (${text})`);
const scores = (move) => (move.score_from == null || move.score_to == null ? "" : inBrackets(`${t("score")} ${scoreText(move.score_from)} → ${scoreText(move.score_to)}`));
// Cells of an indicator, and of its ingredients, which are named after it.
const isOf = (cell, what) => cell.indicator === what || cell.indicator?.startsWith(`${what}.`);
const [LISTED, FIRST, FEW] = [40, 10, 3];

function cellLine(change, trace) {
  const place = change.cell ? `${change.sheet}!${change.cell}` : "";
  const link = place ? button(place, () => trace(place), { class: "link" }) : null;
  const what = [change.unit ? cityName(change.unit) : "", change.indicator ? nodeText(change.indicator) : ""].filter(Boolean).join(" · ");
  return el("li", {}, what, what ? speech.colon : "", change.from == null && !place ? "" : `${shown(change.from)} → `, shown(change.to), link ? " " : null, link);
}

function cause(reason, move, compared, trace) {
  // The city's own cells first: those of others move it through means, ranges and ranks.
  const cells = compared.cells.filter((cell) => isOf(cell, reason.what)).sort((a, b) => (b.unit === move.unit) - (a.unit === move.unit));
  const own = cells.filter((cell) => cell.unit === move.unit).length || FEW;
  const lines = cells.slice(0, LISTED).map((cell) => cellLine(cell, trace));
  if (cells.length > LISTED) lines.push(el("li", {}, t("more", cells.length - LISTED)));
  const others = lines.splice(own);
  if (others.length) lines.push(el("li", {}, el("details", {}, el("summary", {}, t("other_cells", cells.length - own)), el("ul", {}, ...others))));
  return el("li", {}, el("strong", {}, points(reason.effect)), " ", `${t(`cause.${reason.cause}`)}${speech.colon}${nodeText(reason.what)}`, lines.length ? el("ul", {}, ...lines) : null);
}

function step(move, compared, trace) {
  const inside = el("ul", { hidden: true });
  const below = compared.ranks.filter((other) => other.unit === move.unit && parentOf(other.node) === move.node);
  const fold = foldButton(inside, (open) => t(open ? "close_step" : "open_move", title(move)), () => {
    const none = move.because.some((reason) => reason.effect !== 0) || below.length ? [] : [el("li", {}, t("others_moved"))];
    inside.replaceChildren(...move.because.map((reason) => cause(reason, move, compared, trace)), ...below.map((other) => step(other, compared, trace)), ...none);
  });
  return el("li", {}, fold, title(move), scores(move), inside);
}

// Ranks that moved from another workbook, or from the save before, to this one.
export function moves(compared, trace) {
  const whole = new Set(compared.ranks.filter(isRoot).map((move) => move.unit));
  const far = (move) => Math.abs((move.from ?? 0) - (move.to ?? 0));
  const listed = compared.ranks.filter((move) => isRoot(move) || !whole.has(move.unit)).sort((a, b) => isRoot(b) - isRoot(a) || far(b) - far(a));
  if (!listed.length) return el("p", {}, t("no_moves"));
  const tree = (some) => el("ul", { class: "tree" }, ...some.map((move) => step(move, compared, trace)));
  const rest = listed.length > FIRST ? el("details", {}, el("summary", {}, t("show_more", listed.length - FIRST)), tree(listed.slice(FIRST))) : null;
  return el("div", {}, helpText(t("moves_help")), tree(listed.slice(0, FIRST)), rest);
}
