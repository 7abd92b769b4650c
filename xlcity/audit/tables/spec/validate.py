"""Refuses a spec whose rules name what is not there, or hold texts where numbers are needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from xlcity.audit.tables.spec.cells import read_number
from xlcity.audit.tables.spec.load import PrintedTables, selected
from xlcity.audit.tables.spec.read import Spec
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


#: Section -> its keys of columns that hold numbers, and those that hold whole numbers.
_NUMBERS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "correlations": (("r", "p"), ("n",)),
    "r_square": (("coefficient", "r_square"), ()),
    "mixture": (("coefficient",), ()),
    "moments": (("mean", "sd"), ("n",)),
    "share": (("count", "share"), ()),
    "change": (("change",), ()),
    "subtable": ((), ("rank",)),
    "list": ((), ("position", "size")),
    "count": ((), ("value", "first_column")),
}


def refuse_what_is_absent(spec: Spec, printed: PrintedTables) -> None:
    """Raise for every name in a rule that stands for nothing.

    Raises
    ------
    DataError
        With all of them.
    """
    problems = [
        *_absent_columns(spec, printed),
        *_absent_nodes(spec, printed),
        *_incomplete(spec, printed),
    ]
    if not problems:
        problems = list(_unreadable(spec, printed))
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


def _absent_columns(spec: Spec, printed: PrintedTables) -> Iterator[Problem]:
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


def _absent_nodes(spec: Spec, printed: PrintedTables) -> Iterator[Problem]:
    known = {series.node for series in printed.book.series}
    for section, key, rule in _rules(spec, _NODES):
        for node in _words(getattr(rule, key)):
            if node and node not in known:
                message = f"{key}: no column holds numbers of {node!r}."
                hint = f"Nodes read: {', '.join(sorted(known))}."
                yield Problem("XC344", message, hint, Where(file=spec.file, cell=section))


def _incomplete(spec: Spec, printed: PrintedTables) -> Iterator[Problem]:
    """Yield rules without weights, or without what a step is made of."""
    for at, rule in enumerate(spec.rules["aggregate"], start=1):
        where = Where(file=spec.file, cell=f"[[aggregate]] {at}")
        if not rule.parent and not printed.tree:
            hint = "Name one, or a framework under [audit]."
            yield Problem("XC341", "there is no parent and no framework.", hint, where)
        elif rule.parent and not rule.children and rule.parent not in printed.tree:
            hint = "Name them with their weights."
            yield Problem("XC341", f"{rule.parent} has no children.", hint, where)
        elif rule.children and sum(rule.children.values()) <= 0:
            yield Problem("XC341", "the weights do not sum to more than 0.", "", where)
    for section in ("weights", "mixture"):
        for at, rule in enumerate(spec.rules[section], start=1):
            for name, given in rule.readings.items():
                if sum(given.get(child, 0) for child in rule.children) <= 0:
                    where = Where(file=spec.file, cell=f"[[{section}]] {at}")
                    message = f"the weights of {name!r} do not sum to more than 0."
                    yield Problem("XC341", message, "", where)
    for at, rule in enumerate(spec.rules["lattice"], start=1):
        if rule.step is None and not (rule.units or spec.head.units):
            where = Where(file=spec.file, cell=f"[[lattice]] {at}")
            yield Problem("XC341", "neither units nor step is given.", "Give one.", where)


def _unreadable(spec: Spec, printed: PrintedTables) -> Iterator[Problem]:
    """Yield texts in columns of statements and statistics that are not numbers."""
    for section, (decimal, whole) in _NUMBERS.items():
        for at, rule in enumerate(spec.rules[section], start=1):
            for key in (*decimal, *whole):
                column = getattr(rule, key)
                labels = section == "list" and key == "position" and rule.kind == "tiers"
                if not column or labels:
                    continue
                for number, row in zip(
                    printed.numbers[rule.table], printed.files[rule.table], strict=True
                ):
                    chosen = selected(row, getattr(rule, "where", {}))
                    if chosen and not _is_number(row[column], whole=key in whole):
                        where = Where(file=rule.table, cell=f"row {number}")
                        message = f"{row[column]!r} in the column {column} is no "
                        message += "whole number." if key in whole else "number."
                        hint = f"[[{section}]] {at} reads it; leave the row out with `where`."
                        yield Problem("XC343", message, hint, where)


def _is_number(text: str, *, whole: bool) -> bool:
    try:
        value = read_number(text)
    except ValueError:
        return False
    return value is None or not whole or value == value.to_integral_value()
