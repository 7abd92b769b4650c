// This year's table and a workbook: what does not fit is asked at once, then the next edition is made,
// or the values are filled in.
import { $, button, cityName, el, helpText, keepField, listed, number, root, send, speech, stem, t } from "./common.js";
import { afterNext, askLast, closeForm, finished, formProblem, framePlan, guide, handedName, mapOf, needOf, openBook, openForm, picker, showBook } from "./actions.js";
import { boxes, goOn, openOf } from "./ask.js";
import { cellQuestion, doubleAnswers, mendButtons, cellParts, wrote } from "./mend.js";

const YEAR = /(?:19|20)\d\d/;
// What the numbers of another measure are multiplied by, as a person may choose it.
const FACTORS = [10, 100, 1000, 10000, 100000000, 0.1, 0.01, 0.001, 0.0001, 0.00000001];
const timesText = (factor) => (factor < 1 ? `÷ ${number(1 / factor)}` : `× ${number(factor)}`);
const plan = { kind: "", book: null, table: null, seen: null, asked: 0, edition: "", questions: new Map(), given: new Map() };
const isOfAbsent = (id) => id.startsWith("absent:");
const rolls = () => plan.kind === "roll";
const named = (code) => plan.seen.fit.names[code] || code;

// -- what is chosen -------------------------------------------------------------
const answered = (kind) => [...plan.given].filter(([id]) => id.startsWith(`${kind}:`)).map(([id, { value }]) => [id.slice(kind.length + 1), value]);

// What the answers say, as the reader of tables takes it.
function choices() {
  const columns = {};
  for (const [code, value] of answered("code")) if (value.column) columns[value.column] = { role: "indicator", code };
  for (const [column, value] of answered("measure")) columns[column] = value;
  const cities = Object.fromEntries(answered("city").filter(([, value]) => value.is).map(([name, value]) => [name, value.is]));
  const out = answered("city").filter(([, value]) => value === "skip").map(([name]) => name);
  return { columns, cities, new: answered("city").filter(([, value]) => value === "new").map(([name]) => name),
    ...(out.length ? { skip: [...plan.skip, ...out] } : {}), skip_rows: answered("double").map(([, row]) => row) };
}

const asked = (more = {}) => ({ table: plan.table.file, last: plan.book.file, map: mapOf(plan.book.name), choices: JSON.stringify(choices()), lang: speech.lang, ...more });

const look = () => askLast(plan, "plan", () => send("ask", { command: "look", given: asked() }), (seen) => {
  plan.seen = seen;
  if (!seen.fit) throw new Error(t("next.no_table"));
  plan.skip ??= seen.skip;
  // Questions stay in their order; those that are answered stay, too.
  const now = new Map(questions(seen).map((one) => [one.id, one]));
  for (const id of [...plan.questions.keys()].filter((id) => !now.has(id) && (isOfAbsent(id) || !plan.given.has(id)))) {
    plan.questions.delete(id);
    plan.given.delete(id);
  }
  for (const [id, one] of now) {
    if (isOfAbsent(id) && !plan.questions.has(id)) plan.given.set(id, { value: "blank", text: t("next.code.blank") });
    plan.questions.set(id, one);
  }
  keepField(draw);
});

function answer(id, given) {
  if (given) plan.given.set(id, given);
  else plan.given.delete(id);
  draw();
  return look();
}

