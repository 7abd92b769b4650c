"""What a workbook shows otherwise is said in Chinese: by `check`, by `diff` and of a seal."""

import re

import pytest

from tests.helpers.templates import small_template
from xlcity.api.documents import describe_change, finding_words
from xlcity.api.texts import told
from xlcity.audit.check.seal import SealedChange, changes_since, seal
from xlcity.audit.diff.changes import CellChange, changes
from xlcity.audit.lint.rules.template_look import _describe_change
from xlcity.audit.lint.run import lint
from xlcity.audit.lint.subject import Subject
from xlcity.messages import Message
from xlcity.xlsx.appearance import AppearanceChange, Aspect
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.shown import Shown

#: Part -> what is replaced in it, and by what: each setting that a person can make.
EDITS = {
    "workbook": [
        ("<calcPr ", '<calcPr calcMode="manual" fullPrecision="0" iterate="1" '),
        ("<workbookPr ", '<workbookPr date1904="1" '),
        ("<workbookView ", '<workbookView showSheetTabs="0" visibility="hidden" '),
        ("<sheets>", '<workbookProtection lockStructure="1"/><sheets>'),
        ('(r:id="rId20")/>', r'\1 state="veryHidden"/>'),
        (r"\$3:\$\d", "$1:$2"),
    ],
    "worksheets/sheet13": [  # WhatIf
        (
            "<sheetView ",
            '<sheetView rightToLeft="1" showRowColHeaders="0" showZeros="0" '
            'showFormulas="1" topLeftCell="A2" ',
        ),
        ("<pane [^>]*>", '<pane ySplit="5" topLeftCell="A7" state="frozen"/>'),
        ("<cols>", '<cols><col min="90" max="91" hidden="1"/>'),
        ('<row r="5"', '<row hidden="1" r="5"'),
        ("<sheetFormatPr ", '<sheetFormatPr zeroHeight="1" '),
        ("<sheetProtection[^>]*/>", ""),
        (
            '<pageMargins left="0.4"',
            '<printOptions gridLines="1"/><pageMargins left="2"',
        ),
        (
            "<pageSetup[^>]*>",
            '<pageSetup paperSize="1" scale="80" pageOrder="overThenDown" '
            'firstPageNumber="3" useFirstPageNumber="1" draft="1" cellComments="atEnd" '
            'errors="blank"/>',
        ),
        ("<headerFooter>.*</headerFooter>", "<headerFooter/>"),
    ],
    "worksheets/sheet14": [  # Framework
        ('type="decimal"', 'type="whole"'),
        (
            '<cfRule type="expression"([^>]*)>.*?</cfRule>',
            r'<cfRule type="top10" rank="3" bottom="1"\1/>',
        ),
    ],
    # Cities
    "worksheets/sheet15": [('errorStyle="warning"', ""), ("<pane [^>]*>", "")],
    # Groups
    "worksheets/sheet12": [("<pageSetUpPr[^>]*>", "")],
    "worksheets/sheet6": [
        ("<hyperlink ref[^>]*>", '<hyperlink ref="A2" location="Data!A9"/>'),
        ("<conditionalFormatting .*</conditionalFormatting>", ""),
        (
            "<mergeCells.*</mergeCells>",
            '<mergeCells count="1"><mergeCell ref="A16:C19"/></mergeCells>',
        ),
    ],
    "charts/chart1": [
        ("<c:barDir[^>]*>", '<c:barDir val="col"/>'),
        ("<c:dLbls>.*?</c:dLbls>", ""),
        ('<c:orientation val="maxMin"/>', '<c:orientation val="minMax"/>'),
        ("(<c:valAx>.*?</c:scaling>)", r'\1<c:delete val="1"/>'),
        ('<c:plotVisOnly val="1"/>', '<c:plotVisOnly val="0"/>'),
        ("</c:ser>", "<c:trendline/></c:ser>"),
        ("(<c:val>.*?<c:v>)[^<]*", r"\g<1>987"),
    ],
    "charts/chart2": [("<c:spPr>.*?</c:spPr>", "<c:spPr><a:noFill/></c:spPr>")],
    "styles": [
        ('formatCode="0.00"', 'formatCode=";;;"'),
        ('numFmtId="2"', 'numFmtId="1"'),
    ],
}


