"""The workbook on the screen: the file that it was opened from, and what was typed since.

Calc hands over all cells as it spells them: `=$Data.B5*SUM(A1;A2)`. A save would take seconds, so
these are laid over the file on disk.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from xlcity.desk.commands import OpenBook
from xlcity.errors import CellError, CellValue, UsageError, Where, system_reason
from xlcity.hosts.calc.server import ERROR_OF_CALC_NUMBER
from xlcity.messages import Message
from xlcity.xlsx.address import cell_name
from xlcity.xlsx.cells import Position, ReadBook, Sheet, read_book
from xlcity.xlsx.editing.patch import CellEntry, patch_values, write_entries
from xlcity.xlsx.package import Package, is_workbook_name

#: What the spellings of Calc and of the file do not share.
_CALC_ONLY = re.compile(r"\(\)|COM\.MICROSOFT\.|_xlfn\.|_xlws\.|[$ ]")
#: Signs that Calc and the file use for one thing.
_ONE_SPELLING = str.maketrans("!;|", ".,,")
#: A text, a sheet before a cell, a number in full, a separator.
_PIECES = re.compile(
    r"""(?P<text>"(?:[^"]|"")*")
    | \$?(?P<sheet>'(?:[^']|'')*'|\w[\w·‧：]*)\.(?=\$?[A-Za-z]{1,3}\$?[1-9]|\#REF!)
    | (?P<prefix>COM\.MICROSOFT\.)
    | (?P<row>\|) | (?P<separator>;) | (?P<logical>\b(?:TRUE|FALSE))\(\)""",
    re.VERBOSE,
)


def shown_cells(given: Mapping[str, Any]) -> Iterator[tuple[Position, str, CellValue]]:
    """Yield each cell of a sheet that holds something: position, spelling, value.

    Parameters
    ----------
    given
        All cells from A1 on as Calc has them, their `formulas` and `values`, and the `errors` among
        them, as `component.py` collects them.
    """
    errors = {
        (row, column): ERROR_OF_CALC_NUMBER.get(number, CellError.VALUE)
        for row, column, number in given["errors"]
    }
    lines = zip(given["formulas"], given["values"], strict=True)
    for row, (texts, values) in enumerate(lines, 1):
        for column, (text, value) in enumerate(zip(texts, values, strict=True), 1):
            if text != "":
                yield (
                    (row, column),
                    text,
                    errors.get((row, column)) if value is None else value,
                )


def excel_formula(text: str) -> str:
    """Return a formula of Calc as files have it, without the equals sign.

    >>> excel_formula("=$'My data'.B$5*SUM(A1;2)")
    "'My data'!B$5*SUM(A1,2)"
    """

    def spelled(match: re.Match[str]) -> str:
        if match["sheet"]:
            return f"{match['sheet']}!"
        if match["row"] or match["separator"]:
            return ";" if match["row"] else ","
        return match["text"] or match["logical"] or ""

    return _PIECES.sub(spelled, text.removeprefix("="))


def screen_package(
    package: Package,
    book: ReadBook,
    file: str,
    shown: Mapping[str, Mapping[str, Any]],
) -> Package:
    """Return a file with what is on the screen laid over it.

    Parameters
    ----------
    package, book
        The file as it is on disk, and its cells.
    file
        Its name.
    shown
        Sheet -> what Calc gives of it, see `shown_cells`.

    Raises
    ------
    UsageError
        If sheets were added or renamed, or array formulas were changed.
    """
    if list(shown) != list(book.sheets):
        message = Message("XC561.sheets_changed")
        raise _save_first_error(message, Where(file))
    results: dict[str, dict[Position, CellValue]] = {}
    typed: dict[str, dict[Position, CellEntry]] = {}
    for name, given in shown.items():
        sheet = book.sheets[name]
        results[name], typed[name] = _results_and_typed(sheet, given, file)
    typed = {name: entries for name, entries in typed.items() if entries}
    return write_entries(patch_values(package, results, book), typed, book)


def _results_and_typed(
    sheet: Sheet, shown: Mapping[str, Any], file: str
) -> tuple[dict[Position, CellValue], dict[Position, CellEntry]]:
    """Return the results of the file's own formulas, and what was typed since it was saved."""
    formulas = sheet.cells.texts()
    computed = set(sheet.cells.computed())
    arrays = {*sheet.arrays(), *sheet.cells.members}
    stored = sheet.cells.value
    results: dict[Position, CellValue] = {}
    typed: dict[Position, CellEntry] = {}
    seen: set[Position] = set()
    for position, text, value in shown_cells(shown):
        seen.add(position)
        is_array = text.startswith("{=")
        if is_array != (position in arrays):
            key = "XC561.array_typed" if is_array else "XC561.array_changed"
            where = Where(file, sheet.name, cell_name(*position))
            raise _save_first_error(Message(key), where)
        if is_array:
            results[position] = value
        elif position in computed and text.startswith("="):
            if _is_same_formula(formulas[position], text):
                results[position] = value
            else:
                typed[position] = CellEntry(value, excel_formula(text))
        elif text.startswith("=") and isinstance(value, CellError | float | str):
            # A text that begins with an equals sign is its own value.
            formula = None if value == text else excel_formula(text)
            if formula is not None or stored(position) != value:
                typed[position] = CellEntry(value, formula)
        elif position in computed or stored(position) != value:
            typed[position] = CellEntry(value)
    typed |= dict.fromkeys(_emptied(sheet, seen, computed), CellEntry())
    return results, typed


