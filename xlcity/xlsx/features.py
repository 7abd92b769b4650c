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
#: Most columns of one element that are read.
_MOST_ALIKE = 500
#: Children of a conditional format that are no scale, bar or icons.
_NOT_DRAWN = ("formula", "f", "dxf", "extLst")
#: Patterns of fills that are one colour, or none.
_PLAIN_PATTERNS = ("solid", "none")
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
    around, rows = _split_sheet(package.text(part))
    root = ET.fromstring(around)
    elements = grouped((local(element.tag), element) for element in root.iter())
    filters = _read_filters(elements)
    frozen, behind = _read_panes(root)
    merged = root.iterfind("{*}mergeCells/{*}mergeCell")
    return Features(
        rules=tuple(_read_rules(elements, styles)),
        merged=tuple(parse_range(element.get("ref", "A1")) for element in merged),
        rows=dict(_read_rows(rows)),
        columns=_read_columns(root),
        links=dict(_read_links(package, part, root)),
        objects=tuple(_list_objects(package, part)),
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


def _split_sheet(xml: str) -> tuple[str, str]:
    """Return the XML of a sheet without its rows, and that of its rows."""
    data = _SHEET_DATA.search(xml)
    if data is None:
        return xml, ""
    return xml[: data.start()] + xml[data.end() :], data[0]


def _read_columns(root: ET.Element) -> dict[int, LineFormat]:
    """Return number -> settings of the columns, by the XML around a sheet's rows."""
    columns: dict[int, LineFormat] = {}
    for element in root.iterfind("{*}cols/{*}col"):
        first = int(element.get("min", "1"))
        last = int(element.get("max", "1"))
        # Programs set all columns up to the sheet's last alike: so many are enough.
        numbers = range(first, min(last, first + _MOST_ALIKE) + 1)
        columns |= dict.fromkeys(numbers, read_line(element.attrib, "width"))
    return columns


def _read_links(
    package: Package, part: str, root: ET.Element
) -> Iterator[tuple[tuple[int, int], str]]:
    """Yield first cell and target of the hyperlinks of a sheet: an address, or ``#Sheet!A1``."""
    targets = {
        link.id: link.target for link in package.relations(part) if link.external
    }
    for element in root.iterfind("{*}hyperlinks/{*}hyperlink"):
        target = targets.get(relation_id(element), "")
        location = element.get("location", "")
        if location:
            target += f"#{location}"
        yield parse_range(element.get("ref", "A1"))[:2], target


def _read_filters(elements: _Elements) -> dict[bool, str]:
    """Return whether a filter hides rows -> its area, by the elements around a sheet's rows."""
    filters: dict[bool, str] = {}
    for element in elements.get("autoFilter", ()):
        if ref := element.get("ref"):
            hides_rows = element.find("{*}filterColumn/*") is not None
            filters[hides_rows] = areas_text([parse_range(ref)])
    return filters


def _read_panes(
    root: ET.Element,
) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return how many rows and columns are frozen, and how many no scrolling shows.

    Each is (rows, columns); `root` is the XML around the sheet's rows.
    """
    view = root.find("{*}sheetViews/{*}sheetView")
    pane = None if view is None else view.find("{*}pane")
    if pane is None or view is None or not pane.get("state", "").startswith("frozen"):
        return (0, 0), (0, 0)
    # Rows above the frozen ones, and columns left of them, are out of reach.
    top, left, _, _ = parse_range(view.get("topLeftCell", "A1"))
    rows = round(float(pane.get("ySplit", "0")))
    columns = round(float(pane.get("xSplit", "0")))
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
        areas = _read_areas(element)
        is_extension = "sqref" not in element.attrib
        for rule in element.iterfind("{*}cfRule"):
            # The second part of a rule, in an extension, has the id that the first names.
            if rule.get("id") not in main_ids:
                yield _read_format(rule, areas, styles, extension=is_extension)
    for element in elements.get("dataValidation", ()):
        attributes = _read_attributes(element, ("sqref", "uid"))
        formulas = filter(None, _read_limits(element))
        yield CellRule(VALIDATION, _read_areas(element), attributes, tuple(formulas))


def _read_areas(element: ET.Element) -> tuple[Rectangle, ...]:
    """Return the areas of a conditional format or a validation, by its element."""
    return parse_areas(element.get("sqref") or element.findtext(".//{*}sqref") or "")


def _read_limits(validation: ET.Element) -> Iterator[str]:
    """Yield the two formulas of a validation, "" for one that it does not have."""
    for tag in ("formula1", "formula2"):
        text = validation.findtext(f"{{*}}{tag}", "").strip()
        # Extensions have the text of a formula one level deeper.
        yield text or validation.findtext(f"{{*}}{tag}/{{*}}f", "")


def parse_areas(sqref: str) -> tuple[Rectangle, ...]:
    """Return rectangles from addresses with blanks between them, such as "A1:B2 D4"."""
    return tuple(parse_range(text) for text in sqref.split())


def areas_text(areas: Iterable[Rectangle]) -> str:
    """Return the addresses of rectangles with blanks between them, such as "A1:B2 D4"."""
    return " ".join(
        ":".join(dict.fromkeys((cell_name(r1, c1), cell_name(r2, c2))))
        for r1, c1, r2, c2 in areas
    )


def subtract_rectangles(
    area: Rectangle,
    taken: Iterable[Rectangle],
) -> list[Rectangle]:
    """Return the cells of a rectangle that are in none of the `taken` ones, as rectangles."""
    remaining = [area]
    for hole in taken:
        pieces: list[Rectangle] = []
        for piece in remaining:
            pieces += _cut_out(piece, hole)
        remaining = pieces
    return remaining


def _cut_out(area: Rectangle, hole: Rectangle) -> list[Rectangle]:
    """Return the cells of a rectangle that are not in another, as at most four rectangles."""
    top, left, bottom, right = area
    r1, c1, r2, c2 = hole
    if r1 > bottom or r2 < top or c1 > right or c2 < left:
        return [area]
    first = max(top, r1)
    last = min(bottom, r2)
    pieces = []
    if first > top:
        pieces.append((top, left, first - 1, right))
    if last < bottom:
        pieces.append((last + 1, left, bottom, right))
    if c1 > left:
        pieces.append((first, left, last, c1 - 1))
    if c2 < right:
        pieces.append((first, c2 + 1, last, right))
    return pieces


def _read_attributes(
    element: ET.Element, without: Collection[str]
) -> tuple[tuple[str, str], ...]:
    """Return name and value of the attributes of a rule's element, sorted.

    Those named in `without`, and those that have their default, are left out.
    """
    attributes = []
    for name, value in element.items():
        if name.startswith("{") or name in without:
            continue
        if name in _ON_BY_DEFAULT or value not in _OFF_VALUES:
            attributes.append((name, value))
    return tuple(sorted(attributes))


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
    dxfs = _find_dxfs(rule, styles)
    drawn = (child for child in rule if local(child.tag) not in _NOT_DRAWN)
    body = "".join(plain_xml(child, keep_all=True) for child in drawn)
    is_fixed = (
        _has_part_elsewhere(rule)
        or any(map(_is_patterned, dxfs))
        or (extension and body != "")
    )
    return CellRule(
        kind=FORMAT,
        areas=areas,
        attributes=_read_attributes(rule, ("dxfId", "priority", "id")),
        formulas=tuple(_read_conditions(rule)),
        body=body,
        dxf=plain_xml(dxfs[-1]) if dxfs else "",
        shown=styles.changes(dxfs[-1]) if dxfs else (),
        priority=int(rule.get("priority", "0") or 0),
        is_fixed=is_fixed,
    )


def _read_conditions(rule: ET.Element) -> Iterator[str]:
    """Yield the formulas of a conditional format, by its element."""
    for child in rule:
        if local(child.tag) in ("formula", "f"):
            yield (child.text or "").strip()


def _find_dxfs(rule: ET.Element, styles: StyleReader) -> list[ET.Element]:
    """Return what a conditional format changes in the look of cells, by its element.

    It is inside the element, or in the list of the workbook, whose entry comes last.
    """
    dxfs = [child for child in rule if local(child.tag) == "dxf"]
    number = rule.get("dxfId", "")
    entries = styles.entries("dxfs")
    if number.isdigit() and int(number) < len(entries):
        dxfs.append(entries[int(number)])
    return dxfs


def _has_part_elsewhere(rule: ET.Element) -> bool:
    """Return whether a part of a rule is in an extension, or an end of its scale is a formula."""
    for element in rule.iter():
        tag = local(element.tag)
        if tag == "id" and element.text:
            return True
        if tag == "cfvo" and element.get("type") == "formula":
            return True
    return False


def _is_patterned(dxf: ET.Element) -> bool:
    """Return whether a format of a rule fills cells with a pattern or a gradient."""
    for element in dxf.iter():
        if local(element.tag) == "gradientFill":
            return True
        if element.get("patternType", "solid") not in _PLAIN_PATTERNS:
            return True
    return False


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
