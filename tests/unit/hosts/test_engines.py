"""Real small workbooks in both engines give what the library gives."""

import random
import re
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from xlcity.errors import CellError
from xlcity.hosts.cells import call, call_filled, read_block, read_cell
from xlcity.hosts.formualizer import register_functions
from xlcity.hosts.formulas import load_formulas
from xlcity.hosts.sheet_call import IN_PROCESS, run_call
from xlcity.xlsx.address import cell_name

#: Options as a formula writes them -> as cells.
CALLS = [
    ("ZSCORE_WINSOR", []),
    ("ZSCORE_WINSOR", [1.2, -1, 1]),
    ("ZSCORE_WINSOR", [[[0, 1, 2.5]], [["+", "-", ""]]]),
    ("ZSCORE_WINSOR", [-1]),
    ("EFFICACY_SCALE", []),
    ("EFFICACY_SCALE", [30, -20, 20]),
    ("EFFICACY_SCALE", [40, 5, 5]),
    ("MINMAX_SCALE", []),
    ("MINMAX_SCALE", ["", "", 10, 1, -1]),
    ("RATING_SCALE", []),
    ("RATING_SCALE", [10, 1, 0]),
    ("RANK_UNIFORM", []),
    ("RANK_UNIFORM", [-1, "average", "lowest"]),
    ("RANK_UNIFORM", [1, [["min", "max", "average"]]]),
    ("RANK_UNIFORM", [1, "nonsense"]),
    ("RANK_COMPETITION", []),
    ("RANK_COMPETITION", [-1, "dense", 0]),
    ("RANK_COMPETITION", [1, "ordinal", 1]),
    ("PM25_GRADE", []),
    ("PM25_GRADE", [[[0.5, 1, ""]]]),
    ("ZSCORE_INDEX", []),
    ("ZSCORE_INDEX", [[[1, 0, 2]], 1.2, "na", 1]),
    ("ZSCORE_INDEX", ["", 0, "zero"]),
    ("IMPUTE_DIMENSION", [[["P", "P", "Q"]]]),
    ("IMPUTE_DIMENSION", [[["P", "P", "Q"]], [["T", "T", "T"]]]),
    ("IMPUTE_DIMENSION", [[["P", "P"]]]),
    ("WEIGHTED_INDEX", [[[0.2, 0.3, 0.5]]]),
    ("WEIGHTED_INDEX", [[[2, 0, 1]], "arithmetic", "renormalise"]),
    ("WEIGHTED_INDEX", [[[1, 1, 2]], "geometric", "zero"]),
    ("WEIGHTED_INDEX", [[[1, 1, 2]], "power", "na", 2]),
    ("WEIGHTED_INDEX", [[[1, 1]]]),
    ("PEARSON_MATRIX", []),
    ("PEARSON_MATRIX", ["p"]),
    ("PEARSON_MATRIX", ["n"]),
    ("CLUSTER_LABELS", [2]),
    ("CLUSTER_LABELS", [2, "ward", "euclidean", "zscore"]),
    ("CLUSTER_LABELS", [0]),
]
ERRORS = {CellError.NA: "=NA()", CellError.DIV0: "=1/0"}


def random_block(rng, rows, columns, error=None):
    """Return values of every kind a sheet may hold; ties, codes and blanks are frequent."""
    kinds = [lambda: round(rng.uniform(-9, 9), 3), lambda: float(rng.randint(1, 4))] * 3
    kinds += [
        lambda: None,
        lambda: "",
        lambda: rng.choice(["NA", "缺", " n/a ", "..", "-"]),
    ]
    kinds += [
        lambda: rng.choice(["12,3", "１２", "<5", "12.5", " "]),
        lambda: rng.random() < 0.5,
    ]
    block = [[rng.choice(kinds)() for _ in range(columns)] for _ in range(rows)]
    if error:
        block[rng.randrange(rows)][rng.randrange(columns)] = error
    return block


