"""`README`, `Labels` and `Log`: how to use the book, its words, and how it was made."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from xlcity import __version__
from xlcity.model.recipe_toml import recipe_lines
from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import cell
from xlcity.workbook.drawing.styles import GRID, MARKS, ROLES
from xlcity.workbook.drawing.titled_sheet import titled_sheet
from xlcity.workbook.labels import FIRST_ROW, LANGUAGES, TITLES
from xlcity.workbook.layout.links import link_layout
from xlcity.workbook.layout.networks import invented_links, networks
from xlcity.workbook.layout.rows import TEMPLATE_FORMAT
from xlcity.workbook.layout.supplementary import INPUT_SHEET, SatelliteLayout
from xlcity.workbook.sheets.calculation.constructed import ITEM_COLUMNS
from xlcity.workbook.sheets.calculation.messages import BLANK
from xlcity.workbook.sheets.checking.checks import VERDICT_TEXT
from xlcity.workbook.sheets.inputs.sources import SHOWN, letter_count

#: Name of the cell with the hash of the recipe.
RECIPE_HASH = "xl_recipe_hash"
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
WIDTHS = (26, 22, 84)
#: Status letter -> the mark that cells of `Data` and `Messages` carry.
LETTER_MARKS = {"D": "derived", "Y": "synthetic", "S": "note", "M": "missing", "!": "bad"}


def draw_readme(book: Book, sheets: tuple[str, ...], absent: Mapping[str, str]) -> None:
    """Draw `README`: language, three steps, live status, legend, contents.

    `absent` are the pages on demand that the book could have: as typed -> its sheet to read.
    """
    canvas, spec = book.canvas("README"), book.spec
    canvas.widths(WIDTHS)
    canvas.sheet.set_zoom(100)
    canvas.sheet.set_row(0, 34)
    formula = book.pick(
        f"{spec.name_zh} {spec.edition}".strip(), f"{spec.name_en} {spec.edition}".strip()
    )
    canvas.formula(1, 1, formula, "title", font_size=18)
    derived, text = letter_count("D"), book.labels.ref
    made = (
        f'IF(xl_synthetic>0,"⚠ "&xl_synthetic&" "&{text("banner.synthetic")}'
        f'&IF({derived}>0," · ",""),IF({derived}>0,"⚠ ",""))'
        f'&IF({derived}>0,{derived}&" "&{text("banner.derived")},"")'
    )
    canvas.formula(2, 1, made, "warning")
    book.define("xl_banner", canvas.area(2, 1))
    canvas.label(3, 1, "readme.what", "note")
    canvas.text(4, 1, "语言 / Language", "section")
    canvas.chooser(4, 2, spec.language, LANGUAGES)
    canvas.text(4, 3, "zh 中文 · en English · both 双语", "note", indent=1)
    canvas.sheet.set_row(3, 20)
    book.define("xl_lang", canvas.area(4, 2))
    row = _steps(canvas, 6)
    row = _status(book, canvas, row + 2)
    row = _legend(book, canvas, row + 2)
    row = _contents(book, canvas, row + 2, sheets)
    if absent:
        row = _absent_pages(book, canvas, row + 2, absent)
    canvas.page(canvas.area(1, 1, row, len(WIDTHS)), landscape=False, tall=1)
    canvas.sheet.activate()
    canvas.protect()


def _section(canvas: Canvas, row: int, key: str) -> None:
    canvas.sheet.set_row(row - 1, 20)
    canvas.label(row, 1, key, "section")
    canvas.band(row, range(2, len(WIDTHS) + 1), "section")


def _go(canvas: Canvas, row: int, column: int, sheet: str, text: str, **style: Any) -> None:
    """Write a link to a sheet by its name."""
    form = canvas.book.styles.get("link", **style)
    canvas.sheet.write_url(row - 1, column - 1, f"internal:'{sheet}'!A1", form, string=text)


def _other_inputs(book: Book) -> tuple[tuple[str, str], ...]:
    """Return label and sheet of what a template has to be filled beside `Data`."""
    found = [("links.step", "Links")] if link_layout(book.layout).codes else []
    found += [("network.step", network.sheet) for network in networks(book.layout)]
    if book.spec.framework.satellite_inputs and book.spec.apart:
        found.append(("fields.note", INPUT_SHEET))
    return tuple(found)


def _steps(canvas: Canvas, row: int) -> int:
    _section(canvas, row, "readme.steps")
    for step, lines in STEPS:
        own = _other_inputs(canvas.book) if lines[0][1] == "Data" else ()
        drawn = [line for line in lines if not line[1] or line[1] in canvas.book.families]
        for position, (key, sheet) in enumerate((*drawn, *own)):
            row += 1
            top = {"top": 1, "top_color": GRID} if position == 0 else {}
            heading = [(step, WIDTHS[0] * 0.9)] if position == 0 else []
            canvas.fit_labels(row, [(key, WIDTHS[2]), *heading], least=20)
            if position == 0:
                canvas.label(row, 1, step, "step", **top)
            if sheet:
                _go(canvas, row, 2, sheet, f"→ {sheet}", **top)
            elif top:
                canvas.blank(row, 2, "plain", **top)
            canvas.label(row, 3, key, "text", **top)
    return row


def _status(book: Book, canvas: Canvas, row: int) -> int:
    layout = book.layout
    missing, unusable, blank = (
        letter_count("M"),
        letter_count("!"),
        f'COUNTIF(xl_letters,"{BLANK}")',
    )
    filled = "COUNT(xl_typed)"
    total = "+".join((filled, missing, blank, unusable))
    _section(canvas, row, "readme.status")
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
        shown = [(note, WIDTHS[2] - 2.0)] if note in book.labels.texts else []
        canvas.fit_labels(row, [(key, WIDTHS[0]), *shown], least=18)
        canvas.label(row, 1, key, "stub", indent=1)
        canvas.formula(row, 2, formula, "check" if key == "readme.verdict" else "output_center")
        if remark:
            canvas.formula(row, 3, remark, "text", indent=1)
        elif shown:
            canvas.label(row, 3, note, "note", indent=1, text_wrap=True)
    row_of = {key: first + place for place, (key, _, _) in enumerate(lines)}
    at = row_of["readme.synthetic"]
    synthetic = canvas.area(at, 2)
    book.define("xl_synthetic", synthetic)
    canvas.mark(synthetic, f"{cell(at, 2, 'rc')}>0", "synthetic")
    here = canvas.area(first, 2)
    verdicts = {"pass": "good", "fail": "bad", "draft": "note"}
    canvas.mark_words(here, verdicts, cell(first, 2, "rc"))
    bad = canvas.area(first + 3, 2)
    canvas.mark(bad, f"{cell(first + 3, 2, 'rc')}>0", "bad")
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
    if fields.shows_fields and fields.letters.codes:
        count += f'+COUNTIF({fields.letters.span().ref()},"Y")'
    return count


def draw_chart_titles(book: Book) -> None:
    """Write the titles that charts show beside the labels; they say where data are invented."""
    if not book.titles:
        return
    canvas = Canvas(book, "Labels", book.workbook.get_worksheet_by_name("Labels"))
    canvas.columns(5, 5, 2)
    canvas.columns(TITLES, TITLES, 62)
    canvas.label(FIRST_ROW - 1, TITLES, "labels.titles", "header")
    added = f'IF(xl_synthetic>0,{book.labels.ref("chart.synthetic")},"")'
    for place, text in enumerate(book.titles):
        canvas.formula(FIRST_ROW + place, TITLES, f"{text}&{added}", "calculation")


def _legend(book: Book, canvas: Canvas, row: int) -> int:
    """Show the colours of cells by purpose, and the letters and marks of values by origin."""
    _section(canvas, row, "readme.legend")
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


def _contents(book: Book, canvas: Canvas, row: int, sheets: tuple[str, ...]) -> int:
    """List the sheets, each in the colour of what it is for."""
    _section(canvas, row, "readme.contents")
    row += 1
    canvas.fit_labels(row, [("readme.print", sum(WIDTHS) - 4)], least=17)
    text = book.labels.ref("readme.print")
    canvas.merged(row, 1, len(WIDTHS), text, "note", text_wrap=True)
    for sheet in sheets:
        if sheet == "README":
            continue
        row += 1
        title = f"{sheet.lower()}.title"
        canvas.fit_labels(row, [(title, WIDTHS[1]), (f"contents.{sheet}", WIDTHS[2])], least=17)
        family = book.families[sheet]
        fill = ROLES[family].get("bg_color", "#FFFFFF")
        _go(canvas, row, 1, sheet, sheet, bg_color=fill, border=1, border_color=GRID, indent=1)
        canvas.label(row, 2, title, "plain", bold=True, text_wrap=True, indent=1)
        canvas.label(row, 3, f"contents.{sheet}", "text")
    return row


def _absent_pages(book: Book, canvas: Canvas, row: int, absent: Mapping[str, str]) -> int:
    """List the pages that the book could have, each with the command that adds it."""
    _section(canvas, row, "readme.absent")
    for page, sheet in absent.items():
        row += 1
        title, contents = f"{sheet.lower()}.title", f"contents.{sheet}"
        canvas.fit_labels(row, [(title, WIDTHS[1]), (contents, WIDTHS[2] * 0.6)], least=17)
        canvas.text(row, 1, page, "plain", indent=1)
        canvas.label(row, 2, title, "plain", text_wrap=True, indent=1)
        command = f'" · xlcity pages … --add {page}"'
        canvas.formula(row, 3, f"{book.labels.ref(contents)}&{command}", "text")
    return row


def draw_labels(book: Book) -> None:
    """Draw `Labels`: every word of the book in both languages."""
    canvas = titled_sheet(book, "Labels", [26, 44, 54, 62])
    canvas.heads(FIRST_ROW - 1, ("labels.key", "labels.zh", "labels.en", "labels.shown"))
    last = FIRST_ROW
    for key, (zh, en) in book.labels.texts.items():
        row = last = book.labels.row(key)
        canvas.text(row, 1, key, "id")
        canvas.input(row, 2, zh, "input", text_wrap=True)
        canvas.input(row, 3, en, "input", text_wrap=True)
        a, b = cell(row, 2, "c"), cell(row, 3, "c")
        both = f'{a}&" "&{b}'
        formula = f'IF(xl_lang="zh",{a},IF(xl_lang="en",{b},IF({a}={b},{a},{both})))'
        canvas.formula(row, 4, formula, "calculation", text_wrap=True)
        canvas.fit(row, [(zh, 44), (en, 54), (f"{zh} {en}", 62)], least=16)
    book.define("xl_label_keys", canvas.area(FIRST_ROW, 1, last))
    book.define("xl_label_texts", canvas.area(FIRST_ROW, 4, last))
    canvas.finish(last, 4, FIRST_ROW - 1, 1)


def draw_log(book: Book) -> None:
    """Draw `Log`: report, version, hash of the inputs, and the recipe as TOML lines."""
    canvas, spec = titled_sheet(book, "Log", [26, 110]), book.spec
    lines = recipe_lines(spec.recipe)
    entries = (
        ("log.report", spec.id, "xl_report"),
        ("log.version", __version__, "xl_version"),
        ("log.format", TEMPLATE_FORMAT, "xl_format"),
        ("log.edition", spec.edition, "xl_edition"),
        ("log.kind", spec.kind, "xl_data_kind"),
        ("log.pages", ", ".join(spec.chosen_pages), "xl_pages"),
        ("log.inputs", spec.dataset.digest(), "xl_input_hash"),
        ("log.recipe_hash", sha256("\n".join(lines).encode()).hexdigest(), RECIPE_HASH),
    )
    row = 3
    for key, value, name in entries:
        row += 1
        canvas.fit_labels(row, [(key, 26)], least=16)
        canvas.label(row, 1, key, "stub")
        canvas.text(row, 2, value, "calculation")
        if name:
            book.define(name, canvas.area(row, 2))
    row += 1
    canvas.label(row, 1, "log.data", "stub")
    canvas.fit(row, [(f"{spec.note_zh} / {spec.note_en}", 110)], least=30)
    canvas.formula(row, 2, book.pick(spec.note_zh, spec.note_en), "calculation", text_wrap=True)
    row += 2
    canvas.label(row, 1, "log.recipe", "section")
    for line in lines:
        row += 1
        canvas.text(row, 1, line, "toml")
    book.define("xl_recipe", canvas.area(row - len(lines) + 1, 1, row))
    canvas.page(canvas.area(1, 1, row, 2), landscape=False)
    canvas.protect()
