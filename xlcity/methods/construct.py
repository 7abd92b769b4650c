"""Methods of the step *construct*: indicators made from ingredients or from lists."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from xlcity.errors import CellError
from xlcity.functions.aggregate import weighted_index
from xlcity.functions.block import CellArray, CellState, ErrorCode, Matrix, States
from xlcity.functions.construct import (
    BAND_UPPERS,
    BAND_WEIGHTS,
    band_index,
    denominate,
    joint_states,
    pm25_grade,
    zscore_index,
)
from xlcity.functions.impute import trend_state
from xlcity.functions.links import counted_pairs, link_strength
from xlcity.functions.network import degree_centrality, eigen_centrality
from xlcity.functions.normalise import zscore_winsor
from xlcity.messages import Message
from xlcity.methods.record import (
    NUMBERS,
    TEXT,
    TEXTS,
    Method,
    Parameter,
    Settings,
    no_remark,
)

#: In a ratio, "@C1.1" is the value of the indicator C1.1 instead of an ingredient of its own, and
#: "@C1.1.population" an ingredient of that indicator.
REFERENCE = "@"


@dataclass(frozen=True, slots=True)
class Ingredients:
    """What a construction reads: the units of one group, in rows.

    Attributes
    ----------
    code
        The indicator that is constructed.
    ingredients
        The codes of its ingredients, in the order of the framework.
    units
        The ids of the units.
    items
        The unit of each item on the list behind the indicator, and its place in each ranking, as
        printed; none without a list.
    read
        Takes the code of an ingredient, or of another indicator, constructed ones too, and returns
        values and states.
    """

    code: str
    ingredients: Sequence[str]
    units: Sequence[str]
    items: Sequence[tuple[str, Mapping[str, str]]]
    read: Callable[[str], tuple[Matrix, States]]


@dataclass(frozen=True, slots=True, eq=False)
class Constructed:
    """Values of a constructed indicator.

    Parameters
    ----------
    values, states
        (n,) one per unit.
    marks
        (row, kind, code) of cells that a rule changed: the kind is "clipped", "renormalised" or
        "zero", the code that of the ingredient or of the indicator.
    errors
        (row, error) of units that have no result though nothing is missing.
    """

    values: Matrix
    states: States
    marks: tuple[tuple[int, str, str], ...] = ()
    errors: tuple[tuple[int, CellError], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Construction(Method):
    """A method to construct an indicator by.

    Attributes
    ----------
    kernel
        Makes the indicator of ingredients or of a list of items.
    network
        Takes the (n, n) links between all units, 0 where there is none, the group of each unit
        inside which links do not count (None: all links count), and the parameters; gives the
        (n, 1) indicator.
    items
        Whether it reads a list of items, such as universities, and no ingredients.
    relative
        Whether a value is a place among the cities of its edition: editions have no common zero.
    inputs
        Takes the indicator's code and the parameters, gives the codes of what it reads; REFERENCE
        stands before those of other indicators. None: it reads all ingredients of the indicator.
    check_ingredients
        Yields what is wrong with the parameters for this many ingredients.
    """

    step: ClassVar[str] = "construct"

    kernel: Callable[[Ingredients, Settings], Constructed] | None = None
    network: Callable[[Matrix, Sequence[str] | None, Settings], CellArray] | None = None
    items: bool = False
    relative: bool = False
    inputs: Callable[[str, Settings], tuple[str, ...]] | None = None
    check_ingredients: Callable[[Settings, int], Iterator[str]] = no_remark


def as_constructed(
    block: CellArray,
    states: States,
    marks: tuple[tuple[int, str, str], ...] = (),
    error_state: CellState = CellState.BLANK,
) -> Constructed:
    """Return a function's (n, 1) block as a constructed indicator.

    Parameters
    ----------
    states
        (n,) state of a row that has no number: blank or missing.
    marks
        See `Constructed`.
    error_state
        State of a row whose result is an error other than #N/A.
    """
    new_states = states.copy()
    failed = block.failures()
    new_states[block.errors[:, 0] == ErrorCode.NONE] = CellState.NUMBER
    new_states[[row for row, _ in failed]] = error_state
    return Constructed(block.values[:, 0].copy(), new_states, marks, tuple(failed))


def ingredient_table(source: Ingredients) -> tuple[Matrix, States]:
    """Return (n, k) values and states of all ingredients, a column each."""
    columns = [source.read(code) for code in source.ingredients]
    return (
        np.column_stack([values for values, _ in columns]),
        np.column_stack([states for _, states in columns]),
    )


def row_states(states: States) -> States:
    """Return the state of each row: blank where a cell is blank, else missing where one is."""
    joint = np.full(states.shape[0], CellState.NUMBER, dtype=np.uint8)
    joint[(states == CellState.MISSING).any(axis=1)] = CellState.MISSING
    joint[(states == CellState.BLANK).any(axis=1)] = CellState.BLANK
    return joint


def renormalised_marks(
    code: str, states: States, missing: str
) -> tuple[tuple[int, str, str], ...]:
    """Return the (row, kind, code) marks of rows computed though an ingredient is missing.

    Parameters
    ----------
    code
        The indicator, which the marks name.
    missing
        Its rule: na, renormalise or zero.
    """
    if missing == "na":
        return ()
    kind = "renormalised" if missing == "renormalise" else "zero"
    is_partial = (states == CellState.MISSING).any(axis=1) & (
        states == CellState.NUMBER
    ).any(axis=1)
    is_partial &= ~(states == CellState.BLANK).any(axis=1)
    return tuple((int(row), kind, code) for row in np.flatnonzero(is_partial))


def _construct_mean(source: Ingredients, settings: Settings) -> Constructed:
    """Return the mean of an indicator's ingredients, one value per unit."""
    values, states = ingredient_table(source)
    missing = settings.text("missing")
    block = weighted_index(
        values, np.ones(values.shape[1]), missing=missing, states=states
    )
    return as_constructed(
        block, row_states(states), renormalised_marks(source.code, states, missing)
    )


