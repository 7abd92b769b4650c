"""What people set on whole sheets: colour of the tab, frozen panes, a filter, pages; and its order.

A kind is one class, listed in `_KINDS`: it reads what it needs from the features of the sheets or
from the XML around their rows, and draws it. How a sheet is seen, protected and printed is one line
a kind, in `xlsx.page_settings`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from functools import partial
from typing import Any, Protocol

from xlcity.workbook.drawing.printing import FOOTER as DRAWN_FOOTER
from xlcity.workbook.migrate.cell_keys import Lines
from xlcity.workbook.migrate.kinds import (
    CarriedKind,
    Hyperlinks,
    MergedCells,
    RowsAndColumns,
    Rules,
    SheetPair,
    Target,
)
from xlcity.workbook.migrate.user_edits import (
    AREA,
    BUTTONS,
    COLOUR,
    PANES,
    PLACE,
    TITLES,
    Key,
    SheetSetting,
)
from xlcity.xlsx.address import (
    MAX_COLUMNS,
    MAX_ROWS,
    cell_name,
    column_letters,
    column_number,
    parse_range,
    quote_sheet,
)
from xlcity.xlsx.features import Rectangle
from xlcity.xlsx.page_settings import (
    BREAKS,
    ELEMENTS,
    FITTED,
    FOOTER,
    PROTECTION,
    RANGES,
    SCALE,
    TEXTS,
    VIEWS,
    read_breaks,
    setting_text,
)

#: What a tab stands behind that stands behind all of a template.
_LAST = "@end"
#: What is said where something was taken away.
_NONE = "none"
#: Footers with another title on more sheets than these are those of a template called otherwise.
_FEW = 5
#: A picture in a header or footer, which cannot be copied.
_PICTURE = "&G"
Place = Callable[[int], int | None]


class SheetKind(Protocol):
    """One kind of what is set on a whole sheet."""

    def read(self, pair: SheetPair) -> Iterator[tuple[str, SheetSetting]]:
        """Yield name and value of what is set otherwise than in the template."""

    def draw(self, sheet: Any, setting: SheetSetting, target: Target) -> bool:
        """Draw it; tell whether its cells are still there."""


class TabColour:
    """The colour of the tab."""

    def read(self, pair: SheetPair) -> Iterator[tuple[str, SheetSetting]]:
        """Yield it where it differs."""
        mine, drawn = pair.mine.colour, pair.drawn.colour
        if mine != drawn and (mine or pair.keeps):
            yield COLOUR, SheetSetting((mine,), mine or _NONE)

    def draw(self, sheet: Any, setting: SheetSetting, target: Target) -> bool:
        """Colour the tab, or not."""
        sheet.tab_color = None
        if setting.meaning[0]:
            sheet.set_tab_color(f"#{setting.meaning[0]}")
        return True


class FrozenPanes:
    """Rows and columns that stay in sight, by what the last ones are about."""

    def read(self, pair: SheetPair) -> Iterator[tuple[str, SheetSetting]]:
        """Yield them where they differ."""
        down, right = pair.mine.frozen
        frozen = down and pair.rows[down], right and pair.columns[right]
        if frozen != pair.drawn.frozen and (down or right or pair.keeps):
            setting = SheetSetting((), _NONE)
            if down or right:
                corner = pair.old.of(pair.name, (down or 1, right or 1))
                text = cell_name(down + 1, right + 1)
                setting = SheetSetting((corner, bool(down), bool(right)), text)
            yield PANES, setting

    def draw(self, sheet: Any, setting: SheetSetting, target: Target) -> bool:
        """Freeze them, or none."""
        row = column = 0
        if setting.meaning:
            corner, down, right = setting.meaning
            if (position := target.places.find(corner)) is None:
                return False
            row, column = down and position[0], right and position[1]
        sheet.panes, sheet.top_left_cell = [], ""
        if row or column:
            sheet.freeze_panes(row, column)
        return True


class FilterButtons:
    """A filter that hides nothing."""

    def read(self, pair: SheetPair) -> Iterator[tuple[str, SheetSetting]]:
        """Yield its cells where they differ; a filter that hides rows is listed."""
        mine, drawn = pair.mine.buttons, pair.drawn.buttons
        if pair.mine.filtered:
            return
        if not mine:
            if drawn:
                yield BUTTONS, SheetSetting((), _NONE)
            return
        area = parse_range(mine)
        if not drawn or _drawn_area(pair, area) != parse_range(drawn):
            yield BUTTONS, SheetSetting(pair.corners(area), mine, pair.old)

    def draw(self, sheet: Any, setting: SheetSetting, target: Target) -> bool:
        """Set it on the cells as they stand now, or take it away."""
        area = None
        if setting.home is not None:
            area = _area_with_new_lines(target, sheet.name, setting, parse_range(setting.text))
            if area is None:
                return False
        sheet.autofilter_area, sheet.autofilter_ref = "", None
        if area is not None:
            sheet.autofilter(*(number - 1 for number in area))
        return True


class PageBreaks:
    """Where pages end by hand."""

    def read(self, pair: SheetPair) -> Iterator[tuple[str, SheetSetting]]:
        """Yield the last rows and columns of pages where they differ."""
        rows, columns = read_breaks(pair.mine.root)
        drawn_breaks = [{pair.rows[n] for n in rows}, {pair.columns[n] for n in columns}]
        if drawn_breaks != [*map(set, read_breaks(pair.drawn.root))]:
            meaning = (
                tuple(pair.old.of(pair.name, (n, 1)) for n in sorted(rows)),
                tuple(pair.old.of(pair.name, (1, n)) for n in sorted(columns)),
            )
            yield BREAKS, SheetSetting(meaning, pair.mine.page[BREAKS] or _NONE)

    def draw(self, sheet: Any, setting: SheetSetting, target: Target) -> bool:
        """End pages there."""
        rows, columns = ([target.places.find(a) for a in anchors] for anchors in setting.meaning)
        if None in rows or None in columns:
            return False
        sheet.set_h_pagebreaks([position[0] for position in rows if position])
        sheet.set_v_pagebreaks([position[1] for position in columns if position])
        return True


class PrintedCells:
    """What is printed of a sheet, or on each page of it."""

    def __init__(self, kind: str, title: str) -> None:
        self.kind, self.title = kind, title

    def read(self, pair: SheetPair) -> Iterator[tuple[str, SheetSetting]]:
        """Yield the areas where they differ."""
        mine, drawn = (
            areas_in(book.local_names.get((pair.name, self.title), "")) for book in pair.books
        )
        if mine != drawn and [_drawn_area(pair, area) for area in mine] != drawn:
            text = ",".join(map(area_text, mine))
            yield self.kind, SheetSetting(tuple(map(pair.corners, mine)), text or _NONE, pair.old)

    def draw(self, sheet: Any, setting: SheetSetting, target: Target) -> bool:
        """Print the areas as they stand now."""
        areas = [
            _area_with_new_lines(target, sheet.name, setting, area)
            for area in areas_in(setting.text)
        ]
        if None in areas:
            return False
        texts = (area_text(area) for area in areas if area is not None)
        printed = ",".join(f"{quote_sheet(sheet.name)}!{text}" for text in texts)
        if self.kind == AREA:
            sheet.print_area_range = printed
        else:
            sheet.repeat_row_range, sheet.repeat_col_range = printed, ""
        return True


class PageSetting:
    """A line of `xlsx.page_settings`: how a sheet is seen, protected and printed."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def read(self, pair: SheetPair) -> Iterator[tuple[str, SheetSetting]]:
        """Yield it where it differs."""
        mine, drawn = (side.settings.get(self.kind, ()) for side in (pair.mine, pair.drawn))
        lost = not pair.keeps and self.kind in VIEWS and not mine
        if mine != drawn and not lost:
            yield self.kind, SheetSetting(mine, setting_text(self.kind, mine))

    def draw(self, sheet: Any, setting: SheetSetting, target: Target) -> bool:
        """Set it; what it does not name is as usual."""
        if self.kind == RANGES or any(_PICTURE in text for _, text in setting.meaning):
            return False
        given = dict(setting.meaning)
        element, usual = ELEMENTS.get(self.kind, ("", {}))
        if self.kind in TEXTS:
            sheet.page_texts |= {tag: given.pop(tag, "") for tag in TEXTS[self.kind]}
            sheet.give("headerFooter", {})
        elif self.kind == SCALE:
            sheet.fit_page = bool(given.pop(FITTED[0], ""))
        elif self.kind == PROTECTION:
            sheet.protect_options = {}
            if given:
                sheet.protect()
        if "zoomScale" in usual:
            given["zoomScaleNormal"] = given.get("zoomScale", "")
        if element:
            # All margins are required.
            plain = usual if element == "pageMargins" else dict.fromkeys(usual, "")
            sheet.give(element, {**plain, **given})
        return True


