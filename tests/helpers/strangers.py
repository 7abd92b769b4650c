"""Strangers' workbooks: error formulas and sound ones, as three writers put them into files.

Each formula stands in a book of its own, at a cell that the seed draws, once by every writer that
can write it. `Data` is the same in all of them. The module is older than the rules that are
measured by it, and knows none of them.
"""

from __future__ import annotations

import io
import random
import zipfile
from dataclasses import dataclass, field
from enum import Enum, auto

import openpyxl
import xlsxwriter
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.formula import ArrayFormula

from xlcity.xlsx.address import cell_name
from xlcity.xlsx.text import escape_xml

DATA = (
    ("city", "value", "note", "day", "empty"),
    ("Oslo", 12.5, 4, 30, None),
    ("Bergen", 0, "n/a", 59, None),
    ("Turku", -3, 2, 61, None),
    ("Umea", 48, 9, 366, None),
    ("Aarhus", 7, 1, 44000, None),
    ("Odense", 105.2, 3, 45000, None),
)
ERROR_VALUES = {"#DIV/0!", "#N/A", "#NAME?", "#NUM!", "#REF!", "#VALUE!"}


class Link(Enum):
    """What the first external link of a book leads to."""

    BOOK = auto()
    ADD_IN = auto()
    DDE = auto()


class Writer(Enum):
    """Who writes the file, and which values it stores."""

    OPENPYXL = "openpyxl stores nothing"
    XLSXWRITER = "XlsxWriter stores the value that it is given"
    XLSXWRITER_ZERO = "XlsxWriter stores 0 for a value that it is not given"
    EXCEL = "Excel stores its own value"
    EXCEL_BARE = "XML as Excel writes it, without a value"

    @property
    def stores_values(self) -> bool:
        """Whether the value of Excel is in the file."""
        return self in {Writer.XLSXWRITER, Writer.EXCEL}


@dataclass(frozen=True)
class StrangeFormula:
    """A formula, and the value that Excel gives it (None: it cannot give one)."""

    kind: str
    formula: str
    value: float | str | bool | None
    is_array: bool = False
    names: dict[str, str] = field(default_factory=dict)
    link: Link | None = None
    typed: dict[str, str] = field(default_factory=dict)
    is_1904: bool = False
    # Excel's value is right only where it is stored (RAND), or wrong only there (a stale value).
    only_stored: bool = False
    # A text that looks like an error: XlsxWriter would store the error.
    is_text: bool = False

    @property
    def writers(self) -> list[Writer]:
        """Who can write it."""
        if self.only_stored:
            return [Writer.XLSXWRITER, Writer.EXCEL]
        if self.is_text:
            return [Writer.OPENPYXL, Writer.EXCEL, Writer.EXCEL_BARE]
        if self.link or self.typed:
            return [Writer.EXCEL, Writer.EXCEL_BARE]
        return [*Writer]


F = StrangeFormula

