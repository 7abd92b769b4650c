"""Changes of scores split over their causes: the parts are exact and land where they belong."""

import json
from dataclasses import replace

import numpy as np
import pytest
import xlsxwriter
from openpyxl.comments import Comment

from tests.helpers.contract_cells import sheet_of_block
from tests.helpers.few_cities import of_cities
from tests.helpers.mutations import calculated
from tests.helpers.own import UNITS as UNITS_OF_OWN
from tests.helpers.own import Edited, own_bytes
from tests.helpers.slips import Sound
from tests.helpers.templates import (
    ATTRACT,
    FAVOUR,
    MEDIA,
    SEARCH,
    UNITS,
    data_cell,
    framework_cell,
    named_cell,
    small_report,
)
from xlcity.audit.diff.attribution import explain_change, recipe_changes, sample_changes
from xlcity.audit.diff.changes import changes
from xlcity.audit.diff.compare import RankMove, compare
from xlcity.audit.diff.hybrid_index import IndexInputs
from xlcity.audit.lint.subject import Subject
from xlcity.cli import main
from xlcity.index import compute
from xlcity.model.dataset import State
from xlcity.recalc.workbook import patch_results, recalculate
from xlcity.reports import load_report
from xlcity.workbook.migrate.content import read_content
from xlcity.workbook.migrate.rebuild import rebuild
from xlcity.workbook.reading.template import open_template
from xlcity.xlsx.address import parse_cell
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.package import Package


@pytest.fixture(scope="module")
def before():
    report = load_report("iecc2024")
    return IndexInputs(report.framework, report.recipe, report.dataset)


def with_data(index, factor=1.1, codes=("A1.1", "B2.2", "C1.1")):
    values = index.dataset.values.copy()
    for place, code in enumerate(codes):
        column = index.dataset.column(code)
        values[3 + place :: 7, column] *= factor
    return replace(index, dataset=replace(index.dataset, values=values))


def with_weights(index, code="IECC"):
    children = [node.code for node in index.framework.children(code)]
    new = dict(
        zip(children, [0.5, *[0.5 / (len(children) - 1)] * len(children)], strict=False)
    )
    nodes = (
        replace(n, weight=new.get(n.code, n.weight)) for n in index.framework.nodes
    )
    return replace(index, framework=replace(index.framework, nodes=tuple(nodes)))


def with_option(index):
    return replace(
        index, recipe=index.recipe.with_options([index.recipe.options[0].id])
    )


def without_unit(index, place=2):
    left = [unit.id for row, unit in enumerate(index.dataset.units) if row != place]
    return replace(index, dataset=of_cities(index.dataset, left))


def without_indicator(index, code="A1.1"):
    framework = index.framework
    parent = framework[code].parent
    left = [n for n in framework.nodes if n.code != code]
    total = sum(n.weight for n in left if n.parent == parent)
    nodes = (
        replace(n, weight=n.weight / total) if n.parent == parent else n for n in left
    )
    data = index.dataset
    kept = [place for place, name in enumerate(data.codes) if name != code]
    steps = []
    for step in index.recipe.steps:
        codes = tuple(c for c in step.codes if c != code)
        if codes or not step.codes:
            steps.append(replace(step, codes=codes))
    return IndexInputs(
        replace(framework, nodes=tuple(nodes)),
        replace(index.recipe, steps=tuple(steps), options=()),
        replace(
            data,
            codes=tuple(data.codes[place] for place in kept),
            values=data.values[:, kept],
            states=data.states[:, kept],
            basis=data.basis[:, kept],
        ),
    )


def parts(explained):
    found = {}
    for effect in explained.effects:
        found[effect.cause] = found.get(effect.cause, 0) + effect.points
    return found


