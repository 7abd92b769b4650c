"""The rules of a spec: what printed numbers owe each other, section by section."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Annotated, TypeVar, dataclass_transform

from xlcity.audit.tables.spec.cells import SCORE
from xlcity.audit.tables.spec.schema import Filter, Names, Numbers, Words
from xlcity.functions.cluster import LINKAGES

#: What a key names, beside its kind: columns of the rule's table, with numbers of which sort in
#: them, nodes, or (in a pattern) columns in braces. A tuple instead holds the words that it may be.
COLUMN, DECIMAL, WHOLE, NODE, PATTERN = "column", "decimal", "whole", "node", "pattern"
Column = Annotated[str, COLUMN]
Columns = Annotated[Names, COLUMN]
Where = Annotated[Filter, COLUMN]
NumberColumn = Annotated[str, COLUMN, DECIMAL]
WholeColumn = Annotated[str, COLUMN, WHOLE]
Pattern = Annotated[str, PATTERN]
Node = Annotated[str, NODE]
Nodes = Annotated[Names, NODE]
NodeNumbers = Annotated[Numbers, NODE]

#: Section -> its record, in the order of reading and of checks.
SECTIONS: dict[str, type] = {}
Rule = TypeVar("Rule")


@dataclass_transform(frozen_default=True)
def rule(section: str) -> Callable[[type[Rule]], type[Rule]]:
    """Declare the record of a section."""

    def declare(record: type[Rule]) -> type[Rule]:
        SECTIONS[section] = dataclass(frozen=True, slots=True)(record)
        return SECTIONS[section]

    return declare


@rule("aggregate")
class AggregateRule:
    """`[[aggregate]]`: a node is the weighted mean of others; without a parent, the framework."""

    parent: Node = ""
    children: NodeNumbers = field(default_factory=dict)
    method: Annotated[str, ("arithmetic", "geometric")] = "arithmetic"


@rule("affine")
class AffineRule:
    """`[[affine]]`: a node is a constant plus unknown multiples of others (rescaled scores).

    A part that counts against the node has a negative number.
    """

    parent: Node
    children: NodeNumbers
    tables: Names = ()
    group: str = ""


@rule("ranking")
class RankingRule:
    """`[[ranking]]`: ranks of nodes, and the scores they go by.

    `complete` says that every unit of the ranking is printed; `units` how many there are, where
    that is not so. `every_group` takes rankings that start anew in each group.
    """

    nodes: Nodes
    ties: Annotated[str, ("infer", "distinct", "shared", "dense", "any")] = "infer"
    units: int | None = None
    complete: bool = False
    descending: bool = True
    group: str = ""
    every_group: bool = False
    edition: str = ""
    tables: Names = ()


@rule("lattice")
class LatticeRule:
    """`[[lattice]]`: scores that are means of so many ranks, or of other whole numbers.

    With `infer` the number of ranks is looked for and told, and nothing is held against it.
    """

    nodes: NodeNumbers
    units: int | None = None
    top: Fraction = Fraction(100)
    infer: bool = False


@rule("weights")
class WeightsRule:
    """`[[weights]]`: which weights the printed scores or ranks of a node follow."""

    parent: Node
    children: Nodes
    source: Annotated[str, ("scores", "ranks")] = "scores"
    stated: str = ""
    readings: Mapping[str, Numbers] = field(default_factory=dict)


@rule("endpoints")
class EndpointsRule:
    """`[[endpoints]]`: columns of a scale that ends at these scores.

    A column of at least `units` cities must print the best score, and with `reached` the worst.
    """

    nodes: Nodes
    top: Fraction | None = None
    bottom: Fraction | None = None
    units: int | None = None
    reached: bool = False
    tables: Names = ()


@rule("dominance")
class DominanceRule:
    """`[[dominance]]`: a unit behind another in every part may not stand before it in the whole."""

    parent: Node
    children: Nodes
    quantity: str = SCORE


@rule("feasible")
class FeasibleRule:
    """`[[feasible]]`: ranks of parts and whole, with weights, and no scores at all."""

    parent: Node
    children: NodeNumbers


@rule("growth")
class GrowthRule:
    """`[[growth]]`: per cent between two printed numbers of a row."""

    table: str
    base: Column
    current: Column
    growth: Column
    where: Where = field(default_factory=dict)


@rule("change")
class ChangeRule:
    """`[[change]]`: old less new; `balanced` where all units moved among themselves."""

    table: str
    old: Column
    new: Column
    change: NumberColumn
    where: Where = field(default_factory=dict)
    balanced: bool = False


@rule("share")
class ShareRule:
    """`[[share]]`: counts and their per cent of one total, given or inferred."""

    table: str
    count: NumberColumn
    share: NumberColumn
    total: int | None = None


@rule("total")
class TotalRule:
    """`[[total]]`: a column is the sum of others."""

    table: str
    parts: Columns
    total: Column


@rule("correlations")
class CorrelationsRule:
    """`[[correlations]]`: Pearson's r between printed columns, one row per pair."""

    table: str
    row: Column
    column: Column
    r: NumberColumn
    p: NumberColumn = ""
    n: WholeColumn = ""
    flag: Column = ""


