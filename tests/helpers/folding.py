"""Indented lines: a short record is a line, of many rows alike the first are shown.

Of the other rows the columns are told: sums of numbers, how many texts there are, and a mark that
changes with any of them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

#: Characters of a line.
WIDTH = 110
#: Characters that are not told twice.
LEAST_REPEATED = 80
#: Rows alike that are shown of more than `MOST_ROWS`.
SHOWN_ROWS = 2
MOST_ROWS = 3
_EMPTY = re.compile(r"[\w ]+:(?: \[\]| \{\}| None)?")
_NUMBER = re.compile(r"-?\d+(\.\d+)?(e[+-]?\d+)?")


class Node(NamedTuple):
    """A line, and the lines below it that stand further to the right."""

    text: str
    below: list[Node]

    def on_one_line(self) -> str:
        """Return the line with all below it."""
        if not self.below:
            return self.text
        below = [node.on_one_line() for node in self.below]
        if self.text != "-":
            return f"{self.text} ({'; '.join(below)})"
        is_list = all(line.startswith("- ") for line in below)
        items = (line.removeprefix("- ") for line in below)
        return "- " + " | ".join(items) if is_list else f"- ({'; '.join(below)})"


def folded(lines: Iterable[str], width: int = WIDTH) -> Iterator[str]:
    """Yield lines, short records on one; what is as before is not told again."""
    yield from _shown(_as_before(_filled(_tree(lines)), "", {}), "", width)


def _filled(nodes: list[Node]) -> list[Node]:
    """Return nodes without fields in which there is nothing."""
    return [
        Node(node.text, _filled(node.below))
        for node in nodes
        if node.below or not _EMPTY.fullmatch(node.text)
    ]


def _as_before(nodes: list[Node], path: str, told: dict[str, str]) -> list[Node]:
    """Return nodes; below those that have what another one has, there is its name."""
    shown = []
    for node in nodes:
        here = f"{path} > {node.text}" if path else node.text
        body = "; ".join(below.on_one_line() for below in node.below)
        if len(body) < LEAST_REPEATED:
            shown.append(node)
        elif body in told:
            shown.append(Node(f"{node.text} as {told[body]}", []))
        else:
            told[body] = here.removesuffix(":")
            shown.append(Node(node.text, _as_before(node.below, here, told)))
    return shown


def summed(held: list[str]) -> str:
    """Return the sum of numbers, or the number of texts with a mark of what they are."""
    if all(_NUMBER.fullmatch(value) for value in held):
        return f"sum {sum(map(float, held)):.7g}"
    mark = hashlib.sha256("\n".join(held).encode()).hexdigest()[:6]
    return f"{len(held)} texts {mark}"


def _tree(lines: Iterable[str]) -> list[Node]:
    root: list[Node] = []
    open_nodes: list[tuple[int, list[Node]]] = [(-1, root)]
    for line in lines:
        text = line.lstrip(" ")
        if not text:
            continue
        indent = len(line) - len(text)
        while open_nodes[-1][0] >= indent:
            open_nodes.pop()
        node = Node(text, [])
        open_nodes[-1][1].append(node)
        open_nodes.append((indent, node.below))
    return root


def _shown(nodes: list[Node], indent: str, width: int) -> Iterator[str]:
    for text, below in _rows_and_sums(nodes):
        if below and len(indent) + len(text) > width:
            yield indent + below[0].text
            yield from _shown(below[0].below, indent + "  ", width)
        else:
            yield indent + text


def _rows_and_sums(nodes: list[Node]) -> Iterator[tuple[str, list[Node]]]:
    """Yield lines with their nodes if these have others below; of rows alike the first ones."""
    place = 0
    while place < len(nodes):
        shape = _shape(nodes[place])
        last = place + 1
        while shape and last < len(nodes) and _shape(nodes[last]) == shape:
            last += 1
        alike = nodes[place:last]
        shown = SHOWN_ROWS if len(alike) > MOST_ROWS else len(alike)
        for node in alike[:shown]:
            yield node.on_one_line(), [node] if node.below else []
        if shown < len(alike):
            yield _rest(alike[shown:]), []
        place = last


def _shape(node: Node) -> tuple[str, ...]:
    """Return what a row and those alike have in common: fields, or how many cells."""
    if node.text == "-" and node.below:
        return tuple(below.text.partition(":")[0] for below in node.below)
    return ("cell",) * len(_cells(node.on_one_line()))


def _rest(nodes: list[Node]) -> str:
    """Return what is told of rows that are not shown."""
    rows = [_cells(node.on_one_line()) for node in nodes]
    if not all(rows) or len({len(row) for row in rows}) > 1:
        rows = [[node.on_one_line()] for node in nodes]
    columns = (summed([*held]) for held in zip(*rows, strict=True))
    return f"… {len(nodes)} more: {' | '.join(columns)}"


def _cells(line: str) -> list[str]:
    """Return what the cells of a row of a table or a list have."""
    inner = re.fullmatch(r"(?:- |[^:\[]{1,40}: )?\[(.*, .*)\]", line)
    if inner:
        return inner[1].split(", ")
    cells = line.removeprefix("- ").split(" | ")
    return cells if len(cells) > 1 else []
