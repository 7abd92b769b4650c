"""What stands at the foot of printed pages: the index, its edition, the sheet and the page."""

from dataclasses import replace

import pytest

from tests.helpers.own_books import own_book_spec
from xlcity.workbook.build import draw

NAMES = {"name_zh": "城市活力指数", "name_en": "Vigour & Index", "edition": "2026"}
TITLES = {"zh": "城市活力指数 2026", "en": "Vigour &amp;&amp; Index 2026"}


@pytest.mark.parametrize("language", TITLES)
def test_each_page_says_of_which_edition_it_is(language):
    spec = replace(own_book_spec("three cities"), **NAMES, language=language)
    package, _ = draw(spec)
    sheets = [
        data.decode()
        for name, data in package.parts.items()
        if name.startswith("xl/worksheets/sheet")
    ]
    assert len(sheets) > 10
    for sheet in sheets:
        footer = sheet.partition("<oddFooter>")[2].partition("</oddFooter>")[0]
        assert f"{TITLES[language]} · &amp;A" in footer
        assert "&amp;P / &amp;N" in footer
