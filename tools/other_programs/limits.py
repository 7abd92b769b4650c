"""Excel's limits and grammar, and constructs that programs compute differently, in a workbook."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from xml.etree import ElementTree

from xlcity.xlsx.package import Package

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_TEXT = re.compile(r'"(?:[^"]|"")*"')
_FORMULA = re.compile(r"<f[^>]*>([^<]*)</f>")
_CELLS = re.compile(rb"<sheetData>.*</sheetData>", re.DOTALL)
_SIGN = re.compile(r"'(?:[^']|'')*'!?|([A-Za-z_\\][\w.\\]*)?\(|[(),;{}]")
#: Functions that files name with a prefix: all with a point but these, and some others.
_OLD = {"ERROR.TYPE"}
_NEW = frozenset(
    (
        "IFS",
        "SWITCH",
        "TEXTJOIN",
        "CONCAT",
        "MAXIFS",
        "MINIFS",
        "XLOOKUP",
        "XMATCH",
        "FILTER",
        "SORT",
        "SORTBY",
        "UNIQUE",
        "SEQUENCE",
        "LET",
        "LAMBDA",
        "MAP",
        "IFNA",
        "XOR",
        "DAYS",
    )
)
#: Texts of validations -> characters that Excel takes.
_VALIDATION = {"promptTitle": 32, "errorTitle": 32, "prompt": 255, "error": 225}
_ONE = r"(?:'[^']+'!|[\w.]+!)?\$?[A-Z]{1,3}\$?[0-9]+"
_PLACE = r"(?:[^,()]|\((?:[^()]|\([^()]*\))*\))*"
#: What no template may use -> why.
AVOIDED = {
    re.compile(
        r"(?<![\w.])TYPE\(INDEX\("
    ): "Gnumeric: TYPE(INDEX()) is that of an array",
    re.compile(
        r"(?<![\w.])INDEX\((?:'[^']+'!|[\w.]+!)?\$?([A-Z]+)\$?(\d+):(?!\$?\1\$?\d)\$?[A-Z]+\$?\2,"
        rf"{_PLACE}\)"
    ): "Gnumeric: INDEX(row,k) is #REF!; write INDEX(row,1,k)",
    re.compile(rf"COUNTIF\({_ONE},"): "ironcalc: COUNTIF of one cell is #VALUE!",
    re.compile(r"(?<![\w.])COUNT\(IF\("): "ironcalc: COUNT(IF()) is 0; write COUNTIFS",
    re.compile(
        rf"(?:AVERAGE|STDEV\.P)\(IF\({_PLACE},{_PLACE}\)"
    ): 'ironcalc: FALSE counts as 0; write IF(a,b,"")',
}
_NAME = re.compile(r"[^\W\d][\w.]{0,254}|\\[\w.]{0,254}|_xlnm\.\w+")
_LIKE_A_CELL = re.compile(
    r"[A-Za-z]{1,3}[0-9]{1,7}|[Rr][0-9]*[Cc][0-9]*|[Rr][0-9]*|[Cc][0-9]*"
)


def breaches(package: Package) -> Iterator[str]:
    """Yield each breach with its part; formulas that are alike are looked at once."""
    yield from _names(ElementTree.fromstring(package.parts["xl/workbook.xml"]))
    seen: set[str] = set()
    for name, data in package.parts.items():
        if not name.startswith("xl/worksheets/sheet"):
            continue
        for found in _FORMULA.findall(data.decode("utf-8")):
            alike = _alike(found)
            if alike not in seen:
                seen.add(alike)
                formula = html.unescape(found)
                for text in formula_breaches(formula):
                    yield f"{name}: {text}: {formula[:120]}"
        yield from (f"{name}: {text}" for text in _sheet(data))
    yield from _styles(ElementTree.fromstring(package.parts["xl/styles.xml"]))


def _alike(formula: str) -> str:
    """Return what copies of a formula in other rows have in common."""
    rows: dict[str, str] = {}
    return re.sub(
        r"\d+", lambda found: rows.setdefault(found[0], f"{len(rows):03}"), formula
    )


def formula_breaches(formula: str) -> Iterator[str]:
    """Yield what is wrong with one formula, given without "="."""
    if len(formula) >= 8192:
        yield f"{len(formula)} characters"
    yield from (
        "a text above 255"
        for t in _TEXT.findall(formula)
        if len(t[1:-1].replace('""', '"')) > 255
    )
    bare = _TEXT.sub('""', formula)
    yield from (why for pattern, why in AVOIDED.items() if pattern.search(bare))
    # For each open bracket its arguments so far and whether a function has it.
    open_: list[tuple[int, bool]] = []
    for sign in _SIGN.finditer(bare):
        text = sign[0]
        if text[0] == "'":
            continue
        if text[-1] in "({":
            open_.append((1, bool(sign[1])))
            if sum(call for _, call in open_) > 64:
                yield "more than 64 levels"
            if sign[1] and ("." in sign[1] or sign[1] in _NEW):
                known = sign[1].startswith("_xl") or sign[1] in _OLD
                yield from () if known else (f"{sign[1]} without its prefix",)
        elif text in ")}":
            if not open_:
                yield "a bracket too many"
                return
            open_.pop()
        elif open_:
            count, call = open_.pop()
            open_.append((count + 1, call))
            if call and count + 1 > 255:
                yield "more than 255 arguments"
    if open_:
        yield "an open bracket"


def _names(workbook: ElementTree.Element) -> Iterator[str]:
    sheets = [found.get("name", "") for found in workbook.iter(f"{_MAIN}sheet")]
    for name in sheets:
        odd = set(name) & set(r"[]:*?/\\") or name.lower() == "history"
        if odd or not 0 < len(name) <= 31 or name != name.strip("'"):
            yield f"sheet {name!r}: not a name of a sheet"
    names: list[str] = []
    for found in workbook.iter(f"{_MAIN}definedName"):
        name = found.get("name", "")
        names += [] if found.get("localSheetId") else [name]
        if not _NAME.fullmatch(name) or _LIKE_A_CELL.fullmatch(name):
            yield f"name {name!r}: not a name"
        yield from (
            f"name {name!r}: {text}" for text in formula_breaches(found.text or "")
        )
    for group in (sheets, names):
        if len({name.lower() for name in group}) < len(group):
            yield "two names that differ in case alone"


def _sheet(data: bytes) -> Iterator[str]:
    # Cells are most of a sheet, and are looked at beside this.
    sheet = ElementTree.fromstring(_CELLS.sub(b"", data))
    for rule in sheet.iter(f"{_MAIN}dataValidation"):
        place = rule.get("sqref", "")[:20]
        for name, most in (
            ("promptTitle", 32),
            ("errorTitle", 32),
            ("prompt", 255),
            ("error", 225),
        ):
            if len(rule.get(name, "")) > most:
                yield f"validation {place}: {name} above {most}"
        for child in rule:
            if len(child.text or "") > 255:
                yield f"validation {place}: a formula above 255"
            yield from (
                f"validation {place}: {t}" for t in formula_breaches(child.text or "")
            )
    for rule in sheet.iter(f"{_MAIN}cfRule"):
        for child in rule.findall(f"{_MAIN}formula"):
            yield from (
                f"rule {child.text}: {t}" for t in formula_breaches(child.text or "")
            )
    for name in ("oddHeader", "oddFooter"):
        yield from (
            f"{name} above 255"
            for e in sheet.iter(_MAIN + name)
            if len(e.text or "") > 255
        )
    if sum(1 for _ in sheet.iter(f"{_MAIN}hyperlink")) > 65_530:
        yield "more than 65,530 links"


def _styles(styles: ElementTree.Element) -> Iterator[str]:
    for found in styles.iter(f"{_MAIN}numFmt"):
        if len(found.get("formatCode", "")) > 255:
            yield f"number format {found.get('formatCode')}: above 255"
    for name, most in (
        ("cellXfs", 65_490),
        ("fonts", 1_024),
        ("numFmts", 200),
        ("fills", 256),
    ):
        if len(styles.find(_MAIN + name) or ()) > most:
            yield f"more than {most} {name}"
