"""What a cell is, in words: city, indicator, step, source, and what was done to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property

from xlcity.audit.trace.headings import Headings
from xlcity.audit.trace.steps import Description, Words
from xlcity.data_files import toml_beside
from xlcity.index.result import IndexResult
from xlcity.model.dataset import Status, Unit
from xlcity.model.nodes import Ingredient, Node, Satellite
from xlcity.workbook.build import own_labels
from xlcity.workbook.labels import Labels
from xlcity.workbook.layout.networks import LEFT
from xlcity.workbook.reading.records import plain_text
from xlcity.workbook.reading.results import index_or_error
from xlcity.workbook.reading.template import Template
from xlcity.workbook.spec.from_template import spec_of
from xlcity.xlsx.address import Range
from xlcity.xlsx.cells import Position, ReadBook, resolve

#: Rows that are looked through for codes.
_FAR = 60
#: Marks of the index by the block in which they show.
_ON_LEAVES = frozenset(("clipped", "imputed", "floor", "unrated", "lowest"))
_ON_NODES = frozenset(("renormalised", "zero", "direct"))
#: What the names of matrices of ties begin with.
_MATRIX = "in_matrix_"
#: Names of a template's blocks in words, and these in Chinese.
_STEPS, _STEPS_ZH = (toml_beside(__file__, "words.toml")[key] for key in ("blocks", "zh"))


class Describer:
    """Describes the cells of a workbook; of a template by its own names."""

    def __init__(self, book: ReadBook, template: Template | None) -> None:
        self.book, self.template = book, template
        self._above: dict[tuple[str, int], str] = {}
        self._codes: dict[str, tuple[int, ...]] = {}
        nodes = () if template is None else self._inputs.values()
        names = (Words(node.name_zh, node.name_en) for node in nodes)
        labels = {} if template is None else Labels.load(own_labels(spec_of(template))).texts
        words = {key: Words(zh, en) for key, (zh, en) in labels.items()}
        self.headings = Headings(book, words, tuple(names))

    def of(self, sheet: str, position: Position) -> Description:
        """Return what a cell is."""
        if self.template is None:
            return Description((*self.headings.of(sheet, position), Words(sheet)))
        if (parameter := self._parameters.get((sheet, position))) is not None:
            what = Words(parameter), *self.headings.behind(sheet, position)
            return Description(what, step="parameter")
        tie = self._tie(sheet, position) or self._line(sheet, position)
        if tie is not None:
            return tie
        unit, node, row_node = self._unit(sheet, position[0]), "", ""
        if unit is None:
            row_node = self._row_node(sheet, position[0])
        node = row_node or self._column_node(sheet, position)
        step = self._step(sheet, position)
        words = [unit_words(unit)] if unit else []
        words += [self._node_words(node)] if node else []
        named = {node, *(text for piece in words for text in (piece.zh, piece.en))} - {""}
        nearby: tuple[Words, ...] = ()
        if not unit and not row_node:
            nearby = self.headings.of(
                sheet, position, lambda row: self._unit(sheet, row) is not None
            )
        headings = [piece for piece in nearby if named.isdisjoint((piece.zh, piece.en))]
        words += headings or [self.step_words(step)]
        unit_id = unit.id if unit else ""
        return Description(
            tuple(words),
            unit_id,
            node,
            step,
            self._marks(sheet, position, unit_id, node),
            self._source(sheet, position, unit_id, node),
        )

    def step_words(self, step: str) -> Words:
        """Return a step in both languages; one without a name is known by its sheet."""
        return Words(_STEPS_ZH[step], step) if step in _STEPS_ZH else self.headings.title(step)

    # -- places of a template --------------------------------------------------------------------
    @cached_property
    def units(self) -> dict[str, Unit]:
        """The cities of a template by id."""
        return {} if self.template is None else {u.id: u for u in self.template.dataset.units}

    @cached_property
    def _inputs(self) -> Mapping[str, Node | Ingredient | Satellite]:
        if self.template is None:
            return {}
        framework = self.template.framework
        return {**framework.inputs, **{each.code: each for each in framework.satellites}}

    @cached_property
    def _matrices(self) -> dict[str, tuple[str, Range]]:
        """Sheet -> the code of its network and where the ties stand."""
        matrices = {}
        for name in self.book.names if self.template is not None else ():
            if name.startswith(_MATRIX):
                area = resolve(self.book, name)
                matrices[area.sheet] = name.removeprefix(_MATRIX), area
        return matrices

    @cached_property
    def _blocks(self) -> dict[str, list[tuple[Range, str]]]:
        blocks: dict[str, list[tuple[Range, str]]] = defaultdict(list)
        for name, step in _STEPS.items():
            if name in self.book.names:
                area = resolve(self.book, name)
                blocks[area.sheet].append((area, step))
        return blocks

    @cached_property
    def _parameters(self) -> dict[tuple[str, Position], str]:
        parameters: dict[tuple[str, Position], str] = {}
        for name in self.book.names:
            if name.startswith("par_"):
                area = resolve(self.book, name)
                parameters |= {(area.sheet, position): name for position in area.positions}
        return parameters

    def _unit(self, sheet: str, row: int) -> Unit | None:
        return self.units.get(plain_text(self.book.value(sheet, row, 1)))

    def _row_node(self, sheet: str, row: int) -> str:
        code = plain_text(self.book.value(sheet, row, 1))
        return code if code in self._inputs else ""

    def _column_node(self, sheet: str, position: Position) -> str:
        """Return the code that stands above a cell."""
        row, column = position
        own = self.book.value(sheet, row, column)
        if isinstance(own, str) and own in self._inputs:
            return own
        key = sheet, column
        if key not in self._above:
            above = [plain_text(self.book.value(sheet, r, column)) for r in self._code_rows(sheet)]
            self._above[key] = next((code for code in above if code in self._inputs), "")
        return self._above[key]

    def _code_rows(self, sheet: str) -> tuple[int, ...]:
        if sheet not in self._codes:
            counts: dict[int, int] = defaultdict(int)
            contents = self.book.sheets[sheet]
            near = [position for position in contents.cells if position[0] <= _FAR]
            for (row, _), value in zip(near, contents.values(near), strict=True):
                if isinstance(value, str) and value in self._inputs:
                    counts[row] += 1
            self._codes[sheet] = tuple(sorted(counts, key=lambda r: -counts[r])[:3])
        return self._codes[sheet]

    def _step(self, sheet: str, position: Position) -> str:
        for area, step in self._blocks.get(sheet, ()):
            if area.holds(sheet, position):
                return step
        return sheet

    def _node_words(self, code: str) -> Words:
        node = self._inputs[code]
        return Words(node.name_zh, node.name_en, code)

    def _tie(self, sheet: str, position: Position) -> Description | None:
        """Return what a cell of a matrix of ties is: two cities, and the indicator."""
        code, area = self._matrices.get(sheet, ("", None))
        row, column = position
        if area is None or not (area.r1 < row <= area.r2 and LEFT <= column <= area.c2):
            return None
        start = self._unit(sheet, row)
        end = self._unit(sheet, area.r1 + 1 + column - LEFT)
        if start is None or end is None:
            return None
        assert self.template is not None
        status = self._ties.get((code, start.id, end.id)) or self._ties.get(
            (code, end.id, start.id), ""
        )
        return self._listed((start.id, end.id), code, status)

    def _line(self, sheet: str, position: Position) -> Description | None:
        """Return what an entry of a line of a list is: a link's value, an institution's rank."""
        area, entries = self._lists.get(sheet, (None, range(0)))
        row, column = position
        if area is None or not (area.r1 < row <= area.r2 and column - area.c1 in entries):
            return None
        code, unit, other = (
            plain_text(self.book.value(sheet, row, area.c1 + offset)) for offset in range(3)
        )
        if code not in self._inputs:
            return None
        return self._listed((unit, other), code, self._ties.get((code, unit, other), ""))

    def _listed(self, pair: tuple[str, str], code: str, status: str) -> Description:
        details = {**self._source_of(code), **({"status": status} if status else {})}
        marks = (status,) if status and status != Status.PRINTED else ()
        ends = [unit_words(self.units[u]) if u in self.units else Words(u) for u in pair]
        words = (*ends, self._node_words(code), self.step_words("data"))
        return Description(words, pair[0], code, "data", marks, details)

    @cached_property
    def _ties(self) -> dict[tuple[str, str, str], str]:
        """(code, city, other city or institution) -> status."""
        assert self.template is not None
        dataset = self.template.dataset
        statuses = {
            (code, t.start, t.end): str(t.basis) for code, of in dataset.links.items() for t in of
        }
        return statuses | {
            (code, item.unit, item.name): str(item.basis)
            for code, of in dataset.items.items()
            for item in of
        }

    @cached_property
    def _lists(self) -> dict[str, tuple[Range, range]]:
        """Sheet -> the lines of a list, and which of their entries are values."""
        lists = {}
        for name, entries in (("in_links", range(3, 4)), ("in_items", range(3, 5))):
            if name in self.book.names:
                area = resolve(self.book, name)
                lists[area.sheet] = area, entries
        return lists

    # -- marks and sources -----------------------------------------------------------------------
    @cached_property
    def _done(self) -> dict[tuple[str, str], tuple[str, ...]]:
        """(unit, code) -> what rules did to it."""
        if self.template is None:
            return {}
        result = index_or_error(self.template)
        if not isinstance(result, IndexResult):
            return {}
        marks: dict[tuple[str, str], list[str]] = defaultdict(list)
        for mark in result.marks:
            marks[mark.unit, mark.code].append(mark.kind)
        return {key: tuple(dict.fromkeys(kinds)) for key, kinds in marks.items()}

    def _marks(self, sheet: str, position: Position, unit: str, node: str) -> tuple[str, ...]:
        if not unit or not node or self.template is None:
            return ()
        step = self._step(sheet, position)
        if step == "data":
            basis = self._basis(unit, node)
            return (basis,) if basis and basis != Status.PRINTED else ()
        done = self._done.get((unit, node), ())
        if step in ("normalised", "clipped and oriented"):
            return tuple(kind for kind in done if kind in _ON_LEAVES)
        if step in ("score", "indicator"):
            return tuple(kind for kind in done if kind in _ON_NODES)
        return ()

    def _basis(self, unit: str, node: str) -> str:
        assert self.template is not None
        dataset = self.template.dataset
        if node not in dataset.codes or unit not in dataset.rows:
            return ""
        return str(dataset.basis[dataset.rows[unit], dataset.column(node)])

    @cached_property
    def _sources(self) -> dict[str, dict[str, str]]:
        """Code -> its line of the table of sources."""
        return {row["code"]: row for row in self._table("xl_sources") if row.get("code")}

    @cached_property
    def _exceptions(self) -> dict[tuple[str, str], dict[str, str]]:
        return {
            (row.get("city", ""), row.get("indicator", "")): row
            for row in self._table("xl_exceptions")
            if row.get("city")
        }

    def _table(self, name: str) -> list[dict[str, str]]:
        if name not in self.book.names:
            return []
        header, *rows = self.book.block(resolve(self.book, name))
        titles = [plain_text(title) for title in header]
        return [
            {t: plain_text(v) for t, v in zip(titles, row, strict=True) if v not in (None, "")}
            for row in rows
        ]

    def _source_of(self, node: str) -> dict[str, str]:
        """Return what the table of sources says of an indicator."""
        usual = self._sources.get(node, {})
        keys = ("source_zh", "source", "period", "scope", "url")
        return {key: usual[key] for key in keys if key in usual}

    def _source(
        self, sheet: str, position: Position, unit: str, node: str
    ) -> Mapping[str, str] | None:
        if self.template is None or not unit or not node or self._step(sheet, position) != "data":
            return None
        fields = self._source_of(node)
        exception = self._exceptions.get((unit, node), {})
        copied = ("year", "url", "entered_by", "checked_by", "remark")
        fields |= {key: exception[key] for key in copied if key in exception}
        fields["status"] = self._basis(unit, node)
        return {key: value for key, value in fields.items() if value}


def unit_words(unit: Unit) -> Words:
    """Return the names of a city."""
    return Words(unit.name_zh, unit.name_en) if unit.name_zh or unit.name_en else Words(unit.id)
