// What can be made: a form for each action the server declares, how it goes on, and what it wrote.
import { assessment } from "./assess.js";
import { following, readProof } from "./proof.js";
import { takeBack } from "./mend.js";
import { $, addressOf, bars, button, el, get, hand, helpText, keepLink, known, latest, leaves, listed, nameOf, nodeText, number, once, options, send, speech, stem, t, when } from "./common.js";

const state = {
  actions: [], reports: [], files: [], maps: [], handed: [], shown: null, running: false,
};
const tables = /(?<!\.seal)\.(csv|tsv|txt|xlsx|xlsm)$/i;
const fits = { book: /\.(xlsx|xlsm)$/i, table: tables, file: /\.(toml|csv)$/i, document: /\.docx$/i };
const fit = (need) => fits[need.id === "template" ? "document" : need.kind];
const takes = (need, name) => need.kind in fits && fit(need).test(name);

export const openBook = () => known.file?.name ?? "";
const openTemplate = () => (document.body.classList.contains("foreign") ? "" : openBook());
export const actionOf = (id) => state.actions.find((action) => action.id === id);
export const needOf = (action, id) => actionOf(action).needs.find((need) => need.id === id);

// -- one need of a form ------------------------------------------------------
function choices(need) {
  const own = state.files.filter((name) => takes(need, name) && !(need.kind === "book" && name === openBook()));
  // Copies that are merged are templates.
  const isOffered = (file) => (need.kind === "file" || takes(need, file.name)) && !(need.many && need.kind === "book" && file.isTable);
  const handed = state.handed.filter(isOffered).map((file) => [file.file, file.name]);
  return [...handed, ...own.map((name) => [name, name])];
}

// What a file that was handed over is called by the person; any other has its own name.
export const handedName = (file) => state.handed.find((known) => known.file === file)?.name ?? file;

export function picker(need, id) {
  const box = el("div", { class: "pick" });
  const file = el("input", { type: "file", id: `${id}-file`, multiple: need.many, "aria-label": t("need.other_file", need.label) });
  const list = need.many ? el("div", { class: "several" }) : el("select", { id, name: need.id });
  const fill = (chosen = []) => {
    const pairs = choices(need);
    if (!need.many) {
      options(list, [["", t(pairs.length ? "need.none" : "need.no_file")], ...pairs]);
      if (chosen.length) list.value = chosen[0];
      return;
    }
    const ticked = [...list.querySelectorAll("input:checked")].map((checkbox) => checkbox.value);
    const checkbox = (value) => el("input", { type: "checkbox", name: need.id, value, checked: [...ticked, ...chosen].includes(value) });
    list.replaceChildren(...pairs.map(([value, name]) => el("label", {}, checkbox(value), ` ${name}`)));
  };
  file.addEventListener("change", async () => {
    const handed = await Promise.all([...file.files].map(hand));
    state.handed.unshift(...handed);
    file.value = "";
    fill(handed.map((file) => file.file));
    list.dispatchEvent(new Event("change"));
  });
  fill();
  box.append(list, el("label", { class: "upload" }, t("need.choose_file"), file));
  box.fill = fill;
  return box;
}

const standing = (text) => text.replace("{book}", stem(openBook())).replace("{lang}", speech.lang).replace("{new}", t("need.new_name"));

function control(need, id) {
  if (need.kind in fits) return picker(need, id);
  if (need.kind === "choice") {
    const select = el("select", { id, name: need.id });
    options(select, need.options);
    const first = standing(need.default);
    if (need.options.some(([value]) => value === first)) select.value = first;
    return select;
  }
  if (need.id === "node" && known.overview) {
    const select = el("select", { id, name: need.id });
    options(select, known.overview.nodes.map((node) => [node.parent ? node.code : "", nodeText(node.code)]));
    return select;
  }
  if (need.kind === "flag") return el("input", { type: "checkbox", id, name: need.id, value: "yes" });
  const type = need.kind === "number" ? { type: "number", min: 1, step: 1 } : { type: "text", spellcheck: "false" };
  return el("input", { ...type, id, name: need.id, value: standing(need.default), autocomplete: "off", required: need.required });
}

