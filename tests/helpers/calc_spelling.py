"""Cells as LibreOffice Calc hands them over, made from a file's: a stand-in for the program."""

import re

from xlcity.errors import CellError
from xlcity.hosts.calc.server import CALC_NUMBER_OF_ERROR
from xlcity.xlsx.cells import ReadBook


def calc_formula(text: str) -> str:
    """Return a formula as `getFormulaArray` spells it."""
    pieces = re.split(r'("(?:[^"]|"")*")', text)
    for number, piece in enumerate(pieces):
        if not piece.startswith('"'):
            piece = piece.replace(";", "|").replace(",", ";").replace("_xlfn.", "")
            piece = re.sub(r"('(?:[^']|'')*'|[^\W\d]\w*)!", r"$\1.", piece)
            pieces[number] = re.sub(r"\b(TRUE|FALSE)\b(?!\()", r"\1()", piece)
    return "=" + "".join(pieces)


def shown(book: ReadBook) -> dict[str, dict]:
    """Return all sheets as the extension sends them."""
    found = {}
    for name, sheet in book.sheets.items():
        rows = max((row for row, _ in sheet.cells), default=1)
        columns = max((column for _, column in sheet.cells), default=1)
        formulas = [[""] * columns for _ in range(rows)]
        values = [[""] * columns for _ in range(rows)]
        texts = sheet.cells.texts()
        members = sheet.cells.members
        errors = []
        for at, cell in sheet.cells.items():
            value = "" if cell.value is None else cell.value
            if isinstance(value, CellError):
                errors.append([*at, CALC_NUMBER_OF_ERROR[value]])
                value = None
            values[at[0] - 1][at[1] - 1] = value
            anchor = members.get(at, at)
            text = calc_formula(texts[anchor]) if anchor in texts else str(value)
            if anchor in sheet.arrays():
                text = "{" + text + "}"
            formulas[at[0] - 1][at[1] - 1] = text
        found[name] = {"formulas": formulas, "values": values, "errors": errors}
    return found
