// A team's own table: what its rows and columns are, chosen on the table itself. What is proposed
// and what will be read comes from the server; text of cells is set as text, never as HTML.
import { $, el, options, send, speech, t } from "./common.js";
import { actionOf, formButtons, formLacks, formProblem, frame, guide, handedName, needOf, picker, run } from "./actions.js";

const team = { table: "", name: "", choices: {}, found: null, asked: 0, names: {}, answer: null };
const given = () => ({ table: team.table, choices: JSON.stringify(team.choices) });
const column = (at) => team.found.columns.find((one) => one.column === at);

// Chooses something and asks what follows from it. What is typed into the list of indicators changes
// nothing else there: it is not drawn anew under a person's fingers.
function choose(change, whole = true) {
  Object.assign(team.choices, change);
  team.answer = look(whole);
  return team.answer;
}

async function look(whole) {
  const number = ++team.asked;
  try {
    const found = await send("ask", { command: "look", given: { ...given(), lang: speech.lang } });
    if (number !== team.asked) return;
    team.found = found;
    formProblem("");
    if (whole) draw();
    else drawPreview();
  } catch (error) {
    if (number !== team.asked) return;
    formProblem(error.message);
    if (!team.found) $("adopt-parts").replaceChildren();
  }
}

// Columns go by their names: a table that was mended may have others beside them.
const ofColumn = (at, change, whole) => {
  const { name } = column(at);
  const columns = { ...team.choices.columns, [name]: { ...team.choices.columns?.[name], ...change } };
  return choose({ columns }, whole);
};

// A file that is handed over again, mended, keeps what was chosen of it.
function begin(table) {
  const name = handedName(table);
  team.table = table;
  if (name !== team.name || !team.found) {
    team.choices = {};
    team.found = null;
    team.names = {};
    $("adopt-parts").replaceChildren();
  }
  team.name = name;
  if (table) choose({});
}

// -- the table ---------------------------------------------------------------
function rowRole(row) {
  const { found } = team;
  if (found.header.includes(row)) return "heading";
  if (row === found.units_row) return "units";
  if (row < found.first || row > found.last) return "none";
  const name = found.grid.rows[row - 1][found.city] ?? "";
  return found.city >= 0 && (found.skip.includes(name) || !name) ? "skip" : "city";
}

function chooseRow(row, role) {
  const { found } = team;
  const header = found.header.filter((one) => one !== row);
  const name = found.grid.rows[row - 1][found.city] ?? "";
  const skip = found.skip.filter((one) => one !== name);
  const was = rowRole(row);
  if (role === "heading") {
    // Headings below the table that is read are those of another one.
    const { sheet, missing } = found;
    if (row > found.last) team.choices = { sheet, missing };
    return choose({ header: row > found.last ? [row] : [...header, row] });
  }
  if (was === "heading") return header.length ? choose({ header }) : draw();
  if (role === "units") return choose({ units_row: row });
  const units = was === "units" ? { units_row: 0 } : {};
  if (role === "last") return choose({ ...units, last: row });
  if (role === "skip" && name) return choose({ ...units, skip: [...skip, name] });
  if (role === "none" && was !== "none") return choose({ ...units, last: Math.max(row - 1, found.first) });
  if (role === "city") return choose({ ...units, skip, last: Math.max(row, found.last) });
  return draw();
}

function chooseColumn(at, role) {
  const { name } = column(at);
  const { [name]: own, ...others } = team.choices.columns ?? {};
  const { role: _, ...kept } = own ?? {};
  const city = column(team.found.city)?.name ?? "";
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
  const { found } = team;
  const { rows, letters, size } = found.grid;
  const roles = ["city", "indicator", "none"].map((role) => [role, t(`adopt.column.${role}`)]);
  const head = letters.map((letter, at) => el("th", { scope: "col", class: column(at)?.role ?? "" }, el("span", {}, letter), " ",
    column(at) ? chooser(`column-${at}`, t("adopt.column", letter), roles, column(at).role, (role) => chooseColumn(at, role)) : null));
  const lines = rows.map((cells, at) => {
    const row = at + 1;
    const role = rowRole(row);
    const names = ["heading", "units", "city", "skip", "last", "none"].map((one) => [one, t(`adopt.row.${one}`)]);
    const first = el("th", { scope: "row" }, el("span", {}, row), " ",
      chooser(`row-${row}`, t("adopt.row", row), names, role === "city" && row === found.last ? "last" : role, (one) => chooseRow(row, one)));
    return el("tr", { class: `row-${role}` }, first,
      ...letters.map((letter, k) => el("td", { id: `at-${letter}${row}`, class: column(k)?.role ?? "", title: cells[k] ?? "" }, cells[k] ?? "")));
  });
  const more = [size[0] - rows.length, size[1] - letters.length].map((rest) => Math.max(rest, 0));
  return el("div", {},
    el("div", { class: "scroll grid", tabindex: "0", role: "region", "aria-label": t("adopt.table") },
      el("table", {}, el("thead", {}, el("tr", {}, el("th", { scope: "col" }, t("adopt.rows")), ...head)), el("tbody", {}, ...lines))),
    more[0] || more[1] ? el("p", { class: "help" }, t("adopt.more", more.join(" / "))) : null);
}

