"""A chart of the first N of more cities says so, and how many there are."""

from dataclasses import replace

import pytest

from tests.helpers.templates import UNITS, chart_titles, read, small_spec
from xlcity.workbook.build import build
from xlcity.workbook.sheets.results import ranking


@pytest.mark.slow
def test_charts_name_what_they_leave_out(monkeypatch):
    spec = small_spec(language="en")
    root = spec.framework.root.code
    whole = chart_titles(read(build(spec).package))
    assert not [title for title in whole if "first" in title]
    monkeypatch.setattr(ranking, "TOP", 3)
    tables = tuple(replace(s, depth=1) if s.node == root else s for s in spec.subtables)
    package = build(replace(spec, subtables=tables)).package
    cut = [title.replace("\u00a0", " ") for title in chart_titles(read(package))]
    assert [
        title for title in cut if title.endswith(f" (first 3 of {len(UNITS)} cities)")
    ]
    assert [title for title in cut if " (first 1 of " in title], cut
