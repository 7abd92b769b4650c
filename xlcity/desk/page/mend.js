// What a click mends: a value for a cell is written into its file, and taken back.
import { showBook, showDoor } from "./actions.js";
import { button, el, enterField, listed, scrolled, send, shown, speech, t } from "./common.js";

// File -> what was mended in it on this page, each in words.
const mended = {};
// File that was made here -> the workbook that was shown before.
const made = {};
const note = (file, what) => { mended[file] = [...(mended[file] ?? []), what]; };

// An action has written a file: that can be taken back as a mend is.
export function wrote(file, former = null, what = "") {
  note(file, what);
  if (former !== null) made[file] = former;
  document.dispatchEvent(new Event("wrote")); // the button that takes it back is shown
}
// Takes back the last step that wrote a file; returns whether it has gone. What was shown before is shown again.
export async function takeBack(file) {
  const { gone } = await send("ask", { command: "undo", given: { table: file } });
  mended[file]?.pop();
  if (gone && made[file]) await showBook(made[file]);
  else if (gone && made[file] === "") showDoor("start");
  if (gone) delete made[file];
  return gone;
}

// Cell -> what is typed for it and not yet written: a list that is drawn anew keeps it.
const drafts = {};
export const cellParts = (address) => { const mark = address.lastIndexOf("!"); return [address.slice(0, mark).replace(/^'|'$/g, ""), address.slice(mark + 1)]; };
const typed = (text) => (text !== "" && Number.isFinite(Number(text)) ? Number(text) : text);

// Writes [address, value] pairs, then goes on with `done`; what is refused is said in `box`.
async function write(file, pairs, done, box) {
  await tried(box, async () => {
    await send("ask", { command: "mend", given: { table: file, cells: JSON.stringify(pairs.map(([cell, value]) => [...cellParts(cell), value])) } });
    note(file, listed(pairs.slice(0, 3).map(([cell, value]) => `${cell} → ${value == null ? t("status.missing") : shown(value)}`)) + (pairs.length > 3 ? ` ${t("more", pairs.length - 3)}` : ""));
    for (const [cell] of pairs) delete drafts[file + cell];
    await done();
  });
}

async function tried(box, work) {
  const buttons = [...document.querySelectorAll(".mend button")];
  for (const button of buttons) button.disabled = true;
  try {
    await work();
  } catch (error) {
    box.replaceChildren(el("p", { class: "fail" }, error.message));
  } finally {
    for (const button of buttons) button.disabled = false;
  }
}

// A line on one cell: what stands there, what is meant, and what else it may be.
export function mendLine(file, mend, done) {
  const box = el("span", { role: "alert" });
  const letters = mend.letters ?? [];
  const go = (value) => write(file, [[mend.cell, value]], done, box);
  const own = () => (input.value.trim() ? go(typed(input.value.trim())) : input.focus());
  const input = enterField({ id: `mend-${mend.cell}`, value: drafts[file + mend.cell] ?? mend.new ?? "", size: 9, "aria-label": t("mend.value", mend.cell) }, own);
  input.addEventListener("input", () => { drafts[file + mend.cell] = input.value; });
  return el("span", { class: "mend" }, ...(mend.old == null ? [] : [el("span", { class: "old" }, shown(mend.old)), " → "]), input, mend.certain ? el("span", { class: "sure", title: t("mend.certain") }, "✓") : null, " ",
    button(t(mend.old == null ? "mend.fill" : "mend.write"), own), " ",
    mend.city ? null : button(t("mend.missing"), () => go(null), { class: "link" }),
    letters.length ? el("span", { class: "help" }, t("mend.letters", listed(letters))) : null, box); // a city is not missing
}

// A cell of a table that cannot be read, or is doubtful: mended here, in the file. `place` shows where it is.
export function cellQuestion(file, sheet, problem, done, place = (cell) => el("strong", {}, cell)) {
  const line = () => mendLine(file, { ...problem, cell: `${sheet}!${problem.cell.split(",")[0]}` }, done);
  return el("li", {}, el("strong", {}, problem.about), " ", problem.cell ? place(problem.cell) : null, el("div", { class: "help" }, problem.text.replace(" 00:00:00", "")), problem.cell ? line() : null);
}

// Two rows of a city: what differs, and the answers, each the row that is left out.
export function doubleAnswers({ rows, cells }) {
  const other = (row) => rows.find((each) => each !== row);
  const lines = rows.map((row, index) => el("tr", {}, el("th", { scope: "row" }, t("adopt.row_number", row)), ...cells.map((cell) => el("td", {}, cell.values[index] || "–"))));
  const heads = el("tr", {}, el("td", {}), ...cells.map((cell) => el("th", { scope: "col" }, cell.name)));
  const body = cells.length ? scrolled(t("adopt.doubles"),
    el("table", {}, el("thead", {}, heads), el("tbody", {}, ...lines))) : el("div", { class: "help" }, t("adopt.same_rows"));
  return { body, answers: rows.map((row) => [other(row), t("adopt.right_row", row)]) };
}

// A button that notes at a cell that its value is right.
export function confirmButton(file, cell, done) {
  const box = el("span", { role: "alert" });
  const go = () => tried(box, async () => {
    await send("ask", { command: "confirm", given: { table: file, cell } });
    note(file, `${cell}${speech.colon}${t("mend.right")}`);
    await done();
  });
  return el("span", { class: "mend" }, " ", button(t("mend.right"), go), box);
}

// Buttons above a list: mend what is certain at once, and take the last mend back.
export function mendButtons(file, list, done) {
  const certain = list.filter((mend) => mend.certain);
  const box = el("span", { role: "alert" });
  const all = certain.length > 1 && button(t("mend.all", certain.length), () => write(file, certain.map((mend) => [mend.cell, mend.new]), done, box), { class: "go" });
  const back = async () => { if (!(await takeBack(file))) await done(); };
  const undo = mended[file]?.length > 0 && button(t("mend.undo"), () => tried(box, back));
  return all || undo ? el("p", { class: "buttons mend" }, all || null, undo || null, undo ? el("span", { class: "help" }, mended[file].at(-1)) : null, box) : null;
}
