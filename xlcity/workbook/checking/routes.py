"""Whether a workbook's cells, its function calls and the index of its inputs agree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import compress
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from xlcity.errors import CellError, CellValue, Problem, XlcityError, first_of
from xlcity.functions.rounding import is_flat
from xlcity.index.result import IndexResult
from xlcity.messages import Message, joined
from xlcity.recalc.compare import agree, relative_difference
from xlcity.recalc.workbook import Recalculated
from xlcity.workbook.layout.rows import UNITS_NAME
from xlcity.workbook.reading.records import number_of, plain_text
from xlcity.workbook.reading.results import BLOCKS, index_or_error
from xlcity.workbook.reading.template import Template, read_template
from xlcity.xlsx.address import Range, cell_name
from xlcity.xlsx.formulas.graph import Place

if TYPE_CHECKING:
    from xlcity.workbook.build import Built

#: Addresses listed with one check.
LISTED = 50
#: Directions, weights, parameters and bounds that cannot be used.
METHOD_PROBLEMS = ("XC215", "XC223", "XC224", "XC225", "XC226")
#: The first cell of a row, the values of its cells, and what the index has for them (NaN: none).
ComparedRow = tuple[Place, list[CellValue], list[float]]


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check: pass, fail, note or skipped, what it saw and where."""

    name: str
    status: str
    detail: str = ""
    cells: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = field(default=())


def cells_of(problems: Iterable[Problem]) -> tuple[str, ...]:
    """Return the cells that problems are about."""
    addresses = (
        f"{p.where.sheet}!{p.where.cell}"
        for p in problems
        if p.where.sheet and p.where.cell
    )
    return tuple(dict.fromkeys(addresses))[:LISTED]


def check_routes(built: Built, file: str) -> tuple[CheckResult, ...]:
    """Return whether cells, functions and index agree in a workbook that has just been built.

    Nothing is computed or read again but the index, from the workbook's cells alone.
    """
    template = read_template(built.package, built.computed.as_book(), file)
    result = index_or_error(template)
    computed = built.computed
    return check_functions(template, computed), check_index(template, computed, result)


def check_functions(template: Template, fresh: Recalculated) -> CheckResult:
    """Return what the workbook's own check of its function calls says."""
    row = next(
        (r for r in rows_of_checks(template, fresh) if r[0] == "udf-native"), None
    )
    if row is None:
        detail = Message("check.no_calls")
        if "xl_functions" in template.book.names:
            detail = Message("check.cells_are_calls")
        return CheckResult("udf-native", "skipped", detail)
    detail = Message("check.calls_agree", calls=str(row[4]), engine=fresh.udf_by)
    return CheckResult("udf-native", str(row[2]), detail)


def rows_of_checks(template: Template, fresh: Recalculated) -> list[list[CellValue]]:
    """Return the table of the sheet `Checks`, without its head."""
    return fresh.block(template.area("chk_table"))[1:]


def check_index(
    template: Template, fresh: Recalculated, result: IndexResult | XlcityError
) -> CheckResult:
    """Compare the index, computed from the workbook's inputs alone, with the cells."""
    if any(problem.code in METHOD_PROBLEMS for problem in template.problems):
        # The check `weights` is red; what such a method means is anyone's guess.
        unusable = Message("check.method_unusable")
        return CheckResult("python-native", "skipped", unusable)
    if isinstance(result, XlcityError):
        failed = Message("check.no_index")
        return CheckResult("python-native", "fail", failed, problems=result.problems)
    compared = 0
    worst = 0.0
    differing: list[str] = []
    for row in compare_index(template, fresh, result):
        compared += len(row[1])
        worst = max(worst, _compare_row(row, differing))
    if not differing:
        detail = Message("check.cells_agree", number=compared, largest=worst)
        return CheckResult("python-native", "pass", detail)
    number = len(differing)
    said = [Message("check.cells_differ", number=number, compared=compared)]
    if near_constant := _find_near_constant_indicators(result):
        codes = first_of(near_constant)
        said.append(Message("check.digits_lost", codes=codes))
    listed = tuple(differing[:LISTED])
    return CheckResult("python-native", "fail", joined(said), listed)


