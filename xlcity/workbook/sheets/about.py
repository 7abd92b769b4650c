"""`README`: what to do, how far the book is, and what its sheets are for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import cell
from xlcity.workbook.drawing.styles import GRID, MARKS, ROLES
from xlcity.workbook.labels import in_language, quoted
from xlcity.workbook.layout.links import link_layout
from xlcity.workbook.layout.networks import invented_links, networks
from xlcity.workbook.layout.supplementary import INPUT_SHEET, SatelliteLayout
from xlcity.workbook.sheets.calculation.constructed import ITEM_COLUMNS
from xlcity.workbook.sheets.calculation.messages import BLANK
from xlcity.workbook.sheets.checking.checks import VERDICT_TEXT
from xlcity.workbook.sheets.checking.udf import list_formula_codes
from xlcity.workbook.sheets.inputs.sources import SHOWN, letter_count

#: Step -> its lines: (label, sheet that the line leads to or "").
STEPS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "readme.step1",
        (
            ("readme.step1.fill", "Data"),
            ("readme.step1.gaps", ""),
            ("readme.step1.order", "Intake"),
            ("readme.step1.city", "Cities"),
        ),
    ),
    ("readme.step2", (("readme.step2.text", "Sources"),)),
    (
        "readme.step3",
        (
            ("readme.step3.checks", "Checks"),
            ("readme.step3.ranking", "Ranking"),
            ("readme.step3.profile", "Profile"),
        ),
    ),
)
WIDTHS = (29, 20, 82)
#: Status letter -> the mark that cells of `Data` and `Messages` carry.
LETTER_MARKS = {"D": "derived", "Y": "synthetic", "S": "note", "M": "missing", "!": "bad"}


@dataclass(frozen=True, slots=True)
class SheetLists:
    """The sheets of a book, in the order of the tabs.

    Attributes
    ----------
    for_you
        Those that are filled in and read.
    checked
        Those that show how the numbers come about.
    absent
        Pages on demand that the book could have: as typed -> its sheet to read.
    """

    for_you: tuple[str, ...]
    checked: tuple[str, ...]
    absent: Mapping[str, str]


def draw_readme(book: Book, lists: SheetLists) -> None:
    """Draw `README`: three steps, live status, sheets, legend."""
    canvas, spec = book.canvas("README"), book.spec
    canvas.widths(WIDTHS)
    canvas.sheet.set_zoom(100)
    canvas.sheet.set_row(0, 34)
    zh, en = (f"{name} {spec.edition}".strip() for name in (spec.name_zh, spec.name_en))
    canvas.text(1, 1, in_language(zh, en, spec.language, " / "), "title", font_size=18)
    derived, text = letter_count("D"), book.labels.ref
    banner = (
        f'IF(xl_synthetic>0,"⚠ "&xl_synthetic&" "&{text("banner.synthetic")}'
        f'&IF({derived}>0," · ",""),IF({derived}>0,"⚠ ",""))'
        f'&IF({derived}>0,{derived}&" "&{text("banner.derived")},"")'
    )
    canvas.formula(2, 1, banner, "warning")
    book.define("xl_banner", canvas.area(2, 1))
    canvas.label(3, 1, "readme.what", "note")
    if spec.calls_in_place:
        _draw_functions_note(book, canvas, 4)
    row = _draw_steps(canvas, 5)
    row = _draw_status(book, canvas, row + 2)
    row = _list_sheets(book, canvas, row + 2, lists)
    if lists.absent:
        row = _list_absent_pages(book, canvas, row + 2, lists.absent)
    row = _draw_legend(book, canvas, row + 2)
    canvas.page(canvas.area(1, 1, row, len(WIDTHS)), landscape=False, tall=2)
    canvas.sheet.activate()
    canvas.protect()


def _draw_functions_note(book: Book, canvas: Canvas, row: int) -> None:
    """Say what to install for the calls on `Index`, and which nodes are formulas nevertheless."""
    canvas.fit_labels(row, [("readme.functions", sum(WIDTHS) - 4)], least=17)
    text = book.labels.text("readme.functions")
    if codes := list_formula_codes(book.spec, book.layout):
        text += f" {book.labels.text('readme.formulas')} {', '.join(codes)}"
    canvas.merged(row, 1, len(WIDTHS), quoted(text), "note", text_wrap=True)


def _draw_section(canvas: Canvas, row: int, key: str) -> None:
    canvas.sheet.set_row(row - 1, 20)
    canvas.label(row, 1, key, "section")
    canvas.band(row, range(2, len(WIDTHS) + 1), "section")


def _other_inputs(book: Book) -> tuple[tuple[str, str], ...]:
    """Return label and sheet of what a template has to be filled beside `Data`."""
    inputs = [("links.step", "Links")] if link_layout(book.layout).codes else []
    inputs += [("network.step", network.sheet) for network in networks(book.layout)]
    if book.spec.framework.satellite_inputs and book.spec.apart:
        inputs.append(("fields.note", INPUT_SHEET))
    return tuple(inputs)


def _draw_steps(canvas: Canvas, row: int) -> int:
    _draw_section(canvas, row, "readme.steps")
    for step, lines in STEPS:
        own = _other_inputs(canvas.book) if lines[0][1] == "Data" else ()
        drawn = [line for line in lines if not line[1] or line[1] in canvas.book.families]
        for position, (key, sheet) in enumerate((*drawn, *own)):
            row += 1
            top: dict[str, Any] = {"top": 1, "top_color": GRID} if position == 0 else {}
            heading = [(step, WIDTHS[0] * 0.9)] if position == 0 else []
            canvas.fit_labels(row, [(key, WIDTHS[2]), *heading], least=20)
            if position == 0:
                canvas.label(row, 1, step, "step", **top)
            if sheet:
                canvas.link(row, 2, sheet, f"→ {canvas.book.shown_title(sheet)}", **top)
            elif top:
                canvas.blank(row, 2, "plain", **top)
            canvas.label(row, 3, key, "text", **top)
    return row


def _draw_status(book: Book, canvas: Canvas, row: int) -> int:
    layout = book.layout
    missing, unusable, blank = (
        letter_count("M"),
        letter_count("!"),
        f'COUNTIF(xl_letters,"{BLANK}")',
    )
    filled = "COUNT(xl_typed)"
    total = "+".join((filled, missing, blank, unusable))
    _draw_section(canvas, row, "readme.status")
    verdict = f"Checks!{cell(*VERDICT_TEXT, 'rc')}"
    root = layout.scores.over(book.spec.framework.root.code, "README", "rc")
    lines = (
        ("readme.verdict", "chk_verdict", verdict),
        ("readme.filled", f'{filled}&" / "&({total})', ""),
        ("readme.missing", missing, ""),
        ("readme.bad", unusable, ""),
        ("readme.synthetic", synthetic_count(book), ""),
        ("readme.derived", letter_count("D"), ""),
        ("readme.scored", f"COUNT({root})", ""),
        ("readme.version", "xl_version", ""),
    )
    first = row + 1
    for key, formula, remark in lines:
        row += 1
        note = f"{key}.note"
        remark_labels = [(note, WIDTHS[2] - 2.0)] if note in book.labels.texts else []
        canvas.fit_labels(row, [(key, WIDTHS[0]), *remark_labels], least=18)
        canvas.label(row, 1, key, "stub", indent=1)
        canvas.formula(row, 2, formula, "check" if key == "readme.verdict" else "output_center")
        if remark:
            canvas.formula(row, 3, remark, "text", indent=1)
        elif remark_labels:
            canvas.label(row, 3, note, "note", indent=1, text_wrap=True)
    row_of = {key: first + position for position, (key, _, _) in enumerate(lines)}
    synthetic_row = row_of["readme.synthetic"]
    synthetic = canvas.area(synthetic_row, 2)
    book.define("xl_synthetic", synthetic)
    canvas.mark(synthetic, f"{cell(synthetic_row, 2, 'rc')}>0", "synthetic")
    verdict_cell = canvas.area(first, 2)
    canvas.mark_status(verdict_cell)
    unusable_cell = canvas.area(first + 3, 2)
    canvas.mark(unusable_cell, f"{cell(first + 3, 2, 'rc')}>0", "bad")
    return row


def synthetic_count(book: Book) -> str:
    """Return the formula that counts what is invented: values, lines, links, ties, fields."""
    count = letter_count("Y")
    if book.layout.item_codes:
        basis = book.layout.item_column(ITEM_COLUMNS.index("basis") + 1).ref()
        count += f'+COUNTIF({basis},"synthetic")'
    linked = link_layout(book.layout)
    if linked.codes:
        count += f"+SUM({linked.table_column('synthetic').ref()})"
    for network in networks(book.layout):
        if invented_links(book.spec, network.code):
            count += f"+{network.invented}"
    fields = SatelliteLayout(book.layout)
    if fields.has_invented:
        count += f"+{fields.invented}"
    return count


def _draw_legend(book: Book, canvas: Canvas, row: int) -> int:
    """Show the colours of cells by purpose, and the letters and marks of values by origin."""
    _draw_section(canvas, row, "readme.legend")
    for role in ("input", "calculation", "output", "udf", "published", "check"):
        if role == "udf" and not book.spec.udf:
            continue
        row += 1
        canvas.sheet.set_row(row - 1, 17)
        canvas.label(row, 1, f"legend.{role}.name", role, align="center", locked=True)
        canvas.label(row, 2, f"legend.{role}", "plain", indent=1)
    row += 1
    canvas.label(row, 1, "readme.letters", "note")
    for word, letter in SHOWN:
        row += 1
        mark = MARKS.get(LETTER_MARKS.get(letter, ""), {})
        canvas.text(row, 1, letter, "stub_center", **mark)
        canvas.label(row, 2, f"status.{word}", "plain", indent=1)
    return row


def _list_sheets(book: Book, canvas: Canvas, row: int, lists: SheetLists) -> int:
    """List the sheets, for those who fill in and read and for reviewers, each in its colour."""
    for key, sheets in (("readme.for_you", lists.for_you), ("readme.for_reviewers", lists.checked)):
        _draw_section(canvas, row, key)
        for sheet in sheets:
            row += 1
            title = f"{sheet.lower()}.title"
            canvas.fit_labels(row, [(title, WIDTHS[1]), (f"contents.{sheet}", WIDTHS[2])], least=17)
            fill = ROLES[book.families[sheet]].get("bg_color", "#FFFFFF")
            look = {"bg_color": fill, "border": 1, "border_color": GRID, "indent": 1}
            canvas.link(row, 1, sheet, book.shown_title(sheet), **look)
            canvas.label(row, 2, title, "plain", bold=True, text_wrap=True, indent=1)
            canvas.label(row, 3, f"contents.{sheet}", "text")
        row += 2
    canvas.fit_labels(row, [("readme.print", sum(WIDTHS) - 4)], least=17)
    text = book.labels.ref("readme.print")
    canvas.merged(row, 1, len(WIDTHS), text, "note", text_wrap=True)
    return row


def _list_absent_pages(book: Book, canvas: Canvas, row: int, absent: Mapping[str, str]) -> int:
    """List the pages that the book could have, each with the command that adds it."""
    _draw_section(canvas, row, "readme.absent")
    for page, sheet in absent.items():
        row += 1
        title, contents = f"{sheet.lower()}.title", f"contents.{sheet}"
        canvas.fit_labels(row, [(title, WIDTHS[1]), (contents, WIDTHS[2])], least=17)
        command = f"xlcity pages … --add {page}"
        canvas.text(row, 1, command, "id")
        canvas.label(row, 2, title, "plain", text_wrap=True, indent=1)
        canvas.label(row, 3, contents, "text")
    return row
