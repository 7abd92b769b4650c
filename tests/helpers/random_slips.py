"""Slips drawn by a seed in four books: what a person does, at which cells, and words that fit.

Each kind has at least `SLIPS_A_KIND` slips, one to a book; none is chosen by what *check* finds.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from itertools import product

from tests.helpers import mutations, slip_books
from tests.helpers.mutations import calculated, with_cell, with_text
from tests.helpers.slip_books import BOOKS, GEOMETRIC, SHIPPED, ZSCORE, sound_book
from tests.helpers.slips import KINDS, Made, Sound
from xlcity.xlsx.address import Range, cell_name, parse_range
from xlcity.xlsx.package import Package
from xlcity.xlsx.text import number_text

IMAGE, GIHI = SHIPPED
SLIPS_A_KIND = 5
#: The seed of the slips that are counted.
SEED = 70
#: Without the largest book, whose check takes longest.
QUICK = (IMAGE, GEOMETRIC, ZSCORE)
_SPREADSHEET_EPOCH = date(1899, 12, 30)
_Maker = Callable[[Sound, random.Random], Made]


@dataclass(frozen=True)
class Kind:
    """A kind of slip: what makes it, in which books, and the words one of which names it.

    `is_saved` tells whether a program calculates the book again when it saves it, `is_apart`
    whether nothing in the book says what was there before, so that nobody can know.
    """

    name: str
    makers: tuple[_Maker, ...]
    books: tuple[str, ...]
    words: str
    is_saved: bool = True
    is_apart: bool = False
    slips: int = SLIPS_A_KIND


@dataclass(frozen=True)
class Slip:
    """A slip of a kind in a book: its number decides maker and book."""

    kind: Kind
    number: int
    seed: int

    @property
    def book(self) -> str:
        """The book it is in."""
        return self.kind.books[self.number % len(self.kind.books)]

    def plant(self) -> Planted:
        """Make it in the sound book."""
        maker = self.kind.makers[self.number % len(self.kind.makers)]
        rng = random.Random(f"{self.kind.name} {self.number} {self.seed}")
        made = maker(sound_book(self.book), rng)
        package = calculated(made.package) if self.kind.is_saved else made.package
        return Planted(self, package, made.sheet, made.places)


@dataclass(frozen=True)
class Planted:
    """A book with one slip, the sheet of it and its cells, or words where it has no cell.

    A place on another sheet is written with it: "Index!D8".
    """

    slip: Slip
    package: Package = field(repr=False)
    sheet: str
    places: tuple[str, ...]

    def is_at(self, sheet: str, areas: str, text: str = "") -> bool:
        """Tell whether a finding is at one of its places, or names one."""
        cells = _cells_of(sheet, areas)
        for place in self.places:
            own_sheet, _, area = place.rpartition("!")
            own_sheet = own_sheet or self.sheet
            if own_sheet and own_sheet != sheet:
                continue
            if re.search(rf"(?<!\w){re.escape(area)}(?!\w)", f"{areas} {text}"):
                return True
            if own_sheet and not cells.isdisjoint(_cells_of(sheet, area)):
                return True
        return False

    def fits(self, text: str) -> bool:
        """Tell whether words name what was done."""
        return re.search(self.slip.kind.words, text, re.IGNORECASE) is not None


def _cells_of(sheet: str, areas: str) -> set[str]:
    """Return the cells of areas such as "A1:B2, C3"."""
    cells: set[str] = set()
    for area in re.findall(r"\b[A-Z]{1,3}\d+(?::[A-Z]{1,3}\d+)?\b", areas):
        ends = Range(sheet, *parse_range(area))
        cells |= {cell_name(*position) for position in ends.positions}
    return cells


# Cells and numbers to choose from


def _codes(sound: Sound) -> list[str]:
    return sorted(sound.codes)


def _numbers(sound: Sound, code: str) -> dict[str, float]:
    """Return the numbers of an indicator, by the rows of their cities."""
    units = sorted(sound.units, key=lambda unit: sound.template.rows[unit])
    values = {unit: sound.value(unit, code) for unit in units}
    return {unit: x for unit, x in values.items() if isinstance(x, float)}


def _chosen(sound: Sound, rng: random.Random) -> tuple[str, str, float]:
    """Choose a city and an indicator with a number other than 0."""
    code = rng.choice(_codes(sound))
    values = {unit: x for unit, x in _numbers(sound, code).items() if x}
    unit = rng.choice([*values])
    return unit, code, values[unit]


def _row_cells(sound: Sound, unit: str) -> list[tuple[int, int]]:
    """Return the cells of a city's values on `Data`."""
    columns = sorted(sound.template.columns.values())
    return [(sound.template.rows[unit], column) for column in columns]


