import errno
import io
import sys
import zipfile
from datetime import datetime

import numpy as np
import openpyxl
import pytest
from xlsxwriter import Workbook

from xlcity.adoption.proposal import propose_map
from xlcity.adoption.reading import read_values
from xlcity.errors import DataError, WorkbookError
from xlcity.model.dataset import State, Status, Unit
from xlcity.model.framework import Framework
from xlcity.model.reading.data import empty_dataset, overlay_cells, read_dataset
from xlcity.model.reading.sheets import read_sheets
from xlcity.reports import load_report

FRAMEWORK = Framework.read(
    "code,parent,name_zh,name_en,uom,valid_low,valid_high,no_data\n"
    "X,,指数,Index,,,,\n"
    "X_A,X,甲,Alpha,km2,,,\n"
    "X_B,X,乙,Beta,%,,,\n"
    "X_C,X,丙,Gamma,rating 0-5,0,5,0\n"
)
UNITS = (
    Unit("beijing", "北京", "Beijing", ("Peking",)),
    Unit("tianjin", "天津", "Tianjin"),
    Unit("shanghai", "上海", "Shanghai", population=""),
)


def write(tmp_path, text, name="data.csv", encoding="utf-8"):
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return path


def read(path, **options):
    return read_dataset(path, FRAMEWORK, UNITS, **options)


def problems_of(path):
    with pytest.raises(DataError) as caught:
        read(path)
    return caught.value.problems


def test_blank_and_missing_code_stay_apart(tmp_path):
    dataset, notes = read(
        write(tmp_path, "unit,X_A,X_B,X_C\nbeijing,1,,NA\ntianjin,2,3,\n")
    )
    assert dataset.codes == ("X_A", "X_B", "X_C")
    assert dataset.states.tolist() == [
        [State.VALUE, State.BLANK, State.MISSING],
        [State.VALUE, State.VALUE, State.BLANK],
        [State.BLANK] * 3,
    ]
    assert dataset.basis[0].tolist() == [Status.ENTERED, "", ""]
    written = [(cell.unit, cell.code, cell.state) for cell in notes.cells]
    assert written == [
        ("beijing", "X_A", State.VALUE),
        ("beijing", "X_C", State.MISSING),
        ("tianjin", "X_A", State.VALUE),
        ("tianjin", "X_B", State.VALUE),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encodings_and_delimiters(tmp_path, encoding, delimiter):
    text = "城市,甲,乙\n北京,1.5,2\n天津,缺,4\n".replace(",", delimiter)
    dataset, _ = read(write(tmp_path, text, encoding=encoding))
    assert dataset.values[0, 0] == 1.5
    assert dataset.states[1, 0] == State.MISSING


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        ("7,4;31,5 %;1 530,5", [7.4, 31.5, 1530.5]),
        ("7,4;-0,25;530 500", [7.4, -0.25, 530500.0]),
        ("7,4;0,1;1,234", [7.4, 0.1, 1.234]),  # commas are no thousands beside them
        ("7,4;45.123;1.234.567", [7.4, 45123.0, 1234567.0]),  # and points are
    ],
)
@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_decimal_commas_where_none_separates_cells(tmp_path, cells, values, delimiter):
    rule = "---|---|---|---\n" if delimiter == "|" else ""
    text = f"unit;X_A;X_B;X_C\n{rule}beijing;{cells}\ntianjin;8,5;1,5;2\n"
    dataset, _ = read(write(tmp_path, text.replace(";", delimiter)))
    assert dataset.values[0, :3].tolist() == values


def test_a_number_with_a_decimal_comma_is_quoted_as_it_was_typed(tmp_path):
    text = "unit;X_A;X_B;X_C\nbeijing;45.123;31,5 %;1.530,5\ntianjin;8,5;1,5;2\n"
    _, notes = read(write(tmp_path, text))
    assert [(c.raw, c.result, c.note) for c in notes.converted] == [
        ("45.123", "45123", "points between thousands"),
        ("31,5 %", "31.5", "percent sign dropped (the measure is percent)"),
        ("1.530,5", "1530.5", "points between thousands"),
    ]


@pytest.mark.parametrize("cells", ["7,4;0,5;1.5", "1,234;2,345;3,456"])
def test_commas_are_not_decimal_where_points_are_or_all_may_be_thousands(
    tmp_path, cells
):
    text = f"unit;X_A;X_B;X_C\nbeijing;{cells}\n"
    if "." in cells:
        assert {p.code for p in problems_of(write(tmp_path, text))} == {"XC301"}
    else:
        dataset, _ = read(write(tmp_path, text))
        assert dataset.values[0, :3].tolist() == [1234.0, 2345.0, 3456.0]