// -- questions --------------------------------------------------------------------
function questions({ fit, preview }) {
  const spare = fit.spare.map((name) => [name, name]);
  const cities = fit.cities.map(({ name, near }) => ({
    id: `city:${name}`, title: t(rolls() ? "next.city" : "next.city.unknown", name), tag: t("next.city.tag"), help: rolls() ? t("next.city.help") : "",
    answers: [...near.map((city) => [{ is: city }, t("adopt.is", city)]), ...(rolls() ? [["new", t("next.city.new")]] : []), ["skip", t("next.city.skip")]],
    pick: { label: t("next.city.is"), options: fit.absent.map((unit) => [unit, fit.units[unit]]), value: (is) => ({ is }) },
  }));
  // Where values are filled in, a table need not have every indicator.
  const lacking = fit.indicators.filter(({ near }) => rolls() || near.length);
  const codes = lacking.map(({ code, share, near }) => ({
    id: `code:${code}`, tag: t(near.length ? "next.code.renamed" : "next.code.tag"),
    title: near.length ? `${t("next.code.same", near[0])}${t("next.code.as", named(code))}` : t("next.code", named(code)), help: t("next.code.help", `${Number((100 * share).toFixed(1))}%`),
    answers: [...near.map((column) => [{ column }, near.length > 1 ? t("next.is", column) : t("next.code.yes")]), ["blank", t("next.code.blank")], ...(rolls() ? [["drop", t("next.code.drop")]] : [])],
    pick: { label: t("next.code.is"), options: spare.filter(([name]) => !near.includes(name)), value: (column) => ({ column }) },
  }));
  const measures = fit.measures.map(({ code, column, uom, own, factor }) => {
    const times = (by) => ({ role: "indicator", code, uom: own, from_uom: uom, factor: by });
    return {
      id: `measure:${column}`, title: t("next.measure", named(code)), tag: t("next.measure.tag"), help: t("next.measure.help", { own, uom }),
      answers: [...(factor ? [[times(factor), t("next.measure.times", { uom, own, factor: timesText(factor) })]] : []),
        [{ role: "indicator", code, uom: own }, t("next.measure.same", own)], [{ role: "none" }, t("next.measure.leave")]],
      pick: { label: t("next.measure.by"), options: FACTORS.filter((by) => by !== factor).map((by) => [by, timesText(by)]), value: (by) => times(Number(by)) },
      typed: t("next.measure.own"), read: (text) => (Number(text) > 0 ? times(Number(text)) : null),
    };
  });
  const doubles = preview.doubles.map((double) => ({ id: `double:${double.city}`, title: t("next.double", double.city), ...doubleAnswers(double) }));
  return [...cities, ...codes, ...measures, ...doubles, ...(rolls() ? absentCities(fit) : [])];
}

// A city of last year that the table lacks is left empty unless something else is answered.
function absentCities({ absent, units }) {
  const names = `${listed(absent.slice(0, 5).map((unit) => units[unit]))}${absent.length > 5 ? ` ${t("more", absent.length - 5)}` : ""}`;
  const answers = [["blank", t("next.code.blank")], ["missing", t("mend.missing")]];
  return absent.length ? [{ id: `absent:${absent}`, title: t("next.absent.city", names), tag: t("next.absent.tag"), answers }] : [];
}

// What came new in the table is no indicator of the workbook: it is left out, and said how to take it in.
function leftOut({ spare, indicators }) {
  const asked = indicators.flatMap(({ near }) => near);
  const left = spare.filter((name) => !asked.includes(name));
  if (!left.length) return "";
  const again = button(t("next.spare.adopt"), () => openForm("adopt", plan.table), { class: "link" });
  return el("section", { class: "ask", id: "spare" }, el("h4", { "aria-level": 3 }, t("next.spare", listed(left)), el("span", { class: "tag" }, t("next.spare.tag"))),
    helpText(t("next.spare.help"), " ", again));
}

// -- what stands there ---------------------------------------------------------------
function facts() {
  const { fit, preview } = plan.seen;
  const about = (key, ...lines) => [el("dt", {}, t(key)), ...lines.map((line) => el("dd", {}, line))];
  const same = Object.keys(fit.units).length - fit.absent.length;
  return el("dl", {}, ...about(rolls() ? "next.book" : "next.into", plan.book.name), ...about("next.table", plan.table.name, `${t("adopt.cities", preview.cities)} · ${t("adopt.counted", fit.found)}`),
    ...about("next.settled", t("next.same.cities", same), t("next.same.codes", fit.found), ...(fit.absent.length && !rolls() ? [`${t("next.absent")}${listed(fit.absent.slice(0, 5).map((unit) => fit.units[unit]))}${fit.absent.length > 5 ? ` ${t("more", fit.absent.length - 5)}` : ""}`] : [])));
}

