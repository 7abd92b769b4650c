"""Takes out of modules the definitions that some names need, as plain text.

Formatting and comments stay as they are; docstrings and the decorator of functions go.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_BLOCKS = (ast.ClassDef, *_FUNCTIONS)
#: The decorator that makes a function one of the library.
_DECLARING = "function"


@dataclass(frozen=True, slots=True)
class Definition:
    """A statement at the top of a module.

    Attributes
    ----------
    names
        What it binds.
    uses
        Names that it reads.
    text
        Its lines, with the comments above it.
    """

    names: frozenset[str]
    uses: frozenset[str]
    text: str


def definitions_needed(
    sources: Iterable[str], names: Iterable[str], given: Iterable[str] = ()
) -> str:
    """Return the definitions of modules that some names need, in the order of the modules.

    Parameters
    ----------
    sources
        Texts of modules. Where several bind a name, the last one counts.
    names
        What is needed.
    given
        Names that are defined elsewhere.
    """
    bound = set(given)
    definitions: list[Definition] = []
    for text in reversed([*sources]):
        of_module = [each for each in _definitions(text) if not each.names & bound]
        definitions = [*of_module, *definitions]
        bound.update(*(each.names for each in of_module))
    used = _reached(definitions, frozenset(names))
    needed = "".join(each.text for each in definitions if each.names & used)
    return re.sub(r"\n{4,}", "\n\n\n", needed).strip("\n") + "\n"


def _reached(
    definitions: Sequence[Definition], names: frozenset[str]
) -> frozenset[str]:
    """Return the names that some names need, directly or through definitions."""
    used = names
    while True:
        more = used.union(*(each.uses for each in definitions if each.names & used))
        if more == used:
            return used
        used = more


def _definitions(text: str) -> Iterator[Definition]:
    """Yield what stands at the top of a module and binds a name, without its imports."""
    tree = ast.parse(text)
    lines = text.splitlines(keepends=True)
    for row in _left_out_rows(tree):
        lines[row - 1] = ""
    for statement in tree.body:
        if names := _bound_names(statement):
            uses = (
                node.id for node in ast.walk(statement) if isinstance(node, ast.Name)
            )
            lines_of_it = lines[_first_row(statement, lines) - 1 : statement.end_lineno]
            yield Definition(
                frozenset(names), frozenset(uses), _set_apart(statement, lines_of_it)
            )


def _first_row(statement: ast.stmt, lines: Sequence[str]) -> int:
    """Return the row of the first decorator or comment above a statement, from 1."""
    row = statement.lineno
    while row > 1 and (lines[row - 2] or "#").startswith(("#", "@")):
        row -= 1
    return row


def _set_apart(statement: ast.stmt, lines: Sequence[str]) -> str:
    """Return lines as text; a function or class has two blank ones before and after it."""
    text = "".join(lines)
    if not isinstance(statement, _BLOCKS):
        return text
    # A docstring leaves a blank line behind the heading.
    text = re.sub(r":\n\n+", ":\n", text)
    return f"\n\n{text}\n\n"


def _left_out_rows(tree: ast.Module) -> Iterator[int]:
    """Yield the rows of docstrings, and of the decorator that declares a function.

    A docstring that is all of a body stays.
    """
    for node in ast.walk(tree):
        if not isinstance(node, _BLOCKS):
            continue
        if ast.get_docstring(node) is not None and len(node.body) > 1:
            yield from _rows(node.body[0])
        for decorator in node.decorator_list:
            if _DECLARING in ast.unparse(decorator).partition("("):
                yield from _rows(decorator)


def _rows(node: ast.stmt | ast.expr) -> range:
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)


def _bound_names(statement: ast.stmt) -> set[str]:
    """Return the names that a statement binds; an import is none of ours."""
    if isinstance(statement, _BLOCKS):
        return {statement.name}
    targets = getattr(statement, "targets", [getattr(statement, "target", statement)])
    nodes = chain.from_iterable(map(ast.walk, targets))
    is_assignment = isinstance(statement, (ast.Assign, ast.AnnAssign, ast.AugAssign))
    return {n.id for n in nodes if is_assignment and isinstance(n, ast.Name)}
