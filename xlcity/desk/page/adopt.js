// A team's own table: an index that its formulas tell of, or what its rows and columns are, chosen on
// the table itself. What is proposed and what will be read comes from the server; text of cells is set
// as text, never as HTML.
import { $, button, el, enterField, helpText, keepField, once, options, scrolled, send, shown, speech, stem, t } from "./common.js";
import { askLast, closeButton, closeForm, finished, formProblem, frame, guide, handedName, needOf, openBook, openForm, picker, showBook } from "./actions.js";
import { methodCards, rankedBy, readMethod, writeMethod } from "./method.js";
import { cellQuestion, doubleAnswers, mendButtons, wrote } from "./mend.js";
import { drawProof, following, readProof } from "./proof.js";

const team = { table: "", name: "", choices: {}, reading: null, asked: 0, whole: false, names: {}, answer: null, proof: null, refused: null };
const given = () => ({ table: team.table, choices: JSON.stringify(team.choices) });
const column = (index) => team.reading.columns.find((candidate) => candidate.column === index);

// Chooses something and asks what follows from it. What is typed into the list of indicators changes
// nothing else there: it is not drawn anew under a person's fingers.
function choose(change, whole = true) {
  Object.assign(team.choices, change);
  team.answer = look(whole);
  return team.answer;
}

async function look(whole) {
  team.whole ||= whole; // also what an answer that comes too late would have drawn
  await askLast(team, "adopt-parts", () => send("ask", { command: "look", given: { ...given(), lang: speech.lang } }), (reading) => {
    const places = (read) => String(read?.columns.map((column) => [column.column, column.name]));
    team.whole ||= places(team.reading) !== places(reading); // its columns moved while it was read
    team.reading = reading;
    draw(team.whole);
    team.whole = false;
  }, () => team.reading || $("adopt-parts").replaceChildren());
}

// Columns go by their names: a table that was mended may have others beside them.
const ofColumn = (index, change, whole) => {
  const { name } = column(index);
  const columns = { ...team.choices.columns, [name]: { ...team.choices.columns?.[name], ...change } };
  return choose({ columns }, whole);
};

// A file that is handed over again, mended, keeps what was chosen of it.
async function begin(table, proof = null) {
  const name = handedName(table);
  team.table = table;
  if (name !== team.name || !team.reading) {
    Object.assign(team, { choices: {}, reading: null, names: {} });
    $("adopt-parts").replaceChildren();
  }
  Object.assign(team, { name, proof: null, refused: null });
  if (!table) return;
  if (!/\.xls[xm]$/i.test(name)) return choose({});
  if (proof) return proved(proof);
  $("adopt-parts").replaceChildren(following());
  await prove("", []);
}

// -- an index in formulas ------------------------------------------------------
// Reads the formulas; where they tell of no index, the table is looked at instead.
async function prove(total, keep) {
  const number = ++team.asked;
  $("proof-lead")?.setAttribute("aria-busy", "true");
  const proof = await readProof(team.table, total, keep).catch((error) => ({ refused: { [speech.lang]: error.message } }));
  if (number !== team.asked || !$("adopt-parts")) return null; // something else was asked
  if (!proof.refused || !team.proof) return proved(proof);
  drawProved(); // what was read before stays
  return formProblem(proof.refused[speech.lang] ?? "");
}

function proved(proof) {
  team.proof = proof.refused ? null : proof;
  team.refused = proof.refused ?? null;
  formProblem("");
  if (!team.proof) return choose({});
  drawProved();
  return null;
}

function drawProved() {
  const { proof } = team;
  const kept = () => proof.slips.filter((slip) => slip.kept).map((slip) => slip.cell);
  const slip = (cells, keep) => {
    const named = [cells].flat();
    for (const one of proof.slips) if (named.includes(one.cell)) one.kept = keep;
    prove(proof.total, kept());
  };
  keepField(() => {
    if (!$("adopt-parts") || team.proof !== proof) return; // another form has its place
    $("adopt-parts").replaceChildren(...drawProof(proof, { slip, total: (total) => prove(total, []), table: asTable, check: () => showBook(team.table), close: closeForm }));
  });
}

