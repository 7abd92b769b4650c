"""`Clusters`: classes of units that resemble each other, by a function of the library.

There is no native form of hierarchical clustering; where the functions are not loaded the sheet
says so, and nothing else depends on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from xlcity.functions.cluster import LINKAGES, METRICS, STANDARDISATIONS
from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import Area, cell
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.rows import CODE, FIRST
from xlcity.workbook.sheets.calculation.calculate import SCORE, unit_names

SHEET = "Clusters"
#: Rows of the choosers and of the line that says what came out.
CHOOSERS = {"k": 4, "linkage": 5, "metric": 6, "standardise": 7}
MESSAGE = 9
#: Classes that have a list of members.
LISTED = 8
HEAD = CODE - 1
#: Head of the table of classes here by printed classes.
CROSSED = 4


@dataclass(frozen=True, slots=True)
class Clusters:
    """What the page shows.

    Parameters
    ----------
    codes
        Nodes whose scores are compared; they stand side by side on `Scores`.
    printed
        Unit -> class as printed.
    """

    codes: tuple[str, ...]
    k: int
    linkage: str
    metric: str
    standardise: str = "none"
    printed: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Columns:
    """Columns of the sheet from left to right, after those of so many scores."""

    scores: int

    @property
    def call(self) -> int:
        """The classes as the function gives them."""
        return 3 + self.scores

    @property
    def label(self) -> int:
        """The classes as numbers."""
        return self.call + 1

    @property
    def key(self) -> int:
        """Class and place inside it."""
        return self.label + 1

    @property
    def printed(self) -> int:
        """The classes as printed."""
        return self.key + 1

    @property
    def lists(self) -> int:
        """First of the lists of members."""
        return self.printed + 2

    @property
    def table(self) -> int:
        """First of the two columns with the classes as printed, out of print."""
        return self.lists + LISTED + 1


def draw(book: Book, shown: Clusters) -> None:
    """Draw the sheet."""
    canvas, layout, at = book.canvas(SHEET), book.layout, Columns(len(shown.codes))
    canvas.heading("clusters", "clusters.note")
    canvas.widths([16, 18, *[10] * len(shown.codes), 10, 8, 9, 9, 2, *[12] * LISTED, 2, 14, 9])
    _choosers(book, canvas, shown)
    unit_names(book, canvas)
    _cities(book, canvas, shown, at)
    labels = canvas.area(FIRST, at.label, layout.last)
    _message(book, canvas, at)
    _members(book, canvas, at, labels)
    if shown.printed:
        _crossed(book, canvas, shown, at)
    canvas.finish(
        layout.last, at.lists + LISTED - 1, CODE, 2, titles=(HEAD, CODE), landscape=False, tall=1
    )


def _choosers(book: Book, canvas: Canvas, shown: Clusters) -> None:
    choices = {
        "k": (shown.k, ()),
        "linkage": (shown.linkage, LINKAGES),
        "metric": (shown.metric, METRICS),
        "standardise": (shown.standardise, STANDARDISATIONS),
    }
    for name, (value, allowed) in choices.items():
        row = CHOOSERS[name]
        canvas.label(row, 1, f"clusters.{name}", "stub", font_size=9, text_wrap=False, shrink=True)
        canvas.input(row, 2, value, "chooser")
        canvas.label(row, 3, f"clusters.{name}.about", "note", font_size=8, indent=1)
        here = canvas.area(row, 2)
        if allowed:
            canvas.choices(here, list(allowed))
        else:
            rule = {"validate": "integer", "criteria": "between", "minimum": 2, "maximum": LISTED}
            canvas.sheet.data_validation(row - 1, 1, row - 1, 1, rule)


def _cities(book: Book, canvas: Canvas, shown: Clusters, at: Columns) -> None:
    """Write scores, the class by function, and what follows from it, city by city."""
    layout = book.layout
    heads = [
        (at.call, "clusters.call"),
        (at.label, "clusters.class"),
        (at.key, "clusters.key"),
        (at.printed, "clusters.printed"),
    ]
    canvas.fit_names(HEAD, shown.codes, 10, 9)
    for column, key in ((1, "data.id"), (2, "data.name"), *heads):
        canvas.label(HEAD, column, key, "header", font_size=9)
        canvas.blank(CODE, column, "stub_code")
    canvas.node_heads(HEAD, shown.codes, 3, 9, CODE)
    for offset, code in enumerate(shown.codes, 3):
        for row in range(FIRST, layout.last + 1):
            canvas.formula(row, offset, layout.scores.at(code, row, SHEET), "calculation", SCORE)
    values = layout.scores.span(shown.codes).ref()
    chosen = ",".join(cell(row, 2, "rc") for row in CHOOSERS.values())
    area = canvas.area(FIRST, at.call, layout.last)
    canvas.array(area, f"CLUSTER_LABELS({values},{chosen})", "udf_center", "0")
    canvas.mark(area, f"ISERROR({cell(FIRST, at.call)})", "faint")
    ids, classes = (area.ref() for area in printed_columns(layout, shown))
    for row in range(FIRST, layout.last + 1):
        call, label = cell(row, at.call, "c"), cell(row, at.label, "c")
        canvas.formula(row, at.label, f'IF(ISNUMBER({call}),{call},"")', "output_center", "0")
        before = f"{cell(FIRST, at.label, 'rc')}:{label}"
        canvas.formula(
            row,
            at.key,
            f'IF({label}="","",{label}&"|"&COUNTIF({before},{label}))',
            "id",
            font_size=8,
        )
        printed = '""'
        if shown.printed:
            printed = f'IFERROR(INDEX({classes},MATCH({cell(row, 1, "c")},{ids},0)),"")'
        canvas.formula(row, at.printed, printed, "published_center", "0")


def _message(book: Book, canvas: Canvas, at: Columns) -> None:
    """Say what came out, or why nothing did."""
    said, layout = book.labels.ref, book.layout
    labels = canvas.range(FIRST, at.label, layout.last)
    anchor = cell(FIRST, at.call, "rc")
    more = f'IF(MAX({labels})>{LISTED}," "&{said("clusters.more")},"")'
    canvas.formula(
        MESSAGE,
        1,
        f"IF(IFERROR(ERROR.TYPE({anchor}),0)=5,{said('clusters.absent')},IF(COUNT({labels})=0,"
        f'{said("clusters.none")},COUNT({labels})&" "&{said("clusters.done")}&" "&'
        f"MAX({labels})&{more}))",
        "plain",
        bold=True,
    )
    here = canvas.area(MESSAGE, 1)
    canvas.mark(here, f"COUNT({labels})=0", "note")


def _members(book: Book, canvas: Canvas, at: Columns, labels: Area) -> None:
    """List the members of every class, in the order of Cities."""
    layout = book.layout
    keys = canvas.range(FIRST, at.key, layout.last)
    names = canvas.range(FIRST, 2, layout.last)
    canvas.label(HEAD - 1, at.lists, "clusters.members", "section")
    for offset in range(LISTED):
        column = at.lists + offset
        # Counted up to the column before: no cell names itself.
        number = f"COLUMNS({cell(HEAD, at.lists - 1, 'rc')}:{cell(HEAD, column - 1, 'r')})"
        title = f'{book.labels.ref("clusters.class")}&" "&{number}'
        canvas.formula(HEAD, column, title, "header", font_size=9)
        count = f"COUNTIF({labels.ref('rc', SHEET)},{number})"
        canvas.formula(CODE, column, f'IF({count}=0,"",{count})', "stub_code")
        for row in range(FIRST, layout.last + 1):
            above = f"ROWS({cell(CODE, 1, 'rc')}:{cell(row - 1, 1, 'c')})"
            canvas.formula(
                row,
                column,
                f'IFERROR(INDEX({names},MATCH({number}&"|"&{above},{keys},0)),"")',
                "name",
                font_size=9,
            )


def printed_columns(layout: Layout, shown: Clusters) -> tuple[Area, Area]:
    """Return where ids and classes stand as printed."""
    left = Columns(len(shown.codes)).table
    last = FIRST + max(len(shown.printed), 1) - 1
    return (Area(SHEET, FIRST, left, last, left), Area(SHEET, FIRST, left + 1, last, left + 1))


def _crossed(book: Book, canvas: Canvas, shown: Clusters, at: Columns) -> None:
    """Write the classes as printed, and how many cities are in each pair of classes."""
    layout = book.layout
    ids, _ = printed_columns(layout, shown)
    canvas.label(HEAD, ids.first_column, "data.id", "header", font_size=9)
    canvas.label(HEAD, ids.first_column + 1, "clusters.printed", "header", font_size=9)
    for row, (unit, number) in enumerate(shown.printed.items(), FIRST):
        canvas.text(row, ids.first_column, unit, "published", font_size=9)
        canvas.number(row, ids.first_column + 1, number, "published_center", "0")
    labels, printed = (
        canvas.range(FIRST, column, layout.last) for column in (at.label, at.printed)
    )
    classes = sorted(set(shown.printed.values()))
    first, last = at.lists + 1, at.lists + len(classes)
    canvas.label(CROSSED - 1, at.lists, "clusters.crossed", "section")
    canvas.label(CROSSED, at.lists, "clusters.class", "header", font_size=9)
    for column, number in enumerate(classes, first):
        canvas.number(CROSSED, column, number, "published_center", "0")
    narrow = {"font_size": 9, "text_wrap": False, "shrink": True}
    canvas.label(CROSSED, last + 1, "clusters.unlisted", "header", **narrow)
    for row in range(CROSSED + 1, CROSSED + LISTED + 1):
        label = f"ROWS({cell(CROSSED, at.lists, 'rc')}:{cell(row - 1, at.lists)})"
        mine = cell(row, at.lists, "c")
        canvas.formula(
            row, at.lists, f'IF(COUNTIF({labels},{label})=0,"",{label})', "calculation_center"
        )
        for column in range(first, last + 1):
            both = f"COUNTIFS({labels},{mine},{printed},{cell(CROSSED, column, 'r')})"
            canvas.formula(
                row, column, f'IF({mine}="","",{both})', "calculation_center", '0;-0;"·"'
            )
        listed = f"SUM({cell(row, first, 'c')}:{cell(row, last, 'c')})"
        canvas.formula(
            row,
            last + 1,
            f'IF({mine}="","",COUNTIF({labels},{mine})-{listed})',
            "calculation_center",
            '0;-0;"·"',
        )
    counts = canvas.area(CROSSED + 1, first, CROSSED + LISTED, last)
    here = cell(counts.first_row, counts.first_column)
    canvas.mark(counts, f"AND(ISNUMBER({here}),{here}>0)", "good")