// -- the indicators ----------------------------------------------------------
function typed(at, name, label) {
  const input = el("input", { id: `${name}-${at}`, value: column(at)[name], "aria-label": `${t(`adopt.${name}`)}: ${label}`, autocomplete: "off", spellcheck: "false" });
  input.addEventListener("change", () => ofColumn(at, { [name === "group" ? "parent" : name]: input.value.trim() }, false));
  return input;
}

function indicators() {
  const found = team.found.columns.filter((one) => one.role === "indicator");
  const ways = [["0", t("adopt.way.0")], ["1", t("adopt.way.1")], ["-1", t("adopt.way.-1")]];
  const rows = found.map((one) => el("tr", {},
    el("th", { scope: "row" }, one.name),
    el("td", {}, chooser(`direction-${one.column}`, `${t("adopt.direction")}: ${one.name}`, ways, String(one.direction),
      (way) => ofColumn(one.column, { direction: Number(way) }, false))),
    ...["code", "group", "weight", "uom"].map((name) => el("td", {}, typed(one.column, name, one.name))),
    el("td", { class: "number" }, one.numbers), el("td", { class: "number" }, one.others || "")));
  const all = (way) => el("button", { type: "button", onclick: () => {
    const columns = { ...team.choices.columns };
    for (const one of team.found.columns) {
      if (one.role === "indicator" && !(columns[one.name]?.direction ?? one.direction)) columns[one.name] = { ...columns[one.name], direction: way };
    }
    choose({ columns });
  } }, t(`adopt.rest.${way}`));
  const heads = ["indicator", "adopt.direction", "adopt.code", "adopt.group", "adopt.weight", "adopt.uom", "adopt.numbers", "adopt.others"];
  return el("div", {},
    el("p", { class: "buttons" }, all(1), " ", all(-1)),
    el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": t("adopt.indicators") },
      el("table", {}, el("thead", {}, el("tr", {}, ...heads.map((key) => el("th", { scope: "col" }, t(key))))), el("tbody", {}, ...rows))));
}

function line(id, label, value, changed, help) {
  const input = el("input", { id, value, autocomplete: "off", spellcheck: "false" });
  input.addEventListener("change", () => changed(input.value));
  if (help) input.setAttribute("aria-describedby", `${id}-help`);
  return el("div", { class: "need" }, el("label", { class: "name", for: id }, label), input, help ? el("span", { class: "help", id: `${id}-help` }, help) : null);
}

// -- the index ---------------------------------------------------------------
const WORDS = { normalise: ["minmax", "zscore", "rank"], weights: ["given", "equal", "entropy", "critic"], aggregate: ["arithmetic", "geometric"] };

function ofIndex() {
  const { found } = team;
  const method = (option) => {
    const { [option]: word } = found.methods;
    const known = WORDS[option].includes(word) ? WORDS[option] : [...WORDS[option], word];
    const pairs = known.map((one) => [one, WORDS[option].includes(one) ? t(`adopt.${option}.${one}`) : one]);
    const select = chooser(`adopt-${option}`, null, pairs, word, (one) => choose({ index: { ...team.choices.index, [option]: one } }, false));
    return el("div", { class: "need" }, el("label", { class: "name", for: `adopt-${option}` }, t(`adopt.${option}`)), select);
  };
  const group = (name, at) => line(`adopt-group-${at}`, t("adopt.group.weight", name), found.groups[name],
    (text) => choose({ groups: { ...team.choices.groups, [name]: text.trim() } }, false));
  return [
    line("adopt-title", t("adopt.title"), found.title, (title) => choose({ index: { ...team.choices.index, title: title.trim() } }, false)),
    ...Object.keys(WORDS).map(method), ...Object.keys(found.groups).map(group),
  ];
}

const split = (text) => text.split(/[;；]/).map((one) => one.trim()).filter(Boolean);

// -- what will be read -------------------------------------------------------
function place(cell) {
  const shown = () => document.getElementById(`at-${cell}`);
  const go = () => {
    shown()?.scrollIntoView({ block: "center", inline: "center" });
    document.getElementById(`row-${cell.replace(/\D/g, "")}`)?.focus();
  };
  return shown() ? el("button", { type: "button", class: "link", onclick: go }, cell) : el("strong", {}, cell);
}

