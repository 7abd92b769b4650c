// What can be made: a form for each action the server declares, how it goes on, and what it wrote.
import { assessment } from "./assess.js";
import { $, el, get, hand, has, known, latest, nodeText, once, options, send, speech, t } from "./common.js";

const state = { actions: [], files: [], handed: [], shown: null, running: false };
const tables = /\.(csv|tsv|txt|xlsx|xlsm)$/i;
const fits = { book: /\.(xlsx|xlsm)$/i, table: tables, file: /./ };

const openBook = () => known.file?.name ?? "";
export const actionOf = (id) => state.actions.find((one) => one.id === id);
export const needOf = (action, id) => actionOf(action).needs.find((one) => one.id === id);
const stem = (name) => name.replace(/\.[^.]*$/, "");

// -- one need of a form ------------------------------------------------------
function choices(need) {
  const own = state.files.filter((name) => fits[need.kind].test(name) && !(need.kind === "book" && name === openBook()));
  const handed = state.handed.filter((one) => fits[need.kind].test(one.name)).map((one) => [one.file, one.name]);
  return [...handed, ...own.map((name) => [name, name])];
}

// What a file that was handed over is called by the person; any other has its own name.
export const handedName = (file) => state.handed.find((one) => one.file === file)?.name ?? file;

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
    const before = [...list.querySelectorAll("input:checked")].map((one) => one.value);
    list.replaceChildren(...pairs.map(([value, name]) => el("label", {}, el("input", { type: "checkbox", name: need.id, value, checked: [...before, ...chosen].includes(value) }), ` ${name}`)));
  };
  file.addEventListener("change", async () => {
    const made = await Promise.all([...file.files].map(hand));
    state.handed.unshift(...made);
    file.value = "";
    fill(made.map((one) => one.file));
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
  const made = control(need, id);
  const help = need.help ? el("span", { class: "help", id: `${id}-help` }, need.help) : null;
  // What has an answer already can be left as it is.
  const name = need.required || need.kind === "flag" || need.default || need.id === "node" ? need.label : t("need.optional", need.label);
  if (help) (made.matches("input, select") ? made : made.querySelector("select, input"))?.setAttribute("aria-describedby", `${id}-help`);
  const label = need.many ? el("span", { class: "name", id: `${id}-name` }, name) : el("label", { class: "name", for: id }, name);
  if (need.many) { made.setAttribute("role", "group"); made.setAttribute("aria-labelledby", `${id}-name`); }
  return el("div", { class: "need" }, label, made, help);
}

// -- forms -------------------------------------------------------------------
// Actions that are asked for step by step: id -> what opens it.
const guides = {};
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
  const wanted = chosen && action.needs.findIndex((need) => need.kind in fits && fits[need.kind].test(chosen.name));
  if (chosen) form.children[wanted].querySelector(".pick").fill([chosen.file]);
  return form;
}

export const formButtons = (text) => el("p", { class: "buttons" }, el("button", { class: "main" }, text), " ",
  el("button", { type: "button", onclick: closeForm }, t("close")));

// Which step a person took last: what is ready later leads nobody away from it.
let steps = 0;

// -- the doors: what a person wants, and the actions behind each -----------------
const doorOf = (action) => (["start", "fill", "publish"].includes(action.group) ? action.group : "more");

const isOpen = (door) => Boolean(document.querySelector(`#doors [data-door="${door}"][aria-current]`));

export function showDoor(door) {
  steps += 1;
  markDoor(door);
}

// The door the page begins with is nobody's step; a quick hand may have opened one already.
export function showFirstDoor(door) {
  if (!document.querySelector("#doors [aria-current]")) markDoor(door);
}

function markDoor(door) {
  for (const one of document.querySelectorAll("#doors button")) {
    if (one.dataset.door === door) one.setAttribute("aria-current", "page");
    else one.removeAttribute("aria-current");
  }
  for (const one of document.querySelectorAll("[data-of]")) one.hidden = !one.dataset.of.split(" ").includes(door);
}

const usual = (seconds) => (seconds < 60 ? t("usual", seconds) : t("usual.minutes", Math.ceil(seconds / 60)));