def require_exact(explained):
    change = explained.after - explained.before
    total = sum((e.points for e in explained.effects), np.zeros(change.shape))
    assert not np.isnan(change).any()
    assert np.abs(total - change).max() <= 1e-9 * max(1e-3, np.abs(change).max())
    moved = np.abs(change) > 1e-6
    assert (np.abs(total - change)[moved] <= 1e-9 * np.abs(change)[moved]).all()


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        (with_data, "data"),
        (with_weights, "weights"),
        (with_option, "recipe"),
    ],
)
def test_one_cause_is_the_whole_change(before, change, cause):
    explained = explain_change(before, change(before))
    require_exact(explained)
    assert set(parts(explained)) == {cause}
    assert np.abs(explained.after - explained.before).max() > 0.01


def test_an_added_city_moves_the_others(before):
    explained = explain_change(without_unit(before), before)
    require_exact(explained)
    assert set(parts(explained)) == {"sample"}
    added = before.dataset.units[2].id
    assert added not in explained.units
    assert sample_changes(without_unit(before), before) == (f"+ {added}",)


def test_a_dropped_indicator_is_framework_and_the_weights_of_its_group(before):
    explained = explain_change(before, without_indicator(before))
    require_exact(explained)
    assert set(parts(explained)) == {"framework", "weights"}
    (framework,) = (e for e in explained.effects if e.cause == "framework")
    assert framework.what == "− A1.1"


@pytest.mark.slow
def test_all_together(before):
    after = without_indicator(with_option(with_weights(with_data(before))))
    explained = explain_change(without_unit(before), after)
    require_exact(explained)
    assert set(parts(explained)) == {"data", "weights", "recipe", "framework", "sample"}
    named = {e.what for e in explained.effects if e.cause == "data"}
    assert named == {"B2.2", "C1.1"}


def test_digits_that_programs_do_not_store_are_no_cause(before):
    def shortened(numbers):
        return np.array([float(f"{number:.15g}") for number in numbers])

    values = np.apply_along_axis(shortened, 0, before.dataset.values / 3)
    thirds = replace(
        before, dataset=replace(before.dataset, values=before.dataset.values / 3)
    )
    nodes = (
        replace(n, weight=float(f"{n.weight:.15g}")) for n in before.framework.nodes
    )
    framework = replace(before.framework, nodes=tuple(nodes))
    assert framework.nodes != before.framework.nodes
    saved = replace(
        before, framework=framework, dataset=replace(thirds.dataset, values=values)
    )
    assert not explain_change(thirds, saved).effects
    moved = RankMove("oslo", "X", 2, 1, 50.0, 50.00000000000001)
    assert moved.change == 0


def test_the_parts_are_shapley_values():
    """Two causes by hand: each is its mean gain over both orders."""
    report = small_report()
    a = IndexInputs(report.framework, report.recipe, report.dataset)
    values = report.dataset.values.copy()
    values[:, report.dataset.column(SEARCH)] += np.arange(len(UNITS))
    b = with_weights(replace(a, dataset=replace(a.dataset, values=values)), "IMG")

    def scores(framework, dataset):
        return compute(framework, a.recipe, dataset).column("IMG")

    f0 = a.framework
    f1 = b.framework
    d0 = a.dataset
    d1 = b.dataset
    v00 = scores(f0, d0)
    v10 = scores(f0, d1)
    v01 = scores(f1, d0)
    v11 = scores(f1, d1)
    data = ((v10 - v00) + (v11 - v01)) / 2
    explained = explain_change(a, b)
    column = explained.nodes.index("IMG")
    assert parts(explained)["data"][:, column] == pytest.approx(data, abs=1e-12)
    assert parts(explained)["weights"][:, column] == pytest.approx(
        v11 - v00 - data, abs=1e-12
    )


