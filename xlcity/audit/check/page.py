"""The check of workbooks as one HTML page, with links to the cells of findings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import quote

from xlcity.audit.check.check import Checked
from xlcity.audit.lint.finding import Finding
from xlcity.data_files import template_beside
from xlcity.xlsx.address import quote_sheet


def check_page(
    workbooks: Sequence[Checked],
    say: Callable[[str], str],
    detail_text: Callable[[str], str],
    finding_words: Callable[[Finding], tuple[str, str]],
    summary_text: Callable[[str], str],
) -> str:
    """Return the page of workbooks that were checked; texts are said in the user's language."""

    def link(checked: Checked, finding: Finding) -> str:
        """Return where a spreadsheet program opens the cell of a finding."""
        cell = f"{quote_sheet(finding.sheet)}!{finding.cell or 'A1'}"
        return f"{Path(checked.path).resolve().as_uri()}#{quote(cell)}"

    return template_beside(__file__, "page.html").render(
        workbooks=workbooks,
        say=say,
        link=link,
        detail_text=detail_text,
        finding_words=finding_words,
        summary_text=summary_text,
    )
