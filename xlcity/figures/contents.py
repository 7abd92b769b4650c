"""What a figure shows, as data: one record per kind of chart, and nothing of how it is drawn.

The numbers of a chart are read as rows of a table, too.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
#: A heading with the cells below it.
_Column = tuple[str, Sequence[object]]
#: What charts call the names of their rows, the numbers of a series, and numbers of their own.
_NAMES = ("rows", "names")
_BLOCKS = ("values", "ranks", "links", "across", "up", "sizes")


@dataclass(frozen=True, slots=True)
class Label:
    """A text in both languages; where one is missing the other one stands for it."""

    zh: str
    en: str = ""

    def text(self, lang: str) -> str:
        """Return the text in a language, "zh" or "en"."""
        return (self.zh or self.en) if lang == "zh" else (self.en or self.zh)


#: Numbers of a series, and what the heading of the series goes on with.
_SIDES = {
    "x": Label("：横轴", ": across"),
    "y": Label(""),
    "values": Label(""),
    "low": Label("：下端", ": low end"),
    "high": Label("：上端", ": high end"),
}
#: Headings of names, and of numbers that one axis or none measures.
_ROW = Label("名称", "name")
_ACROSS = Label("横轴", "across")
_UP = Label("纵轴", "up")
_SIZE = Label("大小", "size")
_PARENT = Label("上级", "parent")
#: What the heading of numbers goes on with above their ranks.
_RANKED = Label("：名次", ": rank")
#: Headings of the merges of a tree: the step, both clusters, their distance, rows in the new one.
_MERGES = (
    Label("步骤", "step"),
    Label("合并的一方", "first cluster"),
    Label("合并的另一方", "second cluster"),
    Label("距离", "distance"),
    Label("合并后的个数", "members"),
)
#: Headings of the dots of panels: which panel, group, city and edition; its number and rank.
_PANEL = Label("项目", "part")
_GROUP = Label("组", "group")
_NAME = Label("城市", "city")
_EDITION = Label("届次", "edition")
_RANK = Label("名次", "rank")

#: A name after its rank.
_AFTER_RANK = re.compile(r"(\d+) {2}(.+)")

#: First words that have a capital inside a sentence too: peoples, continents and months.
_PROPER = re.compile(
    r"(?:Africa|America|Asia|Europe|India|Italia|Russia|Korea|Christia|Islam|Hispan|Arab|Latin|Muslim|"
    r"Jewish|British|English|Spanish|French|Dutch|German|Chinese|Japanese|Portuguese|January|"
    r"February|March|April|May|June|July|August|September|October|November|December)(?:n|ic)?\b"
)


def inside(label: Label) -> Label:
    """Return a name as English writes it inside a sentence: in lower case, unless a proper name.

    >>> inside(Label("规模", "Size class")), inside(Label("国内生产总值", "GDP group")).en
    (Label(zh='规模', en='size class'), 'GDP group')
    >>> inside(Label("", "Rating by an AI model")).en, inside(Label("", "Google Trends")).en
    ('rating by an AI model', 'Google Trends')
    >>> inside(Label("", "Asian officers")).en, inside(Label("", "July temperature")).en
    ('Asian officers', 'July temperature')
    """
    first, *others = label.en.split(" ")
    is_proper = bool(_PROPER.match(first)) or first[1:] != first[1:].lower()
    is_proper |= any(word.istitle() for word in others)
    return label if is_proper else Label(label.zh, label.en[:1].lower() + label.en[1:])


def pair_name(first: Label, second: Label) -> Label:
    """Return the name of a pair of cities."""
    return Label(f"{first.zh}—{second.zh}", f"{first.en}–{second.en}")


def listed(
    labels: Iterable[Label], zh: str = "、", en: str = ", ", *, last: str = ""
) -> Label:
    """Return names in a row; `last` separates the last two in English where it is given.

    >>> listed([Label("北京", "Beijing"), Label("上海", "Shanghai")], last=" and ")
    Label(zh='北京、上海', en='Beijing and Shanghai')
    """
    every = [*labels]
    *before, end = [label.en for label in every] or [""]
    english = f"{en.join(before)}{last or en}{end}" if before else end
    return Label(zh.join(label.zh for label in every), english)


def joined(*parts: Label) -> Label:
    """Return sentences as one text, in English with a space between them."""
    english = " ".join(part.en.strip() for part in parts if part.en)
    return Label("".join(part.zh for part in parts), english)


@dataclass(frozen=True, slots=True)
class Axis:
    """What an axis measures, where it ends (None: with the data), and how numbers are written.

    `log`: equal steps are equal ratios; its numbers are above 0. `decimals`: those of the numbers
    beside it; None: as many as these need.
    """

    label: Label
    low: float | None = None
    high: float | None = None
    percent: bool = False
    whole: bool = False
    log: bool = False
    decimals: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class BarSeries:
    """One value per row, with the ends of an interval where there is one.

    `shade` is the place of its colour in the list of the style; without one, its own place is.
    """

    label: Label
    values: Numbers
    low: Numbers | None = None
    high: Numbers | None = None
    shade: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """A line through points."""

    label: Label
    x: Numbers
    y: Numbers


class Chart:
    """What a figure shows."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, eq=False)