_KINDS: Mapping[str, SheetKind] = {
    COLOUR: TabColour(),
    PANES: FrozenPanes(),
    BUTTONS: FilterButtons(),
    BREAKS: PageBreaks(),
    AREA: PrintedCells(AREA, "_xlnm.Print_Area"),
    TITLES: PrintedCells(TITLES, "_xlnm.Print_Titles"),
    **{kind: PageSetting(kind) for kind in (*ELEMENTS, *TEXTS, RANGES)},
}


class SheetSettings:
    """All that is set on whole sheets."""

    name = "setting"

    def read(self, pair: SheetPair) -> Iterator[tuple[Key, SheetSetting]]:
        """Yield what differs."""
        for kind in _KINDS.values():
            for name, setting in kind.read(pair):
                yield (self.name, pair.name, name), setting

    def draw(self, target: Target, entries: Mapping[Key, SheetSetting]) -> None:
        """Draw it, or list it; places of tabs are those of `order_of`."""
        for key, setting in entries.items():
            _, sheet, kind = key
            if kind == PLACE:
                continue
            if sheet in target.sheets and _KINDS[kind].draw(target.sheets[sheet], setting, target):
                target.placed["settings"] += 1
            else:
                target.leave(key, setting)


#: What people set on sheets, in the order in which it is drawn.
KINDS: tuple[CarriedKind, ...] = (
    Rules(),
    MergedCells(),
    RowsAndColumns(),
    SheetSettings(),
    Hyperlinks(),
)


