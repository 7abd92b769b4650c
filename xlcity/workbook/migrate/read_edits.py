"""What people did to a template outside what the index reads: found by what it would be as drawn.

The template is drawn afresh from its own content. Whatever the workbook has beside that was typed
or set by somebody: notes, columns, formulas in input cells, formats, rules, hidden rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from xlcity.workbook.checking.contract import as_drawn, drawn_columns
from xlcity.workbook.migrate.cell_keys import Anchor, Anchors
from xlcity.workbook.migrate.kinds import NEAR, SheetPair, skeleton
from xlcity.workbook.migrate.program_cells import list_beside_sheets, list_unread, program_cells
from xlcity.workbook.migrate.sheet_kinds import KINDS, without_old_title
from xlcity.workbook.migrate.unplaced import Leftover
from xlcity.workbook.migrate.user_edits import Key, TypedCell, UserEdits
from xlcity.workbook.migrate.user_formulas import ReferenceMover
from xlcity.workbook.reading.records import day_text, plain_text
from xlcity.workbook.reading.template import Template
from xlcity.workbook.tab_titles import contract_name
from xlcity.xlsx.address import cell_name
from xlcity.xlsx.appearance import saved_by_libreoffice
from xlcity.xlsx.cells import Cell, Position, ReadBook, Sheet
from xlcity.xlsx.editing.rich_text import RichText, RichTexts
from xlcity.xlsx.features import Features, read_features
from xlcity.xlsx.formulas.formula_cache import FormulaCache
from xlcity.xlsx.package import Package
from xlcity.xlsx.styles import SIDES, Look
from xlcity.xlsx.text import normal_value, same_value

#: Sheets with tables that are read as texts: days and years typed there may be numbers.
_AS_TEXT = {"Review": day_text, "Sources": plain_text}


def read_edits(template: Template, fresh: Package, drawn: ReadBook) -> UserEdits:
    """Return what a workbook has beside the template as it is drawn from its own content."""
    places = Anchors(drawn)
    tree = {node.code for node in template.framework.nodes}
    grown = tree - template.node_rows.keys() if template.grown else set()
    old = Anchors(template.book, places, grown=grown)
    reader = _EditReader(template, fresh, drawn, old, places)
    for name in filter(drawn.sheets.__contains__, template.book.sheets):
        reader.read(name)
    reader.unplaced += list_beside_sheets(template)
    drawn_names = {name.casefold() for name in drawn.names}
    for name, formula in template.book.names.items():
        if name.casefold() in drawn_names or name.startswith(("_xlnm.", "par_")):
            continue
        if "#REF!" in formula:
            content = f"{name} ={formula}"
            reader.unplaced.append(Leftover("name", content=content, reason="reference"))
        else:
            typed = TypedCell(None, reader.here.meaning(formula, ""), formula, home=old)
            reader.entries["name", name] = typed
    return UserEdits(
        without_old_title(reader.entries),
        tuple(reader.unplaced),
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
        unread_names = [
            n for n in template.book.names if n.startswith("par_") and n not in drawn.names
        ]
        self.program_cells = dict(program_cells(template.book, unread_names))
        self.entries: dict[Key, Any] = {}
        self.unplaced = list(list_unread(template, unread_names))
        self._changes: dict[tuple[int, int], Look] = {}
        self.texts = RichTexts(template.package, self.mine)
        self.rich: Mapping[Position, RichText] = {}
        self.features = Features()
        self.inferred = saved_by_libreoffice(template.package)

    def read(self, name: str) -> None:
        """Read one sheet."""
        sheet, plain = self.template.book.sheets[name], self.drawn.sheets[name]
        self.features = read_features(self.package, sheet.part, self.mine)
        pair = SheetPair(
            name, self.old, self.places, self.features,
            read_features(self.fresh, plain.part, self.plain),
            (self.template.book, self.drawn), not self.inferred,
        )  # fmt: skip
        rows, columns = pair.rows, pair.columns
        formulas: set[str] | None = None
        not_typed = self.program_cells.get(name, frozenset())
        self.rich = self.texts.of_sheet(sheet.part)
        for position, cell in sheet.cells.items():
            if cell.in_array is not None:
                continue
            row, column = rows[position[0]], columns[position[1]]
            before = None if row is None or column is None else plain.cells.get((row, column))
            is_below = position[0] in self.old.below.get(name, ())
            unset = is_below and self.mine.look(cell.style) == self.mine.look(0)
            if position not in not_typed and not unset:
                self._add_look(name, position, cell, before)
            empty = cell.formula is None and cell.value in (None, "")
            if empty or position in not_typed or self._is_as_drawn(name, position, cell, before):
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
                self._add_cell(anchor, position, cell, before)
            elif cell.formula is not None:
                # Of a node typed beside the others the index reads the result.
                self._add_cell(anchor, position, cell, replace(cell, formula=None))
        self._list_rich(name, sheet)
        grid = self.old.grid(name)
        for column, title in grid.own.items():
            anchor = Anchor(name, "", title, 0, (1, 0))
            self.entries["column", anchor] = max(column - grid.columns.end, 0)
        for kind in KINDS:
            for key, value in kind.read(pair):
                while self.entries.get(key, value) != value:
                    key = (*key, len(key))
                self.entries[key] = value
        self._list_objects(pair)

    def _list_rich(self, name: str, sheet: Sheet) -> None:
        """List the rich texts that are read as entries of a table, which are plain."""
        typed = (value for key, value in self.entries.items() if key[0] == "cell")
        carried = {cell.position for cell in typed if cell.sheet == name}
        for position in sorted(self.rich.keys() - carried):
            text = f"rich text {plain_text(sheet.value(*position))}"
            line = Leftover("format", name, cell_name(*position), content=text, reason="kind")
            self.unplaced.append(line)

    def _formulas(self, plain: Sheet) -> set[str]:
        return {self.forms.of(text, *position).key for position, text in plain.cells.texts()}

    def _is_as_drawn(self, name: str, position: Position, cell: Cell, before: Cell | None) -> bool:
        if before is None:
            return False
        if cell.formula is None:
            value = cell.value
            as_text = _AS_TEXT.get(contract_name(name))
            if as_text is not None and before.value == as_text(value):
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
        return self._has_moved_lines(name) and skeleton(cell.formula) == skeleton(before.formula)

    @cache  # noqa: B019 - as short-lived as the reader
    def _has_moved_lines(self, name: str) -> bool:
        """Tell whether rows or columns of a sheet stand elsewhere than the template has them."""
        mine, drawn = self.old.grid(name), self.places.grid(name)
        return any(
            a.end != b.end or any(a.keys.get(number) != key for number, key in b.keys.items())
            for a, b in ((mine.rows, drawn.rows), (mine.columns, drawn.columns))
        )

    def _add_cell(
        self, anchor: Anchor, position: Position, cell: Cell, before: Cell | None
    ) -> None:
        name = anchor.sheet
        self.entries["cell", anchor] = TypedCell(
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

    def _add_look(self, name: str, position: Position, cell: Cell, before: Cell | None) -> None:
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
        far = position[0] > grid.rows.end + NEAR or position[1] > grid.columns.end + NEAR
        if not far:
            anchor = self.old.of(name, position)
            self.entries |= {("look", anchor, part): text for part, text in changes.items()}

    def _is_set(self, part: str, mine: Look) -> bool:
        """Tell whether somebody set a part; LibreOffice replaces fonts, scripts say no size."""
        says = part not in ("font", "size") or bool(mine.get(part))
        return says and not (part == "font" and self.inferred)

    @cache  # noqa: B019 - as short-lived as the reader
    def _drawn_looks(self, name: str) -> list[Look]:
        """Return how cells of a sheet look as the template draws it."""
        styles = {cell.style for cell in self.drawn.sheets[name].cells.values()}
        return [look for style in styles if (look := self.plain.look(style))]

    def _list_objects(self, pair: SheetPair) -> None:
        """List the filter that hides rows, and pictures, charts and tables."""
        filtered, left = pair.mine.filtered, Counter(kind for kind, _ in pair.drawn.objects)
        if filtered:
            self.unplaced.append(Leftover("filter", pair.name, content=filtered, reason="kind"))
        for kind, title in pair.mine.objects:
            if left[kind]:
                left[kind] -= 1
                continue
            content = f"{kind} {title}"
            self.unplaced.append(Leftover("object", pair.name, content=content, reason="kind"))