def _heads(sound: Sound, name: str) -> list[object]:
    return sound.book.block(sound.area(name))[0]


def _rows_of(sound: Sound, name: str, column: str) -> dict[int, object]:
    """Return the row and the value of each cell of a column of a block that has one."""
    area = sound.area(name)
    place = _heads(sound, name).index(column)
    cells = {
        row: sound.book.value(area.sheet, row, area.c1 + place)
        for row in range(area.r1 + 1, area.r2 + 1)
    }
    return {row: value for row, value in cells.items() if value not in (None, "")}


def _column_of(sound: Sound, name: str, column: str) -> int:
    return sound.area(name).c1 + _heads(sound, name).index(column)


def _with_values(
    sound: Sound, sheet: str, values: dict[tuple[int, int], float | None]
) -> Made:
    """Type numbers over cells of a sheet, or empty them."""
    package = sound.package
    for position, value in values.items():
        inner = "" if value is None else f"<v>{number_text(value)}</v>"
        package = with_cell(package, sound.book, sheet, position, inner)
    return Made(package, sheet, tuple(cell_name(*position) for position in values))


# Values on `Data`


def _made_missing(sound: Sound, rng: random.Random) -> Made:
    unit, code, _ = _chosen(sound, rng)
    return sound.text("Data", sound.at(unit, code), "NA")


def _missing_made_zero(place: int, sound: Sound, _rng: random.Random) -> Made:
    gaps = [
        (unit, code)
        for code in sorted(sound.template.columns)
        for unit in sound.units
        if sound.value(unit, code) == "NA"
    ]
    return sound.typed({gaps[place]: 0.0})


def _deleted(sound: Sound, rng: random.Random) -> Made:
    unit, code, _ = _chosen(sound, rng)
    return _with_values(sound, "Data", {sound.at(unit, code): None})


def _row_emptied(sound: Sound, rng: random.Random) -> Made:
    """Press Delete on a whole row of `Data`, the city's id included."""
    unit = rng.choice(sorted(sound.units))
    cells = _row_cells(sound, unit)
    ident = sound.template.rows[unit], sound.area("in_units").c1
    filled = [cell for cell in cells if sound.book.value("Data", *cell) is not None]
    return _with_values(sound, "Data", dict.fromkeys((ident, *filled)))


def _times(factors: tuple[float, ...]) -> _Maker:
    def make(sound: Sound, rng: random.Random) -> Made:
        unit, code, value = _chosen(sound, rng)
        return sound.typed({(unit, code): value * rng.choice(factors)})

    return make


def _in_another_unit(sound: Sound, rng: random.Random) -> Made:
    """Type a whole column in another unit of measure."""
    code = rng.choice(_codes(sound))
    factor = rng.choice((1000, 100, 10_000, 0.001, 0.01))
    values = _numbers(sound, code)
    return sound.typed({(unit, code): x * factor for unit, x in values.items() if x})


