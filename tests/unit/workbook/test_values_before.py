"""Values of another order of magnitude, and numbers that vanish or appear, are named."""

import json
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.cli import run, run_json
from tests.helpers.mutations import with_cell, with_text
from tests.helpers.own import CODES, UNITS, own_bytes, write_tables
from tests.helpers.slips import Sound
from xlcity.audit.lint.rules.former_inputs import FormerInputs, former_inputs
from xlcity.audit.lint.rules.magnitudes import find_far_values
from xlcity.audit.lint.subject import Subject
from xlcity.workbook.migrate.content import read_content
from xlcity.workbook.migrate.rebuild import rebuild
from xlcity.workbook.reading.recorded_values import read_recorded
from xlcity.workbook.reading.template import template_of
from xlcity.xlsx.address import cell_name
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.editing.comments import Comment
from xlcity.xlsx.editing.sheet_editor import with_note
from xlcity.xlsx.package import Package


@pytest.fixture(scope="module")
def own():
    return Sound(Package.from_bytes(own_bytes(udf=False), "own.xlsx"))


@pytest.fixture(scope="module")
def gaps(tmp_path_factory):
    """Return a book of one's own that has three values confirmed missing."""
    folder = tmp_path_factory.mktemp("gaps")
    write_tables(folder)
    rows = [line.split(",") for line in (folder / "data.csv").read_text().splitlines()]
    for unit, code in GAPS:
        rows[1 + UNITS.index(unit)][1 + CODES.index(code)] = "NA"
    text = "\n".join(",".join(row) for row in rows) + "\n"
    (folder / "data.csv").write_text(text)
    return Sound(Package.read(made(folder)))


WORKBOOK = Path(__file__).parents[3] / "workbooks" / "image2025.xlsx"
GAPS = (("city01", "A1"), ("city05", "B0"), ("city09", "B0"))


def made(folder, *options):
    """Return the path of the book of the tables in a folder."""
    from xlcity.cli import main

    words = ["--framework", folder / "fw.csv", "--data", folder / "data.csv"]
    book = folder / "own.xlsx"
    words += ["-o", book, "--lang", "en", "--cells", "native", *options]
    assert main(["new", *map(str, words)]) == 0
    return book


def edited(sound, values):
    """Return a book with cells of `Data` typed over: a number, "NA", or None for nothing."""
    package = sound.package
    for place, value in values.items():
        position = sound.at(*place)
        if isinstance(value, str):
            package = with_text(package, sound.book, "Data", position, value)
        else:
            inner = "" if value is None else f"<v>{value!r}</v>"
            package = with_cell(package, sound.book, "Data", position, inner)
    return package


def found(sound, values):
    """Return rule, severity, cells and message of what is found after cells were typed over."""
    subject = Subject(edited(sound, values), "book.xlsx")
    return [(f.rule, f.severity, f.areas, f.message) for f in former_inputs(subject)]


def cell(sound, unit, code):
    return cell_name(*sound.at(unit, code))


def test_books_without_slips_have_no_findings(own, gaps):
    assert found(own, {}) == []
    assert found(gaps, {}) == []


# -- numbers that vanish or appear ---------------------------------------------------------------
@pytest.mark.parametrize("typed", ["NA", None])
@pytest.mark.parametrize("place", [("city03", "A2"), ("city11", "B1")])
def test_a_number_that_is_gone_is_named_at_its_cell(own, place, typed):
    ((rule, severity, cells, message),) = found(own, {place: typed})
    unit, code = place
    assert (rule, severity, cells) == ("W43", "note", (cell(own, *place),))
    word = "blank" if typed is None else "NA"
    before = f"{own.value(*place):.12g}"
    assert message == (
        f"{code} of {unit} is {word}, and {before} in the values written last."
    )


def test_several_numbers_gone_are_named_city_by_city(own):
    places = [("city02", "A0"), ("city02", "B1"), ("city07", "A1")]
    slips = found(own, dict.fromkeys(places, "NA"))
    assert {rule for rule, *_ in slips} == {"W43"}
    named = {area for _, _, areas, _ in slips for area in areas}
    assert {cell(own, *place) for place in places} <= named


def test_a_gap_that_became_0_is_a_warning_at_its_cell(gaps):
    for place in GAPS:
        ((rule, severity, cells, message),) = found(gaps, {place: 0.0})
        assert (rule, severity, cells) == ("W44", "warning", (cell(gaps, *place),))
        assert message.endswith(" is 0, and NA in the values written last.")


def test_a_gap_that_is_filled_is_no_finding(gaps):
    assert found(gaps, {GAPS[1]: 48.5}) == []
    assert found(gaps, dict.fromkeys(GAPS, 51.25)) == []


