// Draws what the server tells. Names come from strangers' workbooks: text is set as text, never as HTML.
import { $, button, cityName, el, foldButton, get, hand, helpText, keepField, known, latest, leaves, listed, nameOf, nodeText, number, options, request, root, send, shown, speech, t, table, when } from "./common.js";
import { confirmButton, mendButtons, mendLine } from "./mend.js";
import { drawRanking } from "./ranking.js";
import { moves } from "./walk.js";
import "./adopt.js";
import "./edition.js";
import "./merge.js";
import "./method.js";
import "./names.js";
import { actionOf, drawMade, drawRun, handedName, isExample, leaveActions, onNext, onShow, openAsked, openForm, refresh, showDoor, showFirstDoor, speakActions, startActions, titleOf } from "./actions.js";

// Counts the workbooks that were chosen: an answer on an earlier one is not drawn.
let era = 0;
// Lines of a list that are shown before the rest is asked for, and findings.
const [LISTED, MANY] = [10, 40];

const about = (pair) => `${cityName(pair[0])} · ${nodeText(pair[1])}`;

const cellLink = (cell) => (cell ? button(cell, () => traceCell(cell.split(":")[0]), { class: "link" }) : "");

class Passed extends Error {}

// What is asked for a box is of no use once more was asked for it.
async function ask(command, given = {}, box = {}) {
  const [asked, turn] = [era, {}];
  box.turn = turn;
  busy("busy.ask");
  try {
    const answered = await send("ask", { command, given });
    if (asked !== era || box.turn !== turn) throw new Passed();
    return answered;
  } finally {
    busy("");
  }
}

const showError = (error, box) => { if (!(error instanceof Passed)) box.replaceChildren(el("p", { class: "fail" }, error.message)); };

function busy(key) {
  $("busy").hidden = !key;
  $("busy").firstElementChild.textContent = key ? t(key) : "";
}

// -- what the server tells ---------------------------------------------------
const draw = {
  file(event) {
    $("state").textContent = event.name && `${event.name}${speech.colon}${t(`state.${event.state}`)}`;
  },
  busy(event) {
    busy(event.command && `busy.${event.command}`);
  },
  problems(event) {
    problems(event.problems[speech.lang]);
  },
  run: drawRun,
  overview(event) {
    delete known.problems;
    problems([]);
    $("synthetic").hidden = !event.synthetic;
    document.body.classList.toggle("foreign", event.foreign);
    const hint = event.foreign ? "trace_hint.foreign" : "trace_hint";
    Object.assign($("trace-hint"), { textContent: t(hint) }).dataset.text = hint;
    const { count, first } = event.absent;
    const gaps = count && (count > first.length ? t("about.gaps", count) : t("about.named", { count, names: listed(first.map(about)) }));
    $("about").textContent = event.foreign ? "" : [t("about", { cities: event.ranking.length, indicators: leaves().length }), gaps].filter(Boolean).join(speech.lang === "zh" ? "" : " ");
    ranking();
    changes(event);
    missing(event.missing);
    options($("cities"), event.ranking.map((city) => [city.unit, nameOf(city)]));
    options($("nodes"), event.nodes.map((node) => [node.code, nodeText(node.code)]));
    // Saved anew, or read in another language: what was unfolded stays so.
    if (tracedCell) traced("trace", { cell: tracedCell }, new Set([...traceBox.querySelectorAll("[aria-expanded=true]")].map((fold) => fold.dataset.path)));
  },
  check(event) {
    // A stranger's workbook has findings alone, and may be read as a table of one's own.
    const isForeign = event.headline === "foreign";
    $("verdict").className = `verdict ${isForeign && event.verdict === "pass" && event.causes.length ? "note" : event.verdict}${event.headline === "named" ? " named" : ""}`;
    $("verdict").textContent = event.title[speech.lang];
    if (known.overview) {
      if (drawnState !== rankingState()) ranking();
      changes(known.overview);
      missing(known.overview.missing);
    }
    const mends = new Map(event.findings.flatMap((finding) => finding.mends ?? []).filter(Boolean).map((mend) => [mend.cell, mend]));
    const buttons = mendButtons(known.file?.name, [...mends.values()], written);
    const opened = event.findings.filter((finding) => finding.group === "open");
    const isNote = (finding) => finding.status === "note" && !(finding.mends ?? []).some(Boolean);
    const listed = [...event.causes.filter((cause) => !cause.doubt), ...opened.filter((finding) => !isNote(finding))];
    $("findings").replaceChildren(...(buttons ? [buttons] : []), ...doubtBoxes(event.causes.filter((cause) => cause.doubt)),
      ...(listed.length ? [el("div", { class: `ask ${event.verdict === "fail" ? "bad" : "warn"}` }, findings(listed, mends), folded(event, "failed"))] : []));
    $("checks").replaceChildren(checked(event), findings(opened.filter(isNote)), ...(listed.length ? [] : [folded(event, "failed")]));
    next(event, isForeign);
    drawMade();
  },
};

