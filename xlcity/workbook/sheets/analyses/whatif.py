"""`WhatIf`: trial weights of the parts of the total, and what they would do to scores and ranks.

The total is computed once more by the formula that `Index` has, with the trial weights in place of
the official ones; these, and the scores, are not touched.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from xlcity.workbook.drawing.canvas import Book, Canvas, titled_sheet
from xlcity.workbook.drawing.grid import Block, Fix, cell
from xlcity.workbook.drawing.styles import CENTER, INPUT_CENTER, OUTPUT_CENTER
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.rows import (
    CODE,
    FIRST,
    INDEX,
    ROW_FIXED_HIGH,
    ROW_FIXED_LOW,
    ROW_NAME,
    ROW_WEIGHT,
)
from xlcity.workbook.sheets.calculation.calculate import (
    ROW_DECIMALS,
    SCORE,
    rank_key,
    weight_line,
)
from xlcity.workbook.sheets.calculation.nodes import draw_turned, extents
from xlcity.workbook.sheets.calculation.ranks import rank_of
from xlcity.workbook.sheets.table import (
    MISSING,
    RISE_AND_FALL,
    Above,
    Column,
    Content,
    Formula,
    RowCells,
    draw_block,
    unit_table,
)
from xlcity.workbook.spec import TemplateSpec
from xlcity.workbook.steps.means import mean_native, turned_nodes
from xlcity.workbook.steps.rescale import scaled_native

SHEET = "WhatIf"
#: Official and trial score of the total, their difference, ranks, places gained, rank key.
RESULTS = ("score", "trial", "difference", "rank", "trial_rank", "change", "key")
#: The city's name stands before them.
RESULTS_LEFT = 2
#: Rows of the weights: used, official, trial (input).
USED = ROW_WEIGHT
OFFICIAL = ROW_FIXED_LOW
TRIAL = ROW_FIXED_HIGH
#: The block above which the weights stand; the values are read on `Index`.
WEIGHTS = "weights"
#: Width of the column before it, which says what its rows hold.
LABELS_WIDTH = 21


class TrialLayout(Layout):
    """The layout of the trial: the total, and the weights of its parts, on this sheet."""

    block_sheet = SHEET

    @property
    def root(self) -> str:
        """The code of the total."""
        return self.spec.framework.root.code

    @property
    def first_block_left(self) -> int:
        """First column of the blocks: the trial score is one of the results."""
        return RESULTS_LEFT + RESULTS.index("trial")

    def _columns(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield the blocks from left to right; the first one is a column of the results."""
        parts = tuple(c.code for c in self.spec.framework.children(self.root))
        yield "scores", (self.root,)
        yield "results", RESULTS[RESULTS.index("trial") + 2 :]
        yield WEIGHTS, parts
        yield "aggregates", (self.root,) if self._rescales_total else ()
        yield from (
            (name, codes)
            for name, codes in self._node_columns()
            if name == f"turned {self.root}"
        )
        for name in ("functions", "mixed_children", "root_children", "normalised"):
            yield name, ()

    @property
    def _rescales_total(self) -> bool:
        """Whether the total is a mean first and then rescaled."""
        return self.spec.rescales and not self.spec.means_of_scaled

    @property
    def aggregates(self) -> Block:
        """The total before rescaling; where it is not rescaled, the score."""
        return self.blocks["aggregates"] if self._rescales_total else self.scores

    def children(self, code: str) -> tuple[Block, tuple[str, ...]]:
        """Return the parts of the total, under the weights of the trial."""
        block = self.blocks[WEIGHTS]
        return block, block.codes

    def scaled_children(self) -> tuple[Block, tuple[str, ...]]:
        """Return the same parts where the total is a mean of scaled scores."""
        return self.children(self.root)

    def values_of(self, block: Block) -> Block:
        """Return the block of `Index` with the values of the parts."""
        if block != self.blocks[WEIGHTS]:
            return block
        if self.spec.means_of_scaled:
            return self.on_index.scaled_children()[0]
        return self.on_index.children(self.root)[0]


def result_names(spec: TemplateSpec) -> tuple[str, ...]:
    """Return the results that are drawn: where the total is rescaled, without the difference."""
    if TrialLayout(spec).blocks["aggregates"].codes:
        return tuple(name for name in RESULTS if name != "difference")
    return RESULTS


