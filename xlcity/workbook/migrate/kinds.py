"""What people set on the sheets of a template: one class a kind.

A kind reads what differs from the template as it is drawn, and draws it on a template that is drawn
anew. Two entries are equal that mean the same, wherever their cells stand.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Protocol

from xlcity.workbook.drawing.canvas import Book
from xlcity.workbook.migrate.cell_keys import OWN, SPARE, Anchor, Anchors, Lines
from xlcity.workbook.migrate.unplaced import Leftover
from xlcity.workbook.migrate.user_edits import MERGED, Key, LinkTarget, UserRule, leftover_of
from xlcity.workbook.migrate.user_formulas import LostReference, ReferenceMover
from xlcity.xlsx.address import MAX_ROWS, Range, find_runs, parse_range
from xlcity.xlsx.cells import ReadBook, Sheet
from xlcity.xlsx.features import (
    FORMAT,
    VALIDATION,
    CellRule,
    Features,
    LineFormat,
    Rectangle,
    put_first,
    subtract_rectangles,
)
from xlcity.xlsx.formulas.tokens import normalise_formula

#: LibreOffice writes logical values so in rules.
_LOGICAL = {"TRUE": "1", "FALSE": "0"}
#: A formula that may name cells.
_NAMES_CELLS = re.compile(r"[A-Za-z]\$?\d|:")
#: Rows and columns beyond the template's are kept this far behind its last ones.
NEAR = 200
#: Between programs a width differs by so much of itself without anybody having set it.
_WIDTH = 0.12


@dataclass(frozen=True)
class SheetPair:
    """A sheet of a workbook, and the same sheet as the template has it.

    Attributes
    ----------
    old, places
        What the cells of the workbook, and of the template, are about.
    mine, drawn
        What the sheet has beside its cells there.
    books
        The cells of both.
    keeps
        Whether the program that saved the workbook keeps all colours and panes; LibreOffice loses
        them where it converts files without a window.
    """

    name: str
    old: Anchors
    places: Anchors
    mine: Features
    drawn: Features
    books: tuple[ReadBook, ReadBook]
    keeps: bool

    @property
    def sheets(self) -> tuple[Sheet, Sheet]:
        """The cells of the sheet in both."""
        return self.books[0].sheets[self.name], self.books[1].sheets[self.name]

    @cached_property
    def rows(self) -> DrawnLines:
        """Number of a row -> its number in the template."""
        return DrawnLines(self.old.grid(self.name).rows, self.places.grid(self.name).rows)

    @cached_property
    def columns(self) -> DrawnLines:
        """Number of a column -> its number in the template."""
        old, new = self.old.grid(self.name), self.places.grid(self.name)
        return DrawnLines(old.columns, new.columns, frozenset(old.own))

    @cached_property
    def here(self) -> ReferenceMover:
        """What says what references of the workbook are about."""
        return ReferenceMover(self.old, self.old, frozenset(self.books[1].sheets))

    def corners(self, area: Rectangle) -> tuple[Anchor, Anchor]:
        """Return what the first and the last cell of an area are about."""
        return self.old.of(self.name, area[:2]), self.old.of(self.name, area[2:])

    def rule(self, rule: CellRule) -> UserRule:
        """Return a rule with what it means."""
        formulas = tuple(self.here.meaning(text, self.name) for text in rule.formulas)
        meaning = (rule.kind, rule.attributes, formulas, rule.body, rule.shown,
                   tuple(map(self.corners, rule.areas)))  # fmt: skip
        return UserRule(self.name, meaning, rule, self.old)


class DrawnLines(dict[int, int | None]):
    """Number of a line -> its number in the sheet as it is drawn."""

    def __init__(self, old: Lines, new: Lines, own: frozenset[int] = frozenset()) -> None:
        self._old, self._new, self._own = old, new, own

    def __missing__(self, number: int) -> int | None:
        drawn = None if number in self._own else self._new.find(*self._old.of(number))
        self[number] = drawn
        return drawn


@dataclass
class Target:
    """A template drawn anew, not closed yet, to draw on.

    Attributes
    ----------
    drawn, book
        The template and its cells.
    places
        What these are about.
    mover
        Gives what leads references of a workbook to this one.
    placed
        How many of each kind have found their place.
    left
        What has not.
    """

    drawn: Book
    book: ReadBook
    places: Anchors
    mover: Callable[[Anchors | None], ReferenceMover]
    placed: Counter[str]
    left: list[Leftover]

    @cached_property
    def sheets(self) -> dict[str, Any]:
        """The sheets of XlsxWriter by name."""
        return {sheet.name: sheet for sheet in self.drawn.workbook.worksheets()}

    def cell(self, anchor: Anchor) -> tuple[Any, int, int] | None:
        """Return the sheet, row and column (from zero) where a cell is now."""
        position = self.places.find(anchor)
        if position is None:
            return None
        return self.sheets[anchor.sheet], position[0] - 1, position[1] - 1

    def areas(self, own: UserRule) -> Iterator[Rectangle]:
        """Yield where the cells of a rule stand now, in as many pieces as their rows are in."""
        mover = self.mover(own.home)
        for top, left, bottom, right in own.rule.areas:
            columns = [mover.column(own.sheet, n) for n in range(left, min(right, left + 2000) + 1)]
            present = [c for c in columns if c is not None]
            endless = bottom >= MAX_ROWS
            rows = [] if endless else [mover.row(own.sheet, n) for n in range(top, bottom + 1)]
            spans = find_runs(row for row in rows if row is not None)
            for first, last in ((top, bottom),) if endless else spans:
                for start, end in find_runs(present):
                    yield first, start, last, end

    def leave(
        self,
        key: Key,
        value: Any,
        reason: str = "gone",
        lost: Sequence[LostReference] = (),
        **cells: str,
    ) -> None:
        """List what has no place, or of which references lead nowhere.

        `cells` are its addresses, as far as the entry does not say them: `cell`, `at`.
        """
        line = replace(leftover_of(key, value, reason), **cells)
        if lost:
            names = ", ".join(dict.fromkeys(reference.text for reference in lost))
            line = replace(line, content=f"{line.content}: {names}", reason=lost[0].reason)
        self.left.append(line)


class CarriedKind(Protocol):
    """One kind of what people set.

    Attributes
    ----------
    name
        The first word of the keys of its entries.
    """

    name: str

    def read(self, pair: SheetPair) -> Iterator[tuple[Key, Any]]:
        """Yield the entries that a sheet has and the template has not."""

    def draw(self, target: Target, entries: Mapping[Key, Any]) -> None:
        """Draw all entries of the kind, or list them."""


class Rules:
    """Conditional formats and validations."""

    name = "rule"

    def read(self, pair: SheetPair) -> Iterator[tuple[Key, UserRule]]:
        """Yield the rules that the template has not, whatever program spelled these."""
        identities = {identity(rule) for rule in pair.drawn.rules}
        template = [rule for rule in pair.mine.rules if identity(rule) in identities]
        for rule in pair.mine.rules:
            if identity(rule) not in identities:
                own = pair.rule(put_first(rule, template))
                # A cell has one validation: of two for the same cells one holds.
                about = own.meaning[-1] if rule.kind == VALIDATION else own.meaning
                yield (self.name, pair.name, about), own

    def draw(self, target: Target, entries: Mapping[Key, UserRule]) -> None:
        """Add them to the sheets; a cell has one validation."""
        by_sheet: dict[str, list[CellRule]] = {}
        checked: list[tuple[UserRule, CellRule]] = []
        for own in entries.values():
            rule = self._move_rule(target, own)
            if rule is not None and rule.kind == VALIDATION:
                rule = self._without_validated_cells(target, own, rule, checked)
            if rule is not None:
                by_sheet.setdefault(own.sheet, []).append(rule)
        for name, rules in by_sheet.items():
            united = unite_rules(rules)
            formats = [rule for rule in united if rule.kind == FORMAT]
            checks = [rule for rule in united if rule.kind == VALIDATION]
            first = [rule for rule in formats if rule.priority < 1]
            sheet, changed = target.sheets[name], target.drawn.styles.changed
            sheet.make_room(len(first), [area for rule in checks for area in rule.areas])
            later = [(0, rule) for rule in formats if rule.priority >= 1]
            for priority, rule in [*enumerate(first, 1), *later]:
                sheet.put_format(rule, changed(None, rule.look) if rule.look else None, priority)
            for rule in checks:
                sheet.validations.append({"rule": rule})
            target.placed["conditional_formats"] += len(formats)
            target.placed["validations"] += len(checks)

    def _move_rule(self, target: Target, own: UserRule) -> CellRule | None:
        areas = tuple(target.areas(own))
        if own.rule.is_fixed or not areas:
            target.leave((self.name, own.sheet), own, "kind" if own.rule.is_fixed else "gone")
            return None
        mover = target.mover(own.home)
        first, old = areas[0], own.rule.areas[0]
        moved = tuple(
            mover.from_row(text, own.sheet, old[0], first[0], own.cells)
            for text in own.rule.formulas
        )
        lost, reordered = mover.take()
        if lost or reordered:
            target.leave((self.name, own.sheet), own, lost=lost or reordered)
        return None if lost else replace(own.rule, areas=areas, formulas=moved)

    def _without_validated_cells(
        self,
        target: Target,
        own: UserRule,
        rule: CellRule,
        checked: list[tuple[UserRule, CellRule]],
    ) -> CellRule | None:
        """Return a validation without the cells that another copy has one for; these are listed."""
        others = [
            area
            for other, checked_rule in checked
            if other.home is not own.home and replace(checked_rule, areas=rule.areas) != rule
            for area in checked_rule.areas
            if other.sheet == own.sheet
        ]
        free = tuple(piece for area in rule.areas for piece in subtract_rectangles(area, others))
        if free != rule.areas:
            target.leave((self.name, own.sheet), own, "taken")
            if not free or any(map(_NAMES_CELLS.search, rule.formulas)):
                return None
        rule = replace(rule, areas=free)
        checked.append((own, rule))
        return rule


class MergedCells:
    """Merged cells."""

    name = "merged"

    def read(self, pair: SheetPair) -> Iterator[tuple[Key, UserRule]]:
        """Yield the areas that the template does not merge."""
        theirs = {
            (pair.places.of(pair.name, area[:2]), pair.places.of(pair.name, area[2:]))
            for area in pair.drawn.merged
        }
        for area in pair.mine.merged:
            if pair.corners(area) not in theirs:
                yield (
                    (self.name, pair.name, pair.corners(area)),
                    pair.rule(CellRule(MERGED, (area,))),
                )

    def draw(self, target: Target, entries: Mapping[Key, UserRule]) -> None:
        """Merge them where that hides nothing: one cell of them holds something at most."""
        for key, own in entries.items():
            areas = list(target.areas(own))
            if len(areas) == 1 and self._holds_one_value(target, own.sheet, areas[0]):
                target.sheets[own.sheet].merge.append([number - 1 for number in areas[0]])
                target.placed["merged"] += 1
            else:
                target.leave(key, own)

    @staticmethod
    def _holds_one_value(target: Target, sheet: str, area: Rectangle) -> bool:
        cells = target.book.sheets[sheet].cells
        inside = Range(sheet, *area).positions
        filled = [p for p in inside if p in cells and (cells[p].computed or cells[p].value)]
        return filled in ([], [area[:2]])


class RowsAndColumns:
    """Hidden rows, columns and sheets, sizes, and levels of groups."""

    name = "line"

    def read(self, pair: SheetPair) -> Iterator[tuple[Key, LineFormat]]:
        """Yield the lines that somebody hid, sized or grouped."""
        if [sheet.state == "visible" for sheet in pair.sheets] == [False, True]:
            yield (self.name, pair.name, "sheet", "", 0), LineFormat(hidden=True)
        filtered = pair.mine.filtered
        first, _, last, _ = parse_range(filtered) if filtered else (0, 0, -1, 0)
        mine, drawn, grid = pair.mine, pair.drawn, pair.old.grid(pair.name)
        for kind, lines, drawn_lines, places, keys in (
            ("row", mine.rows, drawn.rows, pair.rows, grid.rows),
            ("column", mine.columns, drawn.columns, pair.columns, grid.columns),
        ):
            for number, line in lines.items():
                drawn_number = places[number]
                before = (
                    LineFormat()
                    if drawn_number is None
                    else drawn_lines.get(drawn_number, LineFormat())
                )
                size = self._size_set(kind, line, before, drawn_number)
                key = keys.of(number)
                if key[0].startswith(SPARE):
                    size = None
                # What a filter hides comes back with it, and the filter is listed.
                hidden = line.hidden and not (kind == "row" and first <= number <= last)
                level = line.level if line.level != before.level else 0
                new = LineFormat(hidden and not before.hidden, size, level)
                if number <= keys.end + NEAR and new != LineFormat():
                    if kind == "column" and number in grid.own:
                        key = grid.own[number], 0
                    yield (self.name, pair.name, kind, *key), new

    @staticmethod
    def _size_set(
        kind: str, line: LineFormat, before: LineFormat, drawn_number: int | None
    ) -> float | None:
        """Return the size that somebody set; programs round what is drawn."""
        if not line.size or before.size is None:
            return line.size or None if kind == "row" or drawn_number is None else None
        rounded = 1 if kind == "row" else 0.8 + _WIDTH * before.size
        return line.size if abs(line.size - before.size) >= rounded else None

    def draw(self, target: Target, entries: Mapping[Key, LineFormat]) -> None:
        """Hide sheets but for the one that shows first; set rows and columns."""
        shown_first = target.drawn.workbook.worksheet_meta.activesheet
        for key, line in entries.items():
            _, sheet, kind, *about = key
            if sheet in target.sheets and kind == "sheet":
                if target.sheets[sheet].index != shown_first:
                    target.sheets[sheet].hide()
            elif (number := self._find_line(target, sheet, kind, *about)) is not None:
                target.sheets[sheet].set_line(kind, number - 1, line)
            else:
                target.leave(key, line)
                continue
            target.placed["lines"] += 1

    @staticmethod
    def _find_line(target: Target, sheet: str, kind: str, key: str, behind: int) -> int | None:
        if sheet not in target.sheets:
            return None
        if kind == "row":
            return target.places.grid(sheet).rows.find(key, behind)
        if key.startswith(OWN):
            return target.places.find_column(Anchor(sheet, "", key, 0, (1, 0)))
        return target.places.grid(sheet).columns.find(key, behind)


class Hyperlinks:
    """Where cells lead."""

    name = "hyperlink"

    def read(self, pair: SheetPair) -> Iterator[tuple[Key, LinkTarget]]:
        """Yield the links of cells that lead nowhere in the template."""
        for position, target in pair.mine.links.items():
            row, column = pair.rows[position[0]], pair.columns[position[1]]
            if row is None or column is None or (row, column) not in pair.drawn.links:
                key = (self.name, pair.old.of(pair.name, position))
                yield key, LinkTarget(target, pair.old)

    def draw(self, target: Target, entries: Mapping[Key, LinkTarget]) -> None:
        """Let cells lead there; where the cell they led to is gone, the link is listed, too."""
        for key, link in entries.items():
            anchor = key[1]
            if (cell := target.cell(anchor)) is None:
                target.leave(key, link)
                continue
            sheet, row, column = cell
            moved_target = str(link)
            if link.startswith("#"):
                mover = target.mover(link.home)
                moved_target = f"#{mover(link[1:], anchor.sheet)}"
                if mover.take()[0]:
                    target.leave(key, link, "reference")
                    moved_target = link
            sheet.put_link(row, column, moved_target)
            target.placed["links"] += 1


def identity(rule: CellRule) -> tuple[object, ...]:
    """Return what a rule of a template keeps, whatever program saved it and wherever it moved."""
    operator, formulas = rule.limits
    skeletons = tuple(map(skeleton, formulas))
    look = rule.shown[:1] if rule.kind == FORMAT else ()
    return rule.kind, dict(rule.attributes).get("type"), operator, skeletons, look


def skeleton(formula: str) -> str:
    """Return a formula without the addresses in it."""
    tokens = normalise_formula(formula, 1, 1).tokens
    texts = ("#" if t.ref is not None else _LOGICAL.get(t.text, t.text) for t in tokens)
    return "".join(texts)


def unite_rules(rules: Iterable[CellRule]) -> list[CellRule]:
    """Return rules of which equal ones are one, for the cells of all; a formula may be relative."""
    united: dict[tuple[object, ...], CellRule] = {}
    for rule in rules:
        start = rule.areas[0][:2] if any(map(_NAMES_CELLS.search, rule.formulas)) else ()
        key = replace(rule, areas=()), tuple(sorted(rule.look.items())), rule.priority, start
        if (equal := united.get(key)) is not None:
            pieces = (p for area in rule.areas for p in subtract_rectangles(area, equal.areas))
            rule = replace(equal, areas=(*equal.areas, *pieces))
        united[key] = rule
    return list(united.values())