// What comes next is one button: to what is to be mended first, else to what is made of the scores.
function next(event, isForeign) {
  const toMend = $("findings").querySelector(".mend input");
  const ways = {
    adopt: () => openForm("adopt", { file: known.file.name }), report: () => openForm("report"), fill: () => openForm("fill"),
    mend: () => $("findings").querySelector(".mend input")?.focus(), own: () => showDoor("start"),
  };
  const way = isForeign ? "adopt" : isExample(known.file?.name) ? "own" : toMend && event.verdict !== "draft" ? "mend" : { pass: "report", draft: "fill" }[event.verdict];
  $("next").replaceChildren(...(way ? [button(isForeign ? actionOf(way).name : t(`next.${way}`), ways[way], { class: "go" })] : []));
}

const folded = (event, group) => {
  const some = event.findings.filter((finding) => finding.group === group);
  return some.length ? el("details", {}, el("summary", {}, t(group, some.length)), findings(some)) : "";
};

// Checks that passed are one line.
function checked(event) {
  const passed = event.findings.filter((finding) => finding.group === "passed");
  const isPassed = (finding) => finding.status === "pass";
  const isAll = event.verdict === "pass" && passed.length === event.findings.length && passed.every(isPassed);
  return el("details", { class: "line" }, el("summary", { id: "checks-head", class: "pass" }, t(isAll ? "checks.all" : passed.every(isPassed) ? "checks.passed" : "passed", passed.length)), findings(passed));
}

// The doubt that is looked at, and those that were answered: cell -> what it was about.
let lookedAt = "";
const settled = new Map();

// A proposal that leads away from the other cities is none: then what it was before may be wrong.
function plausible(cause) {
  const { value, others, meant } = cause.doubt;
  const far = (one) => Math.abs(Math.log(one / others[others.length >> 1]));
  return meant != null && far(meant) > far(value) ? { ...cause, doubt: { ...cause.doubt, meant: null, then: null, isFormer: true } } : cause;
}

// One card, first of what changes the highest rank, and a line for each of the others.
function doubtBoxes(causes) {
  const place = ({ doubt: { now, then } }) => (now && then && now !== then ? Math.min(now, then) : 1e9);
  const all = causes.map(plausible).sort((a, b) => place(a) - place(b));
  const isAsked = new Set(all.map(({ doubt }) => doubt.cell));
  const first = all.find(({ doubt }) => doubt.cell === lookedAt) ?? all[0];
  const look = ({ cell }) => { lookedAt = cell; draw.check(known.check); };
  const done = [...settled].filter(([cell]) => !isAsked.has(cell)).map(([, text]) => el("li", {}, text, el("span", { class: "pass" }, t("doubt.settled"))));
  const line = ({ doubt }) => el("li", {}, button(about([doubt.unit, doubt.code]), () => look(doubt), { class: "link" }), el("span", { class: "number" }, number(doubt.value)));
  return [first && doubtBox(first), el("ul", { class: "lines doubts" }, ...done, ...all.filter((cause) => cause !== first).map(line))].filter((one) => one?.hasChildNodes());
}

// What the value that may be meant would do to the rank, or that the former value is more likely wrong.
function effectOf({ isFormer, meant, now, then }, places) {
  if (isFormer) return t("doubt.former");
  if (meant == null || !then) return "";
  return t(now === then ? "doubt.same" : "doubt.moves", places);
}

// Where a label has no room at both sides: at which end of the strip, in per cent, it stands.
function edgeOf(place) {
  if (place < 8) return "at-start";
  return place > 92 ? "at-end" : "";
}

