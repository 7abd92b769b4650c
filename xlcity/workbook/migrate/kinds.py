"""What people type in cells and set for cells and lines: one class a kind.

A kind reads what a sheet has and the one that it is compared with has not, says where that stands
in another workbook, and draws it there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, cached_property
from itertools import chain, groupby
from typing import NamedTuple

from xlcity.errors import CellValue
from xlcity.functions.arguments import is_blank
from xlcity.recalc.compare import is_same_typed_value
from xlcity.workbook.checking.contract import DATA
from xlcity.workbook.migrate.cell_keys import OWN, SPARE, Lines
from xlcity.workbook.migrate.edits import NEAR, Edit, EditKind, SheetPair, Target
from xlcity.workbook.migrate.leftovers import Leftover
from xlcity.workbook.migrate.mover import Mover
from xlcity.workbook.reading.records import day_text, plain_text
from xlcity.workbook.tab_titles import contract_name
from xlcity.xlsx.address import Range, cell_name, parse_range
from xlcity.xlsx.cells import Cell, Position
from xlcity.xlsx.editing.patch import CellEntry
from xlcity.xlsx.features import (
    FORMAT,
    VALIDATION,
    CellRule,
    LineFormat,
    Rectangle,
    areas_text,
    parse_areas,
    subtract_rectangles,
)
from xlcity.xlsx.formulas.formula_cache import FormulaCache
from xlcity.xlsx.formulas.tokens import normalise_formula
from xlcity.xlsx.markup import named, read_markup
from xlcity.xlsx.relations import Relations
from xlcity.xlsx.styles import SIDES, Look
from xlcity.xlsx.text import escape_xml, in_quotes, normal_value

#: Sheets with tables that are read as texts: days and years typed there may be numbers.
_AS_TEXT = {"Review": day_text, "Sources": plain_text}
#: LibreOffice writes logical values so in rules.
_LOGICAL = {"TRUE": "1", "FALSE": "0"}
#: A formula that may name cells.
_NAMES_CELLS = re.compile(r"[A-Za-z]\$?\d|:")
#: Between programs a width differs by so much of itself without anybody having set it.
_WIDTH = 0.12
#: Height of a row in points where none is set; LibreOffice writes it for rows of merged cells.
_HEIGHT = 15
#: Colour of cells that hands disagree on, and how the line of their comment begins.
DISPUTED = "F8C9C4"
DISAGREE = "⚠ "


class Cells(EditKind):
    """Values, formulas and texts, of which parts may look otherwise."""

    name = "cell"

    def read(self, pair: SheetPair) -> Iterator[Edit]:
        """Yield what was typed, and of a copy what was taken away."""
        reader = _CellReader(pair)
        for position, cell in reader.sheet.cells.objects().items():
            if cell.in_array is None and position not in pair.not_typed:
                yield from reader.read(position, cell)
        if pair.joins:
            yield from reader.read_emptied()

    def move(self, edit: Edit, mover: Mover, left: list[Leftover]) -> Edit | None:
        """Return the cell as it stands now, its formula led along."""
        moved = super().move(edit, mover, left)
        entry = edit.entry
        if moved is None or entry.formula is None:
            return moved
        position = moved.where
        address = f"{edit.sheet}!{cell_name(*position)}"
        formula, lost = mover.follow(entry.formula, edit.sheet)
        area = mover.area(edit.sheet, parse_range(entry.array)) if entry.array else None
        if lost or (entry.array and (area is None or area[:2] != position)):
            left.append(edit.leftover("reference", lost, address))
            return None
        array = areas_text([area]) if area is not None else ""
        entry = replace(entry, formula=formula, array=array)
        return replace(moved, value=(formula, array, entry.runs), entry=entry)

    def draw(self, target: Target, edit: Edit) -> None:
        """Write it, unless the cell holds something else."""
        entry = edit.entry
        reason = _reason_to_leave(target, edit)
        if reason:
            target.leave(edit, reason, f"{edit.sheet}!{cell_name(*edit.where)}")
            return
        target.sheet(edit.sheet).entries[edit.where] = entry
        target.placed["cells" if entry.formula is None else "formulas"] += 1


def _is_taken(target: Target, sheet: str, area: Rectangle) -> bool:
    """Tell whether a cell of an area holds something."""
    value = target.book.sheets[sheet].value
    return any(
        not is_blank(value(*position)) for position in Range(sheet, *area).positions
    )


def _reason_to_leave(target: Target, edit: Edit) -> str:
    """Return why an entry cannot be written: its cell holds something else; "" if it can."""
    entry = edit.entry
    present = target.book.sheets[edit.sheet].cells.get(edit.where)
    if present is not None and present.computed:
        # An input may have a formula, such as the one that reads a parameter of all indicators.
        is_input = "unlocked" in target.package.styles.look(present.style)
        return "" if is_input else "formula"
    value = normal_value(present.value or None) if present is not None else None
    usual = [edit.replaces or None]
    usual.append(entry.value if entry.formula is None else None)
    if not any(is_same_typed_value(value, normal_value(other)) for other in usual):
        return "taken"
    if entry.array and _is_taken(target, edit.sheet, parse_range(entry.array)):
        return "reference"
    return ""


class _CellReader:
    """Reads what was typed on one sheet."""

    def __init__(self, pair: SheetPair) -> None:
        self.pair = pair
        self.sheet, self.plain = pair.sheets
        self.rich = pair.edited.rich(pair.name)
        self.plain_rich = pair.origin.rich(pair.name)
        self.forms = FormulaCache()
        self.grid = pair.edited.anchors.grid(pair.name)
        #: Cells of the other workbook that have a filled one in this.
        self.present: set[Position] = set()

    def read(self, position: Position, cell: Cell) -> Iterator[Edit]:
        """Yield a cell in which something was typed."""
        if cell.formula is None and is_blank(cell.value):
            return
        counterpart = self.pair.counterpart(position)
        before = self.plain.cells.get(counterpart)
        self.present.add(counterpart)
        rich = self.rich.get(position)
        same_runs = self.plain_rich.get(counterpart) == rich
        if same_runs and self._is_as_drawn(position, cell, before):
            return
        anchor = self.pair.edited.anchors.of(self.pair.name, position)
        if {anchor.row, anchor.column} & self.pair.edited.anchors.grown:
            if cell.formula is None:
                return
            # Of a node typed beside the others the index reads the result.
            before = replace(cell, formula=None)
        runs = "" if rich is None else rich.xml
        replaces = None if before is None or before.computed else before.value
        yield self._typed(position, cell, runs, replaces)

    def _typed(
        self, position: Position, cell: Cell, runs: str, replaces: CellValue
    ) -> Edit:
        """Return what was typed in a cell, a value or a formula."""
        entry = CellEntry(cell.value, cell.formula, cell.array or "", runs)
        content: CellValue = cell.formula
        text = f"={cell.formula}"
        what = "formula"
        if cell.formula is None:
            content = cell.value
            text = f"{content:.15g}" if isinstance(content, float) else str(content)
            what = "cell"
        return self.pair.edit_cell(
            "cell",
            position,
            (content, entry.array, runs),
            entry=entry,
            text=text,
            what=what,
            replaces=replaces,
        )

    def read_emptied(self) -> Iterator[Edit]:
        """Yield the cells of the other workbook that were emptied here."""
        pair = self.pair
        back = Mover(pair.origin.anchors, pair.edited.anchors, pair.mover.own)
        skipped = {pair.mover.cell(pair.name, cell) for cell in pair.not_typed}
        for position, before in self.plain.cells.objects().items():
            if before.computed or is_blank(before.value) or position in self.present:
                continue
            here = back.cell(self.pair.name, position)
            if here is not None and position not in skipped:
                yield self.pair.edit_cell(
                    "cell", here, None, text="—", replaces=before.value
                )

    def _is_as_drawn(self, position: Position, cell: Cell, before: Cell | None) -> bool:
        if cell.formula is None:
            return self._has_drawn_value(cell, before)
        # A row of the template, for a new city or copied down, may stand for nothing there.
        drawn = before or self.plain.cells.get(position)
        if drawn is not None and drawn.formula == cell.formula:
            return True
        keys = self._keys(cell.formula, position)
        if before is None and not keys.isdisjoint(self._drawn_keys):
            return True
        if drawn is None or drawn.formula is None:
            return False
        if self.forms.normalised(drawn.formula, *position).key in keys:
            return True
        if not self._has_moved_lines:
            return False
        # Where rows were cut by a program that leads no references, they are as they were.
        return skeleton(cell.formula) == skeleton(drawn.formula)

    def _has_drawn_value(self, cell: Cell, before: Cell | None) -> bool:
        if before is None or before.computed:
            return False
        as_text = _AS_TEXT.get(contract_name(self.pair.name))
        value = cell.value
        as_typed = as_text is not None and before.value == as_text(value)
        return as_typed or is_same_typed_value(normal_value(value), before.value)

    def _keys(self, formula: str, position: Position) -> set[str]:
        """Return the keys of a formula as it is, and as it stands in the other workbook."""
        texts = formula, self.pair.mover.follow(formula, self.pair.name)[0]
        return {self.forms.normalised(text, *position).key for text in texts}

    @cached_property
    def _drawn_keys(self) -> set[str]:
        return {
            self.forms.normalised(text, *position).key
            for position, text in self.plain.cells.texts().items()
        }

    @cached_property
    def _has_moved_lines(self) -> bool:
        """Tell whether rows or columns of the sheet stand elsewhere than in the other workbook."""
        mine = self.grid
        drawn = self.pair.origin.anchors.grid(self.pair.name)
        return _moved(mine.rows, drawn.rows) or _moved(mine.columns, drawn.columns)


def _moved(mine: Lines, drawn: Lines) -> bool:
    """Tell whether rows or columns stand elsewhere than they were drawn."""
    if mine.end != drawn.end:
        return True
    own = mine.keys
    return any(own.get(number) != key for number, key in drawn.keys.items())


class Looks(EditKind):
    """How cells look."""

    name = "look"

    def read(self, pair: SheetPair) -> Iterator[Edit]:
        """Yield the parts in which a cell looks otherwise."""
        reader = _LookReader(pair)
        for position, cell in pair.sheets[0].cells.objects().items():
            changes = reader.changes(position, cell)
            if changes and not self._is_settled(pair, position, changes):
                parts = tuple(sorted(changes.items()))
                text = look_text(parts)
                yield pair.edit_cell(
                    self.name, position, parts, text=text, what="format"
                )

    @staticmethod
    def _is_settled(pair: SheetPair, position: Position, changes: Look) -> bool:
        """Tell whether a cell has the colour of a conflict of which no note speaks any more."""
        if pair.name not in DATA or pair.joins or dict(changes) != {"fill": DISPUTED}:
            return False
        note = pair.edited.comments.get((pair.name, position))
        return note is None or DISAGREE not in note.text

    def draw(self, target: Target, edit: Edit) -> None:
        """Have cells look so."""
        present = target.book.sheets[edit.sheet].cells.get(edit.where)
        style = 0 if present is None else present.style
        look = dict(edit.value)
        changed = target.styles.changed(style, look)
        target.sheet(edit.sheet).styles[edit.where] = changed
        target.placed["fills" if "fill" in look else "formats"] += 1


class _LookReader:
    """Reads how the cells of a sheet look beside those of another one."""

    def __init__(self, pair: SheetPair) -> None:
        self.pair = pair
        self.plain = pair.sheets[1]
        self.styles = pair.edited.package.styles
        self.plain_styles = pair.origin.package.styles
        self.below = pair.edited.anchors.grid(pair.name).below
        drawn = {cell.style for cell in self.plain.cells.values()}
        self.drawn_looks = [*map(self.plain_styles.look, drawn)]
        self._differences = cache(self._find_differences)

    def changes(self, position: Position, cell: Cell) -> Look:
        """Return the parts in which a cell looks otherwise because somebody wanted it."""
        pair = self.pair
        if not self._can_be_set(position, cell):
            return {}
        before = self.plain.cells.get(pair.counterpart(position))
        changes = self._differences(cell.style, -1 if before is None else before.style)
        if not changes or self._is_row_of_list(position[0], cell, before):
            return {}
        if before is not None and before.computed and not pair.edited.keeps:
            changes = self._without_taken_number(changes, before)
        if pair.mine.covers(position):
            # Only borders show behind a merged cell, and openpyxl drops some.
            return {side: changes[side] for side in SIDES if changes.get(side)}
        return changes

    def _can_be_set(self, position: Position, cell: Cell) -> bool:
        if position in self.pair.not_typed or cell.in_array is not None:
            return False
        return not self.pair.is_far(position)

    def _without_taken_number(self, changes: Look, before: Cell) -> Look:
        """Return changes of a formula: LibreOffice gives it the number format of what it reads."""
        if "number" in self.plain_styles.look(before.style):
            return changes
        return {part: text for part, text in changes.items() if part != "number"}

    def _is_row_of_list(self, row: int, cell: Cell, before: Cell | None) -> bool:
        """Tell whether a cell is as those of a row copied down, or of a line typed below."""
        look = self.styles.look(cell.style)
        if row in self.below and look == self.styles.look(0):
            return True
        return before is None and look in self.drawn_looks

    def _find_differences(self, style: int, before: int) -> Look:
        """Return what differs between two formats; -1 is that of a missing cell."""
        mine = self.styles.look(style)
        styles = self.styles if before < 0 else self.plain_styles
        size = styles.look(0).get("size", "")
        usual = {"size": size, **styles.look(max(before, 0))}
        differing = {
            part: mine.get(part, "")
            for part in {**mine, **usual}
            if mine.get(part, "") != usual.get(part, "")
        }
        if before < 0:
            return differing
        # LibreOffice replaces fonts, scripts say no size.
        said = {part: text for part, text in differing.items() if _is_said(part, text)}
        if not self.pair.edited.keeps:
            said.pop("font", None)
        return said


def _is_said(part: str, text: str) -> bool:
    return bool(text) or part not in ("font", "size")


def look_text(parts: tuple[tuple[str, str], ...]) -> str:
    """Return parts of a look as people read them."""
    return ", ".join(f"{name} {text or '-'}" for name, text in parts)


def join_looks(left: list[Leftover]) -> list[Leftover]:
    """Return lines in which equal formats of a row or column without a place are one."""

    def about(line: Leftover) -> tuple[str, ...]:
        return line.sheet, line.code, line.content, line.reason, line.source

    looks = sorted((line for line in left if line.what == "format"), key=about)
    joined = [line for line in left if line.what != "format"]
    for _, group in groupby(looks, about):
        first, *others = group
        count = f" (+{len(others)})" if others else ""
        joined.append(replace(first, content=f"{first.content}{count}"))
    return joined


class CellNotes(EditKind):
    """Comments on cells."""

    name = "comment"

    def read(self, pair: SheetPair) -> Iterator[Edit]:
        """Yield the notes that the other workbook has not."""
        name = pair.name
        before = dict(pair.origin.comments)
        for (sheet, position), note in pair.edited.comments.items():
            if sheet != name:
                continue
            counterpart = pair.mover.cell(name, position) or (0, 0)
            old = before.pop((name, counterpart), None)
            if old is None or not _is_same_note(note.text, old.text):
                text = ": ".join(filter(None, (note.author, note.text)))
                yield pair.edit_cell(self.name, position, note, text=text)

    def draw(self, target: Target, edit: Edit) -> None:
        """Write them beside the notes that the sheets have."""
        editor = target.sheet(edit.sheet)
        present = target.comments.items()
        if editor.notes is None:
            editor.notes = {
                cell: note for (name, cell), note in present if name == edit.sheet
            }
        editor.notes = {**editor.notes, edit.where: edit.value}
        target.placed["comments"] += 1


def _is_same_note(note: str, other: str) -> bool:
    """Tell whether notes are the same; programs without threads do not save who answered."""
    lines = note.splitlines()
    others = other.splitlines()
    if len(lines) != len(others):
        return False
    return all(
        line.endswith(end) or end.endswith(line)
        for line, end in zip(lines, others, strict=True)
    )


class Rules(EditKind):
    """Conditional formats and validations."""

    name = "rule"

    def read(self, pair: SheetPair) -> Iterator[Edit]:
        """Yield the rules that the other sheet has not, whatever program spelled these."""
        identities = [identity(rule) for rule in pair.drawn.rules]
        # Each is drawn before all others.
        for rule in sorted(pair.mine.rules, key=lambda rule: -rule.priority):
            if identity(rule) not in identities:
                text = rule.described()
                cell = areas_text(rule.areas)
                yield pair.edit(
                    self.name, rule.areas, rule, text=text, cell=cell, what=rule.kind
                )

    def move(self, edit: Edit, mover: Mover, left: list[Leftover]) -> Edit | None:
        """Return it for its cells as they stand now, in as many pieces as they are in."""
        rule: CellRule = edit.value
        pieces = (mover.pieces(edit.sheet, area) for area in rule.areas)
        areas = tuple(chain.from_iterable(pieces))
        if rule.is_fixed or not areas:
            left.append(edit.leftover("kind" if rule.is_fixed else "gone"))
            return None
        old = rule.areas[0][0]
        new = areas[0][0]
        followed = [
            mover.follow(text, edit.sheet, (old, new)) for text in rule.formulas
        ]
        if lost := [*chain.from_iterable(several for _, several in followed)]:
            left.append(edit.leftover("reference", lost))
            return None
        formulas = tuple(text for text, _ in followed)
        rule = replace(rule, areas=areas, formulas=formulas)
        where = areas if rule.kind == VALIDATION else (areas, rule.attributes, formulas)
        return replace(edit, where=where, value=rule)

    def draw(self, target: Target, edit: Edit) -> None:
        """Add them to the sheets; a cell has one validation."""
        rule: CellRule = edit.value
        if rule.kind == FORMAT:
            self._add_format(target, edit.sheet, rule)
            target.placed["conditional_formats"] += 1
            return
        # Of two hands' validations for a cell the first one holds.
        given = target.validated.setdefault(edit.sheet, [])
        free = tuple(_without(rule.areas, given))
        if free != rule.areas:
            target.leave(edit, "taken")
            if not free or any(map(_NAMES_CELLS.search, rule.formulas)):
                return
        given += free
        self._add_validation(target, edit.sheet, replace(rule, areas=free))
        target.placed["validations"] += 1

    @staticmethod
    def _add_format(target: Target, sheet: str, rule: CellRule) -> None:
        """Add a conditional format, before all others."""
        editor = target.sheet(sheet)
        for other in editor.root.iter():
            if other.tag.endswith("cfRule"):
                other.set("priority", str(int(other.get("priority", "0")) + 1))
        attributes = {**dict(rule.attributes), "priority": "1"}
        if rule.dxf:
            attributes["dxfId"] = str(target.styles.add("dxfs", read_markup(rule.dxf)))
        element = editor.add("conditionalFormatting", {"sqref": areas_text(rule.areas)})
        inside = "".join(
            f"<formula>{escape_xml(text)}</formula>" for text in rule.formulas
        )
        written = " ".join(
            f"{name}={in_quotes(text)}" for name, text in attributes.items()
        )
        editor.append(element, f"<cfRule {written}>{inside}{rule.body}</cfRule>")

    @staticmethod
    def _add_validation(target: Target, sheet: str, rule: CellRule) -> None:
        """Add a validation, and take its cells from those that the template has."""
        editor = target.sheet(sheet)
        for other in list(editor.child("dataValidations")):
            areas = parse_areas(other.get("sqref", ""))
            rest = _without(areas, rule.areas)
            if rest:
                other.set("sqref", areas_text(rest))
            else:
                editor.child("dataValidations").remove(other)
        attributes = {**dict(rule.attributes), "sqref": areas_text(rule.areas)}
        element = editor.add("dataValidation", attributes, "dataValidations")
        for number, text in enumerate(rule.formulas, 1):
            editor.append(
                element, f"<formula{number}>{escape_xml(text)}</formula{number}>"
            )
        count = len(editor.child("dataValidations"))
        editor.child("dataValidations").set("count", str(count))


def identity(rule: CellRule) -> tuple[object, ...]:
    """Return what a rule of a template keeps, whatever program saved it and wherever it moved."""
    operator, formulas = rule.limits
    skeletons = tuple(map(skeleton, formulas))
    look = rule.shown[:1] if rule.kind == FORMAT else ()
    return rule.kind, dict(rule.attributes).get("type"), operator, skeletons, look


def skeleton(formula: str) -> str:
    """Return a formula without the addresses in it."""
    texts = []
    for token in normalise_formula(formula, 1, 1).tokens:
        text = _LOGICAL.get(token.text, token.text)
        texts.append("#" if token.ref is not None else text)
    return "".join(texts)


def _without(areas: Iterable[Rectangle], taken: Sequence[Rectangle]) -> list[Rectangle]:
    """Return what of areas is in none of some others."""
    pieces = (subtract_rectangles(area, taken) for area in areas)
    return [*chain.from_iterable(pieces)]


class _Axis(NamedTuple):
    """The rows or the columns of a sheet, and where they stand in the other workbook."""

    name: str
    lines: Mapping[int, LineFormat]
    drawn_lines: Mapping[int, LineFormat]
    counterpart: Callable[[int], int | None]
    keys: Lines

    def changed(self, number: int, *, is_filtered: bool) -> LineFormat:
        """Return what of a line a user set."""
        line = self.lines[number]
        drawn_number = self.counterpart(number)
        before = self.drawn_lines.get(drawn_number or 0, LineFormat())
        size = None
        if not self.keys.of(number)[0].startswith(SPARE):
            size = _size_set(self.name, line, before, drawn_number)
        return LineFormat(
            # What a filter hides comes back with it, and the filter is listed.
            line.hidden and not is_filtered and not before.hidden,
            size,
            line.level if line.level != before.level else 0,
        )

    def described(self, number: int, line: LineFormat) -> str:
        """Return a line and what is set of it as people read them."""
        key, behind = self.keys.of(number)
        place = f"+{behind}" if behind else ""
        words = (self.name, key.removeprefix(OWN), place, line.text)
        return " ".join(filter(None, words))


class RowsAndColumns(EditKind):
    """Hidden rows, columns and sheets, sizes, and levels of groups."""

    name = "line"

    def read(self, pair: SheetPair) -> Iterator[Edit]:
        """Yield the lines that a user hid, sized or grouped."""
        if [sheet.state == "visible" for sheet in pair.sheets] == [False, True]:
            yield pair.edit(self.name, ("sheet", 0), True, text="sheet hidden")
        mine = pair.mine
        drawn = pair.drawn
        grid = pair.edited.anchors.grid(pair.name)
        filtered = range(0)
        if mine.filtered:
            first, _, last, _ = parse_range(mine.filtered)
            filtered = range(first, last + 1)
        rows = _Axis("row", mine.rows, drawn.rows, pair.row, keys=grid.rows)
        yield from self._read_lines(pair, rows, filtered)
        columns = _Axis(
            "column", mine.columns, drawn.columns, pair.column, keys=grid.columns
        )
        yield from self._read_lines(pair, columns, range(0))

    def _read_lines(
        self, pair: SheetPair, axis: _Axis, filtered: range
    ) -> Iterator[Edit]:
        for number in axis.lines:
            new = axis.changed(number, is_filtered=number in filtered)
            if number <= axis.keys.end + NEAR and new != LineFormat():
                text = axis.described(number, new)
                yield pair.edit(self.name, (axis.name, number), new, text=text)

    def find_place(self, edit: Edit, mover: Mover) -> Edit | None:
        """Return it for the line as it stands now."""
        axis, number = edit.where
        if axis == "sheet":
            return edit
        line = (mover.row if axis == "row" else mover.column)(edit.sheet, number)
        return None if line is None else replace(edit, where=(axis, line))

    def draw(self, target: Target, edit: Edit) -> None:
        """Hide sheets but for the one that shows first; set rows and columns."""
        axis, number = edit.where
        line = edit.value
        editor = target.sheet(edit.sheet)
        target.placed["lines"] += 1
        if axis == "sheet":
            target.hidden.add(edit.sheet)
            return
        attributes = {"hidden": "1"} if line.hidden else {}
        if line.level:
            attributes["outlineLevel"] = str(line.level)
            outline = editor.child("sheetFormatPr")
            name = "outlineLevelRow" if axis == "row" else "outlineLevelCol"
            outline.attrib.setdefault("defaultRowHeight", str(_HEIGHT))
            level = max(line.level, int(outline.get(name, "0")))
            outline.set(name, str(level))
        if axis == "row":
            size = {"ht": f"{line.size:g}", "customHeight": "1"} if line.size else {}
            editor.rows[number] = {**attributes, **size}
        else:
            size = {"width": f"{line.size:g}", "customWidth": "1"} if line.size else {}
            editor.set_column(number, {**attributes, **size})


def _size_set(
    axis: str, line: LineFormat, before: LineFormat, drawn_number: int | None
) -> float | None:
    """Return the size that a user set; programs round what is drawn."""
    usual = before.size or (_HEIGHT if axis == "row" else None)
    if not line.size or usual is None:
        return line.size or None if drawn_number is None else None
    rounded = 1 if axis == "row" else 0.8 + _WIDTH * usual
    return line.size if abs(line.size - usual) >= rounded else None


class Hyperlinks(EditKind):
    """Where cells lead."""

    name = "hyperlink"

    def read(self, pair: SheetPair) -> Iterator[Edit]:
        """Yield the links of cells that lead nowhere in the other workbook."""
        for position, target in pair.mine.links.items():
            if pair.counterpart(position) not in pair.drawn.links:
                yield pair.edit_cell(
                    self.name, position, target, text=target, what="link"
                )

    def move(self, edit: Edit, mover: Mover, left: list[Leftover]) -> Edit | None:
        """Return it where its cell stands; where the cell it led to is gone, it is listed, too."""
        moved = super().move(edit, mover, left)
        if moved is not None and edit.value.startswith("#"):
            target, lost = mover.follow(edit.value[1:], edit.sheet)
            if lost:
                left.append(edit.leftover("reference"))
            else:
                moved = replace(moved, value=f"#{target}")
        return moved

    def draw(self, target: Target, edit: Edit) -> None:
        """Let cells lead there."""
        editor = target.sheet(edit.sheet)
        address, _, inside = edit.value.partition("#")
        attributes = {"ref": cell_name(*edit.where)}
        if address:
            name = editor.relations.add("hyperlink", address, external=True)
            editor.root.set(named("xmlns:r"), Relations.NAMESPACE)
            attributes[named("r:id")] = name
        attributes |= {"location": inside} if inside else {}
        editor.add("hyperlink", attributes, "hyperlinks")
        target.placed["links"] += 1


class Names(EditKind):
    """Defined names of the user's own; they belong to no sheet and are read by workbook."""

    name = "name"

    def move(self, edit: Edit, mover: Mover, left: list[Leftover]) -> Edit | None:
        """Return it with its formula led along."""
        formula, lost = mover.follow(edit.value, "")
        if lost:
            left.append(edit.leftover("reference"))
        return None if lost else replace(edit, value=formula)

    def draw(self, target: Target, edit: Edit) -> None:
        """Define them, unless the template has such names."""
        if edit.where not in target.book.names:
            target.names["", edit.where] = edit.value
            target.placed["names"] += 1
