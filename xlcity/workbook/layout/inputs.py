"""Where inputs stand: the codes of a template, its city rows, `Framework`, `Cities` and `Data`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from xlcity.methods.construct.record import Construction
from xlcity.methods.registry import find_method
from xlcity.model.recipe import Step
from xlcity.workbook.drawing.grid import Area, Fix, cell
from xlcity.workbook.layout.rows import (
    BEST_WIDTHS,
    CITY_COLUMNS,
    EXCEPTION_ROWS,
    EXCEPTION_SPARE,
    FIRST,
    FRAMEWORK_COLUMNS,
    FRAMEWORK_FIRST,
    IN_CODE,
    IN_FIRST,
    INDEX,
    INGREDIENT_GAP,
    ITEM_SPARE,
)
from xlcity.workbook.methods_in_cells import parameter_cells
from xlcity.workbook.spec import TemplateSpec, denominator_of

#: Columns of parameters in their order on `Framework`; others that a method has stand behind them.
PARAMETERS = ("a", "b", "clip", "base", "scale", "rule", "floor", "missing", "constant")
#: Columns of what prepares raw values.
PREPARATIONS = (
    "denominator",
    "factor",
    "impute_raw",
    "group",
    "treat",
    "t1",
    "t2",
    "kind",
    "when",
    "skew",
    "kurt",
)
#: Column of the number of nearest cities, where gaps are filled from them.
NEAREST = "nearest"

#: Columns of the list on `Items`.
ITEM_COLUMNS = (
    "code",
    "unit",
    "item",
    "rank_a",
    "rank_b",
    "last_a",
    "last_b",
    "weight",
    "basis",
)

#: Name of the table of what groups are called, and its free lines.
XL_GROUPS = "xl_groups"
#: Where tiers are declared; a workbook has it from the first on.
XL_TIERS = "xl_tiers"
GROUP_SPARE = 10


@dataclass(frozen=True, eq=False)
class InputLayout:
    """Codes of one template, and addresses of what people type."""

    spec: TemplateSpec

    # -- codes ---------------------------------------------------------------------------------
    @cached_property
    def indicators(self) -> tuple[str, ...]:
        """Indicator codes in tree order."""
        return tuple(node.code for node in self.spec.framework.indicators)

    @cached_property
    def composites(self) -> tuple[str, ...]:
        """Composite codes, the root first, level by level."""
        return tuple(node.code for node in self.spec.framework.composites)

    @cached_property
    def from_below(self) -> tuple[str, ...]:
        """Composite codes in the order in which they are computed: the lowest level first."""
        depth = self.spec.framework.depth
        return tuple(sorted(self.composites, key=lambda code: -depth(code)))

    @cached_property
    def constructed(self) -> tuple[str, ...]:
        """Indicators that are built from ingredients, in tree order."""
        recipe = self.spec.recipe
        return tuple(
            c for c in self.indicators if recipe.step_for("construct", c) is not None
        )

    @cached_property
    def ingredients(self) -> tuple[str, ...]:
        """Codes of all ingredients, those of one indicator side by side, in tree order."""
        return tuple(chain.from_iterable(map(self.ingredients_of, self.constructed)))

    def ingredients_of(self, code: str) -> tuple[str, ...]:
        """Return the codes of an indicator's ingredients."""
        return tuple(i.code for i in self.spec.framework.ingredients_of(code))

    @cached_property
    def item_codes(self) -> tuple[str, ...]:
        """Indicators that are counted from the list on `Items`."""
        return tuple(c for c in self.constructed if self.construction_of(c).items)

    def construct_of(self, code: str) -> Step:
        """Return the step by which an indicator is constructed."""
        step = self.spec.recipe.step_for("construct", code)
        assert step is not None, "it is one of `constructed`"
        return step

    def construction_of(self, code: str) -> Construction:
        """Return the method by which an indicator is constructed."""
        return find_method(Construction, self.construct_of(code).method)

    ITEM_HEADER = 15
    ITEM_FIRST = 16

    @property
    def item_rows(self) -> int:
        """Lines of `Items`: those of the book, or what is there or was shipped, and some more."""
        if self.spec.item_rows:
            return self.spec.item_rows
        sources = [
            self.spec.dataset,
            *([self.spec.defaults] if self.spec.defaults else []),
        ]
        return (
            max(sum(map(len, source.items.values())) for source in sources) + ITEM_SPARE
        )

    def item_column(self, column: int) -> Area:
        """Return a whole column of the list on `Items`."""
        return Area.of_column(
            "Items", column, self.ITEM_FIRST, self.ITEM_FIRST + self.item_rows - 1
        )

    def item_count(self, code: str) -> str:
        """Return the formula for the number of lines an indicator has on `Items`."""
        return f'COUNTIF({self.item_column(1).ref()},"{code}")'

    @cached_property
    def inputs(self) -> tuple[str, ...]:
        """Columns of `Data`: direct values of nodes, then each indicator after its ingredients."""
        columns = list(self.spec.direct_nodes)
        for code in self.indicators:
            if code in self.constructed:
                columns += self.ingredients_of(code)
            columns.append(code)
        return (*columns, *self.variables)

    @cached_property
    def variables(self) -> tuple[str, ...]:
        """Measurements outside the tree that indicators are divided by, after all others."""
        spec = self.spec
        used = {denominator_of(spec, code) for code in self.indicators}
        return tuple(v.code for v in spec.framework.variables if v.code in used)

    # -- rows ----------------------------------------------------------------------------------
    @property
    def slots(self) -> int:
        """Number of unit rows."""
        return self.spec.slots

    @property
    def last(self) -> int:
        """Last unit row of the calculation sheets."""
        return FIRST + self.slots - 1

    @property
    def in_last(self) -> int:
        """Last unit row of the input sheets as built."""
        return IN_FIRST + self.slots - 1

    @property
    def closing(self) -> int:
        """The row where whole columns of inputs end, below an empty one: see `GAP_HEIGHT`."""
        return self.in_last + 2

    def ids(self) -> str:
        """Return the ids of the cities on `Index`."""
        return Area.of_column(INDEX, 1, FIRST, self.last).ref()

    def names(self) -> str:
        """Return the names of the cities on `Index`."""
        return Area.of_column(INDEX, 2, FIRST, self.last).ref()

    def city_row(self, row: int) -> int:
        """Return the row on `Cities` of a calculation row."""
        return row - FIRST + IN_FIRST

    # -- Framework -----------------------------------------------------------------------------
    @cached_property
    def framework_columns(self) -> tuple[str, ...]:
        """Columns of the tree."""
        return framework_columns(self.spec)

    def framework_cell(
        self, code: str, column: str, fix: Fix = Fix.BOTH, home: str = ""
    ) -> str:
        """Return the address of a node's entry."""
        text = cell(
            self.framework_row(code), self.framework_columns.index(column) + 1, fix
        )
        return text if home == "Framework" else f"Framework!{text}"

    def node_name(self, code: str) -> str:
        """Return the address of the name of a node as it is shown."""
        return self.framework_cell(code, "display")

    @cached_property
    def _tree_rows(self) -> dict[str, int]:
        tree = self.spec.framework.tree_order
        return {node.code: row for row, node in enumerate(tree, FRAMEWORK_FIRST)}

    def framework_row(self, code: str) -> int:
        """Return the row of a node, or of what stands in the tables below the tree.

        Variables come first, then ingredients.
        """
        if code in self._tree_rows:
            return self._tree_rows[code]
        below = FRAMEWORK_FIRST + len(self._tree_rows) + INGREDIENT_GAP
        if code in self.variables:
            return below + self.variables.index(code)
        if self.variables:
            below += len(self.variables) + INGREDIENT_GAP
        return below + self.ingredients.index(code)

    def framework_column(self, column: str) -> Area:
        """Return the whole column of the tree table, without its header."""
        position = self.framework_columns.index(column) + 1
        last = FRAMEWORK_FIRST + len(self.spec.framework.nodes) - 1
        return Area.of_column("Framework", position, FRAMEWORK_FIRST, last)

    # -- Cities --------------------------------------------------------------------------------
    @cached_property
    def city_columns(self) -> tuple[str, ...]:
        """Columns of `Cities`: the fixed ones and the attributes."""
        return (*CITY_COLUMNS, *self.spec.attributes)

    def city(self, column: str) -> Area:
        """Return a whole column of `Cities` over the unit rows."""
        position = self.city_columns.index(column) + 1
        return Area.of_column("Cities", position, IN_FIRST, self.in_last)

    def name_of(self, unit: str) -> str:
        """Return the formula for the name of the city whose id a cell holds, #N/A if none."""
        return f"INDEX({self.names()},MATCH({unit},{self.ids()},0))"

    def city_cell(
        self, column: str, calculation_row: int, fix: Fix = Fix.COLUMN
    ) -> str:
        """Return the reference to a unit's entry, for use on a calculation sheet."""
        position = self.city_columns.index(column) + 1
        return f"Cities!{cell(self.city_row(calculation_row), position, fix)}"

    # -- Data ----------------------------------------------------------------------------------
    DATA_LEFT = 4  # after id, name and message

    def data_column(self, code: str, above: int = 0) -> Area:
        """Return an indicator's whole column on `Data`, code row to closing row.

        `above` rows above the codes belong to it, too; the first of them is empty.
        """
        position = self.DATA_LEFT + self.inputs.index(code)
        return Area.of_column("Data", position, IN_CODE - above, self.closing)

    @property
    def exception_rows(self) -> int:
        """Lines of the table of exceptions on `Sources`; a report's own leave some free."""
        return max(EXCEPTION_ROWS, len(self.spec.exceptions) + EXCEPTION_SPARE)

    @property
    def group_rows(self) -> int:
        """Lines of the table of groups on `Framework`; none where a report names them itself."""
        groups = sum(len(kind.groups) for kind in self.spec.named_groups)
        if self.spec.group_types or not self.spec.attributes:
            return 0
        if self.spec.group_lines:
            return max(groups, self.spec.group_lines)
        return groups + GROUP_SPARE


