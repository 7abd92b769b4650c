"""Whole results of small indices, kept as text: every step, mark, note, failure, score and rank."""

from dataclasses import replace

import pytest

import xlcity as xc
from tests.helpers.kept import as_text, beside
from xlcity.errors import XlcityError
from xlcity.index import compute
from xlcity.index.analysis import ScoreGaps, contributions
from xlcity.index.prepare import available_shares
from xlcity.index.steps import effective_weights
from xlcity.model.dataset import State

FRAMEWORK = """code,parent,weight,direction,name_en,target,type,goalpost_low,goalpost_high
T,,,,Total,,,,
P,T,2,,Pillar P,,,,
Q,T,1,,Pillar Q,,,,
A,P,1,1,Access,90,,0,100
B,P,3,-1,Burden,2,,100,600
C,Q,1,1,Culture,50,,0,50
D,Q,1,-1,Dust,5,,,
E,Q,2,1,Ease,10,,,
pop,,,,Inhabitants,,Denominator,,
"""
#: Ties, gaps of both kinds, zeros, a constant column, a far value, a city without values.
INGREDIENTS = "code,of\nE.x,E\nE.y,E\n"
DATA = """unit,A,B,C,D,E,pop,Group_size,Group_side,E.x,E.y
beijing,71.5,320,40,35,3,10,large,east,1,4
lyon,64,280,NA,12.5,3,2,small,west,2,NA
oslo,88.25,510,31,8,3,4,small,west,4,4
quito,42,150,0,21,3,,small,west,0,2
perth,55,290,22,9,3,5,large,east,NA,NA
turin,64,,27,900,3,1,small,west,3,3
bern,NA,NA,NA,NA,NA,3,large,,NA,NA
"""
AVERAGE = '[[step]]\ndo = "aggregate"\nmethod = "arithmetic"\n'
MINMAX = '[[step]]\ndo = "normalise"\nmethod = "minmax"\n'
RANK = '[[step]]\ndo = "rank"\nmethod = "competition"\ndigits = 9\n'


def step(do: str, method: str, **params: object) -> str:
    values = {
        k: str(v).replace("'", '"') if isinstance(v, list) else v
        for k, v in params.items()
    }
    lines = [
        f'{k} = "{v}"' if isinstance(v, str) and v[:1] != "[" else f"{k} = {v}"
        for k, v in values.items()
    ]
    return "\n".join(["[[step]]", f'do = "{do}"', f'method = "{method}"', *lines, ""])


def average(**params: object) -> str:
    return step("aggregate", "arithmetic", **params)