def _sign_lost(sound: Sound, rng: random.Random) -> Made:
    """Type a value below 0 without its sign, or one above it with a sign."""
    below = [
        (unit, code, x)
        for code in _codes(sound)
        for unit, x in _numbers(sound, code).items()
        if x < 0
    ]
    unit, code, value = rng.choice(below) if below else _chosen(sound, rng)
    return sound.typed({(unit, code): -value})


def _date_serial(sound: Sound, rng: random.Random) -> Made:
    """Let the program read "5.12" as a day of this century."""
    unit, code, _ = _chosen(sound, rng)
    day = date(rng.choice((2024, 2025, 2026)), rng.randint(1, 12), rng.randint(1, 28))
    serial = float((day - _SPREADSHEET_EPOCH).days)
    return sound.typed({(unit, code): serial})


def _as_text(sound: Sound, rng: random.Random) -> Made:
    """Type or paste a number in a way that leaves a text."""
    unit, code, value = _chosen(sound, rng)
    plain = number_text(value)
    full_width = "".join(chr(ord(c) + 0xFEE0) for c in plain)
    ways = (plain, full_width, f"约{plain}", plain.replace(".", ","), f"{plain} km")
    return sound.text("Data", sound.at(unit, code), rng.choice(ways))


def _twice(sound: Sound, rng: random.Random) -> Made:
    return _mutation("duplicated city")(sound, rng)


def _exchanged_cities(sound: Sound, rng: random.Random) -> Made:
    """Exchange the values of two cities in one indicator."""
    code = rng.choice(_codes(sound))
    values = _numbers(sound, code)
    a = rng.choice([*values])
    b = rng.choice([unit for unit in values if values[unit] != values[a]])
    return sound.typed({(a, code): values[b], (b, code): values[a]})


def _pasted_low(sound: Sound, rng: random.Random) -> Made:
    """Paste up to twenty values one row low."""
    code = rng.choice(_codes(sound))
    values = _numbers(sound, code)
    start = rng.randrange(len(values) - 6)
    units = [*values]
    pairs = zip(units[start : start + 20], units[start + 1 :], strict=False)
    moved = {(low, code): values[u] for u, low in pairs if values[u] != values[low]}
    return sound.typed(moved)


def raw_value(sound: Sound, rng: random.Random) -> Made:
    """Type another value, such as nobody can tell from a right one."""
    unit, code, value = _chosen(sound, rng)
    return sound.typed({(unit, code): value * rng.choice((0.1, 1.03, 10))})


# Values that were wrong in the table from which the book was made


def _in_thousands_from_the_beginning(sound: Sound, rng: random.Random) -> Made:
    """Make the geometric book from a table with one column in thousands.

    The smallest bound is above all such values, so that no city has a total.
    """
    code = rng.choice(slip_books.GEOMETRIC_AMOUNTS)
    values = slip_books.geometric_values()
    for row in values.values():
        row[code] = row[code] / 1000
    made = Sound(slip_books.geometric_book(values), sound.name)
    totals = made.area("out_scores")
    column = Range(totals.sheet, totals.r1, totals.c2, totals.r2, totals.c2)
    rows = sorted(made.template.rows.values())
    place = made.template.columns[code]
    typed = Range("Data", rows[0], place, rows[-1], place)
    return Made(made.package, "", (str(typed), str(column), "without-total"))


def _magnitude_from_the_beginning(sound: Sound, rng: random.Random) -> Made:
    """Make a book from a table with one value ten, a hundred or a thousand times too large."""
    unit, code, value = _chosen(sound, rng)
    factor = rng.choice((10, 100, 1000, 0.1, 0.01, 0.001))
    if sound.name.startswith(GEOMETRIC):
        values = slip_books.geometric_values()
        make = slip_books.geometric_book
    else:
        values = slip_books.zscore_values()
        make = slip_books.zscore_book
    values[unit][code] = float(f"{value * factor:.12g}")
    made = Sound(make(values), sound.name)
    return Made(made.package, "Data", (cell_name(*made.at(unit, code)),))


