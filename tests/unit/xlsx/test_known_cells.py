"""Sheets that were read before: whatever a copy changes, it reads as if nothing were known."""

import random
from unittest import mock

import pytest

from xlcity.errors import WorkbookError
from xlcity.xlsx import known_cells, user_cache
from xlcity.xlsx.cells import BookReader, read_book
from xlcity.xlsx.known_cells import KnownReader

STRINGS = "<si><t>北京</t></si><si><t>&#60;</t></si>"
ROWS = (
    '<row r="1"><c r="A1"><v>7</v></c><c r="B1" s="1"/><c r="C1"><f>A1&lt;1</f><v>2.5</v></c>'
    '<c r="D1" t="str"><f>"北&lt;"</f><v>北&lt;</v></c><c r="E1" t="e"><f>NA()</f><v>#N/A</v></c>'
    '<c r="F1" t="b"><v>1</v></c><c r="G1" t="inlineStr"><is><t>x</t></is></c>'
    '<c r="H1" t="s"><v>0</v></c></row>'
    '<row r="2"><c r="A2"><f t="shared" ref="A2:A3" si="0">A1*2</f><v>14</v></c>'
    '<c r="B2"><f t="array" ref="B2:C3">ROW(A1:A2)</f><v>1</v></c><c r="D2" t="str"/></row>'
    '<row r="3"><c r="A3"><f t="shared" si="0"/><v>28</v></c></row>'
)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv(user_cache.VARIABLE, str(tmp_path))
    monkeypatch.setattr(known_cells, "_LEAST_BYTES", 0)


def read(package):
    """Return the workbook as the next process reads it, and the sheets that were read whole."""
    known_cells.forget_forms()
    with mock.patch.object(BookReader, "_cells", autospec=True, side_effect=BookReader._cells) as m:
        book = KnownReader(package, lambda names: True).book()
    return book, [call.args[1].name for call in m.call_args_list]


def outcome(make_book):
    """Return all that is known of a workbook, or why it cannot be read."""
    try:
        book = make_book()
    except WorkbookError as error:
        return str(error)
    tables = [sheet.cells for sheet in book.sheets.values()]
    return [
        (t.objects(), t.formats(), t.digest(), t.computed(), [*t.constants()], t.arrays)
        for t in tables
    ]


def with_part(package, data):
    return package.replace({"xl/worksheets/sheet1.xml": data})


@pytest.mark.parametrize(
    ("old", "new", "known"),
    [
        ("<v>7</v>", "<v>1E-3</v>", True),
        ("<v>7</v>", "<v></v>", True),
        ("<v>北&lt;</v>", '<v xml:space="preserve"> 北 </v>', True),
        ("<v>北&lt;</v>", "<v>_x0041_&amp;京</v>", True),
        ("<v>#N/A</v>", "<v>#NUM!</v>", True),
        ("<v>1</v>", "<v>0</v>", True),
        ('<worksheet ', '<worksheet mc="2" ', True),
        ("<v>7</v>", "", False),
        ("<v>7</v>", "<v>&#55;</v>", False),
        ("<v>7</v>", "<v>x</v>", False),
        ("<v>7</v>", "<v>\x01</v>", False),
        ("<f>A1&lt;1</f>", "<f>A1&lt;2</f>", False),
        ('<c r="C1">', '<c r="C1" t="str">', False),
        ("<is><t>x</t></is>", "<is><t>y</t></is>", False),
        ("ROW(A1:A2)", "ROW(A1:A3)", False),
        ("<sheetData>", "<!-- a --><sheetData>", False),
        ("</worksheet>", "<a b='&#0;'/></worksheet>", False),
    ],
)  # fmt: skip
def test_a_copy_reads_as_if_nothing_were_known(make, old, new, known):
    first = make(ROWS, strings=STRINGS)
    whole = first.parts["xl/worksheets/sheet1.xml"]
    assert read(first) == (read_book(first), ["S"])
    changed = with_part(first, whole.replace(old.encode(), new.encode(), 1))
    assert outcome(lambda: read(changed)[0]) == outcome(lambda: read_book(changed))
    if known:
        assert read(changed)[1] == []


def test_copies_spoilt_at_random_read_as_if_nothing_were_known(make):
    rng = random.Random(3)
    first = make(ROWS, strings=STRINGS)
    whole = first.parts["xl/worksheets/sheet1.xml"].decode()
    read(first)
    known = KnownReader(first, lambda names: True).book()
    signs = [*'<>/="&;v1-', "<v>", "</v>", "<v></v>", ' t="str"', "<!--", "&#60;", "&#0;", "\x0b"]
    for _ in range(150):
        at = rng.randrange(len(whole))
        spoilt = whole[:at] + rng.choice(["", *signs]) + whole[at + rng.randrange(3) :]
        changed = with_part(first, spoilt.encode())
        expected = outcome(lambda made=changed: read_book(made))
        assert outcome(lambda made=changed: read(made)[0]) == expected, spoilt
        again = KnownReader(changed, lambda names: True)
        assert outcome(again.book) == expected, spoilt
    assert outcome(lambda: known) == outcome(lambda: read_book(first))


def test_formulas_that_were_lost_are_read_from_the_sheet(make, tmp_path):
    package = make(ROWS, strings=STRINGS)
    expected = outcome(lambda: read(package)[0])
    next(tmp_path.glob("texts-*")).unlink()
    book, whole = read(package)
    assert whole == []
    assert outcome(lambda: book) == expected


def test_few_spellings_are_kept_and_of_chosen_workbooks_alone(make, tmp_path):
    spelled = [make(ROWS.replace('s="1"', f's="{n}"'), strings=STRINGS) for n in range(5)]
    assert [read(package)[1] for package in spelled] == [["S"]] * 5
    assert [read(package)[1] for package in spelled] == [[]] * 3 + [["S"]] * 2
    for path in tmp_path.iterdir():
        path.unlink()
    KnownReader(spelled[0], lambda names: False).book()
    assert [*tmp_path.iterdir()] == []