function field(need) {
  const id = `need-${need.id}`;
  const answer = control(need, id);
  const help = need.help ? el("span", { class: "help", id: `${id}-help` }, need.help) : null;
  // What has an answer already can be left as it is.
  const name = need.required || need.kind === "flag" || need.default || need.id === "node" ? need.label : t("need.optional", need.label);
  if (help) (answer.matches("input, select") ? answer : answer.querySelector("select, input"))?.setAttribute("aria-describedby", `${id}-help`);
  const label = need.many ? el("span", { class: "name", id: `${id}-name` }, name) : el("label", { class: "name", for: id }, name);
  if (need.many) { answer.setAttribute("role", "group"); answer.setAttribute("aria-labelledby", `${id}-name`); }
  return el("div", { class: "need" }, label, answer, help);
}

// -- forms -------------------------------------------------------------------
// Actions that are asked for step by step: id -> what opens it.
const guides = {};
// Actions that something may be lacking for: id -> tells whether it can begin, and shows what is lacking.
const checks = {};
export const check = (id, ready) => { checks[id] = ready; };
export const guide = (id, open) => { guides[id] = open; };

export function openForm(id, chosen = null) {
  if (guides[id]) {
    guides[id](chosen);
    return null;
  }
  const action = actionOf(id);
  const form = el("form", { novalidate: true }, ...action.needs.map(field));
  form.append(formButtons(t("do", action.name)));
  form.addEventListener("submit", once(() => begin(action, form)));
  form.addEventListener("input", (event) => { event.target.dataset.typed = ""; delete form.dataset.begun; });
  frame(id, form, () => openForm(id));
  const files = [chosen?.copies ?? chosen ?? []].flat();
  if (files.length) form.children[action.needs.findIndex((need) => takes(need, files[0].name))].querySelector(".pick").fill(files.map((file) => file.file));
  return form;
}

export const closeButton = () => button(t("close"), closeForm);

const formButtons = (text) => el("p", { class: "buttons" }, el("button", { class: "main" }, text), " ",
  closeButton());

// Which step a person took last: what is ready later does not lead away from it.
let steps = 0;

// -- the doors: what a person wants, and the actions behind each -----------------
const doorOf = (action) => (["start", "fill", "publish"].includes(action.group) ? action.group : "more");
const isOpen = (door) => Boolean(document.querySelector(`#doors [data-door="${door}"][aria-current]`));

export function showDoor(door) {
  steps += 1;
  markDoor(door);
}

// The door the page begins with was not chosen; one may be open already.
export function showFirstDoor(door) {
  if (!document.querySelector("#doors [aria-current]")) markDoor(door);
}

function markDoor(door) {
  for (const button of document.querySelectorAll("#doors button")) {
    if (button.dataset.door === door) button.setAttribute("aria-current", "page");
    else button.removeAttribute("aria-current");
  }
  for (const part of document.querySelectorAll("[data-of]")) part.hidden = !part.dataset.of.split(" ").includes(door);
}

const usual = (seconds) => (seconds < 60 ? t("usual", seconds) : t("usual.minutes", Math.ceil(seconds / 60)));

// Shows a form with the name and the help of its action; `again` opens it in another language.
export function frame(id, form, again) {
  const action = actionOf(id);
  Object.assign(state, { shown: id, again });
  if (!state.running) hideRun();
  showDoor(doorOf(action));
  $("form-head").textContent = action.name;
  const help = [...(action.on_book && openBook() ? [t("form.book", openBook())] : []), action.help, usual(action.seconds.at(-1))];
  $("form-help").textContent = help.join(speech.lang === "zh" ? "" : " ");
  $("form-box").replaceChildren(form);
  $("form-problems").replaceChildren();
  $("form").hidden = false;
  // What is asked for step by step has the page to itself.
  document.body.classList.toggle("guided", id in guides);
  $("form-head").focus();
  $("dropped").replaceChildren(); // what was dropped is in hand
  $("form").scrollIntoView({ block: "start" });
  refresh().catch(() => {}); // files may have come into the folder
}