def test_a_comma_in_a_semicolon_table_is_no_decimal_point(tmp_path):
    (problem,) = problems_of(write(tmp_path, "unit;X_A;X_B\nbeijing;12,3;1\n"))
    assert (problem.where.cell, problem.where.indicator) == ("row 2", "X_A")


def test_lists_every_fault_with_its_address(tmp_path):
    text = (
        "unit,X_A,X_B,X_C\n"
        'beijing,"12,3",约12,<5\n'
        "atlantis,1,1,1\n"
        "Peking,1,1,1\n"
        ",1,,\n"
        "tianjin,inf,1,0\n"
    )
    problems = problems_of(write(tmp_path, text))
    found = [(p.code, p.where.cell, p.where.unit, p.where.indicator) for p in problems]
    assert found == [
        ("XC301", "row 2", "beijing", "X_A"),
        ("XC301", "row 2", "beijing", "X_B"),
        ("XC301", "row 2", "beijing", "X_C"),
        ("XC311", "row 3", "atlantis", None),
        ("XC313", "row 4", "beijing", None),
        ("XC310", "row 5", None, None),
        ("XC303", "row 6", "tianjin", "X_A"),
        ("XC305", "row 6", "tianjin", "X_C"),
    ]
    assert all(p.hint and p.where.file for p in problems)


def test_conversions_are_noted_with_their_address(tmp_path):
    text = 'unit,X_A,X_B\n北京市,１２,12.3%\nTIANJIN,"1,234",0.5\n'
    dataset, notes = read(write(tmp_path, text))
    assert dataset.values[:2, :2].tolist() == [[12.0, 12.3], [1234.0, 0.5]]
    noted = [
        (note.where.cell, note.where.unit, note.raw, note.result)
        for note in notes.converted
    ]
    assert noted == [
        ("row 2", "北京市", "北京市", "beijing"),
        ("row 2", "beijing", "１２", "12"),
        ("row 2", "beijing", "12.3%", "12.3"),
        ("row 3", "TIANJIN", "TIANJIN", "tianjin"),
        ("row 3", "tianjin", "1,234", "1234"),
    ]


def test_unlisted_columns_are_told_not_refused(tmp_path):
    text = "unit,name_zh,X_A,population_2020,\nbeijing,北京,1,x,\n"
    _, notes = read(write(tmp_path, text))
    assert notes.ignored == ("name_zh", "population_2020")


def test_a_repeated_or_ambiguous_column_is_refused(tmp_path):
    (problem,) = problems_of(write(tmp_path, "unit,X_A,Alpha,X_B\nbeijing,1,2,3\n"))
    where = problem.where
    assert (problem.code, where.cell, where.indicator) == ("XC313", "column C", "X_A")
    twins = Framework.read("code,parent,name_en\nX,,Index\na,X,Same\nb,X,Same\n")
    with pytest.raises(DataError) as caught:
        read_dataset(write(tmp_path, "unit,Same,a\nbeijing,1,2\n"), twins, UNITS)
    assert [p.code for p in caught.value.problems] == ["XC315"]


def test_a_table_that_begins_with_an_indicator_has_no_cities(tmp_path):
    # Its values were taken for the names of cities.
    for text in ("X_A,X_B\n5,1\n6,2\n", "Alpha,name,X_B\n5,Beijing,1\n"):
        with pytest.raises(DataError) as caught:
            read_dataset(write(tmp_path, text), FRAMEWORK)
        (problem,) = caught.value.problems
        assert (problem.code, problem.where.cell) == ("XC310", "column A")


def test_a_line_with_more_cells_than_the_header_is_refused(tmp_path):
    # 1,234 without quotes put every value behind it one column on, without a word.
    text = "unit,X_A,X_B\nbeijing,1,234,5\ntianjin,2,3,,\n"
    (problem,) = problems_of(write(tmp_path, text))
    assert (problem.code, problem.where.cell) == ("XC338", "row 2")
    assert "4 cells, the header 3" in problem.message


def test_a_table_without_any_indicator_is_refused(tmp_path):
    (problem,) = problems_of(write(tmp_path, "unit,Z1,Z2\nbeijing,1,2\n"))
    assert (problem.code, "X_A" in problem.hint) == ("XC319", True)


