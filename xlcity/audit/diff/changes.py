"""What differs between two workbooks: inputs, sources, weights, method, framework, formulas."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any, NamedTuple

from xlcity.audit.diff.attribution import CHANGES, find_moved_units
from xlcity.audit.diff.hybrid_index import IndexInputs
from xlcity.audit.lint.rules.template_look import looks_otherwise
from xlcity.audit.lint.subject import Subject
from xlcity.errors import CellValue
from xlcity.model.dataset import Dataset
from xlcity.recalc.compare import agree, is_same_typed_value
from xlcity.workbook.checking.contract import (
    MOVABLE,
    Difference,
    Formulas,
    differences,
    fingerprint,
    formulas_of,
)
from xlcity.workbook.checking.seal_sheet import SHEET as SEAL
from xlcity.workbook.migrate.change_log import SHEET as CHANGE_LOG
from xlcity.workbook.reading.records import CellReader, Record, plain_text
from xlcity.workbook.reading.template import Template
from xlcity.workbook.spec.from_template import read_chosen_pages
from xlcity.xlsx.address import Range, cell_name, parse_cell
from xlcity.xlsx.appearance import AppearanceChange, Aspect, compare_appearance
from xlcity.xlsx.cells import Cell, Position, find_area
from xlcity.xlsx.properties import ORDER

#: A sheet and a cell.
Address = tuple[str, str]
#: Kind, sheet and text of what is typed or noted in a cell.
TypedText = tuple[str, str, str]

#: Sheets that say what differs or differed.
_ABOUT_CHANGES = (CHANGE_LOG, SEAL)
#: Beginnings of the names of a template's areas.
_AREAS = ("in_", "xl_", "par_", "out_", "chk_")


def have_one_layout(a: Template, b: Template) -> bool:
    """Tell whether each cell is where it was: a city, an indicator or a page more moves some.

    Then all areas are the same, or, where a name was repointed, the filled cells.
    """
    if read_chosen_pages(a) == read_chosen_pages(b) and _areas(a) == _areas(b):
        return True
    return _filled_cells(a) == _filled_cells(b)


def _areas(side: Template) -> dict[str, Range | None]:
    names = [name for name in side.book.names if name.startswith(_AREAS)]
    return {name: find_area(side.book, name) for name in names}


def _filled_cells(side: Template) -> dict[str, set[Position]]:
    return {
        name: {*dict(sheet.cells.formats())}
        for name, sheet in side.book.sheets.items()
        if name not in _ABOUT_CHANGES
    }


def _shared_sheets(a: Subject, b: Subject) -> list[str]:
    both = a.book.sheets.keys() & b.book.sheets.keys()
    shared = both.difference(_ABOUT_CHANGES)
    return [name for name in b.book.sheets if name in shared]


def _added_and_removed_sheets(a: Subject, b: Subject) -> Iterator[CellChange]:
    both = a.book.sheets.keys() & b.book.sheets.keys()
    for name in (*a.book.sheets, *b.book.sheets):
        if name in both or name in _ABOUT_CHANGES:
            continue
        if name in a.book.sheets:
            yield CellChange("sheet", name, before="present")
        else:
            yield CellChange("sheet", name, after="present")


def added_formulas(
    side: Subject, expected: Formulas
) -> dict[tuple[str, str], Position]:
    """Return the first of each formula that stands where another workbook has none."""
    forms = side.graph.forms
    added: dict[tuple[str, str], Position] = {}
    for name, texts in formulas_of(side.book).items():
        if name in _ABOUT_CHANGES or name not in expected:
            continue
        theirs = expected[name]
        extra = sorted(texts.keys() - theirs.keys())
        moved = theirs.items() if extra and name in MOVABLE else ()
        their_forms = {
            fingerprint(forms.normalised(text, *position)) for position, text in moved
        }
        for position in extra:
            form = fingerprint(forms.normalised(texts[position], *position))
            if form not in their_forms:
                added.setdefault((name, form), position)
    return added


_BLANK = Cell(None)
#: Names of a template's areas whose values are compared by city and code.
_HEADED = ("in_data", "in_items", "in_links")
#: Columns of `Cities` whose differences are those of the sample.
_CITIES = ("xl_units", "xl_population")
#: Tables on `Sources` and the columns that say what a line is of.
_SOURCES = {"xl_sources": ("code",), "xl_exceptions": ("city", "indicator")}
#: What says what an indicator is: values of before and after are then not the same thing.
MEANING = ("definition", "definition_zh", "uom", "uom_zh")
#: Tables whose rows move where a city or an indicator is added, their keys, and the columns of
#: which nothing else tells; of cities all but one.
_KEY_OF_TABLE = {"xl_cities": "id", "xl_framework": "code"}
_TEXTS_OF_NODES = {"name_zh", "name_en", "notes", "valid_low", "valid_high"}


@dataclass(frozen=True, slots=True)
class CellChange:
    """One difference.

    `kind` is "input", "list", "link", "weight", "recipe", "framework", "definition", "sample",
    "source", "sheet", "formula", "constant" (a text or number typed elsewhere), "result", or that
    of an `Aspect` of what the workbook shows. The cell is the second workbook's, or the first's
    where it is gone.
    """

    kind: str
    sheet: str = ""
    cell: str = ""
    unit: str = ""
    indicator: str = ""
    before: Any = None
    after: Any = None

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        names = ("kind", "sheet", "cell", "unit", "indicator")
        where = {name: getattr(self, name) or None for name in names}
        return {**where, "from": self.before, "to": self.after}


def _cell_change(
    kind: str, sheet: str, position: Position, *, before: Any, after: Any
) -> CellChange:
    return CellChange(kind, sheet, cell_name(*position), before=before, after=after)


def _labelled(label: str, text: str) -> str | None:
    """Return a text with what it is of before it; nothing where there is none."""
    return f"{label}: {text}" if text else None


def changes(a: Subject, b: Subject) -> Iterator[CellChange]:
    """Yield what differs; of templates by city and indicator, of other workbooks by cell."""
    if a.template is None or b.template is None:
        yield from _added_and_removed_sheets(a, b)
        for name in _shared_sheets(a, b):
            yield from _changed_cells(a, b, name)
        yield from _looks(a, b)
        return
    causes = [*_causes(a.template, b.template)]
    causes += _sample(a, b)
    causes += _sources(a, b)
    yield from causes
    yield from _added_and_removed_sheets(a, b)
    reported = {(change.sheet, change.cell) for change in causes}
    if not have_one_layout(a.template, b.template):
        yield from _against_templates(a, b, reported)
        return
    cells = [*_constants(a, b, reported), *_formulas_by_cell(a, b, reported)]
    yield from cells
    if not (causes or cells):
        yield from _results(a, b)
    yield from _looks(a, b)


def _looks(a: Subject, b: Subject) -> Iterator[CellChange]:
    """Yield all that two workbooks show differently."""
    yield from _shown_differently(a, b, compare_appearance(a.appearance, b.appearance))


def _causes(a: Template, b: Template) -> Iterator[CellChange]:
    """Yield what makes scores differ."""
    yield from _inputs(a, b)
    yield from _lists(a, b)
    yield from _weights(a, b)
    both = [IndexInputs.of(side) for side in (a, b)]
    for kind in ("recipe", "framework"):
        yield from (CellChange(kind, after=text) for text in CHANGES[kind](*both))
    yield from _definitions(a, b)


def _inputs(a: Template, b: Template) -> Iterator[CellChange]:
    units = dict.fromkeys((*a.dataset.rows, *b.dataset.rows))
    codes = dict.fromkeys((*a.dataset.codes, *b.dataset.codes))
    for unit, code in product(units, codes):
        old = _entry(a, unit, code)
        new = _entry(b, unit, code)
        if is_same_typed_value(old, new):
            continue
        here = b if _has_cell(b, unit, code) else a
        cell = ""
        if _has_cell(here, unit, code):
            cell = cell_name(here.rows[unit], here.columns[code])
        yield CellChange(
            "input",
            here.area("in_data").sheet,
            cell,
            unit=unit,
            indicator=code,
            before=old,
            after=new,
        )


def _has_cell(template: Template, unit: str, code: str) -> bool:
    return unit in template.rows and code in template.columns


def _entry(template: Template, unit: str, code: str) -> float | str | None:
    """Return what is typed for a city: a number, a text, or nothing."""
    if not _has_cell(template, unit, code):
        return None
    position = template.rows[unit], template.columns[code]
    value = template.book.value(template.area("in_data").sheet, *position)
    return value if isinstance(value, float) else plain_text(value) or None


def _lists(a: Template, b: Template) -> Iterator[CellChange]:
    mine = dict(_lines(a.dataset))
    theirs = dict(_lines(b.dataset))
    for key in dict.fromkeys((*mine, *theirs)):
        old = mine.get(key)
        new = theirs.get(key)
        if not is_same_typed_value(old, new) or (key in mine) != (key in theirs):
            kind, code, unit, _ = key
            yield CellChange(kind, unit=unit, indicator=code, before=old, after=new)


def _lines(
    dataset: Dataset,
) -> Iterator[tuple[tuple[str, str, str, str], Any]]:
    """Yield the lines of lists and links: kind, indicator, city or pair, entry; and the value."""
    for code, items in dataset.items.items():
        for item in items:
            entry = {"item": item.name, "ranks": dict(item.ranks)}
            yield ("list", code, item.unit, item.name), entry
    for code, links in dataset.links.items():
        for link in links:
            value = None if math.isnan(link.value) else link.value
            yield ("link", code, f"{link.start}|{link.end}", ""), value


def _weights(a: Template, b: Template) -> Iterator[CellChange]:
    cells = b.framework_cells("weight")
    for node in a.framework.nodes:
        new = b.framework[node.code].weight if node.code in b.framework else node.weight
        if not is_same_typed_value(node.weight, new):
            sheet, cell = cells.get(node.code, ("", ""))
            yield CellChange(
                "weight",
                sheet,
                cell,
                indicator=node.code,
                before=node.weight,
                after=new,
            )


def _sample(a: Subject, b: Subject) -> Iterator[CellChange]:
    """Yield the cities that came, went or changed their group, at their cells on `Cities`."""
    assert a.template is not None
    assert b.template is not None
    moved = find_moved_units(a.template.dataset, b.template.dataset)
    if not moved:
        return
    rows = _table(a, "xl_cities", ("id",)) | _table(b, "xl_cities", ("id",))
    for unit, (before, after) in moved.items():
        entry = rows[unit,].get("population", _NOTHING)
        yield CellChange(
            "sample", entry.sheet, entry.cell, unit=unit, before=before, after=after
        )


def _definitions(a: Template, b: Template) -> Iterator[CellChange]:
    """Yield what indicators came to mean something else, or are measured otherwise."""
    mine = a.framework.inputs
    theirs = b.framework.inputs
    for code, name in product((code for code in mine if code in theirs), MEANING):
        old = getattr(mine[code], name)
        new = getattr(theirs[code], name)
        if old != new:
            _, cell = b.framework_cells(name).get(code, ("", ""))
            yield CellChange(
                "definition",
                b.area("xl_framework").sheet,
                cell,
                indicator=code,
                before=_labelled(name, old),
                after=_labelled(name, new),
            )


def _sources(a: Subject, b: Subject) -> Iterator[CellChange]:
    """Yield differences of the tables on `Sources`."""
    for name, keys in _SOURCES.items():
        mine = _table(a, name, keys)
        theirs = _table(b, name, keys)
        for key in dict.fromkeys((*mine, *theirs)):
            own = mine.get(key, {})
            yield from _compare_sources(key, own, theirs.get(key, {}))


def _compare_sources(
    key: tuple[str, ...], mine: _Row, theirs: _Row
) -> Iterator[CellChange]:
    """Yield differences of one line: of an indicator, or of a city's value of one."""
    for column in dict.fromkeys((*mine, *theirs)):
        old = mine.get(column, _NOTHING)
        new = theirs.get(column, _NOTHING)
        if old.text == new.text or column in ("display", "key"):
            continue
        here = theirs.get(column, old)
        yield CellChange(
            "source",
            here.sheet,
            here.cell,
            unit=key[0] if len(key) > 1 else "",
            indicator=key[-1],
            before=_labelled(column, old.text),
            after=_labelled(column, new.text),
        )


