"""Data bars and icons of Excel 2010, of which a part stands in an extension of the sheet."""

from xlcity.xlsx.cells import read_book
from xlcity.xlsx.package import Package

X14 = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"
XM = "http://schemas.microsoft.com/office/excel/2006/main"
BAR = "{00000001-0000-4000-8000-000000000001}"
EXTENDED = (
    '<conditionalFormatting sqref="D11:D14"><cfRule type="dataBar" priority="901"><dataBar>'
    '<cfvo type="min"/><cfvo type="max"/><color rgb="FF638EC6"/></dataBar><extLst><ext '
    f'xmlns:x14="{X14}" uri="{{B025F937-C7B1-47D3-B67F-A62EFF666E3E}}"><x14:id>{BAR}</x14:id></ext>'
    "</extLst></cfRule></conditionalFormatting>"
)
BOUND = (
    '<conditionalFormatting sqref="E11:E14"><cfRule type="colorScale" priority="902"><colorScale>'
    '<cfvo type="formula" val="$D$11"/><cfvo type="max"/><color rgb="FFFF0000"/>'
    '<color rgb="FF00FF00"/></colorScale></cfRule></conditionalFormatting>'
)
PLAIN = (
    '<conditionalFormatting sqref="F11:F14"><cfRule type="dataBar" priority="903"><dataBar>'
    '<cfvo type="min"/><cfvo type="max"/><color rgb="FF638EC6"/></dataBar></cfRule>'
    '<cfRule type="aboveAverage" priority="904" aboveAverage="0" dxfId="0"/>'
    "</conditionalFormatting>"
)
EXTENSION = (
    f'<ext xmlns:x14="{X14}" uri="{{78C0D931-6437-407d-A8EE-F0AAD7539E65}}">'
    f'<x14:conditionalFormattings><x14:conditionalFormatting xmlns:xm="{XM}"><x14:cfRule '
    f'type="dataBar" id="{BAR}"><x14:dataBar minLength="0" maxLength="100" border="1">'
    '<x14:cfvo type="autoMin"/><x14:cfvo type="autoMax"/><x14:borderColor rgb="FF638EC6"/>'
    '<x14:negativeFillColor rgb="FFFF0000"/><x14:axisColor rgb="FF000000"/></x14:dataBar>'
    "</x14:cfRule><xm:sqref>D11:D14</xm:sqref></x14:conditionalFormatting>"
    f'<x14:conditionalFormatting xmlns:xm="{XM}"><x14:cfRule type="iconSet" priority="905" '
    'id="{00000001-0000-4000-8000-000000000002}"><x14:iconSet iconSet="3Stars"><x14:cfvo '
    'type="percent"><xm:f>0</xm:f></x14:cfvo><x14:cfvo type="percent"><xm:f>33</xm:f></x14:cfvo>'
    '<x14:cfvo type="percent"><xm:f>67</xm:f></x14:cfvo></x14:iconSet></x14:cfRule>'
    "<xm:sqref>G11:G14</xm:sqref></x14:conditionalFormatting></x14:conditionalFormattings></ext>"
)


def with_extended_rules(package: Package) -> Package:
    """Return a workbook with such rules on `Data`, as Excel writes them."""
    part = read_book(package).sheets["Data"].part
    xml = package.parts[part].decode()
    assert "<extLst" not in xml
    at = xml.index("<conditionalFormatting")
    xml = xml[:at] + EXTENDED + BOUND + PLAIN + xml[at:]
    xml = xml.replace("</worksheet>", f"<extLst>{EXTENSION}</extLst></worksheet>")
    return package.replace({part: xml.encode()})
