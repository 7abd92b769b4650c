"""Turns a report into what a template is built from."""

from __future__ import annotations

from dataclasses import replace

from xlcity.model.data_reader import empty_dataset
from xlcity.model.dataset import Dataset
from xlcity.model.framework import Framework
from xlcity.model.recipe import Recipe
from xlcity.reports.report import PublishedTable, Report
from xlcity.workbook.spec import Group, GroupType, Printed, Subtable, TemplateSpec, TierRule

#: Figures of totals show a whole group, or this many of a large one.
FIGURE_DEPTH = 20


def own_spec(
    framework: Framework,
    recipe: Recipe,
    dataset: Dataset,
    *,
    language: str = "zh",
    udf: bool = True,
) -> TemplateSpec:
    """Return the specification of a template for a framework of the user's own."""
    root = framework.root
    attributes = dict.fromkeys(key for unit in dataset.units for key in unit.attributes)
    return TemplateSpec(
        id=recipe.id or root.code,
        name_zh=root.name_zh or root.name_en or root.code,
        name_en=root.name_en or root.name_zh or root.code,
        edition="",
        framework=framework,
        recipe=recipe,
        dataset=dataset,
        attributes=tuple(attributes),
        language=language,
        udf=udf,
    )


def template_spec(
    report: Report,
    data: Dataset | None = None,
    empty: bool = False,
    language: str = "zh",
    udf: bool = True,
) -> TemplateSpec:
    """Return the specification of a report's template.

    `data` are a user's own values; without it the report's default values are filled in, and with
    `empty` none at all. The report's default values travel along in every case, so that the book
    knows them when it sees them.
    """
    defaults = report.dataset
    dataset = data if data is not None else defaults
    if empty:
        dataset = empty_dataset(defaults.units, defaults.codes)
    attributes = dict.fromkeys(key for unit in defaults.units for key in unit.attributes)
    return TemplateSpec(
        id=report.id,
        name_zh=report.name_zh,
        name_en=report.name_en,
        edition=report.edition,
        framework=report.framework,
        recipe=report.recipe,
        dataset=dataset,
        defaults=defaults,
        kind="own" if data is not None else "empty" if empty else report.data_kind,
        note_zh=report.data_note_zh,
        note_en=report.data_note_en,
        attributes=tuple(attributes),
        group_types=_group_types(report),
        subtables=_subtables(report),
        tiers=tuple(
            TierRule(r.group_type, r.group, r.tier, r.rank_from, r.rank_to)
            for r in report.tier_rules
        ),
        printed=_printed(report),
        language=language,
        udf=udf,
    )


def _group_types(report: Report) -> tuple[GroupType, ...]:
    found: dict[str, GroupType] = {}
    for group in report.groups:
        known = found.setdefault(
            group.group_type,
            GroupType(group.group_type, group.group_type_zh, group.group_type_en, ()),
        )
        found[group.group_type] = replace(
            known, groups=(*known.groups, Group(group.group, group.name_zh, group.name_en))
        )
    return tuple(found.values())


def _subtables(report: Report) -> tuple[Subtable, ...]:
    """Return the root's groups (the figures), then the printed subtables, in their order."""
    root = report.framework.root.code
    table = report.published.get("subtables")
    found: list[Subtable] = []
    if report.groups:
        first = report.groups[0].group_type
        for group in report.groups:
            if group.group_type == first:
                size = sum(
                    unit.attributes.get(first) == group.group for unit in report.dataset.units
                )
                found.append(Subtable("", root, first, group.group, min(size, FIGURE_DEPTH)))
    if table is not None:
        depth: dict[tuple[str, str, str, str], int] = {}
        for row in table.rows:
            key = (row["table"], row["node"], row["group_type"], row["group"])
            depth[key] = depth.get(key, 0) + 1
        found += [Subtable(*key, rows) for key, rows in depth.items()]
    return tuple(found)


def _printed(report: Report) -> tuple[Printed, ...]:
    """Return what was printed of every node: the first table that has it counts."""
    found: dict[str, Printed] = {}
    derived = {child.parent for child in report.framework.indicators if child.parent is not None}
    for table in report.published.values():
        for column, node in table.nodes.items():
            if node in found:
                continue
            main = node == _main_node(table)
            found[node] = Printed(
                node,
                table.label,
                {row["city_id"]: row[column] for row in table.rows},
                {row["city_id"]: int(row["rank"]) for row in table.rows if row.get("rank")}
                if main
                else _ranks_elsewhere(report, node),
                by_construction=node in derived,
            )
    order = [node.code for node in report.framework.nodes]
    return tuple(sorted(found.values(), key=lambda p: order.index(p.node)))


def _main_node(table: PublishedTable) -> str | None:
    """Return the node a table is ranked by: the one in its last column of scores."""
    return list(table.nodes.values())[-1] if table.nodes else None


def _ranks_elsewhere(report: Report, node: str) -> dict[str, int]:
    for table in report.published.values():
        if _main_node(table) == node:
            return {row["city_id"]: int(row["rank"]) for row in table.rows if row.get("rank")}
    return {}