// What the formulas tell is left aside: values and weights are asked for.
function asTable() {
  Object.assign(team, { refused: { key: "proof.left_aside" }, proof: null });
  $("adopt-parts").replaceChildren();
  team.reading = null;
  choose({});
}

// Why the table is looked at and not its formulas; what was left aside can be taken up again.
function whyTable(refused) {
  if (!refused.key) return el("p", { class: "note" }, refused[speech.lang] ?? Object.values(refused)[0]);
  return helpText(t(refused.key), " ", button(t("proof.again"), () => begin(team.table), { class: "link" }));
}

// The template of an index that was proved, and shown.
async function makeProved() {
  const { proof, table, name } = team;
  const base = stem(name);
  const out = `${base}-tables`;
  const book = `${base}-${t("need.new_name")}.xlsx`;
  const keep = proof.slips.filter((slip) => slip.kept).map((slip) => slip.cell);
  if (!(await finished("adopt", { file: table, out, total: proof.total, keep }))) return;
  await makeBook(out, book);
}

async function makeBook(out, book) {
  const tables = { framework: `${out}/framework.csv`, data: `${out}/data.csv`, recipe: `${out}/recipe.toml` };
  const before = openBook();
  if (!(await finished("new", { ...tables, lang: speech.lang, out: book }, true))) return;
  wrote(book, before);
  closeForm();
  await showBook(book);
}

// -- the table ---------------------------------------------------------------
function rowRole(row) {
  const { reading } = team;
  if (reading.header.includes(row)) return "heading";
  if (row === reading.units_row) return "units";
  if (row < reading.first || row > reading.last) return "none";
  const name = reading.grid.rows[row - 1][reading.city] ?? "";
  if (reading.skip_rows.includes(row)) return "skip";
  return reading.city >= 0 && (reading.skip.includes(name) || !name) ? "skip" : "city";
}

function chooseRow(row, role) {
  const { reading } = team;
  const header = reading.header.filter((other) => other !== row);
  const name = reading.grid.rows[row - 1][reading.city] ?? "";
  const skip = reading.skip.filter((other) => other !== name);
  const skip_rows = reading.skip_rows.filter((other) => other !== row);
  const was = rowRole(row);
  if (role === "heading") {
    // Headings below the table that is read are those of another one.
    const { sheet, missing } = reading;
    if (row > reading.last) team.choices = { sheet, missing };
    return choose({ header: row > reading.last ? [row] : [...header, row] });
  }
  if (was === "heading") return header.length ? choose({ header }) : draw();
  if (role === "units") return choose({ units_row: row });
  const units = was === "units" ? { units_row: 0 } : {};
  if (role === "last") return choose({ ...units, last: row });
  // One of two rows of a city is left out by its number: by name, both would be.
  const isOfTwo = reading.preview.doubles.some((double) => double.rows.includes(row))
    || reading.grid.rows.some((cells, index) => index + 1 !== row && name && cells[reading.city] === name && rowRole(index + 1) === "city");
  if (role === "skip" && isOfTwo) return choose({ ...units, skip_rows: [...skip_rows, row] });
  if (role === "skip" && name) return choose({ ...units, skip: [...skip, name] });
  if (role === "none" && was !== "none") return choose({ ...units, last: Math.max(row - 1, reading.first) });
  if (role === "city") return choose({ ...units, skip, skip_rows, last: Math.max(row, reading.last) });
  return draw();
}

function chooseColumn(index, role) {
  const { name } = column(index);
  const { [name]: own, ...others } = team.choices.columns ?? {};
  const { role: _, ...kept } = own ?? {};
  const city = column(team.reading.city)?.name ?? "";
  if (role === "city") return choose({ unit: name, columns: { ...others, [name]: kept } });
  return choose({ unit: name === city ? "" : city, columns: { ...others, [name]: { ...kept, role } } });
}

function chooser(id, label, pairs, value, chosen) {
  const select = el("select", { id, "aria-label": label, onchange: () => chosen(select.value) });
  options(select, pairs);
  select.value = value;
  return select;
}

