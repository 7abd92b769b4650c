"""The audit as a workbook: printed tables with marked cells, and the reasoning in formulas.

A suspect number can be typed over on its table's sheet: the verdicts of the identities that it
stands in follow.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from xlcity.audit.tables.constraints.base import Severity
from xlcity.audit.tables.diagnosis.findings import Audit
from xlcity.audit.tables.finding import LABELS
from xlcity.audit.tables.output.workings import WorkingsSheet, write_reasoning
from xlcity.audit.tables.spec.cells import PrintedCell
from xlcity.xlsx.address import column_letters, quote_sheet
from xlcity.xlsx.new_book import close_to_bytes, new_book
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


def write_book(audit: Audit, path: Path) -> Path | None:
    """Write the workbook; return where an older file of that name is kept.

    Raises
    ------
    WorkbookError
        If the file cannot be written.
    """
    book = new_book()
    formats = _Formats(book)
    findings = book.add_worksheet("Findings")
    reasons = book.add_worksheet("Reasoning")
    names = _sheet_names(audit)
    marks = _marks(audit)
    for table, name in names.items():
        _table(book.add_worksheet(name), audit, table, marks, formats)
    homes = {cell.index: _home(audit, cell, names) for cell in audit.printed.book.cells}
    _findings(findings, audit, homes, formats)
    write_reasoning(WorkingsSheet(reasons, formats.get, homes), audit)
    return write_output(path, close_to_bytes(book))


class _Formats:
    """Formats by their properties, each made once."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._made: dict[tuple[tuple[str, Any], ...], Any] = {}

    def get(self, **properties: Any) -> Any:
        """Return the format with these properties."""
        key = tuple(sorted({"font_name": "Calibri", "font_size": 10, **properties}.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format(dict(key))
        return self._made[key]


def _sheet_names(audit: Audit) -> dict[str, str]:
    """Return a sheet name per table that holds numbers or findings: 31 characters, no repeats."""
    used = {cell.table for cell in audit.printed.book.cells}
    used |= {finding.table for finding in audit.findings}
    names: dict[str, str] = {}
    for table in audit.printed.files:
        if table not in used:
            continue
        bare = "".join("_" if char in "[]:*?/\\'" else char for char in table)[:28]
        taken = {name.casefold() for name in names.values()} | {"findings", "reasoning"}
        name, number = bare, 1
        while name.casefold() in taken:
            number += 1
            name = f"{bare}_{number}"
        names[table] = name
    return names


def _marks(audit: Audit) -> dict[tuple[str, int, str], list[tuple[Severity, str]]]:
    """Return (table, row, column) -> what is to be said of the cell."""
    marks: dict[tuple[str, int, str], list[tuple[Severity, str]]] = {}
    for finding in audit.findings:
        if finding.row is not None:
            suggested = f"\n-> {finding.suggestion} ({finding.kind})" if finding.suggestion else ""
            text = f"[{finding.group}] {finding.check}{suggested}\n{finding.evidence}"
            key = (finding.table, finding.row, finding.column)
            marks.setdefault(key, []).append((finding.severity, text))
    return marks


def _home(audit: Audit, cell: PrintedCell, names: Mapping[str, str]) -> str:
    """Return the address of a cell, with its sheet."""
    columns = list(audit.printed.files[cell.table][0])
    letters = column_letters(columns.index(cell.column) + 1)
    return f"{quote_sheet(names[cell.table])}!${letters}${cell.row}"


def _table(
    sheet: Any,
    audit: Audit,
    table: str,
    marks: Mapping[tuple[str, int, str], list[tuple[Severity, str]]],
    formats: _Formats,
) -> None:
    """Write one printed table, row by row as in its file, numbers with their printed decimals."""
    rows, numbers = audit.printed.files[table], audit.printed.numbers[table]
    columns = list(rows[0])
    cells = {(c.row, c.column): c for c in audit.printed.book.cells if c.table == table}
    for column, name in enumerate(columns):
        sheet.write_string(0, column, name, formats.get(bold=True, bottom=1))
        longest = max([len(name), *(len(row[name]) for row in rows)])
        sheet.set_column(column, column, min(max(8, 1.2 * longest + 1), 40))
    sheet.freeze_panes(1, 0)
    for row, number in zip(rows, numbers, strict=True):
        for column, name in enumerate(columns):
            cell_marks = marks.get((table, number, name), [])
            properties: dict[str, Any] = {}
            if cell_marks:
                gravest = min((severity for severity, _ in cell_marks), key=lambda s: s.weight)
                properties["bg_color"] = FILLS[gravest]
            if (cell := cells.get((number, name))) is None:
                sheet.write_string(number - 1, column, row[name], formats.get(**properties))
            else:
                properties["num_format"] = "0" + ("." + "0" * cell.decimals) * bool(cell.decimals)
                sheet.write_number(number - 1, column, float(cell.value), formats.get(**properties))
            if cell_marks:
                text = "\n\n".join(text for _, text in cell_marks)[:1500]
                options = {"x_scale": 3, "y_scale": 2, "author": "xlcity"}
                sheet.write_comment(number - 1, column, text, options)


def _findings(sheet: Any, audit: Audit, homes: Mapping[int, str], formats: _Formats) -> None:
    """Write the list of findings, each with a link to its cell."""
    sheet.write_string(0, 0, audit.title, formats.get(bold=True, font_size=14))
    counts = ", ".join(f"{LABELS[s]} {len(audit.of(s))}" for s in Severity)
    sheet.write_string(1, 0, counts, formats.get(font_color="#595959"))
    head = formats.get(bold=True, bottom=1, text_wrap=True, valign="top")
    sheet.set_row(2, 29)
    for column, (name, width) in enumerate(_HEADER):
        sheet.write_string(2, column, name, head)
        sheet.set_column(column, column, width)
    sheet.freeze_panes(3, 0)
    plain = formats.get(valign="top", text_wrap=True)
    for row, finding in enumerate(audit.findings, start=3):
        lines = 1 + max(int(len(finding.evidence) / (1.15 * EVIDENCE)), len(finding.node) // 17)
        sheet.set_row(row, 13.5 * lines + 3)
        marked = formats.get(valign="top", bg_color=FILLS[finding.severity])
        sheet.write_number(row, 0, finding.group, plain)
        sheet.write_string(row, 1, LABELS[finding.severity], marked)
        words = (finding.check, finding.table, finding.unit, finding.node)
        for column, word in enumerate(words, start=2):
            sheet.write_string(row, column, word, plain)
        if finding.cell is not None:
            home = homes[finding.cell]
            link = formats.get(valign="top", font_color="#0563C1", underline=1)
            shown = home.rpartition("!")[2].replace("$", "")
            sheet.write_url(row, 6, f"internal:{home.replace('$', '')}", link, shown)
        sheet.write_string(row, 7, finding.published, plain)
        for column, end in enumerate(finding.expected, start=8):
            if end is not None:
                sheet.write_number(
                    row, column, round(end, 6), formats.get(valign="top", num_format="General")
                )
        sheet.write_string(row, 10, finding.suggestion, plain)
        sheet.write_string(row, 11, finding.kind, plain)
        if finding.suggestion and finding.row is not None:
            sheet.write_string(row, 12, "yes 是" if finding.resolves else "no 否", plain)
            sheet.write_string(row, 13, "yes 是" if finding.unique else "no 否", plain)
        sheet.write_string(row, 14, finding.where, plain)
        sheet.write_string(row, 15, finding.evidence, plain)
    sheet.autofilter(2, 0, max(3, 2 + len(audit.findings)), len(_HEADER) - 1)
    sheet.set_landscape()
    sheet.set_paper(8)
    sheet.set_margins(0.4, 0.4, 0.5, 0.5)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(2)
