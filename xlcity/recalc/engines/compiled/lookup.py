"""What finds cells: COUNTIF and its family, MATCH, INDEX."""

from __future__ import annotations

import math
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from functools import lru_cache, reduce
from operator import and_
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xlcity.errors import CellError
from xlcity.messages import Message
from xlcity.recalc.engines.compiled.aggregates import add_numbers, sumproduct
from xlcity.recalc.engines.compiled.blocks import CellBlock, apply_binary
from xlcity.recalc.engines.compiled.scalars import wildcard_pattern
from xlcity.recalc.engines.compiled.values import (
    DoubtError,
    Value,
    comparison_key,
    has_near_number,
    join,
    require_sortable,
    to_whole_number,
)
from xlcity.xlsx.formulas.number_texts import in_15_digits, reads_otherwise

#: A criterion: the text of a cell such as ">5", another value, or operator and operand.
Criterion = Any
#: Which cells of a block meet a criterion, row by row.
Mask = NDArray[np.bool_]

#: A text that spells a number.
_NUMBER_TEXT = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\Z", re.ASCII)
_CRITERION_PATTERN = re.compile(r"(<>|<=|>=|=|<|>)?(.*)\Z", re.DOTALL)
_ORDER_COMPARISONS = {
    "<": np.less,
    ">": np.greater,
    "<=": np.less_equal,
    ">=": np.greater_equal,
}


def _parse_criterion(criterion: Criterion) -> tuple[str, Value]:
    """Return the operator ("" for none) and the operand of a criterion such as ">5".

    The criterion is a text, another value that is not an error, or a pair of both already.
    """
    if criterion.__class__ is tuple:
        return criterion
    if criterion.__class__ is not str:
        # As a criterion a blank cell counts as 0.
        return "", 0.0 if criterion is None else criterion
    return _split_criterion(criterion)


@lru_cache(maxsize=1 << 12)  # formulas beside one another have the same criteria
def _split_criterion(criterion: str) -> tuple[str, Value]:
    """Return the operator ("" for none) and the operand of a criterion that is a text."""
    match = _CRITERION_PATTERN.match(criterion)
    assert match is not None
    return match[1] or "", _read_operand(match[2])


def join_criterion(operator: str, value: Value) -> Criterion:
    """Return the criterion that a formula writes as ``operator & value``, such as ``">"&A1``.

    With a finite number it is the pair of both: that need not become a text and be read again.
    """
    if value.__class__ is float and math.isfinite(value):
        return operator, in_15_digits(value)
    return join(operator, value)


def _read_operand(text: str) -> Value:
    """Return the number, logical or text that a criterion compares with.

    `DoubtError` for what a region may read as a number or a date, and for what may be an error.
    """
    stripped = text.strip()
    if _NUMBER_TEXT.match(stripped):
        return float(stripped)
    upper = text.upper()
    if upper in ("TRUE", "FALSE"):
        return upper == "TRUE"
    if reads_otherwise(text) or "#" in text:
        raise DoubtError(f"the criterion {text!r}")
    return text


def _require_clear_equality(block: CellBlock, operand: Value) -> None:
    """Raise `DoubtError` where programs may differ on which cells of a block equal a number.

    Operands that are not numbers pass.
    """
    if operand.__class__ is float and has_near_number(block.ascending, operand):
        raise DoubtError(Message("doubt.criterion_of_last_digits"))
    if operand.__class__ is float and block.cached(
        "regional", _has_regional_number_text
    ):
        raise DoubtError(Message("doubt.criterion_among_number_texts"))


def _has_regional_number_text(block: CellBlock) -> bool:
    """Return whether a block has a text that is a number or a date in some region only."""
    if str not in block.kinds:
        return False
    texts = {value for value in block.flat if value.__class__ is str}
    return any(
        reads_otherwise(text) for text in texts if not _NUMBER_TEXT.match(text.strip())
    )


