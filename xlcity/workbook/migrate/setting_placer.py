"""What people set on whole sheets, put into a template made again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from xlcity.workbook.migrate.cell_keys import Anchor, Anchors, Lines
from xlcity.workbook.migrate.sheet_settings import (
    PRINT_NAMES,
    area_text,
    areas_in,
    led_area,
    setting_left,
)
from xlcity.workbook.migrate.unplaced import Leftover
from xlcity.workbook.migrate.user_edits import (
    BREAKS,
    BUTTONS,
    COLOUR,
    PANES,
    PLACE,
    SettingKey,
    SheetSetting,
)
from xlcity.workbook.migrate.user_formulas import ReferenceMover
from xlcity.xlsx.address import parse_range
from xlcity.xlsx.cells import ReadBook
from xlcity.xlsx.editing.write_views import (
    apply_setting,
    freeze_panes,
    set_filter_buttons,
    set_filter_names,
    set_page_breaks,
    set_sheet_names,
    set_tab_colour,
)
from xlcity.xlsx.features import Rectangle
from xlcity.xlsx.package import Package
from xlcity.xlsx.page_settings import RANGES

#: A picture in a header or footer, which cannot be copied.
_PICTURE = "&G"


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
        names: dict[tuple[str, str], str] = {}
        for (sheet, kind), setting in settings.items():
            if kind == PLACE:
                continue
            xml = parts.get(sheet) or self._xml(package, sheet)
            if xml and kind in PRINT_NAMES:
                areas = [self._area(sheet, setting, area) for area in areas_in(setting.text)]
                if None in areas:
                    self.left.append(setting_left(sheet, kind, setting))
                else:
                    names[sheet, PRINT_NAMES[kind]] = ",".join(map(area_text, filter(None, areas)))
                    self.placed += 1
                continue
            made = "" if not xml else self._with(xml, sheet, kind, setting, filters)
            if made:
                parts[sheet] = made
                self.placed += 1
            else:
                self.left.append(setting_left(sheet, kind, setting))
        if filters:
            package = set_filter_names(package, filters)
        if names:
            package = set_sheet_names(package, names)
        sheets = self.book.sheets
        return package.replace({sheets[n].part: xml.encode("utf-8") for n, xml in parts.items()})

    def _xml(self, package: Package, sheet: str) -> str:
        known = self.book.sheets.get(sheet)
        return "" if known is None else package.text(known.part)

    def _with(
        self, xml: str, sheet: str, kind: str, setting: SheetSetting,
        filters: dict[str, Rectangle | None],
    ) -> str:  # fmt: skip
        """Return a sheet with a setting, "" where its cells are gone."""
        if kind == COLOUR:
            return set_tab_colour(xml, str(setting.meaning[0]))
        if kind == PANES:
            if not setting.meaning:
                return freeze_panes(xml, 0, 0)
            corner, down, right = setting.meaning
            at = self.places.find(corner) if isinstance(corner, Anchor) else None
            return freeze_panes(xml, down and at[0], right and at[1]) if at else ""
        if kind == BREAKS:
            found = [[self.places.find(corner) for corner in lines] for lines in setting.meaning]
            if any(None in places for places in found):
                return ""
            rows, columns = ([at[axis] for at in filter(None, places)]
                             for axis, places in enumerate(found))  # fmt: skip
            return set_page_breaks(xml, rows, columns)
        if kind != BUTTONS:
            if kind == RANGES or any(_PICTURE in text for _, text in setting.meaning):
                return ""
            return apply_setting(xml, kind, setting.meaning)
        area = None
        if setting.home is not None:
            area = self._area(sheet, setting, parse_range(setting.text))
            if area is None:
                return ""
        filters[sheet] = area
        return set_filter_buttons(xml, area)

    def _area(self, sheet: str, setting: SheetSetting, area: Rectangle) -> Rectangle | None:
        """Return cells as they stand now, with the new cities and indicators behind the last."""
        mover = self.mover(setting.home)
        lines = partial(mover.row, sheet), partial(mover.column, sheet)
        led = led_area(area, *lines)
        if led is None or setting.home is None:
            return None
        old, new = setting.home.grid(sheet), self.places.grid(sheet)
        top, left, bottom, right = led
        bottom = _grown(bottom, old.rows, new.rows)
        return top, left, bottom, _grown(right, old.columns, new.columns)


def _grown(end: int, old: Lines, new: Lines) -> int:
    """Return the end of a range with the new lines that follow it."""
    known = {"", *old.keys.values()}
    while new.keys.get(end + 1, "") not in known:
        end += 1
    return end