@rule("r_square")
class RSquareRule:
    """`[[r_square]]`: a coefficient with one predictor, and its square."""

    table: str
    coefficient: NumberColumn
    r_square: NumberColumn
    node: Column = ""


@rule("mixture")
class MixtureRule:
    """`[[mixture]]`: a coefficient of a whole follows from those of its parts and their scores."""

    table: str
    coefficient: NumberColumn
    node: Column
    parent: str
    children: Nodes
    readings: Mapping[str, Numbers] = field(default_factory=dict)


@rule("moments")
class MomentsRule:
    """`[[moments]]`: mean and sd (n - 1) of whole numbers, such as answers on a scale."""

    table: str
    mean: NumberColumn
    sd: NumberColumn = ""
    n: WholeColumn = ""
    count: int | None = None


@rule("clusters")
class ClustersRule:
    """`[[clusters]]`: printed classes, and the printed scores they were made from."""

    table: str
    column: Column
    nodes: Nodes
    stated: Annotated[str, ("", *LINKAGES)] = ""


@rule("subtable")
class SubtableRule:
    """`[[subtable]]`: the first of a group, in the order of the main ranking."""

    table: str
    rank: WholeColumn
    group_columns: Columns
    node: str = ""
    node_column: Column = ""


@rule("words")
class WordsRule:
    """`[[words]]`: a column that holds names out of a list."""

    table: str
    column: Column
    allowed: Names
    where: Where = field(default_factory=dict)


@rule("list")
class ListRule:
    """`[[list]]`: units that the text names in order, or as members of the first so many.

    `kind`: `places` (the k-th stands at place k), `members` (each among the first `first`),
    `joint` (tied at `place`), `tiers` (a row per tier, names in one cell). With `leading` a list
    shorter than its tier names the first of it; `open` picks rows that no rule limits.
    """

    table: str
    kind: Annotated[str, ("places", "members", "joint", "tiers")]
    node: str = ""
    node_column: Column = ""
    position: WholeColumn = ""
    first: int | None = None
    place: int | None = None
    names: Column = ""
    size: WholeColumn = ""
    group_columns: Columns = ()
    rules: str = ""
    open: Where = field(default_factory=dict)
    leading: bool = False
    where: Where = field(default_factory=dict)


@rule("count")
class CountRule:
    """`[[count]]`: how many units of a group are among the first, or above the mean.

    The group: `members` names attributes and words; `member_columns` are columns of the table that
    are called like attributes and hold words (or "a|b"); `group_columns` hold attribute and word.
    With `nodes` the nodes are counted in which the unit in `unit_column` is among the first.
    """

    table: str
    value: WholeColumn
    where: Where = field(default_factory=dict)
    node: str = ""
    node_column: Column = ""
    nodes: Nodes = ()
    unit_column: Column = ""
    first: int | None = None
    first_column: WholeColumn = ""
    above_mean: bool = False
    at_least: bool = False
    members: Words = field(default_factory=dict)
    member_columns: Columns = ()
    group_columns: Columns = ()


@rule("greater")
class GreaterRule:
    """`[[greater]]`: the mean of one group is greater than that of another."""

    table: str
    node_column: Column
    attribute_column: Column
    first: Column
    second: Column
    also: Columns = ()
    where: Where = field(default_factory=dict)


@rule("reproduce")
class ReproduceRule:
    """`[[reproduce]]`: a comparison that `xlcity reproduce` lists, in the order of the sections.

    `own` names a function of the report's module `reproduce`: with `compare = "own"` it returns
    comparisons, with `count` the cells of a row that no `[[count]]` is about.
    """

    compare: Annotated[
        str,
        ("own", "scores", "same", "beyond", "before", "sequence", "order", "once", "attribute",
         "count", "greater", "classes", "words", "members", "in_order", "ranks", "size", "lattice",
         "share"),
    ] = "own"  # fmt: skip
    own: str = ""
    table: str = ""
    what: str = ""
    how: str = ""
    columns: Columns = ()
    tables: Names = ()
    given: Nodes = ()
    tolerance: Fraction | None = None
    linkage: Annotated[str, ("", *LINKAGES)] = ""
    unit: Pattern = ""
    at: Pattern = "report line {report_line}"