class BarChart(Chart):
    """Horizontal bars, beside each other or stacked; `ends` are short texts behind the bars."""

    rows: Sequence[Label]
    series: Sequence[BarSeries]
    axis: Axis
    stacked: bool = False
    ends: Sequence[str] = ()


@dataclass(frozen=True, slots=True, eq=False)
class BarPair(Chart):
    """Two charts of stacked bars side by side, with the same rows and colours."""

    left: BarChart
    right: BarChart

    @property
    def rows(self) -> Sequence[Label]:
        """The names that both have."""
        return self.left.rows

    @property
    def series(self) -> Sequence[BarSeries]:
        """The parts of the left chart, then those of the right one."""
        return [*self.left.series, *self.right.series]


@dataclass(frozen=True, slots=True, eq=False)
class BarPanels(Chart):
    """Bars of several quantities side by side, each with an axis of its own, in rows they share."""

    rows: Sequence[Label]
    panels: Sequence[BarSeries]
    axes: Sequence[Axis]


@dataclass(frozen=True, slots=True, eq=False)
class DotChart(Chart):
    """Several values per row as dots, joined by a line; NaN is not a dot.

    Of a series with intervals these are the lines. `interval` says what they are; `bands` are the
    first rows of groups, which are shaded in turn.
    """

    rows: Sequence[Label]
    series: Sequence[BarSeries]
    axis: Axis
    interval: Label | None = None
    bands: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Dot:
    """One of the cities of a row, with its number.

    Attributes
    ----------
    shade
        The place of its colour in the list of the style; None is one of the rest, which is grey.
    is_open
        Whether its number rests on gaps.
    """

    name: Label
    value: float
    shade: int | None = 0
    rank: int | None = None
    is_open: bool = False

    def with_shade(self, shade: int | None) -> Dot:
        """Return the dot in another colour."""
        return replace(self, shade=shade)


@dataclass(frozen=True, slots=True, eq=False)
class DotRow:
    """A row of dots.

    Attributes
    ----------
    mean
        Where a bar stands across the row; NaN is none.
    first, end
        Texts behind the greatest dot: a name, and a number with its marks.
    is_strong
        Whether the label of the row is bold.
    """

    label: Label
    dots: Sequence[Dot]
    mean: float = np.nan
    first: Label = Label("")
    end: Label = Label("")
    is_strong: bool = False


@dataclass(frozen=True, slots=True)
class RowBand:
    """Rows of a panel that belong together: their number, their name, what the border below says.

    `is_pale`: whether their ground has a colour; those above and below have none then.
    """

    count: int
    name: Label
    border: Label = Label("")
    is_pale: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class DotPanel:
    """Rows of dots under a title; `line` is where a line crosses all rows, NaN for none."""

    title: Label
    rows: Sequence[DotRow]
    line: float = np.nan
    bands: Sequence[RowBand] = ()


@dataclass(frozen=True, slots=True, eq=False)
class DotPanels(Chart):
    """Rows of dots in panels of one size.

    Attributes
    ----------
    across
        How many panels stand side by side.
    legend
        What colours mean: texts with the places of the colours.
    line_label
        What the line across the rows is; NOTHING where there is none.
    is_joined
        Whether the dots of a row are joined by a line.
    has_one_axis
        Whether all panels end where those of one unit do.
    ends_before
        Whether texts stand before their dots: those of the first ones, where there is room.
    """

    panels: Sequence[DotPanel]
    axis: Axis
    across: int = 1
    legend: Sequence[tuple[Label, int | None]] = ()
    line_label: Label = Label("")
    is_joined: bool = False
    has_one_axis: bool = True
    ends_before: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Matrix2D(Chart):
    """Coloured cells.

    Attributes
    ----------
    values
        (rows, columns); NaN is an empty cell.
    printed
        Whether the numbers stand in the cells.
    boxes
        First and last place of groups along the diagonal, which get a frame.
    diverging
        Whether colours part at 0.
    """

    rows: Sequence[Label]
    columns: Sequence[Label]
    values: Numbers
    scale: Axis
    printed: bool = False
    boxes: Sequence[tuple[int, int]] = ()
    diverging: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class HeatTable(Chart):
    """Numbers of cities in cells that are shaded by the third that their rank is in.

    Attributes
    ----------
    values, ranks
        (rows, columns), both NaN in a gap; the first rank of a column is bold.
    texts
        The numbers with their marks, as they stand in the cells.
    axis
        What the numbers are.
    thirds
        The last rank of each third.
    legend
        What the shades of the thirds mean, and the cell of a gap.
    """

    rows: Sequence[Label]
    columns: Sequence[Label]
    values: Numbers
    ranks: Numbers
    texts: Sequence[Sequence[str]]
    axis: Axis
    thirds: Sequence[int]
    legend: Sequence[Label]


