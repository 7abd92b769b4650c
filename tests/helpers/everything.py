"""A small workbook in which people did everything that they do, and what verbs then make of it."""

from __future__ import annotations

import base64
import contextlib
import copy
import io
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.drawing.image import Image
from openpyxl.formatting.rule import (
    CellIsRule,
    ColorScaleRule,
    DataBarRule,
    FormulaRule,
    IconSetRule,
    Rule,
)
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.workbook.protection import WorkbookProtection
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.pagebreak import Break

from tests.helpers.desk import Desk
from tests.helpers.extended_rules import with_extended_rules
from tests.helpers.folding import summed
from xlcity.cli import main
from xlcity.xlsx.package import Package

TREE = """\
code,parent,weight,direction,name_en,definition
X,,1,1,Index,
A,X,2,1,Pillar A,
B,X,1,1,Pillar B,
A1,A,1,1,Indicator A1,
A2,A,1,-1,Indicator A2,
B1,B,1,1,Indicator B1,per head
B2,B,3,1,Indicator B2,
"""
#: Records of a kind that are shown.
SHOWN = 3
#: The next framework: A2 is gone, B1 is called B7, C and C1 are new.
NEXT_TREE = """\
code,parent,weight,direction,name_en,definition
X,,1,1,Index,
A,X,2,1,Pillar A,
B,X,1,1,Pillar B,
C,X,1,1,Pillar C,
A1,A,1,1,Indicator A1,
B7,B,1,1,Indicator B1,per head
B2,B,3,1,Indicator B2,per year
C1,C,1,1,Indicator C1,
"""
DATA = """\
unit,A1,A2,B1,B2
beijing,10,21.5,3,0.4
shanghai,12,20,NA,0.5
chengdu,7,33,5,0.1
wuhan,9,18,4,0.3
"""
CITIES = """\
id,name_en,name_zh,population,size
beijing,Beijing,北京,main,large
shanghai,Shanghai,上海,main,large
chengdu,Chengdu,成都,main,small
wuhan,Wuhan,武汉,,small
"""
#: A picture of one point.
PICTURE_BYTES = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5Er"
    "kJggg=="
)
NEW_CITIES = "id,name_en,population,size\nxian,Xi'an,main,small\n"
#: Values by names of cities, a gap in words, a city and a column that are not there.
MORE = """\
city,A1,B2,Indicator A2,Z,message
Beijing,13.5,,n/a,1,seen
上海,,0.75,19,,
chengdu,,,NA,,
"""
MAP = "old,code,status,note\nB1,B7,kept,only the code changed\n"


def write_base(folder: Path) -> Path:
    """Write the tables, and the workbook that people begin with."""
    files = {
        "tree": TREE,
        "next": NEXT_TREE,
        "data": DATA,
        "cities": CITIES,
        "new": NEW_CITIES,
        "map": MAP,
        "more": MORE,
    }
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    words = ["--framework", folder / "tree.csv", "--data", folder / "data.csv"]
    words += ["--lang", "en", "--cells", "native", "--pages", "review,whatif"]
    verb("new", *words, "--normalise", "zscore", "-o", folder / "made.xlsx")
    base = folder / "base.xlsx"
    verb("rebuild", folder / "made.xlsx", "--cities", folder / "cities.csv", "-o", base)
    return base


def verb(*words: object) -> dict:
    """Run a verb; return its document."""
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
        code = main([*map(str, words), "--json"])
        out.flush()
    document: dict = json.loads(out.buffer.getvalue())
    assert code in (0, 1), (words, document)
    return document


