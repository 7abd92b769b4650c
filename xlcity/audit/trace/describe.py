"""What a cell is, in words: city, indicator, step, source, and what was done to it."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import cache, cached_property
from typing import Any, NamedTuple

from xlcity.audit.trace.steps import Description, Words
from xlcity.data_files import toml_beside
from xlcity.grouping import grouped
from xlcity.index.result import IndexResult
from xlcity.model.dataset import Status, Unit
from xlcity.model.nodes import Ingredient, Node, SupplementaryIndex
from xlcity.reports import known_ids, load_report
from xlcity.reports.report import ValueRange
from xlcity.workbook.build import own_labels
from xlcity.workbook.labels import LANGUAGES, Labels, show_label
from xlcity.workbook.layout.networks import LEFT
from xlcity.workbook.layout.rows import CODE, ROW_NAME
from xlcity.workbook.reading.records import CellReader, plain_text
from xlcity.workbook.reading.results import index_or_error
from xlcity.workbook.reading.template import Template
from xlcity.workbook.spec.from_template import spec_of
from xlcity.xlsx.address import Range, find_runs
from xlcity.xlsx.cells import Cell, Position, ReadBook, resolve

#: Rows that are looked through for codes.
_FAR = 60
#: Step -> the marks of the index that show there.
_ON_LEAVES = frozenset(("clipped", "imputed", "floor", "unrated", "lowest"))
_ON_NODES = frozenset(("renormalised", "zero", "direct"))
_MARKS = {
    "normalised": _ON_LEAVES,
    "clipped and oriented": _ON_LEAVES,
    "score": _ON_NODES,
    "indicator": _ON_NODES,
}
#: What the names of matrices of ties begin with.
_MATRIX = "in_matrix_"
#: Names of lists, and which entries of their lines are values.
_ENTRIES = {"in_links": range(3, 4), "in_items": range(3, 5)}
#: Names of a template's blocks in words, and these in Chinese.
_WORDS = toml_beside(__file__, "words.toml")
_STEPS = _WORDS["blocks"]
_STEPS_ZH = _WORDS["zh"]
#: Rows between a cell and a heading, at most: tables of all counties of China have 2,800.
_FARTHEST_HEADING = 3000
#: Characters of a heading.
_LONGEST = 60
#: Signs that stand alone where there is no value: .., —; and marks such as +.
_GAP_SIGNS = ".…-–—− +"
_GAP_TEXT = re.compile(r"#?n/a|n\.a\.?|nan|null", re.IGNORECASE)
#: A code such as C21 or CHN; a formula that only copies a cell, as those of names do.
_CODE = re.compile(r"(?=.*\d|.{1,3}$)[\dA-Z._-]+")
_COPY = re.compile(r"\+?(?:(?:'[^']+'|[^'!()*/+&-]+)!)?\$?[A-Z]{1,3}\$?\d+")
#: Share of the texts of a column that differ from each other where they name its rows.
_DISTINCT = 0.9
#: The texts of a row or column with their places, in order; and all lines of a sheet.
_Line = list[tuple[int, str]]
_Lines = Mapping[int, _Line]


class Describer:
    """Describes the cells of a workbook by the texts beside and above them."""

    def __init__(self, book: ReadBook) -> None:
        self.book = book
        self.headings = Headings(book, {})
        #: The cities of a template by id.
        self.units: dict[str, Unit] = {}

    def of(self, sheet: str, position: Position) -> Description:
        """Return what a cell is."""
        return Description((*self.headings.of(sheet, position), Words(sheet)))

    def step_words(self, step: str) -> Words:
        """Return a step in both languages; one without a name is known by its block or sheet."""
        if step in self.book.sheets:
            return self.headings.title(step)
        return (
            Words(_STEPS_ZH[step], step)
            if step in _STEPS_ZH
            else self.headings.words(step)
        )


class TemplateDescriber(Describer):
    """Describes the cells of a template by its own names: city, indicator, step, source."""

    def __init__(self, template: Template) -> None:
        super().__init__(template.book)
        self.template = template
        framework = template.framework
        self.units = {unit.id: unit for unit in template.dataset.units}
        self._above = cache(self._node_above)
        self._inputs: dict[str, Node | Ingredient | SupplementaryIndex] = dict(
            framework.inputs
        )
        self._inputs |= {node.code: node for node in framework.supplementary}
        input_names = (
            Words(node.name_zh, node.name_en) for node in self._inputs.values()
        )
        labels = Labels.load(own_labels(spec_of(template))).texts
        words = {key: Words(*texts) for key, texts in labels.items()}
        self.headings = Headings(template.book, words, tuple(input_names))

    def of(self, sheet: str, position: Position) -> Description:
        """Return what a cell is."""
        parameter = self._parameters.get((sheet, position))
        if parameter is not None:
            return Description((Words(parameter),), step="parameter")
        listed = self._listed(sheet, position)
        if listed is not None:
            return listed
        return self._describe_number(sheet, position)

    def _describe_number(self, sheet: str, position: Position) -> Description:
        """Return what a cell of the index is by the city and the node of its row and column."""
        unit = self._unit(sheet, position[0])
        row_node = "" if unit else self._code_at(sheet, position[0], 1)
        node = row_node or self._column_node(sheet, position)
        step = self._step(sheet, position)
        words = self._own_words(unit, node)
        headings: list[Words] = []
        if not unit and not row_node:
            headings = self._headings_beside(sheet, position, node, words)
        words += headings or [self.step_words(step)]
        about = Description(tuple(words), unit.id if unit else "", node, step)
        if unit and node:
            return replace(about, **self._details(unit.id, node, step))
        return about

    def _own_words(self, unit: Unit | None, node: str) -> list[Words]:
        """Return what a city and a node are called, where there are any."""
        words = [unit_words(unit)] if unit else []
        return [*words, self._node_words(node)] if node else words

    def _details(self, unit: str, node: str, step: str) -> dict[str, Any]:
        """Return marks of a city's number at a step, with its source if it was entered."""
        if step == "data":
            return self._entered(unit, node)
        return {"marks": self._marks_of(unit, node, step)}

    def _headings_beside(
        self,
        sheet: str,
        position: Position,
        node: str,
        words: Sequence[Words],
    ) -> list[Words]:
        """Return the headings of a cell that say more than its node and other words."""
        named = {node}
        for piece in words:
            named |= {piece.zh, piece.en}
        named.discard("")

        def is_city(row: int) -> bool:
            return self._unit(sheet, row) is not None

        nearby = self.headings.of(sheet, position, is_city)
        return [piece for piece in nearby if named.isdisjoint((piece.zh, piece.en))]

    def _marks_of(self, unit: str, node: str, step: str) -> tuple[str, ...]:
        """Return what rules did to a value, as far as a step shows it."""
        shown = _MARKS.get(step, frozenset())
        marks = dict.fromkeys(self._marks.get((unit, node), ()))
        return tuple(kind for kind in marks if kind in shown)

    @cached_property
    def _areas(self) -> dict[str, list[tuple[Range, str]]]:
        """Sheet -> the blocks, matrices of ties and lists of a workbook, each with its name."""
        matrices = (name for name in self.book.names if name.startswith(_MATRIX))
        areas: dict[str, list[tuple[Range, str]]] = {}
        for name in (*_STEPS, *matrices, *_ENTRIES):
            if name in self.book.names:
                area = resolve(self.book, name)
                areas.setdefault(area.sheet, []).append((area, name))
        return areas

    @cached_property
    def _parameters(self) -> dict[tuple[str, Position], str]:
        parameters: dict[tuple[str, Position], str] = {}
        for name in self.book.names:
            if name.startswith("par_"):
                area = resolve(self.book, name)
                parameters |= {(area.sheet, p): name for p in area.positions}
        return parameters

    def _unit(self, sheet: str, row: int) -> Unit | None:
        return self.units.get(plain_text(self.book.value(sheet, row, 1)))

    def _code_at(self, sheet: str, row: int, column: int) -> str:
        """Return the code of an indicator in a cell, "" for anything else."""
        text = plain_text(self.book.value(sheet, row, column))
        return text if text in self._inputs else ""

    def _column_node(self, sheet: str, position: Position) -> str:
        """Return the code in a cell, or the one that stands above it."""
        own = self.book.value(sheet, *position)
        if isinstance(own, str) and own in self._inputs:
            return own
        return self._above(sheet, position[1])

    def _node_above(self, sheet: str, column: int) -> str:
        codes = (
            self._code_at(sheet, row, column) for row in self._rows_of_codes(sheet)
        )
        return next(filter(None, codes), "")

    def _rows_of_codes(self, sheet: str) -> Sequence[int]:
        """Return the rows of a sheet that hold most codes."""
        cells = self.book.sheets[sheet]
        near = sorted(position for position in cells.cells if position[0] <= _FAR)
        counts: Counter[int] = Counter()
        for position, value in zip(near, cells.values(near), strict=True):
            if isinstance(value, str) and value in self._inputs:
                counts[position[0]] += 1
        return [row for row, _ in counts.most_common(3)]

    def _step(self, sheet: str, position: Position) -> str:
        areas = self._areas.get(sheet, ())
        names = [name for area, name in areas if area.holds(sheet, position)]
        named = (_STEPS[name] for name in names if name in _STEPS)
        return next(named, "") or self._block_title(sheet, position[1]) or sheet

    def _block_title(self, sheet: str, column: int) -> str:
        """Return what a block of the index is called, in the column to its left, "" elsewhere."""
        if sheet != resolve(self.book, "out_scores").sheet:
            return ""
        value = self.book.value
        for left in range(column, 0, -1):
            title = plain_text(value(sheet, ROW_NAME, left))
            if title and not value(sheet, CODE, left):
                return title
        return ""

    def _node_words(self, code: str) -> Words:
        node = self._inputs[code]
        return Words(node.name_zh, node.name_en, code)

    def _listed(self, sheet: str, position: Position) -> Description | None:
        """Return what a cell of a matrix of ties or an entry of a list is: of whom, and of what."""
        row, column = position
        for area, name in self._areas.get(sheet, ()):
            if not area.r1 < row <= area.r2:
                continue
            tie = None
            if name.startswith(_MATRIX) and LEFT <= column <= area.c2:
                tie = self._tie_in_matrix(area, name, position)
            elif column - area.c1 in _ENTRIES.get(name, ()):
                tie = self._tie_in_list(area, row)
            if tie is not None and tie.code in self._inputs:
                return self._describe_tie(tie)
        return None

    def _tie_in_matrix(self, area: Range, name: str, position: Position) -> _Tie | None:
        """Return the tie of two cities, of the row and of the column of a cell."""
        row, column = position
        rows = (row, area.r1 + 1 + column - LEFT)
        ends = [plain_text(self.book.value(area.sheet, r, 1)) for r in rows]
        if not self.units.keys() >= {*ends}:
            return None
        return _Tie(name.removeprefix(_MATRIX), *ends)

    def _tie_in_list(self, area: Range, row: int) -> _Tie:
        """Return the tie that a line of a list begins with."""
        columns = range(area.c1, area.c1 + 3)
        texts = [plain_text(self.book.value(area.sheet, row, c)) for c in columns]
        return _Tie(*texts)

    def _describe_tie(self, tie: _Tie) -> Description:
        """Return what an entry between a city and another one, or an institution, is."""
        turned = _Tie(tie.code, tie.other, tie.unit)
        status = self._ties.get(tie) or self._ties.get(turned, "")
        unit = self.units.get(tie.unit, Unit(tie.unit))
        other = self.units.get(tie.other, Unit(tie.other))
        words = (
            unit_words(unit),
            unit_words(other),
            self._node_words(tie.code),
            self.step_words("data"),
        )
        entered = _with_status(self._source_of(tie.code), status)
        return Description(words, tie.unit, node=tie.code, step="data", **entered)

    @cached_property
    def _ties(self) -> dict[_Tie, str]:
        """Ties -> status."""
        dataset = self.template.dataset
        statuses = {}
        for code, links in dataset.links.items():
            for link in links:
                statuses[_Tie(code, link.start, link.end)] = str(link.basis)
        for code, items in dataset.items.items():
            for item in items:
                statuses[_Tie(code, item.unit, item.name)] = str(item.basis)
        return statuses

    # -- marks and sources -----------------------------------------------------------------------
    @cached_property
    def _marks(self) -> dict[tuple[str, str], list[str]]:
        """(unit, code) -> what rules did to it."""
        result = index_or_error(self.template)
        marks = result.marks if isinstance(result, IndexResult) else ()
        return grouped(((mark.unit, mark.code), mark.kind) for mark in marks)

    @cached_property
    def _sources(self) -> dict[str, dict[str, str]]:
        """Code -> its line of the table of sources."""
        return {
            row["code"]: row for row in self._table("xl_sources") if row.get("code")
        }

    @cached_property
    def _exceptions(self) -> dict[tuple[str, str], dict[str, str]]:
        rows = (row for row in self._table("xl_exceptions") if row.get("city"))
        return {(row["city"], row.get("indicator", "")): row for row in rows}

    def _table(self, name: str) -> list[dict[str, str]]:
        lines = []
        for record in CellReader(self.book, self.template.file).records(name):
            line = {}
            for column, (value, _) in record.items():
                if value not in (None, ""):
                    line[column] = plain_text(value)
            lines.append(line)
        return lines

    def _source_of(self, node: str) -> dict[str, str]:
        """Return what the table of sources says of an indicator."""
        usual = self._sources.get(node, {})
        keys = ("source_zh", "source", "period", "scope", "url")
        return {key: usual[key] for key in keys if key in usual}

    def _entered(self, unit: str, node: str) -> dict[str, Any]:
        """Return marks and source of a value that was entered."""
        dataset = self.template.dataset
        basis = ""
        bounds = ""
        if node in dataset.codes and unit in dataset.rows:
            position = dataset.rows[unit], dataset.column(node)
            basis = str(dataset.basis[position])
            if basis == Status.DERIVED:
                bounds = self._bounds(unit, node, float(dataset.values[position]))
        exception = self._exceptions.get((unit, node), {})
        copied = ("year", "url", "entered_by", "checked_by", "remark")
        fields = self._source_of(node) | {
            key: exception[key] for key in copied if key in exception
        }
        return _with_status({**fields, "range": bounds}, basis)

    def _bounds(self, unit: str, node: str, value: float) -> str:
        """Return between which bounds print leaves a derived value, if that is known of it."""
        known = self._ranges.get((unit, node))
        if known is None or not known.low <= value <= known.high:
            return ""
        return f"{known.low:.10g}–{known.high:.10g}"

    @cached_property
    def _ranges(self) -> dict[tuple[str, str], ValueRange]:
        """(unit, code) -> the bounds of a value that the workbook's report derived."""
        report = self.template.report
        known = load_report(report).ranges if report in known_ids() else ()
        return {(entry.unit, entry.code): entry for entry in known}