function draw() {
  if (!$("plan") || !plan.seen?.fit) return;
  const { preview } = plan.seen;
  const all = [...plan.questions.values()];
  const open = openOf(all, plan.given).length + preview.problems.length;
  const lines = (list) => el("ul", { class: "findings" }, ...list.map((problem) => cellQuestion(plan.table.file, plan.seen.sheet, problem, look)));
  const part = (key, list) => (list.length ? el("section", { class: "ask" }, el("h4", { "aria-level": 3 }, t(key)), lines(list)) : null);
  const isPlain = !plan.seen.fit.found; // a table in the form of the program's own: it is read as it stands
  const ready = isPlain ? t("next.plain") : rolls() ? t("next.ready", plan.edition) : t("next.fill.ready");
  // Cells that cannot be read are mended before anything is made.
  const waiting = preview.problems.length ? [...all, { id: "cells" }] : all;
  $("plan").replaceChildren(...[
    el("h2", { class: `lead ${open ? "note" : "pass"}`, id: "plan-lead" }, open ? t(rolls() ? "next.open" : "adopt.open", open) : ready),
    mendButtons(plan.table.file, [], look),
    isPlain ? null : el("div", { class: "columns plan" }, el("div", {}, boxes(all, plan.given, answer),
      preview.problems.length ? el("span", { id: "ask-cells", tabindex: "-1" }) : null, part("adopt.problems", preview.problems), part("adopt.doubtful", preview.doubtful), leftOut(plan.seen.fit)),
    el("div", {}, facts())),
    helpText(t(rolls() ? "next.help" : "next.fill.help")),
    goOn(waiting, plan.given, rolls() ? t("next.make") : t("next.fill.make"), make),
  ].filter(Boolean));
}

// What came, went and moved, in sentences, once the editions are compared.
function told() {
  const { fit } = plan.seen;
  const of = (kind, word) => answered(kind).filter(([, value]) => value === word).map(([name]) => name);
  const renamed = answered("code").filter(([, value]) => value.column).map(([code, value]) => `${named(code)} → ${value.column}`);
  const converted = answered("measure").filter(([, value]) => value.factor).map(([column, value]) => `${column}${speech.lang === "zh" ? "（" : " ("}${value.from_uom} → ${value.uom}, ${timesText(value.factor)}${speech.lang === "zh" ? "）" : ")"}`);
  const parts = [["next.told.new", of("city", "new")], ["next.told.out", of("city", "skip")], ["next.told.absent", fit.absent.map((unit) => fit.units[unit])],
    ["next.told.drop", of("code", "drop").map(named)], ["next.told.blank", of("code", "blank").map(named)], ["next.told.renamed", renamed], ["next.told.converted", converted], ["next.told.spare", fit.spare]];
  const lines = parts.filter(([, names]) => names.length).map(([key, names]) => `${t(key)}${listed(names.slice(0, 5))}${names.length > 5 ? ` ${t("more", names.length - 5)}` : ""}`);
  return ({ ranks }) => {
    const moves = ranks.filter((move) => move.node === root()?.code && move.from && move.to).sort((a, b) => Math.abs(b.from - b.to) - Math.abs(a.from - a.to));
    const first = moves.slice(0, 3).map(({ unit, from, to }) => `${cityName(unit)} ${from}\u00a0→\u00a0${to}`);
    return [el("ul", { class: "facts" }, ...[...lines, first.length ? `${t("next.told.moved")}${listed(first)}` : t("next.told.none")].map((line) => el("li", {}, line)))];
  };
}

// -- making ------------------------------------------------------------------------
const nextName = ({ name }, last = YEAR.exec(name)?.[0]) => (last ? name.replace(last, plan.edition) : `${stem(name)}${plan.edition}.xlsx`);

