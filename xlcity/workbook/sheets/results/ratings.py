"""`Ratings`: levels of scores in words and colours, and the trends since the previous edition.

The rows above the cities are the legend: the name of each level, in its colour, and of each trend,
and in the column of each node the cut point from which it has them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from xlcity.index.rating import DIGITS, rated_nodes
from xlcity.methods.rate import BY_RANK, is_falling, levels_of
from xlcity.methods.record import Settings
from xlcity.model.recipe import Step
from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import Block, Fix, cell, spread
from xlcity.workbook.drawing.number_formats import GENERAL, TWO_DECIMALS
from xlcity.workbook.drawing.styles import CENTER, PUBLISHED_CENTER, SMALL
from xlcity.workbook.labels import in_language
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.blocks import side_by_side
from xlcity.workbook.layout.rows import CODE, ROW_NAME
from xlcity.workbook.sheets.calculation.calculate import SCORE
from xlcity.workbook.sheets.previous import PreviousLayout
from xlcity.workbook.sheets.table import draw_block, unit_sheet

SHEET = "Ratings"
_CUT = PUBLISHED_CENTER


def is_wanted(layout: Layout) -> bool:
    """Tell whether anything is rated; by deviations, ranks and shares only of one group."""
    steps = rated_nodes(layout.spec.framework, layout.spec.recipe).values()
    by_all_cities = any(step.settings().text("by") != "number" for step in steps)
    return bool(steps) and not (layout.spec.apart and by_all_cities)


def draw(book: Book) -> None:
    """Draw the sheet."""
    canvas = unit_sheet(book, SHEET, (16, 30), banner=True)
    layout = book.layout
    steps = rated_nodes(book.spec.framework, book.spec.recipe)
    settings = next(iter(steps.values())).settings()
    levels, trends = (levels_of(settings, cuts) for cuts in ("cuts", "trend"))
    previous = PreviousLayout(layout) if trends and book.spec.last is not None else None
    compared = tuple(c for c in steps if previous is not None and c in previous.nodes)
    names = {
        "level": tuple(steps),
        **dict.fromkeys(("trend", "progress", "before"), compared),
    }
    blocks = side_by_side(SHEET, 3, names.items(), layout.last)
    # The row of the lowest level comes first; the highest one is on top.
    rows = [*range(ROW_NAME + len(levels), ROW_NAME, -1)]
    rated_cells = blocks["level"].span()
    first = cell(rated_cells.r1, rated_cells.c1)
    for level, row in zip(levels, rows, strict=True):
        canvas.label(row, 1, "ratings.from", "stub")
        look = _choose_look(level.sign)
        name = in_language(level.zh, level.en, book.spec.language)
        canvas.put(row, 2, name, "stub_line", **look)
        canvas.mark(rated_cells, f"{first}={cell(row, 2, Fix.BOTH)}", look)
    for code, step in steps.items():
        rated = _find_rated_block(layout, code, step)
        _draw_cuts(
            canvas, code, step.settings(), blocks["level"], rated=rated, rows=rows
        )

    def level_of(code: str, row: int) -> str:
        settings = steps[code].settings()
        block = _find_rated_block(layout, code, steps[code])
        number = block.at(code, row, SHEET)
        by_rank = settings.text("by") in BY_RANK
        if by_rank:
            number = f"_xlfn.RANK.EQ({number},{block.over(code, SHEET)})"
        above = "<" if by_rank or is_falling(settings) else ">"
        sign = above + "=" * (settings.text("edge") == "upper")
        column = blocks["level"].column(code)
        return _write_level_formula(number, column, rows, sign)

    draw_block(canvas, blocks["level"], level_of, CENTER, width=22, **SMALL)
    if previous is not None and compared:
        trend_rows = [*range(rows[0] + len(trends), rows[0], -1)]
        for trend, row in zip(trends, trend_rows, strict=True):
            canvas.label(row, 1, "ratings.trend_from", "stub")
            name = in_language(trend.zh, trend.en, book.spec.language)
            canvas.put(row, 2, f"{trend.sign} {name}", "stub_line")
        _draw_trends(canvas, blocks, steps, trend_rows, previous=previous)
    canvas.close(ROW_NAME, 2, head=CODE)


def _choose_look(colour: str) -> dict[str, str]:
    """Return a fill, with type that can be read on it."""
    pairs = (colour[start : start + 2] for start in (1, 3, 5))
    red, green, blue = (int(pair, 16) for pair in pairs)
    is_dark = 0.299 * red + 0.587 * green + 0.114 * blue < 140
    return {"bg_color": colour, "font_color": "#FFFFFF" if is_dark else "#000000"}


def _find_rated_block(layout: Layout, code: str, step: Step) -> Block:
    """Return the block of the numbers of a node that are rated."""
    if not layout.spec.framework.is_indicator(code):
        by_rank = step.settings().text("by") in BY_RANK
        return layout.keys if by_rank else layout.scores
    return layout.raw if step.settings().text("of") == "values" else layout.normalised


def _draw_cuts(
    canvas: Canvas,
    code: str,
    settings: Settings,
    levels: Block,
    rated: Block,
    rows: Sequence[int],
) -> None:
    """Write the cut points of a node above its levels, each in the row of the level it begins."""
    numbers = rated.over(code, SHEET, Fix.BOTH)
    column = levels.column(code)
    low = f"MIN({numbers})"
    high = f"MAX({numbers})"
    n = f"COUNT({numbers})"
    for cut, row in zip(
        settings.numbers("cuts") or (),
        rows[1:],
        strict=True,
    ):
        by = settings.text("by")
        if by in ("number", "rank"):
            canvas.put(row, column, round(cut, DIGITS), _CUT, number=GENERAL)
            continue
        if by == "share":
            share = f"ROUND({cut:.15g}*{n},{DIGITS})"
            canvas.formula(row, column, share, CENTER, number="0.##")
            continue
        # In deviations from the mean; equal numbers have no deviation.
        point = (
            f"AVERAGE({numbers})+{cut:.15g}*{spread(numbers, n, low, high, ddof='1')}"
        )
        canvas.formula(
            row, column, f'IFERROR(ROUND({point},{DIGITS}),"")', CENTER, number=SCORE
        )


def _write_level_formula(
    number: str, column: int, rows: Sequence[int], sign: str
) -> str:
    """Return the formula of the level of a number by the cut points above a column."""
    first = rows[-1]
    last = rows[0]
    count = len(rows) - 1
    cuts = f"{cell(first, column, Fix.ROW)}:{cell(last - 1, column, Fix.ROW)}"
    reached = f"SUMPRODUCT((ROUND({number},{DIGITS}){sign}{cuts})*1)"
    names = f"{cell(first, 2, Fix.BOTH)}:{cell(last, 2, Fix.BOTH)}"
    level = f"INDEX({names},{count + 1}-{reached})"
    return f'IF(AND(ISNUMBER({number}),COUNT({cuts})={count}),{level},"")'


def _draw_trends(
    canvas: Canvas,
    blocks: Mapping[str, Block],
    steps: Mapping[str, Step],
    rows: Sequence[int],
    previous: PreviousLayout,
) -> None:
    """Draw the trends, what they are cut from, and the scores of the previous edition."""
    layout = canvas.book.layout
    target_row = rows[0] + 1
    due_row = rows[0] + 2
    before = partial(previous.shown_entry, SHEET, "scores")

    def progress(code: str, row: int) -> str:
        now = layout.scores.at(code, row, SHEET)
        earlier = blocks["before"].at(code, row, SHEET)
        column = blocks["progress"].column(code)
        change = f"{now}-{earlier}"
        if steps[code].get("target") is not None:
            target, due = (cell(r, column, Fix.ROW) for r in (target_row, due_row))
            at_target = f"IF({now}>={target},1,-1)"
            change = f"IF({earlier}<{target},({change})/(({target}-{earlier})*{due}),{at_target})"
        return f'IF(AND(ISNUMBER({now}),ISNUMBER({earlier})),{change},"")'

    def trend(code: str, row: int) -> str:
        number = blocks["progress"].at(code, row, SHEET)
        return _write_level_formula(number, blocks["trend"].column(code), rows, ">=")

    for code in blocks["trend"].codes:
        settings = steps[code].settings()
        for cut, row in zip(
            settings.numbers("trend") or (),
            rows[1:],
            strict=True,
        ):
            canvas.put(row, blocks["trend"].column(code), cut, _CUT, number=GENERAL)
        for name, row in (("target", target_row), ("due", due_row)):
            if settings.optional("target") is not None:
                canvas.label(row, 1, f"ratings.{name}", "stub")
                number = settings.number(name)
                canvas.put(
                    row, blocks["progress"].column(code), number, _CUT, number=GENERAL
                )
    for name in ("trend", "before"):
        previous.mark_invented(canvas, "scores_status", blocks[name])
    draw_block(
        canvas,
        blocks["trend"],
        trend,
        CENTER,
        key="ratings.trend",
        width=22,
        **SMALL,
    )
    draw_block(
        canvas,
        blocks["progress"],
        progress,
        number=TWO_DECIMALS,
        key="ratings.progress",
    )
    draw_block(canvas, blocks["before"], before, number=SCORE, key="lastedition.score")
