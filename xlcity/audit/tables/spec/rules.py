"""The records of a specification: what columns hold, and what printed numbers owe each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Annotated, Any, TypeVar, dataclass_transform

from xlcity.audit.tables.printed_numbers import SCORE
from xlcity.functions.cluster import LINKAGES
from xlcity.methods.aggregate.means import ARITHMETIC, GEOMETRIC
from xlcity.methods.aggregate.sum import SUM

#: Words of one column -> accepted words; a list of words means any of them.
Filter = Mapping[str, tuple[str, ...]]
#: Name -> number, read exactly ("5/17" and 0.3 alike).
Numbers = Mapping[str, Fraction]
Words = Mapping[str, str]
Names = tuple[str, ...]

#: What a key names, beside its kind: tables, columns of the rule's table, with numbers of which
#: sort in them, nodes, or (in a pattern) columns in braces. A tuple instead holds the words that
#: it may be.
COLUMN = "column"
DECIMAL = "decimal"
WHOLE = "whole"
NODE = "node"
PATTERN = "pattern"
TABLE = "table"
Table = Annotated[str, TABLE]
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


@dataclass_transform(frozen_default=True, kw_only_default=True)
def rule(section: str) -> Callable[[type[Rule]], type[Rule]]:
    """Declare the record of a section."""

    def declare(record: type[Rule]) -> type[Rule]:
        SECTIONS[section] = dataclass(frozen=True, slots=True, kw_only=True)(record)
        return SECTIONS[section]

    return declare


@dataclass(frozen=True, slots=True)
class Head:
    """`[audit]`: what holds for all tables.

    `units` is the number of units of the whole ranking, `cities` a CSV with their attributes.
    """

    title: str = ""
    unit: str = ""
    line: str = "report_line"
    units: int | None = None
    cities: str = ""


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """`[[table.read]]`: one column of numbers, and what it is about.

    `skip` lists texts of the column that are not numbers.
    """

    column: str
    node: str = ""
    node_column: str = ""
    quantity: str = SCORE
    edition: str = ""
    group: str = ""
    group_columns: Names = ()
    where: Filter = field(default_factory=dict)
    skip: Names = ()
    exact: bool = False


@dataclass(frozen=True, slots=True)
class TableSpec:
    """`[[table]]`: a CSV of printed numbers. `scores` and `ranks` are short for plain `read`s.

    `as_printed` is false where the rows do not stand as the report prints them: neighbours in the
    file then are none in print.
    """

    name: str
    unit: str = ""
    unit_columns: Names = ()
    line: str = ""
    as_printed: bool = True
    scores: Words = field(default_factory=dict)
    ranks: Words = field(default_factory=dict)
    read: tuple[Mapping[str, Any], ...] = ()


#: How a node may be made of others, in the words of recipes; rescaled ones are unknown multiples.
AGGREGATES = (ARITHMETIC.name, GEOMETRIC.name, SUM.name, "rescaled")


@rule("aggregate")
class AggregateRule:
    """`[[aggregate]]`: a node is made of others.

    The weights of a mean are relative, those of a sum are not. A `rescaled` node is a constant plus
    unknown multiples of others.
    """

    parent: Node
    children: NodeNumbers
    method: Annotated[str, AGGREGATES] = ARITHMETIC.name
    tables: Names = ()
    group: str = ""


@rule("formula")
class FormulaRule:
    """`[[formula]]`: a column is a formula of others in its row."""

    table: Table
    formula: Pattern


@rule("total")
class TotalRule:
    """`[[total]]`: a row of a table has the sums of all its other rows."""

    table: Table
    unit: str
    nodes: Nodes


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
    """`[[lattice]]`: scores that are means of so many ranks, or of other whole numbers."""

    nodes: NodeNumbers
    units: int | None = None
    top: Fraction = Fraction(100)


@rule("weights")
class WeightsRule:
    """`[[weights]]`: which weights the printed scores or ranks of a node follow."""

    parent: Node
    children: Nodes
    source: Annotated[str, ("scores", "ranks")] = "scores"
    stated: str = ""
    readings: Mapping[str, Numbers] = field(default_factory=dict)


@rule("dominance")
class DominanceRule:
    """`[[dominance]]`: a unit that is better than another in no part may not stand before it."""

    parent: Node
    children: Nodes
    quantity: str = SCORE


@rule("correlations")
class CorrelationsRule:
    """`[[correlations]]`: Pearson's r between printed columns, one row per pair."""

    table: Table
    row: Column
    column: Column
    r: NumberColumn
    p: NumberColumn = ""
    n: WholeColumn = ""
    flag: Column = ""


@rule("clusters")
class ClustersRule:
    """`[[clusters]]`: printed classes, and the printed scores they were made from."""

    table: Table
    column: Column
    nodes: Nodes
    stated: Annotated[str, ("", *LINKAGES)] = ""


@rule("words")
class WordsRule:
    """`[[words]]`: a column that holds names out of a list."""

    table: Table
    column: Column
    allowed: Names
    where: Where = field(default_factory=dict)


@rule("list")
class ListRule:
    """`[[list]]`: units that the text names in order, or as members of the first so many.

    `kind`: `places` (the k-th stands at place k), `members` (each among the first `first`),
    `joint` (tied at `place`), `tiers` (a row per tier, names in one cell), `rows` (a row per unit,
    the first of a group under one another). A list shorter than its tier names the first of it;
    `open` picks rows that no rule limits.
    """

    table: Table
    kind: Annotated[str, ("places", "members", "joint", "tiers", "rows")]
    node: str = ""
    node_column: Column = ""
    position: WholeColumn = ""
    first: int | None = None
    place: int | None = None
    names: Column = ""
    size: WholeColumn = ""
    group_columns: Columns = ()
    rules: Table = ""
    open: Where = field(default_factory=dict)
    where: Where = field(default_factory=dict)


@rule("count")
class CountRule:
    """`[[count]]`: how many units of a group are among the first, or above the mean.

    The group: `members` names attributes and words; `member_columns` are columns of the table that
    are called like attributes and hold words (or "a|b"); `group_columns` hold attribute and word.
    With `nodes` the nodes are counted in which the unit in `unit_column` is among the first.
    """

    table: Table
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


@rule("reproduce")
class ReproduceRule:
    """`[[reproduce]]`: a comparison that `xlcity reproduce` lists, in the order of the sections.

    `own` names a function of the report's module `reproduce`: with `compare = "own"` it returns
    comparisons, with `count` and `list` the cells of a row that no such section is about. The index
    is computed from `given` printed scores or the file `data`, with an `option` of the recipe;
    `half` is how far the digits of its scores may be off.
    """

    compare: Annotated[
        str,
        (
            "own",
            "scores",
            "index_ranks",
            "same",
            "repeats",
            "sequence",
            "order",
            "attribute",
            "possible",
            "count",
            "list",
            "words",
            "correlations",
            "classes",
            "members",
            "in_order",
            "size",
        ),
    ] = "own"
    own: str = ""
    table: Table = ""
    what: str = ""
    how: str = ""
    columns: Columns = ()
    where: Where = field(default_factory=dict)
    tables: Names = ()
    check: Annotated[
        str, ("", "lattice", "formula", "order", "dominance", "aggregate")
    ] = ""
    given: Nodes = ()
    data: str = ""
    option: str = ""
    half: Fraction = Fraction(0)
    tolerance: Fraction | None = None
    linkage: Annotated[str, ("", *LINKAGES)] = ""
    at: Pattern = "report line {report_line}"
