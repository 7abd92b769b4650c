"""The rules of a spec: what printed numbers owe each other, section by section."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from xlcity.audit.tables.spec.cells import RANK, SCORE
from xlcity.audit.tables.spec.schema import Filter, Names, Numbers, Words
from xlcity.functions.cluster import LINKAGES


@dataclass(frozen=True, slots=True)
class AggregateRule:
    """`[[aggregate]]`: a node is the weighted mean of others; without a parent, the framework."""

    parent: str = ""
    children: Numbers = field(default_factory=dict)
    method: str = "arithmetic"
    group: str = ""
    edition: str = ""


@dataclass(frozen=True, slots=True)
class AffineRule:
    """`[[affine]]`: a node is a constant plus unknown multiples of others (rescaled scores).

    A part that counts against the node has a negative number.
    """

    parent: str
    children: Numbers
    tables: Names = ()
    group: str = ""


@dataclass(frozen=True, slots=True)
class RankingRule:
    """`[[ranking]]`: ranks of nodes, and the scores they go by.

    `complete` says that every unit of the ranking is printed; `units` how many there are, where
    that is not so. `every_group` takes rankings that start anew in each group.
    """

    nodes: Names
    ties: str = "infer"
    units: int | None = None
    complete: bool = False
    descending: bool = True
    score: str = SCORE
    rank: str = RANK
    group: str = ""
    every_group: bool = False
    edition: str = ""
    tables: Names = ()


@dataclass(frozen=True, slots=True)
class LatticeRule:
    """`[[lattice]]`: scores that are means of so many ranks, or multiples of a step.

    With `infer` the number of ranks is looked for and told, and nothing is held against it.
    """

    nodes: Numbers
    units: int | None = None
    top: Fraction | None = Fraction(100)
    step: Fraction | None = None
    quantity: str = SCORE
    infer: bool = False


@dataclass(frozen=True, slots=True)
class WeightsRule:
    """`[[weights]]`: which weights the printed scores or ranks of a node follow."""

    parent: str
    children: Names
    source: str = "scores"
    stated: str = ""
    readings: Mapping[str, Numbers] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EndpointsRule:
    """`[[endpoints]]`: columns of a scale that ends at these scores.

    A column of at least `units` cities must print the best score, and with `reached` the worst.
    """

    nodes: Names
    top: Fraction | None = None
    bottom: Fraction | None = None
    units: int | None = None
    reached: bool = False
    tables: Names = ()


@dataclass(frozen=True, slots=True)
class DominanceRule:
    """`[[dominance]]`: a unit behind another in every part may not stand before it in the whole."""

    parent: str
    children: Names
    quantity: str = SCORE


@dataclass(frozen=True, slots=True)
class FeasibleRule:
    """`[[feasible]]`: ranks of parts and whole, with weights, and no scores at all."""

    parent: str
    children: Numbers


@dataclass(frozen=True, slots=True)
class GrowthRule:
    """`[[growth]]`: per cent between two printed numbers of a row."""

    table: str
    base: str
    current: str
    growth: str
    where: Filter = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ChangeRule:
    """`[[change]]`: old less new; `balanced` where all units moved among themselves."""

    table: str
    old: str
    new: str
    change: str
    where: Filter = field(default_factory=dict)
    balanced: bool = False


@dataclass(frozen=True, slots=True)
class ShareRule:
    """`[[share]]`: counts and their per cent of one total, given or inferred."""

    table: str
    count: str
    share: str
    total: int | None = None


@dataclass(frozen=True, slots=True)
class TotalRule:
    """`[[total]]`: a column is the sum of others."""

    table: str
    parts: Names
    total: str


@dataclass(frozen=True, slots=True)
class CorrelationsRule:
    """`[[correlations]]`: Pearson's r between printed columns, one row per pair."""

    table: str
    row: str
    column: str
    r: str
    p: str = ""
    n: str = ""
    flag: str = ""


@dataclass(frozen=True, slots=True)
class RSquareRule:
    """`[[r_square]]`: a coefficient with one predictor, and its square."""

    table: str
    coefficient: str
    r_square: str
    node: str = ""


