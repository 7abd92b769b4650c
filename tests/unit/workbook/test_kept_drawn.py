"""What is drawn is what is kept as text: any change of a drawing line shows in one of the books."""

import pytest

from tests.helpers.book_text import book_text
from tests.helpers.kept_books import BOOKS
from xlcity.workbook.build import build

CHINESE_TABS = True


@pytest.mark.parametrize("name", BOOKS)
def test_what_is_drawn_is_what_is_kept(name, require_kept):
    make, without = BOOKS[name]
    content = build(make()).package.to_bytes()
    require_kept(f"drawn-{name}", book_text(content, results=False, without=without))