# Headings and the look of `Data`


def _heading_formulas(sound: Sound) -> list[tuple[int, int]]:
    """Return the cells above the indicators that hold formulas, the banner left out."""
    area = sound.area("in_data")
    texts = sound.book.sheets["Data"].cells.texts()
    columns = sorted(sound.template.columns.values())
    cells = product(range(area.r1), columns)
    return [(row, column) for row, column in cells if (row, columns[-1]) in texts]


def _heading_altered(sound: Sound, rng: random.Random) -> Made:
    """Change a formula above an indicator: another row, another text, a text for it."""
    position = rng.choice(_heading_formulas(sound))
    text = sound.book.sheets["Data"].cells[position].formula
    last = re.search(r"\$(\d+)(?!.*\$\d)", text)
    other_row = f"{text[: last.start(1)]}{int(last[1]) + 1}{text[last.end(1) :]}"
    new = rng.choice((other_row, f'{text}&" (old)"', f'IF(TRUE,"GDP",{text})'))
    return sound.formula(position, lambda _: new, "Data")


def _headings_exchanged(sound: Sound, rng: random.Random) -> Made:
    """Exchange the names above two indicators; the codes stay."""
    row = min(row for row, _ in _heading_formulas(sound))
    columns = [column for r, column in _heading_formulas(sound) if r == row]
    a, b = sorted(rng.sample(columns, 2))
    texts = {column: sound.book.sheets["Data"].cells[row, column] for column in (a, b)}
    first = sound.formula((row, a), lambda _: texts[b].formula, "Data")
    changed = Sound(first.package, sound.name)
    second = changed.formula((row, b), lambda _: texts[a].formula, "Data")
    return Made(second.package, "Data", (*first.places, *second.places))


def _codes_exchanged(sound: Sound, rng: random.Random) -> Made:
    """Exchange the names and the codes above two indicators, but not the values."""
    made = _headings_exchanged(sound, rng)
    area = sound.area("in_data")
    package = made.package
    places = list(made.places)
    columns = [parse_range(place)[1] for place in made.places]
    codes = [sound.book.value("Data", area.r1, column) for column in columns]
    for column, code in zip(columns, reversed(codes), strict=True):
        package = with_text(package, sound.book, "Data", (area.r1, column), code)
        places.append(cell_name(area.r1, column))
    return Made(package, "Data", tuple(places))


def _row_hidden(sound: Sound, rng: random.Random) -> Made:
    row = sound.template.rows[rng.choice(sorted(sound.units))]
    pattern = f'<row r="{row}"'
    made = sound.sheet("Data", pattern, f'{pattern} hidden="1"', f"{row}")
    whole_row = f"A{row}:{cell_name(row, sound.area('in_data').c2)}"
    return Made(made.package, "Data", (whole_row, f"row {row}", f"rows {row}"))


def _format_deleted(sound: Sound, rng: random.Random) -> Made:
    part = sound.book.sheets["Data"].part
    xml = sound.package.text(part)
    blocks = re.findall(
        r'<conditionalFormatting sqref="[^"]*">.*?</conditionalFormatting>',
        xml,
        re.DOTALL,
    )
    block = rng.choice(blocks)
    package = sound.package.replace({part: xml.replace(block, "", 1).encode()})
    areas = re.search(r'sqref="([^"]*)"', block)[1]
    return Made(package, "Data", tuple(areas.split()))


# Tables beside `Data`


def _exchanged_in(name: str, column: str) -> _Maker:
    """Exchange two numbers of a column of a block."""

    def make(sound: Sound, rng: random.Random) -> Made:
        rows = _rows_of(sound, name, column)
        numbers = {row: x for row, x in rows.items() if isinstance(x, float)}
        a = rng.choice([*numbers])
        b = rng.choice([row for row in numbers if numbers[row] != numbers[a]])
        place = _column_of(sound, name, column)
        values = {(a, place): numbers[b], (b, place): numbers[a]}
        return _with_values(sound, sound.area(name).sheet, values)

    return make


