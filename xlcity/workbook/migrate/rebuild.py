"""A workbook made again from what people put into it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from xlcity.errors import UsageError, did_you_mean
from xlcity.hosts.excel.embedded import carry_functions
from xlcity.model.dataset import Dataset, Unit
from xlcity.model.framework import Framework
from xlcity.model.nodes import Ingredient, Node, table_columns
from xlcity.recalc.workbook import patch_results, recalculate
from xlcity.workbook.build import draw
from xlcity.workbook.migrate.carry import SourceBook, copy_pages, draw_edits, move_edits
from xlcity.workbook.migrate.cell_keys import Anchors
from xlcity.workbook.migrate.content import Content, renewed, with_sources
from xlcity.workbook.migrate.edits import Edit, Target
from xlcity.workbook.migrate.kinds import join_looks, look_text
from xlcity.workbook.migrate.leftovers import SHEET as LEFTOVERS
from xlcity.workbook.migrate.leftovers import (
    Leftover,
    find_list,
    shown_value,
    with_leftovers,
)
from xlcity.workbook.migrate.mover import Mover
from xlcity.workbook.sheets.checking import review
from xlcity.workbook.sheets.inputs.input_rows import input_content
from xlcity.workbook.spec import Remark, TemplateSpec
from xlcity.workbook.tab_titles import (
    contract_name,
    free_title,
    tab_title,
    with_contract_names,
)
from xlcity.workbook.tabs import available_pages, sheet_titles, with_pages
from xlcity.xlsx.address import parse_area
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.editing.patch import CellEntry
from xlcity.xlsx.editing.transplant import order_sheets, order_tabs
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


#: Parts of a format that say something of the value in the cell.
_MARKS = frozenset(("fill", "colour", "strike"))


def rebuild(content: Content) -> Rebuilt:
    """Build a template of what people put into one.

    Raises
    ------
    XlcityError
        If the framework or the recipe cannot be drawn, or the book not be computed.
    """
    spec = renewed(content.spec)
    package, _ = draw(spec)
    drawn = with_contract_names(read_book(package))
    target = Target(package, drawn, Anchors(drawn, renamed=content.renamed))
    assert content.source is not None  # a content that was read has one
    source = content.source
    names = [*sheet_titles(spec).values()]
    titles = _titles_of_pages(source, names)
    mover = source.mover(target.anchors, titles)
    edits, left = source.edits
    if content.rolled:
        edits = [*_lasting(edits, source.template.framework.inputs, target.left)]
    target.left += left
    draw_edits(target, move_edits(edits, mover, target.left))
    _draw_remark_cells(content, target, mover)
    base = source.template.package
    package = copy_pages(base, target.finish(), titles, mover, left=target.left)
    package = carry_functions(base, package)
    names += titles.values()
    former = [titles.get(name, name) for name in source.template.book.sheets]
    tabs = order_tabs(names, former)
    leftovers = _list_left(content, join_looks(target.left), names)
    counts = {**target.placed, "pages": len(titles), "exceptions": len(spec.exceptions)}
    package = add_leftovers(package, tabs, leftovers, spec.language)
    book = Rebuilt(
        package, tuple(tabs), counts, leftovers, unverified=content.unverified
    )
    typed = bool(counts["cells"] + counts["formulas"] + len(titles))
    return computed(book, keep=typed)


def _titles_of_pages(source: SourceBook, names: Sequence[str]) -> dict[str, str]:
    """Return the user's own sheets -> their titles: none is called as one of the template."""
    reserved = () if find_list(source.template.book, LEFTOVERS) else (LEFTOVERS,)
    titles: dict[str, str] = {}
    for page in source.pages:
        titles[page] = free_title(page, (*names, *reserved, *titles.values()))
    return titles


def add_leftovers(
    package: Package, tabs: list[str], leftovers: Sequence[Leftover], language: str
) -> Package:
    """Return a workbook with a sheet for what has no place, if there is any, and its tabs in order.

    The sheet is added to `tabs`.
    """
    if leftovers and LEFTOVERS not in tabs:
        tabs.append(LEFTOVERS)
    return order_sheets(with_leftovers(package, leftovers, language), tabs)


