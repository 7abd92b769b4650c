"""Each kind of what people set is drawn again as it was, in a file that Excel opens."""

import pytest
from openpyxl import load_workbook
from openpyxl.comments import Comment
from openpyxl.formatting.rule import ColorScaleRule, DataBarRule, IconSetRule, Rule
from openpyxl.styles import Border, Font, GradientFill, PatternFill, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.formula import ArrayFormula

from tests.helpers.cli import run_json
from tests.helpers.own import Edited, own_bytes
from tests.helpers.valid_sheets import require_valid
from xlcity.xlsx.package import Package

LOOK = DifferentialStyle(
    font=Font(bold=True, color="FF000000"),
    border=Border(left=Side("thin", color="FF112233")),
    fill=PatternFill(bgColor="FFFFEE00"),
)
TEXT = "abc & <d>"
RULES = {
    "D10:D20": DataBarRule("min", 0, "max", None, color="FF638EC6"),
    "E10:E20": ColorScaleRule("min", None, "FFAA0000", "max", None, "FF00AA00"),
    "F10:F20": IconSetRule("3Arrows", "percent", [0, 33, 67]),
    "G10:G20": Rule("top10", rank=3, percent=True, bottom=True, dxf=LOOK),
    "H10:H20": Rule(
        "containsText",
        operator="containsText",
        text=TEXT,
        dxf=LOOK,
        formula=[f'NOT(ISERROR(SEARCH("{TEXT}",H10)))'],
    ),
}
#: Values, among them a text that XlsxWriter would take for a rich one.
TYPED = {
    "P30": True,
    "P31": "=TRUE()",
    "P32": '=Data!D10&"x"',
    "P33": "<r>not rich</r>",
    "P37": "R&amp;D &#1; _x0002_ _x005F_x0041_",
}
LINKS = {"R1": "mailto:a@b.c", "R2": "https://x.org/a?b=1&c=2", "R3": "docs/other.xlsx"}


def set_all(sheet):
    for area, rule in RULES.items():
        sheet.conditional_formatting.add(area, rule)
    check = DataValidation(
        "list",
        errorStyle="warning",
        formula1='"a,b"',
        showErrorMessage=True,
        error="no & no",
        prompt="p",
        showInputMessage=True,
    )
    for area in ("D10", "F12:G13"):
        check.add(area)
    sheet.add_data_validation(check)
    sheet["E11"].comment = Comment("note <&> 批注\nsecond_x000D_", "Li & Co")
    sheet["Q30"].value = "#N/A"
    sheet["Q30"].data_type = "e"
    for cell, value in TYPED.items():
        sheet[cell] = value
    sheet["P34"] = ArrayFormula("P34:P36", "=D10:D12*2")
    for cell, target in LINKS.items():
        sheet[cell] = cell
        sheet[cell].hyperlink = target
    sheet.protection.hashValue = "abcd"
    sheet.protection.algorithmName = "SHA-512"
    sheet.merge_cells("P40:Q41")
    sheet.page_setup.errors = "dash"
    sheet.sheet_view.view = "pageBreakPreview"
    sheet.sheet_view.showFormulas = True


def read_all(sheet):
    looks = {}
    for area in sheet.conditional_formatting:
        if str(area.sqref) in RULES:
            (rule,) = area.rules
            look = rule.dxf and (
                rule.dxf.font.b,
                rule.dxf.font.color.rgb,
                rule.dxf.border.left.style,
                rule.dxf.fill.bgColor.rgb,
            )
            looks[str(area.sqref)] = (
                rule.type,
                rule.rank,
                rule.text,
                rule.formula,
                look,
            )
    checks = [
        (str(c.sqref), c.error, c.errorStyle, c.prompt)
        for c in sheet.data_validations.dataValidation
        if c.formula1 == '"a,b"'
    ]
    return (
        looks,
        checks,
        sheet["E11"].comment.text,
        sheet["E11"].comment.author,
        [sheet[cell].value for cell in TYPED],
        (sheet["Q30"].value, sheet["Q30"].data_type),
        (sheet["P34"].value.ref, sheet["P34"].value.text),
        [sheet[cell].hyperlink.target for cell in LINKS],
        sheet.protection.hashValue,
        sheet.protection.algorithmName,
        sheet.page_setup.errors,
        sheet.sheet_view.view,
        sheet.sheet_view.showFormulas,
    )


@pytest.mark.slow
def test_each_kind_is_drawn_again(tmp_path, capsys):
    """But for a gradient and merged cells, which are listed; and once more the same."""
    edited = Edited(own_bytes(udf=False))
    data = edited.book["Data"]
    set_all(data)
    gradient = DifferentialStyle(fill=GradientFill(stop=("FFFFFF", "FF0000")))
    data.conditional_formatting.add("D10:H20", Rule("aboveAverage", dxf=gradient))
    first = edited.save(tmp_path / "own.xlsx")
    second = tmp_path / "second.xlsx"
    code, document = run_json(capsys, "rebuild", first, "-o", second)
    left = {
        (line["what"], line["cell"], line["reason"]) for line in document["leftovers"]
    }
    assert code == 1
    assert left == {
        ("conditional format", "D10:H20", "kind"),
        ("merged", "P40:Q41", "kind"),
    }
    wanted = read_all(load_workbook(first)["Data"])
    assert read_all(load_workbook(second)["Data"]) == wanted
    require_valid(Package.read(second))
    code, document = run_json(capsys, "rebuild", second, "-o", tmp_path / "third.xlsx")
    assert (code, document["leftovers"]) == (0, [])
    assert read_all(load_workbook(tmp_path / "third.xlsx")["Data"]) == wanted
