"""What people set on whole sheets: colour of the tab, frozen panes, a filter, pages; and its order.

A setting is one class: it reads what it needs from the features of the sheets or from the XML
around their rows, moves it, and draws it. How a sheet is seen, protected and printed is one line a
setting, in `xlsx.page_settings`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from xlcity.workbook.drawing.grid import Area
from xlcity.workbook.drawing.printing import FOOTERS
from xlcity.workbook.migrate.cell_keys import Lines
from xlcity.workbook.migrate.edits import Edit, EditKind, SheetPair, Target
from xlcity.workbook.migrate.kinds import (
    CellNotes,
    Cells,
    Hyperlinks,
    Looks,
    Names,
    RowsAndColumns,
    Rules,
)
from xlcity.workbook.migrate.mover import Mover
from xlcity.xlsx.address import (
    MAX_COLUMNS,
    MAX_ROWS,
    cell_name,
    column_letters,
    column_number,
    parse_range,
    quote_sheet,
)
from xlcity.xlsx.editing.sheet_editor import SheetEditor
from xlcity.xlsx.features import Rectangle, areas_text
from xlcity.xlsx.formulas.tokens import REFERENCES, find_corners, lex
from xlcity.xlsx.page_settings import (
    BREAKS,
    ELEMENTS,
    FITTED,
    FOOTER,
    HEADER,
    RANGES,
    SCALE,
    TEXTS,
    VIEWS,
    read_breaks,
    setting_text,
)

#: Colour of a tab; frozen rows and columns; a filter that hides nothing; what is printed, and
#: which rows and columns on each page.
COLOUR = "tab colour"
PANES = "frozen panes"
BUTTONS = "filter"
AREA = "print area"
TITLES = "print titles"
_NAMES = {AREA: "_xlnm.Print_Area", TITLES: "_xlnm.Print_Titles"}
_FILTER_NAME = "_xlnm._FilterDatabase"
#: What is said where something was taken away.
_NONE = "none"
#: Footers with another title on more sheets than these are those of a template called otherwise.
_FEW = 5
#: A picture in a header or footer, which cannot be copied.
_PICTURE = "&G"


class Setting(EditKind):
    """One thing that is set on a whole sheet.

    Parameters
    ----------
    name
        What it is called.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def read(self, pair: SheetPair) -> Iterator[Edit]:
        """Yield it, where it differs from the other sheet."""
        for value, text in self.read_value(pair):
            yield pair.edit(
                self.name, "", value, text=f"{self.name}: {text}", what="setting"
            )

    def find_place(self, edit: Edit, mover: Mover) -> Edit | None:
        """Return it as its cells stand now."""
        value = self.move_value(edit.value, edit.sheet, mover)
        return None if value is None else replace(edit, value=value)

    def draw(self, target: Target, edit: Edit) -> None:
        """Set it."""
        self.set_value(target.sheet(edit.sheet), edit.value, edit.sheet, target)
        target.placed["settings"] += 1

    def read_value(self, pair: SheetPair) -> Iterator[tuple[Any, str]]:
        """Yield its value, where that differs from the other sheet, and the same as text."""
        raise NotImplementedError

    def move_value(self, value: Any, sheet: str, mover: Mover) -> Any:
        """Return the value as its cells stand now, None if they are gone."""
        return value

    def set_value(
        self, editor: SheetEditor, value: Any, sheet: str, target: Target
    ) -> None:
        """Set it on a sheet."""
        raise NotImplementedError


class TabColour(Setting):
    """The colour of the tab."""

    def read_value(self, pair: SheetPair) -> Iterator[tuple[Any, str]]:
        """Yield it where it differs."""
        mine = pair.mine.colour
        drawn = pair.drawn.colour
        if mine != drawn and (mine or pair.edited.keeps):
            yield mine, mine or _NONE

    def set_value(
        self, editor: SheetEditor, value: Any, sheet: str, target: Target
    ) -> None:
        """Colour the tab, or not."""
        element = editor.child("sheetPr", "tabColor")
        element.attrib.clear()
        if value:
            element.set("rgb", f"FF{value}")
        else:
            editor.child("sheetPr").remove(element)