def test_long_tables_and_their_basis(tmp_path):
    text = (
        "unit,code,value,basis\nbeijing,X_A,5,printed\n"
        "tianjin,X_A,NA,\ntianjin,Beta,７,derived\n"
    )
    dataset, notes = read(write(tmp_path, text))
    assert dataset.values[0, 0] == 5
    assert dataset.states[1, 0] == State.MISSING
    assert dataset.values[1, 1] == 7
    assert dataset.basis[0, 0] == Status.PRINTED
    assert dataset.basis[1, 1] == Status.DERIVED
    assert [cell.where.cell for cell in notes.cells] == ["row 2", "row 3", "row 4"]


def test_long_tables_refuse_unknown_codes_duplicates_and_statuses(tmp_path):
    text = (
        "unit,code,value,basis\nbeijing,X_Z,5,\nbeijing,X_A,5,\nPeking,X_A,6,\ntianjin,X_A,6,odd\n"
        ",X_B,7,\natlantis,X_A,x,\n"
    )
    problems = problems_of(write(tmp_path, text))
    assert [(p.code, p.where.cell, p.where.indicator) for p in problems] == [
        ("XC314", "row 2", "X_Z"),
        ("XC313", "row 4", "X_A"),
        ("XC316", "row 5", None),
        ("XC310", "row 6", None),
        ("XC311", "row 7", None),
        ("XC301", "row 7", "X_A"),
    ]


def test_a_node_above_the_indicators_may_have_values_of_its_own(tmp_path):
    dataset, _ = read(write(tmp_path, "unit,X,X_A\nbeijing,50,1\n"))
    assert dataset.codes == ("X_A", "X_B", "X_C", "X")
    assert dataset.values[0, 3] == 50


def test_implausible_values_are_used_and_told(tmp_path):
    dataset, notes = read(write(tmp_path, "unit,X_C\nbeijing,21893095\ntianjin,-1\n"))
    assert dataset.values[:2, 2].tolist() == [21893095, -1]
    assert notes.doubtful[0].message.startswith("21893095 is above ")  # not 2.18931e+07
    assert [(p.code, p.where.unit) for p in notes.doubtful] == [
        ("XC317", "beijing"),
        ("XC317", "tianjin"),
    ]


def test_units_may_come_from_the_table_itself(tmp_path):
    text = "uName,uCode,Time,X_A\nAustria,AUT,2018,1\nBelgium,BEL,2018,2\n"
    dataset, _ = read_dataset(write(tmp_path, text), FRAMEWORK)
    assert [(u.id, u.name_en) for u in dataset.units] == [
        ("AUT", "Austria"),
        ("BEL", "Belgium"),
    ]
    assert dataset.values[:, 0].tolist() == [1, 2]


def test_reads_a_folder(tmp_path):
    write(tmp_path, "unit,X_A\nbeijing,1\n", "inputs.csv")
    assert read(tmp_path)[0].values[0, 0] == 1
    empty = tmp_path / "empty"
    empty.mkdir()
    assert problems_of(empty)[0].code == "XC324"


def workbook(path, sheets):
    with Workbook(path) as book:
        percent = book.add_format({"num_format": "0.0%"})
        for title, rows in sheets.items():
            sheet = book.add_worksheet(title)
            for row, cells in enumerate(rows):
                for column, content in enumerate(cells):
                    if isinstance(content, tuple):
                        sheet.write_number(row, column, content[0], percent)
                    elif isinstance(content, datetime):
                        sheet.write_datetime(row, column, content)
                    elif content in ("#N/A", "#DIV/0!"):
                        sheet.write_formula(row, column, "=1/0", None, content)
                    elif content is not None:
                        sheet.write(row, column, content)
    return path


def test_a_workbook_is_read_from_its_data_sheet(tmp_path):
    path = workbook(
        tmp_path / "d.xlsx",
        {
            "notes": [["unit", "X_A"], ["beijing", 99]],
            "Data": [
                ["Titles stand above"],
                ["unit", "X_A", "X_B"],
                ["beijing", 1.5, (0.123,)],
                ["tianjin", "#N/A", "2.5"],
                ["closing row"],
            ],
        },
    )
    dataset, notes = read(path)
    assert dataset.values[0, :2].tolist() == [1.5, 12.3]
    assert dataset.states[1, 0] == State.MISSING
    assert dataset.values[1, 1] == 2.5
    assert [note.where.cell for note in notes.converted] == ["C3", "C4"]
    assert (notes.ignored, notes.left_out) == ((), (("A5", "closing row"),))