def look(what, new, old, kind=""):
    """What of a look is now, and was, as the lint says it."""
    change = AppearanceChange(Aspect(kind or "setting", "Data"), old, new)
    return _describe_change(what, change, kind)


def sealed(kind, before, after, what=""):
    return SealedChange(kind, "Data", "A1", before, after, what).finding().message


#: A message, and what a Chinese reader reads.
SENTENCES = [
    (look("hidden columns", "E", "nothing"), "隐藏的列：现为 E，应为 空。"),
    (
        look("hidden rows", "3-5, 9, all that are not listed", "nothing"),
        "隐藏的行：现为 3-5、9、未列出的全部，应为 空。",
    ),
    (
        look("frozen panes", "nothing", "10 rows, 4 columns"),
        "冻结窗格：现为 空，应为 前 10 行、前 4 列。",
    ),
    (
        look("frozen panes", "3 rows", "10 rows, 4 columns"),
        "冻结窗格：现为 前 3 行，应为 前 10 行、前 4 列。",
    ),
    (
        look("out of reach behind the frozen panes", "2 rows", "nothing"),
        "冻结窗格前滚动不到的部分：现为 前 2 行，应为 空。",
    ),
    (look("orientation", "nothing", "landscape"), "纸张方向：现为 空，应为 横向。"),
    (look("paper", "A3", "Letter"), "纸张大小：现为 A3，应为 信纸。"),
    (
        look("print scale", "80 %", "fit to pages: 1 × 0"),
        "缩放比例：现为 80 %，应为 1 页宽、0 页高。",
    ),
    (
        look("print scale", "fit to pages: 1 × 0", "55 %"),
        "缩放比例：现为 1 页宽、0 页高，应为 55 %。",
    ),
    (look("sheet", "very hidden", "nothing"), "工作表：现为 深度隐藏，应为 空。"),
    (
        look("printed grid lines and headings", "gridLines 1, headings 0", "nothing"),
        "打印网格线和行号列标：现为 打印网格线、不打印行号列标，应为 空。",
    ),
    (look("row and column headings", "no", "nothing"), "行号列标：现为 否，应为 空。"),
    (
        look("first page number", "firstPageNumber 3, useFirstPageNumber 1", "nothing"),
        "起始页码：现为 3，应为 空。",
    ),
    (
        look("precision", "as displayed", "nothing"),
        "精度：现为 以显示值为准，应为 空。",
    ),
    (
        look(
            "validation decimal between 0 9",
            "lets wrong entries pass",
            "stops wrong entries; says 须大于 0",
        ),
        "数据验证（小数 介于 0 与 9）：现为 不拦截无效输入，应为 阻止无效输入；提示“须大于 0”。",
    ),
    (
        look('validation list "main"', "nothing", "stops wrong entries"),
        '数据验证（序列 "main"）：现为 空，应为 阻止无效输入。',
    ),
    (
        look(
            'conditional format expression F16="?" FFC7CE',
            "nothing",
            "FFC7CE 9C0006 bold",
        ),
        '条件格式（公式 F16="?" FFC7CE）：现为 空，应为 FFC7CE 9C0006 加粗。',
    ),
    (
        look("conditional format dataBar", "nothing", "set"),
        "条件格式（数据条）：现为 空，应为 已设置。",
    ),
    (
        look("format", "number 0, bold", "number 0.00, fill FFFF00"),
        "格式：现为 数字格式 0、加粗，应为 数字格式 0.00、填充 FFFF00。",
    ),
    (
        Message("look.invisible", form=Shown("number ;;;, colour FFFFFF")),
        "数字看不见（数字格式 ;;;、字体颜色 FFFFFF）。",
    ),
    (
        look("value axis from", "10", "nothing", "chart"),
        "图表：数值轴最小值：现为 10，应为 空。",
    ),
    (
        look("kind", "bar col stacked and line", "bar col clustered", "chart"),
        "图表：类型：现为 堆积柱形图 和折线图，应为 簇状柱形图。",
    ),
    (
        look("labels of series 1", "nothing", "value, 0.0", "chart"),
        "图表：系列 1 的数据标签：现为 空，应为 值、0.0。",
    ),
    (
        look("stored values of series 2", "5 for B2 and 3 more", "nothing", "chart"),
        "图表：系列 2 的存储值：现为 5（B2），另有 3 处，应为 空。",
    ),
    (Message("look.gone", kind=Shown("chart")), "此处的图表已不存在。"),
    (Message("look.merged", cells="A1:B2"), "单元格 A1:B2 被合并：只看得见第一格。"),
    (
        sealed("format", "plain", "number 0, bold"),
        "已封存的格式原为 无格式，现为 数字格式 0、加粗。",
    ),
    (
        sealed("formula", "list of a", "hidden"),
        "已封存的公式原为 list of a，现为 hidden。",
    ),
    (
        sealed("setting", "10 rows, 4 columns", "empty", "frozen panes"),
        "已封存的设置（冻结窗格）原为 前 10 行、前 4 列，现为 空。",
    ),
    (
        sealed("format", "number 0.00, bold", "plain"),
        "已封存的格式原为 数字格式 0.00、加粗，现为 无格式。",
    ),
    (sealed("input", "list of a", "6"), "已封存的输入原为 list of a，现为 6。"),
    (sealed("sheet", "there", "gone"), "已封存的工作表原为 有，现为 无。"),
]
#: Texts that people or files have in the Latin alphabet: quoted ones, names, cells, functions.
_LATIN = re.compile(
    r'"[^"]*"|“[^”]*”|[\w ]+!|\b[0-9A-F]{6}\b|\w+_\w+|\$?\b[A-Z]+[\d$]*(\.[A-Z]+)*\b'
    r"|General|&\w+|xlcity"
)


