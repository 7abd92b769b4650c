"""What a workbook shows beside the content of its cells."""

import io

import pytest
import xlsxwriter

from xlcity.xlsx.appearance import (
    Appearance,
    AppearanceChange,
    Aspect,
    compare_appearance,
    read_appearance,
    saved_by_libreoffice,
)
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.package import Package


def package(value=1.0, fill="#FF0000", limit=3):
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet("S")
    sheet.write(0, 0, value, book.add_format({"bold": True}))
    sheet.merge_range(2, 0, 2, 3, "wide")
    red = book.add_format({"bg_color": fill})
    rule = {"type": "cell", "criteria": ">", "value": limit, "format": red}
    sheet.conditional_format(0, 0, 9, 0, rule)
    sheet.set_row(5, 40)
    book.close()
    return Package.from_bytes(out.getvalue())


def shown(given):
    return read_appearance(given, read_book(given))


def test_a_font_may_say_no_size():
    """As openpyxl writes fonts: seal, diff and check ended with an internal error."""
    given = package()
    styles = given.parts["xl/styles.xml"].replace(b'<sz val="11"/>', b"")
    assert (
        shown(given.replace({"xl/styles.xml": styles})).formats == shown(given).formats
    )


def reported(aspect, old, new, *, before="Microsoft Excel", after="Microsoft Excel"):
    """Return whether a difference between two workbooks is one, by the programs that saved them."""
    filled = {"S": frozenset([(1, 1)])}
    sides = [
        Appearance({aspect: text} if text else {}, {"S": {}}, filled, program)
        for text, program in ((old, before), (new, after))
    ]
    changes = [*compare_appearance(*sides)]
    assert changes in ([], [AppearanceChange(aspect, old, new)])
    return bool(changes)


@pytest.mark.parametrize(
    ("old", "new", "is_other"),
    [
        ('S!A1 "x"', 'S!A1 "y"', False),  # the cell says otherwise, which is told there
        ('S!A1 "x"', 'S!B1 "x"', True),
        ('S!A1 "x"', '"x"', False),  # the text of the cell, typed in
        ('"x"', 'S!A1 "x"', False),
        ('S!A1 "x"', '"y"', True),
        ('"x"', '"y"', True),
        ('"x"', "S!A1", True),
        ("S!A1", "S!B1", True),
        ('S!A1 "x"', "S!A1", False),
        ("column", "line", True),
        ("", '"x"', True),
    ],
)
def test_a_title_is_the_same_by_its_cell_or_by_its_text(old, new, is_other):
    assert reported(Aspect("chart", "S", "A1", "title"), old, new) == is_other


OFFICE = "LibreOffice/7.4"


@pytest.mark.parametrize(
    ("aspect", "old", "new", "programs", "is_reported"),
    [
        # Programs differ in where a drawing ends, but not in whether it has an end.
        (Aspect("drawing", "S", "A1", "covers"), "A1:B2", "A1:B3", {}, False),
        (Aspect("drawing", "S", "A1", "covers"), "A1:B2", "", {}, True),
        (Aspect("drawing", "S", "A1", "covers"), "", "A1:B2", {}, True),
        (Aspect("setting", what="theme colours"), "a", "b", {}, True),
        (Aspect("setting", what="theme colours"), "a", "b", {"after": OFFICE}, False),
        (Aspect("setting", what="theme colours"), "a", "b", {"before": OFFICE}, False),
        # What LibreOffice loses: it is gone on its side only.
        (Aspect("setting", "S", "", "frozen panes"), "1 rows", "", {}, True),
        (
            Aspect("setting", "S", "", "frozen panes"),
            "1 rows",
            "",
            {"after": OFFICE},
            False,
        ),
        (
            Aspect("setting", "S", "", "frozen panes"),
            "1 rows",
            "",
            {"before": OFFICE},
            True,
        ),
        (
            Aspect("setting", "S", "", "frozen panes"),
            "1 rows",
            "2 rows",
            {"after": OFFICE},
            True,
        ),
        (Aspect("table", "S", "A1"), "T", "", {"after": OFFICE}, False),
        (Aspect("table", "S", "A1"), "T", "", {}, True),
        (Aspect("table", "S", "A1"), "T", "U", {"after": OFFICE}, True),
        (Aspect("hyperlink", "S", "A1"), "#S!A2", "", {"after": OFFICE}, True),
        # Settings that any program chooses where there is none.
        (Aspect("setting", "S", "", "paper"), "", "A4", {}, False),
        (Aspect("setting", "S", "", "paper"), "A3", "A4", {}, True),
        (Aspect("setting", "S", "", "margins"), "1.00", "", {}, False),
        (Aspect("setting", "S", "", "orientation"), "", "landscape", {}, True),
        (Aspect("name", "S", "", "paper"), "", "S!A1", {}, True),
        # A sheet that only one of the workbooks has is told once, as a sheet.
        (Aspect("hyperlink", "T", "A1"), "#S!A1", "", {}, False),
    ],
)
def test_what_programs_lose_or_choose_is_no_change(
    aspect, old, new, programs, is_reported
):
    assert reported(aspect, old, new, **programs) == is_reported