class _Entry(NamedTuple):
    """What a table has in one column: its text, and where that stands."""

    text: str = ""
    sheet: str = ""
    cell: str = ""


_NOTHING = _Entry()
_Row = dict[str, _Entry]


def _table(
    subject: Subject, name: str, keys: tuple[str, ...]
) -> dict[tuple[str, ...], _Row]:
    """Return key -> column -> what is typed there; lines of one key keep the last."""
    rows = {}
    area = subject.area(name)
    computed: frozenset[Position] = frozenset()
    if area is not None:
        computed = frozenset(subject.book.sheets[area.sheet].cells.computed())
    for record in CellReader(subject.book, subject.path).records(name):
        columns = [column for column in keys if column in record]
        key = tuple(plain_text(record[column][0]) for column in columns)
        if any(key):
            rows[key] = dict(_typed_entries(record, keys, computed))
    return rows


def _typed_entries(
    record: Record, keys: tuple[str, ...], computed: frozenset[Position]
) -> Iterator[tuple[str, _Entry]]:
    """Yield the columns of a line that are neither keys nor computed."""
    for column, (value, where) in record.items():
        if not column or column in keys:
            continue
        if not where.cell or parse_cell(where.cell) not in computed:
            entry = _Entry(plain_text(value), where.sheet or "", where.cell or "")
            yield column, entry


