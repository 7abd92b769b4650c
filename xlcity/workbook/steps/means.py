"""Composite nodes by other means than the arithmetic one, through a block of working columns.

A function lifted over a range is wrong in several engines, so each child's logarithm, reciprocal or
power has a cell of its own; the node is the arithmetic mean of these, turned back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from xlcity.workbook.grid import Block, cell
from xlcity.workbook.layout import FIRST, ROW_FIXED_LOW, ROW_WEIGHT, Layout
from xlcity.workbook.spec import TemplateSpec
from xlcity.workbook.steps.known import no_native
from xlcity.workbook.steps.nodes import missing_rule, node_native

#: Methods that need working columns.
TURNED = ("geometric", "harmonic", "power")
ROW_POWER = ROW_FIXED_LOW


def mean_of(spec: TemplateSpec, code: str) -> str:
    """Return the method by which a node is aggregated."""
    step = spec.recipe.step_for("aggregate", code)
    return "arithmetic" if step is None else step.method


def check_mean(spec: TemplateSpec, code: str) -> None:
    """Refuse a mean that has no cells.

    Raises
    ------
    RecipeError
        If a rule for missing children does not go with the method, or populations are apart.
    """
    method, rule = mean_of(spec, code), missing_rule(spec, code)
    if method == "arithmetic":
        return
    if rule not in ("na", "renormalise"):
        raise no_native(
            code,
            f"templates cannot treat missing children of {code} by {rule!r} under {method}.",
            "Say na or renormalise.",
        )
    if spec.apart or spec.recipe.steps_doing("pairs"):
        raise no_native(
            code,
            f"templates with several populations or pairs of cities cannot aggregate {code} by "
            f"{method!r} yet.",
            "Use the arithmetic mean. `xlcity index` takes any.",
        )


def power_of(spec: TemplateSpec, code: str) -> float:
    """Return the power of a power mean."""
    step = spec.recipe.step_for("aggregate", code)
    return 1.0 if step is None else step.number("power", 1.0)


@dataclass(frozen=True)
class Turned:
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
    def method(self) -> str:
        """The method of the mean."""
        return mean_of(self.layout.spec, self.code)

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
        return cell(ROW_POWER, self.block.column(self.mean), "rc")

    def child(self, column: str, row: int, home: str) -> str:
        """Return the formula of a turned child; a value that has none leaves the node blank."""
        source, children = self.layout.children(self.code)
        x = source.at(children[self.children.index(column)], row, home)
        turned = {"geometric": f"LN({x})", "harmonic": f"1/{x}", "power": f"{x}^{self.power}"}
        above = ">=0" if self.method == "power" else ">0"
        return f'IF(ISNUMBER({x}),IF({x}{above},{turned[self.method]},""),{x})'

    def middle(self, row: int, home: str) -> str:
        """Return the formula of the mean of the turned children."""
        weights = self.block.rows_of(self.children, ROW_WEIGHT, ROW_WEIGHT).ref("rc", home)
        values = self.block.rows_of(self.children, row, row).ref("c", home)
        return node_native(values, weights, missing_rule(self.layout.spec, self.code))

    def back(self, row: int, home: str) -> str:
        """Return the formula of the node."""
        m = self.block.at(self.mean, row, home)
        turned = {"geometric": f"EXP({m})", "harmonic": f"1/{m}", "power": f"{m}^(1/{self.power})"}
        return f"IF(ISNUMBER({m}),{turned[self.method]},{m})"


def turned_nodes(layout: Layout, *beside: Block) -> dict[str, Turned]:
    """Return the nodes with working columns, right of everything else on their sheet."""
    parts = beside or (layout.aggregates, layout.carried, layout.computed)
    left = max(part.right for part in parts if part.codes) + 2
    found = {}
    for code in layout.composites:
        if mean_of(layout.spec, code) not in TURNED:
            continue
        children = layout.children(code)[1]
        names = (*(f"{code} > {child}" for child in children), f"{code} > mean")
        block = Block(layout.aggregates.sheet, left, names, FIRST, layout.last)
        found[code] = Turned(layout, code, block)
        left = block.right + 2
    return found


def mean_native(
    layout: Layout, code: str, row: int, home: str, turned: Mapping[str, Turned]
) -> str:
    """Return the formula of a composite cell from the children and weights that `layout` names."""
    if code in turned:
        return turned[code].back(row, home)
    source, children = layout.children(code)
    weights = source.rows_of(children, ROW_WEIGHT, ROW_WEIGHT).ref("rc", home)
    values = source.rows_of(children, row, row).ref("c", home)
    rule = missing_rule(layout.spec, code)
    made = least if mean_of(layout.spec, code) == "minimum" else node_native
    return made(values, weights, rule)


def least(values: str, weights: str, missing: str) -> str:
    """Return the formula of the smallest child."""
    filled = f'COUNT({values})+COUNTIF({values},"NA")=COUNT({weights})'
    if missing == "renormalise":
        return f'IF({filled},IF(COUNT({values})=0,"NA",MIN({values})),"")'
    return f'IF(COUNT({values})=COUNT({weights}),MIN({values}),IF({filled},"NA",""))'


def mean_udf(spec: TemplateSpec, code: str, values: str, weights: str, power: str = "") -> str:
    """Return the call that computes a composite column by another mean."""
    method, rule = mean_of(spec, code), missing_rule(spec, code)
    if method == "minimum":
        return f'MIN_INDEX({values},"{rule}")'
    more = f",{power}" if method == "power" else ""
    return f'WEIGHTED_INDEX({values},{weights},"{method}","{rule}"{more})'
