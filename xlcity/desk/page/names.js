// Before a report in a language: the names that the workbook lacks in it are asked for in one list.
import { $, button, el, helpText, send, t } from "./common.js";
import { check, formProblem, openBook } from "./actions.js";
import { wrote } from "./mend.js";

// What was left as it is for a workbook and a language is not asked again.
const left = new Set();

check("report", async ({ lang }) => {
  const { names } = await send("ask", { command: "names", given: { lang } });
  const key = `${openBook()} ${lang}`;
  if (!names.length || left.has(key)) return true;
  const inputs = names.map(({ known, shown }) => el("input", { value: known, "aria-label": shown, autocomplete: "off" }));
  const again = () => $("form-box").querySelector("form").requestSubmit();
  const fill = async () => {
    const cells = names.map(({ cell }, number) => [...cell.replaceAll("'", "").split("!"), inputs[number].value.trim()]).filter(([, , name]) => name);
    left.add(key);
    try {
      if (cells.length) {
        await send("ask", { command: "mend", given: { table: openBook(), cells: JSON.stringify(cells) } });
        wrote(openBook());
      }
      formProblem("");
      again();
    } catch (error) {
      formProblem(error.message);
    }
  };
  $("form-problems").replaceChildren(el("section", { class: "ask", id: "names" }, el("h4", { "aria-level": 3 }, t("names.lacking", names.length)),
    helpText(t("names.help")), ...names.map(({ shown }, number) => el("label", { class: "need" }, el("span", { class: "name" }, shown), inputs[number])),
    el("p", { class: "buttons" }, button(t("names.fill"), fill, { class: "main" }), " ",
      button(t("names.skip"), () => { left.add(key); formProblem(""); again(); }))));
  inputs.find((input) => !input.value)?.focus();
  return false;
});
