"""One HTML file: a finding, the ranking, dimensions, other weights, each city; all in itself."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, partial
from itertools import chain, groupby
from typing import Any

import numpy as np

from xlcity.data_files import template_beside
from xlcity.figures.alternative import alternative_text
from xlcity.figures.contents import Label, joined
from xlcity.figures.figure import Figure
from xlcity.figures.panels import large_number
from xlcity.grouping import grouped
from xlcity.index.compute import rank_settings
from xlcity.model.dataset import FloatArray
from xlcity.report.contents import (
    INDENT,
    NOTHING,
    ReportTable,
    Section,
    share_text,
    shown,
    shown_rows,
)
from xlcity.report.headline import headline
from xlcity.report.native import round_scale
from xlcity.report.reweighing import Reweighing, reweighing
from xlcity.report.source import ReportSource
from xlcity.report.story.basis import Basis, NodeRanking
from xlcity.report.story.sections import Chapter
from xlcity.report.strips import strip_of
from xlcity.report.texts import invented, remarks, report_texts, say
from xlcity.report.written_values import decimals_of

#: Rows of a ranking before a reader asks for more, of one with other weights, and of a part.
_FIRST = 20
_OTHERS = 10
_OF_PART = 5
#: Parts that a bar can be split into: more are not told apart.
_PARTS = 4
#: What the keys of texts that the script writes begin with.
_WORDS = ("html.", "head.")
#: The line of an indicator in profiles, as the script takes it.
_Line = dict[str, object]
#: Digits of a value on a strip, where it has decimals; from here on it has a word.
_DIGITS = 4
_LARGE = 1e8


@dataclass(frozen=True, slots=True)
class PageContent:
    """What a page shows besides what follows from the index itself.

    Attributes
    ----------
    title
        The name of the index with its edition.
    sections
        The chapter.
    rows
        The cities that have a profile.
    pictures
        Figure id -> WebP.
    download
        A PNG of the ranking.
    """

    title: Label
    sections: Sequence[Section]
    rows: Sequence[int]
    pictures: Mapping[str, bytes]
    download: bytes


def write_page(source: ReportSource, content: PageContent, lang: str) -> str:
    """Return the page of an index in a language, "zh" or "en"."""
    page = _Page(source, content.rows, lang)
    sections = {one.anchor.removeprefix("s-"): one for one in content.sections}
    root = sections.get(source.root)
    pictures = {**content.pictures, "download": content.download}
    return template_beside(__file__, "page.html").render(
        lang=lang,
        title=content.title,
        headline=headline(source),
        page=page,
        source=source,
        opening=root.said if root else [],
        parts=page.parts(sections),
        others=[one for c, one in sections.items() if c not in source.main_nodes],
        data=page.data(),
        exhibits=[section for section in sections.values() if section.items],
        numbers=_numbered(content.sections),
        pictures={name: _encoded(data) for name, data in pictures.items()},
        say=say,
        cells=partial(_cells, lang=lang),
        over=_over,
        remarks=partial(remarks, lang=lang),
        invented=partial(invented, lang=lang),
        alternative=partial(alternative_text, lang=lang),
    )


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _numbered(sections: Sequence[Section]) -> dict[str, int]:
    """Return id -> number of all tables, and of all figures."""
    items = list(chain.from_iterable(section.items for section in sections))
    tables = [item.id for item in items if isinstance(item, ReportTable)]
    figures = [item.id for item in items if isinstance(item, Figure)]
    numbers: dict[str, int] = {}
    for every in (tables, figures):
        numbers |= {name: number for number, name in enumerate(every, 1)}
    return numbers


def _over(table: ReportTable) -> list[tuple[Label, int]]:
    """Return the headings over others, with how many columns each spans."""
    runs = groupby(table.fields, key=lambda field: field.over)
    over = [(label, len([*several])) for label, several in runs]
    return over if len(over) > 1 else []


def _cells(table: ReportTable, lang: str) -> list[list[dict[str, object]]]:
    """Return the cells of a table: text, number where there is one, levels below another."""
    lines = zip(shown_rows(table, lang), table.rows, strict=True)
    return [[*map(_cell, texts, row)] for texts, row in lines]


def _cell(text: str, value: object) -> dict[str, object]:
    number = float(value) if isinstance(value, float | int) else None
    bare = text.lstrip(INDENT)
    return {"text": bare, "number": number, "depth": len(text) - len(bare)}


@dataclass(frozen=True)
class _Scale:
    """Ends of an axis, its left end for the first cities, and its round numbers."""

    low: float
    first: float
    high: float
    ticks: Sequence[float]


def _scale(values: FloatArray, first: FloatArray) -> _Scale:
    """Return an axis for bars from 0 to values, of which some are of the first cities."""
    ends = np.append(values, 0.0)
    axis = round_scale(ends)
    step = axis["major_unit"]
    low = float(ends.min())
    high = max(float(ends.max()), low + step)
    ticks = step * np.arange(np.ceil(low / step), high / step)
    start = float(np.append(first, 0.0).min())
    return _Scale(low, start, high, ticks=ticks.round(9).tolist())


def _bar(*ends: float) -> dict[str, float]:
    """Return the left and the right end of a bar."""
    start, end = (float(f"{value:.6g}") for value in sorted(ends))
    return {"start": start, "end": end}


def _decimals_below(most: float) -> int:
    """Return with how many decimals numbers up to the largest one have four digits.

    >>> _decimals_below(4.2), _decimals_below(100.0), _decimals_below(33_959.0)
    (3, 1, 0)
    """
    before = len(str(int(most)))
    return max(0, _DIGITS - before)


class _Page:
    """Gives the template what follows from the index, in one language."""

    def __init__(self, source: ReportSource, rows: Sequence[int], lang: str) -> None:
        self.source = source
        #: The cities that have a profile.
        self.rows = rows
        self.lang = lang
        self.basis = Basis(source)
        self.dimensions = self.basis.dimensions

    @cached_property
    def axis(self) -> _Scale:
        """The axis of the ranking; bars that are split reach as far as their parts do."""
        parts = self._shown_parts
        minus = np.minimum(parts, 0).sum(axis=1)
        low = np.minimum(self.basis.overall.scores, minus)
        high = np.maximum(parts, 0).sum(axis=1)
        every = np.concatenate([self.basis.overall.scores, low, high])
        return _scale(every, low[:_FIRST])

    @cached_property
    def _shown_parts(self) -> Any:
        """(cities, dimensions) what each adds to a score; no column where that is not shown."""
        parts = self.basis.parts
        is_shown = self.basis.adds_up and 1 < parts.shape[1] <= _PARTS
        return parts if is_shown else np.zeros((self.basis.overall.n, 0))

    @property
    def legend(self) -> list[str]:
        """The dimensions that bars are split into, with their weights."""
        codes = self.basis.dimensions[: self._shown_parts.shape[1]]
        return [f"{self.name(code)} {self.weight(code)}" for code in codes]

    @property
    def ranking(self) -> list[dict[str, object]]:
        """The rows of the ranking."""
        rows = self._rows(self.basis.overall)
        for row, parts in zip(rows, self._shown_parts, strict=True):
            row["segments"] = self._segments(parts)
            row["far"] = float(np.maximum(parts, 0.0).sum())
        return rows

    def _rows(self, ranking: NodeRanking) -> list[dict[str, object]]:
        """Return the rows of the ranking of a node."""
        scores = ranking.scores.tolist()
        pairs = zip(ranking.rows, scores, strict=True)
        return [self._row(row, ranking.code, score) for row, score in pairs]

    def _row(self, row: int, code: str, score: float) -> dict[str, object]:
        source = self.source
        return {
            "unit": source.units[row].id if row in self.rows else "",
            "name": source.marked_city(row, code).text(self.lang),
            "rank": source.rank(row, code),
            "text": source.points(score, code),
            **_bar(0.0, score),
        }

    def _segments(self, parts: Any) -> list[dict[str, object]]:
        """Return the parts of a bar: what adds right of 0, what takes away left of it."""
        segments: list[dict[str, object]] = []
        ends = {False: 0.0, True: 0.0}
        for number, part in enumerate(parts.tolist(), 1):
            is_minus = part < 0
            start = ends[is_minus]
            ends[is_minus] += part
            bar = _bar(start, ends[is_minus])
            segments.append({"number": number, "minus": is_minus, **bar})
        return segments

    def name(self, code: str) -> str:
        """Return the name of a node."""
        return self.source.node(code).text(self.lang)

    def weight(self, code: str) -> str:
        """Return the weight of a node in the one above it."""
        return share_text(self.basis.weights.get(code, 0.0))

    @cached_property
    def part_axis(self) -> _Scale:
        """The axis that the first cities of all dimensions share."""
        rankings = map(self.basis.ranking, self.dimensions)
        tops = np.concatenate([ranking.scores[:_OF_PART] for ranking in rankings])
        return _scale(tops, tops)

    def parts(self, sections: Mapping[str, Section]) -> list[dict[str, object]]:
        """Return the dimensions that have a section."""
        codes = filter(sections.__contains__, self.dimensions)
        return [self._part(code, sections[code]) for code in codes]

    def _part(self, code: str, section: Section) -> dict[str, object]:
        """Return a dimension: its finding, its first cities, paragraphs."""
        titles = (own.title for own in section.said if own.title != NOTHING)
        return {
            "code": code,
            "title": next(titles, NOTHING),
            "rows": self._rows(self.basis.ranking(code))[:_OF_PART],
            "paragraphs": section.said,
        }

    @cached_property
    def reweighing(self) -> Reweighing | str:
        """How totals follow from first-level weights, or in a word why they do not."""
        return reweighing(self.source)

    @property
    def _ranked(self) -> list[str]:
        return [self.source.root, *self.dimensions]

    def data(self) -> str:
        """Return what the script shows as JSON: weights, cities, and the words it writes."""
        texts = report_texts().items()
        words = {key: text[self.lang] for key, text in texts if key.startswith(_WORDS)}
        mark = say("synthetic_short") if self.source.synthetic else NOTHING
        every = {
            "words": {**words, "mark": mark.text(self.lang)},
            "weights": self._weights(),
            "nodes": [
                say("root.titled").text(self.lang),
                *map(self.name, self.dimensions),
            ],
            "lines": {group: self._lines(rows) for group, rows in self._groups.items()},
            "cities": [self._city(row) for row in self.rows],
        }
        text = json.dumps(every, ensure_ascii=False, separators=(",", ":"))
        # Inside a script nothing may look like its end.
        return text.replace("</", "<\\/")

    def _weights(self) -> dict[str, object] | None:
        own = self.reweighing
        if isinstance(own, str):
            return None
        source = self.source
        rank = rank_settings(source.result.recipe, source.root)
        cells = own.values.astype(object)
        cells[~np.isfinite(own.values)] = None
        return {
            "names": [self.name(code) for code in own.codes],
            "shares": own.shares.tolist(),
            "units": [source.units[row].id for row in own.rows],
            "cities": [source.city(row).text(self.lang) for row in own.rows],
            "values": cells.tolist(),
            "power": own.power,
            "missing": own.missing,
            "scale": own.scale,
            "numbers": own.numbers,
            "digits": rank.number("digits"),
            "coarse": rank.optional("round_to"),
            "ties": rank.text("ties"),
            "decimals": source.score_decimals(source.root),
            "first": _OTHERS,
        }

    @cached_property
    def _groups(self) -> Mapping[str, list[int]]:
        """Group of cities -> their rows; only those are ranked that have one."""
        units = enumerate(self.source.units)
        return grouped((unit.population, row) for row, unit in units if unit.population)

    @cached_property
    def _codes(self) -> list[str]:
        """The indicators of a profile."""
        parts = self.source.children(self.source.root)
        return [*chain.from_iterable(map(self.source.lowest, parts))]

    def _has(self, code: str, rows: Sequence[int]) -> bool:
        """Tell whether any of some cities has a score in a node."""
        return bool(np.isfinite(self.source.scores(code)[rows]).any())

    def _lines(self, rows: Sequence[int]) -> list[_Line | None]:
        """Return the line of each indicator in a group of cities; none without a value."""
        return [self._line(code, rows) for code in self._codes]

    def _line(self, code: str, rows: Sequence[int]) -> _Line | None:
        source = self.source
        if not self._has(code, rows):
            return None
        strip = strip_of(source, rows[0], rows, code)
        is_leaf = code in source.result.leaf_codes
        ends = (strip.worst, strip.best)
        return {
            "name": self.name(code),
            "uom": source.uom(code).text(self.lang) if is_leaf else "",
            "reverse": source.is_reverse(code),
            "ends": [self._number(code, end) for end in ends],
            "mean": strip.share(strip.mean),
        }

    def _number(self, code: str, value: float) -> str:
        """Return a value with the decimals of its column, a score with those of sentences."""
        decimals = self.source.text_decimals
        if code in self.source.result.leaf_codes:
            column = self.source.values(code)
            most = float(np.nanmax(np.abs(column), initial=0.0))
            if most >= _LARGE:
                return large_number(value, most, self.lang)
            decimals = min(decimals_of(column), _decimals_below(most))
        return shown(value, f"score {decimals}", self.lang)

    @cached_property
    def _story(self) -> Callable[[str], Chapter]:
        """Group of cities -> what is said of it."""
        return cache(partial(Chapter, self.source))

    def _city(self, row: int) -> dict[str, object]:
        """Return a city: names, what is said of it, ranks, and its place in each indicator."""
        source = self.source
        unit = source.units[row]
        name = source.city(row)
        paragraphs = self._story(unit.population).city(row)
        sentences = chain.from_iterable(own.sentences for own in paragraphs)
        said = joined(*(sentence.text for sentence in sentences))
        return {
            "id": unit.id,
            "name": name.text(self.lang),
            "words": unit.spellings,
            "group": unit.population,
            "said": said.text(self.lang),
            "ranks": [source.rank(row, code) for code in self._ranked],
            "places": [self._place(row, unit.population, c) for c in self._codes],
        }

    def _place(self, row: int, group: str, code: str) -> list[object]:
        """Return where a city stands in an indicator, its value and its rank; none without one."""
        rows = self._groups[group]
        if not self._has(code, rows):
            return []
        strip = strip_of(self.source, row, rows, code)
        if not np.isfinite(strip.value):
            return []
        place = round(strip.share(strip.value), 4)
        return [place, self._number(code, strip.value), strip.rank]
