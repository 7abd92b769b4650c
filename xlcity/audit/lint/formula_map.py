"""The map of a workbook: one picture per sheet, each rectangle of equal formulas in one colour."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xlcity.audit.lint.finding import LintFinding
from xlcity.audit.lint.subject import Subject, is_number
from xlcity.xlsx.address import Range, cell_name, column_letters
from xlcity.xlsx.cells import Position
from xlcity.xlsx.new_book import close_to_bytes, new_book
from xlcity.xlsx.save import require_output, write_output

#: Quiet colours that stay apart when they stand side by side.
_COLOURS = (
    "CFE2F3", "D9EAD3", "FFF2CC", "EAD1DC", "D0E0E3", "FCE5CD", "D9D2E9", "E6E6C8", "C9DAF8",
    "DDE8CB", "F4E1C1", "D5D9E8",
)  # fmt: skip
_ROWS, _COLUMNS = 400, 200
#: Sheet names are at most 31 characters long.
_LONGEST = 31


@dataclass(frozen=True, slots=True)
class Region:
    """A rectangle of cells with the same formula in R1C1 form."""

    key: str
    area: Range

    @property
    def cells(self) -> int:
        """How many cells it has."""
        return self.area.rows * self.area.columns

    @property
    def range_text(self) -> str:
        """The range without its sheet."""
        first = cell_name(self.area.r1, self.area.c1)
        last = cell_name(self.area.r2, self.area.c2)
        return first if first == last else f"{first}:{last}"


def draw_map(path: str | Path, findings: Sequence[LintFinding], target: str | Path) -> Path | None:
    """Write the map of a workbook's formulas; return where an older file of that name is kept.

    Parameters
    ----------
    path
        The workbook.
    findings
        What the lint found: these cells are red.
    target
        The map, a workbook of its own: a list of all regions, and a sheet for each sheet.

    Raises
    ------
    WorkbookError
        If the workbook cannot be read, or the target is open in a program.
    """
    require_output(Path(target), [path])
    subject = Subject.open(path)
    workbook = new_book()
    styles = _MapStyles(workbook)
    legend = workbook.add_worksheet("Regions")
    regions = {name: list(find_regions(subject, name)) for name in subject.book.sheets}
    _write_legend(legend, styles, subject, regions, findings)
    for number, (name, of_sheet) in enumerate(regions.items(), 1):
        title = f"{number} {name}"[:_LONGEST]
        sheet = workbook.add_worksheet(title.replace("'", ""))
        wrong = {f.cell: f for f in findings if f.sheet == name}
        _draw_sheet(sheet, styles, subject, name, of_sheet, wrong)
    return write_output(Path(target), close_to_bytes(workbook))


def find_regions(subject: Subject, sheet: str) -> Iterator[Region]:
    """Yield the rectangles of a sheet, in reading order: as wide as they go, then as high."""
    keys = subject.keys(sheet)
    done: set[Position] = set()
    for row, column in sorted(keys):
        if (row, column) in done:
            continue
        key = keys[row, column]

        def same(r: int, c: int, key: str = key) -> bool:
            return keys.get((r, c)) == key and (r, c) not in done

        down = row
        while same(down + 1, column):
            down += 1
        right = column
        while all(same(r, right + 1) for r in range(row, down + 1)):
            right += 1
        if right == column and down == row:
            while same(row, right + 1):
                right += 1
        done.update((r, c) for r in range(row, down + 1) for c in range(column, right + 1))
        yield Region(key, Range(sheet, row, column, down, right))


class _MapStyles:
    def __init__(self, workbook: Any) -> None:
        small = {"font_size": 7, "align": "center", "valign": "vcenter"}
        self.head = workbook.add_format({"bold": True, "bottom": 1})
        self.edge = workbook.add_format({**small, "font_color": "#888888"})
        self.text = workbook.add_format({**small, "font_color": "#BBBBBB"})
        self.number = workbook.add_format({**small, "font_color": "#1F3F8F", "italic": True})
        self.wrong = workbook.add_format(
            {**small, "bold": True, "bg_color": "#C00000", "font_color": "#FFFFFF"}
        )
        self.colours = [
            workbook.add_format({**small, "bg_color": f"#{colour}"}) for colour in _COLOURS
        ]


def _write_legend(
    sheet: Any,
    styles: _MapStyles,
    subject: Subject,
    regions: dict[str, list[Region]],
    findings: Sequence[LintFinding],
) -> None:
    titles = ("sheet", "region", "cells", "formula in its first cell", "in R1C1 form", "findings")
    sheet.write_row(0, 0, titles, styles.head)
    row = 0
    for name, of_sheet in regions.items():
        for region in of_sheet:
            row += 1
            first = region.area.r1, region.area.c1
            cell = subject.cells(name)[first]
            formula = cell.formula or ""
            rules = {
                f.rule
                for f in findings
                if f.sheet == name
                and (p := f.position) is not None
                and region.area.r1 <= p[0] <= region.area.r2
                and region.area.c1 <= p[1] <= region.area.c2
            }
            texts = (name, region.range_text, f"={formula}", region.key, " ".join(sorted(rules)))
            sheet.write_string(row, 0, texts[0])
            sheet.write_string(row, 1, texts[1])
            sheet.write_number(row, 2, region.cells)
            for column, text in enumerate(texts[2:], 3):
                sheet.write_string(row, column, text[:32_000])
    for down, (mark, look, meaning) in enumerate(_list_marks(styles)):
        sheet.write_string(down, len(titles) + 1, mark, look)
        sheet.write_string(down, len(titles) + 2, meaning)
    sheet.set_column(0, 1, 16)
    sheet.set_column(3, 4, 70)
    sheet.set_column(5, 5, 12)
    sheet.autofilter(0, 0, max(row, 1), len(titles) - 1)
    _set_up_print(sheet, "Regions")
    sheet.print_area(0, 0, max(row, 1), len(titles) - 1)
    sheet.freeze_panes(1, 0)


def _list_marks(styles: _MapStyles) -> tuple[tuple[str, Any, str], ...]:
    """Return what stands in the pictures, how it styles and what it means."""
    return (
        ("1", styles.colours[0], "formula; equal numbers: equal formulas"),
        ("n", styles.number, "typed number"),
        ("t", styles.text, "text"),
        ("E03", styles.wrong, "finding; see its note"),
    )


def _set_up_print(sheet: Any, name: str) -> None:
    """Let a sheet print as wide as a page, under the name of the sheet it shows."""
    sheet.set_paper(9)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_header(f"&L{name.replace('&', '&&')}&R&P / &N")


def _draw_sheet(
    sheet: Any,
    styles: _MapStyles,
    subject: Subject,
    name: str,
    of_sheet: list[Region],
    wrong: dict[str, LintFinding],
) -> None:
    colours = {key: index for index, key in enumerate(dict.fromkeys(r.key for r in of_sheet))}
    last = subject.graph.extent(name)
    rows, columns = min(last[0], _ROWS), min(last[1], _COLUMNS)
    sheet.set_column(0, columns, 3.2)
    sheet.hide_gridlines(2)
    _set_up_print(sheet, name)
    sheet.freeze_panes(1, 1)
    for column in range(1, columns + 1):
        sheet.write_string(0, column, column_letters(column), styles.edge)
    for row in range(1, rows + 1):
        sheet.write_number(row, 0, row, styles.edge)
    for (row, column), cell in subject.cells(name).items():
        if row > rows or column > columns or cell.computed or cell.value in (None, ""):
            continue
        if is_number(cell.value):
            sheet.write_string(row, column, "n", styles.number)
        else:
            sheet.write_string(row, column, "t", styles.text)
    for region in of_sheet:
        number = colours[region.key] + 1
        form = styles.colours[(number - 1) % len(styles.colours)]
        for row in range(region.area.r1, min(region.area.r2, rows) + 1):
            for column in range(region.area.c1, min(region.area.c2, columns) + 1):
                sheet.write_number(row, column, number, form)
    for cell_address, finding in wrong.items():
        position = finding.position
        if position is not None and position[0] <= rows and position[1] <= columns:
            sheet.write_string(*position, finding.rule, styles.wrong)
            sheet.write_comment(*position, f"{cell_address}: {finding.message}")
