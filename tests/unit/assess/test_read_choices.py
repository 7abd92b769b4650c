"""What is varied, as it is typed: which options each choice has."""

import numpy as np
import pandas as pd
import pytest

from xlcity.api.index import Index
from xlcity.model.framework import Framework


@pytest.mark.parametrize(("word", "draws"), [("draws:3", 3), ("draws", 20)])
def test_a_multiple_imputation_has_as_many_draws_as_are_named(word, draws):
    values = np.random.default_rng(3).normal(50, 10, (20, 3))
    values[2, 0] = values[7, 1] = np.nan
    units = pd.Index([f"u{number}" for number in range(20)], name="unit")
    framework = Framework.read("code,parent,direction\nT,,\na,T,1\nb,T,1\nc,T,1\n")
    frame = pd.DataFrame(values, columns=[*"abc"], index=units)
    index = Index(framework, frame, normalise="minmax", impute="mean", missing=["NaN"])
    (choice,) = index.assess(10, vary=[f"impute={word}"]).as_dict()["choices"]
    assert choice["options"] == [f"draw {number}" for number in range(1, draws + 1)]
