"""Functions that a workbook carries: the parts, and main.py run by xlwings' own caller."""

import re
import sys
import types
import zipfile
from io import BytesIO
from itertools import islice
from pathlib import Path

import openpyxl
import pytest

from tests.helpers.generated_calls import generated_calls
from tests.helpers.office_js import (
    OfficeDouble,
    OfficeOfXlwings,
    has_licence,
    load_main,
)
from xlcity.functions.registry import BUILT_IN
from xlcity.hosts.cells import call
from xlcity.hosts.excel.embedded import (
    Carried,
    carried_functions,
    carried_main,
    carry_functions,
    with_functions,
    without_functions,
    workbook_language,
)
from xlcity.hosts.excel.lite import (
    REQUIREMENTS,
    functions_in_lite,
    is_as_written,
    lite_text,
)
from xlcity.xlsx.package import Package

BOOKS = Path(__file__).parents[3] / "workbooks"
EXTENSION = "xl/webextensions/webextension1.xml"


@pytest.fixture(scope="module")
def plain():
    return Package.read(BOOKS / "image2025-en.xlsx")


@pytest.fixture(scope="module")
def carrying(plain):
    return Package.from_bytes(with_functions(plain, "en").to_bytes())


def changed(package):
    """Return a workbook in which a person has added a line to main.py."""
    text = package.text(EXTENSION)
    assert "def answer" in text
    return package.replace(
        {EXTENSION: text.replace("def answer", "# mine\\n\\n\\ndef answer").encode()}
    )


# -- the parts -----------------------------------------------------------------------------------
def test_the_parts_are_those_that_excel_writes(carrying):
    types_ = carrying.text("[Content_Types].xml")
    assert (
        'PartName="/xl/webextensions/taskpanes.xml"'
        ' ContentType="application/vnd.ms-office.webextensiontaskpanes+xml"' in types_
    )
    assert (
        f'PartName="/{EXTENSION}"'
        ' ContentType="application/vnd.ms-office.webextension+xml"' in types_
    )
    links = {link.type: link.target for link in carrying.relations("")}
    kind = "http://schemas.microsoft.com/office/2011/relationships/webextension"
    assert links[f"{kind}taskpanes"] == "xl/webextensions/taskpanes.xml"
    (link,) = carrying.relations("xl/webextensions/taskpanes.xml")
    assert (link.type, link.target) == (kind, EXTENSION)
    pane = carrying.root("xl/webextensions/taskpanes.xml")[0]
    assert pane.keys() == ["dockstate", "visibility", "width", "row"]
    root = carrying.root(EXTENSION)
    assert [child.tag.rpartition("}")[2] for child in root] == [
        *("reference", "alternateReferences", "properties", "bindings", "snapshot"),
        "extLst",
    ]
    assert re.fullmatch(
        r"\{[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}\}", root.get("id")
    )
    assert root[0].attrib == {
        "id": "wa200008175",
        "version": "1.0.0.0",
        "store": "en-US",
        "storeType": "OMEX",
    }
    assert "\n" not in carrying.text(EXTENSION).partition("\n")[2]
    assert REQUIREMENTS.split() == ["xlwings", "numpy"]


def test_main_is_the_text_of_udfs(carrying):
    text = (BOOKS.parent / "udfs" / "main.py").read_text(encoding="utf-8")
    assert carried_main(carrying) == text
    assert is_as_written(text)
    assert not is_as_written(text + "x = 1\n")
    assert not is_as_written(text.replace("import re", "import re "))


def test_the_same_workbook_gives_the_same_bytes(plain, carrying):
    again = with_functions(plain, "en").to_bytes()
    assert again == carrying.to_bytes()
    assert with_functions(carrying, "en").to_bytes() == again
    # 342 kB become about 400.
    assert len(again) - len(plain.to_bytes()) < 80_000


def test_taking_them_out_leaves_the_rest(plain, carrying):
    left = without_functions(carrying)
    assert left.parts.keys() == plain.parts.keys()
    differing = {name for name in plain.parts if left.parts[name] != plain.parts[name]}
    assert differing <= {"[Content_Types].xml", "_rels/.rels"}
    assert not any("webext" in name for name in left.parts)
    assert b"webext" not in left.parts["[Content_Types].xml"]
    assert b"webext" not in left.parts["_rels/.rels"]


