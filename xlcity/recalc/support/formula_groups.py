"""The formulas of a workbook, read once for each shape.

Copies of one formula differ in the numbers of their rows. A shape is all formulas of a sheet that
differ in nothing else: each of their references stands in the same spot of the text, in the same
columns, and what the formula does with it is the same.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from xlcity.recalc.support.usage import NameMeanings, Use, uses_of
from xlcity.xlsx.address import MAX_ROWS, parse_range
from xlcity.xlsx.cells import Position, ReadBook, Sheet
from xlcity.xlsx.formulas.tokens import Ref, RefSpan, form, spans
from xlcity.xlsx.table import alike

#: Functions whose constants choose a mode: their formulas are told apart digit by digit.
_CHOOSING = frozenset(
    "SUBTOTAL AGGREGATE XLOOKUP XMATCH TEST( WEEK YEARFRAC CHAR( TEXT( LINEST DATEDIF".split()  # noqa: SIM905
)
_TEXT = re.compile(r'"(?:[^"]|"")*"')
#: References, sheet names before them included: which cells they name makes no other use.
_REFERENCE = re.compile(
    r"(?:(?<![\w.:])(?:'[^'\[\]:]+'|[^\W\d][\w.]*)!)?"
    r"(?<![\w.])\$?[A-Za-z]{1,3}\$?[1-9]\d{0,6}(?![\w.(!\[])"
)
#: Ranges that are used as something else for what their digits are: one cell, whole columns.
_ODD_RANGE = re.compile(
    rf"(?<![A-Za-z$])(\$?[A-Za-z]{{1,3}}\$?[1-9]\d*):(?:\1(?!\d)|\$?[A-Za-z]{{1,3}}\$?{MAX_ROWS})"
)
#: The same among keys (see `alike`).
_ODD_KEY = re.compile(_ODD_RANGE.pattern.replace(str(MAX_ROWS), alike([str(MAX_ROWS)])[0]))
#: Formulas read before in this process; copies of one template have the same.
_READ: dict[tuple[object, ...], FormulaUsage] = {}
_SPOTS: dict[str, tuple[RefSpan, ...]] = {}
_MOST_READ = 50_000

#: What an argument names: the n-th reference of the formula, what a name stands for, or nothing.
ReferenceIndex = int | Ref | None


@dataclass(frozen=True, slots=True, eq=False)
class FormulaUsage:
    """What a formula does, wherever its references lead.

    Attributes
    ----------
    uses
        Its uses of functions. The references in them are those of the formula read first.
    named
        For each use, what each argument names.
    """

    uses: tuple[Use, ...]
    named: tuple[tuple[ReferenceIndex, ...], ...]


@dataclass(frozen=True, slots=True)
class FormulaGroup:
    """Formulas that differ in rows alone: their cells, their texts, and what they do."""

    sheet: str
    reading: FormulaUsage
    cells: tuple[Position, ...]
    texts: tuple[str, ...] = field(repr=False)

    @property
    def uses(self) -> tuple[Use, ...]:
        """Their uses of functions."""
        return self.reading.uses

    @property
    def spots(self) -> tuple[RefSpan, ...]:
        """Where the references stand in each of the texts."""
        first = self.texts[0]
        if (found := _SPOTS.get(first)) is None:
            if len(_SPOTS) >= _MOST_READ:
                _SPOTS.clear()
            found = _SPOTS[first] = spans(first)
        return found


class FormulaGrouper:
    """Reads the formulas of a workbook.

    Parameters
    ----------
    book
        The workbook.
    names
        Sheet -> what names mean on it.
    """

    def __init__(self, book: ReadBook, names: Mapping[str, NameMeanings]) -> None:
        self._names = names
        words = [*book.sheets, *book.names, *(name for _, name in book.local_names)]
        self._numbered = _Numbered(words)

    def of(self, sheet: Sheet) -> Iterator[FormulaGroup]:
        """Yield the shapes of a sheet."""
        texts, arrays = sheet.cells.texts(), sheet.arrays()
        groups: dict[object, list[tuple[Position, str]]] = {}
        for pair, key in zip(texts, self._keys(sheet, [text for _, text in texts]), strict=True):
            ref = arrays.get(pair[0]) if arrays else None
            groups.setdefault(key if ref is None else (pair[1], ref), []).append(pair)
        firsts = [pairs[0] for pairs in groups.values()]
        readings = self._readings(sheet, firsts)
        for pairs, reading in zip(groups.values(), readings, strict=True):
            positions, formulas = zip(*pairs, strict=True)
            yield FormulaGroup(sheet.name, reading, positions, formulas)

    def _keys(self, sheet: Sheet, formulas: list[str]) -> Sequence[object]:
        """Return a key for each formula; where digits choose a mode, the formula itself."""
        keys = sheet.cells.alike()
        distinct = list(dict.fromkeys(keys))
        joined = "\0".join(distinct)
        upper = joined.upper()
        exact: set[str] = set()
        if chosen := [word for word in _CHOOSING if word in upper]:
            pairs = zip(distinct, upper.split("\0"), strict=True)
            exact = {key for key, folded in pairs if any(word in folded for word in chosen)}
        if _ODD_KEY.search(joined):
            odd = {key for key in distinct if _ODD_KEY.search(key)}
            pairs = zip(keys, formulas, strict=True)
            exact |= {key for key, text in pairs if key in odd and _ODD_RANGE.search(text)}
        if (numbered := self._numbered.pattern(upper)) is not None:
            words, found = numbered.findall, {key for key in distinct if numbered.search(key)}
            return [
                text if key in exact else (key, *words(text)) if key in found else key
                for key, text in zip(keys, formulas, strict=True)
            ]
        if exact:
            pairs = zip(keys, formulas, strict=True)
            return [text if key in exact else key for key, text in pairs]
        return keys

    def _readings(self, sheet: Sheet, firsts: list[tuple[Position, str]]) -> Iterator[FormulaUsage]:
        """Yield what formulas do."""
        names = self._names[sheet.name]
        meaning = hash((names.library, frozenset(names.defined.items())))
        for position, text in firsts:
            array = _size(sheet.array(position))
            key = meaning, array, text
            if (found := _READ.get(key)) is None:
                # The size of a range matters only where an array formula fills several cells.
                one = array is None or array == (1, 1)
                alike_key = meaning, array, _general(text) if one else text
                if (found := _READ.get(alike_key)) is None:
                    found = _read(text, position, names, array)
                    _keep(alike_key, found)
                _keep(key, found)
            yield found


def _general(formula: str) -> object:
    """Return what formulas that do the same wherever they look have in common."""
    if _ODD_RANGE.search(formula):
        return formula
    if '"' not in formula:
        return _REFERENCE.sub("A1", formula)
    # What looks like a reference in a text is none.
    return _REFERENCE.sub("A1", _TEXT.sub('"', formula)), tuple(_TEXT.findall(formula))


def _keep(key: tuple[object, ...], reading: FormulaUsage) -> None:
    if len(_READ) >= _MOST_READ:
        _READ.clear()
    _READ[key] = reading


def _read(
    formula: str, position: Position, names: NameMeanings, array: tuple[int, int] | None
) -> FormulaUsage:
    made = form(formula, *position)
    # By identity: two references may be to the same cells.
    numbers = {id(ref): number for number, ref in enumerate(made.refs)}
    found = tuple(uses_of(made, names, array))
    return FormulaUsage(
        found,
        tuple(tuple(numbers.get(id(a.ref), a.ref) for a in use.arguments) for use in found),
    )


def _size(ref: str | None) -> tuple[int, int] | None:
    if ref is None:
        return None
    r1, c1, r2, c2 = parse_range(ref) if ref else (1, 1, 1, 1)
    return r2 - r1 + 1, c2 - c1 + 1


class _Numbered:
    """Sheets and names that differ in digits alone, as ``Matrix17`` and ``Matrix18`` do.

    Parameters
    ----------
    words
        All names of sheets and cells.
    """

    def __init__(self, words: Collection[str]) -> None:
        folded = {word.replace("'", "''").upper() for word in words}
        classes: dict[str, set[str]] = {}
        for word, common in zip(folded, alike(list(folded)), strict=True):
            if any(digit in word for digit in "123456789"):
                classes.setdefault(common, set()).add(word)
        self.classes = sorted(common for common, found in classes.items() if len(found) > 1)

    def pattern(self, keys: str) -> re.Pattern[str] | None:
        """Return what finds such words in formulas, if there are any in their keys."""
        there = [word for word in self.classes if word in keys]
        if not there:
            return None
        words = "|".join(re.escape(word).replace("1", "[1-9]") for word in there)
        return re.compile(words, re.IGNORECASE)