// Shows a form that is asked step by step, in the box `plan`; its buttons do what is to be done.
export const framePlan = (id, again, ...content) =>
  frame(id, el("form", { novalidate: true, onsubmit: (event) => event.preventDefault() }, ...content, el("div", { id: "plan", "aria-live": "polite" })), again);

// Asks, and draws the last answer alone: none that comes late, and none once another form has the place of `box`.
// What went wrong is said, and `refused` clears what waited.
export async function askLast(plan, box, ask, drawn, refused = () => {}) {
  plan.asked += 1;
  const mine = plan.asked;
  const isLast = () => mine === plan.asked && $(box);
  try {
    const seen = await ask();
    if (!isLast()) return;
    formProblem("");
    drawn(seen);
  } catch (error) {
    if (!isLast()) return;
    formProblem(error.message);
    refused();
  }
}

// A button elsewhere asked for an action: its form is shown first.
export function openAsked() {
  const id = location.hash.slice(1);
  if (actionOf(id)) openForm(id);
}

// Another workbook is shown: what was asked and made of the one before goes.
export function leaveActions() {
  closeForm();
  if (!state.running) hideRun();
}

function hideRun() {
  $("run").hidden = true;
  delete $("run").dataset.of;
}

export function closeForm() {
  state.shown = null;
  document.body.classList.remove("guided");
  $("form").hidden = true;
}

export function formProblem(text) {
  $("form-problems").replaceChildren(...(text ? [el("p", { class: "fail" }, text)] : []));
}

const formLacks = (names) => formProblem(t("lacking", listed(names)));

async function begin(action, form) {
  const given = {};
  for (const need of action.needs) {
    const values = [...new FormData(form).getAll(need.id)].map((value) => String(value).trim()).filter(Boolean);
    if (values.length) given[need.id] = need.many ? values : values[0];
  }
  const lacking = action.needs.filter((need) => need.required && !given[need.id]);
  if (lacking.length) {
    formLacks(lacking.map((need) => need.label));
    (form.querySelector(`[name="${lacking[0].id}"]`) ?? form.querySelector("input"))?.focus();
    return;
  }
  if (!(await (checks[action.id]?.(given) ?? true))) return;
  form.dataset.begun = "";
  await run(action.id, given);
}

export async function run(action, given, follows = false) {
  formProblem("");
  try {
    await send("do", { action, given, lang: speech.lang, book: openBook() || undefined, follows });
    return true;
  } catch (error) {
    formProblem(error.message);
    return false;
  }
}

// Takes the end of the action that runs.
let waiting = null;

// Runs an action and waits for its end; returns whether the next one may follow. What went wrong is shown.
// What `follows` the step before is taken back with it.
export async function finished(action, given, follows = false) {
  const other = waiting;
  const ended = new Promise((resolve) => { waiting = resolve; });
  if (!(await run(action, given, follows))) {
    waiting = other;
    return false;
  }
  return ["done", "findings"].includes((await ended).state);
}

// -- how it goes on, and what came of it -------------------------------------
const FIRST = 6;
const picture = /\.(svg|png)$/i;

// What a file of a report is, before its name.
const MADE = [[/(^|[\\/])chapter\.\w+\.docx$/, "made.chapter"], [/(^|[\\/])profiles\.\w+\.docx$/, "made.profiles"],
  [/(^|[\\/])report\.\w+\.html$/, "made.page"], [/(^|[\\/])tables\.\w+\.xlsx$/, "made.tables"],
  [/(^|[\\/])slide\.\w+\.pptx$/, "made.slide"]];