def _exchanged_fields(sound: Sound, rng: random.Random) -> Made:
    return _exchanged_in("in_fields", rng.choice(_heads(sound, "in_fields")))(
        sound, rng
    )


def _exchanged_ties(sound: Sound, rng: random.Random) -> Made:
    """Exchange the values of two ties that are each written once."""
    once = [row for row, turned in _tie_rows(sound).items() if turned is None]
    numbers = _rows_of(sound, "in_links", "value")
    a = rng.choice(once)
    b = rng.choice([row for row in once if numbers[row] != numbers[a]])
    place = _column_of(sound, "in_links", "value")
    values = {(a, place): numbers[b], (b, place): numbers[a]}
    return _with_values(sound, sound.area("in_links").sheet, values)


def _tie_rows(sound: Sound) -> dict[int, int | None]:
    """Return the row of each tie, and the row of the same tie the other way round."""
    start = _rows_of(sound, "in_links", "from")
    end = _rows_of(sound, "in_links", "to")
    row_of = {(start[row], end[row]): row for row in start}
    return {row: row_of.get((end[row], start[row])) for row in start}


def _tie_of_two_values(sound: Sound, rng: random.Random) -> Made:
    """Change one of the two lines of a tie."""
    row, other = rng.choice([pair for pair in _tie_rows(sound).items() if pair[1]])
    place = _column_of(sound, "in_links", "value")
    old = _rows_of(sound, "in_links", "value")[row]
    sheet = sound.area("in_links").sheet
    made = _with_values(sound, sheet, {(row, place): old + rng.choice((1, 10, 100))})
    return Made(made.package, sheet, (*made.places, cell_name(other, place)))


def _matrix_of_two_values(name: str) -> _Maker:
    """Change a number of a matrix, but not the one on the other side of the diagonal."""

    def make(sound: Sound, rng: random.Random) -> Made:
        area = sound.area(name)
        heads = _heads(sound, name)
        rows = _rows_of(sound, name, heads[0])
        row_of = {unit: row for row, unit in rows.items()}
        column_of = {u: area.c1 + heads.index(u) for u in row_of if u in heads[5:]}
        a, b = rng.sample(sorted(column_of), 2)
        position = row_of[a], column_of[b]
        old = sound.book.value(area.sheet, *position) or 0.0
        made = _with_values(sound, area.sheet, {position: old + rng.choice((1, 9))})
        other = cell_name(row_of[b], column_of[a])
        return Made(made.package, area.sheet, (*made.places, other))

    return make


# The method


def _unrated_changed(sound: Sound, rng: random.Random) -> Made:
    """Type a number that cities have as the one that means no data."""
    area = sound.area("par_unrated")
    value = _chosen(sound, rng)[2]
    return sound.number(area.sheet, (area.r1, area.c1), value)


def _no_data_changed(sound: Sound, rng: random.Random) -> Made:
    """Type a city's value as the number of an indicator that means no data."""
    row = rng.choice([*_rows_of(sound, "xl_framework", "no_data")])
    code = _rows_of(sound, "xl_framework", "code")[row]
    value = rng.choice([*_numbers(sound, code).values()])
    column = _column_of(sound, "xl_framework", "no_data")
    return sound.number(sound.area("xl_framework").sheet, (row, column), value)


def _code_changed(sound: Sound, _rng: random.Random) -> Made:
    """Type another code over the one that the missing values of the book have."""
    area = sound.area("par_missing")
    position = next(p for p in area.positions if sound.book.value(area.sheet, *p))
    return sound.text(area.sheet, position, "unknown")


