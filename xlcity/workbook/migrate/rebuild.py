"""A workbook made again from what people put into it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from xlcity.errors import UsageError, did_you_mean
from xlcity.model.dataset import Unit
from xlcity.model.framework import Framework
from xlcity.recalc.workbook import patch_results, recalculate
from xlcity.workbook.build import close_book, draw_sheets
from xlcity.workbook.migrate.content import Content, remark_key, spec_from, with_sources
from xlcity.workbook.migrate.describe import leftover_of_remark, list_gone, with_title
from xlcity.workbook.migrate.draw_edits import draw_edits, target_for
from xlcity.workbook.migrate.kinds import Target
from xlcity.workbook.migrate.sheet_kinds import order_of, retitled
from xlcity.workbook.migrate.unplaced import SHEET as LEFTOVERS
from xlcity.workbook.migrate.unplaced import Leftover, leftovers_book
from xlcity.workbook.migrate.user_formulas import LostReference
from xlcity.workbook.sheets.checking import review
from xlcity.workbook.tab_titles import tab_title
from xlcity.workbook.tabs import available_pages, sheet_titles, with_pages
from xlcity.xlsx.address import cell_name, parse_area, quote_sheet
from xlcity.xlsx.editing.transplant import copy_sheets, order_sheets
from xlcity.xlsx.package import Package


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """A template made again.

    Attributes
    ----------
    package
        The workbook.
    sheets
        Its own sheets and the user's, in the order of the tabs.
    carried
        How many of each kind found their place: comments, fills, pages, exceptions, cells …
    leftovers
        What had no place any more; the sheet `Leftovers` lists it, after what it listed before.
    unverified
        What formulas use that no engine is known to compute as Excel does.
    """

    package: Package
    sheets: tuple[str, ...]
    carried: Mapping[str, int]
    leftovers: tuple[Leftover, ...] = ()
    unverified: tuple[str, ...] = ()

    @property
    def lost(self) -> tuple[str, ...]:
        """The leftovers, each in a line; what belongs to the last edition is not lost."""
        return tuple(str(line) for line in self.leftovers if line.reason != "edition")


#: What is counted of what was carried over.
CARRIED = ("comments", "fills", "pages", "exceptions", "cells", "formulas", "formats",
           "conditional_formats", "validations", "lines", "settings", "merged", "links",
           "names")  # fmt: skip


def rebuild(content: Content) -> Rebuilt:
    """Build a template of what people put into one.

    Raises
    ------
    XlcityError
        If the framework or the recipe cannot be drawn, or the book not be computed.
    """
    spec = spec_from(content)
    book = draw_sheets(spec)
    names = tuple(sheet_titles(spec).values())
    content = _with_unique_titles(content, names)
    titles: dict[int, dict[str, str]] = {}
    for page in content.pages:
        if page.title != page.name:
            titles.setdefault(id(page.home), {})[page.name] = page.title
    target = target_for(book, content.edits, content.renamed, titles)
    draw_edits(target, content.edits)
    _draw_remark_cells(content, target)
    _define_names(content, target)
    package = _copy_pages(content, target, close_book(book))
    own = (*names, *(page.title for page in content.pages))
    titled = (with_title(line, content) for line in target.left)
    left = (replace(line, reason="sheet") if _is_sheet_gone(line, own) else line
            for line in titled)  # fmt: skip
    leftovers = (*(with_title(line, content) for line in content.leftovers), *left)
    tabs = order_of(own, content.edits.entries)
    listed = tuple(dict.fromkeys((*content.listed, *leftovers)))
    if listed:
        lines = leftovers_book(listed, content.language)
        package = copy_sheets(lines, package, {LEFTOVERS: LEFTOVERS})
        tabs.append(LEFTOVERS)
    package = order_sheets(package, tabs)
    typed = bool(target.placed["cells"] + target.placed["formulas"] + len(content.pages))
    computed = recalculate(package, keep=typed)
    package = patch_results(package, computed)
    # What the template itself uses is known.
    doubts = computed.unverified if typed else ()
    unverified = (*content.unverified, *doubts)
    counts = target.placed | Counter(pages=len(content.pages), exceptions=len(content.exceptions))
    carried = {kind: counts[kind] for kind in CARRIED}
    return Rebuilt(package, tuple(tabs), carried, leftovers, tuple(dict.fromkeys(unverified)))


def _is_sheet_gone(line: Leftover, names: Collection[str]) -> bool:
    """Tell whether something has no place any more because its whole sheet has none."""
    return line.reason == "gone" and bool(line.sheet) and line.sheet not in names


def _draw_remark_cells(content: Content, target: Target) -> None:
    """Write the cells that remarks name as they stand in this workbook, "was …" if nowhere."""
    column = [*review.TYPED].index("cell")
    for row, remark in enumerate(content.remarks, review.FIRST):
        corners = content.remark_cells.get(remark_key(remark))
        if corners is None:
            continue
        positions = [target.places.find(corner) for corner in corners]
        address = ":".join(
            dict.fromkeys(cell_name(*position) for position in positions if position is not None)
        )
        text = f"{quote_sheet(corners[0].sheet)}!{address}"
        if None in positions:
            text = f"was {remark.cell}"
        elif parse_area(text) == parse_area(remark.cell):
            continue
        sheet = tab_title("Review", content.tab_language)
        target.sheets[sheet].put_typed(row - 1, column, text, None)


def _with_unique_titles(content: Content, names: Sequence[str]) -> Content:
    """Return a content whose own sheets are called otherwise than those of the template."""
    taken = {name.casefold() for name in (*names, LEFTOVERS)}
    pages = []
    for page in content.pages:
        title, number = page.title, 2
        while title.casefold() in taken:
            title, number = f"{page.title[:27]} ({number})", number + 1
        taken.add(title.casefold())
        pages.append(replace(page, title=title))
    titles = {old.title: new.title for old, new in zip(content.pages, pages, strict=True)}
    entries = retitled(content.edits.entries, titles)
    return replace(content, pages=tuple(pages), edits=replace(content.edits, entries=entries))


def _copy_pages(content: Content, target: Target, package: Package) -> Package:
    """Copy the sheets of the user's own."""
    sources = {id(page.package): page for page in content.pages}
    for page in sources.values():
        mover = target.mover(page.home)
        mine = {p.name: p.title for p in content.pages if p.package is page.package}
        left: list[tuple[str, str]] = []
        package = copy_sheets(page.package, package, mine, mover, left)
        lost, reordered = mover.take()
        target.left += [
            _leftover_of_reference(reference, mine.get(reference.sheet, reference.sheet))
            for reference in (*lost, *reordered)
        ]
        target.left += [
            Leftover("object", sheet, content=kind, reason="kind") for sheet, kind in left
        ]
    return package


