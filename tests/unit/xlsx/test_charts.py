import pytest

from xlcity.errors import CellError
from xlcity.xlsx.address import Range
from xlcity.xlsx.editing.charts import refresh_charts

NS = "http://schemas.openxmlformats.org/drawingml/2006/chart"
PART = "xl/charts/chart1.xml"
CELLS = {
    (1, 1): "北京",
    (2, 1): "a & b",
    (3, 1): 2024.0,
    (1, 2): 1.5,
    (2, 2): CellError.NA,
    (3, 2): "text",
    (5, 2): True,
}


def unnamed(name):
    return None


def refreshed(make, inner: str, names=unnamed, cells=CELLS) -> str:
    def lookup(sheet, row, column):
        assert sheet == "数据"
        return cells.get((row, column))

    xml = f'<c:chartSpace xmlns:c="{NS}">{inner}</c:chartSpace>'
    package = make({"数据": ""}, extra={PART: xml, "xl/charts/style1.xml": "<s/>"})
    out = refresh_charts(package, lookup, names, lambda *_: True)
    changed = {part for part in package.parts if package.parts[part] != out.parts[part]}
    assert changed <= {PART}
    assert refresh_charts(out, lookup, names, lambda *_: True) is out
    text = out.parts[PART].decode()
    return text[text.index(">") + 1 : -len("</c:chartSpace>")]


def ref(kind: str, formula: str, cache: str = "") -> str:
    return f"<c:{kind}Ref><c:f>{formula}</c:f>{cache}</c:{kind}Ref>"


def points(kind: str, count: int, texts: dict[int, str], form: str = "") -> str:
    pts = "".join(f'<c:pt idx="{i}"><c:v>{t}</c:v></c:pt>' for i, t in texts.items())
    return f'<c:{kind}Cache>{form}<c:ptCount val="{count}"/>{pts}</c:{kind}Cache>'


FORMAT = "<c:formatCode>0.00</c:formatCode>"
GENERAL = "<c:formatCode>General</c:formatCode>"
NUMBERS = {0: "1.5", 1: "#N/A", 2: "0", 4: "1"}


def test_numbers_follow_and_keep_their_format(make):
    old = points("num", 2, {0: "9", 1: "8"}, FORMAT)
    out = refreshed(make, ref("num", "数据!$B$1:$B$5", old))
    assert out == ref("num", "数据!$B$1:$B$5", points("num", 5, NUMBERS, FORMAT))


def test_an_absent_cache_is_made(make):
    tail = "<c:extLst><c:ext/></c:extLst>"
    out = refreshed(make, f"<c:numRef><c:f>'数据'!$B$1:$B$5</c:f>{tail}</c:numRef>")
    cache = points("num", 5, NUMBERS, GENERAL)
    assert out == f"<c:numRef><c:f>'数据'!$B$1:$B$5</c:f>{cache}{tail}</c:numRef>"


def test_categories_and_titles_follow(make):
    out = refreshed(
        make, f"<c:tx>{ref('str', '数据!$A$1')}</c:tx>" + ref("str", "数据!$A$1:$A$3")
    )
    assert points("str", 1, {0: "北京"}) in out
    assert points("str", 3, {0: "北京", 1: "a &amp; b", 2: "2024"}) in out


def test_a_right_cache_is_left_as_it_is_written(make):
    cache = (
        '<c:strCache>\n<c:ptCount val="2"/>\n<c:pt  idx="0">\n<c:v>北京</c:v></c:pt>'
        '<c:pt idx="1"><c:v>a &#38; b</c:v></c:pt></c:strCache>'
    )
    text = ref("str", "数据!$A$1:$A$2", cache)
    assert refreshed(make, text) == text


@pytest.mark.parametrize(
    "formula",
    [
        "(数据!$A$1,数据!$A$3)",
        "数据!$A$1:$B$2",
        "数据!#REF!",
        "[1]Other!$A$1:[2]x",
        "Book!nothing",
    ],
)
def test_what_is_not_one_row_or_column_is_left_alone(make, formula):
    text = ref("num", formula, points("num", 1, {0: "7"}))
    assert refreshed(make, text) == text


