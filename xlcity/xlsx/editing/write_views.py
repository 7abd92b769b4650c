"""How sheets are shown, written: colours of tabs, frozen panes, filters, the order of tabs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from xlcity.xlsx.address import cell_name, quote_sheet
from xlcity.xlsx.editing.features import ATTRIBUTE, Rectangle
from xlcity.xlsx.editing.write_features import insert, spelled
from xlcity.xlsx.package import Package
from xlcity.xlsx.parts import decode, workbook_part
from xlcity.xlsx.text import escape_xml, xml_text

_TAB = re.compile(r"<sheet\b[^>]*>")
_VIEW = re.compile(r"(<sheetView\b[^>]*?)(?:/>|>.*?</sheetView>)", re.DOTALL)
_OWNER = re.compile(r'(\slocalSheetId=")(\d+)(")')
_ACTIVE = re.compile(r'(<workbookView\b[^>]*?\sactiveTab=")(\d+)(")')


def with_colour(xml: str, colour: str) -> str:
    """Return a sheet whose tab has a colour, "" for none."""
    xml = re.sub(r"<tabColor\b[^>]*/>", "", xml, count=1)
    if not colour:
        return xml
    xml = re.sub(r"<sheetPr\b([^>]*)/>", r"<sheetPr\1></sheetPr>", xml, count=1)
    if "<sheetPr" not in xml:
        xml = insert(xml, "sheetPr", "<sheetPr></sheetPr>")
    return re.sub(r"<sheetPr\b[^>]*>", rf'\g<0><tabColor rgb="FF{colour}"/>', xml, count=1)


def with_panes(xml: str, rows: int, columns: int) -> str:
    """Return a sheet on which so many rows and columns stay in sight."""
    splits = {"xSplit": columns, "ySplit": rows}
    split = "".join(f' {name}="{number}"' for name, number in splits.items() if number)
    corner = "bottomRight" if rows and columns else "bottomLeft" if rows else "topRight"
    first = cell_name(rows + 1, columns + 1)
    pane = (
        f'<pane{split} topLeftCell="{first}" activePane="{corner}" state="frozen"/>'
        f'<selection pane="{corner}" activeCell="{first}" sqref="{first}"/>'
    )

    def change(match: re.Match[str]) -> str:
        head = re.sub(r'\stopLeftCell="[^"]*"', "", match[1])
        return f"{head}>{pane}</sheetView>" if split else f"{head}/>"

    return _VIEW.sub(change, xml, count=1)


def with_buttons(xml: str, area: Rectangle | None) -> str:
    """Return a sheet with a filter that hides nothing, or with none."""
    xml = re.sub(r"<autoFilter\b(?:[^>]*/>|.*?</autoFilter>)", "", xml, count=1, flags=re.DOTALL)
    return (
        xml if area is None else insert(xml, "autoFilter", f'<autoFilter ref="{spelled(area)}"/>')
    )


def with_filter_names(package: Package, areas: Mapping[str, Rectangle | None]) -> Package:
    """Return a workbook whose hidden names of filters are those of their sheets."""
    main = workbook_part(package.parts) or ""
    text = decode(package.parts, main, package.name)
    titles = _titles(text)
    for name, area in areas.items():
        owner = f'name="_xlnm._FilterDatabase" localSheetId="{titles.index(name)}" hidden="1"'
        text = re.sub(rf"<definedName {owner}>[^<]*</definedName>", "", text, count=1)
        if area is not None:
            ends = ":".join(_fixed(*corner) for corner in (area[:2], area[2:]))
            where = escape_xml(f"{quote_sheet(name)}!{ends}")
            entry = f"<definedName {owner}>{where}</definedName>"
            text = text.replace("<definedNames>", f"<definedNames>{entry}", 1)
    return package.replace({main: text.encode("utf-8")})


def _fixed(row: int, column: int) -> str:
    return re.sub(r"(\D+)(\d+)", r"$\1$\2", cell_name(row, column))


def with_order(package: Package, order: Sequence[str]) -> Package:
    """Return a workbook with its tabs in another order; all of them are named."""
    main = workbook_part(package.parts) or ""
    text = decode(package.parts, main, package.name)
    titles, tabs = _titles(text), _TAB.findall(text)
    if titles == [*order]:
        return package
    place = {titles.index(name): number for number, name in enumerate(order)}

    def moved(match: re.Match[str]) -> str:
        return f"{match[1]}{place[int(match[2])]}{match[3]}"

    start, end = text.index(tabs[0]), text.index("</sheets>")
    listed = "".join(tabs[titles.index(name)] for name in order)
    text = _OWNER.sub(moved, text[:start] + listed + text[end:])
    if _ACTIVE.search(text) is None and place[0]:
        # The first tab is the one that shows where none is named.
        text = text.replace("<workbookView ", '<workbookView activeTab="0" ', 1)
    text = _ACTIVE.sub(moved, text)
    return package.replace({main: text.encode("utf-8")})


def _titles(workbook: str) -> list[str]:
    tabs = (dict(ATTRIBUTE.findall(tab)) for tab in _TAB.findall(workbook))
    return [xml_text(tab.get("name", "")) for tab in tabs]
