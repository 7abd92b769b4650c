"""The spec of an audit: what the columns of printed tables hold, and what they owe each other."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from xlcity.audit.tables.cells import RANK, SCORE, Rounding
from xlcity.audit.tables.schema import Filter, Names, Numbers, Words, take
from xlcity.errors import DataError, Problem, Where
from xlcity.functions.cluster import LINKAGES


@dataclass(frozen=True, slots=True)
class Head:
    """`[audit]`: what holds for all tables.

    `units` is the number of units of the whole ranking, `cities` a CSV with their attributes,
    `framework` one with code, parent and weight.
    """

    title: str = ""
    unit: str = ""
    line: str = "report_line"
    units: int | None = None
    cities: str = ""
    framework: str = ""
    rounding: str = Rounding.NEAREST.value


@dataclass(frozen=True, slots=True)
class Read:
    """`[[table.read]]`: one column of numbers, and what it is about.

    `skip` lists texts of the column that are no numbers.
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
    rounding: str = ""
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """`[[table]]`: a CSV of printed numbers. `scores` and `ranks` are short for plain `read`s.

    `as_printed` is false where the rows do not stand as the report prints them: neighbours in the
    file then are none in print.
    """

    name: str
    unit: str = ""
    unit_columns: Names = ()
    line: str = ""
    as_printed: bool = True
    where: Filter = field(default_factory=dict)
    scores: Words = field(default_factory=dict)
    ranks: Words = field(default_factory=dict)
    read: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Aggregate:
    """`[[aggregate]]`: a node is the weighted mean of others; without a parent, the framework."""

    parent: str = ""
    children: Numbers = field(default_factory=dict)
    method: str = "arithmetic"
    group: str = ""
    edition: str = ""


@dataclass(frozen=True, slots=True)
class Affine:
    """`[[affine]]`: a node is a constant plus unknown multiples of others (rescaled scores).

    A part that counts against the node has a negative number.
    """

    parent: str
    children: Numbers
    tables: Names = ()
    group: str = ""


@dataclass(frozen=True, slots=True)
class Ranking:
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
class Weights:
    """`[[weights]]`: which weights the printed scores or ranks of a node follow."""

    parent: str
    children: Names
    source: str = "scores"
    stated: str = ""
    readings: Mapping[str, Numbers] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Endpoints:
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
class Dominance:
    """`[[dominance]]`: a unit behind another in every part may not stand before it in the whole."""

    parent: str
    children: Names
    quantity: str = SCORE


@dataclass(frozen=True, slots=True)
class Feasible:
    """`[[feasible]]`: ranks of parts and whole, with weights, and no scores at all."""

    parent: str
    children: Numbers


@dataclass(frozen=True, slots=True)
class Growth:
    """`[[growth]]`: per cent between two printed numbers of a row."""

    table: str
    base: str
    current: str
    growth: str
    where: Filter = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """`[[change]]`: old less new; `balanced` where all units moved among themselves."""

    table: str
    old: str
    new: str
    change: str
    where: Filter = field(default_factory=dict)
    balanced: bool = False


@dataclass(frozen=True, slots=True)
class Share:
    """`[[share]]`: counts and their per cent of one total, given or inferred."""

    table: str
    count: str
    share: str
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Total:
    """`[[total]]`: a column is the sum of others."""

    table: str
    parts: Names
    total: str


@dataclass(frozen=True, slots=True)
class Correlations:
    """`[[correlations]]`: Pearson's r between printed columns, one row per pair."""

    table: str
    row: str
    column: str
    r: str
    p: str = ""
    n: str = ""
    flag: str = ""


@dataclass(frozen=True, slots=True)
class RSquare:
    """`[[r_square]]`: a coefficient with one predictor, and its square."""

    table: str
    coefficient: str
    r_square: str
    node: str = ""


@dataclass(frozen=True, slots=True)
class Clusters:
    """`[[clusters]]`: printed classes, and the printed scores they were made from."""

    table: str
    column: str
    nodes: Names
    stated: str = ""


@dataclass(frozen=True, slots=True)
class Mixture:
    """`[[mixture]]`: a coefficient of a whole follows from those of its parts and their scores."""

    table: str
    coefficient: str
    node: str
    parent: str
    children: Names
    readings: Mapping[str, Numbers] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Moments:
    """`[[moments]]`: mean and sd (n - 1) of whole numbers, such as answers on a scale."""

    table: str
    mean: str
    sd: str = ""
    n: str = ""
    count: int | None = None
    items: int | None = 1