HEAD = 'weights = "relative"\n'
MISSING = HEAD + 'blank = "missing"\n'
CASES = {
    "plain": HEAD + MINMAX + AVERAGE + RANK,
    "gaps": MISSING
    + step("normalise", "minmax", constant=50, scale=10, base=1)
    + average(missing="renormalise", threshold=0.6)
    + RANK,
    "zero": MISSING
    + step("normalise", "minmax", lower=0, floor=5, codes=["A", "C"])
    + step("normalise", "zscore", clip=1.0, mean=50, sd=10, constant=50)
    + average(missing="zero")
    + step("rank", "competition", digits=0, ties="dense"),
    "refuse": MISSING
    + step("normalise", "percentile")
    + average(missing="refuse")
    + RANK,
    "screened": MISSING
    + step("screen", "availability", data=0.8, nonzero=0.9, drop=["oslo"])
    + step("screen", "availability", data=0.5, keep=["bern"], codes=["P"])
    + step("normalise", "rank", missing="lowest", ties="max")
    + average(missing="na")
    + RANK,
    "divided": MISSING
    + step("denominate", "by", denominator="pop", scale=10, codes=["A", "E"])
    + step("normalise", "minmax", constant=1)
    + average(missing="renormalise")
    + RANK,
    "filled": MISSING
    + step("impute_raw", "mean", group="size", codes=["A", "B"])
    + step("impute_raw", "median")
    + step("treat", "winsor", points=1)
    + step("normalise", "goalposts", codes=["A", "B", "C"], low=0.5, high="p90")
    + step("normalise", "borda", ties="average")
    + average()
    + RANK,
    "modelled": MISSING
    + step("impute_raw", "regression", level="all", codes=["A"])
    + step("impute_raw", "neighbours", level="pillar", nearest=2, codes=["B"])
    + step("impute_raw", "em", level="all", codes=["C"])
    + step("impute_raw", "draw", level="all", codes=["D"], seed=3)
    + step("treat", "log", codes=["D"])
    + step("treat", "percentile", low=0.1, high=0.9)
    + step("normalise", "dist2max", constant=0.5)
    + average(missing="renormalise")
    + RANK,
    "imputed_scores": MISSING
    + step("normalise", "zscore", constant=0)
    + step("impute_scores", "dimension_mean", level="pillar")
    + average()
    + step("rescale", "minmax", codes=["T"], scale=10)
    + step("rescale", "zscore", codes=["P"])
    + step("rescale", "efficacy", codes=["Q"])
    + RANK,
    "weighed": MISSING
    + step("normalise", "minmax", constant=50)
    + step("weight", "cv", codes=["P"])
    + step("weight", "equal", codes=["Q"])
    + step("weight", "ahp", codes=["T"], judgements=[3.0])
    + average(missing="renormalise", children="scores")
    + step("rescale", "linear", factor=2, shift=-1)
    + RANK,
    "failing_weights": MISSING
    + step("normalise", "minmax", constant=50)
    + step("weight", "entropy")
    + step("weight", "ahp", codes=["Q"], judgements=[9.0, 0.2, 9.0])
    + average(missing="na", codes=["T"])
    + step("aggregate", "geometric", missing="renormalise")
    + RANK,
    "many": MISSING
    + step("normalise", "bands", cuts=[10.0, 30.0, 60.0], codes=["A", "D"])
    + step("normalise", "dist2target", cap="yes")
    + step("aggregate", "power", power=-1, codes=["P"])
    + step("aggregate", "mpi", codes=["Q"], missing="renormalise")
    + step("aggregate", "minimum", codes=["T"], missing="renormalise")
    + RANK,
    "outranked": MISSING
    + step("normalise", "fracmax", scale=50, codes=["A", "B"])
    + step("normalise", "above_mean", threshold=0.2)
    + step("aggregate", "copeland", codes=["P"])
    + step("aggregate", "topsis", codes=["Q"])
    + step("aggregate", "owa", codes=["T"], missing="renormalise")
    + RANK,
    "city": HEAD
    + step("normalise", "dist2ref", unit="lyon")
    + average(missing="renormalise")
    + RANK,
    "rated": MISSING
    + step("normalise", "rating", max=90, unrated=1, codes=["A"])
    + step("normalise", "efficacy", omega=50, constant=60)
    + average(missing="renormalise")
    + RANK
    + step("rate", "cuts", cuts=[40.0, 60.0, 80.0], codes=["T"], target=80),
    "constructed": MISSING
    + step("construct", "ratio", numerator="x", denominator="y", scale=100, codes=["E"])
    + step("normalise", "minmax", constant=50)
    + average(missing="renormalise")
    + RANK,
    "constructed_z": MISSING
    + step("construct", "zscore_index", clip=1, missing="zero", codes=["E"])
    + step("normalise", "minmax", constant=50)
    + average(missing="renormalise")
    + RANK,
    "constructed_mean": MISSING
    + step("construct", "mean", missing="renormalise", codes=["E"])
    + step("normalise", "minmax", constant=50)
    + average(missing="renormalise")
    + RANK,
    "constructed_trend": MISSING
    + step("construct", "trend", now="x", before="y", threshold=0.1, codes=["E"])
    + step("normalise", "minmax", constant=50)
    + average(missing="renormalise")
    + RANK,
    "two_groups": MISSING
    + 'populations = ["east", "west"]\n'
    + step("normalise", "minmax", constant=50)
    + average(missing="renormalise")
    + RANK,
    "alike": MISSING
    + step("normalise", "above_mean", threshold=20)
    + step("aggregate", "topsis", codes=["Q"])
    + average(missing="renormalise")
    + RANK,
    # -- refused
    "no_steps": HEAD,
    "wrong_order": HEAD + AVERAGE + MINMAX,
    "no_parameters": HEAD
    + step("normalise", "goalposts", codes=["D"])
    + step("normalise", "bands")
    + step("weight", "named")
    + AVERAGE,
    "screened_wrong": HEAD
    + step("screen", "availability", data=2, keep=["rome"])
    + MINMAX
    + AVERAGE,
    "slips": HEAD
    + step("normalise", "dist2ref", unit="rome", codes=["A"])
    + step("normalise", "minmax", lower=5, upper=1)
    + step("weight", "balance", targets=[1.0])
    + step("aggregate", "promethee", indifference=2, preference=1),
    "nobody": MISSING
    + step("screen", "availability", data=1, drop=["oslo"])
    + MINMAX
    + AVERAGE,
}


