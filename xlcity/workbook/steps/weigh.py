"""Weights that follow from scores or judgements: where they stand, and how they are computed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from xlcity.errors import CellValue, Problem
from xlcity.index.result import IndexResult
from xlcity.index.steps import weight_step
from xlcity.messages import Message
from xlcity.methods.registry import find_method
from xlcity.methods.weight.record import Weighting
from xlcity.model.recipe import Step
from xlcity.workbook.drawing.grid import Area, Fix, cell
from xlcity.workbook.layout import Layout
from xlcity.workbook.reading.records import plain_text
from xlcity.workbook.spec import NATIVE, TemplateSpec
from xlcity.workbook.steps.native_support import no_native_problem, not_loaded
from xlcity.xlsx.cells import Position, ReadBook

SHEET = "Weights"
FIRST_ROW = 4
LEFT = 3
#: Rows from the head of a node's section to the weights found, to those of the last filling, and to
#: the proportions wanted by `balance`.
FOUND = 2
STORED = 3
TARGETS = 4


def weighting_of(step: Step) -> Weighting:
    """Return the method by which a step finds weights."""
    return find_method(Weighting, step.method)


def weighted_nodes(spec: TemplateSpec) -> tuple[str, ...]:
    """Return the nodes whose weights only a function of the library can find."""
    steps = {
        node.code: weight_step(spec.recipe, node.code)
        for node in spec.framework.composites
    }
    return tuple(
        code
        for code, step in steps.items()
        if step and weighting_of(step).native is None
    )


@dataclass(frozen=True)
class WeightLayout:
    """The sections of `Weights`, one below the other: a node with its children side by side."""

    layout: Layout

    @cached_property
    def rows(self) -> dict[str, int]:
        """Node -> the first row of its section."""
        first_rows = {}
        row = FIRST_ROW
        for code in weighted_nodes(self.layout.spec):
            first_rows[code] = row
            size = len(self.children(code))
            row += 6 + (size + 3 if self.method(code).judges else 0)
        return first_rows

    def step(self, code: str) -> Step:
        """Return the step of a node."""
        step = weight_step(self.layout.spec.recipe, code)
        assert step is not None
        return step

    def method(self, code: str) -> Weighting:
        """Return the method that finds the weights below a node."""
        return weighting_of(self.step(code))

    def children(self, code: str) -> tuple[str, ...]:
        """Return the children of a node."""
        return tuple(child.code for child in self.layout.spec.framework.children(code))

    def line(self, code: str, down: int) -> Area:
        """Return one of the lines of a node, a cell for each child."""
        row = self.rows[code] + down
        size = len(self.children(code))
        return Area.of_row(SHEET, row, LEFT, LEFT + size - 1)

    def matrix(self, code: str) -> Area:
        """Return the cells of the judgements."""
        row = self.rows[code] + 6
        size = len(self.children(code))
        return Area(
            SHEET,
            r1=row,
            c1=LEFT,
            r2=row + size - 1,
            c2=LEFT + size - 1,
        )

    def own(self, code: str) -> Area:
        """Return the column that the judgements' weights come in."""
        matrix = self.matrix(code)
        return Area.of_column(SHEET, matrix.c2 + 1, matrix.r1, matrix.r2)

    def call(self, code: str) -> str:
        """Return the call that finds the weights below a node."""
        method = self.method(code)
        name = f"{method.name.upper()}_WEIGHTS"
        if method.judges:
            return f"{name}({self.matrix(code).ref(home=SHEET)})"
        block, children = self.layout.children(code)
        option = (
            f",{cell(self.rows[code], LEFT + 1, Fix.BOTH)}"
            if method.cell_parameters
            else ""
        )
        if self.step(code).numbers("targets"):
            option = f",{self.line(code, TARGETS).ref(home=SHEET)}"
        return f"{name}({block.span(children).ref()}{option})"


def stored_rows(book: ReadBook) -> dict[int, str]:
    """Return the rows of `Weights` with weights found when a book was built or filled -> node."""
    cells = book.sheets[SHEET].cells if SHEET in book.sheets else ()
    heads = (row for row, column in cells if column == 1 and row >= FIRST_ROW)
    codes = {row + STORED: plain_text(book.value(SHEET, row, 1)) for row in heads}
    return {row: code for row, code in codes.items() if code}


def weights_to_store(result: IndexResult, code: str) -> list[float | None]:
    """Return the weights that an index has below a node: none where the data give none."""
    children = result.framework.children(code)
    lacks = any(
        p.code == "XC357" and p.where.indicator == code for p in result.failures
    )
    return [None if lacks else child.weight for child in children]


def stored_cells(
    book: ReadBook, result: IndexResult
) -> dict[str, dict[Position, CellValue]]:
    """Return what to write where, so that a book stores the weights of an index."""
    cells: dict[Position, CellValue] = {}
    for row, code in stored_rows(book).items():
        if code in result.framework:
            for column, weight in enumerate(weights_to_store(result, code), LEFT):
                cells[row, column] = weight
    return {SHEET: cells}


def weight_formula(layout: Layout, code: str) -> str:
    """Return the formula of a node's weight inside its parent, "" where it is typed."""
    parent = layout.spec.framework[code].parent
    if parent is None or (step := weight_step(layout.spec.recipe, parent)) is None:
        return ""
    if (native := weighting_of(step).native) is not None:
        parents = layout.framework_column("parent").ref(home="Framework")
        own = layout.framework_cell(code, "parent", Fix.COLUMN, "Framework")
        return native(parents, own)
    weight_layout = WeightLayout(layout)
    column = LEFT + weight_layout.children(parent).index(code)
    computed, stored = (weight_layout.rows[parent] + down for down in (FOUND, STORED))
    first, now, then = (
        f"{SHEET}!{cell(row, col, Fix.BOTH)}"
        for row, col in ((computed, LEFT), (computed, column), (stored, column))
    )
    # Where the functions are not loaded, the weights of the last time count.
    return f'IF({not_loaded(first)},IF({then}="","",{then}),IFERROR({now},""))'


def weighing_problems(spec: TemplateSpec) -> Iterator[Problem]:
    """Yield why weights cannot be found in cells."""
    if spec.apart and any(
        weight_step(spec.recipe, n.code) for n in spec.framework.composites
    ):
        message = Message("XC259.groups_with_given_weights")
        hint = Message("hint.remove_weight_step")
        yield no_native_problem(message, hint)
    if weighted_nodes(spec) and spec.cells == NATIVE:
        message = Message("XC259.weights_from_data")
        yield no_native_problem(message, Message("hint.cells_both_or_weights"))
