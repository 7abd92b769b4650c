// Questions that only a person can answer: a box for each, its answers as buttons; one that is
// answered folds to a line and can be answered anew. Text of tables is set as text, never as HTML.
import { $, el, speech, t } from "./common.js";

export const listed = (names) => names.join(speech.lang === "zh" ? "、" : ", ");

// A question: id, title, tag, help, body; `answers` are [value, text]; `pick` and `typed` lead to
// others, `read` tells what a typed text means.
function box({ id, title, tag, help, body, answers = [], pick, typed, read = (text) => text }, given, answer) {
  const head = el("h4", { "aria-level": 3, id: `ask-${id}`, tabindex: "-1" }, title, tag ? el("span", { class: "tag" }, tag) : null);
  if (given) {
    return el("section", { class: "ask done" }, head, el("p", {}, el("span", { class: "pass" }, given.text), " ",
      el("button", { type: "button", class: "link", onclick: () => answer(id, null) }, t("ask.change"))));
  }
  const button = ([value, text]) => el("button", { type: "button", onclick: () => answer(id, { value, text }) }, text);
  const other = pick?.options.length && el("select", { "aria-label": pick.label, onchange: ({ target }) => target.value && answer(id, { value: pick.value(target.value), text: `${pick.label} ${target.selectedOptions[0].text}` }) },
    el("option", { value: "" }, `${pick.label}…`), ...pick.options.map(([value, text]) => el("option", { value }, text)));
  const input = typed && el("input", { id: `ask-own-${id}`, size: 9, autocomplete: "off", "aria-label": typed });
  const own = () => {
    const text = input.value.trim();
    const value = text && read(text);
    if (!value) return input.focus();
    return answer(id, { value, text: `${typed} ${text}`, own: true });
  };
  input?.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); own(); } });
  return el("section", { class: "ask" }, head, help ? el("p", { class: "help" }, help) : null, body ?? null,
    el("p", { class: "buttons" }, ...answers.map(button), other || null, input ?? null, input ? el("button", { type: "button", onclick: own }, typed) : null));
}

// Boxes of questions; `given` has id -> { value, text }.
export const boxes = (questions, given, answer) => el("div", { class: "asks" }, ...questions.map((one) => box(one, given.get(one.id), answer)));

export const openOf = (questions, given) => questions.filter(({ id }) => !given.has(id));

// The main button: it leads to what is open, then does what it says.
export function goOn(questions, given, text, go, others = []) {
  const open = openOf(questions, given);
  const next = () => { $(`ask-${open[0].id}`).focus(); $(`ask-${open[0].id}`).scrollIntoView({ block: "center" }); };
  return el("p", { class: "buttons last" }, el("button", { type: "button", class: "main", onclick: open.length ? next : go }, open.length ? t("ask.left", open.length) : text), ...others.flatMap((other) => [" ", other]));
}