def literal(option):
    if isinstance(option, str):
        return f'"{option}"'
    if isinstance(option, list):
        return "{" + ",".join(map(literal, option[0])) + "}"
    return str(option)


def write_book(path, blocks):
    """Write a sheet of values per block and a sheet with every call on it as array formulas."""
    book = xlsxwriter.Workbook(path)
    expected = {}
    for place, block in enumerate(blocks):
        data = book.add_worksheet(f"Data{place}")
        udf = book.add_worksheet(f"Udf{place}")
        for r, row in enumerate(block):
            for c, cell in enumerate(row):
                if isinstance(cell, CellError):
                    data.write_formula(r, c, ERRORS[cell], None, str(cell))
                elif cell == "":
                    data.write_formula(r, c, '=""', None, "")
                elif cell is not None:
                    data.write(r, c, cell)
        source = f"Data{place}!A1:{cell_name(len(block), len(block[0]))}"
        left = 0
        for name, options in CALLS:
            filled = call_filled(name, [block, *options])
            area = (0, left, len(filled) - 1, left + len(filled[0]) - 1)
            formula = f"={name}({','.join([source, *map(literal, options)])})"
            if area[0] == area[2] and area[1] == area[3]:
                udf.write_array_formula(*area, formula)
            else:
                udf.write_array_formula(*area, f"{{{formula}}}")
            expected[f"Udf{place}", left] = filled
            left += len(filled[0])
    book.close()
    return expected


def without_member_values(path):
    """Drop the zeros that XlsxWriter stores inside array formulas: formualizer sees #SPILL!."""
    target = path.with_name("stripped.xlsx")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            text = old.read(name)
            if b"<f t=" in text:
                text = re.sub(rb"<c [^>]*><v>0</v></c>", b"", text)
            new.writestr(name, text)
    return target


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    rng = random.Random(7)
    blocks = [random_block(rng, 9, 3) for _ in range(4)]
    blocks += [
        random_block(rng, 6, 3, CellError.NA),
        random_block(rng, 6, 3, CellError.DIV0),
    ]
    blocks += [[[4.0, "NA", None]], [[1.0, 1.0, 2.0]] * 3, [["NA", None, "x"]] * 3]
    blocks += [[[5.0]], [[None]], [["NA"]], [[1.0], [2.0]]]
    path = tmp_path_factory.mktemp("engines") / "calls.xlsx"
    return path, write_book(path, blocks)


def assert_same(expected, value_of):
    wrong = []
    for (sheet, left), rows in expected.items():
        for r, row in enumerate(rows):
            for c, cell in enumerate(row):
                found = value_of(sheet, r, left + c)
                same = found is cell if isinstance(cell, CellError) else found == cell
                if not same:
                    wrong.append((sheet, r, left + c, cell, found))
    assert wrong == []


def test_formualizer_shows_what_the_library_gives(book):
    import formualizer

    path, expected = book
    workbook = formualizer.load_workbook(str(without_member_values(Path(path))))
    register_functions(workbook)
    workbook.evaluate_all()
    assert_same(
        expected, lambda sheet, r, c: read_cell(workbook.get_value(sheet, r + 1, c + 1))
    )


@pytest.mark.slow
def test_formulas_shows_what_the_library_gives(book, capfd):
    path, expected = book
    solution = load_formulas().ExcelModel().loads(str(path)).finish().calculate()
    shown = {}
    for (sheet, left), rows in expected.items():
        first = cell_name(1, left + 1)
        last = cell_name(len(rows), left + len(rows[0]))
        area = first if first == last else f"{first}:{last}"
        cells = read_block(solution[f"'[{path.name}]{sheet.upper()}'!{area}"].value)
        for r, row in enumerate(cells):
            shown.update({(sheet, r, left + c): cell for c, cell in enumerate(row)})

    assert_same(expected, lambda *place: shown[place])
    assert capfd.readouterr().err == "", "progress bars belong to nobody here"


