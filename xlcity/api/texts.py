"""Texts in the user's language, which is that of XLCITY_LANG, else of the locale.

Catalogues are `texts.csv`: a key, the text in English, the text in Chinese. Texts of verbs are
asked for by their key (`say`), messages know theirs (`xlcity.messages`). What audits find, and what
differences show, is still looked for by its English text (`translated`).

The terminal's sentences name commands and options. The page and the panel have buttons and fields
in their place: what they say instead has two columns of its own, `page_en` and `page_zh`.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from operator import ne
from string import Formatter

from xlcity.messages import Message, catalogue, shown, template_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

TEXTS = os.path.join(os.path.dirname(__file__), "texts.csv")  # noqa: PTH118, PTH120
#: Environment variable of programs whose sentences are read on the page or the panel.
ON_PAGE = "XLCITY_ON_PAGE"
#: Environment variable with the file that a long computation writes its last step to.
STEP_FILE = "XLCITY_STEP_FILE"

#: Packages whose modules hold verbs, and whose folders hold their texts.
FOLDERS = ["xlcity.cli.verbs"]
#: The language of one reader among several, see `in_language`.
_CHOSEN: ContextVar[str] = ContextVar("language", default="")
#: Key of a text with values -> the keys of these: a place in it, such as "row 63", has a
#: translation of its own; in what a rule has found a part too, and what a workbook shows.
_KEYS_OF_PARTS = {
    "lint": ("place", "message", "lint", "check"),
    "look": ("look", "shown"),
    "shown": ("shown",),
    "summary": ("summary",),
}
#: Keys under which a sentence of the catalogues may be looked for.
_PLACES = (
    "message",
    "hint",
    "note",
    "place",
    "check",
    "summary",
    "lint",
    "look",
    "step",
)
#: Texts of several values, and the first one there: what is in quotes is not divided.
_DIVIDING = ("{}; {}", "{} instead of {}")
_UNDIVIDED = (
    r"""((?:[^'"]|(?<=\w)['"]|(?<!\w)(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"))+?)"""
)


@contextmanager
def in_language(chosen: str) -> Iterator[None]:
    """Make texts in a language, whatever the user's is; "" changes nothing."""
    before = _CHOSEN.set(chosen)
    try:
        yield
    finally:
        _CHOSEN.reset(before)


