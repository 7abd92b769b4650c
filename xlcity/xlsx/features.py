"""Reads what a sheet has beside its cells: conditional formats, validations, hidden rows, links."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

from xlcity.grouping import grouped
from xlcity.xlsx.address import cell_name, parse_range
from xlcity.xlsx.package import Package
from xlcity.xlsx.page_settings import SettingValue, describe_page, read_settings
from xlcity.xlsx.parts import is_on, local, refusing_damage, relation_id
from xlcity.xlsx.scan import parse_attributes
from xlcity.xlsx.styles import StyleReader, plain_xml

#: Elements by their tag without namespace.
_Elements = Mapping[str, list[ET.Element]]
#: First row, first column, last row, last column.
Rectangle = tuple[int, int, int, int]

FORMAT = "conditional format"
VALIDATION = "validation"
_SHEET_DATA = re.compile(
    r"(<(?:\w+:)?sheetData\b[^>]*?)(?:/>|>.*</(?:\w+:)?sheetData\s*>)", re.DOTALL
)
_ROW, _PREFIXED_ROW = (
    re.compile(rf"<{prefix}row\b([^>]*)>") for prefix in ("", r"(?:\w+:)?")
)
#: Attributes of conditional formats that are part of their condition, besides type and operator.
_CONDITION_ATTRIBUTES = ("rank", "percent", "bottom", "stdDev", "timePeriod")
#: Values of an attribute that is off; and attributes that are on by default.
_OFF_VALUES = ("0", "false")
_ON_BY_DEFAULT = ("aboveAverage",)
_WORDS_FOR_EFFECT = {
    "stop": "stops wrong entries",
    "warning": "warns of wrong entries",
    "information": "notes wrong entries",
}
#: Attribute that shows a message of a validation -> the attributes with its texts.
_TEXTS_OF_MESSAGE = {
    "showInputMessage": ("promptTitle", "prompt"),
    "showErrorMessage": ("errorTitle", "error"),
}
#: Kinds of objects that are parts of their own.
_OBJECT_KINDS = (
    "table",
    "image",
    "pivotTable",
    "slicer",
    "timeline",
    "oleObject",
    "control",
)


@dataclass(frozen=True)
class CellRule:
    """A conditional format or a validation.

    Attributes
    ----------
    kind
        `FORMAT` or `VALIDATION`.
    areas
        The cells it is for.
    attributes
        Type, operator, messages, …: name and value.
    formulas
        As written for the first cell.
    body
        Scales, bars and icons, as XML.
    dxf
        What a conditional format changes in the look of cells, as XML.
    shown
        The same in few words, for comparison: see `StyleReader.changes`.
    priority
        Lower ones come first.
    is_fixed
        Whether it cannot be moved: bars and icons of which a part is in an extension of the sheet
        (Excel 2010 and later), scales whose ends are formulas, patterns and gradients.
    """

    kind: str
    areas: tuple[Rectangle, ...]
    attributes: tuple[tuple[str, str], ...] = ()
    formulas: tuple[str, ...] = ()
    body: str = ""
    dxf: str = field(default="", compare=False)
    shown: tuple[str, ...] = ()
    priority: int = field(default=0, compare=False)
    is_fixed: bool = field(default=False, compare=False)

    def described(self) -> str:
        """Return type, operator, formulas and conditions as text: "cellIs greaterThan 5"."""
        attributes = dict(self.attributes)
        operator, formulas = self.limits
        conditions = (
            f"{name} {attributes[name]}"
            for name in _CONDITION_ATTRIBUTES
            if name in attributes
        )
        parts = [
            attributes.get("type", ""),
            operator,
            *formulas,
            *conditions,
            *self.shown[:1],
        ]
        return " ".join(filter(None, parts))

    @property
    def limits(self) -> tuple[str, tuple[str, ...]]:
        """The operator of the rule and its formulas, without what has no effect for its type.

        Validations by a list or by a condition of their own ("custom") have no operator; others are
        "between" by default.
        """
        attributes = dict(self.attributes)
        operator = attributes.get("operator", "")
        if self.kind == FORMAT:
            return operator, self.formulas
        if attributes.get("type") in ("list", "custom"):
            return "", self.formulas[:1]
        takes_two = operator in ("", "between", "notBetween")
        return operator or "between", self.formulas if takes_two else self.formulas[:1]

    @property
    def effect(self) -> str:
        """The effect of a validation on a wrong entry, and its messages, in words."""
        attributes = dict(self.attributes)
        effect = _WORDS_FOR_EFFECT.get(attributes.get("errorStyle", "stop"), "")
        if "showErrorMessage" not in attributes:
            effect = "lets wrong entries pass"
        return "; says ".join(filter(None, (effect, *self.messages)))

    @property
    def messages(self) -> tuple[str, ...]:
        """The messages of a validation on choosing a cell, and on a wrong entry."""
        attributes = dict(self.attributes)
        shown_texts = []
        for shown, names in _TEXTS_OF_MESSAGE.items():
            texts = (
                [attributes.get(name, "") for name in names]
                if shown in attributes
                else ()
            )
            shown_texts.append(" ".join(" ".join(filter(None, texts)).split()))
        return tuple(filter(None, shown_texts))


@dataclass(frozen=True)
class LineFormat:
    """A row or a column: whether it is hidden, a size that was set, the level of its group."""

    hidden: bool = False
    size: float | None = None
    level: int = 0

    @property
    def text(self) -> str:
        """The settings in words, such as "hidden group level 1"; "" for none."""
        size = "" if self.size is None else f"size {self.size:g}"
        level = f"group level {self.level}" if self.level else ""
        return " ".join(filter(None, ("hidden" * self.hidden, size, level)))

    def shows_nothing(self, least: float) -> bool:
        """Return whether it is hidden, or not larger than a size."""
        return self.hidden or (self.size is not None and self.size <= least)


@dataclass(frozen=True)
class Features:
    """What a sheet has beside its cells.

    Attributes
    ----------
    rules, merged
        Conditional formats and validations; merged areas.
    rows, columns
        Number -> what is set for it.
    links
        First cell -> target of a hyperlink: an address, or ``#Sheet!A1``.
    objects
        Pictures, charts, shapes and tables: kind and name.
    filtered, buttons
        The area of a filter that hides rows, or of one that hides none; "" without one.
    colour
        Of the tab, as RRGGBB; "" for none.
    frozen, behind
        How many rows and columns are frozen, and how many before them no scrolling shows.
    settings, page
        Settings of view, protection and page; and those of the page in words.
    placed
        Tables, sparklines, scenarios, a background: kind, cell, text.
    root
        The XML around the rows.
    """

    rules: tuple[CellRule, ...] = ()
    merged: tuple[Rectangle, ...] = ()
    rows: Mapping[int, LineFormat] = field(default_factory=dict)
    columns: Mapping[int, LineFormat] = field(default_factory=dict)
    links: Mapping[tuple[int, int], str] = field(default_factory=dict)
    objects: tuple[tuple[str, str], ...] = ()
    filtered: str = ""
    colour: str = ""
    frozen: tuple[int, int] = (0, 0)
    behind: tuple[int, int] = (0, 0)
    buttons: str = ""
    settings: Mapping[str, SettingValue] = field(default_factory=dict)
    page: Mapping[str, str] = field(default_factory=dict)
    placed: tuple[tuple[str, str, str], ...] = ()
    root: ET.Element = field(
        default_factory=lambda: ET.Element("worksheet"), compare=False
    )

    def covers(self, position: tuple[int, int]) -> bool:
        """Return whether a cell is hidden by a merged area, of which only the first one shows."""
        row, column = position
        return any(
            r1 <= row <= r2 and c1 <= column <= c2 and (r1, c1) != position
            for r1, c1, r2, c2 in self.merged
        )


@refusing_damage("reads.features")
def read_features(package: Package, part: str, styles: StyleReader) -> Features:
    """Return what a sheet has beside its cells, by the name of its part.

    `styles` reads the formats of the workbook.
    """
    xml = package.text(part)
    data = _SHEET_DATA.search(xml)
    around, rows = (
        (xml[: data.start()] + xml[data.end() :], data[0]) if data else (xml, "")
    )
    root = ET.fromstring(around)
    elements = grouped((local(element.tag), element) for element in root.iter())
    columns: dict[int, LineFormat] = {}
    for element in root.iterfind("{*}cols/{*}col"):
        first = int(element.get("min", "1"))
        last = int(element.get("max", "1"))
        # Programs set all columns up to the sheet's last alike: so many are enough.
        numbers = range(first, min(last, first + 500) + 1)
        columns |= dict.fromkeys(numbers, read_line(element.attrib, "width"))
    targets = {
        link.id: link.target for link in package.relations(part) if link.external
    }
    links = {}
    for element in root.iterfind("{*}hyperlinks/{*}hyperlink"):
        location = element.get("location", "")
        target = targets.get(relation_id(element), "") + (
            f"#{location}" if location else ""
        )
        links[parse_range(element.get("ref", "A1"))[:2]] = target
    # Whether a filter hides rows -> its area.
    filters = {
        element.find("{*}filterColumn/*") is not None: areas_text([parse_range(ref)])
        for element in elements.get("autoFilter", ())
        if (ref := element.get("ref"))
    }
    frozen, behind = _read_panes(root)
    merged = root.iterfind("{*}mergeCells/{*}mergeCell")
    return Features(
        tuple(_read_rules(elements, styles)),
        tuple(parse_range(element.get("ref", "A1")) for element in merged),
        dict(_read_rows(rows)),
        columns,
        links,
        tuple(_list_objects(package, part)),
        filtered=filters.get(True, ""),
        colour=styles.colour(root.find("{*}sheetPr/{*}tabColor")),
        frozen=frozen,
        behind=behind,
        buttons=filters.get(False, ""),
        settings=read_settings(root),
        page=describe_page(root),
        root=root,
        placed=tuple(_read_placed(package, part, elements)),
    )


def _read_panes(root: ET.Element) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return how many rows and columns are frozen, and how many no scrolling shows.

    Each is (rows, columns); `root` is the XML around the sheet's rows.
    """
    view = root.find("{*}sheetViews/{*}sheetView")
    pane = None if view is None else view.find("{*}pane")
    if pane is None or view is None or not pane.get("state", "").startswith("frozen"):
        return (0, 0), (0, 0)
    # Rows above the frozen ones, and columns left of them, are out of reach.
    top, left, _, _ = parse_range(view.get("topLeftCell", "A1"))
    rows, columns = (round(float(pane.get(name, "0"))) for name in ("ySplit", "xSplit"))
    rows_behind = top - 1 if rows else 0
    columns_behind = left - 1 if columns else 0
    return (rows_behind + rows, columns_behind + columns), (rows_behind, columns_behind)


