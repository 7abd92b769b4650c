"""What the page can ask: documents of a workbook, of what changed, and words for every command."""

import io
import re
import time
import zipfile
from importlib.resources import files
from pathlib import Path

import pytest

from tests.helpers.own import CODES, UNITS, Edited, own_bytes
from tests.helpers.team_table import foreign_book
from xlcity.api.texts import in_language
from xlcity.desk.commands import COMMANDS, Books, answer, write_map
from xlcity.desk.desk import Snapshots, Worker
from xlcity.desk.forms import form_of, forms
from xlcity.desk.texts import page_sentence, page_texts
from xlcity.errors import Problem, UsageError, XlcityError, did_you_mean
from xlcity.messages import Message, sentences
from xlcity.model.dataset import Unit
from xlcity.recalc import child_process
from xlcity.recalc.workbook import patch_results, recalculate
from xlcity.reports import load_report
from xlcity.reports.known_places import find_places
from xlcity.workbook.build import build
from xlcity.workbook.spec.from_report import template_spec
from xlcity.xlsx.address import parse_cell
from xlcity.xlsx.package import Package

#: The committed workbooks are Chinese.
CHINESE_TABS = True

PAGE = files("xlcity.desk").joinpath("page")


def changed_book(folder):
    """Write the book as it is, and with one value typed and all recalculated."""
    first = folder / "前.xlsx"
    second = folder / "后.xlsx"
    first.write_bytes(own_bytes(udf=False))
    edited = Edited(own_bytes(udf=False))
    edited.cell("city03", "A0").value = 500.0
    edited.save(second)
    package = Package.read(second)
    patch_results(package, recalculate(package)).write(second)
    return first, second


@pytest.fixture(scope="module")
def files_of_two_saves(tmp_path_factory):
    return changed_book(tmp_path_factory.mktemp("two saves"))


@pytest.fixture
def books(files_of_two_saves):
    found = Books()
    for copy in files_of_two_saves:
        found.open(copy.read_bytes(), "指数.xlsx")
    return found


def test_a_save_shows_what_it_changed(books):
    document = answer(books, "overview", {})
    (value,) = document["changed"]
    assert (value["unit"], value["code"], value["to"]) == ("city03", "A0", 500.0)
    assert value["cell"].startswith("Data!")
    assert document["missing"] == {"count": 0, "cells": [], "spare": 0}
    city = next(one for one in document["ranking"] if one["unit"] == "city03")
    assert city["rank"] < city["before"]
    assert sorted(city["unit"] for city in document["ranking"]) == sorted(UNITS)
    causes = answer(books, "moves", {})["ranks"]
    (moved,) = [one for one in causes if (one["unit"], one["node"]) == ("city03", "X")]
    assert (moved["from"], moved["to"]) == (city["before"], city["rank"])
    assert any("A0" in why["what"] for why in moved["because"])


def test_what_was_filled_into_a_blank_workbook_is_no_change(
    files_of_two_saves, tmp_path
):
    """Such as the next edition, which is shown blank before the table is filled into it."""
    blank = Edited(own_bytes(udf=False))
    for unit in UNITS:
        for code in CODES:
            blank.cell(unit, code).value = None
    blank.save(tmp_path / "blank.xlsx")
    books = Books()
    for copy in (tmp_path / "blank.xlsx", files_of_two_saves[0]):
        books.open(copy.read_bytes(), "指数.xlsx")
    document = answer(books, "overview", {})
    assert document["changed"] == []
    assert all(city["rank"] == city["before"] for city in document["ranking"])
    assert answer(books, "moves", {}) == {"cells": [], "ranks": []}


def test_a_rank_that_moved_leads_to_the_cell_that_moved_it(books, files_of_two_saves):
    first = answer(books, "moves", {})
    second = {"second": str(files_of_two_saves[0])}
    assert answer(books, "compare", second) == first
    (move,) = [m for m in first["ranks"] if (m["unit"], m["node"]) == ("city03", "X")]
    (why,) = move["because"]
    assert (why["cause"], why["what"]) == ("data", "A0")
    (cell,) = [one for one in first["cells"] if one["indicator"] == why["what"]]
    assert (cell["unit"], cell["from"], cell["to"]) == ("city03", 42.1809, 500.0)
    assert cell["cell"] == books.current.place("city03", "A0").partition("!")[2]
    assert move["score_to"] - move["score_from"] == pytest.approx(why["effect"])
    parents = {
        node["code"]: node["parent"] for node in answer(books, "overview", {})["nodes"]
    }
    own = [m["node"] for m in first["ranks"] if m["unit"] == "city03"]
    assert [node for node in own if parents[node] == "X"] == ["A"]


