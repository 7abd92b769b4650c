"""Messages of problems are sentences: a hint, which may follow, must not run into them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import xlcity
from xlcity import errors
from xlcity.errors import XlcityError

HOME = Path(xlcity.__file__).parent
#: Raised with a sentence (the first argument); problems have theirs after the code.
RAISED = {
    name
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, XlcityError) and name != "FunctionError"
}


def ending(node: ast.expr) -> str | None:
    """Return the last literal text of a message, None if a message is no literal."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return ending(node.values[-1])
    return "" if isinstance(node, ast.FormattedValue) else None


def messages(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield (line, end) of each message that is written out where it is used."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        at = 1 if node.func.id == "Problem" else 0 if node.func.id in RAISED else None
        if at is None or len(node.args) <= at:
            continue
        end = ending(node.args[at])
        if end is not None:
            yield node.lineno, end


def test_messages_end_with_a_full_stop() -> None:
    ends = [
        (path.relative_to(HOME).as_posix(), line, end)
        for path in sorted(HOME.rglob("*.py"))
        for line, end in messages(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert len(ends) > 50
    assert [where for where in ends if not where[-1].endswith(".")] == []