def _goalposts_exchanged(sound: Sound, rng: random.Random) -> Made:
    low = _rows_of(sound, "xl_methods", "a")
    high = _rows_of(sound, "xl_methods", "b")
    columns = [_column_of(sound, "xl_methods", name) for name in ("a", "b")]
    row = rng.choice([*low])
    values = {(row, columns[0]): high[row], (row, columns[1]): low[row]}
    return _with_values(sound, sound.area("xl_methods").sheet, values)


def _direction(sound: Sound, rng: random.Random) -> Made:
    rows = _rows_of(sound, "xl_framework", "direction")
    codes = _rows_of(sound, "xl_framework", "code")
    inputs = [row for row in rows if codes[row] in sound.template.columns]
    row = rng.choice([row for row in inputs if rows[row] in (1.0, -1.0)])
    column = _column_of(sound, "xl_framework", "direction")
    sheet = sound.area("xl_framework").sheet
    return sound.number(sheet, (row, column), -rows[row])


def _parameter(sound: Sound, rng: random.Random) -> Made:
    """Change a number that belongs to the method of all indicators."""
    places = {}
    for name in sorted(name for name in sound.book.names if name.startswith("par_")):
        area = sound.area(name)
        cell = sound.book.sheets[area.sheet].cells.get((area.r1, area.c1))
        is_typed = cell is not None and not cell.computed
        if area.rows * area.columns == 1 and is_typed and isinstance(cell.value, float):
            places[area.sheet, (area.r1, area.c1)] = cell.value
    place = rng.choice([*places])
    return sound.number(*place, places[place] + 1)


def _city_out(sound: Sound, rng: random.Random) -> Made:
    """Empty the group of a city, so that it is not scored."""
    row = rng.choice([*_rows_of(sound, "xl_cities", "population")])
    column = _column_of(sound, "xl_cities", "population")
    sheet = sound.area("xl_cities").sheet
    made = _with_values(sound, sheet, {(row, column): None})
    ident = cell_name(row, sound.area("xl_cities").c1)
    return Made(made.package, sheet, (*made.places, ident))


# Formulas, charts and names


def _computed_cells(sound: Sound, block: str) -> dict[tuple[int, int], float]:
    area = sound.area(block)
    cells = sound.book.sheets[area.sheet].cells
    found = {}
    for position in area.positions:
        cell = cells.get(position)
        if cell is not None and cell.computed and isinstance(cell.value, float):
            found[position] = cell.value
    return found


def _typed_over(block: str) -> _Maker:
    """Type another number over a formula of a block."""

    def make(sound: Sound, rng: random.Random) -> Made:
        cells = _computed_cells(sound, block)
        position = rng.choice([*cells])
        old = cells[position]
        new = round(old * 1.1 + 0.5, 2)
        if block == "out_ranks":
            new = old + rng.choice((1, 2))
        return sound.number(sound.area(block).sheet, position, new)

    return make


def _formula_deleted(sound: Sound, rng: random.Random) -> Made:
    block = rng.choice(("out_scores", "out_ranks", "out_normalised"))
    position = rng.choice([*_computed_cells(sound, block)])
    return _with_values(sound, sound.area(block).sheet, {position: None})


def _of_kind(name: str) -> _Maker:
    make = next(line[3] for line in KINDS if line[0] == name)
    return lambda sound, _rng: make(sound)


def _mutation(kind: str) -> _Maker:
    def make(sound: Sound, rng: random.Random) -> Made:
        drawn = mutations.draw(mutations.Sound(sound.package), kind, rng)
        changed = drawn.change(sound.package)
        return Made(changed, drawn.sheet, tuple(sorted(drawn.cells)))

    return make


FORMULA_MUTATIONS = (
    "constant in a formula",
    "sign swapped",
    "range one row short",
    "$ dropped",
    "link to another file",
)
MAGNITUDES = (10.0, 100.0, 1000.0, 0.1, 0.01, 0.001)
BLANK_WORDS = r"blank|empt|missing|fewer|not filled|deleted|vanish|no value|lost"

