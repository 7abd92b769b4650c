"""What of a formula was replaced: from the first to the last token that differs."""

import pytest

from xlcity.xlsx.formulas.changed_part import changed_part


@pytest.mark.parametrize(
    ("before", "after", "parts"),
    [
        ("IF(A1,SUM(B1:B3)/2,0)", "IF(A1,AVERAGE(B1:B3),0)", ("SUM(B1:B3)/2", "AVERAGE(B1:B3)")),
        ("A1+B1", "A1+B1+2", ("", "+2")),
        ("A1+B1+2", "A1+B1", ("+2", "")),
        ("sum( A1:A3 )", "SUM(A1:A4)", ("A1:A3", "A1:A4")),
        ("F(A1)+F(B1)", "F(A1)+G(B1)", ("F", "G")),
        ("F(A1)", "G(B1)", ("F(A1)", "G(B1)")),
        ("(A1-B1)*2", "A1-B1*2", ("(A1-B1)", "A1-B1")),
        ("A1", "A1", ("", "")),
    ],
)
def test_the_part_that_differs(before, after, parts):
    assert changed_part(before, after) == parts
