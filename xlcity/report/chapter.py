"""The order of a report: its sections with paragraphs, tables and figures, and city profiles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from xlcity.figures.contents import Label, inside
from xlcity.figures.figure import Figure
from xlcity.report.city_columns import last_head
from xlcity.report.contents import (
    INDENT,
    NOTHING,
    Cells,
    Contents,
    Exhibit,
    Paragraph,
    ReportTable,
    Section,
    TableContent,
    shown,
)
from xlcity.report.items import (
    APPENDIX,
    CASES,
    CHANGE,
    FRAMEWORK,
    PAIRS,
    ROBUSTNESS,
    TYPES,
    ReportItem,
)
from xlcity.report.notes import group_suffix, table
from xlcity.report.source import ReportSource
from xlcity.report.story.sections import Chapter
from xlcity.report.texts import all_cities, head, heads, say

#: Rows of a table of a profile from which on it has two blocks.
_LONG = 22


def chapter(
    source: ReportSource,
    items: Mapping[str, ReportItem],
    content: Contents,
    annex: Sequence[str] = (),
    *,
    is_half: bool = False,
) -> list[Section]:
    """Return the sections of a report; a section without anything is left out.

    Parameters
    ----------
    items
        What any section can have, by id.
    content
        What the chapter shows, by id, in the order of each section.
    annex
        Which of this stands in an annex.
    is_half
        Whether its text has half the length.
    """
    root = source.root
    story = Chapter(source, is_half=is_half)
    outline: list[tuple[str, Label, Sequence[Paragraph]]] = [
        (FRAMEWORK, say("section.framework"), ()),
        (root, say("section.overall"), story.overall()),
    ]
    outline += [(c, source.node(c), story.dimension(c)) for c in source.main_nodes[1:]]
    outline += [
        (TYPES, say("section.types"), story.types()),
        (CHANGE, say("section.change"), story.change()),
        (PAIRS, say("section.pairs"), story.links()),
        (ROBUSTNESS, say("section.robustness"), story.robustness()),
        (CASES, say("section.cases"), story.cases()),
        (APPENDIX, say("section.limits"), story.limits()),
    ]
    groupings = {kind.attribute for kind in source.group_types}
    sections = []
    for key, title, paragraphs in outline:
        keys = {key, *groupings} if key == root else {key}
        names = [
            name
            for name in content
            if items[name].section in keys and name not in annex
        ]
        exhibits = [content[name] for name in names]
        sections.append(Section(title, paragraphs, exhibits, f"s-{key}"))
    # A table of the annex that is the same as one before is not shown again.
    present = {_key(item) for section in sections for item in section.items}
    others = {
        _key(content[name]): content[name]
        for name in reversed(annex)
        if name in content
    }
    items_of_annex = [
        item for key, item in reversed(others.items()) if key not in present
    ]
    sections.append(Section(say("section.annex"), (), items_of_annex, "s-annex"))
    return [section for section in sections if section.items or section.paragraphs]


def _key(item: Exhibit) -> str:
    """Return what a table shows, whatever its title; a figure is its own."""
    return item.id if isinstance(item, Figure) else repr((item.fields, item.rows))


def profile(story: Chapter, row: int, strips: Figure | None) -> Section:
    """Return a city's page: statements, its strips, its scores and ranks."""
    source = story.source
    every = (strips, profile_table(source, row), growth_table(source, row))
    items = [item for item in every if item is not None]
    unit = source.units[row].id
    paragraphs = story.city(row)
    return Section(source.city(row), paragraphs, items, f"city-{unit}", (unit,))


def profile_table(source: ReportSource, row: int) -> ReportTable:
    """Return a city's score and rank in every node, with the means of all cities."""
    tree = source.result.framework
    group = source.units[row].population
    single = _same_as_parents(source)
    codes = [
        node.code
        for node in tree.tree_order
        if source.score(row, node.code) is not None and node.code not in single.values()
    ]
    # A column of dashes says nothing: that of the previous edition stands where most have a rank.
    last = [source.editions.last_rank(row, code) for code in codes]
    has_last = 2 * (len(last) - last.count(None)) > len(last)
    has_last = has_last and not source.editions.is_beside_print(source.root)
    everyone = [
        unit_row
        for unit_row, unit in enumerate(source.units)
        if unit.population == group
    ]
    rows: Cells = []
    for code in codes:
        indent = INDENT * tree.depth(code)
        name = source.scored(code)
        if code in single:
            name = say("node.single", node=name, child=source.scored(single[code]))
        numbers = source.score(row, code), source.rank(row, code)
        own = [source.marked(number, row, code) for number in numbers]
        before = [source.editions.last_rank(row, code)] if has_last else []
        # The mean of a z-score is 0 for all.
        mean = float(np.nanmean(source.scores(code)[everyone]))
        means = [NOTHING if source.is_standardised(code) else mean]
        rows.append([Label(indent + name.zh, indent + name.en), *own, *before, *means])
    fields = heads("node", "score", "rank")
    fields += [last_head(source)] if has_last else []
    fields.append(head("mean"))
    across = 2 if len(rows) > _LONG else 1
    has_all = all(np.isfinite(source.scores(code)[everyone]).all() for code in codes)
    which = inside(all_cities(len(everyone))) if has_all else say("profile.scored")
    texts = {
        "city": source.city(row),
        "which": which,
        "group": group_suffix(source, group)[1],
    }
    key = f"profile-{source.units[row].id}"
    notes = [say("zscores.profile")] if any(map(source.is_standardised, codes)) else []
    content = TableContent(fields, rows, notes=notes, across=across)
    return table(source, key, content, kind="profile", texts=texts)


def _same_as_parents(source: ReportSource) -> dict[str, str]:
    """Return node -> its only child, where both have the same scores: one line says both."""
    tree = source.result.framework
    only = {
        n.code: below[0].code
        for n in tree.nodes
        if len(below := tree.children(n.code)) == 1
    }
    scores = source.scores
    return {
        c: child
        for c, child in only.items()
        if np.allclose(scores(c), scores(child), equal_nan=True)
    }


def growth_table(source: ReportSource, row: int) -> ReportTable | None:
    """Return the growth of a city's indicators, risen or fallen, with the mean of all cities."""
    every = source.editions.growth_of(row)
    if not every:
        return None
    rows: Cells = []
    for growth in every:
        pair = growth.own, growth.mean
        cells = [
            say("points", n=shown(x, "growth", "en")) if growth.is_share else x
            for x in pair
        ]
        rows.append([source.node(growth.code), *cells])
    fields = heads("node", "growth", "mean_growth")
    content = TableContent(fields, rows, across=2)
    key = f"growth-{source.units[row].id}"
    texts = {"city": source.city(row)}
    return table(source, key, content, kind="growth", texts=texts)