def _emptied(
    sheet: Sheet, seen: set[Position], computed: set[Position]
) -> Iterator[Position]:
    """Yield the cells that are not shown any more, and had a formula or a value in the file."""
    for position in sheet.cells:
        if position in seen:
            continue
        if position in computed or sheet.cells.value(position) not in (None, ""):
            yield position


@lru_cache(maxsize=100_000)  # 0.9 s at every further check of the largest template
def _is_same_formula(formula: str, text: str) -> bool:
    """Tell whether Calc shows a formula of the file."""
    ours = _spell_plainly(formula)
    theirs = _spell_plainly(text[1:])
    return ours == theirs or _spell_numbers(ours) == _spell_numbers(theirs)


def _spell_plainly(formula: str) -> str:
    """Spell a formula without what only one of Calc and the file has."""
    return _CALC_ONLY.sub("", formula).translate(_ONE_SPELLING).casefold()


def _spell_numbers(text: str) -> str:
    """Spell numbers one way: Calc shows 1E-9 as 0.000000001."""
    number = r"(?<![\w.])(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
    return re.sub(number, lambda match: repr(float(match[0])), text)


def _save_first_error(message: str, where: Where) -> UsageError:
    return UsageError(message, Message("hint.save_and_press"), "XC561", where)


class Screen:
    """Workbooks as the extension shows them; the file is read again when it was saved."""

    def __init__(self) -> None:
        self._book: OpenBook | None = None
        self._state: tuple[str, object] | None = None
        #: The file on disk, and the digest of its bytes.
        self._saved: Package | None = None
        self._saved_as = b""

    def book(self, given: Mapping[str, Any]) -> OpenBook:
        """Return the workbook on the screen.

        Parameters
        ----------
        given
            `file` (path), `state` (a number), and `sheets` unless all is saved; `same` says that
            they were given before with this state.

        Raises
        ------
        UsageError
            If the file does not exist or is not an .xlsx.
        """
        file = str(given["file"])
        if not is_workbook_name(file):
            raise _save_first_error(Message("XC561.no_xlsx"), Where(Path(file).name))
        state = (file, given.get("state"))
        if given.get("same"):
            if self._book is None or self._state != state:
                raise UsageError.of("XC561.started_again")
            return self._book
        try:
            content = Path(file).read_bytes()
        except OSError as error:
            message = Message("XC561.unreadable", system_reason=system_reason(error))
            raise _save_first_error(message, Where(file)) from error
        sheets = given.get("sheets")
        self._state = None
        digest = hashlib.sha256(content)
        saved = self._saved
        if saved is None or (self._saved_as, saved.name) != (digest.digest(), file):
            saved = self._saved = Package.from_bytes(content, file)
            self._saved_as = digest.digest()
        package = saved
        if sheets:
            package = screen_package(package, read_book(saved), file, sheets)
            for part, part_content in package.parts.items():
                if part_content is not saved.parts.get(part):
                    digest.update(part.encode() + b"\0" + part_content)
        mark = digest.hexdigest()
        book = self._book
        if book is None or (book.hash, book.subject.path) != (mark, file):
            book = self._book = OpenBook(package, mark, file)
        self._state = state
        return book

    def saved(self) -> OpenBook:
        """Return the file on disk as it was when the last workbook was asked for."""
        assert self._saved is not None
        return OpenBook(self._saved, "saved", str(self._saved.name))
