"""What a sheet has beside its cells: conditional formats, validations, hidden rows, links."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from xml.etree import ElementTree as ET

from xlcity.xlsx.address import cell_name, parse_range
from xlcity.xlsx.package import Package
from xlcity.xlsx.page_settings import SettingValue, describe_page, read_settings
from xlcity.xlsx.parts import is_on, local, reads
from xlcity.xlsx.styles import Look, StyleReader, plain_xml

#: First row, first column, last row, last column.
Rectangle = tuple[int, int, int, int]

FORMAT, VALIDATION = "conditional format", "validation"
_DATA = re.compile(r"(<(?:\w+:)?sheetData\b[^>]*?)(?:/>|>.*</(?:\w+:)?sheetData\s*>)", re.DOTALL)
_ROW, _PREFIXED_ROW = (re.compile(rf"<{prefix}row\b([^>]*)>") for prefix in ("", r"(?:\w+:)?"))
#: Attributes of conditional formats that say which cells they are for.
_MORE = ("rank", "percent", "bottom", "stdDev", "timePeriod")
#: What an attribute says that is off, and the attribute that is on where it is not there.
_OFF, _ON = ("0", "false"), ("aboveAverage",)
_EFFECTS = {"stop": "stops wrong entries", "warning": "warns of wrong entries",
            "information": "notes wrong entries"}  # fmt: skip
#: Whether a validation shows a message -> the texts of it.
_MESSAGES = {"showInputMessage": ("promptTitle", "prompt"),
             "showErrorMessage": ("errorTitle", "error")}  # fmt: skip
ATTRIBUTE = re.compile(r'([\w:]+)="([^"]*)"')


@dataclass(frozen=True)
class CellRule:
    """A conditional format or a validation.

    Attributes
    ----------
    kind
        `FORMAT` or `VALIDATION`.
    areas
        The cells it is for.
    said
        Its attributes: type, operator, messages.
    formulas
        As written for the first cell.
    body
        Scales, bars and icons, as XML.
    look
        What a conditional format changes in the look of cells.
    shown
        The same in few words, for comparison.
    first
        Whether it comes before the rules of the template.
    is_fixed
        Whether it works only where it is: bars and icons of which a part stands in an extension
        of the sheet (Excel 2010 and later), scales whose ends are formulas, patterns and gradients.
    """

    kind: str
    areas: tuple[Rectangle, ...]
    attributes: tuple[tuple[str, str], ...] = ()
    formulas: tuple[str, ...] = ()
    body: str = ""
    look: Look = field(default_factory=dict, compare=False)
    shown: tuple[str, ...] = ()
    priority: int = field(default=0, compare=False)
    is_fixed: bool = field(default=False, compare=False)

    def described(self) -> str:
        """Return the rule in words."""
        attributes = dict(self.attributes)
        operator, formulas = self.limits
        conditions = (f"{name} {attributes[name]}" for name in _MORE if name in attributes)
        parts = [attributes.get("type", ""), operator, *formulas, *conditions, *self.shown[:1]]
        return " ".join(filter(None, parts))

    @property
    def limits(self) -> tuple[str, tuple[str, ...]]:
        """Operator and formulas, without those that programs write where they mean nothing."""
        attributes = dict(self.attributes)
        operator = attributes.get("operator", "")
        if self.kind == FORMAT:
            return operator, self.formulas
        if attributes.get("type") in ("list", "custom"):
            return "", self.formulas[:1]
        two = operator in ("", "between", "notBetween")
        return operator or "between", self.formulas[: 2 if two else 1]

    @property
    def effect(self) -> str:
        """What a validation does with a wrong entry, in words."""
        attributes = dict(self.attributes)
        effect = _EFFECTS.get(attributes.get("errorStyle", "stop"), "")
        if "showErrorMessage" not in attributes:
            effect = "lets wrong entries pass"
        return "; says ".join(filter(None, (effect, *self.messages)))

    @property
    def messages(self) -> tuple[str, ...]:
        """What a validation says where a cell is chosen, and where an entry is wrong."""
        attributes, shown_texts = dict(self.attributes), []
        for shown, names in _MESSAGES.items():
            texts = [attributes.get(name, "") for name in names] if shown in attributes else ()
            shown_texts.append(" ".join(" ".join(filter(None, texts)).split()))
        return tuple(filter(None, shown_texts))


@dataclass(frozen=True)
class LineFormat:
    """A row or a column: hidden or not, its size where one was set, and the level of its group."""

    hidden: bool = False
    size: float | None = None
    level: int = 0

    @property
    def text(self) -> str:
        """What is set, in words."""
        size = "" if self.size is None else f"size {self.size:g}"
        level = f"group level {self.level}" if self.level else ""
        return " ".join(filter(None, ("hidden" * self.hidden, size, level)))


@dataclass(frozen=True)
class Features:
    """What a sheet has beside its cells."""

    rules: tuple[CellRule, ...] = ()
    merged: tuple[Rectangle, ...] = ()
    rows: Mapping[int, LineFormat] = field(default_factory=dict)
    columns: Mapping[int, LineFormat] = field(default_factory=dict)
    #: First cell -> where it leads: an address, or ``#Sheet!A1``.
    links: Mapping[tuple[int, int], str] = field(default_factory=dict)
    #: Pictures, charts, shapes and tables by kind and name.
    objects: tuple[tuple[str, str], ...] = ()
    #: The cells of a filter that hides rows.
    filtered: str = ""
    #: Colour of the tab; rows and columns frozen, and those before them, which no scrolling shows.
    colour: str = ""
    frozen: tuple[int, int] = (0, 0)
    behind: tuple[int, int] = (0, 0)
    #: Where a filter has its buttons and hides nothing.
    buttons: str = ""
    #: How it is seen, protected and printed; the same of the page in words.
    settings: Mapping[str, SettingValue] = field(default_factory=dict)
    page: Mapping[str, str] = field(default_factory=dict)
    #: Tables, sparklines, scenarios, a background: kind, cell, text.
    placed: tuple[tuple[str, str, str], ...] = ()

    #: The XML around the rows, for what only one reader asks for.
    root: ET.Element = field(default_factory=lambda: ET.Element("worksheet"), compare=False)

    def covers(self, position: tuple[int, int]) -> bool:
        """Tell whether a cell is behind the first one of a merged area."""
        row, column = position
        return any(
            r1 <= row <= r2 and c1 <= column <= c2 and (r1, c1) != position
            for r1, c1, r2, c2 in self.merged
        )


def cut_rows_out(xml: str) -> str:
    """Return a sheet without its rows, which are nearly all."""
    return _split_rows(xml)[0]


def _split_rows(xml: str) -> tuple[str, str]:
    """Return what stands around the rows of a sheet, and the rows."""
    data = _DATA.search(xml)
    return (xml, "") if data is None else (xml[: data.start()] + xml[data.end() :], data[0])


def read_features(package: Package, part: str, looks: StyleReader) -> Features:
    """Return what a sheet has beside its cells."""
    around, rows = _split_rows(package.text(part))
    return replace(
        read_around(package, part, around, looks), **_read_rows_and_objects(package, part, rows)
    )


@reads("rows or drawings")
def _read_rows_and_objects(package: Package, part: str, rows: str) -> dict[str, Any]:
    return {"rows": dict(_read_rows(rows)), "objects": tuple(_list_objects(package, part))}


@reads("links, rules or page settings")
def read_around(package: Package, part: str, around: str, looks: StyleReader) -> Features:
    """Return what stands around the rows of a sheet: all but rows and objects."""
    root = ET.fromstring(around)
    merged = []
    columns: dict[int, LineFormat] = {}
    links: dict[tuple[int, int], str] = {}
    filtered = buttons = ""
    related = package.relations(part)
    targets = {link.id: link.target for link in related if link.external}
    for element in root.iter():
        tag = local(element.tag)
        if tag == "mergeCell":
            merged.append(parse_range(element.get("ref", "A1")))
        elif tag == "col":
            first, last = int(element.get("min", "1")), int(element.get("max", "1"))
            size = float(element.get("width", "0")) if "width" in element.attrib else None
            line = LineFormat(is_on(element.get("hidden")), size, _read_level(element.attrib))
            # Programs set the columns up to the last one of a sheet alike.
            columns.update(dict.fromkeys(range(first, min(last, first + 500) + 1), line))
        elif tag == "hyperlink":
            rid = next((v for k, v in element.items() if local(k) == "id"), "")
            inside = element.get("location", "")
            to = targets.get(rid, "") + (f"#{inside}" if inside else "")
            links[parse_range(element.get("ref", "A1"))[:2]] = to
        elif tag == "autoFilter":
            # A filter that only sorts hides nothing.
            hides = any(len(child) for child in element if local(child.tag) == "filterColumn")
            area = element.get("ref", "").replace("$", "")
            filtered, buttons = (area, buttons) if hides else (filtered, area)
    colour, frozen, behind = _read_tab_and_panes(root, looks)
    return Features(
        tuple(_read_rules(root, looks)),
        tuple(merged),
        columns=columns,
        links=links,
        filtered=filtered,
        colour=colour,
        frozen=frozen,
        behind=behind,
        buttons=buttons,
        settings=read_settings(root),
        page=describe_page(root),
        root=root,
        placed=tuple(read_objects(package, part, root)),
    )


def _read_tab_and_panes(
    root: ET.Element, looks: StyleReader
) -> tuple[str, tuple[int, int], tuple[int, int]]:
    """Return the colour of a tab, "" for none, rows and columns frozen, and those before them."""
    tags = {local(element.tag): element for element in reversed(list(root.iter()))}
    colour = looks.colour(tags["tabColor"]) if "tabColor" in tags else ""
    pane, view = tags.get("pane"), tags.get("sheetView")
    if pane is None or view is None or not pane.get("state", "").startswith("frozen"):
        return colour, (0, 0), (0, 0)
    top, left, _, _ = parse_range(view.get("topLeftCell", "A1"))
    down, right = (round(float(pane.get(name, "0"))) for name in ("ySplit", "xSplit"))
    behind = (top - 1 if down else 0, left - 1 if right else 0)
    frozen = (behind[0] + down, behind[1] + right)
    return colour, frozen, behind


def _read_level(attributes: Mapping[str, str]) -> int:
    return int(attributes.get("outlineLevel", "0") or 0)


def _read_rows(xml: str) -> Iterator[tuple[int, LineFormat]]:
    if not any(name in xml for name in ("customHeight", "hidden", "outlineLevel")):
        return
    for match in (_PREFIXED_ROW if ":row" in xml else _ROW).finditer(xml):
        attributes = dict(ATTRIBUTE.findall(match[1]))
        size = (
            float(attributes["ht"])
            if is_on(attributes.get("customHeight")) and "ht" in attributes
            else None
        )
        line = LineFormat(is_on(attributes.get("hidden")), size, _read_level(attributes))
        if "r" in attributes and line != LineFormat():
            yield int(attributes["r"]), line


def _list_objects(package: Package, part: str) -> Iterator[tuple[str, str]]:
    for link in package.relations(part):
        if link.external:
            continue
        kind, target = link.kind, link.target
        if kind in ("table", "image", "pivotTable", "slicer", "timeline", "oleObject", "control"):
            yield kind, target.rpartition("/")[2]
        elif kind == "drawing" and target in package.parts:
            for element in ET.fromstring(package.parts[target]).iter():
                if local(element.tag) == "cNvPr":
                    yield "drawing", element.get("name", "")


def _read_rules(root: ET.Element, looks: StyleReader) -> Iterator[CellRule]:
    plain_parts = {_first_text(e, "id") for e in root.iter() if local(e.tag) == "cfRule"}
    for element in root.iter():
        tag = local(element.tag)
        if tag == "conditionalFormatting":
            inner = [local(child.tag) for child in element]
            sqref = element.get("sqref") or _first_text(element, "sqref")
            if "cfRule" in inner:
                for rule in element:
                    # The second part of a rule, in an extension, has the id that the first names.
                    if local(rule.tag) == "cfRule" and rule.get("id") not in plain_parts:
                        extension = "sqref" not in element.attrib
                        yield _read_format(rule, parse_areas(sqref), looks, extension=extension)
        elif tag == "dataValidation":
            sqref = element.get("sqref") or _first_text(element, "sqref")
            attributes = _read_attributes(element, ("sqref", "uid"))
            formulas = (_read_formula(element, name) for name in ("formula1", "formula2"))
            yield CellRule(
                VALIDATION, parse_areas(sqref), attributes, tuple(filter(None, formulas))
            )


def _first_text(element: ET.Element, tag: str) -> str:
    return next((e.text or "" for e in element.iter() if local(e.tag) == tag), "")


def _read_formula(element: ET.Element, tag: str) -> str:
    """Return a formula; in extensions its text stands one element deeper."""
    child = next((e for e in element if local(e.tag) == tag), None)
    return "" if child is None else (child.text or "").strip() or _first_text(child, "f")


def parse_areas(sqref: str) -> tuple[Rectangle, ...]:
    """Return rectangles by their addresses."""
    return tuple(parse_range(text) for text in sqref.split())


def areas_text(areas: Iterable[Rectangle]) -> str:
    """Return the addresses of rectangles."""
    return " ".join(
        ":".join(dict.fromkeys((cell_name(r1, c1), cell_name(r2, c2)))) for r1, c1, r2, c2 in areas
    )


def subtract_rectangles(area: Rectangle, taken: Iterable[Rectangle]) -> list[Rectangle]:
    """Return what is left of a rectangle without others, as rectangles."""
    left = [area]
    for r1, c1, r2, c2 in taken:
        pieces: list[Rectangle] = []
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


def _read_attributes(element: ET.Element, without: Collection[str]) -> tuple[tuple[str, str], ...]:
    pairs = ((local(k), v) for k, v in element.items() if not k.startswith("{"))
    return tuple(
        sorted((k, v) for k, v in pairs if k not in without and (k in _ON or v not in _OFF))
    )


def _read_format(
    rule: ET.Element, areas: tuple[Rectangle, ...], looks: StyleReader, *, extension: bool
) -> CellRule:
    formulas: list[str] = []
    looks_xml: list[ET.Element] = []
    body = ""
    for child in rule:
        tag = local(child.tag)
        if tag in ("formula", "f"):
            formulas.append((child.text or "").strip())
        elif tag == "dxf":
            looks_xml.append(child)
        elif tag != "extLst":
            body += plain_xml(_move_to_main(child))
    number, entries = rule.get("dxfId", ""), looks.entries("dxfs")
    if number.isdigit() and int(number) < len(entries):
        looks_xml.append(entries[int(number)])
    has_formulas = any(e.get("type") == "formula" for e in rule.iter() if local(e.tag) == "cfvo")
    patterned = any(
        local(e.tag) == "gradientFill" or e.get("patternType", "solid") not in ("solid", "none")
        for entry in looks_xml
        for e in entry.iter()
    )
    fixed = _first_text(rule, "id") or has_formulas or patterned or (extension and body)
    return CellRule(
        FORMAT,
        areas,
        _read_attributes(rule, ("dxfId", "priority", "id")),
        tuple(formulas),
        body,
        looks.marks(looks_xml[-1]) if looks_xml else {},
        looks.changes(looks_xml[-1]) if looks_xml else (),
        int(rule.get("priority", "0") or 0),
        bool(fixed),
    )


def _move_to_main(element: ET.Element) -> ET.Element:
    """Return an element with all in the main namespace."""
    new = ET.Element(local(element.tag), element.attrib)
    new.text = element.text
    new.extend(_move_to_main(child) for child in element)
    return new


def put_first(rule: CellRule, template: Iterable[CellRule]) -> CellRule:
    """Return a rule with priority 0 where it comes before all of a template's, else 1."""
    lowest = min((r.priority for r in template if r.kind == FORMAT), default=0)
    return replace(rule, priority=0 if rule.priority < lowest else 1)


#: Kinds that LibreOffice may leave out when it saves.
KINDS = ("table", "sparkline", "scenario", "background")


def read_objects(package: Package, part: str, root: ET.Element) -> Iterator[tuple[str, str, str]]:
    """Yield kind, cell (or "") and text of each, by the XML around the rows of a sheet."""
    for target in package.related(part, "table"):
        table = package.root(target)
        yield "table", table.get("ref", "A1").partition(":")[0], table.get("displayName", "table")
    for element in root.iter():
        tag = local(element.tag)
        if tag == "sparkline":
            texts = {local(e.tag): e.text or "" for e in element}
            yield tag, texts.get("sqref", ""), texts.get("f", "").strip()
        elif tag == "scenario":
            cells = [e.get("r", "") for e in element if local(e.tag) == "inputCells"]
            yield tag, cells[0] if cells else "", element.get("name", "")
        elif tag == "picture":
            yield "background", "", "picture"
