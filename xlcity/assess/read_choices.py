"""Choices as they are typed: `normalise=minmax,zscore`, `weights=noise:25%`, `data=normal:10%`."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Sequence
from itertools import chain

from xlcity.assess.choices import (
    DATA,
    DIRICHLET,
    JUDGEMENTS,
    METHOD_CHOICES,
    NOISE,
    OMIT,
    Choice,
    Variation,
    all_varying_parameters,
    node_judgements,
    parameter_problem,
    remove_node,
    vary_recipe,
)
from xlcity.assess.draws import DISTRIBUTIONS, LOGNORMAL, Spread
from xlcity.errors import (
    FrameworkError,
    Problem,
    RecipeError,
    XlcityError,
    closest,
    collecting,
    did_you_mean,
)
from xlcity.index.checks import refuse_unusable
from xlcity.index.compute import compute
from xlcity.index.method_options import LEVEL_PREFIX, codes_of_level
from xlcity.index.steps import weight_step
from xlcity.messages import Message, sentences
from xlcity.methods.aggregate.record import Aggregation
from xlcity.methods.impute_raw.models import DRAW
from xlcity.methods.registry import find_method
from xlcity.model.dataset import Dataset
from xlcity.model.framework import Framework
from xlcity.model.reading.tables import parse_float
from xlcity.model.recipe import Recipe

#: How the index as it is is typed, among the options of a choice.
AS_IT_IS = "own"
#: Kind of drawn weights -> the key of what is wrong with a number, the largest number, and the key
#: of what it is to be.
_DRAWN_WEIGHTS = {
    NOISE: ("vary.noise", 1.0, "hint.share"),
    DIRICHLET: ("vary.concentration", math.inf, "hint.above_zero"),
    JUDGEMENTS: ("vary.judgements", sys.float_info.max, "hint.above_zero"),
}
INDICATORS = "indicators"
PILLARS = "pillars"
#: How gaps are drawn, how often unless stated otherwise, and at most.
DRAWS = "draws"
_DEFAULT_DRAWS = 20
_MOST_DRAWS = 1000
#: Share that weights are multiplied by, more or less, where nothing else is asked for.
_DEFAULT_NOISE = "noise:25%"
#: Values that stand for a range, both ends included.
_RANGE_POINTS = 21


class ChoiceReader:
    """Reads choices for one index, and collects what is wrong with them.

    In its methods `text` is the choice as typed, NAME=OPTION,OPTION, for messages, and `part` one
    of its options.

    Parameters
    ----------
    framework, recipe, dataset
        The index.
    seed
        From which imputations are drawn.
    """

    def __init__(
        self, framework: Framework, recipe: Recipe, dataset: Dataset, seed: int
    ) -> None:
        self.framework = framework
        self.recipe = recipe
        self.dataset = dataset
        self.seed = seed
        self.problems: list[Problem] = []
        #: The recipe, and what single methods make of it: their parameters may vary.
        self.recipes = [recipe]

    def read(self, typed: Sequence[str]) -> tuple[Choice, ...]:
        """Return the choices; none typed are the usual ones.

        Raises
        ------
        RecipeError
            With everything that is wrong.
        """
        choices: list[Choice] = []
        texts = [*(typed or default_choices(self.framework, self.recipe))]
        for text in sorted(
            texts, key=lambda text: text.partition("=")[0] not in METHOD_CHOICES
        ):
            name, equals, options = text.partition("=")
            name = name.strip()
            if name in {choice.name for choice in choices}:
                self._refuse(
                    text,
                    Message("vary.given_twice", name=name),
                    Message("hint.join_options"),
                )
            elif not equals or not options.strip():
                self._refuse(
                    text, Message("vary.no_options"), Message("hint.write_options")
                )
            else:
                choices.append(
                    Choice(name, tuple(self._read_options(name, options, text)))
                )
        self._refuse_idle_draws(choices)
        if not self.problems:
            self._refuse_unusable_options(choices)
        RecipeError.raise_for(self.problems)
        order = [text.partition("=")[0].strip() for text in texts]
        return tuple(sorted(choices, key=lambda choice: order.index(choice.name)))

    def _refuse(
        self, text: str, fault: str, hint: str = "", key: str = "XC271.vary"
    ) -> None:
        """Add a problem with a choice to `problems`; `text` is the choice as typed."""
        self.problems.append(Problem.of(key, hint=hint, text=text, fault=fault))

    def _read_options(self, name: str, options: str, text: str) -> Iterator[Variation]:
        """Yield the options of a choice from their text, OPTION,OPTION.

        The name of the choice says how they are written: as methods, values of a parameter, errors
        of data, or nodes to leave out. `text` is the choice as typed, for messages.
        """
        parts = [part.strip() for part in options.split(",") if part.strip()]
        choice_names = [
            *METHOD_CHOICES,
            DATA,
            OMIT,
            *all_varying_parameters(self.recipes),
        ]
        if name == DATA:
            yield from self._read_errors(parts, text)
        elif name == OMIT:
            yield Variation("none")
            yield from self._read_omissions(parts, text)
        elif name in METHOD_CHOICES:
            for part in parts:
                yield from self._read_method(name, part, text)
        elif name in choice_names:
            for part in parts:
                yield from self._read_parameter(name, part, text)
        else:
            known = Message("hint.known", words=choice_names)
            hint = sentences(closest(name, choice_names), known)
            fault = Message("vary.unknown_choice", name=name)
            self._refuse(text, fault, hint, "XC270.vary")

    def _read_method(self, name: str, part: str, text: str) -> Iterator[Variation]:
        """Yield one option of a method: own, METHOD, or weights that are drawn.

        A method that is not known is refused; the recipe with it is added to `recipes`.
        """
        if part == AS_IT_IS:
            yield Variation(AS_IT_IS)
            return
        if name == "weights" and part.partition(":")[0] in _DRAWN_WEIGHTS:
            yield from self._read_drawn_weights(part, text)
            return
        if name == "impute" and part.partition(":")[0] == DRAWS:
            yield from self._read_imputations(part, text)
            return
        variation = Variation(part, words=(name, part))
        try:
            self.recipes.append(vary_recipe(self.recipe, self.framework, [variation]))
        except RecipeError as error:
            for problem in error.problems:
                fault = problem.message
                if isinstance(fault, Message):
                    fault = fault.values.get("fault", fault)
                self._refuse(f"{name}={part}", fault, problem.hint)
            return
        yield variation

    def _read_imputations(self, part: str, text: str) -> Iterator[Variation]:
        """Yield the draws of a multiple imputation, draws:COUNT:LEVEL, each as an option.

        Refused where the indicators are too many, or the cities too few, to draw from.
        """
        _, _, count_and_level = part.partition(":")
        count_text, _, level = count_and_level.partition(":")
        count = _parse_count(count_text or str(_DEFAULT_DRAWS))
        if count is None or not 2 <= count <= _MOST_DRAWS:
            hint = Message("hint.whole_number", most_draws=_MOST_DRAWS)
            self._refuse(
                text, Message("vary.number_of_draws", count_text=count_text), hint
            )
            return
        ending = f":{self.seed}:{level}" if level else f":{self.seed}"
        draws = [
            Variation(
                f"draw {number}", words=("impute", f"{DRAW.name}:{number}{ending}")
            )
            for number in range(1, count + 1)
        ]
        try:
            recipe = vary_recipe(self.recipe, self.framework, draws[:1])
            problems = compute(self.framework, recipe, self.dataset).failures
        except XlcityError as error:
            problems = error.problems
        for problem in problems:
            self._refuse(text, problem.message, problem.hint)
        self.recipes += [] if problems else [recipe]
        yield from () if problems else draws

    def _read_drawn_weights(self, part: str, text: str) -> Iterator[Variation]:
        """Yield weights that are drawn: noise:SHARE, dirichlet:NUMBER or judgements:SHARE."""
        kind, _, size = part.partition(":")
        number = self._read_share(
            size or ("20%" if kind == JUDGEMENTS else "25%"), text
        )
        fault_key, most, hint_key = _DRAWN_WEIGHTS[kind]
        if kind == JUDGEMENTS and not node_judgements(self.framework, self.recipe):
            hint = Message("hint.give_judgements")
            self._refuse(text, Message("vary.no_judgements"), hint)
        elif number is not None and 0 < number <= most:
            yield Variation(part, weights=kind, size=number)
        elif number is not None:
            self._refuse(text, Message(fault_key, size=size), Message(hint_key))

    def _read_parameter(self, name: str, part: str, text: str) -> Iterator[Variation]:
        """Yield the options of the parameter `name` that a part means: own, VALUE or LEAST..MOST.

        `text` is the choice as typed, for messages.
        """
        if part == AS_IT_IS:
            yield Variation(AS_IT_IS)
            return
        if ".." in part:
            yield from self._read_range(name, part, text)
            return
        value = parse_float(part)
        fault = parameter_problem(self.recipes, name, part if value is None else value)
        if fault:
            self._refuse(text, fault)
        else:
            yield Variation(part, parameter=(name, part if value is None else value))

    def _read_range(self, name: str, part: str, text: str) -> Iterator[Variation]:
        """Yield options of the parameter `name`: values evenly spaced over LEAST..MOST.

        Of a continuous range no two replicates would have the same value and share the work.
        """
        low, _, high = part.partition("..")
        least = parse_float(low)
        most = parse_float(high)
        if least is None or most is None or not least < most < float("inf"):
            self._refuse(
                text, Message("vary.no_range", part=part), Message("hint.write_range")
            )
            return
        faults = [
            parameter_problem(self.recipes, name, value) for value in (least, most)
        ]
        if any(faults):
            self._refuse(text, next(filter(None, faults)))
            return
        for number in range(_RANGE_POINTS):
            value = least + (most - least) * number / (_RANGE_POINTS - 1)
            yield Variation(f"{value:g}", parameter=(name, value))

    def _read_share(self, text: str, choice_text: str) -> float | None:
        """Return the number that a text spells, 25% as 0.25; None, and a problem, for other texts.

        `choice_text` is the choice as typed, for the message.
        """
        if (number := parse_float(text.removesuffix("%"))) is None:
            self._refuse(
                choice_text,
                Message("vary.no_number", text=text),
                Message("hint.write_share"),
            )
            return None
        return number / 100 if text.endswith("%") else number

    def _read_errors(self, parts: Sequence[str], text: str) -> Iterator[Variation]:
        """Yield the one option of the choice `data`: the errors of the indicators' values.

        Each part is CODE=SPREAD, or SPREAD for all other indicators, such as GDP=normal:10%. `text`
        is the choice as typed, for messages.
        """
        errors: dict[str, Spread] = {}
        for part in parts:
            code, equals, spread_text = part.rpartition("=")
            if equals and code not in {node.code for node in self.framework.indicators}:
                codes = [node.code for node in self.framework.indicators]
                self._refuse(
                    text,
                    Message("vary.no_indicator", code=code),
                    did_you_mean(code, codes),
                )
                continue
            if code in errors:
                whose = code or Message("vary.all_indicators")
                self._refuse(
                    text,
                    Message("vary.error_given_twice", whose=whose),
                    Message("hint.remove_one"),
                )
            if (spread := self._read_spread(spread_text, text)) is not None:
                errors[code] = spread
        yield Variation(", ".join(parts), errors=errors)

    def _read_spread(self, spread_text: str, text: str) -> Spread | None:
        """Return the error that DISTRIBUTION:SIZE[:FACTOR] means, or add a problem and return None.

        SIZE is a number or a percentage of the value; FACTOR, 2 if left out, widens the error of
        synthetic and imputed values.
        """
        kind, _, size_and_factor = spread_text.partition(":")
        size, _, wider = size_and_factor.partition(":")
        if kind not in DISTRIBUTIONS:
            hint = Message("hint.known", words=DISTRIBUTIONS)
            self._refuse(text, Message("vary.unknown_distribution", kind=kind), hint)
            return None
        number = self._read_share(size, text)
        factor = 2.0
        if number is not None and not 0 < number < float("inf"):
            self._refuse(
                text, Message("vary.spread", size=size), Message("hint.above_zero")
            )
            number = None
        if kind == LOGNORMAL and not size.endswith("%"):
            hint = Message("hint.size_of_logarithm")
            self._refuse(
                text,
                Message("vary.spread_no_percentage", lognormal=LOGNORMAL, size=size),
                hint,
            )
            return None
        if wider:
            typed_factor = parse_float(wider)
            if typed_factor is None or not 1 <= typed_factor < float("inf"):
                hint = Message("hint.factor")
                self._refuse(text, Message("vary.factor", wider=wider), hint)
                return None
            factor = typed_factor
        if number is None:
            return None
        return Spread(kind, number, relative=size.endswith("%"), wider=factor)

    def _read_omissions(self, parts: Sequence[str], text: str) -> Iterator[Variation]:
        """Yield one option for each node to leave out: a code, indicators, pillars or level N."""
        codes_of_part = {part: self._find_nodes(part) for part in parts}
        for part in (part for part, codes in codes_of_part.items() if not codes):
            hint = closest(part, [node.code for node in self.framework.nodes])
            words = Message(
                "hint.write_nodes", words=[INDICATORS, PILLARS], level=LEVEL_PREFIX
            )
            self._refuse(
                text, Message("vary.no_node", part=part), sentences(hint, words)
            )
        # One of the indicators may be named besides.
        for code in dict.fromkeys(chain.from_iterable(codes_of_part.values())):
            with collecting(self.problems, FrameworkError):
                remove_node(self.framework, code)
                yield Variation(code, omit=code)

    def _find_nodes(self, part: str) -> list[str]:
        """Return the codes that a part of omit=… means: a code, indicators, pillars or level2.

        Empty for an unknown word.
        """
        tree = self.framework
        if part in tree:
            return [part]
        if part == INDICATORS:
            return [node.code for node in tree.indicators]
        if part == PILLARS:
            return [node.code for node in tree.children(tree.root.code)]
        return [*codes_of_level(tree, part)]

    def _refuse_idle_draws(self, choices: Sequence[Choice]) -> None:
        """Refuse noise and dirichlet where no node is aggregated with the framework's weights."""
        options = chain.from_iterable(choice.variations for choice in choices)
        draws_weights = any(option.weights in (NOISE, DIRICHLET) for option in options)
        if draws_weights and not _reads_weights(self.framework, self.recipe):
            fault = Message("vary.no_framework_weights")
            self._refuse("weights", fault, Message("hint.remove_drawn_weights"))

    def _refuse_unusable_options(self, choices: Sequence[Choice]) -> None:
        """Add a problem for each option with which the index could not be computed."""
        for choice in choices:
            for variation in choice.variations:
                self._refuse_if_unusable(choice, variation)

    def _refuse_if_unusable(self, choice: Choice, variation: Variation) -> None:
        """Add the problems of an option with which the index could not be computed."""
        try:
            recipe = vary_recipe(self.recipe, self.framework, [variation])
            refuse_unusable(self.framework, recipe, self.dataset)
        except (RecipeError, FrameworkError) as error:
            text = f"{choice.name}={variation.label}"
            for problem in error.problems:
                self._refuse(text, problem.message, problem.hint)