def _construct_zscore_index(source: Ingredients, settings: Settings) -> Constructed:
    """Return the weighted mean of the ingredients' z-scores, with marks on clipped cells."""
    values, states = ingredient_table(source)
    clip = settings.number("clip")
    ddof = settings.number("ddof")
    weights = settings.numbers("weights")
    missing = settings.text("missing")
    block = zscore_index(values, weights, clip, missing, ddof, states=states)
    marks = list(renormalised_marks(source.code, states, missing))
    if clip:
        unclipped = zscore_winsor(values, 0, 1.0, ddof, states=states)
        clipped = np.argwhere(np.abs(unclipped.values) > clip)
        marks += [
            (int(row), "clipped", source.ingredients[column]) for row, column in clipped
        ]
    return as_constructed(block, row_states(states), tuple(marks))


def _check_any(settings: Settings, ingredients: int) -> Iterator[str]:
    """Yield a fault where an indicator has no ingredients; `ingredients` is how many it has."""
    if not ingredients:
        yield Message("method.no_ingredients")


def _check_weights(settings: Settings, ingredients: int) -> Iterator[str]:
    """Yield faults of the parameter `weights`: not one per ingredient, negative, or all 0.

    `ingredients` is how many the indicator has.
    """
    yield from _check_any(settings, ingredients)
    weights = settings.numbers("weights")
    if weights is not None and len(weights) != ingredients:
        yield Message(
            "method.weights_for_ingredients",
            weights=len(weights),
            ingredients=ingredients,
        )
    if weights is not None and (min(weights) < 0 or sum(weights) == 0):
        yield Message("method.weights_below_zero")


MEAN = Construction(
    name="mean",
    parameters=(Parameter("missing", ("na", "renormalise"), "na"),),
    kernel=_construct_mean,
    check_ingredients=_check_any,
)
ZSCORE_INDEX = Construction(
    name="zscore_index",
    parameters=(
        Parameter("weights", NUMBERS),
        Parameter("clip", default=0.0),
        Parameter("missing", ("na", "renormalise", "zero"), "renormalise"),
        Parameter("ddof", default=0.0),
    ),
    kernel=_construct_zscore_index,
    relative=True,
    check_ingredients=_check_weights,
)


