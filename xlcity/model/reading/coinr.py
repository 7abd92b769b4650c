"""Framework and data as COINr's tables iMeta and iData."""

from __future__ import annotations

from xlcity.model.dataset import Dataset, State
from xlcity.model.framework import Framework
from xlcity.model.nodes import Node
from xlcity.model.reading.tables import csv_text

#: What COINr writes where there is nothing.
NOTHING = "NA"
_META = (
    *("Level", "iCode", "iName", "Parent", "Direction", "Weight", "Type", "Unit"),
    *("Target", "Denominator", "goalpost_lower", "goalpost_upper"),
)

Rows = list[list[object]]


def imeta(framework: Framework) -> Rows:
    """Return the rows of iMeta, the header first: indicators, then nodes level by level.

    Levels count from the indicators (1) up. Measurements that indicators are constructed from have
    no place in COINr and are left out, as is what only a template needs.
    """
    levels = _coinr_levels(framework)
    rows: Rows = [list(_META)]
    for node in sorted(framework.tree_order, key=lambda node: levels[node.code]):
        kind = "Indicator" if framework.is_indicator(node.code) else "Aggregate"
        rows.append(_meta_row(node, kind, levels[node.code], node.parent or NOTHING))
    for variable in framework.variables:
        rows.append(_meta_row(variable, "Denominator", NOTHING, NOTHING))
    for group in framework.groups:
        empty = [NOTHING] * (len(_META) - 3)
        rows.append([NOTHING, group, group, *empty])
        rows[-1][_META.index("Type")] = "Group"
    return rows


def _meta_row(node: Node, kind: str, level: object, parent: str) -> list[object]:
    """Return a row of iMeta of a Type; a Denominator has neither direction nor weight."""
    inside = kind != "Denominator"
    return [
        level,
        node.code,
        node.name_en or node.name_zh or node.code,
        parent,
        int(node.direction) if inside else NOTHING,
        repr(float(node.weight)) if inside else NOTHING,
        kind,
        node.uom or NOTHING,
        _number_text(node.target),
        node.denominator or NOTHING,
        _number_text(node.goalpost_low),
        _number_text(node.goalpost_high),
    ]


def _number_text(value: float | None) -> str:
    """Return a number with all its digits, `NOTHING` for None."""
    return NOTHING if value is None else repr(float(value))


def _coinr_levels(framework: Framework) -> dict[str, int]:
    """Return code -> level as COINr counts: indicators 1, the root the highest."""
    levels: dict[str, int] = {}
    for node in reversed(framework.tree_order):
        below = [levels[child.code] for child in framework.children(node.code)]
        levels[node.code] = 1 + max(below, default=0)
    return levels


def idata(framework: Framework, dataset: Dataset) -> Rows:
    """Return the rows of iData, the header first: units with groups, variables and indicators."""
    codes = [v.code for v in framework.variables] + [n.code for n in framework.indicators]
    data_codes = [code for code in codes if code in dataset.codes]
    rows: Rows = [["uName", "uCode", *framework.groups, *data_codes]]
    columns = [dataset.column(code) for code in data_codes]
    for row, unit in enumerate(dataset.units):
        words = [unit.attributes.get(group, "") or NOTHING for group in framework.groups]
        cells = [
            repr(float(dataset.values[row, column]))
            if dataset.states[row, column] == State.VALUE
            else NOTHING
            for column in columns
        ]
        rows.append([unit.name_en or unit.name_zh or unit.id, unit.id, *words, *cells])
    return rows


def coinr_tables(framework: Framework, dataset: Dataset) -> dict[str, str]:
    """Return the texts of iMeta.csv and iData.csv by the names of their files."""
    tables = {"iMeta.csv": imeta(framework), "iData.csv": idata(framework, dataset)}
    return {name: csv_text(rows, mark=False) for name, rows in tables.items()}
