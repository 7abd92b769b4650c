"""What a method to normalise by is, in Python and in cells, and the column that it takes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from xlcity.errors import Problem
from xlcity.functions.block import CellArray, CellState, Matrix, States
from xlcity.methods.bounds import BoundRule
from xlcity.methods.formulas import gap_formula, rank_formula, varies_condition
from xlcity.methods.record import (
    TEXT,
    Method,
    MethodCell,
    Parameter,
    Settings,
    no_remark,
)

#: An argument of a call that is left to its default; an omitted one differs between engines.
SKIPPED = '""'
#: An argument that begins so is written as it is.
LITERAL_STARTS = '"0123456789'
#: Arguments that are not parameters: the direction, the upper bound, cuts and scores, and the
#: populations that cities belong to and are standardised by.
_OTHER_ARGUMENTS = ("direction", "high", "cuts", "scores", "groups", "pools")


@dataclass(frozen=True, slots=True)
class ColumnCells:
    """What formulas about one indicator name: parameters, statistics, and the cell they are for.

    All texts are addresses or pieces of formulas; "above the column" are cells over the indicator's
    scores. In `cell_of` and `word_of` parameters go by their `MethodCell.column`: "a" and "b" are
    the method's first and second number, "rule" its word, others have speaking names.
    """

    #: Column of `Framework` -> address; only parameters that the indicator has.
    cell_of: Mapping[str, str]
    #: Column of `Framework` -> the word that formulas are made of.
    word_of: Mapping[str, str]
    more_is_better: bool
    values: str = ""
    n: str = ""
    mean: str = ""
    sd: str = ""
    minimum: str = ""
    maximum: str = ""
    #: Bounds and divisor of the method, above the column.
    low: str = ""
    high: str = ""
    span: str = ""
    #: What equal values score, above the column.
    tie_score: str = ""
    #: How near to one another values are tied, above the column.
    tied_within: str = ""
    #: Whether it matters that a score is 0 and not the rounding of a difference.
    exact_zero: bool = False
    #: The value in this row.
    x: str = ""
    #: What a function of the user gives for this row, and for the column.
    computed: str = ""
    computed_column: str = ""
    #: Ids of the cities beside the values.
    units: str = ""
    #: Addresses of band limits as values, as typed, and of the scores.
    limits: str = ""
    cuts: str = ""
    scores: str = ""

    @property
    def sign(self) -> str:
        """A minus where less is better."""
        return "" if self.more_is_better else "-"

    @property
    def share_formula(self) -> str:
        """The formula of a score from 0 at the worse bound to 1 at the better one."""
        if self.more_is_better:
            return f"({self.x}-{self.low})/{self.span}"
        return f"({self.high}-{self.x})/{self.span}"

    def has_cell(self, name: str) -> bool:
        """Tell whether the indicator has a parameter in that column of `Framework`."""
        return name in self.cell_of

    def given_or(self, name: str, otherwise: str) -> str:
        """Return the formula of a parameter's cell where it has a number, else of `otherwise`.

        `name` is the parameter's column of `Framework`.
        """
        return f"IF(ISNUMBER({self.cell_of[name]}),{self.cell_of[name]},{otherwise})"

    def bound_formula(self, name: str, otherwise: str) -> str:
        """Return the formula of a bound: of its rule, else as `given_or`."""
        if rule := BoundRule.parse(self.word_of.get(name, "")):
            return rule.formula(self.values, self.n, more_is_better=self.more_is_better)
        return self.given_or(name, otherwise)

    def place_formula(self) -> str:
        """Return the formula of the value's rank in its column, counted from the worst, from 1."""
        up = "1" if self.more_is_better else "0"
        ties = self.word_of["rule"]
        return rank_formula(
            self.x, self.values, self.tied_within, ascending=up, ties=ties
        )

    def scaled_formula(self, share: str) -> str:
        """Return the formula of a share, 0 to 1, as a score from the base (else 0) to the scale."""
        base = self.cell_of.get("base")
        scale = self.cell_of["scale"]
        return (
            f"{share}*{scale}" if base is None else f"{base}+({scale}-{base})*{share}"
        )


