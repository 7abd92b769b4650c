"""Names of groups: beside the data, in the workbook, and in what is written of an index."""

import shutil

import pytest

from tests.helpers.cli import run_json
from xlcity.api.index import Index
from xlcity.api.workbook import Workbook
from xlcity.errors import DataError
from xlcity.report.wording import cities_of

FRAMEWORK = "code,parent,name_zh,name_en\nT,,总指数,Total\na,T,甲,A\nb,T,乙,B\n"
DATA = "id,name_zh,name_en,Group_区域,a,b\n" + "".join(
    f"c{n},城{n},City {n},{('北欧', '中部')[n % 2]},{n},{(n * 7) % 5}\n"
    for n in range(1, 9)
)
GROUPS = (
    "group_type,group_type_en,group,name_en,cities_zh,cities_en,measure_zh\n"
    "区域,Area,北欧,the Nordic countries,北欧城市,Nordic cities,个\n"
    "区域,Area,中部,the centre,中部城市,cities in the centre,座\n"
)


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "own"
    folder.mkdir()
    for name, text in (
        ("framework", FRAMEWORK),
        ("data", DATA),
        ("groups", GROUPS),
    ):
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def names_of(source):
    """Return what sorts cities, its groups and their cities are called in both languages."""
    (kind,) = source.group_types
    cities = [cities_of(group) for group in kind.groups]
    return (
        (kind.name_zh, kind.name_en),
        [(group.name_zh, group.name_en) for group in kind.groups],
        [(name.zh, name.en) for name in cities],
    )


DECLARED = (
    ("区域", "Area"),
    [("北欧", "the Nordic countries"), ("中部", "the centre")],
    [("北欧城市", "Nordic cities"), ("中部城市", "cities in the centre")],
)


def made_book(folder, capsys, name="own.xlsx", data="data.csv"):
    words = ("--framework", folder / "framework.csv", "--data", folder / data)
    book = folder.parent / name
    code, _ = run_json(capsys, "new", *words, "-o", book, "--cells", "native")
    assert code == 0
    return book


@pytest.mark.parametrize("beside", ["groups.csv", "data.groups.csv", "folder"])
def test_names_beside_the_data_are_taken(folder, beside):
    if beside.startswith("data"):
        (folder / "groups.csv").rename(folder / beside)
    data = folder if beside == "folder" else folder / "data.csv"
    source = Index(folder / "framework.csv", data).source()
    assert names_of(source) == DECLARED


def test_names_are_those_of_the_workbook_and_of_the_next_edition(folder, capsys):
    book = made_book(folder, capsys)
    assert names_of(Workbook.open(book).source()) == DECLARED
    shutil.rmtree(folder)
    rolled = book.with_name("next.xlsx")
    code, _ = run_json(capsys, "roll", book, "--edition", "2031", "-o", rolled)
    assert code == 0
    assert names_of(Workbook.open(rolled).source()) == DECLARED
    assert run_json(capsys, "check", book)[0] == 0


def test_fill_brings_names_into_a_workbook_without(folder, capsys):
    groups = folder / "groups.csv"
    aside = groups.rename(folder.parent / "groups.csv")
    book = made_book(folder, capsys)
    before = Workbook.open(book).source()
    assert names_of(before)[2] == [
        ("中部城市", "cities in the central region"),
        ("北欧城市", "Nordic cities"),
    ]
    aside.rename(groups)
    words = ("fill", book, "--data", folder / "data.csv", "--in-place")
    assert run_json(capsys, *words)[0] == 0
    assert names_of(Workbook.open(book).source()) == DECLARED
    # What is filled is no slip, and a second time nothing changes.
    assert run_json(capsys, "check", book)[0] == 0
    filled = book.read_bytes()
    assert run_json(capsys, *words)[0] == 0
    assert book.read_bytes() == filled
    renamed = GROUPS.replace("Nordic cities", "northern capitals")
    groups.write_text(renamed, encoding="utf-8")
    assert run_json(capsys, *words)[0] == 0
    assert (
        dict(names_of(Workbook.open(book).source())[2])["北欧城市"]
        == "northern capitals"
    )


def test_without_names_no_adjective_is_made(folder):
    (folder / "groups.csv").unlink()
    data = DATA.replace("北欧", "Nordic").replace("中部", "central")
    (folder / "data.csv").write_text(data, encoding="utf-8")
    source = Index(folder / "framework.csv", folder / "data.csv").source()
    _, _, cities = names_of(source)
    assert cities == [
        ("central组城市", "cities in the central region"),
        ("Nordic组城市", "cities of group Nordic"),
    ]


def test_a_group_that_only_cities_have_is_added(folder):
    lines = GROUPS.splitlines()[:2]
    (folder / "groups.csv").write_text("\n".join(lines), encoding="utf-8")
    source = Index(folder / "framework.csv", folder / "data.csv").source()
    _, names, cities = names_of(source)
    assert [zh for zh, _ in names] == ["北欧", "中部"]
    assert cities[0] == DECLARED[2][0]


def test_names_of_an_attribute_may_stand_in_any_of_its_rows(folder):
    groups = GROUPS.replace("区域,Area,北欧", "区域,,北欧").replace("Area", "Side")
    (folder / "groups.csv").write_text(groups, encoding="utf-8")
    source = Index(folder / "framework.csv", folder / "data.csv").source()
    assert names_of(source)[0] == ("区域", "Side")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "区域,Area,北欧",
            "国别,Area,北欧",
            "'国别' is not an attribute of the cities",
        ),
        ("区域,Area,北欧", "区域,Area,", "the row names no group"),
        ("group,name", "value,name", "needs the columns group_type and group"),
        (
            "区域,Area,中部",
            "区域,Area,北欧",
            r"duplicate group '北欧' \(first in row 2\)",
        ),
        ("group_type,", "区域\ngroup_type,", "needs the columns group_type and group"),
        ("北欧,the", "北欧\n区域\n区域,Area,北欧,the", "the row names no group"),
    ],
)
def test_a_table_of_groups_that_cannot_be_used_is_refused(folder, old, new, message):
    path = folder / "groups.csv"
    path.write_text(GROUPS.replace(old, new), encoding="utf-8")
    with pytest.raises(DataError, match=message):
        Index(folder / "framework.csv", folder / "data.csv").source()