// A value that is far from all others: where it stands among them, what it may be, and what that would do.
function doubtBox(cause) {
  const { unit, code, cell, value, others, meant, now, then } = cause.doubt;
  const all = [...others, value, ...(meant == null ? [] : [meant])];
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const dot = (kind, at, text = "") => {
    const place = (100 * (at - low)) / (high - low || 1);
    const drawn = el("i", { class: `${kind} ${edgeOf(place)}` }, text && el("span", {}, text));
    drawn.style.left = `${place}%`;
    return drawn;
  };
  const strip = el("div", { class: "strip", role: "img", "aria-label": t("doubt.strip", { count: all.length, value: number(value) }) }, ...others.map((other) => dot("", other)),
    ...(meant == null ? [] : [dot("meant", meant, `${number(meant)} ?`)]), dot("doubted", value, `${cityName(unit)} ${number(value)}`));
  const places = { city: cityName(unit), count: others.length, low: number(others[0]), high: number(others.at(-1)), meant: meant == null ? "" : number(meant), now, then };
  const effect = effectOf(cause.doubt, places);
  const file = known.file?.name;
  const answered = () => { settled.set(cell, about([unit, code])); return written(); };
  return el("section", { class: "ask warn doubt" }, el("h3", {}, about([unit, code])), el("p", {}, marked(cause.texts[speech.lang].detail)), strip,
    el("p", {}, t("doubt.others", places), effect && (speech.lang === "zh" ? effect : ` ${effect}`)),
    el("p", { class: "buttons" }, mendLine(file, { cell, old: value, new: meant }, answered), confirmButton(file, cell, answered), cellLink(cell)));
}

// Cities whose name is misspelt where their values stand.
const misspelt = () => new Set((known.check?.findings ?? []).flatMap((finding) => finding.mends ?? []).filter((mend) => mend?.city && mend.new).map((mend) => mend.new));

// What was written is saved in the file: the check follows by itself.
const written = async () => busy("busy.check");

function problems(list) {
  $("problems").replaceChildren(...list.map((text) => el("li", {}, text)));
  $("problems").hidden = !list.length;
  document.body.classList.toggle("unread", list.length > 0 && !known.overview);
  if (list.length && !known.overview) $("verdict").textContent = t("verdict.unread");
}

// What the workbook's own sheet says, with the marks of the page's language, and commas between thousands of all but years.
const marked = (text = "") => text.replace(/(?<![\w.])(?!(?:19|20)\d\d(?!\.?\d))\d{4,}(?:\.\d+)?(?!\w)/g, (value) => number(Number(value))).replace(/ \)/g, ")").replace(/: (?=\d)/g, speech.colon).replace(/ \(([^()]*[\u3400-\u9fff][^()]*)\)/g, "（$1）");

// Each cell can be mended where it is named first.
function findings(list, mends = new Map()) {
  const item = (finding) => {
    const status = finding.status ?? finding.severity;
    const places = finding.cells;
    const text = finding.texts[speech.lang];
    const lines = text.problems.map((line) => el("li", {}, line));
    const rest = lines.splice(LISTED);
    const cells = [...new Set([...places, ...(finding.places ?? [])])].filter((cell) => mends.has(cell));
    const lined = cells.slice(0, 40).map((cell) => el("li", {}, cellLink(cell), " ", mendLine(known.file?.name, mends.get(cell), written)));
    for (const cell of cells) mends.delete(cell);
    // What can be mended has its cell beside the field.
    const links = places.filter((cell) => !cells.includes(cell)).slice(0, 12).flatMap((cell) => [cellLink(cell), " "]);
    return el("li", {}, el("strong", { class: status }, t(`status.${status}`)), text.name ? ` ${text.name}${speech.colon}` : " ",
      marked(text.detail), text.fix ? `${/[。？）]$/.test(text.detail) ? "" : " "}${text.fix}` : "", " ", ...links,
      places.length > 12 ? t("more", places.length - 12) : "", finding.confirmable && places.length === 1 ? confirmButton(known.file?.name, places[0], written) : null, lines.length ? el("ul", {}, ...lines) : null, lined.length ? el("ul", { class: "mends" }, ...lined) : null,
      rest.length ? el("details", {}, el("summary", {}, t("more", rest.length)), el("ul", {}, ...rest)) : null);
  };
  const items = list.map(item);
  const others = items.splice(MANY);
  return el("ul", { class: "findings" }, ...items, others.length ? el("li", {}, el("details", {}, el("summary", {}, t("more", others.length)), el("ul", { class: "findings" }, ...others))) : null);
}

