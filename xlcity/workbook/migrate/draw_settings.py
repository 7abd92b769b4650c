"""What people set on whole sheets, drawn on those of a template."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from xlcity.workbook.migrate.cell_keys import Anchor, Anchors, Lines
from xlcity.workbook.migrate.sheet_settings import area_text, areas_in, led_area, setting_left
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
from xlcity.workbook.migrate.user_formulas import ReferenceMover
from xlcity.xlsx.address import parse_range, quote_sheet
from xlcity.xlsx.features import Rectangle
from xlcity.xlsx.page_settings import (
    ELEMENTS,
    FITTED,
    PROTECTION,
    RANGES,
    SCALE,
    TEXTS,
    SettingValue,
)

#: A picture in a header or footer, which cannot be copied.
_PICTURE = "&G"


class SettingPlacer:
    """Draws what was set on sheets.

    Parameters
    ----------
    sheets
        The sheets of the template, not closed yet.
    places
        What their cells are about.
    mover
        Gives what leads the cells of a workbook to these.

    Attributes
    ----------
    left
        What has no place in it.
    placed
        How many have.
    """

    def __init__(
        self,
        sheets: Mapping[str, Any],
        places: Anchors,
        mover: Callable[[Anchors | None], ReferenceMover],
    ) -> None:
        self.sheets, self.places, self.mover = sheets, places, mover
        self.left: list[Leftover] = []
        self.placed = 0

    def place(self, settings: Mapping[SettingKey, SheetSetting]) -> None:
        """Draw colours, panes, filters and pages."""
        for (sheet, kind), setting in settings.items():
            if kind == PLACE:
                continue
            if sheet in self.sheets and self._draw(self.sheets[sheet], kind, setting):
                self.placed += 1
            else:
                self.left.append(setting_left(sheet, kind, setting))

    def _draw(self, sheet: Any, kind: str, setting: SheetSetting) -> bool:
        """Draw a setting; tell whether its cells are still there."""
        if kind == COLOUR:
            sheet.tab_color = None
            if setting.meaning[0]:
                sheet.set_tab_color(f"#{setting.meaning[0]}")
        elif kind == PANES:
            return self._freeze(sheet, setting)
        elif kind == BREAKS:
            corners = [[self.places.find(corner) for corner in axis] for axis in setting.meaning]
            if any(None in axis for axis in corners):
                return False
            rows, columns = ([at[axis] for at in filter(None, found)]
                             for axis, found in enumerate(corners))  # fmt: skip
            sheet.set_h_pagebreaks(rows)
            sheet.set_v_pagebreaks(columns)
        elif kind in (AREA, TITLES):
            areas = [self._area(sheet.name, setting, area) for area in areas_in(setting.text)]
            if None in areas:
                return False
            texts = (area_text(area) for area in areas if area is not None)
            printed = ",".join(f"{quote_sheet(sheet.name)}!{text}" for text in texts)
            if kind == AREA:
                sheet.print_area_range = printed
            else:
                sheet.repeat_row_range, sheet.repeat_col_range = printed, ""
        elif kind == BUTTONS:
            return self._filter(sheet, setting)
        elif kind == RANGES or any(_PICTURE in text for _, text in setting.meaning):
            return False
        else:
            _give(sheet, kind, setting.meaning)
        return True

    def _freeze(self, sheet: Any, setting: SheetSetting) -> bool:
        sheet.panes, sheet.top_left_cell = [], ""
        if setting.meaning:
            corner, down, right = setting.meaning
            at = self.places.find(corner) if isinstance(corner, Anchor) else None
            if at is None:
                return False
            sheet.freeze_panes(down and at[0], right and at[1])
        return True

    def _filter(self, sheet: Any, setting: SheetSetting) -> bool:
        sheet.autofilter_area, sheet.autofilter_ref = "", None
        if setting.home is not None:
            area = self._area(sheet.name, setting, parse_range(setting.text))
            if area is None:
                return False
            sheet.autofilter(*(number - 1 for number in area))
        return True

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


def _give(sheet: Any, kind: str, value: SettingValue) -> None:
    """Set how a sheet is seen, protected and printed; what the value does not name is as usual."""
    given = dict(value)
    element, usual = ELEMENTS.get(kind, ("", {}))
    if kind in TEXTS:
        sheet.page_texts |= {tag: given.pop(tag, "") for tag in TEXTS[kind]}
        sheet.give("headerFooter", {})
    elif kind == SCALE:
        sheet.fit_page = bool(given.pop(FITTED[0], ""))
    elif kind == PROTECTION:
        sheet.protect_options = {}
        if given:
            sheet.protect()
    if "zoomScale" in usual:
        given["zoomScaleNormal"] = given.get("zoomScale", "")
    if element:
        # All margins are required.
        plain = usual if element == "pageMargins" else dict.fromkeys(usual, "")
        sheet.give(element, {**plain, **given})


def _grown(end: int, old: Lines, new: Lines) -> int:
    """Return the end of a range with the new lines that follow it."""
    known = {"", *old.keys.values()}
    while new.keys.get(end + 1, "") not in known:
        end += 1
    return end
