"""Puts new content into cells of a sheet whose cells are all spelled one way, fast."""

from __future__ import annotations

from collections.abc import Iterable

from xlcity.xlsx import scan
from xlcity.xlsx.table import CellTable

_CELL_START = "<c r="
_TYPE_ATTRIBUTE = ' t="'


class CutSheet:
    """A sheet cut at its cells, so that new contents can be put into it, again and again.

    The cells wanted are written again, everything else stays as it is.

    Parameters
    ----------
    data
        A sheet that `scan.read_uniform` can read.
    cells
        Its cells.
    """

    def __init__(self, data: bytes, cells: CellTable) -> None:
        # One character a byte, whatever the text is: a third of the time.
        xml = data.decode("latin-1")
        start, end = scan.find_sheet_data(xml)
        self._before, self._after = xml[:start], xml[end:]
        self._chunks = xml[start:end].split(_CELL_START)
        #: Pieces of cells by index: the same in all copies of a template.
        self._pieces: dict[int, tuple[str, str, str]] = cells.keep("pieces", None, dict)

    def formula(self, index: int) -> str:
        """Return the formula element (<f…>) of a cell, by its index in the file, or ""."""
        _, formula, _ = self._cut_cell(index)
        return formula.encode("latin-1").decode()

    def with_contents(
        self, contents: Iterable[tuple[int, tuple[str, str]]], *, keep_formulas: bool
    ) -> bytes:
        """Return the bytes of the sheet with new contents of some cells.

        `contents` has, for each, its index in the order of the file, and (type, XML of its
        content). With `keep_formulas` the formula elements stay before the contents.
        """
        # The first chunk is what stands before the first cell, so that chunks count from 1.
        chunks = self._chunks.copy()
        for index, (kind, content) in contents:
            head, formula, tail = self._pieces.get(index) or self._cut_cell(index)
            if not content.isascii():
                content = content.encode().decode("latin-1")
            if kind:
                head = f'{head} t="{kind}"'
            if keep_formulas:
                content = formula + content
            chunks[index + 1] = f"{head}>{content}</c>{tail}" if content else f"{head}/>{tail}"
        return f"{self._before}{_CELL_START.join(chunks)}{self._after}".encode("latin-1")

    def _cut_cell(self, index: int) -> tuple[str, str, str]:
        """Return the XML of the cell of an index in three pieces.

        Its attributes without the type, its formula element or "", and what follows the cell.
        """
        head, _, rest = self._chunks[index + 1].partition(">")
        formula_end = 0
        if head.endswith("/"):
            head, tail = head[:-1], rest
        else:
            if rest.startswith("<f"):
                formula_end = rest.find("</f>") + 4
                if formula_end < 4:
                    formula_end = rest.index("/>") + 2
            tail = rest[rest.index("</c>", formula_end) + 4 :]
        # The type stands last; what is before it is address and style.
        pieces = head.partition(_TYPE_ATTRIBUTE)[0], rest[:formula_end], tail
        return self._pieces.setdefault(index, pieces)