function changes(event, all = false) {
  const moved = event.ranking.filter((city) => city.rank !== city.before);
  const line = (what, from, to, cell = "") => el("li", {}, el("span", {}, what), el("span", { class: "moved" }, `${shown(from)} → ${shown(to)}`, cell && " ", cell));
  // What was typed and is not a number is shown as it was typed.
  const mends = (known.check?.findings ?? []).flatMap((finding) => finding.mends ?? []);
  const typed = new Map(mends.filter((mend) => mend?.old != null).map((mend) => [mend.cell, mend.old]));
  const missed = (value) => (value === "NA" ? t("status.missing") : value);
  const absent = misspelt();
  const values = event.changed.filter((change) => !absent.has(change.unit)).map(({ unit, code, from, to, cell }) => line(about([unit, code]), missed(from), to === "NA" ? typed.get(cell) ?? missed(to) : to, cellLink(cell)));
  const far = (city) => Math.abs((city.before ?? Infinity) - (city.rank ?? Infinity)) || 0;
  const ranks = moved.sort((a, b) => far(b) - far(a)).map((city) => line(nameOf(city), city.before, city.rank));
  const rest = all ? 0 : values.splice(LISTED).length + ranks.splice(LISTED).length;
  const list = (kind, items, head) => (items.length ? [helpText(t(head)), el("ul", { class: `lines ${kind}` }, ...items)] : []);
  $("changed").replaceChildren(...list("values", values, "changed.values"), ...list("ranks", ranks, "changed.ranks"),
    ...(rest ? [button(t("show_more", rest), () => changes(event, true))] : []));
  $("changed").parentElement.hidden = !$("changed").hasChildNodes();
}

function missing({ cells, count, spare: unneeded }, all = false) {
  const absent = misspelt();
  const named = cells.filter((blank) => !absent.has(blank.unit));
  const blanks = { cells: named, count: count - cells.length + named.length, spare: unneeded };
  const names = listed([...absent].map(cityName));
  drawMissing(blanks, all);
  if (names) $("missing").append(helpText(t("missing_misspelt", names)));
  $("missing").parentElement.hidden = !names && !blanks.count && !blanks.spare;
}

function drawMissing(blanks, all) {
  const spare = blanks.spare && blanks.count ? [helpText(t("missing_spare", blanks.spare))] : [];
  if (!blanks.count) {
    $("missing").replaceChildren(helpText(t(blanks.spare ? "missing_needed" : "missing_none", blanks.spare)));
    return;
  }
  const rows = blanks.cells.slice(0, all ? blanks.cells.length : 20).map((blank) => [cityName(blank.unit), nodeText(blank.code), el("div", {}, ...(blank.cell ? [cellLink(blank.cell), mendLine(known.file?.name, blank, written)] : [t("missing_no_row")]))]);
  const rest = blanks.count - rows.length;
  const more = !all && rest > 0 && button(t("show_all", blanks.count), () => missing(known.overview.missing, true));
  $("missing").replaceChildren(el("p", {}, t("missing_count", blanks.count)), table([["city"], ["indicator"], ["cell"]], rows),
    ...(more ? [more] : []), ...spare, ...(all && rest ? [el("p", {}, t("more", rest))] : []));
}

// City -> its rank in the previous edition, where that was compared.
const lastEdition = new Map();

// A rank that did not move shows nothing, nor does any while errors are open. Where the previous
// edition was compared, it has no rank for a city that did not move.
function moveMark(city) {
  const before = lastEdition.size ? lastEdition.get(city.unit) : city.before;
  if (before === city.rank || before == null || city.rank == null || known.check?.verdict === "fail") return "";
  const up = before - city.rank;
  return el("span", {}, el("span", { "aria-hidden": "true" }, `${up > 0 ? "▲" : "▼"}${Math.abs(up)}`), el("span", { class: "ears" }, t(up > 0 ? "moved.up" : "moved.down", Math.abs(up))));
}

// What a check says of ranks: they are drawn anew only where that has changed.
const rankingState = () => JSON.stringify([known.check?.verdict === "fail", (known.check?.causes ?? []).map((cause) => cause.doubt?.unit)]);
let drawnState = "";

function ranking() {
  drawnState = rankingState();
  drawRanking({ moved: moveMark, since: lastEdition.size ? "since_edition" : "since_save", link: cellLink,
    follow, isFollowed, drawn: placeTrace });
}

