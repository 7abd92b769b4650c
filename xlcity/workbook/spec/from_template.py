"""The specification that a workbook was built from, with its own framework, method and cities."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from xlcity.errors import CellValue
from xlcity.model.dataset import Dataset
from xlcity.model.framework import Framework
from xlcity.model.recipe import Recipe
from xlcity.reports import known_ids, load_report
from xlcity.reports.report import Report
from xlcity.workbook.labels import LANGUAGES
from xlcity.workbook.reading.records import number_of, plain_text
from xlcity.workbook.reading.template import Template
from xlcity.workbook.sheets.previous import WORDS
from xlcity.workbook.spec import BOTH, FUNCTIONS, NATIVE, TemplateSpec
from xlcity.workbook.spec.from_report import later_spec, own_spec, template_spec
from xlcity.workbook.spec.previous_edition import KINDS, LastEdition, Mapped
from xlcity.workbook.tab_titles import read_tab_language
from xlcity.xlsx.cells import ReadBook, resolve


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
    *,
    language: str = "zh",
    tab_language: str = "",
    cells: str = BOTH,
    last: LastEdition | None = None,
    chosen_pages: tuple[str, ...] = (),
) -> TemplateSpec:
    """Return the specification of a book of a report, a later edition of it, or one's own index.

    A later edition of a report has its names, groups, method and sheets, and none of its printed
    values.
    """
    if (shipped := shipped_report(report, edition)) is not None:
        own = None if dataset.digest() == shipped.dataset.digest() else dataset
        spec = template_spec(shipped, own, language=language, cells=cells, framework=framework)
    else:
        spec = own_spec(framework, recipe, dataset, language=language, cells=cells)
        spec = replace(spec, id=report or spec.id, edition=edition, last=last)
        if report in known_ids():
            spec = later_spec(load_report(report), spec)
    return replace(
        spec,
        framework=framework,
        recipe=recipe,
        last=last,
        chosen_pages=chosen_pages,
        tab_language=tab_language,
    )


def read_cells(template: Template) -> str:
    """Return how the index stands in the cells of a workbook: one of `CELLS`."""
    if "UDF" in template.book.sheets:
        return BOTH
    return FUNCTIONS if "xl_functions" in template.book.names else NATIVE


def spec_of(template: Template) -> TemplateSpec:
    """Return the specification a workbook was built from, its own framework and cities in it."""
    spec = spec_for(
        template.report,
        template.text("xl_edition"),
        template.framework,
        template.recipe,
        template.dataset,
        tab_language=read_tab_language(template.book.sheets),
        cells=read_cells(template),
        last=read_last(template.book),
        chosen_pages=read_pages(template),
    )
    slots = template.area("xl_units").rows
    spare = slots - len(template.dataset.units)
    language = template.text("xl_lang")
    return replace(
        spec,
        spare_units=spare,
        remark_rows=remark_rows(template.book),
        item_rows=item_rows(template.book),
        language=language if language in LANGUAGES else spec.language,
    )


def read_pages(template: Template) -> tuple[str, ...]:
    """Return the pages on demand that a workbook was made with."""
    return tuple(template.text("xl_pages").replace(",", " ").split())


def remark_rows(book: ReadBook) -> int:
    """Return how many lines the sheet `Review` has."""
    if "in_review" not in book.names:
        return TemplateSpec.remark_rows
    return resolve(book, "in_review").rows - 1


def item_rows(book: ReadBook) -> int:
    """Return how many lines the sheet `Items` has."""
    return resolve(book, "in_items").rows - 1 if "in_items" in book.names else 0


def read_last(book: ReadBook) -> LastEdition | None:
    """Return what the sheet `LastEdition` knows, if it is there."""
    if "xl_last_units" not in book.names:
        return None
    units = [plain_text(row[0]) for row in book.block(resolve(book, "xl_last_units"))[1:]]

    def table(name: str) -> Iterator[tuple[str, str, CellValue]]:
        """Yield unit, code and value of every cell of a block, column by column."""
        if name in book.names:
            for code, *values in zip(*book.block(resolve(book, name)), strict=True):
                for unit, value in zip(units, values, strict=True):
                    yield unit, plain_text(code), value

    def numbers(name: str) -> dict[tuple[str, str], float]:
        read = ((unit, code, number_of(value)) for unit, code, value in table(name))
        return {(unit, code): number for unit, code, number in read if number is not None}

    def head(name: str) -> tuple[str, ...]:
        if name not in book.names:
            return ()
        return tuple(plain_text(code) for code in book.block(resolve(book, name))[0])

    status = {
        (kind, unit, code): WORDS[plain_text(letter)]
        for kind in KINDS
        for unit, code, letter in table(f"xl_last_{kind}_status")
        if plain_text(letter) in WORDS
    }
    edition = plain_text(book.block(resolve(book, "xl_last_edition"))[0][0])
    lines = book.block(resolve(book, "xl_last_mapping"))[1:]
    mapping = (Mapped(*(plain_text(value) for value in line)) for line in lines)
    return LastEdition(
        edition,
        tuple(units),
        head("xl_last_values"),
        head("xl_last_ranks"),
        numbers("xl_last_values"),
        numbers("xl_last_scores"),
        {key: int(rank) for key, rank in numbers("xl_last_ranks").items()},
        tuple(mapped for mapped in mapping if mapped.status),
        numbers("xl_last_made"),
        status,
    )
