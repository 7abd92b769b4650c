"""The specification that a workbook was built from, with its own framework, method and cities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from xlcity.errors import CellValue
from xlcity.model.dataset import Dataset
from xlcity.model.framework import Framework
from xlcity.model.panel import Break
from xlcity.model.recipe import Recipe
from xlcity.reports import known_ids, load_report
from xlcity.reports.groups import group_types_of
from xlcity.reports.report import GroupType, Report, TierRule
from xlcity.reports.tiers import tiers_of
from xlcity.workbook.labels import LANGUAGES
from xlcity.workbook.layout.inputs import XL_GROUPS, XL_TIERS
from xlcity.workbook.reading.records import number_of, plain_text
from xlcity.workbook.reading.template import Template
from xlcity.workbook.sheets.previous import WORDS
from xlcity.workbook.spec import BOTH, FUNCTIONS, NATIVE, TemplateSpec
from xlcity.workbook.spec.from_report import later_spec, own_spec, template_spec
from xlcity.workbook.spec.previous_edition import (
    KINDS,
    NO_PAST,
    LastEdition,
    Mapped,
    Past,
    PastEdition,
)
from xlcity.workbook.tab_titles import read_tab_language
from xlcity.xlsx.cells import ReadBook, find_area, resolve


def shipped_report(report: str, edition: str) -> Report | None:
    """Return the report that a workbook ships with, if it is one and of the edition printed."""
    if report not in known_ids():
        return None
    loaded = load_report(report)
    return loaded if edition in ("", loaded.edition) else None


def spec_for(
    report: str,
    edition: str,
    framework: Framework,
    recipe: Recipe,
    dataset: Dataset,
    last: LastEdition | None = None,
) -> TemplateSpec:
    """Return the specification of a book of a report, a later edition of it, or one's own index.

    A later edition of a report has its names, groups, method and sheets, and none of its printed
    values.
    """
    if (shipped := shipped_report(report, edition)) is not None:
        printed = shipped.dataset
        is_same = np.array_equal(dataset.values, printed.values, equal_nan=True)
        is_same = is_same and dataset.digest() == printed.digest()
        spec = template_spec(shipped, None if is_same else dataset, framework=framework)
    else:
        spec = own_spec(framework, recipe, dataset)
        spec = replace(spec, id=report or spec.id, edition=edition, last=last)
        if report in known_ids():
            spec = later_spec(load_report(report), spec)
    return replace(spec, framework=framework, recipe=recipe, last=last)


def read_cells(template: Template) -> str:
    """Return how the index stands in the cells of a workbook: one of `CELLS`."""
    if "UDF" in template.book.sheets:
        return BOTH
    return FUNCTIONS if "xl_functions" in template.book.names else NATIVE


def read_chosen_pages(template: Template) -> tuple[str, ...]:
    """Return the pages on demand of a workbook."""
    return tuple(template.text("xl_pages").replace(",", " ").split())


def spec_of(template: Template) -> TemplateSpec:
    """Return the specification a workbook was built from, its own framework and cities in it."""
    book = template.book
    dataset = template.dataset
    edition = template.text("xl_edition")
    language = template.text("xl_lang")
    spec = spec_for(
        template.report,
        edition,
        template.framework,
        template.recipe,
        dataset=dataset,
        last=read_last(book),
    )
    rows = {
        name: template.area(name).rows - 1
        for name in ("in_items", "in_review", XL_GROUPS)
        if name in book.names
    }
    bars = find_area(book, "xl_bars")
    typed_bars = None if bars is None else number_of(book.block(bars)[0][0])
    return replace(
        spec,
        tiers=spec.tiers or read_named_tiers(book),
        cells=read_cells(template),
        group_lines=rows.get(XL_GROUPS, 0),
        named_groups=read_named_groups(book),
        chosen_pages=read_chosen_pages(template),
        bars=int(typed_bars or 0),
        item_rows=rows.get("in_items", spec.item_rows),
        language=language if language in LANGUAGES else spec.language,
        missing_columns=template.area("par_missing").columns,
        past=read_past(book),
        remark_rows=rows.get("in_review", spec.remark_rows),
        spare_units=template.area("xl_units").rows - len(dataset.units),
        tab_language=read_tab_language(book.sheets),
    )


def read_named_groups(book: ReadBook) -> tuple[GroupType, ...]:
    """Return what the groups of an index of one's own are called, as `Framework` says."""
    rows = _lines_of(book, XL_GROUPS)
    return group_types_of(row for row in rows if row["group_type"] and row["group"])