// -- trace -------------------------------------------------------------------
// The steps of a score stand below its city, those of any other cell below the ranking.
const traceBox = $("trace");
let [tracedCell, tracedUnit] = ["", ""];
const isFollowed = (city) => Boolean(city.cell) && tracedCell === city.cell;

// The formula of a score is shown, and put away again.
async function follow(city) {
  if (!isFollowed(city)) {
    $("cell").value = city.cell;
    return traced("trace", { cell: city.cell });
  }
  [tracedCell, tracedUnit] = ["", ""];
  return traceBox.replaceChildren();
}

function placeTrace() {
  const isOwn = known.overview?.ranking.some((city) => city.unit === tracedUnit && city.cell === tracedCell);
  ((isOwn && $("trace-slot")) || $("trace-sheet")).append(traceBox);
}

async function traced(command, given, unfolded = new Set()) {
  $("trace-hint").hidden = true;
  try {
    const origin = await ask(command, given, traceBox);
    choose("cities", origin.unit);
    choose("nodes", origin.node);
    [tracedCell, tracedUnit] = [origin.cell, origin.unit];
    traceBox.replaceChildren(el("ul", { class: "tree" }, step(origin, unfolded)));
  } catch (error) {
    showError(error, traceBox);
  }
  placeTrace();
}

// A cell may be about no city or node, or about one that has no score.
function choose(id, value) {
  if ([...$(id).options].some((option) => option.value === value)) $(id).value = value;
}

const traceCell = (cell) => {
  showDoor("fill");
  $("cell").value = cell;
  return traced("trace", { cell }).then(() => traceBox.scrollIntoView({ block: "nearest" }));
};

// A cell with what it reads, below another one: the first one is unfolded.
function step(node, unfolded, above = "") {
  const path = `${above}/${node.cell}`;
  const inside = el("ul", {});
  const foldable = Boolean(node.formula) || node.inputs.length > 0;
  const fill = (origin) => inside.replaceChildren(...origin.inputs.filter((input) => input.role === "value").map((input) => step(input, unfolded, path)),
    ...origin.inputs.filter((input) => input.role !== "value").map((input) => step(input, unfolded, path)));
  const filled = node.inputs.length > 0;
  if (filled) fill(node);
  inside.hidden = above !== "";
  const label = (unfolded) => t(unfolded ? "close_step" : "open_step", node.cell);
  const fold = foldable && foldButton(inside, label, filled ? null : async () => fill(await ask("trace", { cell: node.cell })));
  if (fold) fold.dataset.path = path;
  if (fold && inside.hidden && unfolded.has(path)) fold.click();
  const { label: name, source, marks } = node.texts[speech.lang];
  return el("li", {}, fold || null, name ? `${name} ` : "", el("span", { class: "value" }, node.kind === "range" ? "" : shown(node.value)),
    " ", el("code", {}, node.cell), marks ? ` (${marks})` : "", node.arithmetic ? el("div", {}, `= ${node.arithmetic}`) : null, node.formula ? el("div", {}, el("code", {}, node.formula)) : null,
    source ? el("div", {}, `${t("source")}${speech.colon}${source}`) : null, inside);
}

// -- commands ----------------------------------------------------------------
function answer(heading, content, focus = true) {
  const box = $("answer");
  box.hidden = !document.querySelector("#doors [data-door=more][aria-current], #doors [data-door=fill][aria-current]");
  box.classList.remove("empty");
  box.firstElementChild.textContent = heading;
  box.lastElementChild.replaceChildren(content);
  if (focus) box.focus();
}

async function command(id, drawn, given, focus) {
  // What the workbook is compared with stands in the heading.
  const heading = given?.second ? `${t(`command.${id}`)}${speech.colon}${handedName(given.second)} → ${known.file?.name}` : t(`command.${id}`);
  try {
    const answered = await ask(id, given, $("answer"));
    answer(heading, drawn(answered), focus);
    return answered;
  } catch (error) {
    if (!(error instanceof Passed)) answer(heading, el("p", { class: "fail" }, error.message), focus);
  }
  return null;
}

