"""The audit as one HTML page with nothing outside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path

from xlcity.audit.tables.constraints.base import Severity
from xlcity.audit.tables.diagnosis.findings import Audit
from xlcity.audit.tables.finding import TableFinding
from xlcity.data_files import text_beside
from xlcity.xlsx.save import write_output

_NAMES = {
    Severity.ERROR: "错误 error",
    Severity.WARNING: "提醒 warning",
    Severity.NOTE: "说明 note",
}


def write_page(audit: Audit, path: Path) -> Path | None:
    """Write the page; return where an older file of that name is kept.

    Raises
    ------
    WorkbookError
        If the file cannot be written.
    """
    return write_output(path, ("\n".join(_page(audit)) + "\n").encode("utf-8"))


def _page(audit: Audit) -> Iterator[str]:
    title = escape(audit.title or "Audit")
    yield "<!DOCTYPE html>"
    yield '<html lang="zh"><head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width,initial-scale=1">'
    style = text_beside(__file__, "page.css")
    yield f"<title>{title}</title><style>\n{style}</style></head><body><main>"
    yield f"<h1>{title}</h1>"
    cells = sum(done.cells for done in audit.checked)
    yield (
        '<p class="lead">公布数字的核查 · audit of printed numbers: '
        f"{cells:,} cells in {len(audit.checked)} checks. 舍入不构成错误；不一致不等于造假。"
        "Rounding is never an error, and what disagrees need not be anybody's intention.</p>"
    )
    yield '<div class="tiles">'
    for severity in Severity:
        number = len(audit.of(severity))
        yield f'<div class="tile {severity.value}"><b>{number}</b>{_NAMES[severity]}</div>'
    yield "</div>"
    for severity in Severity:
        found = audit.of(severity)
        if found:
            yield f"<h2>{_NAMES[severity]}</h2>"
            for group in dict.fromkeys(finding.group for finding in found):
                yield from _group([one for one in found if one.group == group], severity)
    yield "<h2>检查 checks</h2>"
    yield "<table><tr><th>check 检查</th><th>table 表</th><th>cells 格数</th></tr>"
    for done in audit.checked:
        yield (
            f"<tr><td>{escape(done.check)}</td><td>{escape(done.table)}</td>"
            f'<td class="n">{done.cells}</td></tr>'
        )
    yield "</table><h2>公布的表 printed tables</h2>"
    yield from _tables(audit)
    yield "</main></body></html>"


def _group(findings: list[TableFinding], severity: Severity) -> Iterator[str]:
    first = findings[0]
    yield f'<section class="group {severity.value}">'
    yield f'<span class="tag">[{first.group}] {escape(first.check)}</span>'
    rows = [finding for finding in findings if finding.published or finding.suggestion]
    if rows:
        yield (
            "<table><tr><th>table 表</th><th>unit 城市</th><th>node 节点</th><th>printed 公布</th>"
            "<th>possible 可能</th><th>suggested 建议</th><th>kind 类型</th><th>line 行</th></tr>"
        )
        for one in rows:
            yield (
                f"<tr><td>{escape(one.table)}</td><td>{escape(one.unit)}</td>"
                f"<td>{escape(one.node)}</td>"
                f'<td class="n"><b>{escape(one.published)}</b></td>'
                f'<td class="n">{_range(one.expected)}</td>'
                f'<td class="n to">{escape(one.suggestion)}</td><td>{escape(one.kind)}</td>'
                f'<td class="n">{escape(one.where)}</td></tr>'
            )
        yield "</table>"
    for text in dict.fromkeys(finding.evidence for finding in findings):
        yield f'<p class="why">{escape(text)}</p>'
    yield "</section>"


def _range(expected: tuple[float | None, float | None]) -> str:
    low, high = expected
    if low is None and high is None:
        return ""
    if low == high:
        return f"{low:.6g}"
    return f"{'' if low is None else f'{low:.6g}'} – {'' if high is None else f'{high:.6g}'}"


def _tables(audit: Audit) -> Iterator[str]:
    """Yield each table that has marked cells, folded."""
    marks: dict[str, dict[tuple[int, str], TableFinding]] = {}
    for finding in audit.findings:
        if finding.row is not None:
            marks.setdefault(finding.table, {}).setdefault((finding.row, finding.column), finding)
    for table, marked in marks.items():
        yield f"<details><summary>{escape(table)} ({len(marked)})</summary>"
        yield '<div class="wide"><table class="printed">'
        yield from _rows(audit, table, marked)
        yield "</table></div></details>"


def _rows(
    audit: Audit, table: str, marked: Mapping[tuple[int, str], TableFinding]
) -> Iterator[str]:
    rows, numbers = audit.printed.files[table], audit.printed.numbers[table]
    yield "<tr>" + "".join(f"<th>{escape(name)}</th>" for name in rows[0]) + "</tr>"
    for row, number in zip(rows, numbers, strict=True):
        cells = []
        for name, text in row.items():
            if (finding := marked.get((number, name))) is None:
                cells.append(f"<td>{escape(text)}</td>")
            else:
                arrow = f" → {finding.suggestion}" if finding.suggestion else ""
                title = escape(f"[{finding.group}] {finding.check}{arrow}", quote=True)
                style = f"m-{finding.severity.value}"
                cells.append(f'<td class="{style}" title="{title}">{escape(text)}</td>')
        yield f"<tr>{''.join(cells)}</tr>"
