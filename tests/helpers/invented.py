"""Invented values for a report, in which every rule of a method has something to do."""

import numpy as np

from xlcity.model.dataset import Dataset, State
from xlcity.model.recipe import link_step

CITIES = 9


def invented(report):
    """Return random values for a few cities in which every rule has something to do.

    Gaps in and beside one-indicator nodes, ties, far outliers, equal cities; the values are
    invented and say nothing about any city.
    """
    rng = np.random.default_rng(7)
    units = report.dataset.units[:CITIES]
    framework = report.framework
    leaves = [node.code for node in framework.indicators]
    built = [code for code in leaves if framework.ingredients_of(code)]
    ingredients = [
        part.code for code in built for part in framework.ingredients_of(code)
    ]
    codes = (*leaves, *ingredients)
    shape = (len(units), len(codes))
    values = np.round(rng.uniform(1, 5, shape), 1)
    states = np.full(shape, State.VALUE, dtype=np.uint8)
    values[0] = np.where(np.arange(len(codes)) % 3 == 0, 4.9, values[0])
    values[3, ::2] = values[4, ::2]
    if report.id == "iecc2024":
        values[1, :8] = 900.0  # an outlier that clipping holds
        values[2, :8] = -900.0
        values[1, len(leaves) :] = 90.0
    for row, column in ((1, 1), (2, 2), (5, 0), (6, len(leaves) - 1), (7, 3), (7, 4)):
        states[row, column] = State.MISSING
    for code in built:
        states[:, codes.index(code)] = State.BLANK  # from its ingredients
    for code in ("A1.4.a", "B2.1.b", "A2.1"):
        if code in codes:
            states[3, codes.index(code)] = State.MISSING
    if "A1.3.raw" in codes:
        column = codes.index("A1.3.raw")
        values[:, column] *= 8  # so that cities fall into different grades
    known = {unit.id for unit in units}
    links = {}
    for code in (code for code in leaves if link_step(report.recipe, code) is not None):
        states[:, codes.index(code)] = State.BLANK  # from its links
        several = report.dataset.links.get(code, ())
        links[code] = tuple(link for link in several if {link.start, link.end} <= known)
    values[states != State.VALUE] = np.nan
    basis = np.where(states == State.VALUE, "synthetic", "").astype("<U12")
    return Dataset(units, codes, values, states, basis, report.dataset.items, links)