const drawMoves = (compared) => moves(compared, traceCell);
const drawCompare = (compared) => {
  const what = (change) => [change.texts[speech.lang].kind, change.unit && cityName(change.unit), change.indicator && nodeText(change.indicator)].filter(Boolean).join(" · ");
  // Numbers are shown as everywhere, texts in the language of the page.
  const sides = (change) => ["from", "to"].map((side) => (typeof change[side] === "string" ? change.texts[speech.lang][side] : change[side]));
  const rows = compared.cells.map((change) => [change.cell ? cellLink(`${change.sheet}!${change.cell}`) : change.sheet ?? "", what(change), ...sides(change)]);
  return el("div", {}, drawMoves(compared),
    el("details", {}, el("summary", {}, t("differences", rows.length)), table([["cell"], ["what"], ["from", true], ["to", true]], rows)));
};

function commands() {
  const asking = (id, drawn) => button(t(`command.${id}`), () => command(id, drawn), { "data-command": id, title: t(`command.${id}.help`) });
  const compare = (second) => command("compare", drawCompare, { second });
  const edition = el("select", { id: "edition" });
  const begin = button(t("command.compare"), () => (edition.value ? compare(edition.value) : edition.focus()), { id: "compare" });
  const file = el("input", { type: "file", accept: ".xlsx,.xlsm", id: "second", "aria-label": t("compare_with") });
  file.addEventListener("change", async () => {
    if (!file.files.length) return;
    await compare((await hand(file.files[0])).file);
    file.value = "";
  });
  $("commands").replaceChildren(el("p", {}, asking("moves", drawMoves), " ", el("span", { class: "help" }, t("command.moves.help"))),
    el("span", { class: "file" }, el("label", { for: "edition" }, t("compare_with")), " ", edition, " ", begin, " ", el("label", { class: "upload" }, t("need.choose_file"), file)));
  editions();
}

// Workbooks of the folder that the one on the screen can be compared with.
function editions() {
  const others = [...$("workbooks").options].map((option) => option.value).filter((name) => name && name !== $("workbooks").value);
  if ($("edition")) options($("edition"), [["", t("compare_choose")], ...others.map((name) => [name, name])]);
}

// -- start -------------------------------------------------------------------
const speak = latest(() => get(`texts?lang=${speech.lang}`), async (texts) => {
  speech.texts = texts;
  document.documentElement.lang = speech.lang === "zh" ? "zh-CN" : "en";
  for (const element of document.querySelectorAll("[data-text]")) element.textContent = t(element.dataset.text);
  $("language").lang = speech.lang === "zh" ? "en" : "zh-CN";
  document.title = t("title");
  for (const name of ["aria-label", "placeholder"]) $("search").setAttribute(name, t("search"));
  $("doors").setAttribute("aria-label", t("doors"));
  commands();
  await speakActions();
  if (!known.check) $("verdict").textContent = known.file ? t("verdict.") : "";
  for (const [kind, event] of Object.entries(known)) draw[kind]?.(event);
});

const workbooks = latest(() => get("workbooks"), (listed) => {
  const first = listed.open ? [] : [["", listed.files.length ? t("choose") : t("empty_folder")]];
  options($("workbooks"), [...first, ...listed.files.map((name) => [name, name])]);
  if (listed.open) $("workbooks").value = listed.open;
  document.body.classList.toggle("no-workbook", !listed.open);
  const others = listed.files.filter((name) => name !== listed.open);
  $("carry-on").hidden = !listed.files.length;
  const line = (name) => el("li", {}, button(titleOf(name), () => show(name), { class: "link" }), el("span", { class: "help" }, `${name} · ${when(listed.saved[name])}`));
  $("carry-on").lastElementChild.replaceChildren(...[listed.open, ...others].filter(Boolean).map(line));
  editions();
});

// Nothing of the workbook that was shown stays.
function forget() {
  era += 1;
  for (const kind of Object.keys(known)) if (kind !== "run") delete known[kind];
  traceBox.replaceChildren();
  for (const id of ["findings", "checks", "changed", "missing", "ranking", "about"]) $(id).replaceChildren();
  for (const id of ["ranking-sheet", "where"]) $(id).hidden = true;
  for (const id of ["cities", "nodes"]) options($(id), []);
  $("cell").value = $("refused").textContent = tracedCell = tracedUnit = "";
  $("trace-hint").hidden = false;
  $("answer").classList.add("empty");
  $("synthetic").hidden = true;
  $("verdict").className = "verdict";
  $("verdict").textContent = t("verdict.");
  $("next").replaceChildren();
  document.body.classList.remove("foreign");
  lastEdition.clear();
  settled.clear();
  lookedAt = "";
  problems([]);
  leaveActions();
}

