"""Whether a workbook's cells, its function calls and the index of its inputs agree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import compress
from typing import TYPE_CHECKING

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
    differing = []
    for (sheet, (row, left)), cells, numbers in compare_index(template, fresh, result):
        compared += len(cells)
        for column, (cell, number) in enumerate(zip(cells, numbers, strict=True), left):
            if cell == number and cell.__class__ is float:
                continue
            mine = cell if isinstance(cell, CellError) else number_of(cell)
            theirs = number if number == number else None
            if (difference := relative_difference(mine, theirs)) is not None:
                worst = max(worst, difference)
            if not agree(mine, theirs):
                differing.append(f"{sheet}!{cell_name(row, column)}")
    if differing:
        number = len(differing)
        said = [Message("check.cells_differ", number=number, compared=compared)]
        if near_constant := _find_near_constant_indicators(result):
            codes = first_of(near_constant)
            said.append(Message("check.digits_lost", codes=codes))
        listed = tuple(differing[:LISTED])
        return CheckResult("python-native", "fail", joined(said), listed)
    detail = Message("check.cells_agree", number=compared, largest=worst)
    return CheckResult("python-native", "pass", detail)


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
    supplementary_scores = result.supplementary
    pairs = result.pairs
    computed = {
        "out_scores": (result.node_codes, result.scores),
        "out_normalised": (result.leaf_codes, result.normalised),
        "out_ranks": (result.node_codes, _ranks_or_nan(result.ranks)),
    }
    for block in ("sat_joint", "sat_field"):
        computed[f"{block}_scores"] = (
            supplementary_scores.codes,
            supplementary_scores.scores,
        )
        computed[f"{block}_ranks"] = (
            supplementary_scores.codes,
            _ranks_or_nan(supplementary_scores.ranks),
        )
    pair_rows = (
        {}
        if pairs is None
        else {"|".join(pair): n for n, pair in enumerate(pairs.pairs)}
    )
    if pairs is not None:
        computed["out_pair_scores"] = result.node_codes, pairs.scores
        computed["out_pair_normalised"] = result.leaf_codes, pairs.normalised
        computed["out_pair_ranks"] = result.node_codes, _ranks_or_nan(pairs.ranks)
    names = template.book.names
    for name, (ids, heads) in BLOCKS.items():
        if name in computed and {name, ids, heads} <= names.keys():
            # A city that stands a second time is not scored again.
            rows = dict(template.dataset.rows if ids == UNITS_NAME else pair_rows)
            codes, values = computed[name]
            columns = [*map(str, template.book.block(template.area(heads))[0])]
            # A column whose head names no node is held against nothing.
            padded = np.pad(
                values,
                ((0, 0), (0, 1)),
                constant_values=np.nan,
            )
            expected = padded[
                :, [codes.index(code) if code in codes else -1 for code in columns]
            ]
            of_ids = template.area(ids)
            named = template.area(name)
            last = named.r1 + of_ids.rows - 1, named.c1 + len(columns) - 1
            cells = Range(named.sheet, named.r1, named.c1, *last)
            yield from _compare_block(
                fresh, of_ids, cells, rows, values=expected.tolist()
            )


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
