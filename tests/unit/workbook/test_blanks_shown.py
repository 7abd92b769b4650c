"""A blank that is shown stays blank: never the 0 that a plain reference makes of it."""

from dataclasses import replace

from tests.helpers.few_cities import of_cities
from tests.helpers.templates import UNITS, read, small_spec
from xlcity.reports.report import PublishedScores
from xlcity.workbook.build import build
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.rows import FIRST
from xlcity.workbook.sheets.checking.published import COMPARABLE, METHOD


def test_published_shows_no_rank_that_was_not_printed_or_computed():
    spec = small_spec()
    root = spec.framework.root.code
    few = UNITS[:5]
    ranks = {UNITS[0]: 1, UNITS[2]: 2}
    spec = replace(
        spec,
        printed=(PublishedScores(root, "table", {}, ranks),),
        dataset=of_cities(spec.dataset, few),
        spare_units=0,
    )
    template = read(build(spec).package)
    left = Layout(spec).printed.left
    columns = (1, COMPARABLE, left, left + 1)
    rows = [
        [template.book.value("Published", FIRST + at, c) for c in columns]
        for at in range(8)
    ]
    assert [[row[0], row[2]] for row in rows] == [
        [unit, ranks.get(unit)] for unit in UNITS
    ]
    assert all(row[3] for row in rows[:5])
    assert [row[1::2] for row in rows[5:]] == [["", ""]] * 3
    assert template.book.value("Published", METHOD, COMPARABLE + 1) is not None
