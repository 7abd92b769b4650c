"""The framework: a tree of nodes with weights, directions and definitions."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

from xlcity.errors import FrameworkError, Problem, Where
from xlcity.grouping import grouped
from xlcity.model.nodes import (
    Ingredient,
    MethodWord,
    Node,
    SupplementaryIndex,
    structure_problems,
    text_problems,
)
from xlcity.model.reading.framework import (
    framework_tables,
    read_ingredients,
    read_nodes,
)
from xlcity.model.reading.tables import FileTable, parse_csv, table_from_frame

#: How far the weights of one group may be from 1 when a recipe says they are shares.
SHARE_TOLERANCE = 1e-6


@dataclass(frozen=True)
class Framework:
    """A tree of nodes, in reading order (each parent before its children).

    Parameters
    ----------
    nodes
        All nodes; exactly one has no parent.
    ingredients
        What indicators are constructed from, if any are.
    variables
        Measurements outside the tree, such as denominators; they have a column of data each.
    groups
        Columns of data that describe units in words: attributes of the units.
    own_values
        Whether a node with children may have values of its own; COINr's tables refuse them.
    supplementary, supplementary_inputs, score_supplementary
        Supplementary indices beside the tree, inputs that only these have, and what writes their
        scores into a table: the code of the report that has them.
    """

    nodes: tuple[Node, ...]
    #: Where the framework was read from, for messages.
    file: str | None = field(default=None, compare=False)
    ingredients: tuple[Ingredient, ...] = ()
    supplementary: tuple[SupplementaryIndex, ...] = ()
    supplementary_inputs: tuple[Ingredient, ...] = ()
    score_supplementary: Callable[[Any, Any], None] | None = field(
        default=None, compare=False, repr=False
    )
    variables: tuple[Node, ...] = ()
    groups: tuple[str, ...] = ()
    own_values: bool = True
    #: Methods that rows of its table name.
    words: tuple[MethodWord, ...] = field(default=(), compare=False, repr=False)
    #: Indicators of which its table states no direction; more counts as better.
    undirected: tuple[str, ...] = field(default=(), compare=False, repr=False)
    #: Name of a set of weights -> its weights, by node; a group without any keeps its own.
    weight_sets: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raise `FrameworkError` with all that is wrong with texts, the tree and ingredients."""
        with_texts: list[Node | Ingredient | SupplementaryIndex] = [
            *self.nodes,
            *self.ingredients,
        ]
        with_texts += [*self.supplementary_inputs, *self.variables, *self.supplementary]
        # Ingredients are looked at only in a sound tree.
        others = (
            list(structure_problems(self.nodes, self.file))
            or self._ingredient_problems()
        )
        FrameworkError.raise_for((*text_problems(with_texts, self.file), *others))

    @classmethod
    def read(cls, source: str | Path) -> Framework:
        r"""Read a framework from a CSV or xlsx file, a folder, or a CSV text.

        Parameters
        ----------
        source
            A path, or a text with a line break. Columns: `code`, `parent` (blank for the root),
            `weight` (a number or a fraction such as 1/6), `direction`, names in both languages and
            the descriptive columns of `Node`, and methods for this row alone in columns such as
            `normalise` and `aggregate`; others are ignored, and so is the order of rows.

        Raises
        ------
        FrameworkError
            With every problem, each with its row: no code column, a weight that is not a number, an
            unknown direction, and whatever keeps the rows from being one tree.

        Examples
        --------
        >>> framework = Framework.read("code,parent,weight\nX,,\nA,X,2\nB,X,1\n")
        >>> [node.code for node in framework.indicators]
        ['A', 'B']
        """
        if isinstance(source, str) and "\n" in source:
            return cls.from_table(parse_csv(source, "framework"))
        node_table, ingredient_table = framework_tables(Path(source))
        framework = cls.from_table(node_table)
        if ingredient_table is None:
            return framework
        return framework.with_ingredients(ingredient_table)

    @classmethod
    def from_frame(cls, frame: Any) -> Framework:
        """Read a framework from a frame with the columns of a framework table.

        Raises
        ------
        FrameworkError
            With every problem, each with its row.

        Examples
        --------
        >>> import pandas as pd
        >>> frame = pd.DataFrame({"code": ["X", "A", "B"], "parent": ["", "X", "X"]})
        >>> Framework.from_frame(frame)
        <Framework X: 3 nodes, 2 indicators>
        """
        return cls.from_table(table_from_frame(frame, index_heading=None))

    @classmethod
    def from_table(cls, table: FileTable) -> Framework:
        """Return the framework of a table that was read already (CSV, sheet or frame)."""
        return cls(**read_nodes(table))

    def with_ingredients(self, table: FileTable) -> Framework:
        """Return the framework with the ingredients of a table; see `read_ingredients`."""
        return replace(self, ingredients=read_ingredients(table))

    def __repr__(self) -> str:
        """Return the root's code and how many nodes and indicators there are."""
        size = f"{len(self.nodes)} nodes, {len(self.indicators)} indicators"
        return f"<Framework {self.root.code}: {size}>"

    def _repr_html_(self) -> str:
        import pandas as pd

        columns = ["code", "parent", "weight", "direction", "name_zh", "name_en", "uom"]
        frame = pd.DataFrame([*self.nodes], columns=columns)
        return str(frame.to_html(notebook=True, max_rows=60))

    def __getitem__(self, code: str) -> Node:
        """Return the node of a code; `KeyError` for others."""
        return self._by_code[code]

    def __contains__(self, code: object) -> bool:
        """Tell whether a code is that of a node."""
        return code in self._by_code

    @cached_property
    def _by_code(self) -> dict[str, Node]:
        """Code -> node."""
        return {node.code: node for node in self.nodes}

    @cached_property
    def _children(self) -> dict[str, tuple[Node, ...]]:
        """Code -> the node's children, in reading order."""
        children = grouped((node.parent, node) for node in self.nodes)
        codes = [node.code for node in self.nodes]
        return {code: tuple(children.get(code, ())) for code in codes}

    @cached_property
    def _ingredients(self) -> dict[str, tuple[Ingredient, ...]]:
        """Indicator -> its ingredients, in reading order."""
        by_indicator = grouped((part.of, part) for part in self.ingredients)
        return {code: tuple(parts) for code, parts in by_indicator.items()}

    def ingredients_of(self, code: str) -> tuple[Ingredient, ...]:
        """Return the ingredients of an indicator, in reading order."""
        return self._ingredients.get(code, ())

    @cached_property
    def inputs(self) -> dict[str, Node | Ingredient]:
        """Everything that may have values, by code: nodes, then ingredients, then variables."""
        others: list[Node | Ingredient] = [*self.ingredients]
        others += [*self.supplementary_inputs, *self.variables]
        return {**self._by_code, **{other.code: other for other in others}}

    @cached_property
    def root(self) -> Node:
        """The one node without a parent."""
        return next(node for node in self.nodes if node.parent is None)

    def children(self, code: str) -> tuple[Node, ...]:
        """Return the children of a node, in reading order."""
        return self._children[code]

    def is_indicator(self, code: str) -> bool:
        """Tell whether a node is a leaf of the tree."""
        return not self._children[code]

    def depth(self, code: str) -> int:
        """Return the distance of a node from the root (root = 0)."""
        return len(self.path(code)) - 1

    def path(self, code: str) -> tuple[Node, ...]:
        """Return the nodes from the root down to `code`, both included."""
        node = self._by_code[code]
        ancestors = self.path(node.parent) if node.parent is not None else ()
        return (*ancestors, node)

    @cached_property
    def tree_order(self) -> tuple[Node, ...]:
        """All nodes, depth first: each node directly before its own subtree."""

        def walk_subtree(node: Node) -> Iterator[Node]:
            """Yield a node, then all below it, depth first."""
            yield node
            for child in self._children[node.code]:
                yield from walk_subtree(child)

        return tuple(walk_subtree(self.root))

    @cached_property
    def indicators(self) -> tuple[Node, ...]:
        """The leaves in tree order, so that siblings stand side by side."""
        return tuple(node for node in self.tree_order if self.is_indicator(node.code))

    @cached_property
    def composites(self) -> tuple[Node, ...]:
        """The nodes with children: level by level from the root, tree order inside a level."""
        parents = [node for node in self.tree_order if not self.is_indicator(node.code)]
        return tuple(sorted(parents, key=lambda node: self.depth(node.code)))

    @property
    def height(self) -> int:
        """The greatest depth of any node."""
        return max(self.depth(node.code) for node in self.nodes)

    def leaves_below(self, code: str) -> tuple[Node, ...]:
        """Return the indicators under a node (itself, if it is one), in tree order."""
        if self.is_indicator(code):
            return (self[code],)
        children = (child.code for child in self.children(code))
        return tuple(chain.from_iterable(map(self.leaves_below, children)))

    def weights_in_set(self, name: str, code: str) -> list[float]:
        """Return the weights of a node's children, in order, in the set of weights `name`.

        A child that the set leaves out beside others has 0; where it has none of the children,
        their own weights count.
        """
        weights = self.weight_sets[name]
        children = self.children(code)
        if not any(child.code in weights for child in children):
            return [child.weight for child in children]
        return [weights.get(child.code, 0.0) for child in children]

    def share_problems(self) -> tuple[Problem, ...]:
        """Return a problem for each node whose children's weights do not sum to 1.

        They may be off by `SHARE_TOLERANCE`.
        """
        problems = []
        for node in self.composites:
            children = self.children(node.code)
            total = math.fsum(child.weight for child in children)
            if abs(total - 1) > SHARE_TOLERANCE:
                weights = [f"{child.code} {child.weight:g}" for child in children]
                where = Where(file=self.file, indicator=node.code)
                problem = Problem.of(
                    "XC210.sum", where, node=node.code, total=total, weights=weights
                )
                problems.append(problem)
        return tuple(problems)

    def _ingredient_problems(self) -> Iterator[Problem]:
        """Yield ingredients whose code is taken, or that belong to no indicator."""
        codes = [node.code for node in self.nodes]
        codes += [ingredient.code for ingredient in self.ingredients]
        for ingredient in self.ingredients:
            where = Where(file=self.file, indicator=ingredient.code)
            if codes.count(ingredient.code) > 1:
                yield Problem.of("XC201.ingredient_twice", where, code=ingredient.code)
            code = ingredient.code
            of = ingredient.of
            if of not in self._by_code or not self.is_indicator(of):
                yield Problem.of("XC207.of_no_indicator", where, code=code, of=of)
            elif not code.startswith(f"{of}."):
                yield Problem.of("XC207.other_code", where, code=code, of=of)