def test_faults_in_a_workbook_carry_sheet_and_cell(tmp_path):
    rows = [["unit", "X_A", "X_B"], ["beijing", "#DIV/0!", True], ["tianjin", "约3", 2]]
    problems = problems_of(workbook(tmp_path / "d.xlsx", {"data": rows}))
    found = [(p.code, p.where.sheet, p.where.cell) for p in problems]
    assert found == [
        ("XC302", "data", "B2"),
        ("XC301", "data", "C2"),
        ("XC301", "data", "B3"),
    ]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"hello", "XC401"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "XC401"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
            + "EncryptedPackage".encode("utf-16-le"),
            "XC404",
        ),
        (b"PK\x03\x04", "XC403"),
        (b"", "XC402"),
    ],
)
def test_what_is_no_workbook_is_refused_with_the_reason(tmp_path, content, code):
    path = tmp_path / "d.xlsx"
    path.write_bytes(content)
    with pytest.raises(WorkbookError) as caught:
        read(path)
    assert caught.value.problems[0].code == code


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "XC322"),
        (b"\n\n", "XC322"),
        (b"|unit|a|\n|--|--|\n|x|1|\n\n|unit|b|\n|--|--|\n|x|2|\n", "XC322"),
        (b"\xff\x00\x01\x00", "XC321"),
        ("unit,a\n\ufffe,1\n".encode(), "XC321"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path, content, code):
    path = tmp_path / "d.csv"
    path.write_bytes(content)
    (problem,) = problems_of(path)
    assert (problem.code, bool(problem.hint)) == (code, True)


def open_document():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", "<office/>")
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (open_document(), "OpenDocument spreadsheet (.ods)"),
        (
            b"<?xml version='1.0'?><o xmlns='urn:oasis:names:tc:opendocument:x'/>",
            "(.fods)",
        ),
        (b"%PDF-1.4", "PDF"),
    ],
)
def test_a_document_given_as_a_table_is_named_and_the_advice_leads_out(
    tmp_path, content, said
):
    path = tmp_path / "data.ods"
    path.write_bytes(content)
    with pytest.raises(WorkbookError) as caught:
        read(path)
    (problem,) = caught.value.problems
    assert said in problem.message
    assert ".xlsx" in problem.hint or said == "PDF"
    # In a folder the table is looked for by its names.
    (found,) = problems_of(tmp_path)
    assert (found.code, found.hint) == ("XC324", "Save it as data.xlsx.")
    assert "data.ods" in found.message


def test_a_workbook_by_another_name_is_to_be_renamed(tmp_path):
    path = tmp_path / "d.dat"
    with Workbook(str(path)) as book:
        book.add_worksheet()
    assert problems_of(path)[0].hint == "Rename it so that its name ends in .xlsx."


def test_a_missing_file_is_refused(tmp_path):
    assert problems_of(tmp_path / "none.csv")[0].code == "XC320"


def test_overlay_leaves_the_rest_untouched(tmp_path):
    before, _ = read(write(tmp_path, "unit,X_A,X_B\nbeijing,1,2\ntianjin,3,4\n"))
    _, notes = read(
        write(tmp_path, "unit,X_A,X_B\nbeijing,,9\ntianjin,NA,\n", "new.csv")
    )
    after = overlay_cells(before, notes.cells)
    assert after.values[0, :2].tolist() == [1, 9]
    assert after.states[1, 0] == State.MISSING
    assert after.values[1, 1] == 4
    assert before.values[0, 1] == 2


def test_nothing_is_filled_in_an_empty_dataset():
    dataset = empty_dataset(UNITS, ("X_A",))
    assert (dataset.states == State.BLANK).all()
    assert np.isnan(dataset.values).all()


def test_row_numbers_survive_blank_lines_and_line_breaks_in_quotes(tmp_path):
    text = 'unit,note,X_A\n\nbeijing,"two\nlines",1\n,,\ntianjin,,bad\n'
    (problem,) = problems_of(write(tmp_path, text))
    assert problem.where.cell == "row 6"


def test_a_row_refused_for_its_unit_has_its_values_told_too(tmp_path):
    report = load_report("image2025")
    path = tmp_path / "d.csv"
    path.write_text(
        "unit,IMG_COM_SEARCH_GT\nbeijing,1\nbeijing,约2\nmars,<5\n", encoding="utf-8"
    )
    with pytest.raises(DataError) as caught:
        read_dataset(path, report.framework, report.dataset.units, report.recipe)
    found = [(p.code, p.where.unit, p.where.indicator) for p in caught.value.problems]
    assert found == [
        ("XC313", "beijing", None),
        ("XC301", "beijing", "IMG_COM_SEARCH_GT"),
        ("XC311", "mars", None),
        ("XC301", "mars", "IMG_COM_SEARCH_GT"),
    ]