class _Tie(NamedTuple):
    """An entry between a city and another one, or an institution."""

    code: str
    unit: str
    other: str


def _with_status(fields: dict[str, str], status: str) -> dict[str, Any]:
    """Return marks and source of a value; its status is a mark unless it was printed."""
    given = {**fields, "status": status}
    source = {key: text for key, text in given.items() if text}
    return {
        "marks": (status,) if status not in ("", Status.PRINTED) else (),
        "source": source,
    }


def unit_words(unit: Unit) -> Words:
    """Return the names of a city."""
    if unit.name_zh or unit.name_en:
        return Words(unit.name_zh, unit.name_en)
    return Words(unit.id)


class Headings:
    """Finds the headings of cells.

    Parameters
    ----------
    book
        The workbook.
    labels
        Those of its template: key -> text in both languages.
    names
        Names of what headings stand for, beside the labels.
    """

    def __init__(
        self, book: ReadBook, labels: Mapping[str, Words], names: Sequence[Words] = ()
    ) -> None:
        self._book = book
        self._keyed = labels
        self._names = names
        self._texts = cache(self._read_texts)
        self._distinct = cache(self._count_distinct)
        self._filled = cache(self._find_filled_columns)

    def of(
        self,
        sheet: str,
        position: Position,
        is_entry: Callable[[int], bool] = lambda row: False,
    ) -> tuple[Words, ...]:
        """Return the texts to the left of a cell and above it, unless that is an entry."""
        row, column = position
        rows, columns = self._texts(sheet)
        left = _heading_before(rows[row], column)
        above = _heading_before(columns[column], row)
        if not self._keyed:
            left = self._find_row_name(sheet, position)
            if left and not above and self._is_beyond_gap(sheet, position, left[0]):
                left = (
                    None  # such as weights beside a table: they are not its first rows'
                )
        if above and (row - above[0] >= _FARTHEST_HEADING or is_entry(above[0])):
            above = None
        return tuple(
            self.words(neighbour[1]) for neighbour in (left, above) if neighbour
        )

    def _is_beyond_gap(self, sheet: str, position: Position, label: int) -> bool:
        """Tell whether a column without any cells follows the numbers that a label names."""
        cells = self._book.sheets[sheet].cells
        row, column = position
        filled = self._filled(sheet)
        gaps = [c for c in range(label + 1, column) if c not in filled]
        before = range(label + 1, gaps[-1] if gaps else label)
        return any(isinstance(cells.value((row, c)), float) for c in before)

    def _find_filled_columns(self, sheet: str) -> set[int]:
        cells = self._book.sheets[sheet].cells
        filled = [cell for cell in cells if cells.value(cell) not in (None, "")]
        return {column for _, column in filled}

    def _find_row_name(self, sheet: str, position: Position) -> tuple[int, str] | None:
        """Return the text to the left of a cell that a person would call its row by.

        That of a column whose texts tell rows apart, not grades or remarks; of texts that touch
        each other the first one that is not a code.
        """
        row, column = position
        ranked = []
        group = 0
        texts_before = [
            place for place in self._texts(sheet)[0][row] if place[0] < column
        ]
        for number, (own_column, text) in enumerate(texts_before):
            group += not number or texts_before[number - 1][0] < own_column - 1
            is_name = not _CODE.fullmatch(text)
            share, names = self._distinct(sheet, own_column).get(row, (0.0, 0))
            # In a form a label is beside its value: 净利润：. A single one may be a remark.
            is_beside = own_column == column - 1
            is_label = is_beside and text.endswith((":", "："))
            few_names = min(names + is_beside, 3)
            ranked.append(
                ((is_label, share, few_names, group, is_name, -own_column), number)
            )
        return texts_before[max(ranked)[1]] if ranked else None

    def _count_distinct(
        self,
        sheet: str,
        column: int,
    ) -> dict[int, tuple[float, int]]:
        """Return the rows with texts in a column -> how far the texts that touch tell rows apart.

        The share of them that differ from each other, and how many do.
        """
        texts = dict(self._texts(sheet)[1][column])
        distinct: dict[int, tuple[float, int]] = {}
        for first, last in find_runs(texts):
            rows = range(first, last + 1)
            names = len({texts[row] for row in rows})
            share = names / len(rows)
            distinct |= dict.fromkeys(
                rows, (1.0 if share >= _DISTINCT else share, names)
            )
        return distinct

    def title(self, sheet: str) -> Words:
        """Return the title of a sheet."""
        return self._keyed.get(f"{sheet.lower()}.title", Words(sheet))

    def words(self, text: str) -> Words:
        """Return a text in both languages, where a label or a node is called so."""
        return self._labels.get(text, Words(text))

    @cached_property
    def _labels(self) -> dict[str, Words]:
        """Heading of a template, in any language of a book -> it in both."""
        # Ids of cities stand below a name that programs read.
        labels = {"id": self._keyed["cities.id"]} if self._keyed else {}
        for words in (*self._keyed.values(), *self._names):
            shown = (show_label(words.zh, words.en, language) for language in LANGUAGES)
            texts = (text.strip()[:_LONGEST] for text in shown)
            labels |= {text: words for text in texts if text}
        return labels

    def _read_texts(self, sheet: str) -> tuple[_Lines, _Lines]:
        """Return the texts of each row and of each column; in columns no results, such as grades.

        In a template formulas write headings, in the language of the workbook.
        """
        rows = defaultdict[int, _Line](list)
        columns = defaultdict[int, _Line](list)
        cells = self._book.sheets[sheet].cells
        results = set[Position]()
        for row, column in sorted(cells):
            text = cells.value((row, column))
            if not isinstance(text, str):
                continue
            if self._is_result(cells[row, column]):
                results.add((row, column))
            text = text.strip()[:_LONGEST]
            if text.strip(_GAP_SIGNS) and not _GAP_TEXT.fullmatch(text):
                rows[row].append((column, text))
                columns[column].append((row, text))
        for column in {column for _, column in results}:
            columns[column] = _without_results(columns[column], column, results)
        return rows, columns

    def _is_result(self, cell: Cell) -> bool:
        """Tell whether a formula computes a text, other than by copying a cell."""
        if not cell.computed or self._keyed:
            return False
        return not _COPY.fullmatch(cell.formula or "")


def _without_results(line: _Line, column: int, results: Collection[Position]) -> _Line:
    """Return the texts of a column without results that touch others above or below."""
    left = []
    for row, text in line:
        beside = ((row - 1, column), (row + 1, column))
        is_single = not any(place in results for place in beside)
        if is_single or (row, column) not in results:
            left.append((row, text))
    return left


def _touch(first: tuple[int, str], second: tuple[int, str]) -> bool:
    """Tell whether the places of two texts of a line follow each other."""
    return first[0] + 1 == second[0]


def _heading_before(line: _Line, position: int) -> tuple[int, str] | None:
    """Return the last text of a row or column before a place, and where it stands.

    Before a text, the first of those that touch: the heading of a list.
    """
    index = bisect_left(line, (position, ""))
    if index < len(line) and line[index][0] == position:
        while index > 1 and _touch(line[index - 2], line[index - 1]):
            index -= 1
    return line[index - 1] if index else None