def _formulas_by_cell(
    a: Subject, b: Subject, reported: set[Address]
) -> Iterator[CellChange]:
    expected = formulas_of(a.book)
    for difference in differences(b.book, expected, b.graph.forms):
        if difference.position is not None:
            cell = Cell(None, difference.expected)
            yield _formula(difference.sheet, difference.position, cell, difference.cell)
    for (name, _), position in added_formulas(b, expected).items():
        if (name, cell_name(*position)) not in reported:
            old = a.book.sheets[name].cells.get(position)
            new = b.book.sheets[name].cells.get(position)
            yield _formula(name, position, old, new)


def _results(a: Subject, b: Subject) -> Iterator[CellChange]:
    """Yield stored results that differ though all that they are made from is the same.

    Where an input or a method changed, results follow from that, and ranks say how. What a
    workbook records of its values is written again with them: what follows from it is not a change.
    """
    changed = [*_changed_results(a, b)]
    if not changed:
        return
    records = [area for area in b.records if area.sheet in a.book.sheets]
    rewritten_records = [
        area for area in records if a.book.block(area) != b.book.block(area)
    ]
    following = set[int]()
    if rewritten_records:
        following = b.dependents.below(rewritten_records)
    for change in changed:
        place = (change.sheet, parse_cell(change.cell))
        if not (following and b.dependents.hold(following, place)):
            yield change