def read_named_tiers(book: ReadBook) -> tuple[TierRule, ...]:
    """Return the tiers of an index of one's own, as `Framework` declares them.

    None where a rank among them cannot be used.
    """
    try:
        return tiers_of(_lines_of(book, XL_TIERS))
    except ValueError:
        return ()


def _lines_of(book: ReadBook, name: str) -> list[dict[str, str]]:
    """Return the lines of a table by the names of its columns; none without the table."""
    if name not in book.names:
        return []
    header, *lines = book.block(resolve(book, name))
    names = [plain_text(own) for own in header]
    texts = (map(plain_text, line) for line in lines)
    return [dict(zip(names, line, strict=True)) for line in texts]


def read_last(book: ReadBook) -> LastEdition | None:
    """Return what the sheet `LastEdition` knows, if it is there."""
    if "xl_last_units" not in book.names:
        return None
    _, *ids = book.block(resolve(book, "xl_last_units"))
    units = [plain_text(row[0]) for row in ids]
    columns = partial(_columns, book)
    numbers = {kind: _numbers(units, columns(f"xl_last_{kind}")) for kind in KINDS}
    status = {}
    for kind in KINDS:
        letters_by_code = columns(f"xl_last_{kind}_status")
        for place, word in _statuses(units, letters_by_code).items():
            status[kind, *place] = word
    _, *lines = book.block(resolve(book, "xl_last_mapping"))
    mapping = (Mapped(*map(plain_text, line)) for line in lines)
    return LastEdition(
        edition=plain_text(book.block(resolve(book, "xl_last_edition"))[0][0]),
        units=tuple(units),
        codes=tuple(columns("xl_last_values")),
        nodes=tuple(columns("xl_last_ranks")),
        values=numbers["values"],
        scores=numbers["scores"],
        ranks={key: int(rank) for key, rank in numbers["ranks"].items()},
        mapping=tuple(mapped for mapped in mapping if mapped.status),
        made=numbers["made"],
        status=status,
    )


def _statuses(
    units: Sequence[str], letters_by_code: Mapping[str, Sequence[CellValue]]
) -> dict[tuple[str, str], str]:
    """Return the status of cities and columns that have a letter."""
    words = {}
    for code, letters in letters_by_code.items():
        for unit, letter in zip(units, map(plain_text, letters), strict=True):
            if letter in WORDS:
                words[unit, code] = WORDS[letter]
    return words


def _columns(book: ReadBook, name: str) -> dict[str, list[CellValue]]:
    """Return the values of each code of a block, in the order of the cities; none without it."""
    if name not in book.names:
        return {}
    lines = zip(*book.block(resolve(book, name)), strict=True)
    return {plain_text(code): values for code, *values in lines}


def _numbers(
    units: Sequence[str], columns: Mapping[str, Sequence[CellValue]]
) -> dict[tuple[str, str], float]:
    """Return (city, code) -> number of columns, each with a cell per city."""
    numbers = {}
    for code, values in columns.items():
        for unit, number in zip(units, map(number_of, values), strict=True):
            if number is not None:
                numbers[unit, code] = number
    return numbers


def read_past(book: ReadBook) -> Past:
    """Return what the sheet `Trajectories` stores of past editions, if it is there."""
    columns = _columns(book, "xl_past")
    if not columns:
        return NO_PAST
    units = [plain_text(unit) for unit in columns.pop("unit")]
    editions: dict[str, PastEdition] = {}
    for code, values in columns.items():
        # "score|node|edition|Y": Y where the scores rest on invented values.
        kind, node, edition_and_letter = code.split("|", 2)
        name, _, letter = edition_and_letter.rpartition("|")
        past = editions.get(name) or PastEdition(name, {}, {})
        numbers = _numbers(units, {node: values})
        if kind == "rank":
            ranks = {place: int(number) for place, number in numbers.items()}
            editions[name] = replace(past, ranks={**past.ranks, **ranks})
        else:
            invented = past.invented | ({node} if letter else set())
            scores = {**past.scores, **numbers}
            editions[name] = replace(past, scores=scores, invented=invented)
    _, *lines = book.block(resolve(book, "in_breaks"))
    breaks = (Break(*map(plain_text, line[:3])) for line in lines)
    return Past(tuple(editions.values()), tuple(line for line in breaks if line.code))
