"""What people did to a template outside what the index reads: found by what it would be as drawn.

The template is drawn afresh from its own content. Whatever the workbook has beside that was typed
or set by somebody: notes, columns, formulas in input cells, formats, rules, hidden rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from xlcity.workbook.checking.inserted_columns import as_drawn, drawn_columns
from xlcity.workbook.migrate.cell_keys import SPARE, Anchor, Anchors, Lines
from xlcity.workbook.migrate.program_cells import own_cells, unread, unread_around
from xlcity.workbook.migrate.sheet_settings import read_settings, without_old_title
from xlcity.workbook.migrate.unplaced import Leftover
from xlcity.workbook.migrate.user_edits import (
    MERGED,
    LineKey,
    LinkTarget,
    SettingKey,
    SheetSetting,
    TypedCell,
    UserEdits,
    UserRule,
)
from xlcity.workbook.migrate.user_formulas import ReferenceMover
from xlcity.workbook.reading.records import day_text, plain_text
from xlcity.workbook.reading.template import Template
from xlcity.xlsx.address import cell_name, parse_range
from xlcity.xlsx.appearance import saved_by_libreoffice
from xlcity.xlsx.cells import Cell, Position, ReadBook, Sheet
from xlcity.xlsx.editing.rich_text import RichText, RichTexts
from xlcity.xlsx.features import (
    FORMAT,
    CellRule,
    Features,
    LineFormat,
    Rectangle,
    put_first,
    read_features,
)
from xlcity.xlsx.formulas.formula_cache import FormulaCache
from xlcity.xlsx.formulas.tokens import normalise_formula
from xlcity.xlsx.package import Package
from xlcity.xlsx.styles import SIDES, Look
from xlcity.xlsx.text import normal_value, same_value

#: LibreOffice writes logical values so in rules.
_LOGICAL = {"TRUE": "1", "FALSE": "0"}
#: Sheets with tables that are read as texts: days and years typed there may be numbers.
_AS_TEXT = {"Review": day_text, "Sources": plain_text}
#: Formats beyond the template's cells are kept this far behind its last row and column.
_NEAR = 200
#: Between programs a width differs by so much of itself without anybody having set it.
_WIDTH = 0.12


def read_edits(template: Template, fresh: Package, drawn: ReadBook) -> UserEdits:
    """Return what a workbook has beside the template as it is drawn from its own content."""
    places = Anchors(drawn)
    tree = {node.code for node in template.framework.nodes}
    grown = tree - {*template.drawn_codes} if template.grown else set()
    old = Anchors(template.book, places, grown=grown)
    reader = _EditReader(template, fresh, drawn, old, places)
    for name in filter(drawn.sheets.__contains__, template.book.sheets):
        reader.read(name)
    reader.unplaced += unread_around(template)
    known = {name.casefold() for name in drawn.names}
    names = {}
    for name, formula in template.book.names.items():
        if name.casefold() in known or name.startswith(("_xlnm.", "par_")):
            continue
        if "#REF!" in formula:
            content = f"{name} ={formula}"
            reader.unplaced.append(Leftover("name", content=content, reason="reference"))
        else:
            names[name] = TypedCell(None, reader.here.meaning(formula, ""), formula, home=old)
    return UserEdits(
        reader.cells,
        reader.looks,
        tuple(reader.rules),
        tuple(reader.merged),
        reader.lines,
        reader.links,
        names,
        tuple(reader.columns),
        tuple(reader.unplaced),
        without_old_title(reader.settings),
        old,
        not reader.inferred,
    )


class _EditReader:
    def __init__(
        self, template: Template, fresh: Package, drawn: ReadBook, old: Anchors, places: Anchors
    ) -> None:
        self.template, self.drawn, self.old, self.places = template, drawn, old, places
        self.package, self.fresh = template.package, fresh
        self.mine, self.plain = template.package.styles, fresh.styles
        own = frozenset(drawn.sheets)
        self.here, self.mover = ReferenceMover(old, old, own), ReferenceMover(old, places, own)
        self.forms, self.drawn_columns = FormulaCache(), drawn_columns(template.book)
        idle = [n for n in template.book.names if n.startswith("par_") and n not in drawn.names]
        self.passed = dict(own_cells(template.book, idle))
        self.cells: dict[Anchor, TypedCell] = {}
        self.looks: dict[Anchor, Look] = {}
        self.rules: list[UserRule] = []
        self.merged: list[UserRule] = []
        self.lines: dict[LineKey, LineFormat] = {}
        self.links: dict[Anchor, LinkTarget] = {}
        self.columns: list[tuple[Anchor, int]] = []
        self.settings: dict[SettingKey, SheetSetting] = {}
        self.unplaced = list(unread(template, idle))
        self._changes: dict[tuple[int, int], Look] = {}
        self.texts = RichTexts(template.package, self.mine)
        self.rich: Mapping[Position, RichText] = {}
        self.features = Features()
        self.inferred = saved_by_libreoffice(template.package)

    def read(self, name: str) -> None:
        """Read one sheet."""
        sheet, plain = self.template.book.sheets[name], self.drawn.sheets[name]
        self.features = read_features(self.package, sheet.part, self.mine)
        grid, there = self.old.grid(name), self.places.grid(name)
        rows = _Map(grid.rows, there.rows)
        columns = _Map(grid.columns, there.columns, frozenset(grid.own))
        formulas: set[str] | None = None
        passed = self.passed.get(name, frozenset())
        self.rich = self.texts.of_sheet(sheet.part)
        for position, cell in sheet.cells.items():
            if cell.in_array is not None:
                continue
            row, column = rows[position[0]], columns[position[1]]
            before = None if row is None or column is None else plain.cells.get((row, column))
            if position not in passed:
                self._look(name, position, cell, before)
            empty = cell.formula is None and cell.value in (None, "")
            if empty or position in passed or self._same(name, position, cell, before):
                continue
            if cell.formula is not None and before is None:
                if formulas is None:
                    formulas = self._formulas(plain)
                drawn = as_drawn(cell.formula, name, self.drawn_columns)
                if self.forms.of(drawn, *position).key in formulas:
                    # A row of the template copied down.
                    continue
            anchor = self.old.of(name, position)
            grown = anchor.row in self.old.grown or anchor.column in self.old.grown
            if not grown:
                self._add(anchor, position, cell, before)
            elif cell.formula is not None:
                # Of a node typed beside the others the index reads the result.
                self._add(anchor, position, cell, replace(cell, formula=None))
        if sheet.state != "visible" and plain.state == "visible":
            self.lines[name, "sheet", "", 0] = LineFormat(hidden=True)
        self._list_rich(name, sheet)
        for column, key in grid.own.items():
            behind = column - grid.columns.end
            self.columns.append((Anchor(name, "", key, 0, (1, 0)), max(behind, 0)))
        self._features(name, plain, rows, columns)

    def _list_rich(self, name: str, sheet: Sheet) -> None:
        """List the rich texts that are read as entries of a table, which are plain."""
        carried = {typed.position for typed in self.cells.values() if typed.sheet == name}
        for position in sorted(self.rich.keys() - carried):
            text = f"rich text {plain_text(sheet.value(*position))}"
            line = Leftover("format", name, cell_name(*position), content=text, reason="kind")
            self.unplaced.append(line)

    def _formulas(self, plain: Sheet) -> set[str]:
        return {self.forms.of(text, *position).key for position, text in plain.cells.texts()}

    def _same(self, name: str, position: Position, cell: Cell, before: Cell | None) -> bool:
        if before is None:
            return False
        if cell.formula is None:
            value = cell.value
            if name in _AS_TEXT and before.value == _AS_TEXT[name](value):
                value = before.value
            return not before.computed and same_value(
                normal_value(value), normal_value(before.value)
            )
        if before.formula is None:
            return False
        if cell.formula == before.formula:
            return True
        wanted = self.forms.of(before.formula, *position).key
        if self.forms.of(cell.formula, *position).key == wanted:
            return True
        moved = self.mover(cell.formula, name)
        if self.forms.of(moved, *position).key == wanted:
            return True
        # Where rows were cut by a program that leads no references, they are as they were.
        return self._shifted(name) and _skeleton(cell.formula) == _skeleton(before.formula)

    @cache  # noqa: B019 - as short-lived as the reader
    def _shifted(self, name: str) -> bool:
        """Tell whether rows or columns of a sheet stand elsewhere than the template has them."""
        mine, drawn = self.old.grid(name), self.places.grid(name)
        return any(
            a.end != b.end or any(a.keys.get(number) != key for number, key in b.keys.items())
            for a, b in ((mine.rows, drawn.rows), (mine.columns, drawn.columns))
        )

    def _add(self, anchor: Anchor, position: Position, cell: Cell, before: Cell | None) -> None:
        name = anchor.sheet
        self.cells[anchor] = TypedCell(
            cell.value,
            "" if cell.formula is None else self.here.meaning(cell.formula, name),
            cell.formula,
            cell.array,
            name,
            position,
            self.old,
            None if before is None or before.computed else before.value,
            self.rich.get(position),
        )

    def _look(self, name: str, position: Position, cell: Cell, before: Cell | None) -> None:
        key = cell.style, -1 if before is None else before.style
        if key not in self._changes:
            mine = self.mine.look(cell.style)
            plain = self.mine.look(0) if before is None else self.plain.look(before.style)
            self._changes[key] = {
                part: mine.get(part, "")
                for part in {**mine, **plain}
                if mine.get(part, "") != plain.get(part, "")
                and (before is None or self._is_set(part, mine))
            }
        changes = self._changes[key]
        if self.inferred and before is not None and before.computed:
            # LibreOffice gives plain formulas the number format of what they read.
            plain = self.plain.look(before.style)
            changes = {k: v for k, v in changes.items() if k != "number" or k in plain}
        if changes and self.features.covers(position):
            # Only borders show behind a merged cell, and openpyxl drops some.
            changes = {part: value for part, value in changes.items() if value and part in SIDES}
        # A row of the template copied down, or one more of them, is no change.
        copied = before is None and self.mine.look(cell.style) in self._drawn_looks(name)
        if copied or not changes:
            return
        grid = self.old.grid(name)
        far = position[0] > grid.rows.end + _NEAR or position[1] > grid.columns.end + _NEAR
        if not far:
            self.looks[self.old.of(name, position)] = changes

    def _is_set(self, part: str, mine: Look) -> bool:
        """Tell whether somebody set a part; LibreOffice replaces fonts, scripts say no size."""
        says = part not in ("font", "size") or bool(mine.get(part))
        return says and not (part == "font" and self.inferred)

    @cache  # noqa: B019 - as short-lived as the reader
    def _drawn_looks(self, name: str) -> list[Look]:
        """Return how cells of a sheet look as the template draws it."""
        styles = {cell.style for cell in self.drawn.sheets[name].cells.values()}
        return [look for style in styles if (look := self.plain.look(style))]

    def _features(self, name: str, plain: Sheet, rows: _Map, columns: _Map) -> None:
        mine, drawn = self.features, read_features(self.fresh, plain.part, self.plain)
        known = {identity(rule) for rule in drawn.rules}
        template = [rule for rule in mine.rules if identity(rule) in known]
        for rule in mine.rules:
            if identity(rule) not in known:
                self.rules.append(self._own(name, put_first(rule, template)))
        merged = {self._areas(name, (area,)) for area in mine.merged}
        theirs = {
            tuple((self.places.of(name, a[:2]), self.places.of(name, a[2:])) for a in (area,))
            for area in drawn.merged
        }
        for area in mine.merged:
            if self._areas(name, (area,)) in merged - theirs:
                self.merged.append(self._own(name, CellRule(MERGED, (area,))))
        self._lines(name, mine, drawn, rows, columns)
        for position, target in mine.links.items():
            row, column = rows[position[0]], columns[position[1]]
            if row is None or column is None or drawn.links.get((row, column)) is None:
                self.links[self.old.of(name, position)] = LinkTarget(target, self.old)
        self.settings |= read_settings(
            self.old, name, (mine, drawn), (rows.__getitem__, columns.__getitem__),
            (self.template.book, self.drawn), keeps=not self.inferred,
        )  # fmt: skip
        if mine.filtered:
            self.unplaced.append(Leftover("filter", name, content=mine.filtered, reason="kind"))
        left = [*mine.objects]
        for kind, _ in drawn.objects:
            at = next((n for n, (k, _) in enumerate(left) if k == kind), None)
            if at is not None:
                del left[at]
        for kind, title in left:
            self.unplaced.append(Leftover("object", name, content=f"{kind} {title}", reason="kind"))

    def _areas(self, name: str, areas: tuple[Rectangle, ...]) -> tuple[object, ...]:
        return tuple((self.old.of(name, a[:2]), self.old.of(name, a[2:])) for a in areas)

    def _own(self, name: str, rule: CellRule) -> UserRule:
        shown = tuple(self.here.meaning(text, name) for text in rule.formulas)
        meaning = (rule.kind, rule.attributes, shown, rule.body, rule.shown,
                   self._areas(name, rule.areas))  # fmt: skip
        return UserRule(name, meaning, rule, self.old)

    def _lines(self, name: str, mine: Features, drawn: Features, rows: _Map, columns: _Map) -> None:
        first, _, last, _ = parse_range(mine.filtered) if mine.filtered else (0, 0, -1, 0)
        filtered = range(first, last + 1)
        for kind, lines, theirs, places, of in (
            ("row", mine.rows, drawn.rows, rows, self.old.grid(name).rows),
            ("column", mine.columns, drawn.columns, columns, self.old.grid(name).columns),
        ):
            for number, line in lines.items():
                place = places[number]
                before = theirs.get(place, LineFormat()) if place is not None else LineFormat()
                size = line.size
                if kind == "column" and not self._wide(line, before, place):
                    size = None
                elif kind == "row" and before.size is not None and size is not None:
                    size = None if abs(size - before.size) < 1 else size
                # What a filter hides comes back with it, and the filter is listed.
                hidden = (
                    line.hidden and not before.hidden and not (kind == "row" and number in filtered)
                )
                key = of.of(number)
                size = None if key[0].startswith(SPARE) else size
                level = line.level if line.level != before.level else 0
                if number > of.end + _NEAR or not (hidden or size is not None or level):
                    continue
                if kind == "column" and number in self.old.grid(name).own:
                    key = self.old.grid(name).own[number], 0
                self.lines[name, kind, *key] = LineFormat(hidden, size, level)

    def _wide(self, line: LineFormat, before: LineFormat, place: int | None) -> bool:
        """Tell whether somebody set the width of a column."""
        if not line.size or before.size is None:
            return bool(line.size) and place is None
        return abs(line.size - before.size) > _WIDTH * before.size + 0.8


class _Map(dict[int, int | None]):
    """Number of a line -> its number in the sheet as it is drawn."""

    def __init__(self, old: Lines, new: Lines, own: frozenset[int] = frozenset()) -> None:
        self._old, self._new, self._own = old, new, own

    def __missing__(self, number: int) -> int | None:
        found = None if number in self._own else self._new.find(*self._old.of(number))
        self[number] = found
        return found


def identity(rule: CellRule) -> tuple[object, ...]:
    """Return what a rule of a template keeps, whatever program saved it and wherever it moved."""
    operator, formulas = rule.limits
    skeletons = tuple(map(_skeleton, formulas))
    look = rule.shown[:1] if rule.kind == FORMAT else ()
    return rule.kind, dict(rule.attributes).get("type"), operator, skeletons, look


def _skeleton(formula: str) -> str:
    """Return a formula without the addresses in it."""
    tokens = normalise_formula(formula, 1, 1).tokens
    texts = ("#" if t.ref is not None else _LOGICAL.get(t.text, t.text) for t in tokens)
    return "".join(texts)