// Shows a form with the name and the help of its action; `again` opens it in another language.
export function frame(id, form, again) {
  const action = actionOf(id);
  Object.assign(state, { shown: id, again });
  if (!state.running) hideRun();
  showDoor(doorOf(action));
  $("form-head").textContent = action.name;
  $("form-help").textContent = `${action.help}${speech.lang === "zh" ? "" : " "}${usual(action.seconds.at(-1))}`;
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

export const formLacks = (names) => formProblem(t("lacking", names.join(speech.lang === "zh" ? "、" : ", ")));

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
  form.dataset.begun = "";
  await run(action.id, given);
}

export async function run(action, given) {
  formProblem("");
  try {
    await send("do", { action, given, lang: speech.lang, book: openBook() || undefined });
    return true;
  } catch (error) {
    formProblem(error.message);
    return false;
  }
}

// Takes the end of the action that is waited for.
let waiting = null;

// Runs an action and waits for its end; returns whether the next one may follow. What went wrong is shown.
export async function finished(action, given) {
  const other = waiting;
  const ended = new Promise((resolve) => { waiting = resolve; });
  if (!(await run(action, given))) {
    waiting = other;
    return false;
  }
  return ["done", "findings"].includes((await ended).state);
}

// -- how it goes on, and what came of it -------------------------------------
const FIRST = 6;
const picture = /\.(svg|png)$/i;

// What a file of a report is, before its name.
const MADE = [[/(^|[\\/])chapter\.\w+\.docx$/, "made.chapter"], [/(^|[\\/])profiles\.\w+\.docx$/, "made.profiles"], [/(^|[\\/])report\.\w+\.html$/, "made.page"], [/(^|[\\/])tables\.\w+\.xlsx$/, "made.tables"]];

const plain = (one) => one.name.split(/[\\/]/).pop();

function fileLine(one, finish) {
  const about = MADE.find(([form]) => form.test(one.name))?.[1];
  const link = el("a", { href: `made/${one.number}`, download: plain(one) }, plain(one));
  const open = el("button", { type: "button", onclick: () => send("start", { number: one.number }).catch((error) => formProblem(error.message)) }, t("open_file"));
  const show = finish && one.here && one.name !== openBook() && fits.book.test(one.name)
    ? el("button", { type: "button", class: "main", onclick: () => finish(one.name) }, t("show_here")) : null;
  return el("li", {}, about ? `${t(about)}${speech.colon}` : null, link, " ", show, show ? " " : null, open);
}

export let showBook = async () => {};
export const onShow = (shown) => { showBook = shown; };

// A figure as files: its name, and a link for each format.
const figure = (one) => plain(one).replace(/\.\w+$/, "");
const figureLine = (name, files) => el("li", {}, `${name}${speech.colon}`, ...files.flatMap((one) => [
  el("a", { href: `made/${one.number}`, download: plain(one) }, plain(one).split(".").pop().toUpperCase()), " "]));

// A figure; pressed, it is as wide as its words need.
function drawingOf(one) {
  const enlarge = (event) => event.currentTarget.setAttribute("aria-pressed", String(event.currentTarget.classList.toggle("large")));
  return el("button", { type: "button", class: "drawing", title: t("enlarge"), "aria-pressed": "false", onclick: enlarge }, el("img", { src: `made/${one.number}`, alt: figure(one), loading: "lazy" }));
}

