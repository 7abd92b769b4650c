"""What Python objects of small indices show, kept as text: tables, traces, figures, sheets."""

import re
from functools import partial

import numpy as np
import pandas as pd
import pytest

import xlcity as xc
from tests.helpers.kept import as_text, markup_lines, without
from tests.helpers.own import Edited, own_bytes
from tests.helpers.robust import invented
from xlcity.api import texts
from xlcity.api.arguments import IndexArguments
from xlcity.api.assessment_document import spans, stored_form
from xlcity.api.documents import place_text, plain, sentence
from xlcity.api.index import Index
from xlcity.api.inputs import method_words
from xlcity.api.remake import list_pages, remake_workbook
from xlcity.api.texts import in_language, say
from xlcity.errors import CellError, Problem, UsageError, Where, XlcityError, doubt_text
from xlcity.messages import Message
from xlcity.model.framework import Framework
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.package import Package

TREE = """code,parent,weight,direction,name_en,name_zh
T,,,,Total,总分
P,T,2,,Pillar P,领域P
Q,T,1,,Pillar Q,领域Q
a,P,1,1,Access,可达
b,P,3,-1,Burden,负担
c,Q,1,1,Culture,文化
"""
FRAME = pd.DataFrame(
    {
        "unit": [*"uvwx"] * 3,
        "year": [2019] * 4 + [2021] * 4 + [2022] * 4,
        "a": [1.0, 2, 3, 4, 2, 2, 4, 3, 3, None, 6, 6],
        "b": [5.0, 1, 2, 9, 5, 4, 2, 8, 1, 4, 3, 8],
        "c": [2.0, 2, 1, 2, 3, 2, 2, 1, 3, 3, 2, 2],
        "people": [9.0, 5, 3, 2] * 3,
        "Group_side": [*"nnss"] * 3,
    }
)


def told(make) -> object:
    """Return what something gives as text, or what it refuses."""
    try:
        value = make()
    except (XlcityError, KeyError, ValueError) as error:
        return f"{type(error).__name__}: {error}"
    if isinstance(value, (pd.DataFrame, pd.Series)):
        return value.round(9).to_string()
    if not isinstance(value, str):
        return as_text(value)
    return "\n".join(markup_lines(value)) if value.startswith("<div") else value


def _without_last_digits(text: str) -> str:
    """Return a table whose numbers are the same whatever the processor's exponentials are."""
    return re.sub(r"\d+\.\d{9,}", lambda number: f"{float(number[0]):.10g}", text)


@pytest.mark.filterwarnings("ignore")
def test_an_index_as_an_object(require_kept):
    framework = Framework.read(TREE)
    last = FRAME[FRAME["year"] == 2022].drop(columns="year").set_index("unit")
    index = Index(framework, last)
    panel = Index(framework, FRAME)
    makers = {
        "repr": lambda: repr(index),
        "html": lambda: index._repr_html_(),
        "scores": lambda: index.scores,
        "ranks": lambda: index.ranks,
        "normalised": lambda: index.normalised,
        "frame": index.to_frame,
        "frame with a city that has no rank first": lambda: Index(
            framework,
            last.assign(a=None, b=[None, 2.0, 5.0, 3.0], c=[None, 1.0, 1.5, 9.0]),
        ).to_frame(),
        "frame of P": lambda: index.to_frame("P"),
        "problems": lambda: index.problems,
        "contributions": lambda: index.contributions("u"),
        "contributions of a name": lambda: index.contributions("W", "P"),
        "of none": lambda: index.contributions("z"),
        "of no node": lambda: index.trace("u", "Z"),
        "trace": lambda: str(index.trace("u")),
        "trace v": lambda: repr(index.trace("v", "P")),
        "trace html": lambda: index.trace("x")._repr_html_(),
        "column": lambda: index.column("c"),
        "no column": lambda: index.column("z"),
        "document": index.as_dict,
        "data": lambda: repr(index.data),
        "data html": lambda: index.data._repr_html_(),
        "states": lambda: index.data.states,
        "by size": lambda: index.by_size("people"),
        "growth of none": lambda: index.growth(),
        "ratings of none": lambda: index.ratings(),
        "consistency": lambda: index.consistency,
        "editions": panel.edition_results,
        "growth": panel.growth,
        "linear growth": lambda: panel.growth("linear"),
        "wrong growth": lambda: panel.growth("x"),
        "trajectories": panel.trajectories,
        "weights": lambda: Index(framework, last, weights={"a": 3, "b": 1}).scores,
        "wrong weights": lambda: Index(framework, last, weights={"z": 3}).scores,
        "plot": lambda: index.plot(kind="nothing"),
    }
    lines = [f"== {name}\n{told(make)}" for name, make in makers.items()]
    require_kept("index", without("\n".join(lines)))


@pytest.mark.filterwarnings("ignore")
def test_an_assessment_as_an_object(require_kept):
    framework, recipe, data = invented(n=7, k=6, gaps=0)
    index = Index(framework, data, recipe=recipe)
    vary = ["data=normal:20%", "weights=noise:40%", "omit=pillars"]
    found = index.assess(40, seed=2, vary=vary, compared=["normalise=rank"])
    kept = {
        "repr": without(repr(found)),
        "units": told(lambda: found.units),
        "above": told(lambda: found.above),
        "audit": told(lambda: found.audit),
        "rows": found.ranked_rows(),
        "top": found.top_sizes,
        "stored": stored_form(found),
        "figures": {
            figure.id: [figure.title, figure.subtitle, figure.note, figure.content]
            for figure in found.figures()
        },
        "replicate": [
            {
                file: _without_last_digits(text)
                for file, text in found.replicate_tables(number).items()
            }
            for number in (0, 39)
        ],
        "no replicate": told(lambda: found.replicate(40)),
        "spans": [
            spans(ranks)
            for ranks in ((1,), (1, 2, 3), (1, 3, 4, 9), (2, 5, 7, 9), (2, 4, 5))
        ],
    }
    # Two pairs of cities, and three others, that cannot be told apart.
    pairs = index.assess(80, seed=2, vary=["weights=noise:25%", "omit=indicators"])
    kept["stored pairs"] = stored_form(pairs)
    require_kept("assessment", without(as_text(kept)))


