"""Formulas of a template that an engine was trusted with, and what their cells must not hold.

All copies of a template have the same formulas. What was found out about them once is kept in the
user's cache: in which areas which sorts of values were in doubt, and which cells have arguments
with borders. A workbook with the same formulas is then looked at in these places alone.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from xlcity.recalc.engines.protocol import Values
from xlcity.recalc.support.argument_rules import ArgumentChecker, ParsedCells
from xlcity.recalc.support.formula_groups import FormulaGroup
from xlcity.recalc.support.parsed_formulas import exprs_of, plain_exprs
from xlcity.recalc.support.range_types import RangeTypes
from xlcity.xlsx.address import Range, joined_spans
from xlcity.xlsx.cells import ReadBook
from xlcity.xlsx.user_cache import digest_of, find_entry, keep_entry

_KIND = "formulas"
#: Those looked up last in this process.
_KNOWN: dict[str, TrustedFormulas] = {}
_MOST_KNOWN = 8

#: Sheet, first and last column, sorts of values that must not stand there.
Columns = tuple[str, int, int, str]


@dataclass(frozen=True, slots=True)
class TrustedFormulas:
    """What makes an engine right for all formulas of a workbook.

    Attributes
    ----------
    functions
        The functions and operators used.
    never
        Columns and sorts of values -> the rows in which these must not stand, from and to.
    bordered
        Cells whose arguments may meet a border, and their formulas.
    """

    functions: frozenset[str]
    never: Mapping[Columns, tuple[tuple[int, int], ...]]
    bordered: tuple[ParsedCells, ...]

    def hold(self, book: ReadBook, values: Values | None, engine: str) -> bool:
        """Return whether no formula of a workbook is in doubt.

        Parameters
        ----------
        book
            A workbook with these formulas.
        values
            What formula cells hold; without it what is stored.
        engine
            The engine that is trusted with them.
        """
        contents = RangeTypes(book, values)
        for (sheet, c1, c2, sorts), spans in self.never.items():
            if contents.may_hold(sheet, c1, c2, sorts) and any(
                not contents.sorts(Range(sheet, r1, c1, r2, c2)).isdisjoint(sorts)
                for r1, r2 in spans
            ):
                return False
        rules = ArgumentChecker(book, self.bordered, engine, drawn=True)
        return next(rules.met(values), None) is None

    def content(self) -> bytes:
        """Return what is kept."""
        never = [[*columns, spans] for columns, spans in self.never.items()]
        exprs, numbers = plain_exprs(expr for _, _, expr in self.bordered)
        cells = [
            (sheet, cells, number)
            for (sheet, cells, _), number in zip(self.bordered, numbers, strict=True)
        ]
        return json.dumps([sorted(self.functions), never, exprs, cells]).encode()

    @classmethod
    def read(cls, content: bytes) -> TrustedFormulas:
        """Return what was kept."""
        functions, never, lists, bordered = json.loads(content)
        exprs = exprs_of(lists)
        return cls(
            frozenset(functions),
            {tuple(columns): tuple(map(tuple, spans)) for *columns, spans in never},
            tuple((s, tuple(map(tuple, cells)), exprs[number]) for s, cells, number in bordered),
        )


def formulas_digest(book: ReadBook, library: Collection[str], engine: str) -> str | None:
    """Return a digest of the formulas of a workbook and of what their names mean."""
    sheets = [(s.name, s.cells.digest(), s.arrays()) for s in book.sheets.values()]
    return digest_of((engine, sorted(library), book.names, book.local_names, sheets))


def find_trusted(digest: str) -> TrustedFormulas | None:
    """Return what is known of formulas, by their digest."""
    known = _KNOWN.get(digest)
    if known is None and (content := find_entry(_KIND, digest)) is not None:
        known = TrustedFormulas.read(content)
        _remember(digest, known)
    return known


def keep_trusted(digest: str, trusted: TrustedFormulas) -> None:
    """Keep what was found out about formulas."""
    _remember(digest, trusted)
    keep_entry(_KIND, digest, trusted.content())


def _remember(digest: str, trusted: TrustedFormulas) -> None:
    if len(_KNOWN) >= _MOST_KNOWN:
        _KNOWN.pop(next(iter(_KNOWN)))
    _KNOWN[digest] = trusted


def trusted_formulas(
    groups: Iterable[tuple[FormulaGroup, Iterable[tuple[str, Iterable[Range]]]]],
    bordered: tuple[ParsedCells, ...],
) -> TrustedFormulas:
    """Put together what was found out.

    Parameters
    ----------
    groups
        All formulas, each with the sorts of values that areas must not hold.
    bordered
        Those whose arguments may meet a border.
    """
    functions: set[str] = set()
    never: dict[Columns, set[tuple[int, int]]] = {}
    for group, limits in groups:
        functions.update(use.name for use in group.uses)
        for sorts, areas in limits:
            for area in areas:
                columns = area.sheet, area.c1, area.c2, sorts
                never.setdefault(columns, set()).add((area.r1, area.r2))
    return TrustedFormulas(
        frozenset(functions),
        {columns: joined_spans(spans) for columns, spans in never.items()},
        bordered,
    )
