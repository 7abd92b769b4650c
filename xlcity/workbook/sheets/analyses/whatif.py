"""`WhatIf`: trial weights beside the official ones, and what they would do to scores and ranks.

The sheet computes every composite once more, by the same formulas as the official sheets, with
the trial weights; the official weights and scores are not touched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import Block, along, cell
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.rows import (
    CODE,
    FIRST,
    ROW_FIXED_HIGH,
    ROW_FIXED_LOW,
    ROW_LOW,
    ROW_NAME,
    ROW_WEIGHT,
)
from xlcity.workbook.sheets.calculation.calculate import (
    SCORE,
    STATISTICS,
    block_header,
    given_weight,
    rank_key,
    statistics,
)
from xlcity.workbook.sheets.calculation.nodes import working_columns
from xlcity.workbook.sheets.calculation.ranks import rank_of
from xlcity.workbook.sheets.choosers import node_code
from xlcity.workbook.sheets.table import (
    RISE_AND_FALL,
    Column,
    Formula,
    RowCells,
    unit_sheet,
    unit_table,
)
from xlcity.workbook.steps.means import mean_native, turned_nodes
from xlcity.workbook.steps.rescale import ROW_SPAN, scaled_native, span_of

SHEET = "WhatIf"
#: Results of the chosen node: official and trial score, their difference, ranks, places gained.
RESULTS = ("score", "trial", "difference", "rank", "trial_rank", "change", "key")
RESULTS_LEFT = 3
#: Rows of the weights: used, official, trial (input), share inside the parent.
USED, OFFICIAL, TRIAL, SHARE = ROW_WEIGHT, ROW_FIXED_LOW, ROW_FIXED_HIGH, ROW_LOW


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
        return Layout(self.spec).normalised if block == self.normalised else block


def draw(book: Book) -> None:
    """Draw the sheet."""
    spec, trial = book.spec, TrialLayout(book.spec)
    widths = [16, 22, *[12] * (len(RESULTS) - 1), 15]
    canvas = unit_sheet(book, SHEET, widths, trial.scores.left + 2)
    blocks = _list_blocks(trial)
    for block in blocks:
        canvas.block_columns(block, 13)
    canvas.columns(trial.scores.left - 1, trial.scores.left - 1, 2)
    canvas.stubs(
        (
            (USED, "whatif.used"),
            (OFFICIAL, "whatif.official"),
            (TRIAL, "whatif.trial"),
            (SHARE, "whatif.share"),
            *STATISTICS,
            *(((ROW_SPAN, "stat.range"),) if spec.rescales else ()),
        ),
    )
    for block in blocks:
        block_header(book, canvas, block)
    for code in (*trial.composites, *trial.indicators):
        _write_weights(book, canvas, trial, code)
    _repeat_weights(canvas, trial)
    for code in trial.composites:
        for block in blocks[: 2 if spec.rescales else 1]:
            statistics(canvas, block.column(code), block.over(code, SHEET))
        if spec.rescales:
            column = trial.aggregates.column(code)
            canvas.formula(ROW_SPAN, column, span_of(trial, code), "calculation", "General")
    turned = turned_nodes(trial)
    for part in turned.values():
        working_columns(book, canvas, part)
    _write_nodes(book, canvas, trial)
    _draw_results(book, canvas, trial)
    canvas.mark(trial.scores.span(), f'{cell(FIRST, trial.scores.left)}="NA"', "missing")
    max([trial.normalised.right, *(part.block.right for part in turned.values())])
    canvas.close(ROW_NAME, 2, head=CODE)


def _list_blocks(trial: TrialLayout) -> list[Block]:
    blocks = [trial.scores]
    if trial.spec.rescales:
        blocks.append(trial.aggregates)
    if trial.mixed_children.codes:
        blocks.append(trial.mixed_children)
    if trial.root_children.codes:
        blocks.append(trial.root_children)
    return [*blocks, trial.normalised]


def _typed_block(trial: TrialLayout, code: str) -> Block:
    """Return the block above which a node's trial weight is typed."""
    return trial.normalised if trial.spec.framework.is_indicator(code) else trial.scores