def with_other_looks():
    package = small_template()
    parts = {}
    for name, edits in EDITS.items():
        part = f"xl/{name}.xml"
        text = package.parts[part].decode()
        for pattern, new in edits:
            text, number = re.subn(pattern, new, text, count=1, flags=re.DOTALL)
            assert number or name == "styles", (name, pattern)
        parts[part] = text.encode()
    return package.replace(parts)


def latin_words(text):
    return re.findall("[A-Za-z]{2,}", _LATIN.sub("", text))


@pytest.fixture(scope="module")
def both():
    return small_template(), with_other_looks()


@pytest.fixture(autouse=True)
def _in_chinese(monkeypatch):
    monkeypatch.setenv("XLCITY_LANG", "zh")


def test_what_check_and_diff_and_a_seal_say_has_no_english(both, small_reports):
    plain, other = both
    found = lint(Subject(other, "book.xlsx")).findings
    said = [
        finding_words(finding)[0]
        for cause in found
        for finding in (cause, *cause.follows)
        if finding.rule in ("W16", "W18", "W19", "W20")
    ]
    sealed = changes_since(seal(plain, read_book(plain)), other, read_book(other))
    said += [finding_words(change.finding())[0] for change in sealed]
    subjects = (Subject(package, "book.xlsx") for package in both)
    said += [
        text
        for change in changes(*subjects)
        for text in describe_change(change).values()
    ]
    assert len(said) > 100
    assert [text for text in said if latin_words(text)] == []


@pytest.mark.parametrize(("message", "expected"), SENTENCES)
def test_messages_are_sentences_in_the_words_of_excel(message, expected):
    assert told(message) == expected


def test_what_people_typed_is_left_as_it_is():
    """Also where it reads as a word of ours."""
    typed = CellChange("constant", "Data", "A1", before="number 5", after="hidden")
    assert describe_change(typed) == {
        "kind": "常量",
        "from": "number 5",
        "to": "hidden",
    }
    gone = CellChange("sheet", "Data", before="present")
    assert describe_change(gone) == {"kind": "工作表", "from": "有", "to": ""}


def test_what_a_cell_says_is_left_as_it_is():
    """Also where it reads as a part of the sentence."""
    phrase = Message(
        "phrase.replaced", came="'a instead of b'", went="'x; y was added'"
    )
    message = Message("lint.formula", phrase=phrase)
    assert told(message) == "现为 'a instead of b'，应为 'x; y was added'。"
    sealed_input = sealed("input", "hidden", "bold")
    assert told(sealed_input) == "已封存的输入原为 hidden，现为 bold。"
    assert told(Shown('"bold"')) == '"bold"'