def read_line(attributes: Mapping[str, str], size: str) -> LineFormat:
    """Return the settings of a row or column from its attributes.

    `size` is the attribute with its height or width: "ht" or "width".
    """
    return LineFormat(
        is_on(attributes.get("hidden")),
        float(attributes[size]) if size in attributes else None,
        int(attributes.get("outlineLevel", "0") or 0),
    )


def _read_rows(xml: str) -> Iterator[tuple[int, LineFormat]]:
    """Yield number and settings of the rows, in a sheet's XML, for which something is set."""
    if not any(name in xml for name in ("customHeight", "hidden", "outlineLevel")):
        return
    number = 0
    for match in (_PREFIXED_ROW if ":row" in xml else _ROW).finditer(xml):
        attributes = parse_attributes(match[1])
        number = int(attributes.get("r", number + 1))
        if not is_on(attributes.get("customHeight")):
            attributes.pop("ht", None)
        if (line := read_line(attributes, "ht")) != LineFormat():
            yield number, line


def _list_objects(package: Package, part: str) -> Iterator[tuple[str, str]]:
    """Yield the objects on a sheet, by its part: kind ("drawing", "table", …), and name."""
    for link in package.relations(part):
        if link.external:
            continue
        if link.kind in _OBJECT_KINDS:
            yield link.kind, link.target.rpartition("/")[2]
        elif link.kind == "drawing" and link.target in package.parts:
            for element in package.root(link.target).iterfind(".//{*}cNvPr"):
                yield "drawing", element.get("name", "")


