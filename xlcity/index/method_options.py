"""A method in words, as the command line takes it: `minmax:1:100`, `GDP=rank`, `level2=geometric`.

Each option names one method for all, or `CODE=METHOD` for one indicator or node; further parts
stand behind colons, by their places or as NAME=VALUE.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from xlcity.errors import Problem, RecipeError, collecting
from xlcity.messages import Message
from xlcity.methods.aggregate.means import ARITHMETIC
from xlcity.methods.bounds import RULE_EXAMPLES, BoundRule
from xlcity.methods.denominate import BY
from xlcity.methods.normalise.minmax import MINMAX
from xlcity.methods.own import own_method
from xlcity.methods.rank import COMPETITION
from xlcity.methods.record import BOUND, NUMBER, Method, ParameterValue, Word
from xlcity.methods.registry import (
    METHODS,
    OPTION_STEPS,
    OPTIONS,
    STEPS,
    unknown_hint,
    words_of_option,
)
from xlcity.methods.weight.ahp import AHP
from xlcity.methods.weight.given import NAMED
from xlcity.model.framework import Framework
from xlcity.model.nodes import MethodWord
from xlcity.model.recipe import Recipe, Step

#: Counts levels from the indicators (1) up, as COINr does.
LEVEL_PREFIX = "level"


@dataclass(frozen=True, slots=True)
class MethodWithParameters:
    """A method as Python names it: a word, and parameters by name.

    Attributes
    ----------
    word
        As typed: "minmax", "GDP=rank".
    params
        Name -> value.
    """

    word: str
    params: Mapping[str, ParameterValue] = field(default_factory=dict)


#: What is typed for an option: words, or words with parameters.
TypedMethods = Sequence[str | MethodWithParameters]


def spell_words(option: str) -> str:
    """Return all methods of an option with their parts, as they are typed.

    >>> spell_words("weights")
    'balance, critic, cv, entropy, equal, given, infomax, named:SET, pca[:KIND], ucm'
    """
    return ", ".join(
        word.spelled
        for word, _ in words_of_option(option).values()
        if word.name != BY.name
    )


def with_method_words(
    recipe: Recipe, framework: Framework, options: Mapping[str, TypedMethods]
) -> Recipe:
    """Return a recipe in which methods given as words take the place of its own.

    Parameters
    ----------
    recipe
        The recipe; what no word names stays.
    framework
        For codes and levels.
    options
        Option of the command line, such as "normalise" -> what was typed for it, such as
        "minmax:1:100", "minmax:scale=1" or "GDP=rank"; one text may hold several words, separated
        by commas.

    Raises
    ------
    RecipeError
        With every word that is not known, or does not fit.
    """
    problems: list[Problem] = []
    steps: list[Step] = []
    sets = framework.weight_sets
    row_steps = [_row_step(word, problems, sets) for word in framework.words]
    for option in OPTIONS:
        for typed in _split_lists(options.get(option, ())):
            text = typed.word
            codes, word = _read_codes(text.strip(), framework, option, problems)
            step = _read_step(option, word, text, problems=problems, sets=sets)
            if step is not None and codes is not None:
                problems += _parameter_problems(option, text, step, typed.params)
                params = {**step.params, **typed.params}
                steps.append(replace(step, params=params, codes=codes))
    RecipeError.raise_for(problems)
    kinds_for_all = {step.do for step in steps if not step.codes}
    named_by_rows = [step for step in row_steps if step is not None]
    # What the rows of the framework name, then over it what the options name.
    with_rows = _replace_steps(recipe, named_by_rows, set())
    return _replace_steps(with_rows, steps, kinds_for_all)


def _split_lists(lists: TypedMethods) -> Iterator[MethodWithParameters]:
    """Yield the parts of lists with commas, one after the other."""
    for typed in lists:
        if isinstance(typed, MethodWithParameters):
            yield typed
        else:
            yield from map(MethodWithParameters, typed.split(","))


def _parameter_problems(
    option: str, typed: str, step: Step, params: Mapping[str, object]
) -> Iterator[Problem]:
    """Yield what is wrong with parameters of a step that are given by name.

    `option` and `typed` are for messages.
    """
    for name, value in params.items():
        if fault := step.record.problem(name, value):
            yield Problem.of("XC253.named", option=option, typed=typed, fault=fault)


def _replace_steps(
    recipe: Recipe, new_steps: list[Step], kinds_for_all: set[str]
) -> Recipe:
    """Return a recipe with steps in place of those for the same codes.

    Its options go: they name steps of the recipe as it was published, which are replaced.

    Parameters
    ----------
    kinds_for_all
        Kinds of steps, such as "normalise", whose new method is for all codes: every other step of
        theirs goes.
    """
    if not new_steps:
        return recipe
    replaced_codes: defaultdict[str, set[str]] = defaultdict(set)
    for new_step in new_steps:
        replaced_codes[new_step.do].update(new_step.codes)
    steps_left = []
    for step in recipe.steps:
        replaced = replaced_codes[step.do]
        codes_left = tuple(code for code in step.codes if code not in replaced)
        # A method for all replaces every step of its kind, exceptions too; a step of whose codes
        # none is left is gone.
        if step.do not in kinds_for_all and (codes_left or not step.codes):
            steps_left.append(replace(step, codes=codes_left))
    return replace(
        recipe, steps=_complete_and_order([*steps_left, *new_steps]), options=()
    )


def words_of(recipe: Recipe) -> dict[str, str]:
    """Return option -> the name of the method for all codes, with the share that means need.

    >>> words_of(default_recipe())
    {'normalise': 'minmax', 'aggregate': 'arithmetic'}
    """
    words = {}
    for option, steps in OPTION_STEPS.items():
        for step in recipe.steps:
            if step.do in steps and not step.codes:
                share = step.get("threshold")
                words[option] = f"{step.method}:{share:g}" if share else step.method
    return words


def with_judgements(recipe: Recipe, judged: Mapping[str, tuple[float, ...]]) -> Recipe:
    """Return a recipe that weighs the children of nodes by pairwise judgements.

    Parameters
    ----------
    recipe
        The recipe; what it says of other weights stays.
    judged
        Node -> the judgements above the diagonal.
    """
    steps = []
    for code, judgements in judged.items():
        step = Step(AHP.step, AHP.name, {"judgements": judgements}, (code,))
        steps.append(step)
    return _replace_steps(recipe, steps, set())


def _row_step(
    word: MethodWord, problems: list[Problem], sets: Collection[str]
) -> Step | None:
    """Return the step of a method that a row of the framework's file names for its node.

    None if it cannot be read.

    Parameters
    ----------
    word
        The method as the row has it, with its option, node and address.
    problems
        A list to which what is wrong is added, with the row's address.
    sets
        Names of the framework's sets of weights.
    """
    own_problems: list[Problem] = []
    step = _read_step(
        word.option, word.text, word.text, problems=own_problems, sets=sets
    )
    problems += [replace(problem, where=word.where) for problem in own_problems]
    return None if step is None else replace(step, codes=(word.code,))


def _complete_and_order(steps: Sequence[Step]) -> tuple[Step, ...]:
    """Return steps in the order of the work, and with one rule for missing children in all means.

    A mean without the parameter `missing` takes it from another mean that has it.
    """
    # What means do with a gap is the recipe's; a new method keeps it. A sum knows no weights to be
    # rescaled; its rule is its own.
    means = [step for step in steps if "renormalise" in _gap_rules(step)]
    rules = (step.params["missing"] for step in means if "missing" in step.params)
    missing = next(rules, "renormalise")
    completed = [
        replace(step, params={"missing": missing, **step.params})
        if missing in _gap_rules(step)
        else step
        for step in steps
    ]
    return tuple(sorted(completed, key=lambda step: STEPS.index(step.do)))


def _gap_rules(step: Step) -> Sequence[str]:
    """Return the values that a step's parameter `missing` may have: its rules for missing children.

    Empty for steps that do not aggregate, or have no such parameter.
    """
    method = METHODS[step.do][step.method]
    if step.do != "aggregate" or "missing" not in method.names:
        return ()
    return method.parameter("missing").kind


def _read_codes(
    text: str, framework: Framework, option: str, problems: list[Problem]
) -> tuple[tuple[str, ...] | None, str]:
    """Return the codes that a typed method is for, and the method without them.

    () means all codes, None that the code is unknown.

    Parameters
    ----------
    text
        METHOD, CODE=METHOD or level2=METHOD.
    framework, option
        What the codes are looked up in, and the option's name for messages.
    problems
        A list to which what is wrong with the code is added.
    """
    name, equals, word = text.partition("=")
    # Behind a colon an equals sign gives a parameter.
    if not equals or (":" in name and name not in framework):
        return (), text
    if name in framework:
        return (name,), word
    if codes := codes_of_level(framework, name):
        return codes, word
    problems.append(
        Problem.of(
            "XC255.no_node",
            option=option,
            text=text,
            name=name,
            level_prefix=LEVEL_PREFIX,
        )
    )
    return None, word


def codes_of_level(framework: Framework, word: str) -> tuple[str, ...]:
    """Return the codes of the nodes that a word such as level2 means, none for other words."""
    number = word.removeprefix(LEVEL_PREFIX)
    if not word.startswith(LEVEL_PREFIX) or not number.isdigit():
        return ()
    return tuple(
        n.code for n in framework.nodes if node_level(framework, n.code) == int(number)
    )


def node_level(framework: Framework, code: str) -> int:
    """Return the level of a node as COINr counts: indicators 1, the root the highest."""
    if framework.is_indicator(code):
        return 1
    return 1 + max(
        node_level(framework, child.code) for child in framework.children(code)
    )


def _read_step(
    option: str,
    text: str,
    typed: str,
    *,
    problems: list[Problem],
    sets: Collection[str],
) -> Step | None:
    """Return the step of a typed method; None, with a problem added, if it is not known.

    Parameters
    ----------
    option, text
        Option of the command line, and the method: METHOD:PART:PART, where parts are values of its
        parameters, or the name of a set of weights.
    typed
        All that was typed, for messages.
    problems
        A list to which what is wrong is added.
    sets
        Names of the framework's sets of weights.
    """
    name, *parts = text.split(":")
    words = words_of_option(option)
    if name not in words:
        words |= _own_words(option, name)
    set_names = sets if option == "weights" else ()
    if text in set_names and name not in words:
        name = NAMED.name
        parts = [text]
    if name not in words and option == "denominate" and name:
        # Typed without "by": CODE=DENOMINATOR[:SCALE].
        parts = [name, *parts]
        name = BY.name
    if name not in words:
        hint = unknown_hint(OPTION_STEPS[option][0], name, (*words, *set_names))
        problems.append(
            Problem.of(
                "XC252.option",
                hint=hint,
                option=option,
                typed=typed,
                fault=Message("fault.unknown_method", name=name),
            )
        )
        return None
    with collecting(problems, RecipeError):
        params = _read_parts(option, typed, words[name], parts)
        method = words[name][1]
        return Step(method.step, method.name, params)
    return None


def _read_parts(
    option: str, typed: str, meant: tuple[Word, Method], parts: Sequence[str]
) -> dict[str, ParameterValue]:
    """Return the parameters of a typed method: those that its word fixes, and its parts.

    Parts by name may stand anywhere, those by place may be left out at the end.

    Parameters
    ----------
    option, typed
        Option of the command line, and all that was typed, for messages.
    meant
        The word, and the method that it stands for.
    parts
        What stands behind colons: VALUE or NAME=VALUE.

    Raises
    ------
    RecipeError
        If there are too many parts, there is no such parameter, or a value is not a number.
    """
    word, method = meant
    named = dict(part.split("=", 1) for part in parts if "=" in part)
    placed = [part for part in parts if "=" not in part]
    _check_parts(option, typed, meant, placed, named=named)
    # The word says which parameters it fixes, and which ones its parts are the values of.
    params: dict[str, ParameterValue] = dict(word.fixed)
    texts = dict(zip(word.parts, placed, strict=False))
    texts.update(named)
    for part, text in texts.items():
        kind = method.parameter(part).kind
        value = _read_part(kind, text)
        if value is None:
            raise _part_error(option, typed, part=part, kind=kind, text=text)
        params[part] = value
    return params


def _check_parts(
    option: str,
    typed: str,
    meant: tuple[Word, Method],
    placed: Sequence[str],
    *,
    named: Iterable[str],
) -> None:
    """Raise a `RecipeError` for too many parts by place, or the name of no parameter."""
    word, method = meant
    if len(placed) > len(word.parts):
        capitals = [part.upper() for part in word.parts]
        shape = ":".join((word.name, *capitals))
        raise RecipeError.of(
            "XC253.too_many_parts",
            option=option,
            typed=typed,
            fault=Message("fault.too_many_parts"),
            shape=shape,
        )
    unknown = [name for name in named if name not in method.names]
    if unknown:
        fault = method.problem(unknown[0], "")
        raise RecipeError.of("XC253.named", option=option, typed=typed, fault=fault)


def _part_error(
    option: str, typed: str, *, part: str, kind: object, text: str
) -> RecipeError:
    """Return the error that a typed part is not a number, where its kind needs one."""
    key = "XC253.no_bound" if kind == BOUND else "XC253.no_number"
    fault = Message("fault.no_number", part=part, value=text)
    return RecipeError.of(
        key, option=option, typed=typed, fault=fault, rules=RULE_EXAMPLES
    )


def _own_words(option: str, name: str) -> dict[str, tuple[Word, Method]]:
    """Return the word of an option that names a method of the user's, with that method."""
    words = {}
    for step in OPTION_STEPS[option]:
        own = own_method(step, name)
        if own is not None:
            words[name] = (own.words[0], own)
    return words


def _read_part(kind: object, text: str) -> float | str | None:
    """Return a typed part as a value of its kind of parameter; None if it is not a number."""
    is_rule = kind == BOUND and BoundRule.parse(text) is not None
    if kind not in (NUMBER, BOUND) or is_rule:
        return text
    try:
        return float(text)
    except ValueError:
        return None


def default_recipe() -> Recipe:
    """Return a recipe that only orients, scales to 0-100 by min-max and averages what is there.

    These are the defaults of COINr: weights are relative, and a blank counts as a missing code.
    """
    return Recipe(
        id="default",
        steps=(
            Step(MINMAX.step, MINMAX.name, {"scale": 100}),
            Step(ARITHMETIC.step, ARITHMETIC.name, {"missing": "renormalise"}),
            Step(COMPETITION.step, COMPETITION.name, {"digits": 9}),
        ),
        weights="relative",
        blank="missing",
    )
