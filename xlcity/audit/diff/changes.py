"""What differs between two workbooks: inputs, sources, weights, method, framework, formulas."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from xlcity.audit.diff.attribution import CHANGES, find_moved_units
from xlcity.audit.diff.hybrid_index import IndexInputs
from xlcity.audit.lint.rules.template_look import looks_otherwise
from xlcity.audit.lint.subject import Subject
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
from xlcity.workbook.reading.records import CellReader, plain_text
from xlcity.workbook.reading.template import Template
from xlcity.workbook.spec.from_template import read_chosen_pages
from xlcity.xlsx.address import cell_name, parse_cell
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
    areas = [
        {
            name: find_area(side.book, name)
            for name in side.book.names
            if name.startswith(_AREAS)
        }
        for side in (a, b)
    ]
    if read_chosen_pages(a) == read_chosen_pages(b) and areas[0] == areas[1]:
        return True
    filled = [
        {
            name: {*dict(sheet.cells.formats())}
            for name, sheet in side.book.sheets.items()
            if name not in _ABOUT_CHANGES
        }
        for side in (a, b)
    ]
    return filled[0] == filled[1]


def _shared_sheets(a: Subject, b: Subject) -> list[str]:
    both = a.book.sheets.keys() & b.book.sheets.keys()
    return [
        name for name in b.book.sheets if name in both and name not in _ABOUT_CHANGES
    ]


def _added_and_removed_sheets(a: Subject, b: Subject) -> Iterator[CellChange]:
    both = a.book.sheets.keys() & b.book.sheets.keys()
    for name in (*a.book.sheets, *b.book.sheets):
        if name not in both and name not in _ABOUT_CHANGES:
            was_there = name in a.book.sheets
            texts = ("present", None) if was_there else (None, "present")
            yield CellChange("sheet", name, "", "", "", *texts)


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
    kind: str, sheet: str, position: Position, before: Any, after: Any
) -> CellChange:
    return CellChange(kind, sheet, cell_name(*position), "", "", before, after)


def changes(a: Subject, b: Subject) -> Iterator[CellChange]:
    """Yield what differs; of templates by city and indicator, of other workbooks by cell."""
    if a.template is None or b.template is None:
        yield from _added_and_removed_sheets(a, b)
        for name in _shared_sheets(a, b):
            yield from _changed_cells(a, b, name)
        yield from _shown_differently(
            a, b, compare_appearance(a.appearance, b.appearance)
        )
        return
    causes = [*_causes(a.template, b.template), *_sample(a, b), *_sources(a, b)]
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
    yield from _shown_differently(a, b, compare_appearance(a.appearance, b.appearance))


def _causes(a: Template, b: Template) -> Iterator[CellChange]:
    """Yield what makes scores differ."""
    yield from _inputs(a, b)
    yield from _lists(a, b)
    yield from _weights(a, b)
    both = [IndexInputs(side.framework, side.recipe, side.dataset) for side in (a, b)]
    for kind in ("recipe", "framework"):
        yield from (CellChange(kind, after=text) for text in CHANGES[kind](*both))
    yield from _definitions(a, b)


def _inputs(a: Template, b: Template) -> Iterator[CellChange]:
    units = dict.fromkeys(unit.id for side in (a, b) for unit in side.dataset.units)
    codes = dict.fromkeys((*a.dataset.codes, *b.dataset.codes))
    for unit, code in product(units, codes):
        old, new = (_entry(side, unit, code) for side in (a, b))
        if not is_same_typed_value(old, new):
            here = b if unit in b.rows and code in b.columns else a
            has_cell = unit in here.rows and code in here.columns
            cell = cell_name(here.rows[unit], here.columns[code]) if has_cell else ""
            yield CellChange(
                "input", here.area("in_data").sheet, cell, unit, code, old, new
            )


def _entry(template: Template, unit: str, code: str) -> float | str | None:
    """Return what is typed for a city: a number, a text, or nothing."""
    if unit not in template.rows or code not in template.columns:
        return None
    position = template.rows[unit], template.columns[code]
    value = template.book.value(template.area("in_data").sheet, *position)
    return value if isinstance(value, float) else plain_text(value) or None


def _lists(a: Template, b: Template) -> Iterator[CellChange]:
    mine, theirs = (dict(_lines(side.dataset)) for side in (a, b))
    for key in dict.fromkeys((*mine, *theirs)):
        old = mine.get(key)
        new = theirs.get(key)
        if not is_same_typed_value(old, new) or (key in mine) != (key in theirs):
            kind, code, unit, _ = key
            yield CellChange(kind, "", "", unit, code, old, new)


def _lines(dataset: Dataset) -> Iterator[tuple[tuple[str, str, str, str], Any]]:
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
            where = cells.get(node.code, ("", ""))
            yield CellChange("weight", *where, "", node.code, node.weight, new)


def _sample(a: Subject, b: Subject) -> Iterator[CellChange]:
    """Yield the cities that came, went or changed their group, at their cells on `Cities`."""
    assert a.template is not None
    assert b.template is not None
    if moved := find_moved_units(a.template.dataset, b.template.dataset):
        rows = {**_table(a, "xl_cities", ("id",)), **_table(b, "xl_cities", ("id",))}
        for unit, groups in moved.items():
            _, sheet, cell = rows[unit,].get("population", ("", "", ""))
            yield CellChange("sample", sheet, cell, unit, "", *groups)


def _definitions(a: Template, b: Template) -> Iterator[CellChange]:
    """Yield what indicators came to mean something else, or are measured otherwise."""
    mine = a.framework.inputs
    theirs = b.framework.inputs
    for code, name in product((code for code in mine if code in theirs), MEANING):
        old = getattr(mine[code], name)
        new = getattr(theirs[code], name)
        if old != new:
            _, cell = b.framework_cells(name).get(code, ("", ""))
            shown = [f"{name}: {text}" if text else None for text in (old, new)]
            sheet = b.area("xl_framework").sheet
            yield CellChange("definition", sheet, cell, "", code, *shown)


def _sources(a: Subject, b: Subject) -> Iterator[CellChange]:
    """Yield differences of the tables on `Sources`."""
    for name, keys in _SOURCES.items():
        mine, theirs = (_table(side, name, keys) for side in (a, b))
        for key in dict.fromkeys((*mine, *theirs)):
            old = mine.get(key, {})
            new = theirs.get(key, {})
            for column in dict.fromkeys((*old, *new)):
                before, after = (
                    side.get(column, ("", "", ""))[0] for side in (old, new)
                )
                if before != after and column not in ("display", "key"):
                    _, sheet, cell = new.get(column) or old[column]
                    unit = key[0] if len(key) > 1 else ""
                    shown = [
                        f"{column}: {text}" if text else None
                        for text in (before, after)
                    ]
                    yield CellChange("source", sheet, cell, unit, key[-1], *shown)


_Row = dict[str, tuple[str, str, str]]


def _table(
    subject: Subject, name: str, keys: tuple[str, ...]
) -> dict[tuple[str, ...], _Row]:
    """Return key -> column -> (text, sheet, cell); lines of one key keep the last."""
    rows = {}
    area = subject.area(name)
    computed = frozenset(
        subject.book.sheets[area.sheet].cells.computed() if area else ()
    )
    for record in CellReader(subject.book, subject.path).records(name):
        key = tuple(
            plain_text(record[column][0]) for column in keys if column in record
        )
        if not any(key):
            continue
        rows[key] = {
            column: (plain_text(value), where.sheet or "", where.cell or "")
            for column, (value, where) in record.items()
            if column
            and column not in keys
            and not (where.cell and parse_cell(where.cell) in computed)
        }
    return rows


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
            old, new = (side.book.sheets[name].cells.get(position) for side in (a, b))
            yield _formula(name, position, old, new)


def _results(a: Subject, b: Subject) -> Iterator[CellChange]:
    """Yield stored results that differ though all that they are made from is the same.

    Where an input or a method changed, results follow from that, and ranks say how. What a
    workbook records of its values is written again with them: what follows from it is not a change.
    """
    changes: dict[tuple[str, Position], CellChange] = {}
    for name in _shared_sheets(a, b):
        cells = b.book.sheets[name].cells
        old = a.book.sheets[name].cells.value
        new = cells.value
        for position in cells.computed():
            before = old(position)
            after = new(position)
            if (
                isinstance(after, float)
                and before is not None
                and not agree(before, after)
            ):
                changes[name, position] = _cell_change(
                    "result", name, position, before, after
                )
    renewed = [
        area
        for area in (b.records if changes else ())
        if area.sheet in a.book.sheets and a.book.block(area) != b.book.block(area)
    ]
    following = b.dependents.below(renewed) if renewed else set[int]()
    for cell, change in changes.items():
        if not (following and b.dependents.hold(following, cell)):
            yield change


def _against_templates(
    a: Subject, b: Subject, reported: set[Address]
) -> Iterator[CellChange]:
    """Yield where one of two workbooks is not what its own framework and method make it.

    What both have in place of the template's is not a difference.
    """
    shown: list[dict[Aspect, AppearanceChange]] = [{}, {}]
    formulas: list[dict[tuple[str, Position], Difference]] = [{}, {}]
    added: list[dict[tuple[str, str], Position]] = []
    for index, side in enumerate((a, b)):
        if side.expected is None:
            continue
        texts = side.expected.formulas
        look = side.expected.appearance
        differing = differences(side.book, texts, side.graph.forms)
        formulas[index] = {
            (d.sheet, d.position): d for d in differing if d.position is not None
        }
        added.append(added_formulas(side, texts))
        changed = looks_otherwise(side.book, side.appearance, look)
        shown[index] = {change.aspect: change for change in changed}
    for address, difference in (formulas[0] | formulas[1]).items():
        drawn = replace(difference, cell=Cell(None, difference.expected))
        cells = (by_address.get(address, drawn).cell for by_address in formulas)
        formula_change = _formula(*address, *cells)
        if formula_change.before != formula_change.after:
            yield formula_change
    # Formulas that one of two people wrote where the template has none.
    for name, form in (
        sorted(added[0].keys() ^ added[1].keys()) if len(added) == 2 else ()
    ):
        position = added[0].get((name, form)) or added[1][name, form]
        if (name, cell_name(*position)) not in reported:
            own_cells = (
                side.book.sheets[name].cells.get(position)
                if (name, form) in own
                else None
                for side, own in zip((a, b), added, strict=True)
            )
            yield _formula(name, position, *own_cells)
    yield from _compare_texts_where_cells_moved(a, b)
    ours = {name for side in (a, b) if side.expected for name in side.expected.formulas}
    for name in _shared_sheets(a, b):
        if ours and name not in ours:  # a page of the user's own
            yield from _changed_cells(a, b, name)
    # A city typed into a spare row gets no place in the charts: they are compared as they are.
    alike = a.area("out_units") == b.area("out_units")
    for aspect, change in (shown[0] | shown[1]).items():
        before, after = (
            s[aspect].after if aspect in s else change.before for s in shown
        )
        if alike and aspect.kind == "chart":
            before, after = (side.appearance.aspects.get(aspect, "") for side in (a, b))
        if before != after:
            yield from _shown_differently(
                a, b, [AppearanceChange(aspect, before, after)]
            )


def _compare_texts_where_cells_moved(a: Subject, b: Subject) -> Iterator[CellChange]:
    """Yield texts that differ: those of tables by city and indicator, others by what they say."""
    for name, key in _KEY_OF_TABLE.items():
        mine, theirs = (_table(side, name, (key,)) for side in (a, b))
        cells = (
            (row, column) for row in theirs if row in mine for column in theirs[row]
        )
        for row, column in cells:
            old, (new, sheet, cell) = (
                mine[row].get(column, ("",))[0],
                theirs[row][column],
            )
            is_compared = (
                column in _TEXTS_OF_NODES if key == "code" else column != "population"
            )
            if old != new and is_compared:
                unit, code = ("", row[0]) if key == "code" else (row[0], "")
                yield CellChange(
                    "constant", sheet, cell, unit, code, old or None, new or None
                )
    before, after = (
        dict(_list_typed_texts(side, _shared_sheets(a, b))) for side in (a, b)
    )
    for typed_text, cell in (before | after).items():
        if (typed_text in before) != (typed_text in after):
            kind, name, text = typed_text
            shown = (text if typed_text in side else None for side in (before, after))
            yield CellChange(kind, name, cell, "", "", *shown)


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
        prefix = f"{what}: " if what else ""
        texts = (
            prefix + text if text else None for text in (change.before, change.after)
        )
        if is_one_set or what != ORDER:
            yield CellChange(kind, sheet, cell, "", "", *texts)


def _constants(a: Subject, b: Subject, reported: set[Address]) -> Iterator[CellChange]:
    """Yield what is typed outside the inputs and differs: headings, labels, words of a list."""
    # The codes above a table are headings.
    areas = [
        replace(area, r1=area.r1 + (name in _HEADED or name in _SOURCES))
        for name in (*_HEADED, *_SOURCES, *_CITIES, "in_weights", "xl_recipe")
        if (area := b.area(name)) is not None
    ]
    areas += b.records
    for name in _shared_sheets(a, b):
        mine, theirs = (side.book.sheets[name].cells for side in (a, b))
        if mine is theirs:  # byte for byte the same
            continue
        positions = sorted({*mine, *theirs})
        columns = (side.book.sheets[name].values(positions) for side in (a, b))
        for position, before, after in zip(positions, *columns, strict=True):
            cells = mine.get(position), theirs.get(position)
            if is_same_typed_value(before, after) or any(
                cell and cell.computed for cell in cells
            ):
                continue
            is_listed = any(area.holds(name, position) for area in areas)
            if not is_listed and (name, cell_name(*position)) not in reported:
                yield _cell_change("constant", name, position, before, after)


def _formula(
    sheet: str, position: Position, before: Cell | None, after: Cell | None
) -> CellChange:
    cells = (cell or _BLANK for cell in (before, after))
    texts = (c.value if c.formula is None else f"={c.formula}" for c in cells)
    return _cell_change("formula", sheet, position, *texts)


def _changed_cells(a: Subject, b: Subject, name: str) -> Iterator[CellChange]:
    """Yield the cells of a sheet that differ, and stored results, that of a changed formula too."""
    mine = a.cells(name)
    theirs = b.cells(name)
    normalised = b.graph.forms.normalised
    for position in sorted({*mine, *theirs}):
        old, new = (cells.get(position, _BLANK) for cells in (mine, theirs))
        values = old.value, new.value
        forms = [
            normalised(c.formula, *position)
            for c in (old, new)
            if c.formula is not None
        ]
        if len(forms) == 1 or forms[:1] != forms[1:]:
            yield _formula(name, position, old, new)
        if len(forms) == 2 and None not in values and not agree(*values):
            yield _cell_change("result", name, position, *values)
        elif forms or old.in_array or new.in_array or not any(values):
            continue
        elif not is_same_typed_value(*values):
            yield _cell_change("constant", name, position, *values)
