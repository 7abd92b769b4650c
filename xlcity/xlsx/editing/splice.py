"""Puts new content into cells of a sheet whose cells are all spelled one way, fast.

The text is cut at every cell; the cells wanted are written again, everything else stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from xlcity.xlsx.editing import scan

_CELL = "<c r="
#: Formulas and numbers hold no such text: its signs are escaped there.
_RESULT = "</f><v>"
#: What reads as a number and is spelled otherwise.
_DATE = ' t="d"'
_Item = TypeVar("_Item")


def splice(
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
    start, end = scan.sheet_data(xml)
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
        head = head.partition(' t="')[0] + (f' t="{kind}"' if kind else "")
        chunks[index + 1] = f"{head}>{inner}</c>{rest}" if inner else f"{head}/>{rest}"
    return xml[:start] + _CELL.join(chunks) + xml[end:]


def splice_results(xml: str, results: Iterable[tuple[int, str, str]]) -> str:
    """Return a sheet with new results in some formula cells; `splice` for the many.

    Parameters
    ----------
    xml
        A sheet that `scan.uniform` can read.
    results
        Number of a cell in the order of the file, its type, and the element of its value.
    """
    start, end = scan.sheet_data(xml)
    chunks = xml[start:end].split(_CELL)
    for index, kind, value in results:
        head, _, rest = chunks[index + 1].partition(">")
        at = 0
        if head.endswith("/"):
            head, tail = head[:-1], rest
        else:
            if rest.startswith("<f"):
                at = rest.find("</f>") + 4
                if at < 4:
                    at = rest.index("/>") + 2
            tail = rest[rest.index("</c>", at) + 4 :]
        head = head.partition(' t="')[0]
        if kind:
            head = f'{head} t="{kind}"'
        if at or value:
            chunks[index + 1] = f"{head}>{rest[:at]}{value}</c>{tail}"
        else:
            chunks[index + 1] = f"{head}/>{tail}"
    return xml[:start] + _CELL.join(chunks) + xml[end:]


def splice_numbers(xml: str, formulas: int, numbers: Iterable[tuple[int, str]]) -> str | None:
    """Return a sheet with numbers in place of numbers, the most frequent change.

    Parameters
    ----------
    xml
        A sheet that `scan.uniform` can read.
    formulas
        How many formulas it has.
    numbers
        Number of a formula in the order of the file, and its new result.

    Returns
    -------
    str or None
        ``None`` if some formula has no result to be replaced.
    """
    chunks = xml.split(_RESULT)
    if len(chunks) != formulas + 1 or _DATE in xml:
        return None
    for index, text in numbers:
        chunk = chunks[index + 1]
        chunks[index + 1] = text + chunk[chunk.index("</v>") :]
    return _RESULT.join(chunks)


def _formula(body: str) -> str:
    end = body.find("</f>")
    return body[: end + 4] if end >= 0 else body[: body.index("/>") + 2]