def test_a_workbook_as_an_object(require_kept, tmp_path):
    edited = Edited(own_bytes(udf=False))
    edited.cell("city03", "A0").value = 500.0
    edited.cell("city04", "A1").value = "x"
    edited.save(tmp_path / "b.xlsx")
    book = xc.Workbook.open(tmp_path / "b.xlsx")
    verdict = book.check()
    book.recalculate()
    frame = pd.DataFrame({"A0": [1.0], "B1": ["NA"]}, index=["city02"])
    makers = {
        "repr": lambda: repr(book),
        "verdict": lambda: str(verdict),
        "true": lambda: bool(verdict),
        "verdict repr": lambda: repr(verdict),
        "html": lambda: verdict._repr_html_(),
        "findings": lambda: verdict.findings,
        "checks": lambda: verdict.checks,
        "results": lambda: repr(book.results),
        "ranks": lambda: book.results.ranks,
        "ranking": lambda: book.results.ranking("A"),
        "no ranking": lambda: book.results.ranking("z"),
        "inputs": lambda: book.inputs,
        "trace": lambda: [*book.trace("city03", 1).steps.values()],
        "fill": lambda: str(type(book.fill(frame))),
        "after": lambda: book.results.scores,
        "wrong fill": lambda: book.fill(pd.DataFrame({"A0": ["x"]}, index=["nobody"])),
        "pages": lambda: book.pages(add=["nothing"]),
    }
    lines = [f"== {name}\n{told(make)}" for name, make in makers.items()]
    require_kept("workbook", without("\n".join(lines), tmp_path))


def test_words_and_documents(require_kept):
    where = Where(file="f.csv", sheet="S", cell="B2", indicator="A", unit="u")
    values = (
        np.float64(1.5),
        np.nan,
        float("inf"),
        np.int64(3),
        CellError.NA,
        (1, 2),
        None,
        {"a": np.nan},
        True,
        Problem("XC301", "m", "h", where),
    )
    # numpy writes its numbers in two ways, by its version.
    names = [re.sub(r"np\.\w+\((.*)\)", r"\1", repr(value)) for value in values]
    lines = [
        f"{name}: {plain(value)!r}" for name, value in zip(names, values, strict=True)
    ]
    for lang in ("en", "zh"):
        with in_language(lang):
            problem = Problem.of("XC301.text", where, shown="'x'")
            lines += [sentence(problem), place_text(where), place_text(Where())]
            comma = Message("XC301.comma", shown="'12,5'")
            lines += [texts.told(text) for text in (comma, "no such text", "")]
            array = Message("doubt.dynamic_array")
            name = Message("doubt.name", name="X")
            lines += [
                texts.told(doubt_text(doubts))
                for doubts in ([array], [array, name], ["A", "B"])
            ]
            lines += [say("audit.page", file="x.html"), say("audit.error", number=2)]
    given = (
        "minmax",
        {"a": "rank", "b": "minmax:0:1"},
        ["zscore", "b=rank"],
        5,
        "",
        None,
    )
    lines += [
        f"{one!r}: {told(partial(method_words, 'normalise', one))}" for one in given
    ]
    require_kept("words", "\n".join(lines))


def test_the_arguments_of_a_verb_are_read(tmp_path):
    (tmp_path / "f.csv").write_text(TREE)
    (tmp_path / "d.csv").write_text("unit,a,b,c\nu,1,2,3\nv,2,1,5\nw,4,3,1\n")
    (tmp_path / "r.toml").write_text(
        'id = "own"\nweights = "relative"\n[[step]]\ndo = "normalise"\nmethod = "rank"\n'
        '[[step]]\ndo = "aggregate"\nmethod = "arithmetic"\n'
    )
    f, d, r = (str(tmp_path / name) for name in ("f.csv", "d.csv", "r.toml"))
    plain_inputs = IndexArguments(framework=f, data=d).read()
    assert plain_inputs.recipe.id != "own"
    inputs = IndexArguments(framework=f, data=d, recipe=r, weights=("equal",)).read()
    assert inputs.recipe.id == "own"
    assert [step.method for step in inputs.recipe.steps] == [
        "rank",
        "equal",
        "arithmetic",
    ]
    for wrong in ({}, {"report": "image2025", "framework": f}, {"framework": f}):
        with pytest.raises(UsageError):
            IndexArguments(**wrong).read()
    assert len(IndexArguments(framework=f).read(empty=True).dataset.units) == 0


def test_a_workbook_made_again_has_the_pages_that_are_asked_for(tmp_path):
    first, second, third = (tmp_path / f"{name}.xlsx" for name in "abc")
    first.write_bytes(own_bytes(udf=False))
    with_page = remake_workbook(first, second, add=["whatif"])
    assert [
        page["name"] for page in list_pages(with_page.content.spec) if page["present"]
    ] == ["whatif"]
    without_page = remake_workbook(second, third, remove=["whatif"], language="zh")
    assert not any(page["present"] for page in list_pages(without_page.content.spec))
    assert len(read_book(Package.read(second)).sheets) == 11
    assert len(read_book(Package.read(third)).sheets) == 10
