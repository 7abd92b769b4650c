"""A workbook made again from what people put into it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from xlcity.model.dataset import Dataset, State, Unit
from xlcity.model.framework import Framework
from xlcity.recalc.workbook import patched, recalculate
from xlcity.workbook.build import build, sheet_names
from xlcity.workbook.carry.anchors import Anchor, Anchors
from xlcity.workbook.carry.content import Content
from xlcity.workbook.carry.pages import Mover
from xlcity.workbook.respec import spec_for
from xlcity.workbook.spec import TemplateSpec
from xlcity.xlsx.cells import Book, Position, read_book
from xlcity.xlsx.comments import with_comments
from xlcity.xlsx.looks import with_fills
from xlcity.xlsx.package import Package
from xlcity.xlsx.transplant import transplant


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """A template made again.

    Attributes
    ----------
    package
        The workbook.
    sheets
        Its own sheets, then the user's.
    carried
        How many of each kind came along: comments, fills, pages, exceptions.
    lost
        What had nowhere to go, such as a comment on a city that is not there any more.
    """

    package: Package
    sheets: tuple[str, ...]
    carried: Mapping[str, int]
    lost: tuple[str, ...]


def rebuild(content: Content) -> Rebuilt:
    """Build a template of what people put into one.

    Raises
    ------
    XlcityError
        If the framework or the recipe cannot be drawn, or the book not be computed.
    """
    spec = spec_from(content)
    package = build(spec).package
    book = read_book(package)
    places = Anchors(book)
    lost: list[str] = []

    def placed(anchors: Mapping[Anchor, object], what: str) -> dict[str, dict[Position, Anchor]]:
        found: dict[str, dict[Position, Anchor]] = {}
        for anchor in anchors:
            position = places.find(anchor)
            if position is None:
                about = " · ".join(filter(None, (anchor.sheet, anchor.row, anchor.column)))
                lost.append(f"{what} on {about}")
            else:
                found.setdefault(anchor.sheet, {})[position] = anchor
        return found

    fills = placed(content.fills, "colour")
    package = with_fills(
        package,
        book,
        {s: {p: content.fills[a] for p, a in cells.items()} for s, cells in fills.items()},
    )
    notes = placed(content.comments, "comment")
    package = with_comments(
        package,
        book,
        {s: {p: content.comments[a] for p, a in cells.items()} for s, cells in notes.items()},
    )
    names = sheet_names(spec)
    if content.pages:
        package, gone = _with_pages(content, package, book, places, frozenset(names))
        lost += gone
        package = patched(package, recalculate(package))
    carried = {
        "comments": sum(map(len, notes.values())),
        "fills": sum(map(len, fills.values())),
        "pages": len(content.pages),
        "exceptions": len(content.departures),
    }
    titles = (page.title for page in content.pages)
    return Rebuilt(package, (*names, *titles), carried, tuple(lost))


def _with_pages(
    content: Content, package: Package, book: Book, places: Anchors, own: frozenset[str]
) -> tuple[Package, list[str]]:
    known, lost = {*book.names}, []
    for source in {id(page.package): page.package for page in content.pages}.values():
        old = read_book(source)
        mover = Mover(Anchors(old), places, own)
        names = {
            name: mover(formula, name)
            for name, formula in old.names.items()
            if name not in known and not name.startswith("_xlnm.")
        }
        known |= {*names}
        mine = {page.name: page.title for page in content.pages if page.package is source}
        package = transplant(source, package, mine, mover, names)
        lost += [f"reference of {line}" for line in mover.lost]
    return package, lost


def spec_from(content: Content) -> TemplateSpec:
    """Return the specification of the template that holds a content."""
    spec = spec_for(
        content.report,
        content.edition,
        content.framework,
        content.recipe,
        content.dataset,
        language=content.language,
        udf=content.udf,
        last=content.last,
    )
    return replace(
        spec, departures=content.departures, remarks=content.remarks, typed=content.typed
    )


def with_framework(content: Content, framework: Framework) -> Content:
    """Return a content with another framework; what a node was told about its source is kept."""
    old = content.framework.inputs
    told = ("source", "source_zh", "period", "scope", "url")

    def sourced(node: object) -> object:
        before = old.get(getattr(node, "code"))  # noqa: B009
        if before is None:
            return node
        kept = {n: getattr(before, n) for n in told if not getattr(node, n) and getattr(before, n)}
        return replace(node, **kept) if kept else node  # type: ignore[type-var]

    made = replace(
        framework,
        nodes=tuple(sourced(n) for n in framework.nodes),  # type: ignore[misc]
        ingredients=tuple(sourced(i) for i in framework.ingredients),  # type: ignore[misc]
    )
    codes = {*made.inputs}
    inputs = [c for c in content.dataset.codes if c in codes]
    inputs += [n.code for n in made.indicators if n.code not in inputs]
    inputs += [i.code for i in made.ingredients if i.code not in inputs]
    dataset = laid_out(content.dataset, content.dataset.units, tuple(inputs))
    return replace(content, framework=made, dataset=dataset)


def with_units(content: Content, units: tuple[Unit, ...]) -> Content:
    """Return a content with other cities; those that stay keep their values."""
    return replace(content, dataset=laid_out(content.dataset, units, content.dataset.codes))


def laid_out(dataset: Dataset, units: tuple[Unit, ...], codes: tuple[str, ...]) -> Dataset:
    """Return a dataset over other units and codes; what it has no value for is not filled."""
    shape = len(units), len(codes)
    values = np.full(shape, np.nan)
    states = np.full(shape, State.BLANK, dtype=np.uint8)
    basis = np.full(shape, "", dtype=dataset.basis.dtype if dataset.basis.size else "<U12")
    rows = {unit.id: row for row, unit in enumerate(dataset.units)}
    columns = {code: column for column, code in enumerate(dataset.codes)}
    known = [(at, rows[unit.id]) for at, unit in enumerate(units) if unit.id in rows]
    shared = [(at, columns[code]) for at, code in enumerate(codes) if code in columns]
    if known and shared:
        to = np.ix_([a for a, _ in known], [a for a, _ in shared])
        of = np.ix_([b for _, b in known], [b for _, b in shared])
        values[to], states[to], basis[to] = (
            dataset.values[of],
            dataset.states[of],
            dataset.basis[of],
        )
    return replace(dataset, units=units, codes=codes, values=values, states=states, basis=basis)
