"""`README`, `Labels` and `Log`: how to use the book, its words, and how it was made."""

from __future__ import annotations

from xlcity import __version__
from xlcity.model.recipe_toml import recipe_lines
from xlcity.workbook.canvas import Book, Canvas
from xlcity.workbook.grid import Area, cell
from xlcity.workbook.labels import FIRST_ROW, LANGUAGES
from xlcity.workbook.sheets.sources import LETTERS

#: Sheets in the list of contents; helper sheets are named there too, nothing is hidden.
STEPS = (("1", "Data"), ("2", "Sources"), ("3", "Checks"))


def draw_readme(book: Book, sheets: tuple[str, ...]) -> None:
    """Draw `README`: language, three steps, live status, legend, contents."""
    canvas, layout, spec = book.canvas("README"), book.layout, book.spec
    canvas.widths([24, 58, 18, 18, 18, 18])
    canvas.sheet.set_row(0, 34)
    canvas.formula(
        1,
        1,
        book.pick(
            f"{spec.name_zh} {spec.edition}".strip(), f"{spec.name_en} {spec.edition}".strip()
        ),
        "title",
        font_size=18,
    )
    letters = layout.letters.span().ref()
    flagged = f'COUNTIF({letters},"D")+COUNTIF({letters},"Y")'
    canvas.formula(
        2,
        1,
        f'IF({flagged}>0,"⚠ "&({flagged})&" "&{book.labels.ref("banner.flagged")},"")',
        "warning",
    )
    book.define("xl_banner", Area("README", 2, 1, 2, 1))
    canvas.text(4, 1, "语言 / Language", "section")
    canvas.input(4, 2, spec.language, "chooser", "@")
    canvas.text(4, 3, "zh 中文 · en English · both 双语", "note")
    canvas.choices(Area("README", 4, 2, 4, 2), list(LANGUAGES))
    book.define("xl_lang", Area("README", 4, 2, 4, 2))
    row = 6
    canvas.label(row, 1, "readme.steps", "section")
    canvas.blank(row, 2, "section")
    for number, sheet in STEPS:
        row += 1
        canvas.sheet.set_row(row - 1, 48)
        canvas.link(row, 1, sheet, f"readme.step{number}")
        canvas.label(row, 2, f"readme.step{number}.text", "text")
    row = _status(book, canvas, row + 2)
    row = _legend(book, canvas, row + 2)
    row += 2
    canvas.label(row, 1, "readme.contents", "section")
    canvas.blank(row, 2, "section")
    for sheet in sheets:
        if sheet == "README":
            continue
        row += 1
        canvas.sheet.set_row(row - 1, 30)
        canvas.sheet.write_url(
            row - 1, 0, f"internal:'{sheet}'!A1", book.styles.get("link"), string=sheet
        )
        canvas.label(row, 2, f"contents.{sheet}", "text")
    canvas.page(Area("README", 1, 1, row, 6), landscape=False)
    canvas.sheet.activate()
    canvas.protect()


def _status(book: Book, canvas: Canvas, row: int) -> int:
    layout = book.layout
    states, letters = layout.states.span().ref(), layout.letters.span().ref()
    total = "+".join(f'COUNTIF({states},"{s}")' for s in ("ok", "NA", "blank", "bad"))
    canvas.label(row, 1, "readme.status", "section")
    canvas.blank(row, 2, "section")
    lines = (
        ("readme.verdict", "chk_verdict", "check"),
        ("readme.filled", f'COUNTIF({states},"ok")&" / "&({total})', "output_center"),
        ("readme.missing", f'COUNTIF({states},"NA")', "output_center"),
        ("readme.bad", f'COUNTIF({states},"bad")', "output_center"),
        ("readme.flagged", f'COUNTIF({letters},"D")+COUNTIF({letters},"Y")', "output_center"),
        (
            "readme.scored",
            f"COUNT({layout.scores.over(book.spec.framework.root.code, 'README', 'rc')})",
            "output_center",
        ),
        ("readme.version", "xl_version", "output_center"),
    )
    for key, formula, role in lines:
        row += 1
        canvas.label(row, 1, key, "stub")
        canvas.formula(row, 2, formula, role)
        if key == "readme.verdict":
            here = Area("README", row, 2, row, 2)
            for word, mark in (("pass", "good"), ("fail", "bad"), ("draft", "note")):
                canvas.mark(here, f'{cell(row, 2, "rc")}="{word}"', mark)
    return row


