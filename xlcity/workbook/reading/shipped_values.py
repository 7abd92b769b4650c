"""The values that a report ships with and their status, read once in a process."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

from xlcity.model.dataset import Dataset
from xlcity.reports import load_report, report_folder


class ShippedValues(NamedTuple):
    """The edition of a report and its data."""

    edition: str
    dataset: Dataset


def shipped_values(report_id: str) -> ShippedValues:
    """Return what a report ships with; raises as `load_report`."""
    return _of_folder(report_folder(report_id), report_id)


@cache
def _of_folder(folder: Path, report_id: str) -> ShippedValues:
    report = load_report(report_id)
    return ShippedValues(report.edition, report.dataset)
