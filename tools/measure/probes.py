"""Probes: small formulas that use one function in one way, with cells of their own.

A sample of the catalogue becomes many probes: written out and with its constants in cells; each
argument in turn blank, empty text, text, digits as text, a truth value, an error; each argument
lifted over a range, a computed array, constants, a column; arguments left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import combinations, count, product

from xlcity.errors import CellError, CellValue
from xlcity.recalc.support.catalogue import CatalogueEntry, signatures
from xlcity.recalc.support.range_types import content_letter
from xlcity.recalc.support.usage import NameMeanings, Use, uses
from xlcity.xlsx.address import Range, cell_name
from xlcity.xlsx.formulas.syntax import Expr, parse
from xlcity.xlsx.formulas.tokens import form

_N = CellError.NA
#: What the names in samples stand for, row by row.
BLOCKS: dict[str, list[list[CellValue]]] = {
    "X": [[3.0], [1.0], [4.0], [1.5], [9.0]],
    "Y": [[2.0], [7.0], [1.0], [8.0], [2.5]],
    "Z": [[10.0], [20.0], [30.0], [40.0], [50.0]],
    "G": [[2.0], [1.0], [3.0], [1.0], [2.0]],
    "P": [[1.0], [2.0], [3.0]],
    "W": [[0.2], [0.3], [0.5]],
    "O": [[1.0], [0.0], [1.0], [1.0], [0.0]],
    "I": [[-70.0], [12.0], [25.0], [28.0], [31.0]],
    "D": [[45000.0], [45010.0], [45035.0]],
    "T": [["b"], ["a"], ["c"], ["e"], ["dog"]],
    "U": [["a"], ["b"], ["A"], ["ab"], ["c"]],
    "KT": [["a"], ["b"], ["d"]],
    "M": [[2.0, 1.0, 0.5], [1.0, 3.0, 1.0], [0.5, 1.0, 4.0]],
    "V": [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 10.0]],
    "Q": [[1.0, 10.0], [2.0, 20.0], [3.0, 35.0], [4.0, 40.0], [5.0, 55.0]],
    "K": [["a", 1.0], ["b", 2.5], ["c", 3.0], ["d", 4.0], ["e", 7.0]],
    "H": [[1.0, 2.0, 3.0, 4.0, 5.0]],
    "HH": [[1.0, 2.0, 3.0, 4.0, 5.0], [10.0, 20.0, 35.0, 40.0, 55.0]],
}
#: One value of each sort, by its letter.
SORTS: dict[str, CellValue] = {
    "n": 2.0, "b": None, "e": "", "s": "xyz", "d": "2", "l": True, "x": _N,
}  # fmt: skip
_TALL = 5
#: Functions used in every workbook, in pairs of ways.
_COMMON = frozenset(("IF", "IFERROR", "IFNA"))
_ARRAY_CONSTANT = {"n": "{%s}"}
_INFIX = frozenset(["+", "-", "*", "/", "^", "&", "=", "<>", "<", ">", "<=", ">="])


@dataclass(frozen=True, slots=True)
class Part:
    """An argument of a probe: text in the formula, or a block of cells."""

    text: str = ""
    block: tuple[tuple[CellValue, ...], ...] = ()
    #: How the block is named: {} is its range; `column` names the whole column.
    shown: str = "{}"
    column: bool = False


@dataclass(frozen=True, slots=True)
class Probe:
    """One formula with its cells.

    Attributes
    ----------
    name
        The function it measures.
    parts
        Its arguments.
    array
        Rows and columns of the range of an array formula; ``None``: a plain formula.
    around
        The formula around the call.
    changed
        The argument whose content was varied, and its letter.
    at
        The argument that is used in another way than in the sample.
    """

    name: str
    parts: tuple[Part, ...]
    array: tuple[int, int] | None = None
    around: str = "{}"
    changed: tuple[int, str] | None = None
    at: int = 0


@dataclass(frozen=True, slots=True)
class Placed:
    """A probe on a sheet."""

    probe: Probe
    sheet: str
    row: int
    column: int
    formula: str
    blocks: tuple[tuple[Range, tuple[tuple[CellValue, ...], ...]], ...]
    use: Use = field(default=Use(""))

    @property
    def cells(self) -> list[tuple[int, int]]:
        """Where the result stands."""
        rows, columns = self.probe.array or (1, 1)
        return [(self.row + r, self.column + c) for r in range(rows) for c in range(columns)]


def probes(entry: CatalogueEntry) -> Iterator[Probe]:
    """Yield the probes of a function, without repetitions."""
    seen = set()
    for probe in _all(entry):
        key = repr(probe)
        if key not in seen:
            seen.add(key)
            yield probe


def _all(entry: CatalogueEntry) -> Iterator[Probe]:
    samples = [read_sample(entry, sample) for sample in entry.samples]
    shape = (3, 3) if entry.signature.result == "A" else None
    for parts in samples:
        base = Probe(entry.name, parts, (5, 3) if shape else None)
        yield base
        yield replace(base, array=base.array or (1, 1))
        in_cells = _in_cells(entry, base)
        yield in_cells
    for parts in _one_of_each_sort(entry, samples):
        base = _in_cells(entry, Probe(entry.name, parts, (5, 3) if shape else None))
        yield from _contents(base)
        if "c" in entry.signature.fixed + entry.signature.group:
            yield from _contents(_in_cells(entry, Probe(entry.name, parts), "mfc"))
        yield from _lifted(entry, base, samples)
        if entry.name in _COMMON or not entry.name[0].isalpha():
            yield from _pairs(entry, base, samples)
        yield from _ranges(entry, base)
        yield from _left_out(entry, base)


def _one_of_each_sort(
    entry: CatalogueEntry, samples: list[tuple[Part, ...]]
) -> list[tuple[Part, ...]]:
    """Return the samples that differ in more than their values."""
    found: dict[object, tuple[Part, ...]] = {}
    for parts in samples:
        key = tuple(
            part.text if entry.signature.letter(i) in "mf" else _sort(part)
            for i, part in enumerate(parts)
        )
        found.setdefault(key, parts)
    return list(found.values())


def _sort(part: Part) -> str:
    value = part.block[0][0] if part.block else literal(part.text)
    return f"{bool(part.block)}{type(value).__name__}"


def read_sample(entry: CatalogueEntry, sample: str) -> tuple[Part, ...]:
    """Return the arguments of a sample of the catalogue."""
    tree = parse(form(sample, 1, 1).tokens)
    assert tree is not None, sample
    return tuple(_part(arg) for arg in tree.args)


def _part(arg: Expr) -> Part:
    if arg.kind == "name" and arg.text in BLOCKS:
        return Part(block=tuple(map(tuple, BLOCKS[arg.text])))
    if arg.kind == "unary":
        return Part(arg.text + arg.args[0].text)
    if arg.kind in ("number", "text", "name"):
        return Part(arg.text)
    raise ValueError(arg)


def literal(text: str) -> CellValue:
    """Return the value of a constant in a formula."""
    if text in ("TRUE", "FALSE"):
        return text == "TRUE"
    return text[1:-1].replace('""', '"') if text.startswith('"') else float(text)


def _in_cells(entry: CatalogueEntry, probe: Probe, kept: str = "mf") -> Probe:
    """Put the constants of a probe into cells, but those that choose a mode."""
    parts = [
        Part(block=((literal(part.text),),))
        if part.text and entry.signature.letter(i) not in kept
        else part
        for i, part in enumerate(probe.parts)
    ]
    return replace(probe, parts=tuple(parts))


def _with(probe: Probe, index: int, part: Part) -> tuple[Part, ...]:
    return (*probe.parts[:index], part, *probe.parts[index + 1 :])


def _contents(probe: Probe) -> Iterator[Probe]:
    """Yield the probe with values of each sort in each argument."""
    for index, part in enumerate(probe.parts):
        if not part.block:
            continue
        for letter, value in SORTS.items():
            for block in _varied(part.block, value):
                varied = replace(part, block=block)
                yield replace(
                    probe, parts=_with(probe, index, varied), changed=(index, letter), at=index
                )


def _varied(
    block: tuple[tuple[CellValue, ...], ...], value: CellValue
) -> Iterator[tuple[tuple[CellValue, ...], ...]]:
    if len(block) == len(block[0]) == 1:
        yield ((value,),)
        return
    rows = [list(row) for row in block]
    rows[min(1, len(rows) - 1)][min(1, len(rows[0]) - 1) if len(rows) == 1 else 0] = value
    yield tuple(map(tuple, rows))
    rows[0][0] = value
    rows[-1][-1] = value
    yield tuple(map(tuple, rows))


def _lifted(entry: CatalogueEntry, base: Probe, samples: list[tuple[Part, ...]]) -> Iterator[Probe]:
    """Yield a function of one value over ranges, computed arrays and constants."""
    single = [
        i
        for i, part in enumerate(base.parts)
        if entry.signature.letter(i) in "vcpz" and len(part.block) == 1 == len(part.block[0])
    ]
    for index in single:
        values = _values(index, base, samples)
        column = tuple((value,) for value in values)
        for part in (Part(block=column), Part(block=column, shown=_computed(values, entry.name))):
            lifted = replace(base, parts=_with(base, index, part), array=(_TALL, 1), at=index)
            yield lifted
            yield from _inside(entry, lifted)
            for letter, value in SORTS.items():
                rows = (column[0], (value,), *column[2:])
                varied = replace(part, block=rows)
                yield replace(lifted, parts=_with(base, index, varied), changed=(index, letter))
        row = (tuple(values),)
        at = replace(base, at=index)
        yield replace(at, parts=_with(base, index, Part(block=row)), array=(1, _TALL))
        constants = "{" + ",".join(map(_spell, values)) + "}"
        listed = replace(at, parts=_with(base, index, Part(constants)), array=(1, _TALL))
        yield listed
        yield from _inside(entry, listed)
        # A plain formula takes the value in its own row.
        yield replace(at, parts=_with(base, index, Part(block=column)), array=None)
    if len(single) > 1:
        parts = list(base.parts)
        for index in single:
            parts[index] = Part(block=tuple((v,) for v in _values(index, base, samples)))
        yield replace(base, parts=tuple(parts), array=(_TALL, 1))
        yield from _inside(entry, replace(base, parts=tuple(parts)))


def _pairs(entry: CatalogueEntry, base: Probe, samples: list[tuple[Part, ...]]) -> Iterator[Probe]:
    """Yield what is used most, with two arguments in each pair of ways."""
    groups = entry.signature.split(len(base.parts))
    for first, second in combinations(range(len(base.parts)), 2):
        if not any(first in group and second in group for group in groups):
            continue
        ways = []
        for index in (first, second):
            if len(base.parts[index].block) != 1:
                break
            values = _values(index, base, samples)
            column = Part(block=tuple((value,) for value in values))
            computed = replace(column, shown=_computed(values, entry.name))
            ways.append((base.parts[index], column, computed))
        for parts in product(*ways) if len(ways) == 2 else ():
            if len(parts[0].block) == len(parts[1].block) == 1:
                continue
            both = _with(replace(base, parts=_with(base, first, parts[0])), second, parts[1])
            pair = replace(base, parts=both, array=(_TALL, 1), at=second)
            yield pair
            yield from _inside(entry, pair)
            for index, part in zip((first, second), parts, strict=True):
                for letter, value in SORTS.items():
                    for block in _varied(part.block, value):
                        varied = replace(part, block=block)
                        mixed = _with(pair, index, varied)
                        yield replace(pair, parts=mixed, changed=(index, letter))


def _inside(entry: CatalogueEntry, probe: Probe) -> Iterator[Probe]:
    """Yield a lifted call inside functions that take arrays, plain and as an array formula."""
    result = entry.signature.result
    if result in "nl":
        yield replace(probe, array=None, around="SUMPRODUCT({}*1)")
        yield replace(probe, array=(1, 1), around="SUM({}*1)")
    elif result in "sg":
        yield replace(probe, array=None, around='SUMPRODUCT(({}<>"none")*1)')
    if result in "ng":
        yield replace(probe, array=(1, 1), around="SUM({})")
        yield replace(probe, array=(1, 1), around="MAX({})")


def _values(index: int, base: Probe, samples: list[tuple[Part, ...]]) -> list[CellValue]:
    own = base.parts[index].block[0][0]
    found = [own]
    for parts in samples:
        if index < len(parts) and parts[index].text:
            value = literal(parts[index].text)
            if type(value) is type(own) and value not in found:
                found.append(value)
    return (found * _TALL)[:_TALL]


def _computed(values: list[CellValue], name: str = "") -> str:
    if isinstance(values[0], str):
        return '({}&"")'
    return "({}*1)" if name == "+" else "({}+0)"


def _spell(value: CellValue) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return f"{value:.15g}"
    text = str(value).replace('"', '""')
    return f'"{text}"'


def _ranges(entry: CatalogueEntry, base: Probe) -> Iterator[Probe]:
    """Yield range arguments computed, as constants, as a whole column, as one cell."""
    several = [i for i, p in enumerate(base.parts) if len(p.block) > 1 == len(p.block[0])]
    for index, part in enumerate(base.parts):
        if entry.signature.letter(index) not in "rapzc" or len(part.block) < 2:
            continue
        at = replace(base, at=index)
        array = base.array or (1, 1)
        values = [value for row in part.block for value in row]
        computed = replace(part, shown=_computed(values))
        yield replace(at, parts=_with(base, index, computed), array=array)
        for letter, value in SORTS.items():
            for block in _varied(part.block, value):
                parts = _with(base, index, replace(computed, block=block))
                yield replace(at, parts=parts, array=array, changed=(index, letter))
        if entry.signature.letter(index) == "a":
            yield replace(at, parts=_with(base, index, computed), array=None)
        rows = ";".join(",".join(map(_spell, row)) for row in part.block)
        yield replace(at, parts=_with(base, index, Part("{" + rows + "}")))
        if len(part.block[0]) == 1:
            chosen = replace(part, shown=f"IF({{}}={_spell(part.block[0][0])},{{}})")
            parts = _with(base, index, chosen)
            yield replace(at, parts=parts, array=array, changed=(index, "l"))
            # Ranges that belong together are of one size.
            columns = [
                replace(p, column=True) if i in several else p for i, p in enumerate(base.parts)
            ]
            yield replace(at, parts=tuple(columns))
            shorter = [
                Part(block=p.block[:1]) if i in several else p for i, p in enumerate(base.parts)
            ]
            yield replace(at, parts=tuple(shorter))
            yield from _contents(replace(at, parts=tuple(shorter)))


def _left_out(entry: CatalogueEntry, base: Probe) -> Iterator[Probe]:
    """Yield the probe with an optional argument in the middle left empty."""
    for index in range(len(entry.signature.fixed), len(base.parts)):
        if len(entry.signature.group) == 1 and len(base.parts) > 1:
            yield replace(base, parts=_with(base, index, Part("")), at=index)


def place(found: list[Probe], sheet: str) -> list[Placed]:
    """Lay probes out on a sheet, each on rows of its own."""
    placed, row = [], 2
    side = count(40)
    for probe in found:
        column, blocks, shown = 8, [], []
        height = max((len(part.block) for part in probe.parts), default=1)
        for part in probe.parts:
            if not part.block:
                shown.append(part.text)
                continue
            first = next(side) if part.column else column
            area = Range("", row, first, row + len(part.block) - 1, first + len(part.block[0]) - 1)
            if part.column:
                letters = cell_name(1, first)[:-1]
                name = f"{letters}:{letters}"
            else:
                one = cell_name(area.r1, area.c1)
                name = one + (
                    "" if area.rows == area.columns == 1 else f":{cell_name(area.r2, area.c2)}"
                )
                column += len(part.block[0]) + 1
            shown.append(part.shown.replace("{}", name))
            blocks.append((area, part.block))
        # Second row of its cells, so that a plain formula has a row to take.
        home = row + (1 if probe.array is None and height > 1 else 0)
        call = _written(probe.name, shown)
        if probe.around != "{}" and not probe.name[0].isalpha():
            call = f"({call})"
        formula = probe.around.replace("{}", call)
        placed.append(Placed(probe, sheet, home, 1, formula, tuple(blocks)))
        row += max(height, (probe.array or (1, 1))[0]) + 1
    names = NameMeanings(signatures())
    return [replace(p, use=_use(p, names)) for p in placed]


def _written(name: str, shown: list[str]) -> str:
    if name in _INFIX:
        return f"{shown[0]}{name}{shown[1]}"
    if name == "%":
        return f"{shown[0]}%"
    if name in ("u-", "u+"):
        return f"{name[1]}{shown[0]}"
    return f"{name}({','.join(shown)})"


def _use(placed: Placed, names: NameMeanings) -> Use:
    """Return the use that the probe is about."""
    probe = placed.probe
    found = uses(placed.formula, placed.row, placed.column, names, probe.array)
    groups = signatures()[probe.name].split(len(probe.parts))
    # What is used inside an argument is found before the call itself.
    own = [use for use in found if use.name == probe.name][-len(groups) :]
    about = [use for use, group in zip(own, groups, strict=False) if probe.at in group]
    return about[0] if about else own[0]


def arguments(placed: Placed) -> list[int]:
    """Return which arguments of the probe the arguments of its use are."""
    groups = signatures()[placed.probe.name].split(len(placed.probe.parts))
    return next((group for group in groups if placed.probe.at in group), groups[0])


def letters(placed: Placed) -> list[frozenset[str]]:
    """Return which sorts of values each argument of a probe holds."""
    found = []
    for part in placed.probe.parts:
        values = [v for row in part.block for v in row]
        found.append(frozenset(map(content_letter, values)))
    return found
