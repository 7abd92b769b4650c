"""`README`: what to do, how far the book is, and what its sheets are for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import Any

from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import Fix, cell
from xlcity.workbook.drawing.number_formats import TWO_DECIMALS
from xlcity.workbook.drawing.styles import (
    CENTER,
    GRID,
    MARKS,
    OUTPUT_CENTER,
    ROLES,
    TABS,
)
from xlcity.workbook.labels import in_language, quoted
from xlcity.workbook.layout.inputs import ITEM_COLUMNS
from xlcity.workbook.layout.links import LinkLayout
from xlcity.workbook.layout.networks import invented_links, networks
from xlcity.workbook.sheets.calculation.messages import BLANK
from xlcity.workbook.sheets.checking.checks import (
    VERDICT_HEIGHT,
    VERDICT_TEXT,
    mark_verdict,
)
from xlcity.workbook.sheets.checking.udf import list_formula_codes
from xlcity.workbook.sheets.inputs.sources import letter_count
from xlcity.workbook.sheets.results.ranking import CHOSEN, ranking_cell

#: Lines of the three steps, and the sheet that each leads to.
STEPS = {
    "step1": {
        "step1.fill": "Data",
        "step1.gaps": "",
        "step1.order": "Intake",
        "step1.city": "Cities",
    },
    "step2": {"step2.text": "Sources"},
    "step3": {
        "step3.checks": "Checks",
        "step3.ranking": "Ranking",
        "step3.profile": "Profile",
    },
}
#: Kinds of cells by purpose.
LEGEND_ROLES = (
    "input",
    "chooser",
    "calculation",
    "output",
    "udf",
    "published",
    "check",
)
#: Families of sheets by the colour of their tabs; the guide has that of checks.
LEGEND_TABS = {
    "guide": ("guide", "check"),
    "input": ("input",),
    "output": ("output",),
    "analysis": ("analysis",),
    "published": ("published",),
    "calculation": ("calculation",),
    "udf": ("udf",),
}
#: Status of a value -> how its cell is marked.
LEGEND_MARKS = {
    "unusable": "bad",
    "note": "note",
    "missing": "missing",
    "derived": "derived",
    "synthetic": "synthetic",
}
WIDTHS = (26, 19, 70)
#: Cities that it shows with their scores.
FIRST_CITIES = 5


def draw_readme(
    book: Book, lists: Mapping[str, Sequence[str]], absent: Sequence[str]
) -> None:
    """Draw `README`: three steps, live status, sheets, legend.

    Parameters
    ----------
    lists
        The other sheets in the order of their tabs: "for_you" and "for_reviewers".
    absent
        Sheets on demand that the book could have.
    """
    canvas = book.canvas("README")
    spec = book.spec
    canvas.widths(WIDTHS)
    canvas.sheet.set_zoom(100)
    zh, en = (f"{name} {spec.edition}".strip() for name in (spec.name_zh, spec.name_en))
    canvas.put(
        1,
        1,
        in_language(zh, en, spec.language, " / "),
        "title",
        font_size=18,
    )
    derived = letter_count("D")
    text = book.labels.ref
    banner = (
        f'IF(xl_synthetic>0,"⚠ "&xl_synthetic&" "&{text("banner.synthetic")}'
        f'&IF({derived}>0," · ",""),IF({derived}>0,"⚠ ",""))'
        f'&IF({derived}>0,{derived}&" "&{text("banner.derived")},"")'
    )
    canvas.formula(2, 1, banner, "warning")
    book.define("xl_banner", canvas.area(2, 1))
    canvas.label(3, 1, "readme.what", "note")
    if spec.calls_in_place:
        # What to install for the calls on `Index`, and which nodes are formulas nevertheless.
        words = [book.labels.text("readme.functions")]
        if codes := list_formula_codes(spec, book.layout):
            words += [book.labels.text("readme.formulas"), ", ".join(codes)]
        canvas.merged(
            4,
            1,
            len(WIDTHS),
            quoted(" ".join(words)),
            role="note",
            text_wrap=True,
        )
    rows = count(4)
    _draw_status(canvas, rows)
    _draw_first(canvas, rows)
    _draw_steps(canvas, rows)
    _list_sheets(canvas, rows, lists, absent)
    _draw_legend(canvas, rows)
    _draw_tabs(canvas, rows)
    canvas.close(0, tall=1, landscape=False)


def _start_section(canvas: Canvas, rows: Iterator[int], key: str) -> int:
    """Write the heading of a section, below an empty row, and return its row."""
    next(rows)
    row = next(rows)
    canvas.section(row, f"readme.{key}", 1, len(WIDTHS))
    return row


def _draw_steps(canvas: Canvas, rows: Iterator[int]) -> None:
    _start_section(canvas, rows, "steps")
    for step in STEPS:
        is_first = True
        for key, sheet in _lines_of_step(canvas.book, step):
            row = next(rows)
            if is_first:
                canvas.label(row, 1, f"readme.{step}", "step")
                is_first = False
            if sheet:
                canvas.link(row, 2, sheet, f"→ {canvas.book.shown_title(sheet)}")
            canvas.label(row, 3, key, "text")


def _lines_of_step(book: Book, step: str) -> Iterator[tuple[str, str]]:
    """Yield what is done in a step, as keys of labels, and on which sheet, if any."""
    is_filling = step == "step1"
    if is_filling and LinkLayout(book.layout).codes:
        yield "links.step", "Links"
    for key, sheet in STEPS[step].items():
        if not sheet or sheet in book.families:
            yield f"readme.{key}", sheet
    if not is_filling:
        return
    # What has to be filled beside `Data`.
    for network in networks(book.layout):
        yield "network.step", network.sheet
    for page in book.spec.pages:
        if page.step and page.name in book.families:
            yield page.step, page.name


def _draw_status(canvas: Canvas, rows: Iterator[int]) -> None:
    book = canvas.book
    layout = canvas.book.layout
    missing = letter_count("M")
    unusable = letter_count("!")
    total = "+".join(
        ("COUNT(xl_typed)", missing, f'COUNTIF(xl_letters,"{BLANK}")', unusable)
    )
    root = layout.scores.over(book.spec.framework.root.code, "README", Fix.BOTH)
    lines = {
        "verdict": "chk_verdict",
        "filled": f'COUNT(xl_typed)&" / "&({total})',
        "missing": missing,
        "bad": unusable,
        "derived": letter_count("D"),
        "synthetic": synthetic_count(book),
        "scored": f"COUNT({root})",
    }
    _start_section(canvas, rows, "status")
    for name, formula in lines.items():
        row = next(rows)
        note = f"readme.{name}.note"
        canvas.label(row, 1, f"readme.{name}", "stub", indent=1)
        role = "check" if name == "verdict" else OUTPUT_CENTER
        canvas.formula(row, 2, formula, role, text_wrap=True)
        if name == "verdict":
            canvas.formula(
                row, 3, f"Checks!{cell(*VERDICT_TEXT, Fix.BOTH)}", "text", indent=1
            )
            mark_verdict(canvas, canvas.area(row, 2))
            # What it says grows later: no program makes the row higher then.
            canvas.sheet.set_row(row - 1, VERDICT_HEIGHT)
        elif note in book.labels.texts:
            canvas.label(row, 3, note, "note", indent=1, text_wrap=True)
        if name in ("derived", "synthetic", "bad"):
            canvas.mark(canvas.area(row, 2), f"{cell(row, 2)}>0", name)
        if name == "synthetic":
            book.define("xl_synthetic", canvas.area(row, 2))


def _draw_first(canvas: Canvas, rows: Iterator[int]) -> None:
    """Show the first cities of `Ranking`, for the node that is chosen there."""
    book = canvas.book
    heading = _start_section(canvas, rows, "first")
    canvas.formula(heading, 2, CHOSEN, "section")
    for line in range(FIRST_CITIES):
        row = next(rows)
        rank, name, score = (
            ranking_cell(book, column, line) for column in ("rank", "name", "score")
        )
        place = f'IF({rank}="","",{rank}&"  "&{name})'
        canvas.formula(row, 1, place, "name")
        canvas.formula(row, 2, score, OUTPUT_CENTER, number=TWO_DECIMALS)
        if not line:
            canvas.link(row, 3, "Ranking", f"→ {book.shown_title('Ranking')}", indent=1)


def synthetic_count(book: Book) -> str:
    """Return the formula that counts what is invented: values, lines, links, ties, fields."""
    counts = [letter_count("Y")]
    linked = LinkLayout(book.layout)
    if book.layout.item_codes:
        basis = book.layout.item_column(ITEM_COLUMNS.index("basis") + 1).ref()
        counts.append(f'COUNTIF({basis},"synthetic")')
    if linked.codes:
        counts.append(f"SUM({linked.table_column('synthetic').ref()})")
    counts += [
        network.invented
        for network in networks(book.layout)
        if invented_links(book.spec, network.code)
    ]
    counts += (page.invented(book.layout) for page in book.spec.pages)
    return "+".join(filter(None, counts))


def _draw_legend(canvas: Canvas, rows: Iterator[int]) -> None:
    """Show the colours of cells by purpose, and those of values by origin."""
    _start_section(canvas, rows, "legend")
    for role in LEGEND_ROLES:
        if role != "udf" or canvas.book.spec.udf:
            row = next(rows)
            canvas.label(
                row, 1, f"legend.{role}.name", role, align="center", locked=True
            )
            _write_wrapped(canvas, row, 2, f"legend.{role}", role="plain", indent=1)
    for status, mark in LEGEND_MARKS.items():
        row = next(rows)
        canvas.label(row, 1, f"legend.{status}.name", CENTER, **MARKS[mark])
        _write_wrapped(canvas, row, 2, f"status.{status}", role="plain", indent=1)


def _draw_tabs(canvas: Canvas, rows: Iterator[int]) -> None:
    """Show the colours of tabs, with the sheets that have each."""
    book = canvas.book
    between = "、" if book.spec.language == "zh" else ", "
    _start_section(canvas, rows, "tabs")
    for family, families in LEGEND_TABS.items():
        sheets = [
            book.shown_title(name)
            for name in book.titles
            if book.families[name] in families
        ]
        if not sheets:
            continue
        row = next(rows)
        look = {"bg_color": TABS[family], "font_color": "#FFFFFF", "bold": True}
        key = f"legend.{family}.name"
        canvas.label(row, 1, key, CENTER, **look)
        text = quoted(between.join(sheets))
        look = {"text_wrap": True, "indent": 1}
        canvas.merged(row, 2, len(WIDTHS), text, role="plain", **look)


def _write_wrapped(
    canvas: Canvas, row: int, first: int, key: str, role: str, **style: Any
) -> None:
    """Write a label over merged cells up to the last column, on as many lines as it needs."""
    text = quoted(canvas.book.labels.text(key))
    canvas.merged(
        row,
        first,
        len(WIDTHS),
        text,
        role=role,
        text_wrap=True,
        **style,
    )


def _list_sheets(
    canvas: Canvas,
    rows: Iterator[int],
    lists: Mapping[str, Sequence[str]],
    absent: Sequence[str],
) -> None:
    """List the sheets, each in its colour, and the pages that the book could have."""
    book = canvas.book

    def describe(row: int, sheet: str, *, bold: bool) -> None:
        canvas.label(
            row, 2, f"{sheet.lower()}.title", bold=bold, text_wrap=True, indent=1
        )
        canvas.label(row, 3, f"contents.{sheet}", "text")

    for key, sheets in lists.items():
        _start_section(canvas, rows, key)
        for sheet, row in zip(sheets, rows, strict=False):
            fill = ROLES[book.families[sheet]].get("bg_color", "#FFFFFF")
            look = {"bg_color": fill, "border": 1, "border_color": GRID, "indent": 1}
            canvas.link(row, 1, sheet, book.shown_title(sheet), **look)
            describe(row, sheet, bold=True)
    next(rows)
    _write_wrapped(canvas, next(rows), 1, "readme.print", role="note")
    if absent:
        _start_section(canvas, rows, "absent")
    for sheet in absent:
        row = next(rows)
        canvas.put(row, 1, book.shown_title(sheet), "name", indent=1)
        describe(row, sheet, bold=False)
