"""What columns mean, as records: typed values, indicators, nodes of a tree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from xlcity.methods.aggregate.means import ARITHMETIC
from xlcity.methods.normalise.fracsum import FRACSUM
from xlcity.methods.normalise.goalposts import GOALPOSTS
from xlcity.methods.normalise.minmax import MINMAX
from xlcity.methods.normalise.none import NONE
from xlcity.methods.normalise.ranks import PERCENTILE
from xlcity.methods.normalise.zscore import ZSCORE
from xlcity.methods.rescale.linear import LINEAR
from xlcity.proof.cities import CitySeries
from xlcity.proof.cores import MethodFit, Parameter
from xlcity.proof.numbers import SAME, plain

#: How ties rank that are counted from the other end.
_TURNED_TIES = {"min": "max", "max": "min", "average": "average"}
#: Methods whose scores can be turned -> the parameters that a score and its twin add up to.
_TURNED: Mapping[str, tuple[str, ...]] = {
    MINMAX.name: ("base", "scale"),
    GOALPOSTS.name: ("base", "scale"),
    PERCENTILE.name: ("base", "scale"),
    ZSCORE.name: ("mean", "mean"),
    NONE.name: (),
    FRACSUM.name: (),
}


@dataclass(frozen=True)
class Meaning:
    """What a column is; `series` is where it stands."""

    series: CitySeries

    @property
    def bases(self) -> frozenset[CitySeries]:
        """Return the columns of data that it rests on."""
        return frozenset((self.series,))


@dataclass(frozen=True)
class Values(Meaning):
    """Values that people typed."""


@dataclass(frozen=True)
class Made(Meaning):
    """Values made of others: `constant + times * (numerator / denominator) ** (1 / years)`."""

    numerator: CitySeries
    denominator: CitySeries
    times: float
    constant: float = 0.0
    years: int = 1


@dataclass(frozen=True)
class Given(Meaning):
    """Values that no recipe can make: they stay as the workbook has them."""

    reason: str


@dataclass(frozen=True)
class Scored(Meaning):
    """An indicator: values in `base`, normalised."""

    base: CitySeries
    fit: MethodFit
    #: Whether a city without a value has no score.
    has_gaps: bool = False

    @property
    def bases(self) -> frozenset[CitySeries]:
        """Return the column of its values."""
        return frozenset((self.base,))


@dataclass(frozen=True)
class Child:
    """A part of a node and its weight."""

    meaning: Meaning
    weight: float


@dataclass(frozen=True)
class Rescale:
    """What is done to the mean of a node."""

    method: str
    params: Mapping[str, float]

    def then(self, factor: float, shift: float) -> Rescale:
        """Return the same, multiplied and shifted."""
        moved = {"base", "scale", "mean", "shift"}
        scaled = {"sd", "factor"}
        params = {}
        for name, value in self.params.items():
            if name in moved:
                params[name] = plain(value * factor + shift, factor)
            elif name in scaled:
                params[name] = plain(value * factor)
            else:
                params[name] = value
        return Rescale(self.method, params)


@dataclass(frozen=True)
class TreeNode(Meaning):
    """A node of the tree: its parts, how they are put together, and what is done to the result."""

    children: tuple[Child, ...]
    method: str = ARITHMETIC.name
    params: Mapping[str, Parameter] = field(default_factory=dict)
    missing: str = "na"
    rescale: Rescale | None = None

    @property
    def bases(self) -> frozenset[CitySeries]:
        """Return the columns of data that its parts rest on."""
        return frozenset().union(*(child.meaning.bases for child in self.children))


class NotTurnedError(Exception):
    """A part of a node counts negatively, and cannot be turned."""


def as_score(meaning: Meaning) -> Meaning:
    """Return values as an indicator whose scores they are."""
    if isinstance(meaning, (Values, Made)):
        return Scored(meaning.series, meaning.series, MethodFit(NONE.name))
    return meaning


def weighted_node(
    series: CitySeries, children: list[Child], constant: float, missing: str = "na"
) -> TreeNode:
    """Return the node that is a constant plus parts times weights.

    Raises
    ------
    NotTurnedError
        If a part counts negatively that cannot be turned.
    """
    parts = [Child(as_score(child.meaning), child.weight) for child in children]
    turned = []
    for part in parts:
        meaning = part.meaning
        weight = part.weight
        if isinstance(meaning, Scored):
            constant += weight * meaning.fit.shift
            weight *= meaning.fit.scale
            fit = replace(meaning.fit, scale=1.0, shift=0.0)
            meaning = replace(meaning, fit=fit)
        if weight < 0:
            flipped, moved = _turned(meaning)
            constant += weight * moved
            meaning = flipped
            weight = -weight
        turned.append(Child(meaning, weight))
    turned = _scales_as_weights(turned)
    total = sum(child.weight for child in turned)
    size = max(child.weight for child in turned)
    rescale = None
    factor = plain(total)
    shift = plain(constant, max(size, abs(constant)))
    if abs(factor - 1) > SAME or shift:
        rescale = Rescale(LINEAR.name, {"factor": factor, "shift": shift})
    return TreeNode(
        series, _plain_weights(turned, size), missing=missing, rescale=rescale
    )


def _plain_weights(children: list[Child], size: float) -> tuple[Child, ...]:
    """Return children with weights of few digits; equal ones are 1."""
    is_equal = all(abs(child.weight - size) <= SAME * size for child in children)
    if is_equal:
        return tuple(replace(child, weight=1.0) for child in children)
    return tuple(replace(child, weight=plain(child.weight)) for child in children)


def _turned(meaning: Meaning) -> tuple[Meaning, float]:
    """Return a part that counts the other way round, and what both scores add up to.

    Raises
    ------
    NotTurnedError
        If it has no such twin.
    """
    if not isinstance(meaning, Scored):
        raise NotTurnedError
    fit = meaning.fit
    if fit.method not in _TURNED:
        raise NotTurnedError
    params = {**fit.params}
    if "ties" in params:
        params["ties"] = _TURNED_TIES[f"{params['ties']}"]
    both = 0.0
    for name in _TURNED[fit.method]:
        both += float(params[name])  # type: ignore[arg-type]
    turned = replace(fit, direction=-fit.direction, params=params)
    return replace(meaning, fit=turned), both


def _scales_as_weights(children: list[Child]) -> list[Child]:
    """Return children with one scale, where theirs differ: the scales are weights then."""
    scales = []
    for child in children:
        meaning = child.meaning
        is_from_zero = (
            isinstance(meaning, Scored)
            and meaning.fit.method in (MINMAX.name, GOALPOSTS.name)
            and meaning.fit.params["base"] == 0
        )
        if not is_from_zero:
            return children
        assert isinstance(meaning, Scored)
        scales.append(float(meaning.fit.params["scale"]))  # type: ignore[arg-type]
    if len({*scales}) == 1 or min(scales) <= 0:
        return children
    made = []
    for child, scale in zip(children, scales, strict=True):
        meaning = child.meaning
        assert isinstance(meaning, Scored)
        params = {**meaning.fit.params, "scale": 1.0}
        fit = replace(meaning.fit, params=params)
        made.append(Child(replace(meaning, fit=fit), child.weight * scale))
    return made
