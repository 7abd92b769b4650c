"""Labels in Chinese and English, shown through cells so that one language cell switches all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from xlcity.data_files import toml_beside

FIRST_ROW = 5
#: Column of the titles of charts.
TITLES = 6
LANGUAGES = ("zh", "en", "both")


def _file() -> Mapping[str, Any]:
    """Return labels.toml: key -> texts, then page -> key -> texts."""
    return toml_beside(__file__, "labels.toml")


def sentences() -> dict[str, Any]:
    """Return the patterns of sentences: fact -> language -> text, words of a fact below it."""
    return toml_beside(__file__, "sentences.toml")


def inside(name: str) -> str:
    """Return a name as English writes it inside a sentence: in lower case, unless a proper name.

    >>> inside("Size class"), inside("GDP group"), inside("East and West")
    ('size class', 'GDP group', 'East and West')
    """
    proper = name[1:] != name[1:].lower()
    return name if proper else name[:1].lower() + name[1:]


def sentence_labels(facts: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """Yield patterns as labels: key, Chinese, English; "place.above" is a word of a fact."""
    for fact in facts:
        found: Any = sentences()
        for name in fact.split("."):
            found = found[name]
        yield f"sentence.{fact}", found["zh"], found["en"]


def page_labels(*pages: str, **fill: str) -> tuple[tuple[str, str, str], ...]:
    """Return the labels that only books with these pages have: key, Chinese, English.

    `fill` gives the words that keys and texts have places for in braces.
    """
    return tuple(
        (key.format(**fill), text["zh"].format(**fill), text["en"].format(**fill))
        if fill
        else (key, text["zh"], text["en"])
        for page in pages
        for key, text in _file()[page].items()
    )


def shown_text(english: str, chinese: str) -> str:
    """Return a formula for one of two text cells by language, the other one where it is empty.

    "" where both are: `cell & ""` would do in Excel; engines differ on what a blank cell then is.
    """
    return (
        f'IF(AND({english}="",{chinese}=""),"",IF(xl_lang="en",'
        f'IF({english}="",{chinese},{english}),IF({chinese}="",{english},{chinese})))'
    )


def shown_name(code: str, chinese: str, english: str) -> str:
    """Return a formula for a name by language; the other one, or the code, where it is empty."""
    return (
        f'IF(AND({chinese}="",{english}=""),{code},IF(OR(xl_lang="zh",{english}=""),'
        f'IF({chinese}="",{english},{chinese}),'
        f'IF(OR(xl_lang="en",{chinese}=""),{english},{chinese}&" "&{english})))'
    )


#: Characters of one text in a formula; Excel calls a file with more damaged.
_MOST = 255


def quoted(text: str) -> str:
    """Return a text as a formula has it; a long one in parts."""
    parts = [text[at : at + _MOST] for at in range(0, len(text), _MOST)] or [""]
    return "&".join('"{}"'.format(part.replace('"', '""')) for part in parts)


@dataclass(frozen=True)
class Labels:
    """Keys with their two texts, in the order in which they stand on the `Labels` sheet."""

    texts: Mapping[str, tuple[str, str]]

    @classmethod
    def load(cls, extra: Iterable[tuple[str, str, str]] = ()) -> Labels:
        """Read the package's labels and add those of a template (key, zh, en)."""
        texts = {key: (text["zh"], text["en"]) for key, text in _file().items() if "zh" in text}
        texts.update({key: (zh, en) for key, zh, en in extra})
        return cls(texts)

    def row(self, key: str) -> int:
        """Return the row of a key on the `Labels` sheet."""
        try:
            return FIRST_ROW + self._rows[key]
        except KeyError:
            raise KeyError(f"no label {key!r} in labels.toml") from None

    @property
    def _rows(self) -> Mapping[str, int]:
        if (cached := self.__dict__.get("_row_cache")) is None:
            cached = {key: position for position, key in enumerate(self.texts)}
            object.__setattr__(self, "_row_cache", cached)
        return cached

    def ref(self, key: str) -> str:
        """Return the reference to a label's text in the chosen language."""
        return f"Labels!$D${self.row(key)}"

    def variants(self, key: str, language: str) -> tuple[str, ...]:
        """Return the texts a cell may show: either language, or both at once in such a book."""
        zh, en = self.texts[key]
        return (f"{zh} {en}",) if language == "both" else (zh, en)