_RATIO_PARTS = ("numerator", "denominator")


def _ratio_inputs(code: str, settings: Settings) -> tuple[str, ...]:
    """Return the codes of the numerator and the denominator of the indicator `code`.

    Ingredients are "CODE.NAME"; `REFERENCE` stands before codes of other indicators.
    """
    names = (settings.text(part) for part in _RATIO_PARTS)
    return tuple(
        name if name.startswith(REFERENCE) else f"{code}.{name}"
        for name in names
        if name
    )


def _construct_ratio(source: Ingredients, settings: Settings) -> Constructed:
    """Return an indicator as numerator over denominator, times a scale, one value per unit."""
    codes = [
        code.removeprefix(REFERENCE) for code in _ratio_inputs(source.code, settings)
    ]
    (numerator, numerator_states), (denominator, denominator_states) = map(
        source.read, codes
    )
    block = denominate(
        numerator,
        denominator,
        settings.number("scale"),
        states=numerator_states,
        denominators_states=denominator_states,
    )
    # 0 / 0 is not a number, yet nothing is left to fill in: it counts as a confirmed gap.
    return as_constructed(
        block,
        joint_states(numerator_states, denominator_states),
        error_state=CellState.MISSING,
    )


def _check_parts(settings: Settings, ingredients: int) -> Iterator[str]:
    """Yield which of the parameters `numerator` and `denominator` is not named."""
    for part in _RATIO_PARTS:
        if not settings.text(part):
            yield Message("method.lacks", part=part)


RATIO = Construction(
    name="ratio",
    parameters=(
        Parameter("numerator", TEXT),
        Parameter("denominator", TEXT),
        Parameter("scale", default=1.0),
    ),
    kernel=_construct_ratio,
    inputs=_ratio_inputs,
    check_ingredients=_check_parts,
)


def _trend_inputs(code: str, settings: Settings) -> tuple[str, ...]:
    """Return the codes of two ingredients of the indicator `code`: the value now and before."""
    return f"{code}.{settings.text('now')}", f"{code}.{settings.text('before')}"


def _construct_trend(source: Ingredients, settings: Settings) -> Constructed:
    """Return 1, 0 or -1: whether the value now is above the value before by a threshold."""
    (now, now_states), (before, before_states) = map(
        source.read, _trend_inputs(source.code, settings)
    )
    threshold = settings.number("threshold")
    block = trend_state(
        now, before, threshold, states=now_states, before_states=before_states
    )
    return as_constructed(block, joint_states(now_states, before_states))


TREND = Construction(
    name="trend",
    parameters=(
        Parameter("now", TEXT, "now"),
        Parameter("before", TEXT, "before"),
        Parameter("threshold", default=0.0),
    ),
    kernel=_construct_trend,
    inputs=_trend_inputs,
)


def _grade_pm25(source: Ingredients, settings: Settings) -> Constructed:
    """Return grades from 1 to 7 of an indicator's one ingredient, a concentration of fine dust."""
    values, states = ingredient_table(source)
    block = pm25_grade(values, settings.number("guideline"), states=states)
    return as_constructed(block, states[:, 0])


def _check_single(settings: Settings, ingredients: int) -> Iterator[str]:
    """Yield a fault where an indicator has not one ingredient, but `ingredients` of them."""
    if ingredients != 1:
        yield Message("method.not_one_ingredient", ingredients=ingredients)


PM25_GRADE = Construction(
    name="pm25_grade",
    parameters=(Parameter("guideline", default=5.0),),
    kernel=_grade_pm25,
    check_ingredients=_check_single,
)