def _read_rules(elements: _Elements, styles: StyleReader) -> Iterator[CellRule]:
    """Yield the conditional formats and validations of a sheet, those of extensions too.

    `elements` are those around its rows by tag; `styles` reads the formats of the workbook.
    """
    main_ids = {element.text for element in elements.get("id", ()) if element.text}
    for element in elements.get("conditionalFormatting", ()):
        areas = parse_areas(
            element.get("sqref") or element.findtext(".//{*}sqref") or ""
        )
        for rule in element.iterfind("{*}cfRule"):
            # The second part of a rule, in an extension, has the id that the first names.
            if rule.get("id") not in main_ids:
                yield _read_format(
                    rule, areas, styles, extension="sqref" not in element.attrib
                )
    for element in elements.get("dataValidation", ()):
        areas = parse_areas(
            element.get("sqref") or element.findtext(".//{*}sqref") or ""
        )
        attributes = _read_attributes(element, ("sqref", "uid"))
        # Extensions have the text of a formula one level deeper.
        formulas = (
            element.findtext(f"{{*}}{tag}", "").strip()
            or element.findtext(f"{{*}}{tag}/{{*}}f", "")
            for tag in ("formula1", "formula2")
        )
        yield CellRule(VALIDATION, areas, attributes, tuple(filter(None, formulas)))


def parse_areas(sqref: str) -> tuple[Rectangle, ...]:
    """Return rectangles from addresses with blanks between them, such as "A1:B2 D4"."""
    return tuple(parse_range(text) for text in sqref.split())


