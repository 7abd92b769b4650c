"""COUNTIF and its family: which cells meet a criterion."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from typing import Any

import numpy as np

from xlcity.errors import CellError
from xlcity.recalc.engines.compiled.blocks import NUMBER, CellBlock, GrowingArea, counted_above
from xlcity.recalc.engines.compiled.scalars import pattern_of
from xlcity.recalc.engines.compiled.values import (
    DoubtError,
    is_crowded,
    join,
    key_of,
    require_order,
)
from xlcity.xlsx.formulas.number_texts import in_15_digits, reads_otherwise

_CRITERION = re.compile(r"(<>|<=|>=|=|<|>)?(.*)\Z", re.S)
_PARSED: dict[str, tuple[str, Any]] = {}
_OPERATE = {"<": np.less, ">": np.greater, "<=": np.less_equal, ">=": np.greater_equal}


def _parsed(criterion: Any) -> tuple[str, Any]:
    """Return the operator and the operand of a criterion; ``=`` of ``None`` is a blank cell."""
    if criterion.__class__ is tuple:
        return criterion
    if criterion.__class__ is not str:
        # A blank cell counts as 0.
        return "", 0.0 if criterion is None else criterion
    operator_and_operand = _PARSED.get(criterion)
    if operator_and_operand is None:
        match = _CRITERION.match(criterion)
        assert match is not None
        operator_and_operand = match[1] or "", _operand(match[2])
        if len(_PARSED) > 100_000:
            _PARSED.clear()
        _PARSED[criterion] = operator_and_operand
    return operator_and_operand


def sign(operator: str, value: Any) -> Any:
    """Return the criterion that an operator and a value are when they are joined."""
    if value.__class__ is float and value - value == 0.0:
        return operator, in_15_digits(value)
    return join(operator, value)


def _operand(text: str) -> Any:
    plain = text.strip()
    if NUMBER.match(plain):
        return float(plain)
    upper = text.upper()
    if upper in ("TRUE", "FALSE"):
        return upper == "TRUE"
    if reads_otherwise(text) or "#" in text:
        raise DoubtError(f"the criterion {text!r}")
    return text


def _require_apart(block: CellBlock, operand: Any) -> None:
    """Refuse a number beside which others differ in their last digits."""
    if operand.__class__ is float and is_crowded(block.kept("sorted", _ranks), operand):
        raise DoubtError("a criterion that differs from a number in its last digits")
    if operand.__class__ is float and block.kept("odd", _odd_texts):
        raise DoubtError("a criterion among texts that may be read as numbers")


def _odd_texts(block: CellBlock) -> bool:
    """Return whether some text may be read as a number in a region."""
    if str not in block.kinds:
        return False
    texts = (v for v in block.flat if v.__class__ is str and not NUMBER.match(v.strip()))
    return any(map(reads_otherwise, texts))


def _table(block: CellBlock) -> Counter[object]:
    """Return how often each value stands in a block; texts in small letters."""
    return Counter(block.keys)


def _ranks(block: CellBlock) -> list[float]:
    return sorted(block.floats)


def _number_texts(block: CellBlock) -> Counter[float]:
    """Return how often texts spell each number."""
    if str not in block.kinds:
        return Counter()
    texts = (v.strip() for v in block.flat if v.__class__ is str)
    return Counter(float(text) for text in texts if NUMBER.match(text))


def _equal(block: CellBlock, operand: Any, explicit: bool) -> Any:
    """Return how many cells equal an operand."""
    if isinstance(block, GrowingArea) and _is_plain(operand):
        return block.above.count((key_of(operand),), block.rows)
    _require_apart(block, operand)
    table: Counter[object] = block.kept("table", _table)
    if operand.__class__ is float:
        return table[operand] + block.kept("spelled", _number_texts)[operand]
    if operand.__class__ is not str:
        return table[key_of(operand)]
    if operand == "":
        return table[None] + (0 if explicit else table[""])
    pattern = pattern_of(operand)
    if pattern is not None:
        return sum(n for key, n in table.items() if isinstance(key, str) and pattern.match(key))
    return table[operand.lower()]


def _is_plain(operand: Any) -> bool:
    """Return whether an operand is a number, or a text without wildcards."""
    if operand.__class__ is str:
        return operand != "" and not any(sign in operand for sign in "*?~")
    return operand.__class__ is float


def countif(block: CellBlock, criterion: Any) -> Any:
    """Return COUNTIF."""
    if criterion.__class__ is CellError:
        return criterion
    operator, operand = _parsed(criterion)
    if operator in ("", "="):
        return float(_equal(block, operand, operator == "="))
    if operator == "<>":
        return float(block.rows * block.columns - _equal(block, operand, True))
    if operand.__class__ is not float:
        return float(np.count_nonzero(mask(block, criterion)))
    _require_apart(block, operand)
    ranks = block.kept("sorted", _ranks)
    if operator == "<":
        return float(bisect_left(ranks, operand))
    if operator == "<=":
        return float(bisect_right(ranks, operand))
    if operator == ">":
        return float(len(ranks) - bisect_right(ranks, operand))
    return float(len(ranks) - bisect_left(ranks, operand))


def mask(block: CellBlock, criterion: Any) -> Any:
    """Return which cells of a block meet a criterion that is not an error."""
    masks = block.kept("masks", lambda _: {})
    key = ("is", criterion) if criterion.__class__ is bool else criterion
    is_met = masks.get(key)
    if is_met is None:
        _require_apart(block, _parsed(criterion)[1])
        is_met = masks[key] = _mask(block, *_parsed(criterion))
    return is_met


def _floats_only(block: CellBlock) -> Any:
    """Return the numbers at their places, and what no comparison is true for elsewhere."""
    if block.numbers is not None and block.numbers.dtype == float:
        return block.numbers.ravel()
    return np.array([v if v.__class__ is float else np.nan for v in block.flat])


def _mask(block: CellBlock, operator: str, operand: Any) -> Any:
    if operator in _OPERATE:
        if operand.__class__ is float:
            return _OPERATE[operator](block.kept("plain", _floats_only), operand)
        if operand.__class__ is not str or not operand:
            raise DoubtError(f"the criterion {operator}{operand!r}")
        require_order(operand, *(k for k in block.keys if k.__class__ is str))
        word, compare = operand.lower(), _OPERATE[operator]
        return np.array([k.__class__ is str and bool(compare(k, word)) for k in block.keys])
    if operator == "<>":
        return ~_mask(block, "=", operand)
    keys = block.keys
    if operand.__class__ is float:
        if str not in block.kinds:
            return block.kept("plain", _floats_only) == operand
        return np.array([_is_number(key, operand) for key in keys], dtype=bool)
    if operand == "" and operand.__class__ is str:
        return np.array([k is None or (k == "" and operator != "=") for k in keys])
    pattern = pattern_of(operand) if operand.__class__ is str else None
    if pattern is not None:
        return np.array([k.__class__ is str and bool(pattern.match(k)) for k in keys])
    wanted = key_of(operand)
    return np.array([k == wanted for k in keys])


def _is_number(key: object, wanted: float) -> bool:
    if key.__class__ is str:
        plain = key.strip()
        return bool(NUMBER.match(plain)) and float(plain) == wanted
    return key.__class__ is float and key == wanted


def _masks(pairs: tuple[Any, ...], size: tuple[int, int]) -> Any:
    """Return which places meet all criteria, or an error."""
    all_met = None
    for block, criterion in zip(pairs[::2], pairs[1::2], strict=True):
        if criterion.__class__ is CellError:
            return criterion
        if (block.rows, block.columns) != size:
            return CellError.VALUE
        is_met = mask(block, criterion)
        all_met = is_met if all_met is None else all_met & is_met
    return all_met


def countifs(*pairs: Any) -> Any:
    """Return COUNTIFS."""
    if len(pairs) == 2:
        return countif(*pairs)
    if all(isinstance(block, GrowingArea) for block in pairs[::2]):
        counted = _counted_above(pairs)
        if counted is not None:
            return counted
    counted = _masks(pairs, (pairs[0].rows, pairs[0].columns))
    return counted if counted.__class__ is CellError else float(np.count_nonzero(counted))


def _counted_above(pairs: tuple[Any, ...]) -> float | None:
    """Return COUNTIFS of ranges that grow together, where all criteria are plain values."""
    areas, keys = pairs[::2], []
    for criterion in pairs[1::2]:
        operator, operand = ("", None) if criterion.__class__ is CellError else _parsed(criterion)
        if operator not in ("", "=") or not _is_plain(operand):
            return None
        keys.append(key_of(operand))
    if any(area.rows != areas[0].rows for area in areas):
        return None
    above = counted_above([area.above for area in areas])
    counted = above.count(tuple(keys), areas[0].rows)
    return None if above.spelled else float(counted)


def _chosen(values: CellBlock, pairs: tuple[Any, ...]) -> list[float] | CellError:
    """Return the numbers at the places that meet all criteria."""
    is_met = _masks(pairs, (values.rows, values.columns))
    if is_met.__class__ is CellError:
        return is_met
    flat = values.flat
    met = [flat[index] for index in np.nonzero(is_met)[0].tolist()]
    wrong = next((value for value in met if value.__class__ is CellError), None)
    return wrong if wrong is not None else [value for value in met if value.__class__ is float]


def sumifs(values: CellBlock, *pairs: Any) -> Any:
    """Return SUMIFS."""
    numbers = _chosen(values, pairs)
    return numbers if isinstance(numbers, CellError) else float(sum(numbers))


def averageifs(values: CellBlock, *pairs: Any) -> Any:
    """Return AVERAGEIFS."""
    numbers = _chosen(values, pairs)
    if isinstance(numbers, CellError):
        return numbers
    return sum(numbers) / len(numbers) if numbers else CellError.DIV0


def sumif(block: CellBlock, criterion: Any, values: CellBlock | None = None) -> Any:
    """Return SUMIF."""
    return sumifs(_same_size(block, values), block, criterion)


def averageif(block: CellBlock, criterion: Any, values: CellBlock | None = None) -> Any:
    """Return AVERAGEIF."""
    return averageifs(_same_size(block, values), block, criterion)


def _same_size(block: CellBlock, values: CellBlock | None) -> CellBlock:
    """Return what is added up; a range of another size is taken from its first cell on in Excel."""
    if values is None:
        return block
    if (values.rows, values.columns) != (block.rows, block.columns):
        raise DoubtError("SUMIF or AVERAGEIF with ranges of unequal sizes")
    return values
