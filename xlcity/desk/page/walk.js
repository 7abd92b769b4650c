// From a rank that moved, step by step, to the cells that moved it: one city, its causes, their cells,
// and the nodes below that moved with it.
import { cityName, el, foldButton, known, shown, t } from "./common.js";

const points = (effect) => (effect == null ? "" : `${effect > 0 ? "+" : "−"}${shown(Math.abs(effect))}`);
const title = (move, root) => `${cityName(move.unit)}${move.node === root ? "" : ` · ${move.node}`}: ${shown(move.from)} → ${shown(move.to)}`;
const scores = (move) => (move.score_from == null || move.score_to == null ? "" : ` (${t("score")} ${shown(move.score_from)} → ${shown(move.score_to)})`);

function cellLine(one, trace) {
  const place = one.cell ? `${one.sheet}!${one.cell}` : "";
  const link = place ? el("button", { type: "button", class: "link", onclick: () => trace(place) }, place) : null;
  const what = [one.unit ? cityName(one.unit) : "", one.indicator ?? ""].filter(Boolean).join(" · ");
  return el("li", {}, what, what ? ": " : "", one.from == null && !place ? "" : `${shown(one.from)} → `, shown(one.to), link ? " " : null, link);
}

function cause(one, trace) {
  const name = t(`cause.${one.cause}`);
  const cells = [...one.cells.map((cell) => cellLine(cell, trace)), ...(one.more ? [el("li", {}, t("more", one.more))] : [])];
  return el("li", {}, el("strong", {}, points(one.effect)), " ", `${name}: ${one.what}`, cells.length ? el("ul", {}, ...cells) : null);
}

function step(move, second, root, ask, trace) {
  const inside = el("ul", { hidden: true });
  const fold = foldButton(inside, (open) => t(open ? "close_step" : "open_move", title(move, root)), async () => {
    const found = await ask("walk", { second, city: move.unit, node: move.node });
    const none = found.because.length || found.below.length ? [] : [el("li", {}, t("others_moved"))];
    inside.replaceChildren(...found.because.map((one) => cause(one, trace)), ...found.below.map((one) => step(one, second, root, ask, trace)), ...none);
  });
  return el("li", {}, fold, title(move, root), scores(move), inside);
}

// Ranks that moved from another workbook (`second`, or "before": the save before) to this one.
export function moves(found, second, ask, trace) {
  const root = known.overview?.nodes.find((node) => node.root)?.code;
  const whole = new Set(found.ranks.filter((move) => move.node === root).map((move) => move.unit));
  const far = (move) => Math.abs((move.from ?? 0) - (move.to ?? 0));
  const listed = [...found.ranks.filter((move) => move.node === root), ...found.ranks.filter((move) => !whole.has(move.unit))]
    .sort((a, b) => (b.node === root) - (a.node === root) || far(b) - far(a));
  if (!listed.length) return el("p", {}, t("no_moves"));
  return el("div", {}, el("p", { class: "help" }, t("moves_help")), el("ul", { class: "tree" }, ...listed.map((move) => step(move, second, root, ask, trace))));
}