function grid() {
  const { reading } = team;
  const { rows, letters, size } = reading.grid;
  const roles = ["city", "indicator", "none"].map((role) => [role, t(`adopt.column.${role}`)]);
  const head = letters.map((letter, index) => el("th", { scope: "col", class: column(index)?.role ?? "" }, el("span", {}, letter), " ",
    column(index) ? chooser(`column-${index}`, t("adopt.column", letter), roles, column(index).role, (role) => chooseColumn(index, role)) : null));
  const lines = rows.map((cells, index) => {
    const row = index + 1;
    const role = rowRole(row);
    const names = ["heading", "units", "city", "skip", "last", "none"].map((word) => [word, t(`adopt.row.${word}`)]);
    const first = el("th", { scope: "row" }, el("span", {}, row), " ",
      chooser(`row-${row}`, t("adopt.row", row), names, role === "city" && row === reading.last ? "last" : role, (word) => chooseRow(row, word)));
    return el("tr", { class: `row-${role}` }, first,
      ...letters.map((letter, k) => el("td", { id: `at-${letter}${row}`, class: column(k)?.role ?? "", title: shown(cells[k] ?? "") }, shown(cells[k] ?? ""))));
  });
  const more = [size[0] - rows.length, size[1] - letters.length].map((rest) => Math.max(rest, 0));
  return el("div", {},
    scrolled(t("adopt.table"),
      el("table", {}, el("thead", {}, el("tr", {}, el("th", { scope: "col" }, t("adopt.rows")), ...head)), el("tbody", {}, ...lines)), "grid"),
    more[0] || more[1] ? helpText(t("adopt.more", more.join(" / "))) : null);
}

// -- the indicators ----------------------------------------------------------
function typed(index, name, label) {
  const input = el("input", { id: `${name}-${index}`, value: column(index)[name], "aria-label": `${t(`adopt.${name}`)}${speech.colon}${label}`, autocomplete: "off", spellcheck: "false" });
  input.addEventListener("change", () => ofColumn(index, { [name === "group" ? "parent" : name]: input.value.trim() }, false));
  return input;
}

function indicators() {
  const listed = team.reading.columns.filter((indicator) => indicator.role === "indicator");
  const ways = [["0", t("adopt.way.0")], ["1", t("adopt.way.1")], ["-1", t("adopt.way.-1")]];
  // Where there is little room, each cell has its heading above it.
  const cell = (key, content, kind = "") => el("td", { class: kind, "data-label": t(key) }, content);
  const rows = listed.map((indicator) => el("tr", {},
    el("th", { scope: "row" }, indicator.name),
    cell("adopt.way", chooser(`direction-${indicator.column}`, `${t("adopt.direction")}${speech.colon}${indicator.name}`, ways, String(indicator.direction),
      (way) => ofColumn(indicator.column, { direction: Number(way) }, false))),
    ...["group", "weight", "uom"].map((name) => cell(`adopt.${name}`, typed(indicator.column, name, indicator.name))),
    cell("adopt.numbers", indicator.numbers, "number"), cell("adopt.others", indicator.others || "", "number"), cell("adopt.code", typed(indicator.column, "code", indicator.name))));
  const heads = ["indicator", "adopt.way", "adopt.group", "adopt.weight", "adopt.uom", "adopt.numbers", "adopt.others", "adopt.code"];
  const head = el("tr", {}, ...heads.map((key) => el("th", { scope: "col" }, t(key))));
  return scrolled(t("adopt.indicators"), el("table", {}, el("thead", {}, head), el("tbody", {}, ...rows)), "indicators");
}

function line(id, label, value, changed, help) {
  const input = el("input", { id, value, autocomplete: "off", spellcheck: "false" });
  input.addEventListener("change", () => changed(input.value));
  if (help) input.setAttribute("aria-describedby", `${id}-help`);
  return el("div", { class: "need" }, el("label", { class: "name", for: id }, label), input, help ? el("span", { class: "help", id: `${id}-help` }, help) : null);
}