# -- what stands below a table, and formulas that nothing has calculated ---------------------------
def own_problems(path):
    with pytest.raises(DataError) as caught:
        read_dataset(path, FRAMEWORK, None)
    return [
        (problem.code, problem.where.cell, problem.message)
        for problem in caught.value.problems
    ]


@pytest.mark.parametrize("units", [None, UNITS])
def test_rows_of_totals_are_no_cities_and_notes_are_left_out(tmp_path, units):
    """Where the table itself names the cities, the mean was ranked; else each row was refused."""
    sums = "合 计,4\nAverage,2\n东部小计,3\n全国 National,1\n中位数,2\n"
    text = f"unit,X_A\n全国（合计）,9\n北京,1\n天　津,3\n{sums}注：数据来自年鉴,不含港澳台,2020\n"
    dataset, notes = read_dataset(write(tmp_path, text), FRAMEWORK, units)
    filled = [
        unit
        for unit, row in zip(dataset.units, dataset.values, strict=True)
        if row[0] > 0
    ]
    assert [unit.name_zh for unit in filled] == ["北京", "天津"]
    assert [row.cell for row in notes.left_out] == [
        f"row {row}" for row in (2, 5, 6, 7, 8, 9, 10)
    ]


def test_a_province_among_cities_that_no_list_names_is_doubted(tmp_path):
    text = "地区,甲\n江西省,9\n南昌,1\n九江,3\n东部地区,2\n赣州,1\n* 初步核算数,\n"
    dataset, notes = read_dataset(write(tmp_path, text), FRAMEWORK, None)
    assert len(dataset.units) == 5
    assert [doubt.where.unit for doubt in notes.doubtful] == ["江西省", "东部地区"]
    assert notes.left_out == (("row 7", "* 初步核算数"),)
    provinces = write(tmp_path, "地区,甲\n江西省,9\n北京,1\n河北省,3\n")
    assert not read_dataset(provinces, FRAMEWORK, None)[1].doubtful


def test_an_unknown_city_remains_an_error_beside_totals(tmp_path):
    (problem,) = problems_of(write(tmp_path, "unit,X_A\nbeijing,1\n天经,4\nTotal,4\n"))
    assert (problem.code, problem.where.cell) == ("XC311", "row 3")
    assert "天津" in problem.hint


def test_a_heading_may_have_the_measure_of_the_framework_in_brackets_and_no_other(
    tmp_path,
):
    found, notes = read(
        write(tmp_path, "unit,甲（km2）,Beta (%),丙（分）\nbeijing,1,2,3\n")
    )
    assert found.codes == ("X_A", "X_B", "X_C")
    assert found.states[0].tolist() == [State.VALUE, State.VALUE, State.BLANK]
    assert [name for name, _ in notes.unused] == ["丙（分）"]


def test_a_formula_that_was_never_calculated_is_no_blank(tmp_path):
    book = openpyxl.Workbook()
    for row in (["unit", "X_A", "X_B"], ["北京", 1, "=B2*2"], ["=A2", 2, 3]):
        book.active.append(row)
    book.save(tmp_path / "own.xlsx")
    found = own_problems(tmp_path / "own.xlsx")
    assert [(code, cell) for code, cell, _ in found] == [
        ("XC301", "C2"),
        ("XC334", "A3"),
    ]


def test_what_the_system_says_of_a_file_is_told(tmp_path, monkeypatch):
    def refuse(_):
        raise OSError(errno.EIO, "Input/output error", "data.csv")

    path = write(tmp_path, "unit,X_A\nbeijing,1\n")
    monkeypatch.setattr("xlcity.model.reading.tables.read_file", refuse)
    (problem,) = problems_of(path)
    message = "the file cannot be read: Input/output error."
    assert (problem.code, problem.message) == ("XC320", message)
    (problem,) = problems_of(tmp_path / "absent.csv")
    assert problem.code == "XC320"


def test_a_transposed_table_is_named(tmp_path):
    text = "指标,北京,天津\nX_A,1,2\nX_B,3,4\n"
    (problem,) = problems_of(write(tmp_path, text))
    assert problem.hint.startswith("The indicators are in rows: transpose the table")