@dataclass(frozen=True, slots=True, eq=False)
class LineChart(Chart):
    """Curves."""

    series: Sequence[Curve]
    x: Axis
    y: Axis


@dataclass(frozen=True, slots=True, eq=False)
class SlopeChart(Chart):
    """Ranks of the same rows in two or more columns, joined by lines; NaN without a rank."""

    rows: Sequence[Label]
    columns: Sequence[Label]
    ranks: Numbers


@dataclass(frozen=True, slots=True, eq=False)
class Dendrogram(Chart):
    """Clusters that were merged step by step.

    Attributes
    ----------
    merges
        (rows - 1, 4) as scipy's `linkage` returns them.
    height
        What the axis measures.
    classes
        Into how many clusters the tree is cut; they differ in colour.
    """

    rows: Sequence[Label]
    merges: Numbers
    height: Axis
    classes: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class ScatterChart(Chart):
    """Points with names.

    Attributes
    ----------
    sizes
        What the area of a point is proportional to.
    classes, legend
        Class of each point, which decides its colour, and what the classes are called.
    limits
        Lines across and upright that part the chart: values of x, values of y.
    is_map
        Whether x and y are longitude and latitude.
    diagonal
        Whether the line of equal values is drawn.
    rings
        Which points are rings; what that means is the last text of the legend.
    corners
        Texts in the corners: lower left, upper left, lower right, upper right.
    """

    rows: Sequence[Label]
    across: Numbers
    up: Numbers
    x: Axis
    y: Axis
    sizes: Numbers | None = None
    classes: Sequence[int] = ()
    legend: Sequence[Label] = ()
    limits: tuple[Sequence[float], Sequence[float]] = ((), ())
    is_map: bool = False
    diagonal: bool = False
    rings: Sequence[bool] = ()
    corners: Sequence[Label] = ()


@dataclass(frozen=True, slots=True, eq=False)
class NetworkChart(Chart):
    """Names around a circle, and the strongest links between them.

    `links` is (rows, rows) and symmetric, NaN without a link; `sizes` decide the areas of points.
    """

    rows: Sequence[Label]
    links: Numbers
    sizes: Numbers
    classes: Sequence[int] = ()
    legend: Sequence[Label] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Histogram:
    """The values of one quantity, with limits that are drawn as lines."""

    label: Label
    values: Numbers
    limits: Sequence[float] = ()


@dataclass(frozen=True, slots=True, eq=False)
class HistogramChart(Chart):
    """Histograms side by side; `legend` says what the limits are, `count` what is counted."""

    panels: Sequence[Histogram]
    legend: Label
    count: Label = Label("")


@dataclass(frozen=True, slots=True, eq=False)
class StripChart(Chart):
    """A line for each row, from the worst on the left to the best on the right.

    `places` are those of the dots and `means` those of the ticks, as shares of the line; NaN leaves
    a line without. `texts` (values) and `marks` (ranks) stand at its right end. `series` are the
    numbers.
    """

    rows: Sequence[Label]
    places: Numbers
    means: Numbers
    texts: Sequence[Label]
    marks: Sequence[str]
    series: Sequence[BarSeries]


@dataclass(frozen=True, slots=True, eq=False)
class TreeDiagram(Chart):
    """Names in boxes from the root on the left to the leaves on the right.

    `parents` are the places of the parents; the root is first and has -1.
    """

    names: Sequence[Label]
    parents: Sequence[int]


def number_rows(chart: Chart, lang: str) -> list[Sequence[object]]:
    """Return the numbers of a chart under their headings: the names of rows, a column each.

    A row of a tree of merges is a step, not one of the things that are merged.
    """
    if isinstance(chart, Dendrogram):
        return _merge_steps(chart, lang)
    if isinstance(chart, DotPanels):
        return _dot_rows(chart, lang)
    named = (getattr(chart, part) for part in _NAMES if hasattr(chart, part))
    names = next(named, ())
    columns = list[_Column]()
    columns += _name_columns([name.text(lang) for name in names], lang)
    for line in getattr(chart, "series", getattr(chart, "panels", ())):
        # Ranks that are before the names are not told twice.
        columns += [own for own in _side_columns(line, lang) if own not in columns]
    for part in _BLOCKS:
        columns += _block_columns(chart, part, names, lang)
    if isinstance(chart, TreeDiagram):
        columns.append((_PARENT.text(lang), [*_parents(chart, lang)]))
    every = ([head, *cells] for head, cells in columns)
    return [*itertools.zip_longest(*every, fillvalue="")]