class FrozenPanes(Setting):
    """How many rows and columns stay in sight."""

    def read_value(self, pair: SheetPair) -> Iterator[tuple[Any, str]]:
        """Yield them where they differ."""
        down, right = pair.mine.frozen
        frozen = down and pair.row(down), right and pair.column(right)
        if frozen != pair.drawn.frozen and (down or right or pair.edited.keeps):
            yield (
                (down, right),
                cell_name(down + 1, right + 1) if down or right else _NONE,
            )

    def move_value(self, value: Any, sheet: str, mover: Mover) -> Any:
        """Return the last row and column as they stand now."""
        down, right = value
        down, right = (
            down and mover.row(sheet, down),
            right and mover.column(sheet, right),
        )
        return None if None in (down, right) else (down, right)

    def set_value(
        self, editor: SheetEditor, value: Any, sheet: str, target: Target
    ) -> None:
        """Freeze them, or none."""
        view = editor.child("sheetViews", "sheetView")
        view.attrib.pop("topLeftCell", None)
        for element in list(view):
            view.remove(element)
        down, right = value
        if down or right:
            pane = editor.child("sheetViews", "sheetView", "pane")
            ends = {"xSplit": right, "ySplit": down}
            corner = "bottomRight" if right else "bottomLeft"
            if not down:
                corner = "topRight"
            pane.attrib.update(
                {name: str(number) for name, number in ends.items() if number}
            )
            first = cell_name(down + 1, right + 1)
            pane.attrib.update(topLeftCell=first, activePane=corner, state="frozen")


class AreaSetting(Setting):
    """Areas of a sheet that something is set for."""

    def move_value(self, value: Any, sheet: str, mover: Mover) -> Any:
        """Return the areas as they stand now, with new cities and indicators behind the last."""
        areas = []
        for area in value:
            if (bounds := mover.bounds(sheet, area)) is None:
                return None
            top, left, bottom, right = bounds
            old = mover.old.grid(sheet)
            new = mover.new.grid(sheet)
            bottom = _end_with_new_lines(bottom, old.rows, new.rows)
            right = _end_with_new_lines(right, old.columns, new.columns)
            areas.append((top, left, bottom, right))
        return tuple(areas)


class FilterButtons(AreaSetting):
    """A filter that hides nothing."""

    def read_value(self, pair: SheetPair) -> Iterator[tuple[Any, str]]:
        """Yield its cells where they differ; a filter that hides rows is listed."""
        mine, drawn = (
            [parse_range(text)] if text else []
            for text in (pair.mine.buttons, pair.drawn.buttons)
        )
        if not pair.mine.filtered and _bounds(pair, mine) != drawn:
            yield tuple(mine), pair.mine.buttons or _NONE

    def set_value(
        self, editor: SheetEditor, value: Any, sheet: str, target: Target
    ) -> None:
        """Set it on its cells, or take it away."""
        editor.remove("autoFilter")
        target.names[sheet, _FILTER_NAME] = ""
        for area in value:
            editor.child("autoFilter").set("ref", areas_text([area]))


class PageBreaks(Setting):
    """Where pages end by hand."""

    def read_value(self, pair: SheetPair) -> Iterator[tuple[Any, str]]:
        """Yield the last rows and columns of pages where they differ."""
        rows, columns = read_breaks(pair.mine.root)
        drawn_rows, drawn_columns = map(set, read_breaks(pair.drawn.root))
        moved_rows = {pair.row(number) for number in rows}
        moved_columns = {pair.column(number) for number in columns}
        if moved_rows != drawn_rows or moved_columns != drawn_columns:
            yield (
                (tuple(sorted(rows)), tuple(sorted(columns))),
                pair.mine.page[BREAKS] or _NONE,
            )

    def move_value(self, value: Any, sheet: str, mover: Mover) -> Any:
        """Return them as they stand now."""
        rows = tuple(mover.row(sheet, n) for n in value[0])
        columns = tuple(mover.column(sheet, n) for n in value[1])
        return None if None in (*rows, *columns) else (rows, columns)

    def set_value(
        self, editor: SheetEditor, value: Any, sheet: str, target: Target
    ) -> None:
        """End pages there."""
        for tag, numbers, last in zip(
            ("rowBreaks", "colBreaks"),
            value,
            (MAX_COLUMNS - 1, MAX_ROWS - 1),
            strict=True,
        ):
            editor.remove(tag)
            for number in numbers:
                editor.add(
                    "brk", {"id": str(number), "max": str(last), "man": "1"}, tag
                )
            if numbers:
                count = str(len(numbers))
                editor.child(tag).attrib.update(count=count, manualBreakCount=count)


class PrintedCells(AreaSetting):
    """What is printed of a sheet, or on each page of it."""

    def read_value(self, pair: SheetPair) -> Iterator[tuple[Any, str]]:
        """Yield the areas where they differ."""
        name = _NAMES[self.name]
        mine, drawn = (
            areas_in(opened.book.local_names.get((pair.name, name), ""))
            for opened in (pair.edited, pair.origin)
        )
        if mine != drawn and _bounds(pair, mine) != drawn:
            yield tuple(mine), ",".join(map(area_text, mine)) or _NONE

    def set_value(
        self, editor: SheetEditor, value: Any, sheet: str, target: Target
    ) -> None:
        """Print them."""
        areas = (f"{quote_sheet(sheet)}!{area_text(area)}" for area in value)
        target.names[sheet, _NAMES[self.name]] = ",".join(areas)


