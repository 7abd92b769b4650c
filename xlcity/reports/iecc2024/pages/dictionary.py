"""`Dictionary`: the table of indicators with definitions and sources, ready to print."""

from __future__ import annotations

from xlcity.workbook.drawing.canvas import Book
from xlcity.workbook.drawing.grid import cell
from xlcity.workbook.drawing.titled_sheet import titled_sheet
from xlcity.workbook.labels import shown_text
from xlcity.workbook.sheets.inputs.sources import DEFAULT_COLUMNS, FIRST_INDICATOR

SHEET = "Dictionary"
HEADER = 4
COLUMNS = (
    "code", "name", "uom", "direction", "share", "definition", "period", "scope", "source", "url",
    "notes",
)  # fmt: skip
WIDTHS = (10, 30, 16, 9, 10, 50, 16, 12, 36, 34, 30)


def draw(book: Book) -> None:
    """Draw the sheet: nodes in tree order, ingredients below their indicator."""
    canvas, layout, framework = titled_sheet(book, SHEET, WIDTHS), book.layout, book.spec.framework
    keys = [f"dictionary.{name}" for name in COLUMNS]
    canvas.fit_labels(HEADER, zip(keys, WIDTHS, strict=True), least=22)
    canvas.heads(HEADER, keys)
    order = [
        code
        for node in framework.tree_order
        for code in (node.code, *layout.ingredients_of(node.code))
    ]
    for row, code in enumerate(order, HEADER + 1):
        node = framework.inputs[code]
        texts = [(f"{node.name_zh} {node.name_en}", WIDTHS[1] - 4.0)]
        texts += [(t, WIDTHS[5]) for t in (node.definition_zh, node.definition)]
        texts += [(t, WIDTHS[8]) for t in (node.source_zh, node.source)]
        texts += [(t, WIDTHS[2]) for t in (node.uom_zh, node.uom)]
        texts += [(node.url, WIDTHS[9]), (node.notes, WIDTHS[10]), (node.period, WIDTHS[6])]
        canvas.fit(row, texts, 9, least=18)
        is_ingredient = code in layout.ingredients
        depth = 3 if is_ingredient else framework.depth(code)
        style = {"bold": not is_ingredient and not framework.is_indicator(code)}
        canvas.text(row, 1, code, "stub", font_size=9, **style)
        for column, name in enumerate(COLUMNS[1:], 2):
            formula = _entry_formula(book, code, name)
            role = "calculation_center" if name in ("direction", "share") else "stub"
            if formula is None:
                canvas.blank(row, column, "calculation")
                continue
            number = {"share": "0.0%", "direction": '"＋";"－"'}.get(name, "")
            name_style = {"indent": depth, **style} if name == "name" else {}
            role = "calculation" if role == "stub" else role
            canvas.formula(
                row, column, formula, role, number, font_size=9, text_wrap=True, **name_style
            )
    last = HEADER + len(order)
    canvas.finish(last, len(COLUMNS), HEADER, 2, a3=True)


def _entry_formula(book: Book, code: str, name: str) -> str | None:
    """Return the formula of an entry, None where nodes of its kind have none."""
    layout, framework = book.layout, book.spec.framework
    is_ingredient = code in layout.ingredients

    def in_language(zh: str, en: str) -> str:
        chinese, english = (layout.framework_cell(code, name) for name in (zh, en))
        return shown_text(english, chinese, book.spec.language)

    if name == "name":
        return layout.framework_cell(code, "display")
    if name in ("uom", "definition"):
        return in_language(f"{name}_zh", name)
    if name == "notes":
        notes = layout.framework_cell(code, "notes")
        return f'IF({notes}="","",{notes})'
    if name == "direction":
        is_indicator = not is_ingredient and framework.is_indicator(code)
        return layout.framework_cell(code, "direction") if is_indicator else None
    if name == "share":
        return None if is_ingredient else layout.framework_cell(code, "effective")
    if code not in layout.inputs:
        return None

    def source(column: str) -> str:
        row = FIRST_INDICATOR + layout.inputs.index(code)
        return f"Sources!{cell(row, DEFAULT_COLUMNS.index(column) + 1, 'rc')}"

    if name == "source":
        return shown_text(source("source"), source("source_zh"), book.spec.language)
    entry = source(name)
    if name == "scope":
        return f'IF({entry}="","",IFERROR({book.word_of("scope", entry)},{entry}))'
    return f'IF({entry}="","",{entry})'