export function drawRun(event) {
  const box = $("run");
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
  // A form in which somebody types already what comes next stays open.
  if (state.running && ["done", "findings"].includes(event.state) && state.shown === event.action && $("form-box").querySelector("[data-begun]")) closeForm();
  const files = event.files ?? [];
  const names = new Set(files.filter((one) => picture.test(one.name)).map(figure));
  const isPicture = (one) => names.has(figure(one)) && !one.name.endsWith(".csv");
  const drawings = files.filter(isPicture);
  const own = drawings.filter((one) => one.name.includes(`.${speech.lang}.`));
  const seen = (own.length ? own : drawings).filter((one) => one.name.endsWith(".svg"));
  // What is read comes before the tables behind the figures.
  const isCsv = (one) => one.name.endsWith(".csv");
  const isTable = (text) => /\S {2,}\S/.test(text);
  // A public copy, and what functions are imported into, are for other programs.
  const finish = ["udf", "release"].includes(event.action) ? null : showBook;
  const numbers = files.find((one) => one.name.endsWith("assessment.json")); // drawn, not listed
  const lines = files.filter((one) => !isPicture(one) && one !== numbers).sort((a, b) => isCsv(a) - isCsv(b)).map((one) => fileLine(one, finish));
  const folded = lines.splice(Math.min(FIRST, files.filter((one) => !isPicture(one) && !isCsv(one) && one !== numbers).length || FIRST));
  const others = folded.length > 0 ? el("details", {}, el("summary", {}, t("more_files", folded.length)), el("ul", { class: "files" }, ...folded)) : null;
  const pictures = seen.length ? [el("p", { class: "help" }, t("enlarge.help")), el("div", { class: "pictures" }, ...seen.slice(0, 60).map(drawingOf))] : [];
  const rest = names.size > 0
    ? el("details", {}, el("summary", {}, t("pictures", names.size)), el("ul", {}, ...[...names].map((name) => figureLine(name, drawings.filter((one) => figure(one) === name))))) : null;
  $("run-result").replaceChildren(
    ...(lines.length ? [el("ul", { class: "files" }, ...lines)] : []),
    ...(others ? [others] : []),
    ...(lines.length ? [el("p", {}, el("button", { type: "button", onclick: () => send("start", { folder: true }).catch((error) => formProblem(error.message)) }, t("open_folder")))] : []),
    ...(event.notes?.length ? [el("ul", { class: "notes" }, ...event.notes.map((text) => el("li", {}, text)))] : []),
    ...(event.text?.trim() && !numbers ? [el("pre", { class: isTable(event.text) ? "" : "plain", tabindex: "0", role: "group", "aria-label": t("run.text") }, event.text.trim())] : []),
    ...(/Trust access|信任对/.test(event.text) ? [el("figure", {}, el("img", { src: "trust.svg", width: 560, height: 232, alt: "" }), el("figcaption", { class: "help" }, t("trust")))] : []),
    // What the page draws itself comes first.
    ...(numbers && seen.length ? [el("details", {}, el("summary", {}, t("more_pictures", seen.length)), ...pictures)] : pictures),
    ...(rest ? [rest] : []),
  );
  assessment(numbers?.number ?? null);
  if (state.running && isOpen(box.dataset.of)) box.scrollIntoView({ block: "start" });
  state.running = false;
  refresh();
  waiting?.(event);
  waiting = null;
}

// -- files that are dropped --------------------------------------------------
const offers = (name) => state.actions.filter((action) => action.needs.some((need) => need.kind in fits && fits[need.kind].test(name)) && (!action.on_book || openBook()));

// What a file is: a template, a table (as it would be read), or why it cannot be used.
async function identified(file) {
  if (/\.(ett?|wps|dps)$/i.test(file.name)) return { name: file.name, problem: t("drop.wps") };
  if (/\.(png|jpe?g|gif|bmp|heic|pdf)$/i.test(file.name)) return { name: file.name, problem: t("drop.picture") };
  try {
    const one = await hand(file);
    state.handed.unshift(one);
    if (!tables.test(one.name)) return one;
    return { ...one, seen: await send("ask", { command: "look", given: { table: one.file, choices: "{}", lang: speech.lang } }) };
  } catch (error) {
    return { name: file.name, problem: error.message.replace(`${file.name}${speech.colon}`, "") };
  }
}

async function dropped(files) {
  $("dropped").replaceChildren(el("p", { class: "help" }, t("busy.open")));
  const [all, step] = [[], steps];
  for (const file of files) all.push(await identified(file)); // one after the other: the server reads one at a time
  const books = all.filter((one) => one.seen?.template);
  const read = all.filter((one) => one.seen?.preview);
  $("dropped").replaceChildren();
  // What can only mean one thing is begun at once, unless somebody has gone on meanwhile.
  const stayed = step === steps;
  if (stayed && all.length === 1 && books.length) return showBook(books[0].file);
  if (stayed && all.length === 1 && read.length && !openBook() && read[0].seen.preview.indicators) return openForm("adopt", read[0]);
  if (stayed && all.length === 2 && books.length && read.length) return openNext(books[0], read[0]);
  $("dropped").replaceChildren(...all.map((one) => el("div", { class: "given" }, el("p", {}, el("strong", {}, one.name), speech.colon, what(one)), usable(one))));
}

const what = (one) => one.problem ?? (one.seen?.template ? t("drop.book") : one.seen ? t("drop.table", `${one.seen.preview.cities} × ${one.seen.preview.indicators}`) : "");

// Whether a table has as many indicators as the open workbook: then it is another year's.
function isAlike(preview) {
  const nodes = known.overview?.nodes ?? [];
  return preview.indicators === nodes.filter((node) => !nodes.some((below) => below.parent === node.code)).length;
}

