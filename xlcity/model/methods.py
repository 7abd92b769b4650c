"""Which steps a recipe may have, by which methods, with which parameters."""

from __future__ import annotations

#: What a mean does with a missing part (refuse: with one, or with a blank, its whole population has
#: no mean); which weights it takes, the framework's or the number of
#: indicators under each child; whether it reads its children before or after rescaling.
_MEAN: dict[str, str | tuple[str, ...]] = {
    "missing": ("na", "renormalise", "zero", "refuse"),
    "weights": ("given", "leaves"),
    "children": ("aggregates", "scores"),
    # Least share of the children that must be there, from 0 to 1.
    "threshold": "number",
}
#: Aggregates that know no "zero" and no "refuse".
_OTHER = {**_MEAN, "missing": ("na", "renormalise")}
#: When a column is as skewed as to be treated: |skewness| and kurtosis both at these limits.
_SKEWED: dict[str, str | tuple[str, ...]] = {"skew": "number", "kurt": "number"}
_LOGS = ("ct", "ct_orig", "ct_plus", "gii", "ln", "ln1p")
_YES = ("no", "yes")
_CONSTANT: dict[str, str | tuple[str, ...]] = {"constant": "number"}

#: What the two directions of a link say: flows that add up, or one tie that may be written once or
#: twice; the attribute whose values make groups of cities, and whether links inside one count.
_LINKS: dict[str, str | tuple[str, ...]] = {
    "flow": ("directed", "symmetric"),
    "group": "text",
    "domestic": ("exclude", "include"),
}