def method_columns(spec: TemplateSpec) -> tuple[str, ...]:
    """Return the columns of the parameters that methods and preparations have."""
    steps = (
        spec.recipe.step_for("normalise", node.code)
        for node in spec.framework.indicators
    )
    # Most indicators have the same step.
    distinct = {id(step): step for step in steps if step is not None}.values()
    cells = chain.from_iterable(parameter_cells(step).values() for step in distinct)
    used = {own.column for own in cells}
    ordered = (*PARAMETERS, *sorted(used - {*PARAMETERS}))
    parameters = tuple(name for name in ordered if name in used)
    if not spec.preparing:
        return parameters
    imputing = spec.recipe.steps_doing("impute_raw")
    if any(NEAREST in step.record.names for step in imputing):
        return (*parameters, *PREPARATIONS, NEAREST)
    return (*parameters, *PREPARATIONS)


def _best_columns(spec: TemplateSpec) -> tuple[str, ...]:
    """Return the columns of what best values are called; none where nothing says so."""
    nodes = spec.framework.nodes
    has_words = any(node.best_zh or node.best_en for node in nodes)
    return tuple(BEST_WIDTHS) if has_words else ()


def framework_columns(spec: TemplateSpec) -> tuple[str, ...]:
    """Return the columns of the tree on `Framework`, those of methods behind the direction."""
    after_direction = FRAMEWORK_COLUMNS.index("direction") + 1
    after_unit = FRAMEWORK_COLUMNS.index("uom") + 1
    methods = ("method", *method_columns(spec), "meaning")
    return (
        *FRAMEWORK_COLUMNS[:after_direction],
        *methods,
        *FRAMEWORK_COLUMNS[after_direction:after_unit],
        *_best_columns(spec),
        *FRAMEWORK_COLUMNS[after_unit:],
    )