def find_cells_meeting(block: CellBlock, criterion: Criterion) -> Mask:
    """Return which cells of a block meet a criterion that is not an error; cached with the block.

    Raises
    ------
    DoubtError
        Where programs may differ.
    """
    masks: dict[object, Mask] = block.cached("masks", lambda _: {})
    # In Python, True is the same key as 1.0.
    key = ("is", criterion) if criterion.__class__ is bool else criterion
    mask = masks.get(key)
    if mask is None:
        operator, operand = _parse_criterion(criterion)
        _require_clear_equality(block, operand)
        mask = masks[key] = _compare_cells(block, operator, operand)
    return mask


def _floats_or_nan(block: CellBlock) -> NDArray[np.float64]:
    """Return an array of a block's values, row by row; NaN for anything else than numbers.

    No comparison is true for NaN.
    """
    if block.numbers is not None and block.numbers.dtype == float:
        return block.numbers.ravel()  # type: ignore[no-any-return]
    return np.array([v if v.__class__ is float else np.nan for v in block.flat])


def _compare_cells(block: CellBlock, operator: str, operand: Value) -> Mask:
    """Return for which cells of a block, row by row, ``cell operator operand`` is true.

    As in COUNTIF, = matches wildcards, and texts that spell a number equal it. The operator ""
    is =, but with the operand "" it finds empty texts beside blanks.
    """
    if operator in _ORDER_COMPARISONS:
        return _compare_order(block, operator, operand)
    if operator == "<>":
        return ~_compare_cells(block, "=", operand)
    keys = block.comparison_keys
    if operand.__class__ is float:
        if str not in block.kinds:
            return block.cached("nan", _floats_or_nan) == operand  # type: ignore[no-any-return]
        return np.array([_equals_number(key, operand) for key in keys], dtype=bool)
    if operand.__class__ is str:
        return _compare_with_text(keys, operator, operand)
    operand_key = comparison_key(operand)
    return np.array([key == operand_key for key in keys])


def _compare_with_text(keys: list[object], operator: str, operand: str) -> Mask:
    """Return which keys of cells a text matches, for = or "": see `_compare_cells`."""
    if operand == "":
        blanks = {None} if operator == "=" else {None, ""}
        return np.array([key in blanks for key in keys])
    pattern = wildcard_pattern(operand)
    if pattern is not None:
        return np.array([_matches(pattern, key) for key in keys])
    operand_key = comparison_key(operand)
    return np.array([key == operand_key for key in keys])


def _matches(pattern: re.Pattern[str], key: object) -> bool:
    """Return whether a key of a cell is a text that a pattern matches."""
    return isinstance(key, str) and pattern.match(key) is not None


def _compare_order(block: CellBlock, operator: str, operand: Value) -> Mask:
    """Return for which cells of a block ``cell operator operand`` is true, for <, >, <= or >=.

    Numbers are compared with numbers only, texts with texts. `DoubtError` for other operands and
    for texts whose order depends on a region.
    """
    compare = _ORDER_COMPARISONS[operator]
    if operand.__class__ is float:
        return np.asarray(compare(block.cached("nan", _floats_or_nan), operand))
    if operand.__class__ is not str or not operand:
        raise DoubtError(f"the criterion {operator}{operand!r}")
    keys = block.comparison_keys
    operand_key = operand.lower()
    require_sortable(operand, *(key for key in keys if key.__class__ is str))
    are_met = (key.__class__ is str and bool(compare(key, operand_key)) for key in keys)
    return np.array(list(are_met))


def _equals_number(value: object, number: float) -> bool:
    """Return whether a value is a number, or a text that spells it."""
    if isinstance(value, str):
        stripped = value.strip()
        return bool(_NUMBER_TEXT.match(stripped)) and float(stripped) == number
    return value.__class__ is float and value == number


