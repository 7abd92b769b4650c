"""What people did to a template, drawn where it belongs on a template drawn anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import groupby

from xlcity.workbook.build import read_drawn
from xlcity.workbook.drawing.canvas import Book
from xlcity.workbook.migrate.cell_keys import Anchor, Anchors
from xlcity.workbook.migrate.kinds import Target
from xlcity.workbook.migrate.sheet_kinds import KINDS
from xlcity.workbook.migrate.user_edits import TypedCell, UserEdits, shown
from xlcity.workbook.migrate.user_formulas import ReferenceMover
from xlcity.xlsx.address import Range, cell_name, parse_range
from xlcity.xlsx.cells import Position
from xlcity.xlsx.features import Rectangle
from xlcity.xlsx.styles import Look
from xlcity.xlsx.text import normal_value, same_value


def target_for(
    drawn: Book,
    edits: UserEdits,
    renamed: Mapping[str, str],
    titles: Mapping[int, Mapping[str, str]],
) -> Target:
    """Return a template to draw on, with room for the columns that people added.

    Parameters
    ----------
    drawn
        The template, not closed yet.
    edits, renamed
        What people typed and set, and nodes that are called otherwise: old -> new.
    titles
        `id` of the anchors of a workbook -> sheets of its user's own that are called otherwise.
    """
    book = read_drawn(drawn)
    places = Anchors(book, renamed=renamed)
    others = (*edits.of("cell"), *edits.looks, *edits.of("hyperlink"))
    places.give_columns(edits.of("column").items(), others)
    movers: dict[int, ReferenceMover] = {}

    def mover(home: Anchors | None) -> ReferenceMover:
        assert home is not None  # only content made by hand has none, and no formulas
        if id(home) not in movers:
            own = home.template_sheets or frozenset(book.sheets)
            movers[id(home)] = ReferenceMover(home, places, own, titles.get(id(home)))
        return movers[id(home)]

    return Target(drawn, book, places, mover, Counter(), [*edits.unplaced])


def draw_edits(target: Target, edits: UserEdits) -> None:
    """Draw everything where it belongs, and list what has no place."""
    for anchor, typed in edits.of("cell").items():
        _draw_cell(target, anchor, typed)
    _draw_looks(target, edits)
    for kind in KINDS:
        kind.draw(target, {k: value for k, value in edits.entries.items() if k[0] == kind.name})
    for anchor, note in edits.of("comment").items():
        if (cell := target.cell(anchor)) is None:
            target.leave(("comment", anchor), note, cell=_old_address(edits, anchor))
            continue
        sheet, row, column = cell
        sheet.put_note(row, column, note.text, note.author)
        target.placed["comments"] += 1


def _draw_cell(target: Target, anchor: Anchor, typed: TypedCell) -> None:
    """Write what somebody typed where its cell is now, or list it."""
    key = ("cell", anchor)
    position = target.places.find(anchor)
    if position is None:
        return target.leave(key, typed)
    address = f"{anchor.sheet}!{cell_name(*position)}"
    drawn_cell = target.book.sheets[anchor.sheet].cells.get(position)
    if drawn_cell is not None and drawn_cell.computed:
        return target.leave(key, typed, "formula", at=address)
    value = normal_value(None if drawn_cell is None else drawn_cell.value or None)
    replaced_values = [typed.replaces or None, *([typed.value] if typed.formula is None else [])]
    if not any(same_value(value, normal_value(other)) for other in replaced_values):
        return target.leave(key, typed, "taken", at=address)
    sheet, (row, column) = target.sheets[anchor.sheet], position
    if typed.formula is None:
        runs = typed.rich.xml if typed.rich else ""
        sheet.put_typed(row - 1, column - 1, typed.value, None, runs)
        target.placed["cells"] += 1
        return None
    mover = target.mover(typed.home)
    formula = mover(typed.formula, typed.sheet, typed.cell)
    array = _array_area(target, mover, typed, position) if typed.array else None
    lost, reordered = mover.take()
    if lost or (typed.array and array is None):
        return target.leave(key, typed, "reference", lost, at=address)
    if array is None:
        sheet.put_typed(row - 1, column - 1, typed.value, formula)
    else:
        corners = (number - 1 for number in array)
        sheet.write_array_formula(*corners, f"={formula}", None, typed.value or 0)
    target.placed["formulas"] += 1
    if reordered:
        target.leave(key, typed, "order", reordered, at=address)
    return None


def _array_area(
    target: Target, mover: ReferenceMover, typed: TypedCell, position: Position
) -> Rectangle | None:
    """Return where an array formula stands now, ``None`` where there is no room for it."""
    area = mover.area(typed.sheet, *parse_range(typed.array or "A1"))
    if area is None or area[:2] != position:
        return None
    cells = target.book.sheets[typed.sheet].cells
    inside = Range(typed.sheet, *area).positions
    taken = any(p in cells and cells[p].value not in (None, "") for p in inside)
    return None if taken else (area[0], area[1], area[2], area[3])


def _draw_looks(target: Target, edits: UserEdits) -> None:
    """Have cells look as people set them; of those gone list a row or column of equal ones once."""
    homeless: list[tuple[Anchor, Look]] = []
    for anchor, look in edits.looks.items():
        if (cell := target.cell(anchor)) is None:
            homeless.append((anchor, look))
            continue
        sheet, row, column = cell
        sheet.restyle(row, column, look, target.drawn.styles.changed)
        target.placed["fills" if "fill" in look else "formats"] += 1

    def column_and_look(pair: tuple[Anchor, Look]) -> tuple[str, str, str]:
        return pair[0].sheet, pair[0].column, repr(sorted(pair[1].items()))

    for _, several in groupby(sorted(homeless, key=column_and_look), column_and_look):
        (anchor, first), *others = several
        text = shown(first) + (f" (+{len(others)})" if others else "")
        target.leave(("look", anchor), text, cell=_old_address(edits, anchor))


def _old_address(edits: UserEdits, anchor: Anchor) -> str:
    """Return the address that a cell had, "" for none."""
    old = edits.home.find(anchor) if edits.home else None
    return cell_name(*old) if old else ""
