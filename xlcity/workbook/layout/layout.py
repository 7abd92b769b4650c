"""Addresses of one template: its calculation sheets, and below its inputs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial

from xlcity.workbook.drawing.grid import Area, Block, cell
from xlcity.workbook.layout.blocks import block_on
from xlcity.workbook.layout.inputs import InputLayout
from xlcity.workbook.layout.rows import CITY_FACTS, FIRST
from xlcity.workbook.normalisers import has_working_column

_published = partial(block_on, "Published", last="published_last")


@dataclass(frozen=True, eq=False)
class Layout(InputLayout):
    """Addresses of one template."""

    # -- calculation blocks --------------------------------------------------------------------
    def _block(self, sheet: str, left: int, codes: tuple[str, ...]) -> Block:
        return Block(sheet, left, codes, FIRST, self.last)

    CLEANED_POPULATION, CLEANED_POSITION, CLEANED_COUNT, CLEANED_DEFAULT = 3, 4, 5, 6

    #: State of every input: ok, NA, blank, bad.
    states = block_on("Cleaned", "inputs", left=7, last="last")
    #: Cleaned values: a number, "NA" or "".
    cleaned = block_on("Cleaned", "inputs", after="states", last="last")
    #: Status letter of every value.
    letters = block_on("Cleaned", "inputs", after="cleaned", last="last")

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
        text = cell(row, self.fact(name).c1, "c")
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

    #: Composite nodes, root first.
    scores = block_on("Scores", "composites", last="last")

    @cached_property
    def carried(self) -> Block:
        """Children of nodes that have indicators and composites as children, side by side."""
        mixed = [
            child.code
            for code in self.composites
            if self.is_mixed(code)
            for child in self.spec.framework.children(code)
        ]
        block = self.aggregates
        return self._block(block.sheet, block.right + 2, tuple(mixed))

    def is_mixed(self, code: str) -> bool:
        """Return whether a node has indicators as well as nodes below it."""
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
        if self.spec.means_of_scaled and self.is_mixed(root):
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

    def values_of(self, block: Block) -> Block:
        """Return where the values stand of a block of children that weights stand above."""
        return block

    #: Rounded scores that ranks are taken from.
    keys = block_on("Ranks", "composites", last="last")
    #: Competition ranks.
    ranks = block_on("Ranks", "composites", after="keys", last="last")
    #: Order inside ties: rank plus earlier equals.
    positions = block_on("Ranks", "composites", after="ranks", last="last")

    @property
    def chosen_position_column(self) -> int:
        """Column on `Ranks` with the positions for the node chosen on `Ranking`.

        Each population has one, side by side.
        """
        return self.positions.right + 2

    #: Column per group type and node: group|place inside the group.
    group_keys = block_on(
        "GroupKeys",
        lambda at: tuple(dict.fromkeys(f"{s.group_type}|{s.node}" for s in at.spec.subtables)),
        last="last",
    )

    @cached_property
    def tier_groups(self) -> tuple[tuple[str, str], ...]:
        """Groups that have tiers, as (group type, group)."""
        return tuple(dict.fromkeys((t.group_type, t.group) for t in self.spec.tiers))

    #: Column per tiered group: place inside the group for the node chosen on `Tiers`.
    tier_keys = block_on(
        "GroupKeys",
        lambda at: tuple("|".join(("tier", *group)) for group in at.tier_groups),
        after="group_keys",
        last="last",
    )

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

    #: Printed scores by node.
    printed_scores = _published(lambda at: tuple(p.node for p in at.spec.printed))

    #: Printed ranks by node.
    printed_ranks = _published(
        lambda at: tuple(p.node for p in at.spec.printed if p.ranks), after="printed_scores"
    )
    #: Values that the template ships with.
    default_values = _published(
        lambda at: at.inputs if at.spec.defaults is not None else (), after="printed_ranks"
    )

    #: Status letters of those values.
    default_letters = _published("default_values.codes", after="default_values")
