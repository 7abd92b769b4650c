"""Write what the reports reproduce into the pages that show it.

Examples
--------
python -m tools.site.reproduction
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from xlcity.audit.tables.reproduction import Reproduction, cell_counts, reproduce_report
from xlcity.reports import report_ids
from xlcity.reports.comparison import Comparison

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "how-to" / "reproduce-published-tables.md"
_TABLES = re.compile(r"(?<=<!-- reproduce -->\n).*?(?=<!-- end -->)", re.DOTALL)


class Words(NamedTuple):
    """The headings of both tables in one language, and the link to a report's own page."""

    ending: str
    summary: tuple[str, ...]
    mismatches: tuple[str, ...]
    meaning: str


LANGUAGES = (
    Words(
        ending=".md",
        summary=("report", "cells", "within", "by construction", "what it means"),
        mismatches=("report", "table", "what", "cells", "within"),
        meaning="mismatches and readings",
    ),
    Words(
        ending=".zh.md",
        summary=("报告", "单元格", "相符", "构造性一致", "含义"),
        mismatches=("报告", "表", "内容", "单元格", "相符"),
        meaning="不符之处与读法",
    ),
)


def with_tables(page: str, reproductions: list[Reproduction], words: Words) -> str:
    """Return a page with the tables of today between its marks."""
    summary = [summary_row(reproduction, words) for reproduction in reproductions]
    lines = [
        "",
        *table_lines(words.summary, summary),
        "",
        *table_lines(words.mismatches, mismatch_rows(reproductions)),
        "",
        "",
    ]
    text = "\n".join(lines)
    return _TABLES.sub(lambda _: text, page)


def summary_row(reproduction: Reproduction, words: Words) -> list[str]:
    """Return the row of a report: its counts, and a link to the words about them."""
    counted = cell_counts(reproduction.counted)
    apart = cell_counts(reproduction.apart)
    folder = f"../../xlcity/reports/{reproduction.report}"
    return [
        reproduction.report,
        f"{counted['cells']:,}",
        f"{counted['within']:,}",
        f"{apart['within']:,} / {apart['cells']:,}",
        f"[{words.meaning}]({folder}/reproducing{words.ending})",
    ]


def mismatch_rows(reproductions: list[Reproduction]) -> list[list[str]]:
    """Return a row for each counted table that does not agree in every cell."""
    rows = []
    for reproduction in reproductions:
        for table in reproduction.counted:
            if table.within < table.cells:
                rows.append(mismatch_row(reproduction.report, table))
    return rows


def mismatch_row(report: str, table: Comparison) -> list[str]:
    """Return the row of one table."""
    return [report, table.table, table.what, str(table.cells), str(table.within)]


def table_lines(headings: tuple[str, ...], rows: list[list[str]]) -> list[str]:
    """Return a table in Markdown."""
    rule = ["---"] * len(headings)
    return [f"| {' | '.join(row)} |" for row in (headings, rule, *rows)]


def page_of(words: Words) -> Path:
    """Return the page of a language."""
    return PAGE.with_name(PAGE.stem + words.ending)


def main() -> None:
    """Write the tables of both languages."""
    reproductions = [reproduce_report(name) for name in report_ids()]
    for words in LANGUAGES:
        page = page_of(words)
        text = page.read_text(encoding="utf-8")
        page.write_text(with_tables(text, reproductions, words), encoding="utf-8")


if __name__ == "__main__":
    main()