@pytest.mark.parametrize("dash", ["–", "——", "―", "……", "......"])
def test_a_lone_dash_or_dots_are_missing_and_listed(tmp_path, dash):
    dataset, notes = read(write(tmp_path, f"unit,X_A,X_B\nbeijing,{dash},–2.5\n"))
    assert dataset.states[0].tolist() == [State.MISSING, State.VALUE, State.BLANK]
    assert dataset.values[0, 1] == -2.5
    assert [(c.raw, c.note) for c in notes.converted] == [
        (dash, "a dash or dots"),
        ("–2.5", "dash read as minus sign"),
    ]


PAGE = """<html><style>td {}</style><table><tr><td>menu</td></tr></table>
<table><tr><th rowspan=2>unit<th colspan=2>X<th rowspan=2>X_C<sup class="reference">[1]</sup></tr>
<tr><th>X_A<th>X_B<br></tr><tr><td><a href=x>北京市</a><td>1,200<td>4&nbsp;<td>3</tr>
<tr><td>天津<td><span style="display: none">7004</span>5<td>—<td>2</table>
<script>"<table>"</script>"""


@pytest.mark.parametrize("name", ["page.html", "page.xls"])
def test_the_table_of_a_web_page_is_read_under_any_name(tmp_path, name):
    path = write(tmp_path, PAGE, name, "gb18030")
    dataset, _ = read_values(path, FRAMEWORK, UNITS, None)
    assert dataset.values[0].tolist() == [1200, 4, 3]
    assert dataset.values[1, 0] == 5
    assert dataset.states[1].tolist() == [State.VALUE, State.MISSING, State.VALUE]
    (problem,) = problems_of(write(tmp_path, PAGE * 2, name))
    assert "2 tables" in problem.message


def test_the_one_table_of_a_web_page_that_has_indicators_for_these_cities_is_read(
    tmp_path,
):
    others = (
        "<table><tr><td>市区<td>a<tr><td>X<td>1</table>"
        "<table><tr><td>省<td>甲<tr><td>吉林<td>4"
    )
    page = write(
        tmp_path, PAGE.replace("<table>", f"{others}</table><table>", 1), "page.html"
    )
    dataset, notes = read_values(page, FRAMEWORK, UNITS, None)
    assert dataset.values[0].tolist() == [1200, 4, 3]
    doubt = notes.doubtful[0]
    assert (doubt.where.sheet, "3 tables" in doubt.message) == ("table 3", True)
    assert "number stored as text" not in [one.note for one in notes.converted]
    with pytest.raises(
        DataError, match="3 tables"
    ):  # without a list of cities, two may be meant
        read_values(page, FRAMEWORK, None, None)


def test_the_table_of_a_web_page_with_most_numbers_is_proposed(tmp_path):
    menu = "<table><tr><td>a<td>b<tr><td>c<td>d</table>"
    rows = "".join(f"<tr><td>Town {n}<td>{n}.5" for n in "ABC")
    page = write(
        tmp_path, f"<html>{menu}<table><tr><td>Town<td>X{rows}</table>", "page.html"
    )
    assert propose_map(read_sheets(page)).sheet == "table 1"
    numbers = (
        page.read_text()
        .replace("A.5", "1.5")
        .replace("B.5", "2.5")
        .replace("C.5", "3.5")
    )
    assert (
        propose_map(read_sheets(write(tmp_path, numbers, "page.html"))).sheet
        == "table 2"
    )


def test_a_table_below_a_plain_one_is_named_and_not_read(tmp_path):
    second = ",,\n表2 其他,,\n城市,丙,床位\n北京,7,8\n天津,9,9\n"
    path = write(tmp_path, f"城市,甲,丙\n北京,1,2\n天津,3,4\n{second}")
    dataset, notes = read_values(path, FRAMEWORK, UNITS, None)
    assert dataset.values[:2, [0, 2]].tolist() == [[1, 2], [3, 4]]
    (doubt,) = notes.doubtful
    assert "Another table is in A5:C8." in doubt.message
    path.write_text(
        path.read_text(encoding="utf-8").replace("天津,3", "天经,3"), encoding="utf-8"
    )
    with pytest.raises(DataError) as caught:
        read_values(path, FRAMEWORK, UNITS, None)
    assert [(one.code, one.where.unit) for one in caught.value.problems] == [
        ("XC311", "天经")
    ]


@pytest.mark.parametrize("heads", ["城市,甲,丙", "地区,床位,病房", "城市,床位,"])
def test_a_table_right_below_another_one_is_named_once(tmp_path, heads):
    path = write(
        tmp_path, f"城市,甲,丙\n北京,1,2\n天津,3,4\n{heads}\n北京,7,8\n天津,9,9\n"
    )
    for units in (UNITS, None):
        dataset, notes = read_values(path, FRAMEWORK, units, None)
        assert dataset.values[:2, [0, 2]].tolist() == [[1, 2], [3, 4]]
        assert "Another table is in A4:C6." in notes.doubtful[0].message


