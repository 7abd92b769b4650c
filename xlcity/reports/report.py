"""What a report is made of once it is loaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from xlcity.model.dataset import Dataset
from xlcity.model.framework import Framework
from xlcity.model.recipe import Recipe

Record = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PublishedTable:
    """A printed table, its cells as printed (the decimals matter).

    Parameters
    ----------
    name
        Stem of the CSV file.
    label
        What the report calls it ("2" for table 2; "text" for statements in prose).
    nodes
        Column -> code of the node whose scores the column holds.
    ranks
        Column -> code of the node whose ranks the column holds, where it is named rank_….
    rows
        Column -> text, in printed order.
    """

    name: str
    label: str
    title_zh: str
    title_en: str
    columns: tuple[str, ...]
    nodes: Mapping[str, str]
    rows: tuple[Record, ...]
    ranks: Mapping[str, str] = field(default_factory=dict)

    def values(self, column: str, key: str = "city_id") -> dict[str, float]:
        """Return the numbers of a column by unit; cells that print none are left out."""
        return {row[key]: float(row[column]) for row in self.rows if row[column]}

    def column_of(self, code: str) -> str | None:
        """Return the column that holds a node's scores."""
        return next(
            (column for column, node in self.nodes.items() if node == code), None
        )


@dataclass(frozen=True, slots=True)
class PublishedScores:
    """What a report printed of one node: its table and a text per unit, as printed.

    Parameters
    ----------
    is_given
        The scores are the inputs themselves, or those of its only indicator.
    by_construction
        The data were derived from its table, so that agreement is no evidence.
    """

    node: str
    table: str
    scores: Mapping[str, str]
    ranks: Mapping[str, int] = field(default_factory=dict)
    is_given: bool = False
    by_construction: bool = False

    @property
    def decimals(self) -> int:
        """How many decimals its scores are printed with, at most."""
        fractions = (text.partition(".")[2] for text in self.scores.values())
        return max(map(len, fractions), default=0)

    @property
    def compares_ranks(self) -> bool:
        """Whether its ranks are compared, as there are no scores that say something."""
        return not self.scores or self.is_given


@dataclass(frozen=True, slots=True)
class Group:
    """One group of units: the value its attribute has, its names, and those of its cities."""

    value: str
    name_zh: str
    name_en: str
    #: What its cities are called in running text: "northern cities".
    cities_zh: str = ""
    cities_en: str = ""
    #: The Chinese measure word of its cities, and what one of them is called in English.
    measure_zh: str = ""
    city_en: str = ""


@dataclass(frozen=True, slots=True)
class GroupType:
    """An attribute that sorts the units into groups (size class, region, type)."""

    attribute: str
    name_zh: str
    name_en: str
    groups: tuple[Group, ...]
    #: How cities are sorted, where the names do not say it.
    note_zh: str = ""
    note_en: str = ""
    #: Whether reports write about it; no for attributes that only sort data.
    is_reported: bool = True


@dataclass(frozen=True, slots=True)
class GroupTable:
    """One block of `Groups`: the first `depth` units of a group by a node, re-ranked."""

    label: str
    node: str
    group_type: str
    group: str
    depth: int


@dataclass(frozen=True, slots=True)
class TierRule:
    """A tier of a group: the ranks from `rank_from` to `rank_to` inside it, and its name."""

    group_type: str
    group: str
    tier: int
    rank_from: int
    rank_to: int
    name_zh: str = ""
    name_en: str = ""


@dataclass(frozen=True, slots=True)
class PreviousValue:
    """What is known of one unit and code in the previous edition: a rank, a value or both.

    `basis` is "printed", or "derived" from a printed change.
    """

    unit: str
    code: str
    rank: int | None
    value: float | None
    basis: str


@dataclass(frozen=True, slots=True)
class ValueRange:
    """Between which bounds a derived value lies: as far as print leaves it open."""

    unit: str
    code: str
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class SourceException:
    """A value whose source, year or scope is not that of its indicator, for `Sources`.

    `value` is the value that the status `basis` belongs to; without a basis only the remark counts.
    """

    unit: str
    code: str
    value: float | None = None
    basis: str = ""
    year: str = ""
    url: str = ""
    remark_zh: str = ""
    remark_en: str = ""
    entered_by: str = ""
    checked_by: str = ""


@dataclass(frozen=True, slots=True)
class IndexData:
    """An index as data: what it is called, framework, method and values."""

    id: str
    name_zh: str
    name_en: str
    edition: str
    framework: Framework
    recipe: Recipe
    dataset: Dataset

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id}: {self.name_en}, {self.dataset!r}>"


@dataclass(frozen=True, slots=True, repr=False)
class Report(IndexData):
    """A published report as data.

    Parameters
    ----------
    data_kind
        "published" (all inputs are printed), "partial" (some are printed or derived from print) or
        "synthetic" (invented).
    dataset
        The default data, each value with its status.
    published
        Name -> printed table.
    previous
        The previous edition, as far as it is known.
    exceptions
        Substitutions and other exceptions from the sources of the indicators.
    labels
        Key, Chinese and English of the labels that the report's own sheets show.
    figure_groups
        Attributes of the groups that `Groups` and `Figures` show of the total.
    matrices
        Indicators whose network is typed as a matrix.
    derived_from
        Names of the printed tables that the data were derived from.
    ranges
        The bounds of each derived value, where they are known.
    """

    published: Mapping[str, PublishedTable]
    group_types: tuple[GroupType, ...]
    tier_rules: tuple[TierRule, ...]
    data_kind: str
    data_note_zh: str
    data_note_en: str
    folder: Path
    previous: tuple[PreviousValue, ...] = ()
    exceptions: tuple[SourceException, ...] = ()
    labels: tuple[tuple[str, str, str], ...] = ()
    figure_groups: tuple[str, ...] = ()
    matrices: tuple[str, ...] = ()
    derived_from: tuple[str, ...] = ()
    ranges: tuple[ValueRange, ...] = ()

    @property
    def columns(self) -> dict[tuple[str, str], str]:
        """(Table, column) -> code, for every printed column of scores."""
        return {
            (table.name, column): code
            for table in self.published.values()
            for column, code in table.nodes.items()
        }
