"""Builds the templates of all reports: filled, as the repository carries them, and empty.

python -m tools.workbooks workbooks
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from xlcity.reports import load_report, report_ids
from xlcity.workbook.build import build
from xlcity.workbook.spec.from_report import template_spec


def release(
    folder: Path, ids: Sequence[str] = (), language: str = "zh", *, empty: bool = True
) -> list[Path]:
    """Write `ID.xlsx` for every report (or those named), and `empty/ID.xlsx` where asked."""
    written = []
    for report_id in ids or report_ids():
        report = load_report(report_id)
        for is_empty in (False, True) if empty else (False,):
            path = (folder / "empty" if is_empty else folder) / f"{report_id}.xlsx"
            path.parent.mkdir(parents=True, exist_ok=True)
            build(template_spec(report, empty=is_empty, language=language)).package.write(path)
            written.append(path)
    return written


if __name__ == "__main__":
    for path in release(Path(sys.argv[1] if len(sys.argv) > 1 else "workbooks"), empty=False):
        sys.stdout.write(f"{path}\n")
