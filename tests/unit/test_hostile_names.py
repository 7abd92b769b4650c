"""Codes, ids and names made to mislead: no path, no ranking and no reader is deceived."""

import pytest

from tests.helpers.cli import run
from xlcity.errors import FrameworkError, Problem, UsageError, Where
from xlcity.model.framework import Framework
from xlcity.model.nodes import Node
from xlcity.workbook.reading.template import open_template
from xlcity.xlsx.save import safe_name, write_files

HEAD = "code,parent,weight,direction,name_en\nX,,,,Index\n"
TREE = HEAD + "A,X,1,1,Parks\nB,X,1,1,Roads\n"
DATA = "unit,A,B\nlyon,1,2\nporto,2,5\nturin,5,1\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tree.csv").write_text(TREE, encoding="utf-8")
    (tmp_path / "data.csv").write_text(DATA, encoding="utf-8")
    return tmp_path


def index(capsys, folder, tree=TREE, data=DATA, verb="index", *words):
    (folder / "tree.csv").write_text(tree, encoding="utf-8")
    (folder / "data.csv").write_text(data, encoding="utf-8")
    return run(capsys, verb, "--framework", "tree.csv", "--data", "data.csv", *words)


@pytest.mark.parametrize(
    "text",
    [
        "../../x",
        "a/b",
        "a\\b",
        "a:b",
        "",
        ".",
        "..",
        "NUL",
        "com1.csv",
        "a\0b",
        "a\nb",
        "a\u202eb",
        "城" * 200,
        "\ud800",
    ],
)
def test_a_text_from_data_is_one_part_of_a_path(tmp_path, text):
    name = safe_name(text)
    assert name != text
    assert (tmp_path / f"{name}.csv").parent == tmp_path
    (tmp_path / f"{name}.csv").write_text("x", encoding="utf-8")


def test_different_texts_have_different_names_and_usual_ones_stay():
    texts = [
        "GDP/capita",
        "GDP_capita",
        "GDP\\capita",
        "GDP:capita",
        "GDP?capita",
        "城/市",
        "城_市",
    ]
    assert len({safe_name(text) for text in texts}) == len(texts)
    for text in (
        "bars-B2.1.a",
        "群-北京",
        "group-X-region-south & east",
        "a b",
        ".hidden",
    ):
        assert safe_name(text) == text


@pytest.mark.parametrize("name", ["../x", "a/../../x", "/var/x", "", "."])
@pytest.mark.parametrize("exists", [False, True])
def test_no_file_is_written_outside_its_folder(tmp_path, name, exists):
    folder = tmp_path / "out"
    if exists:
        folder.mkdir()
    with pytest.raises(UsageError) as raised:
        write_files(folder, {"a.csv": b"1", name: b"2"})
    assert "XC102" in {problem.code for problem in raised.value.problems}
    assert [*folder.glob("*")] == []


@pytest.mark.slow
def test_a_report_of_a_received_workbook_stays_in_its_folder(folder, capsys):
    tree = (
        "code,parent,weight,direction\nX,,,\n../../victim,X,1,\nGDP/capita,X,1,\nGDP_capita,X,1,\n"
        "A,../../victim,1,1\nB,GDP/capita,1,1\nC,GDP_capita,1,1\n"
    )
    data = "unit,A,B,C\n" + "".join(f"c{n},{n},{n * n},{7 - n}\n" for n in range(1, 6))
    assert index(capsys, folder, tree, data, "new", "-o", "book.xlsx")[0] == 0
    victims = [folder / f"{name}.zh.svg" for name in ("victim", "x/victim")]
    (folder / "x").mkdir()
    for victim in victims:
        victim.write_text("mine", encoding="utf-8")
    before = set(folder.rglob("*"))
    chosen = [
        "bars-../../victim",
        "ranking-../../victim",
        "bars-GDP/capita",
        "bars-GDP_capita",
    ]
    words = ["report", "book.xlsx", "-o", "x/y/z", "--lang", "zh", "--only", *chosen]
    assert run(capsys, *words)[0] == 0
    made = set(folder.rglob("*")) - before
    assert all((folder / "x" / "y").resolve() in (path, *path.parents) for path in made)
    assert [victim.read_text("utf-8") for victim in victims] == ["mine", "mine"]
    figures = sorted(path.name for path in (folder / "x/y/z/figures").iterdir())
    assert len(figures) == 9
    assert "bars-GDP_capita.zh.svg" in figures


@pytest.mark.parametrize(
    "code", ["A\x01", "A\x1b[31m", "A\u200b", "A\u202e", "А1x", "A\u2066"]
)
@pytest.mark.parametrize("verb", ["index", "new"])
def test_a_code_that_nobody_can_type_is_refused(folder, capsys, code, verb):
    tree = f"{HEAD}{code},X,1,1,Parks\nB,X,1,1,Roads\n"
    out = ["-o", "book.xlsx"] if verb == "new" else []
    exit_code, _, said = index(capsys, folder, tree, DATA, verb, *out)
    assert (exit_code, "[XC227] tree.csv, row 3" in said) == (3, True)
    assert "U+" in said
    assert not set(said) & {"\x01", "\x1b", "\u200b", "\u202e", "\u2066"}
    assert not (folder / "book.xlsx").exists()


