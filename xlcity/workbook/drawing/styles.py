"""Cell formats by role: input, calculation, output, check, label."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xlcity.data_files import toml_beside
from xlcity.workbook.drawing.number_formats import sized_format

_FILE: Mapping[str, Any] = toml_beside(__file__, "styles.toml")
_COLOURS: Mapping[str, str] = _FILE["colours"]
INK, ACCENT, GRID = (_COLOURS[name] for name in ("ink", "accent", "grid"))


def _formats(part: str) -> dict[str, dict[str, Any]]:
    """Return formats by name, colours as they are."""
    formats: dict[str, dict[str, Any]] = {}
    for name, given in _FILE[part].items():
        own = {key: _COLOURS.get(value, value) for key, value in given.items()}
        like = own.pop("like", "")
        formats[name] = {**formats.get(like, {}), **own}
    return formats


#: Type beside that of the cells, 10 points.
SMALL: Mapping[str, Any] = {"font_size": 9}
TINY: Mapping[str, Any] = {"font_size": 8}
#: A text in as many lines as it needs, where others of its role are made smaller.
IN_LINES: Mapping[str, Any] = {"text_wrap": True, "shrink": False}
#: Roles whose cells are centred.
CENTER = "calculation_center"
STUB_CENTER = "stub_center"
INPUT_CENTER = "input_center"
OUTPUT_CENTER = "output_center"
PUBLISHED_CENTER = "published_center"
#: Roles whose cells may be in the middle of their column.
_CENTRED = ("stub", "input", "calculation", "output", "published", "udf")
_ROLES = _formats("roles")
_BASE = _ROLES.pop("base")
FONT: str = _BASE["font_name"]
#: Role -> properties.
ROLES: Mapping[str, dict[str, Any]] = _ROLES | {
    f"{role}_center": {**_ROLES[role], "align": "center"} for role in _CENTRED
}
#: What a sheet is for -> colour of its tab.
TABS = {
    family: _COLOURS.get(colour, colour) for family, colour in _FILE["tabs"].items()
}
_MARKS = _formats("marks")
#: Conditional formats, by meaning.
MARKS: Mapping[str, dict[str, Any]] = _MARKS | {
    f"synthetic_{end}": {
        **_MARKS["synthetic"],
        "num_format": sized_format("General", word),
    }
    for end, word in (("zh", "虚构"), ("en", "synthetic"))
}


#: No properties beside those of a role.
PLAIN: Mapping[str, Any] = {}


class Styles:
    """Formats made on demand, each combination of role, number format and options once."""

    def __init__(self, workbook: Any) -> None:
        self._workbook = workbook
        self._made: dict[tuple[Any, ...], Any] = {}

    def get(
        self,
        role: str,
        number: str = "",
        extra: Mapping[str, Any] = PLAIN,
    ) -> Any:
        """Return the format of a role with a number format, and other properties."""
        key = (role, number, *extra.items())
        if key not in self._made:
            properties = {**_BASE, **ROLES[role], **extra}
            if number:
                properties["num_format"] = number
            self._made[key] = self._workbook.add_format(properties)
        return self._made[key]

    def mark(self, look: str | Mapping[str, Any]) -> Any:
        """Return a conditional format, by its name or its properties."""
        key = ("mark", str(look))
        if key not in self._made:
            properties = MARKS[look] if isinstance(look, str) else look
            self._made[key] = self._workbook.add_format(dict(properties))
        return self._made[key]