def draw(book: Book) -> None:
    """Draw the sheet."""
    trial = TrialLayout(book.spec)
    widths = [20, *[10.5] * len(RESULTS)]
    canvas = titled_sheet(book, SHEET, widths, banner=True)
    canvas.label(ROW_NAME, 1, "data.name", "header")
    canvas.label(CODE, 1, "data.name", "stub_code")
    for row in range(FIRST, trial.last + 1):
        canvas.formula(row, 1, f"{INDEX}!{cell(row, 2, Fix.COLUMN)}", "name")
    turned = turned_nodes(trial)
    draw_block(
        canvas,
        trial.blocks[WEIGHTS],
        width=11,
        above=_weights(book, trial),
    )
    canvas.widths({trial.blocks[WEIGHTS].left - 1: LABELS_WIDTH})
    if trial.blocks["aggregates"].codes:
        draw_block(
            canvas,
            trial.aggregates,
            lambda code, row: mean_native(trial, code, row, SHEET, turned=turned),
            number=SCORE,
            key="whatif.aggregate",
            above=extents(trial),
        )
    for part in turned.values():
        draw_turned(book, canvas, part)
    _draw_results(book, canvas, trial)
    canvas.close(CODE, 1)


def _weights(book: Book, trial: TrialLayout) -> tuple[Above, ...]:
    """Return the rows of used, official and trial weight of the parts."""

    def used(code: str) -> Content:
        column = trial.blocks[WEIGHTS].column(code)
        typed = cell(TRIAL, column)
        return f'IF({typed}="",{cell(OFFICIAL, column)},{typed})'

    return (
        Above(USED, "whatif.used", of=used, role=CENTER, number="0.####"),
        weight_line(book, row=OFFICIAL, key="whatif.official"),
        Above(
            TRIAL,
            "whatif.trial",
            of=lambda code: "",
            role=INPUT_CENTER,
            number="0.####",
        ),
    )


def _draw_results(book: Book, canvas: Canvas, trial: TrialLayout) -> None:
    """Write scores and ranks, official and on trial."""
    layout = book.layout
    root = trial.root
    turned = turned_nodes(trial)
    decimals = layout.keys.at(root, ROW_DECIMALS, SHEET, Fix.BOTH)

    def official(block: Block) -> Formula:
        return lambda cells: block.at(root, cells.row, SHEET)

    def trial_score(cells: RowCells) -> str:
        if book.spec.rescales:
            return scaled_native(trial, root, cells.row)
        return mean_native(trial, root, cells.row, SHEET, turned=turned)

    def subtract(first: str, second: str, less: str, of: str) -> Formula:
        return lambda cells: (
            f"IF(AND(ISNUMBER({cells[first]}),ISNUMBER({cells[second]})),"
            f'{cells[less]}-{cells[of]},"")'
        )

    def column(name: str, formula: Formula, number: str, role: str = CENTER) -> Column:
        key = "whatif.trial_score" if name == "trial" else f"whatif.{name}"
        marks: tuple[tuple[str, str], ...] = RISE_AND_FALL if name == "change" else ()
        if name == "trial":
            marks = (MISSING,)
        return Column(
            name,
            key,
            formula,
            role=role,
            number=number,
            code=name,
            marks=marks,
            hidden=name == "key",
        )

    output = OUTPUT_CENTER
    changes = "+0.00;-0.00;0.00"
    columns = (
        column("score", official(layout.scores), SCORE),
        column("trial", trial_score, SCORE),
        column("difference", subtract("score", "trial", "trial", "score"), changes),
        column("rank", official(layout.ranks), "0"),
        column("trial_rank", lambda cells: rank_of(book, cells.key), "0", output),
        column(
            "change",
            subtract("rank", "trial_rank", "rank", "trial_rank"),
            "+0;-0;0",
            output,
        ),
        column("key", partial(_trial_key, book, decimals), "0.000000000"),
    )
    shown = result_names(book.spec)
    drawn = [column if column.name in shown else Column(width=2) for column in columns]
    unit_table(canvas, drawn, left=RESULTS_LEFT).draw()


def _trial_key(book: Book, decimals: str, cells: RowCells) -> str:
    return rank_key(book, cells.trial, decimals)
