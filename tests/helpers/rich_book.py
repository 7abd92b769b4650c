"""A plain workbook with much that a sheet can have, as XlsxWriter writes it."""

import datetime as dt
import functools
import io

import xlsxwriter

from tests.helpers.everything import PICTURE_BYTES


@functools.cache
def rich_book() -> bytes:
    """Return the workbook: values, looks, rules, pages, links, drawings, names."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_properties(
        {
            "title": "Rich",
            "author": "Li",
            "created": dt.datetime(2025, 1, 1),
            "keywords": "a, b",
            "category": "c",
        }
    )
    cells, seen, drawn = (
        book.add_worksheet(name) for name in ("Cells", "It's seen", "Drawn")
    )
    _write_cells(book, cells)
    _write_rules(book, seen)
    _set_pages(seen, drawn)
    _draw(book, drawn)
    _write_chains(book.add_worksheet("Hidden"))
    book.add_chartsheet("Chart alone").set_chart(_chart(book, "pie"))
    book.define_name("rate", "=Cells!$B$3")
    book.define_name("Drawn!local", "=Cells!$A$1:$A$9")
    book.define_name("constant", "=0.05")
    book.define_name("column", "=Cells!$B:$B")
    book.close()
    return out.getvalue()


def _write_cells(book, sheet) -> None:
    looks = (
        {"bold": True, "num_format": "0.00%"},
        {"italic": True, "font_color": "#FF0000"},
        {"bg_color": "#00FF00", "border": 1},
        {"align": "center", "valign": "top", "rotation": 45},
        {"text_wrap": True, "indent": 2},
        {"locked": False, "hidden": True},
        {"shrink": True},
        {"num_format": "yyyy-mm-dd"},
        {"font_name": "Arial", "font_size": 20, "underline": 2},
        {"diag_type": 3, "diag_border": 1, "diag_color": "#0000FF"},
        {"font_strikeout": True},
        {"pattern": 4, "fg_color": "#112233", "bg_color": "#445566"},
        {"font_script": 1},
        {"top": 5, "left": 3, "left_color": "#ABCDEF"},
        {"num_format": ";;;"},
        {"num_format": 14},
        {"num_format": '[Red]0"x";-0', "font_outline": True},
    )
    for row, look in enumerate(looks):
        sheet.write(row, 0, row + 0.5, book.add_format(look))
    constants = (
        "text",
        "",
        1e-7,
        123456789012345,
        True,
        " spaced ",
        "a<b&c\nline",
        "'quoted",
    )
    for row, value in enumerate(constants):
        sheet.write(row, 1, value)
    sheet.write_rich_string(
        8, 1, "plain ", book.add_format({"bold": True}), "bold", " end"
    )
    formulas = (
        ("=A1*2", 1),
        ("=SUM(A1:A3,$A$4:A$5)", 10.5),
        ('=IF(B1="text","yes, no",A1&"x")', "yes, no"),
        ("=Hidden!A1+rate", 0),
        ("='It''s seen'!B2", 0),
        ("=1/0", "#DIV/0!"),
        ("=A1>B2", True),
        ("=SUM(A:A)-SUM(1:1)", 3),
        ("=VLOOKUP(A1,A$1:B$9,2,FALSE)", "text"),
        ("=-A1^2%", -0.0025),
        ("=_xlfn.STDEV.S(A1:A9)", 2.7),
        ("=INDEX(A1:B9,2,1):A5", 3.5),
        ("=SUM((A1,B2),C3)", 1),
        ("=[1]Other!A1", 5),
        ("=C1+C15", 2),
        ("=C14", 2),
        ("=D2#", 1),
        ('=""', ""),
    )
    for row, (formula, value) in enumerate(formulas):
        sheet.write_formula(row, 2, formula, None, value)
    sheet.write_array_formula("D2:D4", "{=A1:A3*2}", None, 1)
    sheet.write_dynamic_array_formula("E2:E4", "=_xlfn.UNIQUE(A1:A3)", None, 0.5)
    for row in range(3):
        sheet.write_formula(row + 8, 4, f"=$A{row + 1}*E$1", None, row)
    sheet.write_datetime(
        12, 1, dt.datetime(2024, 2, 29, 12), book.add_format({"num_format": 22})
    )
    sheet.write_blank(13, 1, None, book.add_format({"bg_color": "#EEEEEE"}))
    sheet.set_column("A:B", 20, book.add_format({"italic": True}))
    sheet.set_column("F:F", None, None, {"hidden": True})
    sheet.set_column("G:H", 5, None, {"level": 1, "collapsed": True})
    sheet.set_row(1, 40, book.add_format({"bold": True}))
    sheet.set_row(2, None, None, {"hidden": True, "level": 2})
    sheet.write_comment(
        "A1", "note\nwith lines", {"author": "Wang", "visible": True, "x_scale": 2}
    )
    sheet.write_comment("B2", "another")
    sheet.merge_range("H2:I3", "merged")


def _write_chains(sheet) -> None:
    """Formulas that read one another in blocks, two circles, and whole columns and rows."""
    sheet.hide()
    for row in range(1, 7):
        sheet.write_formula(row, 0, f"=A{row}+1", None, row)
        sheet.write_formula(row, 1, f"=SUM(A{row + 1}:A$7)*$A$1", None, row)
        sheet.write_formula(row, 2, f"=B{8 - row}+C{row}", None, row)
        sheet.write_formula(
            row, 4, f"=INDEX(C:C,{row})&INDEX(A$1:C$7,{row},2)", None, "x"
        )
    for row, other in ((8, 10), (9, 9), (10, 11)):
        sheet.write_formula(row, 0, f"=A{other}*2+1E15+0.10", None, 0)
    sheet.write_formula("B12", "=IF(C12>0,B13,0)+SUM(3:3)", None, 0)
    sheet.write_formula("B13", "=SUM(B$12:B12)+COUNTA(D:D)", None, 0)
    sheet.write_formula("G1", "=SUM(A2:B3:C4,column)+constant", None, 0)
    sheet.write_formula("G2", "=Cells!E9+Sheet9!A1+#REF!+A1 B1", None, 0)


def _write_rules(book, sheet) -> None:
    look = book.add_format({"bg_color": "#FFC7CE", "bold": True})
    plain = book.add_format({"num_format": "0.0", "font_color": "#006100", "bottom": 1})
    rules = (
        {"type": "cell", "criteria": ">", "value": 5, "format": look},
        {
            "type": "cell",
            "criteria": "between",
            "minimum": "=$A$1",
            "maximum": 9,
            "format": plain,
        },
        {
            "type": "formula",
            "criteria": "=MOD(A1,2)=0",
            "format": look,
            "stop_if_true": True,
        },
        {"type": "text", "criteria": "containing", "value": "a&b", "format": look},
        {"type": "top", "value": 10, "criteria": "%", "format": look},
        {"type": "average", "criteria": "2 std dev below", "format": look},
        {"type": "duplicate", "format": plain},
        {"type": "blanks", "format": plain},
        {"type": "time_period", "criteria": "last week", "format": look},
        {"type": "2_color_scale", "min_type": "formula", "min_value": "=$A$1"},
        {"type": "3_color_scale", "mid_type": "percentile", "mid_value": 40},
        {"type": "data_bar", "bar_color": "#63C384"},
        {
            "type": "data_bar",
            "data_bar_2010": True,
            "bar_solid": True,
            "bar_direction": "right",
        },
        {"type": "icon_set", "icon_style": "3_traffic_lights", "reverse_icons": True},
        {"type": "icon_set", "icon_style": "5_quarters", "icons_only": True},
    )
    for number, rule in enumerate(rules):
        more = {"multi_range": "A20:A25 C20:C25"} if number == 2 else {}
        sheet.conditional_format(number, 0, number + 3, 1, rule | more)
    checks = (
        {"validate": "list", "source": ["a", "b, c"]},
        {"validate": "list", "source": "=rate"},
        {
            "validate": "decimal",
            "criteria": "between",
            "minimum": 0,
            "maximum": "=A1",
            "error_title": "E",
            "error_message": "no",
            "error_type": "warning",
        },
        {
            "validate": "length",
            "criteria": ">=",
            "value": 3,
            "input_title": "I",
            "input_message": "in",
            "ignore_blank": False,
        },
        {"validate": "custom", "value": "=A1>0", "show_error": False},
        {"validate": "date", "criteria": "<", "value": dt.date(2025, 1, 1)},
    )
    for number, check in enumerate(checks):
        sheet.data_validation(number, 3, number + 2, 4, check)
    links = (
        "https://x.org/a?b=1&c=2#d",
        "mailto:a@b.c",
        "internal:'Drawn'!B2",
        "external:o.xlsx#S!A1",
    )
    for row, link in enumerate(links):
        sheet.write_url(row, 6, link, None, f"link {row}", "tip")
    for column, text in enumerate(("x", "y", "z"), 8):
        sheet.write(0, column, text)
        sheet.write_column(1, column, [column, 2, 3])
    sheet.autofilter(0, 8, 3, 10)
    sheet.filter_column("J", "x > 2")
    sheet.set_row(2, None, None, {"hidden": True})
    sheet.ignore_errors({"number_stored_as_text": "A1:B9"})


def _set_pages(seen, drawn) -> None:
    seen.freeze_panes(2, 3)
    seen.set_tab_color("#FF9900")
    seen.set_zoom(75)
    seen.hide_zero()
    seen.right_to_left()
    seen.protect("secret", {"sort": True, "autofilter": True, "objects": True})
    seen.unprotect_range("B2:B9", "mine")
    seen.set_landscape()
    seen.set_paper(8)
    seen.set_margins(0.1, 0.2, 0.3, 0.4)
    seen.set_header("&LLeft&CMiddle", {"margin": 0.6})
    seen.set_footer("&R&P / &N")
    seen.print_area("A1:H20")
    seen.repeat_rows(0, 1)
    seen.repeat_columns("A:B")
    seen.set_h_pagebreaks([10, 20])
    seen.set_v_pagebreaks([5])
    seen.fit_to_pages(1, 0)
    seen.center_horizontally()
    seen.hide_gridlines(0)
    seen.print_row_col_headers()
    seen.outline_settings(True, False, True, False)
    seen.set_default_row(18)
    drawn.split_panes(30, 20)
    drawn.set_print_scale(60)
    drawn.set_page_view()
    drawn.print_black_and_white()
    drawn.set_start_page(3)
    drawn.set_first_sheet()


def _chart(book, kind: str):
    chart = book.add_chart({"type": kind})
    fills = (
        ({"color": "#123456"}, {"none": True}),
        ({"none": True}, {"color": "#654321"}),
    )
    for column, (fill, line) in zip("BC", fills, strict=True):
        if kind == "radar":
            fill = line = {"none": True}
        chart.add_series(
            {
                "name": f"=Drawn!${column}$1",
                "categories": "=Drawn!$A$2:$A$4",
                "values": f"=Drawn!${column}$2:${column}$4",
                "categories_data": ["x", "y", "z"],
                "values_data": [1, 2, 4],
                "data_labels": {"value": True, "num_format": "0.0"},
                "fill": fill,
                "line": line,
            }
        )
    chart.set_title({"name": "=Drawn!$A$1"})
    return chart


def _draw(book, sheet) -> None:
    for row, line in enumerate(
        (("t", "b", "c"), ("x", 1, 4), ("y", 2, 5), ("z", 4, 6))
    ):
        sheet.write_row(row, 0, line)
    for place, kind in (
        ("E2", "column"),
        ("M2", "line"),
        ("E20", "scatter"),
        ("M20", "radar"),
    ):
        chart = _chart(book, kind)
        chart.set_x_axis({"name": "Across", "min": 0, "reverse": kind == "line"})
        chart.set_y_axis({"name": "=Drawn!$B$1", "major_gridlines": {"visible": False}})
        chart.set_legend({"position": "bottom"})
        sheet.insert_chart(place, chart, {"x_scale": 0.5, "description": kind})
    sheet.insert_image("A30", "one.png", {"image_data": io.BytesIO(PICTURE_BYTES)})
    sheet.insert_textbox("A40", "words", {"fill": {"color": "#FFFFCC"}})
    rows = [["x", 1], ["y", 2]]
    heads = [{"header": "Name"}, {"header": "Sum", "total_function": "sum"}]
    sheet.add_table(
        "A10:B13", {"data": rows, "columns": heads, "total_row": True, "name": "Sums"}
    )
    sheet.add_sparkline("D2", {"range": "Drawn!B2:C2", "type": "column"})
