"""Reads the index of a team's workbook from its formulas: the whole way from file to proof."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from xlcity.errors import EngineError, Where, WorkbookError, did_you_mean
from xlcity.methods.aggregate.topsis import TOPSIS
from xlcity.methods.normalise.none import NONE
from xlcity.model.dataset import FloatArray
from xlcity.proof.cells import TeamCells
from xlcity.proof.cities import CitySeries, find_cities
from xlcity.proof.columns import Slip, TeamColumns, series_name
from xlcity.proof.meanings import Given, Meaning, Scored, TreeNode
from xlcity.proof.probe import ColumnProbe
from xlcity.proof.proving import Proof, Prover
from xlcity.proof.tables import IndexTables, can_stay, index_tables
from xlcity.proof.total import Totals, rank_ties
from xlcity.proof.understand import Understanding
from xlcity.proof.workbook_map import WorkbookMap
from xlcity.xlsx.address import parse_area
from xlcity.xlsx.cells import ReadBook, read_book
from xlcity.xlsx.package import Package

#: Formulas of a workbook that is read, at most.
MOST_FORMULAS = 8000
#: Totals that a question names.
_MOST_TOTALS = 3


@dataclass(frozen=True)
class Unexplained:
    """A column that stays as given values, and why."""

    series: CitySeries
    heading: str
    place: str
    reason: str


@dataclass(frozen=True)
class ReadIndex:
    """An index as it was read out of formulas.

    Attributes
    ----------
    columns
        The columns of the workbook.
    root
        The tree.
    tables
        Framework, recipe and data.
    proof
        What was compared.
    explained
        The columns that are explained.
    unexplained
        Those that stay as given values.
    slips
        Cells behind the total that break the pattern of their column.
    totals
        The columns that may be the total, the one taken first.
    """

    columns: TeamColumns
    root: TreeNode
    tables: IndexTables
    proof: Proof
    explained: tuple[CitySeries, ...]
    unexplained: tuple[Unexplained, ...]
    slips: tuple[Slip, ...]
    totals: tuple[CitySeries, ...] = field(default=())
    #: The slips that stay as they stand.
    kept: tuple[Slip, ...] = ()
    #: The columns of ranks of the total.
    rankings: tuple[CitySeries, ...] = ()
    #: Whether the file stores no results, so that those of our engine stand in for them.
    recalculated: bool = False

    @property
    def formulas_explained(self) -> int:
        """How many formulas are explained."""
        return sum(self.columns[one].formulas for one in self.explained)

    @property
    def status(self) -> str:
        """Whether it is "explained", "part" or "refuted"."""
        if not self.proof.holds:
            return "refuted"
        return "part" if self.unexplained else "explained"

    @property
    def rounded(self) -> dict[CitySeries, int]:
        """Columns that are rounded -> their decimals."""
        digits = {one: self.columns[one].digits for one in self.explained}
        return {one: number for one, number in digits.items() if number is not None}


class NoIndexError(WorkbookError):
    """A workbook has no index that formulas tell of."""

    code = "XC361"


def read_index(
    file: str | Path | Package,
    total: str | None = None,
    keep: Collection[str] = (),
    known: WorkbookMap | None = None,
) -> ReadIndex:
    """Read the index of a workbook from its formulas, and prove it.

    Parameters
    ----------
    file
        The workbook.
    total
        A cell of the column (or row) of the total, such as "Index!J5"; None finds it.
    keep
        Cells that break the pattern of their column and are meant so, such as "Index!J12".
    known
        What was kept when it was read before: its total, unless another one is named, and further
        cells that are meant so.

    Raises
    ------
    WorkbookError
        If it is not a workbook.
    NoIndexError
        If formulas tell of no index: no cities, no total over them, or nothing that is understood;
        or if a cell that is named is not in a column of results, or breaks no pattern.
    """
    package = file if isinstance(file, Package) else Package.read(file)
    book = read_book(package)
    cells = TeamCells(book)
    if cells.graph.formula_cells > MOST_FORMULAS:
        raise NoIndexError.of(
            "XC361.too_many",
            Where(package.name),
            number=cells.graph.formula_cells,
            most=MOST_FORMULAS,
        )
    cities = find_cities(cells)
    where = Where(package.name)
    if not cities.names:
        raise NoIndexError.of("XC361.no_cities", where)
    columns = TeamColumns(cells, cities)
    lacks_results = not any(_stored_results(book))
    if lacks_results:
        columns.results |= _computed_results(columns)
    totals = Totals(columns)
    if not totals.candidates:
        raise NoIndexError.of("XC361.no_total", where)
    reader = _IndexReader(columns, totals)
    known = known or WorkbookMap("")
    wanted = columns.named(known.total) if total is None else reader.series_at(total)
    read = reader.read(wanted, keep, known.keep)
    return replace(read, recalculated=lacks_results)


def _stored_results(book: ReadBook) -> Iterator[bool]:
    """Yield of each formula of a workbook whether its result is stored."""
    for sheet in book.sheets.values():
        for position in sheet.cells.texts():
            yield sheet.value(*position) is not None


def _computed_results(columns: TeamColumns) -> dict[CitySeries, FloatArray]:
    """Return what the formulas of each column give as they stand, as far as we compute them."""
    found = {}
    for series in columns.computed:
        with suppress(EngineError):
            found[series] = ColumnProbe(
                columns, [series], (), columns.all_cells
            ).run_one({})
    return found


class _IndexReader:
    """Goes from the likeliest total down."""

    def __init__(self, columns: TeamColumns, totals: Totals) -> None:
        self.columns = columns
        self.totals = totals
        self.understanding = Understanding(columns)

    def series_at(self, cell: str) -> CitySeries:
        """Return the series of a cell, such as "Index!J5".

        Raises
        ------
        NoIndexError
            If no city has a computed value there.
        """
        named = self.columns.named(cell)
        if named is not None:
            return named
        area = parse_area(cell)
        found = None
        if area is not None:
            place = area.sheet, (area.r1, area.c1)
            found = self.columns.cities.city_cells.get(place)
        if found is None or self.columns[found.series].pattern is None:
            where = Where(self.columns.cells.book.file)
            raise NoIndexError.of("XC361.no_series", where, cell=cell)
        return found.series

    def read(
        self, total: CitySeries | None, keep: Collection[str], before: Collection[str]
    ) -> ReadIndex:
        """Return the index of a total, or of the likeliest one that is understood.

        Parameters
        ----------
        total
            The column, None for the likeliest one.
        keep, before
            The cells that stay as they stand; and those that were to do so when it was read before,
            of which some may be as their column says now.
        """
        root = self._find_root(self.totals.candidates if total is None else [total])
        sheet = self.columns.cities.blocks[root.series.block].axis.sheet
        slips = [*self._slips_behind(root)]
        ties = rank_ties(self.totals.rankings_of(root.series))
        tables = index_tables(self.columns, root, sheet, ties)
        kept_cells = {*self._slip_cells(slips, keep), *before}
        named = [slip for slip in slips if slip.cell in kept_cells]
        kept = [slip for slip in named if can_stay(self.columns, tables, slip)]
        prover = Prover(self.columns, self.totals, root, tables)
        proof = prover.prove(slips, kept)
        if kept:
            tables = index_tables(self.columns, root, sheet, ties, kept=kept)
            proof = Prover(self.columns, self.totals, root, tables).with_kept(proof)
        given = {*self._given(root)}
        explained = [*self._explained(root, given)]
        unexplained = [self._unexplained(one) for one in sorted(given, key=_series_of)]
        return ReadIndex(
            self.columns,
            root,
            tables,
            proof,
            explained=tuple(explained),
            unexplained=tuple(unexplained),
            slips=tuple(slips),
            kept=tuple(kept),
            totals=tuple(self._rivals(root.series)),
            rankings=tuple(r.series for r in self.totals.rankings_of(root.series)),
        )

    def _slip_cells(
        self, slips: Sequence[Slip], names: Collection[str]
    ) -> Iterator[str]:
        """Yield the cells that are named, in capitals or not, as slips have them.

        Raises
        ------
        NoIndexError
            If one of them is no slip.
        """
        cells = {slip.cell.casefold(): slip.cell for slip in slips}
        for name in names:
            cell = cells.get(name.replace("$", "").casefold())
            if cell is None:
                hint = did_you_mean(name, cells.values())
                where = Where(self.columns.cells.book.file)
                raise NoIndexError.of("XC361.no_slip", where, hint=hint, cell=name)
            yield cell

    def _find_root(self, candidates: list[CitySeries]) -> TreeNode:
        """Return the tree of the first total that is understood."""
        for series in candidates[:_MOST_TOTALS]:
            meaning = self.understanding.meaning(series)
            below = self.understanding.inputs(series)
            if isinstance(meaning, Given) and len(below) == 1:
                # The last column may only divide by its sum.
                meaning = self.understanding.meaning(below[0])
            if isinstance(meaning, TreeNode) and _has_method(meaning):
                return meaning
        place = series_name(self.columns, candidates[0])
        where = Where(self.columns.cells.book.file)
        raise NoIndexError.of("XC361.not_understood", where, place=place)

    def _rivals(self, series: CitySeries) -> Iterator[CitySeries]:
        """Yield the columns that may as well be the total."""
        yield series
        width = len(self.totals.behind.get(series, ()))
        for other in self.totals.candidates:
            is_ranked = self.totals.rankings_of(other)
            if (
                other != series
                and is_ranked
                and len(self.totals.behind[other]) == width
            ):
                yield other

    def _given(self, meaning: Meaning) -> Iterator[Given]:
        """Yield the columns that stay as given values."""
        if isinstance(meaning, Given):
            yield meaning
        elif isinstance(meaning, TreeNode):
            for child in meaning.children:
                yield from self._given(child.meaning)
        elif isinstance(meaning, Scored):
            below = self.understanding.meaning(meaning.base)
            if isinstance(below, Given) and below.reason != "unread.made":
                yield below

    def _explained(self, root: TreeNode, given: set[Given]) -> Iterator[CitySeries]:
        """Yield the computed columns that the tree explains, ranks of the total included."""
        ends = {one.series for one in given}
        waiting = [root.series]
        seen = {root.series}
        while waiting:
            one = waiting.pop()
            if one in ends or one not in self.totals.reads:
                continue
            yield one
            for below in self.totals.reads[one]:
                if below not in seen:
                    seen.add(below)
                    waiting.append(below)
        for ranking in self.totals.rankings_of(root.series):
            yield ranking.series

    def _unexplained(self, given: Given) -> Unexplained:
        return Unexplained(
            given.series,
            self.columns[given.series].heading,
            series_name(self.columns, given.series),
            given.reason,
        )

    def _slips_behind(self, root: TreeNode) -> Iterator[Slip]:
        """Yield the slips of all columns behind a total, and of its ranks."""
        ranked = [ranking.series for ranking in self.totals.rankings_of(root.series)]
        yield from self._slips([*self.totals.path(root.series), *ranked])

    def _slips(self, path: list[CitySeries]) -> Iterator[Slip]:
        """Yield the slips behind the total, those of cells beside the cities included."""
        seen = set()
        for series in path:
            column = self.columns[series]
            yield from column.slips
            if column.pattern is None:
                continue
            for helper in self.columns.inputs(column.pattern).helpers:
                if helper not in seen:
                    seen.add(helper)
                    yield from self.columns.helper_slips(helper)


def _series_of(meaning: Meaning) -> CitySeries:
    return meaning.series


def _has_method(node: TreeNode) -> bool:
    """Tell whether something below a node is normalised, or a level is, or it does that itself."""
    if node.method == TOPSIS.name:
        return True
    for child in node.children:
        meaning = child.meaning
        if isinstance(meaning, Scored) and meaning.fit.method != NONE.name:
            return True
        if isinstance(meaning, TreeNode):
            return True
    return False


__all__ = ["NoIndexError", "ReadIndex", "read_index", "series_name"]