def _drawn_area(pair: SheetPair, area: Rectangle) -> Rectangle | None:
    return moved_area(area, pair.rows.__getitem__, pair.columns.__getitem__)


def _area_with_new_lines(
    target: Target, sheet: str, setting: SheetSetting, area: Rectangle
) -> Rectangle | None:
    """Return cells as they stand now, with the new cities and indicators behind the last."""
    mover = target.mover(setting.home)
    moved = moved_area(area, partial(mover.row, sheet), partial(mover.column, sheet))
    if moved is None or setting.home is None:
        return None
    old, new = setting.home.grid(sheet), target.places.grid(sheet)
    top, left, bottom, right = moved
    bottom = _end_with_new_lines(bottom, old.rows, new.rows)
    return top, left, bottom, _end_with_new_lines(right, old.columns, new.columns)


def _end_with_new_lines(end: int, old: Lines, new: Lines) -> int:
    """Return the end of a range with the new lines that follow it."""
    old_keys = {"", *old.keys.values()}
    while new.keys.get(end + 1, "") not in old_keys:
        end += 1
    return end


def without_old_title(entries: Mapping[Key, Any]) -> dict[Key, Any]:
    """Return entries without the footer of most sheets, if it differs in the title alone.

    The index was called otherwise when the template was drawn: nobody set it.
    """
    footers = {
        key: setting.meaning
        for key, setting in entries.items()
        if (key[0], key[-1]) == ("setting", FOOTER)
        and any(text.endswith(DRAWN_FOOTER) for _, text in setting.meaning)
    }
    old = next((text for text, n in Counter(footers.values()).most_common(1) if n > _FEW), None)
    return {key: value for key, value in entries.items() if footers.get(key, ()) != old}