ERRORS = (
    F("domain", "LN(-5)", "#NUM!"),
    F("domain", "SQRT(Data!$B$4)", "#NUM!"),
    F("domain", "LOG(0)", "#NUM!"),
    F("domain", "ACOS(2)", "#NUM!"),
    F("domain", "Data!$B$2/Data!$B$3", "#DIV/0!"),
    F("domain", "MOD(5,0)", "#DIV/0!"),
    F("domain", "FACT(-1)", "#NUM!"),
    F("domain", "LARGE(Data!$B$2:$B$7,9)", "#NUM!"),
    F("domain", "EXP(1000)", "#NUM!"),
    F("domain", "STDEV(Data!$B$2)", "#DIV/0!"),
    F("reference", "#REF!+1", "#REF!"),
    F("reference", "SUM(#REF!)", "#REF!"),
    F("reference", "INDEX(Data!$B$2:$B$7,9)", "#REF!"),
    F("reference", "OFFSET(Data!$A$1,-5,0)", "#REF!"),
    F("reference", 'INDIRECT("Gone!A1")', "#REF!"),
    F("reference", "CHOOSE(9,1,2)", "#VALUE!"),
    F("reference", "Gone!$B$2*2", "#REF!"),
    F("name", "Undefined_Name*2", "#NAME?"),
    F("name", "Lost_Name*2", "#REF!", names={"Lost_Name": "#REF!"}),
    F("function", "MYFUNC(Data!$B$2)", "#NAME?"),
    F("function", "_xldudf_SCORE(Data!$B$2)", "#NAME?"),
    F("function", "[1]!SCORE(Data!$B$2)", "#NAME?", link=Link.ADD_IN),
    F("circle", "{self}+1", None),
    F("circle", "{below}*2", None, typed={"below": "{self}+1"}),
    F("text", "Data!$A$2+1", "#VALUE!"),
    F("text", 'VALUE("12 apples")', "#VALUE!"),
    F("text", "Data!$C$3*2", "#VALUE!"),
    F("text", "SUMPRODUCT(Data!$B$2:$B$7*Data!$C$2:$C$7)", "#VALUE!"),
    F("lookup", 'VLOOKUP("Atlantis",Data!$A$2:$B$7,2,FALSE)', "#N/A"),
    F("lookup", "MATCH(999,Data!$B$2:$B$7,0)", "#N/A"),
    F("lookup", 'HLOOKUP("area",Data!$A$1:$D$3,2,FALSE)', "#N/A"),
    F("array", "SUMPRODUCT(Data!$B$2:$B$7,Data!$D$2:$D$6)", "#VALUE!"),
    F("array", "MMULT(Data!$B$2:$B$7,Data!$D$2:$D$7)", "#VALUE!", is_array=True),
    F("array", "CORREL(Data!$B$2:$B$7,Data!$D$2:$D$5)", "#N/A"),
    F("array", "SUM(Data!$B$2:$B$7/Data!$B$2:$B$7)", "#DIV/0!", is_array=True),
    F("outside", "cmd|'/c calc'!A0", "#REF!"),
    F("outside", "[1]!A0", "#REF!", link=Link.DDE),
    F("outside", '_xlfn.WEBSERVICE("http://host.invalid/x")', "#VALUE!"),
    F("outside", 'WEBSERVICE("http://host.invalid/x")', "#NAME?"),
    F("outside", "[1]Sheet1!$A$1*2", "#REF!", link=Link.BOOK),
    F("date", "DATE(10000,1,1)", "#NUM!"),
    F("date", 'DATEVALUE("31 Foo 2020")', "#VALUE!"),
    F("date", 'DATEDIF(20,10,"d")', "#NUM!"),
    F("date", "YEAR(-1)", "#NUM!"),
    F("literal", "#VALUE!", "#VALUE!"),
    F("literal", "{below}+1", "#N/A", typed={"below": "#N/A"}),
    F("hidden", "IFERROR(#REF!,0)", 0),
    F("hidden", "IFERROR(Gone!$B$2,0)", 0),
    F("hidden", "IFERROR(Undefined_Name,0)", 0),
    F("stale", "SUM(Data!$B$2:$B$7)", 12, only_stored=True),
    F("stale", "Data!$B$2*2", "#DIV/0!", only_stored=True),
)