def _find_cells_meeting_all(
    pairs: tuple[Any, ...], size: tuple[int, int]
) -> Mask | CellError:
    """Return in which cells all blocks meet their criteria, row by row; or the error of the call.

    Parameters
    ----------
    pairs
        A block and its criterion, in turn.
    size
        Rows and columns that each block must have, else the error is #VALUE!.
    """
    masks: list[Mask] = []
    blocks = pairs[::2]
    criteria = pairs[1::2]
    for block, criterion in zip(blocks, criteria, strict=True):
        if criterion.__class__ is CellError:
            return criterion
        if (block.rows, block.columns) != size:
            return CellError.VALUE
        masks.append(find_cells_meeting(block, criterion))
    return reduce(and_, masks)


#: What counts the numbers of a sorted list that are smaller or larger than a number.
_COUNTS_IN_ORDER: dict[str, Callable[[list[float], float], int]] = {
    "<": bisect_left,
    "<=": bisect_right,
    ">": lambda ascending, number: len(ascending) - bisect_right(ascending, number),
    ">=": lambda ascending, number: len(ascending) - bisect_left(ascending, number),
}


def _count_by_value(block: CellBlock, criterion: Criterion) -> float | None:
    """Return COUNTIF of a text that cells equal, or of numbers in an order; None for all else.

    It does not look at each cell again.
    """
    if criterion.__class__ is CellError:
        return None
    operator, operand = _parse_criterion(criterion)
    if operand.__class__ is float and operator in _COUNTS_IN_ORDER:
        _require_clear_equality(block, operand)
        return float(_COUNTS_IN_ORDER[operator](block.ascending, operand))
    is_text = operand.__class__ is str and operand != "" and operator in ("", "=")
    if is_text and wildcard_pattern(operand) is None:
        return float(block.key_counts[operand.lower()])
    return None


def countifs(*pairs: Any) -> Value:
    """Return COUNTIF or COUNTIFS; `pairs` are a block and its criterion in turn."""
    if len(pairs) == 2 and (counted := _count_by_value(*pairs)) is not None:
        return counted
    all_met = _find_cells_meeting_all(pairs, (pairs[0].rows, pairs[0].columns))
    return (
        all_met if isinstance(all_met, CellError) else float(np.count_nonzero(all_met))
    )


def _find_numbers_meeting_all(
    values: CellBlock, pairs: tuple[Any, ...]
) -> list[float] | CellError:
    """Return the numbers of the cells in whose place all blocks meet their criteria.

    Or the first error: of a criterion, of unequal sizes (#VALUE!), or among these cells. `pairs`
    has a block and its criterion, in turn.
    """
    all_met = _find_cells_meeting_all(pairs, (values.rows, values.columns))
    if isinstance(all_met, CellError):
        return all_met
    flat = values.flat
    met = [flat[index] for index in np.nonzero(all_met)[0].tolist()]
    error = next((value for value in met if isinstance(value, CellError)), None)
    return error or [value for value in met if value.__class__ is float]


def sumifs(values: CellBlock, *pairs: Any) -> Value:
    """Return SUMIFS: the sum of the numbers in the cells where all blocks meet their criteria.

    `pairs` are a block and its criterion in turn.
    """
    numbers = _find_numbers_meeting_all(values, pairs)
    return numbers if isinstance(numbers, CellError) else add_numbers(numbers)


def averageifs(values: CellBlock, *pairs: Any) -> Value:
    """Return AVERAGEIFS: the mean of the numbers in the cells where all blocks meet their criteria.

    `pairs` are a block and its criterion in turn; #DIV/0! without such a number.
    """
    numbers = _find_numbers_meeting_all(values, pairs)
    if isinstance(numbers, CellError):
        return numbers
    return add_numbers(numbers) / len(numbers) if numbers else CellError.DIV0


def sumif(
    block: CellBlock, criterion: Criterion, values: CellBlock | None = None
) -> Value:
    """Return SUMIF: the sum of the numbers in the cells where `block` meets a criterion.

    They are those of `values`, a block of the same size, or of `block` itself.
    """
    return sumifs(_summed_block(block, values), block, criterion)