def test_of_a_table_with_a_row_for_each_year_the_latest_year_is_read(tmp_path):
    """Each row of another year was a duplicate."""
    years = "城市,年份,甲\n北京,2021,1\n天津,2021,2\n北京,2022,3\n天津,2022,4\n合计,2022,7\n"
    dataset, notes = read_values(write(tmp_path, years), FRAMEWORK, UNITS, None)
    assert dataset.values[:2, 0].tolist() == [3, 4]
    assert [doubt.message for doubt in notes.doubtful] == [
        "Rows that are not cities are left out: 合计.",
        "Only the rows of the latest year are read: 2022.",
    ]
    slip = write(tmp_path, years.replace("2022,3", "2022,暂无"))
    with pytest.raises(DataError, match="'暂无' is not a number"):
        read_values(slip, FRAMEWORK, UNITS, None)


@pytest.mark.parametrize("place", ["河北省", "东部地区"])
def test_what_is_around_the_cities_is_left_out_as_adopt_does(tmp_path, place):
    path = write(tmp_path, f"地区,甲\n{place},9\n北京,1\n天津,2\n上海,3\n")
    dataset, notes = read_values(path, FRAMEWORK, UNITS, None)
    assert dataset.values[:, 0].tolist() == [1, 2, 3]
    assert (
        notes.doubtful[0].message == f"Rows that are not cities are left out: {place}."
    )


def test_a_province_that_is_one_of_the_units_is_read(tmp_path):
    path = write(tmp_path, "地区,甲\n河北省,9\n海南省,7\n北京,1\n天津,2\n上海,3\n")
    dataset, notes = read_values(path, FRAMEWORK, (*UNITS, Unit("hi", "海南省")), None)
    assert dataset.values[:, 0].tolist() == [1, 2, 3, 7]
    assert notes.doubtful[0].message == "Rows that are not cities are left out: 河北省."


def test_a_table_beside_a_plain_one_is_one_problem(tmp_path):
    path = write(tmp_path, "城市,甲,丙,城市,甲,丙\n北京,1,2,天津,3,4\n")
    with pytest.raises(DataError) as caught:
        read_values(path, FRAMEWORK, UNITS, None)
    (problem,) = caught.value.problems
    assert (problem.code, problem.where.cell) == ("XC313", "column D")


def test_a_table_that_goes_on_below_its_headings_again_is_one(tmp_path):
    more = ",\n续表1,\n城市,甲\n"
    for last, values in (("上海,4", [1, 2, 4]), ("北京,4", [1, 2, np.nan])):
        path = write(tmp_path, f"表1,\n城市,甲\n北京,1\n天津,2\n重点,9\n{more}{last}\n")
        dataset, notes = read_values(path, FRAMEWORK, (*UNITS, Unit("z", "重点")), None)
        assert np.array_equal(dataset.values[:3, 0], values, equal_nan=True)
        messages = " ".join(doubt.message for doubt in notes.doubtful)
        assert ("Another table" in messages) == (last == "北京,4")


def test_notes_in_other_columns_are_left_out_and_totals_without_a_city_named(tmp_path):
    path = write(tmp_path, "城市,甲,乙\n北京,1,2\n天津,2,3\n,注：略,\n,9,\n")
    (problem,) = problems_of(path)
    assert (problem.code, problem.where.cell) == ("XC310", "row 5")
    cities = "".join(
        f"{n},{name},{n}\n" for n, name in enumerate(("北京", "天津", "上海"), 1)
    )
    path = write(tmp_path, f"序号,地区,甲\n{cities}合计,,6\n")
    _, notes = read_values(path, FRAMEWORK, UNITS, None)
    assert "without a city are not read: 5." in notes.doubtful[0].message


def test_a_blank_behind_each_comma_belongs_to_it(tmp_path):
    path = write(tmp_path, 'unit, X_A, note\nbeijing, 1, "a, b"\ntianjin, 2,\n')
    dataset, notes = read(path)
    assert (dataset.values[:2, 0].tolist(), notes.converted) == ([1, 2], ())


def test_a_column_of_numbers_beside_the_names_is_not_that_of_the_cities(tmp_path):
    path = write(tmp_path, "name,id,X_A\n北京,1,5\n天津,2,6\n")
    assert read_values(path, FRAMEWORK, UNITS, None)[0].values[:2, 0].tolist() == [5, 6]


