"""In a template each cause is one finding, at the cell that was changed: what went, what came."""

import re
import time
from pathlib import Path

import pytest

from tests.helpers.contract_cells import block_column
from tests.helpers.mutations import calculated, with_cell, with_formula, with_text
from tests.helpers.own import made_book, own_bytes
from tests.helpers.slips import KINDS, Sound
from tests.helpers.templates import UNITS, data_row, edited, small_template
from xlcity import __version__
from xlcity.audit.check.check import check_workbook
from xlcity.audit.check.seal import seal
from xlcity.audit.lint.rules.method import method_changes
from xlcity.audit.lint.run import lint
from xlcity.audit.lint.subject import Subject
from xlcity.xlsx.address import cell_name, column_letters, parse_cell
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.package import Package
from xlcity.xlsx.text import number_text

WORKBOOKS = Path(__file__).parents[4] / "workbooks"


@pytest.fixture(scope="module")
def sound():
    return Sound(Package.from_bytes(own_bytes(udf=False), "own.xlsx"))


def zscore_book():
    """Return a book of z-scores and arithmetic means."""
    words = ("--no-udf", "--normalise", "zscore", "--aggregate", "arithmetic")
    return Sound(Package.from_bytes(made_book(words), "own.xlsx"))


def findings(package):
    """Return what is shown of a workbook: severity, rule, cell, message."""
    linted = lint(Subject(package, "own.xlsx"))
    return [
        (f.severity, f.rule, f"{f.sheet}!{f.region or f.cell}", f.message)
        for f in linted.findings
    ]


def total_column(sound):
    """Return the cells of the total with a number."""
    _, column = sound.score
    cells = sound.book.sheets[sound.scores].cells.items()
    return {
        position: cell
        for position, cell in cells
        if position[1] == column
        and position >= sound.score
        and isinstance(cell.value, float)
    }


def test_a_changed_weight_is_named_where_it_is_typed(sound):
    # Relative weights: the column that keeps what was built is not the one to restore.
    made = sound.number("Framework", parse_cell("E7"), 2.0)
    ((severity, rule, cell, message),) = findings(calculated(made.package))
    assert (severity, rule, cell) == ("warning", "W23", "Framework!E7")
    assert message == "weight of A0: 2 instead of 1 when it was built."


def test_a_changed_parameter_of_all_indicators_is_named_once_where_it_is_typed(sound):
    area = sound.area("par_scale")
    made = sound.number(area.sheet, (area.r1, area.c1), 10.0)
    ((_, rule, cell, message),) = findings(calculated(made.package))
    assert (rule, cell) == ("W23", f"Framework!B{area.r1}")
    assert message == "par_scale: 10 instead of 100 when it was built."


def test_other_formulas_are_one_error_with_what_went_and_what_came(sound):
    package = sound.package
    column = block_column(sound.book, "out_scores")
    for position in column.positions:
        text = sound.book.sheets[column.sheet].cells[position].formula
        weighted = re.search(r"SUMPRODUCT\(([^,]*),[^)]*\)/SUMIF\([^)]*\)", text)
        new = text.replace(weighted[0], f"AVERAGE({weighted[1]})")
        package = with_formula(
            package, sound.book, column.sheet, position, new, calculate=False
        )
    ((severity, rule, cell, message),) = findings(calculated(package))
    assert (severity, rule, cell) == ("error", "E03", str(column))
    assert re.match(
        r"AVERAGE\(\S+\) instead of SUMPRODUCT\(\S+\)/SUMIF\(\S+\)\. \(\d+ more cells",
        message,
    )


def test_points_added_to_one_score_are_an_error(sound):
    made = sound.formula(sound.score, lambda text: f"{text}+2")
    ((severity, rule, _, message),) = findings(calculated(made.package))
    assert (severity, rule, message) == ("error", "E03", "+2 was added.")


def test_routes_that_disagree_follow_from_the_formula_that_was_changed(sound):
    made = sound.formula(sound.score, lambda text: f"{text}+2")
    checked = check_workbook(Subject(calculated(made.package), "own.xlsx"))
    (formula,) = checked.findings
    (disagreeing,) = (finding for finding in formula.follows if finding.rule == "E10")
    score = f"{sound.scores}!{cell_name(*sound.score)}"
    assert (formula.rule, f"{disagreeing.sheet}!{disagreeing.cell}") == ("E03", score)
    assert disagreeing.message.startswith("python-native: ")
    assert checked.verdict == "fail"


def test_a_pasted_column_and_an_edited_chart_are_two_findings(sound):
    chart = next(line[3] for line in KINDS if line[0] == "another kind of chart")(sound)
    package = chart.package
    cells = total_column(sound)
    for position, cell in cells.items():
        package = with_cell(
            package,
            sound.book,
            sound.scores,
            position,
            f"<v>{number_text(cell.value)}</v>",
        )
    (_, pasted, place, message), (_, shown, where, _) = findings(package)
    assert (pasted, shown) == ("E02", "W18")
    assert place == f"{sound.scores}!{cell_name(*min(cells))}:{cell_name(*max(cells))}"
    assert f"({len(cells) - 1} more cells)" in message
    assert where == f"Ranking!{chart.places[0]}"


