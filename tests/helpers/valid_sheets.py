"""What Excel requires of a sheet that programs rarely check: Excel would repair the file."""

import io
from xml.etree import ElementTree as ET

import openpyxl

from xlcity.xlsx.package import Package

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
X14 = "{http://schemas.microsoft.com/office/spreadsheetml/2009/9/main}"
ORDER = """
    sheetPr dimension sheetViews sheetFormatPr cols sheetData sheetCalcPr sheetProtection
    protectedRanges scenarios autoFilter sortState dataConsolidate customSheetViews mergeCells
    phoneticPr conditionalFormatting dataValidations hyperlinks printOptions pageMargins
    pageSetup headerFooter rowBreaks colBreaks customProperties cellWatches ignoredErrors
    smartTags drawing legacyDrawing legacyDrawingHF picture oleObjects controls
    webPublishItems tableParts extLst
""".split()  # noqa: SIM905
#: What an element of a rule may hold, one after the other, outside of extensions.
INSIDE = {
    "colorScale": ["cfvo", "color"],
    "dataBar": ["cfvo", "color"],
    "iconSet": ["cfvo"],
}
LIMITS = ("num", "percent", "max", "min", "formula", "percentile")


def require_valid(package: Package) -> None:
    """Require sheets that Excel opens without repairing them, and that openpyxl reads."""
    looks = len(package.styles.entries("dxfs"))
    for part, content in package.parts.items():
        if part.startswith("xl/worksheets/") and part.endswith(".xml"):
            _require_sheet(part, ET.fromstring(content), looks)
    openpyxl.load_workbook(io.BytesIO(package.to_bytes()))


def _require_sheet(part: str, root: ET.Element, looks: int) -> None:
    tags = [child.tag.removeprefix(MAIN) for child in root]
    assert tags == sorted(tags, key=ORDER.index), part
    once = [tag for tag in tags if tag != "conditionalFormatting"]
    assert len(once) == len(set(once)), part
    rules = list(root.iter(f"{MAIN}cfRule"))
    for rule in rules:
        assert int(rule.get("dxfId", "-1")) < looks, part
        for child in rule:
            kind = child.tag.removeprefix(MAIN)
            if kind in INSIDE:
                inner = [e.tag.removeprefix(MAIN) for e in child]
                assert list(dict.fromkeys(inner)) == INSIDE[kind], (part, inner)
                assert all(
                    e.get("type") in LIMITS for e in child.iter(f"{MAIN}cfvo")
                ), part
    priorities = [rule.get("priority") for rule in rules]
    assert len(priorities) == len(set(priorities)), part
    named = sorted(e.text or "" for e in root.iter(f"{X14}id"))
    extended = sorted(
        rule.get("id", "")
        for rule in root.iter(f"{X14}cfRule")
        if rule.get("type") == "dataBar"
    )
    assert named == extended, part
