"""References to tables are read as the cells they mean, by formulas, traces and engines."""

import pytest
import xlsxwriter

from xlcity.audit.trace.trace import trace
from xlcity.recalc.workbook import recalculate
from xlcity.xlsx.address import Range
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.formulas.graph import Graph
from xlcity.xlsx.formulas.structured import plain_formula, read_tables
from xlcity.xlsx.package import Package

COLUMNS = ("CITY", "GDP, BN", "A#1", "RANK")
TABLES = {
    "T": (Range("My data", 3, 2, 9, 5), COLUMNS, 4, 8),
    "BARE": (Range("S", 1, 1, 5, 2), ("X", "Y"), 1, 5),
}


@pytest.mark.parametrize(
    ("formula", "plain"),
    [
        ("SUM(T[City])", "SUM('My data'!$B$4:$B$8)"),
        ("SUM(T[[gdp, bn]:[Rank]])", "SUM('My data'!$C$4:$E$8)"),
        ("T[[#This Row],[Rank]]*2", "'My data'!$E6*2"),
        ("SUM(T[[#This Row],[City]:[Rank]])", "SUM('My data'!$B6:$E6)"),
        (
            "ROWS(T[#All])+ROWS(T[])",
            "ROWS('My data'!$B$3:$E$9)+ROWS('My data'!$B$4:$E$8)",
        ),
        ("T[[#Headers],[City]]", "'My data'!$B$3"),
        ("T[[#Totals],[City]]", "'My data'!$B$9"),
        ("SUM(T[[#Headers],[#Data],[City]])", "SUM('My data'!$B$3:$B$8)"),
        ("T[a'#1]", "'My data'!$D$4:$D$8"),
        ("SUM(t)", "SUM('My data'!$B$4:$E$8)"),
        ("SUM(Bare[x])", "SUM(S!$A$1:$A$5)"),
        # What is not known stays: a column, totals or a row that are not there, other files, texts.
        ("SUM(T[Cty])", "SUM(T[Cty])"),
        ("Bare[[#Totals],[x]]", "Bare[[#Totals],[x]]"),
        ("Bare[[#This Row],[x]]", "Bare[[#This Row],[x]]"),
        ("[1]!T[City]", "[1]!T[City]"),
        ('T(1)&"T[City]"', 'T(1)&"T[City]"'),
    ],
)
def test_a_reference_to_a_table_is_an_address(formula, plain):
    assert plain_formula(formula, 6, TABLES) == plain


def write_sales(path, named=False):
    """Write a table, formulas that use it and, if asked, one that uses a name of a column."""
    with xlsxwriter.Workbook(path) as book:
        data = book.add_worksheet("Data")
        out = book.add_worksheet("Out")
        rows = [["North", 10, 2], ["South", 30, 3], ["East", 50, 5]]
        headings = [{"header": name} for name in ("City", "Sales", "Staff")]
        each = {"header": "Each", "formula": "=[@Sales]/[@Staff]"}
        data.add_table(
            "B2:E5", {"name": "Sold", "columns": [*headings, each], "data": rows}
        )
        for row, value in enumerate((5, 10, 10), 2):
            data.write_formula(
                row,
                4,
                "=Sold[[#This Row],[Sales]]/Sold[[#This Row],[Staff]]",
                None,
                value,
            )
        book.define_name("AllSales", "=Sold[Sales]")
        out.write_formula("B1", "=SUM(Sold[Sales])", None, 90)
        out.write_formula("B2", '=SUMIF(Sold[City],"South",Sold[Each])', None, 10)
        if named:
            out.write_formula("B3", "=MAX(AllSales)", None, 50)
    return path


@pytest.fixture
def sales(tmp_path):
    return write_sales(tmp_path / "sales.xlsx")


def test_a_trace_leads_through_tables_to_typed_values(tmp_path):
    sales = write_sales(tmp_path / "sales.xlsx", named=True)
    assert read_tables(Package.read(sales))["SOLD"][0] == Range("Data", 2, 2, 5, 5)
    traced = trace(sales, "Out!B2")
    assert {"Data!C4", "Data!D4", "Data!B3"} <= {
        key for key, step in traced.steps.items() if step.kind == "input"
    }
    # A row reads its own cells alone.
    assert [item.key for item in traced.steps["Data!E4"].inputs] == [
        "Data!C4",
        "Data!D4",
    ]
    assert "Data!C5" in trace(sales, "Out!B3").steps


def test_an_engine_computes_tables_without_doubt(sales):
    package = Package.read(sales)
    result = recalculate(package, "formualizer")
    assert (result.unverified, result.errors) == ((), {})
    assert [result.value("Out", row, 2) for row in (1, 2)] == [90, 10]
    assert [result.value("Data", row, 5) for row in (3, 4, 5)] == [5, 10, 10]


def test_a_table_that_grows_changes_what_its_formulas_read(sales):
    package = Package.read(sales)
    part = next(part for part in package.parts if "/tables/" in part)
    assert Graph(read_book(package)).reads("Out", (1, 2)) == (
        Range("Data", 3, 3, 5, 3),
    )
    grown = package.replace({part: package.parts[part].replace(b"B2:E5", b"B2:E9")})
    graph = Graph(read_book(grown))
    assert graph.reads("Out", (1, 2)) == (Range("Data", 3, 3, 9, 3),)
    assert Range("Data", 3, 3, 9, 3) in {
        area for block in graph.blocks() for area in graph.reads_of_block(*block)
    }


@pytest.mark.parametrize(
    "change", [(b'ref="B2:E5"', b'ref="B"'), (b"</table>", b""), (b"ref=", b"r=")]
)
def test_a_damaged_table_is_a_name_that_is_not_known(sales, change):
    package = Package.read(sales)
    part = next(part for part in package.parts if "/tables/" in part)
    damaged = package.replace({part: package.parts[part].replace(*change)})
    book = read_book(damaged)
    assert (book.tables, Graph(book).reads("Out", (1, 2))) == ({}, ())
