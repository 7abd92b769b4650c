"""Indices for tests of robustness: a tree of three levels with gaps, two groups and regions."""

import numpy as np

from xlcity.api.inputs import Inputs
from xlcity.index.method_options import default_recipe
from xlcity.model.dataset import Dataset, State, Unit
from xlcity.model.framework import Framework
from xlcity.model.reading.values import Notes


def invented(n=14, k=9, seed=1, gaps=0.08, mini=0):
    rng = np.random.default_rng(seed)
    lines = ["code,parent,weight,direction", "T,,1,1"]
    lines += [f"P{p},T,{rng.integers(1, 5)},1" for p in range(2)]
    lines += [f"S{s},P{s % 2},{rng.integers(1, 5)},1" for s in range(4)]
    lines += [
        f"I{i},S{i % 4},{rng.integers(1, 5)},{-1 if i % 5 == 3 else 1}"
        for i in range(k)
    ]
    framework = Framework.read("\n".join(lines) + "\n")
    values = np.exp(rng.normal(size=(n, k))) * 10
    states = np.where(rng.random((n, k)) < gaps, State.MISSING, State.VALUE).astype(
        np.uint8
    )
    basis = np.where(rng.random((n, k)) < 0.2, "synthetic", "entered").astype("<U12")
    values[states > 0], basis[states > 0] = np.nan, ""
    units = tuple(
        Unit(
            f"u{i:02}",
            population="mini" if i < mini else "main",
            attributes={"region": "north" if i % 2 else "south"},
        )
        for i in range(n)
    )
    codes = tuple(f"I{i}" for i in range(k))
    return framework, default_recipe(), Dataset(units, codes, values, states, basis)


def inputs_of(framework, recipe, dataset):
    return Inputs(None, framework, recipe, dataset, Notes())


EVERYTHING = [
    "treat=none,winsor:2,clip:2",
    "impute=none,row_mean,median",
    "normalise=own,minmax:1:100,zscore:100:10,rank,percentile",
    "weights=own,noise:50%,dirichlet:5,equal,pca",
    "aggregate=own,level4=geometric,level2=minimum",
    "scale=50,100",
    "data=normal:8%,I2=uniform:3:4",
    "omit=indicators,pillars,level2",
]
