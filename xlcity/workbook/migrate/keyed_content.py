"""A template's content as entries by key, and back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from xlcity.grouping import grouped
from xlcity.model.dataset import Dataset, State, Status, Unit
from xlcity.model.framework import Framework
from xlcity.model.nodes import Ingredient, Node, table_columns
from xlcity.workbook.migrate.cell_keys import DATA, SPARE, value_anchor
from xlcity.workbook.migrate.change_log import (
    AMENDED,
    SHEET,
    LoggedChange,
    cells_beside,
    change_of,
    is_log,
    number_lines,
    read_log,
    with_log,
)
from xlcity.workbook.migrate.content import Content, UserPage
from xlcity.workbook.migrate.listing import list_book
from xlcity.workbook.migrate.sheet_kinds import KINDS
from xlcity.workbook.migrate.user_edits import Key, TypedCell, UserEdits
from xlcity.workbook.migrate.user_formulas import ReferenceMover
from xlcity.workbook.spec import Remark
from xlcity.xlsx.appearance import saved_by_libreoffice
from xlcity.xlsx.cells import Position, read_book
from xlcity.xlsx.editing.comments import read_comments
from xlcity.xlsx.features import read_features
from xlcity.xlsx.format_words import is_same_look, read_visible_look
from xlcity.xlsx.formulas.tokens import normalise_formula

#: ("value", unit, code), ("unit", unit, field), ("node", code, field), ...; the first word is the
#: kind.
KeyedContent = dict[Key, Any]
#: Kinds of what stands beside the index.
_SET = frozenset(("cell", "look", "column", "name", "comment", *(kind.name for kind in KINDS)))

_NODE_FIELDS = tuple(n for n in table_columns(Node) if n != "code")
#: What changes of a remark; the rest says which one it is.
_ANSWER = ("date", "answer", "status")
#: In the meaning of a formula, which of the rows for more cities it is.
_SPARE_ROW = re.compile(rf"{SPARE}#\d+(', column='[^']*', nth=\d+, position=)\(\d+")
_INGREDIENT_FIELDS = tuple(n for n in table_columns(Ingredient) if n != "code")


def keyed(content: Content) -> KeyedContent:
    """Return all that people put into a template by key; blank cells have no entry."""
    entries: KeyedContent = {}
    dataset = content.dataset
    for unit in dataset.units:
        entries["unit", unit.id, "id"] = unit.id
        for name in ("name_zh", "name_en", "aliases", "population"):
            entries["unit", unit.id, name] = getattr(unit, name)
        for name, text in unit.attributes.items():
            entries["unit", unit.id, f"attribute:{name}"] = text
    for row, unit in enumerate(dataset.units):
        for column, code in enumerate(dataset.codes):
            if dataset.states[row, column] == State.VALUE:
                entries["value", unit.id, code] = float(dataset.values[row, column])
            elif dataset.states[row, column] == State.MISSING:
                entries["value", unit.id, code] = "NA"
    for (unit_id, code), entry in content.typed.items():
        entries["value", unit_id, code] = entry
    for code, items in dataset.items.items():
        for item in items:
            entries["item", code, item.unit, item.name] = item
    for code, links in dataset.links.items():
        for link in links:
            entries["link", code, link.start, link.end] = link
    framework = content.framework
    parts = (
        ("node", framework.nodes, _NODE_FIELDS),
        ("ingredient", framework.ingredients, _INGREDIENT_FIELDS),
    )
    for kind, members, names in parts:
        entries |= {
            (kind, part.code, name): getattr(part, name) for part in members for name in names
        }
    entries["recipe",] = content.recipe
    entries["language",] = content.language
    seen: dict[Key, int] = {}
    for line in content.exceptions:
        start = ("exception", line.unit, line.code)
        entries[*start, seen.get(start, 0)] = line
        seen[start] = seen.get(start, 0) + 1
    for remark in content.remarks:
        about = ("review", remark.city, remark.node, remark.cell, remark.remark, remark.who)
        line_key = (*about, seen.get(about, 0))
        seen[about] = line_key[-1] + 1
        entries |= {(*line_key, name): getattr(remark, name) for name in _ANSWER}
    for key, change in number_lines(log_of(content)):
        entries |= {("change", *key, name): getattr(change, name) for name in AMENDED}
    entries |= _edit_entries(content)
    return entries | {("page", page.title): _Page(page) for page in content.pages}


def _edit_entries(content: Content) -> KeyedContent:
    """Return what was typed and set beside the index; a formula for a value is that value."""
    entries: KeyedContent = {}
    edits, dataset = content.edits, content.dataset
    units, codes = {unit.id for unit in dataset.units}, {*dataset.codes}
    for key, value in edits.entries.items():
        anchor = key[1]
        is_value = key[0] == "cell" and anchor.sheet in DATA and anchor.firm
        if is_value and anchor.unit in units and anchor.code in codes:
            key = ("value", anchor.unit, anchor.code)
        entries[key] = value
    entries |= {("leftover", left): left for left in (*edits.unplaced, *content.leftovers)}
    return entries | {("listed", left): left for left in content.listed}


def _read_edits(entries: Mapping[Key, Any], like: Content) -> UserEdits:
    own = {key: value for key, value in entries.items() if key[0] in _SET}
    own |= {
        ("cell", value_anchor(key[1], key[2], like.tab_language)): typed
        for key, typed in _entries_of(entries, "value")
        if isinstance(typed, TypedCell)
    }
    return UserEdits(own, home=like.edits.home)


def log_of(content: Content) -> tuple[LoggedChange, ...]:
    """Return the lines of the change log, which is one of the user's own sheets."""
    return next((read_log(read_book(p.package)) for p in content.pages if p.name == SHEET), ())


