"""What keeps nodes from being one tree, all of it at once."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from xlcity.errors import Problem, Where
from xlcity.model.odd_characters import code_problem, length_problem, look_of


class Named(Protocol):
    """What has a code and names."""

    @property
    def code(self) -> str:
        """Its code."""

    @property
    def name_zh(self) -> str:
        """Its Chinese name."""

    @property
    def name_en(self) -> str:
        """Its English name."""


class AnyNode(Named, Protocol):
    """What is looked at in a node."""

    @property
    def parent(self) -> str | None:
        """Its parent's code."""

    @property
    def weight(self) -> float:
        """Its weight inside the parent."""

    @property
    def direction(self) -> int:
        """1 or -1."""

    @property
    def goalpost_low(self) -> float | None:
        """Its low goalpost."""

    @property
    def goalpost_high(self) -> float | None:
        """Its high goalpost."""


def structure_problems(nodes: Sequence[AnyNode], file: str | None = None) -> Iterator[Problem]:
    """Yield every problem of a tree: codes, roots, parents, weights, loops, goalposts."""

    def problem(code: str, message: str, hint: str, node: str | None = None) -> Problem:
        return Problem(code, message, hint, Where(file=file, indicator=node))

    counts = Counter(node.code for node in nodes)
    for code, count in sorted(counts.items()):
        if count > 1:
            yield problem("XC201", f"code {code} is used twice.", "Give each node its own.", code)
    roots = [node.code for node in nodes if node.parent is None]
    hint = "Exactly one node has no parent: the index. Name the parents of the others."
    if not roots:
        yield problem("XC202", "every node names a parent.", hint)
    for code in roots if len(roots) > 1 else ():
        others = ", ".join(other for other in roots if other != code) or code
        yield problem("XC202", f"{code} has no parent, nor has {others}.", hint, code)
    parents = {node.code: node.parent for node in nodes}
    inner = set(parents.values())
    for node in nodes:
        if node.parent is not None and node.parent not in counts:
            yield problem(
                "XC203",
                f"{node.code} names the parent {node.parent}, which is not a node.",
                "Correct the parent or add the node.",
                node.code,
            )
        if not math.isfinite(node.weight) or node.weight < 0:
            yield problem(
                "XC204",
                f"the weight of {node.code} is {node.weight}.",
                "A weight is a number of at least 0.",
                node.code,
            )
        if _is_looped(node, parents):
            yield problem("XC205", f"{node.code} is below itself.", "Break the loop.", node.code)
        if node.code in inner and node.direction < 0:
            yield problem(
                "XC206",
                f"{node.code} has children and the direction -1.",
                "Directions belong to indicators; turn them there.",
                node.code,
            )
        low, high = node.goalpost_low, node.goalpost_high
        if low is not None and high is not None and low >= high:
            yield problem(
                "XC215",
                f"the goalposts of {node.code} are {low:g} and {high:g}.",
                "The low one lies below the high one, whatever the direction.",
                node.code,
            )


def text_problems(nodes: Iterable[Named], file: str | None = None) -> Iterator[Problem]:
    """Yield codes that nobody can type or tell apart, and texts that no cell can hold."""
    first: dict[str, str] = {}
    for node in nodes:
        where = Where(file=file, indicator=node.code)
        wrong = [code_problem(node.code, where)]
        wrong += [length_problem(name, where) for name in (node.name_zh, node.name_en)]
        yield from filter(None, wrong)
        if (other := first.setdefault(look_of(node.code), node.code)) != node.code:
            message = f"the codes {other} and {node.code} cannot be told apart."
            yield Problem("XC227", message, "Give each node its own.", where)


def _is_looped(node: AnyNode, parents: dict[str, str | None]) -> bool:
    seen, above = {node.code}, node.parent
    while above is not None and above in parents:
        if above in seen:
            return True
        seen.add(above)
        above = parents[above]
    return False
