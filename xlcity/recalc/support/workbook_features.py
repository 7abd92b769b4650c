"""What of a workbook beside its formulas decides what they give: settings, hidden rows, names."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

from xlcity.errors import Problem, Where, WorkbookError
from xlcity.xlsx.address import cell_name, parse_cell
from xlcity.xlsx.cells import Position, ReadBook, find_area
from xlcity.xlsx.formulas.tokens import normalise_formula
from xlcity.xlsx.package import Package
from xlcity.xlsx.user_cache import digest_of

#: Names that every template of ours has.
CONTRACT = ("xl_report", "xl_version", "xl_framework", "chk_verdict")


def is_template(names: Iterable[str]) -> bool:
    """Return whether the names of a workbook are those of a template of ours.

    This decides which engine is asked first, not whether its results are trusted.
    """
    folded = {name.casefold() for name in names}
    return all(name in folded for name in CONTRACT)


def formulas_digest(book: ReadBook, library: Collection[str], use: str) -> str | None:
    """Return a digest of the formulas and names of a workbook, or None if it cannot be made.

    Parameters
    ----------
    book
        The workbook.
    library
        Names of the library's functions.
    use
        A word for what the digest is a key of.
    """
    sheets = [(s.name, s.cells.digest(), s.arrays()) for s in book.sheets.values()]
    return digest_of((use, sorted(library), book.names, book.local_names, sheets))


_DATA_TABLE = re.compile(rb"<(?:\w+:)?f\s[^>]*\bt=[\"']dataTable[\"']")
#: A setting to compute with the digits displayed.
_DISPLAYED = re.compile(rb"<(?:\w+:)?calcPr\s[^>]*\bfullPrecision=[\"'](?:0|false)[\"']")
_HIDDEN_ROW = re.compile(rb"<(?:\w+:)?row\s[^>]*\bhidden=[\"'](?:1|true)[\"']")
_SKIPS_HIDDEN = re.compile(rb"\b(?:SUBTOTAL|AGGREGATE)\(", re.I)
#: A kind of formula that no program writes, or an array formula that says no range.
_ODD = re.compile(
    rb"<(?:\w+:)?f\s(?:(?=[^>]*\bt=[\"'])(?![^>]*\bt=[\"'](?:normal|array|shared|dataTable)[\"'])"
    rb"|(?=[^>]*\bt=[\"']array[\"'])(?![^>]*\bref=))"
)
#: A cell whose formula Excel spills over as many cells as it gives values.
_DYNAMIC = re.compile(rb"<(?:\w+:)?c\s(?=[^>]*\bcm=[\"'][1-9])[^>]*\br=[\"']([A-Z]+[0-9]+)[\"']")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_HINT = "Correct or delete it in Formulas > Name Manager, or take a fresh template."


def find_spilling_cells(package: Package, book: ReadBook) -> dict[str, frozenset[Position]]:
    """Return the cells of each sheet whose formulas are dynamic arrays."""
    cells_by_sheet = {}
    for sheet in book.sheets.values():
        data = package.parts.get(sheet.part, b"")
        if b"cm=" in data:
            cells = (parse_cell(name.decode()) for name in _DYNAMIC.findall(data))
            cells_by_sheet[sheet.name] = frozenset(cell for cell in cells if cell is not None)
    return cells_by_sheet


def find_ignored_features(package: Package) -> list[str]:
    """Return, in words, the parts of a workbook that no engine takes into account."""
    ignored_features = set()
    for name, data in package.parts.items():
        if "/worksheets/" not in name or not name.endswith(".xml"):
            continue
        if b"dataTable" in data and _DATA_TABLE.search(data):
            ignored_features.add("a what-if data table")
        if _ODD.search(data):
            ignored_features.add("a formula of an unknown kind")
        if b"hidden=" in data and _SKIPS_HIDDEN.search(data) and _HIDDEN_ROW.search(data):
            ignored_features.add("SUBTOTAL over hidden rows")
    if _DISPLAYED.search(package.parts[package.workbook_part]):
        ignored_features.add("precision as displayed")
    return sorted(ignored_features)


def require_names(book: ReadBook) -> None:
    """Refuse formulas that use a name whose text is no formula, or leads to a sheet that is gone.

    Also refused is a template none of whose own names leads anywhere.

    Raises
    ------
    WorkbookError
        With every such name and the first cell that uses it.
    """
    if is_template(book.names) and not any(find_area(book, name) for name in CONTRACT):
        message = f"the names of this template lead nowhere: {', '.join(CONTRACT)}."
        raise WorkbookError(Problem("XC411", message, _HINT, Where(book.file)))
    broken = {name.casefold(): name for name, text in book.names.items() if _is_broken(book, text)}
    if broken and (problems := [*_uses_of_names(book, broken)]):
        raise WorkbookError(problems)


def _is_broken(book: ReadBook, text: str) -> bool:
    """Return whether the text of a name is no formula, or names a sheet that is not there."""
    bare = _QUOTED.sub("", text)
    if bare.count("(") != bare.count(")") or '"' in bare or "'" in bare:
        return True
    sheets = {name.casefold() for name in book.sheets}
    refs = [token.ref for token in normalise_formula(text, 1, 1).tokens if token.ref is not None]
    # A:B!C1 is a row of sheets.
    named = [ref.sheet for ref in refs if ref.sheet and not ref.book and ":" not in ref.sheet]
    return any(name.casefold() not in sheets for name in named)


def _uses_of_names(book: ReadBook, broken: dict[str, str]) -> Iterator[Problem]:
    """Yield a problem for each broken name that a formula uses: the name, its text, the cell.

    `broken` has the names by their casefolded form.
    """
    names = "|".join(map(re.escape, broken))
    pattern = re.compile(rf"(?<![\w.!])(?:{names})(?![\w.(!])", re.IGNORECASE)
    first_use: dict[str, Where] = {}
    for sheet in book.sheets.values():
        for position, formula in sheet.cells.texts():
            for match in pattern.finditer(_QUOTED.sub("", formula)):
                where = Where(book.file, sheet.name, cell_name(*position))
                first_use.setdefault(match[0].casefold(), where)
    for key, where in first_use.items():
        name = broken[key]
        message = f"the name {name} cannot be computed: it says {book.names[name]!r}."
        yield Problem("XC411", message, _HINT, where)
