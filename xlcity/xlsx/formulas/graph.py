"""Which cells a formula reads, and circles among formulas."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from xlcity.xlsx.address import MAX_COLUMNS, MAX_ROWS, Range
from xlcity.xlsx.cells import Position, ReadBook
from xlcity.xlsx.formulas.tokens import FormulaCache, NormalisedFormula, Ref, Token, form

#: (sheet, (row, column)).
Place = tuple[str, Position]
#: Functions that look at where a range is and not at what is in it.
_LOOKS_AT_SHAPE = frozenset(
    "ROW ROWS COLUMN COLUMNS CELL AREAS FORMULATEXT ISFORMULA ISREF SHEET".split()  # noqa: SIM905
)
#: Functions that take some cells of their first argument: `INDEX(A:A,ROW()-1)` in column A.
_PICKS = frozenset(("INDEX", "OFFSET"))


@dataclass(frozen=True, slots=True)
class _SheetFormulas:
    """Formulas of a sheet, and the anchors of the other cells of its array ranges."""

    texts: dict[Position, str]
    members: dict[Position, Position]


class Graph:
    """The formulas of a workbook as forms, and what they read."""

    def __init__(self, book: ReadBook, forms: FormulaCache | None = None) -> None:
        self.book = book
        self.forms = FormulaCache() if forms is None else forms
        self._made: dict[Place, NormalisedFormula] = {}
        self._reads: dict[Place, tuple[Range, ...]] = {}
        #: (Key of a form, sheet) -> what it reads, in reading order; areas where all copies agree.
        self._plans: dict[tuple[str, str], tuple[Ref | tuple[Range, ...], ...]] = {}
        self._formulas: dict[str, _SheetFormulas] = {}
        self._fixed: dict[tuple[Ref, str], Range | None] = {}
        self._sheets = {name.upper(): name for name in book.sheets}
        self._extent: dict[str, tuple[int, int]] = {}

    def form(self, sheet: str, position: Position) -> NormalisedFormula | None:
        """Return the form of a cell's own formula; ``None`` for a constant."""
        place = sheet, position
        found = self._made.get(place)
        if found is None:
            text = self._sheet(sheet).texts.get(position)
            if text is None:
                return None
            found = self._made[place] = self.forms.of(text, *position)
        return found

    @cached_property
    def names(self) -> dict[str, tuple[Range, ...]]:
        """Upper-case defined name -> the areas it stands for."""
        found = {}
        for name, text in self.book.names.items():
            found[name.upper()] = tuple(self._named(text, ""))
        for (sheet, name), text in self.book.local_names.items():
            found[f"{sheet.upper()}!{name.upper()}"] = tuple(self._named(text, sheet))
        return found

    def _named(self, text: str, sheet: str) -> Iterator[Range]:
        """Yield the areas in a name's formula; names inside names are not followed."""
        for ref in form(text, 1, 1).refs:
            area = self.area(ref, sheet, (1, 1))
            if area is not None:
                yield area

    def area(self, ref: Ref, sheet: str, position: Position) -> Range | None:
        """Return the cells a reference means; ``None`` if they are in no sheet of the workbook.

        Whole columns and rows end with the sheet's used range.
        """
        if ref.book:
            return None
        if ref.fixed:
            key = ref, sheet
            if key not in self._fixed:
                self._fixed[key] = self._area(ref, sheet, position)
            return self._fixed[key]
        return self._area(ref, sheet, position)

    def _area(self, ref: Ref, sheet: str, position: Position) -> Range | None:
        area = ref.area(sheet, *position)
        owner = sheet if not ref.sheet else self._sheets.get(area.sheet.upper())
        if not owner:  # no such sheet; or a name's reference without one, which means any
            return None
        if area.r2 < MAX_ROWS and area.c2 < MAX_COLUMNS:
            return area if owner == area.sheet else replace(area, sheet=owner)
        last = self.extent(owner)
        r2, c2 = area.r2, area.c2
        if r2 == MAX_ROWS:
            r2 = max(last[0], area.r1)
        if c2 == MAX_COLUMNS:
            c2 = max(last[1], area.c1)
        return Range(owner, area.r1, area.c1, r2, c2)

    def extent(self, sheet: str) -> tuple[int, int]:
        """Return the last used row and column of a sheet."""
        if sheet not in self._extent:
            cells = self.book.sheets[sheet].cells
            rows = max((row for row, _ in cells), default=1)
            self._extent[sheet] = rows, max((column for _, column in cells), default=1)
        return self._extent[sheet]

    def name(self, text: str, sheet: str) -> tuple[Range, ...]:
        """Return what a defined name stands for, a sheet's own name first."""
        own = self.names.get(f"{sheet.upper()}!{text}")
        return self.names.get(text, ()) if own is None else own

    def reads(self, sheet: str, position: Position) -> tuple[Range, ...]:
        """Return the areas that a cell's formula names, in reading order."""
        position = self._sheet(sheet).members.get(position, position)
        place = sheet, position
        found = self._reads.get(place)
        if found is None:
            made = self.form(sheet, position)
            found = () if made is None else tuple(self._areas_of(made, sheet, position))
            self._reads[place] = found
        return found

    def needs(self, sheet: str, position: Position) -> tuple[Range, ...]:
        """Return the areas that have to be computed before a cell.

        What INDEX and OFFSET pick from is left out where the cell stands in it itself: they take
        some other cell of it, as in ``INDEX(A:A,ROW()-1)``, or an engine finds the circle.
        """
        areas = self.reads(sheet, position)
        made = self.form(sheet, self._sheet(sheet).members.get(position, position))
        if made is None or _PICKS.isdisjoint(made.functions):
            return areas
        left = list(areas)
        for ref in _picked_from(made):
            area = self.area(ref, sheet, position)
            if area in left and area.holds(sheet, position):
                left.remove(area)
        return tuple(left)

    def _areas_of(self, made: NormalisedFormula, sheet: str, position: Position) -> Iterator[Range]:
        plan = self._plans.get((made.key, sheet))
        if plan is None:
            plan = tuple(self._planned(ref, sheet) for ref in _read_by(made))
            self._plans[made.key, sheet] = plan
        for part in plan:
            if isinstance(part, tuple):
                yield from part
            else:
                area = self._area(part, sheet, position)
                if area is not None:
                    yield area

    def _planned(self, ref: Ref | str, sheet: str) -> Ref | tuple[Range, ...]:
        """Return what a reference means from every cell of a sheet, or itself if that differs."""
        if isinstance(ref, str):
            return self.name(ref, sheet)
        if ref.fixed or ref.book:
            area = self.area(ref, sheet, (1, 1))
            return () if area is None else (area,)
        return ref

    def _sheet(self, name: str) -> _SheetFormulas:
        found = self._formulas.get(name)
        if found is None:
            sheet = self.book.sheets[name]
            found = self._formulas[name] = _SheetFormulas(
                dict(sheet.texts()), dict(sheet.members())
            )
        return found

    @cached_property
    def formulas(self) -> tuple[Place, ...]:
        """All cells with a formula of their own."""
        return tuple((name, p) for name in self.book.sheets for p in self._sheet(name).texts)

    @cached_property
    def read_areas(self) -> frozenset[Range]:
        """Every area that some formula reads."""
        return frozenset(area for place in self.formulas for area in self.reads(*place))

    def circles(self) -> list[list[Place]]:
        """Return the groups of formulas that depend on themselves."""
        inside: dict[Range, list[Place]] = {}
        columns: dict[tuple[str, int], list[Position]] = {}
        for sheet in self.book.sheets.values():
            for position in sheet.computed():
                columns.setdefault((sheet.name, position[1]), []).append(position)
        for held in columns.values():
            held.sort()

        def members(area: Range) -> list[Place]:
            found = inside.get(area)
            if found is None:
                anchors = self._sheet(area.sheet).members
                places: dict[Place, None] = {}
                for column in range(area.c1, area.c2 + 1):
                    held = columns.get((area.sheet, column), ())
                    first = bisect_left(held, (area.r1, column))
                    for position in held[first : bisect_right(held, (area.r2, column))]:
                        places[area.sheet, anchors.get(position, position)] = None
                found = inside[area] = list(places)
            return found

        return _components(self, members)


