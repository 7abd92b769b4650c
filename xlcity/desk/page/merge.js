// Colleagues' copies of the open workbook: what they disagree on is decided here, the rest is merged.
import { $, cityName, el, helpText, listed, nodeText, scrolled, send, shown, speech, stem, t } from "./common.js";
import { askLast, finished, framePlan, guide, needOf, openBook, openForm, picker, showBook } from "./actions.js";
import { boxes, goOn, openOf } from "./ask.js";
import { wrote } from "./mend.js";

const LISTED = 12;
const plan = { copies: [], seen: null, asked: 0, given: new Map() };
const about = ({ unit, indicator, sheet, cells, field }) => [unit && cityName(unit), indicator && nodeText(indicator), field].filter(Boolean).join(" · ") || `${sheet} ${cells ?? ""}`;

function look() {
  const { copies } = plan;
  $("plan").replaceChildren(...(copies.length ? [helpText(t("busy.ask"))] : []));
  return askLast(plan, "plan", async () => copies.length && send("ask", { command: "merge", given: { copies } }), (seen) => { plan.seen = seen; draw(); }, () => $("plan").replaceChildren());
}

// What rank the city gets with what each copy says.
function effectOf({ unit, said, ranks }) {
  const places = Object.entries(said).filter(([name]) => ranks[name]).map(([name, value]) => ({ city: cityName(unit), value: shown(value), rank: ranks[name] }));
  if (places.length < 2) return "";
  if (places.every(({ rank }) => rank === places[0].rank)) return t("merge.rank.same", places[0]);
  return t("merge.rank", { city: places[0].city, ranks: listed(places.map((place) => t("merge.rank.with", place))) });
}

// What copies disagree on; notes are joined and sheets of one's own all kept, which is nothing to decide.
const questions = () => plan.seen.conflicts.filter(({ kind, cells }) => cells && !["comment", "page", "look"].includes(kind)).map((conflict) => {
  const { sheet, cells, base, said, kind } = conflict;
  return {
    id: `${sheet}!${cells}`, title: about(conflict), tag: t("merge.tag"), help: effectOf(conflict),
    answers: [...Object.entries(said).map(([name, value]) => [name, `${t("merge.use", shown(value))}${speech.lang === "zh" ? `（${name}）` : ` (${name})`}`]), ["", t("merge.was", shown(base))]],
    typed: kind === "value" ? t("merge.own") : null,
  };
});

function taken({ values }) {
  const head = ["merge.what", "from", "to", "merge.who"].map((key) => el("th", { scope: "col" }, t(key)));
  const row = (one) => el("tr", {}, el("th", { scope: "row" }, about(one)), el("td", { class: "number" }, shown(one.before)), el("td", { class: "number" }, shown(one.after)), el("td", {}, listed(one.who)));
  return values.length ? el("section", { class: "ask" }, el("h4", { "aria-level": 3 }, t("merge.taken", values.length)),
    scrolled(t("merge.taken", values.length),
      el("table", {}, el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...values.slice(0, LISTED).map(row)))),
    values.length > LISTED ? helpText(t("more", values.length - LISTED)) : null) : null;
}

function draw() {
  const { seen, given } = plan;
  if (!seen) return $("plan").replaceChildren();
  const all = questions();
  const open = openOf(all, given).length;
  const answer = (id, one) => {
    if (one) given.set(id, one);
    else given.delete(id);
    draw();
  };
  return $("plan").replaceChildren(
    el("h2", { class: `lead ${open ? "note" : "pass"}`, id: "plan-lead" }, open ? t("merge.open", open) : t("merge.ready")),
    el("div", { class: "columns plan" }, el("div", {}, boxes(all, given, answer), taken(seen) ?? ""),
      el("dl", {}, el("dt", {}, t("merge.copies")), ...seen.copies.map(([name, changes]) => el("dd", {}, `${name} · ${t("merge.changes", changes)}`)))),
    helpText(t("merge.help")),
    goOn(all, given, t("merge.go"), make));
}

async function make() {
  const out = `${stem(openBook())}-${t("merge.suffix")}.xlsx`;
  const decide = questions().map(({ id }) => `${id}=${plan.given.get(id).value}`);
  const base = openBook();
  if (!(await finished("merge", { copies: plan.copies, decide, out }))) return;
  wrote(out, base, t("merge.go"));
  await showBook(out);
}

guide("merge", (chosen) => {
  if (chosen?.copies) Object.assign(plan, { copies: chosen.copies.map(({ file }) => file), given: new Map() });
  const pick = picker(needOf("merge", "copies"), "need-copies");
  pick.addEventListener("change", () => {
    const ticked = [...pick.querySelectorAll("input:checked")].map((one) => one.value);
    if (String(ticked) === String(plan.copies)) return;
    Object.assign(plan, { copies: ticked, given: new Map() });
    look();
  });
  framePlan("merge", () => openForm("merge"), el("div", { class: "need" }, el("span", { class: "name" }, needOf("merge", "copies").label), pick));
  pick.fill(plan.copies);
  look();
});
