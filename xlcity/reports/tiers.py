"""Tiers of the cities and their names, as a table: a row each, beside data or in a workbook.

`tiers.csv` says at which rank a tier ends (`rank_to`) and what it is called; the tiers of a group
alone stand in a report's own tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from xlcity.errors import DataError, Problem, Where
from xlcity.messages import Message
from xlcity.model.reading.tables import as_text
from xlcity.reports.groups import table_beside
from xlcity.reports.report import TierRule

#: Name of the file and of the sheet, and columns of the table in a workbook.
TIERS = "tiers"
COLUMNS = ("tier", "rank_to", "name_zh", "name_en")
#: What all cities are called where tiers of groups are.
ALL = "all"


def tiers_of(rows: Iterable[Mapping[str, str]]) -> tuple[TierRule, ...]:
    """Return the tiers of all cities, each from behind the one before; rows without ranks are none.

    Raises
    ------
    ValueError
        If a rank is not a whole number above that of the tier before.
    """
    rules: list[TierRule] = []
    for row in rows:
        if not row["rank_to"] or row.get("group", ALL) not in (ALL, ""):
            continue
        first = rules[-1].rank_to + 1 if rules else 1
        last = int(row["rank_to"])
        if last < first:
            raise ValueError(row["rank_to"])
        names = row.get("name_zh", ""), row.get("name_en", "")
        rules.append(TierRule(ALL, ALL, len(rules) + 1, first, last, *names))
    return tuple(rules)


def tier_rows(rules: Iterable[TierRule]) -> Iterator[dict[str, str]]:
    """Yield the rows of a table of tiers."""
    for rule in rules:
        yield {name: str(getattr(rule, name)) for name in COLUMNS}


def read_tiers(data: Path) -> tuple[TierRule, ...]:
    """Return the tiers that a table beside data declares; none without it.

    The table is `tiers.csv` in a folder of data, the sheet `tiers` of a workbook, and beside a
    CSV file `NAME.tiers.csv` or `tiers.csv`.

    Raises
    ------
    DataError
        If it has no column of ranks, or a rank is not above that of the tier before.
    """
    table = table_beside(data, TIERS, _is_header)
    if table is None:
        return ()
    names = [as_text(name).lower() for name in table.header]
    if not {"rank_to"} <= {*names}:
        raise DataError([_problem("XC347.no_ranks", table.where())])
    rows = []
    for number in range(len(table.rows)):
        texts = (as_text(table.cell(number, column)) for column in range(len(names)))
        rows.append(dict(zip(names, texts, strict=True)))
    try:
        return tiers_of(rows)
    except ValueError as error:
        problem = _problem("XC347.rank", table.where(), rank=str(error))
        raise DataError([problem]) from None


def _problem(key: str, where: Where, **words: str) -> Problem:
    hint = Message("hint.tier_ranks")
    return Problem("XC347", Message(key, **words), hint, where)


def _is_header(row: Sequence[object]) -> bool:
    return {as_text(cell).lower() for cell in row} >= {"tier", "rank_to"}