Formula = Callable[[ColumnCells], str]
#: Gives the name of a function of the library and its arguments, by which a workbook computes an
#: indicator's scores once more: a `MethodCell.column`, one of `_OTHER_ARGUMENTS`, or a literal
#: (see `LITERAL_STARTS`). None where no function gives these scores.
Call = Callable[[ColumnCells], tuple[str, ...] | None]


def make_call(name: str, *arguments: str, unsupported: Sequence[str] = ()) -> Call:
    """Return a `Call`: it takes an indicator's cells, and gives function and arguments, or None.

    Parameters
    ----------
    name, arguments
        The function of the library and its arguments as `Call` gives them; a parameter that the
        indicator lacks becomes `SKIPPED`.
    unsupported
        Parameters that the function does not know: for an indicator with one there is no call.
    """
    of_parameters = {
        argument for argument in arguments if argument[0] not in LITERAL_STARTS
    }

    def call_of(cells: ColumnCells) -> tuple[str, ...] | None:
        """Return the function's name and arguments for an indicator, None without a call."""
        if any(map(cells.has_cell, unsupported)):
            return None
        lacking = of_parameters - {*cells.cell_of, *_OTHER_ARGUMENTS}
        known = [SKIPPED if argument in lacking else argument for argument in arguments]
        return (name, *known)

    return call_of


def call_upward(call: Call) -> Call:
    """Return a call for indicators of which more is better; others have none."""

    def call_of(cells: ColumnCells) -> tuple[str, ...] | None:
        """Return the call's name and arguments for an indicator, None without a call."""
        return call(cells) if cells.more_is_better else None

    return call_of


@dataclass(frozen=True, slots=True)
class GroupStatistics:
    """What is worked out of each group of cities, where groups are scored apart.

    Attributes
    ----------
    above
        Statistics that formulas of cities read: they stand above the column, where there is room.
    below
        What these are made of, below the cities.
    read_as
        What formulas name (see `ColumnCells`) -> the statistic of a city's group, "" for none.
    """

    above: tuple[str, ...]
    below: tuple[str, ...]
    read_as: Mapping[str, str]


#: Statistics of methods with bounds, and of what other methods have in place of bounds.
STATISTICS_OF_BOUNDS = GroupStatistics(
    above=("low", "span", "high", "tie"),
    below=("n", "min", "max", "mean"),
    read_as={
        "n": "n",
        "mean": "mean",
        "low": "low",
        "high": "high",
        "span": "span",
        "minimum": "min",
        "maximum": "max",
        "sd": "",
        "tie_score": "tie",
    },
)