SOUND = (
    F("plain", "SUM(Data!$B$2:$B$7)", 169.7),
    F("plain", "AVERAGE(Data!$B$2:$B$7)", 28.2833333333333),
    F("plain", 'IF(Data!$B$2>5,"high","low")', "high"),
    F("plain", "MAX(Data!$E$2:$E$7)", 0),
    F("plain", 'COUNTIF(Data!$B$2:$B$7,">5")', 4),
    F("plain", "Good_Name*2", 25, names={"Good_Name": "Data!$B$2"}),
    F("plain", "SUMPRODUCT(Data!$B$2:$B$7,Data!$D$2:$D$7)", 5059760),
    F("plain", "SUM(Data!$B$2:$B$7*(Data!$B$2:$B$7>5))", 172.7, is_array=True),
    F("lookup", 'VLOOKUP("Umea",Data!$A$2:$B$7,2,FALSE)', 48),
    F("guarded", 'IFERROR(VLOOKUP("Atlantis",Data!$A$2:$B$7,2,FALSE),0)', 0),
    F("guarded", 'IFERROR(Data!$B$2/Data!$B$3,"none")', "none"),
    F("guarded", "ISERROR(LN(-5))", True),
    F(
        "guarded",
        'IF(Data!$B$3=0,"#DIV/0!",Data!$B$2/Data!$B$3)',
        "#DIV/0!",
        is_text=True,
    ),
    F("guarded", "NA()", "#N/A"),
    F("guarded", "#N/A", "#N/A"),
    F("1900", "DATE(1900,1,15)", 15),
    F("1900", "DATE(1900,2,28)+1", 60),
    F("1900", "DATE(1900,3,1)", 61),
    F("1900", "MONTH(Data!$D$3)*100+DAY(Data!$D$3)", 228),
    F("1900", "WEEKDAY(1)", 1),
    F("1900", "DAY(60)", 29),
    F("1900", "YEAR(Data!$D$2)", 1900),
    F("9999", "DATE(9999,12,31)+1", 2958466),
    F("1904", "DATE(2020,1,1)", 42369, is_1904=True),
    F("1904", "YEAR(0)", 1904, is_1904=True),
    F("1904", "YEAR(42369)", 2020, is_1904=True),
    F("1904", "EDATE(42369,1)", 42400, is_1904=True),
    F("logical", "Data!$B$2>Data!$B$3", True),
    F("logical as a number", "Data!$B$2>Data!$B$3", 1, only_stored=True),
    F("logical as a number", "AND(Data!$B$2>1,Data!$B$3>1)", 0, only_stored=True),
    F("text number", '"1E3"*1', 1000),
    F("text number", '"12%"*1', 0.12),
    F("digits", "0.1+0.2", 0.3),
    F("digits", "2/3", 0.666666666666667),
    F("digits", "ROUND(-0.1,0)", 0),
    F("volatile", "TODAY()", 45000, only_stored=True),
    F("volatile", "RAND()", 0.25, only_stored=True),
)


@dataclass(frozen=True)
class StrangeBook:
    """A book with one formula planted in it."""

    name: str
    content: bytes
    cell: str
    formula: StrangeFormula
    writer: Writer


@dataclass(frozen=True)
class _Plan:
    """Where a formula stands in a book."""

    planted: StrangeFormula
    row: int
    column: int
    is_shared: bool

    @property
    def cell(self) -> str:
        return cell_name(self.row, self.column)

    @property
    def below(self) -> str:
        return cell_name(self.row + 1, self.column)

    def formula_at(self, text: str) -> str:
        """Return a formula with the cells of this book put in."""
        return text.replace("{self}", self.cell).replace("{below}", self.below)

    @property
    def formula(self) -> str:
        return self.formula_at(self.planted.formula)


def strange_books(seed: int, formulas: tuple[StrangeFormula, ...]) -> list[StrangeBook]:
    """Return a book for each formula and writer."""
    draw = random.Random(seed)
    books = []
    for number, planted in enumerate(formulas):
        for writer in planted.writers:
            if planted in SOUND and writer is Writer.XLSXWRITER_ZERO:
                continue
            plan = _Plan(
                planted, draw.randint(2, 30), draw.randint(1, 8), draw.random() < 0.5
            )
            name = f"{number:02}-{planted.kind.replace(' ', '-')}-{writer.name.lower()}.xlsx"
            content = _WRITE[writer](plan, writer)
            books.append(
                StrangeBook(name, content, f"Calc!{plan.cell}", planted, writer)
            )
    return books