class _Page:
    """A sheet of the user's own; two are equal where nobody changed cells, notes or looks.

    Lines of a log apart; and formulas that a program spells otherwise, or that were led along
    with rows of the template, are the same.
    """

    def __init__(self, page: UserPage) -> None:
        self.page = page
        book = read_book(page.package)
        cells, styles = book.sheets[page.name].cells, page.package.styles
        log = page.name == SHEET and is_log(book)
        cell_values = (
            cells_beside(book)
            if log
            else [(position, c.formula or c.value) for position, c in cells.items()]
        )
        self._formulas = {position for position, cell in cells.items() if cell.formula is not None}
        self._values = {
            position: value for position, value in cell_values if value not in (None, "")
        }
        notes = {} if log else read_comments(page.package, book)
        features = read_features(page.package, book.sheets[page.name].part, styles)
        #: Behind merged cells, openpyxl drops what does not show.
        self._looks = {} if log else {
            position: look
            for position, cell in cells.items()
            if (look := read_visible_look(styles, cell)) and not features.covers(position)
        }  # fmt: skip
        self._objects = {kind for kind, _ in features.objects} | {
            f"{kind} {number} hidden"
            for kind, lines in (("row", features.rows), ("column", features.columns))
            for number, line in lines.items()
            if line.hidden
        } | {f"merged {area}" for area in features.merged}  # fmt: skip
        #: What LibreOffice leaves out when it saves a workbook, nobody took away.
        self._is_complete = not saved_by_libreoffice(page.package)
        self._notes = {
            position: note for (name, position), note in notes.items() if name == page.name
        }

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _Page):
            return False
        looks = self._looks, other._looks
        if not all(
            self._is_same_look(other, position) for position in looks[0].keys() | looks[1].keys()
        ):
            return False
        if any(
            first._is_complete and second._objects - first._objects
            for first, second in ((self, other), (other, self))
        ):
            return False
        mine, theirs, notes = self._values, other._values, other._notes
        home = self.page.home
        mover = ReferenceMover(home, other.page.home, home.template_sheets)
        return (
            mine.keys() == theirs.keys()
            and self._notes.keys() == notes.keys()
            and all(
                _is_same_note(note.text, notes[position].text)
                for position, note in self._notes.items()
            )
            and all(
                value == theirs[position] or self._is_moved_formula(other, position, mover)
                for position, value in mine.items()
            )
        )

    def __hash__(self) -> int:
        return hash(frozenset(self._values))

    def _is_same_look(self, other: _Page, position: Position) -> bool:
        """Tell whether a cell looks the same, as far as both programs can say how it does."""
        exact = self._is_complete and other._is_complete
        computed = position in self._formulas | other._formulas
        return is_same_look(
            self._looks.get(position, {}),
            other._looks.get(position, {}),
            exact=exact,
            computed=computed,
        )

    def _is_moved_formula(self, other: _Page, position: Position, mover: ReferenceMover) -> bool:
        """Tell whether a formula is the other one, from where the rows of its workbook are."""
        if position not in self._formulas & other._formulas:
            return False
        if mover.any_moved and self._meaning_of(position) == other._meaning_of(position):
            return True
        wanted = normalise_formula(str(other._values[position]), *position).key
        formula = str(self._values[position])
        texts = formula, mover(formula, self.page.name)
        return any(normalise_formula(text, *position).key == wanted for text in texts)

    @cached_property
    def _own_mover(self) -> ReferenceMover:
        home = self.page.home
        return ReferenceMover(home, home, home.template_sheets)

    def _meaning_of(self, position: Position) -> str:
        """Return a formula by what its cells are about; all rows for more cities are alike."""
        meaning = self._own_mover.meaning(str(self._values[position]), self.page.name)
        return _SPARE_ROW.sub(rf"{SPARE}\1", meaning)