@pytest.mark.parametrize(
    ("name", "count", "spare"), [("vitality2014", 0, 782), ("image2025", 636, 0)]
)
def test_not_filled_is_what_a_score_waits_for(name, count, spare, tmp_path):
    """As the check `inputs` counts: of five reports four have cells that may stay blank."""
    book = Path(__file__).parents[3] / "workbooks" / f"{name}.xlsx"
    if count:
        spec = template_spec(load_report(name), empty=True)
        book = tmp_path / book.name
        build(spec).package.write(book)
    document = Books().open(book.read_bytes(), book.name)["missing"]
    assert (document["count"], document["spare"]) == (count, spare)
    assert len(document["cells"]) == min(count, 500)


def test_a_workbook_of_someone_else_s_is_checked_and_traced(tmp_path):
    foreign_book(tmp_path / "theirs.xlsx")
    books = Books()
    document = books.open((tmp_path / "theirs.xlsx").read_bytes(), "theirs.xlsx")
    assert (document["foreign"], document["ranking"]) == (True, [])
    checked = answer(books, "check", {})
    seen = [
        (c["severity"], c["rule"], f"{c['sheet']}!{c['cell']}")
        for c in checked["causes"]
    ]
    # More cells depend on the range: it comes first in `findings`.
    assert seen == [
        ("error", "E02", "Bob's scores!C6"),
        ("warning", "E04", "Bob's scores!B4"),
        ("warning", "E09", "!"),
    ]
    assert [cause["texts"]["zh"]["detail"] for cause in checked["causes"]] == [
        "数值 7 夹在一列公式之中（相邻单元格 C5 有公式）。",
        "现为 A$2:A$9，应为 A$2:A$11，与相邻单元格 B3 不同。",
        "没有存储计算结果，请重新计算。",
    ]
    assert checked["title"]["en"].startswith("Do not rely on this workbook: 1 ")
    assert checked["findings"] == []  # that results are not stored is among the causes
    assert (
        answer(books, "trace", {"cell": "'Bob''s scores'!B4"})["formula"]
        == "=A4-MIN(A$2:A$9)"
    )
    looked = answer(
        books,
        "look",
        {"table": str(tmp_path / "theirs.xlsx"), "lang": "en", "choices": "{}"},
    )
    assert looked["formulas"]
    assert answer(books, "moves", {}) == {"cells": [], "ranks": []}


@pytest.mark.parametrize(
    ("part", "content", "said"),
    [
        (
            "xl/worksheets/sheet1.xml",
            b"<worksheet><sheetData>",
            "有单元格无法读取（XML 不完整、no element found，第 1 行第 22 列）。请在",
        ),
        ("xl/worksheets/sheet1.xml", None, "缺少部件 xl/worksheets/sheet1.xml。请在"),
        ("xl/workbook.xml", b"<workbook", "不是 XML（unclosed token，第 1 行第 0 列）"),
    ],
)
def test_what_is_damaged_is_said_in_chinese(part, content, said, tmp_path):
    foreign_book(tmp_path / "theirs.xlsx")
    parts = Package.read(tmp_path / "theirs.xlsx").parts
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, kept in (parts | {part: content}).items():
            if kept is not None:
                archive.writestr(name, kept)
    with pytest.raises(XlcityError) as caught:
        Books().open(stream.getvalue(), "theirs.xlsx")
    with in_language("zh"):
        assert said in page_sentence(caught.value.problems[0])


def test_chinese_sentences_have_no_gap_between_them():
    asked = Problem.of(
        "XC311.not_on_sheet",
        hint=sentences(
            did_you_mean("beijin", ["beijing"]),
            Message("hint.list_city_first", cities="Cities"),
        ),
        typed="beijin",
        cities="Cities",
    )
    with in_language("zh"):
        assert "您是指 beijing 吗？请按" in page_sentence(asked)


def test_a_city_without_a_row_has_no_cell_to_fill(tmp_path):
    edited = Edited(own_bytes(udf=False))
    cell = edited.cell("city03", "A0")
    cell.parent.cell(cell.row, 1).value = None
    edited.save(tmp_path / "index.xlsx")
    blanks = Books().open((tmp_path / "index.xlsx").read_bytes(), "index.xlsx")[
        "missing"
    ]["cells"]
    assert {(blank["unit"], blank["cell"]) for blank in blanks} == {("city03", "")}


def test_a_value_of_a_field_has_a_cell_on_its_own_sheet():
    book = Path(__file__).parents[3] / "workbooks" / "gihi2023.xlsx"
    books = Books()
    books.open(book.read_bytes(), book.name)
    template = books.current.template
    codes = template.dataset.codes
    sheet = template.area("in_fields").sheet
    (code, *_) = [code for code in codes if code not in template.columns]
    cell = books.current.place("beijing", code)
    assert cell.startswith(f"{sheet}!")
    assert (
        template.book.value(sheet, *parse_cell(cell.partition("!")[2]))
        == books.current.inputs["beijing", code]
    )


