"""What is drawn is what is kept as text: any change of a drawing line shows in one of the books."""

from functools import cache

import pytest

from tests.helpers.book_text import book_text
from tests.helpers.everything import verb
from tests.helpers.kept import differences
from tests.helpers.kept_books import BOOKS, OWN
from xlcity.workbook.build import build

CHINESE_TABS = True


@cache
def built(name: str) -> bytes:
    make, _ = BOOKS[name]
    return build(make()).package.to_bytes()


@pytest.mark.parametrize("name", BOOKS)
def test_what_is_drawn_is_what_is_kept(name, require_kept):
    _, without = BOOKS[name]
    require_kept(
        f"drawn-{name}", book_text(built(name), results=False, without=without)
    )


@pytest.mark.parametrize("name", OWN)
def test_a_book_is_drawn_again_as_it_is_from_what_stands_in_it(name, tmp_path):
    (tmp_path / "book.xlsx").write_bytes(built(name))
    verb("rebuild", tmp_path / "book.xlsx", "-o", tmp_path / "again.xlsx")
    again = book_text((tmp_path / "again.xlsx").read_bytes())
    # The cells that remarks name are written as people type.
    again = again.replace("inline 'Index!", "'Index!")
    assert [*differences(book_text(built(name)), again)] == []