def averageif(
    block: CellBlock, criterion: Criterion, values: CellBlock | None = None
) -> Value:
    """Return AVERAGEIF: the mean of the numbers in the cells where `block` meets a criterion.

    They are those of `values`, a block of the same size, or of `block` itself.
    """
    return averageifs(_summed_block(block, values), block, criterion)


def _summed_block(block: CellBlock, values: CellBlock | None) -> CellBlock:
    """Return the block that SUMIF adds up: `values`, or the tested block itself.

    `DoubtError` for another size, of which Excel takes only the first cell.
    """
    if values is None:
        return block
    if (values.rows, values.columns) != (block.rows, block.columns):
        raise DoubtError(Message("doubt.sumif_unequal_ranges"))
    return values


def count_equal(block: CellBlock, value: Value) -> Value:
    """Return ``SUMPRODUCT((block=value)*1)``: how many cells equal a value, which is no pattern."""
    if value.__class__ is str and value and block.error is None:
        return float(block.key_counts[value.lower()])
    return sumproduct(apply_binary("*", apply_binary("=", block, value), 1.0))


# -- MATCH and INDEX -----------------------------------------------------------------------------
def _first_places(block: CellBlock) -> dict[object, int]:
    """Return value -> its first place in a block of one row or column, from 1.

    Values are given by their `comparison_key`, such as texts in small letters.
    """
    first_places: dict[object, int] = {}
    for position, key in enumerate(block.comparison_keys, 1):
        first_places.setdefault(key, position)
    return first_places


def match(value: Value, block: CellBlock) -> Value:
    """Return MATCH with 0: the place, from 1, of an equal value in a row or column, or #N/A."""
    kind = value.__class__
    if kind is CellError:
        return value
    if value is None:
        # searched as 0
        value = 0.0
        kind = float
    if block.rows > 1 and block.columns > 1:
        return CellError.NA
    places = block.cached("places", _first_places)
    if kind is float and has_near_number(block.ascending, value):
        raise DoubtError(Message("doubt.match_beside_last_digits"))
    pattern = wildcard_pattern(value) if kind is str else None
    if pattern is None:
        position = places.get(comparison_key(value))
    else:
        hits = (place for key, place in places.items() if _matches(pattern, key))
        position = min(hits, default=None)
    return CellError.NA if position is None else float(position)


#: For arguments that are left out.
_ABSENT: Any = object()


def index(block: CellBlock, row: Value, column: Value = _ABSENT) -> Value:
    """Return INDEX for one cell, rows and columns counted from 1; #REF! outside of the block.

    `DoubtError` where 0, a whole row or column, gives several cells.
    """
    # Nearly all calls are these two, of numbers inside the block: up to a tenth of a run's time.
    if column is _ABSENT:
        if (
            block.columns == 1
            and row.__class__ is float
            and 1.0 <= row < block.rows + 1
        ):
            return block.value_at(int(row) - 1, 0)
    elif (
        row.__class__ is column.__class__ is float
        and 1.0 <= row < block.rows + 1
        and 1.0 <= column < block.columns + 1
    ):
        return block.value_at(int(row) - 1, int(column) - 1)
    return _index_any(block, row, column)


def _index_any(block: CellBlock, row: Value, column: Value) -> Value:
    """Return INDEX of any values that cells may have: see `index`."""
    down = to_whole_number(row)
    if isinstance(down, CellError):
        return down
    across = 0 if column is _ABSENT else to_whole_number(column)
    if isinstance(across, CellError):
        return across
    if column is _ABSENT and block.rows == 1:
        # The only argument counts along the row.
        across = down
        down = 0
    if not (0 <= down <= block.rows and 0 <= across <= block.columns):
        return CellError.REF
    # Of a single row or column the whole is a cell.
    if down == 0 and block.rows == 1:
        down = 1
    if across == 0 and block.columns == 1:
        across = 1
    if down == 0 or across == 0:
        raise DoubtError(Message("doubt.index_of_several"))
    return block.value_at(down - 1, across - 1)
