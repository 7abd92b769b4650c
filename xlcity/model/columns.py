"""Which column of a table holds what."""

from __future__ import annotations

from dataclasses import dataclass

from xlcity.errors import Problem, Where
from xlcity.model.cities_csv import ID_COLUMNS
from xlcity.model.framework import Framework
from xlcity.model.tables import Table
from xlcity.model.units import fold_name

#: Columns that describe a unit or a value: never indicators, whatever nodes are called.
_DESCRIPTIVE = frozenset({"name_zh", "name_en", "name", "uname", "note", "notes", "population"})
#: Columns that begin so are groups of units, as older tables of COINr have them.
GROUP_PREFIX = "Group_"


@dataclass(frozen=True, slots=True)
class Columns:
    """The roles of a table's columns.

    Parameters
    ----------
    unit, name, basis
        Column of the unit, of its name (None: none) and of the values' status.
    nodes
        Column -> code, for a wide table.
    words
        Column -> attribute of the unit that it tells.
    long
        Columns of code and value, for a long table, else None.
    names
        Folded code or name -> codes that it may mean.
    renamed
        (header, code) of columns found by name or in another spelling.
    ignored
        Headers of columns that are no part of the framework.
    """

    unit: int
    name: int | None
    basis: int | None
    nodes: dict[int, str]
    words: dict[int, str]
    long: tuple[int, int] | None
    names: dict[str, tuple[str, ...]]
    renamed: tuple[tuple[str, str], ...]
    ignored: tuple[str, ...]
    problems: tuple[Problem, ...]

    def code_of(self, text: str) -> str | None:
        """Return the one code that a text means, or None."""
        return _code_of(text, self.names)


def find_columns(table: Table, framework: Framework) -> Columns:
    """Find the columns of a table; unlisted ones are no fault, ambiguous and repeated ones are."""
    header = [name.strip().lower() for name in table.header]
    names = _names(framework)
    # COINr's uCode wins over uName; without a known heading the first column names the unit.
    unit = next((header.index(name) for name in ("ucode", *ID_COLUMNS) if name in header), 0)
    basis = header.index("basis") if "basis" in header else None
    name = next(
        (header.index(word) for word in ("uname", "name_en", "name") if word in header), None
    )
    long = None
    if "code" in header and "value" in header:
        long = (header.index("code"), header.index("value"))
    taken = {unit, basis, *(long or ())}
    nodes: dict[int, str] = {}
    renamed: list[tuple[str, str]] = []
    ignored: list[str] = []
    problems: list[Problem] = []

    def problem(code: str, message: str, hint: str) -> None:
        problems.append(Problem(code, message, hint, Where(file=table.file, sheet=table.sheet)))

    words: dict[int, str] = {}
    for at, title in enumerate(table.header):
        if at in taken or not title:
            continue
        if title in framework.groups or title.startswith(GROUP_PREFIX):
            words[at] = title
            continue
        meant = names.get(fold_name(title), ()) if header[at] not in _DESCRIPTIVE else ()
        code = title if title in framework.inputs else _code_of(title, names)
        if long is not None or not meant:
            ignored.append(title)
        elif code is None:
            shown = ", ".join(meant)
            problem("XC315", f"the column {title!r} may be {shown}.", "Use the code as heading.")
        elif not framework.own_values and title in framework and not framework.is_indicator(title):
            problem(
                "XC309",
                f"the column {title!r} holds values of {code}, which is computed from others.",
                "Remove the column, or give the node another code.",
            )
        elif code in nodes.values():
            problem("XC313", f"{code} has two columns.", "Remove one of them.")
        else:
            nodes[at] = code
            if title != code:
                renamed.append((title, code))
    if long is None and not nodes and not problems:
        codes = [node.code for node in framework.indicators]
        shown = ", ".join((*codes[:8], "…") if len(codes) > 8 else codes)
        problem(
            "XC319",
            "no column is an indicator of the framework.",
            f"Head the columns with codes or names ({shown}).",
        )
    return Columns(
        unit,
        name,
        basis,
        nodes,
        words,
        long,
        names,
        tuple(renamed),
        tuple(ignored),
        tuple(problems),
    )


def _names(framework: Framework) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for node in framework.nodes:
        for text in (node.code, node.name_zh, node.name_en):
            codes = found.setdefault(fold_name(text), [])
            if text and node.code not in codes:
                codes.append(node.code)
    # A node and the indicator below it often share a name: the indicator is meant.
    for key, codes in found.items():
        leaves = [code for code in codes if framework.is_indicator(code)]
        found[key] = leaves if len(leaves) == 1 else codes
    # An ingredient's name means the ingredient unless a node bears it too.
    parts = (*framework.ingredients, *framework.satellite_inputs)
    for ingredient in parts:
        found[fold_name(ingredient.code)] = [ingredient.code]
    for variable in framework.variables:
        for text in (variable.code, variable.name_zh, variable.name_en):
            if text:
                found.setdefault(fold_name(text), [variable.code])
    taken = set(found)
    for ingredient in parts:
        for text in (ingredient.name_zh, ingredient.name_en):
            if text and fold_name(text) not in taken:
                found.setdefault(fold_name(text), []).append(ingredient.code)
    return {key: tuple(codes) for key, codes in found.items() if codes}


def _code_of(text: str, names: dict[str, tuple[str, ...]]) -> str | None:
    meant = names.get(fold_name(text), ())
    return meant[0] if len(meant) == 1 else None