@dataclass(frozen=True, slots=True)
class ClustersRule:
    """`[[clusters]]`: printed classes, and the printed scores they were made from."""

    table: str
    column: str
    nodes: Names
    stated: str = ""


@dataclass(frozen=True, slots=True)
class MixtureRule:
    """`[[mixture]]`: a coefficient of a whole follows from those of its parts and their scores."""

    table: str
    coefficient: str
    node: str
    parent: str
    children: Names
    readings: Mapping[str, Numbers] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MomentsRule:
    """`[[moments]]`: mean and sd (n - 1) of whole numbers, such as answers on a scale."""

    table: str
    mean: str
    sd: str = ""
    n: str = ""
    count: int | None = None
    items: int | None = 1


@dataclass(frozen=True, slots=True)
class SubtableRule:
    """`[[subtable]]`: the first of a group, in the order of the main ranking."""

    table: str
    rank: str
    group_columns: Names
    node: str = ""
    node_column: str = ""


@dataclass(frozen=True, slots=True)
class GreaterRule:
    """`[[greater]]`: the mean of one group is greater than that of another."""

    table: str
    node_column: str
    attribute_column: str
    first: str
    second: str
    also: Names = ()
    where: Filter = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WordsRule:
    """`[[words]]`: a column that holds names out of a list."""

    table: str
    column: str
    allowed: Names
    where: Filter = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ListRule:
    """`[[list]]`: units that the text names in order, or as members of the first so many.

    `kind`: `places` (the k-th stands at place k), `members` (each among the first `first`),
    `joint` (tied at `place`), `tiers` (a row per tier, names in one cell). With `leading` a list
    shorter than its tier names the first of it; `open` picks rows that no rule limits.
    """

    table: str
    kind: str
    node: str = ""
    node_column: str = ""
    position: str = ""
    first: int | None = None
    place: int | None = None
    names: str = ""
    separator: str = "|"
    size: str = ""
    group_columns: Names = ()
    rules: str = ""
    open: Filter = field(default_factory=dict)
    leading: bool = False
    where: Filter = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CountRule:
    """`[[count]]`: how many units of a group are among the first, or above the mean.

    The group: `members` names attributes and words; `member_columns` are columns of the table that
    are called like attributes and hold words (or "a|b"); `group_columns` hold attribute and word.
    With `nodes` the nodes are counted in which the unit in `unit_column` is among the first.
    """

    table: str
    value: str
    where: Filter = field(default_factory=dict)
    node: str = ""
    node_column: str = ""
    nodes: Names = ()
    unit_column: str = ""
    first: int | None = None
    first_column: str = ""
    above_mean: bool = False
    at_least: bool = False
    members: Words = field(default_factory=dict)
    member_columns: Names = ()
    group_columns: Names = ()


#: Section -> its record. `order` of reading and of checks.
SECTIONS: Mapping[str, type] = {
    "aggregate": AggregateRule,
    "affine": AffineRule,
    "ranking": RankingRule,
    "lattice": LatticeRule,
    "weights": WeightsRule,
    "endpoints": EndpointsRule,
    "dominance": DominanceRule,
    "feasible": FeasibleRule,
    "growth": GrowthRule,
    "change": ChangeRule,
    "share": ShareRule,
    "total": TotalRule,
    "correlations": CorrelationsRule,
    "r_square": RSquareRule,
    "mixture": MixtureRule,
    "moments": MomentsRule,
    "clusters": ClustersRule,
    "subtable": SubtableRule,
    "words": WordsRule,
    "list": ListRule,
    "count": CountRule,
    "greater": GreaterRule,
}
#: (Section, key) -> the words it may hold.
CHOICES: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("aggregate", "method"): ("arithmetic", "geometric"),
    ("ranking", "ties"): ("infer", "distinct", "shared", "dense", "any"),
    ("weights", "source"): ("scores", "ranks"),
    ("clusters", "stated"): ("", *LINKAGES),
    ("list", "kind"): ("places", "members", "joint", "tiers"),
}
