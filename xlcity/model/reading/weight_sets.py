"""Named sets of weights: columns `weight_NAME` of a framework, or a table of their own."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from math import inf

from xlcity.errors import FrameworkError, Problem, Where, did_you_mean
from xlcity.model.framework import Framework, Node
from xlcity.model.reading.tables import FileTable, as_text, number_in, require_columns

#: Before the name of a set, in the heading of its column.
PREFIX = "weight_"

Sets = dict[str, dict[str, float]]


def set_columns(header: Collection[str]) -> dict[int, str]:
    """Return the columns of a framework that hold a set of weights: position -> its name."""
    found = ((at, title.strip()) for at, title in enumerate(header))
    return {
        at: title[len(PREFIX) :]
        for at, title in found
        if title.lower().startswith(PREFIX) and len(title) > len(PREFIX)
    }


def read_sets(
    table: FileTable,
    columns: Mapping[int, str],
    code_at: int,
    nodes: Collection[Node],
    problems: list[Problem],
) -> Sets:
    """Return the sets of weights in columns of a table; what is wrong is added to `problems`.

    A set has weights for all nodes with the same parent or for none of them.
    """
    sets: Sets = {name: {} for name in columns.values()}
    parents = {node.code: node.parent for node in nodes}
    places: dict[str, Where] = {}
    for row in range(len(table.rows)):
        code = as_text(table.cell(row, code_at))
        where = table.where(row, indicator=code)
        for at, name in columns.items():
            heading = table.header[at].strip()
            text = as_text(table.cell(row, at))
            number = number_in({heading: text}, heading, None, where, problems)
            if number is None:
                continue
            if code not in parents:
                hint = did_you_mean(code, parents)
                problems.append(Problem("XC218", f"{code!r} is not a node.", hint, where))
            elif not 0 <= number < inf:
                message = f"{heading} of {code} is {number:g}."
                problems.append(Problem("XC218", message, "Give a number of 0 or more.", where))
            else:
                sets[name][code] = number
        places.setdefault(code, where)
    for name, weights in sets.items():
        groups = {parents[code] for code in weights} - {None}
        problems += [
            Problem(
                "XC212",
                f"{code} has no weight in the set {name}, but others under {parent} have one.",
                "Give it a weight; 0 leaves it out.",
                places.get(code, Where(file=table.file, indicator=code)),
            )
            for code, parent in parents.items()
            if parent in groups and code not in weights
        ]
    return sets


def with_weight_sets(framework: Framework, table: FileTable) -> Framework:
    """Return a framework with the sets of a table: a column `code`, and one per set.

    Raises
    ------
    FrameworkError
        With every weight and code that cannot be used.
    """
    header = [title.strip() for title in table.header]
    lower = [title.lower() for title in header]
    require_columns(table, "a table of weights", lower, "code")
    code_at = lower.index("code")
    named = set_columns(header)
    columns = {at: named.get(at, title) for at, title in enumerate(header) if title}
    del columns[code_at]
    problems: list[Problem] = []
    sets = read_sets(table, columns, code_at, framework.nodes, problems)
    for name in sorted(set(columns.values())):
        if name in framework.weight_sets or [*columns.values()].count(name) > 1:
            message = f"the set of weights {name} is there twice."
            problems.append(Problem("XC218", message, "Rename one of them.", table.where(0)))
    if problems:
        raise FrameworkError(problems)
    return replace(framework, weight_sets={**framework.weight_sets, **sets})
