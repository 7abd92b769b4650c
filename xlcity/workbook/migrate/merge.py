"""Copies of one workbook, filled by several hands, put together again in that workbook."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from itertools import chain
from typing import Any, NamedTuple

from xlcity.errors import require_known
from xlcity.functions.arguments import is_blank
from xlcity.workbook.checking.contract import DATA
from xlcity.workbook.filling.template import record_inputs
from xlcity.workbook.migrate.carry import copy_pages, draw_edits, move_edits, read_edits
from xlcity.workbook.migrate.cell_keys import Anchors
from xlcity.workbook.migrate.change_log import SHEET as CHANGE_LOG
from xlcity.workbook.migrate.content import Content, read_content, renewed
from xlcity.workbook.migrate.edits import Edit, OpenedBook, Target
from xlcity.workbook.migrate.kinds import DISAGREE, DISPUTED, join_looks
from xlcity.workbook.migrate.leftovers import (
    Leftover,
    find_list,
    shown_value,
    with_list,
)
from xlcity.workbook.migrate.mover import Mover
from xlcity.workbook.migrate.rebuild import (
    Rebuilt,
    add_leftovers,
    computed,
    rebuild,
    with_chosen_pages,
)
from xlcity.workbook.reading.records import lines_below
from xlcity.workbook.reading.template import Template, template_of
from xlcity.workbook.spec.from_template import read_chosen_pages
from xlcity.workbook.tab_titles import contract_name
from xlcity.workbook.tabs import available_pages, sheet_titles
from xlcity.xlsx.address import cell_name
from xlcity.xlsx.cells import Cell, Position, ReadBook, find_area, read_book
from xlcity.xlsx.editing.comments import Comment
from xlcity.xlsx.editing.patch import CellEntry
from xlcity.xlsx.editing.transplant import order_tabs
from xlcity.xlsx.package import Package

#: Sheet -> what an entry of its table is called.
_TABLES = {
    "Cities": "unit",
    "Framework": "node",
    "Sources": "node",
    "Links": "link",
    "Items": "item",
    "Review": "review",
    CHANGE_LOG: "change",
}


@dataclass(frozen=True, slots=True)
class Conflict:
    """An entry that several copies changed in different ways.

    Attributes
    ----------
    kind, sheet, cells, unit, indicator, field
        What it is about; None where it is about none.
    base, kept
        What it was, and what the merged workbook has; None for nothing.
    said
        Copy -> what it says; None where it was taken away.
    """

    kind: str
    sheet: str | None
    cells: str | None = None
    unit: str | None = None
    indicator: str | None = None
    field: str | None = None
    base: str | float | None = None
    _: KW_ONLY
    said: Mapping[str, str | float | None]
    kept: str | float | None = None


@dataclass(frozen=True, slots=True)
class TakenValue:
    """A value that one copy changed, or several alike: what it was and is, and who changed it."""

    unit: str
    indicator: str
    cell: str
    before: str | float | None
    after: str | float | None
    who: tuple[str, ...]


class Decisions(NamedTuple):
    """What a person decided on the way to a merged workbook.

    Attributes
    ----------
    words
        Cell with its sheet -> the copy that counts there, a value, or "": it stays as it was.
    remarks
        Whether a comment on each value that changed says who changed it.
    """

    words: Mapping[str, str] = {}
    remarks: bool = False


#: Nothing was decided.
UNDECIDED = Decisions()


@dataclass(frozen=True, slots=True)
class Merged:
    """Copies put together.

    Attributes
    ----------
    built
        The workbook.
    taken
        Copy -> how many changes came from it alone or from it, too.
    agreed
        Values that two or more hands entered alike.
    conflicts
        What they disagree on.
    rowless
        Copy -> cities whose row on `Data` it has lost; their values stay.
    decided
        What they disagreed on and a person has decided.
    values
        The values that were taken.
    """

    built: Rebuilt
    taken: Mapping[str, int]
    agreed: int
    conflicts: tuple[Conflict, ...]
    rowless: Mapping[str, tuple[str, ...]]
    decided: tuple[Conflict, ...] = ()
    values: tuple[TakenValue, ...] = ()


def merge(
    base: Template,
    copies: Mapping[str, Template],
    prefer: str | None = None,
    left: Iterable[Leftover] = (),
    decisions: Decisions = UNDECIDED,
) -> Merged:
    """Put what copies of a workbook have beside it into that workbook.

    What one copy changed, or several alike, is taken. Where copies disagree, what stands there is
    kept, or that of the copy `prefer`, and a comment on the cell lists all of them. Comments are
    joined, and all sheets of the user's own are kept. A missing row removes no values.

    Parameters
    ----------
    base
        The workbook that the copies were made from.
    copies
        Name -> copy.
    prefer
        Whose word counts in a conflict.
    left
        What of the copies was found to have no place already.
    decisions
        What a person decided; a conflict that was decided is none any more.

    Raises
    ------
    UsageError
        If there is no conflict in a cell that was decided, or no such copy.
    """
    has_log = [find_list(book.book, CHANGE_LOG) for book in (base, *copies.values())]
    if any(has_log) and not has_log[0]:
        # Lines of the change logs of all copies are joined.
        package = with_list(base.package, CHANGE_LOG, (), base.text("xl_lang"))
        base = template_of(package, base.file)
    base, unplaced = _add_pages_of_copies(base, copies)
    merger = _Merger(base, prefer, decisions)
    merger.target.left += [*left, *unplaced]
    for name, copy in copies.items():
        merger.read(name, copy)
    merged = merger.merge()
    found = {f"{one.sheet}!{one.cells}" for one in merged.decided}
    for cell in decisions.words:
        require_known("kind.conflict", cell, found)
    return merged


def _add_pages_of_copies(
    base: Template, copies: Mapping[str, Template]
) -> tuple[Template, tuple[Leftover, ...]]:
    """Return the workbook with the pages on demand that copies have, and what was left over."""
    pages = {*chain.from_iterable(map(read_chosen_pages, copies.values()))}
    if pages <= {*read_chosen_pages(base)}:
        return base, ()
    built = rebuild(_add_pages(read_content(base), pages))
    return template_of(built.package, base.file), built.leftovers


def _add_pages(content: Content, pages: Container[str]) -> Content:
    """Return a content with those of the pages that it can have."""
    available = available_pages(renewed(content.spec))
    return with_chosen_pages(content, [page for page in available if page in pages])


class _Subject(NamedTuple):
    """What a conflict is about: the kind of thing, its city, its indicator and its column."""

    kind: str
    unit: str = ""
    code: str = ""
    field: str = ""


def _joined_comment(by_copy: Mapping[str, Edit]) -> Edit:
    """Return the comment that has those of all copies."""
    edit = next(iter(by_copy.values()))
    lines = [f"{name}: {other.value.text}" for name, other in by_copy.items()]
    text = "\n".join(lines)
    return replace(edit, value=Comment(text, edit.value.author), text=text)


class _Merger:
    """Gathers the edits of all copies, in terms of the workbook that they were made from."""

    def __init__(
        self, base: Template, prefer: str | None, decisions: Decisions
    ) -> None:
        self.base = base
        self.prefer = prefer
        self.decisions = decisions
        self.decided: list[Conflict] = []
        self.values: list[TakenValue] = []
        #: What comments are to say of cells that changed.
        self.said: list[tuple[Edit, str]] = []
        content = read_content(base)
        self.content = content
        titles = sheet_titles(renewed(content.spec)).values()
        self.own = frozenset(
            name for name in base.book.sheets if name in (*titles, CHANGE_LOG)
        )
        self.target = Target(base.package, base.book, Anchors(base.book))
        self.copies: dict[str, Template] = {}
        self.movers: dict[str, Mover] = {}
        self.edits: dict[tuple[str, str, Any], dict[str, Edit]] = {}
        self.conflicts: list[Conflict] = []
        self.taken: dict[str, int] = {}
        self.rowless: dict[str, tuple[str, ...]] = {}

    def read(self, name: str, copy: Template) -> None:
        """Read what a copy has beside the workbook, first brought to its language and pages."""
        spec = self.content.spec
        if (
            copy.text("xl_lang") != spec.language
            or read_chosen_pages(copy) != spec.chosen_pages
        ):
            content = _add_pages(read_content(copy), spec.chosen_pages)
            content = content.changed(language=spec.language)
            copy = template_of(rebuild(content).package, copy.file)
        base = self.target.anchors
        anchors = Anchors(copy.book, base)
        opened = OpenedBook(copy.package, copy.book, anchors)
        edits, left = read_edits(
            opened, self.target, Mover(anchors, base, self.own), joins=True
        )
        base.give_columns(anchors, self.own)
        mover = Mover(anchors, base, self.own, joins=True)
        for edit in move_edits(edits, mover, left):
            place = (edit.kind, edit.sheet, edit.where)
            self.edits.setdefault(place, {})[name] = edit
        self.target.left += left
        self.copies[name] = copy
        self.movers[name] = mover
        lost = tuple(unit for unit in self.base.rows if unit not in copy.rows)
        self.rowless |= {name: lost} if lost else {}
        lines = {(edit.sheet, edit.about.row) for edit in edits if _is_of_line(edit)}  # type: ignore[union-attr]
        self.taken[name] = len(lines) + sum(not _is_of_line(edit) for edit in edits)

    def merge(self) -> Merged:
        """Draw what is taken, and list what is not."""
        chosen: list[Edit] = []
        agreed = 0
        for key, by_copy in self.edits.items():
            first, *others = by_copy.values()
            if all(other == first for other in others):
                chosen.append(first)
                agreed += bool(others) and key[0] == "cell" and self._is_value(first)
                self._take(first, tuple(by_copy))
            else:
                chosen += self._settle(by_copy)
        chosen += (self._noted(edit, line) for edit, line in self.said)
        draw_edits(self.target, chosen)
        return Merged(
            self._build(),
            self.taken,
            agreed,
            conflicts=tuple(self.conflicts),
            rowless=self.rowless,
            decided=tuple(self.decided),
            values=tuple(self.values),
        )

    def _build(self) -> Rebuilt:
        """Return the workbook with what was drawn, the copies' pages and what is left."""
        package, titles = self._copy_pages(self.target.finish())
        tabs = self._order_sheets()
        for name, copy in self.copies.items():
            own = (titles.get((name, sheet), sheet) for sheet in copy.book.sheets)
            present = [sheet for sheet in own if sheet in (*tabs, *titles.values())]
            tabs = order_tabs([*present, *tabs], tabs)
        leftovers = tuple(dict.fromkeys(join_looks(self.target.left)))
        package = add_leftovers(package, tabs, leftovers, self.content.spec.language)
        package = record_inputs(package, self.base.file)
        if _has_lines_below(read_book(package)):
            grown = rebuild(read_content(template_of(package, self.base.file)))
            return replace(grown, leftovers=(*leftovers, *grown.leftovers))
        book = Rebuilt(
            package,
            tuple(tabs),
            {**self.target.placed, "pages": len(titles)},
            leftovers,
            unverified=self.content.unverified,
        )
        return computed(book, keep=True)

    def _order_sheets(self) -> list[str]:
        """Return the sheets in the order that a copy gave them; other orders are left."""
        usual = [*self.base.book.sheets]
        orders = {
            name: order_tabs(usual, [*copy.book.sheets])
            for name, copy in self.copies.items()
        }
        moved = {name: order for name, order in orders.items() if order != usual}
        preferred = moved.get(self.prefer or "")
        chosen = preferred or next(iter(moved.values()), usual)
        self.target.left += [
            Leftover(
                "setting", content=" · ".join(order), reason="conflict", source=name
            )
            for name, order in moved.items()
            if order != chosen
        ]
        return chosen

    # -- conflicts -------------------------------------------------------------------------------
    def _settle(self, by_copy: Mapping[str, Edit]) -> Iterator[Edit]:
        """Yield what is drawn where copies disagree, and note the conflict."""
        edit = next(iter(by_copy.values()))
        word = self.decisions.words.get(f"{edit.sheet}!{_cells_of(edit)}")
        if word is not None:
            yield from self._decide(edit, by_copy, word)
            return
        preferred = by_copy.get(self.prefer or "")
        is_value = self._is_value(edit)
        if edit.kind == "comment":
            preferred = _joined_comment(by_copy)
        elif not is_value:
            self._leave_others(by_copy, preferred)
        conflict = self._conflict(edit, by_copy, preferred)
        self.conflicts.append(conflict)
        if preferred is not None:
            yield preferred
        if is_value:
            yield from self._mark(edit, conflict.said)

    def _leave_others(
        self, by_copy: Mapping[str, Edit], preferred: Edit | None
    ) -> None:
        """List what copies say that are not the preferred one."""
        for name, other in by_copy.items():
            if other != preferred and other.value is not None:
                self.target.left.append(other.leftover("conflict", source=name))

    def _mark(self, edit: Edit, values: Mapping[str, Any]) -> Iterator[Edit]:
        """Yield the comment and the colour of a value that hands disagree on."""
        words = " | ".join(
            f"{name}: {shown_value(value)}" for name, value in values.items()
        )
        yield self._noted(edit, f"{DISAGREE}{words}")
        looks = self.edits.get(("look", edit.sheet, edit.where), {})
        for other in looks.values():
            if dict(other.value).get("fill", DISPUTED) != DISPUTED:
                self.target.left.append(other.leftover("taken"))
        yield replace(edit, kind="look", value=(("fill", DISPUTED),))

    def _noted(self, edit: Edit, line: str) -> Edit:
        """Return a comment on a cell, with what is said there already."""
        typed = self.edits.get(("comment", edit.sheet, edit.where), {})
        old = next((other.value for other in typed.values()), None)
        old = old or self.target.comments.get((edit.sheet, edit.where))
        text = "\n".join([*([old.text] if old else []), line])
        note = Comment(text, old.author if old else "xlcity merge")
        return replace(edit, kind="comment", value=note)

    def _take(self, edit: Edit, who: tuple[str, ...]) -> None:
        """Note a value that was taken, and who changed it from what."""
        if not self._is_value(edit):
            return
        about = edit.about
        assert about is not None  # a value belongs to a city and an indicator
        cell = f"{edit.sheet}!{cell_name(*edit.where)}"
        before = self._plain_base(edit)
        after = _plain(edit)
        taken = TakenValue(
            about.unit, about.code, cell, before=before, after=after, who=who
        )
        self.values.append(taken)
        if self.decisions.remarks and before is not None:
            change = f"{shown_value(before)} → {shown_value(after)}"
            self.said.append((edit, f"{', '.join(who)}: {change}"))

    def _decide(
        self, edit: Edit, by_copy: Mapping[str, Edit], word: str
    ) -> Iterator[Edit]:
        """Yield what a person decided where copies disagree; a comment says who said what."""
        chosen = by_copy.get(word)
        if chosen is None and word:
            if not self._is_value(edit):
                require_known("kind.copy", word, by_copy)
            value = number_or_text(word)
            entry = CellEntry(value)
            chosen = replace(edit, value=(value, "", ""), entry=entry, text=word)
        conflict = self._conflict(edit, by_copy, chosen)
        self.decided.append(conflict)
        if chosen is not None:
            yield chosen
        if edit.kind == "cell":
            said = [f"{n}: {shown_value(v)}" for n, v in conflict.said.items()]
            line = f"{' | '.join(said)} → {shown_value(conflict.kept)}"
            self.said.append((edit, line))

    def _is_value(self, edit: Edit) -> bool:
        """Tell whether an edit is the value of a city and an indicator."""
        about = edit.about
        return (
            edit.kind == "cell"
            and edit.sheet in DATA
            and about is not None
            and about.position == (0, 0)
            and about.code in self.base.columns
        )

    def _conflict(
        self, edit: Edit, by_copy: Mapping[str, Edit], preferred: Edit | None
    ) -> Conflict:
        """Return a conflict with what it is about."""
        subject = self._subject(edit)
        base = self._plain_base(edit)
        return Conflict(
            subject.kind,
            sheet=edit.sheet or None,
            cells=_cells_of(edit) or None,
            unit=subject.unit or None,
            indicator=subject.code or None,
            field=subject.field or None,
            base=base,
            said={name: _plain(other) for name, other in by_copy.items()},
            kept=base if preferred is None else _plain(preferred),
        )

    def _subject(self, edit: Edit) -> _Subject:
        """Return what an edit is about."""
        about = edit.about
        unit, code = ("", "") if about is None else (about.unit, about.code)
        if edit.what == "setting":
            return _Subject("setting", unit, code, edit.kind)
        if self._is_value(edit):
            return _Subject("value", unit, code)
        if edit.kind != "cell" or about is None:
            text = edit.text if edit.kind == "line" else ""
            return _Subject(edit.kind, unit, code, text)
        kind = _TABLES.get(contract_name(edit.sheet), "cell")
        field = about.column if kind != "cell" else ""
        if _is_of_line(edit):
            return self._subject_of_line(edit, kind, about.row, field)
        return _Subject(kind, unit, "" if kind == "unit" else code, field)

    def _subject_of_line(self, edit: Edit, kind: str, row: str, field: str) -> _Subject:
        """Return what a cell in a line of a list is about; `row` is what tells the line."""
        exceptions = find_area(self.base.book, "xl_exceptions")
        if kind == "node" and exceptions is not None:
            # They stand below the sources of indicators.
            kind = "exception"
            head = self.base.book.value(edit.sheet, exceptions.r1, edit.where[1])
            field = str(head or field)
        first, *others = row.removeprefix("@").split("|")
        if kind in ("link", "item"):
            return _Subject(kind, "|".join(others), first, field)
        return _Subject(kind, first, others[0] if others else "", field)

    def _plain_base(self, edit: Edit) -> str | float | None:
        """Return what stands in the workbook where copies disagree."""
        cells = self.base.book.sheets[edit.sheet].cells if edit.kind == "cell" else {}
        cell = cells.get(edit.where)
        return None if cell is None or is_blank(cell.value) else _typed(cell)

    # -- sheets of the user's own ----------------------------------------------------------------
    def _copy_pages(
        self, package: Package
    ) -> tuple[Package, dict[tuple[str, str], str]]:
        """Copy the sheets that only copies have, each that differs under a name of its own.

        These are returned, too: copy and sheet -> title.
        """
        owners: dict[str, list[str]] = {}
        for name, copy in self.copies.items():
            for sheet in copy.book.sheets:
                if sheet not in self.base.book.sheets:
                    owners.setdefault(sheet, []).append(name)
        titles: dict[tuple[str, str], str] = {}
        for sheet, names in owners.items():
            for name, title in self._titles_of_page(sheet, names).items():
                titles[name, sheet] = title
        for name, copy in self.copies.items():
            mover = self.movers[name]
            mover.titles = {
                sheet: title for (of, sheet), title in titles.items() if of == name
            }
            package = copy_pages(
                copy.package, package, mover.titles, mover, left=self.target.left
            )
        return package, titles

    def _titles_of_page(self, sheet: str, names: Sequence[str]) -> dict[str, str]:
        """Return whose page of a title is copied -> under which one; those that differ conflict."""
        distinct: dict[str, dict[Position, Any]] = {}
        for name in names:
            self.taken[name] += 1
            cells = self._moved_cells(name, sheet)
            if cells not in distinct.values():
                distinct[name] = cells
        if len(distinct) == 1:
            return dict.fromkeys(distinct, sheet)
        said = dict.fromkeys(names, "page")
        self.conflicts.append(Conflict("page", sheet, said=said))
        return {name: _sheet_title(sheet, name) for name in distinct}

    def _moved_cells(self, name: str, sheet: str) -> dict[Position, Any]:
        """Return what stands on a sheet of a copy, its formulas led along."""
        mover = self.movers[name]
        cells = {
            position: cell.value
            if cell.formula is None
            else mover.follow(cell.formula, sheet)[0]
            for position, cell in self.copies[name].book.sheets[sheet].cells.items()
        }
        return {
            position: entry for position, entry in cells.items() if not is_blank(entry)
        }


