"""Tables and the numbers of figures as files: CSV for programs, a workbook with a sheet each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np

from xlcity.figures import contents as charts
from xlcity.figures.contents import Label
from xlcity.figures.figure import Figure
from xlcity.model.reading.tables import csv_text
from xlcity.report.contents import DECIMALS, Marked, ReportCell, ReportTable
from xlcity.report.notes import cell_marks
from xlcity.report.texts import invented, say

#: The same input gives the same bytes.
_CREATED = datetime(2000, 1, 1)
#: Longest name of a sheet, and widest column.
_SHEET, _WIDEST = 31, 46


def table_csv(table: ReportTable, lang: str) -> bytes:
    """Return a table as CSV that Excel reads as UTF-8, with all digits."""
    rows: list[list[object]] = [_heads(table, lang)]
    rows += [[_plain(cell, lang) for cell in row] for row in table.rows]
    if table.units:
        rows = [[unit, *row] for unit, row in zip(["unit", *table.units], rows, strict=True)]
    marks = ["".join(sorted(set(cell_marks([row])))) for row in table.rows]
    if any(marks):
        heading = say("head.mark").text(lang)
        rows = [[*row, mark] for row, mark in zip(rows, [heading, *marks], strict=True)]
    return _csv(rows, invented(table, lang))


def _csv(rows: Sequence[Sequence[object]], mark: str) -> bytes:
    """Return rows as CSV; that their values are invented stands in a column of its own."""
    if mark:
        rows = [[*row, "synthetic" if number == 0 else mark] for number, row in enumerate(rows)]
    return b"\xef\xbb\xbf" + csv_text([[*row] for row in rows], mark=False).encode("utf-8")


def _heads(table: ReportTable, lang: str) -> list[object]:
    """Return the heading of each column, after the one that stands over it."""
    gap = "" if lang == "zh" else " "
    return [gap.join((f.over.text(lang), f.head.text(lang))).strip() for f in table.fields]


def _plain(cell: ReportCell, lang: str) -> object:
    if isinstance(cell, Marked):
        return cell.number
    return cell.text(lang) if isinstance(cell, Label) else "" if cell is None else cell


def figure_csv(figure: Figure, lang: str) -> bytes:
    """Return the numbers of a figure as CSV."""

    def text(labels: Sequence[Label]) -> list[object]:
        return [label.text(lang) for label in labels]

    def columns(names: Sequence[Label], *series: tuple[str, Any]) -> list[list[object]]:
        heads = ["", *(head for head, _ in series)]
        cells = zip(text(names), *(_numbers(values) for _, values in series), strict=True)
        return [heads, *map(list, cells)]

    def ends(series: Sequence[charts.BarSeries]) -> list[tuple[str, Any]]:
        sides = ("", "values"), ("5%", "low"), ("95%", "high")
        return [
            (f"{line.label.text(lang)} {end}".strip(), values)
            for line in series
            for end, side in sides
            if (values := getattr(line, side)) is not None
        ]

    match figure.content:
        case charts.BarChart(rows=names, series=series):
            rows = columns(names, *ends(series))
        case charts.DotChart(rows=names, series=series):
            rows = columns(names, *ends(series))
        case charts.BarPanels(rows=names, panels=series):
            rows = columns(names, *ends(series))
        case charts.RadarChart(spokes=names, series=series):
            rows = columns(names, *ends(series))
        case charts.Matrix2D(rows=names, columns=heads, values=block):
            rows = columns(names, *zip(map(str, text(heads)), block.T, strict=True))
        case charts.SlopeChart(rows=names, columns=heads, ranks=block):
            rows = columns(names, *zip(map(str, text(heads)), block.T, strict=True))
        case charts.NetworkChart(rows=names, links=block):
            rows = columns(names, *zip(map(str, text(names)), block.T, strict=True))
        case charts.ScatterChart(rows=names, x=x, y=y, across=across, up=up, sizes=sizes):
            areas = [] if sizes is None else [("", sizes)]
            named = (x.label.text(lang), across), (y.label.text(lang), up)
            rows = columns(names, *named, *areas)
        case charts.LineChart(series=curves):
            rows = [[c.label.text(lang), *_numbers(both)] for c in curves
                    for both in zip(c.x.tolist(), c.y.tolist(), strict=True)]  # fmt: skip
        case charts.HistogramChart(panels=panels):
            rows = [[p.label.text(lang), *_numbers(p.values)] for p in panels]
        case charts.Dendrogram(rows=names, merges=block):
            rows = [text(names), *map(_numbers, block)]
        case charts.TreeDiagram(names=names, parents=parents):
            rows = [[name, "" if n < 0 else text(names)[n]]
                    for name, n in zip(text(names), parents, strict=True)]  # fmt: skip
        case _:
            rows = []
    return _csv(rows, invented(figure, lang))


def _numbers(values: Any) -> list[object]:
    """Return numbers as cells; one that is not finite leaves its cell empty."""
    return [value if np.isfinite(value) else "" for value in np.asarray(values).tolist()]


def tables_xlsx(tables: Sequence[ReportTable], lang: str) -> bytes:
    """Return tables as a workbook: a list of them, then a sheet each."""
    from xlcity.xlsx.new_book import PLAIN_TEXT, close_to_bytes, new_book

    book = new_book(**PLAIN_TEXT)
    book.set_properties({"created": _CREATED})
    contents = book.add_worksheet(say("html.contents").text(lang))
    contents.set_column(0, 0, 70)
    link = book.add_format({"font_color": "#1F4E79", "underline": 1})
    for number, table in enumerate(tables):
        name = f"{number + 1} {''.join(c for c in table.id if c not in '[]:*?/')}"
        name = name[:_SHEET].rstrip("'")
        _write_sheet(book, book.add_worksheet(name), table, lang)
        contents.write_url(number, 0, f"internal:'{name}'!A1", link, table.title.text(lang))
    return close_to_bytes(book)


def _write_sheet(book: Any, page: Any, table: ReportTable, lang: str) -> None:
    """Write a table on a sheet of its own."""
    note = book.add_format({"font_size": 9, "font_color": "#5A5A5A"})
    warned = book.add_format({"bg_color": "#FFF3CD", "border": 1})
    look = book.add_format({"bold": True, "text_wrap": True, "valign": "vcenter", "bottom": 1})
    page.write_string(
        0, 0, table.title.text(lang), book.add_format({"bold": True, "font_size": 13})
    )
    row = 1
    if table.synthetic:
        page.write_string(row, 0, invented(table, lang), warned)
        row += 1
    heads = _heads(table, lang)
    for column, heading in enumerate(heads):
        page.write_string(row, column, heading, look)
        cells = [line[column] for line in table.rows]
        longest = max((2 * len(c.zh) if lang == "zh" else len(c.text(lang)) for c in cells
                       if isinstance(c, Label)), default=0)  # fmt: skip
        page.set_column(column, column, min(max(longest, 8) + 2, _WIDEST))
    page.freeze_panes(row + 1, min(2, len(heads) - 1))
    for line in table.rows:
        row += 1
        for column, (cell, field) in enumerate(zip(line, table.fields, strict=True)):
            if isinstance(cell, Label):
                page.write_string(row, column, cell.text(lang))
            elif cell is not None and cell == cell:
                mark = cell.mark if isinstance(cell, Marked) else ""
                page.write_number(row, column, cell, _number_format(book, field.kind, mark))
    for label in (table.note, table.source):
        if label.text(lang):
            row += 1
            page.write_string(row, 0, label.text(lang), note)
    page.set_landscape()
    page.fit_to_pages(1, 0)
    page.set_paper(9)


def _number_format(book: Any, kind: str, mark: str) -> Any:
    """Return the format of a kind of numbers with a mark behind them; None for a text."""
    if (decimals := DECIMALS.get(kind)) is None:
        return None
    pattern = "+0;-0;0" if kind == "change" else "#,##0" + f".{'0' * decimals}" * (decimals > 0)
    behind = f'"{mark}"' if mark else ""
    shape = ";".join(f"{part}{behind}" for part in pattern.split(";"))
    return book.add_format({"num_format": shape})
