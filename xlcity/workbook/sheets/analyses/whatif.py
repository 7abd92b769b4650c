"""`WhatIf`: trial weights beside the official ones, and what they would do to scores and ranks.

The sheet computes every composite once more, by the same formulas as the official sheets, with
the trial weights; the official weights and scores are not touched.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import Block, along, cell
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.rows import (
    CODE,
    ROW_FIXED_HIGH,
    ROW_FIXED_LOW,
    ROW_NAME,
    ROW_WEIGHT,
)
from xlcity.workbook.sheets.calculation.calculate import (
    CENTER,
    ROW_DECIMALS,
    SCORE,
    rank_key,
    weight_line,
)
from xlcity.workbook.sheets.calculation.nodes import draw_turned, extents
from xlcity.workbook.sheets.calculation.ranks import rank_of
from xlcity.workbook.sheets.choosers import node_code
from xlcity.workbook.sheets.table import (
    MISSING,
    RISE_AND_FALL,
    Above,
    Column,
    Content,
    Formula,
    draw_block,
    unit_sheet,
    unit_table,
)
from xlcity.workbook.steps.means import mean_native, turned_nodes
from xlcity.workbook.steps.rescale import scaled_native

SHEET = "WhatIf"
#: Results of the chosen node: official and trial score, their difference, ranks, places gained.
RESULTS = ("score", "trial", "difference", "rank", "trial_rank", "change", "key")
RESULTS_LEFT = 3
#: Rows of the weights: used, official, trial (input).
USED = ROW_WEIGHT
OFFICIAL = ROW_FIXED_LOW
TRIAL = ROW_FIXED_HIGH


class TrialLayout(Layout):
    """The layout of the trial: the blocks of nodes, side by side on this sheet."""

    block_sheet = SHEET

    @property
    def first_block_left(self) -> int:
        """First column of the blocks, behind the results."""
        return RESULTS_LEFT + len(RESULTS) + 1

    def _columns(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield the blocks from left to right: scores first, last the indicators' weights."""
        blocks = dict(self._node_columns())
        for name in ("scores", "aggregates", "mixed_children", "root_children"):
            yield name, blocks.pop(name)
        yield "normalised", self.indicators
        yield from blocks.items()

    def values_of(self, block: Block) -> Block:
        """Return the block with the values of a block of children that has weights above."""
        return self.on_index.normalised if block == self.normalised else block


def draw(book: Book) -> None:
    """Draw the sheet."""
    spec = book.spec
    trial = TrialLayout(book.spec)
    widths = [16, 22, *[12] * (len(RESULTS) - 1), 15]
    canvas = unit_sheet(book, SHEET, widths, banner=True)
    turned = turned_nodes(trial)

    def node(code: str, row: int) -> str:
        return mean_native(trial, code, row, SHEET, turned)

    typed = _typed_weights(book, trial)
    used = _used_weights(trial)
    scaled = partial(scaled_native, trial)
    for block, formula, number, weights in (
        (trial.scores, scaled if spec.rescales else node, SCORE, typed),
        (trial.blocks["aggregates"], node, SCORE, used),
        (trial.mixed_children, trial.carried(trial.mixed_child_block), "0.0000", used),
        (trial.root_children, trial.carried(trial.own_block), "0.0000", used),
        (trial.normalised, None, "", typed),
    ):
        is_rescaled = spec.rescales and block == trial.aggregates
        draw_block(
            canvas,
            block,
            formula,
            number=number,
            width=13,
            above=[*weights, *(extents(trial) if is_rescaled else ())],
            marks=[MISSING] if block == trial.scores else (),
        )
    for part in turned.values():
        draw_turned(book, canvas, part)
    _draw_results(book, canvas, trial)
    canvas.close(ROW_NAME, 2, head=CODE)


def _typed_weights(book: Book, trial: TrialLayout) -> tuple[Above, ...]:
    """Return the rows of used, official and trial weight of a node."""
    tree = trial.spec.framework

    def used(code: str) -> Content:
        column = trial.own_block(code).column(code)
        typed = cell(TRIAL, column)
        official = cell(OFFICIAL, column)
        return f'IF({typed}="",{official},{typed})' if tree[code].parent else None

    return (
        Above(USED, "whatif.used", used, CENTER, "0.####"),
        weight_line(book, row=OFFICIAL, key="whatif.official"),
        Above(
            TRIAL,
            "whatif.trial",
            lambda code: "" if tree[code].parent else None,
            "input_center",
            "0.####",
        ),
    )


def _used_weights(trial: TrialLayout) -> tuple[Above, ...]:
    """Return the row of the weights used, above the other blocks that children are read from."""

    def used(code: str) -> Content:
        source = cell(USED, trial.own_block(code).column(code))
        return source if trial.spec.framework[code].parent else None

    return (Above(USED, "whatif.used", used, CENTER, "0.####"),)


def _draw_results(book: Book, canvas: Canvas, trial: TrialLayout) -> None:
    """Write scores and ranks of the chosen node, official and on trial."""
    layout = book.layout
    left = RESULTS_LEFT
    canvas.label(1, left + 1, "whatif.node", "note")
    chosen = cell(1, left + 3, "rc")
    heads = canvas.range(CODE, trial.scores.left, CODE, trial.scores.right)
    canvas.chooser(
        1, left + 3, book.spec.framework.root.code, f"={heads}", error_type="warning"
    )
    node_column = f"MATCH({node_code(layout, chosen)},{heads},0)"
    canvas.formula(1, left + 5, f"IFERROR({node_column},1)", CENTER, "0")
    book.define("xl_whatif_column", canvas.area(1, left + 5))

    decimals = along(
        layout.keys.rows_of(layout.keys.codes, ROW_DECIMALS, ROW_DECIMALS).ref(
            "rc", SHEET
        ),
        "xl_whatif_column",
    )

    def of_chosen(block: Block) -> Formula:
        return lambda cells: along(
            block.rows_of(block.codes, cells.row, cells.row).ref("c", SHEET),
            "xl_whatif_column",
        )

    def subtract(first: str, second: str, less: str, of: str) -> Formula:
        return lambda cells: (
            f"IF(AND(ISNUMBER({cells[first]}),ISNUMBER({cells[second]})),"
            f'{cells[less]}-{cells[of]},"")'
        )

    def column(name: str, formula: Formula, number: str, role: str = CENTER) -> Column:
        key = f"whatif.{'trial_score' if name == 'trial' else name}"
        marks = RISE_AND_FALL if name == "change" else ()
        return Column(name, key, formula, role, number, code=name, marks=marks)

    output = "output_center"
    unit_table(
        canvas,
        (
            column("score", of_chosen(layout.scores), SCORE),
            column("trial", of_chosen(trial.scores), SCORE),
            column(
                "difference",
                subtract("score", "trial", "trial", "score"),
                "+0.00;-0.00;0.00",
            ),
            column("rank", of_chosen(layout.ranks), "0"),
            column("trial_rank", lambda cells: rank_of(book, cells.key), "0", output),
            column(
                "change",
                subtract("rank", "trial_rank", "rank", "trial_rank"),
                "+0;-0;0",
                output,
            ),
            column(
                "key",
                lambda cells: rank_key(book, cells.trial, decimals),
                "0.000000000",
            ),
        ),
        left=left,
    ).draw()