def test_other_spellings_of_what_is_no_number_are_left(make):
    # An error left out, text as 0, a number with more digits than needed.
    text = ref("num", "数据!$B$1:$B$5", points("num", 5, {0: "1.50", 2: "0", 4: "1"}))
    assert refreshed(make, text) == text


@pytest.mark.parametrize(
    ("kind", "stored", "value", "is_kept"),
    [
        ("num", "1.5000000000000002", 1.5, True),  # LibreOffice keeps 15 digits
        ("num", "1.50000000000001", 1.5, True),
        ("num", "1.5000000000001", 1.5, False),
        ("num", "many", 1.5, False),
        ("num", None, 1.5, False),
        # What is not a number is drawn as 0, as an error, or not at all.
        ("num", None, "text", True),
        ("num", "0", "text", True),
        ("num", "#REF!", CellError.NA, True),
        ("num", "7", "text", False),
        # Blanks and truth values have one spelling.
        ("num", None, None, True),
        ("num", "0", None, False),
        ("num", "1", True, True),
        ("num", "0", True, False),
        ("str", "a", "a", True),
        ("str", "a", "b", False),
        ("str", "", None, True),
        ("str", None, "", True),
        ("str", None, "a", False),
        ("str", "TRUE", True, True),
        ("str", "#N/A", CellError.NA, True),
        ("str", "0.3", 0.1 + 0.2, True),
        ("str", "0.4", 0.1 + 0.2, False),
    ],
)
def test_a_stored_value_is_kept_where_programs_differ_in_its_spelling(
    make, kind, stored, value, is_kept
):
    cache = points(
        kind, 1, {} if stored is None else {0: stored}, GENERAL * (kind == "num")
    )
    text = ref(kind, "数据!$A$1", cache)
    assert (refreshed(make, text, cells={(1, 1): value}) == text) == is_kept


def test_a_cache_of_fewer_values_or_without_their_number_is_written_anew(make):
    whole = points("num", 2, {0: "1", 1: "2"}, GENERAL)
    cells = {(1, 1): 1.0, (2, 1): 2.0}
    for cache in (
        points("num", 1, {0: "1"}, GENERAL),
        whole.replace('<c:ptCount val="2"/>', ""),
        "<c:numCache/>",
    ):
        out = refreshed(make, ref("num", "数据!$A$1:$A$2", cache), cells=cells)
        assert out == ref("num", "数据!$A$1:$A$2", whole)


@pytest.mark.parametrize("last", [100_000, 100_001])
def test_a_column_longer_than_any_chart_is_left_alone(make, last):
    text = ref("num", f"数据!$A$1:$A${last}")
    assert (refreshed(make, text, cells={}) == text) == (last > 100_000)


def test_a_label_keeps_its_number_format_until_the_number_changes(make):
    package = make(
        {"数据": ""},
        extra={
            PART: f'<c:chartSpace xmlns:c="{NS}">'
            + ref("str", "数据!$A$3", points("str", 1, {0: "2024年"}))
            + "</c:chartSpace>"
        },
    )
    value = {("数据", 3, 1): 2024.0}
    changes = value.copy()

    def lookup(*cell):
        return value[cell]

    assert (
        refresh_charts(package, lookup, unnamed, lambda *cell: cell not in changes)
        is package
    )
    out = refresh_charts(package, lookup, unnamed, lambda *cell: cell in changes)
    assert points("str", 1, {0: "2024"}) in out.parts[PART].decode()


def test_names_are_followed(make):
    area = Range("数据", 1, 2, 1, 2)
    out = refreshed(make, ref("num", "Book1.xlsx!ser"), {"ser": area}.get)
    assert points("num", 1, {0: "1.5"}, GENERAL) in out


def test_a_chart_without_prefix(make):
    xml = f'<chartSpace xmlns="{NS}"><numRef><f>数据!$B$1</f></numRef></chartSpace>'
    package = make({"数据": ""}, extra={PART: xml})
    out = refresh_charts(package, lambda *_: 1.5, unnamed, lambda *_: True)
    assert (
        "<numCache><formatCode>General</formatCode>"
        '<ptCount val="1"/><pt idx="0"><v>1.5</v></pt></numCache>'
    ) in out.parts[PART].decode()
