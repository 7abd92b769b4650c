"""How a table fits a width, by one rule: a letter is half an em wide, a Chinese character an em."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xlcity.figures.style import is_wide
from xlcity.report.contents import Field

#: Cm of a point; the room at both sides of a cell, in cm.
POINT_CM, SIDES = 2.54 / 72, 0.2
#: Half points of the type, the largest first, and of small type.
SIZES, SMALL = (17, 15, 14), (14,)
#: Half ems of a text that is not broken where there is room, and of one that takes what is left.
_LEAST, _LONG = 14, 44
#: Characters of a Chinese text that are not parted.
_WHOLE = 4
#: How much wider bold type is; half ems of a heading that is read upwards, and most cm of it.
_BOLD, _UPRIGHT, _TALLEST = 1.15, 2.2, 5.0
#: Cm that columns which need no more share at most.
_SHARED = 6.0
#: Signs that Chinese documents write as wide as a character.
_SIGNS = "−±×→▲▼★☆"

Lines = Sequence[Sequence[str]]


@dataclass(frozen=True)
class TableFit:
    """How a table fits: half points of its type, cm of its columns, and of headings read upwards.

    `tall` is 0 where headings are read as usual; else those of columns of numbers are turned.
    """

    size: int
    widths: list[float]
    tall: float = 0.0


def half_ems(text: str) -> int:
    """Return how many half ems a text is wide.

    >>> half_ems("Lyon"), half_ems("里昂"), half_ems("−1.5")
    (4, 4, 5)
    """
    return sum(2 if is_wide(character) or character in _SIGNS else 1 for character in text)


def half_em_cm(size: int) -> float:
    """Return the cm of half an em, in type of so many half points."""
    return size / 4 * POINT_CM


def column_widths(
    fields: Sequence[Field], lines: Lines, lang: str, size: int, *, turned: bool = False
) -> list[tuple[float, float]]:
    """Return the cm that each column needs so that no word is broken, and that no text wraps."""
    em, widths = half_em_cm(size), []
    for column, field in enumerate(fields):
        cells = [line[column] for line in lines]
        longest = max(map(half_ems, cells), default=0)
        head, heading = field.head.text(lang), _UPRIGHT
        least = float(longest)
        if field.is_text:
            word = max((half_ems(part) for cell in cells for part in _words(cell)), default=0)
            least = max(min(longest, _LEAST), word)
        if not turned or field.is_text:
            heading = _BOLD * max(map(half_ems, _words(head)), default=0)
        wish = max(heading, longest if turned else _BOLD * half_ems(head), min(longest, _LONG))
        widths.append((em * max(least, heading) + SIDES, em * max(least, wish) + SIDES))
    return widths


def fitted(
    fields: Sequence[Field], lines: Lines, lang: str, room: float, sizes: Sequence[int] = SIZES
) -> TableFit | None:
    """Return how a table fits: in the largest type that does, the last resort turned headings."""
    for turned in (False, True):
        for size in sizes:
            both = column_widths(fields, lines, lang, size, turned=turned)
            if sum(least for least, _ in both) <= room:
                heads = (half_ems(field.head.text(lang)) for field in fields if not field.is_text)
                tall = min(_TALLEST, half_em_cm(size) * max(heads, default=0) + SIDES) * turned
                return TableFit(size, _shared_out(fields, lines, both, room), tall)
    return None


def _shared_out(
    fields: Sequence[Field], lines: Lines, both: Sequence[tuple[float, float]], room: float
) -> list[float]:
    """Return the widths of columns: what each needs, then what each wishes, then what is left."""
    need, wish = (sum(widths) for widths in zip(*both, strict=True))
    share = min(1.0, (room - need) / max(wish - need, 1e-9))
    widths = [least + share * (most - least) for least, most in both]
    takers = [
        field.is_text and max((half_ems(line[column]) for line in lines), default=0) > _LONG
        for column, field in enumerate(fields)
    ]
    left = room - sum(widths)
    if not any(takers):
        takers, left = [True] * len(widths), min(left, _SHARED)
    return [wide + takes * left / sum(takers) for wide, takes in zip(widths, takers, strict=True)]


def divided(fields: Sequence[Field], lines: Lines, lang: str, room: float) -> list[list[int]]:
    """Return the columns of each part that a table is divided into: no column may be lost.

    Most tables have one part. Each has the columns up to the first text, which say what a row is.
    """
    every = [*range(len(fields))]
    first = next((column for column in every if fields[column].is_text), 0) + 1
    keys, others = every[:first], every[first:]
    for count in range(1, len(others) + 1):
        size = -(-len(others) // count)
        parts = [[*keys, *others[start : start + size]] for start in range(0, len(others), size)]
        if size == 1 or all(
            fitted(
                [fields[column] for column in part],
                [[line[column] for column in part] for line in lines],
                lang,
                room,
            )
            for part in parts
        ):
            return parts
    return [every]


def gap_before(fields: Sequence[Field], column: int) -> int:
    """Return the half ems before a text on the right of numbers, which end where it begins."""
    if column == 0 or not fields[column].is_text or fields[column - 1].is_text:
        return 0
    # Of tables in blocks the first column comes again: there a further block begins.
    return 4 if fields[column] is fields[0] else 1


def balanced(text: str, room: float) -> list[str]:
    """Return the lines of a Chinese heading that has room for some half ems, all about as long.

    >>> balanced("通用数据处理设备", 14), balanced("Data processing", 9)
    (['通用数据', '处理设备'], ['Data processing'])
    """
    if not any(map(is_wide, text)):
        return [text]
    count = max(1, -int(-half_ems(text) // max(room, 4)))
    size = -(-len(text) // count)
    return [text[start : start + size] for start in range(0, len(text), size)]


def _words(text: str) -> list[str]:
    """Return what a text may be broken into: words and their parts, or some characters."""
    return [
        piece
        for word in text.replace("-", "- ").split()
        for piece in (
            [word[start : start + 3] for start in range(0, len(word), 3)]
            if len(word) > _WHOLE and any(map(is_wide, word))
            else [word]
        )
    ]
