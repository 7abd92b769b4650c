import io
import re
import zipfile

import pytest

from xlcity.xlsx.new_book import calculate_on_load
from xlcity.xlsx.package import Package

PART = "xl/workbook.xml"


def with_calc(package: Package, element: str) -> Package:
    xml = package.parts[PART].decode()
    return package.replace(
        {PART: xml.replace("</workbook>", element + "</workbook>").encode()}
    )


@pytest.mark.parametrize("last", ["", "<x:extLst/>", "<x:oleSize/><x:extLst/>"])
def test_the_namespace_prefix_of_the_workbook_is_kept(make, last):
    package = make('<row r="1"/>')
    xml = re.sub(r"<(/?)(?=[a-z])", r"<\1x:", package.text(PART)).replace(
        "xmlns=", "xmlns:x="
    )
    package = package.replace(
        {PART: xml.replace("</x:workbook>", f"{last}</x:workbook>").encode()}
    )
    new = calculate_on_load(package)
    assert new.text(PART).endswith(f'<x:calcPr fullCalcOnLoad="1"/>{last}</x:workbook>')
    assert [sheet.name for sheet in new.sheets] == ["S"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", '<calcPr fullCalcOnLoad="1"/>'),
        ('<calcPr calcId="191029"/>', '<calcPr calcId="191029" fullCalcOnLoad="1"/>'),
        (
            '<calcPr fullCalcOnLoad="0" calcId="1"/>',
            '<calcPr calcId="1" fullCalcOnLoad="1"/>',
        ),
        (
            '<calcPr fullCalcOnLoad="1" calcId="1"/>',
            '<calcPr fullCalcOnLoad="1" calcId="1"/>',
        ),
        ("<extLst></extLst>", '<calcPr fullCalcOnLoad="1"/><extLst></extLst>'),
    ],
)
def test_one_attribute_and_nothing_else(make, before, after):
    package = with_calc(make('<row r="1"><c r="A1"><v>1</v></c></row>'), before)
    new = calculate_on_load(package)
    assert new.parts[PART].decode().endswith(after + "</workbook>")
    assert {k: v for k, v in new.parts.items() if k != PART} == {
        k: v for k, v in package.parts.items() if k != PART
    }
    assert calculate_on_load(new) is new
    with zipfile.ZipFile(io.BytesIO(new.to_bytes())) as archive:
        assert archive.testzip() is None