def _write_weights(book: Book, canvas: Canvas, trial: TrialLayout, code: str) -> None:
    """Write official, trial and used weight of a node, and its share inside its parent."""
    spec, block = book.spec, _typed_block(trial, code)
    column, parent = block.column(code), spec.framework[code].parent
    if parent is None:
        for row in (USED, OFFICIAL, TRIAL, SHARE):
            canvas.put(row, column, None, "stub")
        return
    official, typed, used = (cell(row, column) for row in (OFFICIAL, TRIAL, USED))
    given_weight(canvas, OFFICIAL, column, code)
    canvas.input(TRIAL, column, None, "input_center", "0.####")
    weight = f'IF({typed}="",{official},{typed})'
    canvas.formula(USED, column, weight, "calculation_center", "0.####")
    siblings = [
        cell(USED, _typed_block(trial, child.code).column(child.code), "rc")
        for child in spec.framework.children(parent)
    ]
    total = f"SUM({','.join(siblings)})"
    canvas.formula(SHARE, column, f'IFERROR({used}/{total},"")', "calculation_center", "0.0%")


def _repeat_weights(canvas: Canvas, trial: TrialLayout) -> None:
    """Write the used weights above the other blocks that children are read from."""
    others = [trial.mixed_children, trial.root_children]
    if trial.spec.rescales:
        others.append(trial.aggregates)
    for block in others:
        for code in block.codes:
            home = _typed_block(trial, code)
            if trial.spec.framework[code].parent is None:
                canvas.put(USED, block.column(code), None, "stub")
                continue
            source = cell(USED, home.column(code))
            canvas.formula(USED, block.column(code), source, "calculation_center", "0.####")


def _write_nodes(book: Book, canvas: Canvas, trial: TrialLayout) -> None:
    """Write what is carried over, the nodes by the trial weights, and these rescaled."""
    layout, spec, turned = book.layout, book.spec, turned_nodes(trial)

    def carried(code: str, row: int) -> str:
        return trial.values_of(trial.mixed_child_block(code)).at(code, row, SHEET)

    def rooted(code: str, row: int) -> str:
        return trial.values_of(trial.root_child_block(code)).at(code, row, SHEET)

    def node(code: str, row: int) -> str:
        formula = mean_native(trial, code, row, SHEET, turned)
        if code not in spec.direct_nodes:
            return formula
        given = layout.typed.at(code, row, SHEET)
        return f"IF(ISNUMBER({given}),{given},{formula})"

    canvas.fill(trial.mixed_children, carried, number="0.0000")
    canvas.fill(trial.root_children, rooted, number="0.0000")
    canvas.fill(trial.aggregates, node, number=SCORE)
    if spec.rescales:
        canvas.fill(trial.scores, partial(scaled_native, trial), number=SCORE)


def _draw_results(book: Book, canvas: Canvas, trial: TrialLayout) -> None:
    """Write scores and ranks of the chosen node, official and on trial."""
    layout, left = book.layout, RESULTS_LEFT
    canvas.label(1, left + 1, "whatif.node", "note")
    canvas.input(1, left + 3, book.spec.framework.root.code, "chooser", "@")
    chosen = cell(1, left + 3, "rc")
    heads = canvas.range(CODE, trial.scores.left, CODE, trial.scores.right)
    canvas.choices(canvas.area(1, left + 3), f"={heads}", error_type="warning")
    node_column = f"MATCH({node_code(layout, chosen)},{heads},0)"
    canvas.formula(1, left + 5, f"IFERROR({node_column},1)", "calculation_center", "0")
    book.define("xl_whatif_column", canvas.area(1, left + 5))
    subtract = 'IF(AND(ISNUMBER({0}),ISNUMBER({1})),{2}-{3},"")'

    def of_chosen(block: Block) -> Callable[[RowCells], str]:
        return lambda cells: along(
            block.rows_of(block.codes, cells.row, cells.row).ref("c", SHEET), "xl_whatif_column"
        )

    definitions: dict[str, tuple[Formula, str]] = {
        "score": (of_chosen(layout.scores), SCORE),
        "trial": (of_chosen(trial.scores), SCORE),
        "difference": (
            lambda cells: subtract.format(cells.score, cells.trial, cells.trial, cells.score),
            "+0.00;-0.00;0.00",
        ),
        "rank": (of_chosen(layout.ranks), "0"),
        "trial_rank": (lambda cells: rank_of(book, cells.key), "0"),
        "change": (
            lambda cells: subtract.format(
                cells.rank, cells.trial_rank, cells.rank, cells.trial_rank
            ),
            "+0;-0;0",
        ),
        "key": (lambda cells: rank_key(book, cells.trial), "0.000000000"),
    }
    columns = [
        Column(
            name, f"whatif.{name}" if name != "trial" else "whatif.trial_score", formula,
            "output_center" if name in ("trial_rank", "change") else "calculation_center",
            number, code=name, marks=RISE_AND_FALL if name == "change" else (),
        )
        for name, (formula, number) in definitions.items()
    ]  # fmt: skip
    unit_table(canvas, columns, left=left).draw()
