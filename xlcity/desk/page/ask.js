// Questions that only a person can answer: a box for each, its answers as buttons; one that is
// answered folds to a line and can be answered anew. Text of tables is set as text, never as HTML.
import { $, button, el, enterField, helpText, t } from "./common.js";
import { closeButton } from "./actions.js";

// A question: id, title, tag, help, body; `answers` are [value, text]; `pick` and `typed` lead to
// others, `read` tells what a typed text means.
function box({ id, title, tag, help, body, answers = [], pick, typed, read = (text) => text }, given, answer) {
  const head = el("h4", { "aria-level": 3, id: `ask-${id}`, tabindex: "-1" }, title, tag ? el("span", { class: "tag" }, tag) : null);
  if (given) {
    return el("section", { class: "ask done" }, head, el("p", {}, el("span", { class: "pass" }, given.text), " ",
      button(t("ask.change"), () => answer(id, null), { class: "link" })));
  }
  const choice = ([value, text]) => button(text, () => answer(id, { value, text }));
  const other = pick?.options.length && el("select", { "aria-label": pick.label, onchange: ({ target }) => target.value && answer(id, { value: pick.value(target.value), text: `${pick.label} ${target.selectedOptions[0].text}` }) },
    el("option", { value: "" }, `${pick.label}…`), ...pick.options.map(([value, text]) => el("option", { value }, text)));
  const own = () => {
    const text = input.value.trim();
    const value = text && read(text);
    if (!value) return input.focus();
    return answer(id, { value, text: `${typed} ${text}`, own: true });
  };
  const input = typed && enterField({ id: `ask-own-${id}`, size: 9, "aria-label": typed }, own);
  return el("section", { class: "ask" }, head, help ? helpText(help) : null, body ?? null,
    el("p", { class: "buttons" }, ...answers.map(choice), other || null, input ?? null, input ? button(typed, own) : null));
}

// Boxes of questions; `given` has id -> { value, text }.
export const boxes = (questions, given, answer) => el("div", { class: "asks" }, ...questions.map((one) => box(one, given.get(one.id), answer)));

export const openOf = (questions, given) => questions.filter(({ id }) => !given.has(id));

// The main button: it leads to what is open, then does what it says.
export function goOn(questions, given, text, go) {
  const open = openOf(questions, given);
  const next = () => { $(`ask-${open[0].id}`).focus(); $(`ask-${open[0].id}`).scrollIntoView({ block: "center" }); };
  return el("p", { class: "buttons last" }, button(open.length ? t("ask.left", open.length) : text, open.length ? next : go, { class: "main" }), " ", closeButton());
}
