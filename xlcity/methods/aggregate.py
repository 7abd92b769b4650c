"""Methods of the step *aggregate*: means, sums, Mazziotta-Pareto, outranking, BoD."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from xlcity.functions.aggregate import POWERS, row_means
from xlcity.functions.block import (
    CellArray,
    CellState,
    ErrorCode,
    Matrix,
    States,
    as_matrix,
    make_block,
)
from xlcity.functions.combine import (
    copeland_score,
    min_index,
    mpi_index,
    owa_index,
    weighted_parts,
)
from xlcity.functions.model_weights import SHARES_OF, bod_index
from xlcity.functions.normalise import minmax_scale
from xlcity.functions.outrank import promethee_flow, topsis_score
from xlcity.functions.rounding import without_noise
from xlcity.functions.scale import efficacy_scale, zscore_scale
from xlcity.messages import Message
from xlcity.methods.formulas import (
    mean_formula,
    missing_count_formula,
    no_blank_condition,
)
from xlcity.methods.normalise.record import CONSTANT, scale_shares
from xlcity.methods.normalise.scales import OMEGA
from xlcity.methods.record import (
    BlockKernel,
    Method,
    Parameter,
    ParameterValue,
    Settings,
    Word,
    kernel_of,
)


@dataclass(frozen=True, slots=True)
class NodeCells:
    """What formulas about one node name; texts are addresses or pieces of formulas.

    Parameters
    ----------
    values, weights
        Ranges of the children's scores of one city, in a row, and of their weights.
    settings
        The parameters of the node's method.
    cancels
        Whether values that cancel must be 0 and not the rounding of their sum.
    power
        Cell of the power, for methods that have one.
    child_count
        Cell of the number of children; empty = there is none, and weights are counted.
    """

    values: str
    weights: str
    settings: Settings
    cancels: bool = False
    power: str = ""
    child_count: str = ""

    @property
    def missing(self) -> str:
        """The rule for a missing child: na, renormalise, zero or refuse."""
        return self.settings.text("missing")

    @property
    def no_blank(self) -> str:
        """The condition, as a piece of formula, that no child is blank."""
        return no_blank_condition(
            self.values, self.child_count or f"COUNT({self.weights})"
        )

    def guarded_formula(self, formula: str) -> str:
        """Return the formula of a node inside a test of its children, so that gaps do not reach it.

        A blank child gives ""; a missing one "NA", unless the rule is renormalise and some child
        has a number, or the rule is zero: then the formula itself deals with it.
        """
        if self.missing == "zero":
            return f'IF({self.no_blank},{formula},"")'
        if self.missing == "renormalise":
            return f'IF({self.no_blank},IF(COUNT({self.values})=0,"NA",{formula}),"")'
        return f'IF({self.no_blank},IF({missing_count_formula(self.values)},"NA",{formula}),"")'


@dataclass(frozen=True, slots=True, kw_only=True)
class NativeAggregation:
    """One method in cells: by a formula, by working columns, or by a function alone.

    Attributes
    ----------
    formula
        The node, from its children.
    turn_child
        What a child is turned into in a working column: the child's cell and the power's give a
        formula. A function lifted over a range is wrong in several engines, so that each child has
        a cell of its own; the node is the arithmetic mean of these, turned back.
    turn_back
        The node, from the cell of that mean and the power's.
    turns_zero
        Whether a child of 0 can be turned.
    call
        The text of a call of the library that gives the node of one unit, to compare with; None
        where no function does.
    call_for_all
        The text of a call that gives the node for all units at once, where only a function can
        aggregate so; then `values` are the children of all units.
    """

    formula: Callable[[NodeCells], str] | None = None
    turn_child: Callable[[str, str], str] | None = None
    turn_back: Callable[[str, str], str] | None = None
    turns_zero: bool = False
    call: Callable[[NodeCells], str] | None = None
    call_for_all: Callable[[NodeCells], str] | None = None

    @property
    def by_function(self) -> bool:
        """Whether only a function can aggregate so."""
        return self.call_for_all is not None


#: One weight per child, or (n, children): a row of weights for each unit.
Weights = Sequence[float] | Matrix
#: Takes (n, children) scores, their states, the weights of the children and the parameters; gives
#: the (n, 1) aggregates. Where `whole_sample`, weights are one per child.
Kernel = Callable[[Matrix, States, Weights, Settings], CellArray]


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregation(Method):
    """A method to aggregate by: `kernel` makes one column of the children's scores.

    Attributes
    ----------
    weighted
        Whether it reads weights; none are looked for where it does not.
    between
        Whether results lie between the least and the greatest child.
    needs
        The key of the message on what scores it needs, shown where it has no result.
    asks_sign
        Whether it matters that a child is 0 or above.
    whole_sample
        Whether a city's result depends on the other cities, too, or it never has one.
    scale_free
        Whether a child counts as much when its scores are multiplied by a number.
    native
        The same in cells.
    """

    step: ClassVar[str] = "aggregate"

    kernel: Kernel
    weighted: bool = True
    between: bool = True
    needs: str = "needs.scores_of_children"
    asks_sign: bool = False
    whole_sample: bool = False
    scale_free: bool = False
    native: NativeAggregation


def common_parameters(*missing: str) -> tuple[Parameter, ...]:
    """Return the parameters that all aggregations have.

    Parameters
    ----------
    *missing
        The rules for missing children that the method knows. na: no score; renormalise: over those
        that are there; zero: as 0; refuse: with one missing or blank child no unit of the group has
        a score.
    """
    return (
        Parameter("missing", missing, "na"),
        # The framework's, or the number of indicators under each child.
        Parameter("weights", ("given", "leaves"), "given"),
        # Children that are nodes: their aggregates, or the scores that the step rescale makes of
        # these.
        Parameter("children", ("aggregates", "scores"), "aggregates"),
        # Least share of the children that must be there.
        Parameter("threshold", default=0.0, limits=(0.0, 1.0)),
    )


#: Parameters of means, and of aggregations that know no "zero" and no "refuse".
MEAN_PARAMETERS = common_parameters("na", "renormalise", "zero", "refuse")
OTHER_PARAMETERS = common_parameters("na", "renormalise")


@dataclass(frozen=True, slots=True)
class _LibraryCall:
    """A function of the library that aggregates children, in Python and in a cell.

    Attributes
    ----------
    function
        Takes scores, weights if any, and parameters.
    names
        Those of what it takes behind the scores: of parameters, and "weights".
    """

    function: Callable[..., CellArray]
    names: tuple[str, ...]

    def compute(
        self, values: Matrix, states: States, weights: Weights, settings: Settings
    ) -> CellArray:
        """Return what the function gives, as a `Kernel` does."""
        arguments = (
            [*weights] if name == "weights" else settings.argument(name)
            for name in self.names
        )
        return self.function(values, *arguments, states=states)

    def text(self, node: NodeCells) -> str:
        """Return the call as the text of a formula."""
        arguments = (
            node.weights
            if name == "weights"
            else argument_text(node.settings.argument(name))
            for name in self.names
        )
        return (
            f"{self.function.__name__.upper()}({','.join((node.values, *arguments))})"
        )


def argument_text(value: ParameterValue) -> str:
    """Return the value of a parameter as the text of an argument in a formula."""
    return f'"{value}"' if isinstance(value, str) else f"{value:.15g}"


def _take_mean(
    values: Matrix, states: States, weights: Weights, settings: Settings
) -> CellArray:
    """Return (n, 1) arithmetic, geometric, harmonic or power means, as the method's name says.

    `values` and `states` are (n, children): scores, and what each cell holds.
    """
    name = settings.method.name
    exponent = POWERS[name] if name in POWERS else settings.number("power")
    weight = np.asarray(weights, dtype=np.float64)
    return row_means(values, states, weight, exponent, settings.text("missing"))


def _mean_call(cells: NodeCells) -> str:
    """Return the call of WEIGHTED_INDEX that gives the same mean, as the text of a formula."""
    method = cells.settings.method
    power = f",{cells.power}" if "power" in method.names else ""
    return (
        f"WEIGHTED_INDEX({cells.values},{cells.weights},"
        f'"{method.name}","{cells.missing}"{power})'
    )


ARITHMETIC = Aggregation(
    name="arithmetic",
    parameters=MEAN_PARAMETERS,
    words=(Word("arithmetic", ("threshold",)),),
    kernel=_take_mean,
    native=NativeAggregation(call=_mean_call),
)
_NEEDS_POSITIVE = "needs.positive_values"
GEOMETRIC = Aggregation(
    name="geometric",
    parameters=MEAN_PARAMETERS,
    words=(Word("geometric", ("threshold",)),),
    kernel=_take_mean,
    needs=_NEEDS_POSITIVE,
    asks_sign=True,
    scale_free=True,
    native=NativeAggregation(
        turn_child=lambda child, power: f"LN({child})",
        turn_back=lambda mean, power: f"EXP({mean})",
        call=_mean_call,
    ),
)
HARMONIC = Aggregation(
    name="harmonic",
    parameters=MEAN_PARAMETERS,
    words=(Word("harmonic", ("threshold",)),),
    kernel=_take_mean,
    needs=_NEEDS_POSITIVE,
    asks_sign=True,
    native=NativeAggregation(
        turn_child=lambda child, power: f"1/{child}",
        turn_back=lambda mean, power: f"1/{mean}",
        call=_mean_call,
    ),
)
POWER = Aggregation(
    name="power",
    parameters=(*MEAN_PARAMETERS, Parameter("power", default=1.0)),
    words=(Word("power", ("power",), required=True),),
    kernel=_take_mean,
    needs="needs.positive_scores",
    asks_sign=True,
    native=NativeAggregation(
        turn_child=lambda child, power: f"{child}^{power}",
        turn_back=lambda mean, power: f"{mean}^(1/{power})",
        turns_zero=True,
        call=_mean_call,
    ),
)


def _compute_sum(
    values: Matrix, states: States, weights: Weights, settings: Settings
) -> CellArray:
    """Return (n, 1) sums of the children's scores times weights.

    A missing child counts as 0, or leaves no sum, as the parameter `missing` says. `values` and
    `states` are (n, children): scores, and what each cell holds.
    """
    rule = "zero" if settings.text("missing") == "zero" else "na"
    weight = np.asarray(weights, dtype=np.float64)
    points = weighted_parts(values, states, weight, rule)
    numbers = np.where(states == CellState.NUMBER, values, 0.0)
    mean = without_noise(
        points.values.sum(axis=1), np.abs(numbers).max(axis=1, initial=0.0)
    )
    # Not the mean times the weights: whole points add up to whole numbers, as in the cells.
    total = np.where(mean == 0.0, 0.0, (numbers * weight).sum(axis=1))
    return make_block(total[:, None], points.errors[:, :1].copy())


def _give_none(
    values: Matrix, states: States, weights: Weights, settings: Settings
) -> CellArray:
    """Return (n, 1) #N/A: the node is not computed from its children.

    `values` and `states` are (n, children): scores, and what each cell holds.
    """
    return CellArray(
        np.full((len(values), 1), np.nan),
        np.full((len(values), 1), ErrorCode.NA, dtype=np.uint8),
    )


def _sum_formula(cells: NodeCells) -> str:
    """Return the formula of a weighted sum of the children, inside the test for missing ones.

    Where values may cancel, it is the mean times the weights: the mean is 0 for mere rounding.
    """
    total = f"SUMPRODUCT({cells.values},{cells.weights})"
    if cells.cancels:
        weight = f"SUM({cells.weights})"
        total = f"{mean_formula(total, weight, cells.values)}*{weight}"
    return cells.guarded_formula(total)


SUM = Aggregation(
    name="sum",
    parameters=common_parameters("na", "zero"),
    words=(Word("sum", fixed={"missing": "na"}),),
    kernel=_compute_sum,
    between=False,
    native=NativeAggregation(formula=_sum_formula),
)
NONE = Aggregation(
    name="none",
    words=(Word("none"),),
    kernel=_give_none,
    weighted=False,
    between=False,
    whole_sample=True,
    scale_free=True,
    native=NativeAggregation(formula=lambda cells: '"NA"'),
)


_MINIMUM_CALL = _LibraryCall(min_index, ("missing",))
MINIMUM = Aggregation(
    name="minimum",
    parameters=OTHER_PARAMETERS,
    words=(Word("minimum"),),
    kernel=_MINIMUM_CALL.compute,
    weighted=False,
    native=NativeAggregation(
        formula=lambda cells: cells.guarded_formula(f"MIN({cells.values})"),
        call=_MINIMUM_CALL.text,
    ),
)


_MPI_CALL = _LibraryCall(mpi_index, ("penalty", "missing"))


def _mpi_formula(cells: NodeCells) -> str:
    """Return the formula of the Mazziotta-Pareto index; empty where the mean is not above 0.

    Mean and deviation are those of a city's children. "Above 0" means by more than rounding.
    """
    sign = "+" if cells.settings.text("penalty") == "plus" else "-"
    mean = f"AVERAGE({cells.values})"
    least = f"1E-10*MAX(MAX({cells.values}),-MIN({cells.values}))"
    penalty = f"_xlfn.STDEV.P({cells.values})^2/{mean}"
    return cells.guarded_formula(f'IF({mean}>{least},{mean}{sign}{penalty},"")')


MPI = Aggregation(
    name="mpi",
    parameters=(*OTHER_PARAMETERS, Parameter("penalty", ("minus", "plus"), "minus")),
    words=(Word("mpi", ("penalty",)),),
    kernel=_MPI_CALL.compute,
    weighted=False,
    between=False,
    needs="needs.positive_mean",
    asks_sign=True,
    native=NativeAggregation(formula=_mpi_formula, call=_MPI_CALL.text),
)


_OWA_CALL = _LibraryCall(owa_index, ("weights", "exponent", "missing"))
OWA = Aggregation(
    name="owa",
    # 1 is the mean; above it the lowest children count more, below it the highest.
    parameters=(Parameter("exponent", default=2.0, above=0.0), *OTHER_PARAMETERS),
    words=(Word("owa", ("exponent",)),),
    kernel=_OWA_CALL.compute,
    native=NativeAggregation(call_for_all=_OWA_CALL.text),
)


_COPELAND_CALL = _LibraryCall(copeland_score, ("weights", "missing"))
COPELAND = Aggregation(
    name="copeland",
    parameters=OTHER_PARAMETERS,
    words=(Word("copeland"),),
    kernel=_COPELAND_CALL.compute,
    between=False,
    asks_sign=True,
    whole_sample=True,
    scale_free=True,
    native=NativeAggregation(call_for_all=_COPELAND_CALL.text),
)


_TOPSIS_CALL = _LibraryCall(topsis_score, ("weights", "vector"))
TOPSIS = Aggregation(
    name="topsis",
    parameters=(Parameter("vector", ("no", "yes"), "no"), *common_parameters("na")),
    words=(Word("topsis", ("vector",)),),
    kernel=_TOPSIS_CALL.compute,
    between=False,
    needs="needs.different_scores",
    asks_sign=True,
    whole_sample=True,
    native=NativeAggregation(call_for_all=_TOPSIS_CALL.text),
)


def _check_thresholds(settings: Settings) -> Iterator[str]:
    """Yield what is wrong with the thresholds of indifference and preference."""
    low = settings.number("indifference")
    high = settings.number("preference")
    if not 0 <= low <= high:
        yield Message("method.thresholds", low=low, high=high)


_PROMETHEE_CALL = _LibraryCall(
    promethee_flow, ("weights", "indifference", "preference")
)
PROMETHEE = Aggregation(
    name="promethee",
    parameters=(
        # Leads in points that do not count, and that count in full.
        Parameter("indifference", default=0.0),
        Parameter("preference", default=0.0),
        *common_parameters("na"),
    ),
    words=(Word("promethee", ("indifference", "preference")),),
    check=_check_thresholds,
    kernel=_PROMETHEE_CALL.compute,
    between=False,
    asks_sign=True,
    whole_sample=True,
    native=NativeAggregation(call_for_all=_PROMETHEE_CALL.text),
)


def _check_shares(settings: Settings) -> Iterator[str]:
    """Yield what is wrong with the parameters `low` and `high`, limits of a child's share."""
    low = settings.number("low")
    high = settings.number("high")
    if not 0 <= low <= high <= 1:
        yield Message("method.shares", low=low, high=high)