const plain = (file) => file.name.split(/[\\/]/).pop();

// A button that opens a file, or the folder, with the program that is meant for it.
const opener = (asked, key) => button(t(key), () => send("start", asked).catch((error) => formProblem(error.message)));

function fileLine(file, finish) {
  const about = MADE.find(([form]) => form.test(file.name))?.[1];
  const link = keepLink(`made/${file.number}`, plain(file), plain(file));
  const open = opener({ number: file.number }, "open_file");
  const show = finish && file.here && file.name !== openBook() && fits.book.test(file.name)
    ? button(t("show_here"), () => finish(file.name), { class: "main" }) : null;
  return el("li", {}, about ? `${t(about)}${speech.colon}` : null, link, " ", show, show ? " " : null, open);
}

export let showBook = async () => {};
export const onShow = (shown) => { showBook = shown; };

// A figure as files: its name, and a link for each format.
const figure = (file) => plain(file).replace(/\.\w+$/, "");
const figureLine = (name, files) => el("li", {}, `${name}${speech.colon}`, ...files.flatMap((file) => [
  keepLink(`made/${file.number}`, plain(file), plain(file).split(".").pop().toUpperCase()), " "]));

// A figure; pressed, it is as wide as its words need.
function drawingOf(file) {
  const enlarge = (event) => event.currentTarget.setAttribute("aria-pressed", String(event.currentTarget.classList.toggle("large")));
  const drawing = el("img", { alt: figure(file) });
  addressOf(`made/${file.number}`).then((address) => { drawing.src = address; }).catch(() => {});
  return button(drawing, enlarge, { class: "drawing", title: t("enlarge"), "aria-pressed": "false" });
}

// A button that takes back what an action has written.
function undoButton(file) {
  const refused = el("span", { role: "alert" });
  const back = () => takeBack(file).catch((error) => refused.replaceChildren(el("span", { class: "fail" }, error.message)));
  return el("span", {}, button(t("run.undo"), once(back), { id: "run-undo", title: t("run.undo.help") }), " ", refused);
}

// What came of an action: its files, what it says, and its figures.
function drawResult(event, numbers) {
  const files = event.files ?? [];
  const names = new Set(files.filter((file) => picture.test(file.name)).map(figure));
  const isCsv = (file) => file.name.endsWith(".csv");
  const isPicture = (file) => names.has(figure(file)) && !isCsv(file);
  const drawings = files.filter(isPicture);
  const own = drawings.filter((file) => file.name.includes(`.${speech.lang}.`));
  const seen = (own.length ? own : drawings).filter((file) => file.name.endsWith(".svg"));
  // A public copy, and what functions are imported into, are for other programs.
  const finish = ["udf", "release"].includes(event.action) ? null : showBook;
  // What is read comes before the tables behind the figures.
  const listed = files.filter((file) => !isPicture(file) && file !== numbers).sort((a, b) => isCsv(a) - isCsv(b));
  const lines = listed.map((file) => fileLine(file, finish));
  const others = lines.splice(Math.min(FIRST, listed.filter((file) => !isCsv(file)).length || FIRST));
  const pictures = seen.length ? [helpText(t("enlarge.help")), el("div", { class: "pictures" }, ...seen.slice(0, 60).map(drawingOf))] : [];
  const formats = [...names].map((name) => figureLine(name, drawings.filter((file) => figure(file) === name)));
  const text = event.text?.trim();
  const look = { class: /\S {2,}\S/.test(text) ? "" : "plain", tabindex: "0", role: "group", "aria-label": t("run.text") };
  const list = (kind, items) => (items.length ? el("ul", { class: kind }, ...items) : null);
  const folded = (key, count, ...content) => (count ? el("details", {}, el("summary", {}, t(key, count)), ...content) : null);
  $("run-result").replaceChildren(...[
    list("files", lines),
    folded("more_files", others.length, list("files", others)),
    lines.length ? el("p", { class: "buttons" }, opener({ folder: true }, "open_folder"), event.undo ? undoButton(event.undo) : null) : null,
    list("notes", (event.notes ?? []).map((note) => el("li", {}, note))),
    text && !numbers ? el("pre", look, text) : null,
    /Trust access|信任对/.test(text) ? el("figure", {}, el("img", { src: "trust.svg", width: 560, height: 232, alt: "" }),
      el("figcaption", { class: "help" }, t("trust"))) : null,
    // What the page draws itself comes first.
    ...(numbers ? [folded("more_pictures", seen.length, ...pictures)] : pictures),
    folded("pictures", names.size, el("ul", {}, ...formats)),
  ].filter(Boolean));
}

