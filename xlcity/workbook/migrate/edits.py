"""What a workbook has beside another one, and a workbook to draw that on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any
from xml.etree import ElementTree as ET

from xlcity.errors import CellValue
from xlcity.workbook.migrate.cell_keys import Anchor, Anchors
from xlcity.workbook.migrate.leftovers import Leftover
from xlcity.workbook.migrate.mover import Mover
from xlcity.xlsx.address import cell_name
from xlcity.xlsx.appearance import saved_by_libreoffice
from xlcity.xlsx.cells import Position, ReadBook, Sheet
from xlcity.xlsx.editing.comments import Comment, read_comments
from xlcity.xlsx.editing.patch import CellEntry
from xlcity.xlsx.editing.restyle import StyleTable
from xlcity.xlsx.editing.sheet_editor import SheetEditor
from xlcity.xlsx.editing.transplant import ORDER_OF_WORKBOOK
from xlcity.xlsx.features import Features, Rectangle, read_features
from xlcity.xlsx.markup import child_in_order, markup_to_bytes, read_markup
from xlcity.xlsx.package import Package
from xlcity.xlsx.relations import ContentTypes
from xlcity.xlsx.rich_text import RichText, RichTexts

#: Rows and columns beyond the template's are kept this far behind its last ones.
NEAR = 200
#: What is counted of what was carried over.
CARRIED = (
    "comments",
    "fills",
    "pages",
    "exceptions",
    "cells",
    "formulas",
    "formats",
    "conditional_formats",
    "validations",
    "lines",
    "settings",
    "links",
    "names",
)


@dataclass(frozen=True)
class Edit:
    """Something that a person typed or set; two are equal that mean the same.

    Attributes
    ----------
    kind, sheet, where
        The name of its `EditKind`, its sheet, and what it is set for.
    value
        What is compared and drawn; None where something was taken away.
    entry
        What a cell gets.
    text
        The same as people read it.
    cell, about
        Where it stood when it was read, and what that is about.
    what
        What leftovers call it, if not by its kind.
    replaces
        What the cell holds that it was typed into.
    """

    kind: str
    sheet: str
    where: Any
    value: Any
    entry: CellEntry = field(default=CellEntry(), compare=False, repr=False)
    text: str = field(default="", compare=False)
    cell: str = field(default="", compare=False)
    about: Anchor | None = field(default=None, compare=False)
    what: str = field(default="", compare=False)
    replaces: CellValue = field(default=None, compare=False)

    def leftover(
        self,
        reason: str,
        lost: Iterable[str] = (),
        address: str = "",
        source: str = "",
    ) -> Leftover:
        """Return the line that lists it, with references that lead nowhere."""
        references = ", ".join(dict.fromkeys(lost))
        about = self.about
        return Leftover(
            self.what or self.kind,
            self.sheet,
            self.cell,
            address,
            unit=about.unit if about is not None else "",
            code=about.code if about is not None else "",
            content=": ".join(filter(None, (self.text, references))),
            reason=reason,
            source=source,
        )


class EditKind:
    """One kind of what people type and set.

    Attributes
    ----------
    name
        The kind of its edits.
    """

    name: str

    def read(self, pair: SheetPair) -> Iterator[Edit]:
        """Yield what a sheet has and the one that it is compared with has not."""
        return iter(())

    def move(self, edit: Edit, mover: Mover, left: list[Leftover]) -> Edit | None:
        """Return an edit as it stands in another workbook; what has no place there is left."""
        if (moved := self.find_place(edit, mover)) is None:
            left.append(edit.leftover("gone"))
        return moved

    def find_place(self, edit: Edit, mover: Mover) -> Edit | None:
        """Return an edit, by default of a cell, where it belongs in another workbook, or None."""
        position = mover.cell(edit.sheet, edit.where)
        return None if position is None else replace(edit, where=position)

    def draw(self, target: Target, edit: Edit) -> None:
        """Draw a moved edit, or leave it."""
        raise NotImplementedError


@dataclass
class OpenedBook:
    """A workbook whose edits are read, or that they are compared with."""

    package: Package
    book: ReadBook
    anchors: Anchors

    @cached_property
    def comments(self) -> Mapping[tuple[str, Position], Comment]:
        """Notes on cells."""
        return read_comments(self.package, self.book)

    @cached_property
    def _rich_texts(self) -> RichTexts:
        return RichTexts(self.package, self.package.styles)

    def rich(self, sheet: str) -> Mapping[Position, RichText]:
        """Return the texts of a sheet of which parts look otherwise."""
        return self._rich_texts.of_sheet(self.book.sheets[sheet].part)

    @cached_property
    def keeps(self) -> bool:
        """Whether the program that saved it keeps fonts, colours and panes, unlike LibreOffice."""
        return not saved_by_libreoffice(self.package)


@dataclass
class SheetPair:
    """A sheet of a workbook, and the same one of the workbook that it is compared with.

    Attributes
    ----------
    name
        Its title.
    edited, origin
        The workbooks.
    mover
        Finds where cells of the first stand in the second.
    joins
        Whether the first is a copy of the second; else the second is the template as it is drawn.
    not_typed
        Cells that no person types into.
    """

    name: str
    edited: OpenedBook
    origin: OpenedBook
    mover: Mover
    joins: bool
    not_typed: frozenset[Position]

    @cached_property
    def mine(self) -> Features:
        """What the sheet has beside its cells."""
        package = self.edited.package
        return read_features(package, self.sheets[0].part, package.styles)

    @cached_property
    def drawn(self) -> Features:
        """What the other one has beside its cells."""
        package = self.origin.package
        return read_features(package, self.sheets[1].part, package.styles)

    @property
    def sheets(self) -> tuple[Sheet, Sheet]:
        """The cells of both."""
        mine = self.edited.book.sheets[self.name]
        return mine, self.origin.book.sheets[self.name]

    def row(self, number: int) -> int | None:
        """Return where a row stands in the other workbook."""
        return self.mover.row(self.name, number)

    def column(self, number: int) -> int | None:
        """Return where a column stands in the other workbook, None for one that people added."""
        is_own = number in self.edited.anchors.grid(self.name).columns.own
        return None if is_own else self.mover.column(self.name, number)

    def counterpart(self, position: Position) -> Position:
        """Return where a cell stands in the other workbook, (0, 0) for nowhere."""
        row = self.row(position[0])
        column = self.column(position[1])
        return (0, 0) if row is None or column is None else (row, column)

    def is_far(self, position: Position) -> bool:
        """Tell whether a cell is so far beyond the used cells that it is not read."""
        grid = self.edited.anchors.grid(self.name)
        return (
            position[0] > grid.rows.end + NEAR or position[1] > grid.columns.end + NEAR
        )

    def edit(self, kind: str, where: Any, value: Any, **words: Any) -> Edit:
        """Return an edit of the sheet."""
        return Edit(kind, self.name, where, value, **words)

    def edit_cell(
        self, kind: str, position: Position, value: Any, **words: Any
    ) -> Edit:
        """Return an edit of one cell."""
        about = self.edited.anchors.of(self.name, position)
        cell = cell_name(*position)
        return Edit(kind, self.name, position, value, about=about, cell=cell, **words)


class Target(OpenedBook):
    """A workbook to draw edits on.

    Attributes
    ----------
    styles
        Its formats, to add to.
    placed
        How many of each of `CARRIED` have found their place.
    left
        What has not.
    names
        Names to define, by the sheet that they belong to ("" for the whole book) and by name; ""
        takes one away.
    hidden
        Sheets to hide.
    """

    def __init__(self, package: Package, book: ReadBook, anchors: Anchors) -> None:
        super().__init__(package, book, anchors)
        self.styles = StyleTable(package)
        self.placed = dict.fromkeys(CARRIED, 0)
        self.left: list[Leftover] = []
        self.names: dict[tuple[str, str], str] = {}
        self.hidden: set[str] = set()
        #: Cells that were given validations.
        self.validated: dict[str, list[Rectangle]] = {}
        self._editors: dict[str, SheetEditor] = {}

    def sheet(self, name: str) -> SheetEditor:
        """Return what changes a sheet."""
        if name not in self._editors:
            self._editors[name] = SheetEditor(self.package, self.book.sheets[name].part)
        return self._editors[name]

    def finish(self) -> Package:
        """Return the workbook with all that was drawn."""
        types = ContentTypes.read_from(self.package)
        parts: dict[str, bytes] = {}
        for editor in self._editors.values():
            parts |= editor.parts(types)
        if self._editors:
            parts |= {
                self.styles.part: self.styles.to_bytes(),
                types.PART: types.to_bytes(),
            }
        if self.names or self.hidden:
            parts[self.package.workbook_part] = self._workbook_part()
        return self.package.replace(parts)

    def _workbook_part(self) -> bytes:
        """Return the workbook part with names and hidden sheets; the one that shows stays."""
        root = read_markup(self.package.text(self.package.workbook_part))
        tabs = list(child_in_order(root, "sheets", ORDER_OF_WORKBOOK))
        shown = tabs[_number_of_shown(root)]
        for tab in tabs:
            if tab.get("name") in self.hidden and tab is not shown:
                tab.set("state", "hidden")
        entries = child_in_order(root, "definedNames", ORDER_OF_WORKBOOK)
        order = [tab.get("name", "") for tab in tabs]
        for (sheet, name), formula in self.names.items():
            owner = str(order.index(sheet)) if sheet else ""
            _define_name(entries, name, owner, formula)
        if not len(entries):
            root.remove(entries)
        return markup_to_bytes(root)

    def leave(self, edit: Edit, reason: str = "gone", address: str = "") -> None:
        """List what has no place."""
        self.left.append(edit.leftover(reason, address=address))


def _define_name(entries: ET.Element, name: str, owner: str, formula: str) -> None:
    """Give a name another formula, or take it away; `owner` is the number of its sheet or ""."""
    for entry in list(entries):
        if (entry.get("name"), entry.get("localSheetId", "")) == (name, owner):
            entries.remove(entry)
    if not formula:
        return
    entry = entries.makeelement(entries.tag.removesuffix("s"), {"name": name})
    if owner:
        entry.set("localSheetId", owner)
    entry.text = formula
    entries.append(entry)


def _number_of_shown(workbook: ET.Element) -> int:
    """Return the position of the sheet that shows when a workbook is opened, from 0."""
    views = next((e for e in workbook if e.tag.endswith("bookViews")), ())
    return int(next((view.get("activeTab", "0") for view in views), "0"))