def computed(book: Rebuilt, *, keep: bool) -> Rebuilt:
    """Return a workbook, computed; `keep` says that there are formulas that people typed."""
    results = recalculate(book.package, keep=keep)
    # What the template itself uses is known.
    unknown = (*book.unverified, *(results.unverified if keep else ()))
    package = patch_results(book.package, results)
    unverified = tuple(dict.fromkeys(unknown))
    return replace(book, package=package, unverified=unverified)


def _list_left(
    content: Content, left: Iterable[Leftover], sheets: Collection[str]
) -> tuple[Leftover, ...]:
    """Return all that is left over, each line once, with the title of its sheet.

    Where the whole sheet is gone, that is the reason.
    """
    spec = content.spec
    lines = []
    for line in (*content.leftovers, *left):
        name = contract_name(line.sheet, spec.id)
        title = tab_title(name, spec.tab_language, spec.id)
        is_sheet_gone = line.reason == "gone" and title and title not in sheets
        lines.append(
            replace(line, sheet=title, reason="sheet" if is_sheet_gone else line.reason)
        )
    return tuple(dict.fromkeys(lines))


def _draw_remark_cells(content: Content, target: Target, mover: Mover) -> None:
    """Write the cells that remarks name as they stand in this workbook, "was …" if nowhere."""
    spec = content.spec
    sheet = tab_title("Review", spec.tab_language)
    column = [*review.TYPED].index("cell") + 1
    for row, remark in enumerate(spec.remarks, review.FIRST):
        if parse_area(remark.cell) is not None:
            moved, lost = mover.follow(remark.cell, "")
            text = f"was {remark.cell}" if lost else moved
            target.sheet(sheet).entries[row, column] = CellEntry(text)


# -- what a next edition leaves ------------------------------------------------------------------
def _lasting(
    edits: Iterable[Edit], codes: Collection[str], left: list[Leftover]
) -> Iterator[Edit]:
    """Yield what stays where values belong to the next edition; the rest is left.

    Notes, formulas, texts, colours and letters struck out on the value of a city and an indicator
    speak of that value. Columns, notes and rules beside them stay, and so do notes on the names of
    cities.
    """
    for edit in edits:
        if not _is_on_value(edit, codes):
            yield edit
        elif edit.kind == "look":
            yield from _lasting_looks(edit, left)
        elif edit.kind in ("cell", "comment"):
            left.append(edit.leftover("edition"))
        else:
            yield edit


def _is_on_value(edit: Edit, codes: Collection[str]) -> bool:
    """Tell whether an edit stands on the value of a city and an indicator."""
    about = edit.about
    if about is None or about.position != (0, 0):
        return False
    return bool(about.unit) and about.code in codes


def _lasting_looks(edit: Edit, left: list[Leftover]) -> Iterator[Edit]:
    """Yield the parts of a look that mark no value; those that do are left."""
    marks = tuple(part for part in edit.value if part[0] in _MARKS)
    others = tuple(part for part in edit.value if part not in marks)
    if others:
        yield replace(edit, value=others, text=look_text(others))
    if any(text for _, text in marks):
        left.append(replace(edit, text=look_text(marks)).leftover("edition"))


# -- contents with something changed -------------------------------------------------------------
def with_framework(
    content: Content, framework: Framework, *, values: bool = True
) -> Content:
    """Return a content with another framework; what is noted of a node's source is kept.

    What belongs to nodes that are gone is left over, with `values` the values, too.
    """
    sourced = with_sources(framework, content.spec.framework.inputs)
    dataset = content.spec.dataset
    old_codes = (code for code in dataset.codes if code in sourced.inputs)
    measured: tuple[Node | Ingredient, ...] = (
        *sourced.indicators,
        *sourced.ingredients,
    )
    codes = dict.fromkeys((*old_codes, *(part.code for part in measured)))
    dataset = dataset.reindexed(dataset.units, tuple(codes))
    changed = content.changed(framework=sourced, dataset=dataset)
    left = _list_gone(content.spec, changed.spec, values=values)
    return replace(changed, leftovers=(*content.leftovers, *left))