_BOD_CALL = _LibraryCall(bod_index, ("low", "high", "shares"))
BOD = Aggregation(
    name="bod",
    parameters=(
        # Least and greatest share of each child, in the sum of the weights or in the score.
        Parameter("low", default=0.0, limits=(0.0, 1.0)),
        Parameter("high", default=1.0, limits=(0.0, 1.0)),
        Parameter("shares", SHARES_OF, "weights"),
        *common_parameters("na"),
    ),
    words=(Word("bod", ("low", "high", "shares")),),
    check=_check_shares,
    kernel=_BOD_CALL.compute,
    weighted=False,
    between=False,
    needs="needs.shares",
    asks_sign=True,
    whole_sample=True,
    scale_free=True,
    native=NativeAggregation(call_for_all=_BOD_CALL.text),
)


# -- the step rescale: aggregates on the published scale -------------------------------------------
#: The root's score is the mean of its children's scaled scores.
MEAN_OF_SCALED = "mean_of_scaled"
#: The root's aggregate is scaled like that of any other node.
SCALED = "scaled"
#: The root's score is its aggregate as it is.
UNSCALED = "unscaled"
OVERALL = Parameter("overall", (MEAN_OF_SCALED, SCALED, UNSCALED), SCALED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rescaling(Method):
    """A method to rescale by: `kernel` makes the (n, 1) scores of a node of its aggregates.

    It takes the aggregates, their states and the parameters. Equal aggregates need no score: one
    that the parameter `constant` names is put in their place.
    """

    step: ClassVar[str] = "rescale"

    kernel: BlockKernel


def _rescale_linear(values: Matrix, states: States, settings: Settings) -> CellArray:
    """Return (n, 1) aggregates of a node times a factor plus a shift; a gap is #N/A."""
    scaled = as_matrix(values * settings.number("factor") + settings.number("shift"))
    return CellArray(scaled, np.isnan(scaled) * ErrorCode.NA)


def _rescale_minmax(values: Matrix, states: States, settings: Settings) -> CellArray:
    """Return (n, 1) scores of a node, from the base for the least aggregate to the scale."""
    share = minmax_scale(values, scale=1.0, states=states)
    return scale_shares(share, settings.number("base"), settings.number("scale"))


LINEAR = Rescaling(
    name="linear",
    parameters=(
        Parameter("factor", default=1.0),
        Parameter("shift", default=0.0),
        OVERALL,
    ),
    kernel=_rescale_linear,
)
MINMAX = Rescaling(
    name="minmax",
    parameters=(
        Parameter("base", default=0.0),
        Parameter("scale", default=100.0),
        OVERALL,
        CONSTANT,
    ),
    kernel=_rescale_minmax,
)
ZSCORE = Rescaling(
    name="zscore",
    parameters=(
        Parameter("mean", default=0.0),
        Parameter("sd", default=1.0, above=0.0),
        Parameter("ddof", default=0.0),
        OVERALL,
        CONSTANT,
    ),
    kernel=kernel_of(zscore_scale, "mean", "sd", "ddof"),
)
EFFICACY = Rescaling(
    name="efficacy",
    parameters=(OMEGA, OVERALL, CONSTANT),
    kernel=kernel_of(efficacy_scale, "omega"),
)