class Person(Desk):
    """Somebody at the workbook, who does what the methods say, in any order."""

    def __init__(self, path: Path) -> None:
        super().__init__(path.read_bytes(), None, 0)
        self.has_bars = False

    def cell(self, city: str, code: str):
        return self.data.cell(self.units[city], self.codes[code])

    def behind(self, down: int = 0, right: int = 2):
        """Return a cell of Data behind all columns."""
        return self.data.cell(self.code_row + down, max(self.heads.values()) + right)

    def save(self, path: Path) -> Path:
        """Save the workbook, with rules that Excel alone writes."""
        super().save(path)
        if self.has_bars:
            with_extended_rules(Package.read(path)).write(path)
        return path

    # -- what is typed -------------------------------------------------------------------------
    def types(self) -> None:
        """Values, formulas, words for gaps, texts, rich texts; a column and notes of one's own."""
        self.cell("beijing", "A1").value = 11.25
        self.cell("shanghai", "A1").value = "=6*2.5"
        self.cell("chengdu", "B1").value = "NA"
        self.cell("wuhan", "A2").value = None
        for down, value in enumerate(("memo", "first", 2.5, "=1+1", True)):
            self.behind(down, 1).value = value
        self.behind(-2, 3).value = "above"
        self.data.cell(self.data.max_row + 2, 2).value = CellRichText(
            "a note ", TextBlock(InlineFont(b=True, color="FFAA0000"), "in bold")
        )
        self.behind(6, 3).value = ArrayFormula(
            f"{self.behind(6, 3).coordinate}:{self.behind(7, 3).coordinate}",
            f"={self.cell('beijing', 'A1').coordinate}*2",
        )
        index = self.book[self.scores]
        index.cell(
            17, index.max_column + 2
        ).value = f"=SUM({index.cell(17, 6).coordinate},1)"
        self.book["README"]["E30"] = "<r>not rich</r> & so on"
        self.book["Checks"].cell(40, 2).value = "=Data!A1"
        # What reads a column that goes in the next framework, and a result that is typed over.
        index.cell(18, index.max_column).value = "=Data!{}*2".format(
            self.cell("beijing", "B1").coordinate
        )
        self.behind(8, 3).value = f"=SUM(A:A)+{self.cell('wuhan', 'A2').coordinate}"
        self.book["Ranking"]["C9"] = "typed over"

    def amends(self) -> None:
        """Weights, parameters, sources, exceptions, names, a city, remarks."""
        page, heads, rows = self.table("xl_framework")
        row = next(row for row in rows if page.cell(row, heads["code"]).value == "B2")
        page.cell(row, heads["weight"]).value = "=1/3"
        page.cell(row, heads["name_en"]).value = "Renamed"
        lines = {
            "xl_sources": {
                "source": "Yearbook",
                "period": 2024,
                "url": "https://a.b/?c=1&d",
            },
            "xl_exceptions": {
                "city": "beijing",
                "indicator": "A1",
                "year": 2019,
                "basis": "derived",
                "remark": "estimated",
                "entered_by": "Li",
                "checked_by": "Wang",
            },
            "in_review": {
                "city": "beijing",
                "node": "A1",
                "cell": f"Data!{self.cell('beijing', 'A1').coordinate}",
                "remark": "why?",
                "who": "Li",
                "date": "2026-01-02",
                "answer": "see source",
                "status": "answered",
            },
        }
        for name, text in lines.items():
            page, heads, rows = self.table(name)
            for key, value in text.items():
                if key in heads:
                    page.cell(rows[0], heads[key]).value = value
        # Lines right below lists that are full grow them.
        for name, text in (
            ("xl_exceptions", {"city": "chengdu", "indicator": "B2", "year": 2018}),
            ("in_review", {"city": "chengdu", "remark": "one more"}),
        ):
            page, heads, rows = self.table(name)
            for key, value in text.items():
                page.cell(rows[-1] + 1, heads[key]).value = value
        page, heads, rows = self.table("xl_cities")
        page.cell(rows[2], heads["name_en"]).value = "Chengdu City"
        page.cell(rows[1], heads["alias_1"]).value = "Hu"

    def adds(self) -> None:
        """A city."""
        page, heads, rows = self.table("xl_cities")
        free = next(row for row in rows if not page.cell(row, 1).value)
        for key, value in {
            "id": "jinan",
            "population": "main",
            "name_en": "Jinan",
        }.items():
            page.cell(free, heads[key]).value = value
        spare = max(self.units.values()) + 1
        self.data.cell(spare, 1).value = "jinan"
        for column in self.codes.values():
            self.data.cell(spare, column).value = 5.5

    def comments(self) -> None:
        """On a value, a heading, a city, a result, a note of one's own."""
        index = self.book[self.scores]
        places = (
            self.cell("beijing", "A2"),
            self.data.cell(self.code_row, self.codes["B1"]),
            self.data.cell(self.units["chengdu"], 1),
            index.cell(17, 7),
            self.book["Cities"].cell(11, 3),
            self.behind(2, 1),
        )
        for number, place in enumerate(places):
            place.comment = Comment(f"note {number} <&> 批注\nsecond line", "Li & Co")
        places[0].comment.width = 300
        places[0].comment.height = 120

    def links(self) -> None:
        gone = f"#Data!{self.cell('beijing', 'B1').coordinate}"
        targets = "https://x.org/a?b=1&c=2", "mailto:a@b.c", "#Data!D12", gone
        for down, target in enumerate(targets):
            place = self.behind(down + 1, 4)
            place.value = f"link {down}"
            place.hyperlink = target
            if target.startswith("#"):
                place.hyperlink.location = target[1:]
                place.hyperlink.target = None

    # -- how it looks --------------------------------------------------------------------------
    def looks(self) -> None:
        """Number formats, fonts, fills, borders, alignment, protection, on all kinds of cells."""
        self.cell("beijing", "A1").number_format = '0.000"x"'
        self.cell("beijing", "A1").fill = PatternFill("solid", fgColor="FFFFEE00")
        self.cell("beijing", "B1").font = Font(
            "Arial",
            14,
            bold=True,
            italic=True,
            strike=True,
            color="FFFF0000",
            underline="double",
        )
        self.cell("shanghai", "A2").border = Border(
            Side("thick", color="FF112233"),
            top=Side("dashed"),
            diagonal=Side("thin"),
            diagonalUp=True,
        )
        self.cell("chengdu", "A2").alignment = Alignment(
            "right", "top", 45, True, indent=1
        )
        self.cell("wuhan", "A1").protection = Protection(locked=True, hidden=True)
        self.cell("wuhan", "B1").font = Font(vertAlign="superscript")
        self.behind(3, 6).fill = PatternFill("gray125")
        self.book[self.scores].cell(16, 6).number_format = "0.0%"
        self.book[self.scores].cell(16, 6).fill = PatternFill(
            "solid", fgColor="FF00AA00"
        )
        self.data.row_dimensions[self.units["wuhan"] + 1].fill = PatternFill(
            "solid", "FFCCCCCC"
        )

    def rules(self) -> None:
        """Conditional formats of every kind, and validations."""
        rows = self.units["beijing"], self.units["wuhan"]

        def area(code: str, more: int = 0) -> str:
            letter = self.data.cell(1, self.codes[code]).column_letter
            return f"{letter}{rows[0]}:{letter}{rows[1] + more}"

        look = DifferentialStyle(
            Font(bold=True, color="FF000001"),
            fill=PatternFill(bgColor="FFABCDEF"),
            border=Border(left=Side("thin", color="FF010203")),
        )
        first = area("A1").partition(":")[0]
        add = self.data.conditional_formatting.add
        add(area("A1"), DataBarRule("min", 0, "max", None, "FF638EC6", showValue=False))
        add(
            area("A2"),
            ColorScaleRule(
                "min",
                None,
                "FFAA0000",
                "percentile",
                40,
                "FFFFFFFF",
                "max",
                None,
                "FF00AA00",
            ),
        )
        add(area("B1"), IconSetRule("3Arrows", "percent", [0, 33, 67], reverse=True))
        add(area("B2"), Rule("top10", rank=3, percent=True, bottom=True, dxf=look))
        add(
            area("A1", 1),
            CellIsRule("between", ["1", "9"], fill=PatternFill(bgColor="FFFF0000")),
        )
        add(
            area("A2"),
            FormulaRule([f"{first}>$A$1"], stopIfTrue=True, font=Font(italic=True)),
        )
        add(
            area("B2"),
            Rule(
                "containsText",
                operator="containsText",
                text='a"b',
                dxf=look,
                formula=[f'NOT(ISERROR(SEARCH("a""b",{first})))'],
            ),
        )
        add(area("B1"), Rule("aboveAverage", aboveAverage=False, stdDev=1, dxf=look))
        add(area("B1"), Rule("duplicateValues", dxf=look))
        check = DataValidation(
            "list",
            formula1='"a,b"',
            errorStyle="warning",
            error="no & no",
            errorTitle="E",
            prompt="p",
            promptTitle="P",
            showErrorMessage=True,
            showInputMessage=True,
            allow_blank=True,
        )
        check.add(area("B2"))
        between = DataValidation(
            "decimal", operator="between", formula1="0", formula2="$A$1"
        )
        between.add(f"{first}:{self.cell('shanghai', 'A2').coordinate}")
        self.has_bars = True
        for rule in (check, between):
            self.data.add_data_validation(rule)

    # -- lines and sheets ----------------------------------------------------------------------
    def lines(self) -> None:
        """Hidden, higher, wider and grouped lines; frozen panes, a filter, merged cells."""
        rows = self.data.row_dimensions
        columns = self.data.column_dimensions
        rows[self.units["chengdu"]].hidden = True
        rows[self.units["wuhan"]].height = 44
        rows[self.units["shanghai"]].outlineLevel = 2
        letter = self.data.cell(1, self.codes["A2"]).column_letter
        columns[letter].width = 31.5
        columns[letter].hidden = True
        columns[self.data.cell(1, self.codes["B1"]).column_letter].outlineLevel = 1
        columns[self.behind(0, 1).column_letter].width = 25
        self.data.freeze_panes = self.cell("shanghai", "A2").coordinate
        self.data.auto_filter.ref = f"A{self.code_row}:{self.behind(6, -1).coordinate}"
        place = self.behind(9, 1)
        self.data.merge_cells(
            start_row=place.row,
            end_row=place.row + 1,
            start_column=place.column,
            end_column=place.column + 2,
        )
        self.book["Checks"].column_dimensions["B"].width = 60

    def pages(self) -> None:
        """How sheets are seen and printed."""
        data = self.data
        index = self.book[self.scores]
        data.print_area = "A1:F20"
        data.print_title_rows = "2:9"
        data.oddHeader.center.text = "Ours"
        data.firstFooter.left.text = "A & B"
        data.HeaderFooter.differentFirst = True
        data.page_setup.orientation = "portrait"
        data.page_setup.paperSize = 5
        data.page_setup.fitToHeight = 3
        data.page_setup.errors = "dash"
        data.page_margins.left = 1.25
        data.print_options.horizontalCentered = True
        data.row_breaks.append(Break(id=14))
        data.col_breaks.append(Break(id=5))
        data.sheet_view.zoomScale = 130
        data.sheet_view.showZeros = False
        data.sheet_properties.tabColor = "FFB00001"
        data.sheet_properties.outlinePr.summaryBelow = False
        index.protection.sheet = False
        index.sheet_view.rightToLeft = True
        self.book["Checks"].protection.set_password("secret")
        self.book["Checks"].sheet_state = "hidden"

    def names(self) -> None:
        place = self.cell("shanghai", "A1")
        gone = self.cell("shanghai", "B1")
        for name, text in (
            ("my_cell", f"Data!${place.column_letter}${place.row}"),
            ("my_rate", "0.05"),
            ("my_lost", "Gone!#REF!"),
            ("my_gone", f"Data!${gone.column_letter}${gone.row}"),
        ):
            self.book.defined_names[name] = DefinedName(name, attr_text=text)

    def sheets(self) -> None:
        """A sheet of one's own with everything, one that is hidden, one that is moved."""
        page = self.book.create_sheet("My sheet 我")
        page["A1"], page["A2"] = (
            "title",
            f"=Data!{self.cell('chengdu', 'A1').coordinate}*2",
        )
        first, last = (
            self.cell(city, "B1").coordinate for city in ("beijing", "wuhan")
        )
        page["A3"] = f"=SUM(Data!{first}:{last})"
        page["A4"], page["A5"] = "=my_cell+my_rate", f"={self.scores}!F17"
        page["A6"] = "='My sheet 我'!A2"
        page["A1"].font = Font("Georgia", 20)
        page["A1"].fill = PatternFill("solid", "FF001122")
        page["B1"].hyperlink = "https://example.org"
        page["B2"].comment = Comment("on my sheet", "Wang")
        page.merge_cells("C1:D2")
        page.column_dimensions["B"].width = 40
        page.row_dimensions[3].hidden = True
        bold = CellIsRule("lessThan", ["Data!$A$1"], font=Font(bold=True))
        page.conditional_formatting.add("A2:A5", bold)
        rows = self.units["beijing"], self.units["wuhan"]
        check = DataValidation("list", formula1="Data!$A${}:$A${}".format(*rows))
        check.add("E1")
        page.add_data_validation(check)
        page.auto_filter.ref = "A1:A5"
        page.print_area = "A1:E9"
        page.oddFooter.right.text = "mine &P"
        page.sheet_properties.tabColor = "FF00FF00"
        chart = BarChart()
        chart.add_data(
            Reference(
                self.data,
                min_col=self.codes["A1"],
                min_row=self.units["beijing"],
                max_row=self.units["wuhan"],
            )
        )
        chart.title = "My chart"
        page.add_chart(chart, "G2")
        page.add_image(Image(io.BytesIO(PICTURE_BYTES)), "G20")
        self.book.create_sheet("Secret")["A1"] = 42
        self.book["Secret"].sheet_state = "veryHidden"
        self.book.create_sheet("Front", 0)["A1"] = "='My sheet 我'!A1"
        self.data.add_chart(copy.copy(chart), "T30")
        self.book.create_chartsheet("Chart alone").add_chart(copy.copy(chart))
        self.book.security = WorkbookProtection(lockStructure=True)

    def everything(self) -> None:
        for do in (
            self.types,
            self.amends,
            self.comments,
            self.links,
            self.looks,
            self.rules,
            self.lines,
            self.pages,
            self.names,
            self.sheets,
        ):
            do()