def _legend(book: Book, canvas: Canvas, row: int) -> int:
    canvas.label(row, 1, "readme.legend", "section")
    canvas.blank(row, 2, "section")
    for role in ("input", "calculation", "output", "udf", "published", "check"):
        row += 1
        canvas.label(row, 1, f"legend.{role}.name", role)
        canvas.label(row, 2, f"legend.{role}", "text")
    for word, letter in (*LETTERS.items(), ("missing", "M"), ("unusable", "!")):
        row += 1
        canvas.text(row, 1, letter, "stub_center")
        canvas.label(row, 2, f"status.{word}", "text")
    return row


def draw_labels(book: Book) -> None:
    """Draw `Labels`: every word of the book in both languages."""
    canvas = book.canvas("Labels")
    canvas.heading("labels", "labels.note")
    canvas.widths([30, 50, 60, 60])
    for column, key in enumerate(("labels.key", "labels.zh", "labels.en", "labels.shown"), 1):
        canvas.label(FIRST_ROW - 1, column, key, "header")
    last = FIRST_ROW
    for key, (zh, en) in book.labels.texts.items():
        row = last = book.labels.row(key)
        canvas.text(row, 1, key, "id")
        canvas.input(row, 2, zh, "input")
        canvas.input(row, 3, en, "input")
        a, b = cell(row, 2, "c"), cell(row, 3, "c")
        both = f'{a}&" "&{b}'
        canvas.formula(
            row,
            4,
            f'IF(xl_lang="zh",{a},IF(xl_lang="en",{b},IF({a}={b},{a},{both})))',
            "calculation",
        )
    book.define("xl_label_keys", Area("Labels", FIRST_ROW, 1, last, 1))
    book.define("xl_label_texts", Area("Labels", FIRST_ROW, 4, last, 4))
    canvas.frame(FIRST_ROW - 1, 1)
    canvas.page(Area("Labels", 1, 1, last, 4))
    canvas.protect()


def draw_log(book: Book) -> None:
    """Draw `Log`: report, version, hash of the inputs, and the recipe as TOML lines."""
    canvas, spec = book.canvas("Log"), book.spec
    canvas.heading("log", "log.note")
    canvas.widths([26, 96])
    entries = (
        ("log.report", spec.id, "xl_report"),
        ("log.version", __version__, "xl_version"),
        ("log.edition", spec.edition, ""),
        ("log.kind", spec.kind, "xl_data_kind"),
        ("log.inputs", spec.dataset.digest(), "xl_input_hash"),
    )
    row = 3
    for key, value, name in entries:
        row += 1
        canvas.label(row, 1, key, "stub")
        canvas.text(row, 2, value, "calculation")
        if name:
            book.define(name, Area("Log", row, 2, row, 2))
    row += 1
    canvas.label(row, 1, "log.data", "stub")
    canvas.sheet.set_row(row - 1, 44)
    canvas.formula(row, 2, book.pick(spec.note_zh, spec.note_en), "calculation", text_wrap=True)
    row += 2
    canvas.label(row, 1, "log.recipe", "section")
    lines = recipe_lines(spec.recipe)
    for line in lines:
        row += 1
        canvas.text(row, 1, line, "toml")
    book.define("xl_recipe", Area("Log", row - len(lines) + 1, 1, row, 1))
    canvas.page(Area("Log", 1, 1, row, 2), landscape=False)
    canvas.protect()
