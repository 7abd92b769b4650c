"""How sheets are shown and printed, written: colours of tabs, panes, filters, pages, order."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from xlcity.xlsx.address import cell_name, quote_sheet
from xlcity.xlsx.editing.write_features import insert_element, write_rectangle
from xlcity.xlsx.features import ATTRIBUTE, Rectangle
from xlcity.xlsx.package import Package
from xlcity.xlsx.page_settings import (
    ELEMENTS,
    FITTED,
    MARGINS,
    PROTECTION,
    SCALE,
    TEXTS,
    SettingValue,
)
from xlcity.xlsx.text import escape_xml, xml_text

_TAB = re.compile(r"<sheet\b[^>]*>")
_VIEW = re.compile(r"(<sheetView\b[^>]*?)(?:/>|>.*?</sheetView>)", re.DOTALL)
_OWNER = re.compile(r'(\slocalSheetId=")(\d+)(")')
_ACTIVE = re.compile(r'(<workbookView\b[^>]*?\sactiveTab=")(\d+)(")')


def set_tab_colour(xml: str, colour: str) -> str:
    """Return a sheet whose tab has a colour, "" for none."""
    xml = re.sub(r"<tabColor\b[^>]*/>", "", xml, count=1)
    if not colour:
        return xml
    tab = rf'\g<0><tabColor rgb="FF{colour}"/>'
    return re.sub(r"<sheetPr\b[^>]*>", tab, _add_properties(xml), count=1)


def _add_properties(xml: str) -> str:
    """Return a sheet whose properties are an element with room in it."""
    xml = re.sub(r"<sheetPr\b([^>]*)/>", r"<sheetPr\1></sheetPr>", xml, count=1)
    return xml if "<sheetPr" in xml else insert_element(xml, "sheetPr", "<sheetPr></sheetPr>")


def apply_setting(xml: str, kind: str, value: SettingValue) -> str:
    """Return a sheet with a setting; what the value does not name is as usual."""
    given = dict(value)
    if kind in TEXTS:
        texts = {tag: given.pop(tag, "") for tag in TEXTS[kind]}
        xml = _set_page_texts(xml, texts)
    if kind == SCALE:
        fitted = {"fitToPage": "1"} if given.pop(FITTED[0], "") else {}
        xml = _set_attributes(xml, "pageSetUpPr", fitted, ("fitToPage",))
    if kind not in ELEMENTS:
        return xml
    element, usual = ELEMENTS[kind]
    names = (*usual, "zoomScaleNormal") if "zoomScale" in usual else tuple(usual)
    if kind == MARGINS:
        given = {**usual, **given}  # all of them are required
    if "zoomScale" in given:
        given["zoomScaleNormal"] = given["zoomScale"]
    xml = _set_attributes(xml, element, given, names)
    return re.sub(r"<sheetProtection\s*/>", "", xml) if kind == PROTECTION else xml


def _set_attributes(
    xml: str, element: str, given: Mapping[str, str], names: Sequence[str]
) -> str:  # fmt: skip
    """Return a sheet with an element that has the given ones of some attributes."""
    match = re.search(rf"<{element}\b([^>]*?)\s*(/?)>", xml)
    if match is None and not given:
        return xml
    if match is None and element in ("outlinePr", "pageSetUpPr"):
        xml = _add_properties(xml)
        # Groups stand before pages there.
        end = "<pageSetUpPr" if element == "outlinePr" and "<pageSetUpPr" in xml else "</sheetPr>"
        xml = xml.replace(end, f"<{element}/>{end}", 1)
    elif match is None:
        xml = insert_element(xml, element, f"<{element}/>")

    def change(match: re.Match[str]) -> str:
        attributes = {k: v for k, v in ATTRIBUTE.findall(match[1]) if k not in names}
        attributes |= {name: escape_xml(text) for name, text in given.items()}
        spelled = "".join(f' {name}="{text}"' for name, text in attributes.items())
        return f"<{element}{spelled}{match[2]}>"

    return re.sub(rf"<{element}\b([^>]*?)\s*(/?)>", change, xml, count=1)


def _set_page_texts(xml: str, texts: Mapping[str, str]) -> str:
    """Return a sheet with some of its headers and footers as given."""
    match = re.search(r"<headerFooter\b([^>]*?)(?:/>|>(.*?)</headerFooter>)", xml, re.DOTALL)
    page_texts = dict(re.findall(r"<(\w+)>([^<]*)</", match[2] or "")) if match else {}
    page_texts |= {tag: escape_xml(text) for tag, text in texts.items()}
    order = (tag for tags in TEXTS.values() for tag in tags)
    inner = "".join(f"<{tag}>{page_texts[tag]}</{tag}>" for tag in order if page_texts.get(tag))
    entry = f"<headerFooter{match[1] if match else ''}>{inner}</headerFooter>"
    if match is not None:
        return xml[: match.start()] + entry + xml[match.end() :]
    return insert_element(xml, "headerFooter", entry)


def set_page_breaks(xml: str, rows: Sequence[int], columns: Sequence[int]) -> str:
    """Return a sheet whose pages end behind some rows and columns."""
    for tag, lines, last in (("rowBreaks", rows, 16383), ("colBreaks", columns, 1048575)):
        xml = re.sub(rf"<{tag}\b(?:[^>]*/>|.*?</{tag}>)", "", xml, count=1, flags=re.DOTALL)
        breaks = "".join(f'<brk id="{line}" max="{last}" man="1"/>' for line in sorted(lines))
        head = f'<{tag} count="{len(lines)}" manualBreakCount="{len(lines)}">'
        xml = insert_element(xml, tag, f"{head}{breaks}</{tag}>") if lines else xml
    return xml


def freeze_panes(xml: str, rows: int, columns: int) -> str:
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


def set_filter_buttons(xml: str, area: Rectangle | None) -> str:
    """Return a sheet with a filter that hides nothing, or with none."""
    xml = re.sub(r"<autoFilter\b(?:[^>]*/>|.*?</autoFilter>)", "", xml, count=1, flags=re.DOTALL)
    return (
        xml
        if area is None
        else insert_element(xml, "autoFilter", f'<autoFilter ref="{write_rectangle(area)}"/>')
    )


def set_filter_names(package: Package, areas: Mapping[str, Rectangle | None]) -> Package:
    """Return a workbook whose hidden names of filters are those of their sheets."""
    names = {}
    for sheet, area in areas.items():
        corners = () if area is None else (area[:2], area[2:])
        fixed = (re.sub(r"(\D+)(\d+)", r"$\1$\2", cell_name(*corner)) for corner in corners)
        names[sheet, "_xlnm._FilterDatabase"] = ":".join(fixed)
    return set_sheet_names(package, names, ' hidden="1"')


def set_sheet_names(
    package: Package, names: Mapping[tuple[str, str], str], attributes: str = ""
) -> Package:
    """Return a workbook whose sheets have other names: (sheet, name) -> areas, "" for none."""
    text = package.text(package.workbook_part)
    titles = _read_titles(text)
    for (sheet, name), areas in names.items():
        owner = f'name="{name}" localSheetId="{titles.index(sheet)}"{attributes}'
        text = re.sub(rf"<definedName {owner}>[^<]*</definedName>", "", text, count=1)
        if areas:
            where = ",".join(f"{quote_sheet(sheet)}!{area}" for area in areas.split(","))
            entry = f"<definedName {owner}>{escape_xml(where)}</definedName>"
            text = text.replace("<definedNames>", f"<definedNames>{entry}", 1)
    return package.replace({package.workbook_part: text.encode("utf-8")})


def order_sheets(package: Package, order: Sequence[str]) -> Package:
    """Return a workbook with its tabs in another order; all of them are named."""
    main = package.workbook_part
    text = package.text(main)
    titles, tabs = _read_titles(text), _TAB.findall(text)
    if titles == [*order]:
        return package
    new_index = {titles.index(name): number for number, name in enumerate(order)}

    def moved(match: re.Match[str]) -> str:
        return f"{match[1]}{new_index[int(match[2])]}{match[3]}"

    start, end = text.index(tabs[0]), text.index("</sheets>")
    listed = "".join(tabs[titles.index(name)] for name in order)
    text = _OWNER.sub(moved, text[:start] + listed + text[end:])
    if _ACTIVE.search(text) is None and new_index[0]:
        # The first tab is the one that shows where none is named.
        text = text.replace("<workbookView ", '<workbookView activeTab="0" ', 1)
    text = _ACTIVE.sub(moved, text)
    return package.replace({main: text.encode("utf-8")})


def _read_titles(workbook: str) -> list[str]:
    tabs = (dict(ATTRIBUTE.findall(tab)) for tab in _TAB.findall(workbook))
    return [xml_text(tab.get("name", "")) for tab in tabs]