@pytest.mark.parametrize("host", IN_PROCESS)
def test_a_call_is_answered_alike_by_every_host(host):
    rng = random.Random(11)
    for rows, columns, error in (
        (7, 3, None),
        (1, 3, None),
        (4, 3, CellError.NUM),
        (1, 1, None),
    ):
        block = random_block(rng, rows, columns, error)
        for name, options in CALLS:
            assert run_call(name, [block, *options], host) == call(
                name, [block, *options]
            )


#: Calls with further columns of cells.
IDS = [["rome"], ["oslo"], [" Kyoto "], [""], [7.0]]
LINES = [["kyoto"], ["rome"], ["ROME"], [None], ["rome"], [7.0]]
RANKS = [[68.0], ["101–150"], ["201-250"], [3.0], ["NA"], ["=41"]]
OTHERS = [[26.0], [151.0], [""], [None], ["1"], [300.0]]
CELL_CALLS = [
    ("DENOMINATE", [[[6.0, 8.0], [1.0, "NA"], ["x", 2.0]], [[2.0], [0.0], [None]], 10]),
    ("DENOMINATE", [[[6.0, 8.0], [1.0, "NA"]], [[2.0, 4.0], ["x", 0.0]]]),
    ("DENOMINATE", [[[6.0], [8.0]], [[2.0]]]),
    ("BAND_INDEX", [IDS, LINES, RANKS, OTHERS]),
    ("BAND_INDEX", [IDS, LINES, RANKS, None, [[50.0, 150.0]], [[2.0, 1.0]]]),
    ("BAND_INDEX", [IDS, LINES, RANKS, None, [[50.0, 40.0]], [[2.0, 1.0]]]),
    ("BAND_INDEX", [IDS, LINES[:3], RANKS]),
    ("BAND_INDEX", [IDS, [[None], [""]], [[1.0], [2.0]]]),
    ("BAND_INDEX", [IDS, LINES, [["about 5"]] * 6]),
    (
        "REGRESSION_SIMPLE",
        [[[6.0], [8.0], [1.0], ["NA"], [5.0]], [[2.0], [3.0], [1.5], [9], [""]]],
    ),
    (
        "REGRESSION_SIMPLE",
        [[[6.0, 2.0], [8.0, 2.0], [1.0, 2.0]], [[2.0], [3.0], [1.5]]],
    ),
    ("REGRESSION_SIMPLE", [[[6.0], [8.0]], [[2.0], ["x"]]]),
    ("REGRESSION_SIMPLE", [[[6.0], [8.0]], [[2.0]]]),
]


@pytest.mark.parametrize("host", IN_PROCESS)
@pytest.mark.parametrize(("name", "arguments"), CELL_CALLS)
def test_columns_of_texts_reach_every_host(host, name, arguments):
    assert run_call(name, arguments, host) == call(name, arguments)


@pytest.mark.parametrize("host", IN_PROCESS)
def test_texts_that_look_like_formulas_or_errors_reach_every_host_as_texts(host):
    block = [["=1+1"], ['a"b'], ["#REF!"], ["{1}"], [3.0], ["0.1"], [0.1 + 0.2]]
    assert run_call("RANK_COMPETITION", [block], host) == [
        *[[CellError.VALUE]] * 4,
        [1.0],
        [CellError.VALUE],
        [2.0],
    ]


@pytest.mark.parametrize("host", IN_PROCESS)
def test_numbers_reach_every_host_with_their_last_digit(host):
    assert run_call("RANK_COMPETITION", [[0.1 + 0.2, 0.3]], host) == [[1.0], [2.0]]


@pytest.mark.parametrize("host", IN_PROCESS)
def test_calls_without_sense_are_values_in_every_host(host):
    assert run_call("WEIGHTED_INDEX", [], host) == [[CellError.VALUE]]
    assert run_call("RANK_UNIFORM", [1, 1, "min", "na", 5], host) == [[CellError.VALUE]]
    assert run_call("RANK_UNIFORM", [[[1, 2], [3]]], host) == [[CellError.VALUE]]
    assert run_call("RANK_UNIFORM", [None, None], host) == [[CellError.NA]]
