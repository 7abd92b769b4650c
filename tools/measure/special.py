"""Probes of what is not a function: arrays and their ranges, tables, sheets, names.

What is right is known by arithmetic, so each engine is judged alone.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass

from tools.measure.judge import NO_VOICE
from xlcity.errors import CellError, CellValue, EngineError
from xlcity.recalc.engines.protocol import Task, Values
from xlcity.recalc.engines.registry import choose
from xlcity.recalc.support.compatibility import WRONG
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.package import Package

_NA = CellError.NA
_TABLE = "a structured reference"
_BRACKETS = "brackets around & or a comparison"


@dataclass(frozen=True, slots=True)
class Special:
    """One formula: what it is about, its range, and what it gives, row by row."""

    name: str
    way: str
    formula: str
    expected: tuple[tuple[CellValue, ...], ...]
    array: bool = False


def _column(*values: CellValue) -> tuple[tuple[CellValue, ...], ...]:
    return tuple((value,) for value in values)


#: On the sheet S: A1:A5 = 3 1 4 1.5 9, C1:G1 = 1 2 3 4 5; the table Tab has a = 1 3, b = 2 4.
SPECIALS = (
    Special("{}", "fits", "A1:A5*2", _column(6.0, 2.0, 8.0, 3.0, 18.0), True),
    Special("{}", "fits", "C1:G1+1", ((2.0, 3.0, 4.0, 5.0, 6.0),), True),
    Special("{}", "fits", "A1:A2*C1:D1", ((3.0, 6.0), (1.0, 2.0)), True),
    Special("{}", "one value", "SUM(A1:A5)", ((18.5, 18.5), (18.5, 18.5)), True),
    Special("{}", "one value", "1/0", _column(CellError.DIV0, CellError.DIV0), True),
    Special("{}", "repeated", "A1:A2*2", ((6.0, 6.0), (2.0, 2.0)), True),
    Special("{}", "repeated", "C1:D1*2", ((2.0, 4.0), (2.0, 4.0)), True),
    Special("{}", "too small", "A1:A2*2", _column(6.0, 2.0, _NA, _NA), True),
    Special("{}", "too small", "A1:A2*C1:D1", ((3.0, 6.0, _NA), (1.0, 2.0, _NA)), True),
    Special("{}", "too large", "A1:A5*2", _column(6.0, 2.0), True),
    Special("{}", "too large", "A1:A3*C1:E1", ((3.0, 6.0), (1.0, 2.0)), True),
    Special("RAND", "", "AND(RAND()>=0,RAND()<1)", _column(True)),
    Special("RANDBETWEEN", "n,n", "AND(RANDBETWEEN(2,3)>=2,RANDBETWEEN(2,3)<=3)", _column(True)),
    Special("NOW", "", "AND(NOW()-TODAY()>=0,NOW()-TODAY()<1)", _column(True)),
    Special("TODAY", "", "AND(TODAY()=INT(NOW()),TODAY()>45000,TODAY()<80000)", _column(True)),
    Special("SINGLE", "i", "_xlfn.SINGLE(A1:A5)", _column(4.0)),
    # The last row that fits: the array holds errors.
    Special("LOOKUP", "n,a,r", "LOOKUP(2,1/(A1:A5<5),A1:A5)", _column(1.5)),
    Special("LOOKUP", "n,a,r", "LOOKUP(2,1/(A1:A5>2),A1:A5)", _column(9.0)),
    Special("LOOKUP", "n,a,r", "LOOKUP(2,1/(A1:A3>2),A1:A3)", _column(4.0)),
    Special("LOOKUP", "n,a,r", "LOOKUP(2,1/(A1:A4=3),A1:A4)", _column(3.0)),
    Special("LOOKUP", "n,a", "LOOKUP(9,(A1:A3>2)*A1:A3/(A1:A3>2))", _column(4.0)),
    Special("MATCH", "n,a,=1", "MATCH(2,1/(A1:A3>2),1)", _column(3.0), True),
    Special("MATCH", "n,a,=1", "MATCH(2,1/(A1:A5<5),1)", _column(4.0), True),
    # One cell is a list of one.
    Special("MATCH", "n,n,=-1", "MATCH(2,A1,-1)", _column(1.0)),
    Special("MATCH", "n,n,=0", "MATCH(3,A1,0)", _column(1.0)),
    Special("MATCH", "n,n,=1", "MATCH(4,A1,1)", _column(1.0)),
    Special("@", "i", "A1:A5", _column(4.0)),
    Special("@", "i", "A1:A9", _column(4.0)),
    Special("@", "i", "A1:A2", _column(CellError.VALUE)),
    Special("a truth value from an array formula", "", "A1:A3>2", _column(True, False, True), True),
    Special(_BRACKETS, "", "(A1&A2)*2", _column(62.0)),
    Special(_BRACKETS, "", "1-(A1&A2)", _column(-30.0)),
    Special(_BRACKETS, "", "FALSE=(A1<A2)", _column(True)),
    Special(_TABLE, "columns", "SUM(Tab[b])", _column(2.0 + 4.0)),
    Special(_TABLE, "columns", "SUM(Tab[[a]:[b]])", _column(1.0 + 2.0 + 3.0 + 4.0)),
    Special(_TABLE, "columns", "SUM(Tab[])", _column(1.0 + 2.0 + 3.0 + 4.0)),
    Special(_TABLE, "#HEADERS", "COUNTA(Tab[#Headers])", _column(2.0)),
    Special(_TABLE, "#HEADERS", "Tab[[#Headers],[b]]", _column("b")),
    Special(_TABLE, "#ALL", "ROWS(Tab[#All])", _column(3.0)),
    Special(_TABLE, "#ALL", "COUNTA(Tab[[#All],[b]])", _column(3.0)),
    Special(_TABLE, "#DATA", "SUM(Tab[#Data])", _column(1.0 + 2.0 + 3.0 + 4.0)),
    Special(_TABLE, "#THIS ROW", "SUM(Tab[[#This Row],[a]:[b]])", _column(3.0 + 4.0)),
    Special(_TABLE, "#THIS ROW", "Tab[[#This Row],[b]]*2", _column(4.0 * 2)),
    Special("a reference over several sheets", "", "SUM(S:U!A1)", _column(3.0 + 7.0 + 11.0)),
    Special("a reference over several sheets", "", "MAX(S:U!A1)", _column(11.0)),
    Special("a range between computed ends", "", "SUM(A1:INDEX(A1:A5,3))", _column(8.0)),
    Special(
        "a range between computed ends", "", "SUM(INDEX(A1:A5,2):INDEX(A1:A5,3))", _column(5.0)
    ),
)
#: Row of the first special formula in a plain cell: beside A1:A5, for the one taken of a range.
_PLAIN_ROW = 3


def workbook() -> tuple[Package, list[list[tuple[int, int]]]]:
    """Return a workbook with all of them, and the cells of each."""
    import xlsxwriter

    out = io.BytesIO()
    places: list[list[tuple[int, int]]] = []
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet, second, third = (book.add_worksheet(name) for name in "STU")
        sheet.write_column("A1", [3, 1, 4, 1.5, 9])
        sheet.write_row("C1", [1, 2, 3, 4, 5])
        second.write("A1", 7)
        third.write("A1", 11)
        columns = [{"header": "a"}, {"header": "b"}]
        # Its last row is the row of the formulas, so that they have a row of it.
        sheet.add_table("ZA1:ZB3", {"name": "Tab", "columns": columns, "data": [[1, 2], [3, 4]]})
        column = 10
        for special in SPECIALS:
            rows, width = len(special.expected), len(special.expected[0])
            places.append([(_PLAIN_ROW + r, column + c) for r in range(rows) for c in range(width)])
            first = _PLAIN_ROW - 1, column - 1
            if special.array:
                last = first[0] + rows - 1, first[1] + width - 1
                sheet.write_array_formula(*first, *last, f"{{={special.formula}}}", None, "")
            else:
                sheet.write_formula(*first, f"={special.formula}", None, "")
            column += width + 1
    return Package.from_bytes(out.getvalue()), places


def marks(engines: tuple[str, ...]) -> dict[tuple[str, str], dict[str, str]]:
    """Return (name, way) -> engine -> ``+`` or ``!``."""
    package, places = workbook()
    said = {engine: _values(package, engine) for engine in engines}
    found: dict[tuple[str, str], dict[str, str]] = {}
    for special, cells in zip(SPECIALS, places, strict=True):
        mark = found.setdefault((special.name, special.way), dict.fromkeys(engines, "+"))
        flat = [value for row in special.expected for value in row]
        for engine, values in said.items():
            if engine in NO_VOICE and any(values.get(cell) is None for cell in cells):
                mark[engine] = ""
            elif [values.get(cell) for cell in cells] != flat or any(
                isinstance(values.get(c), bool) != isinstance(f, bool)
                for c, f in zip(cells, flat, strict=True)
            ):
                mark[engine] = WRONG
    fits = [found["{}", way] for way in ("fits", "one value", "repeated", "too small")]
    found["{}", "unknown size"] = {
        e: WRONG if any(m[e] != "+" for m in fits) else "+" for e in engines
    }
    return found


def _values(package: Package, engine: str) -> Mapping[tuple[int, int], CellValue]:
    try:
        values: Values = choose(engine).evaluate(
            Task(package, read_book(package), {}, 120.0, partial=True)
        )
    except EngineError:
        return _one_by_one(engine)
    return values.get("S", {})


def _one_by_one(engine: str) -> Mapping[tuple[int, int], CellValue]:
    """Ask an engine that refuses the workbook for each formula without the others."""
    package, places = workbook()
    book = read_book(package)
    found: dict[tuple[int, int], CellValue] = {}
    from xlcity.xlsx.rewrite import engine_copy

    for cells in places:
        frozen = {p: None for other in places if other is not cells for p in other}
        alone = engine_copy(package, book, frozen={"S": frozen})
        task = Task(alone, read_book(alone), {}, 120.0, partial=True)
        try:
            found.update(choose(engine).evaluate(task).get("S", {}))
        except EngineError:
            continue
    return found