def write_copies(base: Path) -> list[Path]:
    """Write copies in which three people did a part each, and disagreed on some."""
    left, right, third = (Person(base) for _ in range(3))
    for do in (
        left.types,
        left.comments,
        left.looks,
        left.lines,
        left.pages,
        left.sheets,
    ):
        do()
    left.shift(left.data, "row", left.units["chengdu"], 1)
    for do in (
        right.amends,
        right.adds,
        right.rules,
        right.names,
        right.links,
        right.sheets,
    ):
        do()
    right.cell("beijing", "A1").value = 99
    right.cell("shanghai", "A1").value = "=6*2.5"
    right.cell("beijing", "A2").comment = Comment("another note", "Wang")
    right.data.freeze_panes = right.cell("chengdu", "B1").coordinate
    right.data.sheet_properties.tabColor = "FF0000B2"
    right.book["My sheet 我"]["A1"] = "another title"
    third.cell("beijing", "A1").value = 98.5
    third.cell("wuhan", "B2").value = 0.75
    third.book.create_sheet("Third")["A1"] = "third"
    third.table("xl_framework")[0].cell(8, 5).value = 2
    third.shift(third.data, "row", third.units["wuhan"], -1)
    people = {"left": left, "right": right, "third": third}
    return [
        person.save(base.with_name(f"{name}.xlsx")) for name, person in people.items()
    ]


