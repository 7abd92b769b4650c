"""The audit as one HTML page with nothing outside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path

from xlcity.audit.tables.constraints.base import Severity
from xlcity.audit.tables.diagnosis.findings import Audit
from xlcity.audit.tables.finding import TableFinding
from xlcity.xlsx.save import write_output

_NAMES = {
    Severity.ERROR: "错误 error",
    Severity.WARNING: "提醒 warning",
    Severity.NOTE: "说明 note",
}
_STYLE = """
:root{--ink:#1d2733;--soft:#5b6875;--line:#d9dfe5;--paper:#fff;--back:#f5f7f9;
--error:#c0392b;--warning:#b7791f;--note:#2b6cb0}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--ink);
font:15px/1.55 system-ui,"Noto Sans CJK SC","Microsoft YaHei","PingFang SC",sans-serif}
main{max-width:1080px;margin:0 auto;padding:28px 20px 60px}
h1{font-size:25px;margin:0 0 4px}h2{font-size:18px;margin:34px 0 10px}
p.lead{color:var(--soft);margin:0 0 18px}
.tiles{display:flex;gap:12px;flex-wrap:wrap}
.tile{background:var(--paper);border:1px solid var(--line);border-left-width:5px;border-radius:6px;
padding:10px 18px;min-width:130px}.tile b{display:block;font-size:25px;line-height:1.15}
.error{border-left-color:var(--error)}.warning{border-left-color:var(--warning)}
.note{border-left-color:var(--note)}
.group{background:var(--paper);border:1px solid var(--line);border-left:5px solid;border-radius:6px;
padding:10px 16px 12px;margin:12px 0}
.group.error{border-left-color:var(--error)}.group.warning{border-left-color:var(--warning)}
.group.note{border-left-color:var(--note)}
table{border-collapse:collapse;width:100%;font-size:14px}
th{color:var(--soft);font-weight:600;text-align:left;border-bottom:1px solid var(--line);
padding:3px 10px 3px 0;white-space:nowrap}
td{padding:4px 10px 4px 0;vertical-align:top;border-bottom:1px solid #eef1f4}
td.n{font-variant-numeric:tabular-nums;white-space:nowrap}
td b{font-weight:650}.to{color:#1e7145;font-weight:650}
.why{color:var(--soft);font-size:13.5px;margin:8px 0 0}.tag{color:var(--soft);font-size:13px}
details{margin:10px 0;background:var(--paper);border:1px solid var(--line);border-radius:6px;
padding:8px 14px}summary{cursor:pointer;font-weight:600}
.wide{overflow-x:auto;max-height:520px;overflow-y:auto;margin-top:8px}
.printed td,.printed th{padding:2px 9px;border:1px solid #eef1f4;font-size:13px}
.printed th{position:sticky;top:0;background:var(--paper)}
td.m-error{background:#f8cbad}td.m-warning{background:#ffe699}td.m-note{background:#ddebf7}
@media print{.wide{max-height:none}body{background:#fff}}
"""


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
    yield f"<title>{title}</title><style>{_STYLE}</style></head><body><main>"
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
            finding = marked.get((number, name))
            if finding is None:
                cells.append(f"<td>{escape(text)}</td>")
            else:
                arrow = f" → {finding.suggestion}" if finding.suggestion else ""
                title = escape(f"[{finding.group}] {finding.check}{arrow}", quote=True)
                style = f"m-{finding.severity.value}"
                cells.append(f'<td class="{style}" title="{title}">{escape(text)}</td>')
        yield f"<tr>{''.join(cells)}</tr>"