def test_a_number_and_a_gap_exchanged_in_a_row_show_in_the_columns(gaps):
    gap = GAPS[1]
    number = gap[0], "A0"
    values = {gap: gaps.value(*number), number: "NA"}
    slips = found(gaps, values)
    named = {area for rule, _, areas, _ in slips for area in areas if rule == "W43"}
    assert cell(gaps, *number) in named, slips


def test_a_number_exchanged_with_a_gap_of_another_city_is_named(gaps):
    gap = GAPS[1]
    number = "city02", gap[1]
    slips = found(gaps, {gap: gaps.value(*number), number: "NA"})
    assert any(cell(gaps, *number) in areas for _, _, areas, _ in slips), slips


def test_texts_that_are_not_numbers_are_not_gone(own):
    assert found(own, {("city03", "A2"): "n.n."}) == []


def test_shipped_values_that_became_a_gap_are_named():
    sound = Sound(Package.read(WORKBOOK))
    place = sound.units[4], sound.codes[0]
    ((rule, severity, cells, message),) = found(sound, {place: "NA"})
    assert (rule, severity, cells) == ("W43", "note", (cell(sound, *place),))
    assert message.endswith(f"and {sound.value(*place):.12g} in the shipped values.")


def test_shipped_gaps_that_became_0_are_warned_of():
    sound = Sound(Package.read(WORKBOOK.with_name("iecc2024.xlsx")))
    place = next(
        (unit, code)
        for unit in sound.units
        for code in sound.codes
        if sound.value(unit, code) == "NA"
    )
    ((rule, severity, cells, message),) = found(sound, {place: 0.0})
    assert (rule, severity, cells) == ("W44", "warning", (cell(sound, *place),))
    assert message.endswith("is 0, and NA in the shipped values.")


def test_counts_are_written_by_new_fill_and_merge_and_kept_by_rebuild(
    tmp_path, capsys, gaps
):
    recorded = read_recorded(gaps.book)
    assert recorded.by_city["city01"] == (5, 1)
    assert recorded.by_input["B0"] == (10, 2)
    lost = tmp_path / "lost.xlsx"
    lost.write_bytes(edited(gaps, {("city03", "A2"): "NA"}).to_bytes())
    # Drawn again, nobody wrote values.
    drawn = rebuild(read_content(template_of(Package.read(lost), str(lost)))).package
    assert read_recorded(read_book(drawn)).by_city["city03"] == (6, 0)
    (tmp_path / "more.csv").write_text("unit,A2\ncity04,NA\n")
    words = ["--data", tmp_path / "more.csv", "-o", tmp_path / "filled.xlsx"]
    assert run_json(capsys, "fill", lost, *words)[0] == 0
    book = read_book(Package.read(tmp_path / "filled.xlsx"))
    assert read_recorded(book).by_city["city03"] == (5, 1)
    assert read_recorded(book).by_input["A2"] == (10, 2)
    base = tmp_path / "base.xlsx"
    base.write_bytes(gaps.package.to_bytes())
    words = ["merge", base, lost, "-o", tmp_path / "merged.xlsx"]
    code, document = run_json(capsys, *words)
    assert code == 0, json.dumps(document)
    book = read_book(Package.read(tmp_path / "merged.xlsx"))
    assert read_recorded(book).by_city["city03"] == (5, 1)


# -- other orders of magnitude -------------------------------------------------------------------
@pytest.fixture(scope="module")
def wide(tmp_path_factory):
    """Return a book whose data came with a slip: nothing is known of before."""
    folder = tmp_path_factory.mktemp("wide")
    write_tables(folder)
    rows = [line.split(",") for line in (folder / "data.csv").read_text().splitlines()]
    rows[4][1] = f"{10 * float(rows[4][1]):.12g}"
    rows[6][2] = f"{float(rows[6][2]) / 100:.12g}"
    rows[8][3] = "7.5e7"
    text = "\n".join(",".join(row) for row in rows) + "\n"
    (folder / "data.csv").write_text(text)
    return Sound(Package.read(made(folder)))


def test_a_value_far_from_the_others_is_noted_with_what_it_may_be(wide):
    slips = found(wide, {})
    assert [(rule, severity) for rule, severity, *_ in slips] == [("W41", "note")] * 3
    places = [("city03", "A0"), ("city05", "A1"), ("city07", "A2")]
    assert [areas for _, _, areas, _ in slips] == [(cell(wide, *p),) for p in places]
    words = [message.partition("(")[2].partition(")")[0] for *_, message in slips]
    assert words == ["x10?", "÷100?", "far from the others"]


