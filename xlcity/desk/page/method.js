// How an index is computed, in questions with cards: of a table that is read, and of the open workbook,
// which is made again with what people put into it.
import { $, bars, button, cityName, el, helpText, keepField, leaves, nodeText, scrolled, send, speech, t } from "./common.js";
import { askLast, closeButton, closeForm, finished, framePlan, guide, openBook, openForm } from "./actions.js";
import { wrote } from "./mend.js";

const QUESTIONS = { normalise: ["minmax", "zscore", "rank", "dist2max"], treat: ["none", "percentile", "log_skewed"], gaps: ["leave", "mean", "refuse"], aggregate: ["arithmetic", "geometric"] };
// The geometric mean needs scores above 0: min-max then begins at 1, and z-scores are around 100.
const ABOVE_ZERO = { minmax: "minmax:1:100", zscore: "zscore:100:10" };
const TARGET = /^(.+)=dist2target:([^:]+)/;

// What is answered, from the methods in words: a sum of all children only, and what fills gaps, are about gaps.
export function readMethod({ normalise, aggregate, impute = "none", treat = "none", weights }) {
  const [first, ...single] = normalise.split(",");
  const [mean, share] = aggregate.split(":");
  const targets = Object.fromEntries(single.map((word) => TARGET.exec(word)).filter(Boolean).map(([, code, value]) => [code, value]));
  return { normalise: first.split(":")[0], aggregate: mean, gaps: impute === "none" ? (share === "1" ? "refuse" : "leave") : impute, treat: treat.split(":")[0], weights, targets };
}

// The same in words. Without a target of its own an indicator is compared with its best city.
export function writeMethod(now) {
  const single = Object.entries(now.targets).filter(([, value]) => value).map(([code, value]) => `${code}=dist2target:${value}:scale=100`);
  const normalise = now.normalise === "dist2max" ? ["dist2max:100", ...single].join(",") : (now.aggregate === "geometric" && ABOVE_ZERO[now.normalise]) || now.normalise;
  return { normalise, treat: now.treat, weights: now.weights, aggregate: now.gaps === "refuse" ? `${now.aggregate}:1` : now.aggregate, impute: now.gaps === "mean" ? "mean" : "none" };
}

// The questions; `indicators` are [code, name], for targets.
export function methodCards(id, now, answered, indicators) {
  const card = (name) => (word) => el("label", { class: "choice" },
    el("input", { type: "radio", id: `${id}-${name}-${word}`, name: `${id}-${name}`, value: word, checked: word === now[name], onchange: () => answered(name, word) }),
    el("span", {}, el("strong", {}, t(`adopt.${name}.${word}`)), el("span", { class: "help" }, t(`adopt.${name}.${word}.help`))));
  const question = (name) => el("fieldset", {}, el("legend", { id: `${id}-${name}` }, t(`adopt.${name}`)), el("div", { class: "choices" }, ...QUESTIONS[name].map(card(name))));
  const target = ([code, text]) => el("label", { class: "need" }, el("span", { class: "name" }, text), el("input", { id: `${id}-target-${code}`, value: now.targets[code] ?? "", size: 9, autocomplete: "off",
    placeholder: t("method.best"), onchange: ({ target: { value } }) => answered("targets", { ...now.targets, [code]: value.trim() }) }));
  const [first, ...others] = Object.keys(QUESTIONS).map(question);
  return [first, ...(now.normalise === "dist2max" ? [el("details", { open: true }, el("summary", {}, t("method.targets")), ...indicators.map(target))] : []), ...others];
}

// A ranking beside another one: which ranks differ, and all of them.
export function rankedBy(ranking, cities, keys) {
  const bar = bars(ranking.map((city) => city.score));
  const moved = ranking.filter((city) => city.usual && city.usual !== city.rank).sort((a, b) => Math.abs(b.usual - b.rank) - Math.abs(a.usual - a.rank));
  const row = (city) => {
    const up = city.usual ? city.usual - city.rank : 0;
    return el("tr", {}, el("td", { class: "number" }, city.rank), el("td", {}, cityName(city.name)), el("td", {}, el("div", { class: "scored" }, bar(city.score), el("span", {}, city.score.toFixed(2)))),
      el("td", { class: "number" }, up ? el("span", { title: t(up > 0 ? "moved.up" : "moved.down", Math.abs(up)) }, `${up > 0 ? "▲" : "▼"}${Math.abs(up)}`) : ""));
  };
  const heads = [["rank", "number"], ["city"], ["score", "number"], [keys.head, "number"]].map(([key, kind]) => el("th", { scope: "col", class: kind ?? "" }, t(key)));
  const unranked = cities - ranking.length;
  return [...(unranked ? [el("p", { class: "warning" }, t("adopt.unranked", unranked))] : []),
    el("p", {}, moved.length ? `${t(keys.moved, moved.length)}${cityName(moved[0].name)}${speech.colon}${moved[0].usual}\u00a0→\u00a0${moved[0].rank}` : t(keys.same)),
    scrolled(t("ranking"),
      el("table", {}, el("thead", {}, el("tr", {}, ...heads)), el("tbody", {}, ...ranking.map(row))))];
}

// -- the open workbook -------------------------------------------------------------
const plan = { book: "", chosen: {}, seen: null, asked: 0 };
const now = () => ({ ...readMethod(plan.seen.now), ...plan.chosen });

// What is chosen otherwise than it is, by option, each a list of words.
function words() {
  if (!plan.seen) return {};
  const [was, is] = [writeMethod(readMethod(plan.seen.now)), writeMethod(now())];
  return Object.fromEntries(Object.keys(is).filter((name) => is[name] && is[name] !== was[name]).map((name) => [name, [is[name]]]));
}

function look() {
  const given = { words: JSON.stringify(words()) };
  return askLast(plan, "plan", () => send("ask", { command: "method", given }), (seen) => { plan.seen = seen; keepField(draw); });
}

function draw() {
  if (!$("plan")) return;
  const answered = (name, word) => { plan.chosen[name] = word; draw(); return look(); };
  const indicators = leaves().map(({ code }) => [code, nodeText(code)]);
  const ranked = plan.seen.ranking.length ? rankedBy(plan.seen.ranking, plan.seen.cities, { moved: "method.moved", same: "method.same", head: "method.now" }) : [helpText(t("adopt.ranking.none"))];
  const isOther = Object.keys(words()).length > 0;
  const reset = button(t("method.reset"), () => { plan.chosen = {}; draw(); look(); }, { disabled: !isOther });
  $("plan").replaceChildren(el("div", { class: "columns" }, el("div", {}, ...methodCards("method", now(), answered, indicators)), el("section", { class: "card", id: "method-ranking" }, ...ranked)),
    helpText(t("method.help")),
    el("p", { class: "buttons last" }, button(t("method.make"), make, { class: "main", disabled: !isOther }), " ", reset, " ", closeButton()));
}

async function make() {
  if (!(await finished("rebuild", words()))) return;
  wrote(openBook(), null, t("method.make"));
  plan.chosen = {};
  closeForm();
}

guide("rebuild", () => {
  if (plan.book !== openBook()) Object.assign(plan, { book: openBook(), chosen: {}, seen: null });
  framePlan("rebuild", () => openForm("rebuild"));
  look();
});