def test_what_a_workbook_has_is_known(plain, carrying):
    assert carried_functions(plain) is Carried.NONE
    assert carried_functions(carrying) is Carried.OURS
    assert carried_functions(changed(carrying)) is Carried.CHANGED
    dropped = dropped_by_libreoffice(carrying)
    assert carried_functions(dropped) is Carried.DROPPED
    assert carried_functions(with_functions(dropped, "en")) is Carried.OURS
    assert carried_functions(without_functions(dropped)) is Carried.NONE
    assert not any("webext" in name for name in without_functions(dropped).parts)


def dropped_by_libreoffice(package):
    """Return a workbook as LibreOffice 7.4 saves it: the task pane without what it shows."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in package.parts.items():
            if name != EXTENSION and not name.endswith("taskpanes.xml.rels"):
                archive.writestr(name, content)
    return Package.from_bytes(file.getvalue())


def test_another_add_in_stays(plain, carrying):
    text = carrying.text(EXTENSION)
    other = text.replace("wa200008175", "wa104379190").encode()
    with_other = carrying.replace({EXTENSION: other})
    assert carried_functions(with_other) is Carried.NONE
    both = with_functions(with_other, "en")
    assert carried_functions(both) is Carried.OURS
    assert both.parts[EXTENSION] == other
    left = without_functions(both)
    assert left.parts[EXTENSION] == other
    assert carried_functions(left) is Carried.NONE


def test_another_workbook_gets_them_in_its_language(carrying):
    chinese = Package.read(BOOKS / "image2025.xlsx")
    assert workbook_language(chinese) == "zh"
    got = carry_functions(carrying, chinese)
    assert carried_main(got) == lite_text("zh")
    mine = changed(carrying)
    assert carried_main(carry_functions(mine, chinese)) == carried_main(mine)
    assert carry_functions(chinese, carrying) is carrying


def test_openpyxl_opens_it_and_drops_them_cleanly(carrying):
    book = openpyxl.load_workbook(BytesIO(carrying.to_bytes()))
    file = BytesIO()
    book.save(file)
    assert carried_functions(Package.from_bytes(file.getvalue())) is Carried.NONE


# -- main.py as xlwings Lite runs it ---------------------------------------------------------------
@pytest.fixture(
    scope="module",
    params=[
        "double",
        pytest.param(
            "xlwings",
            marks=pytest.mark.skipif(
                not has_licence(),
                reason="no XLWINGS_LICENSE_KEY for xlwings' own caller",
            ),
        ),
    ],
)
def office(request):
    return OfficeDouble() if request.param == "double" else OfficeOfXlwings()


@pytest.fixture(scope="module")
def lite(carrying, office):
    """main.py of the workbook as a module."""
    yield load_main(carried_main(carrying), office)
    del sys.modules["lite_main"]


def test_all_functions_are_registered_with_drop_downs_for_single_words(lite, office):
    meta = office.meta(lite)
    assert meta.keys() == {function.name for function in functions_in_lite()}
    assert len(meta) == len(BUILT_IN) - 6
    for function in functions_in_lite():
        shown, arguments = meta[function.name]
        assert shown == function.describe("en")
        assert arguments == {
            argument.name: (
                argument.describe("en"),
                () if argument.per_column else argument.choices,
            )
            for argument in function.arguments
        }
    assert office.buttons(lite) == {"Load functions", "Show what is wrong"}


def test_three_hundred_calls_are_answered_as_python_answers(lite, office):
    asked = 0
    for function in functions_in_lite():
        required = sum(not argument.optional for argument in function.arguments)
        for made in islice(generated_calls(function), 9):
            if not required <= len(made.arguments) <= len(function.arguments):
                continue
            # A single blank cell is an argument left out.
            if any(rows == [[None]] for rows in made.arguments[:required]):
                continue
            expected = call(function.name, made.arguments)
            assert office.call(lite, function.name, made.arguments) == expected, made
            asked += 1
    assert asked >= 300


def test_options_as_words_and_left_out(lite, office):
    block = [[1.0, 2.0], [3.0, "NA"]]
    weights = [[1.0, 2.0]]
    for options in ([], [[["geometric"]]], [[[None]], [["renormalise"]]], [[["none"]]]):
        arguments = [block, weights, *options]
        answer = office.call(lite, "WEIGHTED_INDEX", arguments)
        assert answer == call("WEIGHTED_INDEX", arguments)


# -- the buttons -----------------------------------------------------------------------------------
class PlayedRange:
    """A range of a played sheet: cells from a top left one, read asynchronously."""

    def __init__(self, sheet, rows, columns):
        self.sheet = sheet
        self.rows = rows
        self.columns = columns

    def __getitem__(self, key):
        rows, columns = key
        if isinstance(rows, int):
            rows = slice(rows, rows + 1)
            columns = slice(columns, columns + 1)
        return PlayedRange(self.sheet, self.rows[rows], self.columns[columns])

    def options(self, **given):
        return self

    def _cells(self):
        return [[self.sheet.grid[r][c] for c in self.columns] for r in self.rows]

    async def get_formula(self):
        return self._cells()

    async def get_value(self):
        return self._cells()

    async def get_formula_array(self):
        return self.sheet.arrays.get((self.rows[0], self.columns[0]))

    def clear_contents(self):
        self.sheet.log.append(("clear", len(self.rows), len(self.columns)))

    def select(self):
        self.sheet.log.append(("select", self.rows[0], self.columns[0]))

    def _enter(self, formula):
        place = self.rows[0], self.columns[0]
        self.sheet.log.append(("enter", *place, len(self.rows), formula))

    formula = property(fset=_enter)


class PlayedBook:
    def __init__(self, grid, arrays=(), names=(), refuses=False):
        self.grid = grid
        self.arrays = dict(arrays)
        self.log = []
        self.name = "UDF"
        self.sheets = [self]
        whole = PlayedRange(self, range(len(grid)), range(len(grid[0])))
        named = types.SimpleNamespace(refers_to_range=whole)
        self.names = dict.fromkeys(names, named)
        self.whole = whole
        self.app = types.SimpleNamespace(alert=lambda text: self.log.append(text))
        self.refuses = refuses

    async def get_used_range(self):
        return self.whole

    async def flush(self):
        if self.refuses:
            raise RuntimeError("AccessDenied")


def test_load_functions_enters_every_call_again(lite, office):
    array = "=RATING_SCALE(A1:A2)"
    grid = [
        ["x", array, array, "=SUM(A1:A2)"],
        ["y", array, array, '=IF(A2="",_xldudf_RANK_UNIFORM(A1:A2),0)'],
    ]
    book = PlayedBook(grid, arrays={(0, 1): array})
    office.press(lite, "load_functions", book)
    assert book.log == [
        ("clear", 2, 2),
        ("enter", 0, 1, 1, array),
        ("clear", 1, 1),
        ("enter", 1, 3, 1, grid[1][3]),
        "Calls entered again: 2.",
    ]


def test_load_functions_says_what_is_in_the_way(lite, office):
    plain_book = PlayedBook([["x", "=SUM(A1:A2)"]])
    office.press(lite, "load_functions", plain_book)
    assert plain_book.log == ["No cell of this workbook calls a function of xlcity."]
    shut = PlayedBook([["=RATING_SCALE(A1)"]], refuses=True)
    office.press(lite, "load_functions", shut)
    assert shut.log[-1].startswith("The sheet UDF is protected.")


CHECKS = [
    ["name", "label", "status", "count", "detail", "remedy"],
    ["weights", "Weights", "pass", 0, "", "mend"],
    ["stale", "Old values", "note", 2, "B3", "calculate"],
    ["numbers", "No numbers", "fail", 1, "C7", "correct"],
]


def test_what_is_wrong_is_listed_the_gravest_first(lite, office):
    book = PlayedBook(CHECKS, names=["chk_table"])
    office.press(lite, "show_what_is_wrong", book)
    assert book.log == [
        ("select", 3, 2),
        "No numbers · fail · 1 · C7 · correct\nOld values · note · 2 · B3 · calculate",
    ]
    fine = PlayedBook(CHECKS[:2], names=["chk_table"])
    office.press(lite, "show_what_is_wrong", fine)
    assert fine.log == ["All checks are passed."]
    other = PlayedBook(CHECKS)
    office.press(lite, "show_what_is_wrong", other)
    assert other.log[0].startswith("This workbook has no table of checks")
