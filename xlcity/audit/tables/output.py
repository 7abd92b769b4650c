"""The audit as a page, and as a workbook: printed tables with marked cells, and the findings."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from xlcity.audit.tables.constraints.relations import Severity
from xlcity.audit.tables.diagnosis.findings import Audit
from xlcity.audit.tables.finding import LABELS, TableFinding
from xlcity.audit.tables.spec.cells import PrintedCell
from xlcity.data_files import template_beside
from xlcity.grouping import grouped
from xlcity.xlsx.address import column_letters, quote_sheet
from xlcity.xlsx.new_book import PLAIN_TEXT, close_to_bytes, new_book
from xlcity.xlsx.save import write_output

#: Fill of a marked cell, by severity.
FILLS = {Severity.ERROR: "#F8CBAD", Severity.WARNING: "#FFE699", Severity.NOTE: "#DDEBF7"}
#: Width of the column of evidence, in characters.
EVIDENCE = 84
_HEADER = (
    ("group 组", 7),
    ("severity 级别", 14),
    ("check 检查", 14),
    ("table 表", 18),
    ("unit 城市", 13),
    ("node 节点", 17),
    ("cell 单元格", 8),
    ("printed 公布", 10),
    ("from 下限", 9),
    ("to 上限", 9),
    ("suggested 建议", 11),
    ("kind 类型", 20),
    ("all hold 全部成立", 9),
    ("only one 唯一", 8),
    ("line 行号", 9),
    ("evidence 依据", EVIDENCE),
)


def _marks(audit: Audit) -> dict[str, dict[tuple[int, str], list[TableFinding]]]:
    """Return table -> row and column -> what is found of the cell."""
    placed = [finding for finding in audit.findings if finding.row is not None]
    return {
        table: grouped(((finding.row or 0, finding.column), finding) for finding in findings)
        for table, findings in grouped((finding.table, finding) for finding in placed).items()
    }


def write_page(audit: Audit, path: Path) -> Path | None:
    """Write the page, with nothing outside it; return where an older file of that name is kept.

    Raises
    ------
    WorkbookError
        If the file cannot be written.
    """
    page = template_beside(__file__, "page.html").render(
        audit=audit, labels=LABELS, marks=_marks(audit), range_text=_range_text
    )
    return write_output(path, page.encode("utf-8"))


def _range_text(expected: tuple[float | None, float | None]) -> str:
    """Return the numbers that are possible: one, or both ends as far as there are any."""
    low, high = ("" if end is None else f"{end:.6g}" for end in expected)
    return low if low == high else f"{low} – {high}"


def write_book(audit: Audit, path: Path) -> Path | None:
    """Write the workbook; return where an older file of that name is kept.

    Raises
    ------
    WorkbookError
        If the file cannot be written.
    """
    book = new_book(**PLAIN_TEXT)

    @cache
    def style(**properties: Any) -> Any:
        return book.add_format({"font_name": "Calibri", "font_size": 10, **properties})

    findings = book.add_worksheet("Findings")
    names = _sheet_names(audit)
    for table, name in names.items():
        _write_table(book.add_worksheet(name), audit, table, style)
    homes = {}
    for cell in audit.printed.book.cells:
        column = list(audit.printed.files[cell.table][0]).index(cell.column) + 1
        sheet = quote_sheet(names[cell.table])
        homes[cell.index] = f"{sheet}!{column_letters(column)}{cell.row}"
    _write_findings(findings, audit, homes, style)
    return write_output(path, close_to_bytes(book))


def _sheet_names(audit: Audit) -> dict[str, str]:
    """Return a sheet name per table that holds numbers or findings: 31 characters, no repeats."""
    used = {cell.table for cell in audit.printed.book.cells}
    used |= {finding.table for finding in audit.findings}
    names: dict[str, str] = {}
    taken = {"findings"}
    for table in audit.printed.files:
        if table in used:
            bare = "".join("_" if char in "[]:*?/\\'" else char for char in table)[:28]
            name, number = bare, 1
            while name.casefold() in taken:
                number += 1
                name = f"{bare}_{number}"
            taken.add(name.casefold())
            names[table] = name
    return names


def number_format(cell: PrintedCell) -> str:
    """Return the format that shows a number with its printed decimals."""
    return f"{0:.{cell.decimals}f}"


def _write_table(sheet: Any, audit: Audit, table: str, style: Callable[..., Any]) -> None:
    """Write one printed table, row by row as in its file, numbers with their printed decimals."""
    rows, marks = audit.printed.files[table], _marks(audit).get(table, {})
    cells = {(c.row, c.column): c for c in audit.printed.book.cells if c.table == table}
    for column, name in enumerate(rows[0]):
        sheet.write(0, column, name, style(bold=True, bottom=1))
        longest = max([len(name), *(len(row[name]) for row in rows)])
        sheet.set_column(column, column, min(max(8, 1.2 * longest + 1), 40))
        for row, number in zip(rows, audit.printed.numbers[table], strict=True):
            cell, findings = cells.get((number, name)), marks.get((number, name), [])
            shown = {} if cell is None else {"num_format": number_format(cell)}
            if findings:
                gravest = min((f.severity for f in findings), key=lambda s: s.weight)
                shown["bg_color"] = FILLS[gravest]
                options = {"x_scale": 3, "y_scale": 2, "author": "xlcity"}
                text = "\n\n".join(map(_comment, findings))[:1500]
                sheet.write_comment(number - 1, column, text, options)
            value = row[name] if cell is None else float(cell.value)
            sheet.write(number - 1, column, value, style(**shown))
    sheet.freeze_panes(1, 0)


def _comment(finding: TableFinding) -> str:
    suggested = f"\n-> {finding.suggestion} ({finding.kind})" if finding.suggestion else ""
    return f"[{finding.group}] {finding.check}{suggested}\n{finding.evidence}"


def _write_findings(
    sheet: Any, audit: Audit, homes: dict[int, str], style: Callable[..., Any]
) -> None:
    """Write the list of findings, each with a link to its cell."""
    sheet.write(0, 0, audit.title, style(bold=True, font_size=14))
    counts = ", ".join(f"{LABELS[s]} {len(audit.of(s))}" for s in Severity)
    sheet.write(1, 0, counts, style(font_color="#595959"))
    sheet.set_row(2, 29)
    for column, (name, width) in enumerate(_HEADER):
        sheet.write(2, column, name, style(bold=True, bottom=1, text_wrap=True, valign="top"))
        sheet.set_column(column, column, width)
    sheet.freeze_panes(3, 0)
    plain = style(valign="top", text_wrap=True)
    for row, finding in enumerate(audit.findings, start=3):
        lines = 1 + max(int(len(finding.evidence) / (1.15 * EVIDENCE)), len(finding.node) // 17)
        sheet.set_row(row, 13.5 * lines + 3)
        sure = ["", ""]
        if finding.suggestion and finding.row is not None:
            sure = [
                "yes 是" if answer else "no 否" for answer in (finding.resolves, finding.unique)
            ]
        ends = [None if end is None else round(end, 6) for end in finding.expected]
        address = (finding.table, finding.unit, finding.node, "")
        values: list[Any] = [finding.group, LABELS[finding.severity], finding.check, *address]
        values += [finding.published, *ends, finding.suggestion, finding.kind, *sure]
        for column, value in enumerate([*values, finding.where, finding.evidence]):
            sheet.write(row, column, value, plain)
        marked = style(valign="top", bg_color=FILLS[finding.severity])
        sheet.write(row, 1, LABELS[finding.severity], marked)
        if finding.cell is not None:
            home = homes[finding.cell]
            link = style(valign="top", font_color="#0563C1", underline=1)
            sheet.write_url(row, 6, f"internal:{home}", link, home.rpartition("!")[2])
    sheet.autofilter(2, 0, max(3, 2 + len(audit.findings)), len(_HEADER) - 1)
    sheet.set_landscape()
    sheet.set_paper(8)
    sheet.set_margins(0.4, 0.4, 0.5, 0.5)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(2)
