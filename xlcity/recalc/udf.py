"""Which cells call the function library, and what they call it with."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass

from xlcity.errors import CELL_ERRORS, CellValue
from xlcity.xlsx.address import Area, parse_area, parse_range
from xlcity.xlsx.cells import Book, Cell, Position
from xlcity.xlsx.formula import calls
from xlcity.xlsx.table import alike

#: What programs put before the name of a function they do not know.
_PREFIXES = ("_xldudf_", "_xll.", "_xludf.")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[Ee][+-]?\d+)?\Z")


def plain_name(name: str) -> str:
    """Return a function's name as the registry has it."""
    upper = name.upper()
    for prefix in _PREFIXES:
        if upper.startswith(prefix.upper()):
            return upper[len(prefix) :]
    return upper


def library_names() -> frozenset[str]:
    """Return the names of the library's functions."""
    from xlcity.functions.registry import FUNCTIONS

    return frozenset(FUNCTIONS)


def find_udf_cells(book: Book, names: Collection[str]) -> dict[str, frozenset[Position]]:
    """Return the cells whose formula calls one of the functions, array members included."""
    wanted = alike([name.upper() for name in names])
    found = {}
    for sheet in book.sheets.values():
        texts, shapes = sheet.texts(), sheet.alike()
        # Thousands of formulas are copies of a few, and few of these call the library.
        distinct = set(shapes)
        together = "\0".join(distinct).upper()
        there = [name for name in wanted if name in together]
        hits = {shape for shape in distinct if any(name in shape.upper() for name in there)}
        if not hits:
            continue
        cells = {
            position
            for (position, formula), shape in zip(texts, shapes, strict=True)
            if shape in hits and any(plain_name(call.name) in names for call in calls(formula))
        }
        if cells:
            cells.update(p for p, anchor in sheet.members().items() if anchor in cells)
            found[sheet.name] = frozenset(cells)
    return found


def _mention(names: Collection[str]) -> re.Pattern[str]:
    """Return a look at a whole formula that spares the tokeniser for the many that call none."""
    return re.compile("|".join(map(re.escape, names)) or r"(?!)", re.I)


def plain_calls(names: Collection[str]) -> Callable[[str, Cell], str]:
    """Return a rewriter of formulas for engines that call the library.

    ``[1]!NAME`` and ``_xldudf_NAME`` become ``NAME``; omitted arguments, which engines would hand
    over as 0, are written out; and a call in a single cell shows the first value of its block, as
    in Excel, where engines would spill it over the cells below.
    """
    from xlcity.hosts.gaps import fill_gaps

    any_name = _mention(names)

    def rewrite(formula: str, cell: Cell) -> str:
        if not any_name.search(formula):
            return formula
        out, end = [], 0
        for call in calls(formula):
            name = plain_name(call.name)
            if name in names:
                out += [formula[end : call.start], name]
                end = call.end
        if not out:
            return formula
        new = fill_gaps("".join(out) + formula[end:])
        single = cell.array is None or ":" not in cell.array
        return f"INDEX({new},1,1)" if single and _call_arguments(new, names) is not None else new

    return rewrite


@dataclass(frozen=True, slots=True)
class PureCall:
    """A formula that is one call whose arguments are ranges and constants."""

    name: str
    arguments: tuple[Area | CellValue, ...]


def pure_call(formula: str, sheet: str, names: Collection[str], book: Book) -> PureCall | None:
    """Return what a formula calls, or ``None`` if it does more than one plain call."""
    found = _call_arguments(formula, names)
    if found is None:
        return None
    name, texts = found
    arguments: list[Area | CellValue] = []
    for text in texts:
        argument = _argument(text.strip(), sheet, book)
        if argument is _UNKNOWN:
            return None
        arguments.append(argument)  # type: ignore[arg-type]
    return PureCall(name, tuple(arguments))


def _call_arguments(formula: str, names: Collection[str]) -> tuple[str, list[str]] | None:
    """Return (name, texts of the arguments) of a formula that is one call and no more."""
    found = next(calls(formula), None)
    if found is None or plain_name(found.name) not in names:
        return None
    if formula[: found.start].strip(" +=\n"):
        return None
    rest = formula[found.end :].strip()
    if not (rest.startswith("(") and rest.endswith(")")):
        return None
    texts = _split(rest[1:-1])
    return None if texts is None else (plain_name(found.name), texts)


_UNKNOWN = object()


def _argument(text: str, sheet: str, book: Book) -> object:
    if not text:
        return None
    if _NUMBER.match(text):
        return float(text)
    if text.upper() in ("TRUE", "FALSE"):
        return text.upper() == "TRUE"
    if text.upper() in CELL_ERRORS:
        return CELL_ERRORS[text.upper()]
    if len(text) > 1 and text[0] == text[-1] == '"' and '"' not in text[1:-1].replace('""', ""):
        return text[1:-1].replace('""', '"')
    area = parse_area(text)
    if area is None:
        try:
            area = Area(sheet, *parse_range(text))
        except ValueError:
            area = _named(text, sheet, book)
    return area if area is not None and area.sheet in book.sheets else _UNKNOWN


def _named(text: str, sheet: str, book: Book) -> Area | None:
    folded = text.casefold()
    for (owner, name), formula in book.local_names.items():
        if owner == sheet and name.casefold() == folded:
            return parse_area(formula)
    for name, formula in book.names.items():
        if name.casefold() == folded:
            return parse_area(formula)
    return None


def _split(text: str) -> list[str] | None:
    """Split arguments at top-level commas; ``None`` if the brackets close too early."""
    parts, depth, start, index = [], 0, 0, 0
    while index < len(text):
        char = text[index]
        if char in "\"'":
            # A doubled quote ends one piece and begins the next: the same text comes out.
            index = text.find(char, index + 1)
            if index < 0:
                return None
        elif char in "({[":
            depth += 1
        elif char in ")}]":
            depth -= 1
            if depth < 0:
                return None
        elif char == "," and depth == 0:
            parts.append(text[start:index])
            start = index + 1
        index += 1
    parts.append(text[start:])
    return parts
