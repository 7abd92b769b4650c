"""What is drawn is what is kept as text: any change of a drawing line shows in one of the books.

The first book is kept whole, of the others what none before them has: lines that say the same on a
sheet of the same name are counted (on any sheet, if none had that name).
"""

from functools import cache

import pytest

from tests.helpers.book_text import Line, book_lines, book_text
from tests.helpers.everything import verb
from tests.helpers.kept import differences
from tests.helpers.kept_books import BOOKS, OWN
from xlcity.workbook.build import build

CHINESE_TABS = True


@cache
def built(name: str) -> bytes:
    make, _ = BOOKS[name]
    return build(make()).package.to_bytes()


@cache
def by_sheet(name: str) -> dict[str, list[Line]]:
    """Return the lines of a book below the headings of its sheets."""
    _, without = BOOKS[name]
    sheets: dict[str, list[Line]] = {}
    heading = ""
    for line in book_lines(built(name), results=False, without=without):
        if line.startswith("== "):
            heading = line
        elif line:
            sheets.setdefault(heading, []).append(line)
    return sheets


@cache
def said(name: str) -> dict[str, frozenset[str]]:
    """Return what is said on the sheets of a book."""
    return {
        heading: frozenset().union(*(line.said for line in lines))
        for heading, lines in by_sheet(name).items()
    }


def known_of(heading: str, before: list[dict[str, frozenset[str]]]) -> frozenset[str]:
    """Return what is said on a sheet in books before, or on any sheet if none has this one."""
    same = [book[heading] for book in before if heading in book]
    others = [said for book in before for said in book.values()]
    return frozenset().union(*(same or others))


@pytest.mark.parametrize("name", BOOKS)
def test_what_is_drawn_is_what_is_kept(name, require_kept):
    books = [*BOOKS]
    before = [said(other) for other in books[: books.index(name)]]
    kept = []
    for heading, lines in by_sheet(name).items():
        known = known_of(heading, before)
        new = [told for line in lines if (told := line.new(known)) is not None]
        count = len(lines) - len(new)
        as_before = f" ({count} lines as in a book before)" if count else ""
        kept += [heading + as_before, *new]
    require_kept(f"drawn-{name}", "\n".join(kept), whole=True)


@pytest.mark.parametrize("name", OWN)
def test_a_book_is_drawn_again_as_it_is_from_what_stands_in_it(name, tmp_path):
    (tmp_path / "book.xlsx").write_bytes(built(name))
    verb("rebuild", tmp_path / "book.xlsx", "-o", tmp_path / "again.xlsx")
    again = book_text((tmp_path / "again.xlsx").read_bytes())
    # The cells that remarks name are written as people type.
    again = again.replace("inline 'Index!", "'Index!")
    assert [*differences(book_text(built(name)), again)] == []
