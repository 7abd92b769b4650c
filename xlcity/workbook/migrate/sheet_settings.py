"""What people set on whole sheets: colour of the tab, frozen panes, a filter, place of the tab."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from functools import partial

from xlcity.workbook.drawing.styles import TABS
from xlcity.workbook.migrate.cell_keys import Anchor, Anchors, Lines
from xlcity.workbook.migrate.unplaced import Leftover
from xlcity.workbook.migrate.user_edits import (
    BUTTONS,
    COLOUR,
    PANES,
    PLACE,
    SettingKey,
    SheetSetting,
)
from xlcity.workbook.migrate.user_formulas import ReferenceMover
from xlcity.xlsx.address import cell_name, parse_range
from xlcity.xlsx.cells import ReadBook
from xlcity.xlsx.editing.features import Rectangle, SheetView
from xlcity.xlsx.editing.write_views import (
    with_buttons,
    with_colour,
    with_filter_names,
    with_panes,
)
from xlcity.xlsx.package import Package
from xlcity.xlsx.parts import decode

#: What a tab stands behind that stands behind all of a template.
_LAST = "@end"
#: What is said where something was taken away.
_NONE = "none"

Place = Callable[[int], int | None]


def read_view(
    old: Anchors, name: str, mine: SheetView, drawn: SheetView, rows: Place, columns: Place,
    *, same_version: bool, laid_out: bool, criteria: bool, keeps: bool,
) -> Iterator[tuple[SettingKey, SheetSetting]]:  # fmt: skip
    """Yield what is set otherwise on a sheet than the template has it.

    Parameters
    ----------
    old
        What the cells of the workbook are about.
    name, mine, drawn
        The sheet, how it is shown, and how the template shows it.
    rows, columns
        Where a row and a column are in the template as it is drawn.
    same_version
        Whether the template is one of this version.
    laid_out
        Whether the sheet is laid out as in this version: where it is not, panes at a row that is
        gone are those of the template.
    criteria
        Whether the sheet has a filter that hides rows.
    keeps
        Whether the program that saved the workbook keeps all colours and panes; LibreOffice
        loses them where it converts files without a window.
    """
    drawn_once = {"", *(colour.lstrip("#") for colour in TABS.values())}
    known = same_version or mine.colour not in drawn_once
    if mine.colour != drawn.colour and known and (mine.colour or keeps):
        yield (name, COLOUR), SheetSetting((mine.colour,), mine.colour or _NONE)
    down, right = mine.frozen
    here = down and rows(down), right and columns(right)
    known = laid_out or None not in here
    if here != drawn.frozen and known and (down or right or (keeps and same_version)):
        setting = SheetSetting((), _NONE)
        if down or right:
            corner = old.of(name, (down or 1, right or 1))
            text = cell_name(down + 1, right + 1)
            setting = SheetSetting((corner, bool(down), bool(right)), text)
        yield (name, PANES), setting
    if criteria:
        return
    if not mine.buttons:
        if drawn.buttons and same_version:
            yield (name, BUTTONS), SheetSetting((), _NONE)
        return
    area = parse_range(mine.buttons)
    led = _led(area, rows, columns)
    # The filter that another version has on a sheet may be for fewer rows and columns.
    theirs = parse_range(drawn.buttons) if drawn.buttons else None
    same = (
        led == theirs
        if same_version or led is None
        else theirs is not None and _within(led, theirs)
    )
    if theirs is None or not same:
        corners = old.of(name, area[:2]), old.of(name, area[2:])
        yield (name, BUTTONS), SheetSetting(corners, mine.buttons, old)


def _led(area: Rectangle, rows: Place, columns: Place) -> Rectangle | None:
    """Return where the cells of a filter are now, whatever their order."""
    top, left, bottom, right = area
    down = [row for n in range(top, bottom + 1) if (row := rows(n)) is not None]
    across = [column for n in range(left, right + 1) if (column := columns(n)) is not None]
    return (min(down), min(across), max(down), max(across)) if down and across else None


def _within(area: Rectangle, other: Rectangle) -> bool:
    (top, left, bottom, right), (r1, c1, r2, c2) = area, other
    return r1 <= top and c1 <= left and bottom <= r2 and right <= c2


def read_places(
    tabs: Iterable[str], drawn: Sequence[str], pages: Sequence[str], *, same_version: bool
) -> dict[SettingKey, SheetSetting]:
    """Return behind which tab each own sheet stands, and each one of the template's that was moved.

    Parameters
    ----------
    tabs
        The sheets of the workbook in order.
    drawn, pages
        Those of the template in its order, and the user's own.
    same_version
        Whether the template is one of this version; others have another order of their own.
    """
    order = [name for name in tabs if name in drawn or name in pages]
    there = [name for name in order if name in drawn]
    kept = [name for name in drawn if name in there]
    blocks = SequenceMatcher(None, kept, there, autojunk=False).get_matching_blocks()
    still = {name for block in blocks for name in kept[block.a : block.a + block.size]}
    found = {}
    for before, name in zip(["", *order], order, strict=False):
        if name in pages or (same_version and name not in still):
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


class SettingPlacer:
    """Puts what was set on sheets into a template made again.

    Attributes
    ----------
    left
        What has no place in it.
    placed
        How many have.
    """

    def __init__(
        self, book: ReadBook, places: Anchors, mover: Callable[[Anchors | None], ReferenceMover]
    ) -> None:
        self.book, self.places, self.mover = book, places, mover
        self.left: list[Leftover] = []
        self.placed = 0

    def place(self, package: Package, settings: Mapping[SettingKey, SheetSetting]) -> Package:
        """Return the workbook with colours, panes and filters."""
        parts: dict[str, str] = {}
        filters: dict[str, Rectangle | None] = {}
        for (sheet, kind), setting in settings.items():
            if kind == PLACE:
                continue
            xml = parts.get(sheet) or self._xml(package, sheet)
            made = "" if not xml else self._with(xml, sheet, kind, setting, filters)
            if made:
                parts[sheet] = made
                self.placed += 1
            else:
                self.left.append(setting_left(sheet, kind, setting))
        if filters:
            package = with_filter_names(package, filters)
        sheets = self.book.sheets
        return package.replace({sheets[n].part: xml.encode("utf-8") for n, xml in parts.items()})

    def _xml(self, package: Package, sheet: str) -> str:
        known = self.book.sheets.get(sheet)
        return "" if known is None else decode(package.parts, known.part, package.name)

    def _with(
        self, xml: str, sheet: str, kind: str, setting: SheetSetting,
        filters: dict[str, Rectangle | None],
    ) -> str:  # fmt: skip
        """Return a sheet with a setting, "" where its cells are gone."""
        if kind == COLOUR:
            return with_colour(xml, str(setting.meaning[0]))
        if kind == PANES:
            if not setting.meaning:
                return with_panes(xml, 0, 0)
            corner, down, right = setting.meaning
            at = self.places.find(corner) if isinstance(corner, Anchor) else None
            return with_panes(xml, down and at[0], right and at[1]) if at else ""
        area = None
        if setting.home is not None:
            area = self._area(sheet, setting)
            if area is None:
                return ""
        filters[sheet] = area
        return with_buttons(xml, area)

    def _area(self, sheet: str, setting: SheetSetting) -> Rectangle | None:
        """Return the cells of a filter, with the new cities and indicators behind the last ones."""
        mover = self.mover(setting.home)
        lines = partial(mover.row, sheet), partial(mover.column, sheet)
        area = _led(parse_range(setting.text), *lines)
        if area is None or setting.home is None:
            return None
        old, new = setting.home.grid(sheet), self.places.grid(sheet)
        top, left, bottom, right = area
        return (
            top,
            left,
            _grown(bottom, old.rows, new.rows),
            _grown(right, old.columns, new.columns),
        )


def _grown(end: int, old: Lines, new: Lines) -> int:
    """Return the end of a range with the new lines that follow it."""
    known = {"", *old.keys.values()}
    while new.keys.get(end + 1, "") not in known:
        end += 1
    return end


def setting_left(sheet: str, kind: str, setting: SheetSetting, reason: str = "gone") -> Leftover:
    """Return the line that lists a setting without a place."""
    return Leftover("setting", sheet, content=f"{kind}: {setting.text}", reason=reason)