def test_the_first_sentence_names_city_value_and_word_first(
    wide, tmp_path, capsys, monkeypatch
):
    book = tmp_path / "wide.xlsx"
    changed = {("city00", "B1"): 49.75}  # also typed over, which is said after it
    book.write_bytes(edited(wide, changed).to_bytes())
    assert run_json(capsys, "recalc", book, "--in-place")[0] == 0
    _, document = run_json(capsys, "check", book)
    value = f"{wide.value('city03', 'A0'):.12g}"
    assert document["workbooks"][0]["summary"] == (
        f"The scores can be used: A0 of city03 is {value} (x10?) and 2 more, "
        "1 input was typed over."
    )
    assert document["workbooks"][0]["findings"][0]["rule"] == "W41"
    monkeypatch.setenv("XLCITY_LANG", "zh")
    _, said, _ = run(capsys, "check", book)
    assert said.splitlines()[1].strip() == (
        f"得分可以使用：city03 的 A0 为 {value}（×10？），另有 2 处，1 个输入被改写。"
    )


@pytest.mark.parametrize(
    ("text", "silent"),
    [
        ("xlcity: {value} is right", True),
        ("xlcity：{value} 属实", True),
        ("a remark\nxlcity: {value} is right", True),
        ("xlcity: 12 is right", False),
        ("is it right?", False),
        ("xlcity: this is right", False),
        ("xlcity：此值属实", False),
    ],
)
def test_a_value_that_a_person_has_confirmed_is_silent(wide, text, silent):
    place = "city05", "A1"
    note = Comment(text.format(value=f"{wide.value(*place):.12g}"), "who looked")
    package = with_note(wide.package, "Data", wide.at(*place), note)
    rules = [
        f.rule
        for f in former_inputs(Subject(package, "book.xlsx"))
        if cell(wide, *place) in f.areas
    ]
    assert (not rules) == silent


def test_shipped_values_are_silent_however_far():
    """In a book of a later edition they are not shipped, and are noted."""
    sound = Sound(Package.read(WORKBOOK))
    inputs = FormerInputs.of_data(sound.template)
    assert [*inputs.far_values()] != []
    assert found(sound, {}) == []


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda x: 10 * x, "x10?"),
        (lambda x: x / 100, "÷100?"),
        (lambda x: 1000 * x, "x1000?"),
        (lambda x: -x, "lost sign?"),
    ],
)
@pytest.mark.parametrize("book", ["own", "shipped"])
def test_a_slip_is_a_warning_where_the_value_before_is_known(own, book, change, word):
    sound = own if book == "own" else Sound(Package.read(WORKBOOK))
    place = sound.units[4], sound.codes[0]
    before = sound.value(*place)
    ((rule, severity, cells, message),) = found(sound, {place: change(before)})
    assert (rule, severity, cells) == ("W42", "warning", (cell(sound, *place),))
    assert message.endswith(f"({word}).")
    assert f"{before:.12g} in the " in message


def test_a_date_in_place_of_a_small_number(tmp_path):
    write_tables(tmp_path)
    rows = [
        line.split(",") for line in (tmp_path / "data.csv").read_text().splitlines()
    ]
    for row in rows[1:]:
        row[1] = f"{float(row[1]) / 10:.1f}"
    text = "\n".join(",".join(row) for row in rows) + "\n"
    (tmp_path / "data.csv").write_text(text)
    sound = Sound(Package.read(made(tmp_path)))
    ((rule, _, cells, message),) = found(sound, {("city03", "A0"): 46120.0})
    assert (rule, cells) == ("W42", (cell(sound, "city03", "A0"),))
    assert "(a date (2026-04-08)?)" in message


def test_one_factor_for_a_whole_column_is_another_unit(own):
    values = {(u, "A1"): own.value(u, "A1") * 10_000 for u in own.units}
    ((rule, severity, cells, message),) = found(own, values)
    assert (rule, severity) == ("W42", "warning")
    assert cells == (
        f"{cell(own, own.units[0], 'A1')}:{cell(own, own.units[-1], 'A1')}",
    )
    assert "12 values of A1 are 10000 times those in the values written last" in message
    assert message.endswith("(another unit?).")


