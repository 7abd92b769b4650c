// What all parts of the page use: words, elements, requests.
export const $ = (id) => document.getElementById(id);
export const known = {};
export const speech = { lang: localStorage.getItem("xlcity.lang") || (navigator.language.startsWith("zh") ? "zh" : "en"), texts: {}, get colon() { return this.lang === "zh" ? "：" : ": "; } };

// A text with a value in it, or with several by their names; in Chinese no space stands between Chinese words.
const HAN = /[\u3400-\u9fff]/;
export const t = (key, value = "") => (speech.texts[key] ?? key).replace(/( ?)\{(\w*)\}((?: (?!\{))?)/g, (_, before, name, after) => {
  const text = String((name ? value[name] : value) ?? "");
  const gap = (space, next) => (speech.lang === "zh" && HAN.test(next) ? "" : space);
  return gap(before, text[0]) + text + gap(after, text.at(-1));
});
export const has = (key) => key in speech.texts;

export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child != null));
  return element;
}

// What elements are made of again and again: a button, a line of help, a box that scrolls, and a field whose Enter goes on.
export const button = (text, onclick, look = {}) => el("button", { type: "button", onclick, ...look }, text);
export const helpText = (...content) => el("p", { class: "help" }, ...content);
export const scrolled = (label, content, kind = "") => el("div", { class: `scroll ${kind}`.trim(), tabindex: "0", role: "region", "aria-label": label }, content);
export function enterField(attributes, go) {
  const onkeydown = (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    go();
  };
  return el("input", { autocomplete: "off", ...attributes, onkeydown });
}

// Texts one after the other, and the name of a file without its ending.
export const listed = (texts) => texts.join(speech.lang === "zh" ? "、" : ", ");
export const stem = (name) => name.replace(/\.[^.]*$/, "");