def test_a_score_leads_step_by_step_to_the_typed_value(books):
    start = answer(books, "trace", {"cell": "city03", "node": "X"})
    waiting = [start]
    seen = set()
    while waiting:
        step = waiting.pop()
        if step["value"] == 500.0 and step["kind"] == "input":
            break
        if step["kind"] == "formula" and step["cell"] not in seen:
            seen.add(step["cell"])
            step = (
                step
                if step["inputs"]
                else answer(books, "trace", {"cell": step["cell"]})
            )
        waiting += [one for one in step["inputs"] if one["role"] == "value"]
    assert (step["unit"], step["node"]) == ("city03", "A0")


def test_checks_and_lint_say_what_the_verbs_say(books):
    document = answer(books, "check", {})
    assert document["verdict"] == "pass"
    names = [one["name"] for one in document["findings"]]
    assert {"inputs", "weights", "contract", "python-native"} <= set(names)
    order = ["fail", "note", "skipped", "pass"]
    found = [order.index(one["status"]) for one in document["findings"]]
    assert found == sorted(found)
    # The value that the second save has otherwise.
    (typed,) = document["causes"]
    assert (typed["rule"], typed["severity"], typed["cell"]) == ("W41", "note", "D13")
    assert typed["texts"]["zh"]["detail"].startswith("city03 的 Indicator A0 为 500（")
    (replaced,) = typed["follows"]
    assert (replaced["rule"], replaced["cell"]) == ("W32", "D13")


def test_another_workbook_is_compared(books, files_of_two_saves):
    document = answer(books, "compare", {"second": str(files_of_two_saves[0])})
    assert any(one["unit"] == "city03" for one in document["ranks"])
    assert document["cells"]


def test_another_file_is_not_compared_with_the_last_one(books, files_of_two_saves):
    assert books.open(files_of_two_saves[0].read_bytes(), "other.xlsx")["changed"] == []


@pytest.mark.parametrize(
    ("name", "given", "word"),
    [
        ("fly", {}, "unknown command"),
        ("trace", {}, "cell"),
        ("trace", {"cell": "Nowhere!A1"}, "unknown sheet"),
        ("trace", {"cell": "city03", "node": "Q"}, "Q"),
    ],
)
def test_what_cannot_be_asked_is_named(books, name, given, word):
    with pytest.raises(XlcityError, match=word):
        answer(books, name, given)


def test_a_command_before_any_workbook():
    with pytest.raises(XlcityError, match="no workbook"):
        answer(Books(), "check", {})


@pytest.mark.slow
def test_a_worker_answers_goes_on_after_errors_and_can_be_cancelled(
    files_of_two_saves, tmp_path, monkeypatch
):
    worker = Worker()
    try:
        with pytest.raises(XlcityError, match="no workbook"):
            worker.ask("check", {})
        wrong = tmp_path / "wrong.xlsx"
        wrong.write_bytes(b"PK no zip")
        with pytest.raises(XlcityError):
            worker.ask("open", {"content": wrong.read_bytes(), "file": "wrong.xlsx"})
        given = {"content": files_of_two_saves[0].read_bytes(), "file": "book.xlsx"}
        assert worker.ask("open", given)["file"] == "book.xlsx"
        # On a busy machine a process ends some time after it was told to.
        monkeypatch.setattr(child_process, "kill_group", lambda process: None)
        cancelled = worker._process
        worker.cancel()
        # A new process opens the workbook again by itself.
        assert (
            worker.ask("trace", {"cell": "in_weights"} | {"cell": "Data!A1"})["cell"]
            == "Data!A1"
        )
        assert worker._process is not cancelled
    finally:
        worker.close()


def test_a_copy_is_taken_when_the_file_is_whole_and_new(tmp_path):
    file = tmp_path / "书 1.xlsx"
    snapshots = Snapshots(file)
    content = own_bytes(udf=False)
    other = own_bytes(2, udf=False)
    assert (snapshots.take(), snapshots.state) == (None, "absent")
    for end in (10, len(content) // 2, len(content) - 1):  # written in place, slowly
        file.write_bytes(content[:end])
        assert (snapshots.take(), snapshots.state) == (None, "unreadable")
    file.write_bytes(content)
    assert snapshots.take() == content
    assert (snapshots.take(), snapshots.state) == (None, "")
    file.unlink()  # Excel: deleted, then renamed
    assert (snapshots.take(), snapshots.state) == (None, "absent")
    (tmp_path / "new").write_bytes(other)
    (tmp_path / "new").rename(file)
    assert snapshots.take() == other


def test_a_file_that_rests_is_not_read_at_every_look(tmp_path, monkeypatch):
    file = tmp_path / "book.xlsx"
    content = own_bytes(udf=False)
    other = own_bytes(2, udf=False)
    snapshots = Snapshots(file)
    file.write_bytes(content)
    assert snapshots.take() is not None
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 5)
    assert (snapshots.take(), snapshots.state) == (
        None,
        "",
    )  # read once more, then at rest
    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", lambda _: pytest.fail("read again"))
        assert (snapshots.take(), snapshots.state) == (None, "")
    file.write_bytes(other)
    assert snapshots.take() == other