def _changed_results(a: Subject, b: Subject) -> Iterator[CellChange]:
    """Yield the stored results of sheets that both have which differ."""
    for name in _shared_sheets(a, b):
        cells = b.book.sheets[name].cells
        old = a.book.sheets[name].cells.value
        for position in cells.computed():
            before = old(position)
            after = cells.value(position)
            if before is None or not isinstance(after, float):
                continue
            if not agree(before, after):
                yield _cell_change("result", name, position, before=before, after=after)


@dataclass(frozen=True, slots=True)
class _Deviations:
    """Where a workbook is not what its own framework and method make it.

    Attributes
    ----------
    formulas
        Formulas of the template that it has otherwise, by cell.
    added
        Formulas where the template has none: sheet and form -> the first cell.
    looks
        What it shows otherwise.
    """

    formulas: dict[tuple[str, Position], Difference] = field(default_factory=dict)
    added: dict[tuple[str, str], Position] = field(default_factory=dict)
    looks: dict[Aspect, AppearanceChange] = field(default_factory=dict)

    @classmethod
    def of(cls, side: Subject) -> _Deviations:
        """Return those of a workbook; none where its template cannot be drawn."""
        expected = side.expected
        if expected is None:
            return cls()
        formulas = {}
        for difference in differences(side.book, expected.formulas, side.graph.forms):
            if difference.position is not None:
                formulas[difference.sheet, difference.position] = difference
        looks = looks_otherwise(side.book, side.appearance, expected.appearance)
        return cls(
            formulas,
            added_formulas(side, expected.formulas),
            {change.aspect: change for change in looks},
        )


def _against_templates(
    a: Subject, b: Subject, reported: set[Address]
) -> Iterator[CellChange]:
    """Yield where one of two workbooks is not what its own framework and method make it.

    What both have in place of the template's is not a difference.
    """
    mine = _Deviations.of(a)
    theirs = _Deviations.of(b)
    yield from _replaced_formulas(mine, theirs)
    if a.expected is not None and b.expected is not None:
        for change in _formulas_of_one(a, b, mine, theirs):
            if (change.sheet, change.cell) not in reported:
                yield change
    yield from _compare_tables_where_cells_moved(a, b)
    yield from _compare_texts_where_cells_moved(a, b)
    for name in _own_pages(a, b):
        yield from _changed_cells(a, b, name)
    yield from _shown_differently(a, b, _own_looks(a, b, mine, theirs))