@pytest.mark.parametrize(
    ("old", "new", "programs", "changes"),
    [
        ("", "number 0.00", {}, [("plain", "number 0.00")]),
        ("", "number 0.00", {"after": OFFICE}, []),
        ("bold", "number 0.00, bold", {"after": OFFICE}, []),
        (
            "",
            "number 0.00",
            {"before": OFFICE, "after": OFFICE},
            [("plain", "number 0.00")],
        ),
        ("bold", "number 0.00", {"after": OFFICE}, [("bold", "number 0.00")]),
        ("", "bold", {"after": OFFICE}, [("plain", "bold")]),
        ("number 0, bold", "bold", {"after": OFFICE}, [("number 0, bold", "bold")]),
        ("bold", "bold", {}, []),
        ("bold", "", {}, [("bold", "plain")]),
    ],
)
def test_a_number_format_that_libreoffice_infers_is_no_change(
    old, new, programs, changes
):
    filled = frozenset([(1, 1), (1, 2), (3, 1)])
    names = {"before": "Microsoft Excel", "after": "Microsoft Excel", **programs}
    before, after = (
        Appearance(
            {},
            {name: {p: text for p in filled if text} for name in cells},
            {name: cells[name] for name in cells},
            program,
        )
        for text, program, cells in (
            (old, names["before"], {"S": filled, "T": filled, "only": filled}),
            (new, names["after"], {"S": filled - {(3, 1)}, "T": filled}),
        )
    )
    expected = [
        AppearanceChange(Aspect("format", "S", "A1:B1"), *texts) for texts in changes
    ]
    assert [*compare_appearance(before, after, frozenset("S"))] == expected
    everywhere = {change.aspect.sheet for change in compare_appearance(before, after)}
    assert everywhere == ({"S", "T"} if changes else set())


def test_on_a_protected_sheet_formulas_that_are_open_or_hidden_are_listed():
    def book(options):
        out = io.BytesIO()
        with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
            sheet = book.add_worksheet("S")
            open_format = book.add_format({"locked": False})
            sheet.write(0, 0, 1, open_format)
            sheet.write_formula(0, 1, "=A1", open_format, 1)
            sheet.write_formula(0, 2, "=A1", None, 1)
            sheet.write_formula(0, 3, "=A1", book.add_format({"hidden": True}), 1)
            sheet.write_array_formula("A3:A5", "{=A1}", open_format, 1)
            sheet.write_blank(9, 0, None, open_format)
            for row in (3, 4):
                sheet.write(row, 0, 1, open_format)
            if options is not None:
                sheet.protect("", options)
        found = shown(Package.from_bytes(out.getvalue())).aspects
        return [
            found.get(Aspect("setting", "S", "", f"formulas not {what}"))
            for what in ("protected", "shown")
        ]

    assert book({}) == ["B1, A3:A5", "D1"]
    assert book(None) == [None, None]