class PageSetting(Setting):
    """A line of `xlsx.page_settings`: how a sheet is seen, protected and printed."""

    def read_value(self, pair: SheetPair) -> Iterator[tuple[Any, str]]:
        """Yield it where it differs."""
        mine, drawn = (
            side.settings.get(self.name, ()) for side in (pair.mine, pair.drawn)
        )
        lost = not pair.edited.keeps and self.name in VIEWS and not mine
        if mine != drawn and not lost:
            yield mine, setting_text(self.name, mine)

    def move_value(self, value: Any, sheet: str, mover: Mover) -> Any:
        """Return it, if it can be copied."""
        no_copy = self.name == RANGES or any(_PICTURE in text for _, text in value)
        return None if no_copy else value

    def set_value(
        self, editor: SheetEditor, value: Any, sheet: str, target: Target
    ) -> None:
        """Set it; what it does not name is as usual."""
        given = dict(value)
        path, usual = ELEMENTS.get(self.name, ("", {}))
        if self.name in TEXTS:
            names = TEXTS[self.name]
            _set_texts(editor, {name: given.pop(name, "") for name in names})
        elif self.name == SCALE:
            name, fitted = FITTED
            attributes = editor.child("sheetPr", "pageSetUpPr").attrib
            attributes.pop(name, None)
            if given.pop(name, ""):
                attributes[name] = fitted
        if "zoomScale" in usual:
            given["zoomScaleNormal"] = given.get("zoomScale", "")
        if not path:
            return
        element = editor.child(*path.split("/"))
        for name in usual:
            element.attrib.pop(name, None)
        # All margins are required.
        if path == "pageMargins":
            given = {**usual, **given}
        element.attrib.update({name: text for name, text in given.items() if text})
        if not element.attrib and not len(element) and "/" not in path:
            editor.remove(path)


def _set_texts(editor: SheetEditor, texts: Mapping[str, str]) -> None:
    """Set headers and footers; those without a text are taken away."""
    for name, text in texts.items():
        element = editor.child("headerFooter", name)
        element.text = text
        if not text:
            editor.child("headerFooter").remove(element)


#: What people type and set, in the order in which it is drawn.
KINDS: tuple[EditKind, ...] = (
    Cells(),
    Looks(),
    Rules(),
    RowsAndColumns(),
    TabColour(COLOUR),
    FrozenPanes(PANES),
    FilterButtons(BUTTONS),
    PageBreaks(BREAKS),
    *map(PrintedCells, _NAMES),
    *map(PageSetting, (*ELEMENTS, HEADER, FOOTER, RANGES)),
    Hyperlinks(),
    CellNotes(),
    Names(),
)


def _bounds(pair: SheetPair, areas: Iterable[Rectangle]) -> list[Rectangle | None]:
    return [pair.mover.bounds(pair.name, area) for area in areas]


def _end_with_new_lines(end: int, old: Lines, new: Lines) -> int:
    """Return the end of a range with the new lines that follow it."""
    old_keys = {"", *old.keys.values()}
    while new.keys.get(end + 1, "") not in old_keys:
        end += 1
    return end


def without_old_title(edits: Sequence[Edit]) -> list[Edit]:
    """Return edits without the footer of most sheets, if it differs in the title alone.

    The index had another name when the template was drawn; the footer was not typed.
    """
    drawn = tuple(FOOTERS.values())

    def is_drawn(footer: Iterable[tuple[str, str]]) -> bool:
        return any(text.endswith(drawn) for _, text in footer)

    typed = (edit.value for edit in edits if edit.kind == FOOTER)
    footers = Counter(filter(is_drawn, typed))
    old = next(
        (value for value, number in footers.most_common(1) if number > _FEW), None
    )
    return [edit for edit in edits if edit.kind != FOOTER or edit.value != old]


def areas_in(text: str) -> list[Rectangle]:
    """Return areas by their addresses, whole rows and columns from the first cell to the last."""
    areas = []
    for piece in lex(text):
        if piece.lastgroup in REFERENCES:
            ends = find_corners(piece)
            top = int(ends[0][4] or 1)
            left = column_number(ends[0][2] or "A")
            bottom = int(ends[-1][4] or MAX_ROWS)
            right = column_number(ends[-1][2] or column_letters(MAX_COLUMNS))
            areas.append((top, left, bottom, right))
    return sorted(areas)


def area_text(area: Rectangle) -> str:
    """Return an area of what is printed as it is written in names."""
    top, left, bottom, right = area
    if (left, right) == (1, MAX_COLUMNS):
        return f"${top}:${bottom}"
    if (top, bottom) == (1, MAX_ROWS):
        return f"${column_letters(left)}:${column_letters(right)}"
    return Area("", *area).ref(home="")