def kept_result(result) -> dict:
    """Return a result as plain data, a table for each step."""
    ids = [unit.id for unit in result.dataset.units]

    def table(codes, values, states=None):
        names = {State.BLANK: "", State.MISSING: "NA", State.VALUE: "?"}
        return [
            {
                "unit": unit,
                **{
                    code: value if value == value else names[State(states[row][column])]
                    for column, (code, value) in enumerate(
                        zip(codes, values[row], strict=True)
                    )
                },
            }
            for row, unit in enumerate(ids)
        ]

    gaps = ScoreGaps(result)
    nodes = result.node_codes
    return {
        "draft": result.draft,
        "unfilled": result.unfilled,
        "without values": result.without_values,
        "order": {p: " ".join(result.order(nodes[0], p)) for p in result.populations},
        "raw": table(result.leaf_codes, result.raw.tolist(), result.raw_states),
        "bounds": result.bounds,
        "steps": [
            {
                "step": f"{s.step.do} {s.step.method}",
                "values": table(s.codes, s.values.tolist(), s.states),
            }
            for s in result.steps
            if s.step.do not in ("rank", "aggregate", "rate", "normalise")
        ],
        "normalised": table(
            result.leaf_codes, result.normalised.tolist(), result.normalised_states
        ),
        "scores": table(nodes, result.scores.tolist(), result.score_states),
        "ranks and places": [
            f"{unit} {ranks} {places}"
            for unit, ranks, places in zip(
                ids, result.ranks.tolist(), result.positions.tolist(), strict=True
            )
        ],
        "weights": effective_weights(result.framework, result.recipe),
        "signs": [
            [gaps.signs(row, code) or "-" for code in nodes] for row in range(len(ids))
        ],
        "parts of the total": parts_of(result),
        "shares of values": available_shares(result),
        "marks": [f"{m.kind} {m.unit} {m.code} {m.detail}" for m in result.marks],
        "failures": result.failures,
        "notes": result.notes,
    }


def by_side(data):
    """Return the dataset with a population for each side; a city of none is not scored."""
    units = tuple(
        replace(unit, population=unit.attributes["Group_side"]) for unit in data.units
    )
    return replace(data, units=units)


def parts_of(result) -> object:
    """Return the points of every indicator in the total, or why there are none."""
    try:
        return contributions(result).tolist()
    except ValueError as error:
        return str(error)


def result_text(name, tmp_path) -> str:
    """Return what an index gives, or what it refuses."""
    (tmp_path / "framework.csv").write_text(FRAMEWORK)
    if 'do = "construct"' in CASES[name]:
        (tmp_path / "ingredients.csv").write_text(INGREDIENTS)
    rows = [line.split(",") for line in DATA.splitlines()]
    for row in rows if 'do = "construct"' in CASES[name] else ():
        row[5] = ""
    rows[0][5] = "E"
    (tmp_path / "data.csv").write_text("\n".join(map(",".join, rows)))
    (tmp_path / "recipe.toml").write_text(f'id = "{name}"\n{CASES[name]}')
    try:
        index = xc.Index(
            tmp_path, tmp_path / "data.csv", recipe=tmp_path / "recipe.toml"
        )
        result = index.result
        if "populations" in CASES[name]:
            result = compute(result.framework, result.recipe, by_side(result.dataset))
        kept = kept_result(result)
    except XlcityError as error:
        kept = {"refused": list(error.problems)}
    return as_text(kept).replace(str(tmp_path), "…")


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return result_text("plain", tmp_path_factory.mktemp("plain"))


@pytest.mark.parametrize("name", CASES)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_an_index_as_a_whole(require_kept, name, plain, tmp_path):
    """Of all but the plain one, what that has not is kept."""
    text = result_text(name, tmp_path)
    require_kept(name, text if name == "plain" else beside(text, plain))


#: Words of a normalisation whose bounds are those of editions.
EDITION_BOUNDS = (
    "minmax",
    "minmax:0:100:first edition",
    "minmax:0:10:last edition",
    "minmax:0:100:edition 2021",
    "minmax:0:100:all editions",
    "ampi:edition 2019",
    "ampi:last edition",
    "minmax:0:1:edition 1999",
)


def test_bounds_of_editions(require_kept, tmp_path):
    """Scores of every edition, and the bounds that they lie between."""
    rows = [
        f"{unit},{year},{a},{b}"
        for year, unit, a, b in (
            (2019, "u", 1, 9),
            (2019, "v", 3, 2),
            (2019, "w", 8, 4),
            (2021, "u", 2, 7),
            (2021, "v", 5, 1),
            (2021, "w", 4, "NA"),
            (2022, "u", 6, 6),
            (2022, "v", 9, 3),
            (2022, "w", 7, 8),
        )
    ]
    (tmp_path / "data.csv").write_text("\n".join(["unit,year,a,b", *rows]))
    (tmp_path / "framework.csv").write_text(
        "code,parent,direction\nT,,\na,T,1\nb,T,-1\n"
    )
    kept = {}
    for word in EDITION_BOUNDS:
        try:
            index = xc.Index(
                tmp_path / "framework.csv", tmp_path / "data.csv", normalise=word
            )
            kept[word] = {
                one.edition: [
                    one.result.normalised.tolist(),
                    one.result.scores[:, 0].tolist(),
                ]
                for one in index.edition_results()
            }
            kept[f"{word}, together"] = [
                one.result.scores[:, 0].tolist()
                for one in index.edition_results(together=True)
            ]
        except XlcityError as error:
            kept[word] = list(error.problems)
    require_kept("editions", kept)