def test_a_city_has_the_indicators_behind_its_score():
    books = Books()
    opened = books.open(own_bytes(udf=False), "index.xlsx")
    nodes = {node["code"]: node for node in opened["nodes"]}
    city = next(one for one in opened["ranking"] if one["unit"] == "city03")
    # Its parts add up to the score, and each is a share of the score below.
    assert sum(city["parts"].values()) == pytest.approx(city["score"])
    for code, part in city["parts"].items():
        assert part == pytest.approx(city["tops"][code] * nodes[code]["share"])
    lines = answer(books, "city", {"unit": "city03"})["indicators"]
    for top, score in city["tops"].items():
        own = [line for line in lines if line["top"] == top]
        total = sum(line["score"] * line["share"] for line in own)
        assert total == pytest.approx(score)
    assert lines[0]["cell"] == books.current.place("city03", lines[0]["code"])
    with pytest.raises(UsageError):
        answer(books, "city", {"unit": "nowhere"})


def test_cities_stand_where_they_say_or_where_the_reports_know_them():
    known = [Unit("a", "北京"), Unit("b", "", "Shanghai"), Unit("c", "某地")]
    assert find_places(known, 0.5) == {"a": [116.4, 39.9], "b": [121.5, 31.2]}
    own = Unit("c", "某地", attributes={"lon": "100.5", "lat": "-7"})
    assert find_places([*known[:1], own], 0.5)["c"] == [100.5, -7.0]
    # None where fewer than half are known, and no place from half of one.
    half = Unit("c", "某地", attributes={"lon": "100.5"})
    assert find_places([known[0], half, known[2]], 0.5) == {}


def test_the_example_is_computed_from_the_published_report():
    first = answer(Books(), "example", {})
    assert (first["report"], first["cities"], len(first["first"])) == (
        "image2025",
        106,
        6,
    )
    assert [city["name_zh"] for city in first["first"][:2]] == ["北京", "上海"]


def test_every_word_is_there_in_both_languages():
    asked = set()
    for source in (
        f.read_text(encoding="utf-8") for f in PAGE.iterdir() if f.suffix != ".css"
    ):
        asked |= set(re.findall(r'data-text="([^"]+)"', source))
        asked |= set(re.findall(r'\b(?:t|has)\("([^"]+)"', source))
        asked |= set(re.findall(r'\[\["?|\["([a-z]+)"(?:, true)?\]', source)) - {""}
    asked |= {f"command.{name}{end}" for name in COMMANDS for end in ("", ".help")}
    english = page_texts("en")
    chinese = page_texts("zh")
    assert asked - set(english) == set()
    assert set(english) == set(chinese)
    assert [
        key for key, text in chinese.items() if not re.search(r"[\u3400-\u9fff]", text)
    ] == ["language"]
    assert page_texts("fr") == english


@pytest.mark.parametrize("key", forms())
def test_every_word_of_a_form_is_there_in_both_languages(key):
    told = {}
    for language in ("en", "zh"):
        with in_language(language):
            told[language] = form_of(forms()[key])
    for form in told.values():
        assert form["name"] != form["help"]
        assert all(need["label"] for need in form["needs"])
    chinese = [told["zh"][word] for word in ("name", "help")]
    chinese += [need["label"] for need in told["zh"]["needs"]]
    chinese += [need["help"] for need in told["zh"]["needs"] if need["help"]]
    chinese += [text for need in told["zh"]["needs"] for _, text in need["options"]]
    assert [text for text in chinese if not re.search(r"[\u3400-\u9fff]", text)] == []


def test_a_map_is_written_and_an_older_one_is_kept(tmp_path):
    table = tmp_path / "team.csv"
    target = tmp_path / "team.toml"
    table.write_text("城市,得分\n太原,5\n长春,6\n长沙,7\n", encoding="utf-8")
    assert write_map(Books(), str(table), "", str(target)) == {"kept": ""}
    written = target.read_bytes()
    assert "得分" in written.decode()
    target.write_text("# of one's own\n")
    assert write_map(Books(), str(table), "", str(target)) == {"kept": "team.toml.bak"}
    assert target.read_bytes() == written
    assert (tmp_path / "team.toml.bak").read_text() == "# of one's own\n"