def _is_same_note(note: str, other: str) -> bool:
    """Tell whether notes are the same; programs without threads do not save who answered."""
    lines = note.splitlines(), other.splitlines()
    return len(lines[0]) == len(lines[1]) and all(
        a.endswith(b) or b.endswith(a) for a, b in zip(*lines, strict=True)
    )


def content_of(entries: Mapping[Key, Any], like: Content) -> Content:
    """Return the content that entries describe.

    Parameters
    ----------
    entries
        As `keyed` returns them.
    like
        Gives the order of cities, nodes and codes, and what no entry says.
    """
    dataset = _read_dataset(entries, like.dataset)
    units = {unit.id for unit in dataset.units}
    return replace(
        like,
        framework=_read_framework(entries, like.framework),
        recipe=entries["recipe",],
        language=entries["language",],
        dataset=dataset,
        typed={
            (unit, code): value
            for (_, unit, code), value in _entries_of(entries, "value")
            if isinstance(value, str) and value != "NA" and unit in units
        },
        exceptions=tuple(value for _, value in _entries_of(entries, "exception")),
        remarks=_read_remarks(entries),
        edits=_read_edits(entries, like),
        leftovers=tuple(value for _, value in _entries_of(entries, "leftover")),
        listed=tuple(value for _, value in _entries_of(entries, "listed")),
        pages=_read_pages(entries, like),
    )


def _read_pages(entries: Mapping[Key, Any], like: Content) -> tuple[UserPage, ...]:
    """Return the user's own sheets, on that of the change log all its lines."""
    pages = {key[1]: replace(page.page, title=key[1]) for key, page in _entries_of(entries, "page")}
    lines = [
        change_of(about, amended) for about, amended in _fields_by_key(entries, "change").items()
    ]
    home = like.edits.home
    if SHEET in pages and is_log(read_book(pages[SHEET].package)):
        page = pages[SHEET]
        pages[SHEET] = replace(page, package=with_log(page.package, lines))
    elif lines and home is not None:
        pages[SHEET] = UserPage(list_book(SHEET, lines, like.language), SHEET, SHEET, home)
    return tuple(pages.values())


