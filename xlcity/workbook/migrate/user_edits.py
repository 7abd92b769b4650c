"""What people did to a template outside what the index reads, as records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from xlcity.errors import CellValue
from xlcity.workbook.migrate.cell_keys import Anchor, Anchors
from xlcity.workbook.migrate.unplaced import Leftover
from xlcity.xlsx.address import cell_name
from xlcity.xlsx.cells import Position
from xlcity.xlsx.editing.comments import Comment
from xlcity.xlsx.editing.rich_text import RichText
from xlcity.xlsx.features import CellRule, LineFormat, areas_text
from xlcity.xlsx.styles import Look


@dataclass(frozen=True)
class TypedCell:
    """What somebody typed in a cell; two are equal that mean the same.

    Attributes
    ----------
    value
        The value; of a formula its stored result.
    meaning
        A formula in terms of what its references are about, "" for a value.
    formula, array
        The formula as it stands, and the range it is entered over.
    sheet, position, home
        Where it stands, and what the cells of that workbook are about.
    replaces
        What the template itself has in the cell.
    rich
        Which parts of a text look otherwise.
    """

    value: CellValue
    meaning: str = ""
    formula: str | None = None
    array: str | None = None
    sheet: str = ""
    position: Position = (0, 0)
    home: Anchors | None = field(default=None, repr=False)
    replaces: CellValue = None
    rich: RichText | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TypedCell) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    @property
    def _key(self) -> tuple[str, CellValue, RichText | None]:
        return self.meaning, None if self.meaning else self.value, self.rich

    @property
    def text(self) -> str:
        """What a person sees in the line of formulas."""
        if self.formula is not None:
            return f"={self.formula}"
        return f"{self.value:.15g}" if isinstance(self.value, float) else str(self.value)

    @property
    def cell(self) -> str:
        """The address on its sheet."""
        return cell_name(*self.position)


@dataclass(frozen=True)
class UserRule:
    """A rule or a merged rectangle of the user's own; two are equal that mean the same."""

    sheet: str
    meaning: tuple[object, ...]
    rule: CellRule = field(compare=False)
    home: Anchors = field(compare=False, repr=False)

    @property
    def cells(self) -> str:
        """The addresses in its workbook."""
        return areas_text(self.rule.areas)


@dataclass(frozen=True)
class SheetSetting:
    """What a person set on a whole sheet; two are equal that mean the same.

    Attributes
    ----------
    meaning
        A colour; what rows and columns stay in sight, or have a filter; the sheet before it; how a
        sheet is seen and printed.
    text
        The same as it stood.
    home
        Of a filter and what is printed: what the cells of its workbook are about.
    """

    meaning: tuple[Any, ...]
    text: str = field(compare=False)
    home: Anchors | None = field(default=None, compare=False, repr=False)


class LinkTarget(str):
    """Where a cell leads: an address, or ``#Sheet!A1`` in a workbook, whose cells `home` knows."""

    home: Anchors | None

    def __new__(cls, target: str, home: Anchors) -> LinkTarget:
        """Return the target of a workbook."""
        made = super().__new__(cls, target)
        made.home = home
        return made


#: Colour of cells that hands disagree on, and how the line of their comment begins.
DISPUTED, DISAGREE = "F8C9C4", "⚠ "
#: Kind of a rule that is merged cells.
MERGED = "merged"
#: A row, a column or a sheet: sheet, "row", "column" or "sheet", its key and how far behind that
#: it stands.
LineKey = tuple[str, str, str, int]
#: A sheet, and one of `COLOUR`, `PANES`, `BUTTONS`, `PLACE`, `BREAKS`, `AREA`, `TITLES` or of
#: `xlsx.page_settings`.
SettingKey = tuple[str, str]
#: Colour of a tab; frozen rows and columns; a filter that hides nothing; place among the tabs.
COLOUR, PANES, BUTTONS, PLACE = "tab colour", "frozen panes", "filter", "place of the tab"
#: Ends of pages; what is printed, and which rows and columns on each page.
BREAKS, AREA, TITLES = "page breaks", "print area", "print titles"


@dataclass(frozen=True)
class UserEdits:
    """What a template holds beside the index.

    Attributes
    ----------
    cells
        What was typed, by what the cell is about.
    looks
        What differs in the look of cells.
    rules, merged
        Conditional formats, validations; merged cells.
    lines
        Hidden rows, columns and sheets, and the sizes of rows and columns.
    settings
        What was set on whole sheets.
    links
        Where cells lead.
    names
        Defined names.
    columns
        Columns that people added: an anchor, and how far behind the last one it stood.
    unplaced
        What cannot be copied: pictures and charts on sheets of the template.
    home
        What the cells of the workbook are about.
    keeps
        Whether the program that saved it keeps how sheets are seen; LibreOffice loses that where
        it converts files without a window.
    """

    cells: Mapping[Anchor, TypedCell] = field(default_factory=dict)
    looks: Mapping[Anchor, Look] = field(default_factory=dict)
    rules: tuple[UserRule, ...] = ()
    merged: tuple[UserRule, ...] = ()
    lines: Mapping[LineKey, LineFormat] = field(default_factory=dict)
    links: Mapping[Anchor, LinkTarget] = field(default_factory=dict)
    names: Mapping[str, TypedCell] = field(default_factory=dict)
    columns: tuple[tuple[Anchor, int], ...] = ()
    unplaced: tuple[Leftover, ...] = ()
    settings: Mapping[SettingKey, SheetSetting] = field(default_factory=dict)
    home: Anchors | None = field(default=None, repr=False)
    keeps: bool = True


def left_behind(typed: TypedCell, anchor: Anchor, reason: str, at: str = "") -> Leftover:
    """Return the line that lists what has no place."""
    what = "cell" if typed.formula is None else "formula"
    return Leftover(what, typed.sheet, typed.cell, at, anchor.unit, anchor.code, typed.text, reason)


def without_settled(
    looks: Mapping[Anchor, Look], comments: Mapping[Anchor, Comment]
) -> dict[Anchor, Look]:
    """Return looks without the colour of a conflict where no comment speaks of one any more."""
    found = {}
    for anchor, look in looks.items():
        said = comments[anchor].text if anchor in comments else ""
        if anchor.sheet == "Data" and look.get("fill") == DISPUTED and DISAGREE not in said:
            look = {part: text for part, text in look.items() if part != "fill"}
        if look:
            found[anchor] = look
    return found
