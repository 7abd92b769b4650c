"""What the functions of the api give and refuse, kept as text: workbooks, reports, audits."""

import shutil
import zipfile
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import xlcity as xc
from tests.helpers.kept import as_text, outcomes_text
from tests.helpers.own import Edited, own_bytes, write_tables
from tests.helpers.robust import invented
from xlcity.adoption.proposal import propose_map
from xlcity.api.audits import audit_tables, audit_text, text_evidence
from xlcity.api.documents import (
    evidence_text,
)
from xlcity.api.index import Index
from xlcity.api.inputs import MethodChoice, numbers_or_methods, read_inputs
from xlcity.api.remake import (
    MergedWorkbook,
    RemadeWorkbook,
    list_pages,
    merge_workbooks,
    release_workbook,
    remake_workbook,
)
from xlcity.api.table_preview import preview, shown_cells
from xlcity.api.templates import index_spec
from xlcity.api.texts import in_language, told
from xlcity.audit.check.check import summarise
from xlcity.audit.lint.finding import Finding
from xlcity.messages import Message, joined
from xlcity.model.dataset import Dataset
from xlcity.model.framework import Framework
from xlcity.reports import load_report

TREE = "code,parent,weight,direction,name_en\nT,,,,Total\na,T,1,1,Access\nb,T,3,-1,Burden\n"