// Shows a workbook; returns its name, or "" where it cannot be opened: the one before is shown again.
// What the server sends before the page listens is lost; it sends it again to a page that begins to.
let stream = null;
let asking = 0;
async function show(asked) {
  forget();
  showDoor("fill");
  asking += 1;
  let name = "";
  try {
    name = (await send("open", { name: asked })).name;
  } catch (error) {
    $("refused").textContent = error.message;
  }
  asking -= 1;
  listen();
  await workbooks();
  return name;
}

onShow(async (asked) => {
  const name = await show(asked);
  $("status").scrollIntoView({ block: "nearest" });
  return name;
});
// Who moved since the previous edition is shown with the new one, once it is read as it was filled: with ranks.
onNext(async (before, told = () => []) => {
  const ranked = () => known.overview?.ranking.some((city) => city.rank != null);
  const asked = era;
  for (let tries = 0; tries < 300 && !ranked(); tries += 1) await new Promise((later) => { setTimeout(later, 100); });
  if (asked !== era) return;
  const compared = before && await command("compare", (found) => el("div", {}, ...told(found), drawCompare(found)), { second: before }, false);
  for (const move of compared?.ranks ?? []) if (move.node === root()?.code) lastEdition.set(move.unit, move.from);
  ranking();
});
$("workbooks").addEventListener("change", (event) => event.target.value && show(event.target.value));
$("language").addEventListener("click", async () => {
  speech.lang = speech.lang === "zh" ? "en" : "zh";
  localStorage.setItem("xlcity.lang", speech.lang);
  await speak();
  await workbooks();
});
$("search").addEventListener("input", ranking);
document.addEventListener("wrote", () => known.check && draw.check(known.check));
$("cancel").addEventListener("click", () => send("cancel", {}));
$("ask-trace").addEventListener("submit", (event) => {
  event.preventDefault();
  const cell = $("cell").value.trim();
  if (cell) traced("trace", { cell });
  else traced("trace", { cell: $("cities").value, node: $("nodes").value });
});
for (const id of ["cities", "nodes"]) $(id).addEventListener("change", () => { $("cell").value = ""; });

const traceAddress = () => location.hash && known.file && !actionOf(location.hash.slice(1)) && traceCell(decodeURIComponent(location.hash.slice(1)));
window.addEventListener("hashchange", traceAddress);

startActions();
await speak();
await workbooks();
showFirstDoor($("workbooks").value ? "fill" : "start");
openAsked();
// Yields what the server tells, until the connection ends.
async function* told(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read().catch(() => ({ done: true }));
    if (done) return;
    const parts = (rest + value).split("\n\n");
    rest = parts.pop();
    for (const part of parts) if (part.startsWith("data: ")) yield JSON.parse(part.slice(6));
  }
}
const AGAIN = 3000; // milliseconds until the server is asked again
async function listen() {
  stream?.abort();
  const mine = stream = new AbortController();
  while (stream === mine) {
    const answer = await request("events", { signal: mine.signal }).catch(() => null);
    if (stream !== mine) return;
    if (answer && known.file) draw.file(known.file);
    if (answer) for await (const event of told(answer.body)) {
      if (stream !== mine) return;
      try {
        receive(event);
      } catch (error) {
        reportError(error);
      }
    }
    if (stream !== mine) return;
    if ($("state")) $("state").textContent = t("gone");
    await new Promise((resolve) => setTimeout(resolve, AGAIN));
  }
}
function receive(event) {
  if (asking && event.kind !== "run") return;
  const first = event.kind === "file" && known.file?.name !== event.name;
  if (first && known.file) forget(); // another window has chosen another workbook
  known[event.kind] = event;
  keepField(() => known[event.kind] === event && draw[event.kind]?.(event));
  if (first) {
    refresh();
    workbooks();
    traceAddress();
  }
  if (event.kind === "run" && event.state !== "running") workbooks();
}
listen();
// Back from the spreadsheet program: tables and workbooks may have been saved there.
window.addEventListener("focus", () => {
  for (const refused of document.querySelectorAll("#findings .mend .fail")) refused.remove(); // it may be closed there by now
  Promise.all([refresh(), workbooks()]).catch(() => {});
});
