"""Fills the fields of an author's own Word document, such as {{ score.beijing }}, with numbers."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from xlcity.errors import DataError, Where, WorkbookError
from xlcity.figures.contents import Label
from xlcity.model.reading.units import Match, UnitMatcher
from xlcity.report.contents import points, shown
from xlcity.report.places import W
from xlcity.report.source import ReportSource
from xlcity.report.written_values import written_mean, written_value
from xlcity.xlsx.limits import missing_files, read_file, unpack_parts
from xlcity.xlsx.package import Package

#: A field, and the parts of a Word document that may have some.
_FIELD = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_PART = re.compile(r"word/[^/]+\.xml")
_CHINESE = re.compile("[\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class FilledManuscript:
    """A manuscript with its numbers.

    Attributes
    ----------
    name, content
        The document.
    filled
        How many fields were filled.
    unknown
        The fields that stay, each once, as they are written.
    """

    name: str
    content: bytes
    filled: int
    unknown: tuple[str, ...]


class FieldValues:
    """Finds what fields stand for.

    A field is a word, then a city by its id or name, then a node by its code or name, with dots
    between; the root may be left out. Scores and ranks have the marks of gaps, as in tables.

    Parameters
    ----------
    source
        The index.
    lang
        "zh" or "en": of names and units of measure.
    """

    def __init__(self, source: ReportSource, lang: str) -> None:
        self._source = source
        self._lang = lang
        self._units = UnitMatcher(source.units)
        self._codes = {node.code: node.code for node in source.result.framework.nodes}
        for code in [*self._codes]:
            name = source.node(code)
            for text in (name.zh, name.en):
                self._codes.setdefault(text, code)
        self._of_cities: Mapping[str, Callable[[int, str], str | None]] = {
            "score": self._score,
            "rank": self._rank,
            "last": self._last,
            "value": self._value,
        }
        self._of_nodes: Mapping[str, Callable[[str], str | None]] = {
            "mean": self._mean,
            "average": self._average,
        }

    def find(self, field: str) -> str | None:
        """Return the text of a field, None for one that is not known or has no number."""
        word, _, rest = field.partition(".")
        if word in self._of_cities:
            return self._find_of_city(self._of_cities[word], rest)
        if word in self._of_nodes:
            code = self._code(rest)
            return self._of_nodes[word](code) if code else None
        if word == "name":
            return self._name(rest)
        return self._of_index.get(field)

    @cached_property
    def _of_index(self) -> Mapping[str, str | None]:
        """The fields that name neither a city nor a node."""
        spec = self._source.spec
        ranked = self._source.order(self._source.root)
        return {
            "index": Label(spec.name_zh, spec.name_en).text(self._lang) or None,
            "edition": spec.edition or None,
            "cities": str(len(ranked)),
        }

    def _find_of_city(
        self, find: Callable[[int, str], str | None], rest: str
    ) -> str | None:
        """Return what is said of a city in a node; names of cities may have dots."""
        parts = rest.split(".")
        for end in range(len(parts), 0, -1):
            row = self._row(".".join(parts[:end]))
            code = self._code(".".join(parts[end:]))
            if row is not None and code:
                return find(row, code)
        return None

    def _row(self, name: str) -> int | None:
        found = self._units.match(name)
        if not isinstance(found, Match):
            return None
        return self._source.result.dataset.rows.get(found.unit.id)

    def _code(self, name: str) -> str:
        """Return the code of a node, that of the root for none, "" for an unknown one."""
        return self._codes.get(name, "") if name else self._source.root

    def _shown(
        self, number: float | None, row: int, code: str, kind: str
    ) -> str | None:
        """Return a number of a city with the marks of its gaps, None without one."""
        if number is None:
            return None
        return shown(self._source.marked(number, row, code), kind, self._lang)

    def _score(self, row: int, code: str) -> str | None:
        kind = f"score {self._source.text_decimals}"
        return self._shown(self._source.score(row, code), row, code, kind)

    def _rank(self, row: int, code: str) -> str | None:
        return self._shown(self._source.rank(row, code), row, code, "rank")

    def _last(self, row: int, code: str) -> str | None:
        rank = self._source.editions.last_rank(row, code)
        return None if rank is None else str(rank)

    def _text(self, label: Label | None) -> str | None:
        return None if label is None else label.text(self._lang)

    def _value(self, row: int, code: str) -> str | None:
        return self._text(written_value(self._source, row, code))

    def _mean(self, code: str) -> str | None:
        # Cities are ranked in nodes above indicators alone.
        if code not in self._source.result.node_codes:
            return None
        rows = self._source.order(code)
        mean = self._source.mean(rows, code)
        return None if mean is None else points(mean, self._source.text_decimals)

    def _average(self, code: str) -> str | None:
        return self._text(written_mean(self._source, code))

    def _name(self, name: str) -> str | None:
        row = self._row(name)
        if row is not None:
            return self._text(self._source.city(row))
        code = self._codes.get(name)
        return None if code is None else self._text(self._source.node(code))


class _Piece(NamedTuple):
    """An element of text, and the letters of its paragraph where it begins and ends."""

    element: Any
    start: int
    end: int


def fill_manuscript(
    path: Path, source: ReportSource, languages: Sequence[str]
) -> FilledManuscript:
    """Return a Word document with the numbers that its fields name.

    Fields in tables, headers, footers, notes and text boxes are filled too, and those that Word
    split over several runs. Parts without a field keep their bytes.

    Parameters
    ----------
    languages
        Of names and units; of two, that of the manuscript.

    Raises
    ------
    DataError
        If there is no such file, or it is not a Word document.
    """
    DataError.raise_for(missing_files("XC297", path))
    data = read_file(path)
    try:
        parts = unpack_parts(data, str(path))
        text = parts["word/document.xml"].decode()
    except (
        LookupError,
        ValueError,
        OSError,
        zipfile.BadZipFile,
        WorkbookError,
    ) as error:
        raise DataError.of("XC297.no_manuscript", Where(file=str(path))) from error
    lang = languages[0]
    if len(languages) > 1:
        lang = "zh" if _CHINESE.search(text) else "en"
    filling = _Filling(FieldValues(source, lang).find)
    for name, content in parts.items():
        if _PART.fullmatch(name):
            parts[name] = filling.filled_part(content)
    content = Package.from_parts(parts).to_bytes()
    return FilledManuscript(path.name, content, filling.filled, tuple(filling.unknown))


class _Filling:
    """Fills the fields of parts of a document, and counts them."""

    def __init__(self, find: Callable[[str], str | None]) -> None:
        self._find = find
        self.filled = 0
        self.unknown = dict[str, None]()

    def filled_part(self, content: bytes) -> bytes:
        """Return a part with its numbers."""
        from docx.oxml import parse_xml
        from lxml import etree

        root = parse_xml(content)
        before = self.filled
        for paragraph in root.iter(f"{W}p"):
            self._fill_paragraph(paragraph)
        if self.filled == before:
            return content
        return bytes(etree.tostring(root, encoding="UTF-8", standalone=True))

    def _fill_paragraph(self, paragraph: Any) -> None:
        pieces = _pieces_of(paragraph)
        text = "".join(piece.element.text or "" for piece in pieces)
        fields = list(_FIELD.finditer(text))
        found = [(field, self._find(field[1])) for field in fields]
        # The last one first: what stands before it keeps its place.
        for field, number in reversed(found):
            if number is not None:
                _replace(pieces, field, number)
        for field, number in found:
            if number is None:
                self.unknown.setdefault(field[0])
            else:
                self.filled += 1


def _pieces_of(paragraph: Any) -> list[_Piece]:
    """Return the texts of a paragraph, without those of text boxes in it."""
    pieces: list[_Piece] = []
    start = 0
    for element in paragraph.iter(f"{W}t"):
        if next(element.iterancestors(f"{W}p")) is paragraph:
            end = start + len(element.text or "")
            pieces.append(_Piece(element, start, end))
            start = end
    return pieces


def _replace(
    pieces: Sequence[_Piece],
    field: re.Match[str],
    text: str,
) -> None:
    """Replace a field of a paragraph; the piece in which it begins gets the text."""
    start, end = field.span()
    for piece in pieces:
        if end <= piece.start or start >= piece.end:
            continue
        own = piece.element.text
        new = text if start >= piece.start else ""
        head = own[: max(start - piece.start, 0)]
        piece.element.text = head + new + own[end - piece.start :]
        piece.element.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