@dataclass(frozen=True, slots=True)
class Subtable:
    """`[[subtable]]`: the first of a group, in the order of the main ranking."""

    table: str
    rank: str
    group_columns: Names
    node: str = ""
    node_column: str = ""


@dataclass(frozen=True, slots=True)
class Greater:
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
class Lists:
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
class Count:
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
    "aggregate": Aggregate,
    "affine": Affine,
    "ranking": Ranking,
    "lattice": LatticeRule,
    "weights": Weights,
    "endpoints": Endpoints,
    "dominance": Dominance,
    "feasible": Feasible,
    "growth": Growth,
    "change": Change,
    "share": Share,
    "total": Total,
    "correlations": Correlations,
    "r_square": RSquare,
    "mixture": Mixture,
    "moments": Moments,
    "clusters": Clusters,
    "subtable": Subtable,
    "words": WordsRule,
    "list": Lists,
    "count": Count,
    "greater": Greater,
}
#: (Section, key) -> the words it may hold.
CHOICES: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("aggregate", "method"): ("arithmetic", "geometric"),
    ("ranking", "ties"): ("infer", "distinct", "shared", "dense", "any"),
    ("weights", "source"): ("scores", "ranks"),
    ("clusters", "stated"): ("", *LINKAGES),
    ("list", "kind"): ("places", "members", "joint", "tiers"),
}


@dataclass(frozen=True, slots=True)
class Spec:
    """A whole spec; `folder` is where its paths start from."""

    file: str
    folder: Path
    head: Head
    tables: tuple[Table, ...]
    rules: Mapping[str, tuple[Any, ...]]


def read_spec(path: Path) -> Spec:
    """Read a spec.

    Raises
    ------
    DataError
        With everything that is wrong with it.
    """
    file = str(path)
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise DataError(
            Problem("XC340", f"the spec cannot be read: {error.strerror}.", "", Where(file=file))
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DataError(
            Problem("XC340", f"the spec is no TOML: {error}.", "See the reference.", Where(file))
        ) from error
    return spec_of(document, file, path.parent)


def spec_of(document: Mapping[str, Any], file: str, folder: Path) -> Spec:
    """Return a spec from its TOML document.

    Raises
    ------
    DataError
        With everything that is wrong with it.
    """
    problems: list[Problem] = []
    known = {"audit", "table", *SECTIONS}
    for name in document:
        if name not in known:
            hint = f"Known: {', '.join(sorted(known))}."
            problems.append(Problem("XC341", f"unknown section {name!r}.", hint, Where(file=file)))
    head = take(Head, "[audit]", document.get("audit", {}), file, problems)
    tables = [
        take(Table, f"[[table]] {at}", given, file, problems)
        for at, given in enumerate(_listed(document, "table", file, problems), start=1)
    ]
    if not tables:
        problems.append(Problem("XC341", "there is no [[table]].", "Add one.", Where(file=file)))
    rules: dict[str, tuple[Any, ...]] = {}
    for name, kind in SECTIONS.items():
        found: list[Any] = []
        for at, given in enumerate(_listed(document, name, file, problems), start=1):
            record = take(kind, f"[[{name}]] {at}", given, file, problems)
            if record is not None:
                _choose(name, at, record, file, problems)
                found.append(record)
        rules[name] = tuple(found)
    if head is not None:
        try:
            Rounding(head.rounding)
        except ValueError:
            words = ", ".join(word.value for word in Rounding)
            message = f"rounding is {head.rounding!r}: give one of {words}."
            problems.append(Problem("XC341", message, "", Where(file=file, cell="[audit]")))
    if problems:
        raise DataError(problems)
    assert head is not None
    return Spec(file, folder, head, tuple(t for t in tables if t is not None), rules)


def _listed(
    document: Mapping[str, Any], name: str, file: str, problems: list[Problem]
) -> list[Mapping[str, Any]]:
    given = document.get(name, [])
    if not isinstance(given, list) or not all(isinstance(item, Mapping) for item in given):
        message = f"{name!r} is no list of sections."
        problems.append(Problem("XC341", message, f"Write [[{name}]].", Where(file=file)))
        return []
    return given


def _choose(name: str, at: int, record: Any, file: str, problems: list[Problem]) -> None:
    for (section, key), words in CHOICES.items():
        if section == name and getattr(record, key) not in words:
            message = f"{key} is {getattr(record, key)!r}: give one of {', '.join(words)}."
            problems.append(
                Problem("XC341", message, "", Where(file=file, cell=f"[[{name}]] {at}"))
            )
