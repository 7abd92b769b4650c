"""Recipes of version 1, without the key `version`, in the words of version 2.

In version 1, `zscore` clipped at 1.96 standard deviations and divided by n unless stated otherwise,
`standard` was the z-score that the command line calls `zscore`, and `fill` imputed raw values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from xlcity.methods.registry import METHODS

#: The version in which recipes are written.
VERSION = 2

_Params = dict[str, Any]
#: Step and method of version 1 -> what a parameter that is not named meant, where that differs.
_MEANT: Mapping[tuple[str, str], _Params] = {
    ("normalise", "zscore"): {"limit": 1.96, "ddof": 0.0},
    ("normalise", "standard"): {"mean": 0.0, "sd": 1.0},
    ("construct", "zscore_index"): {"limit": 1.96, "ddof": 0.0},
}
_STEPS = {"fill": "impute_raw", "impute": "impute_scores"}
_METHODS = {("normalise", "standard"): "zscore", ("rescale", "standard"): "zscore"}
#: Parameters that version 1 had under another name.
_PARAMETERS = {
    ("normalise", "zscore"): {"limit": "clip"},
    ("construct", "zscore_index"): {"limit": "clip"},
}
#: Parameters of methods that have others, or other names, in version 2.
_NAMES = {
    ("normalise", "zscore"): {"limit", "ddof", "constant", "again", "pool"},
    ("normalise", "standard"): {"mean", "sd", "ddof", "constant"},
    ("construct", "zscore_index"): {"weights", "limit", "missing", "ddof"},
}
_OF_STEP = ("do", "method", "codes")


def later_words(step: Mapping[str, Any]) -> Iterator[str]:
    """Yield words of a step that only version 2 has."""
    do, method = _kind(step)
    if do in _STEPS.values():
        yield do
    old = _NAMES.get((do, method))
    if old is not None and method in METHODS[do]:
        yield from (n for n in METHODS[do][method].names if n in step and n not in old)


def translated(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document of version 1 in the words of version 2, with the same meaning.

    What is not a recipe stays as it is: the reader of recipes lists it.
    """
    steps, options = _tables(document, "step"), _tables(document, "option")
    found = dict(document)
    if steps:
        found["step"] = [_translated_step(step) for step in steps]
    if options:
        found["option"] = [_translated_option(option, steps) for option in options]
    return found


def _tables(document: Mapping[str, Any], key: str) -> list[_Params]:
    found = document.get(key)
    return found if isinstance(found, list) and all(isinstance(t, dict) for t in found) else []


def _kind(step: Mapping[str, Any]) -> tuple[str, str]:
    return str(step.get("do", "")), str(step.get("method", ""))


def _params(step: Mapping[str, Any]) -> _Params:
    return {name: value for name, value in step.items() if name not in _OF_STEP}


def _meaning(do: str, method: str, params: Mapping[str, Any]) -> tuple[str, _Params]:
    """Return method and parameters in the words of version 2."""
    names = _PARAMETERS.get((do, method), {})
    meant = {**params, **{n: v for n, v in _MEANT.get((do, method), {}).items() if n not in params}}
    return (
        _METHODS.get((do, method), method),
        {names.get(name, name): value for name, value in meant.items()},
    )


def _translated_step(step: Mapping[str, Any]) -> _Params:
    do, method = _kind(step)
    found = {name: step[name] for name in _OF_STEP if name in step}
    new, params = _meaning(do, method, _params(step))
    if "method" in found:
        found["method"] = new
    if do in _STEPS:
        found["do"] = _STEPS[do]
    return found | params


def _translated_option(option: Mapping[str, Any], steps: Sequence[Mapping[str, Any]]) -> _Params:
    changes = option.get("changes")
    if not isinstance(changes, list) or not all(_is_usable(change, steps) for change in changes):
        return dict(option)
    made: list[_Params] = []
    for number in dict.fromkeys(change["step"] for change in changes):
        mine = [change for change in changes if change["step"] == number]
        made += _translated_changes(number, steps[number - 1], mine)
    return {**option, "changes": made}


def _is_usable(change: object, steps: Sequence[Mapping[str, Any]]) -> bool:
    if not isinstance(change, dict) or not isinstance(change.get("param"), str):
        return False
    number = change.get("step")
    return isinstance(number, int) and 1 <= number <= len(steps)


def _translated_changes(
    number: int, step: Mapping[str, Any], changes: list[_Params]
) -> list[_Params]:
    """Return changes of one step: what differs between the step before and after them."""
    do, method = _kind(step)
    passed = {method, *(str(c.get("value")) for c in changes if c["param"] == "method")}
    if not any((do, name) in _NAMES for name in passed):
        return [
            {**c, "value": _METHODS.get((do, str(c["value"])), c["value"])}
            if c["param"] == "method" and "value" in c
            else c
            for c in changes
        ]
    new, params = method, _params(step)
    for change in changes:
        name = change["param"]
        if name == "method":
            new = str(change.get("value"))
            params = {n: v for n, v in params.items() if n in _names(do, new)}
        elif change.get("remove"):
            params.pop(name, None)
        else:
            params[name] = change.get("value")
    (old_method, before), (new_method, after) = (
        _meaning(do, method, _params(step)),
        _meaning(do, new, params),
    )
    made: list[_Params] = []
    if old_method != new_method:
        made.append({"step": number, "param": "method", "value": new_method})
        kept = METHODS[do][new_method].names if new_method in METHODS[do] else ()
        before = {name: value for name, value in before.items() if name in kept}
    made += [
        {"step": number, "param": name, "value": value}
        for name, value in after.items()
        if name not in before or before[name] != value
    ]
    gone = (name for name in before if name not in after)
    return [*made, *({"step": number, "param": name, "remove": True} for name in gone)]


def _names(do: str, method: str) -> set[str]:
    if (own := _NAMES.get((do, method))) is not None:
        return own
    return set(METHODS[do][method].names) if method in METHODS.get(do, {}) else set()
