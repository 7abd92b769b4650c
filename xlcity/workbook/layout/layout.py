"""Addresses of one template: its calculation sheets, and below its inputs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import chain

from xlcity.reports.report import PublishedScores
from xlcity.workbook import preparations
from xlcity.workbook.drawing.grid import Area, Block, Fix, PickedBlock, cell
from xlcity.workbook.layout.blocks import block_on, side_by_side
from xlcity.workbook.layout.inputs import InputLayout
from xlcity.workbook.layout.rows import (
    CITY_FACTS,
    DATA_ROW_COLUMN,
    FIRST,
    INDEX,
    MESSAGES,
    POOL_COLUMN,
    POPULATION_COLUMN,
    ROW_WEIGHT,
    SHIPPED_ROW_COLUMN,
)
from xlcity.workbook.methods_in_cells import native_mean, step_for

#: The block of what functions of the user give for indicators.
OWN = "own"
#: The block of what functions give for nodes.
FUNCTIONS = "functions"
#: Blocks of what only functions can do, a call for each column.
BY_FUNCTION = (preparations.FILLS, preparations.DRAWN, OWN, FUNCTIONS)


def _named(name: str) -> cached_property[Block]:
    """Return a property: a block of `Index` by its name."""

    def block(layout: Layout) -> Block:
        return layout.blocks[name]

    return cached_property(block)


def index_cell(row: int, column: int, fix: Fix, home: str = "") -> str:
    """Return the address of a cell of `Index`, with the sheet unless `home` is that sheet."""
    address = cell(row, column, fix)
    return address if home == INDEX else f"{INDEX}!{address}"


#: Returns the formula of the cell of a code in a row.
CellFormula = Callable[[str, int], str]

_published = partial(block_on, "Published", last="published_last")


def _printed_columns(printed: PublishedScores, *, compared: bool) -> Iterator[str]:
    """Yield the columns of a node on `Published`: what is printed, and how `Index` differs."""
    by_scores = compared and not printed.compares_ranks
    if printed.scores:
        yield "printed"
    if by_scores:
        yield "difference"
    if printed.ranks:
        yield "printed_rank"
        if compared and not by_scores:
            yield "rank"
            yield "difference"


@dataclass(frozen=True, eq=False)
class Layout(InputLayout):
    """Addresses of one template."""

    #: Status letter of every value on `Messages`, or what it lacks.
    letters = block_on(MESSAGES, "inputs", left=SHIPPED_ROW_COLUMN + 2, last="last")

    @property
    def facts_left(self) -> int:
        """First of the columns of `Messages` about each city: see `CITY_FACTS`."""
        return self.letters.right + 2

    def fact(self, name: str, last: str = "") -> Area:
        """Return one of these columns, or adjacent ones up to `last`."""
        left, right = (
            self.facts_left + CITY_FACTS.index(n) for n in (name, last or name)
        )
        return Area(MESSAGES, r1=FIRST, c1=left, r2=self.last, c2=right)

    # -- Index ---------------------------------------------------------------------------------
    @cached_property
    def on_index(self) -> Layout:
        """The layout whose blocks stand on `Index`; a trial's do not."""
        return self if self.block_sheet == INDEX else Layout(self.spec)

    #: The sheet of these blocks.
    block_sheet = INDEX

    @property
    def first_block_left(self) -> int:
        """First column of the blocks, two behind those about a city."""
        return (POOL_COLUMN if self.spec.apart else DATA_ROW_COLUMN) + 2

    def population(self, row: int, home: str = "") -> str:
        """Return the cell with the population of a city, "" for one that is not scored."""
        return index_cell(row, POPULATION_COLUMN, Fix.COLUMN, home)

    def _columns(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield the blocks of `Index` from left to right: name, codes of its columns."""
        spec = self.spec
        yield "entries", self.inputs
        yield "typed", self.inputs
        for code in self.constructed:
            if self.construction_of(code).native.scores_parts:
                yield f"parts {code}", self.ingredients_of(code)
        yield "constructed_values", self.constructed
        yield "raw", self.indicators if self._copies_raw_values else ()
        yield "listed", ("listed",) if self.item_codes else ()
        yield from preparations.columns(spec)
        yield OWN, self.scored_by_own
        again = (
            code
            for code in self.indicators
            if step_for(spec, "normalise", code).get("again") == "yes"
        )
        yield "clipped", tuple(again)
        yield "scores_before_imputing", self.indicators if spec.imputes else ()
        yield "normalised", self.indicators
        yield from self._node_columns()
        yield "keys", self.from_below
        yield "ranks", self.from_below
        yield "chosen", spec.populations
        yield "options", self.indicators if spec.calls_in_place else ()

    @property
    def _copies_raw_values(self) -> bool:
        """Whether values stand side by side once more, as screening and models read them."""
        models = map(preparations.is_model, self.spec.recipe.steps)
        are_adjacent = "screen" in self.spec.preparing or any(models)
        return bool(self.constructed) and are_adjacent

    def _node_columns(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield the blocks of nodes likewise."""
        framework = self.spec.framework
        means = {code: native_mean(self.spec, code) for code in self.from_below}
        mixed = filter(self.is_mixed, self.from_below)
        children = chain.from_iterable(map(framework.children, mixed))
        yield "mixed_children", tuple(child.code for child in children)
        for code, mean in means.items():
            if mean.turn_child is not None:
                turned = (
                    f"{code} > {child.code}" for child in framework.children(code)
                )
                yield f"turned {code}", (*turned, f"{code} > mean")
        yield FUNCTIONS, tuple(code for code, mean in means.items() if mean.by_function)
        yield "aggregates", self.from_below if self.spec.rescales else ()
        yield "root_children", self._children_of_scaled_root
        yield "scores", self.from_below

    @property
    def _children_of_scaled_root(self) -> tuple[str, ...]:
        """Children of different kinds that the root is the mean of once they are rescaled."""
        root = self.spec.framework.root.code
        if not self.spec.means_of_scaled or not self.is_mixed(root):
            return ()
        return tuple(child.code for child in self.spec.framework.children(root))

    @cached_property
    def blocks(self) -> Mapping[str, Block]:
        """The blocks by name; the column before each says what stands above it."""
        left = self.first_block_left
        last = self.last
        return side_by_side(self.block_sheet, left, self._columns(), last)

    #: What stands on `Data`, as it is.
    entries = _named("entries")
    #: What was typed: a number, "NA", "" for a blank, "?" for anything else.
    typed = _named("typed")

    @cached_property
    def raw(self) -> Block:
        """The value of every indicator, as typed or constructed; screening counts along a row."""
        if self.blocks["raw"].codes:
            return self.blocks["raw"]
        of = dict.fromkeys(self.indicators, self.typed)
        of |= dict.fromkeys(self.constructed, self.constructed_values)
        columns = tuple(block.column(code) for code, block in of.items())
        return PickedBlock(
            self.block_sheet,
            min(columns),
            self.indicators,
            FIRST,
            last_row=self.last,
            columns=columns,
        )

    @cached_property
    def weighted_parts(self) -> dict[str, Block]:
        """Constructed indicator -> its ingredients with weights above: z-scores, or as typed."""
        weighted = (
            c for c in self.constructed if self.construction_of(c).native.averages
        )
        return {code: self.blocks.get(f"parts {code}", self.typed) for code in weighted}

    def before(self, do: str) -> Block:
        """Return the block that a step before normalising acts on."""
        blocks = [self.raw, *(self.blocks[name] for name in self.spec.preparing)]
        return blocks[self.spec.preparing.index(do)]

    @property
    def prepared(self) -> Block:
        """The values that are normalised."""
        return self.blocks[self.spec.preparing[-1]] if self.spec.preparing else self.raw

    #: Values of constructed indicators: given directly, or made of their ingredients.
    constructed_values = _named("constructed_values")

    @property
    def listed_ids(self) -> Area:
        """Ids of the scored cities alone, whose institutions count."""
        return self.blocks["listed"].span()

    @property
    def scored_by_own(self) -> tuple[str, ...]:
        """The indicators whose scores a function of the user gives."""
        steps = (
            (code, self.spec.recipe.step_for("normalise", code))
            for code in self.indicators
        )
        return tuple(
            code for code, step in steps if step and step.record.own is not None
        )

    #: Clipped z-scores that are standardised once more.
    clipped = _named("clipped")
    #: Normalised indicators, as the nodes use them.
    normalised = _named("normalised")

    @property
    def scores_before_imputing(self) -> Block:
        """The scores that imputing starts from; where nothing is imputed, the normalised ones."""
        return (
            self.blocks["scores_before_imputing"]
            if self.spec.imputes
            else self.normalised
        )

    @property
    def aggregates(self) -> Block:
        """Composite nodes before rescaling; where nothing is rescaled, the scores."""
        return self.blocks["aggregates"] if self.spec.rescales else self.scores

    #: Composite nodes, the root last.
    scores = _named("scores")
    #: Children of nodes that have indicators and composites as children, side by side.
    mixed_children = _named("mixed_children")
    #: Children of a root that is the mean of scaled nodes, where it has indicators as well.
    root_children = _named("root_children")

    def is_mixed(self, code: str) -> bool:
        """Return whether a node has indicators as well as nodes below it."""
        framework = self.spec.framework
        return (
            len({framework.is_indicator(c.code) for c in framework.children(code)}) == 2
        )

    def mixed_child_block(self, code: str) -> Block:
        """Return the block that a carried child is read from."""
        framework = self.spec.framework
        if framework.is_indicator(code):
            return self.normalised
        step = self.spec.recipe.step_for("aggregate", framework[code].parent or "")
        from_scores = step is not None and step.get("children") == "scores"
        return self.scores if from_scores else self.aggregates

    def carried(self, block_of: Callable[[str], Block]) -> CellFormula:
        """Return what gives the formula of a carried child: its value in a block of these."""
        return lambda code, row: self.values_of(block_of(code)).at(
            code, row, self.block_sheet
        )

    def own_block(self, code: str) -> Block:
        """Return the block of the scores of an indicator or a node."""
        return (
            self.normalised if self.spec.framework.is_indicator(code) else self.scores
        )

    def scaled_children(self) -> tuple[Block, tuple[str, ...]]:
        """Return the block with the root's scaled children side by side, and their codes."""
        framework = self.spec.framework
        codes = tuple(child.code for child in framework.children(framework.root.code))
        block = (
            self.root_children if self.root_children.codes else self.own_block(codes[0])
        )
        return block, codes

    def children(self, code: str) -> tuple[Block, tuple[str, ...]]:
        """Return the block in which a node's children stand side by side, and their codes."""
        codes = tuple(child.code for child in self.spec.framework.children(code))
        is_mixed = codes[0] in self.mixed_children.codes
        return self.mixed_children if is_mixed else self.mixed_child_block(
            codes[0]
        ), codes

    def values_of(self, block: Block) -> Block:
        """Return where the values stand of a block of children that weights stand above."""
        return block

    def child_cells(
        self, children: tuple[Block, tuple[str, ...]], row: int, home: str
    ) -> tuple[str, str]:
        """Return the values in a row of children in a block, and the weights above them."""
        block, codes = children
        values = (
            self.values_of(block)
            .rows_of(
                codes,
                row,
                row,
            )
            .ref(Fix.NONE, home)
        )
        return values, block.rows_of(codes, ROW_WEIGHT, ROW_WEIGHT).ref(Fix.ROW, home)

    #: Rounded scores that ranks are taken from.
    keys = _named("keys")
    #: Competition ranks.
    ranks = _named("ranks")
    #: Order by the node chosen on `Ranking`, a column for each population.
    chosen = _named("chosen")
    #: Columns above which the options of calls stand, where cells are calls themselves.
    options = _named("options")

    # -- UDF -----------------------------------------------------------------------------------
    @cached_property
    def calls_alone(self) -> Block:
        """The calls that no formula repeats, where formulas stand on `Index`: "BLOCK CODE"."""
        columns: list[str] = []
        for part in BY_FUNCTION if self.spec.udf else ():
            block = self.blocks.get(part)
            columns += [f"{part} {code}" for code in block.codes] if block else []
        return Block("UDF", 3, tuple(columns), FIRST, last_row=self.last)

    @cached_property
    def held(self) -> Block:
        """What these calls gave last: the ids of the cities, and a column for each call."""
        codes = self.calls_alone.codes
        left = self.calls_alone.right + 2
        held = ("id", *codes) if codes else ()
        return Block("UDF", left, held, FIRST, last_row=self.last)

    @cached_property
    def tier_groups(self) -> tuple[tuple[str, str], ...]:
        """Groups that have tiers, as (group type, group)."""
        groups = ((tier.group_type, tier.group) for tier in self.spec.tiers)
        return tuple(dict.fromkeys(groups))

    # -- Published -----------------------------------------------------------------------------
    @property
    def published_last(self) -> int:
        """Last row of the printed and default values (units as shipped, no spare rows)."""
        return FIRST + max(len(self.spec.published_units), 1) - 1

    @cached_property
    def printed(self) -> Block:
        """Printed numbers beside computed ones: a column for each "NODE name"."""
        codes: list[str] = []
        for printed in self.spec.printed:
            is_compared = printed.node in self.composites
            names = _printed_columns(printed, compared=is_compared)
            codes += [f"{printed.node} {name}" for name in names]
        # Behind id and name: whether a city is compared, and what that follows from.
        return Block(
            "Published",
            7 if codes else 2,
            tuple(codes),
            FIRST,
            last_row=self.published_last,
        )

    def _shipped_inputs(self) -> tuple[str, ...]:
        return () if self.spec.defaults is None else self.inputs

    #: Values that the template ships with.
    default_values = _published(_shipped_inputs, after="printed")

    #: Status letters of those values.
    default_letters = _published("default_values.codes", after="default_values")
