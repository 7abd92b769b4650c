"""How a sheet is printed: paper, scale, margins and page breaks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from xlcity.xlsx.address import column_letters
from xlcity.xlsx.parts import is_on, local

_PAPERS = {1: "Letter", 5: "Legal", 8: "A3", 9: "A4", 11: "A5"}
_SIDES = ("left", "right", "top", "bottom")
#: What programs choose where a sheet does not say it.
CHOSEN = ("paper", "margins")


@dataclass(frozen=True, slots=True)
class PageSetup:
    """How a sheet is printed.

    Attributes
    ----------
    landscape
        Whether the paper lies on its side.
    paper
        The number of its size, 9 for A4; 0 where the sheet does not say it.
    scale
        Per cent.
    fit
        Pages that the sheet is fitted to, across and down, 0 for as many as are needed; ``None``
        where the scale counts.
    margins
        Left, right, top and bottom in inches; empty where the sheet does not say them.
    rows, columns
        Pages end below these rows and right of these columns, by hand.
    """

    landscape: bool = False
    paper: int = 0
    scale: int = 100
    fit: tuple[int, int] | None = None
    margins: tuple[float, ...] = ()
    rows: tuple[int, ...] = ()
    columns: tuple[int, ...] = ()

    def described(self) -> Iterator[tuple[str, str]]:
        """Yield each setting and its text; what is usual has no text."""
        yield "orientation", "landscape" if self.landscape else ""
        yield "paper", _PAPERS.get(self.paper, str(self.paper)) if self.paper else ""
        fit = "fit to pages: {} × {}".format(*self.fit) if self.fit else ""
        yield "print scale", fit or ("" if self.scale == 100 else f"{self.scale} %")
        # Programs keep them in several units of measure.
        yield "margins", ", ".join(f"{margin:.2f}" for margin in self.margins)
        ends = [*map(str, self.rows), *map(column_letters, self.columns)]
        yield "page breaks", ", ".join(ends)


def read_page_setup(root: ET.Element) -> PageSetup:
    """Read it from the XML of a sheet, with or without its rows.

    Raises
    ------
    ValueError
        If a number is not a number.
    """
    found = {local(element.tag): element for element in root}
    page, margins = (found.get(tag, ET.Element(tag)) for tag in ("pageSetup", "pageMargins"))
    fits = any(is_on(e.get("fitToPage")) for e in found.get("sheetPr", ()))
    breaks = [
        tuple(int(e.get("id", "0")) for e in found.get(tag, ()) if is_on(e.get("man")))
        for tag in ("rowBreaks", "colBreaks")
    ]
    return PageSetup(
        page.get("orientation") == "landscape",
        int(page.get("paperSize", "0")),
        int(page.get("scale", "100")),
        (int(page.get("fitToWidth", "1")), int(page.get("fitToHeight", "1"))) if fits else None,
        tuple(float(margins.get(side, "0")) for side in _SIDES) if margins.attrib else (),
        *breaks,
    )