export function drawRun(event) {
  const box = $("run");
  // What is shown already is told again after the connection was lost: what was opened in it stays open.
  const told = JSON.stringify([event, speech.lang]);
  if (box.dataset.told === told) return;
  box.dataset.told = told;
  box.hidden = false;
  delete box.dataset.of;
  const name = actionOf(event.action)?.name ?? event.action;
  $("run-head").textContent = `${name}${speech.colon}${t(`run.${event.state}`)}`;
  $("run-head").className = { done: "pass", failed: "fail", findings: "note" }[event.state] ?? "";
  $("run-time").textContent = [event.step, t("seconds", event.seconds)].filter(Boolean).join(" · ");
  const running = event.state === "running";
  $("stop").hidden = !running;
  $("run-close").hidden = running;
  $("progress").hidden = !running;
  if (running) {
    $("run-result").replaceChildren();
    assessment(null);
    if (!state.running) box.scrollIntoView({ block: "nearest" });
    state.running = true;
    return;
  }
  // What came of it stays behind its door.
  if (actionOf(event.action)) box.dataset.of = doorOf(actionOf(event.action));
  // A form with entries in it stays open, whatever comes next.
  if (state.running && ["done", "findings"].includes(event.state) && state.shown === event.action && $("form-box").querySelector("[data-begun]")) closeForm();
  const numbers = event.files?.find((file) => file.name.endsWith("assessment.json")); // drawn, not listed
  drawResult(event, numbers);
  assessment(numbers?.number ?? null);
  if (state.running && isOpen(box.dataset.of)) box.scrollIntoView({ block: "start" });
  state.running = false;
  refresh();
  waiting?.(event);
  waiting = null;
}

// -- files that are dropped --------------------------------------------------
const offers = (name) => state.actions.filter((action) => action.needs.some((need) => takes(need, name)) && (!action.on_book || openTemplate()));

// What a file is: a template, a table (as it would be read), or why it cannot be used.
async function identified(file) {
  if (/\.(ett?|wps|dps)$/i.test(file.name)) return { name: file.name, problem: t("drop.wps") };
  if (/\.(png|jpe?g|gif|bmp|heic|pdf)$/i.test(file.name)) return { name: file.name, problem: t("drop.picture") };
  try {
    const handed = { ...await hand(file), mark: `${file.name} ${file.size} ${file.lastModified}` };
    state.handed = [handed, ...state.handed.filter((other) => other.mark !== handed.mark)]; // each once
    if (!tables.test(handed.name)) return handed;
    const seen = await send("ask", { command: "look", given: { table: handed.file, choices: "{}", lang: speech.lang } });
    handed.isTable = !seen.template;
    return { ...handed, seen, proof: seen.formulas ? await provedOrNot(handed.file) : { refused: {} } };
  } catch (error) {
    return { name: file.name, problem: error.message.replace(`${file.name}: `, "").replace(`${file.name}, `, "") };
  }
}

// The index that formulas tell of, or why there is none.
async function provedOrNot(file) {
  $("dropped").replaceChildren(following());
  return readProof(file).catch((error) => ({ refused: { [speech.lang]: error.message } }));
}

