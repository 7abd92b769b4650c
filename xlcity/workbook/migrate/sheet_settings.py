"""What people set on whole sheets: colour and place of the tab, frozen panes, a filter, pages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from xlcity.workbook.drawing.printing import FOOTER as DRAWN_FOOTER
from xlcity.workbook.migrate.cell_keys import Anchors
from xlcity.workbook.migrate.unplaced import Leftover
from xlcity.workbook.migrate.user_edits import (
    AREA,
    BREAKS,
    BUTTONS,
    COLOUR,
    PANES,
    PLACE,
    TITLES,
    SettingKey,
    SheetSetting,
)
from xlcity.xlsx.address import (
    MAX_COLUMNS,
    MAX_ROWS,
    cell_name,
    column_letters,
    column_number,
    parse_range,
)
from xlcity.xlsx.cells import ReadBook
from xlcity.xlsx.features import Features, Rectangle, SheetView
from xlcity.xlsx.page_settings import (
    FOOTER,
    VIEWS,
    PageSetup,
    setting_text,
)

#: What is printed -> the name that says so.
PRINT_NAMES = {AREA: "_xlnm.Print_Area", TITLES: "_xlnm.Print_Titles"}
#: What a tab stands behind that stands behind all of a template.
_LAST = "@end"
#: What is said where something was taken away.
_NONE = "none"

#: Footers with another title on more sheets than these are those of a template called otherwise.
_FEW = 5
Place = Callable[[int], int | None]


def read_settings(
    old: Anchors, name: str, sheets: tuple[Features, Features], lines: tuple[Place, Place],
    books: tuple[ReadBook, ReadBook], *, keeps: bool,
) -> Iterator[tuple[SettingKey, SheetSetting]]:  # fmt: skip
    """Yield what is set otherwise on a sheet than the template has it.

    Parameters
    ----------
    old
        What the cells of the workbook are about.
    name, sheets, books
        The sheet, what it has beside cells in the workbook and in the template, and their cells.
    lines
        Where a row and a column are in the template as it is drawn.
    keeps
        Whether the program that saved the workbook keeps all colours and panes; LibreOffice
        loses them where it converts files without a window.
    """
    views = sheets[0].view, sheets[1].view
    yield from _view(old, name, *views, *lines, criteria=bool(sheets[0].filtered), keeps=keeps)
    yield from _pages(name, *views, keeps=keeps)
    yield from _breaks(old, name, sheets[0].page, sheets[1].page, *lines)
    yield from _printed(old, name, *books, *lines)


def _view(
    old: Anchors, name: str, mine: SheetView, drawn: SheetView, rows: Place, columns: Place,
    *, criteria: bool, keeps: bool,
) -> Iterator[tuple[SettingKey, SheetSetting]]:  # fmt: skip
    """Yield colour of the tab, panes and filter."""
    if mine.colour != drawn.colour and (mine.colour or keeps):
        yield (name, COLOUR), SheetSetting((mine.colour,), mine.colour or _NONE)
    down, right = mine.frozen
    here = down and rows(down), right and columns(right)
    if here != drawn.frozen and (down or right or keeps):
        setting = SheetSetting((), _NONE)
        if down or right:
            corner = old.of(name, (down or 1, right or 1))
            text = cell_name(down + 1, right + 1)
            setting = SheetSetting((corner, bool(down), bool(right)), text)
        yield (name, PANES), setting
    if criteria:
        return
    if not mine.buttons:
        if drawn.buttons:
            yield (name, BUTTONS), SheetSetting((), _NONE)
        return
    area = parse_range(mine.buttons)
    if not drawn.buttons or led_area(area, rows, columns) != parse_range(drawn.buttons):
        corners = old.of(name, area[:2]), old.of(name, area[2:])
        yield (name, BUTTONS), SheetSetting(corners, mine.buttons, old)


def _pages(
    name: str, mine: SheetView, drawn: SheetView, *, keeps: bool
) -> Iterator[tuple[SettingKey, SheetSetting]]:
    """Yield how a sheet is seen, protected and printed."""
    for kind in dict.fromkeys((*mine.settings, *drawn.settings)):
        here, there = mine.settings.get(kind, ()), drawn.settings.get(kind, ())
        lost = not keeps and kind in VIEWS and not here
        if here != there and not lost:
            yield (name, kind), SheetSetting(here, setting_text(kind, here))


def without_old_title(
    settings: Mapping[SettingKey, SheetSetting],
) -> dict[SettingKey, SheetSetting]:
    """Return settings without the footer of most sheets, if it differs in the title alone.

    The index was called otherwise when the template was drawn: nobody set it.
    """
    footers = Counter(
        setting.meaning
        for (_, kind), setting in settings.items()
        if kind == FOOTER and any(text.endswith(DRAWN_FOOTER) for _, text in setting.meaning)
    )
    old = next((text for text, count in footers.most_common(1) if count > _FEW), None)
    return {
        key: setting
        for key, setting in settings.items()
        if key[1] != FOOTER or setting.meaning != old
    }


def _breaks(
    old: Anchors, name: str, mine: PageSetup, drawn: PageSetup, rows: Place, columns: Place
) -> Iterator[tuple[SettingKey, SheetSetting]]:
    """Yield where pages end, if it is elsewhere than in the template."""
    led = {rows(n) for n in mine.rows}, {columns(n) for n in mine.columns}
    if led != (set(drawn.rows), set(drawn.columns)):
        meaning = (
            tuple(old.of(name, (n, 1)) for n in sorted(mine.rows)),
            tuple(old.of(name, (1, n)) for n in sorted(mine.columns)),
        )
        text = dict(mine.described()).get(BREAKS, "")
        yield (name, BREAKS), SheetSetting(meaning, text or _NONE)


def _printed(
    old: Anchors, name: str, mine: ReadBook, drawn: ReadBook, rows: Place, columns: Place
) -> Iterator[tuple[SettingKey, SheetSetting]]:
    """Yield what is printed of a sheet, and on each page, if the template prints something else."""
    for kind, title in PRINT_NAMES.items():
        here, there = (areas_in(book.local_names.get((name, title), "")) for book in (mine, drawn))
        if here != there and [led_area(area, rows, columns) for area in here] != there:
            corners = tuple((old.of(name, area[:2]), old.of(name, area[2:])) for area in here)
            text = ",".join(map(area_text, here))
            yield (name, kind), SheetSetting(corners, text or _NONE, old)


def areas_in(text: str) -> list[Rectangle]:
    """Return areas by their addresses, whole rows and columns from the first cell to the last."""
    found = []
    for area in text.replace("$", "").split(",") if text else ():
        first, _, last = area.rpartition("!")[2].partition(":")
        ends = [re.fullmatch(r"([A-Z]*)(\d*)", end) for end in (first, last or first)]
        if None in ends:
            continue  # #REF!, or a formula
        start, end = (match.groups() for match in ends if match is not None)
        found.append((
            int(start[1] or 1), column_number(start[0]) or 1,
            int(end[1] or MAX_ROWS), column_number(end[0]) or MAX_COLUMNS,
        ))  # fmt: skip
    return sorted(found)


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


def led_area(area: Rectangle, rows: Place, columns: Place) -> Rectangle | None:
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
) -> dict[SettingKey, SheetSetting]:
    """Return behind which tab each own sheet stands, and each one of the template's that was moved.

    Parameters
    ----------
    tabs
        The sheets of the workbook in order.
    drawn, pages
        Those of the template in its order, and the user's own.
    """
    order = [name for name in tabs if name in drawn or name in pages]
    there = [name for name in order if name in drawn]
    kept = [name for name in drawn if name in there]
    blocks = SequenceMatcher(None, kept, there, autojunk=False).get_matching_blocks()
    still = {name for block in blocks for name in kept[block.a : block.a + block.size]}
    found = {}
    for before, name in zip(["", *order], order, strict=False):
        if name in pages or name not in still:
            behind = _LAST if kept and before == kept[-1] else before
            found[name, PLACE] = SheetSetting((behind,), f"behind {before}" if before else "first")
    return found


def retitled(
    settings: Mapping[SettingKey, SheetSetting], titles: Mapping[str, str]
) -> dict[SettingKey, SheetSetting]:
    """Return the places of tabs that are called otherwise: old -> new."""
    found = {}
    for (sheet, kind), setting in settings.items():
        if kind == PLACE:
            sheet = titles.get(sheet, sheet)
            behind = setting.meaning[0]
            setting = replace(setting, meaning=(titles.get(behind, behind),))
        found[sheet, kind] = setting
    return found


def order_of(names: Sequence[str], settings: Mapping[SettingKey, SheetSetting]) -> list[str]:
    """Return the tabs of a workbook in the order that people gave them."""
    behind: dict[str, list[str]] = {}
    last = next((n for n in reversed(names) if (n, PLACE) not in settings), "")
    for name in names:
        if (name, PLACE) in settings:
            before = str(settings[name, PLACE].meaning[0])
            behind.setdefault(last if before == _LAST else before, []).append(name)
    order: list[str] = []

    def take(name: str) -> None:
        if name:
            order.append(name)
        for follower in behind.pop(name, ()):
            take(follower)

    take("")
    for name in names:
        if (name, PLACE) not in settings:
            take(name)
    # Behind a sheet that is gone, or behind each other.
    return [*order, *(name for name in names if name not in order)]


def setting_left(sheet: str, kind: str, setting: SheetSetting, reason: str = "gone") -> Leftover:
    """Return the line that lists a setting without a place."""
    return Leftover("setting", sheet, content=f"{kind}: {setting.text}", reason=reason)