def test_a_turned_direction_is_named_on_framework(sound):
    cell = parse_cell("H7")
    made = sound.number("Framework", cell, -1.0)
    ((severity, rule, place, message),) = findings(made.package)
    assert (severity, rule, place.partition(",")[0]) == ("error", "E08", "Framework!H7")
    scored = block_column(sound.book, "out_normalised", "A0")
    place = f"{scored.sheet}!{column_letters(scored.c1)}"
    assert re.match(rf"the direction of A0 is -1, but {place}\d", message)
    assert message.endswith(" score it with +1.")


def test_a_recipe_that_was_typed_over_is_one_error(sound):
    """The template is drawn by the new recipe: nearly all cells differ from that."""
    area = sound.area("xl_recipe")
    (row, text), *_ = (
        (row, value)
        for row in range(area.r1, area.r2 + 1)
        if "arithmetic" in str(value := sound.book.value(area.sheet, row, area.c1))
    )
    made = sound.text(
        area.sheet, (row, area.c1), text.replace("arithmetic", "harmonic")
    )
    linted = lint(Subject(made.package, "own.xlsx"))
    (found,) = linted.findings
    assert (found.rule, found.severity, found.cell) == (
        "W23",
        "error",
        cell_name(area.r1, area.c1),
    )
    assert "rebuild the workbook" in found.remedy
    assert "E03" in {finding.rule for finding in found.follows}


def test_a_repointed_name_is_named_at_the_cells_of_the_template(sound):
    made = sound.main(r'(<definedName name="par_scale">)[^<]*', r"\1Framework!$G$7", "")
    ((severity, rule, place, _),) = findings(made.package)
    area = sound.area("par_scale")
    assert (severity, rule, place) == ("error", "E13", f"Framework!B{area.r1}")


def test_a_code_above_the_inputs_is_the_cause_of_what_is_not_computed(sound):
    area = sound.area("xl_codes")
    made = sound.text(area.sheet, (area.r1, area.c1), "search")
    checked = check_workbook(Subject(calculated(made.package), "own.xlsx"))
    assert checked.verdict == "fail"
    error = next(finding for finding in checked.findings if finding.severity == "error")
    assert (error.rule, error.cell) == ("W21", cell_name(area.r1, area.c1))
    assert "E10" in {finding.rule for finding in error.follows}
    # What stands above the ids and names is a label.
    made = sound.text(area.sheet, (area.r1, area.c1 - 2), "City name")
    ((severity, rule, *_),) = findings(made.package)
    assert (severity, rule) == ("warning", "W21")


@pytest.mark.parametrize("version", ["0.0.9", __version__])
def test_words_of_another_release_are_a_warning(sound, version):
    """Labels, and the words in formulas; in a workbook of this release somebody changed them."""
    verdict = sound.area("chk_verdict")
    place = (verdict.r1, verdict.c1 + 1)
    area = sound.area("xl_version")
    made = sound.formula(
        place, lambda text: text.replace("all checks", "other"), verdict.sheet
    )
    made = Sound(made.package).text(verdict.sheet, (1, 1), "Other")
    made = Sound(made.package).text(area.sheet, (area.r1, area.c1), version)
    found = lint(Subject(made.package, "own.xlsx")).findings
    if version == __version__:
        assert {(f.severity, f.rule) for f in found} == {
            ("error", "E03"),
            ("warning", "W21"),
        }
        return
    ((words, *others),) = ([finding, *finding.follows] for finding in found)
    assert [(f.severity, f.rule) for f in (words, *others)] == [
        ("warning", "E03"),
        ("warning", "W21"),
    ]
    note = ": xlcity 0.0.9 made the workbook; rebuild it for the present words."
    assert words.message.endswith(note)


@pytest.mark.parametrize(("top", "bottom"), [(-1, 0), (1, 1), (0, -4)])
def test_a_name_on_data_has_the_rows_of_the_names_beside_it(sound, top, bottom):
    area = sound.area("in_data")
    first, last = (f"{column_letters(c)}$" for c in (area.c1, area.c2))
    moved = f"{area.sheet}!{first}{area.r1 + top}:{last}{area.r2 + bottom}"
    made = sound.main(r'(<definedName name="in_data">)[^<]*', rf"\g<1>{moved}", "")
    ((severity, rule, place, message),) = findings(made.package)
    assert (severity, rule, place) == ("error", "E13", f"{area.sheet}!D{area.r1}")
    assert message.startswith(
        f"the name in_data stands for {moved.replace('$', '')} instead of "
    )