function drawPreview() {
  const { preview, known, doubts } = team.found;
  for (const cell of document.querySelectorAll(".grid td.wrong")) cell.classList.remove("wrong");
  for (const one of preview.problems) document.getElementById(`at-${one.cell}`)?.classList.add("wrong");
  const listed = (list) => el("ul", {}, ...list.map((one) => el("li", {}, one.cell ? place(one.cell) : null, one.cell ? " " : null, one.text?.replace(`${one.cell}, `, "") ?? one)));
  const folded = (key, list, open = false) => (list.length ? el("details", { open }, el("summary", {}, t(key, list.length)), listed(list)) : null);
  const count = (key, value) => el("li", {}, t(key, value));
  const { map } = preview;
  $("adopt-preview").replaceChildren(
    ...(doubts.length ? [el("ul", { class: "note" }, ...doubts.map((text) => el("li", {}, text)))] : []),
    el("ul", {}, count("adopt.cities", preview.cities), count("adopt.known", known), count("adopt.counted", preview.indicators),
      ...(preview.problems.length ? [] : [count("adopt.values", preview.values), count("adopt.gaps", preview.missing), count("adopt.blank", preview.blank)])),
    ...(preview.problems.length ? [el("p", { class: "fail" }, t("adopt.problems", preview.problems.length + (preview.more ?? 0))), listed(preview.problems)] : []),
    ...[folded("adopt.converted", preview.converted), folded("adopt.doubtful", preview.doubtful, true), folded("adopt.bare", preview.bare),
      folded("adopt.names", preview.names)].filter(Boolean),
    el("details", {}, el("summary", {}, t("adopt.map")), el("pre", { tabindex: "0", role: "group", "aria-label": t("adopt.map") }, map)),
  );
}

async function adopt(event) {
  event.preventDefault();
  if (!team.found) return;
  await choose({}, false); // what was typed last counts, and what was mended in the table
  const { found } = team;
  const open = found.columns.find((one) => one.role === "indicator" && !one.direction);
  if (found.city < 0 || !found.preview.indicators || found.preview.problems.length) {
    formProblem(t("adopt.mend"));
    return;
  }
  if (open) {
    formProblem(t("adopt.undirected", found.preview.undirected.length));
    $(`direction-${open.column}`).focus();
    return;
  }
  const map = $("adopt-map").value.trim();
  const out = $("adopt-out").value.trim();
  if (!map || !out) {
    formLacks([["map", map], ["out", out]].filter(([, text]) => !text).map(([id]) => needOf("adopt", id).label));
    return;
  }
  try {
    await send("ask", { command: "map", given: { ...given(), target: map } });
    await run("adopt", { file: team.table, map, out });
  } catch (error) {
    formProblem(error.message);
  }
}

// Draws all parts; who is at a control stays there, with what is typed.
function draw() {
  const { found } = team;
  const at = document.activeElement;
  const kept = at?.matches("#adopt-parts input") ? at.value : null;
  const grids = document.querySelector(".grid");
  const scroll = grids && [grids.scrollLeft, grids.scrollTop];
  const stem = found.name.replace(/\.[^.]*$/, "");
  const sheets = found.sheets.length > 1
    ? [el("div", { class: "need" }, el("label", { class: "name", for: "adopt-sheet" }, t("adopt.sheet")),
      chooser("adopt-sheet", null, found.sheets.map((name) => [name, name]), found.sheet, (sheet) => { team.choices = {}; choose({ sheet }); }))] : [];
  const named = (name, usual) => line(`adopt-${name}`, needOf("adopt", name).label, team.names[name] ?? usual, (value) => { team.names[name] = value; });
  $("adopt-parts").replaceChildren(
    ...sheets,
    el("h4", {}, t("adopt.table")), el("p", { class: "help" }, t("adopt.table.help")), grid(),
    line("adopt-missing", t("adopt.missing"), found.missing.join("; "), (text) => choose({ missing: split(text) }), t("adopt.missing.help")),
    line("adopt-skip", t("adopt.skip"), found.skip.join("; "), (text) => choose({ skip: split(text) }), t("adopt.skip.help")),
    el("h4", {}, t("adopt.indicators")), el("p", { class: "help" }, t("adopt.direction.help")), indicators(),
    el("h4", {}, t("adopt.index")), ...ofIndex(),
    el("h4", {}, t("adopt.preview")), el("p", { class: "buttons" }, el("button", { type: "button", id: "adopt-again", onclick: () => choose({}) }, t("adopt.again"))), el("div", { id: "adopt-preview", "aria-live": "polite" }),
    named("map", `${stem}.map.toml`), named("out", `${stem}-tables`),
    formButtons(actionOf("adopt").name),
  );
  drawPreview();
  const shown = document.querySelector(".grid");
  if (scroll) shown.scrollTo(...scroll);
  const again = at?.id && document.getElementById(at.id);
  if (again && again !== at) {
    if (kept !== null) again.value = kept;
    again.focus({ preventScroll: true });
  }
}

guide("adopt", (chosen) => {
  const need = needOf("adopt", "file");
  const pick = picker(need, "need-table");
  const list = pick.querySelector("select");
  list.addEventListener("change", () => begin(list.value));
  const form = el("form", { novalidate: true, onsubmit: adopt },
    el("div", { class: "need" }, el("label", { class: "name", for: "need-table" }, need.label), pick, el("span", { class: "help" }, need.help)),
    el("div", { id: "adopt-parts" }));
  frame("adopt", form);
  if (chosen || team.table) pick.fill([chosen?.file ?? team.table]);
  if (chosen && list.value) begin(list.value);
  else if (team.table && list.value === team.table) choose({}); // the words changed: what was chosen stays
});
