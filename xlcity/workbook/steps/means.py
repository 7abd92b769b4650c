"""Composite nodes by other means than the arithmetic one, through a block of working columns.

A function lifted over a range is wrong in several engines, so each child's logarithm, reciprocal or
power has a cell of its own; the node is the arithmetic mean of these, turned back.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from xlcity.messages import Message
from xlcity.methods.aggregate.record import NodeCells
from xlcity.methods.formulas import mean_formula, no_blank_condition
from xlcity.workbook.drawing.grid import Block, Fix, cell
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.groups import populations_of
from xlcity.workbook.layout.layout import FUNCTIONS
from xlcity.workbook.layout.rows import INDEX, ROW_FIXED_HIGH, ROW_FIXED_LOW, ROW_WEIGHT
from xlcity.workbook.methods_in_cells import (
    aggregation_of,
    mean_of,
    native_mean,
    step_for,
)
from xlcity.workbook.spec import NATIVE, TemplateSpec
from xlcity.workbook.steps.native_support import no_native
from xlcity.workbook.steps.nodes import missing_rule, needs_exact_zero, node_native
from xlcity.workbook.steps.weigh import weighted_nodes

ROW_POWER = ROW_FIXED_LOW
#: Row of the least share of its children that a node must have.
ROW_THRESHOLD = ROW_FIXED_HIGH


def check_mean(spec: TemplateSpec, code: str) -> None:
    """Refuse a mean that has no cells.

    Raises
    ------
    RecipeError
        If a rule for missing children does not go with the method, or populations are apart.
    """
    method = mean_of(spec, code)
    rule = missing_rule(spec, code)
    if spec.apart and threshold_of(spec, code):
        message = Message("XC259.no_threshold", code=code)
        raise no_native(code, message, Message("hint.remove_it"))
    if aggregation_of(spec, code).adds_up:
        return
    native = native_mean(spec, code)
    if native.by_function and spec.cells == NATIVE:
        message = Message("XC259.aggregate_by_function", code=code, method=method)
        raise no_native(code, message, Message("hint.cells_both"))
    # A child that counts as 0, or that all cities wait for, is none to be turned.
    if native.turn_child and rule not in ("na", "renormalise"):
        message = Message(
            "XC259.missing_children_of_method", code=code, rule=rule, method=method
        )
        raise no_native(code, message, Message("hint.na_or_renormalise"))
    if spec.apart or spec.recipe.steps_doing("pairs"):
        kind = "several populations or pairs of cities"
        message = Message("XC259.aggregation", kind=kind, code=code, method=method)
        raise no_native(code, message, Message("hint.arithmetic_mean"))


def threshold_of(spec: TemplateSpec, code: str) -> float:
    """Return the least share of its children that a node must have, 0 where it does not matter."""
    return step_for(spec, "aggregate", code).number("threshold", 0.0)


class Turned(NamedTuple):
    """The working columns of one node: its children turned, and their mean last.

    Parameters
    ----------
    layout
        The template.
    code
        The node.
    block
        Where the columns stand.
    """

    layout: Layout
    code: str
    block: Block

    @property
    def children(self) -> tuple[str, ...]:
        """Columns of the children."""
        return self.block.codes[:-1]

    @property
    def mean(self) -> str:
        """Column of their mean."""
        return self.block.codes[-1]

    @property
    def power(self) -> str:
        """Address of the power."""
        return cell(ROW_POWER, self.block.column(self.mean), Fix.BOTH)

    def child(self, column: str, row: int, home: str) -> str:
        """Return the formula of a turned child; a value that has none leaves the node blank."""
        source, children = self.layout.children(self.code)
        child = children[self.children.index(column)]
        x = self.layout.values_of(source).at(child, row, home)
        native = native_mean(self.layout.spec, self.code)
        assert native.turn_child is not None
        # 0 to a negative power is an error, not a number that a mean could do without.
        above = f"IF({self.power}>0,{x}>=0,{x}>0)" if native.turns_zero else f"{x}>0"
        return (
            f'IF(ISNUMBER({x}),IF({above},{native.turn_child(x, self.power)},""),{x})'
        )

    def middle(self, row: int, home: str) -> str:
        """Return the formula of the mean of the turned children."""
        weights = self.block.rows_of(self.children, ROW_WEIGHT, ROW_WEIGHT).ref(
            Fix.ROW, home
        )
        values = self.block.rows_of(self.children, row, row).ref(Fix.NONE, home)
        given, _ = self.layout.child_cells(self.layout.children(self.code), row, home)
        spec = self.layout.spec
        return node_native(
            values,
            weights,
            missing_rule(spec, self.code),
            zeros=True,
            given=given,
        )

    def back(self, row: int, home: str) -> str:
        """Return the formula of the node."""
        m = self.block.at(self.mean, row, home)
        native = native_mean(self.layout.spec, self.code)
        assert native.turn_back is not None
        return f"IF(ISNUMBER({m}),{native.turn_back(m, self.power)},{m})"


def turned_nodes(layout: Layout) -> dict[str, Turned]:
    """Return the nodes with working columns."""
    blocks = ((code, layout.blocks.get(f"turned {code}")) for code in layout.composites)
    return {
        code: Turned(layout, code, block) for code, block in blocks if block is not None
    }


def mean_native(
    layout: Layout,
    code: str,
    row: int,
    home: str,
    turned: Mapping[str, Turned],
    number: str = "",
) -> str:
    """Return the formula of a composite cell from the children and weights that `layout` names.

    A value of its own is used, whatever is below it. `number` is the cell of the number of
    children, where there is one.
    """
    formula = _from_children(layout, code, row, home, turned=turned, number=number)
    if missing_rule(layout.spec, code) == "refuse":
        # A gap stops the whole population.
        formula = _refused_native(layout, code, row)
    if code not in layout.spec.direct_nodes:
        return formula
    given = layout.on_index.typed.at(code, row, home)
    return f"IF(ISNUMBER({given}),{given},{formula})"


def _from_children(
    layout: Layout,
    code: str,
    row: int,
    home: str,
    turned: Mapping[str, Turned],
    number: str,
) -> str:
    """Return the formula of a composite cell without regard to values of its own."""
    spec = layout.spec
    values, weights = layout.child_cells(layout.children(code), row, home)
    threshold = threshold_of(spec, code)
    is_weighed = code in weighted_nodes(spec)
    functions = layout.blocks[FUNCTIONS]
    if code in turned:
        formula = turned[code].back(row, home)
    elif code in functions.codes:
        value = functions.at(code, row, home)
        formula = _from_function(spec, code, value, values, weights=weights)
    else:
        is_arithmetic = aggregation_of(spec, code).adds_up
        is_plain = is_arithmetic and missing_rule(spec, code) != "zero"
        if ":" not in values and is_plain and not threshold and not is_weighed:
            # One child, whatever it is.
            return values
        formula = _mean(spec, code, values, weights, number=number)
    if threshold:
        # It stands above the node on `Index`, a trial's too; a blank child leaves it to the mean.
        least = Layout(spec).aggregates.at(code, ROW_THRESHOLD, home, Fix.BOTH)
        filled = no_blank_condition(values, f"COUNT({weights})")
        short = f"COUNT({values})/COUNT({weights})<{least}-1E-12"
        formula = f'IF(AND({filled},{short}),"NA",{formula})'
    if is_weighed:
        # Where no weights are found, an empty row would count as filled.
        formula = f'IF(COUNT({weights})=0,"",{formula})'
    return formula


def _from_function(
    spec: TemplateSpec, code: str, value: str, values: str, weights: str
) -> str:
    """Return the formula of what a function found, "NA" only where a gap is why it failed."""
    size = f"COUNT({weights})"
    lacking = f"COUNT({values})<{size}"
    if missing_rule(spec, code) == "na":
        settings = step_for(spec, "aggregate", code).settings()
        lacking = NodeCells(values, weights, settings).gaps
    found = f'IF(ISNUMBER({value}),{value},IF({lacking},"NA",""))'
    return f'IF({no_blank_condition(values, size)},{found},"")'


def _mean(
    spec: TemplateSpec,
    code: str,
    values: str,
    weights: str,
    number: str,
) -> str:
    """Return the formula of the mean of children by the node's own method."""
    of_method = native_mean(spec, code).formula
    cancels = needs_exact_zero(spec, code)
    if of_method is None:
        rule = missing_rule(spec, code)
        return node_native(
            values, weights, rule, zeros=True, cancels=cancels, number=number
        )
    settings = step_for(spec, "aggregate", code).settings()
    return of_method(NodeCells(values, weights, settings, cancels, child_count=number))


def mean_udf(
    spec: TemplateSpec, code: str, values: str, weights: str, power: str = ""
) -> str | None:
    """Return the call that computes a composite column by another mean, None where none does."""
    call = native_mean(spec, code).call
    if call is None or threshold_of(spec, code):
        return None
    settings = step_for(spec, "aggregate", code).settings()
    return call(NodeCells(values, weights, settings, power=power))


def _refused_native(layout: Layout, code: str, row: int) -> str:
    """Return a node that is computed where its whole population has all its children."""
    populations = populations_of(layout)
    values, weights = layout.child_cells(layout.children(code), row, INDEX)
    number = populations.number(row, INDEX)
    complete = populations.own("aggregates", code, "complete", number, home=INDEX)
    mean = f"SUMPRODUCT({values},{weights})/SUM({weights})"
    if needs_exact_zero(layout.spec, code):
        mean = mean_formula(
            f"SUMPRODUCT({values},{weights})", f"SUM({weights})", values
        )
    return f'IF({number}="","",IF({complete}=1,{mean},"NA"))'