async function dropped(given) {
  const files = [...given].filter((file, k, all) => all.findIndex((other) => other.name === file.name && other.size === file.size) === k); // each once
  $("dropped").replaceChildren(helpText(t("busy.open")));
  const [all, step] = [[], steps];
  if (!state.actions.length) await refresh().catch(() => {}); // a file may be quicker than the page
  for (const file of files) all.push(await identified(file)); // one after the other: the server reads one at a time
  const books = all.filter((file) => file.seen?.template);
  const read = all.filter((file) => file.seen?.preview);
  $("dropped").replaceChildren();
  // What can only mean one thing is begun at once, unless another action was begun meanwhile.
  const stayed = step === steps;
  if (stayed && all.length === 1 && books.length) return showBook(books[0].file);
  const isClear = ({ seen, proof }) => (seen.formulas ? Boolean(proof?.tree) : seen.preview.indicators);
  if (stayed && openTemplate() && all.length > 1 && books.length === all.length) return openForm("merge", { copies: books });
  if (stayed && all.length === 1 && read.length && !openBook() && isClear(read[0])) return openForm("adopt", read[0]);
  if (stayed && all.length === 2 && books.length && read.length) return openForm("roll", { book: books[0], table: read[0] });
  const line = (file) => el("p", {}, el("strong", {}, file.name), speech.colon, describe(file));
  $("dropped").replaceChildren(...all.map((file) => el("div", { class: "given" }, line(file), offerActions(file))));
}

function describe({ problem, seen, proof }) {
  if (problem || !seen) return problem ?? "";
  if (proof?.tree) return t("drop.index", `${proof.units} × ${proof.indicators}`);
  if (seen.formulas && !seen.preview.cities) return t("drop.formulas");
  return seen.template ? t("drop.book") : t("drop.table", `${seen.preview.cities} × ${seen.preview.indicators}`);
}

// Whether a table has as many indicators as the open workbook: then it is another year's.
function isAlike(preview) {
  return preview.indicators === leaves().length;
}

function offerActions(file) {
  if (file.problem) return null;
  const way = (text, go, main) => button(text, go, { class: main ? "go" : "" });
  if (file.seen?.template) return el("p", { class: "buttons" }, way(t("show_here"), () => showBook(file.file), true));
  const here = openTemplate();
  const first = (here ? "fill adopt" : "adopt").split(" ");
  const listed = offers(file.name).sort((a, b) => first.includes(b.id) - first.includes(a.id));
  const next = here && file.seen ? [way(t("next.go"), () => openForm("roll", file), isAlike(file.seen.preview))] : [];
  const opening = (action, number) => way(action.name, () => openForm(action.id, file), number === 0 && !next[0]?.className);
  const buttons = listed.map(opening);
  const others = buttons.splice(first.length);
  if (file.seen?.formulas) buttons.push(way(t("check_formulas"), () => showBook(file.file)));
  return el("p", { class: "buttons" }, ...next, ...buttons,
    others.length ? el("details", {}, el("summary", {}, t("drop.others")), ...others) : null);
}

// How the table of a workbook was read last stays beside it.
export const mapOf = (book) => state.maps.filter((name) => stem(book).startsWith(name.slice(0, -9))).sort((a, b) => b.length - a.length)[0] ?? "";

// Shows the next edition with what is told of the way to it.
export let afterNext = async () => {};
export const onNext = (shown) => { afterNext = shown; };

// -- an example: a published report's ranking in one press ------------------------------------
const EXAMPLE = "xlcity.example";
export const isExample = (name) => Boolean(name) && name === sessionStorage.getItem(EXAMPLE);
let example = null;

async function openExample() {
  const out = `${example.report}${speech.lang === "zh" ? "" : `-${speech.lang}`}.xlsx`;
  sessionStorage.setItem(EXAMPLE, out);
  if (state.files.includes(out) || await finished("new", { report: example.report, lang: speech.lang, out })) await showBook(out);
}

