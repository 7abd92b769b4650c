"""Where everything stands: rows, columns and blocks of every sheet, from one specification.

Sheets ask here for addresses, never each other. Unit sheets that calculate share their rows, so
that row 40 is the same city on each of them; `Data` and `Intake` have an order of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from xlcity.workbook.grid import Area, Block, cell
from xlcity.workbook.normalisers import has_working_column
from xlcity.workbook.spec import TemplateSpec, denominator_of

#: The form of templates: a book of another one has other sheets and formulas.
FORMAT = "2"
#: Input sheets: header rows 3-7, row 8 empty, code row 9, units from row 10.
IN_CODE = 9
IN_FIRST = 10
#: Height of the empty rows above the codes and below the inputs. "Sort" takes all rows up to the
#: next empty one, and takes the first for a header where its cells are static text alone.
GAP_HEIGHT = 4.5
#: Calculation sheets: statistics in rows 3-14, code row 15, units from row 16.
CODE = 15
FIRST = 16

ROW_NAME, ROW_WEIGHT, ROW_FIXED_LOW, ROW_FIXED_HIGH = 3, 4, 5, 6
ROW_N, ROW_MEAN, ROW_SD, ROW_MIN, ROW_MAX = 7, 8, 9, 10, 11
ROW_LOW, ROW_HIGH, ROW_RANGE = 12, 13, 14

#: Columns of `Framework`.
FRAMEWORK_COLUMNS = (
    "code",
    "parent",
    "level",
    "display",
    "name_zh",
    "name_en",
    "weight",
    "children_sum",
    "effective",
    "direction",
    "valid_low",
    "valid_high",
    "no_data",
    "uom_zh",
    "uom",
    "definition_zh",
    "definition",
    "notes",
    "report_weight",
    "changed",
)
#: The tree stands on top, its labels one row above its header; parameters stand below it.
FRAMEWORK_HEADER = 4
FRAMEWORK_FIRST = 5

#: Columns of `Cities` before the attributes.
CITY_COLUMNS = ("id", "population", "display", "name_zh", "name_en", "alias_1", "alias_2")

#: Rows between the tree and the table of ingredients below it.
INGREDIENT_GAP = 3

INTAKE_ROWS = 150
#: What is found out about an unusable value, step by step: its column, its text, that without
#: spaces, with plain digits, in half-width characters, without digits, without commas; whether it
#: is a number, one with commas, an inexact one; what it is if it is no text; its kind and words.
FAULTS = (
    "code", "entry", "plain", "digits", "half", "rest", "joined", "number", "comma", "inexact",
    "other", "kind", "words",
)  # fmt: skip
#: Steps in which a name loses what names spell differently.
NEAR_STEPS = 7
#: Columns of `Cleaned` about each city, behind the status letters; "" is an empty one. Names nearly
#: alike: the bare name, what such names have in common, the pair. Values as they were recorded: ids
#: and their sums, then of the city in this row its sum now, the recorded one, whether it differs,
#: and whose sum it is.
CITY_FACTS = (
    "n ok", "n NA", "n blank", "n bad", "n synthetic", "n outside", "first", "without", "number",
    "pool", "",
    *(f"fault {name}" for name in FAULTS),
    *(f"near step {step}" for step in range(1, NEAR_STEPS)),
    "near bare", "near consonants", "near key", "near pair", "",
    *(f"record {name}" for name in ("unit", "sum", "now", "own", "moved", "whose")),
)  # fmt: skip
EXCEPTION_ROWS, EXCEPTION_SPARE = 40, 20

#: Sheets in the order of their tabs.
SHEETS = (
    "README",
    "Framework",
    "Cities",
    "Data",
    "Links",
    "Sources",
    "Intake",
    "Items",
    "Methods",
    "Cleaned",
    "Matrices",
    "Centrality",
    "Constructed",
    "Prepared",
    "Weights",
    "Statistics",
    "Normalised",
    "Aggregates",
    "Scores",
    "Ranks",
    "Pairs",
    "Ranking",
    "Profile",
    "Audit",
    "WhatIf",
    "LastEdition",
    "Change",
    "LastLinks",
    "LastItems",
    "Groups",
    "Figures",
    "Tiers",
    "GroupKeys",
    "UDF",
    "LinksUDF",
    "PairsUDF",
    "Published",
    "Compare",
    "Checks",
    "CheckCounts",
    "Review",
    "Labels",
    "Log",
)


@dataclass(frozen=True)
class Layout:
    """Addresses of one template."""

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
    def constructed(self) -> tuple[str, ...]:
        """Indicators that are built from ingredients, in tree order."""
        recipe = self.spec.recipe
        return tuple(c for c in self.indicators if recipe.step_for("construct", c) is not None)

    @cached_property
    def ingredients(self) -> tuple[str, ...]:
        """Codes of all ingredients, those of one indicator side by side, in tree order."""
        return tuple(code for of in self.constructed for code in self.ingredients_of(of))

    def ingredients_of(self, code: str) -> tuple[str, ...]:
        """Return the codes of an indicator's ingredients."""
        return tuple(i.code for i in self.spec.framework.ingredients_of(code))

    @cached_property
    def item_codes(self) -> tuple[str, ...]:
        """Indicators that are counted from the list on `Items`."""
        return tuple(c for c in self.constructed if self.construct_method(c) == "bands")

    def construct_method(self, code: str) -> str:
        """Return by which method an indicator is constructed."""
        step = self.spec.recipe.step_for("construct", code)
        return "" if step is None else step.method

    ITEM_HEADER, ITEM_FIRST, ITEM_ROWS = 15, 16, 300

    def item_column(self, column: int) -> Area:
        """Return a whole column of the list on `Items`."""
        return Area("Items", self.ITEM_FIRST, column, self.ITEM_FIRST + self.ITEM_ROWS - 1, column)

    def item_count(self, code: str) -> str:
        """Return the formula for the number of lines an indicator has on `Items`."""
        return f'COUNTIF({self.item_column(1).ref()},"{code}")'

    @cached_property
    def inputs(self) -> tuple[str, ...]:
        """Columns of `Data`: direct values of nodes, then each indicator after its ingredients."""
        found = list(self.spec.direct_nodes)
        for code in self.indicators:
            if code in self.constructed:
                found += self.ingredients_of(code)
            found.append(code)
        return (*found, *self.variables)

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

    def city_row(self, row: int) -> int:
        """Return the row on `Cities` of a calculation row."""
        return row - FIRST + IN_FIRST

    # -- Framework -----------------------------------------------------------------------------
    def framework_cell(self, code: str, column: str, fix: str = "rc", home: str = "") -> str:
        """Return the address of a node's entry."""
        text = cell(self.framework_row(code), FRAMEWORK_COLUMNS.index(column) + 1, fix)
        return text if home == "Framework" else f"Framework!{text}"

    def framework_row(self, code: str) -> int:
        """Return the row of a node, or of what stands in the tables below the tree.

        Variables come first, then ingredients.
        """
        order = [node.code for node in self.spec.framework.tree_order]
        if code in order:
            return FRAMEWORK_FIRST + order.index(code)
        below = FRAMEWORK_FIRST + len(order) + INGREDIENT_GAP
        if code in self.variables:
            return below + self.variables.index(code)
        if self.variables:
            below += len(self.variables) + INGREDIENT_GAP
        return below + self.ingredients.index(code)

    def framework_column(self, column: str) -> Area:
        """Return the whole column of the tree table, without its header."""
        position = FRAMEWORK_COLUMNS.index(column) + 1
        last = FRAMEWORK_FIRST + len(self.spec.framework.nodes) - 1
        return Area("Framework", FRAMEWORK_FIRST, position, last, position)

    # -- Cities --------------------------------------------------------------------------------
    @cached_property
    def city_columns(self) -> tuple[str, ...]:
        """Columns of `Cities`: the fixed ones and the attributes."""
        return (*CITY_COLUMNS, *self.spec.attributes)

    def city(self, column: str) -> Area:
        """Return a whole column of `Cities` over the unit rows."""
        position = self.city_columns.index(column) + 1
        return Area("Cities", IN_FIRST, position, self.in_last, position)

    def city_cell(self, column: str, calculation_row: int) -> str:
        """Return the reference to a unit's entry, for use on a calculation sheet."""
        position = self.city_columns.index(column) + 1
        return f"Cities!{cell(self.city_row(calculation_row), position, 'c')}"

    # -- Data ----------------------------------------------------------------------------------
    DATA_LEFT = 4  # after id, name and message

    def data_column(self, code: str) -> Area:
        """Return an indicator's whole column on `Data`, code row to closing row."""
        position = self.DATA_LEFT + self.inputs.index(code)
        return Area("Data", IN_CODE, position, self.closing, position)

    @property
    def data_ids(self) -> Area:
        """The id column of `Data`, code row to closing row."""
        return Area("Data", IN_CODE, 1, self.closing, 1)

    @property
    def exception_rows(self) -> int:
        """Lines of the table of exceptions on `Sources`; a report's own leave some free."""
        return max(EXCEPTION_ROWS, len(self.spec.exceptions) + EXCEPTION_SPARE)

    # -- calculation blocks --------------------------------------------------------------------
    def _block(self, sheet: str, left: int, codes: tuple[str, ...]) -> Block:
        return Block(sheet, left, codes, FIRST, self.last)

    CLEANED_POPULATION, CLEANED_POSITION, CLEANED_COUNT, CLEANED_DEFAULT = 3, 4, 5, 6

    @cached_property
    def states(self) -> Block:
        """State of every input: ok, NA, blank, bad."""
        return self._block("Cleaned", 7, self.inputs)

    @cached_property
    def cleaned(self) -> Block:
        """Cleaned values: a number, "NA" or ""."""
        return self._block("Cleaned", self.states.right + 2, self.inputs)

    @cached_property
    def letters(self) -> Block:
        """Status letter of every value."""
        return self._block("Cleaned", self.cleaned.right + 2, self.inputs)

    @property
    def first_row(self) -> int:
        """First unit row of the calculation sheets."""
        return FIRST

    @property
    def facts_left(self) -> int:
        """First of the columns of `Cleaned` about each city: see `CITY_FACTS`."""
        return self.letters.right + 2

    def fact(self, name: str, last: str = "") -> Area:
        """Return one of these columns, or adjacent ones up to `last`."""
        left, right = (self.facts_left + CITY_FACTS.index(n) for n in (name, last or name))
        return Area("Cleaned", FIRST, left, self.last, right)

    def fact_cell(self, name: str, row: int, home: str = "") -> str:
        """Return what is found out about the city of a row."""
        text = cell(row, self.fact(name).first_column, "c")
        return text if home == "Cleaned" else f"Cleaned!{text}"

    @cached_property
    def entries(self) -> Block:
        """What was typed, as text; for a number a word that no text can be."""
        return self._block("Cleaned", self.facts_left + len(CITY_FACTS) + 1, self.inputs)

    @cached_property
    def raw(self) -> Block:
        """The value of every indicator: cleaned, or constructed from its ingredients."""
        if self.constructed:
            return self._block("Constructed", 3, self.indicators)
        left = self.cleaned.column(self.indicators[0])
        return self._block("Cleaned", left, self.indicators)

    @cached_property
    def subscores(self) -> dict[str, Block]:
        """Constructed indicator -> its ingredients side by side: as z-scores, or as they are."""
        found, left = {}, self.raw.right + 2
        for code in self.constructed:
            if self.construct_method(code) in ("zscore_index", "mean"):
                found[code] = self._block("Constructed", left, self.ingredients_of(code))
                left = found[code].right + 2
        return found

    @cached_property
    def built(self) -> Block:
        """Constructed values, before a direct value takes their place."""
        blocks = [block.right for block in self.subscores.values()]
        return self._block("Constructed", max([self.raw.right, *blocks]) + 2, self.constructed)

    @property
    def listed_ids(self) -> Area:
        """Ids of the scored cities alone, whose institutions count."""
        column = self.built.right + 2
        return Area("Constructed", FIRST, column, self.last, column)

    @cached_property
    def working(self) -> Block:
        """z-scores before clipping, and places of values: what scores are made from."""
        recipe, apart = self.spec.recipe, self.spec.apart
        codes = tuple(
            code
            for code in self.indicators
            if has_working_column(recipe.step_for("normalise", code), apart)
        )
        return self._block("Normalised", self.normalised.right + 2, codes)

    @cached_property
    def clipped(self) -> Block:
        """Clipped z-scores that are standardised once more."""
        steps = {code: self.spec.recipe.step_for("normalise", code) for code in self.indicators}
        codes = tuple(code for code, step in steps.items() if step and step.get("again") == "yes")
        before = self.working if self.working.codes else self.normalised
        return self._block("Normalised", before.right + 2, codes)

    @cached_property
    def oriented(self) -> Block:
        """The scores that imputing starts from; where nothing is imputed, the normalised ones."""
        if not self.spec.imputes:
            return self.normalised
        blocks = (self.normalised, self.working, self.clipped)
        left = max(block.right for block in blocks if block.codes) + 2
        return self._block("Normalised", left, self.indicators)

    @cached_property
    def normalised(self) -> Block:
        """Normalised indicators, as the nodes use them."""
        return self._block("Normalised", 3, self.indicators)

    @cached_property
    def aggregates(self) -> Block:
        """Composite nodes before rescaling; where nothing is rescaled, the scores."""
        if not self.spec.rescales:
            return self.scores
        return self._block("Aggregates", 3, self.composites)

    @cached_property
    def scores(self) -> Block:
        """Composite nodes, root first."""
        return self._block("Scores", 3, self.composites)

    @cached_property
    def carried(self) -> Block:
        """Children of nodes that have indicators and composites as children, side by side."""
        mixed = [
            child.code
            for code in self.composites
            if self._is_mixed(code)
            for child in self.spec.framework.children(code)
        ]
        block = self.aggregates
        return self._block(block.sheet, block.right + 2, tuple(mixed))

    def _is_mixed(self, code: str) -> bool:
        """Tell whether a node has indicators as well as nodes below it."""
        framework = self.spec.framework
        return len({framework.is_indicator(c.code) for c in framework.children(code)}) == 2

    def carried_from(self, code: str) -> Block:
        """Return the block that a carried child is read from."""
        framework = self.spec.framework
        if framework.is_indicator(code):
            return self.normalised
        return self._nodes_of(framework[code].parent or "")

    def _nodes_of(self, code: str) -> Block:
        """Return the block of composite nodes that a node is made from."""
        step = self.spec.recipe.step_for("aggregate", code)
        from_scores = step is not None and step.get("children") == "scores"
        return self.scores if from_scores else self.aggregates

    @cached_property
    def rooted(self) -> Block:
        """Children of a root that is the mean of scaled nodes, where it has indicators as well."""
        root = self.spec.framework.root.code
        codes: tuple[str, ...] = ()
        if self.spec.means_of_scaled and self._is_mixed(root):
            codes = tuple(child.code for child in self.spec.framework.children(root))
        return self._block(self.scores.sheet, self.rooted_left, codes)

    @property
    def rooted_left(self) -> int:
        """First column of that block."""
        return self.scores.right + 2

    def rooted_from(self, code: str) -> Block:
        """Return the block that a child of such a root is read from."""
        return self.normalised if self.spec.framework.is_indicator(code) else self.scores

    def scaled_children(self) -> tuple[Block, tuple[str, ...]]:
        """Return the block with the root's scaled children side by side, and their codes."""
        framework = self.spec.framework
        codes = tuple(child.code for child in framework.children(framework.root.code))
        return (self.rooted if self.rooted.codes else self.rooted_from(codes[0])), codes

    @cached_property
    def computed(self) -> Block:
        """Nodes that may be given directly, as their children make them."""
        block = self.aggregates
        left = max(block.right, self.carried.right) + 2
        return self._block(block.sheet, left, self.spec.direct_nodes)

    def children(self, code: str) -> tuple[Block, tuple[str, ...]]:
        """Return the block in which a node's children stand side by side, and their codes."""
        framework = self.spec.framework
        codes = tuple(child.code for child in framework.children(code))
        if codes[0] in self.carried.codes:
            return self.carried, codes
        if framework.is_indicator(codes[0]):
            return self.normalised, codes
        return self._nodes_of(code), codes

    @cached_property
    def keys(self) -> Block:
        """Rounded scores that ranks are taken from."""
        return self._block("Ranks", 3, self.composites)

    @cached_property
    def ranks(self) -> Block:
        """Competition ranks."""
        return self._block("Ranks", self.keys.right + 2, self.composites)

    @cached_property
    def positions(self) -> Block:
        """Order inside ties: rank plus earlier equals."""
        return self._block("Ranks", self.ranks.right + 2, self.composites)

    @property
    def chosen_position_column(self) -> int:
        """Column on `Ranks` with the positions for the node chosen on `Ranking`.

        Each population has one, side by side.
        """
        return self.positions.right + 2

    @cached_property
    def group_keys(self) -> Block:
        """Column per group type and node: group|place inside the group."""
        wanted = dict.fromkeys((s.group_type, s.node) for s in self.spec.subtables)
        codes = tuple(f"{group_type}|{node}" for group_type, node in wanted)
        return self._block("GroupKeys", 3, codes)

    @cached_property
    def tier_groups(self) -> tuple[tuple[str, str], ...]:
        """Groups that have tiers, as (group type, group)."""
        return tuple(dict.fromkeys((t.group_type, t.group) for t in self.spec.tiers))

    @cached_property
    def tier_keys(self) -> Block:
        """Column per tiered group: place inside the group for the node chosen on `Tiers`."""
        codes = tuple(f"tier|{group_type}|{group}" for group_type, group in self.tier_groups)
        return self._block("GroupKeys", self.group_keys.right + 2, codes)

    # -- Published -----------------------------------------------------------------------------
    @property
    def published_last(self) -> int:
        """Last row of the printed and default values (units as shipped, no spare rows)."""
        return FIRST + max(len(self.spec.published_units), 1) - 1

    @property
    def compare_last(self) -> int:
        """Last row of `Compare`: a book of fewer cities than were printed has no more rows."""
        return min(self.published_last, self.last)

    @property
    def published_ids(self) -> Area:
        """Unit ids of `Published`."""
        return Area("Published", FIRST, 1, self.published_last, 1)

    def _published_block(self, left: int, codes: tuple[str, ...]) -> Block:
        return Block("Published", left, codes, FIRST, self.published_last)

    @cached_property
    def printed_scores(self) -> Block:
        """Printed scores by node."""
        return self._published_block(3, tuple(p.node for p in self.spec.printed))

    @cached_property
    def printed_ranks(self) -> Block:
        """Printed ranks by node."""
        codes = tuple(p.node for p in self.spec.printed if p.ranks)
        return self._published_block(self.printed_scores.right + 2, codes)

    @cached_property
    def default_values(self) -> Block:
        """Values that the template ships with."""
        codes = self.inputs if self.spec.defaults is not None else ()
        return self._published_block(self.printed_ranks.right + 2, codes)

    @cached_property
    def default_letters(self) -> Block:
        """Status letters of those values."""
        return self._published_block(self.default_values.right + 2, self.default_values.codes)
