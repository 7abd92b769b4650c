"""Refuses a spec whose rules name tables, columns or nodes that hold nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from xlcity.audit.tables.load import Printed
from xlcity.audit.tables.spec import Spec
from xlcity.errors import DataError, Problem, Where

#: Section -> its keys that name columns of its table; lists of columns and filters among them.
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "growth": ("base", "current", "growth", "where"),
    "change": ("old", "new", "change", "where"),
    "share": ("count", "share"),
    "total": ("parts", "total"),
    "correlations": ("row", "column", "r", "p", "n", "flag"),
    "r_square": ("coefficient", "r_square", "node"),
    "mixture": ("coefficient", "node"),
    "moments": ("mean", "sd", "n"),
    "clusters": ("column",),
    "subtable": ("rank", "group_columns", "node_column"),
    "words": ("column", "where"),
    "list": ("node_column", "position", "names", "size", "group_columns", "open", "where"),
    "count": (
        "value",
        "node_column",
        "first_column",
        "unit_column",
        "member_columns",
        "group_columns",
        "where",
    ),
    "greater": ("node_column", "attribute_column", "first", "second", "also", "where"),
}
#: Section -> its keys that name nodes.
_NODES: Mapping[str, tuple[str, ...]] = {
    "aggregate": ("parent", "children"),
    "affine": ("parent", "children"),
    "ranking": ("nodes",),
    "lattice": ("nodes",),
    "weights": ("parent", "children"),
    "endpoints": ("nodes",),
    "dominance": ("parent", "children"),
    "feasible": ("parent", "children"),
    "mixture": ("children",),
    "clusters": ("nodes",),
    "count": ("nodes",),
}


def refuse_what_is_absent(spec: Spec, printed: Printed) -> None:
    """Raise for every name in a rule that stands for nothing.

    Raises
    ------
    DataError
        With all of them.
    """
    problems = [*_absent_columns(spec, printed), *_absent_nodes(spec, printed)]
    if problems:
        raise DataError(problems)


def _rules(spec: Spec, keys: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, str, Any]]:
    for section, names in keys.items():
        for at, rule in enumerate(spec.rules[section], start=1):
            for name in names:
                yield f"[[{section}]] {at}", name, rule


def _words(value: Any) -> list[str]:
    """Return the names in a key: one, several, or those of a filter or of weights."""
    return [value] if isinstance(value, str) else [str(word) for word in value]


def _absent_columns(spec: Spec, printed: Printed) -> Iterator[Problem]:
    told = set()
    for section, key, rule in _rules(spec, _COLUMNS):
        where = Where(file=spec.file, cell=section)
        for table in filter(None, (rule.table, getattr(rule, "rules", ""))):
            if table not in printed.files and (section, table) not in told:
                told.add((section, table))
                hint = "Give it a [[table]] of its own."
                yield Problem("XC342", f"the table {table!r} is not read.", hint, where)
        if rule.table not in printed.files:
            continue
        header = list(printed.files[rule.table][0]) if printed.files[rule.table] else []
        for column in _words(getattr(rule, key)):
            if column and column not in header:
                message = f"{key}: the table {rule.table} has no column {column!r}."
                yield Problem("XC342", message, f"Columns: {', '.join(header)}.", where)


def _absent_nodes(spec: Spec, printed: Printed) -> Iterator[Problem]:
    known = {series.node for series in printed.book.series}
    for section, key, rule in _rules(spec, _NODES):
        for node in _words(getattr(rule, key)):
            if node and node not in known:
                message = f"{key}: no column holds numbers of {node!r}."
                hint = f"Nodes read: {', '.join(sorted(known))}."
                yield Problem("XC344", message, hint, Where(file=spec.file, cell=section))