def test_values_unlike_the_last_edition_are_warned_of(own, tmp_path, capsys):
    """Of values that all differ, one slip of a point and one column in another unit."""
    last = tmp_path / "last.xlsx"
    last.write_bytes(own.package.to_bytes())
    book = tmp_path / "next.xlsx"
    words = ["--edition", "2027", "-o", book]
    assert run_json(capsys, "roll", last, *words)[0] == 0
    # Its values are blank, as they were when it was made.
    rolled = Sound(Package.read(book))
    assert read_recorded(rolled.book).by_city["city03"] == (0, 0)
    assert found(rolled, {}) == []
    factor = {("city03", "A0"): 10.0} | {(unit, "B2"): 1000.0 for unit in UNITS}
    lines = ["unit," + ",".join(CODES)]
    for number, unit in enumerate(UNITS):
        grown = [
            own.value(unit, code) * (1.01 + number / 100) * factor.get((unit, code), 1)
            for code in CODES
        ]
        lines.append(",".join([unit, *(f"{value:.6f}" for value in grown)]))
    (tmp_path / "now.csv").write_text("\n".join(lines) + "\n")
    filled = tmp_path / "filled.xlsx"
    words = ["--data", tmp_path / "now.csv", "-o", filled]
    assert run_json(capsys, "fill", book, *words)[0] == 0
    sound = Sound(Package.read(filled))
    slips = {
        areas: message
        for rule, severity, areas, message in found(sound, {})
        if (rule, severity) == ("W42", "warning")
    }
    assert [*slips] == [
        (cell(sound, "city03", "A0"),),
        (f"{cell(sound, UNITS[0], 'B2')}:{cell(sound, UNITS[-1], 'B2')}",),
    ]
    slip, unit = slips.values()
    assert slip.endswith("(x10?).")
    assert "are 1000 times those in the previous edition" in unit


def test_a_column_with_more_than_two_far_values_is_only_wide():
    column = np.array([30.0, 31, 29, 28, 32, 33, 27, 30, 29])
    assert [*find_far_values(column)] == []
    for number in range(3):
        column[number] *= 10
        assert len([*find_far_values(column)]) == (number + 1 if number < 2 else 0)


@pytest.mark.parametrize(
    "column",
    [
        [30.0, 31, 29, 28, 32, 33, 300],  # seven numbers
        [-30.0, -31, -29, -28, -32, -33, -27, 300],  # a median below 0
        [np.nan] * 9,
    ],
)
def test_columns_that_cannot_be_judged_are_silent(column):
    assert [*find_far_values(np.array(column))] == []


def test_a_sealed_value_is_silent_and_one_changed_since_is_a_slip(
    wide, tmp_path, capsys
):
    """The seal says what it was; that it differs follows from the slip."""
    book = tmp_path / "wide.xlsx"
    book.write_bytes(wide.package.to_bytes())
    assert run_json(capsys, "recalc", book, "--in-place")[0] == 0
    assert run_json(capsys, "seal", book)[0] == 0
    _, document = run_json(capsys, "check", book)
    assert document["workbooks"][0]["findings"] == []
    place = "city02", "B1"
    sound = Sound(Package.read(book))
    before = sound.value(*place)
    book.write_bytes(edited(sound, {place: 100 * before}).to_bytes())
    _, document = run_json(capsys, "check", book)
    slip = document["workbooks"][0]["findings"][0]
    assert (slip["rule"], slip["cell"]) == ("W42", cell(sound, *place))
    assert "E16" in [follower["rule"] for follower in slip["follows"]]


def test_a_copy_that_was_filled_is_merged_with_its_counts(gaps, tmp_path, capsys):
    """Its record is other cells than those of the base: none of them is carried over."""
    base = tmp_path / "base.xlsx"
    base.write_bytes(gaps.package.to_bytes())
    (tmp_path / "more.csv").write_text("unit,B0\ncity05,48.5\n")
    copy = tmp_path / "copy.xlsx"
    words = ["--data", tmp_path / "more.csv", "-o", copy]
    assert run_json(capsys, "fill", base, *words)[0] == 0
    out = tmp_path / "merged.xlsx"
    code, document = run_json(capsys, "merge", base, copy, "-o", out)
    assert (code, document["leftovers"]) == (0, [])
    recorded = read_recorded(read_book(Package.read(out)))
    assert recorded.by_input["B0"] == (11, 1)
    assert recorded.by_city["city05"] == (6, 0)
    assert found(Sound(Package.read(out)), {}) == []


def test_values_written_by_rebuild_are_counted(gaps, tmp_path, capsys):
    base = tmp_path / "base.xlsx"
    base.write_bytes(gaps.package.to_bytes())
    (tmp_path / "more.csv").write_text("unit,A0\ncity04,NA\n")
    out = tmp_path / "rebuilt.xlsx"
    words = ["--data", tmp_path / "more.csv", "-o", out]
    assert run_json(capsys, "rebuild", base, *words)[0] == 0
    assert read_recorded(read_book(Package.read(out))).by_city["city04"] == (5, 1)
