"""Data bars and icons of Excel 2010, of which a part stands in an extension of the sheet."""

import pytest

from tests.helpers.extended_rules import (
    BAR,
    BOUND,
    EXTENDED,
    EXTENSION,
    with_extended_rules,
)
from tests.helpers.own import own_bytes
from tests.helpers.valid_sheets import require_valid
from xlcity.cli import main
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.package import Package
from xlcity.xlsx.relations import ContentTypes, Relations


@pytest.fixture
def book(tmp_path):
    path = tmp_path / "book.xlsx"
    changed = with_extended_rules(Package.from_bytes(own_bytes(udf=False)))
    require_valid(changed)
    changed.write(path)
    return path


def require_carried(path, sources=1):
    """Require a valid file that lists what it does not have."""
    package = Package.read(path)
    require_valid(package)
    read = read_book(package)
    sheet = package.parts[read.sheets["Data"].part].decode()
    assert "autoMin" not in sheet
    assert "3Stars" not in sheet
    assert sheet.count("<dataBar>") == 1  # the plain one
    assert sheet.count('aboveAverage="0"') == 1
    texts = [
        cell.value
        for cell in read.sheets["Leftovers"].cells.values()
        if cell.value is not None
    ]
    for cells in ("D11:D14", "E11:E14", "G11:G14"):
        assert texts.count(cells) == sources
    assert texts.count("F11:F14") == 0


@pytest.mark.slow
def test_rebuild_and_roll_list_what_they_cannot_carry(book, tmp_path, capsys):
    target = tmp_path / "new.xlsx"
    assert main(["rebuild", str(book), "-o", str(target)]) in (0, 1)
    printed = "".join(capsys.readouterr())
    assert "Data!D11:D14" in printed
    assert "dataBar" in printed
    assert "Data!G11:G14" in printed
    assert "2 conditional formats" in printed
    require_carried(target)
    assert main(
        ["roll", str(book), "--edition", "2", "-o", str(tmp_path / "next.xlsx")]
    ) in (0, 1)
    require_carried(tmp_path / "next.xlsx")


def test_merge_leaves_them_where_they_stand(book, tmp_path, capsys):
    target = tmp_path / "merged.xlsx"
    copy = tmp_path / "copy.xlsx"
    copy.write_bytes(book.read_bytes())
    assert main(["merge", str(book), str(copy), "-o", str(target)]) == 0
    capsys.readouterr()
    before = Package.read(book)
    after = Package.read(target)
    require_valid(after)
    part = read_book(before).sheets["Data"].part
    assert after.parts[part] == before.parts[part]


def test_release_writes_a_valid_file(book, tmp_path, capsys):
    target = tmp_path / "public.xlsx"
    assert main(["release", str(book), "-o", str(target)]) in (0, 1)
    capsys.readouterr()
    require_valid(Package.read(target))


def test_a_sheet_of_ones_own_is_copied_whole(book, tmp_path, capsys):
    package = Package.read(book)
    data = read_book(package).sheets["Data"]
    rules = EXTENDED + BOUND
    main_part = "xl/workbook.xml"
    own = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><worksheet xmlns='
        '"http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="11">'
        f'<c r="D11"><v>1</v></c></row></sheetData>{rules}<extLst>{EXTENSION}</extLst></worksheet>'
    )
    relations = Relations.read_from(package, main_part)
    types = ContentTypes.read_from(package)
    rid = relations.add("worksheet", "xl/worksheets/sheet900.xml")
    types.override(
        "xl/worksheets/sheet900.xml",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml",
    )
    workbook = package.parts[main_part].decode()
    tab = f'<sheet name="Mine" sheetId="900" r:id="{rid}"/></sheets>'
    mine = package.replace(
        {
            "xl/worksheets/sheet900.xml": own.encode(),
            main_part: workbook.replace("</sheets>", tab).encode(),
            relations.part: relations.to_bytes(),
            ContentTypes.PART: types.to_bytes(),
        }
    )
    require_valid(mine)
    assert data.part in mine.parts
    mine.write(book)
    target = tmp_path / "new.xlsx"
    assert main(["rebuild", str(book), "-o", str(target)]) in (0, 1)
    capsys.readouterr()
    made = Package.read(target)
    require_valid(made)
    sheet = made.parts[read_book(made).sheets["Mine"].part].decode()
    assert sheet.count(BAR) == 2
    assert "3Stars" in sheet