def language() -> str:
    """Return the language of the user: "zh", "en" or what the locale says."""
    if _CHOSEN.get():
        return _CHOSEN.get()[:2].lower()
    names = ("XLCITY_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
    chosen = next((os.environ[name] for name in names if os.environ.get(name)), "")
    if not chosen and sys.platform == "win32":
        import ctypes
        import locale

        number = ctypes.windll.kernel32.GetUserDefaultUILanguage()
        chosen = locale.windows_locale.get(number, "")
    return chosen[:2].lower()


def own_language() -> str:
    """Return the language that texts are given in: "zh" or "en"."""
    return "zh" if language() == "zh" else "en"


def told(text: str) -> str:
    """Return a message in the user's language, on the page as the page says it."""
    return shown(text, language(), ON_PAGE in os.environ)


def translated(text: str, *keys: str) -> str:
    """Return a text in the user's language, or as it is where there is no translation.

    Parameters
    ----------
    text
        The English text.
    keys
        Where the text may be listed: "help", "note", a problem's code and so on.
    """
    if isinstance(text, Message):
        return text.in_language(language(), ON_PAGE in os.environ)
    texts = _texts(language(), ON_PAGE in os.environ)
    for key in keys:
        if (key, text) in texts.exact:
            return texts.exact[key, text]
    codes = [key for key in keys if key.startswith("XC")]
    for key in keys:
        for pattern, target in texts.patterns.get(key, ()):
            if match := pattern.fullmatch(text):
                inner = *codes, *_KEYS_OF_PARTS.get(key, ("place",))
                return target.format(
                    *(translated_list(part, *inner) for part in match.groups())
                )
    return text


def translated_list(text: str, *keys: str) -> str:
    """Return a text, or a list of texts with commas between them, in the user's language.

    A text in quotes was typed by a user, and is left as it is.
    """
    if text[:1] in ("'", '"') and text.endswith(text[0]) and text.count(text[0]) == 2:
        return text
    whole = translated(text, *keys)
    parts = text.split(", ")
    items = [translated(part, *keys) for part in parts]
    # What a workbook shows is a list where each part has a translation: "10 rows, 4 columns".
    is_list = keys[-1] == "shown" and all(map(ne, items, parts))
    return "、".join(items) if is_list or (whole == text and items != parts) else whole


def say(key: str, **values: object) -> str:
    """Return a text of a verb in the user's language, with its values put in.

    A value may be counted: ``{written:cell}`` is "1 cell" or "2 cells", ``{cities:city|cities}``
    "2 cities". Values of a list have the commas of the language between them.
    """
    return _Counting().vformat(text_of(key) or key, (), values)


def text_of(key: str) -> str:
    """Return a text of a verb in the user's language as the catalogue has it, "" for none."""
    return _texts_of_verbs(own_language(), ON_PAGE in os.environ).get(key, "")


@cache
def _texts_of_verbs(wanted: str, on_page: bool) -> dict[str, str]:
    from importlib import import_module

    folders = [folder for name in FOLDERS for folder in import_module(name).__path__]
    texts = [read_texts(folder, wanted, on_page) for folder in folders]
    return {key: text for of_folder in texts for key, text in of_folder.items()}


@cache
def read_texts(
    folder: str | os.PathLike[str], wanted: str, on_page: bool = False
) -> dict[str, str]:
    """Return key -> text in a language of the catalogue in a folder; {} where it has none."""
    path = os.path.join(folder, "texts.csv")  # noqa: PTH118
    if not os.path.exists(path):  # noqa: PTH110
        return {}
    return {row["key"]: _text_in(row, wanted, on_page) for row in _rows(path)}


def _text_in(row: dict[str, str], wanted: str, on_page: bool) -> str:
    """Return the text of a row in a language, on the page its own if it has one."""
    own = row.get("page_zh" if wanted == "zh" else "page_en") if on_page else ""
    return own or row.get(wanted) or ""


class _Counting(Formatter):
    """Formats a text; a word in place of a format is the noun that a number counts."""

    def format_field(self, value: Any, form: str) -> Any:
        if isinstance(value, list):
            return ("、" if own_language() == "zh" else ", ").join(map(str, value))
        if re.match("[a-z]{3}", form):
            from xlcity.errors import counted

            noun, _, nouns = form.partition("|")
            return counted(value, noun, nouns or None)
        return super().format_field(value, form)


class _Texts:
    """Texts without values by key and English text; by key the patterns of those with values."""

    def __init__(self) -> None:
        self.exact: dict[tuple[str, str], str] = {}
        self.patterns: dict[str, list[tuple[re.Pattern[str], str]]] = {}

    def add(self, key: str, text: str, target: str) -> None:
        """Add the translation of a text; `{}` stands for a value."""
        if "{}" in text:
            pattern_text = "(.+?)".join(map(re.escape, text.split("{}")))
            if text.startswith(
                "{} ("
            ):  # the sentence before the brackets may have some of its own
                pattern_text = "(.+)" + pattern_text.removeprefix("(.+?)")
            if text in _DIVIDING:
                pattern_text = _UNDIVIDED + pattern_text.removeprefix("(.+?)")
            pattern = re.compile(pattern_text, re.DOTALL)
            self.patterns.setdefault(key, []).append((pattern, target))
        else:
            self.exact[key, text] = target


@cache
def _texts(wanted: str, on_page: bool) -> _Texts:
    """Return the translations of the sentences of the terminal, none into English."""
    texts = _Texts()
    if wanted != "zh" and not on_page:
        return texts
    for row in _rows(TEXTS):
        target = _text_in(row, wanted, on_page)
        if target and target != row["en"]:
            texts.add(row["key"], row["en"], target)
    for key, row in catalogue().items():
        code = key.partition(".")[0]
        # What stands between the parts of lists is said otherwise from place to place.
        if code == "list":
            continue
        for en, target in _as_patterns(row, wanted, on_page):
            for place in (*_PLACES, code):
                texts.add(place, en, target)
    return texts


def _as_patterns(
    row: dict[str, str], wanted: str, on_page: bool
) -> Iterator[tuple[str, str]]:
    """Yield a message of the catalogues as a pattern, for texts that still quote it in English."""
    target = template_of(row, wanted, on_page)
    fields = Formatter().parse(row["en"])
    names = [name for _, name, *_ in fields if name]
    is_untranslated = target == row["en"]
    is_repeated = len(names) > len({*names})
    if is_untranslated or is_repeated or "{{" in target:
        return
    if names and _is_vague(row["en"]):
        return
    places = {name: f"{{{place}}}" for place, name in enumerate(names)}
    target = re.sub(r"\{(\w+)[^}]*\}", lambda field: places[field[1]], target)
    for is_plural in (False, True):
        yield _pattern(row["en"], is_plural), target


def _pattern(template: str, is_plural: bool) -> str:
    """Return a sentence with gaps for its values, what these count in one number."""
    pattern = ""
    for text, name, form, _ in Formatter().parse(template):
        pattern += text
        if name:
            pattern += _field_pattern(form or "", is_plural)
    return pattern


def _is_vague(template: str) -> bool:
    """Tell whether a sentence has too few words of its own to be known by them."""
    words = re.findall("[A-Za-z]{2,}", re.sub(r"\{[^}]*\}", "", template))
    return len(words) < 2 or max(map(len, words)) < 4


def _field_pattern(form: str, is_plural: bool) -> str:
    """Return what stands for a field: a gap, the noun that it counts, or both."""
    nouns = form.removeprefix("~")
    if not re.match("[a-zA-Z]{2}", nouns):
        return "" if form.startswith("~") else "{}"
    word, _, several = nouns.partition("|")
    if is_plural:
        word = several or f"{word}s"
    return word if form.startswith("~") else f"{{}} {word}"


def _rows(path: str) -> list[dict[str, str]]:
    import csv

    with open(path, encoding="utf-8", newline="") as file:  # noqa: PTH123
        return [*csv.DictReader(file)]
