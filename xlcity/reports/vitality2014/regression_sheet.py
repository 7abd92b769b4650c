"""`Regression`: each score on GDP by formulas, and the five classes of cities as values."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from xlcity.methods.formulas import ANY_NUMBER
from xlcity.reports.report import Report
from xlcity.workbook.drawing.canvas import Book, titled_sheet
from xlcity.workbook.drawing.grid import Fix
from xlcity.workbook.labels import in_language
from xlcity.workbook.sheets.table import Column, Formula, RowCells, Table, item_table

SHEET = "Regression"
HEADER = 4
CENTER = "calculation_center"
PRINTED = "published_center"


def draw(report: Report, book: Book, predictor: str) -> None:
    """Draw the sheet; the predictor is an attribute of cities."""
    canvas = titled_sheet(book, SHEET, banner=True)
    nodes = book.layout.composites
    item_table(
        canvas,
        HEADER,
        nodes,
        tuple(_columns(report, book, predictor)),
        head_style={},
    ).draw()
    rows = [*_classes(report, book.spec.language)]
    below = HEADER + len(nodes) + 2
    canvas.label(below, 1, "regression.classes", "section")
    canvas.label(below + 1, 1, "regression.rule", "note")
    canvas.label(below + 2, 1, "regression.twice", "note")
    head = below + 3

    def of_row(name: str, cells: RowCells) -> object:
        return cells.item[name]

    def column(name: str, role: str) -> Column:
        value = partial(of_row, name)
        return Column(name, f"regression.{name}", role=role, value=value)

    Table(
        canvas,
        head,
        head + 1,
        last=head + len(rows),
        columns=(column("city", "name"), column("class", PRINTED)),
        head_style={},
        items=rows,
    ).draw()
    canvas.gap(HEADER - 1)
    canvas.close(HEADER, 1)


def _classes(report: Report, language: str) -> Iterator[dict[str, object]]:
    """Yield the cities by the five classes that the report lists, in the language of a book."""
    units = {unit.id: unit for unit in report.dataset.units}
    for line in report.published["clusters"].rows:
        unit = units.get(line["city_id"])
        if unit is not None:
            name = in_language(unit.name_zh, unit.name_en, language)
            yield {"city": name, "class": int(line["cluster"])}


def _printed(report: Report) -> dict[str, dict[str, str]]:
    """Return what the report prints of each node's regression."""
    return {line["node"]: dict(line) for line in report.published["regression"].rows}


def _columns(report: Report, book: Book, predictor: str) -> Iterator[Column]:
    """Yield the columns of the regression, a row a node."""
    layout = book.layout
    x = layout.city(predictor).ref()
    printed = _printed(report)

    def y(cells: RowCells) -> str:
        return layout.scores.over(cells.item, SHEET, Fix.BOTH)

    def if_many(least: int, formula: Formula) -> Formula:
        return lambda cells: f'IF({cells.n}<{least},"",IFERROR({formula(cells)},""))'

    def significance(cells: RowCells) -> str:
        t = f"ABS({cells.r})*SQRT(({cells.n}-2)/(1-{cells.r2}))"
        return f"IF(ROUND({cells.r2},12)<1,TDIST({t},{cells.n}-2,2),0)"

    def intercept(cells: RowCells) -> str:
        mean_y = f"AVERAGEIFS({y(cells)},{x},{ANY_NUMBER})"
        mean_x = f"AVERAGEIFS({x},{y(cells)},{ANY_NUMBER})"
        return f"{mean_y}-{cells.slope}*{mean_x}"

    def of_report(name: str, cells: RowCells) -> object:
        line = printed.get(cells.item)
        return float(line[name]) if line else None

    yield Column(
        "node",
        "framework.display",
        lambda cells: layout.node_name(cells.item),
        role="name",
        width=34,
    )
    yield Column(
        "n",
        "statistics.n",
        lambda cells: f"COUNTIFS({y(cells)},{ANY_NUMBER},{x},{ANY_NUMBER})",
        role=CENTER,
        number="0",
        width=12,
    )
    formulas = {
        "r": (if_many(2, lambda cells: f"CORREL({y(cells)},{x})"), "0.000"),
        "r2": (if_many(2, lambda cells: f"{cells.r}^2"), "0.000"),
        "slope": (if_many(2, lambda cells: f"SLOPE({y(cells)},{x})"), "0.0000"),
        "intercept": (if_many(2, intercept), "0.00"),
        "p": (if_many(3, significance), "0.000"),
    }
    for name, (formula, number) in formulas.items():
        yield Column(
            name, f"regression.{name}", formula, role=CENTER, number=number, width=12
        )
    for name in ("coefficient", "r_square"):
        yield Column(
            name,
            f"regression.{name}",
            role=PRINTED,
            number="0.000",
            width=12,
            value=partial(of_report, name),
        )