// -- the index ---------------------------------------------------------------
const WEIGHTS = ["given", "equal", "entropy", "critic"];

// What was chosen last counts, also before the server has answered.
const answers = () => readMethod({ ...team.reading.methods, ...team.choices.index });

function answered(question, word) {
  const { treat, ...words } = writeMethod({ ...answers(), [question]: word });
  const others = { ...team.choices.index };
  delete others.treat;
  return choose({ index: { ...others, ...words, ...(treat === "none" ? {} : { treat }) } }, question === "normalise");
}

function ofIndex() {
  const { reading } = team;
  const group = (name, number) => line(`adopt-group-${number}`, t("adopt.group.weight", name), reading.groups[name],
    (text) => choose({ groups: { ...team.choices.groups, [name]: text.trim() } }, false));
  const weights = chooser("adopt-weights", null, WEIGHTS.map((word) => [word, t(`adopt.weights.${word}`)]), answers().weights, (word) => answered("weights", word));
  return [
    line("adopt-title", t("adopt.title"), reading.title, (title) => choose({ index: { ...team.choices.index, title: title.trim() } }, false)),
    ...methodCards("adopt", answers(), answered, reading.columns.filter(({ role }) => role === "indicator").map(({ code, name: text }) => [code, text])),
    el("div", { class: "need" }, el("label", { class: "name", for: "adopt-weights" }, t("adopt.weights")), weights), ...Object.keys(reading.groups).map(group),
  ];
}

// What the method makes of the table, beside what the usual one makes of it.
function drawRanking() {
  const { ranking, undirected, cities } = team.reading.preview;
  const box = $("adopt-ranking");
  if (!ranking.length || undirected.length) {
    box.replaceChildren(helpText(t(undirected.length ? "adopt.ranking.directions" : "adopt.ranking.none")));
    return;
  }
  box.replaceChildren(...rankedBy(ranking, cities, { moved: "adopt.moved", same: "adopt.as_usual", head: "adopt.usual" }));
}

const split = (text) => text.split(/[;；]/).map((part) => part.trim()).filter(Boolean);

// -- what will be read -------------------------------------------------------
// What a person has to answer before anything is written.
const open = () => {
  const { preview, misspelt } = team.reading;
  return Object.keys(misspelt).length + (preview.undirected.length ? 1 : 0) + preview.problems.length + (preview.more ?? 0);
};

const ofCity = (name, city) => choose({ cities: { ...team.choices.cities, ...team.reading.settled, [name]: city } });

// A city that is not recognised is one of these, another one that is typed, or right as it stands.
function cityQuestion([name, meant]) {
  const yes = (city) => button(t("adopt.is", city), () => ofCity(name, city));
  const typed = () => (input.value.trim() ? ofCity(name, input.value.trim()) : input.focus());
  const input = enterField({ id: `city-${name}`, size: 9, "aria-label": t("adopt.right_name", name) }, typed);
  return el("li", {}, el("span", { class: "old" }, name), ` ${t("adopt.is_it", meant.join(" / "))}`, el("div", { class: "buttons" }, ...meant.slice(0, 3).map(yes)),
    el("div", { class: "buttons" }, input, button(t("adopt.use_name"), typed),
      button(t("adopt.other_city", name), () => ofCity(name, name), { class: "link" })));
}

// All directions that are open, by one click.
const directions = (way) => el("button", { type: "button", onclick: () => {
  const columns = { ...team.choices.columns };
  for (const column of team.reading.columns) {
    if (column.role === "indicator" && !(columns[column.name]?.direction ?? column.direction)) columns[column.name] = { ...columns[column.name], direction: way };
  }
  choose({ columns });
} }, t(`adopt.rest.${way}`));

const place = (cell) => {
  const shown = () => document.getElementById(`at-${cell}`);
  const go = () => {
    shown()?.scrollIntoView({ block: "center", inline: "center" });
    document.getElementById(`row-${cell.replace(/\D/g, "")}`)?.focus({ preventScroll: true });
  };
  return shown() ? button(cell, go, { class: "link" }) : el("strong", {}, cell);
};

