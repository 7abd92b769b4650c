"""Whole assessments of small indices, kept as text: the document that `assess --json` prints."""

import functools

import numpy as np
import pandas as pd
import pytest

from tests.helpers.robust import invented
from xlcity.api.assessment_document import document
from xlcity.api.index import Index
from xlcity.assess.batch import rank_batch, score_batch
from xlcity.assess.read_choices import default_choices
from xlcity.assess.uncertainty import draw_replicates
from xlcity.errors import XlcityError
from xlcity.index import compute
from xlcity.model.framework import Framework

PANEL = pd.DataFrame(
    {
        "unit": [*"uvwxy"] * 3,
        "year": [2019] * 5 + [2021] * 5 + [2022] * 5,
        "a": [1.0, 2, 3, 4, 7, 2, 2, 4, 3, 7, 3, 1, 6, 6, 7],
        "b": [5.0, 1, 2, 9, 3, 5, 4, 2, 8, 3, 1, 4, 3, 8, 2],
        "c": [2.0, 2, 1, 2, 3, None, 2, 1, 3, 3, 2, 2, 2, 3, 4],
        "Group_people": ["9", "5", "3", "2", "8"] * 3,
    }
)
TREE = (
    "code,parent,weight,direction\nT,,,\nP,T,2,\nQ,T,1,\na,P,1,1\nb,P,1,-1\nc,Q,1,1\n"
)


def weighed():
    """Return an index whose weights follow from its scores."""
    framework, _, data = invented(n=9, k=6, gaps=0)
    return Index(framework, data, weights=["T=equal", "pca"], normalise="zscore:50:10")


def plain(**options):
    framework, recipe, data = invented(**options)
    return Index(framework, data, recipe=recipe)


def with_gaps(**options):
    """Return an index of ten cities, in each indicator one or two of them confirmed missing."""
    columns = np.random.default_rng(3).uniform(1, 9, (3, 10)).round(2)
    frame = pd.DataFrame(
        dict(zip("abc", columns, strict=True)), index=[f"u{n}" for n in range(10)]
    )
    frame.loc[["u1", "u4"], "b"], frame.loc["u5", "c"] = np.nan, np.nan
    return Index(Framework.read(TREE), frame.astype(object).fillna("NA"), **options)


CASES = {
    "usual": lambda: plain(n=7, k=6, gaps=0).assess(
        80, seed=2, vary=["weights=noise:25%", "omit=indicators"]
    ),
    "methods": lambda: plain(n=8, k=6).assess(
        40, seed=3, vary=METHODS, compared=["normalise=rank", "omit=P0"]
    ),
    "two_groups": lambda: plain(n=12, k=6, mini=5, gaps=0.05).assess(
        40,
        seed=5,
        vary=["data=lognormal:10%", "weights=dirichlet:9"],
        compared=["aggregate=geometric"],
    ),
    "errors": lambda: plain(n=7, k=6, gaps=0.1).assess(
        40,
        seed=7,
        vary=["data=triangular:2,I1=normal:10%:3,I2=uniform:1", "omit=I3,P1"],
        node="P0",
    ),
    "found_weights": lambda: weighed().assess(
        40, seed=1, vary=["weights=own,equal"], peers=3
    ),
    "whole_samples": lambda: plain(n=5, k=4, gaps=0).assess(
        12, seed=4, vary=["aggregate=own,copeland,P0=topsis"]
    ),
    # As it is all have scores; as it varies a column of equal values has none, nor has the total.
    "nobody": lambda: Index(
        Framework.read("code,parent\nT,\na,T\nb,T\n"),
        pd.DataFrame({"a": [1.0, 1, 1, 1], "b": [1.0, 2, 3, 4]}, index=[*"uvwx"]),
        normalise={"a": "none", "b": "minmax"},
    ).assess(40, seed=1, vary=["normalise=minmax"]),
    "denominated": lambda: with_gaps(denominate=["a=c"], impute="mean").assess(
        20, seed=2, vary=["data=normal:10%,b=uniform:2"]
    ),
    "drawn": lambda: with_gaps(impute="draw").assess(
        8, seed=2, vary=["impute=draws:3"]
    ),
    "drawn_with_errors": lambda: with_gaps(impute="draw").assess(
        8, seed=2, vary=["data=normal:10%"]
    ),
    "editions": lambda: Index(Framework.read(TREE), PANEL).assess(
        40, seed=1, outside=["Group_people"]
    ),
}


@functools.cache
def assessed(name: str):
    """Return the assessment of a case, made once."""
    return CASES[name]()