def _own_pages(a: Subject, b: Subject) -> list[str]:
    """Return the sheets of both workbooks that are the user's own."""
    drawn: set[str] = set()
    for side in (a, b):
        if side.expected is not None:
            drawn |= side.expected.formulas.keys()
    shared = _shared_sheets(a, b) if drawn else ()
    return [name for name in shared if name not in drawn]


def _replaced_formulas(mine: _Deviations, theirs: _Deviations) -> Iterator[CellChange]:
    """Yield formulas of the template in whose place two workbooks have different ones."""
    for address, difference in (mine.formulas | theirs.formulas).items():
        drawn = replace(difference, cell=Cell(None, difference.expected))
        old = mine.formulas.get(address, drawn).cell
        new = theirs.formulas.get(address, drawn).cell
        change = _formula(*address, old, new)
        if change.before != change.after:
            yield change


def _formulas_of_one(
    a: Subject, b: Subject, mine: _Deviations, theirs: _Deviations
) -> Iterator[CellChange]:
    """Yield formulas that one of two people wrote where the template has none."""
    for key in sorted(mine.added.keys() ^ theirs.added.keys()):
        name, _ = key
        if key in mine.added:
            position = mine.added[key]
            yield _formula(
                name, position, a.book.sheets[name].cells.get(position), None
            )
        else:
            position = theirs.added[key]
            yield _formula(
                name, position, None, b.book.sheets[name].cells.get(position)
            )


def _own_looks(
    a: Subject, b: Subject, mine: _Deviations, theirs: _Deviations
) -> Iterator[AppearanceChange]:
    """Yield what two workbooks show differently, where one is unlike its template."""
    # A city typed into a spare row gets no place in the charts: they are compared as they are.
    are_alike = a.area("out_units") == b.area("out_units")
    for aspect, change in (mine.looks | theirs.looks).items():
        if are_alike and aspect.kind == "chart":
            before = a.appearance.aspects.get(aspect, "")
            after = b.appearance.aspects.get(aspect, "")
        else:
            before = mine.looks[aspect].after if aspect in mine.looks else change.before
            after = (
                theirs.looks[aspect].after if aspect in theirs.looks else change.before
            )
        if before != after:
            yield AppearanceChange(aspect, before, after)


def _compare_tables_where_cells_moved(a: Subject, b: Subject) -> Iterator[CellChange]:
    """Yield texts of tables that differ, by city and indicator."""
    for name, key in _KEY_OF_TABLE.items():
        mine = _table(a, name, (key,))
        for row, entries in _table(b, name, (key,)).items():
            if row in mine:
                owner = {"indicator" if key == "code" else "unit": row[0]}
                yield from _compare_rows(mine[row], entries, owner)


def _compare_rows(
    mine: _Row, theirs: _Row, owner: Mapping[str, str]
) -> Iterator[CellChange]:
    """Yield the texts that differ in the row of a city, or of an indicator: its `owner`."""
    for column, new in theirs.items():
        old = mine.get(column, _NOTHING)
        is_told = column not in _TEXTS_OF_NODES
        if "unit" in owner:
            is_told = column == "population"
        if old.text != new.text and not is_told:
            yield CellChange(
                "constant",
                new.sheet,
                new.cell,
                before=old.text or None,
                after=new.text or None,
                **owner,
            )


def _compare_texts_where_cells_moved(a: Subject, b: Subject) -> Iterator[CellChange]:
    """Yield texts beside tables that only one of two workbooks has."""
    sheets = _shared_sheets(a, b)
    before = dict(_list_typed_texts(a, sheets))
    after = dict(_list_typed_texts(b, sheets))
    for typed_text, cell in (before | after).items():
        kind, name, text = typed_text
        if typed_text not in after:
            yield CellChange(kind, name, cell, before=text)
        elif typed_text not in before:
            yield CellChange(kind, name, cell, after=text)