def _reads_weights(framework: Framework, recipe: Recipe) -> bool:
    """Tell whether some node is aggregated with weights that the framework gives.

    Not with counts of indicators ("leaves"), nor with weights that a step derives.
    """
    return any(_reads_given(recipe, node.code) for node in framework.composites)


def _parse_count(text: str) -> int | None:
    """Return a text as a whole number, None for any other."""
    number = parse_float(text)
    return int(number) if number is not None and number.is_integer() else None


def _reads_given(recipe: Recipe, code: str) -> bool:
    """Tell whether a node is aggregated with weights of the framework; see `_reads_weights`."""
    step = recipe.step_for("aggregate", code)
    if step is None or step.get("weights") == "leaves":
        return False
    method = find_method(Aggregation, step.method)
    return method.weighted and weight_step(recipe, code) is None


def default_choices(framework: Framework, recipe: Recipe) -> list[str]:
    """Return what varies where nothing is named: weights, the normalisation, one indicator out."""
    needs_positive = any(
        find_method(Aggregation, step.method).asks_sign
        for step in recipe.steps_doing("aggregate")
    )
    # Scores of 0 or less have no geometric mean.
    scales = (
        f"{AS_IT_IS},minmax:1:100,rank"
        if needs_positive
        else f"{AS_IT_IS},minmax,zscore,rank"
    )
    choices = [f"normalise={scales}"]
    if _reads_weights(framework, recipe):
        choices.append(f"weights={_DEFAULT_NOISE}")
    if len(framework.indicators) > 2:
        choices.append(f"{OMIT}={INDICATORS}")
    return choices