def areas_in(text: str) -> list[Rectangle]:
    """Return areas by their addresses, whole rows and columns from the first cell to the last."""
    areas = []
    for area in text.replace("$", "").split(",") if text else ():
        first, _, last = area.rpartition("!")[2].partition(":")
        ends = [re.fullmatch(r"([A-Z]*)(\d*)", end) for end in (first, last or first)]
        if None in ends:
            continue  # #REF!, or a formula
        start, end = (match.groups() for match in ends if match is not None)
        areas.append((
            int(start[1] or 1), column_number(start[0]) or 1,
            int(end[1] or MAX_ROWS), column_number(end[0]) or MAX_COLUMNS,
        ))  # fmt: skip
    return sorted(areas)


def area_text(area: Rectangle) -> str:
    """Return an area of what is printed as it is written in names."""
    top, left, bottom, right = area
    if (left, right) == (1, MAX_COLUMNS):
        return f"${top}:${bottom}"
    if (top, bottom) == (1, MAX_ROWS):
        return f"${column_letters(left)}:${column_letters(right)}"
    return ":".join(dict.fromkeys(
        f"${column_letters(column)}${row}" for row, column in ((top, left), (bottom, right))
    ))  # fmt: skip


def moved_area(area: Rectangle, rows: Place, columns: Place) -> Rectangle | None:
    """Return where the cells of an area are now, whatever their order; all lines stay all."""
    top, left, bottom, right = area
    if (bottom, right) == (MAX_ROWS, MAX_COLUMNS):
        return area  # the last cell, which is empty
    all_down, all_across = (top, bottom) == (1, MAX_ROWS), (left, right) == (1, MAX_COLUMNS)
    down = [1, MAX_ROWS] if all_down else [*map(rows, range(top, bottom + 1))]
    across = [1, MAX_COLUMNS] if all_across else [*map(columns, range(left, right + 1))]
    down, across = ([n for n in lines if n is not None] for lines in (down, across))
    return (min(down), min(across), max(down), max(across)) if down and across else None


def read_places(
    tabs: Iterable[str], drawn: Sequence[str], pages: Sequence[str]
) -> dict[Key, SheetSetting]:
    """Return behind which tab each own sheet stands, and each one of the template's that was moved.

    Parameters
    ----------
    tabs
        The sheets of the workbook in order.
    drawn, pages
        Those of the template in its order, and the user's own.
    """
    order = [name for name in tabs if name in drawn or name in pages]
    present = [name for name in order if name in drawn]
    template_tabs = [name for name in drawn if name in present]
    blocks = SequenceMatcher(None, template_tabs, present, autojunk=False).get_matching_blocks()
    unmoved = {name for block in blocks for name in template_tabs[block.a : block.a + block.size]}
    entries = {}
    for before, name in zip(["", *order], order, strict=False):
        if name in pages or name not in unmoved:
            behind = _LAST if template_tabs and before == template_tabs[-1] else before
            text = f"behind {before}" if before else "first"
            entries["setting", name, PLACE] = SheetSetting((behind,), text)
    return entries


def retitled(entries: Mapping[Key, Any], titles: Mapping[str, str]) -> dict[Key, Any]:
    """Return entries with the places of tabs that are called otherwise: old -> new."""
    new = {}
    for key, value in entries.items():
        if (key[0], key[-1]) == ("setting", PLACE):
            key = ("setting", titles.get(key[1], key[1]), PLACE)
            behind = value.meaning[0]
            value = replace(value, meaning=(titles.get(behind, behind),))
        new[key] = value
    return new


def order_of(names: Sequence[str], entries: Mapping[Key, Any]) -> list[str]:
    """Return the tabs of a workbook in the order that people gave them."""
    behind: dict[str, list[str]] = {}
    places = {name: entries.get(("setting", name, PLACE)) for name in names}
    last = next((name for name in reversed(names) if places[name] is None), "")
    for name, setting in places.items():
        if setting is not None:
            before = str(setting.meaning[0])
            behind.setdefault(last if before == _LAST else before, []).append(name)
    order: list[str] = []

    def take(name: str) -> None:
        if name:
            order.append(name)
        for follower in behind.pop(name, ()):
            take(follower)

    take("")
    for name in names:
        if places[name] is None:
            take(name)
    # Behind a sheet that is gone, or behind each other.
    return [*order, *(name for name in names if name not in order)]