def _name_columns(names: Sequence[str], lang: str) -> list[_Column]:
    """Return the names of rows; those after ranks are cities, and their ranks are a column."""
    if not names:
        return []
    ranked = [*filter(None, map(_AFTER_RANK.fullmatch, names))]
    if len(ranked) < len(names):
        return [(_ROW.text(lang), names)]
    ranks = [int(match[1]) for match in ranked]
    cities = [match[2] for match in ranked]
    return [(_RANK.text(lang), ranks), (_NAME.text(lang), cities)]


def _side_columns(line: Any, lang: str) -> list[_Column]:
    """Return the numbers of a series, and the ends of its intervals."""
    columns = list[_Column]()
    for side, ending in _SIDES.items():
        values = getattr(line, side, None)
        if values is not None:
            heading = line.label.text(lang) + ending.text(lang)
            columns.append((heading, _numbers(values)))
    return columns


def _parents(chart: TreeDiagram, lang: str) -> Iterator[str]:
    """Yield the names of the parents of the boxes of a tree; "" for the root."""
    for parent in chart.parents:
        yield chart.names[parent].text(lang) if parent >= 0 else ""


def _block_columns(
    chart: Chart, part: str, names: Sequence[Label], lang: str
) -> list[_Column]:
    """Return numbers of a chart with their headings: one column, or one for each of the names."""
    block = np.asarray(getattr(chart, part, None))
    if not block.ndim or not block.size:
        return []
    if block.ndim == 1:
        return [(_heading(chart, part).text(lang), _numbers(block))]
    heads = getattr(chart, "columns", names)
    has_both = part == "ranks" and isinstance(chart, HeatTable)
    ending = _RANKED.text(lang) if has_both else ""
    return [
        (head.text(lang) + ending, _numbers(line))
        for head, line in zip(heads, block.T, strict=False)
    ]


def _heading(chart: Chart, part: str) -> Label:
    """Return what one column of numbers of a chart is called: as its axis is, where it has one."""
    if part == "sizes" or not isinstance(chart, ScatterChart):
        return _SIZE
    label = chart.x.label
    unnamed = _ACROSS
    if part == "up":
        label = chart.y.label
        unnamed = _UP
    return label if label.zh or label.en else unnamed


def _merge_steps(chart: Dendrogram, lang: str) -> list[Sequence[object]]:
    """Return the merges of a tree, a step each; a cluster is a name or the step that made it."""
    step, *others = (heading.text(lang) for heading in _MERGES)
    clusters = [name.text(lang) for name in chart.rows]
    rows: list[Sequence[object]] = [[step, *others]]
    for number, merge in enumerate(chart.merges.tolist(), 1):
        first, second = (clusters[int(cluster)] for cluster in merge[:2])
        distance, members = merge[2:]
        rows.append([number, first, second, distance, int(members)])
        clusters.append(Label(f"步骤{number}", f"step {number}").text(lang))
    return rows


def _dot_rows(chart: DotPanels, lang: str) -> list[Sequence[object]]:
    """Return the dots of panels, one a row, without columns that are empty."""
    heads = [_PANEL, _GROUP, _NAME, _EDITION, chart.axis.label, _RANK]
    lines: list[list[object]] = [[head.text(lang) for head in heads]]
    for panel in chart.panels:
        for row in panel.rows:
            # A row of a group has a mean.
            group = row.label.text(lang) if np.isfinite(row.mean) else ""
            where = [panel.title.text(lang), group]
            for dot in row.dots:
                city = _city_cells(chart, row, dot, lang)
                numbers = [*_numbers([dot.value]), dot.rank or ""]
                lines.append([*where, *city, *numbers])
    columns = zip(*lines, strict=True)
    filled = [column for column in columns if any(column[1:])]
    return [*zip(*filled, strict=True)]


def _city_cells(chart: DotPanels, row: DotRow, dot: Dot, lang: str) -> list[str]:
    """Return the name of a city, and the edition of its dot where a row has several of it."""
    if not chart.is_joined:
        return [dot.name.text(lang), ""]
    editions = (label for label, shade in chart.legend if shade == dot.shade)
    return [row.label.text(lang), next(editions, Label("")).text(lang)]


def _numbers(values: Any) -> list[object]:
    """Return numbers as cells, whole ones as such; one that is not finite leaves its cell empty."""
    numbers = np.asarray(values, dtype=float)
    known = numbers[np.isfinite(numbers)]
    write = int if np.array_equal(known, np.floor(known)) else float
    return [write(value) if np.isfinite(value) else "" for value in numbers.tolist()]
