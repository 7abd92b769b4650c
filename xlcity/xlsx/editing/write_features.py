"""Conditional formats, validations, links, merged cells, hidden rows and sheets, written."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from xlcity.xlsx.address import cell_name
from xlcity.xlsx.cells import Position, ReadBook
from xlcity.xlsx.editing.restyle import StyleTable
from xlcity.xlsx.features import (
    ATTRIBUTE,
    FORMAT,
    VALIDATION,
    CellRule,
    Features,
    LineFormat,
    Rectangle,
    parse_areas,
)
from xlcity.xlsx.package import Package
from xlcity.xlsx.relations import Relations
from xlcity.xlsx.text import escape_xml, in_quotes, xml_text

#: What stands behind each element of a sheet, in the order of the format.
_ORDER = ("sheetPr", "dimension", "sheetViews", "sheetFormatPr", "cols", "sheetData",
          "sheetCalcPr", "sheetProtection", "protectedRanges", "scenarios", "autoFilter",
          "sortState", "dataConsolidate", "customSheetViews", "mergeCells", "phoneticPr",
          "conditionalFormatting", "dataValidations", "hyperlinks", "printOptions", "pageMargins",
          "pageSetup", "headerFooter", "rowBreaks", "colBreaks", "customProperties",
          "cellWatches", "ignoredErrors", "smartTags", "drawing", "legacyDrawing",
          "legacyDrawingHF", "picture", "oleObjects", "controls", "webPublishItems", "tableParts",
          "extLst")  # fmt: skip


#: A formula that may name cells.
NAMES_CELLS = re.compile(r"[A-Za-z]\$?\d|:")


def add_features(
    package: Package, parts: Mapping[str, str], features: Mapping[str, Features]
) -> Package:
    """Return a workbook whose sheets have more rules, merged cells, hidden rows and links.

    Parameters
    ----------
    package
        The workbook, as this package writes workbooks.
    parts
        Sheet -> its part.
    features
        Sheet -> what it is to have beside what it has.
    """
    style_table, new = StyleTable(package), {}
    for name, added in features.items():
        xml = package.text(parts[name])
        formats = [rule for rule in added.rules if rule.kind == FORMAT]
        checks = [rule for rule in added.rules if rule.kind == VALIDATION]
        if formats:
            xml = _add_formats(xml, formats, style_table)
        if checks:
            xml = _add_validations(xml, checks)
        if added.merged:
            entries = "".join(f'<mergeCell ref="{write_rectangle(r)}"/>' for r in added.merged)
            xml = _set_count(append_entries(xml, "mergeCells", entries), "mergeCell")
        xml = _set_rows(xml, added.rows)
        xml = _set_levels(_set_columns(xml, added.columns), added)
        new[parts[name]] = xml.encode("utf-8")
    return package.replace({**new, style_table.part: style_table.to_bytes()}) if new else package


def unite_rules(rules: Iterable[CellRule]) -> list[CellRule]:
    """Return rules of which equal ones are one, for the cells of all; a formula may be relative."""
    united_rules: dict[tuple[object, ...], CellRule] = {}
    for rule in rules:
        start = rule.areas[0][:2] if any(map(NAMES_CELLS.search, rule.formulas)) else ()
        key = replace(rule, areas=()), rule.look, rule.priority, start
        if (equal_rule := united_rules.get(key)) is not None:
            new_areas = (
                piece
                for area in rule.areas
                for piece in subtract_rectangles(area, equal_rule.areas)
            )
            rule = replace(equal_rule, areas=(*equal_rule.areas, *new_areas))
        united_rules[key] = rule
    return list(united_rules.values())


def hide_sheets(package: Package, names: Collection[str]) -> Package:
    """Return a workbook with sheets hidden, but for the one that shows when it is opened."""
    main = package.workbook_part
    text = package.text(main)
    active = re.search(r'\bactiveTab="(\d+)"', text)
    tabs = re.findall(r"<sheet\b[^>]*>", text)
    for number, tab in enumerate(tabs):
        attributes = dict(ATTRIBUTE.findall(tab))
        if xml_text(attributes.get("name", "")) in names and number != int(
            active[1] if active else 0
        ):
            text = text.replace(tab, tab.replace("<sheet ", '<sheet state="hidden" ', 1), 1)
    return package.replace({main: text.encode("utf-8")})


def insert_element(xml: str, tag: str, entry: str) -> str:
    """Put an element where its kind belongs in a sheet."""
    later = _ORDER[_ORDER.index(tag) + 1 :]
    start = max(xml.rfind("</sheetData>"), 0) if "sheetData" not in later else 0
    match = re.compile(rf"<(?:{'|'.join(later)})\b|</worksheet>").search(xml, start)
    offset = match.start() if match else xml.rindex("</")
    return xml[:offset] + entry + xml[offset:]


def _sqref_of(areas: Iterable[Rectangle]) -> str:
    return " ".join(write_rectangle(area) for area in areas)


def write_rectangle(area: Rectangle) -> str:
    """Return a rectangle as an address."""
    first, last = cell_name(*area[:2]), cell_name(*area[2:])
    return first if first == last else f"{first}:{last}"


def _add_formats(xml: str, rules: list[CellRule], style_table: StyleTable) -> str:
    present = [int(n) for n in re.findall(r'<cfRule\b[^>]*\spriority="(\d+)"', xml)]
    before = [rule for rule in rules if rule.priority < 1]
    if before:
        xml = re.sub(
            r'(<cfRule\b[^>]*\spriority=")(\d+)',
            lambda match: f"{match[1]}{int(match[2]) + len(before)}",
            xml,
        )
    highest, entries = max(present, default=0) + len(before), ""
    ordered = (*before, *(rule for rule in rules if rule.priority >= 1))
    for number, rule in enumerate(ordered, 1):
        priority = number if number <= len(before) else highest + number - len(before)
        attributes = dict(rule.attributes) | {"priority": str(priority)}
        if rule.look:
            attributes["dxfId"] = str(style_table.add("dxfs", rule.look))
        head = "".join(f" {key}={in_quotes(value)}" for key, value in attributes.items())
        body = (
            "".join(f"<formula>{escape_xml(text)}</formula>" for text in rule.formulas) + rule.body
        )
        entries += (
            f'<conditionalFormatting sqref="{_sqref_of(rule.areas)}"><cfRule{head}>{body}</cfRule>'
            "</conditionalFormatting>"
        )
    return insert_element(xml, "conditionalFormatting", entries)


def _add_validations(xml: str, rules: list[CellRule]) -> str:
    taken = [area for rule in rules for area in rule.areas]

    def less(match: re.Match[str]) -> str:
        """Take a cell's own rule away from the template's: a cell has one."""
        areas = parse_areas(match[2])
        left = tuple(piece for area in areas for piece in subtract_rectangles(area, taken))
        return f"{match[1]}{_sqref_of(left)}{match[3]}"

    xml = re.sub(r'(<dataValidation\b[^>]*\ssqref=")([^"]*)(")', less, xml)
    xml = re.sub(r'<dataValidation\b[^>]*\ssqref=""[^>]*?(?:/>|>.*?</dataValidation>)', "", xml)
    entries = ""
    for rule in rules:
        head = "".join(f" {key}={in_quotes(value)}" for key, value in rule.attributes)
        body = "".join(
            f"<formula{n}>{escape_xml(text)}</formula{n}>"
            for n, text in enumerate(rule.formulas, 1)
        )
        entries += f'<dataValidation{head} sqref="{_sqref_of(rule.areas)}">{body}</dataValidation>'
    return _set_count(append_entries(xml, "dataValidations", entries), "dataValidation")


def append_entries(xml: str, name: str, entries: str) -> str:
    """Return a sheet with entries at the end of a list, which is made where there is none."""
    if f"</{name}>" in xml:
        return xml.replace(f"</{name}>", f"{entries}</{name}>", 1)
    return insert_element(xml, name, f"<{name}>{entries}</{name}>")


def _set_count(xml: str, entry: str) -> str:
    """Return a sheet in which a list says how many entries it has."""
    count = len(re.findall(rf"<{entry}\b", xml))
    return re.sub(rf"<{entry}s\b[^>]*>", f'<{entry}s count="{count}">', xml, count=1)


def subtract_rectangles(area: Rectangle, taken: Iterable[Rectangle]) -> list[Rectangle]:
    """Return what is left of a rectangle without others, as rectangles."""
    left = [area]
    for r1, c1, r2, c2 in taken:
        pieces = []
        for a, b, c, d in left:
            if r1 > c or r2 < a or c1 > d or c2 < b:
                pieces.append((a, b, c, d))
                continue
            top, bottom = max(a, r1), min(c, r2)
            pieces += [(a, b, top - 1, d)] if top > a else []
            pieces += [(bottom + 1, b, c, d)] if bottom < c else []
            pieces += [(top, b, bottom, c1 - 1)] if c1 > b else []
            pieces += [(top, c2 + 1, bottom, d)] if c2 < d else []
        left = pieces
    return left


def _set_rows(xml: str, rows: Mapping[int, LineFormat]) -> str:
    if not rows:
        return xml
    left = dict(rows)

    def change(match: re.Match[str]) -> str:
        number = int(dict(ATTRIBUTE.findall(match[1])).get("r", "0"))
        if number not in left:
            return match[0]
        closed = "/" if match[1].rstrip().endswith("/") else ""
        attributes = dict(ATTRIBUTE.findall(match[1])) | _line_attributes(left.pop(number), "ht")
        return f"<row{''.join(f' {k}={in_quotes(v)}' for k, v in attributes.items())}{closed}>"

    xml = re.sub(r"<row\b([^>]*)>", change, xml)
    for number, line in sorted(left.items()):
        attributes = {"r": str(number)} | _line_attributes(line, "ht")
        entry = f"<row{''.join(f' {k}={in_quotes(v)}' for k, v in attributes.items())}/>"
        xml = xml.replace("<sheetData/>", "<sheetData></sheetData>")
        behind = (m for m in re.finditer(r'<row\b[^>]*?\sr="(\d+)"', xml) if int(m[1]) > number)
        first = next(behind, None)
        offset = first.start() if first else xml.index("</sheetData>")
        xml = xml[:offset] + entry + xml[offset:]
    return xml


def _set_levels(xml: str, features: Features) -> str:
    """Return a sheet that says how deep its groups are, which is room at its edges."""
    for name, lines in (("Row", features.rows), ("Col", features.columns)):
        if deepest := max((line.level for line in lines.values()), default=0):
            xml = re.sub(rf'(<sheetFormatPr\b[^>]*?)\soutlineLevel{name}="\d"', r"\1", xml, count=1)
            level = f'<sheetFormatPr outlineLevel{name}="{deepest}"'
            xml = xml.replace("<sheetFormatPr", level, 1)
    return xml


def _line_attributes(line: LineFormat, size: str) -> dict[str, str]:
    attributes = {"hidden": "1"} if line.hidden else {}
    if line.level:
        attributes["outlineLevel"] = str(line.level)
    if line.size is not None:
        custom = "customHeight" if size == "ht" else "customWidth"
        attributes |= {size: f"{line.size:.15g}", custom: "1"}
    return attributes


def _set_columns(xml: str, columns: Mapping[int, LineFormat]) -> str:
    if not columns:
        return xml
    match = re.search(r"<cols>(.*?)</cols>", xml, re.DOTALL)
    column_attributes: dict[int, dict[str, str]] = {}
    for entry in re.findall(r"<col\b([^>]*)/>", match[1] if match else ""):
        attributes = dict(ATTRIBUTE.findall(entry))
        for number in range(int(attributes.pop("min")), int(attributes.pop("max")) + 1):
            column_attributes[number] = attributes
    for number, line in columns.items():
        width = {"width": "9.140625"} | column_attributes.get(number, {})
        column_attributes[number] = width | _line_attributes(line, "width")
    entries = "".join(
        f'<col min="{n}" max="{n}"{"".join(f" {k}={in_quotes(v)}" for k, v in column.items())}/>'
        for n, column in sorted(column_attributes.items())
    )
    xml = re.sub(r"<cols>.*?</cols>", "", xml, count=1, flags=re.DOTALL)
    offset = xml.index("<sheetData")
    return f"{xml[:offset]}<cols>{entries}</cols>{xml[offset:]}"


def add_links(
    package: Package, book: ReadBook, links: Mapping[str, Mapping[Position, str]]
) -> Package:
    """Return a workbook whose cells lead somewhere.

    Parameters
    ----------
    package
        The workbook, as this package writes workbooks.
    book
        Its sheets.
    links
        Sheet -> position -> an address, ``#Sheet!A1`` for one inside the workbook.
    """
    parts: dict[str, bytes] = {}
    for name, wanted in links.items():
        part = book.sheets[name].part
        xml, relations = package.text(part), Relations.of(package, part)
        entries = ""
        for position, target in wanted.items():
            to, _, inside = target.partition("#")
            head = f' ref="{cell_name(*position)}"'
            if to:
                rid = relations.add("hyperlink", to, external=True)
                head += f' xmlns:r="{Relations.NAMESPACE}" r:id="{rid}"'
            if inside:
                head += f" location={in_quotes(inside)}"
            entries += f"<hyperlink{head}/>"
        parts[part] = append_entries(xml, "hyperlinks", entries).encode("utf-8")
        parts[relations.part] = relations.to_bytes()
    return package.replace(parts) if parts else package