#: What Tarjan's algorithm walks over: areas are vertices, too, so that a range named by many
#: formulas is followed once.
_Vertex = Place | Range


def _read_by(made: NormalisedFormula) -> Iterator[Ref | str]:
    """Yield the references and names a formula reads; ROWS(A1:A9), CELL("col",A1) read nothing."""
    shape = False
    for place, token in enumerate(made.tokens):
        if token.kind == "function":
            shape = token.text in _LOOKS_AT_SHAPE
        elif token.kind != "open":
            looked_at = shape and made.tokens[place - 1].kind == "open"
            if token.ref is not None and not looked_at and not _asks_where(made.tokens, place):
                yield token.ref
            elif token.kind == "name":
                yield token.text
            shape = False


def _asks_where(tokens: tuple[Token, ...], place: int) -> bool:
    """Tell whether a reference is the second argument of a CELL that asks for no content."""
    before = tokens[max(place - 4, 0) : place]
    return (
        [token.kind for token in before] == ["function", "open", "text", "separator"]
        and before[0].text == "CELL"
        and before[2].text.strip('"').lower() not in ("contents", "type")
    )


def _components(graph: Graph, members: Callable[[Range], list[Place]]) -> list[list[Place]]:
    """Return strongly connected groups (Tarjan's algorithm, without recursion)."""
    order: dict[_Vertex, int] = {}
    low: dict[_Vertex, int] = {}
    stack: list[_Vertex] = []
    on: set[_Vertex] = set()
    found: list[list[Place]] = []
    work: list[tuple[_Vertex, Iterator[_Vertex]]] = []

    def enter(vertex: _Vertex) -> None:
        order[vertex] = low[vertex] = len(order)
        stack.append(vertex)
        on.add(vertex)
        nearer = members(vertex) if isinstance(vertex, Range) else graph.needs(*vertex)
        work.append((vertex, iter(nearer)))

    def close(vertex: _Vertex) -> None:
        group: list[Place] = []
        while True:
            member = stack.pop()
            on.discard(member)
            if not isinstance(member, Range):
                group.append(member)
            if member == vertex:
                break
        if len(group) > 1 or (group and _reads_itself(graph, group[0])):
            found.append(group)

    for start in graph.formulas:
        if start in order:
            continue
        enter(start)
        while work:
            vertex, rest = work[-1]
            for nearer in rest:
                if nearer not in order:
                    enter(nearer)
                    break
                if nearer in on:
                    low[vertex] = min(low[vertex], order[nearer])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[vertex])
                if low[vertex] == order[vertex]:
                    close(vertex)
    return found


def _reads_itself(graph: Graph, place: Place) -> bool:
    return any(area.holds(*place) for area in graph.needs(*place))


def _picked_from(made: NormalisedFormula) -> Iterator[Ref]:
    """Yield the references that are the first argument of INDEX or OFFSET."""
    for place, token in enumerate(made.tokens):
        if token.ref is not None and place > 1 and made.tokens[place - 1].kind == "open":
            before = made.tokens[place - 2]
            if before.kind == "function" and before.text in _PICKS:
                yield token.ref
