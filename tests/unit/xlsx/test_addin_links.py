"""Links to the add-in of somebody's machine are found, and taken out with all that names them."""

from __future__ import annotations

import io
import re

import pytest
import xlsxwriter

from xlcity.cli import main
from xlcity.recalc.workbook import patch_results, recalculate
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.editing.addin_links import find_addin_links, remove_addin_links
from xlcity.xlsx.package import Package

ADDIN = "xlcity.xlam"
PATH = f"file:///{'C'}:\\Home\\Li%20Ming\\AppData\\Roaming\\Microsoft\\Excel\\XLSTART\\xlcity.xlam"
OTHER = "prices.xlsx"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def as_excel_saves(*targets: str) -> Package:
    """Return a workbook with links to files, in the form that Excel writes."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("S")
        sheet.write_column(0, 0, [3, 1, 2])
        call = f"[{1 + targets.index(PATH)}]!RANK_UNIFORM(A1:A3)"
        sheet.write_dynamic_array_formula(0, 1, 2, 1, f"={call}", None, 0)
        sheet.write_formula(0, 2, '="[1]!"&"x"', None, "[1]!x")
        sheet.conditional_format(
            "A1:A3", {"type": "formula", "criteria": f"=SUM({call})>0"}
        )
        book.define_name(
            "ranks", f"=S!$A$1+SUM({call.replace('A1:A3', 'S!$A$1:$A$3')})"
        )
    package = Package.from_bytes(out.getvalue())
    book_xml = package.parts["xl/workbook.xml"].decode()
    rels = package.parts["xl/_rels/workbook.xml.rels"].decode()
    types = package.parts["[Content_Types].xml"].decode()
    new = {}
    references = ""
    for number, target in enumerate(targets, 1):
        part = f"xl/externalLinks/externalLink{number}.xml"
        references += f'<externalReference r:id="rIdX{number}"/>'
        rels = rels.replace(
            "</Relationships>",
            f'<Relationship Id="rIdX{number}" Type="{OFFICE}/externalLink" '
            f'Target="externalLinks/externalLink{number}.xml"/></Relationships>',
        )
        types = types.replace(
            "</Types>",
            f'<Override PartName="/{part}" ContentType="application/vnd.openxmlformats-'
            'officedocument.spreadsheetml.externalLink+xml"/></Types>',
        )
        new[part] = (
            f'<externalLink xmlns="{MAIN}"><externalBook xmlns:r="{OFFICE}" r:id="rId1"/>'
            "</externalLink>"
        ).encode()
        new[f"xl/externalLinks/_rels/externalLink{number}.xml.rels"] = (
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f'<Relationship Id="rId1" Type="{OFFICE}/externalLinkPath" Target="{target}" '
            'TargetMode="External"/><Relationship Id="rId2" Type="http://schemas.microsoft.com/'
            'office/2019/04/relationships/externalLinkLongPath" Target="another.xlam" '
            'TargetMode="External"/></Relationships>'
        ).encode()
    before = "<definedNames>" if "<definedNames>" in book_xml else "<calcPr"
    linked = f"<externalReferences>{references}</externalReferences>{before}"
    new["xl/workbook.xml"] = book_xml.replace(before, linked, 1).encode()
    new["xl/_rels/workbook.xml.rels"] = rels.encode()
    new["[Content_Types].xml"] = types.encode()
    return package.replace(new)


def whole(package: Package) -> str:
    return "\n".join(data.decode("utf-8", "replace") for data in package.parts.values())


def test_the_only_link_goes_with_everything_that_names_it():
    package = as_excel_saves(PATH)
    (path,) = find_addin_links(package, ADDIN).values()
    assert "Li Ming" in path
    new = remove_addin_links(package, ADDIN)
    assert not re.search("Li(%20| )Ming|AppData", whole(new))
    assert "externalReference" not in whole(new)
    assert not [part for part in new.parts if "externalLink" in part]
    assert whole(new).count("[1]!") == 2  # a text, and the value of its cell
    assert whole(new).count("RANK_UNIFORM(") == 3
    assert find_addin_links(new, ADDIN) == {}
    assert remove_addin_links(new, ADDIN) is new
    again = Package.from_bytes(new.to_bytes())
    assert read_book(again).sheets["S"].cells[1, 2].formula == "RANK_UNIFORM(A1:A3)"


def test_links_to_other_files_keep_their_numbers():
    last = remove_addin_links(as_excel_saves(OTHER, PATH), ADDIN)
    assert whole(last).count("<externalReference ") == 1
    assert OTHER in whole(last)
    first = remove_addin_links(as_excel_saves(PATH, OTHER), ADDIN)
    assert whole(first).count("<externalReference ") == 2
    assert 'Target="xlcity.xlam"' in whole(first)
    for new in (first, last):
        assert "AppData" not in whole(new)
        assert "]!RANK_UNIFORM" not in whole(new)


def test_parts_that_are_no_xml_are_left_alone():
    odd = {"xl/media/a.bin": b"\xff[1]!", "xl/odd.xml": b"\xff"}
    package = as_excel_saves(PATH).replace(odd)
    new = remove_addin_links(package, ADDIN)
    assert {part: new.parts[part] for part in odd} == odd
    assert "AppData" not in whole(new)


def test_a_workbook_without_such_a_link_is_left_alone():
    package = as_excel_saves(OTHER, PATH)
    assert remove_addin_links(package, "other.xlam") is package


@pytest.mark.slow
def test_recalculated_it_computes_and_says_so():
    package = as_excel_saves(PATH)
    result = recalculate(package)
    assert any("Li Ming" in note and "recalc" in note for note in result.notes)
    new = patch_results(package, result)
    assert read_book(new).value("S", 1, 2) == pytest.approx(100)
    assert "AppData" not in whole(new)


def test_seal_says_so(tmp_path, capsys):
    book = tmp_path / "linked.xlsx"
    book.write_bytes(as_excel_saves(PATH).to_bytes())
    assert main(["seal", str(book)]) == 0
    assert "linked to the add-in" in capsys.readouterr().err