async function drawExample() {
  example ??= await send("ask", { command: "example", given: {} });
  const bar = bars(example.first.map((city) => city.score));
  const line = (city, k) => el("li", {}, el("span", {}, k + 1), el("span", {}, nameOf(city)), bar(city.score), el("span", {}, number(city.score, 1)));
  $("example").hidden = false;
  $("example").replaceChildren(helpText(t("example.lead")), button(t("example"), once(openExample)),
    el("p", { class: "quiet" }, t("example.about", { index: example.name[speech.lang], cities: example.cities })), el("ol", {}, ...example.first.map(line)));
}

// -- what was made of the scores, and what of it is older than they are -------------------------
const languageOf = (file) => /\.(zh|en)\./.exec(file.name)?.[1] ?? speech.lang;

// Makes anew what is out of date: each action once a language.
async function update(old) {
  const again = new Map(old.map((file) => [`${file.action} ${languageOf(file)}`, file]));
  for (const file of again.values()) if (!(await finished(file.action, { ...(file.out ? { out: file.out } : {}), ...(file.action === "report" ? { lang: languageOf(file) } : {}) }))) return;
}

// What was made of the open workbook, or that there is nothing yet, and what is in doubt.
function madeHead(made, old) {
  if (made.length) return t(old.length ? "publish.stale" : "publish.fresh", { count: made.length, old: old.length });
  const doubts = known.check?.headline === "named" ? [known.check.title[speech.lang]] : [];
  return [t("publish.none"), ...doubts].join(speech.lang === "zh" ? "；" : "; ");
}

const goOn = (text, go) => el("p", {}, button(text, go, { class: "go" }));

function madeLine(file) {
  const age = el("span", { class: `mark ${file.stale ? "warn" : "good"}` }, t(file.stale ? "made.stale" : "made.fresh"));
  const keep = keepLink(`made/${file.number}`, plain(file), t("made.keep"));
  return el("li", {}, thumbnail(file), el("div", {}, el("strong", {}, t(`made.${file.kind}`)), age, helpText(`${plain(file)} · ${when(file.saved)}`),
    el("p", { class: "buttons" }, keep, opener({ number: file.number }, "open_file"))));
}

// The one main button of the list: what is out of date is made again, of nothing a report.
function madeStep(made, old) {
  if (old.length) return [goOn(t("publish.update", old.length), once(() => update(old)))];
  return made.length || !openBook() ? [] : [goOn(t("next.report"), () => openForm("report"))];
}

export function drawMade() {
  const made = state.made ?? [];
  const old = made.filter((file) => file.stale);
  $("made-head").textContent = madeHead(made, old);
  const words = JSON.stringify([speech.lang, made, Boolean(openBook())]);
  if ($("made").dataset.drawn === words) return;
  $("made").dataset.drawn = words;
  const lines = made.length ? [el("ul", { class: "made" }, ...made.map(madeLine))] : [];
  $("made").replaceChildren(...madeStep(made, old), ...lines, el("h2", {}, t("publish.more")));
}

// The picture itself, or a sketch of what kind of file it is.
function thumbnail(file) {
  if (file.kind !== "picture") return el("span", { class: `thumb ${file.kind}`, "aria-hidden": "true" }, el("i"), el("i"), el("i"), el("i"));
  const drawing = el("img", { class: "thumb", alt: "" });
  addressOf(`made/${file.number}`).then((address) => { drawing.src = address; }).catch(() => {});
  return drawing;
}

// -- ready-made workbooks: those of the reports, by the names that the project's folder has for them -----------
function openReady(report, isEmpty) {
  openForm("new");
  const language = speech.lang === "zh" ? "" : `-${speech.lang}`;
  $("need-report").value = report;
  $("need-empty").checked = isEmpty;
  $("need-out").value = `${report}${language}${isEmpty ? "-empty" : ""}.xlsx`;
  state.again = () => openReady(report, isEmpty);
}

