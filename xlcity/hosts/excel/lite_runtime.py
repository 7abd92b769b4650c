"""What a workbook's script for xlwings Lite does beside the functions: answers, and two buttons.

Its text goes into that script, `lite.py`, with the functions that it answers for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import product, takewhile
from typing import Any, NamedTuple

import xlwings as xw

from xlcity.errors import CellError, CellValue
from xlcity.functions.registry import FUNCTIONS
from xlcity.hosts.cells import JSON, call
from xlcity.hosts.excel.lite import button_texts

Decorated = Callable[..., Any]
#: What the scripts say; in a workbook, in its language.
TEXTS = button_texts("en")
#: The name that templates give to the table on the sheet of checks.
CHECKS_TABLE = "chk_table"
#: Results of checks that remain to be looked at, the gravest first.
_NOT_PASSED = ("fail", "note", "skipped")


def excel_function(
    help_url: str | None = None, **helps: str
) -> Callable[[Decorated], Decorated]:
    """Declare a function to xlwings, with its page and the help of each argument by its name.

    Arguments are rows of cells whatever was given, and errors among them are texts.
    """

    def declare(python: Decorated) -> Decorated:
        for name, text in helps.items():
            python = xw.arg(name, ndim=2, err_to_str=True, doc=text)(python)
        registered: Decorated = xw.func(help_url=help_url)(python)
        return registered

    return declare


def answer(name: str, *arguments: object) -> list[list[object]]:
    """Return rows of numbers and texts: errors are texts such as #N/A, missing is never ""."""
    try:
        rows = call(name, arguments, JSON)
    except ImportError:
        # p-values of more than 340 rows: scipy has them, and is not asked for.
        rows = [[CellError.VALUE]]
    return [[*map(_as_excel_takes, row)] for row in rows]


def _as_excel_takes(cell: CellValue) -> object:
    return cell if isinstance(cell, (float, str)) else str(cell)


class CallBlock(NamedTuple):
    """Rows and columns of a sheet, from 0, that have one formula."""

    formula: str
    rows: slice
    columns: slice


def call_blocks(formulas: Sequence[Sequence[object]]) -> Iterator[CallBlock]:
    """Yield the blocks of cells with one call of a function, from above.

    `formulas` are those of a sheet. An array formula stands in each of its cells.
    """
    names = "|".join(FUNCTIONS)
    is_call = re.compile(rf"=.*\b(?:_xldudf_)?(?:{names})\(", re.DOTALL | re.IGNORECASE)
    seen: set[tuple[int, int]] = set()
    for top, row in enumerate(formulas):
        for left, formula in enumerate(row):
            if (top, left) in seen or not is_call.match(str(formula)):
                continue
            right = left + _count_equal(row[left:], formula)
            in_row = [formula] * (right - left)
            height = _count_equal([r[left:right] for r in formulas[top:]], in_row)
            block = CallBlock(
                str(formula), slice(top, top + height), slice(left, right)
            )
            seen |= set(product(range(top, top + height), range(left, right)))
            yield block


def _count_equal(entries: Sequence[object], value: object) -> int:
    """Return how many entries at the beginning equal a value."""
    return len([*takewhile(lambda entry: entry == value, entries)])


@xw.script(name=TEXTS["load"])
async def load_functions(book: xw.BookAsync) -> None:
    """Enter all calls of the functions again: until then Excel shows #NAME? for them."""
    entered = 0
    for sheet in book.sheets:
        used = await sheet.get_used_range()
        if used is None:
            continue
        formulas = await used.options(ndim=2).get_formula()
        for block in call_blocks(formulas):
            cells = used[block.rows, block.columns]
            is_array = await cells.get_formula_array() is not None
            cells.clear_contents()
            # An array fills its cells again from the first one.
            target = used[block.rows.start, block.columns.start] if is_array else cells
            target.formula = block.formula
            entered += 1
        try:
            await book.flush()
        except Exception:
            book.app.alert(TEXTS["protected"].format(sheet=sheet.name))
            return
    book.app.alert(TEXTS["loaded" if entered else "no_calls"].format(calls=entered))


@xw.script(name=TEXTS["wrong"])
async def show_what_is_wrong(book: xw.BookAsync) -> None:
    """List the checks that are not passed, and select the first of them that failed."""
    if CHECKS_TABLE not in book.names:
        book.app.alert(TEXTS["no_checks"])
        return
    table = book.names[CHECKS_TABLE].refers_to_range
    checks = await table.options(ndim=2).get_value()
    # The first row has the names of the columns: check, label, status, count, detail, remedy.
    numbers = [number for number, check in enumerate(checks) if check[2] in _NOT_PASSED]
    if not numbers:
        book.app.alert(TEXTS["fine"])
        return
    numbers.sort(key=lambda number: _NOT_PASSED.index(checks[number][2]))
    table[numbers[0], 2].select()
    book.app.alert("\n".join(_line(checks[number]) for number in numbers))


def _line(check: Sequence[object]) -> str:
    """Return what a check is about, how many cells it found, the first, and what to do."""
    filled = filter(None, check[1:])
    return " · ".join(map(str, filled))
