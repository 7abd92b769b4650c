"""Invented data of the reports whose inputs were never printed; every value is marked."""

from pathlib import Path

import xlcity.reports


def report_folder(report: str) -> Path:
    """Return the folder of a report in the package."""
    return Path(xlcity.reports.__file__).parent / report
