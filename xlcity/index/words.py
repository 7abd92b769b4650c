"""A method in words, as the command line takes it: `minmax:1:100`, `GDP=rank`, `level2=geometric`.

Each option names one method for all, or `CODE=METHOD` for one indicator or node; further parts
stand behind colons.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from xlcity.errors import Problem, RecipeError
from xlcity.model.framework import Framework
from xlcity.model.method_words import OPTIONS, MethodWord
from xlcity.model.methods import METHODS
from xlcity.model.recipe import Parameter, Recipe, Step

#: Counts levels from the indicators (1) up, as COINr does.
LEVEL = "level"


@dataclass(frozen=True, slots=True)
class Word:
    """What a word stands for: step, method, fixed parameters, and names of its further parts."""

    do: str
    method: str
    params: Mapping[str, Parameter]
    parts: tuple[str, ...] = ()


def _word(do: str, method: str, *parts: str, **params: Parameter) -> Word:
    return Word(do, method, params, parts)


WORDS: Mapping[str, Mapping[str, Word]] = {
    "denominate": {
        "given": _word("denominate", "by"),
        "by": _word("denominate", "by", "denominator", "scale"),
        "none": _word("denominate", "none"),
    },
    "treat": {
        "winsor": _word("treat", "winsor", "points"),
        "winsor_log": _word("treat", "winsor_log", "points"),
        "log": _word("treat", "log", "log"),
        "log_skewed": _word("treat", "log", "log", when="skewed"),
        "boxcox": _word("treat", "boxcox", "power"),
        "percentile": _word("treat", "percentile", "low", "high"),
        "clip": _word("treat", "clip", "limit"),
        "none": _word("treat", "none"),
    },
    "impute": {
        "mean": _word("fill", "mean"),
        "median": _word("fill", "median"),
        "group_mean": _word("fill", "mean", "group"),
        "group_median": _word("fill", "median", "group"),
        "latest": _word("fill", "latest", "most"),
        "linear": _word("fill", "linear"),
        "constant": _word("fill", "constant"),
        "row_mean": _word("impute", "dimension_mean"),
        "dimension": _word("impute", "dimension_mean"),
        "none": _word("impute", "none"),
    },
    "normalise": {
        "minmax": _word("normalise", "minmax", "base", "scale"),
        "zscore": _word("normalise", "standard", "mean", "sd"),
        "winsor": _word("normalise", "zscore", "limit"),
        "goalposts": _word("normalise", "goalposts", "low", "high"),
        "rank": _word("normalise", "rank"),
        "percentile": _word("normalise", "percentile", "scale"),
        "borda": _word("normalise", "borda", "base"),
        "dist2max": _word("normalise", "dist2max", "scale"),
        "dist2ref": _word("normalise", "dist2ref", "unit"),
        "dist2target": _word("normalise", "dist2target", "target"),
        "fracmax": _word("normalise", "fracmax", "scale"),
        "efficacy": _word("normalise", "efficacy", "omega"),
        "rating": _word("normalise", "rating", "max"),
        "above_mean": _word("normalise", "above_mean", "threshold"),
        "none": _word("normalise", "none"),
    },
    "weights": {
        "given": _word("weight", "given"),
        "equal": _word("weight", "equal"),
        "pca": _word("weight", "pca", "kind"),
        "entropy": _word("weight", "entropy"),
        "critic": _word("weight", "critic"),
        "cv": _word("weight", "cv"),
        "balance": _word("weight", "balance"),
    },
    "aggregate": {
        "arithmetic": _word("aggregate", "arithmetic"),
        "geometric": _word("aggregate", "geometric"),
        "harmonic": _word("aggregate", "harmonic"),
        "power": _word("aggregate", "power", "power"),
        "minimum": _word("aggregate", "minimum"),
        "mpi": _word("aggregate", "mpi", "penalty"),
        "copeland": _word("aggregate", "copeland"),
        "sum": _word("aggregate", "sum", missing="na"),
        "none": _word("aggregate", "none"),
    },
}
#: Parts that are words; all others are numbers.
_TEXTS = ("denominator", "log", "group", "unit", "kind", "penalty")
#: Methods that have no meaning without their parts.
_NEEDED = ("group_mean", "group_median", "dist2ref", "power")


def spelled(option: str) -> str:
    """Return all methods of an option with their parts, as they are typed.

    >>> spelled("aggregate")
    'arithmetic, geometric, harmonic, power:POWER, minimum, mpi[:PENALTY], copeland, sum, none'
    """
    return ", ".join(
        name + _parts(name, word.parts) for name, word in WORDS[option].items() if name != "by"
    )


def _parts(name: str, parts: Sequence[str]) -> str:
    text = "".join(f":{part.upper()}" for part in parts)
    return f"[{text}]" if text and name not in _NEEDED else text


def with_words(
    recipe: Recipe, framework: Framework, options: Mapping[str, Sequence[str]]
) -> Recipe:
    """Return a recipe in which methods given as words take the place of its own.

    Parameters
    ----------
    recipe
        The recipe; what no word names stays.
    framework
        For codes and levels.
    options
        Option -> words; one text may hold several, separated by commas.

    Raises
    ------
    RecipeError
        With every word that is not known, or does not fit.
    """
    problems: list[Problem] = []
    made: list[Step] = []
    own: list[Step] = []
    for named in framework.words:
        step = _own(named, problems)
        if step is not None:
            own.append(step)
    opened: set[str] = set()
    for option in OPTIONS:
        for text in (part for given in options.get(option, ()) for part in given.split(",")):
            codes, word = _codes(text.strip(), framework, option, problems)
            step = _step(option, word, text, problems)
            if step is not None and codes is not None:
                made.append(replace(step, codes=codes))
                if not codes:
                    opened.add(step.do)
    if problems:
        raise RecipeError(problems)
    # What the rows of the framework say, then what was said last.
    return _replaced(_replaced(recipe, own, set()), made, opened)


def _replaced(recipe: Recipe, made: list[Step], opened: set[str]) -> Recipe:
    """Return a recipe with steps in place of those for the same codes; `opened` are for all."""
    if not made:
        return recipe
    steps = []
    for step in recipe.steps:
        named = {code for other in made if other.do == step.do for code in other.codes}
        left = tuple(code for code in step.codes if code not in named)
        # A method for all replaces every step of its kind, exceptions too; a step of whose codes
        # none is left is gone.
        if step.do not in opened and (left or not step.codes):
            steps.append(replace(step, codes=left))
    return replace(recipe, steps=_in_order([*steps, *made]), options=())


def with_judgements(recipe: Recipe, judged: Mapping[str, tuple[float, ...]]) -> Recipe:
    """Return a recipe that weighs the children of nodes by pairwise judgements.

    Parameters
    ----------
    recipe
        The recipe; what it says of other weights stays.
    judged
        Node -> the judgements above the diagonal.
    """
    steps = [Step("weight", "ahp", {"judgements": j}, (code,)) for code, j in judged.items()]
    return _replaced(recipe, steps, set())


def _own(word: MethodWord, problems: list[Problem]) -> Step | None:
    """Return the step of a method that a row names; what is wrong with it has the row's address."""
    found: list[Problem] = []
    step = _step(word.option, word.text, word.text, found)
    problems += [
        replace(problem, message=problem.message.removeprefix("--"), where=word.where)
        for problem in found
    ]
    return None if step is None else replace(step, codes=(word.code,))