METHODS = [
    "treat=none,winsor:2,clip:2",
    "impute=none,row_mean,median",
    "normalise=own,zscore:100:10,rank",
    "aggregate=own,level4=geometric,level2=minimum",
]
#: What a document says of the data before anything varies.
STATISTICS = (
    "statistics",
    "availability",
    "correlations",
    "audit",
    "sizes",
    "alpha",
    "pca",
    "clusters",
    "alpha_without",
    "peers",
    "populations",
    "outside",
)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.filterwarnings("ignore")
def test_an_assessment_as_a_whole(require_kept, name):
    found = assessed(name)
    kept = {**document(found), "seconds": 0}
    for key in (
        STATISTICS
        if name not in ("usual", "two_groups", "found_weights", "nobody")
        else ("city_sensitivity",)
    ):
        del kept[key]
    kept["margins"], kept["overtakings"] = found.top_margins, found.overtakings
    kept["reversals"], kept["decisive"] = found.reversals, found.decisive_data
    require_kept(name, kept)


WRONG = (
    *("weights", "wights=noise:10%", "weights=noise", "weights=noise:-5%"),
    *(
        "weights=noise:200%",
        "weights=x",
        "weights=dirichlet:0",
        "weights=judgements:20%",
    ),
    *("normalise=own", "normalise=own,own", "normalise=zsc", "normalise=own,rank"),
    *(
        "level9=geometric",
        "aggregate=own,level9=mpi",
        "aggregate=P0=own,mpi",
        "clip=1..2",
    ),
    *("clip=2..1", "scale=50..100", "scale=x", "scale=50,50", "digits=2,3", "omit=T"),
    *("omit=X", "omit=level1", "omit=level9", "omit=indicators,I1", "data=5%"),
    *("data=normal:5", "data=normal:-5%", "data=I9=normal:5%", "data=cauchy:5%"),
    *(
        "data=normal:5%:0",
        "treat=own,winsor:x",
        "impute=own,draws:3",
        "impute=own,mean",
    ),
    *("impute=draws:1", "impute=draws:x", "impute=draws:2.5", "omit=2", "omit=levelx"),
    *("=", "a=b=c", "", "pairs=1,2"),
    # What is just within a bound, and just beyond it.
    *(
        "weights=noise:100%",
        "weights=noise:101%",
        "weights=noise:0%",
        "weights=noise:0.01",
    ),
    *(
        "weights=dirichlet:1e-9",
        "weights=dirichlet:-1",
        "data=normal:0%",
        "data=normal:1e-9",
    ),
    *("data=normal:5%:1", "data=normal:5%:0.99", "impute=draws:1001", "impute=draws:0"),
    *(
        "normalise=minmax:0..0",
        "normalise=own,minmax:0:1",
        "scale=0..100",
        "scale=-1..inf",
    ),
)


def test_what_can_be_varied_and_what_is_refused(require_kept):
    framework, recipe, data = invented(n=6, k=6, gaps=0.05)
    index = Index(framework, data, recipe=recipe)
    lines = ["by default: " + " ".join(default_choices(framework, recipe))]
    for word in WRONG:
        try:
            choices = index.assess(4, vary=[word], seed=1).plan.choices
            said = "; ".join(
                f"{c.name}: {', '.join(v.label for v in c.variations)}" for c in choices
            )
        except XlcityError as error:
            said = " / ".join(
                f"{p.code} {p.message} > {p.hint}" for p in error.problems
            )
        lines.append(f"{word!r}: {said}")
    require_kept("choices", "\n".join(lines))


@pytest.mark.parametrize(
    "name",
    [
        "methods",
        "two_groups",
        "errors",
        "whole_samples",
        "denominated",
        "drawn",
        "drawn_with_errors",
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_replicates_are_those_computed_one_by_one(name):
    """As an index of their own, from what is varied in them: framework, recipe and data."""
    found = assessed(name)
    plan = found.plan
    sample = draw_replicates(found.plan, range(6))
    together = score_batch(plan, sample)[0]
    ranks = rank_batch(plan, sample)
    for number in range(6):
        alone = compute(*found.replicate(number))
        np.testing.assert_allclose(
            together[:, number], alone.column(plan.node), rtol=1e-10
        )
        assert ranks[:, number].tolist() == alone.rank(plan.node).tolist()


def test_draws_that_are_compared_follow_from_the_seed():
    index = with_gaps(impute="draw")

    def ranks(seed: int) -> list[list[int]]:
        found = index.assess(
            2, seed=seed, vary=["omit=indicators"], compared=["impute=draws:3"]
        )
        return [compared.ranks.tolist() for compared in found.comparisons]

    assert ranks(1) == ranks(1)
    assert len({str(ranks(seed)) for seed in range(4)}) > 1