def _entries_of(entries: Mapping[Key, Any], kind: str) -> list[tuple[Key, Any]]:
    return [(key, value) for key, value in entries.items() if key[0] == kind]


def _fields_by_key(entries: Mapping[Key, Any], kind: str) -> dict[Any, dict[str, Any]]:
    """Return the entries of a kind as key -> name -> value."""
    fields: dict[Any, dict[str, Any]] = {}
    for (_, *about, name), value in _entries_of(entries, kind):
        fields.setdefault(about[0] if len(about) == 1 else tuple(about), {})[name] = value
    return fields


def _lines_by_code(entries: Mapping[Key, Any], kind: str) -> dict[str, tuple[Any, ...]]:
    """Return the entries of a kind as code -> lines."""
    by_code = grouped((key[1], line) for key, line in _entries_of(entries, kind))
    return {code: tuple(lines) for code, lines in by_code.items()}


def _merge_order(order: list[str], reported: list[str]) -> list[str]:
    """Return what is reported, in the known order; what is new comes last."""
    return [
        *(name for name in order if name in reported),
        *(name for name in reported if name not in order),
    ]


def _read_framework(entries: Mapping[Key, Any], like: Framework) -> Framework:
    nodes, ingredients = _fields_by_key(entries, "node"), _fields_by_key(entries, "ingredient")
    order = _merge_order([n.code for n in like.nodes], list(nodes))
    return replace(
        like,
        nodes=tuple(Node(code=code, **nodes[code]) for code in order),
        ingredients=tuple(Ingredient(code=code, **values) for code, values in ingredients.items()),
    )


def _read_dataset(entries: Mapping[Key, Any], like: Dataset) -> Dataset:
    given = _fields_by_key(entries, "unit")
    old_units = {unit.id: unit for unit in like.units}
    ids = [unit for unit in _merge_order(list(old_units), list(given)) if "id" in given[unit]]
    units = tuple(_read_unit(unit, given[unit]) for unit in ids)
    values = {(unit, code): value for (_, unit, code), value in _entries_of(entries, "value")}
    codes = _merge_order(list(like.codes), list(dict.fromkeys(code for _, code in values)))
    rows = {unit: row for row, unit in enumerate(ids)}
    columns = {code: column for column, code in enumerate(codes)}
    shape = len(ids), len(codes)
    numbers = np.full(shape, np.nan)
    states = np.full(shape, State.BLANK, dtype=np.uint8)
    basis = np.full(shape, "", dtype="<U12")
    for (unit, code), value in values.items():
        if unit not in rows:
            continue
        position = rows[unit], columns[code]
        value = value.value if isinstance(value, TypedCell) else value
        if isinstance(value, float):
            numbers[position], states[position], basis[position] = (
                value,
                State.VALUE,
                _status_of(like, unit, code, value),
            )
        elif value == "NA":
            states[position] = State.MISSING
    items, links = _lines_by_code(entries, "item"), _lines_by_code(entries, "link")
    return Dataset(units, tuple(codes), numbers, states, basis, items, links)


def _read_unit(unit: str, fields: Mapping[str, Any]) -> Unit:
    attributes = {
        name.removeprefix("attribute:"): value
        for name, value in fields.items()
        if name.startswith("attribute:")
    }
    plain = {n: v for n, v in fields.items() if not n.startswith("attribute:") and n != "id"}
    return Unit(id=unit, attributes=attributes, **plain)


def _status_of(like: Dataset, unit: str, code: str, value: float) -> str:
    """Return the status of a value: that of the same value before, else entered."""
    if unit in like.rows and code in like.codes:
        position = like.rows[unit], like.column(code)
        if like.values[position] == value:
            return str(like.basis[position])
    return Status.ENTERED.value


def _read_remarks(entries: Mapping[Key, Any]) -> tuple[Remark, ...]:
    given = _fields_by_key(entries, "review")
    return tuple(
        Remark(city, node, cell, remark, who, **answer)
        for (city, node, cell, remark, who, _), answer in given.items()
    )