def test_a_hidden_sheet_is_not_the_first(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "new"
    for row in (["unit", "X_A"], ["beijing", 2]):
        book.active.append(row)
    old = book.create_sheet("old", 0)
    old.sheet_state = "hidden"
    for row in (["unit", "X_A"], ["beijing", 1], ["tianjin", 1], ["shanghai", 1]):
        old.append(row)
    book.save(tmp_path / "d.xlsx")
    assert read(tmp_path / "d.xlsx")[0].values[0, 0] == 2
    assert propose_map(read_sheets(tmp_path / "d.xlsx")).sheet == "new"


def test_merged_cells_without_end_cost_little(tmp_path):
    wide = "<td colspan=1000>1" * 40 + ("<tr>" + "<td>1" * 20) * 1000
    for page in (f"<table><tr>{wide}</table>", "<html>", "<!DOCTYPE html>"):
        (problem,) = problems_of(write(tmp_path, page, "page.html"))
        assert "0 tables" in problem.message


def test_web_pages_need_lxml(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "lxml", None)
    (problem,) = problems_of(write(tmp_path, PAGE, "page.html"))
    assert "xlcity[report]" in problem.hint


@pytest.mark.parametrize("suffix", ["csv", "tsv", "xlsx", "html"])
@pytest.mark.parametrize(
    ("heading", "numbers"),
    [
        ("序号", ("1、", "2、", "3、")),
        ("排名", ("1", "2", "2")),
        ("编码", ("11", "12", "13")),
    ],
)
def test_a_first_column_that_counts_the_rows_names_no_cities(
    tmp_path, suffix, heading, numbers
):
    names = ("北京市", "Lyon", "大兴安岭地区")
    rows = [(heading, "地区", "甲"), *zip(numbers, names, ("5", "6", "7"), strict=True)]
    path = tmp_path / f"t.{suffix}"
    if suffix == "xlsx":
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        book.save(path)
    elif suffix == "html":
        cells = "".join(f"<tr><td>{'<td>'.join(row)}" for row in rows)
        path.write_text(
            f"<html><meta charset=utf-8><table>{cells}</table>", encoding="utf-8"
        )
    else:
        separator = "\t" if suffix == "tsv" else ","
        path.write_text("\n".join(map(separator.join, rows)), encoding="utf-8")
    dataset, _ = read_values(path, FRAMEWORK, None, None)
    assert tuple(unit.id for unit in dataset.units) == names
    assert dataset.values[:, 0].tolist() == [5, 6, 7]


@pytest.mark.parametrize("column", ["ID", "id"])
def test_numbers_that_are_ids_have_the_names_beside_them(tmp_path, column):
    path = write(tmp_path, f"{column},Ville,X_A\n7,Lyon,1\n9,Metz,2\n")
    dataset, _ = read_values(path, FRAMEWORK, None, None)
    assert [(unit.id, unit.name_en) for unit in dataset.units] == [
        ("7", "Lyon"),
        ("9", "Metz"),
    ]


def test_a_row_of_one_city_that_names_another_one_is_refused(tmp_path):
    rows = "beijing,天津,1\ntianjin,Tianjin,2\n"
    (problem,) = problems_of(write(tmp_path, f"unit,name,X_A\n{rows}"))
    assert (problem.code, problem.where.cell) == ("XC312", "row 2")
    assert problem.message == "the row is of beijing, and names tianjin."


def test_ranks_are_no_ids_of_cities_that_have_names(tmp_path):
    path = write(tmp_path, "Rank,Name,X_A\n1,Lyon,1\n2,Metz,2\n")
    assert [u.id for u in read_values(path, FRAMEWORK, None, None)[0].units] == [
        "Lyon",
        "Metz",
    ]


def test_encodings_that_would_be_read_as_other_characters(tmp_path):
    text = "縣市,X_A\n臺北市,1\n高雄市,2\n"
    for encoding in ("big5", "gb18030"):
        path = write(tmp_path, text, encoding=encoding)
        units = read_values(path, FRAMEWORK, None, None)[0].units
        assert [unit.id for unit in units] == ["臺北市", "高雄市"]
    path = write(tmp_path, "unit,X_A\nx和y,1\n")
    assert read_values(path, FRAMEWORK, None, None)[0].units[0].id == "x和y"
    path = write(tmp_path, "unit,X_A\nOrl\xe9ans,1\nN\xeemes,2\n", encoding="latin-1")
    with pytest.raises(DataError, match="not text in UTF-8"):
        read_values(path, FRAMEWORK, None, None)
