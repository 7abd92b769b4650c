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
        formats[name] = {**formats.get(own.pop("like", ""), {}), **own}
    return formats


#: Roles whose cells may be in the middle of their column.
_CENTRED = ("stub", "input", "calculation", "output", "published", "udf")
_ROLES = _formats("roles")
_BASE = _ROLES.pop("base")
FONT: str = _BASE["font_name"]
#: Role -> properties.
ROLES: Mapping[str, dict[str, Any]] = _ROLES | {
    f"{role}_center": {**_ROLES[role], "align": "center"} for role in _CENTRED
}
#: Excel's built-in cell styles that roles are hung under, so that programs show what a cell is for
#: and find all cells of a kind: number, and roles, the plain one first. Looks stay those of roles.
NAMED = {
    "Input": (20, ("input", "input_center", "chooser")),
    "Output": (21, ("output", "output_center")),
    "Calculation": (22, ("calculation", "calculation_center")),
    "Check Cell": (23, ("check",)),
}
_STYLE_OF_ROLE = {
    role: number for number, (_, roles) in enumerate(NAMED.values(), 1) for role in roles
}
#: What a sheet is for -> colour of its tab.
TABS = {family: _COLOURS.get(colour, colour) for family, colour in _FILE["tabs"].items()}
_MARKS = _formats("marks")
#: Conditional formats, by meaning.
MARKS: Mapping[str, dict[str, Any]] = _MARKS | {
    f"synthetic_{end}": {**_MARKS["synthetic"], "num_format": sized_format("General", word)}
    for end, word in (("zh", "虚构"), ("en", "synthetic"))
}


class Styles:
    """Formats made on demand, each combination of role, number format and options once."""

    def __init__(self, workbook: Any) -> None:
        self._workbook = workbook
        self._made: dict[tuple[Any, ...], Any] = {}

    def get(self, role: str, number: str = "", **extra: Any) -> Any:
        """Return the format of a role with a number format."""
        key = (role, number, tuple(sorted(extra.items())))
        if key not in self._made:
            properties = {**_BASE, **ROLES[role], **extra}
            if number:
                properties["num_format"] = number
            form = self._made[key] = self._workbook.add_format(properties)
            form.xf_id = _STYLE_OF_ROLE.get(role, 0)
        return self._made[key]

    def mark(self, name: str) -> Any:
        """Return a conditional format."""
        key = ("mark", name)
        if key not in self._made:
            self._made[key] = self._workbook.add_format(dict(MARKS[name]))
        return self._made[key]

    def add_named(self, styles: str) -> str:
        """Return a closed workbook's styles.xml with the built-in styles, which it lacks."""
        xfs, names = [], []
        for number, (name, (builtin, roles)) in enumerate(NAMED.items(), 1):
            of_role = {key[0]: form for key, form in reversed(self._made.items()) if form.xf_index}
            form = next((of_role[role] for role in roles if role in of_role), None)
            look = (form.font_index, form.fill_index, form.border_index) if form else (0, 0, 0)
            xfs.append(
                '<xf numFmtId="0" fontId="{}" fillId="{}" borderId="{}" applyNumberFormat="0" '
                'applyAlignment="0" applyProtection="0"/>'.format(*look)
            )
            names.append(
                f'<cellStyle name="{name}" xfId="{number}" builtinId="{builtin}" '
                'customBuiltin="1"/>'
            )
        for tag, added in (("cellStyleXfs", xfs), ("cellStyles", names)):
            head, begun, rest = styles.partition(f'<{tag} count="1">')
            drawn, ended, tail = rest.partition(f"</{tag}>")
            count = begun.replace("1", str(1 + len(added)))
            styles = "".join((head, count, drawn, *added, ended, tail))
        return styles
