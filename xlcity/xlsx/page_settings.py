"""Reads how a sheet is shown and printed: zoom, paper, margins, breaks, headers, protection."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from xml.etree import ElementTree as ET

from xlcity.xlsx.address import column_letters
from xlcity.xlsx.parts import is_on

#: The attributes of a setting that differ from their defaults, and their values.
SettingValue = tuple[tuple[str, str], ...]

HEADER = "header"
FOOTER = "footer"
SOME_PAGES = "headers and footers of some pages"
PROTECTION = "protection"
SCALE = "print scale"
MARGINS = "margins"
FIRST_PAGE = "first page number"
#: Setting: the rows and columns after which a person has set page breaks.
BREAKS = "page breaks"
#: Settings that programs choose where a sheet does not have them.
SETTINGS_CHOSEN_BY_PROGRAMS = ("paper", MARGINS)
_PAPERS = {1: "Letter", 5: "Legal", 8: "A3", 9: "A4", 11: "A5"}
_SIDES = ("left", "right", "top", "bottom")
#: Cells of a protected sheet that some people may change; such cannot be copied.
RANGES = "allowed ranges"
_ALLOWABLE_ACTIONS = (
    "formatCells",
    "formatColumns",
    "formatRows",
    "insertColumns",
    "insertRows",
    "insertHyperlinks",
    "deleteColumns",
    "deleteRows",
    "sort",
    "autoFilter",
    "pivotTables",
)
#: What a password leaves in a file.
PASSWORD_ATTRIBUTES = (
    "password",
    "algorithmName",
    "hashValue",
    "saltValue",
    "spinCount",
)
#: Setting -> the path to its element, and its attributes with their defaults.
ELEMENTS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "zoom": ("sheetViews/sheetView", {"zoomScale": "100"}),
    "view": ("sheetViews/sheetView", {"view": "normal"}),
    "grid lines": ("sheetViews/sheetView", {"showGridLines": "1"}),
    "row and column headings": ("sheetViews/sheetView", {"showRowColHeaders": "1"}),
    "zeros": ("sheetViews/sheetView", {"showZeros": "1"}),
    "formulas": ("sheetViews/sheetView", {"showFormulas": "0"}),
    "right to left": ("sheetViews/sheetView", {"rightToLeft": "0"}),
    "sums of groups": ("sheetPr/outlinePr", {"summaryBelow": "1", "summaryRight": "1"}),
    PROTECTION: (
        "sheetProtection",
        {
            "sheet": "0",
            "objects": "0",
            "scenarios": "0",
            "selectLockedCells": "0",
            "selectUnlockedCells": "0",
            **dict.fromkeys(_ALLOWABLE_ACTIONS, "1"),
            **dict.fromkeys(PASSWORD_ATTRIBUTES, ""),
        },
    ),
    "centring on the page": (
        "printOptions",
        {"horizontalCentered": "0", "verticalCentered": "0"},
    ),
    "printed grid lines and headings": (
        "printOptions",
        {"gridLines": "0", "headings": "0"},
    ),
    MARGINS: (
        "pageMargins",
        {
            "left": "0.7",
            "right": "0.7",
            "top": "0.75",
            "bottom": "0.75",
            "header": "0.3",
            "footer": "0.3",
        },
    ),
    "paper": ("pageSetup", {"paperSize": "1"}),
    "orientation": ("pageSetup", {"orientation": "portrait"}),
    SCALE: ("pageSetup", {"scale": "100", "fitToWidth": "1", "fitToHeight": "1"}),
    "order of pages": ("pageSetup", {"pageOrder": "downThenOver"}),
    FIRST_PAGE: (
        "pageSetup",
        {"firstPageNumber": "1", "useFirstPageNumber": "0"},
    ),
    "print quality": ("pageSetup", {"blackAndWhite": "0", "draft": "0"}),
    "printed comments and errors": (
        "pageSetup",
        {"cellComments": "none", "errors": "displayed"},
    ),
    SOME_PAGES: (
        "headerFooter",
        {
            "differentOddEven": "0",
            "differentFirst": "0",
            "scaleWithDoc": "1",
            "alignWithMargins": "1",
        },
    ),
}
#: Setting -> texts of `headerFooter`, in the order of the format.
TEXTS = {
    HEADER: ("oddHeader",),
    FOOTER: ("oddFooter",),
    SOME_PAGES: ("evenHeader", "evenFooter", "firstHeader", "firstFooter"),
}
#: Settings of what is seen on a screen.
VIEWS = frozenset(
    kind for kind, (path, _) in ELEMENTS.items() if path.startswith("sheetViews")
)
#: Settings of which a change misleads who reads or prints a sheet; zoom and grid lines do not.
_MISLEADING_SETTINGS = (
    "right to left",
    "row and column headings",
    "printed grid lines and headings",
    "order of pages",
    FIRST_PAGE,
    "print quality",
    "printed comments and errors",
)
#: The attribute by which `fitToWidth` and `fitToHeight` apply instead of the scale.
FITTED = ("fitToPage", "1")
_LOGICAL = {"true": "1", "false": "0"}
_FONT_SIZE_CODE = re.compile(r"(&\d+) +(?!\d)")


def read_attributes(root: ET.Element, path: str) -> Mapping[str, str]:
    """Return the attributes of an element of a sheet; none if it is absent.

    `path` has the tags that lead to it from the root: "sheetViews/sheetView".
    """
    element = root.find("/".join(f"{{*}}{tag}" for tag in path.split("/")))
    return {} if element is None else element.attrib


def read_settings(root: ET.Element) -> dict[str, SettingValue]:
    """Return the settings of a sheet that differ from the defaults, by the XML around its rows."""
    values: dict[str, SettingValue] = {}
    for kind, (path, defaults) in ELEMENTS.items():
        values[kind] = _read_own_values(read_attributes(root, path), defaults)
    ranges = root.iterfind("{*}protectedRanges/{*}protectedRange")
    values[RANGES] = tuple(
        (area.get("name", ""), area.get("sqref", "")) for area in ranges
    )
    for kind, tags in TEXTS.items():
        values[kind] = (*values.get(kind, ()), *_read_texts(root, tags))
    is_fitted = is_on(read_attributes(root, "sheetPr/pageSetUpPr").get("fitToPage"))
    _drop_without_effect(values, is_fitted=is_fitted)
    return {kind: value for kind, value in values.items() if value}


def _read_own_values(
    given: Mapping[str, str], defaults: Mapping[str, str]
) -> SettingValue:
    """Return the attributes of an element that differ from their defaults, and their values."""
    own_values = []
    for name, default in defaults.items():
        value = _normalise_value(given.get(name, default), name)
        if value != default:
            own_values.append((name, value))
    return tuple(own_values)


def _read_texts(
    root: ET.Element,
    tags: Iterable[str],
) -> Iterator[tuple[str, str]]:
    """Yield the headers and footers of some tags that a sheet has: tag and text."""
    for tag in tags:
        text = root.findtext(f"{{*}}headerFooter/{{*}}{tag}", "")
        if text:
            # Some programs part a size from the text that follows it.
            yield tag, _FONT_SIZE_CODE.sub(r"\1", text)


def _drop_without_effect(values: dict[str, SettingValue], *, is_fitted: bool) -> None:
    """Take away what has no effect: of scale, protection, first page's number and margins.

    `is_fitted` says whether a sheet is printed on a number of pages and not in a scale.
    """
    if is_fitted:
        pages = (pair for pair in values[SCALE] if pair[0] != "scale")
        values[SCALE] = (FITTED, *pages)
    else:
        values[SCALE] = tuple(pair for pair in values[SCALE] if pair[0] == "scale")
    if ("sheet", "1") not in values[PROTECTION]:
        values[PROTECTION] = ()
    if ("useFirstPageNumber", "1") not in values[FIRST_PAGE]:
        values[FIRST_PAGE] = ()
    values[MARGINS] = _margins_in_effect(values)


def _margins_in_effect(values: Mapping[str, SettingValue]) -> SettingValue:
    """Return the margins among settings but for those of a header or footer that is not there."""
    idle = {kind for kind in (HEADER, FOOTER) if not values[kind]}
    return tuple((side, size) for side, size in values[MARGINS] if side not in idle)


def _normalise_value(text: str, name: str = "") -> str:
    """Return the value of a setting's attribute in one spelling; `name` is the attribute's.

    Margins have at most two decimals; true is 1, false 0, the default orientation portrait.
    """
    if name == "password":
        return text.upper()
    if name in ELEMENTS[MARGINS][1]:
        return f"{float(text):.2f}".rstrip("0").rstrip(".")
    return _LOGICAL.get(text, {"default": "portrait"}.get(text, text))


def misleading_settings(
    settings: Mapping[str, SettingValue],
) -> Iterator[tuple[str, str]]:
    """Yield the settings whose change would mislead a reader: name, and text in words.

    The text is "" for a setting that `settings`, of `read_settings`, does not have.
    """
    for kind in _MISLEADING_SETTINGS:
        text = setting_text(kind, settings[kind]) if kind in settings else ""
        yield kind, {"1": "yes", "0": "no"}.get(text, text)


def setting_text(kind: str, value: SettingValue) -> str:
    """Return a setting in words, defaults included; of a password only that there is one.

    `kind` is its name, `value` what `read_settings` gives for it.
    """
    if kind == PROTECTION:
        return _protection_text(value)
    _, defaults = ELEMENTS.get(kind, ("", {}))
    if kind == SCALE and value:
        defaults = {} if FITTED in value else {"scale": "100"}
    texts = {**defaults, **dict(value)}
    if len(texts) == 1:
        return next(iter(texts.values()))
    return ", ".join(f"{name} {text}" for name, text in texts.items()) or "none"


def _protection_text(value: SettingValue) -> str:
    """Return the protection of a sheet in words: "on, with a password, sort allowed"."""
    words = ["on" if value else "off"]
    if any(name in PASSWORD_ATTRIBUTES for name, _ in value):
        words.append("with a password")
    for action in _ALLOWABLE_ACTIONS:
        if (action, "0") in value:
            words.append(f"{action} allowed")
    return ", ".join(words)


def read_breaks(root: ET.Element) -> tuple[list[int], list[int]]:
    """Return the numbers of rows, and of columns, after which a person set page breaks."""
    return _list_breaks(root, "rowBreaks"), _list_breaks(root, "colBreaks")


def _list_breaks(root: ET.Element, tag: str) -> list[int]:
    """Return the numbers of the lines after which a person set breaks, by the tag of their list."""
    breaks = root.iterfind(f"{{*}}{tag}/*")
    manual = (element for element in breaks if is_on(element.get("man")))
    return [int(element.get("id", "0")) for element in manual]


def describe_page(root: ET.Element) -> dict[str, str]:
    """Return page settings in words, by the XML around a sheet's rows.

    "" where a sheet does not have one; `read_settings` leaves out defaults, too.

    Raises
    ------
    ValueError
        If the text of a numeric attribute is not a number.
    """
    page = read_attributes(root, "pageSetup")
    margins = read_attributes(root, "pageMargins")
    scale = int(page.get("scale", "100"))
    paper = int(page.get("paperSize", "0"))
    scale_text = "" if scale == 100 else f"{scale} %"
    if is_on(read_attributes(root, "sheetPr/pageSetUpPr").get("fitToPage")):
        wide = int(page.get("fitToWidth", "1"))
        high = int(page.get("fitToHeight", "1"))
        scale_text = f"fit to pages: {wide} × {high}"
    # Programs keep margins in several units of measure.
    sides = [f"{float(margins.get(side, '0')):.2f}" for side in _SIDES if margins]
    rows, columns = read_breaks(root)
    return {
        "orientation": "landscape" if page.get("orientation") == "landscape" else "",
        "paper": _PAPERS.get(paper, str(paper)) if paper else "",
        SCALE: scale_text,
        MARGINS: ", ".join(sides),
        BREAKS: ", ".join([*map(str, rows), *map(column_letters, columns)]),
    }