def _compare_row(compared: ComparedRow, differing: list[str]) -> float:
    """Add the cells of a row that differ; return the largest relative difference in it."""
    (sheet, (row, left)), cells, numbers = compared
    worst = 0.0
    for column, (cell, number) in enumerate(zip(cells, numbers, strict=True), left):
        if cell == number and cell.__class__ is float:
            continue
        mine = cell if isinstance(cell, CellError) else number_of(cell)
        theirs = number if number == number else None
        difference = relative_difference(mine, theirs)
        if difference is not None:
            worst = max(worst, difference)
        if not agree(mine, theirs):
            differing.append(f"{sheet}!{cell_name(row, column)}")
    return worst


def _find_near_constant_indicators(result: IndexResult) -> list[str]:
    """Return the indicators whose values agree in their first eight digits, and differ behind them.

    The mean of such values in a cell is too coarse for their differences from it.
    """
    low = np.fmin.reduce(result.raw, axis=0)
    high = np.fmax.reduce(result.raw, axis=0)
    are_near_constant = high - low < 1e-8 * np.maximum(abs(low), abs(high))
    return [*compress(result.leaf_codes, are_near_constant & ~is_flat(low, high))]


def compare_index(
    template: Template, fresh: Recalculated, result: IndexResult
) -> Iterator[ComparedRow]:
    """Yield every row of scores, ranks and normalised values with what the index has for it."""
    computed = _computed_blocks(result)
    pairs = result.pairs
    pair_rows = {} if pairs is None else _rows_of_pairs(pairs.pairs)
    names = template.book.names
    for name, (ids, heads) in BLOCKS.items():
        if name not in computed or not {name, ids, heads} <= names.keys():
            continue
        # A city that stands a second time is not scored again.
        rows = dict(template.dataset.rows if ids == UNITS_NAME else pair_rows)
        codes = map(str, template.book.block(template.area(heads))[0])
        expected = computed[name].columns([*codes])
        of_ids = template.area(ids)
        named = template.area(name)
        last_row = named.r1 + of_ids.rows - 1
        last_column = named.c1 + expected.shape[1] - 1
        cells = replace(named, r2=last_row, c2=last_column)
        yield from _compare_block(fresh, of_ids, cells, rows, values=expected.tolist())


class _Computed(NamedTuple):
    """Numbers of the index: a row a city or pair, a column a code."""

    codes: Sequence[str]
    values: np.ndarray

    def columns(self, codes: Sequence[str]) -> np.ndarray:
        """Return the columns of codes; one whose head names no node is held against nothing."""
        beside = np.full((len(self.values), 1), np.nan)
        padded = np.hstack([self.values, beside])
        known = self.codes
        return padded[:, [known.index(c) if c in known else -1 for c in codes]]


def _rows_of_pairs(pairs: Iterable[Iterable[str]]) -> dict[str, int]:
    return {"|".join(pair): row for row, pair in enumerate(pairs)}


def _computed_blocks(result: IndexResult) -> dict[str, _Computed]:
    """Return what the index computed for the blocks of a template, by their names."""
    nodes = result.node_codes
    leaves = result.leaf_codes
    beside = result.supplementary
    computed = {
        "out_scores": _Computed(nodes, result.scores),
        "out_normalised": _Computed(leaves, result.normalised),
        "out_ranks": _Computed(nodes, _ranks_or_nan(result.ranks)),
    }
    for block in ("sat_joint", "sat_field"):
        computed[f"{block}_scores"] = _Computed(beside.codes, beside.scores)
        ranks = _ranks_or_nan(beside.ranks)
        computed[f"{block}_ranks"] = _Computed(beside.codes, ranks)
    pairs = result.pairs
    if pairs is not None:
        computed["out_pair_scores"] = _Computed(nodes, pairs.scores)
        computed["out_pair_normalised"] = _Computed(leaves, pairs.normalised)
        computed["out_pair_ranks"] = _Computed(nodes, _ranks_or_nan(pairs.ranks))
    return computed


def _ranks_or_nan(ranks: np.ndarray) -> np.ndarray:
    return np.where(ranks > 0, ranks, np.nan)


def _compare_block(
    fresh: Recalculated,
    ids: Range,
    area: Range,
    rows: dict[str, int],
    values: list[list[float]],
) -> Iterator[ComparedRow]:
    """Yield the rows of a block, which are found by the ids beside it, each id once."""
    lines = zip(fresh.block(ids), fresh.block(area), strict=True)
    for sheet_row, ((unit, *_), cells) in enumerate(lines, area.r1):
        row = rows.pop(plain_text(unit), None)
        numbers = [np.nan] * area.columns if row is None else values[row]
        yield (area.sheet, (sheet_row, area.c1)), cells, numbers