// An element of a drawing.
export function svg(tag, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

// A table: heads are [key of its text, whether its cells are numbers].
export function table(heads, rows) {
  const cell = (tag, content, isNumber) => el(tag, isNumber ? { class: "number" } : {}, content instanceof Node ? content : shown(content));
  const head = el("tr", {}, ...heads.map(([key, isNumber]) => cell("th", t(key), isNumber)));
  const body = rows.map((row) => el("tr", {}, ...row.map((content, k) => cell("td", content, heads[k][1]))));
  return el("table", {}, el("thead", {}, head), el("tbody", {}, ...body));
}

// A button that unfolds a list and folds it again; `fill`, if given, puts into it what it holds when it
// is first unfolded. `label` names the button: is the list open?
export function foldButton(inside, label, fill) {
  const fold = el("button", { type: "button", class: "fold" });
  const draw = () => {
    fold.textContent = inside.hidden ? "+" : "−";
    fold.setAttribute("aria-expanded", String(!inside.hidden));
    fold.setAttribute("aria-label", label(!inside.hidden));
  };
  let wanted = fill;
  fold.addEventListener("click", once(async () => {
    try {
      await wanted?.();
      wanted = null;
    } catch (error) {
      inside.replaceChildren(el("li", { class: "fail" }, error.message));
    }
    inside.hidden = !inside.hidden;
    draw();
  }));
  draw();
  return fold;
}

// What listens to an event that comes again before it is done: a quick second click begins nothing.
export function once(work) {
  let isBusy = false;
  return async (event) => {
    event.preventDefault();
    if (isBusy) return;
    isBusy = true;
    try {
      await work(event);
    } finally {
      isBusy = false;
    }
  };
}

// What asks for something whose last answer alone counts: earlier ones that come later are not drawn.
export function latest(fetched, drawn) {
  let last = null;
  return (...given) => {
    const mine = last = fetched(...given).then((answer) => (mine === last ? drawn(answer) : last));
    return mine;
  };
}

// What is pressed and not yet released: drawn anew meanwhile, it would lose the press.
let pressed = null;
const waiting = [];
document.addEventListener("pointerdown", (event) => { pressed = event.target.closest("button, label, input"); }, true);
// The click comes right after; what waits is drawn when it has been heard.
for (const end of ["pointerup", "pointercancel", "blur"]) window.addEventListener(end, () => setTimeout(() => {
  pressed = null;
  for (const drawn of waiting.splice(0)) keepField(drawn);
}));

// Draws; who is in a field that is drawn anew stays there, with what is typed.
export function keepField(drawn) {
  if (pressed) {
    waiting.push(drawn);
    return;
  }
  const focused = document.activeElement;
  drawn();
  const again = !focused?.isConnected && focused?.id ? $(focused.id) : null;
  again?.focus({ preventScroll: true });
  if (again?.matches("input:not([type])")) Object.assign(again, { value: focused.value, selectionStart: focused.selectionStart, selectionEnd: focused.selectionEnd });
}

// The secret of this window: a browser gives it to no other port, as it would a cookie. The address
// that the page is opened with has a token for it, which works once.
const SECRET = "xlcity.secret";
async function enter() {
  const token = new URLSearchParams(location.search).get("token");
  if (token && !sessionStorage.getItem(SECRET)) {
    const answer = await fetch("enter", { method: "POST", headers: { "x-xlcity-token": token } });
    if (answer.ok) sessionStorage.setItem(SECRET, await answer.text());
  }
  if (token) history.replaceState(null, "", `/${location.hash}`);
}
await enter();

// Asks the server; a window that it does not know shows what to do, and nothing else.
export async function request(path, { headers, ...how } = {}) {
  const asked = { ...how, headers: { ...headers, "x-xlcity-secret": sessionStorage.getItem(SECRET) ?? "" } };
  // What only reads is asked again once: a connection may be closed at the moment at which it is used.
  const answer = await fetch(path, asked).catch((error) => { if (how.method) throw error; return fetch(path, asked); });
  if (answer.status === 403) {
    const lines = (await answer.text()).split("\n").slice(1);
    document.body.replaceChildren(el("main", {}, ...lines.map((line) => el("p", { class: "lead" }, line))));
    throw new Error(lines.at(-1));
  }
  return answer;
}

export const get = async (path) => (await request(path)).json();

// An address in this page for a file of the server.
export async function addressOf(path) {
  const answer = await request(path);
  if (!answer.ok) throw new Error(`${answer.status} ${path}`);
  return URL.createObjectURL(await answer.blob());
}

// A link by which a file of the server is kept.
export const keepLink = (path, name, text) => el("a", { href: path, download: name, onclick: once(async () => {
  const address = await addressOf(path);
  el("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60000);
}) }, text);

async function answerOf(response) {
  const answer = await response.json();
  if (!response.ok) throw new Error((answer.problems ?? []).map((problem) => problem.text).join(" ") || String(response.status));
  return answer;
}

export const send = async (path, body) =>
  answerOf(await request(path, { method: "POST", headers: { "content-type": "application/json", "x-language": speech.lang }, body: JSON.stringify(body) }));

// Hands a file over; returns what it is called from then on.
export const hand = async (file) =>
  answerOf(await request(`hand?name=${encodeURIComponent(file.name)}`, { method: "POST", headers: { "x-language": speech.lang }, body: file }));

export function options(select, pairs) {
  const [chosen, words] = [select.value, JSON.stringify(pairs)];
  if (select.dataset.drawn === words) return; // it may be open
  select.dataset.drawn = words;
  select.replaceChildren(...pairs.map(([value, text]) => el("option", { value }, text)));
  if (pairs.some(([value]) => value === chosen)) select.value = chosen;
}

export const nameOf = (city) => (speech.lang === "zh" ? city.name_zh || city.name_en : city.name_en || city.name_zh) || city.unit;

export const cityName = (unit) => nameOf(known.overview?.ranking.find((city) => city.unit === unit || [city.name_zh, city.name_en].includes(unit)) ?? { unit });

export const plainName = (node) => (speech.lang === "zh" ? node.zh || node.en : node.en || node.zh) || "";

// What a node is called; its code where it has no name, beside it where another one has the same.
export function nodeText(code) {
  const nodes = known.overview?.nodes ?? [];
  const name = plainName(nodes.find((node) => node.code === code) ?? {});
  const isAlike = nodes.filter((node) => plainName(node) === name).length > 1;
  return name && isAlike ? `${name} (${code})` : name || code;
}

// The node of the whole index, and the indicators: those that have none below them.
export const root = () => known.overview?.nodes.find((node) => !node.parent);
export function leaves() {
  const nodes = known.overview?.nodes ?? [];
  const above = new Set(nodes.map((node) => node.parent));
  return nodes.filter((node) => !above.has(node.code));
}

// Returns what draws a bar as long as a score, from zero to the right or to the left.
export function bars(scores) {
  const numbers = scores.filter((score) => typeof score === "number");
  const [low, high] = [Math.min(0, ...numbers), Math.max(0, ...numbers)];
  const part = (number) => `${(100 * number) / (high - low || 1)}%`;
  return (score) => {
    const drawn = el("span", { class: score < 0 ? "bar below" : "bar", "aria-hidden": "true" });
    drawn.style.width = typeof score === "number" ? part(Math.abs(score)) : "0";
    drawn.style.marginLeft = part(Math.min(score ?? 0, 0) - low);
    return drawn;
  };
}

export const scoreText = (value) => (typeof value === "number" ? value.toFixed(2) : shown(value));

// 29,700; −0.10: a number as a person reads it, with so many decimals or as many as it has.
export const number = (value, decimals) => (Number(value.toFixed(decimals ?? 6)) < 0 ? "−" : "") + Math.abs(value).toLocaleString("en", { minimumFractionDigits: decimals, maximumFractionDigits: decimals ?? (Math.abs(value) < 1 ? 4 : 2) });

export const shown = (value) => {
  if (value == null) return "–";
  if (typeof value !== "number") return String(value).replace(/^(\d+)-0?(\d+)-0?(\d+) 00:00:00$/, "$1/$2/$3");
  return Number.isInteger(value) ? value.toLocaleString("en") : Number(value.toPrecision(6)).toLocaleString("en", { maximumSignificantDigits: 6 });
};

// When something was saved: today 14:02, yesterday 9:30, 2026/3/1.
export function when(seconds) {
  if (!seconds) return "";
  const then = new Date(1000 * seconds);
  const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(then).setHours(0, 0, 0, 0)) / 86400000);
  const clock = `${then.getHours()}:${String(then.getMinutes()).padStart(2, "0")}`;
  return days > 1 ? `${then.getFullYear()}/${then.getMonth() + 1}/${then.getDate()}` : t(days ? "yesterday" : "today", clock);
}
