"""What people did to a template, put where it belongs in a template made again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any, TypeVar

from xlcity.workbook.migrate.cell_keys import OWN, Anchor, Anchors
from xlcity.workbook.migrate.describe import shown
from xlcity.workbook.migrate.setting_placer import SettingPlacer
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
from xlcity.xlsx.cells import Position, ReadBook, read_book
from xlcity.xlsx.editing.comments import Comment, add_comments
from xlcity.xlsx.editing.patch import CellEntry, write_entries
from xlcity.xlsx.editing.restyle import apply_looks
from xlcity.xlsx.editing.write_features import (
    NAMES_CELLS,
    add_features,
    add_links,
    hide_sheets,
    subtract_rectangles,
    unite_rules,
    write_rectangle,
)
from xlcity.xlsx.features import (
    FORMAT,
    VALIDATION,
    CellRule,
    Features,
    Rectangle,
)
from xlcity.xlsx.package import Package
from xlcity.xlsx.styles import Look
from xlcity.xlsx.text import normal_value, same_value

Entry = TypeVar("Entry")


class EditPlacer:
    """Puts things into a template made again and lists what has no place in it.

    Parameters
    ----------
    package, book
        The template made again.
    edits, renamed
        What people typed and set, and nodes that are called otherwise: old -> new.
    titles
        `id` of the anchors of a workbook -> sheets of its user's own that are called otherwise.

    Attributes
    ----------
    package
        The workbook so far.
    placed
        How many of each kind found their place.
    left
        What did not.
    recalculate
        Whether something was typed that may change a result.
    """

    def __init__(
        self,
        package: Package,
        book: ReadBook,
        edits: UserEdits,
        renamed: Mapping[str, str],
        titles: Mapping[int, Mapping[str, str]],
    ) -> None:
        self._titles = titles
        self.package, self.book, self.edits = package, book, edits
        self.places = Anchors(book, renamed=renamed)
        self.places.give_columns(edits.columns, (*edits.cells, *edits.looks, *edits.links))
        self.own = frozenset(book.sheets)
        self.placed: Counter[str] = Counter()
        self.left: list[Leftover] = list(edits.unplaced)
        self.recalculate = False
        self._movers: dict[int, ReferenceMover] = {}

    def mover(self, home: Anchors | None) -> ReferenceMover:
        """Return what leads formulas of a workbook to this one."""
        assert home is not None  # only content made by hand has none, and no formulas
        if id(home) not in self._movers:
            own = home.template_sheets or self.own
            titles = self._titles.get(id(home))
            self._movers[id(home)] = ReferenceMover(home, self.places, own, titles)
        return self._movers[id(home)]

    def place(self, comments: Mapping[Anchor, Comment]) -> None:
        """Put everything where it belongs."""
        self._cells()
        self._looks()
        self._features()
        self._settings()
        self._comments(comments)

    # -- cells ---------------------------------------------------------------------------------
    def _cells(self) -> None:
        wanted: dict[str, dict[Position, CellEntry]] = {}
        for anchor, typed in self.edits.cells.items():
            entry = self._entry(anchor, typed)
            if isinstance(entry, Leftover):
                self.left.append(entry)
                continue
            position, made = entry
            wanted.setdefault(anchor.sheet, {})[position] = made
            self.placed["cells" if typed.formula is None else "formulas"] += 1
        if wanted:
            self.package = write_entries(self.package, wanted, self.book)
            self.book = read_book(self.package)
            self.recalculate = True

    def _entry(self, anchor: Anchor, typed: TypedCell) -> tuple[Position, CellEntry] | Leftover:
        position = self.places.find(anchor)
        if position is None:
            return left_behind(typed, anchor, "gone")
        at = f"{anchor.sheet}!{cell_name(*position)}"
        now = self.book.sheets[anchor.sheet].cells.get(position)
        if now is not None and now.computed:
            return left_behind(typed, anchor, "formula", at)
        value = None if now is None else now.value
        plain = CellEntry(typed.value, runs=typed.rich.xml if typed.rich else "")
        if not same_value(normal_value(value or None), normal_value(typed.replaces or None)):
            if typed.formula is None and same_value(normal_value(value), normal_value(typed.value)):
                return position, plain
            return left_behind(typed, anchor, "taken", at)
        if typed.formula is None:
            return position, plain
        mover = self.mover(typed.home)
        lost = len(mover.lost)
        moved = mover(typed.formula, typed.sheet, typed.cell)
        array = None
        if typed.array:
            array = self._array(mover, typed, position)
        if len(mover.lost) > lost or (typed.array and array is None):
            gone, mover.lost[lost:] = mover.lost[lost:], []
            line = left_behind(typed, anchor, "reference", at)
            return _with_references(line, gone)
        gone, mover.reordered[:] = [*mover.reordered], []
        if gone:
            self.left.append(_with_references(left_behind(typed, anchor, "order", at), gone))
        return position, CellEntry(typed.value, moved, array)

    def _array(self, mover: ReferenceMover, typed: TypedCell, position: Position) -> str | None:
        area = mover.area(typed.sheet, *parse_range(typed.array or "A1"))
        if area is None or area[:2] != position:
            return None
        cells = self.book.sheets[typed.sheet].cells
        inside = Range(typed.sheet, *area).positions
        taken = any(p in cells and cells[p].value not in (None, "") for p in inside)
        return None if taken else write_rectangle((area[0], area[1], area[2], area[3]))

    # -- looks ---------------------------------------------------------------------------------
    def _looks(self) -> None:
        wanted, homeless = self._found(self.edits.looks)
        blank: dict[str, dict[Position, CellEntry]] = {}
        for sheet, looks in wanted.items():
            bare = looks.keys() - self.book.sheets[sheet].cells.keys()
            if bare:
                blank[sheet] = {position: CellEntry() for position in sorted(bare)}
            for look in looks.values():
                self.placed["fills" if "fill" in look else "formats"] += 1
        self._left_looks(homeless)
        if blank:
            self.package = write_entries(self.package, blank, self.book)
            self.book = read_book(self.package)
        if wanted:
            self.package = apply_looks(self.package, self.book, wanted)

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
    def _features(self) -> None:
        found: dict[str, Features] = {}

        def add(sheet: str, **more: Any) -> None:
            before = found.setdefault(sheet, Features())
            joint: dict[str, Any] = {
                name: {**getattr(before, name), **value}
                if isinstance(value, dict)
                else (*getattr(before, name), value)
                for name, value in more.items()
            }
            found[sheet] = replace(before, **joint)

        checked: list[tuple[UserRule, CellRule]] = []
        for own in self.edits.rules:
            rule = self._rule(own)
            if rule is not None and own.rule.kind == VALIDATION:
                rule = self._alone(own, rule, checked)
            if rule is not None:
                add(own.sheet, rules=rule)
        for own in self.edits.merged:
            areas = list(self._areas(own, own.rule.areas))
            if len(areas) == 1 and self._free(own.sheet, areas[0]):
                add(own.sheet, merged=areas[0])
                self.placed["merged"] += 1
            else:
                self._left_rule(own, "merged", "gone")
        hidden = {key[0] for key in self.edits.lines if key[1] == "sheet"} & self.own
        self.package = hide_sheets(self.package, hidden)
        self.placed["lines"] += len(hidden)
        for (sheet, kind, key, behind), line in self.edits.lines.items():
            if sheet in hidden and kind == "sheet":
                continue
            number = self._line(sheet, kind, key, behind)
            if number is None:
                self.left.append(Leftover("line", sheet, content=f"{kind} {key} {shown(line)}"))
                continue
            add(sheet, **{f"{kind}s": {number: line}})
            self.placed["lines"] += 1
        for name, more in found.items():
            rules = unite_rules(more.rules)
            for rule in rules:
                self.placed["conditional_formats" if rule.kind == FORMAT else "validations"] += 1
            found[name] = replace(more, rules=tuple(rules))
        if found:
            parts = {name: self.book.sheets[name].part for name in found}
            self.package = add_features(self.package, parts, found)
        self._links()

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
        lost = len(mover.lost)
        first, old = areas[0], own.rule.areas[0]
        moved = tuple(
            mover.from_row(text, own.sheet, old[0], first[0], own.cells)
            for text in own.rule.formulas
        )
        changed, mover.reordered[:] = [*mover.reordered], []
        if len(mover.lost) > lost:
            gone, mover.lost[lost:] = mover.lost[lost:], []
            self._left_rule(own, own.rule.kind, "reference", gone)
            return None
        if changed:
            self._left_rule(own, own.rule.kind, "order", changed)
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
            if not free or any(map(NAMES_CELLS.search, rule.formulas)):
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

    def _settings(self) -> None:
        placer = SettingPlacer(self.book, self.places, self.mover)
        self.package = placer.place(self.package, self.edits.settings)
        self.left += placer.left
        self.placed["settings"] += placer.placed

    def _links(self) -> None:
        led = {anchor: self._led_link(anchor, link) for anchor, link in self.edits.links.items()}
        wanted, homeless = self._found(led)
        self.left += [_leftover("link", anchor, target) for anchor, target in homeless]
        self.placed["links"] += sum(map(len, wanted.values()))
        self.package = add_links(self.package, self.book, wanted)

    def _led_link(self, anchor: Anchor, link: LinkTarget) -> str:
        """Return where a cell leads now; where the cell it led to is gone, the link is listed."""
        if not link.startswith("#"):
            return link
        mover = self.mover(link.home)
        moved = mover(link[1:], anchor.sheet)
        if mover.lost:
            mover.lost.clear()
            self.left.append(replace(_leftover("link", anchor, link), reason="reference"))
            return link
        return f"#{moved}"

    def _comments(self, comments: Mapping[Anchor, Comment]) -> None:
        wanted, homeless = self._found(comments)
        for anchor, note in homeless:
            text = f"{note.author}: {note.text}" if note.author else note.text
            self.left.append(_leftover("comment", anchor, text, self._old_cell(anchor)))
        self.placed["comments"] += sum(map(len, wanted.values()))
        self.package = add_comments(self.package, self.book, wanted)


def _with_references(line: Leftover, gone: Sequence[LostReference]) -> Leftover:
    """Return a line that names the references, and why they lead nowhere."""
    if not gone:
        return line
    names = ", ".join(dict.fromkeys(one.text for one in gone))
    return replace(line, content=f"{line.content}: {names}", reason=gone[0].reason)


def _leftover(what: str, anchor: Anchor, text: str, cell: str = "") -> Leftover:
    return Leftover(what, anchor.sheet, cell, "", anchor.unit, anchor.code, text)
