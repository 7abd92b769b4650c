"""What people did to a workbook: read by comparison, moved to another one, drawn there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from itertools import chain, product

from xlcity.errors import Problem
from xlcity.grouping import grouped
from xlcity.recalc.held_values import HELD
from xlcity.workbook.build import draw
from xlcity.workbook.checking.seal_sheet import SHEET as SEAL
from xlcity.workbook.checking.seal_sheet import has_seal
from xlcity.workbook.layout.rows import FRAMEWORK_COLUMNS, TREE_NAME
from xlcity.workbook.migrate.cell_keys import Anchors
from xlcity.workbook.migrate.edits import Edit, OpenedBook, SheetPair, Target
from xlcity.workbook.migrate.leftovers import Leftover
from xlcity.workbook.migrate.mover import Mover
from xlcity.workbook.migrate.sheet_kinds import KINDS, without_old_title
from xlcity.workbook.reading.records import number_of, plain_text
from xlcity.workbook.reading.template import RECORDS, Template
from xlcity.workbook.spec import TemplateSpec
from xlcity.workbook.steps.weigh import SHEET as WEIGHTS
from xlcity.workbook.steps.weigh import stored_rows
from xlcity.workbook.tab_titles import title_in, with_contract_names
from xlcity.xlsx.address import Range, cell_name, quote_sheet
from xlcity.xlsx.cells import Position, ReadBook, find_area, read_book, resolve
from xlcity.xlsx.editing.transplant import copy_sheets
from xlcity.xlsx.features import areas_text
from xlcity.xlsx.package import Package
from xlcity.xlsx.parts import local

#: What the template writes about itself; on `Framework` one cell below the other, and elsewhere.
_FIRST = "xl_report"
_LAST = "xl_recipe_hash"
_PROGRAM_NAMES = ("xl_bars", "xl_recipe", "xl_methods_built", HELD, *RECORDS)
#: Columns of `Framework` with what the template was built with.
_AS_BUILT = ("report_weight",)
#: Code of the problem of goalposts of which the low one is not below the high one.
EXCHANGED_GOALPOSTS = "XC215"


def read_edits(
    edited: OpenedBook, origin: OpenedBook, mover: Mover, *, joins: bool = False
) -> tuple[list[Edit], list[Leftover]]:
    """Return what a workbook has beside another one, and what of that cannot be moved anywhere.

    Parameters
    ----------
    edited, origin
        The workbook, and the template as it is drawn from what the workbook says, or the workbook
        that it is a copy of.
    mover
        Finds where cells of the first stand in the second.
    joins
        Whether it is a copy.
    """
    edits: list[Edit] = []
    left: list[Leftover] = []
    others = edited.book.names.keys() - origin.book.names.keys()
    unread = (name for name in others if name.startswith("par_"))
    not_typed = program_cells(edited.book, unread, joins=joins)
    for name in filter(origin.book.sheets.__contains__, edited.book.sheets):
        pair = SheetPair(
            name,
            edited,
            origin,
            mover,
            joins=joins,
            not_typed=not_typed.get(name, frozenset()),
        )
        for kind in KINDS:
            edits += kind.read(pair)
        left += _list_objects(pair)
    for edit in _read_names(edited.book, origin.book):
        if "#REF!" in edit.value:
            left.append(Leftover("name", content=edit.text, reason="reference"))
        else:
            edits.append(edit)
    in_origin = {*_list_beside_sheets(origin)}
    left += [line for line in _list_beside_sheets(edited) if line not in in_origin]
    return without_old_title(edits), left


def _read_names(edited: ReadBook, origin: ReadBook) -> Iterator[Edit]:
    """Yield the names that people defined."""
    drawn = {name.casefold() for name in origin.names}
    for name, formula in edited.names.items():
        is_ours = name.startswith(("_xlnm.", "par_"))
        if not is_ours and name.casefold() not in drawn:
            yield Edit("name", "", name, formula, text=f"{name} ={formula}")


def program_cells(
    book: ReadBook, names: Iterable[str], *, joins: bool = False
) -> dict[str, frozenset[Position]]:
    """Return sheet by sheet the cells that no person types into; `names` are those of others.

    Parameters and missing codes are drawn from the recipe, but typed into a copy that `joins`.
    """
    areas = [find_area(book, name) for name in (*_PROGRAM_NAMES, *names)]
    areas += [] if joins else [find_area(book, "par_missing")]
    if last := find_area(book, _LAST):
        areas.append(replace(resolve(book, _FIRST), r2=last.r2))
    areas += _program_columns(book, joins=joins)
    cells: list[tuple[str, Position]] = []
    for area in filter(None, areas):
        cells += product([area.sheet], area.positions)
    cells += product([title_in(book, WEIGHTS)], _stored_weights(book))
    return {sheet: frozenset(positions) for sheet, positions in grouped(cells).items()}


def _program_columns(book: ReadBook, *, joins: bool) -> Iterator[Range]:
    """Yield the columns of `Framework`, without their heads, that the recipe fills."""
    tree = resolve(book, TREE_NAME)
    methods = None if joins else find_area(book, "xl_methods")
    for column, title in enumerate(book.block(tree)[0], tree.c1):
        # Weights and directions stand in the table of methods, too; people type formulas there.
        of_method = (
            methods is not None
            and column <= methods.c2
            and title not in FRAMEWORK_COLUMNS
        )
        if title in _AS_BUILT or of_method:
            yield replace(tree, r1=tree.r1 + 1, c1=column, c2=column)


def _stored_weights(book: ReadBook) -> Iterator[Position]:
    """Yield the cells of `Weights` with numbers that a program stores."""
    stored = stored_rows(book)
    if not stored:
        return
    for position, cell in book.sheets[WEIGHTS].cells.items():
        if position[0] in stored and number_of(cell.value) is not None:
            yield position


def list_unread(template: Template, drawn: ReadBook) -> Iterator[Leftover]:
    """Yield what was typed into parameters that nothing reads."""
    given = (step.params.values() for step in template.recipe.steps)
    used_values = {*chain.from_iterable(given)}
    for name in template.book.names:
        area = find_area(template.book, name)
        if area is None or not name.startswith("par_") or name in drawn.names:
            continue
        value = template.book.value(area.sheet, area.r1, area.c1)
        if value not in (None, "", *used_values):
            text = f"{name} = {plain_text(value)}"
            cell = cell_name(area.r1, area.c1)
            yield Leftover("cell", area.sheet, cell, content=text, reason="unread")


def _list_objects(pair: SheetPair) -> Iterator[Leftover]:
    """Yield the filter that hides rows, merged cells, pictures, charts and tables."""
    if pair.mine.filtered != pair.drawn.filtered:
        yield Leftover("filter", pair.name, content=pair.mine.filtered, reason="kind")
    for area in pair.mine.merged:
        if pair.mover.bounds(pair.name, area) not in pair.drawn.merged:
            yield Leftover("merged", pair.name, areas_text([area]), reason="kind")
    left = Counter(kind for kind, _ in pair.drawn.objects)
    for kind, title in pair.mine.objects:
        if left[kind]:
            left[kind] -= 1
        else:
            yield Leftover(
                "object", pair.name, content=f"{kind} {title}", reason="kind"
            )


def _list_beside_sheets(opened: OpenedBook) -> Iterator[Leftover]:
    """Yield what a workbook has beside its sheets of cells: sheets of charts, a protection."""
    for element in opened.package.workbook.iter():
        title = element.get("name", "")
        tag = local(element.tag)
        # LibreOffice writes one that protects nothing.
        if tag == "workbookProtection" and {"1", "true"} & {*element.attrib.values()}:
            yield Leftover(
                "setting", content="protection of the workbook", reason="kind"
            )
        elif tag == "sheet" and title not in opened.book.sheets:
            yield Leftover("page", title, content="chart sheet", reason="kind")


def move_edits(
    edits: Iterable[Edit], mover: Mover, left: list[Leftover]
) -> Iterator[Edit]:
    """Yield edits as they stand in another workbook; what has no place there is left."""
    kinds = {kind.name: kind for kind in KINDS}
    for edit in edits:
        if edit.sheet and not mover.new.has(edit.sheet):
            left.append(edit.leftover("gone"))
        elif (moved := kinds[edit.kind].move(edit, mover, left)) is not None:
            yield moved


def draw_edits(target: Target, edits: Iterable[Edit]) -> None:
    """Draw moved edits, or leave them."""
    edits_by_kind = grouped((edit.kind, edit) for edit in edits)
    for kind in KINDS:
        for edit in edits_by_kind.get(kind.name, ()):
            kind.draw(target, edit)


class SourceBook:
    """A template that others are made from, with what people did to it.

    Parameters
    ----------
    template
        The workbook.
    spec
        What it is drawn from.
    """

    def __init__(self, template: Template, spec: TemplateSpec) -> None:
        self.template = template
        self._spec = spec

    @property
    def exchanged_goalposts(self) -> list[Problem]:
        """Goalposts that were typed in the other order; they are written in their own."""
        return [p for p in self.template.problems if p.code == EXCHANGED_GOALPOSTS]

    @cached_property
    def _drawn(self) -> OpenedBook:
        package, _ = draw(self._spec)
        book = with_contract_names(read_book(package))
        return OpenedBook(package, book, Anchors(book))

    @cached_property
    def opened(self) -> OpenedBook:
        """The workbook."""
        template = self.template
        tree = {node.code for node in template.framework.nodes}
        grown = tree - template.node_rows.keys() if template.grown else set()
        anchors = Anchors(template.book, self._drawn.anchors, grown=grown)
        return OpenedBook(template.package, template.book, anchors)

    @cached_property
    def own_sheets(self) -> frozenset[str]:
        """The sheets of the template."""
        return frozenset(self._drawn.book.sheets)

    @cached_property
    def pages(self) -> tuple[str, ...]:
        """The sheets of the user's own."""
        book = self.template.book
        names = (name for name in book.sheets if name not in self.own_sheets)
        return tuple(name for name in names if name != SEAL or not has_seal(book))

    @cached_property
    def edits(self) -> tuple[list[Edit], list[Leftover]]:
        """What people did to the workbook, and what of that cannot be copied."""
        drawn = self._drawn
        mover = Mover(self.opened.anchors, drawn.anchors, self.own_sheets)
        edits, left = read_edits(self.opened, drawn, mover)
        return edits, [*list_unread(self.template, drawn.book), *left]

    def mover(self, anchors: Anchors, titles: Mapping[str, str]) -> Mover:
        """Return what finds where its cells stand in another workbook.

        `titles` are those of its own sheets that are called otherwise there. Columns that people
        added get room in that workbook.
        """
        old = self.opened.anchors
        used: dict[str, int] = {}
        for edit in self.edits[0]:
            if edit.kind in ("cell", "look", "hyperlink") and edit.about is not None:
                behind = edit.about.position[1] if edit.about.column == "@end" else 0
                used[edit.sheet] = max(used.get(edit.sheet, 0), behind)
        anchors.give_columns(old, self.own_sheets, used)
        return Mover(old, anchors, self.own_sheets, titles)


def copy_pages(
    source: Package,
    target: Package,
    titles: Mapping[str, str],
    mover: Mover,
    left: list[Leftover],
) -> Package:
    """Return a workbook with sheets of the user's own from another one, their formulas led along.

    What cannot be copied is left; `titles` are what the sheets are called.
    """

    def follow(formula: str, sheet: str, cell: str) -> str:
        new, lost = mover.follow(formula, sheet)
        if lost:
            address = f"{quote_sheet(titles[sheet])}!{cell}" if cell else ""
            text = f"={formula}: {', '.join(dict.fromkeys(lost))}"
            left.append(
                Leftover(
                    "formula", sheet, cell, address, content=text, reason="reference"
                )
            )
        return new

    if not titles:
        return target
    objects: list[tuple[str, str]] = []
    package = copy_sheets(source, target, titles, follow, left=objects)
    left += [
        Leftover("object", sheet, content=kind, reason="kind")
        for sheet, kind in objects
    ]
    return package