def _list_typed_texts(
    side: Subject, sheets: Collection[str]
) -> Iterator[tuple[TypedText, str]]:
    """Yield the texts that a template has neither drawn nor in its tables, and notes, by cell."""
    drawn = side.expected.typed if side.expected else {}
    data = side.area("in_data")
    for name in filter(drawn.__contains__, sheets):
        drawn_texts = {*drawn[name].values()}
        for position, text, _ in side.book.sheets[name].cells.typed(str):
            if text not in drawn_texts and not (data and data.holds(name, position)):
                yield ("constant", name, text), cell_name(*position)
    for aspect, text in side.appearance.aspects.items():
        if aspect.kind == "note" and aspect.sheet in sheets:
            yield ("note", aspect.sheet, text), aspect.cell


def _shown_differently(
    a: Subject, b: Subject, changes: Iterable[AppearanceChange]
) -> Iterator[CellChange]:
    # With a sheet more or less, the order of all is another one anyway.
    is_one_set = a.book.sheets.keys() == b.book.sheets.keys()
    for change in changes:
        kind, sheet, cell, what = change.aspect
        if what == ORDER and not is_one_set:
            continue
        prefix = f"{what}: " if what else ""
        yield CellChange(
            kind,
            sheet,
            cell,
            before=prefix + change.before if change.before else None,
            after=prefix + change.after if change.after else None,
        )


def _constants(a: Subject, b: Subject, reported: set[Address]) -> Iterator[CellChange]:
    """Yield what is typed outside the inputs and differs: headings, labels, words of a list."""
    areas = [*_listed_areas(b), *b.records]
    for name in _shared_sheets(a, b):
        mine = a.book.sheets[name].cells
        theirs = b.book.sheets[name].cells
        if mine is theirs:  # byte for byte the same
            continue
        typed = {*mine, *theirs}.difference(mine.computed(), theirs.computed())
        positions = sorted(typed)
        columns = (side.book.sheets[name].values(positions) for side in (a, b))
        for position, before, after in zip(positions, *columns, strict=True):
            if is_same_typed_value(before, after):
                continue
            is_listed = any(area.holds(name, position) for area in areas)
            if not is_listed and (name, cell_name(*position)) not in reported:
                yield _cell_change(
                    "constant", name, position, before=before, after=after
                )


def _listed_areas(side: Subject) -> Iterator[Range]:
    """Yield the areas whose differences are told by city, indicator or line."""
    for name in (*_HEADED, *_SOURCES, *_CITIES, "in_weights", "xl_recipe"):
        area = side.area(name)
        if area is None:
            continue
        # The codes above a table are headings.
        is_headed = name in _HEADED or name in _SOURCES
        yield replace(area, r1=area.r1 + is_headed)


def _formula(
    sheet: str,
    position: Position,
    before: Cell | None,
    after: Cell | None,
) -> CellChange:
    return _cell_change(
        "formula",
        sheet,
        position,
        before=_content(before or _BLANK),
        after=_content(after or _BLANK),
    )


def _content(cell: Cell) -> CellValue:
    """Return the formula of a cell with its sign, or its value."""
    return cell.value if cell.formula is None else f"={cell.formula}"


def _changed_cells(a: Subject, b: Subject, name: str) -> Iterator[CellChange]:
    """Yield the cells of a sheet that differ, and stored results, that of a changed formula too."""
    mine = a.cells(name)
    theirs = b.cells(name)
    for position in sorted({*mine, *theirs}):
        old = mine.get(position, _BLANK)
        new = theirs.get(position, _BLANK)
        if not _have_one_form(b, position, old, new):
            yield _formula(name, position, old, new)
        kind = _kind_of_values(old, new)
        if kind:
            yield _cell_change(kind, name, position, before=old.value, after=new.value)


def _kind_of_values(old: Cell, new: Cell) -> str:
    """Return how the values of two cells differ, as typed ones or as results; "" if they do not."""
    values = (old.value, new.value)
    without_formula = (old.formula, new.formula).count(None)
    if not without_formula:
        return "result" if None not in values and not agree(*values) else ""
    # Nothing, 0 and no text are one.
    is_computed = without_formula < 2 or old.in_array or new.in_array
    if is_computed or not any(values):
        return ""
    return "" if is_same_typed_value(*values) else "constant"


def _have_one_form(side: Subject, position: Position, old: Cell, new: Cell) -> bool:
    """Tell whether two cells have the same formula, or none."""
    if old.formula is None or new.formula is None:
        return old.formula == new.formula
    normalised = side.graph.forms.normalised
    return normalised(old.formula, *position) == normalised(new.formula, *position)