def areas_text(areas: Iterable[Rectangle]) -> str:
    """Return the addresses of rectangles with blanks between them, such as "A1:B2 D4"."""
    return " ".join(
        ":".join(dict.fromkeys((cell_name(r1, c1), cell_name(r2, c2))))
        for r1, c1, r2, c2 in areas
    )


def subtract_rectangles(area: Rectangle, taken: Iterable[Rectangle]) -> list[Rectangle]:
    """Return the cells of a rectangle that are in none of the `taken` ones, as rectangles."""
    remaining = [area]
    for r1, c1, r2, c2 in taken:
        pieces: list[Rectangle] = []
        for top, left, bottom, right in remaining:
            if r1 > bottom or r2 < top or c1 > right or c2 < left:
                pieces.append((top, left, bottom, right))
                continue
            first = max(top, r1)
            last = min(bottom, r2)
            pieces += [(top, left, first - 1, right)] if first > top else []
            pieces += [(last + 1, left, bottom, right)] if last < bottom else []
            pieces += [(first, left, last, c1 - 1)] if c1 > left else []
            pieces += [(first, c2 + 1, last, right)] if c2 < right else []
        remaining = pieces
    return remaining


def _read_attributes(
    element: ET.Element, without: Collection[str]
) -> tuple[tuple[str, str], ...]:
    """Return name and value of the attributes of a rule's element, sorted.

    Those named in `without`, and those that have their default, are left out.
    """
    pairs = (
        (k, v) for k, v in element.items() if not k.startswith("{") and k not in without
    )
    return tuple(
        sorted((k, v) for k, v in pairs if k in _ON_BY_DEFAULT or v not in _OFF_VALUES)
    )


def _read_format(
    rule: ET.Element,
    areas: tuple[Rectangle, ...],
    styles: StyleReader,
    *,
    extension: bool,
) -> CellRule:
    """Return a conditional format for some areas, by its element.

    `styles` reads the formats of the workbook; `extension` says whether the rule is in an extension
    of the sheet (Excel 2010 and later), with its format inside.
    """
    children = [(local(child.tag), child) for child in rule]
    # What it changes in the look of cells: inside it, or in the list of the workbook.
    dxfs = [child for tag, child in children if tag == "dxf"]
    others = ("formula", "f", "dxf", "extLst")
    drawn = (child for tag, child in children if tag not in others)
    body = "".join(plain_xml(child, keep_all=True) for child in drawn)
    number = rule.get("dxfId", "")
    entries = styles.entries("dxfs")
    if number.isdigit() and int(number) < len(entries):
        dxfs.append(entries[int(number)])
    inner = [(local(element.tag), element) for element in rule.iter()]
    has_formulas = any(e.get("type") == "formula" for tag, e in inner if tag == "cfvo")
    has_second_part = any(tag == "id" and e.text for tag, e in inner)
    is_patterned = any(
        local(e.tag) == "gradientFill"
        or e.get("patternType", "solid") not in ("solid", "none")
        for dxf in dxfs
        for e in dxf.iter()
    )
    is_fixed = has_second_part or has_formulas or is_patterned or (extension and body)
    return CellRule(
        kind=FORMAT,
        areas=areas,
        attributes=_read_attributes(rule, ("dxfId", "priority", "id")),
        formulas=tuple(
            (c.text or "").strip() for tag, c in children if tag in ("formula", "f")
        ),
        body=body,
        dxf=plain_xml(dxfs[-1]) if dxfs else "",
        shown=styles.changes(dxfs[-1]) if dxfs else (),
        priority=int(rule.get("priority", "0") or 0),
        is_fixed=bool(is_fixed),
    )


#: Kinds of what hangs on cells that LibreOffice may leave out when it saves.
KINDS_LIBREOFFICE_DROPS = ("table", "sparkline", "scenario", "background")


def _read_placed(
    package: Package, part: str, elements: _Elements
) -> Iterator[tuple[str, str, str]]:
    """Yield what hangs on cells of a sheet: kind (of `KINDS_LIBREOFFICE_DROPS`), cell, text.

    The cell is "" for a background; `elements` are those around the sheet's rows by tag.
    """
    for target in package.related(part, "table"):
        table = package.root(target)
        yield (
            "table",
            table.get("ref", "A1").partition(":")[0],
            table.get("displayName", "table"),
        )
    for element in elements.get("sparkline", ()):
        yield (
            "sparkline",
            element.findtext("{*}sqref", ""),
            element.findtext("{*}f", "").strip(),
        )
    for element in elements.get("scenario", ()):
        cells = element.find("{*}inputCells")
        cell = "" if cells is None else cells.get("r", "")
        yield "scenario", cell, element.get("name", "")
    if "picture" in elements:
        yield "background", "", "picture"
