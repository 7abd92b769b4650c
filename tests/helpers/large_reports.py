"""The reports by size: what takes minutes for the largest is among the long tests."""

from __future__ import annotations

from typing import Any

import pytest

from xlcity.reports import report_ids

#: Reports whose books have over 20,000 formulas.
LARGE = ("bri2021", "gihi2023", "iecc2024")


def reports_by_size(large: tuple[str, ...] = LARGE) -> list[Any]:
    """Return the ids of the reports as parameters of a test, a long one for the large ones."""
    return [
        pytest.param(report, marks=pytest.mark.long) if report in large else report
        for report in report_ids()
    ]
