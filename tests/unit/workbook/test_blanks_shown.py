"""A blank that is shown stays blank: never the 0 that a plain reference makes of it."""

from dataclasses import replace

from templates import UNITS, read, small_spec

from tests.helpers.few_cities import of_cities
from xlcity.reports.report import PublishedScores
from xlcity.workbook.build import build
from xlcity.workbook.layout.rows import FIRST
from xlcity.workbook.sheets.checking.published import LOW_NOW


def test_compare_shows_no_rank_that_was_not_printed_and_no_city_that_is_not_there():
    spec = small_spec()
    root, few = spec.framework.root.code, UNITS[:5]
    ranks = {UNITS[0]: 1, UNITS[2]: 2}
    spec = replace(
        spec,
        printed=(PublishedScores(root, "table", {}, ranks),),
        dataset=of_cities(spec.dataset, few),
        spare_units=0,
    )
    template = read(build(spec).package)
    page = template.book.sheets["Compare"]
    rows = [[template.book.value("Compare", FIRST + at, c) for c in (1, 7)] for at in range(8)]
    assert rows[:5] == [[unit, ranks.get(unit, "")] for unit in few]
    assert max(row for row, _ in page.cells) == FIRST + len(few) - 1
    assert template.book.value("Compare", LOW_NOW, 4) is not None
