"""Puts native charts into Word documents."""

from __future__ import annotations

from typing import Any

from xlcity.report.native import Lines, NativeChart
from xlcity.xlsx.text import in_quotes

_SCHEMAS = "http://schemas.openxmlformats.org"
_OFFICE = f"{_SCHEMAS}/officeDocument/2006/relationships"
_CHART = f"{_SCHEMAS}/drawingml/2006/chart"
_CHART_TYPE = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
_BOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_MIXED = f"{_SCHEMAS}/markup-compatibility/2006"
#: What Word has known since 2010, and programs that draw many charts badly do not.
_WORD = "http://schemas.microsoft.com/office/word/2010/wordprocessingDrawing"
#: English metric units to the cm.
_EMU = 360_000


def add_charts(paragraph: Any, lines: Lines, shares: tuple[float, float], described: str) -> None:
    """Append the charts of a figure to a paragraph; a picture there is for other programs.

    LibreOffice stretches all but 20 charts of a document, so that it is shown the picture.

    Parameters
    ----------
    shares
        What the width and the height of each chart are multiplied by.
    described
        What they show, for readers who cannot see it.
    """
    from docx.oxml import OxmlElement, parse_xml

    run = paragraph.runs[0]._r if paragraph.runs else paragraph.add_run()._r
    pictures = [*run.iterchildren()]
    drawn = []
    for number, line in enumerate(lines):
        drawn += [OxmlElement("w:br")] if number else []
        drawn += [parse_xml(_drawing(paragraph, chart, shares, described)) for chart in line]
    if not pictures:
        for element in drawn:
            run.append(element)
        return
    both = parse_xml(
        f'<mc:AlternateContent xmlns:mc="{_MIXED}" xmlns:wp14="{_WORD}">'
        '<mc:Choice Requires="wp14"/><mc:Fallback/></mc:AlternateContent>'
    )
    for branch, inside in zip(both, (drawn, pictures), strict=True):
        branch.extend(inside)
    run.append(both)


def _drawing(
    paragraph: Any, chart: NativeChart, shares: tuple[float, float], described: str
) -> str:
    """Add the parts of a chart to the document; return what shows it in the text."""
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part

    document = paragraph.part
    package = document.package
    number = 1 + sum(part_there.content_type == _CHART_TYPE for part_there in package.iter_parts())
    name = PackURI(f"/word/charts/chart{number}.xml")
    part = Part(name, _CHART_TYPE, chart.part, package)
    book = PackURI(f"/word/embeddings/Microsoft_Excel_Sheet{number}.xlsx")
    part.relate_to(Part(book, _BOOK_TYPE, chart.workbook, package), f"{_OFFICE}/package")
    rid = document.relate_to(part, f"{_OFFICE}/chart")
    sides = zip((chart.width, chart.height), shares, strict=True)
    width, height = (round(side * share * _EMU) for side, share in sides)
    return (
        f'<w:drawing xmlns:w="{_SCHEMAS}/wordprocessingml/2006/main"'
        f' xmlns:wp="{_SCHEMAS}/drawingml/2006/wordprocessingDrawing"'
        f' xmlns:a="{_SCHEMAS}/drawingml/2006/main" xmlns:c="{_CHART}" xmlns:r="{_OFFICE}">'
        f'<wp:inline distT="0" distB="0" distL="0" distR="0">'
        f'<wp:extent cx="{width}" cy="{height}"/>'
        f'<wp:docPr id="{number}" name="Chart {number}"'
        f" descr={in_quotes(described)}/>"
        f'<wp:cNvGraphicFramePr/><a:graphic><a:graphicData uri="{_CHART}">'
        f'<c:chart r:id="{rid}"/></a:graphicData></a:graphic></wp:inline></w:drawing>'
    )