def _by_openpyxl(plan: _Plan, _: Writer) -> bytes:
    book = openpyxl.Workbook()
    data = book.active
    data.title = "Data"
    for row in DATA:
        data.append(row)
    calc = book.create_sheet("Calc")
    formula = "=" + plan.formula
    calc[plan.cell] = (
        ArrayFormula(plan.cell, formula) if plan.planted.is_array else formula
    )
    for name, target in plan.planted.names.items():
        book.defined_names[name] = DefinedName(name, attr_text=target)
    if plan.planted.is_1904:
        book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _by_xlsxwriter(plan: _Plan, writer: Writer) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"date_1904": plan.planted.is_1904})
    data = book.add_worksheet("Data")
    for number, row in enumerate(DATA):
        data.write_row(number, 0, row)
    calc = book.add_worksheet("Calc")
    value = plan.planted.value if writer.stores_values else 0
    if value is None:
        value = 0
    formula = "=" + plan.formula
    if plan.planted.is_array:
        calc.write_array_formula(
            f"{plan.cell}:{plan.cell}", "{" + formula + "}", None, value
        )
    else:
        calc.write_formula(plan.cell, formula, None, value)
    for name, target in plan.planted.names.items():
        book.define_name(name, "=" + target)
    book.close()
    return out.getvalue()


_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def _by_excel(plan: _Plan, writer: Writer) -> bytes:
    """Return the parts that Excel writes, each as it writes it."""
    link = plan.planted.link
    parts = {
        "[Content_Types].xml": _content_types(link),
        "_rels/.rels": _relations({"rId1": ("officeDocument", "xl/workbook.xml")}),
        "xl/workbook.xml": _workbook(plan.planted),
        "xl/_rels/workbook.xml.rels": _workbook_relations(link),
        "xl/styles.xml": _STYLES,
        "xl/worksheets/sheet1.xml": _sheet(_data_rows()),
        "xl/worksheets/sheet2.xml": _sheet(_calc_rows(plan, writer.stores_values)),
    }
    if link:
        parts["xl/externalLinks/externalLink1.xml"] = _external_link(link)
    if link in {Link.BOOK, Link.ADD_IN}:
        outside = f'Target="{_LINKED_FILES[link]}" TargetMode="External"'
        parts["xl/externalLinks/_rels/externalLink1.xml.rels"] = (
            f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
            f'Type="{_OFFICE}/externalLinkPath" {outside}/></Relationships>'
        )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


_LINKED_FILES = {Link.BOOK: "gone.xlsx", Link.ADD_IN: "scores.xlam"}
_STYLES = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}"><fonts count="1"><font><sz val="11"/>'
    '<name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill '
    'patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>'
    '</cellStyleXfs><cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" '
    'xfId="0"/></cellXfs></styleSheet>'
)


def _content_types(link: Link | None) -> str:
    overrides = {
        "/xl/workbook.xml": "sheet.main",
        "/xl/worksheets/sheet1.xml": "worksheet",
        "/xl/worksheets/sheet2.xml": "worksheet",
        "/xl/styles.xml": "styles",
    }
    if link:
        overrides["/xl/externalLinks/externalLink1.xml"] = "externalLink"
    lines = [
        f'<Override PartName="{part}" ContentType="{_TYPES}.{kind}+xml"/>'
        for part, kind in overrides.items()
    ]
    return (
        f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{"".join(lines)}</Types>'
    )


def _relations(targets: dict[str, tuple[str, str]]) -> str:
    lines = [
        f'<Relationship Id="{name}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for name, (kind, target) in targets.items()
    ]
    return (
        f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{"".join(lines)}'
        "</Relationships>"
    )


def _workbook_relations(link: Link | None) -> str:
    targets = {
        "rId1": ("worksheet", "worksheets/sheet1.xml"),
        "rId2": ("worksheet", "worksheets/sheet2.xml"),
        "rId3": ("styles", "styles.xml"),
    }
    if link:
        targets["rId4"] = ("externalLink", "externalLinks/externalLink1.xml")
    return _relations(targets)


def _workbook(planted: StrangeFormula) -> str:
    names = [
        f'<definedName name="{name}">{target}</definedName>'
        for name, target in planted.names.items()
    ]
    return (
        f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
        '<fileVersion appName="xl" lastEdited="7" lowestEdited="7" rupBuild="22228"/>'
        f'<workbookPr date1904="{int(planted.is_1904)}"/>'
        '<sheets><sheet name="Data" sheetId="1" r:id="rId1"/>'
        '<sheet name="Calc" sheetId="2" r:id="rId2"/></sheets>'
        + (
            '<externalReferences><externalReference r:id="rId4"/></externalReferences>'
            if planted.link
            else ""
        )
        + (f"<definedNames>{''.join(names)}</definedNames>" if names else "")
        + '<calcPr calcId="191029"/></workbook>'
    )