def test_precision_as_displayed_fails_a_workbook_of_which_every_check_passes(sound):
    made = sound.main("<calcPr ", '<calcPr fullPrecision="0" ')
    checked = check_workbook(Subject(made.package, "own.xlsx"))
    assert [(f.severity, f.rule) for f in checked.findings] == [("error", "W20")]
    assert "fail" not in {check.status for check in checked.checks}
    assert checked.verdict == "fail"


def test_stale_results_are_one_finding_that_counts_them_all(sound):
    made = sound.number("Framework", parse_cell("E7"), 2.0)
    checked = check_workbook(Subject(made.package, "own.xlsx"))
    weight, stale = checked.findings
    assert (weight.rule, stale.rule) == ("W23", "E09")
    assert stale.count > 50
    assert f"({stale.count - 1} more cells" in stale.message
    said = f"1 weight or parameter was changed, {stale.count} values are stale."
    assert checked.summary == f"Do not use the scores: {said}"


def test_what_differs_as_a_city_is_listed_twice_follows_from_that(sound):
    area = sound.area("xl_cities")
    column = area.c1 + sound.book.block(area)[0].index("id")
    first = sound.book.value("Cities", area.r1 + 1, column)
    made = sound.text("Cities", (area.r1 + 2, column), first)
    checked = check_workbook(Subject(calculated(made.package), "own.xlsx"))
    (double,) = checked.findings
    assert (double.rule, double.sheet) == ("W06", "Cities")
    assert {"W06", "W31", "E07"} == {finding.rule for finding in double.follows}


def test_only_what_was_changed_is_a_change_of_the_method(sound):
    assert list(method_changes(sound.template)) == []


@pytest.mark.parametrize("formula", ["", "({})+3.7"])
def test_a_parameter_of_one_indicator_is_named_where_it_is_typed(sound, formula):
    cells = sound.book.sheets["Framework"].cells
    position, shared = next(
        (position, text)
        for position, text in cells.texts().items()
        if text.startswith("par_") and isinstance(cells.value(position), float)
    )
    place = (sound.package, sound.book, "Framework", position)
    typed = (
        with_formula(*place, formula.format(shared))
        if formula
        else with_cell(*place, "<v>7</v>")
    )
    checked = check_workbook(Subject(calculated(typed), "own.xlsx"))
    (changed,) = checked.findings
    assert (changed.rule, changed.cell) == ("W23", cell_name(*position))
    assert checked.verdict == "pass"


def test_values_of_a_city_that_is_twice_on_data_follow_from_that(small_reports):
    """The first of both rows is used: its values are not those that the report ships."""
    package = edited(small_template(), {"Data": {f"A{data_row(UNITS[0])}": UNITS[2]}})
    (double,) = lint(Subject(package, "small.xlsx")).findings
    assert (double.rule, double.sheet) == ("W06", "Data")
    assert "W32" in {finding.rule for finding in double.follows}


def test_a_number_that_became_a_text_is_not_taken_for_another_indicators_change():
    """The sum of the city fits a former value of B0 by chance, too."""
    sound = zscore_book()
    text = with_text(sound.package, sound.book, "Data", (12, 5), "n. a.?")
    assert [(f.rule, f.cell) for f in lint(Subject(text, "own.xlsx")).findings] == [
        ("W02", "E12")
    ]


def test_values_that_touch_are_named_by_what_is_wrong_with_each():
    sound = zscore_book()
    package = sound.package
    for row, text in enumerate(("１２", "43%", "12,3", "1,234"), 12):
        package = with_text(package, sound.book, "Data", (row, 5), text)
    found = [
        (f.rule, tuple(f.areas), f.message)
        for f in lint(Subject(package, "own.xlsx")).findings
    ]
    assert sorted(found) == [
        ("W02", ("E12",), "'１２' has full-width digits."),
        ("W02", ("E13",), "'43%' has a percent sign."),
        ("W02", ("E14:E15",), "'12,3' has a comma. (1 more cell)"),
    ]


def test_with_the_seal_of_another_workbook_there_is_a_finding_a_sheet_and_grade(
    tmp_path,
):
    sealed, other = (
        Package.read(WORKBOOKS / f"{name}.xlsx")
        for name in ("vitality2014", "image2025")
    )
    path = tmp_path / "sealed.seal.txt"
    path.write_text(
        seal(sealed, read_book(sealed)).text("vitality2014.xlsx"), encoding="utf-8"
    )
    start = time.process_time()
    findings = check_workbook(Subject(other, "image2025.xlsx"), sealed=path).findings
    assert (
        time.process_time() - start < 20
    )  # in minutes it compared each with all others
    found = [finding for finding in findings if finding.rule == "E16"]
    sheets = {
        sheet for package in (sealed, other) for sheet in read_book(package).sheets
    }
    # What changes scores, what is shown and presentation are findings of their own.
    named = [(finding.sheet, finding.level) for finding in found]
    assert len(named) == len({*named}), "a sheet is named twice for one grade"
    assert {sheet for sheet, _ in named} <= sheets | {""}
    assert sum(finding.count for finding in found) > 10_000