#: Step -> method -> parameter -> kind: "number", "text", "numbers" and "texts" (lists), or the
#: words to choose from. A recipe's steps stand in this order.
METHODS: dict[str, dict[str, dict[str, str | tuple[str, ...]]]] = {
    "construct": {
        "pm25_grade": {"guideline": "number"},
        "mean": {"missing": ("na", "renormalise")},
        "ratio": {"numerator": "text", "denominator": "text", "scale": "number"},
        "zscore_index": {
            "weights": "numbers",
            "limit": "number",
            "missing": ("na", "renormalise", "zero"),
            "ddof": "number",
        },
        "bands": {"lists": "texts", "uppers": "numbers", "weights": "numbers"},
        # Better, worse or neither than before: from two ingredients.
        "trend": {"now": "text", "before": "text", "threshold": "number"},
        # From a table of links between the cities.
        "link_strength": {**_LINKS, "count": ("values", "presence")},
        "eigen_centrality": {**_LINKS, "weighted": ("yes", "no"), "rounds": "number"},
        "degree_centrality": {**_LINKS, "share": ("yes", "no")},
    },
    # Values per unit of another measurement: the framework's denominator, or one named here.
    "denominate": {"by": {"denominator": "text", "scale": "number"}, "none": {}},
    # Units with too few values, or too many zeros, are left out of everything.
    "screen": {
        "availability": {"data": "number", "nonzero": "number", "keep": "texts", "drop": "texts"},
        "none": {},
    },
    # Stand-ins for confirmed gaps among raw values; `impute` is for those among scores.
    "fill": {
        "mean": {"group": "text"},
        "median": {"group": "text"},
        # From other editions of a panel.
        "latest": {"most": "number"},
        "linear": {},
        "constant": {},
        "none": {},
    },
    "treat": {
        "winsor": {"points": "number", **_SKEWED},
        # Points are drawn in; where that is not enough, the logarithm of the untreated column.
        "winsor_log": {"points": "number", "log": _LOGS, **_SKEWED},
        "log": {"log": _LOGS, "when": ("always", "skewed"), **_SKEWED},
        "boxcox": {"power": "number", "shift": _YES, "when": ("always", "skewed"), **_SKEWED},
        "percentile": {"low": "number", "high": "number"},
        "clip": {"limit": "number", "ddof": "number"},
        "none": {},
    },
    "normalise": {
        "minmax": {
            # Score of the low bound.
            "base": "number",
            "lower": "number",
            "upper": "number",
            "floor": "number",
            "scale": "number",
            "constant": "number",
            # Where bounds that are not given lie: at the extremes, at 0 and the maximum, at 0 and
            # the mean.
            "bounds": ("minmax", "max", "mean"),
        },
        "rating": {"max": "number", "unrated": "number", "scale": "number"},
        "zscore": {
            "limit": "number",
            "ddof": "number",
            "constant": "number",
            # Clipped z-scores are standardised a second time.
            "again": ("no", "yes"),
            # Whose mean and deviation later populations take: "own", "all", or a population.
            "pool": "text",
        },
        "efficacy": {
            "omega": "number",
            "low": "number",
            "high": "number",
            "constant": "number",
        },
        "rank": {"ties": ("min", "average", "max"), "missing": ("na", "lowest")},
        "standard": {"mean": "number", "sd": "number", "ddof": "number", **_CONSTANT},
        "goalposts": {
            "low": "number",
            "high": "number",
            "scale": "number",
            "base": "number",
            **_CONSTANT,
        },
        "percentile": {"ties": ("min", "average", "max"), "scale": "number", **_CONSTANT},
        "borda": {"ties": ("min", "average", "max"), "base": "number"},
        "dist2max": {"scale": "number", **_CONSTANT},
        "dist2ref": {"unit": "text", "cap": _YES, "scale": "number", **_CONSTANT},
        "dist2target": {"target": "number", "cap": _YES, "scale": "number", **_CONSTANT},
        "fracmax": {"scale": "number", **_CONSTANT},
        "bands": {"cuts": "numbers", "scores": "numbers", "by": ("value", "percentile")},
        "above_mean": {"threshold": "number"},
        "none": {},
    },
    "impute": {"dimension_mean": {"level": ("parent", "pillar")}, "none": {}},
    # Weights of the children of a node: the framework's, or those that their scores imply.
    "weight": {
        "given": {},
        "equal": {},
        "pca": {"kind": ("handbook", "first")},
        "entropy": {},
        "critic": {},
        "cv": {"ddof": "number"},
        "balance": {"targets": "numbers"},
        # The judgements above the diagonal, row by row.
        "ahp": {"judgements": "numbers"},
    },
    "aggregate": {
        "arithmetic": _MEAN,
        "geometric": _MEAN,
        "harmonic": _MEAN,
        "power": {**_MEAN, "power": "number"},
        "minimum": _OTHER,
        "sum": {**_MEAN, "missing": ("na", "zero")},
        # A node that only holds its parts together: a catalogue has no composite.
        "none": {},
        "mpi": {**_OTHER, "penalty": ("minus", "plus")},
        "copeland": _OTHER,
    },
    "rescale": {
        "linear": {
            "factor": "number",
            "shift": "number",
            "overall": ("mean_of_scaled", "scaled", "unscaled"),
        },
        "minmax": {
            "base": "number",
            "scale": "number",
            "overall": ("mean_of_scaled", "scaled", "unscaled"),
            **_CONSTANT,
        },
        "standard": {
            "mean": "number",
            "sd": "number",
            "ddof": "number",
            "overall": ("mean_of_scaled", "scaled", "unscaled"),
            **_CONSTANT,
        },
        "efficacy": {
            "omega": "number",
            "overall": ("mean_of_scaled", "scaled", "unscaled"),
            "constant": "number",
        },
    },
    # Tied units share the first or last of their places (min, max), the next rank in a count
    # without
    # gaps (dense), or are numbered in the order of the units (ordinal).
    "rank": {
        "competition": {
            "digits": "number",
            "round_to": "number",
            "ties": ("min", "max", "dense", "ordinal"),
        },
    },
    # Every pair of cities scored by the same tree, from the links behind each indicator.
    "pairs": {"link_scores": {"group": "text", "count": ("values", "presence")}},
}


def problem_with(do: str, method: str, name: str, value: object) -> str:
    """Return what is wrong with one parameter of a step, "" if nothing."""
    kind = METHODS[do][method].get(name)
    if kind is None:
        known = ", ".join(METHODS[do][method]) or "none"
        return f"{method} has no parameter {name!r} (known: {known})."
    if isinstance(kind, tuple):
        return "" if value in kind else f"{name} is {value!r}, not one of {', '.join(kind)}."
    if kind in ("numbers", "texts"):
        one = _is_number if kind == "numbers" else _is_text
        right = isinstance(value, (list, tuple)) and len(value) > 0 and all(map(one, value))
        return "" if right else f"{name} is {value!r}, which is no list of {kind}."
    right = _is_text(value) if kind == "text" else _is_number(value)
    return "" if right else f"{name} is {value!r}, which is no {kind}."


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)
