"""Which steps a recipe may have, by which methods, with which parameters."""

from __future__ import annotations

#: Step -> method -> parameter -> kind ("number", "text" or the words to choose from).
METHODS: dict[str, dict[str, dict[str, str | tuple[str, ...]]]] = {
    "normalise": {
        "minmax": {
            "lower": "number",
            "upper": "number",
            "floor": "number",
            "scale": "number",
            "constant": "number",
        },
        "rating": {"max": "number", "unrated": "number", "scale": "number"},
        "zscore": {
            "limit": "number",
            "ddof": "number",
            "constant": "number",
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
    "aggregate": {
        "arithmetic": {"missing": ("na", "renormalise", "zero")},
        "geometric": {"missing": ("na", "renormalise", "zero")},
        "harmonic": {"missing": ("na", "renormalise", "zero")},
        "power": {"missing": ("na", "renormalise", "zero"), "power": "number"},
    },
    "rank": {"competition": {"digits": "number"}},
}


def problem_with(do: str, method: str, name: str, value: object) -> str:
    """Return what is wrong with one parameter of a step, "" if nothing."""
    kind = METHODS[do][method].get(name)
    if kind is None:
        known = ", ".join(METHODS[do][method]) or "none"
        return f"{method} has no parameter {name!r} (known: {known})."
    if isinstance(kind, tuple):
        return "" if value in kind else f"{name} is {value!r}, not one of {', '.join(kind)}."
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return "" if number else f"{name} is {value!r}, which is no number."
