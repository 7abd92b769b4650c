"""Puts new content into cells of a sheet whose cells are all spelled one way, fast.

The text is cut at every cell; the cells wanted are written again, everything else stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain
from typing import TypeVar

from xlcity.xlsx import scan

_CELL = "<c r="
#: Formulas and numbers hold no such text: its signs are escaped there.
_VALUE = "<v>"
_TYPE = ' t="'
_Item = TypeVar("_Item")


def splice_cells(
    xml: str,
    wanted: Iterable[tuple[int, _Item]],
    content: Callable[[str, _Item], tuple[str, str]],
) -> str:
    """Return a sheet with the content of some cells made anew.

    Parameters
    ----------
    xml
        A sheet that `scan.uniform` can read.
    wanted
        Number of a cell in the order of the file, from 0, and what `content` is to know of it.
    content
        Given the formula element of a cell (or ``""``) returns its type and all it contains.
    """
    start, end = scan.find_sheet_data(xml)
    chunks = xml[start:end].split(_CELL)
    for index, item in wanted:
        head, _, rest = chunks[index + 1].partition(">")
        body = ""
        if head.endswith("/"):
            head = head[:-1]
        else:
            body, _, rest = rest.partition("</c>")
        kind, inner = content(_formula(body) if body.startswith("<f") else "", item)
        # The type stands last; what is before it is address and style.
        head = head.partition(_TYPE)[0] + (f' t="{kind}"' if kind else "")
        chunks[index + 1] = f"{head}>{inner}</c>{rest}" if inner else f"{head}/>{rest}"
    return xml[:start] + _CELL.join(chunks) + xml[end:]


class CutSheet:
    """A sheet cut at its cells, so that new results can be put into it, again and again.

    Parameters
    ----------
    data
        A sheet that `scan.uniform` can read.

    Attributes
    ----------
    data
        The same.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        # One character a byte, whatever the text is: a third of the time.
        xml = data.decode("latin-1")
        start, end = scan.find_sheet_data(xml)
        self._before, self._after = xml[:start], xml[end:]
        self._chunks = xml[start:end].split(_CELL)
        self._around_values: dict[int, tuple[str, str]] = {}
        self._around_results: dict[int, tuple[str, str, str]] = {}

    def with_results(
        self, values: Iterable[tuple[int, str, str]], results: Iterable[tuple[int, str, str]]
    ) -> bytes:
        """Return the sheet with new results in some formula cells.

        Parameters
        ----------
        values
            Place of a cell in the order of the file, its type, and what its value is now: the most
            frequent change, as most cells have this type already.
        results
            Place of a cell, its type, and the element of its value.
        """
        chunks = self._chunks.copy()
        surroundings, others = self._around_values, []
        for index, kind, text in values:
            if (around := surroundings.get(index)) is None and (
                around := self._cut(index, kind)
            ) is None:
                others.append((index, kind, f"<v>{text}</v>"))
            else:
                chunks[index + 1] = f"{around[0]}{_as_latin1(text)}{around[1]}"
        for index, kind, value in chain(others, results):
            head, formula, tail = self._around(index)
            if kind:
                head = f'{head} t="{kind}"'
            if formula or value:
                chunks[index + 1] = f"{head}>{formula}{_as_latin1(value)}</c>{tail}"
            else:
                chunks[index + 1] = f"{head}/>{tail}"
        return f"{self._before}{_CELL.join(chunks)}{self._after}".encode("latin-1")

    def _cut(self, index: int, kind: str) -> tuple[str, str] | None:
        """Return what is around the value of a cell; None if it has none of a type."""
        chunk = self._chunks[index + 1]
        end, value_start = chunk.index(">"), chunk.find(_VALUE)
        is_so = chunk.endswith(f'{_TYPE}{kind}"', 0, end) if kind else _TYPE not in chunk[:end]
        if value_start < 0 or not is_so:
            return None
        value_start += len(_VALUE)
        surroundings = self._around_values[index] = (
            chunk[:value_start],
            chunk[chunk.index("</v>", value_start) :],
        )
        return surroundings

    def _around(self, index: int) -> tuple[str, str, str]:
        """Return the address and style of a cell, its formula, and what follows it."""
        if (pieces := self._around_results.get(index)) is None:
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
            pieces = self._around_results[index] = (
                head.partition(_TYPE)[0],
                rest[:formula_end],
                tail,
            )
        return pieces


def _as_latin1(text: str) -> str:
    """Return a text as the sheet has it, one character a byte."""
    return text if text.isascii() else text.encode("utf-8").decode("latin-1")


def _formula(body: str) -> str:
    end = body.find("</f>")
    return body[: end + 4] if end >= 0 else body[: body.index("/>") + 2]
