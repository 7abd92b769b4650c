"""Messages: what people read, by key, in English until whoever shows it asks for a language.

Each package has its sentences in `messages.csv` beside its code: a key, and a column for each
language, in which values are fields by name. A `Message` is the sentence in English, and knows its
key and values: it is kept, compared and written to JSON as any text, and shown in the language of
its reader (`in_language`). Nothing is ever matched.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

#: The folder whose packages have catalogues.
HOME = Path(__file__).parent
#: The language of JSON, of kept texts, and of what a catalogue lacks in another one.
_ENGLISH = "en"
#: The key of what stands between the entries of a list.
_BETWEEN = "list.between"
#: A word in place of a format: the noun that a number counts.
_NOUN = re.compile(r"~?[a-zA-Z]{2}")
#: A format that leaves out the full stop of a sentence that another one quotes.
_NO_STOP = "."
#: What would change a terminal or hide in a sentence: controls, zero-width and direction marks.
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)
#: Characters of a sentence; a cell that it quotes may hold many more.
_LONGEST = 4000


def printable(text: str) -> str:
    r"""Return a text with such characters spelled out.

    >>> printable("A\x1b[31m")
    'A\\u001b[31m'
    """
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def shortened(text: str) -> str:
    """Return a text that can be printed, without the middle of what is far too long."""
    text = printable(text)
    if len(text) <= _LONGEST:
        return text
    half = _LONGEST // 2
    return f"{text[:half]} … {text[-half:]}"


class Message(str):
    """A sentence in English that knows the key and the values it is made of.

    A value may be a message itself, or a list of texts.
    """

    key: str
    values: Mapping[str, Any]

    def __new__(cls, key: str, /, **values: Any) -> Message:
        """Make the sentence of a key."""
        values = {name: _as_text(value) for name, value in values.items()}
        text = fill(_texts_of(key)[_ENGLISH], values, _ENGLISH)
        message = super().__new__(cls, shortened(text))
        message.key = key
        message.values = values
        return message

    def __getnewargs_ex__(self) -> tuple[tuple[str], Mapping[str, Any]]:
        return (self.key,), self.values

    def in_language(self, language: str, on_page: bool = False) -> str:
        """Return the sentence in a language, on the page with what the page calls things."""
        template = template_of(_texts_of(self.key), language, on_page)
        return shortened(fill(template, self.values, language, on_page))


class Wording(Message):
    """A text that is there in other languages already, as the labels of a workbook are.

    >>> Wording("sum", zh="合计").in_language("zh"), Wording("sum", zh="合计").in_language("fr")
    ('合计', 'sum')
    """

    def __new__(cls, key: str, /, **values: Any) -> Wording:
        """Make a text of its English and of what other languages have."""
        wording = str.__new__(cls, shortened(key))
        wording.key = key
        wording.values = values
        return wording

    def in_language(self, language: str, on_page: bool = False) -> str:
        """Return the text in a language."""
        return shortened(self.values.get(language) or self.key)


def stored(text: str) -> Any:
    """Return a message as plain values, which can be kept in a file; any other text as it is."""
    if not isinstance(text, Message):
        return text
    return text.key, {name: stored(value) for name, value in text.values.items()}


def restored(plain: Any) -> Any:
    """Return the message that plain values were made of.

    >>> restored(stored(Message("list.and", before="a", after="b")))
    'a and b'
    """
    if not isinstance(plain, tuple):
        return plain
    key, values = plain
    return Message(key, **{name: restored(value) for name, value in values.items()})


def _as_text(value: Any) -> Any:
    """Return an exception as what it says, and any other value as it is."""
    if not isinstance(value, BaseException):
        return value
    said = value.args[0] if value.args else ""
    return said if isinstance(said, Message) else str(value)


def find_message(key: str, values: Mapping[str, Any]) -> str:
    """Return the message of a key, "" if the catalogues have none of it."""
    return Message(key, **values) if key in catalogue() else ""


def joined(texts: Iterable[str], key: str = "list.also") -> str:
    """Return texts with semicolons between them, or what the message of a key has there.

    >>> joined(["a", "b", "c"]), joined(["a", "b"], "list.and")
    ('a; b; c', 'a and b')
    """
    whole = ""
    for text in texts:
        whole = Message(key, before=whole, after=text) if whole else text
    return whole


def sentences(*texts: str) -> str:
    """Return sentences one after the other, without those that are empty."""
    whole = ""
    for text in filter(None, texts):
        whole = Message("list.next", before=whole, after=text) if whole else text
    return whole


def shown(text: str, language: str, on_page: bool = False) -> str:
    """Return a message in a language, and any other text as it is."""
    return text.in_language(language, on_page) if isinstance(text, Message) else text


def template_of(row: Mapping[str, str], language: str, on_page: bool = False) -> str:
    """Return a row's text in a language, or in English: on the page its own if it has one."""
    said_in = language if row.get(language) else _ENGLISH
    return (on_page and row.get(f"page_{said_in}")) or row[said_in]


def fill(
    template: str, values: Mapping[str, Any], language: str, on_page: bool = False
) -> str:
    """Return a template with its values put in.

    A value may be counted: ``{written:cell}`` is "1 cell" or "2 cells", ``{cities:city|cities}``
    "2 cities"; ``{cities:~is|are}`` is the word alone; ``{fault:.}`` is a sentence without its full
    stop. Values of a list have what the language
    writes between them.
    """
    return _Sentence(language, on_page).vformat(template, (), values)


class _Sentence(Formatter):
    """Formats a text in a language."""

    def __init__(self, language: str, on_page: bool) -> None:
        self.language = language
        self.on_page = on_page

    def format_field(self, value: Any, form: str) -> Any:
        if isinstance(value, (list, tuple)):
            between = template_of(catalogue()[_BETWEEN], self.language)
            return between.join(self.format_field(entry, form) for entry in value)
        if _NOUN.match(form):
            noun, _, nouns = form.removeprefix("~").partition("|")
            word = noun if value == 1 else nouns or f"{noun}s"
            return word if form.startswith("~") else f"{value} {word}"
        if isinstance(value, Message):
            value = value.in_language(self.language, self.on_page)
        if form == _NO_STOP:
            return str(value).strip().rstrip(".。")
        return super().format_field(value, form)


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Return key -> language -> text of all catalogues."""
    rows: dict[str, dict[str, str]] = {}
    for path in [HOME / "messages.csv", *sorted(HOME.glob("*/messages.csv"))]:
        with path.open(encoding="utf-8", newline="") as file:
            rows |= {row["key"]: row for row in csv.DictReader(file)}
    return rows


def _texts_of(key: str) -> Mapping[str, str]:
    """Return language -> text of a key; the key itself where no catalogue has it yet."""
    return catalogue().get(key) or {_ENGLISH: key}