def _list_gone(
    before: TemplateSpec, after: TemplateSpec, *, values: bool
) -> Iterator[Leftover]:
    """Yield what belongs to nodes that are there no longer."""
    codes = {*after.framework.inputs, *(node.code for node in after.framework.nodes)}
    if values:
        yield from _list_gone_values(before.dataset, {*codes, *after.dataset.codes})
    reason = "gone" if values else "edition"
    framework = before.framework
    parts: tuple[Node | Ingredient, ...] = (*framework.nodes, *framework.ingredients)
    for part in parts:
        if part.code not in codes:
            content = _describe_fields(part)
            yield Leftover(
                "node", "Framework", code=part.code, content=content, reason=reason
            )
    lists: dict[tuple[str, str], Mapping[str, Sequence[object]]] = {
        ("item", "Items"): before.dataset.items,
        ("link of cities", "Links"): before.dataset.links,
    }
    for (what, sheet), entries in lists.items():
        for code in entries.keys() - codes:
            for entry in entries[code]:
                content = shown_value(entry)
                yield Leftover(what, sheet, code=code, content=content, reason=reason)


def _list_gone_values(dataset: Dataset, codes: Collection[str]) -> Iterator[Leftover]:
    """Yield the values of indicators that are not among these."""
    gone = [code for code in dataset.codes if code not in codes]
    for row, unit in enumerate(dataset.units):
        for code in gone:
            value = input_content(dataset, row, code)
            if value is not None:
                shown = shown_value(value)
                yield Leftover("value", "Data", unit=unit.id, code=code, content=shown)


def _describe_fields(part: Node | Ingredient) -> str:
    """Return what is said of a node, column by column."""
    words = []
    for name in table_columns(type(part)):
        value = getattr(part, name)
        if name != "code" and value not in (None, "", (), 0):
            words.append(f"{name}: {shown_value(value)}")
    return "; ".join(words)


def with_units(content: Content, units: tuple[Unit, ...]) -> Content:
    """Return a content with other cities; those that stay keep their values."""
    dataset = content.spec.dataset
    return content.changed(dataset=dataset.reindexed(units, dataset.codes))


def with_chosen_pages(
    content: Content, add: Iterable[str] = (), remove: Iterable[str] = ()
) -> Content:
    """Return a content with other pages on demand.

    Remarks of a removed `Review` are left over, and past editions of `Trajectories` are named.

    Parameters
    ----------
    content
        The content.
    add, remove
        Pages, or "all".

    Raises
    ------
    UsageError
        If there is no such page, it is not there to be removed, or another one reads it.
    """
    spec = renewed(content.spec)
    present = [page for page in available_pages(spec) if page in spec.chosen_pages]
    removed = _pages_to_remove(remove, present)
    staying = [page for page in present if page not in removed]
    pages = with_pages(spec, ("none", *staying, *add)).chosen_pages
    for page in removed:
        if page in pages:
            raise UsageError.of("XC100.page_is_read", page=page)
    left = [*content.leftovers]
    remarks = spec.remarks
    if "review" not in pages:
        left += (leftover_of_remark(remark, "sheet") for remark in remarks)
        remarks = ()
    if "trajectories" in removed:
        stored = ", ".join(past.edition for past in spec.past.editions)
        left.append(Leftover("page", "Trajectories", content=stored, reason="sheet"))
    lasting = replace(content, leftovers=tuple(left))
    return lasting.changed(chosen_pages=pages, remarks=remarks)


def _pages_to_remove(words: Iterable[str], present: Sequence[str]) -> list[str]:
    """Return the pages that words mean, "all" among them; each must be there."""
    removed: list[str] = []
    for word in words:
        removed += present if word == "all" else (word,)
    for page in removed:
        if page not in present:
            raise UsageError.of(
                "XC100.no_page", hint=did_you_mean(page, present), page=page
            )
    return removed


def leftover_of_remark(remark: Remark, reason: str) -> Leftover:
    """Return the line that lists a remark of `Review`."""
    about = (
        remark.cell,
        remark.remark,
        remark.who,
        remark.date,
        remark.answer,
        remark.status,
    )
    text = " · ".join(filter(None, about))
    return Leftover(
        "review",
        "Review",
        unit=remark.city,
        code=remark.node,
        content=text,
        reason=reason,
    )