def as_libreoffice(book: Path, out: Path) -> None:
    """Write a copy that says that LibreOffice saved it."""
    package = Package.read(book)
    part = "docProps/app.xml"
    xml = re.sub(
        "<Application>.*?</Application>",
        "<Application>LibreOffice/7.4</Application>",
        package.text(part),
    )
    package.replace({part: xml.encode()}).write(out)


def write_later_copies(base: Path) -> list[Path]:
    """Write copies of a workbook with much in it, of which people amend the same things."""
    left = Person(base)
    right = Person(base)
    verb("rebuild", base, "--lang", "zh", "-o", base.with_name("chinese.xlsx"))
    third = Person(base.with_name("chinese.xlsx"))
    for number, person in enumerate((left, right, third), 1):
        for name, column in (
            ("xl_cities", "alias_2"),
            ("xl_sources", "source_zh"),
            ("in_review", "answer"),
            ("xl_exceptions", "remark"),
        ):
            page, heads, rows = person.table(name)
            page.cell(rows[0], heads[column]).value = f"by {number}"
        page, heads, rows = person.table("in_review")
        for key, value in {
            "city": "wuhan",
            "node": "B",
            "remark": f"seen by {number}",
        }.items():
            page.cell(rows[0] + number, heads[key]).value = value
        person.cell("chengdu", "A1").comment = Comment(f"comment {number}", "Li")
        person.cell("beijing", "A2").comment = Comment(f"note 0, {number}", "Li & Co")
        person.behind(2, -number).value = f"beside {number}"
    left.behind(0, 1).value = "my column"
    right.behind(0, 1).value = "my column"
    left.cell("beijing", "B2").value = "=1+1"
    right.cell("beijing", "B2").value = "=1+2"
    left.shift(left.data, "column", left.codes["A2"], 1)
    right.data.row_dimensions[right.units["shanghai"]].hidden = True
    people = {"left": left, "right": right, "third": third}
    return [
        person.save(base.with_name(f"later-{name}.xlsx"))
        for name, person in people.items()
    ]


def filled_text(entry: object) -> str:
    """Return a record of a document without what is empty in it."""
    if isinstance(entry, dict):
        entry = {key: held for key, held in entry.items() if held not in ("", None)}
    return json.dumps(entry, ensure_ascii=False)


def of_each_kind(records: list[dict], text: Callable[[dict], str]) -> Iterator[str]:
    """Yield the texts of some records of each kind, and a mark of all others of it."""
    kinds: dict[str, list[str]] = {}
    for record in records:
        kind = str(record.get("kind", record.get("what")))
        kinds.setdefault(kind, []).append(text(record))
    for kind, texts in kinds.items():
        yield from texts[:SHOWN]
        if len(texts) > SHOWN:
            yield f"… {kind}: {summed(texts[SHOWN:])}"


def document_text(document: dict) -> Iterator[str]:
    """Yield the document of a verb: a line for each entry, and for each record of a list."""
    for key, value in document.items():
        if isinstance(value, list) and not all(isinstance(e, str) for e in value):
            yield from of_each_kind(
                value, lambda e, key=key: f"{key}: {filled_text(e)}"
            )
        elif key == "lost":
            yield from (f"{key}: {text}" for text in value)
        else:
            yield f"{key}: {json.dumps(value, ensure_ascii=False)}"