def test_a_city_without_a_score_on_one_side_is_left_open():
    report = small_report()
    a = IndexInputs(report.framework, report.recipe, report.dataset)
    data = report.dataset
    values = data.values.copy()
    states = data.states.copy()
    values[0, data.column(FAVOUR)], states[0, data.column(FAVOUR)] = np.nan, State.BLANK
    values[1, data.column(MEDIA)] += 5
    b = replace(a, dataset=replace(data, values=values, states=states))
    explained = explain_change(a, b)
    column = explained.nodes.index("IMG")
    assert np.isnan(explained.after[0, column])
    change = explained.after[1, column] - explained.before[1, column]
    total = sum(e.points[1, column] for e in explained.effects)
    assert total == pytest.approx(change, rel=1e-9)


def test_the_verb_names_cells_and_reasons(small_file, capsys):
    a = small_file("a.xlsx")
    edits = {
        "Data": {data_cell("xiamen", MEDIA): 90.0, data_cell("haikou", ATTRACT): None},
        "Framework": {
            framework_cell("IMG_COM", "weight"): 0.5,
            framework_cell("IMG_INF", "weight"): 0.3,
            framework_cell(MEDIA, "definition"): "another count",
        },
    }
    b = small_file("b.xlsx", **edits)
    assert main(["diff", str(a), str(b), "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    cells = {
        (c["kind"], c["cell"], c["unit"], c["indicator"]) for c in document["cells"]
    }
    assert ("input", data_cell("xiamen", MEDIA), "xiamen", MEDIA) in cells
    assert ("weight", framework_cell("IMG_COM", "weight"), None, "IMG_COM") in cells
    assert ("definition", framework_cell(MEDIA, "definition"), None, MEDIA) in cells
    assert {c["kind"] for c in document["cells"]} == {"input", "weight", "definition"}
    moved = {(m["unit"], m["node"]): m for m in document["ranks"]}
    xiamen = moved["xiamen", "IMG"]
    assert xiamen["from"] > xiamen["to"]
    assert {r["cause"] for r in xiamen["because"]} == {"data", "weights"}
    assert any(r["what"] == MEDIA for r in xiamen["because"])
    for entry in document["ranks"]:
        assert entry["because"]
        if entry["change"] is not None:
            total = sum(r["effect"] for r in entry["because"])
            assert total == pytest.approx(entry["change"], rel=1e-9, abs=1e-12)
    gone = moved["haikou", "IMG"]
    assert (gone["to"], gone["change"]) == (None, None)
    assert main(["diff", str(a), str(a)]) == 0
    assert "nothing differs" in capsys.readouterr().out


def test_other_workbooks_are_compared_cell_by_cell(tmp_path, capsys):
    import xlsxwriter

    paths = []
    for name, value, formula in (("a", 1, "=A1*2"), ("b", 3, "=A1*3")):
        path = tmp_path / f"{name}.xlsx"
        with xlsxwriter.Workbook(str(path)) as book:
            sheet = book.add_worksheet()
            sheet.write(0, 0, value)
            sheet.write_formula(0, 1, formula, None, value * 2)
            sheet.write_formula(0, 2, "=B1", None, value * 2)
            sheet.write_formula(0, 3, "=1/3", None, 1 / 3 + value * 1e-17)
        paths.append(str(path))
    assert main(["diff", *paths, "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    kinds = {(c["kind"], c["cell"], c["from"], c["to"]) for c in document["cells"]}
    assert kinds == {
        ("constant", "A1", 1.0, 3.0),
        ("formula", "B1", "=A1*2", "=A1*3"),
        ("result", "B1", 2.0, 6.0),
        ("result", "C1", 2.0, 6.0),
    }
    assert main(["diff", *paths]) == 1
    assert capsys.readouterr().out.splitlines()[1].split() == [
        "kind",
        "cell",
        "before",
        "after",
    ]


def test_one_side_may_be_a_report(small_file, monkeypatch, capsys):
    b = small_file("b.xlsx", Data={data_cell("xiamen", MEDIA): 90.0})
    # The fixture has the report with eight cities.
    from xlcity.audit.diff import compare as module

    monkeypatch.setattr(module, "load_report", lambda _: small_report())
    assert main(["diff", "image2025", str(b), "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert {
        (c["kind"], c["cell"]) for c in document["cells"] if c["kind"] == "input"
    } == {("input", data_cell("xiamen", MEDIA))}
    assert all(
        {r["cause"] for r in m["because"]} == {"data"} for m in document["ranks"]
    )


def test_ranks_that_moved_are_a_screen_and_kinds_are_words(
    small_file, monkeypatch, capsys
):
    monkeypatch.setenv("XLCITY_LANG", "zh")
    monkeypatch.setattr("xlcity.cli.verbs.check._DIFF_LINES", 0)
    monkeypatch.setattr("xlcity.cli.verbs.check._FEWEST_MOVES", 1)
    a = small_file("a.xlsx")
    b = small_file("b.xlsx", Framework={framework_cell("IMG_COM", "weight"): 0.9})
    assert main(["diff", str(a), str(b)]) == 1
    out = capsys.readouterr().out
    assert "改前" in out
    assert "权重 1 处" in out
    assert "weight" not in out
    assert "个名次变动；--json 列出全部" in out


def test_the_verb_names_all_of_several_changes_of_the_method(small_file, capsys):
    a = small_file("a.xlsx", Data={data_cell("xiamen", FAVOUR): "NA"})
    parameters = {named_cell("par_unrated"): 3.0, named_cell("par_rank_digits"): 0.0}
    b = small_file(
        "b.xlsx", Data={data_cell("xiamen", FAVOUR): "NA"}, Framework=parameters
    )
    assert main(["diff", str(a), str(b)]) == 1
    shown = capsys.readouterr().out
    reasons, _, listed = shown.partition("\n  [1] ")
    assert "recipe [1]" in reasons
    assert "unrated 0.0 → 3.0" in listed
    assert "digits 9 → 0" in listed


def test_a_step_with_other_codes_and_another_parameter_is_named_with_both():
    report = small_report()
    step = report.recipe.step_for("normalise", FAVOUR)
    changed = replace(
        step, params={**step.params, "unrated": 2.0}, codes=step.codes[1:]
    )
    steps = tuple(changed if s is step else s for s in report.recipe.steps)
    a = IndexInputs(report.framework, report.recipe, report.dataset)
    b = replace(a, recipe=replace(report.recipe, steps=steps))
    (said,) = recipe_changes(a, b)
    assert "unrated 0 → 2.0" in said
    assert f"codes {' '.join(step.codes)} → {' '.join(step.codes[1:])}" in said
    # A 15th digit that a program rounded is no change.
    for root, told in ((0.707106781186548, 0), (0.7071, 1)):
        pair = [
            replace(step, params={**step.params, "weights": (1.0, number)})
            for number in (0.7071067811865475, root)
        ]
        sides = [
            replace(a, recipe=replace(report.recipe, steps=(one,))) for one in pair
        ]
        assert len(recipe_changes(*sides)) == told


def test_what_both_workbooks_have_beside_their_templates_is_no_difference(tmp_path):
    subjects = []
    for pages in (), ("Mine",):
        edited = Edited(own_bytes(udf=False))
        edited.book["Ranking"].sheet_state = "hidden"
        total = edited.cell("city00", "X", "out_scores")
        count = total
        count.value = f"={len(pages)}+1"
        count.offset(column=1).value = "=7"
        for page in pages:
            edited.book.create_sheet(page)
        subjects.append(Subject(Package.read(edited.save(tmp_path / "own.xlsx")), ""))
    found = [(c.kind, c.sheet, c.before, c.after) for c in changes(*subjects)]
    assert [line for line in found if line[0] == "formula"] == [
        ("formula", count.parent.title, "=0+1", "=1+1")
    ]
    assert not any(sheet == "Ranking" for _, sheet, *_ in found)


@pytest.mark.parametrize("with_another_city", [False, True])
def test_a_typed_cell_hides_nothing_and_pages_are_named(tmp_path, with_another_city):
    """A cell that only one of two copies has leaves the others comparable."""
    subjects = []
    for after in (False, True):
        edited = Edited(own_bytes(udf=False))
        page = edited.book.create_sheet("Mine")
        page["A1"], page["B1"] = 5 + after, "=A1*2"
        if after:
            edited.book.create_sheet("Later")["A1"] = 1
            page["C1"], page["C2"] = "checked", "=A1+1"
            page["A1"].comment = Comment("why?", "Li")
            edited.cell("city00", "A0").offset(row=-1, column=20).value = "beside"
            cities, head, left, *_ = edited.named("xl_cities")
            heads = [cell.value for cell in cities[head][left - 1 :]]
            cities.cell(head + 1, left + heads.index("name_en")).value = "Renamed"
        path = edited.save(tmp_path / f"{after}.xlsx")
        if after and with_another_city:
            (tmp_path / "cities.csv").write_text("id,name_en\nnewa,New A\n")
            words = ["--cities", str(tmp_path / "cities.csv"), "--in-place"]
            assert main(["rebuild", str(path), *words]) == 0
        subjects.append(Subject.of(path))
    found = {(c.kind, c.sheet, c.cell) for c in changes(*subjects)}
    on_page = {
        ("constant", "Mine", "A1"),
        ("constant", "Mine", "C1"),
        ("formula", "Mine", "C2"),
    }
    assert found > {("sheet", "Later", ""), *on_page}
    assert found > {("note", "Mine", "A1"), ("constant", "Data", "X9")}
    assert ("constant", "Cities") in {(kind, sheet) for kind, sheet, _ in found}


def test_a_city_that_leaves_the_sample_is_named_at_its_cell(tmp_path):
    subjects = []
    for group in ("main", ""):
        edited = Edited(own_bytes(udf=False))
        cities, head, left, *_ = edited.named("xl_cities")
        heads = [cell.value for cell in cities[head][left - 1 :]]
        cities.cell(head + 2, left + heads.index("population")).value = group or None
        subjects.append(Subject.of(edited.save(tmp_path / f"{group}.xlsx")))
    (change,) = [change for change in changes(*subjects) if change.kind == "sample"]
    assert (change.sheet, change.unit) == ("Cities", "city01")
    assert (change.before, change.after) == ("main", None)
    assert subjects[0].book.value("Cities", *parse_cell(change.cell)) == "main"


def test_a_heading_of_sources_that_was_typed_over_is_named(tmp_path):
    subjects = []
    for heading in ("city", "town"):
        edited = Edited(own_bytes(udf=False))
        sources, head, left, *_ = edited.named("xl_exceptions")
        cell = sources.cell(head, left)
        cell.value = heading
        subjects.append(Subject.of(edited.save(tmp_path / f"{heading}.xlsx")))
    (change,) = changes(*subjects)
    assert (change.sheet, change.cell) == ("Sources", cell.coordinate)
    assert (change.before, change.after) == ("city", "town")


def test_a_rebuild_that_changes_nothing_differs_in_nothing(tmp_path):
    """It records the values again, which formulas on other sheets read."""
    edited = Edited(own_bytes(udf=False))
    edited.cell("city03", "A1").value = 77.0
    package = Package.read(edited.save(tmp_path / "typed.xlsx"))
    path = tmp_path / "own.xlsx"
    path.write_bytes(patch_results(package, recalculate(package)).to_bytes())
    built = rebuild(read_content(open_template(path))).package
    assert list(changes(Subject.of(path), Subject(built, "built.xlsx"))) == []
    place = edited.cell("city03", "X", "out_scores")
    sheet = read_book(built).sheets[place.parent.title]
    stored = f"<v>{sheet.value(place.row, place.column)!r}</v>".encode()
    assert stored in built.parts[sheet.part]
    other = built.replace(
        {sheet.part: built.parts[sheet.part].replace(stored, b"<v>1</v>", 1)}
    )
    (found,) = changes(Subject.of(path), Subject(other, "other.xlsx"))
    assert (found.kind, found.sheet, found.cell) == (
        "result",
        sheet.name,
        place.coordinate,
    )


@pytest.fixture(scope="module")
def sound():
    return Sound(Package.from_bytes(own_bytes(udf=False), "own.xlsx"))


@pytest.mark.parametrize("fresh", [True, False])
def test_ranks_moved_by_a_formula_have_it_as_their_cause(
    sound, tmp_path, capsys, fresh
):
    made = sound.formula(sound.score, lambda text: f"{text}+10")
    old = tmp_path / "old.xlsx"
    new = tmp_path / "new.xlsx"
    sound.package.write(old)
    (calculated(made.package) if fresh else made.package).write(new)
    compared = compare(old, new)
    moved = [move for move in compared.ranks if move.node == "X"]
    assert len(moved) > 3
    (first,) = [move for move in moved if move.unit == UNITS_OF_OWN[0]]
    (cause,) = first.because
    assert (cause.cause, cause.what) == ("formulas", f"{made.sheet}!{made.places[0]}")
    assert cause.effect == pytest.approx(10) == first.change
    assert first.rank_after < first.rank_before
    # Others were passed: their score is what it was.
    others = {
        (c.cause, c.effect) for move in moved if move is not first for c in move.because
    }
    assert others == {("formulas", 0.0)}
    (note,) = compared.notes
    sheet = sheet_of_block(sound.book, "out_ranks")
    assert f"{len(moved)} ranks changed by its formulas; the first is {sheet}!" in note
    assert main(["diff", str(old), str(new)]) == 1
    shown = capsys.readouterr().out
    assert "…+10" in shown
    assert f"formulas {made.sheet}!{made.places[0]} +10" in shown


def test_stored_ranks_that_are_not_up_to_date_are_no_cause(sound, tmp_path):
    area = sound.area("in_weights")
    made = sound.number(area.sheet, (area.r1 + 1, area.c1), 3.0)
    for name, package in (("old", sound.package), ("new", made.package)):
        package.write(tmp_path / f"{name}.xlsx")
    compared = compare(tmp_path / "old.xlsx", tmp_path / "new.xlsx")
    assert {cause.cause for move in compared.ranks for cause in move.because} == {
        "weights"
    }
    (note,) = compared.notes
    sheet = sheet_of_block(sound.book, "out_ranks")
    assert f"ranks stored, not up to date; the first is {sheet}!" in note


def test_a_text_over_a_number_is_shown_as_it_is(sound):
    position = sound.at(UNITS_OF_OWN[1], "A1")
    made = sound.text("Data", position, "约12")
    (change,) = changes(Subject(sound.package, "a"), Subject(made.package, "b"))
    assert (change.kind, change.after) == ("input", "约12")
    assert change.before == sound.value(UNITS_OF_OWN[1], "A1")


def test_lines_are_short_and_formulas_whole(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("XLCITY_LANG", "zh")
    for name, formula, look in (("a", "=100%", {"bold": True}), ("b", "=B2/3%", {})):
        book = xlsxwriter.Workbook(str(tmp_path / f"{name}.xlsx"))
        sheet = book.add_worksheet("表")
        bold = book.add_format(look)
        sheet.write_formula("A1", formula)
        sheet.write("C1", f"{'一' * 70}{name}")
        for row in range(3, 99, 2):
            sheet.write(row, 0, row, bold)
        book.close()
    main(["diff", str(tmp_path / "a.xlsx"), str(tmp_path / "b.xlsx")])
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["公式", "表!A1", "=100%", "=B2/3%"] in lines
    # A long text that is cut says so.
    assert any(line[-2:] == [f"{'一' * 59}…"] * 2 for line in lines)
    (formats,) = (line for line in lines if line[0] == "格式")
    assert formats[-3:] == ["…", "加粗", "无格式"]
    assert len(formats) < 20
