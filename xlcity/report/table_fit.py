"""How a table fits a width: size of its type, widths of its columns, turned headings, parts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from xlcity.figures.style import is_wide, wrapped
from xlcity.report.contents import Field

#: Cm of a point; the room at both sides of a cell, in cm.
POINT_CM, SIDES = 2.54 / 72, 0.176
#: Half points of the type, the largest first; tables with many columns never have the largest.
_SIZES, _MANY = (17, 15, 14), 8
#: Ems of a column of texts that are as short as numbers.
_SHORT = 5.0
#: Least ems of a column of texts, where there is room and where there is not; usual ems, how much
#: wider bold type is than the estimate of a text, and ems that a turned heading takes.
_LEAST, _NARROW, _USUAL, _BOLD, _UPRIGHT = 7.0, 3.0, 22.0, 1.12, 1.3
#: Ems that a column has beyond its text, and how much wider than Times New Roman another type may
#: be, of which columns have as much as there is room for.
_MARGIN, _OTHER_TYPE = 0.75, 1.12
#: Ems between numbers on the left and a text, and before a further block of a table; lines that
#: headings have where there is room, the best first.
_GAP, _BLOCK_GAP, _HEAD_LINES = 0.6, 2.0, (1, 2, 3)

#: Letters that are half as wide as others; cm by which turned headings get higher.
_SLIM, _STEP = "ijlftI.,:;'()[]|/ -", 0.1
#: Signs that Chinese documents write as wide as a character.
_SIGNS = "−±×→▲▼★☆"
#: Chinese characters that a heading of at most so many does not part.
_WHOLE = 4

Lines = Sequence[Sequence[str]]


@dataclass(frozen=True)
class TableFit:
    """How a table fits.

    Attributes
    ----------
    size
        Of its type, in half points.
    widths
        Of its columns, in cm.
    turned
        Columns whose headings are read upwards.
    tall
        Cm of these.
    """

    size: int
    widths: list[float]
    turned: frozenset[int] = frozenset()
    tall: float = 0.0


@lru_cache(maxsize=1 << 16)
def ems(text: str) -> float:
    """Return how wide a text is in a wide type, in multiples of its size."""
    return sum(
        1.0 if is_wide(c) or c in _SIGNS else 0.4 if c in _SLIM else 0.95 if c in "mwMW%@" else
        0.74 if c.isupper() else 0.63
        for c in text
    )  # fmt: skip


def sizes(columns: int, *, small: bool) -> tuple[int, ...]:
    """Return the sizes of type that a table may have, in half points, the largest first."""
    return _SIZES[2:] if small else _SIZES[1:] if columns >= _MANY else _SIZES


def em_cm(size: int) -> float:
    """Return how wide an em is in cm, of type of so many half points."""
    return size / 2 * POINT_CM


def least_widths(
    fields: Sequence[Field],
    lines: Lines,
    lang: str,
    size: int,
    texts: float,
    *,
    turned: frozenset[int] = frozenset(),
) -> list[float]:
    """Return the cm that columns need so that no word is broken, and no text of some ems."""
    em = em_cm(size)
    needs = _needs(fields, lines, lang, texts, 0, turned=turned)
    return [em * one + max(em * _MARGIN, SIDES) for one in needs]


def upright(
    fields: Sequence[Field], lines: Lines, lang: str, room: float, allowed: Sequence[int]
) -> tuple[int, float] | None:
    """Return the size that a table fits the room with as it is, and the ems of unbroken texts.

    None where it does not fit.
    """
    return next(
        (
            (size, texts)
            for texts in (_LEAST, _NARROW)
            for size in allowed
            if sum(least_widths(fields, lines, lang, size, texts)) <= room
        ),
        None,
    )


def parts(fields: Sequence[Field], lines: Lines, lang: str, room: float) -> list[list[int]]:
    """Return the columns of each part that a table is divided into: no column may be lost.

    Most tables have one part. Each has the columns up to the first text, which say what a row is.
    """

    def fits(columns: Sequence[int]) -> bool:
        own = [[line[at] for at in columns] for line in lines]
        some = [fields[at] for at in columns]
        smallest = _SIZES[-1]
        return any(
            sum(least_widths(some, own, lang, smallest, _NARROW, turned=turned)) <= room
            for turned in (frozenset[int](), _turned(some, own, lang))
        )

    every = [*range(len(fields))]
    first = next((at for at in every if fields[at].is_text), 0) + 1
    keys, others = every[:first], every[first:]
    return next(_divided(keys, others, fits), [every])


def _divided(
    keys: list[int], others: list[int], fits: Callable[[Sequence[int]], bool]
) -> Iterator[list[list[int]]]:
    """Yield the columns in as few parts of about one size as fit, at last one column in each."""
    for count in range(1, len(others) + 1):
        size = -(-len(others) // count)
        made = [[*keys, *others[at : at + size]] for at in range(0, len(others), size)]
        if size == 1 or all(map(fits, made)):
            yield made


def fitted(
    fields: Sequence[Field], lines: Lines, lang: str, room: float, allowed: Sequence[int]
) -> TableFit:
    """Return how a table fits: with the largest type that does, the last resort turned headings."""
    found, turned = upright(fields, lines, lang, room, allowed), frozenset[int]()
    if found is None:
        turned = _turned(fields, lines, lang)
        tried = (
            (size, texts)
            for texts in (_LEAST, _NARROW)
            for size in allowed
            if sum(least_widths(fields, lines, lang, size, texts, turned=turned)) <= room
        )
        found = next(tried, (allowed[-1], _NARROW))
    size, texts = found
    em, least = em_cm(size), least_widths(fields, lines, lang, size, texts, turned=turned)
    needs = [
        [
            em * one * _OTHER_TYPE + max(em * _MARGIN, SIDES)
            for one in _needs(fields, lines, lang, _USUAL, head_lines, turned=turned)
        ]
        for head_lines in _HEAD_LINES
    ]
    need = next((one for one in needs if sum(one) <= room), needs[-1])
    if sum(need) > room:
        # Only texts can give room: they wrap.
        need = [
            max(low, wish) if one.is_text else low
            for one, low, wish in zip(fields, least, need, strict=True)
        ]
        give = max(0.0, min(1.0, (room - sum(least)) / max(sum(need) - sum(least), 1e-9)))
        need = [low + give * (wish - low) for low, wish in zip(least, need, strict=True)]
        share = min(1.0, room / sum(need))
        wide = [share * one for one in need]
    else:
        # Long texts take the room that is left, else all columns share some of it.
        long = [
            one.is_text and max((ems(line[at]) for line in lines), default=0.0) > _USUAL
            for at, one in enumerate(fields)
        ]
        takers = long if any(long) else [True] * len(need)
        left = room - sum(need)
        spare = (left if any(long) else min(left, 6.0)) / sum(takers)
        wide = [one + spare * takes for one, takes in zip(need, takers, strict=True)]
    return TableFit(size, wide, turned, _height(fields, wide, turned, lang, size))


def _needs(
    fields: Sequence[Field],
    lines: Lines,
    lang: str,
    texts: float,
    head_lines: int,
    *,
    turned: frozenset[int],
) -> list[float]:
    """Return the width of each column in ems.

    Texts need no more than some ems, and wrap. Headings have some lines, or (0) as many as words.
    """
    found = []
    for at, one in enumerate(fields):
        cells = [line[at] for line in lines]
        wide = max(map(ems, cells), default=0.0)
        if one.is_text:
            word = max((ems(part) for cell in cells for part in _words(cell)), default=0.0)
            wide = max(min(wide, texts), min(word, wide))
        head = one.head.text(lang)
        if at in turned:
            found.append(max(wide, _UPRIGHT) + gap(fields, at))
            continue
        heads = _words(head)
        wide = max(wide, max(map(ems, heads), default=0.0) * _BOLD)
        if head_lines and heads:
            wide = max(wide, ems(head) * _BOLD / head_lines)
        found.append(wide + gap(fields, at))
    return found


def gap(fields: Sequence[Field], at: int) -> float:
    """Return the ems before a text on the right of numbers, which end where it begins."""
    if at == 0 or not fields[at].is_text or fields[at - 1].is_text:
        return 0.0
    return _BLOCK_GAP if fields[at] is fields[0] else _GAP


def _turned(fields: Sequence[Field], lines: Lines, lang: str) -> frozenset[int]:
    """Return the columns whose headings are clearly wider than their cells."""
    found = []
    for at, one in enumerate(fields):
        cells = max((ems(line[at]) for line in lines), default=0.0)
        short = not one.is_text or (at > 0 and cells < _SHORT)
        if short and ems(one.head.text(lang)) * _BOLD > cells + 0.5:
            found.append(at)
    return frozenset(found)


def _height(
    fields: Sequence[Field], widths: Sequence[float], turned: frozenset[int], lang: str, size: int
) -> float:
    """Return the cm that turned headings need, in as many lines as their columns have room for."""
    em, points = em_cm(size), size / 2
    tall = 0.0
    for at in turned:
        head = fields[at].head.text(lang)
        lines = max(1, int((widths[at] - SIDES) / em / _UPRIGHT))
        high = max(map(ems, _words(head)), default=0.0) * em
        while len(wrapped(head, high, points)) > lines:
            high += _STEP
        tall = max(tall, high)
    return tall * _BOLD + 0.3 if turned else 0.0


def _words(text: str) -> list[str]:
    """Return what a heading may be broken into: words and their parts, or some characters."""
    return [
        piece
        for word in text.replace("-", "- ").split()
        for piece in (
            [word[at : at + 3] for at in range(0, len(word), 3)]
            if len(word) > _WHOLE and any(map(is_wide, word))
            else [word]
        )
    ]