# -- workbooks made of workbooks ---------------------------------------------
@pytest.fixture
def books(tmp_path, monkeypatch) -> Path:
    """Make a folder with a workbook, tables that follow those it was made from, and recipes."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "b.xlsx").write_bytes(own_bytes(udf=False))
    write_tables(tmp_path, units=("city01", "city03", "new"))
    tree = (
        (tmp_path / "fw.csv")
        .read_text()
        .replace("A0,A,", "A9,A,")
        .replace("B1,B,1", "B1,B,2")
    )
    (tmp_path / "next.csv").write_text(tree)
    (tmp_path / "cities.csv").write_text("id,name_en\ncity01,First\nnew,New Town\n")
    (tmp_path / "map.csv").write_text("code,old,status\nA9,A0,redefined\n")
    (tmp_path / "part.csv").write_text('unit,A0,B1\ncity02,"1,200",NA\n')
    (tmp_path / "r.toml").write_text(
        'id = "r"\nweights = "relative"\n[[step]]\ndo = "normalise"\nmethod = "rank"\n'
        '[[step]]\ndo = "aggregate"\nmethod = "geometric"\n'
    )
    return tmp_path


def by_city(data: Dataset) -> dict[str, list[float]]:
    """Return city -> its values."""
    return {
        unit.id: row.tolist() for unit, row in zip(data.units, data.values, strict=True)
    }


def made_again(book: RemadeWorkbook) -> dict[str, object]:
    """Return what a workbook made of another one is made of."""
    spec = book.content.spec
    before = book.before.spec
    built = book.built
    return {
        "path": book.path,
        "kept": book.kept,
        "codes before": book.drawn_codes,
        "codes": [(n.code, n.parent, n.weight) for n in spec.framework.nodes],
        "steps": [(step.do, step.method) for step in spec.recipe.steps],
        "cities": [(u.id, u.name_en) for u in spec.dataset.units],
        "cities before": len(before.dataset.units),
        "values": by_city(spec.dataset),
        "edition": [spec.edition, spec.language, spec.tab_language],
        "converted": [(c.raw, c.result, c.note) for c in book.notes.converted],
        "pages": [page["name"] for page in list_pages(spec) if page["present"]],
        "sheets": built.sheets,
        "carried": dict(built.carried),
        "lost": built.lost,
    }


@pytest.mark.parametrize(
    "words",
    [
        {},
        {
            "framework": "next.csv",
            "cities": "cities.csv",
            "recipe": "r.toml",
            "data": "part.csv",
        },
        {
            "edition": "2025",
            "framework": "next.csv",
            "mapping": "map.csv",
            "language": "zh",
        },
        {"output": "b.xlsx", "add": ["intake"], "backup": False},
    ],
    ids=[
        "as it is",
        "with other tables",
        "of the next edition",
        "with pages over itself",
    ],
)
def test_a_workbook_made_of_another_one(require_kept, books, words, request):
    given = {"output": "c.xlsx", **words}
    text = outcomes_text(
        {"made": lambda: made_again(remake_workbook("b.xlsx", **given))}, books
    )
    name = request.node.callspec.id.replace(" ", "_")
    files = sorted(path.name for path in books.iterdir())
    require_kept(f"remade_{name}", f"{text}\n{as_text(files)}")


def test_what_no_workbook_is_made_of(require_kept, books):
    (books / "wrong.csv").write_text("code,old,status\nA9,A0,gone\n,,\n")
    (books / "none.csv").write_text("x\n1\n")
    (books / "tree.csv").write_text("code,parent\nX,\nA0,Y\n")
    wrong = {
        "no such workbook": {"source": "absent.xlsx"},
        "another name": {"output": "c.xlsm"},
        "unknown pages": {"add": ["nothing"]},
        "unknown cities": {"data": "data.csv"},
        "wrong mapping": {"edition": "2025", "mapping": "wrong.csv"},
        "no mapping": {"edition": "2025", "mapping": "none.csv"},
        "a framework below nothing": {"framework": "tree.csv"},
    }
    made = {
        name: partial(
            remake_workbook, **{"source": "b.xlsx", "output": "c.xlsx", **given}
        )
        for name, given in wrong.items()
    }
    require_kept("remade_not", outcomes_text(made, books))
    assert not (books / "c.xlsx").exists()


def test_copies_are_put_together(require_kept, books):
    copies = []
    for number, folder in enumerate(("li", "wang"), 1):
        (books / folder).mkdir()
        edited = Edited(own_bytes(udf=False))
        edited.cell("city03", "A0").value = 50.0 + number
        edited.cell("city05", "B1").value = 61.5
        edited.cell(f"city0{number}", "A2").value = 40.0
        copies.append(str(edited.save(books / folder / "b.xlsx").relative_to(books)))
    (books / "other.xlsx").write_bytes((books / "b.xlsx").read_bytes())

    def put_together(copies: list[str], prefer: str | None = None) -> object:
        made: MergedWorkbook = merge_workbooks("b.xlsx", copies, "m.xlsx", prefer)
        merged = made.merged
        return {
            "path": made.path,
            "kept": made.kept,
            "names": made.names,
            "taken": merged.taken,
            "agreed": merged.agreed,
            "conflicts": merged.conflicts,
        }

    made = {
        "both": lambda: put_together(copies),
        "one wins": lambda: put_together(copies, copies[1]),
        "another that is as it was": lambda: put_together([copies[0], "other.xlsx"]),
        "no copy wins": lambda: put_together(copies, "other.xlsx"),
        "absent": lambda: put_together(["absent.xlsx", "none.xlsx"]),
        "another name": lambda: merge_workbooks("b.xlsx", copies, "m.csv"),
    }
    require_kept("merged", outcomes_text(made, books))


def test_a_workbook_for_the_public(require_kept, books):
    edited = Edited(own_bytes(udf=False))
    edited.comment("city03", "A0", "Ask again.")
    edited.save(books / "none.xlsx")
    book = xc.Workbook.open(books / "none.xlsx")
    book.recalculate()
    book.save(books / "fresh.xlsx")
    with (
        zipfile.ZipFile(books / "fresh.xlsx") as old,
        zipfile.ZipFile("stale.xlsx", "w") as new,
    ):
        for part in old.namelist():
            new.writestr(part, old.read(part).replace(b"<v>42.1809</v>", b"<v>500</v>"))
    steps: list[str] = []
    made = {
        "fresh": lambda: release_workbook("fresh.xlsx", Path("p.xlsx"), steps.append),
        "steps": lambda: steps,
        "a value has changed": lambda: release_workbook("stale.xlsx", Path("q.xlsx")),
        "never computed": lambda: release_workbook("none.xlsx", Path("q.xlsx")),
        "another name": lambda: release_workbook("fresh.xlsx", Path("p.xlsm")),
    }
    require_kept("released", outcomes_text(made, books))
    assert not (books / "q.xlsx").exists()


# -- reports, audits, assessments ----------------------------------------------
def small_index(**given) -> Index:
    cities = ["Ulm", "Rome", "Oslo", "Bonn"]
    frame = pd.DataFrame({"unit": cities, "a": [1.0, 2, 3, 5], "b": [5.0, 1, 2, 9]})
    return Index(
        Framework.read(TREE), frame.set_index("unit"), weights="equal", **given
    )


def test_a_report_is_written_into_a_folder(require_kept, tmp_path):
    (tmp_path / "old").mkdir()
    steps: list[str] = []

    def written(index: Index, folder: str, *words, **given) -> object:
        report = index.report(tmp_path / folder, *words, progress=steps.append, **given)
        return {
            "folder": report.folder,
            "kept": report.kept,
            "synthetic": report.synthetic,
            "files": sorted(file.file for file in report.files),
        }

    nothing = Index(
        Framework.read(TREE), pd.DataFrame({"a": [None], "b": [None]}, index=["u"])
    )
    groups = small_index(
        groups={"Ulm": "one", "Rome": "one", "Oslo": "two", "Bonn": "two"}
    )
    (tmp_path / "series.csv").write_text("unit,series,key,value\nUlm,before,a,3\n")
    made = {
        "sentences": lambda: written(small_index(), "a", "en", only=["sentences"]),
        "tables": lambda: written(
            small_index(), "a", "both", only=["tables", "sentences"]
        ),
        "without a language": lambda: written(small_index(), "b", only=["sentences"]),
        "of two groups": lambda: written(
            groups, "c", "en", only=["tables"], cities=["Ulm"]
        ),
        "further series": lambda: written(
            small_index(), "d", "en", only=["sentences"], series=tmp_path / "series.csv"
        ),
        "no scores": lambda: written(nothing, "e"),
        "another language": lambda: written(small_index(), "e", "fr"),
        "another city": lambda: written(small_index(), "e", "en", cities=["z"]),
        "another item": lambda: written(small_index(), "e", "en", only=["z"]),
        "written again": lambda: written(small_index(), "d", "en", only=["sentences"]),
        "other numbers": lambda: written(groups, "d", "en", only=["sentences"]),
        "steps": lambda: steps,
        "tables as they are": lambda: {
            file.name: file.read_text("utf-8").splitlines()
            for file in sorted((tmp_path / "a" / "tables").glob("*.en.csv"))
        },
        "ratings of none": lambda: small_index().ratings(),
        "ratings in another language": lambda: small_index().ratings("fr"),
    }
    require_kept("reported", outcomes_text(made, tmp_path))


def test_texts_and_tables_are_audited(require_kept, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    index = small_index()
    (tmp_path / "m.md").write_text(
        "Oslo ranks first with 68.75 points.\n\nBonn has a score of 12.34 points.\n\n"
        "Ulm is third in Access.\n\nThe mean is 51.6 points.\n\nUlm ranks second.\n"
    )
    (tmp_path / "t.csv").write_text(
        "city,score,rank\na,9.5,1\nb,8.25,2\nc,7.75,4\nd,7.5,3\ne,6.5,5\nf,6.0,6\ng,5.5,7\n"
    )
    (tmp_path / "sub").mkdir()
    shutil.copy(tmp_path / "t.csv", tmp_path / "sub" / "t.csv")
    (tmp_path / "b.xlsx").write_bytes(own_bytes(udf=False))
    steps: list[str] = []

    def evidence(against) -> object:
        found = text_evidence(against)
        return {
            "name": found.name,
            "scores": len(found.scores),
            "ranks": dict(found.ranks),
            "earlier": dict(found.earlier),
            "ties": found.ties,
            "titles": found.titles,
            "beside": dict(found.beside),
            "exact": found.exact,
            "invented": found.invented,
            "groups": [
                (g.cities_zh, g.cities_en)
                for kind in found.group_types
                for g in kind.groups
            ],
        }

    made = {
        "evidence": lambda: evidence(index),
        "of a workbook": lambda: {
            k: v for k, v in evidence("b.xlsx").items() if k != "ranks"
        },
        "text": lambda: audit_text("m.md", index).findings,
        "in Chinese": lambda: [
            f.says for f in audit_text("m.md", index, language="zh").findings
        ],
        "another language": lambda: audit_text("m.md", index, language="fr"),
        "no report": lambda: audit_text("m.md", "nothing"),
        "no text": lambda: audit_text("absent.md", index),
        "tables": lambda: (
            audit_tables(tables=["t.csv"], progress=steps.append).findings
        ),
        "again": lambda: audit_tables(tables=["t.csv"], spec="t.toml").findings,
        "steps": lambda: steps,
        "nothing": audit_tables,
        "a report and a table": lambda: audit_tables("iecc2024", tables=["t.csv"]),
        "a report and what its tables hold": lambda: audit_tables(
            "iecc2024", spec="t.toml"
        ),
        "two tables alone": lambda: audit_tables(tables=["t.csv", "m.csv"]),
        "two of one name": lambda: audit_tables(
            tables=["t.csv", "sub/t.csv"], spec="t.toml"
        ),
        "no table": lambda: audit_tables(tables=["absent.csv"]),
    }
    require_kept("audited", outcomes_text(made, tmp_path))


@pytest.mark.filterwarnings("ignore")
def test_all_that_an_assessment_says(require_kept):
    framework, recipe, data = invented(n=9, k=6, gaps=0, mini=3)
    index = Index(framework, data, recipe=recipe)
    vary = ["data=normal:20%", "weights=noise:40%"]
    steps: list[tuple[int, int]] = []
    found = index.assess(
        64,
        seed=3,
        vary=vary,
        compared=["normalise=rank"],
        peers=2,
        progress=lambda done, total: steps.append((done, total)),
    )
    # The replicates, and for each of two things that vary and for both ends as many samples.
    assert {total for _, total in steps} == {64 + 64 * (len(vary) + 2)}
    assert steps[-1][0] == steps[-1][1]
    assert [done for done, _ in steps] == sorted({done for done, _ in steps})
    few = index.assess(20, seed=3, vary=["weights=noise:10%"])
    document = found.as_dict()
    makers = {
        "document": lambda: {
            k: v for k, v in document.items() if k not in ("above", "seconds")
        },
        "above": lambda: np.round(document["above"]["p"], 6),
        "sizes": lambda: found.sizes,
        "top margins": lambda: found.top_margins,
        "figures by name": lambda: [
            f.id for f in found.figures("rank-intervals", "variants")
        ],
        "no figure": lambda: found.figure("nothing"),
        "no data for a figure": lambda: few.figure("sensitivity"),
        "sensitivity of one thing": lambda: few.sobol,
        "peers": lambda: [found.peers(), found.peers("mini")],
        "too few replicates": lambda: index.assess(0),
        "too few processes": lambda: index.assess(5, jobs=0),
        "too many peers": lambda: index.assess(5, peers=6),
        "one peer group": lambda: index.assess(5, peers=1),
        "no measure": lambda: index.assess(5, outside=["wealth"]),
        "no replicate": lambda: found.replicate(64),
        "before the first": lambda: found.replicate(-1),
    }
    require_kept("assessed", outcomes_text(makers))


# -- indices and their inputs -----------------------------------------------------
def test_stored_results_are_ordered_as_is_asked_for(require_kept, tmp_path):
    edited = Edited(own_bytes(udf=False))
    for code in ("A0", "A1", "A2"):
        edited.cell("city04", code).value = "NA"
    edited.save(tmp_path / "b.xlsx")
    book = xc.Workbook.open(tmp_path / "b.xlsx")
    book.recalculate()
    results = book.results

    def cities(*words, **given) -> list[str]:
        return [
            unit["unit"] for unit in results.selected(*words, **given).document["units"]
        ]

    makers = {
        **{
            f"by {sort}": partial(cities, sort=sort)
            for sort in (
                "rank",
                "unit",
                "name_zh",
                "name_en",
                "A",
                "B",
                "A0",
                "B2",
                "none",
            )
        },
        "as they are": cities,
        "by the rank in A": lambda: cities("A"),
        "the first": lambda: cities("B", top=3),
        "by a node that is none": lambda: cities("none"),
        "ranking": results.ranking,
        "ranking of A": lambda: results.ranking("A"),
        "of an indicator": lambda: results.ranking("A0"),
        "of a group": lambda: results.ranking("B", "main"),
        "of another": lambda: results.ranking("B", "mini"),
        "normalised": lambda: results.normalised.round(6).to_string(),
        "draft": lambda: results.draft,
        "html": lambda: results._repr_html_().count("<tr>"),
    }
    require_kept("ordered", outcomes_text(makers))


def test_what_an_index_is_made_from(require_kept, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "f.csv").write_text(TREE)
    (tmp_path / "wrong.csv").write_text(TREE + "a,Z,1,1,Again\nc,Y,1,2,Other\n")
    (tmp_path / "d.csv").write_text('unit,a,b\nu,"1,5",2\nv,2,n/k\nw,4,3\n')
    (tmp_path / "names.csv").write_text("unit\nOslo\nRome\n")
    (tmp_path / "r.toml").write_text(
        'id = "own"\nweights = "relative"\n[[step]]\ndo = "normalise"\nmethod = "rank"\n'
        '[[step]]\ndo = "aggregate"\nmethod = "arithmetic"\n'
    )
    (tmp_path / "wrong.toml").write_text(
        'id = "own"\n[[step]]\ndo = "normalise"\nmethod = "x"\n'
    )
    years = pd.DataFrame(
        {
            "unit": [*"uv"] * 2,
            "year": [2020, 2020, 2021, 2021],
            "a": [1.0, None, 2, 3],
            "b": [4.0, 5, 6, 7],
        }
    )
    last = years[years["year"] == 2021].drop(columns="year")

    def read(*words, empty=False, **chosen) -> object:
        inputs = read_inputs(*words, MethodChoice(**chosen), empty=empty)
        data = inputs.dataset
        recipe = inputs.recipe
        return {
            "repr": repr(inputs),
            "weights": [(n.code, n.weight) for n in inputs.framework.nodes],
            "recipe": recipe.id,
            "steps": [(s.do, s.method, s.codes) for s in recipe.steps],
            "missing": [recipe.blank, recipe.missing_codes],
            "values": by_city(data),
            "states": data.states.tolist(),
            "filled": by_city(inputs.filled),
            "emptied": by_city(inputs.emptied().dataset),
            "editions": inputs.panel and list(inputs.panel.editions),
            "options": inputs.options,
            "unused": inputs.notes.unused,
            "converted": [(c.raw, c.result, c.note) for c in inputs.notes.converted],
        }

    two = {"Ulm": "one", "Rome": "two", "Oslo": None, "Bonn": "one"}
    makers = {
        "files": lambda: read("f.csv", "d.csv", missing=("n/k",)),
        "a frame": lambda: read(Framework.read(TREE), last),
        "blanks are missing": lambda: read(
            "f.csv", last.assign(a=None), missing=(np.nan, -99)
        ),
        "editions": lambda: read("f.csv", years),
        "a recipe": lambda: read("f.csv", last, recipe="r.toml"),
        "methods": lambda: read(
            "f.csv", last, words={"normalise": ["zscore", "b=rank"]}
        ),
        "weights": lambda: read("f.csv", last, numbers={"a": 2.0, "b": 6.0}),
        "without values": lambda: read("f.csv", "d.csv", empty=True, missing=("n/k",)),
        "names alone": lambda: read("f.csv", "names.csv", empty=True),
        "names in a frame": lambda: read(
            "f.csv", pd.DataFrame({"unit": ["Oslo"]}), empty=True
        ),
        "nothing": lambda: read("f.csv", None, empty=True),
        "a shipped system": lambda: read("f.csv", last, recipe="uk_sustainable_cities"),
        "wrong weights": lambda: read("f.csv", last, numbers={"z": 2.0, "b": -1.0}),
        "wrong options": lambda: read("f.csv", last, options=["none"]),
        "wrong methods": lambda: read(
            "f.csv", "d.csv", words={"normalise": ["q"], "impute": ["b=q"]}
        ),
        "a wrong recipe": lambda: read("f.csv", "d.csv", recipe="wrong.toml"),
        "a wrong framework, too": lambda: read(
            "wrong.csv", "d.csv", words={"weights": ["q"]}
        ),
        "absent files": lambda: read("absent.csv", "gone.csv", recipe="none.toml"),
        "words and numbers": lambda: [
            numbers_or_methods(given)
            for given in (
                None,
                "equal",
                ["equal"],
                {"a": 2, "b": "pca", "c": True},
                pd.Series({"a": 1.5}),
                {"a": "pca"},
            )
        ],
        "groups": lambda: small_index(groups=two).ranks,
        "wrong groups": lambda: small_index(
            groups={"Ulm": "one", "rome": "two", "": "one"}
        ),
    }
    require_kept("inputs", outcomes_text(makers, tmp_path))


def test_scores_beside_the_size_of_cities(require_kept):
    frame = pd.DataFrame(
        {
            "unit": [*"uvwxyz"],
            "a": [1.0, 2, 3, 5, 8, 4],
            "b": [5.0, 1, 2, 9, 6, 7],
            "Group_people": [90.0, 5, 30, 20, 10, 60],
        }
    )
    index = Index(Framework.read(TREE), frame, weights="equal")
    makers = {
        "compared": lambda: index.by_size("Group_people").round(6).to_string(),
        "without logarithms": lambda: (
            index.by_size("Group_people", log=False).round(6).to_string()
        ),
        "fit": lambda: index.by_size("Group_people").attrs,
        "of an indicator": lambda: index.by_size("Group_people", "a")["rank"].to_dict(),
        "no size": lambda: index.by_size("wealth"),
        "no group": lambda: index.by_size("Group_people", group="none"),
    }
    require_kept("sizes", outcomes_text(makers))


# -- what a person is shown ----------------------------------------------------------
def test_a_teams_table_before_it_is_read(require_kept):
    table = [
        ("City", "GDP (bn)", "Air", "Rank"),
        ("Paris", 7.5, 3.0, 1.0),
        ("Rome", 2.5, "１９", 2.0),
        ("Oslo", None, "*", 3.0),
        ("Bonn", 4.5, 8.0, 4.0),
        ("Kiev", None, None, None),
    ]
    wrong = [*table[:5], ("Lima", "many", "few", 5.0)]
    unread = {"role": "none"}
    directed = {"columns": {"GDP (bn)": {"direction": 1}, "Air": {"direction": -1}}}
    makers = {}
    for name, rows, chosen in (
        ("as it is", table, {}),
        ("with directions", table, directed),
        ("by ranks", table, {**directed, "index": {"normalise": "rank"}}),
        ("wrong values", wrong, directed),
        ("without cities", table, {"unit": "none"}),
        (
            "without indicators",
            table,
            {"columns": dict.fromkeys(("GDP (bn)", "Air"), unread)},
        ),
    ):
        sheets = {"S": rows}
        makers[name] = partial(
            preview, "team.xlsx", sheets, propose_map(sheets, chosen)
        )
    makers["cells"] = partial(shown_cells, table)
    large = shown_cells([("x" * 70, *[1.0] * 61)] * 160)
    makers["many"] = lambda: [
        large["size"],
        len(large["rows"]),
        len(large["rows"][0]),
        large["rows"][0][:2],
        large["letters"][-1],
    ]
    makers["no cells"] = partial(shown_cells, [])
    require_kept("previewed", outcomes_text(makers))


DETAILS = (
    joined(
        [
            Message("check.contract_differs", number=1),
            Message("check.cells_differ", number=3, compared=9),
        ]
    ),
    Message("check.no_stored_values"),
    "",
)
EVIDENCE = (
    "d is ranked 3 before c (4) with 7.5 against 7.75. With c rank 4 -> 3, d rank 3 -> 4 every "
    "constraint holds; 15 other repairs do so, too.",
    "rank ranks score, the greatest first.",
)
SUMMARIES = (
    summarise(
        "fail",
        [Finding(rule, "S", "A1", "x", level="error") for rule in ("W02", "W32")],
    ),
    summarise("pass", []),
)
SPACES = Message("conversion.odd_spaces")
CONVERSIONS = (
    SPACES,
    joined([Message("conversion.full_width"), SPACES], "list.clauses"),
    "no such note",
    "",
)


def test_findings_in_the_language_of_their_reader(require_kept):
    lines = []
    for lang in ("en", "zh"):
        with in_language(lang):
            lines += [
                *map(told, DETAILS),
                *map(evidence_text, EVIDENCE),
                *map(told, SUMMARIES),
                *map(told, CONVERSIONS),
            ]
    require_kept("findings", "\n".join(lines))


def test_what_a_template_of_a_report_shows():
    """Its own values are those of the report; others are a user's, and it knows both."""
    report = load_report("iecc2024")
    city = report.dataset.units[0].id
    code = report.dataset.codes[0]
    printed = by_city(report.dataset)[city][0]
    values = pd.DataFrame({code: [printed + 1.0]}, index=[city])
    for data, empty, kind, shown in (
        (None, False, report.data_kind, printed),
        (values, False, "own", printed + 1.0),
        (None, True, "empty", np.nan),
    ):
        inputs = read_inputs(report, data)
        spec = index_spec(inputs.emptied() if empty else inputs, empty=empty)
        assert (spec.kind, spec.id, spec.defaults) == (kind, "iecc2024", report.dataset)
        np.testing.assert_equal(by_city(spec.dataset)[city][0], shown)