// Values of cities that are to count as missing are written so.
async function countMissing(out) {
  const { missing } = await send("ask", { command: "overview", given: {} });
  const cells = missing.cells.filter(({ unit, cell }) => cell && plan.seen.fit.absent.includes(unit)).map(({ cell }) => [...cellParts(cell), null]);
  await send("ask", { command: "mend", given: { table: out, cells: JSON.stringify(cells) } });
  wrote(out, null, t("mend.missing"));
}

async function make() {
  const { book, table, edition } = plan;
  if (rolls() && !edition) return $("next-edition").focus();
  const out = rolls() ? nextName(book) : "";
  try {
    // What was answered is written down, and read again next year; else the table is read as last year's.
    let map = mapOf(book.name);
    if ([...plan.given.keys()].some((id) => !isOfAbsent(id)) || map) {
      map = `${stem(out || book.name)}.map.toml`;
      await send("ask", { command: "map", given: asked({ target: map }) });
    }
    const before = await showBook(book.file);
    if (!before) return null;
    const named = map ? { [rolls() ? "table_map" : "map"]: map } : {};
    const read = table ? { data: table.file, ...named } : {};
    if (!rolls()) {
      if (!(await finished("fill", read, Boolean(map)))) return null;
      wrote(before, null, t("next.fill.make"));
      return closeForm();
    }
    const drop = answered("code").filter(([, value]) => value === "drop").map(([code]) => code);
    if (!(await finished("roll", { ...read, edition, out, add_city: choices().new, drop }, Boolean(map)))) return null;
    wrote(out, before, t("next.make"));
    await showBook(out);
    if (answered("absent").some(([, value]) => value === "missing")) await countMissing(out);
    return await (table ? afterNext(before, told()) : null);
  } catch (error) {
    return formProblem(error.message);
  }
}

function begin(kind, book, table) {
  const isSame = plan.kind === kind && plan.table?.file === table?.file && plan.book?.file === book.file;
  if (!isSame) Object.assign(plan, { kind, book, table, seen: null, skip: null, edition: "", questions: new Map(), given: new Map() });
  const above = table?.seen ? table.seen.grid.rows.slice(0, table.seen.header[0]).flat().join(" ") : "";
  const last = YEAR.exec(book.name)?.[0];
  plan.edition ||= YEAR.exec(`${table?.name} ${table?.seen?.sheet ?? ""} ${above}`)?.[0] ?? (last ? String(Number(last) + 1) : "");
  if ($("next-edition")) $("next-edition").value = plan.edition;
  if (table) return look();
  // An edition may begin without values.
  return rolls() && $("plan").replaceChildren(goOn([], plan.given, t("next.blank"), make));
}

// Both ways begin with a table; the workbook is the open one, or what was dropped beside it.
function openPlan(kind, chosen) {
  const book = chosen?.book ?? { file: openBook(), name: openBook() };
  const table = chosen?.table ?? chosen ?? (plan.kind === kind && plan.book?.file === book.file ? plan.table : null);
  const pick = picker(needOf(kind, "data"), "need-table");
  const list = pick.querySelector("select");
  list.addEventListener("change", () => list.value && begin(kind, book, { file: list.value, name: handedName(list.value) }));
  const edition = el("input", { id: "next-edition", size: 8, autocomplete: "off", oninput: () => { plan.edition = edition.value.trim(); } });
  framePlan(kind, () => openForm(kind, chosen),
    kind === "roll" ? el("div", { class: "need" }, el("label", { class: "name", for: "next-edition" }, t("next.edition")), edition) : null,
    el("div", { class: "need" }, el("label", { class: "name", for: "need-table" }, t("next.table")), pick));
  if (table) pick.fill([table.file]);
  begin(kind, book, table);
}
for (const kind of ["roll", "fill"]) guide(kind, (chosen) => openPlan(kind, chosen));