def method_problems(
    options: Mapping[str, Sequence[str]], words: Sequence[MethodWord] = ()
) -> list[Problem]:
    """Return what is wrong with words, whatever the framework; `words` are those of its rows."""
    problems: list[Problem] = []
    for word in words:
        _own(word, problems)
    for option in OPTIONS:
        for text in (part for given in options.get(option, ()) for part in given.split(",")):
            _step(option, text.strip().rpartition("=")[2], text, problems)
    return problems


def _in_order(steps: Sequence[Step]) -> tuple[Step, ...]:
    order = list(METHODS)
    # What mean does with a gap is the recipe's; a new method keeps it.
    missing = next(
        (
            s.params["missing"]
            for s in steps
            # A sum knows no weights to be rescaled; its rule is its own.
            if s.do == "aggregate" and "missing" in s.params and s.method != "sum"
        ),
        "renormalise",
    )
    filled = [
        replace(step, params={"missing": missing, **step.params})
        if step.do == "aggregate" and step.method != "none" and "missing" not in step.params
        else step
        for step in steps
    ]
    return tuple(sorted(filled, key=lambda step: order.index(step.do)))


def _codes(
    text: str, framework: Framework, option: str, problems: list[Problem]
) -> tuple[tuple[str, ...] | None, str]:
    """Return the codes that a word is for (none = all), and the word."""
    name, equals, word = text.partition("=")
    if not equals:
        return (), text
    if name in framework:
        return (name,), word
    number = name.removeprefix(LEVEL)
    if name.startswith(LEVEL) and number.isdigit():
        found = tuple(n.code for n in framework.nodes if level(framework, n.code) == int(number))
        if found:
            return found, word
    hint = f"Write a code of the framework, or {LEVEL}2 for all nodes of that level."
    problems.append(Problem("XC255", f"--{option} {text}: {name!r} is no node.", hint))
    return None, word


def level(framework: Framework, code: str) -> int:
    """Return the level of a node as COINr counts: indicators 1, the root the highest."""
    if framework.is_indicator(code):
        return 1
    return 1 + max(level(framework, child.code) for child in framework.children(code))


def _step(option: str, text: str, whole: str, problems: list[Problem]) -> Step | None:
    name, *parts = text.split(":")
    known = WORDS[option].get(name)
    if known is None and option == "denominate" and name:
        # CODE=DENOMINATOR[:SCALE]
        known, parts = WORDS[option]["by"], [name, *parts]
    if known is None:
        words = ", ".join(WORDS[option])
        problems.append(
            Problem("XC252", f"--{option} {whole}: no method {name!r}.", f"Known: {words}.")
        )
        return None
    params: dict[str, Parameter] = dict(known.params)
    if len(parts) > len(known.parts):
        shape = ":".join((name, *(part.upper() for part in known.parts)))
        problems.append(Problem("XC253", f"--{option} {whole}: too many parts.", f"Write {shape}."))
        return None
    for part, given in zip(known.parts, parts, strict=False):
        if part in _TEXTS:
            params[part] = given
            continue
        try:
            params[part] = float(given)
        except ValueError:
            message = f"--{option} {whole}: {part} is {given!r}, which is not a number."
            problems.append(Problem("XC253", message, "Write a number behind the colon."))
            return None
    return Step(known.do, known.method, params)