def _construct_bands(source: Ingredients, settings: Settings) -> Constructed:
    """Return sums of band weights of the cities' items on one or two ranking lists.

    They are the lists that the recipe names, else the first two.
    """
    units = [unit for unit, _ in source.items]
    places = [ranks for _, ranks in source.items]
    names = settings.texts("lists") or dict.fromkeys(
        name for by in places for name in by
    )
    # The function takes two lists of ranks: where fewer count, the others are empty.
    first, second = (
        [by.get(name, "") for by in places] for name in (*names, "", "")[:2]
    )
    uppers = settings.numbers("uppers")
    weights = settings.numbers("weights")
    block = band_index(source.units, units, first, second, uppers, weights)
    return as_constructed(
        block, np.full(len(source.units), CellState.BLANK, dtype=np.uint8)
    )


def _check_bands(settings: Settings, ingredients: int) -> Iterator[str]:
    """Yield faults of bands that do not ascend, weights that do not fit, and too many lists."""
    uppers = settings.numbers("uppers") or ()
    weights = settings.numbers("weights") or ()
    if len(uppers) != len(weights):
        yield Message(
            "method.bands_and_weights", bands=len(uppers), weights=len(weights)
        )
    if list(uppers) != sorted(set(uppers)):
        yield Message("method.bands_not_ascending")
    if len(settings.texts("lists")) > 2:
        yield Message("method.over_two_lists")


BANDS = Construction(
    name="bands",
    parameters=(
        Parameter("lists", TEXTS),
        Parameter("uppers", NUMBERS, BAND_UPPERS),
        Parameter("weights", NUMBERS, BAND_WEIGHTS),
    ),
    kernel=_construct_bands,
    items=True,
    check_ingredients=_check_bands,
)


# -- links between cities, and the step pairs ------------------------------------------------------
#: Flows, which add up over both directions.
DIRECTED = "directed"
#: Ties, which count once however often they are written.
SYMMETRIC = "symmetric"
#: Whether links count by their values, or as present or absent.
COUNT = Parameter("count", ("values", "presence"), "values")


def _link_parameters(flow: str) -> tuple[Parameter, ...]:
    """Return the parameters that every method on links between cities has.

    Directed flows add up; a symmetric tie may be written once or twice and counts once. `flow` is
    the default: strengths are of flows, networks are of ties.
    """
    return (
        Parameter("flow", (DIRECTED, SYMMETRIC), flow),
        # The attribute whose values make groups of cities, and whether links inside one count.
        Parameter("group", TEXT),
        Parameter("domestic", ("exclude", "include"), "exclude"),
    )


def _centrality(
    function: Callable[..., CellArray], *names: str
) -> Callable[[Matrix, Sequence[str] | None, Settings], CellArray]:
    """Return a measure of centrality of the library as a `network`.

    Links that do not count, of a unit with itself or its group, are 0 in it; the function's options
    are the parameters named.
    """

    def compute(
        matrix: Matrix, groups: Sequence[str] | None, settings: Settings
    ) -> CellArray:
        """Return (n, 1) centralities of the units, see `Construction.network`."""
        counted_links = np.where(counted_pairs(len(matrix), groups), matrix, 0.0)
        return function(counted_links, **settings.arguments(names, {}))

    return compute


LINK_STRENGTH = Construction(
    name="link_strength",
    parameters=(*_link_parameters(DIRECTED), COUNT),
    network=lambda links, groups, settings: link_strength(
        links, settings.text("flow"), groups, "exclude", settings.text("count")
    ),
)
EIGEN_CENTRALITY = Construction(
    name="eigen_centrality",
    parameters=(
        *_link_parameters(SYMMETRIC),
        Parameter("weighted", ("yes", "no"), "yes"),
        # Rounds of the power method in cells.
        Parameter("rounds"),
    ),
    network=_centrality(eigen_centrality, "weighted", "flow"),
)
DEGREE_CENTRALITY = Construction(
    name="degree_centrality",
    parameters=(*_link_parameters(SYMMETRIC), Parameter("share", ("yes", "no"), "yes")),
    network=_centrality(degree_centrality, "share", "flow"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairing(Method):
    """A method to score pairs by."""

    step: ClassVar[str] = "pairs"


LINK_SCORES = Pairing(name="link_scores", parameters=(Parameter("group", TEXT), COUNT))
