"""Which steps a recipe may have, by which methods, with which parameters."""

from __future__ import annotations

#: What a mean does with a missing part (refuse: with one, or with a blank, its whole population has
#: no mean); which weights it takes, the framework's or the number of
#: indicators under each child; whether it reads its children before or after rescaling.
_MEAN: dict[str, str | tuple[str, ...]] = {
    "missing": ("na", "renormalise", "zero", "refuse"),
    "weights": ("given", "leaves"),
    "children": ("aggregates", "scores"),
}

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
        # From a table of links between the cities.
        "link_strength": {**_LINKS, "count": ("values", "presence")},
        "eigen_centrality": {**_LINKS, "weighted": ("yes", "no"), "rounds": "number"},
        "degree_centrality": {**_LINKS, "share": ("yes", "no")},
    },
    "normalise": {
        "minmax": {
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
        "none": {},
    },
    "impute": {"dimension_mean": {"level": ("parent", "pillar")}, "none": {}},
    "aggregate": {
        "arithmetic": _MEAN,
        "geometric": _MEAN,
        "harmonic": _MEAN,
        "power": {**_MEAN, "power": "number"},
    },
    "rescale": {
        "efficacy": {
            "omega": "number",
            "overall": ("mean_of_scaled", "scaled", "unscaled"),
            "constant": "number",
        },
    },
    # Tied units share a rank (min), or are numbered in the order of the units (ordinal).
    "rank": {
        "competition": {"digits": "number", "round_to": "number", "ties": ("min", "ordinal")},
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
