"""The order of a report: its sections with paragraphs, tables and figures, and city profiles."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

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
    ReportCell,
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
    sections = []
    for part in _outline(source, is_half=is_half):
        exhibits = [
            exhibit
            for name, exhibit in content.items()
            if name not in annex and items[name].section in part.keys
        ]
        sections.append(Section(part.title, part.paragraphs, exhibits, part.anchor))
    of_annex = [content[name] for name in annex if name in content]
    sections.append(_annex_of(sections, of_annex))
    return [section for section in sections if section.items or section.paragraphs]


class _Part(NamedTuple):
    """A part of the outline: its paragraphs, and the sections whose tables and figures it shows."""

    title: Label
    paragraphs: Sequence[Paragraph]
    anchor: str
    keys: Collection[str]


def _outline(source: ReportSource, *, is_half: bool) -> Iterator[_Part]:
    """Yield the parts of a chapter in their order."""
    story = Chapter(source, is_half=is_half)
    root = source.root
    groupings = [kind.attribute for kind in source.group_types]
    yield _part(FRAMEWORK, say("section.framework"))
    yield _part(root, say("section.overall"), story.overall(), groupings)
    for code in source.main_nodes[1:]:
        yield _part(code, source.node(code), story.dimension(code))
    yield _part(TYPES, say("section.types"), story.types())
    yield _part(CHANGE, say("section.change"), story.change())
    yield _part(PAIRS, say("section.pairs"), story.links())
    yield _part(ROBUSTNESS, say("section.robustness"), story.robustness())
    yield _part(CASES, say("section.cases"), story.cases())
    yield _part(APPENDIX, say("section.limits"), story.limits())


def _part(
    key: str,
    title: Label,
    paragraphs: Sequence[Paragraph] = (),
    others: Sequence[str] = (),
) -> _Part:
    return _Part(title, paragraphs, f"s-{key}", {key, *others})


def _annex_of(sections: Sequence[Section], exhibits: Sequence[Exhibit]) -> Section:
    """Return the annex; what is the same as one before is not shown again."""
    present = {*map(_key, chain.from_iterable(section.items for section in sections))}
    others = {_key(item): item for item in reversed(exhibits)}
    items = [item for key, item in reversed(others.items()) if key not in present]
    return Section(say("section.annex"), (), items, "s-annex")


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
    return Section(
        source.city(row),
        paragraphs,
        items,
        anchor=f"city-{unit}",
        units=(unit,),
    )


def profile_table(source: ReportSource, row: int) -> ReportTable:
    """Return a city's score and rank in every node, with the means of all cities."""
    group = source.units[row].population
    everyone = [n for n, unit in enumerate(source.units) if unit.population == group]
    single = _same_as_parents(source)
    scored = _scored_nodes(source, row)
    codes = [code for code in scored if code not in single.values()]
    has_last = _has_last(source, row, codes)
    rows: Cells = []
    for code in codes:
        numbers = source.score(row, code), source.rank(row, code)
        cells = [source.marked(number, row, code) for number in numbers]
        if has_last:
            cells.append(source.editions.last_rank(row, code))
        mean = _mean(source, code, everyone)
        rows.append([_indented(source, code, single), *cells, mean])
    last = [last_head(source)] if has_last else []
    content = TableContent(
        [*heads("node", "score", "rank"), *last, head("mean")],
        rows,
        notes=_notes_on_scores(source, codes),
        across=2 if len(rows) > _LONG else 1,
    )
    texts = {
        "city": source.city(row),
        "which": _whose_means(source, codes, everyone),
        "group": group_suffix(source, group)[1],
    }
    return table(
        source,
        f"profile-{source.units[row].id}",
        content,
        kind="profile",
        texts=texts,
    )


def _notes_on_scores(source: ReportSource, codes: Iterable[str]) -> list[Label]:
    """Return that scores of indicators are z-scores, where some of these are."""
    is_standardised = any(map(source.is_standardised, codes))
    return [say("zscores.profile")] if is_standardised else []


def _scored_nodes(source: ReportSource, row: int) -> list[str]:
    """Return the nodes that a city has a score in."""
    codes = [node.code for node in source.result.framework.tree_order]
    return [code for code in codes if source.score(row, code) is not None]


def _has_last(source: ReportSource, row: int, codes: Sequence[str]) -> bool:
    """Tell whether most nodes have a rank of the previous edition: dashes alone say nothing."""
    last = [source.editions.last_rank(row, code) for code in codes]
    has_most = 2 * last.count(None) < len(last)
    return has_most and not source.editions.is_beside_print(source.root)


def _indented(source: ReportSource, code: str, single: Mapping[str, str]) -> Label:
    """Return the name of a node, with that of an only child that is the same, below its parents."""
    name = source.scored(code)
    if code in single:
        name = say("node.single", node=name, child=source.scored(single[code]))
    indent = INDENT * source.result.framework.depth(code)
    return Label(indent + name.zh, indent + name.en)


def _mean(source: ReportSource, code: str, rows: Sequence[int]) -> ReportCell:
    """Return the mean score of some cities; nothing of z-scores, whose mean is 0."""
    if source.is_standardised(code):
        return NOTHING
    return float(np.nanmean(source.scores(code)[rows]))


def _whose_means(
    source: ReportSource, codes: Iterable[str], rows: Sequence[int]
) -> Label:
    """Return of which cities means are: of all, unless some have no score."""
    scores = (source.scores(code)[rows] for code in codes)
    has_all = all(np.isfinite(own).all() for own in scores)
    return inside(all_cities(len(rows))) if has_all else say("profile.scored")


def _same_as_parents(source: ReportSource) -> dict[str, str]:
    """Return node -> its only child, where both have the same scores: one line says both."""
    tree = source.result.framework
    same: dict[str, str] = {}
    for node in tree.nodes:
        children = tree.children(node.code)
        if len(children) != 1:
            continue
        own = source.scores(node.code)
        if np.allclose(own, source.scores(children[0].code), equal_nan=True):
            same[node.code] = children[0].code
    return same


def growth_table(source: ReportSource, row: int) -> ReportTable | None:
    """Return the growth of a city's indicators, risen or fallen, with the mean of all cities."""
    every = source.editions.growth_of(row)
    if not every:
        return None
    rows: Cells = []
    for growth in every:
        cells: list[ReportCell] = [growth.own, growth.mean]
        if growth.is_share:
            numbers = [shown(cell, "growth", "en") for cell in cells]
            cells = [say("points", n=number) for number in numbers]
        rows.append([source.node(growth.code), *cells])
    fields = heads("node", "growth", "mean_growth")
    content = TableContent(fields, rows, across=2)
    key = f"growth-{source.units[row].id}"
    texts = {"city": source.city(row)}
    return table(source, key, content, kind="growth", texts=texts)
