"""What people did to a template, put where it belongs in a template made again."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import TypeVar

from xlcity.workbook.build import read_drawn
from xlcity.workbook.drawing.canvas import Book
from xlcity.workbook.migrate.cell_keys import OWN, Anchor, Anchors
from xlcity.workbook.migrate.describe import shown
from xlcity.workbook.migrate.draw_settings import SettingPlacer
from xlcity.workbook.migrate.unplaced import Leftover
from xlcity.workbook.migrate.user_edits import (
    LinkTarget,
    TypedCell,
    UserEdits,
    UserRule,
    left_behind,
)
from xlcity.workbook.migrate.user_formulas import LostReference, ReferenceMover
from xlcity.xlsx.address import MAX_ROWS, Range, cell_name, find_runs, parse_range
from xlcity.xlsx.cells import Position
from xlcity.xlsx.editing.comments import Comment
from xlcity.xlsx.features import FORMAT, VALIDATION, CellRule, Rectangle, subtract_rectangles
from xlcity.xlsx.styles import Look
from xlcity.xlsx.text import normal_value, same_value

#: A formula that may name cells.
_NAMES_CELLS = re.compile(r"[A-Za-z]\$?\d|:")
Entry = TypeVar("Entry")


class EditPlacer:
    """Puts things into a template drawn anew and lists what has no place in it.

    Parameters
    ----------
    drawn
        The template, not closed yet.
    edits, renamed
        What people typed and set, and nodes that are called otherwise: old -> new.
    titles
        `id` of the anchors of a workbook -> sheets of its user's own that are called otherwise.

    Attributes
    ----------
    placed
        How many of each kind found their place.
    left
        What did not.
    typed
        Whether something was typed whose result may not be known.
    """

    def __init__(
        self,
        drawn: Book,
        edits: UserEdits,
        renamed: Mapping[str, str],
        titles: Mapping[int, Mapping[str, str]],
    ) -> None:
        self._titles, self._drawn = titles, drawn
        self.book, self.edits = read_drawn(drawn), edits
        self.sheets = {sheet.name: sheet for sheet in drawn.workbook.worksheets()}
        self.places = Anchors(self.book, renamed=renamed)
        self.places.give_columns(edits.columns, (*edits.cells, *edits.looks, *edits.links))
        self.placed: Counter[str] = Counter()
        self.left: list[Leftover] = list(edits.unplaced)
        self.typed = False
        self._movers: dict[int, ReferenceMover] = {}

    def mover(self, home: Anchors | None) -> ReferenceMover:
        """Return what leads formulas of a workbook to this one."""
        assert home is not None  # only content made by hand has none, and no formulas
        if id(home) not in self._movers:
            own = home.template_sheets or frozenset(self.sheets)
            titles = self._titles.get(id(home))
            self._movers[id(home)] = ReferenceMover(home, self.places, own, titles)
        return self._movers[id(home)]

    def place(self, comments: Mapping[Anchor, Comment]) -> None:
        """Put everything where it belongs."""
        for anchor, typed in self.edits.cells.items():
            self._put(anchor, typed)
        self._looks()
        self._rules()
        self._merged()
        self._lines()
        settings = SettingPlacer(self.sheets, self.places, self.mover)
        settings.place(self.edits.settings)
        self.left += settings.left
        self.placed["settings"] += settings.placed
        self._links()
        self._comments(comments)

    # -- cells ---------------------------------------------------------------------------------
    def _put(self, anchor: Anchor, typed: TypedCell) -> None:
        """Write what somebody typed where its cell is now, or list it."""
        position = self.places.find(anchor)
        if position is None:
            self.left.append(left_behind(typed, anchor, "gone"))
            return
        line = self._why_not(anchor, typed, position)
        formula, array = typed.formula, None
        if line is None and formula is not None:
            formula, array, line = self._led(anchor, typed, position)
        if line is not None:
            self.left.append(line)
            return
        sheet, (row, column) = self.sheets[anchor.sheet], position
        runs = typed.rich.xml if typed.rich else ""
        if array is None:
            sheet.put_typed(row - 1, column - 1, typed.value, formula, runs)
        else:
            top, left, bottom, right = (number - 1 for number in array)
            sheet.write_array_formula(top, left, bottom, right, f"={formula}")
        self.typed = True
        self.placed["cells" if formula is None else "formulas"] += 1

    def _why_not(self, anchor: Anchor, typed: TypedCell, position: Position) -> Leftover | None:
        """Return the line that lists what cannot be written over what the template has there."""
        at = f"{anchor.sheet}!{cell_name(*position)}"
        now = self.book.sheets[anchor.sheet].cells.get(position)
        if now is not None and now.computed:
            return left_behind(typed, anchor, "formula", at)
        value = normal_value(None if now is None else now.value)
        same = same_value(value, normal_value(typed.replaces or None)) or (
            typed.formula is None and same_value(value, normal_value(typed.value))
        )
        return None if same else left_behind(typed, anchor, "taken", at)

    def _led(
        self, anchor: Anchor, typed: TypedCell, position: Position
    ) -> tuple[str, Rectangle | None, Leftover | None]:
        """Return a formula with its references led, its array, and why it has no place."""
        at = f"{anchor.sheet}!{cell_name(*position)}"
        mover, array = self.mover(typed.home), None
        formula = mover(typed.formula or "", typed.sheet, typed.cell)
        if typed.array:
            array = self._array(mover, typed, position)
        lost, reordered = mover.take()
        if lost or (typed.array and array is None):
            line = left_behind(typed, anchor, "reference", at)
            return formula, array, _with_references(line, lost)
        if reordered:
            line = left_behind(typed, anchor, "order", at)
            self.left.append(_with_references(line, reordered))
        return formula, array, None

    def _array(
        self, mover: ReferenceMover, typed: TypedCell, position: Position
    ) -> Rectangle | None:
        area = mover.area(typed.sheet, *parse_range(typed.array or "A1"))
        if area is None or area[:2] != position:
            return None
        cells = self.book.sheets[typed.sheet].cells
        inside = Range(typed.sheet, *area).positions
        taken = any(p in cells and cells[p].value not in (None, "") for p in inside)
        return None if taken else (area[0], area[1], area[2], area[3])

    # -- looks ---------------------------------------------------------------------------------
    def _looks(self) -> None:
        wanted, homeless = self._found(self.edits.looks)
        for name, looks in wanted.items():
            for (row, column), look in looks.items():
                self.sheets[name].restyle(row - 1, column - 1, look, self._drawn.styles.changed)
                self.placed["fills" if "fill" in look else "formats"] += 1
        self._left_looks(homeless)

    def _found(
        self, entries: Mapping[Anchor, Entry]
    ) -> tuple[dict[str, dict[Position, Entry]], list[tuple[Anchor, Entry]]]:
        """Return entries by sheet and position, and those without a place."""
        found: dict[str, dict[Position, Entry]] = {}
        homeless = []
        for anchor, entry in entries.items():
            position = self.places.find(anchor)
            if position is None:
                homeless.append((anchor, entry))
            else:
                found.setdefault(anchor.sheet, {})[position] = entry
        return found, homeless

    def _old_cell(self, anchor: Anchor) -> str:
        """Return the address that a cell had, "" for none."""
        old = self.edits.home.find(anchor) if self.edits.home else None
        return cell_name(*old) if old else ""

    def _left_looks(self, homeless: list[tuple[Anchor, Look]]) -> None:
        """List formats without a place, one line for a row or column of equal ones."""

        def key(pair: tuple[Anchor, Look]) -> tuple[str, str, str]:
            anchor, look = pair
            return anchor.sheet, anchor.column, repr(sorted(look.items()))

        for _, several in groupby(sorted(homeless, key=key), key):
            members = list(several)
            (anchor, look), more = members[0], len(members) - 1
            text = ", ".join(f"{k} {v or '-'}" for k, v in sorted(look.items()))
            text += f" (+{more})" if more else ""
            self.left.append(_leftover("format", anchor, text, self._old_cell(anchor)))

    # -- rules, lines, links, comments -----------------------------------------------------------
    def _rules(self) -> None:
        """Add conditional formats and validations; a cell has one validation."""
        kept: dict[str, list[CellRule]] = {}
        checked: list[tuple[UserRule, CellRule]] = []
        for own in self.edits.rules:
            rule = self._rule(own)
            if rule is not None and own.rule.kind == VALIDATION:
                rule = self._alone(own, rule, checked)
            if rule is not None:
                kept.setdefault(own.sheet, []).append(rule)
        for name, rules in kept.items():
            united = unite_rules(rules)
            formats = [rule for rule in united if rule.kind == FORMAT]
            checks = [rule for rule in united if rule.kind == VALIDATION]
            first = [rule for rule in formats if rule.priority < 1]
            sheet, changed = self.sheets[name], self._drawn.styles.changed
            sheet.make_room(len(first), [area for rule in checks for area in rule.areas])
            for priority, rule in enumerate(first, 1):
                sheet.put_format(rule, changed(None, rule.look) if rule.look else None, priority)
            for rule in formats:
                if rule.priority >= 1:
                    sheet.put_format(rule, changed(None, rule.look) if rule.look else None)
            for rule in checks:
                sheet.validations.append({"rule": rule})
            self.placed["conditional_formats"] += len(formats)
            self.placed["validations"] += len(checks)

    def _merged(self) -> None:
        for own in self.edits.merged:
            areas = list(self._areas(own, own.rule.areas))
            if len(areas) == 1 and self._free(own.sheet, areas[0]):
                self.sheets[own.sheet].merge.append([number - 1 for number in areas[0]])
                self.placed["merged"] += 1
            else:
                self._left_rule(own, "merged", "gone")

    def _lines(self) -> None:
        """Hide sheets, rows and columns, and set sizes and groups of these."""
        shown_first = self._drawn.workbook.worksheet_meta.activesheet
        hidden = {key[0] for key in self.edits.lines if key[1] == "sheet"} & self.sheets.keys()
        for name in hidden:
            if self.sheets[name].index != shown_first:
                self.sheets[name].hide()
        for (sheet, kind, key, behind), line in self.edits.lines.items():
            number = self._line(sheet, kind, key, behind)
            if number is not None:
                self.sheets[sheet].set_line(kind, number - 1, line)
            elif not (kind == "sheet" and sheet in hidden):
                self.left.append(Leftover("line", sheet, content=f"{kind} {key} {shown(line)}"))
                continue
            self.placed["lines"] += 1

    def _line(self, sheet: str, kind: str, key: str, behind: int) -> int | None:
        if not self.places.has(sheet) or kind == "sheet":
            return None
        if kind == "row":
            return self.places.grid(sheet).rows.find(key, behind)
        if key.startswith(OWN):
            return self.places.find_column(Anchor(sheet, "", key, 0, (1, 0)))
        return self.places.grid(sheet).columns.find(key, behind)

    def _rule(self, own: UserRule) -> CellRule | None:
        areas = tuple(self._areas(own, own.rule.areas))
        if own.rule.is_fixed or not areas:
            self._left_rule(own, own.rule.kind, "kind" if own.rule.is_fixed else "gone")
            return None
        mover = self.mover(own.home)
        first, old = areas[0], own.rule.areas[0]
        moved = tuple(
            mover.from_row(text, own.sheet, old[0], first[0], own.cells)
            for text in own.rule.formulas
        )
        lost, reordered = mover.take()
        if lost:
            self._left_rule(own, own.rule.kind, "reference", lost)
            return None
        if reordered:
            self._left_rule(own, own.rule.kind, "order", reordered)
        return replace(own.rule, areas=areas, formulas=moved)

    def _alone(
        self, own: UserRule, rule: CellRule, checked: list[tuple[UserRule, CellRule]]
    ) -> CellRule | None:
        """Return a validation without the cells that another copy has one for; these are listed."""
        others = [
            area
            for other, known in checked
            if other.home is not own.home and replace(known, areas=rule.areas) != rule
            for area in known.areas
            if other.sheet == own.sheet
        ]
        free = tuple(piece for area in rule.areas for piece in subtract_rectangles(area, others))
        if free != rule.areas:
            self._left_rule(own, VALIDATION, "taken")
            if not free or any(map(_NAMES_CELLS.search, rule.formulas)):
                return None
        rule = replace(rule, areas=free)
        checked.append((own, rule))
        return rule

    def _areas(self, own: UserRule, areas: tuple[Rectangle, ...]) -> Iterator[Rectangle]:
        """Yield where rectangles stand now, in as many pieces as their rows are in."""
        mover = self.mover(own.home)
        for top, left, bottom, right in areas:
            columns = [mover.column(own.sheet, n) for n in range(left, min(right, left + 2000) + 1)]
            known = [c for c in columns if c is not None]
            whole = bottom >= MAX_ROWS
            rows = [] if whole else [mover.row(own.sheet, n) for n in range(top, bottom + 1)]
            spans = find_runs(row for row in rows if row is not None)
            for first, last in ((top, bottom),) if whole else spans:
                for start, end in find_runs(known):
                    yield first, start, last, end

    def _free(self, sheet: str, area: Rectangle) -> bool:
        """Tell whether merging hides nothing: one cell of it holds something at most."""
        cells = self.book.sheets[sheet].cells
        inside = Range(sheet, *area).positions
        limited = [p for p in inside if p in cells and (cells[p].computed or cells[p].value)]
        return limited in ([], [area[:2]])

    def _left_rule(
        self, own: UserRule, what: str, reason: str, gone: Sequence[LostReference] = ()
    ) -> None:
        content = own.rule.described()
        kind = {FORMAT: FORMAT, VALIDATION: VALIDATION}.get(what, what)
        line = Leftover(kind, own.sheet, own.cells, content=content, reason=reason)
        self.left.append(_with_references(line, gone))

    def _links(self) -> None:
        led = {anchor: self._led_link(anchor, link) for anchor, link in self.edits.links.items()}
        wanted, homeless = self._found(led)
        self.left += [_leftover("link", anchor, target) for anchor, target in homeless]
        for name, targets in wanted.items():
            for (row, column), target in targets.items():
                self.sheets[name].put_link(row - 1, column - 1, target)
            self.placed["links"] += len(targets)

    def _led_link(self, anchor: Anchor, link: LinkTarget) -> str:
        """Return where a cell leads now; where the cell it led to is gone, the link is listed."""
        if not link.startswith("#"):
            return link
        mover = self.mover(link.home)
        moved = mover(link[1:], anchor.sheet)
        if mover.take()[0]:
            self.left.append(replace(_leftover("link", anchor, link), reason="reference"))
            return link
        return f"#{moved}"

    def _comments(self, comments: Mapping[Anchor, Comment]) -> None:
        wanted, homeless = self._found(comments)
        for anchor, note in homeless:
            text = f"{note.author}: {note.text}" if note.author else note.text
            self.left.append(_leftover("comment", anchor, text, self._old_cell(anchor)))
        for name, notes in wanted.items():
            for (row, column), note in notes.items():
                self.sheets[name].put_note(row - 1, column - 1, note.text, note.author)
            self.placed["comments"] += len(notes)


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


def _with_references(line: Leftover, gone: Sequence[LostReference]) -> Leftover:
    """Return a line that names the references, and why they lead nowhere."""
    if not gone:
        return line
    names = ", ".join(dict.fromkeys(one.text for one in gone))
    return replace(line, content=f"{line.content}: {names}", reason=gone[0].reason)


def _leftover(what: str, anchor: Anchor, text: str, cell: str = "") -> Leftover:
    return Leftover(what, anchor.sheet, cell, "", anchor.unit, anchor.code, text)