@dataclass(frozen=True, slots=True)
class NativeNormalisation:
    """One method in cells; a `Formula` takes an indicator's cells and gives a formula.

    Attributes
    ----------
    score
        A city's score, from its value `x`.
    call
        See `Call`.
    low, high, span
        Three cells above the column: as a rule two bounds and their difference. Without a number in
        `span` no city has a result.
    bound_labels
        Labels of these three.
    has_wide_bounds
        Whether the bounds are as large as values may be, and need room for their digits.
    is_high_common
        Whether `high` is the same for all groups of cities.
    by_bounds
        Whether the bounds are all that the values of other cities say to a score.
    by_bands
        Whether a score is looked up between cut points: the lists `cuts` and `scores` have cells.
    group_statistics
        What is worked out of each group, where groups are scored apart.
    tied_within
        How near to one another values are tied; None where places are not counted.
    fixed
        The condition under which equal values have no score of their own, "" for none.
    gap
        The score of a missing code, "" = none.
    fails_only_if_equal
        Whether values that differ always have a result.
    span_tells_emptiness
        Whether the span itself shows a column without numbers: it is 0, or "" where a missing code
        has a score.
    number_format
        Number format of the scores.
    call_each
        Whether each indicator has a call of its own, not one with its neighbours.
    column_call
        The call of a function of the user that scores a whole column, in a block of its own, from
        which `score` reads; None where formulas do.
    """

    score: Formula
    call: Call = lambda cells: None
    low: Formula = lambda cells: cells.minimum
    high: Formula = lambda cells: cells.maximum
    span: Formula = lambda cells: f'IF({cells.n}>0,1,"")'
    bound_labels: tuple[str, str, str] = ("from", "to", "span")
    has_wide_bounds: bool = False
    is_high_common: bool = False
    by_bounds: bool = False
    by_bands: bool = False
    group_statistics: GroupStatistics = STATISTICS_OF_BOUNDS
    tied_within: Formula | None = None
    fixed: Formula = lambda cells: ""
    gap: Formula = lambda cells: ""
    fails_only_if_equal: bool = False
    span_tells_emptiness: bool = False
    number_format: str = "0.00"
    call_each: bool = False
    column_call: Formula | None = None

    def _no_result_formula(self, cells: ColumnCells) -> str:
        """Return the formula of a city's cell where `span` has no number, so that none has a score.

        With the parameter `constant`: the score of equal values, or "" where they are not equal.
        Without: "", also for a city with a gap, as a node would otherwise be computed for such
        cities alone.
        """
        if not cells.has_cell("constant"):
            return '""'
        gap = gap_formula(cells.x)
        return (
            f'IF(OR({cells.tie_score}="",ISNUMBER({cells.x})),{cells.tie_score},{gap})'
        )

    @property
    def counts_places(self) -> bool:
        """Whether a score is a place among all cities of a column."""
        return self.tied_within is not None

    def tie_or_nearness_formula(self, cells: ColumnCells) -> str:
        """Return what stands above a column in the row of ties: see `tie_formula`, `tied_within`.

        "" where nothing does.
        """
        if tie := self.tie_formula(cells):
            return tie
        return "" if self.tied_within is None else self.tied_within(cells)

    def tie_formula(self, cells: ColumnCells) -> str | None:
        """Return the formula of what all score where values are equal, "" where they differ.

        None if the indicator has no parameter `constant`.
        """
        if not cells.has_cell("constant"):
            return None
        # N: a column without any number has no extremes.
        has_no_tie = varies_condition(f"N({cells.minimum})", f"N({cells.maximum})")
        if fixed := self.fixed(cells):
            has_no_tie = f"OR({has_no_tie},{fixed})"
        return f'IF({has_no_tie},"",{cells.cell_of["constant"]})'

    def cell_formula(self, cells: ColumnCells) -> str:
        """Return the formula of one city's cell: its score, or what a gap or failed column has."""
        gap = self.gap(cells)
        if gap and self.span_tells_emptiness and not cells.has_cell("constant"):
            # A gap without a score is all that such a column has.
            scored_gap = f'IF(ISNUMBER({cells.span}),{gap},"NA")'
            no_number = f'IF({cells.x}="NA",{scored_gap},"")'
            return f"IF(ISNUMBER({cells.x}),{self.score(cells)},{no_number})"
        no_number = f'IF({cells.x}="NA",{gap},"")' if gap else gap_formula(cells.x)
        if cells.has_cell("constant") and not (cells.tie_score or gap):
            scored = f"IF(ISNUMBER({cells.span}),{self.score(cells)},{cells.cell_of['constant']})"
            return f"IF(ISNUMBER({cells.x}),{scored},{no_number})"
        result = f"IF(ISNUMBER({cells.x}),{self.score(cells)},{no_number})"
        return f"IF(ISNUMBER({cells.span}),{result},{self._no_result_formula(cells)})"

    def divisor_formula(self, cells: ColumnCells) -> str:
        """Return the formula of the cell `span`, 0 in a column without any number.

        0 is a number, so that gaps there are shown as gaps. A method that scores missing codes, or
        shows a column without numbers by its span, keeps its own.
        """
        if self.span_tells_emptiness or self.gap(cells):
            return self.span(cells)
        return f"IF(COUNT({cells.values})=0,0,{self.span(cells)})"


#: With a constant column, or bounds that leave no room, the method has no result.
FAILS = "fails"
#: With a constant column all units get the same score.
SAME = "same"
#: Score of all units where the method has no result because all values are equal. A method with
#: this parameter fails for a constant column; any other gives all units the same score.
CONSTANT = Parameter("constant", cell=MethodCell("constant", named=True))
TIES = Parameter(
    "ties", ("min", "average", "max"), "min", cell=MethodCell("rule", live=False)
)
CAP = Parameter("cap", ("no", "yes"), "no", cell=MethodCell("rule", live=False))
#: In the parameter `pool`: a group's own mean and deviation.
OWN = "own"
POOL = Parameter("pool", TEXT, OWN)
#: Scores of the low and the high end.
BASE = Parameter("base", default=0.0, cell=MethodCell("base", named=True))
SCALE = Parameter("scale", default=100.0, cell=MethodCell("scale", shared="scale"))
SHARE = Parameter("scale", default=1.0, cell=MethodCell("scale"))


