"""Cell formats by role: input, calculation, output, check, label."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xlcity.workbook.drawing.number_formats import sized_format

FONT = "Microsoft YaHei"
INK = "#1F2A37"
ACCENT = "#1F5FA8"
PALE = "#E8EFF8"
GRID = "#D0D5DD"

_BASE: dict[str, Any] = {"font_name": FONT, "font_size": 10, "font_color": INK, "valign": "vcenter"}
_BOX: dict[str, Any] = {"border": 1, "border_color": GRID}

#: Role -> properties. Fills follow Excel's built-in Input, Calculation, Output and Check Cell.
_ROLES: dict[str, dict[str, Any]] = {
    "plain": {},
    "title": {"font_size": 16, "bold": True, "font_color": ACCENT},
    "note": {"font_color": "#5B6675", "italic": True},
    "warning": {"font_color": "#9A5B00", "bold": True},
    "section": {
        "bold": True,
        "font_size": 12,
        "font_color": ACCENT,
        "bottom": 2,
        "bottom_color": ACCENT,
    },
    "text": {"text_wrap": True},
    "back": {"font_color": "#0B57D0", "font_size": 8},
    "step": {"bold": True, "font_size": 11, "font_color": ACCENT, "text_wrap": True},
    "link": {"font_color": "#0B57D0", "underline": 1},
    "header": {
        "bold": True,
        "bg_color": ACCENT,
        "font_color": "#FFFFFF",
        "text_wrap": True,
        "align": "center",
        **_BOX,
    },
    "stub": {"bg_color": PALE, "text_wrap": True, **_BOX},
    "stub_line": {"bg_color": PALE, "shrink": True, **_BOX},
    "stub_code": {
        "bg_color": PALE,
        "font_size": 8,
        "align": "center",
        "shrink": True,
        "font_color": "#5B6675",
        **_BOX,
    },
    "id": {"font_color": "#5B6675", "font_size": 9, **_BOX},
    "name": {"indent": 1, "shrink": True, **_BOX},
    "input": {"bg_color": "#FFF2CC", "font_color": "#1F3F8F", **_BOX},
    "chooser": {
        "bg_color": "#FFE08A",
        "font_color": "#1F3F8F",
        "bold": True,
        "border": 2,
        "border_color": "#C98A00",
        "align": "center",
    },
    "calculation": {"bg_color": "#F7F8FA", **_BOX},
    "output": {"bg_color": "#EAF4EA", "bold": True, **_BOX},
    "check": {"bold": True, "align": "center", **_BOX},
    "published": {"bg_color": "#F1ECF8", **_BOX},
    "udf": {"bg_color": "#E6F4F5", **_BOX},
    "closing": {
        "font_color": "#5B6675",
        "italic": True,
        "font_size": 9,
        "top": 2,
        "top_color": ACCENT,
    },
    "toml": {"font_name": "Consolas", "font_size": 9},
}
#: Roles whose cells may be in the middle of their column.
_CENTRED = ("stub", "input", "calculation", "output", "published", "udf")
ROLES: Mapping[str, dict[str, Any]] = {
    **_ROLES,
    "header_left": {**_ROLES["header"], "align": "left"},
    **{f"{role}_center": {**_ROLES[role], "align": "center"} for role in _CENTRED},
}

#: What a sheet is for -> colour of its tab; red stays for faults. The names are those of the
#: roles above, so that the list of contents shows each sheet in the colour of its cells.
TABS: Mapping[str, str] = {
    "guide": "#1F5FA8",
    "input": "#E0A800",
    "calculation": "#8A94A3",
    "output": "#2E7D32",
    "udf": "#00838F",
    "published": "#6A4FA3",
    "check": "#1F5FA8",
}
_SYNTHETIC: dict[str, Any] = {"font_color": "#6A1B9A", "italic": True, "bg_color": "#F3E0F7"}
_BAD: dict[str, Any] = {"bg_color": "#F8C9C4", "font_color": "#9C0006", "bold": True}
#: Conditional formats, by meaning.
MARKS: Mapping[str, dict[str, Any]] = {
    "bad": _BAD,
    "unknown_zh": {**_BAD, "num_format": '@" ⚠ 不认识"'},
    "unknown_en": {**_BAD, "num_format": '@" ⚠ unknown"'},
    "twice_zh": {**_BAD, "num_format": '@" ⚠ 重复"'},
    "twice_en": {**_BAD, "num_format": '@" ⚠ twice"'},
    "good": {"bg_color": "#CFEBD3", "font_color": "#1B5E20"},
    "missing": {"bg_color": "#DDDDDD", "font_color": "#5B5B5B"},
    "derived": {"font_color": "#8A4B08", "italic": True, "bg_color": "#FBE7D3"},
    "synthetic": _SYNTHETIC,
    "synthetic_zh": {**_SYNTHETIC, "num_format": sized_format("General", "虚构")},
    "synthetic_en": {**_SYNTHETIC, "num_format": sized_format("General", "synthetic")},
    "note": {"bg_color": "#FFF3C4", "font_color": "#7A5A00"},
    "skipped": {"bg_color": "#EEEEEE", "font_color": "#757575"},
    #: Results of functions that are not loaded, on pages for readers: the colour of their cells.
    "absent": {"font_color": _ROLES["udf"]["bg_color"]},
    "faint": {"font_color": "#B0B7C0"},
    "tier1": {"bg_color": "#CFE2F9"},
    "tier2": {"bg_color": "#E7F0FB"},
}


class Styles:
    """Formats made on demand, each combination of role, number format and options once."""

    def __init__(self, workbook: Any) -> None:
        self._workbook = workbook
        self._made: dict[tuple[Any, ...], Any] = {}

    def get(self, role: str, number: str = "", unlocked: bool = False, **extra: Any) -> Any:
        """Return the format of a role with a number format."""
        key = (role, number, unlocked, tuple(sorted(extra.items())))
        if key not in self._made:
            properties = {**_BASE, **ROLES[role], **extra}
            if number:
                properties["num_format"] = number
            if unlocked:
                properties["locked"] = False
            self._made[key] = self._workbook.add_format(properties)
        return self._made[key]

    def mark(self, name: str) -> Any:
        """Return a conditional format."""
        key = ("mark", name)
        if key not in self._made:
            self._made[key] = self._workbook.add_format(dict(MARKS[name]))
        return self._made[key]

    def numbers(self) -> dict[int, str]:
        """Return the role of each cell format by its number; known once the workbook is closed."""
        return {
            made.xf_index: key[0]
            for key, made in self._made.items()
            if key[0] in ROLES and made.xf_index is not None
        }