def test_the_program_that_saved_a_file_is_the_one_that_it_names():
    given = package()
    part = "docProps/app.xml"
    assert shown(given).program == "Microsoft Excel"
    office = given.replace(
        {part: given.parts[part].replace(b"Microsoft Excel", b"LibreOffice/7")}
    )
    assert [saved_by_libreoffice(one) for one in (given, office)] == [False, True]
    unnamed = Package.from_parts(
        {p: data for p, data in given.parts.items() if p != part}
    )
    assert shown(unnamed).program == ""


def test_formulas_of_rules_have_one_spelling():
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        rule = {
            "type": "formula",
            "criteria": '=AND( A1 = TRUE, B1 <> 1.50, "a b"&FALSEX)',
        }
        sheet = book.add_worksheet("S")
        sheet.conditional_format(
            "A1:B2", rule | {"format": book.add_format({"bold": True})}
        )
        sheet.data_validation(
            "A1", {"validate": "decimal", "criteria": ">", "value": "= 0.10 "}
        )
        sheet.data_validation(
            "A3", {"validate": "decimal", "criteria": ">", "value": "=0.1"}
        )
        sheet.data_validation("A2", {"validate": "any", "input_message": "type"})
        sheet.data_validation("A4", {"validate": "any", "ignore_blank": False})
    aspects = shown(Package.from_bytes(out.getvalue())).aspects
    assert {
        a: text
        for a, text in aspects.items()
        if a.kind in ("conditional format", "validation")
    } == {
        Aspect(
            "conditional format",
            "S",
            "A1:B2",
            'expression AND(A1=1,B1<>1.5,"a b"&FALSEX)',
        ): "bold",
        Aspect(
            "validation", "S", "A1 A3", "decimal greaterThan 0.1"
        ): "stops wrong entries",
        Aspect("validation", "S", "A2", "between"): "stops wrong entries; says type",
    }


def test_three_charts_at_one_cell_are_told_apart_by_number():
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("S")
        for title in ("one", "two", "three"):
            chart = book.add_chart({"type": "line"})
            chart.add_series({"values": "=S!$A$1:$A$2"})
            chart.set_title({"name": title})
            sheet.insert_chart("C3", chart)
    aspects = shown(Package.from_bytes(out.getvalue())).aspects
    titles = {a.what: text for a, text in aspects.items() if a.what.startswith("title")}
    assert titles == {"title": '"one"', "title (2)": '"two"', "title (3)": '"three"'}


def test_names_and_settings_are_told_of_their_sheet():
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("S s")
        other = book.add_worksheet("T")
        book.define_name("two", "=T!$A$1,'S s'!$B$2:$B$3")
        book.define_name("T!rate", "=0.05")
        sheet.print_area("A1:B9")
        sheet.autofilter("A1:B9")  # its name is the program's own
        sheet.repeat_rows(0, 1)
        sheet.protect()
        sheet.hide_zero()
        sheet.set_footer("&P")
        other.hide()
    aspects = shown(Package.from_bytes(out.getvalue())).aspects
    is_of_sheet = {a: bool(a.sheet) and a.what != "margins" for a in aspects}
    told = {
        a: text for a, text in aspects.items() if a.kind == "name" or is_of_sheet[a]
    }
    assert told == {
        Aspect("name", "", "", "two"): "T!A1,'S s'!B2:B3",
        Aspect("name", "T", "", "rate"): "0.05",
        Aspect("setting", "S s", "", "print area"): "S s!A1:B9",
        Aspect("setting", "S s", "", "rows printed on each page"): "S s!$1:$2",
        Aspect("setting", "S s", "", "protection"): "on",
        Aspect("setting", "S s", "", "zeros"): "hidden",
        Aspect("setting", "S s", "", "header and footer"): "&P",
        Aspect("setting", "T", "", "sheet"): "hidden",
    }