// Two rows of a city: what differs, and which of them is right.
function doubleQuestion(double) {
  const { body, answers } = doubleAnswers(double);
  const right = ([out, text]) => button(text, () => choose({ skip_rows: [...team.reading.skip_rows, out] }));
  return el("li", {}, el("strong", {}, double.city), body, el("div", { class: "buttons" }, ...answers.map(right)));
}

function drawPreview() {
  const { preview, known, doubts, misspelt } = team.reading;
  for (const cell of document.querySelectorAll(".grid td.wrong")) cell.classList.remove("wrong");
  for (const problem of preview.problems) document.getElementById(`at-${problem.cell}`)?.classList.add("wrong");
  const listed = (list) => el("ul", {}, ...list.map((line) => el("li", {}, line.cell ? place(line.cell) : null, line.cell ? " " : null, line.text ?? line)));
  const folded = (key, list) => (list.length ? el("details", {}, el("summary", {}, t(key, list.length)), listed(list)) : null);
  const asked = (key, content, help) => el("section", { class: "ask" }, el("h4", { "aria-level": 3 }, t(key)), help ? helpText(t(help)) : null, content);
  const counts = [["adopt.cities", preview.cities], ["adopt.known", known], ["adopt.counted", preview.indicators],
    ...(preview.problems.length ? [] : [["adopt.values", preview.values], ["adopt.confirmed", preview.missing], ["adopt.blank", preview.blank]])];
  const cities = Object.entries(misspelt);
  const ofCell = (problem) => cellQuestion(team.table, team.reading.sheet, problem, () => choose({}), place);
  const readable = team.reading.city >= 0 && preview.indicators;
  const lead = !readable ? t("adopt.mend") : open() ? t("adopt.open", open()) : t("adopt.clear");
  // How much is missing is known when all can be read.
  $("adopt-gaps").textContent = t("adopt.gaps") + (preview.problems.length ? "" : t("adopt.gaps.count", preview.missing + preview.blank));
  const others = doubts.filter((text) => !cities.some(([name]) => text.includes(name)));
  $("adopt-preview").replaceChildren(
    el("p", { class: `lead ${open() || !readable ? "note" : "pass"}` }, lead),
    helpText(counts.map(([key, value]) => t(key, value)).join(" · ")),
    ...[mendButtons(team.table, [], () => choose({}))].filter(Boolean),
    ...(others.length ? [el("ul", { class: "note" }, ...others.map((text) => el("li", {}, text)))] : []),
    el("div", { class: "asks" }, ...[
      cities.length ? asked("adopt.misspelt", el("ul", { class: "findings" }, ...cities.map(cityQuestion))) : null,
      readable && preview.undirected.length ? asked("adopt.direction", el("p", { class: "buttons" }, directions(1), " ", directions(-1)), "adopt.direction.help") : null,
      preview.doubles.length ? asked("adopt.doubles", el("ul", { class: "findings" }, ...preview.doubles.map(doubleQuestion))) : null,
      preview.problems.length ? asked("adopt.problems", el("ul", { class: "findings" }, ...preview.problems.map(ofCell))) : null,
      preview.doubtful.length ? asked("adopt.doubtful", el("ul", { class: "findings" }, ...preview.doubtful.map(ofCell))) : null,
    ].filter(Boolean)),
    ...[folded("adopt.converted", preview.converted), folded("adopt.bare", preview.bare), folded("adopt.names", preview.names)].filter(Boolean));
  drawRanking();
}

