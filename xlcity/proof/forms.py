"""Formulas in terms of cities: what a cell reads of its own city, of all cities, of another one.

Two cells of a column have the same form when they do the same for their cities, also where rows
are sorted otherwise or names are looked up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import NamedTuple

from xlcity.proof.cells import TeamCells
from xlcity.proof.cities import Cities, CityCell, CitySeries
from xlcity.proof.functions import rewritten
from xlcity.xlsx.address import Range, quote_sheet
from xlcity.xlsx.formulas.graph import Place
from xlcity.xlsx.formulas.syntax import Expr, parse
from xlcity.xlsx.formulas.tokens import Corner, Ref, normalise_formula

#: Share of the cities that a range holds where it should hold all of them, at least.
_NEARLY_ALL = 0.8
#: Kind of the expressions that stand for what is read.
_LEAF = "leaf"
_ROUND = "ROUND"
#: A sum that `functions.tsv` makes of HARMEAN.
_INVERSE_SUM = "INVERSE.SUM"
#: What lookups end with that look for a value itself.
_EXACT = ("0", "FALSE")
#: Cells of a range that are looked at one by one, at most.
_MOST_CELLS = 1 << 16


class Reach(Enum):
    """What a reference reaches, seen from the city of its formula."""

    OWN = "own"
    ALL = "all"
    OTHER = "other"
    ACROSS = "across"
    FIXED = "fixed"


class Leaf(NamedTuple):
    """What a formula reads in one place.

    Attributes
    ----------
    reach
        Of which cities.
    first, last
        The series, and the last one of a range over several.
    city
        The other city that is read.
    area
        Fixed cells; or the range as it is written, where it lacks cities.
    lacking
        Cities that a range over all leaves out.
    """

    reach: Reach
    first: CitySeries | None = None
    last: CitySeries | None = None
    city: int | None = None
    area: Range | None = None
    lacking: tuple[int, ...] = ()

    @property
    def key(self) -> str:
        """Return what two formulas that read the same have in common."""
        is_area_own = self.reach is Reach.FIXED or self.lacking
        return str(self if is_area_own else self._replace(area=None))


@dataclass(frozen=True)
class Form:
    """The formula of a cell in terms of cities.

    Attributes
    ----------
    tree
        The formula, with a leaf for each reference.
    leaves
        Key -> leaf.
    key
        The same for formulas that do the same.
    digits
        Decimals of the outermost ROUND, None without any.
    """

    tree: Expr
    leaves: Mapping[str, Leaf]
    key: str
    digits: int | None = None

    @property
    def completed(self) -> Form:
        """The same with ranges that hold all cities."""
        changed = {
            key: leaf._replace(lacking=(), area=None) if leaf.lacking else leaf
            for key, leaf in self.leaves.items()
        }
        return replace(self, leaves=changed)

    @property
    def mended(self) -> Form:
        """The same with ranges that hold all cities, and without ROUND."""
        return replace(self.completed, tree=_without_round(self.tree))

    def reads(self) -> Iterator[Leaf]:
        """Yield what it reads."""
        yield from self.leaves.values()


def _is_round(expr: Expr) -> bool:
    return expr.kind == "call" and expr.text == _ROUND and len(expr.args) == 2


def _is_truncated(expr: Expr) -> bool:
    """Tell whether a formula is INT(number * power) / power."""
    if expr.text != "/" or expr.args[0].text != "INT":
        return False
    product = expr.args[0].args[0]
    return product.text == "*" and product.args[1] == expr.args[1]


def _without_round(expr: Expr) -> Expr:
    """Return a formula without calls of ROUND, and without digits cut off."""
    if _is_round(expr):
        return _without_round(expr.args[0])
    if _is_truncated(expr):
        return _without_round(expr.args[0].args[0].args[0])
    return replace(expr, args=tuple(map(_without_round, expr.args)))


def _digits_of(tree: Expr) -> int | None:
    """Return the decimals to which a formula rounds its result."""
    is_plain = _is_round(tree) and tree.args[1].kind == "number"
    return int(float(tree.args[1].text)) if is_plain else None


class FormReader:
    """Reads the formulas of a workbook in terms of its cities."""

    def __init__(self, cells: TeamCells, cities: Cities) -> None:
        self.cells = cells
        self.cities = cities

    def form(self, place: Place) -> Form | None:
        """Return the form of a cell; None for a typed one, or a formula not understood."""
        parsed = self.cells.formula(place)
        if parsed is None or parsed.tree is None:
            return None
        return self._form_of(parsed.tree, place)

    def key_of(self, formula: str, place: Place) -> str:
        """Return the key that a formula would have in a cell, "" if it is not understood."""
        tree = parse(normalise_formula(formula, *place[1]).tokens)
        return "" if tree is None else self._form_of(tree, place).key

    def _form_of(self, tree: Expr, place: Place) -> Form:
        leaves: dict[str, Leaf] = {}
        symbolic = self._symbolic(rewritten(tree), place, leaves)
        key = _write(symbolic, {key: f"<{key}>" for key in leaves})
        return Form(symbolic, leaves, key, _digits_of(tree))

    def _symbolic(self, expr: Expr, place: Place, leaves: dict[str, Leaf]) -> Expr:
        """Return a formula with leaves for its references; these are added to `leaves`."""
        area = self._area(expr, place)
        if area is not None:
            leaf = self._leaf(area, place)
            leaves[leaf.key] = leaf
            return Expr(_LEAF, leaf.key)
        if expr.text == _INVERSE_SUM:
            return self._symbolic(self._inverse_sum(expr, place), place, leaves)
        args = tuple(self._symbolic(arg, place, leaves) for arg in expr.args)
        return replace(expr, args=args)

    def _inverse_sum(self, expr: Expr, place: Place) -> Expr:
        """Return the sum of 1 / number over the cells of a range; texts do not count."""
        area = self._area(expr.args[0], place)
        total = Expr("number", "0")
        for row, column in () if area is None else area.positions:
            corner = Corner(True, row), Corner(True, column)
            ref = Ref(*corner, *corner, area.sheet)  # type: ignore[union-attr]
            cell = Expr("ref", ref.text(), (), ref)
            inverse = rewritten(Expr("call", "INVERSE", (cell,)))
            total = Expr("binary", "+", (total, inverse))
        return total

    def _leaf(self, area: Range, place: Place) -> Leaf:
        """Return what an area is for the city of a formula."""
        own = self.cities.city_cells.get(place)
        if area.rows == area.columns == 1:
            cell = area.sheet, (area.r1, area.c1)
            found = self.cities.city_cells.get(cell)
            if found is None:
                return Leaf(Reach.FIXED, area=area)
            city, series = found
            if own is not None and own.city == city:
                return Leaf(Reach.OWN, series)
            return Leaf(Reach.OTHER, series, city=city)
        return self._range_leaf(area, None if own is None else own.city)

    def _range_leaf(self, area: Range, city: int | None) -> Leaf:
        """Return what a range is for a city."""
        cells = [*self._city_cells(area)]
        cities = {cell.city for cell in cells}
        series = sorted({cell.series for cell in cells})
        if len({one.block for one in series}) != 1:
            return Leaf(Reach.FIXED, area=area)
        if cities == {city} and len(cells) == area.rows * area.columns:
            return Leaf(Reach.ACROSS, series[0], series[-1])
        block = self.cities.blocks[series[0].block]
        is_filled = len(cells) == len(cities) * len(series)
        if len(cities) < _NEARLY_ALL * len(block.index_of) or not is_filled:
            return Leaf(Reach.FIXED, area=area)
        lacking = tuple(sorted({*block.index_of} - cities))
        last = series[-1] if len(series) > 1 else None
        return Leaf(Reach.ALL, series[0], last, area=area, lacking=lacking)

    def _city_cells(self, area: Range) -> Iterator[CityCell]:
        """Yield the city and the series of each cell of an area that has them."""
        if area.rows * area.columns < _MOST_CELLS:
            places = ((area.sheet, position) for position in area.positions)
            yield from filter(None, map(self.cities.city_cells.get, places))

    def _area(self, expr: Expr, place: Place) -> Range | None:
        """Return the cells that an expression means, or that INDEX picks by constants."""
        if expr.kind == "array":
            return self.cells.area_of_constants(expr)
        if expr.kind != "call" or expr.text != "INDEX":
            return self.cells.area_of(expr, place)
        table = self._area(expr.args[0], place)
        numbers = [self._number(arg, place) for arg in expr.args[1:]]
        return None if table is None else _picked(table, numbers)

    def _number(self, expr: Expr, place: Place) -> int | None:
        """Return the whole number that an argument of INDEX is, if no indicator decides it."""
        if expr.text == "MATCH" and len(expr.args) == 3:
            return self._match(expr, place)
        if expr.text in ("COLUMN", "ROW") and expr.args:
            area = self.cells.area_of(expr.args[0], place)
            first = None if area is None else (area.r1, area.c1)
            return None if first is None else first[expr.text == "COLUMN"]
        constant = self._constant(expr, place)
        return int(constant) if isinstance(constant, float) else None

    def _match(self, expr: Expr, place: Place) -> int | None:
        """Return the number of the cell that an exact MATCH finds."""
        wanted = self._constant(expr.args[0], place)
        area = self._area(expr.args[1], place)
        if area is None or wanted is None or expr.args[2].text not in _EXACT:
            return None
        for number, position in enumerate(area.positions, 1):
            if self.cells.value((area.sheet, position)) == wanted:
                return number
        return None

    def _constant(self, expr: Expr, place: Place) -> object:
        """Return the text or number of an expression that no indicator decides."""
        if expr.kind == "text":
            return expr.text[1:-1]
        if expr.kind == "number":
            return float(expr.text)
        area = self.cells.area_of(expr, place)
        if area is None or area.rows * area.columns > 1:
            return None
        cell = area.sheet, (area.r1, area.c1)
        # A number that is computed may be another one tomorrow.
        if cell in self.cells.formulas and self.cells.number(cell) is not None:
            return None
        return self.cells.value(cell)


def _picked(table: Range, numbers: list[int | None]) -> Range | None:
    """Return the row, column or cell of a table that INDEX picks, 0 for the whole of it."""
    if len(numbers) == 1:
        numbers = [1, *numbers] if table.rows == 1 else [*numbers, 1]
    if len(numbers) != 2 or None in numbers:
        return None
    row, column = numbers
    if row:
        line = table.r1 + row - 1
        table = replace(table, r1=line, r2=line)
    if column:
        line = table.c1 + column - 1
        table = replace(table, c1=line, c2=line)
    return table


def formula_text(form: Form, cities: Cities, city: int | None) -> str | None:
    """Return the formula that a form is for a city, with all addresses written out.

    None where a block that it reads lacks the city.
    """
    addresses: dict[str, str] = {}
    for key, leaf in form.leaves.items():
        address = _address(leaf, cities, city)
        if address is None:
            return None
        addresses[key] = address
    return _write(form.tree, addresses)


def leaf_area(leaf: Leaf, cities: Cities, city: int | None) -> Range | None:
    """Return the cells that a leaf is for a city; None where a block lacks the city."""
    if leaf.first is None or leaf.lacking:
        return leaf.area
    if leaf.reach is Reach.ALL:
        return cities.area(leaf.first, leaf.last)
    whose = leaf.city if leaf.reach is Reach.OTHER else city
    first = None if whose is None else cities.place(leaf.first, whose)
    last = None if whose is None else cities.place(leaf.last or leaf.first, whose)
    if first is None or last is None:
        return None
    return Range(first[0], *first[1], *last[1])


def _address(leaf: Leaf, cities: Cities, city: int | None) -> str | None:
    area = leaf_area(leaf, cities, city)
    if area is None:
        return None
    # A sheet in quotes is read in the same way whatever it is called.
    cell = str(area).rpartition("!")[2]
    return f"{quote_sheet(area.sheet)}!{cell}"


def _write(expr: Expr, addresses: Mapping[str, str]) -> str:
    """Return the text of a tree, in brackets wherever they may matter."""
    if expr.kind == _LEAF:
        return addresses[expr.text]
    args = [_write(arg, addresses) for arg in expr.args]
    if expr.kind == "call" and expr.text == "UNION":
        return f"({','.join(args)})"
    if expr.kind == "call":
        return f"{expr.text}({','.join(args)})"
    if expr.kind == "binary":
        return f"({args[0]}{expr.text}{args[1]})"
    if expr.kind == "unary":
        return f"({expr.text}{args[0]})"
    if expr.kind == "percent":
        return f"({args[0]}%)"
    return expr.text
