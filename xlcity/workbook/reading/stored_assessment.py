"""An assessment as a workbook keeps it: results that no cell can compute, and what they rest on.

The results are plain cells of `Assessment`, `Peers` and `Audit`. Beside them stands a copy of what
the index was made from at that time: a few numbers of every column of values, every weight, every
parameter. Formulas compare the copy with what these cells hold now.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import NamedTuple

from xlcity.errors import CellValue
from xlcity.functions.arguments import is_blank
from xlcity.workbook.reading.records import plain_text, table_lines
from xlcity.xlsx.cells import Position, ReadBook, resolve

#: Names of the settings, of what the results rest on, and of their state.
SETTINGS = "xl_assessment"
INPUTS = "xl_assessed_inputs"
STATE = "xl_assessment_state"
#: What is kept of the run.
SETTING_NAMES = (
    "replicates",
    "seed",
    "node",
    "synthetic",
    "version",
    "varied",
    "unranked",
)
#: Between cities without a score in some replicates, and between a city and their share.
_BETWEEN_CITIES = "; "
_BEFORE_SHARE = ": "
#: Tables of results: cities, cities like them, the statistical audit of nodes, pairs of nodes.
CITIES = "xl_robustness"
PEERS = "xl_peers"
AUDIT = "xl_audit"
PAIRS = "xl_correlations"
PEER_COUNT = 3
#: Table -> its columns; a line without the first of them is free.
TABLES: Mapping[str, tuple[str, ...]] = {
    CITIES: (
        "unit",
        "population",
        "rank",
        "score",
        "median",
        "low",
        "high",
        "top_3",
        "top_5",
        "top_10",
        "group",
        "alike",
    ),
    PEERS: (
        "unit",
        "group",
        *(f"peer_{number}" for number in range(1, PEER_COUNT + 1)),
    ),
    AUDIT: (
        "node",
        "population",
        "coverage",
        "skew",
        "kurt",
        "treated",
        "weight",
        "r_above",
        "r_elsewhere",
        "importance",
        "ratio",
        "children",
        "mean_r",
        "lowest_r",
        "highest_r",
        "alpha",
        "component",
        "factors",
    ),
    PAIRS: ("first", "second", "node", "population", "n", "kendall", "flag"),
}

Line = Mapping[str, CellValue]
Cells = dict[str, dict[Position, CellValue]]


class StoredAssessment(NamedTuple):
    """What a workbook keeps of an assessment.

    Attributes
    ----------
    settings
        What is said of the run, by `SETTING_NAMES`.
    tables
        The lines of each of `TABLES`, in the order of the sheets.
    inputs
        Key of an input -> what it was at the time of the assessment.
    """

    settings: Line
    tables: Mapping[str, tuple[Line, ...]]
    inputs: Line

    def lines(self, table: str) -> tuple[Line, ...]:
        """Return the lines of a table."""
        return self.tables.get(table, ())

    @property
    def cities(self) -> tuple[Line, ...]:
        """The results by city."""
        return self.lines(CITIES)


#: Of a workbook that was not assessed.
NOTHING = StoredAssessment({}, {}, {})


def unranked_text(shares: Mapping[str, float]) -> str:
    """Return the setting "unranked": cities without a score in a share of the replicates.

    >>> unranked_text({"u3": 0.125, "u7": 0.5}), unranked_shares("u3: 12.5%; u7: 50%")
    ('u3: 12.5%; u7: 50%', {'u3': 0.125, 'u7': 0.5})
    """
    entries = (
        f"{unit}{_BEFORE_SHARE}{100 * share:.3g}%" for unit, share in shares.items()
    )
    return _BETWEEN_CITIES.join(entries)


def unranked_shares(setting: CellValue) -> dict[str, float]:
    """Return city -> share of the replicates, as `unranked_text` wrote it; {} of a blank."""
    shares = {}
    for entry in filter(None, plain_text(setting).split(_BETWEEN_CITIES)):
        unit, _, share = entry.rpartition(_BEFORE_SHARE)
        shares[unit] = float(share.removesuffix("%")) / 100
    return shares


def read_assessment(book: ReadBook) -> StoredAssessment:
    """Return the assessment that a workbook keeps; `NOTHING` where it keeps none."""
    if SETTINGS not in book.names:
        return NOTHING
    rows = book.block(resolve(book, SETTINGS))
    settings = {plain_text(name): value for name, value in rows if not is_blank(value)}
    if "replicates" not in settings:
        return NOTHING
    inputs = {}
    for line in _lines(book, INPUTS):
        if line["then"] is not None:
            inputs[plain_text(line["key"])] = line["then"]
    tables = {}
    for name, columns in TABLES.items():
        if name in book.names:
            tables[name] = tuple(_filled_lines(book, name, columns))
    return StoredAssessment(settings, tables, inputs)


def _filled_lines(
    book: ReadBook, name: str, columns: Sequence[str]
) -> Iterator[dict[str, CellValue]]:
    """Yield the lines of a table that have something in its first column."""
    for line in _lines(book, name):
        if line[columns[0]] is not None:
            yield {column: line[column] for column in columns}


def _lines(book: ReadBook, name: str) -> Iterator[dict[str, CellValue]]:
    """Yield the rows of a table below its codes; a blank and an empty text are None."""
    for line in table_lines(book, resolve(book, name)):
        yield {code: None if value == "" else value for code, value in line.items()}


def result_cells(book: ReadBook, stored: StoredAssessment) -> Cells:
    """Return what to write where, so that a workbook keeps the results of an assessment."""
    area = resolve(book, SETTINGS)
    cells: Cells = {area.sheet: {}}
    for row, (name, _) in enumerate(book.block(area), area.r1):
        cells[area.sheet][row, area.c2] = stored.settings.get(plain_text(name))
    for name in TABLES:
        if name in book.names:
            written = cells.setdefault(resolve(book, name).sheet, {})
            written |= _table_cells(book, name, TABLES[name], stored.lines(name))
    return cells


def input_cells(book: ReadBook) -> Cells:
    """Return what to write where, so that what the inputs are now is kept as what they were."""
    lines = [{"then": line["now"]} for line in _lines(book, INPUTS)]
    return {resolve(book, INPUTS).sheet: _table_cells(book, INPUTS, ("then",), lines)}


def _table_cells(
    book: ReadBook, name: str, columns: Sequence[str], lines: Sequence[Line]
) -> dict[Position, CellValue]:
    """Return what a table's cells hold with some lines; free lines are emptied."""
    area = resolve(book, name)
    head = [plain_text(code) for code in book.block(area)[0]]
    free: list[Line] = [{}] * (area.rows - 1)
    filled = [*lines, *free][: area.rows - 1]
    shown = enumerate(filled, area.r1 + 1)
    values = {}
    for (row, line), column in product(shown, columns):
        values[row, area.c1 + head.index(column)] = _short(line.get(column))
    return values


def _short(value: CellValue) -> CellValue:
    """Return a number with the 15 digits that every program keeps."""
    return float(f"{value:.15g}") if isinstance(value, float) else value