// From the table to the ranking: how it is read is written down, then its tables, then the workbook.
async function adopt() {
  if (team.proof) return makeProved();
  if (!team.reading) return;
  await choose({}, false); // what was typed last counts, and what was mended in the table
  const { reading } = team;
  const first = $("adopt-preview").querySelector(".ask button, .ask input");
  if (reading.city < 0 || !reading.preview.indicators || open()) {
    const undirected = reading.columns.find((column) => column.role === "indicator" && !column.direction);
    formProblem(open() ? t("adopt.open", open()) : t("adopt.mend"));
    (first ?? (undirected && $(`direction-${undirected.column}`)))?.focus();
    return;
  }
  const name = (reading.title || stem(reading.name)).replace(/[\\/:*?"<>|]/g, "_");
  const [map, out, book] = [`${name}.map.toml`, $("adopt-out").value.trim() || `${name}-tables`, `${name}.xlsx`];
  try {
    await send("ask", { command: "map", given: { ...given(), target: map } });
    if (!(await finished("adopt", { file: team.table, map, out }, true))) return;
    await makeBook(out, book);
  } catch (error) {
    formProblem(error.message);
  }
}

// Draws all parts, or what follows from them.
function draw(whole = true) {
  keepField(() => {
    if (!$("adopt-parts")) return; // another form has its place
    if (whole) drawParts();
    drawPreview();
    // Weights that the method finds itself are not typed.
    for (const input of document.querySelectorAll("#adopt-parts [id^=adopt-group-], #adopt-parts [id^=weight-]")) {
      input.disabled = answers().weights !== "given";
      (input.closest(".need") ?? input).hidden = input.disabled;
    }
  });
}

function drawParts() {
  const { reading } = team;
  const grids = document.querySelector(".grid");
  const scroll = grids && [grids.scrollLeft, grids.scrollTop];
  const sheets = reading.sheets.length > 1
    ? [el("div", { class: "need" }, el("label", { class: "name", for: "adopt-sheet" }, t("adopt.sheet")),
      chooser("adopt-sheet", null, reading.sheets.map((name) => [name, name]), reading.sheet, (sheet) => { team.choices = {}; choose({ sheet }); }))] : [];
  $("adopt-parts").replaceChildren(
    ...(reading.formulas && team.refused ? [whyTable(team.refused)] : []),
    ...sheets,
    el("div", { id: "adopt-preview", "aria-live": "polite" }),
    el("div", { class: "columns" }, el("div", {}, ...ofIndex()), el("section", { class: "card" }, el("h4", { "aria-level": 3 }, t("adopt.preview")), el("div", { id: "adopt-ranking" }))),
    el("h4", { "aria-level": 3 }, t("adopt.indicators")), indicators(),
    el("h4", { "aria-level": 3 }, t("adopt.table")), helpText(t("adopt.table.help")), grid(),
    el("details", {}, el("summary", {}, t("adopt.rare")),
      line("adopt-missing", t("adopt.missing"), reading.missing.join("; "), (text) => choose({ missing: split(text) }), t("adopt.missing.help")),
      line("adopt-skip", t("adopt.skip"), reading.skip.join("; "), (text) => choose({ skip: split(text) }), t("adopt.skip.help")),
      line("adopt-out", needOf("adopt", "out").label, team.names.out ?? `${stem(reading.name)}-tables`, (value) => { team.names.out = value; }),
      el("pre", { tabindex: "0", role: "group", "aria-label": t("adopt.map") }, reading.preview.map)),
    el("p", { class: "buttons last" }, el("button", { class: "main" }, t("adopt.make")), " ", button(t("adopt.again"), () => choose({}), { id: "adopt-again" }), " ", closeButton()),
  );
  if (scroll) document.querySelector(".grid").scrollTo(...scroll);
}

guide("adopt", (chosen) => {
  const need = needOf("adopt", "file");
  const pick = picker(need, "need-table");
  const list = pick.querySelector("select");
  list.addEventListener("change", () => begin(list.value));
  const form = el("form", { novalidate: true, onsubmit: once(adopt) },
    el("div", { class: "need" }, el("label", { class: "name", for: "need-table" }, need.label), pick, el("span", { class: "help" }, need.help)),
    el("div", { id: "adopt-parts" }));
  frame("adopt", form, () => openForm("adopt"));
  if (chosen || team.table) pick.fill([chosen?.file ?? team.table]);
  if (chosen && list.value) begin(list.value, chosen.proof);
  else if (team.table && list.value === team.table) { // the words changed: what was chosen stays
    if (team.proof) drawProved();
    else choose({});
  }
});
