"""Reads what the page sends as JSON: what was chosen of a team's table, and values for cells.

The page sends what it was given; another program may send anything. What has another form is
refused with a sentence, before a command takes it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from xlcity.errors import UsageError
from xlcity.messages import Message
from xlcity.xlsx.address import parse_cell
from xlcity.xlsx.cells import Position

#: Characters that a cell can hold, in spreadsheet programs.
LONGEST_TEXT = 32_767
#: Rows of a sheet: a larger number is no row.
_MOST_ROWS = 1_048_576


class TypedCell(NamedTuple):
    """A value for a cell of a sheet, which is "" in a table; None: it is confirmed missing."""

    sheet: str
    position: Position
    value: str | float | None


def read_choices(text: str) -> dict[str, Any]:
    """Return what a person has chosen of a table; see `propose_map`.

    Raises
    ------
    UsageError
        If it is no JSON object, or an entry has another form than the page gives it.
    """
    choices = _read_json(text or "{}")
    if not isinstance(choices, dict):
        raise _refusal()
    for name, has_form in _FORMS.items():
        if name in choices and not has_form(choices[name]):
            raise _refusal()
    return choices


def read_names(text: str) -> list[str]:
    """Return the texts of a list.

    Raises
    ------
    UsageError
        If it is none.
    """
    names = _read_json(text or "[]")
    if not isinstance(names, list) or not all(isinstance(n, str) for n in names):
        raise _refusal()
    return names


def read_words(text: str) -> dict[str, list[str]]:
    """Return option -> methods in words.

    Raises
    ------
    UsageError
        If it has another form.
    """
    words = _read_json(text or "{}")
    if not isinstance(words, dict) or not all(map(_are_texts, words.values())):
        raise _refusal()
    return {option: [*map(str, typed)] for option, typed in words.items()}


def read_cells(text: str) -> list[TypedCell]:
    """Return the values that are to be written, each with its cell.

    Raises
    ------
    UsageError
        If it is no list of (sheet, cell, value), or a value cannot stand in a cell.
    """
    cells = _read_json(text)
    if not isinstance(cells, list):
        raise _refusal()
    return [_typed_cell(entry) for entry in cells]


def _typed_cell(entry: Any) -> TypedCell:
    if not isinstance(entry, list) or len(entry) != 3:
        raise _refusal()
    sheet, address, value = entry
    if not isinstance(sheet, str) or not isinstance(address, str):
        raise _refusal()
    if isinstance(value, bool) or not isinstance(value, str | int | float | None):
        raise _refusal()
    return TypedCell(sheet, read_position(address), value)


def read_position(address: str) -> Position:
    """Return row and column of a cell such as B7.

    Raises
    ------
    UsageError
        If it is no cell of a sheet.
    """
    try:
        return parse_cell(address)
    except ValueError as error:
        raise UsageError.of("XC100.no_cell_address", address=address[:40]) from error


def _read_json(text: str) -> Any:
    """Return what a text says in JSON; infinite numbers and endless texts are refused."""
    try:
        content = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise _refusal() from error
    _require_sizes(content)
    return content


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)


def _require_sizes(content: Any) -> None:
    """Refuse texts that no cell can hold, and numbers that are too large."""
    waiting = [content]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += [*value, *value.values()]
        elif isinstance(value, list):
            waiting += value
        elif isinstance(value, str) and len(value) > LONGEST_TEXT:
            message = Message("XC100.text_too_long", number=len(value))
            raise UsageError(message, Message("XC100.text_too_long.hint"))
        elif isinstance(value, int | float) and not _is_usable(value):
            message = Message("XC100.number_too_large")
            raise UsageError(message, Message("XC100.number_too_large.hint"))


def _is_usable(number: float) -> bool:
    try:
        return math.isfinite(float(number))
    except OverflowError:
        return False


def _refusal() -> UsageError:
    return UsageError.of("XC100.unreadable_request")


def _is_row(value: Any) -> bool:
    return type(value) is int and 0 <= value <= _MOST_ROWS


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | int | float)


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_plain, value))


def _are_rows(value: Any) -> bool:
    return _is_row(value) or (isinstance(value, list) and all(map(_is_row, value)))


def _are_row_list(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_row, value))


def _are_named(value: Any) -> bool:
    return isinstance(value, Mapping) and all(map(_is_plain, value.values()))


def _are_named_entries(value: Any) -> bool:
    return isinstance(value, Mapping) and all(map(_are_named, value.values()))


def _are_groups(value: Any) -> bool:
    if not isinstance(value, Mapping):
        return False
    return all(_is_plain(entry) or _are_named(entry) for entry in value.values())


#: Entry of the choices -> whether what was sent for it has its form.
_FORMS: dict[str, Callable[[Any], bool]] = {
    "sheet": _is_plain,
    "header": _are_rows,
    "units_row": _is_row,
    "unit": _is_plain,
    "last": _is_row,
    "skip": _are_texts,
    "skip_rows": _are_row_list,
    "missing": _are_texts,
    "new": _are_texts,
    "marks": _are_texts,
    "cities": _are_named,
    "groups": _are_groups,
    "index": _are_named,
    "columns": _are_named_entries,
}
