"""`Tiers`: the rank at which a tier ends is typed beside its label, and cities follow it."""

from tests.helpers.templates import edited, seen, small_spec, small_template
from xlcity.workbook.sheets.results.tiers import ENDS, TIERS_HEADER
from xlcity.xlsx.address import cell_name


def test_a_tier_ends_at_the_rank_that_is_typed():
    book = small_template()
    before = seen(book)
    ends = [rule.rank_to for rule in small_spec().tiers if rule.group == "all"][:-1]
    typed = [
        before.fresh.value("Tiers", ENDS + number, 3)
        for number, _ in enumerate(ends, 1)
    ]
    assert typed == ends
    cut = seen(
        edited(book, {"Tiers": {cell_name(ENDS + 1, 3): 2, cell_name(ENDS + 2, 3): 5}})
    )
    tiers = [
        cut.fresh.value("Tiers", TIERS_HEADER + 1 + place, 3) for place in range(6)
    ]
    assert tiers == [1, 1, 2, 2, 2, 3]