@dataclass(frozen=True, slots=True, eq=False)
class Indicator:
    """Values of one indicator over the units of one group.

    Attributes
    ----------
    values, states
        One per unit, or (units, m): a column for each of m replicates.
    direction
        1 where more is better, -1 where less is.
    span
        Minimum and maximum of the numbers, NaN without numbers; None of replicates, where what
        rules did is not marked.
    pool
        Values and states of the units whose mean and deviation count, None = its own.
    reference
        The value of the city that a step names; (m,) of replicates.
    """

    values: Matrix
    states: States
    direction: float
    span: tuple[float, float] | None
    pool: tuple[Matrix, States] | None = None
    reference: float | Matrix | None = None

    @property
    def has_number(self) -> States:
        """Which units have a number."""
        numbers: States = self.states == CellState.NUMBER
        return numbers

    def bound(self, settings: Settings, name: str) -> float | Matrix | None:
        """Return a bound: the step's number, or what its rule gives for this indicator.

        None where the step, the framework and the default have none.
        """
        if (rule := settings.rule(name)) is not None:
            return rule.compute(self.values, self.states, self.direction)
        return settings.optional(name)


@dataclass(frozen=True, slots=True, eq=False)
class ScoredColumn:
    """Scores of a column; `marks` holds (row, kind) of cells that a rule changed, as "clipped"."""

    block: CellArray
    #: The bounds that were taken.
    low: float | Matrix = math.nan
    high: float | Matrix = math.nan
    marks: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Extent:
    """The numbers of an indicator in one group: how many, the least and the greatest."""

    code: str
    count: int
    minimum: float
    maximum: float


def score_with(
    function: Callable[..., CellArray], *names: str, **renamed: str
) -> Callable[[Indicator, Settings], ScoredColumn]:
    """Return a kernel that scores a column with a function of the library.

    Its options are the direction and the parameters named; see `kernel_of`.
    """

    def score(column: Indicator, settings: Settings) -> ScoredColumn:
        """Return the function's scores of an indicator with the parameters of a step."""
        options = settings.arguments(names, renamed) | {"direction": column.direction}
        return ScoredColumn(function(column.values, **options, states=column.states))

    return score


@dataclass(frozen=True, slots=True, kw_only=True)
class Normalisation(Method):
    """A method to normalise by.

    Attributes
    ----------
    kernel
        Scores one column.
    advice
        Takes the extent of the numbers, the scores and the parameters; yields what is probably a
        slip in the parameters.
    needs
        The key of the message on what to do where values that differ have no result.
    signed
        Whether scores lie on both sides of 0, so that they may cancel in a mean.
    standardises
        Whether scores are distances from a mean in standard deviations, those of the cities.
    scores_alone
        Whether no city's score depends on the values of others, whatever the parameters.
    native
        The same in cells.
    """

    step: ClassVar[str] = "normalise"

    kernel: Callable[[Indicator, Settings], ScoredColumn]
    advice: Callable[[Extent, Matrix, Settings], Iterator[Problem]] = no_remark
    needs: str = "needs.bounds"
    signed: bool = False
    standardises: bool = False
    scores_alone: bool = False
    native: NativeNormalisation

    @property
    def is_pooled(self) -> bool:
        """Whether a city may be measured by the cities of another group."""
        return POOL.name in self.names

    @property
    def constant(self) -> str:
        """What a constant column does to it: FAILS or SAME."""
        return FAILS if CONSTANT.name in self.names else SAME


def scale_shares(share: CellArray, base: float, scale: float) -> CellArray:
    """Return shares from 0 to 1 as scores from `base` (share 0) to `scale` (share 1)."""
    return CellArray(base + (scale - base) * share.values, share.errors)