def _external_link(link: Link) -> str:
    if link is Link.DDE:
        content = (
            '<ddeLink ddeService="cmd" ddeTopic="/c calc"><ddeItems>'
            '<ddeItem name="A0"/></ddeItems></ddeLink>'
        )
    elif link is Link.ADD_IN:
        content = (
            '<externalBook r:id="rId1"><definedNames><definedName name="SCORE"/>'
            "</definedNames></externalBook>"
        )
    else:
        content = (
            '<externalBook r:id="rId1"><sheetNames><sheetName val="Sheet1"/></sheetNames>'
            "</externalBook>"
        )
    return f'{_HEAD}<externalLink xmlns="{_MAIN}" xmlns:r="{_OFFICE}">{content}</externalLink>'


def _sheet(rows: dict[int, str]) -> str:
    lines = [f'<row r="{number}">{rows[number]}</row>' for number in sorted(rows)]
    return f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>{"".join(lines)}</sheetData></worksheet>'


def _cell(name: str, formula: str, value: object) -> str:
    """Return a cell; `formula` is an element or nothing."""
    if value is None:
        return f'<c r="{name}">{formula}</c>'
    if isinstance(value, bool):
        return f'<c r="{name}" t="b">{formula}<v>{int(value)}</v></c>'
    if isinstance(value, str):
        if not formula and value not in ERROR_VALUES:
            return (
                f'<c r="{name}" t="inlineStr"><is><t>{escape_xml(value)}</t></is></c>'
            )
        kind = "e" if value in ERROR_VALUES else "str"
        return f'<c r="{name}" t="{kind}">{formula}<v>{escape_xml(value)}</v></c>'
    return f'<c r="{name}">{formula}<v>{value}</v></c>'


def _data_rows() -> dict[int, str]:
    rows = {}
    for number, values in enumerate(DATA, 1):
        cells = [
            _cell(cell_name(number, column), "", value)
            for column, value in enumerate(values, 1)
            if value is not None
        ]
        rows[number] = "".join(cells)
    return rows


def _calc_rows(plan: _Plan, is_stored: bool) -> dict[int, str]:
    """Return the rows of `Calc`: the formula, alone or shared with the two cells below."""
    planted = plan.planted
    value = planted.value if is_stored else None
    if planted.is_text and is_stored:
        text = f'<c r="{plan.cell}" t="str"><f>{escape_xml(plan.formula)}</f><v>{value}</v></c>'
        return {plan.row: text}
    if is_stored and planted.kind == "circle":
        value = 0
    body = escape_xml(plan.formula)
    if planted.is_array:
        element = f'<f t="array" ref="{plan.cell}">{body}</f>'
        return {plan.row: _cell(plan.cell, element, value)}
    if planted.typed:
        below = plan.formula_at(planted.typed["below"])
        is_formula = below not in ERROR_VALUES
        element = f"<f>{escape_xml(below)}</f>" if is_formula else ""
        return {
            plan.row: _cell(plan.cell, f"<f>{body}</f>", value),
            plan.row + 1: _cell(plan.below, element, value if is_formula else below),
        }
    if not plan.is_shared or planted.kind == "circle":
        return {plan.row: _cell(plan.cell, f"<f>{body}</f>", value)}
    last = cell_name(plan.row + 2, plan.column)
    rows = {
        plan.row: _cell(
            plan.cell,
            f'<f t="shared" ref="{plan.cell}:{last}" si="0">{body}</f>',
            value,
        )
    }
    for row in (plan.row + 1, plan.row + 2):
        rows[row] = _cell(cell_name(row, plan.column), '<f t="shared" si="0"/>', value)
    return rows


_WRITE = {
    Writer.OPENPYXL: _by_openpyxl,
    Writer.XLSXWRITER: _by_xlsxwriter,
    Writer.XLSXWRITER_ZERO: _by_xlsxwriter,
    Writer.EXCEL: _by_excel,
    Writer.EXCEL_BARE: _by_excel,
}
