"""`TopFive` and `TopPairs`: the first cities and pairs of each node, ties and all."""

from __future__ import annotations

from dataclasses import dataclass

from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import Block, cell, pick
from xlcity.workbook.layout.pairs import NAME, ONE, OTHER, PairLayout

CITIES, PAIRS = "TopFive", "TopPairs"
#: Rows kept for cities or pairs that share the last rank.
TIED = 7
HEADER = 5


@dataclass(frozen=True, slots=True)
class TopLists:
    """What is listed: the nodes, how many of each, and the attribute whose groups are counted."""

    nodes: tuple[str, ...]
    depth: int
    attribute: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where a list is taken from: ranks and positions by node, over the same rows."""

    ranks: Block
    positions: Block


def draw_cities(book: Book, shown: TopLists) -> None:
    """Draw `TopFive`: a block per node with rank, city and group; the groups counted below."""
    canvas, layout = book.canvas(CITIES), book.layout
    canvas.heading("topfive", "topfive.note", banner_column=6, note_column=3)
    canvas.widths([8, 7, *[5, 20, 12, 1.5] * len(shown.nodes)])
    depth = _depth(book, canvas, "par_top_cities", shown.depth)
    rows = shown.depth + TIED
    canvas.fit_names(HEADER, shown.nodes, 32, 9)
    groups = next(g for g in book.spec.group_types if g.attribute == shown.attribute)
    names = layout.names("Scores")
    attribute = layout.city(shown.attribute).ref()
    source = Source(layout.ranks, layout.positions)
    bottom = HEADER + rows + 1
    _rows(canvas, rows)
    canvas.label(bottom + 1, 1, "toplist.counted", "note")
    for place, code in enumerate(shown.nodes):
        left = 3 + 4 * place
        canvas.merged(
            HEADER, left, left + 2, layout.framework_cell(code, "display"), "header", font_size=9
        )
        for offset in range(rows):
            row = HEADER + 1 + offset
            at = _place(source, code, canvas, row, left, depth, offset + 1)
            canvas.formula(row, left + 1, pick(names, at), "name")
            group = group_text(shown.attribute, f"INDEX({attribute},{at})")
            canvas.formula(row, left + 2, f'IF({at}="","",{group})', "calculation_center",
                           font_size=9)  # fmt: skip
        _tie(book, canvas, source, code, (bottom, left), (depth, rows))
        ranks = source.ranks.over(code, CITIES, "rc")
        for offset, group_ in enumerate(groups.groups):
            row = bottom + 1 + offset
            key = f"group.{shown.attribute}.{group_.value}"
            canvas.label(row, left + 1, key, "stub", font_size=9)
            counted = f'COUNTIFS({ranks},"<="&{depth},{attribute},"{group_.value}")'
            canvas.formula(row, left + 2, counted, "calculation_center", "0")
    right = 2 + 4 * len(shown.nodes)
    canvas.finish(bottom + len(groups.groups), right, HEADER)


def draw_pairs(book: Book, shown: TopLists) -> None:
    """Draw `TopPairs`: the first ten of the root with their regions, then each node's first."""
    canvas, layout, pairs = book.canvas(PAIRS), book.layout, PairLayout(book.layout)
    canvas.heading("toppairs", "toppairs.note", banner_column=5, note_column=3)
    canvas.widths([8, 7, 5, 34, 26, 12, 2, *[5, 32, 1.5] * (len(shown.nodes) - 1)])
    depth = _depth(book, canvas, "par_top_pairs", shown.depth)
    source = Source(pairs.ranks, pairs.positions)
    root, *others = shown.nodes
    canvas.fit_names(HEADER, shown.nodes, 30, 9)
    long = 2 * shown.depth
    rows = max(long, shown.depth + TIED)
    _rows(canvas, rows)
    bottom = HEADER + rows + 1
    canvas.merged(HEADER, 3, 4, layout.framework_cell(root, "display"), "header", font_size=9)
    canvas.label(HEADER, 5, "toplist.region", "header", font_size=9)
    canvas.label(HEADER, 6, "toplist.score", "header", font_size=9)
    names = pairs.column(NAME).ref()
    for offset in range(long):
        row = HEADER + 1 + offset
        at = _place(source, root, canvas, row, 3, f"2*{depth}", offset + 1)
        canvas.formula(row, 4, pick(names, at), "name")
        region = _regions(book, pairs, shown.attribute, at)
        canvas.formula(row, 5, f'IF({at}="","",{region})', "calculation", font_size=9)
        score = f"INDEX({pairs.scores.over(root, PAIRS, 'rc')},{at})"
        canvas.formula(row, 6, f'IF({at}="","",{score})', "output", "0.00")
    for place, code in enumerate(others):
        left = 8 + 3 * place
        name = layout.framework_cell(code, "display")
        canvas.merged(HEADER, left, left + 1, name, "header", font_size=9)
        for offset in range(rows):
            row = HEADER + 1 + offset
            at = _place(source, code, canvas, row, left, depth, offset + 1)
            canvas.formula(row, left + 1, pick(names, at), "name")
        _tie(book, canvas, source, code, (bottom, left), (depth, rows))
    right = 7 + 3 * len(others)
    canvas.finish(bottom, right, HEADER, split=(8,))