@pytest.mark.parametrize(
    ("first", "second"),
    [("A", "a"), ("A", "А"), ("straße", "STRASSE"), ("ﬁne", "fine")],
)
def test_codes_that_nobody_can_tell_apart_are_refused(first, second):
    nodes = [Node(code, "X", code, code) for code in (first, second)]
    with pytest.raises(FrameworkError, match="cannot be told apart"):
        Framework((Node("X", None, "X", "X"), *nodes))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("straße", "strasse"),
        ("ﬁne", "fine"),
        ("Oslo", "oslo"),
        ("Oslo", "Оslo"),
        ("Осло", "Ocлo"),
        ("Zürich", "Zu\u0308rich"),
        ("北京", "北\u200b京"),
    ],
)
def test_cities_that_a_spreadsheet_or_a_reader_takes_for_one_are_not_both_ranked(
    folder, capsys, first, second
):
    data = f"unit,A,B\n{first},1,2\n{second},2,5\nturin,5,1\n"
    code, _, said = index(capsys, folder, data=data)
    assert code == 3
    assert "data.csv, row 3" in said
    assert "cannot be told apart" in said or "U+" in said
    (folder / "c").mkdir()
    (folder / "c" / "cities.csv").write_text(
        f"id\n{first}\n{second}\nturin\n", encoding="utf-8"
    )
    (folder / "c" / "data.csv").write_text(data, encoding="utf-8")
    code, _, said = run(capsys, "index", "--framework", "tree.csv", "--data", "c")
    assert (code, "cities.csv, row 3" in said) == (3, True)


@pytest.mark.slow
def test_a_workbook_names_what_was_typed_into_it(folder, capsys):
    assert (
        index(capsys, folder, verb="new", data=DATA, tree=TREE)[0] == 2
    )  # it needs a name
    words = ["--framework", "tree.csv", "--data", "data.csv", "-o", "book.xlsx"]
    assert run(capsys, "new", *words)[0] == 0
    from xlcity.xlsx.cells import read_book
    from xlcity.xlsx.editing.patch import write_inputs
    from xlcity.xlsx.package import Package

    package = Package.read("book.xlsx")
    template = open_template("book.xlsx")
    cities = template.area("xl_cities")
    tree = template.area("xl_framework")
    typed = write_inputs(
        package,
        {cities.sheet: {(cities.r1 + 2, cities.c1): "LYON\u200b\x07"}},
        read_book(package),
    )
    (folder / "typed.xlsx").write_bytes(typed.to_bytes())
    problems = open_template("typed.xlsx").problems
    assert {"XC227", "XC313"} <= {problem.code for problem in problems}
    heads = list(template.book.block(tree)[0])
    at = tree.r1 + 2, tree.c1 + heads.index("code")
    typed = write_inputs(package, {tree.sheet: {at: "A\x01"}}, read_book(package))
    (folder / "typed.xlsx").write_bytes(typed.to_bytes())
    for verb in (
        ["fill", "typed.xlsx", "--data", "data.csv", "-o", "f.xlsx"],
        ["check", "typed.xlsx"],
    ):
        code, _, said = run(capsys, *verb)
        assert (code, "XC227" in said, "\x01" in said) == (3, True, False)


@pytest.mark.parametrize("name", ["Pаrks", "Parks\u200b", "Pa\u202erks", "Ρarks"])
def test_a_name_with_characters_that_mislead_is_used_and_reported(folder, capsys, name):
    code, _, said = index(capsys, folder, TREE.replace("Parks", name))
    assert code == 0
    assert "[XC228] tree.csv, indicator A" in said
    data = DATA.replace("unit", "unit,name_en").replace("lyon", f"lyon,{name}")
    code, _, said = index(
        capsys, folder, TREE, data.replace("to,", "to,P,").replace("rin,", "rin,T,")
    )
    assert (code, "[XC228] city lyon" in said) == (0, True)


@pytest.mark.parametrize(
    "name", ["Осло", "Αθήνα", "北京 Beijing", "μg (α)", "São Paulo"]
)
def test_names_in_other_scripts_are_names(folder, capsys, name):
    code, _, said = index(capsys, folder, TREE.replace("Parks", name))
    assert (code, "XC228" in said) == (0, False)


@pytest.mark.parametrize("column", ["name_en", "definition"])
def test_no_text_is_cut_in_a_workbook(folder, capsys, column):
    tree = TREE.replace("name_en", column).replace("Parks", "p" * 32_768)
    code, _, said = index(capsys, folder, tree, DATA, "new", "-o", "book.xlsx")
    assert code == 3
    assert "[XC227]" in said
    assert "32,768 characters" in said
    assert not (folder / "book.xlsx").exists()


def test_a_message_never_steers_a_terminal():
    problem = Problem(
        "XC000", "\x1b[2J\u202egone.", "\x07", Where(file="a\x1b]0;x", unit="\u200b")
    )
    assert not set(str(problem)) & set("\x1b\x07\u202e\u200b")
