"""A sheet that copies have otherwise than one another is named after its copy, as Excel allows."""

import pytest

from xlcity.workbook.migrate.merge import _sheet_title


@pytest.mark.parametrize(
    ("sheet", "copy", "title"),
    [
        ("Notes", "team/Li.xlsx", "Notes (Li)"),
        ("Notes", "a[1]:b?*.xlsx", "Notes (a_1__b__)"),
        ("Notes", "21 characters, no end.xlsx", "Notes (21 characters, no end)"),
        # 31 characters are whole, one more is shortened to 31.
        ("Notes", "x" * 23 + ".xlsx", f"Notes ({'x' * 23})"),
        ("Notes", "x" * 24 + ".xlsx", "Notes (xxxxxxxx…xxxxxxxxxxxxxx)"),
    ],
)
def test_the_title_fits_and_has_no_character_that_excel_refuses(sheet, copy, title):
    assert _sheet_title(sheet, copy) == title
    assert len(title) <= 31