function drawReady() {
  const link = (report, name, isEmpty) => {
    const kind = t(isEmpty ? "ready.empty" : "ready.filled");
    return button(kind, () => openReady(report, isEmpty), { class: "link", "aria-label": `${name}${speech.colon}${kind}` });
  };
  const line = ([report, name]) => el("li", {}, `${name}${speech.colon}`, link(report, name, false), " · ", link(report, name, true));
  const reports = needOf("new", "report").options.filter(([report]) => state.reports.includes(report));
  const words = JSON.stringify([speech.lang, reports]);
  if ($("ready").dataset.drawn !== words) $("ready").replaceChildren(...reports.map(line));
  $("ready").dataset.drawn = words;
}

// What a workbook of a report is called; any other one by its file.
export function titleOf(file) {
  const [, report, language = ""] = /^(.*?)(-en|-zh)?$/.exec(stem(file));
  const title = actionOf("new") && needOf("new", "report").options.find(([id]) => id === report)?.[1];
  return title ? `${title}${language && ` · ${t(`language${language}`)}`}` : stem(file);
}

export const refresh = latest(() => get(`actions?lang=${speech.lang}`), (listed) => {
  Object.assign(state, listed);
  for (const box of document.querySelectorAll("[data-actions]")) {
    const actions = state.actions.filter((action) => doorOf(action) === box.dataset.actions);
    // Drawn anew only where the words changed: a button that is replaced under the pointer loses its click.
    const words = JSON.stringify(actions.map(({ id, name, help }) => [id, name, help]));
    if (box.dataset.drawn !== words) box.replaceChildren(...actions.map((action) => el("div", { class: "card" }, el("button", {
      type: "button", "data-action": action.id, "aria-describedby": `about-${action.id}`, onclick: () => openForm(action.id),
    }, action.name), el("p", { class: "help", id: `about-${action.id}` }, action.help))));
    box.dataset.drawn = words;
    for (const button of box.querySelectorAll("button")) {
      button.disabled = actionOf(button.dataset.action).on_book && !openBook();
      button.nextElementSibling.textContent = actionOf(button.dataset.action).help + (button.disabled ? t("needs_book") : "");
    }
  }
  drawReady();
  drawMade();
  $("folder").textContent = t("folder", state.folder);
  for (const list of document.querySelectorAll("#form .pick")) list.fill();
});

export function startActions() {
  window.addEventListener("focus", () => state.shown && refresh().catch(() => {}));
  for (const button of document.querySelectorAll("button[data-door]")) button.addEventListener("click", () => { closeForm(); showDoor(button.dataset.door); });
  const zone = $("drop");
  const over = (on) => (event) => { event.preventDefault(); zone.classList.toggle("over", on); };
  for (const name of ["dragenter", "dragover"]) document.addEventListener(name, over(true));
  document.addEventListener("dragleave", over(false));
  document.addEventListener("drop", (event) => { over(false)(event); showDoor("start"); dropped(event.dataTransfer.files); });
  $("drop-file").addEventListener("change", async (event) => { await dropped(event.target.files); event.target.value = ""; });
  // A menu closes with what is pressed elsewhere, in it, and with Escape.
  document.addEventListener("click", (event) => { for (const menu of document.querySelectorAll(".menu[open]")) if (!event.target.closest("summary")) menu.open = false; });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") for (const menu of document.querySelectorAll(".menu[open]")) menu.open = false; });
  $("stop").addEventListener("click", () => send("stop", {}));
  $("run-close").addEventListener("click", hideRun);
}

// The words changed: what stands there is drawn anew.
export async function speakActions() {
  await refresh();
  drawExample().catch(() => {});
  if (!state.shown) return;
  const typed = [...$("form-box").querySelectorAll("[data-typed]")];
  state.again();
  for (const { id, value, checked } of typed) if ($(id)) Object.assign($(id), { value, checked }).dataset.typed = "";
}
