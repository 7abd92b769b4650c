"""What people did to a template outside what the index reads, as records by key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from xlcity.errors import CellValue
from xlcity.reports.report import SourceException
from xlcity.workbook.migrate.cell_keys import DATA, Anchor, Anchors
from xlcity.workbook.migrate.change_log import SHEET as CHANGE_LOG
from xlcity.workbook.migrate.unplaced import Leftover
from xlcity.xlsx.address import cell_name
from xlcity.xlsx.cells import Position
from xlcity.xlsx.editing.comments import Comment
from xlcity.xlsx.editing.rich_text import RichText
from xlcity.xlsx.features import CellRule, areas_text

#: ("cell", anchor), ("line", sheet, "row", key, behind), ("setting", sheet, "zoom"), …; the first
#: word is the kind.
Key = tuple[Any, ...]


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
    def text(self) -> str:
        """The rule in words."""
        return self.rule.described()

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
        link = super().__new__(cls, target)
        link.home = home
        return link


#: Colour of cells that hands disagree on, and how the line of their comment begins.
DISPUTED, DISAGREE = "F8C9C4", "⚠ "
#: Kind of a rule that is merged cells.
MERGED = "merged"
#: Colour of a tab; frozen rows and columns; a filter that hides nothing; place among the tabs.
COLOUR, PANES, BUTTONS, PLACE = "tab colour", "frozen panes", "filter", "place of the tab"
#: What is printed, and which rows and columns on each page.
AREA, TITLES = "print area", "print titles"


@dataclass(frozen=True)
class UserEdits:
    """What a template holds beside the index.

    Attributes
    ----------
    entries
        By key: "cell", what was typed, by what the cell is about; "look", what differs in the look
        of a cell, part by part; "column", how far behind the last one a column of the user's own
        stood; "name", defined names; "comment", notes on cells; and what `sheet_kinds` reads.
    unplaced
        What cannot be copied: pictures and charts on sheets of the template.
    home
        What the cells of the workbook are about.
    keeps
        Whether the program that saved it keeps how sheets are seen; LibreOffice loses that where
        it converts files without a window.
    """

    entries: Mapping[Key, Any] = field(default_factory=dict)
    unplaced: tuple[Leftover, ...] = ()
    home: Anchors | None = field(default=None, repr=False)
    keeps: bool = True

    def of(self, kind: str) -> dict[Any, Any]:
        """Return the entries of a kind, by the rest of their keys."""
        return {
            key[1] if len(key) == 2 else key[1:]: value
            for key, value in self.entries.items()
            if key[0] == kind
        }

    @property
    def looks(self) -> dict[Anchor, dict[str, str]]:
        """What differs in the look of cells."""
        looks: dict[Anchor, dict[str, str]] = {}
        for (anchor, part), text in self.of("look").items():
            looks.setdefault(anchor, {})[part] = text
        return looks


def without_settled(entries: Mapping[Key, Any]) -> dict[Key, Any]:
    """Return entries without the colour of a conflict where no comment speaks of one any more."""

    def is_settled(key: Key, value: Any) -> bool:
        if (key[0], key[-1], value) != ("look", "fill", DISPUTED) or key[1].sheet not in DATA:
            return False
        note = entries.get(("comment", key[1]))
        return note is None or DISAGREE not in note.text

    return {key: value for key, value in entries.items() if not is_settled(key, value)}


class _Absent:
    """What stands for an entry that a copy does not have; an empty entry is one."""


ABSENT = _Absent()


def shown(value: Any) -> str:
    """Return an entry as people read it."""
    if value is ABSENT or value is None:
        return "—"
    if isinstance(value, float):
        return f"{value:.15g}"
    if isinstance(value, SourceException):
        parts = (value.basis, value.year, value.url, value.entered_by, value.checked_by)
        number = "" if value.value is None else shown(value.value)
        return " · ".join(filter(None, (number, *parts, value.remark_zh)))
    if isinstance(value, dict):
        return ", ".join(f"{name} {text or '-'}" for name, text in sorted(value.items()))
    if isinstance(value, (str, int, tuple)):
        return str(value)
    return str(getattr(value, "text", type(value).__name__.lower()))


#: Kind of an entry -> kind of a leftover, where they differ.
_KINDS = {
    "unit": "city",
    "ingredient": "node",
    "look": "format",
    "rule": "conditional format",
    "hyperlink": "link",
    "link": "link of cities",
}


def leftover_of(key: Key, value: Any, reason: str, source: str = "") -> Leftover:
    """Return the line that lists an entry without a place."""
    kind, *rest = key
    line = Leftover(_KINDS.get(kind) or kind, content=shown(value), reason=reason, source=source)
    first = rest[0] if rest else ""
    if isinstance(value, Comment) and value.author:
        line = replace(line, content=f"{value.author}: {value.text}")
    if isinstance(value, TypedCell):
        what = "formula" if value.formula else "cell"
        line = replace(line, what=what, sheet=value.sheet, cell=value.cell)
    if kind == "value":
        return replace(line, sheet="Data", unit=rest[0], code=rest[1])
    if kind == "unit":
        return replace(line, sheet="Cities", unit=rest[0], code=rest[1].removeprefix("attribute:"))
    if kind in ("node", "ingredient"):
        return replace(line, sheet="Framework", code=first, content=f"{rest[1]}: {line.content}")
    if kind in ("exception", "review"):
        sheet = "Sources" if kind == "exception" else "Review"
        text = line.content if kind == "exception" else _join_texts((*rest[2:], line.content))
        return replace(line, sheet=sheet, unit=rest[0], code=rest[1], content=text)
    if kind == "change":
        edition, day, unit, code, *about, _, _, _ = rest
        text = _join_texts((edition, day, *about, line.content))
        return replace(line, sheet=CHANGE_LOG, unit=unit, code=code, content=text)
    if kind == "name":
        return replace(line, what="name", sheet="", cell="", content=f"{first} {line.content}")
    if kind == "page":
        return replace(line, sheet=first, content=first)
    if kind in ("item", "link"):
        return replace(line, sheet=kind.title() + "s", code=first, unit=" | ".join(rest[1:]))
    if kind == "look" and len(rest) > 1:
        line = replace(line, content=shown({rest[1]: value}))
    if isinstance(first, Anchor):
        return replace(line, sheet=first.sheet, unit=first.unit, code=first.code)
    if kind == "setting":
        return replace(line, sheet=first, content=f"{rest[1]}: {line.content}")
    if kind == "line":
        _, axis, name, behind = rest
        text = " ".join((axis, name, f"+{behind}" if behind else "", line.content))
        return replace(line, sheet=first, content=" ".join(text.split()))
    if kind in ("rule", "merged"):
        if isinstance(value, UserRule):
            line = replace(line, what=value.rule.kind, cell=value.cells)
        return replace(line, sheet=first)
    return line


def _join_texts(parts: Iterable[Any]) -> str:
    return " · ".join(filter(None, (shown(part) for part in parts if part not in ("", 0))))