def group_text(attribute: str, value: str) -> str:
    """Return a formula that shows the group a value means, in the chosen language."""
    return f'IFERROR(INDEX(xl_label_texts,MATCH("group.{attribute}."&{value},xl_label_keys,0)),"")'


def _depth(book: Book, canvas: Canvas, name: str, depth: int) -> str:
    """Write how many are listed, as an input; return its name."""
    canvas.label(3, 1, "toplist.depth", "section")
    canvas.input(3, 3, depth, "chooser", "0")
    book.define(name, canvas.area(3, 3))
    canvas.sheet.data_validation(
        2, 2, 2, 2, {"validate": "integer", "criteria": "between", "minimum": 1, "maximum": depth}
    )
    return name


def _rows(canvas: Canvas, rows: int) -> None:
    """Write the places of the lines, which the formulas look for."""
    for offset in range(rows):
        canvas.number(HEADER + 1 + offset, 1, offset + 1, "stub_center", "0")


def _place(
    source: Source, code: str, canvas: Canvas, row: int, left: int, depth: str, place: int
) -> str:
    """Write the rank at a place of a list; return the formula for its row among all."""
    home = canvas.name
    positions = source.positions.over(code, home, "rc")
    ranks = source.ranks.over(code, home, "rc")
    at = f"MATCH({cell(row, 1, 'c')},{positions},0)"
    rank = f"INDEX({ranks},{at})"
    canvas.formula(row, left, f'IFERROR(IF({rank}<={depth},{rank},""),"")', "output_center", "0")
    # The place counts only where a rank stands.
    return f'IF({cell(row, left)}="","",{at})' if place else at


def _tie(
    book: Book,
    canvas: Canvas,
    source: Source,
    code: str,
    at: tuple[int, int],
    limits: tuple[str, int],
) -> None:
    """Write how many share the last rank that is listed, and how many of them are not shown."""
    (row, left), (depth, rows) = at, limits
    ranks = source.ranks.over(code, canvas.name, "rc")
    listed = f'COUNTIF({ranks},"<="&{depth})'
    last = canvas.range(HEADER + 1, left, HEADER + rows, fix="")
    shared = f"COUNTIF({ranks},MAX({last}))"
    more = f'IF({listed}>{rows},{book.labels.ref("toplist.more")}&({listed}-{rows}),"")'
    note = f'{shared}&" "&{book.labels.ref("toplist.tie")}&MAX({last})&{more}'
    canvas.formula(
        row, left, f'IF(COUNT({last})=0,"",IF({shared}>1,{note},""))', "note", font_size=9
    )


def _regions(book: Book, pairs: PairLayout, attribute: str, at: str) -> str:
    """Return the regions of a pair's cities, one of them where they are the same."""
    column = book.layout.city(attribute).ref()
    one, other = (f"INDEX({column},INDEX({pairs.column(c).ref()},{at}))" for c in (ONE, OTHER))
    names = [group_text(attribute, value) for value in (one, other)]
    within = book.labels.ref("toplist.within")
    return f'IF({one}={other},{names[0]}&{within},{names[0]}&" – "&{names[1]})'
