"""Excel's built-in cell styles Input, Output, Calculation and Check Cell, given to a built book.

XlsxWriter gives every cell format the style `Normal`. Here the formats of our roles are hung under
the built-in styles, so that a spreadsheet program shows what a cell is for in its list of styles,
and finds all cells of a kind by it. The looks stay those of our roles.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from xlcity.workbook.drawing.styles import Styles
from xlcity.xlsx.package import Package

PART = "xl/styles.xml"

_CELL_XFS = re.compile(r"(<cellXfs\b[^>]*>)(.*?)(</cellXfs>)", re.DOTALL)
_STYLE_XFS = re.compile(r'<cellStyleXfs count="(\d+)">(.*?)</cellStyleXfs>', re.DOTALL)
_STYLES = re.compile(r'<cellStyles count="(\d+)">(.*?)</cellStyles>', re.DOTALL)
_XF = re.compile(r"<xf\b[^>]*?(?:/>|>.*?</xf>)", re.DOTALL)
_LOOKS = re.compile(r'\b(?:fontId|fillId|borderId)="\d+"')
_STYLE_OF = re.compile(r'\bxfId="\d+"')


@dataclass(frozen=True, slots=True)
class NamedStyle:
    """A built-in style: its name and number in Excel, and its roles, the plain one first."""

    name: str
    builtin: int
    roles: tuple[str, ...]


NAMED = (
    NamedStyle("Input", 20, ("input", "input_center", "chooser")),
    NamedStyle("Output", 21, ("output", "output_center")),
    NamedStyle("Calculation", 22, ("calculation", "calculation_center")),
    NamedStyle("Check Cell", 23, ("check",)),
)


def with_named_styles(package: Package, styles: Styles) -> Package:
    """Return a workbook, as XlsxWriter wrote it, with its cell formats under the built-in styles.

    Parameters
    ----------
    package
        The workbook.
    styles
        The formats it was written with; the workbook is closed, so that they have their numbers.
    """
    text = package.parts[PART].decode("utf-8")
    return package.replace({PART: _use_named_styles(text, styles.numbers()).encode("utf-8")})


def _use_named_styles(text: str, roles: Mapping[int, str]) -> str:
    """Return styles.xml with the cell formats, whose roles are given, under their styles."""
    cells, styles, names = _CELL_XFS.search(text), _STYLE_XFS.search(text), _STYLES.search(text)
    if cells is None or styles is None or names is None:
        raise ValueError(f"{PART} is not as XlsxWriter writes it")
    formats = _XF.findall(cells[2])
    first = int(styles[1])
    used = [named for named in NAMED if set(named.roles) & set(roles.values())]
    style_of_role = {
        role: first + offset for offset, named in enumerate(used) for role in named.roles
    }
    for number, role in roles.items():
        if role in style_of_role:
            formats[number] = _STYLE_OF.sub(
                f'xfId="{style_of_role[role]}"', formats[number], count=1
            )
    xfs = "".join(
        f'<xf numFmtId="0" {" ".join(_LOOKS.findall(formats[_plainest(named, roles)]))} '
        'applyNumberFormat="0" applyAlignment="0" applyProtection="0"/>'
        for named in used
    )
    entries = "".join(
        f'<cellStyle name="{named.name}" xfId="{first + offset}" builtinId="{named.builtin}" '
        'customBuiltin="1"/>'
        for offset, named in enumerate(used)
    )
    count = len(used)
    # From the end to the start, so that the places found still hold.
    for match, new in sorted(
        (
            (
                names,
                f'<cellStyles count="{int(names[1]) + count}">{names[2]}{entries}</cellStyles>',
            ),
            (cells, f"{cells[1]}{''.join(formats)}{cells[3]}"),
            (styles, f'<cellStyleXfs count="{first + count}">{styles[2]}{xfs}</cellStyleXfs>'),
        ),
        key=lambda pair: -pair[0].start(),
    ):
        text = text[: match.start()] + new + text[match.end() :]
    return text


def _plainest(named: NamedStyle, roles: Mapping[int, str]) -> int:
    """Return the format that lends a style its font, fill and border."""
    kind = ((named.roles.index(role), n) for n, role in roles.items() if role in named.roles)
    return min(kind)[1]