KINDS_OF_SLIPS = (
    Kind(
        "a column in thousands under a geometric total",
        (_in_thousands_from_the_beginning,),
        (GEOMETRIC,),
        r"total|not scored|no score|without a score|unit of measure|thousand|1,?000",
        is_saved=False,
    ),
    Kind(
        "a value made missing",
        (_made_missing,),
        (IMAGE, GEOMETRIC, ZSCORE, GIHI),
        r"missing|\bNA\b|no value|fewer|vanish|lost",
    ),
    Kind(
        "a missing value made 0",
        tuple(partial(_missing_made_zero, place) for place in range(SLIPS_A_KIND)),
        (ZSCORE,),
        r"missing|\bNA\b|\b0 ",
    ),
    Kind(
        "a value deleted",
        (_deleted,),
        (IMAGE, GEOMETRIC, ZSCORE, GIHI),
        BLANK_WORDS,
    ),
    Kind("a row emptied", (_row_emptied,), QUICK, rf"{BLANK_WORDS}|row|taken out"),
    Kind(
        "a heading's formula altered",
        (_heading_altered,),
        (IMAGE, GEOMETRIC, ZSCORE),
        r"heading|label|formula|instead|added",
    ),
    Kind(
        "the headings of two indicators exchanged",
        (_headings_exchanged, _codes_exchanged),
        (IMAGE, GEOMETRIC, ZSCORE),
        r"heading|exchang|column|label|formula|instead|other indicator",
    ),
    Kind(
        "two entries of a table exchanged",
        (
            _exchanged_ties,
            _exchanged_in("in_items", "rank_a"),
            _exchanged_fields,
            _exchanged_ties,
            _exchanged_in("in_items", "rank_b"),
            _exchanged_fields,
        ),
        (ZSCORE, ZSCORE, GIHI),
        r"exchang|stood|moved|instead|other|was ",
        slips=6,
    ),
    Kind(
        "a table made asymmetric",
        (
            _tie_of_two_values,
            _tie_of_two_values,
            _matrix_of_two_values("in_matrix_17"),
            _tie_of_two_values,
            _tie_of_two_values,
            _matrix_of_two_values("in_matrix_18"),
        ),
        (ZSCORE, ZSCORE, GIHI),
        r"symmetr|differ|direction|both ways",
        slips=6,
    ),
    Kind(
        "an order of magnitude",
        (_times(MAGNITUDES),),
        (IMAGE, GIHI, IMAGE),
        r"factor|times|tenfold|fold|[x×÷] ?10|magnitude|\b0\.0*1\b",
    ),
    Kind(
        "a lost sign",
        (_sign_lost,),
        (GEOMETRIC, ZSCORE, IMAGE),
        r"sign|negative|minus|below 0|outside",
    ),
    Kind(
        "a date for a number",
        (_date_serial,),
        (IMAGE, GEOMETRIC, ZSCORE, GIHI),
        r"\bdate|\bday\b",
    ),
    Kind(
        "a column in another unit",
        (_in_another_unit,),
        (IMAGE, GEOMETRIC, ZSCORE),
        r"unit|factor|times|[x×÷] ?10|thousand",
    ),
    Kind(
        "the code for missing changed",
        (_unrated_changed, _no_data_changed, _code_changed),
        (IMAGE, ZSCORE, ZSCORE),
        r"code|missing|no data|no_data|unrated|instead",
    ),
    Kind(
        "goalposts exchanged",
        (_goalposts_exchanged,),
        (GEOMETRIC,),
        r"bound|goalpost|\blow|\bhigh|exchang|upper",
    ),
    Kind("a row hidden on Data", (_row_hidden,), BOOKS, r"hidden|hide", is_saved=False),
    Kind(
        "a conditional format deleted on Data",
        (_format_deleted,),
        BOOKS,
        r"format",
        is_saved=False,
    ),
    Kind(
        "a number as text",
        (_as_text,),
        QUICK,
        r"text|digit|comma|not a number|number|unit|space",
        slips=6,
    ),
    Kind(
        "a city twice",
        (_twice,),
        QUICK,
        r"twice|duplicate|again|more than|two rows|stands|listed",
    ),
    Kind(
        "two cities exchanged in one indicator",
        (_exchanged_cities,),
        QUICK,
        r"stood|exchang|other cit|moved",
    ),
    Kind(
        "values pasted one row low",
        (_pasted_low,),
        QUICK,
        r"stood|exchang|other cit|moved|row",
    ),
    Kind("a city taken out", (_city_out,), QUICK, r"taken out|not scored|group"),
    Kind(
        "a formula typed over",
        (_typed_over("out_scores"), _typed_over("out_ranks")),
        QUICK,
        r"instead|formula|typed|constant",
    ),
    Kind(
        "a normalised value typed over",
        (_typed_over("out_normalised"),),
        QUICK,
        r"instead|formula|typed|constant",
    ),
    Kind(
        "a formula deleted",
        (_formula_deleted,),
        QUICK,
        r"instead|formula|delet|empt|blank|missing",
    ),
    Kind(
        "a formula edited",
        tuple(_mutation(kind) for kind in FORMULA_MUTATIONS),
        (ZSCORE, GEOMETRIC, IMAGE, GEOMETRIC, ZSCORE),
        r"instead|added|formula|range|removed|\$|file|row",
        slips=10,
    ),
    Kind(
        "a stored value typed over",
        (_mutation("stale value"),),
        QUICK,
        r"stale|stored|calculat|up to date",
        is_saved=False,
    ),
    Kind("a weight changed", (_mutation("weight typo"),), QUICK, r"weight|sum"),
    Kind("a direction turned", (_direction,), QUICK, r"direction|instead"),
    Kind(
        "a parameter changed",
        (_parameter,),
        QUICK,
        r"par_|parameter|instead|tolerance|digits",
    ),
    Kind(
        "a chart changed",
        (
            _of_kind("a chart's series too short"),
            _of_kind("another kind of chart"),
            _of_kind("a chart's title typed"),
        ),
        (GEOMETRIC, ZSCORE, IMAGE, ZSCORE, GEOMETRIC),
        r"chart|series|title|instead",
        is_saved=False,
    ),
    Kind(
        "a name repointed or deleted",
        (_of_kind("a name repointed"), _of_kind("a name deleted")),
        QUICK,
        r"name|refers|instead|missing|out_scores",
        is_saved=False,
    ),
    Kind(
        "an order of magnitude from the beginning",
        (_magnitude_from_the_beginning,),
        (GEOMETRIC, ZSCORE),
        r"factor|times|tenfold|fold|[x×÷] ?10|magnitude|far from",
        is_saved=False,
        is_apart=True,
        slips=10,
    ),
)


def drawn_slips(seed: int = SEED) -> Iterator[Slip]:
    """Yield all slips, kind after kind."""
    for kind in KINDS_OF_SLIPS:
        yield from map(partial(Slip, kind, seed=seed), range(kind.slips))


def random_pair(name: str, seed: int) -> tuple[Package, Package]:
    """Return two books with up to three slips each, of inputs, method, cities and formulas."""
    rng = random.Random(f"{name} {seed}")
    makers: list[_Maker] = [raw_value, raw_value, _direction, _parameter, _city_out]
    makers += [_exchanged_cities, _pasted_low, _as_text, _mutation("weight typo")]
    makers += [_typed_over(block) for block in ("out_scores", "out_ranks")]
    makers += [_mutation(kind) for kind in FORMULA_MUTATIONS[:4]]
    sides = []
    for _ in range(2):
        sound = sound_book(name)
        for make in rng.sample(makers, rng.randrange(4)):
            sound = Sound(make(sound, rng).package, sound.name)
        sides.append(calculated(sound.package))
    return sides[0], sides[1]
