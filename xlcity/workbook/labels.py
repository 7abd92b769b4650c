"""Labels in Chinese and English: a book has them in the language that it is made in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import Any

from xlcity.data_files import toml_beside
from xlcity.model.dataset import Unit
from xlcity.model.nodes import Ingredient, Node

LANGUAGES = ("zh", "en", "both")


def _file() -> Mapping[str, Any]:
    """Return labels.toml: key -> texts, then page -> key -> texts."""
    return toml_beside(__file__, "labels.toml")


#: Key, Chinese and English of a label.
LabelTexts = tuple[str, str, str]


def page_labels(*pages: str, **fill: str) -> tuple[LabelTexts, ...]:
    """Return the labels that only books with these pages have: key, Chinese, English.

    `fill` gives the words that keys and texts have places for in braces.
    """
    entries = chain.from_iterable(_file()[page].items() for page in pages)
    labels = ((key, text["zh"], text["en"]) for key, text in entries)
    if not fill:
        return tuple(labels)
    return tuple(
        (key.format(**fill), zh.format(**fill), en.format(**fill))
        for key, zh, en in labels
    )


def label_text(key: str) -> tuple[str, str]:
    """Return a label of every book, in Chinese and in English."""
    return _file()[key]["zh"], _file()[key]["en"]


def in_language(zh: str, en: str, language: str, between: str = " ") -> str:
    """Return a text in the language of a book; both once where they are the same.

    >>> in_language("城市", "City", "both"), in_language("GDP", "GDP", "both")
    ('城市 City', 'GDP')
    """
    if language == "both":
        return between.join(dict.fromkeys(filter(None, (zh, en))))
    return (en or zh) if language == "en" else (zh or en)


def name_in(language: str, named: Node | Ingredient | Unit) -> str:
    """Return a name in the language of a book."""
    return in_language(named.name_zh, named.name_en, language)


def shown_text(english: str, chinese: str, language: str) -> str:
    """Return a formula for one of two text cells by language, the other one where it is empty.

    "" where both are: `cell & ""` would do in Excel; engines differ on what a blank cell then is.
    """
    first, second = (english, chinese) if language == "en" else (chinese, english)
    return f'IF({first}="",IF({second}="","",{second}),{first})'


def shown_name(code: str, chinese: str, english: str, language: str) -> str:
    """Return a formula for a name by language; the other one, or the code, where it is empty."""
    first, second = (english, chinese) if language == "en" else (chinese, english)
    alone = f'IF({second}="",{code},{second})'
    both = (
        f'IF({second}="",{first},{first}&" "&{second})' if language == "both" else first
    )
    return f'IF({first}="",{alone},{both})'


#: Characters of one text in a formula; Excel calls a file with more damaged.
_MOST = 255


def quoted(text: str) -> str:
    """Return a text as a formula has it; a long one in parts."""
    parts = [
        text[start : start + _MOST]
        for start in range(
            0,
            len(text),
            _MOST,
        )
    ] or [""]
    return "&".join('"{}"'.format(part.replace('"', '""')) for part in parts)


#: A formula of nothing but texts in quotes.
_TEXTS_ALONE = re.compile(r'"(?:[^"]|"")*"(?:&"(?:[^"]|"")*")*')


def text_alone(formula: str) -> str | None:
    """Return the text that a formula shows which has no more than texts, None of any other.

    >>> text_alone('"Rank"&" · "&"all ""A"" cities"'), text_alone('"Rank"&A1')
    ('Rank · all "A" cities', None)
    """
    if formula[:1] != '"' or not _TEXTS_ALONE.fullmatch(formula):
        return None
    return "".join(
        part.replace('""', '"')
        for part in re.findall(r'"((?:[^"]|"")*)"(?:&|$)', formula)
    )


@cache
def _tab_pattern() -> re.Pattern[str]:
    """Return what finds names of tabs in Chinese sentences, with the spaces around them."""
    names = "|".join(key.removeprefix("tab.") for key in _file()["tabs"])
    return re.compile(rf" ?([“‘]?)(?<![A-Za-z])({names})(?![A-Za-z])([”’]?) ?(!?)")


def with_tab_titles(text: str) -> str:
    """Return a Chinese sentence with the titles of tabs in place of the contract's names.

    >>> with_tab_titles("在 Data 表写，如 Index!T20"), with_tab_titles("与“Pairs”对照")
    ('在“数据”表写，如指数!T20', '与“城市对”对照')
    """

    def titled(match: re.Match[str]) -> str:
        title = _file()["tabs"][f"tab.{match[2]}"]["zh"]
        return f"{title}!" if match[4] else f"“{title}”"

    return _tab_pattern().sub(titled, text)


def show_label(zh: str, en: str, language: str) -> str:
    """Return a label in the language of a book."""
    return (
        with_tab_titles(zh or en) if language == "zh" else in_language(zh, en, language)
    )


#: Labels with names that people gave.
_NAMING = ("group.", "attribute.")
#: What codes and words of formulas look like.
_CODE = re.compile(r"[a-z_0-9]+")


@cache
def label_keys() -> Mapping[str, str]:
    """Return the package's labels by their text in any language of a book."""
    keys: dict[str, str] = {}
    for name, text in all_labels():
        for language in LANGUAGES:
            shown = show_label(text["zh"], text["en"], language)
            if not _CODE.fullmatch(shown):
                keys.setdefault(shown, name)
    return keys


def all_labels() -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield the package's labels, those of single pages included: key, text by language."""
    for key, entry in _file().items():
        if key == "tabs":
            continue  # they stand for sheets, not for what is about a cell
        labels = {key: entry} if "zh" in entry else entry
        yield from labels.items()


@dataclass(frozen=True)
class Labels:
    """Keys with their two texts, and the language in which a book shows them."""

    texts: Mapping[str, tuple[str, str]]
    language: str = "both"

    @classmethod
    def load(
        cls, extra: Iterable[tuple[str, str, str]] = (), language: str = "both"
    ) -> Labels:
        """Read the package's labels and add those of a template (key, zh, en)."""
        texts = {
            key: (text["zh"], text["en"])
            for key, text in _file().items()
            if "zh" in text
        }
        texts.update({key: (zh, en) for key, zh, en in extra})
        return cls(texts, language)

    def text(self, key: str) -> str:
        """Return the text of a label in the language of the book.

        Without one it is the key itself, but for its first word: the name of what it is about.
        """
        name = key.partition(".")[2] or key
        zh, en = self.texts.get(key, (name, name))
        show = in_language if key.startswith(_NAMING) else show_label
        return show(zh, en, self.language)

    def ref(self, key: str) -> str:
        """Return the text of a label as formulas have it."""
        return quoted(self.text(key))
