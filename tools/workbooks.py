"""Builds the templates that the repository carries: one filled and one empty per report.

python -m tools.workbooks workbooks
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from xlcity.reports import load_report, report_ids
from xlcity.workbook.build import build
from xlcity.workbook.spec.from_report import template_spec


def release(folder: Path, ids: Sequence[str] = (), language: str = "zh") -> list[Path]:
    """Write `ID.xlsx` and `empty/ID.xlsx` for every report (or those named); return the paths."""
    written = []
    (folder / "empty").mkdir(parents=True, exist_ok=True)
    for report_id in ids or report_ids():
        report = load_report(report_id)
        for empty, path in (
            (False, folder / f"{report_id}.xlsx"),
            (True, folder / "empty" / f"{report_id}.xlsx"),
        ):
            build(template_spec(report, empty=empty, language=language)).package.write(path)
            written.append(path)
    return written


if __name__ == "__main__":
    for path in release(Path(sys.argv[1] if len(sys.argv) > 1 else "workbooks")):
        sys.stdout.write(f"{path}\n")