def _define_names(content: Content, target: Target) -> None:
    """Define the names of the user's own."""
    for name, typed in content.edits.of("name").items():
        mover = target.mover(typed.home)
        # The order of cells matters to a formula.
        moved = mover(typed.formula or "", "", name if "(" in (typed.formula or "") else "")
        lost, reordered = mover.take()
        if without_place := [*lost, *reordered]:
            target.leave(("name", name), typed, without_place[0].reason)
        if not lost and name not in target.book.names:
            target.drawn.workbook.defined_names.append([name, -1, moved, False])
            target.placed["names"] += 1


def _leftover_of_reference(reference: LostReference, sheet: str) -> Leftover:
    """Return the line that lists a reference of a sheet of the user's own that leads nowhere."""
    address = f"{quote_sheet(sheet)}!{reference.cell}" if reference.cell else ""
    content = f"={reference.formula}: {reference.text}"
    return Leftover(
        "formula",
        reference.sheet,
        reference.cell,
        address,
        content=content,
        reason=reference.reason,
    )


def with_framework(content: Content, framework: Framework, *, values: bool = True) -> Content:
    """Return a content with another framework; what a node was told about its source is kept.

    What belongs to nodes that are gone is left over, with `values` the values, too.
    """
    sourced = with_sources(framework, content.framework.inputs)
    codes = {*sourced.inputs}
    inputs = [c for c in content.dataset.codes if c in codes]
    inputs += [n.code for n in sourced.indicators if n.code not in inputs]
    inputs += [i.code for i in sourced.ingredients if i.code not in inputs]
    dataset = content.dataset.laid_out(content.dataset.units, tuple(inputs))
    changed = replace(content, framework=sourced, dataset=dataset)
    left = list_gone(content, changed, values=values)
    return replace(changed, leftovers=(*content.leftovers, *left))


def with_units(content: Content, units: tuple[Unit, ...]) -> Content:
    """Return a content with other cities; those that stay keep their values."""
    return replace(content, dataset=content.dataset.laid_out(units, content.dataset.codes))


def with_chosen_pages(
    content: Content, add: Iterable[str] = (), remove: Iterable[str] = ()
) -> Content:
    """Return a content with other pages on demand; remarks of a removed `Review` are left over.

    Parameters
    ----------
    content
        The content.
    add, remove
        Pages, or "usual", "all".

    Raises
    ------
    UsageError
        If there is no such page, it is not there to be removed, or another one reads it.
    """
    spec = spec_from(content)
    present = [page for page in available_pages(spec) if page in content.chosen_pages]
    removed = [page for word in remove for page in (present if word == "all" else (word,))]
    for page in removed:
        if page not in present:
            raise UsageError(f"the workbook has no page {page!r}.", did_you_mean(page, present))
    staying = [page for page in present if page not in removed]
    pages = with_pages(spec, (*staying, *add)).chosen_pages
    for page in removed:
        if page in pages:
            hint = "Remove the pages that read it, too."
            raise UsageError(f"the page {page!r} is read by another page.", hint)
    left, remarks = content.leftovers, content.remarks
    if "review" not in pages:
        left, remarks = (*left, *(leftover_of_remark(remark, "sheet") for remark in remarks)), ()
    return replace(content, chosen_pages=pages, leftovers=left, remarks=remarks)