def _has_lines_below(book: ReadBook) -> bool:
    """Tell whether a template has a list with more lines than it was drawn for."""
    areas = (find_area(book, name) for name in ("xl_exceptions", "in_review"))
    return any(area is not None and lines_below(book, area) for area in areas)


def _cells_of(edit: Edit) -> str:
    """Return the cells that an edit is about, in the workbook where it has a place there."""
    return edit.cell if edit.about is None else cell_name(*edit.where)


def number_or_text(word: str) -> float | str:
    """Return what a cell gets where this is typed."""
    try:
        return float(word)
    except ValueError:
        return word


def _is_of_line(edit: Edit) -> bool:
    """Tell whether an edit is part of a line of a list, such as a remark."""
    return (
        edit.kind == "cell"
        and edit.about is not None
        and edit.about.row.startswith("@")
    )


def _plain(edit: Edit) -> str | float | None:
    """Return an edit as JSON has it."""
    if edit.value is not None and edit.kind == "cell":
        return _typed(edit.entry)
    return None if edit.value is None else edit.text


def _typed(cell: Cell | CellEntry) -> str | float:
    """Return the formula or the value of a cell as JSON has it."""
    if cell.formula is not None:
        return f"={cell.formula}"
    return cell.value if isinstance(cell.value, (str, float)) else str(cell.value)


def _sheet_title(sheet: str, name: str) -> str:
    """Return the name of a sheet of one copy: 31 characters, none of those that Excel refuses."""
    text = f"{sheet} ({name.rpartition('/')[2].rpartition('.')[0] or name})"
    plain = "".join("_" if letter in "[]:*?/\\" else letter for letter in text)
    return plain if len(plain) <= 31 else f"{plain[:15]}…{plain[-15:]}"