function usable(one) {
  if (one.problem) return null;
  const button = (text, go, main) => el("button", { type: "button", class: main ? "go" : "", onclick: go }, text);
  if (one.seen?.template) return el("p", { class: "buttons" }, button(t("show_here"), () => showBook(one.file), true));
  const here = openBook();
  const first = (here ? "fill adopt" : "adopt").split(" ");
  const listed = offers(one.name).sort((a, b) => first.includes(b.id) - first.includes(a.id));
  const next = here && one.seen ? [button(t("next.go"), () => openNext({ file: here, name: here }, one), isAlike(one.seen.preview))] : [];
  return el("p", { class: "buttons" }, ...next, ...listed.slice(0, first.length).map((action, at) => button(action.name, () => openForm(action.id, one), !at && !next[0]?.className)),
    listed.length > first.length ? el("details", {}, el("summary", {}, t("drop.others")), ...listed.slice(first.length).map((action) => button(action.name, () => openForm(action.id, one)))) : null);
}

// -- the next edition: last year's workbook and this year's table ---------------
const YEAR = /(?:19|20)\d\d/;

function openNext(book, table) {
  const { seen } = table;
  const above = seen.grid.rows.slice(0, seen.header[0]).flat().join(" ");
  const last = YEAR.exec(book.name)?.[0];
  const year = YEAR.exec(`${table.name} ${seen.sheet} ${above}`)?.[0] ?? (last ? String(Number(last) + 1) : "");
  const edition = el("input", { id: "next-edition", value: year, size: 8, autocomplete: "off", oninput: () => { edition.dataset.typed = ""; } });
  const named = () => (last ? book.name.replace(last, edition.value.trim()) : `${stem(book.name)}${edition.value.trim()}.xlsx`);
  const list = el("dl", {}, ...[["next.book", book.name], ["next.table", `${table.name} · ${what(table)}`]].flatMap(([key, text]) => [el("dt", {}, t(key)), el("dd", {}, text)]));
  const form = el("form", { novalidate: true, onsubmit: once(() => rolled(book, table, edition.value.trim(), named())) },
    list, el("p", {}, el("label", { for: "next-edition" }, t("next.edition")), " ", edition), el("p", { class: "help" }, t("next.help")), formButtons(t("next.go")));
  frame("roll", form, () => openNext(book, table));
}

async function rolled(book, table, edition, out) {
  if (!edition) return formLacks([t("next.edition")]);
  const before = await showBook(book.file);
  if (!before) return;
  // How the table was read last year stays beside the workbook.
  const maps = state.files.filter((name) => name.endsWith(".map.toml") && stem(book.name).startsWith(name.slice(0, -9))).sort((a, b) => b.length - a.length);
  if (!(await finished("roll", { edition, out, data: table.file, ...(maps.length ? { table_map: maps[0] } : {}) }))) return;
  await showBook(out);
  await afterNext(before);
}

let afterNext = async () => {};
export const onNext = (shown) => { afterNext = shown; };

export const refresh = latest(() => get(`actions?lang=${speech.lang}`), (found) => {
  Object.assign(state, found);
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
  $("folder").textContent = t("folder", state.folder);
  for (const one of document.querySelectorAll("#form .pick")) one.fill();
});

export function startActions() {
  window.addEventListener("focus", () => state.shown && refresh().catch(() => {}));
  for (const one of document.querySelectorAll("button[data-door]")) one.addEventListener("click", () => { closeForm(); showDoor(one.dataset.door); });
  const zone = $("drop");
  const over = (on) => (event) => { event.preventDefault(); zone.classList.toggle("over", on); };
  for (const name of ["dragenter", "dragover"]) document.addEventListener(name, over(true));
  document.addEventListener("dragleave", over(false));
  document.addEventListener("drop", (event) => { over(false)(event); showDoor("start"); dropped(event.dataTransfer.files); });
  $("drop-file").addEventListener("change", async (event) => { await dropped(event.target.files); event.target.value = ""; });
  $("stop").addEventListener("click", () => send("stop", {}));
  $("run-close").addEventListener("click", hideRun);
}

// The words changed: what stands there is drawn anew.
export async function speakActions() {
  await refresh();
  if (!state.shown) return;
  const typed = [...$("form-box").querySelectorAll("[data-typed]")];
  state.again();
  for (const { id, value, checked } of typed) if ($(id)) Object.assign($(id), { value, checked }).dataset.typed = "";
}
