"""`Links`: the long table of links between cities, and the lines that each indicator uses.

Like `Data` it is the user's: lines may be pasted, sorted, inserted and deleted, and its formulas
look at their own line only.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from xlcity.functions.links import COUNTS
from xlcity.model.dataset import Dataset, Link
from xlcity.model.recipe import link_flow
from xlcity.workbook.drawing.canvas import Book, Canvas, titled_sheet
from xlcity.workbook.drawing.grid import cell
from xlcity.workbook.layout.links import (
    BASIS,
    CODE,
    COLUMNS,
    COUNTED,
    FROM,
    KEY,
    LINE,
    LINE_BASIS,
    MESSAGE,
    TABLE,
    TABLE_FIRST,
    TO,
    VALUE,
    LinkLayout,
    link_layout,
)
from xlcity.workbook.live_recipe import part_name
from xlcity.workbook.sheets.inputs.input_rows import MISSING_TEXT
from xlcity.workbook.steps.links import line_key

#: Possible faults of a line; a link of a city with itself is reported and ignored.
FAULTS = ("code", "city", "number", "self", "twice", "differs")


def draw(book: Book) -> None:
    """Draw the sheet and define the names of its columns."""
    links = link_layout(book.layout)
    canvas = titled_sheet(book, "Links", [16, 20, 20, 16, 14, 34, 34, 12, 11, 46, 12], 5)
    _draw_table(book, canvas, links)
    header = links.header
    canvas.field_heads(header - 2, "links", COLUMNS, code_row=header)
    canvas.gap(header - 1)
    for column, name in ((KEY, "key"), (COUNTED, "counted")):
        canvas.label(header - 2, column, f"links.{name}", "header", font_size=9)
        canvas.put(header, column, name, "stub_code")
    lines = _link_lines(links, book.spec.dataset)
    shipped = _link_lines(links, book.spec.defaults) if book.spec.defaults else []
    if shipped:
        canvas.field_heads(header - 2, "links", ("line", "line_basis"), LINE, header)
    for offset in range(links.lines):
        row = header + 1 + offset
        code, link = lines[offset] if offset < len(lines) else ("", None)
        entries = (None,) * 4 if link is None else (code, link.start, link.end, _typed_value(link))
        for column, entry in zip((CODE, FROM, TO, VALUE), entries, strict=True):
            number = "General" if column == VALUE else "@"
            canvas.input(row, column, entry, "input", number, count=column == VALUE)
        _draw_line_workings(canvas, links, row, shipped=len(shipped))
        if offset < len(shipped):
            canvas.put(row, LINE, _line_text(*shipped[offset]), "published", font_size=8)
            basis = shipped[offset][1].basis
            canvas.put(row, LINE_BASIS, basis, "published_center", font_size=8)
    canvas.closing(links.closing, "links.closing", COUNTED)
    for name, column in (("keys", KEY), ("values", COUNTED)):
        book.define(f"lnk_{name}", links.column(column))
    code_column = links.column(CODE)
    book.define("in_links", canvas.area(code_column.r1, CODE, code_column.r2, VALUE))
    block = canvas.area(header + 1, CODE, links.closing - 2, MESSAGE)
    message = cell(header + 1, MESSAGE, "c")
    wrong = f'AND({message}<>"",{message}<>{book.labels.ref("links.fault.self")})'
    canvas.mark(block, wrong, "bad", stop=True)
    canvas.mark(block, f'$E{header + 1}="synthetic"', "synthetic")
    canvas.choices(canvas.area(header + 1, CODE, links.closing - 2), list(links.codes))
    ends = canvas.area(header + 1, FROM, links.closing - 2, TO)
    canvas.choices(ends, "=xl_units", error_type="warning")
    canvas.close(header, titles=(header - 2, header), protected=False)


def _draw_table(book: Book, canvas: Canvas, links: LinkLayout) -> None:
    """Write which lines each indicator uses; its choices are live."""
    canvas.label(TABLE_FIRST - 3, 1, "links.table", "section")
    canvas.field_heads(TABLE_FIRST - 2, "links", TABLE)
    pairs = {code: s for s in book.spec.recipe.steps_doing("pairs") for code in links.codes
             if book.spec.recipe.step_for("pairs", code) is s}  # fmt: skip
    counted = {
        "link_strength": ("count", "values", COUNTS),
        "eigen_centrality": ("weighted", "yes", ("yes", "no")),
    }
    for code in links.codes:
        row, step = links.table_row(code), book.layout.construct_of(code)
        canvas.put(row, 1, code, "stub")
        book.spec.framework[code]
        name = book.layout.framework_cell(code, "display")
        canvas.formula(row, 2, name, "stub", font_size=9)
        canvas.put(row, 3, link_flow(step), "stub_center")
        choice_cell = canvas.area(row, 4)
        if step.method in counted:
            name, default, words = counted[step.method]
            chosen = str(step.get(name, default))
            canvas.chooser(row, 4, chosen, words, role="input_center", number="")
            book.define(part_name(name, code), choice_cell)
        else:
            canvas.put(row, 4, "presence", "stub_center")
        if code in pairs:
            pair_cell = canvas.area(row, 5)
            chosen = str(pairs[code].get("count", "values"))
            canvas.chooser(row, 5, chosen, COUNTS, role="input_center", number="")
            book.define(part_name("pair_count", code), pair_cell)
        else:
            canvas.put(row, 5, None, "stub")
        own_lines = f"{links.column(CODE).ref('rc', 'Links')},{cell(row, 1, 'c')}"
        for column, formula in (
            (6, f"COUNTIF({own_lines})"),
            (7, f'COUNTIFS({own_lines},{links.column(KEY).ref("rc", "Links")},"?*")'),
            (8, f'COUNTIFS({own_lines},{links.column(MESSAGE).ref("rc", "Links")},"?*")'),
            (9, f'COUNTIFS({own_lines},{links.column(BASIS).ref("rc", "Links")},"synthetic")'),
        ):
            canvas.formula(row, column, formula, "calculation_center", "0")


def _draw_line_workings(canvas: Canvas, links: LinkLayout, row: int, shipped: int) -> None:
    """Write the status of a line, its message, its key and the value that counts."""
    code, start, end, value = (cell(row, c, "c") for c in (CODE, FROM, TO, VALUE))
    key, counted = (cell(row, c, "c") for c in (KEY, COUNTED))
    center = "calculation_center"
    basis = '"entered"'
    if shipped:
        first, last = links.header + 1, links.header + shipped
        lines, bases = (canvas.range(first, column, last) for column in (LINE, LINE_BASIS))
        line = '&"|"&'.join((code, start, end, value))
        basis = f"IFERROR(INDEX({bases},MATCH({line},{lines},0)),{basis})"
    canvas.formula(row, BASIS, f'IF({key}="","",{basis})', center, font_size=9)
    texts = {name: canvas.book.labels.ref(f"links.fault.{name}") for name in FAULTS}
    canvas.formula(row, MESSAGE, _message_formula(links, row, texts), "id")
    usable = f"{_known_condition(row)}*COUNT({counted})*({start}<>{end})"
    key_formula = f'IF({usable},{line_key(code, start, end)},"")'
    canvas.formula(row, KEY, key_formula, "helper")
    missing = f'IF(SUMPRODUCT((par_missing=TRIM({value}))*1)>0,0,"")'
    number = f'IFERROR(IF({value}="","",IF(TYPE({value})=1,{value},{missing})),"")'
    canvas.formula(row, COUNTED, number, "calculation", "General")


def _known_condition(row: int) -> str:
    """Return the condition, a number, that a line names two cities and an indicator.

    MATCH is not used, as it takes an asterisk for any city.
    """
    start, end = (cell(row, column, "c") for column in (FROM, TO))
    cities = "*".join(f"SUMPRODUCT((out_units={city})*1)" for city in (start, end))
    return f"(COUNTA({cell(row, CODE, 'c')}:{end})=3)*{cities}"


def _message_formula(links: LinkLayout, row: int, texts: Mapping[str, str]) -> str:
    """Return the formula of the message of a line, "" if there is none."""
    code, start, end, value = (cell(row, c, "c") for c in (CODE, FROM, TO, VALUE))
    key, counted = (cell(row, c, "c") for c in (KEY, COUNTED))
    codes, flows = (links.table_column(name).ref("rc", "Links") for name in ("code", "flow"))
    own_position = f"ROW()-{links.header - 1}"
    back = f"MATCH({line_key(code, end, start)},lnk_keys,0)"
    other = f"IFERROR(IF({back}<{own_position},INDEX(lnk_values,{back}),{counted}),{counted})"
    symmetric = f'INDEX({flows},MATCH({code},{codes},0))="symmetric"'
    differs = f'IF(AND({symmetric},{other}<>{counted}),{texts["differs"]},"")'
    repeated = f"IF(MATCH({key},lnk_keys,0)<{own_position},{texts['twice']},{differs})"
    own = f"IF({start}={end},{texts['self']},{repeated})"
    counts = f'IF({value}="","",IF({counted}="",{texts["number"]},{own}))'
    cities = f"IF({_known_condition(row)}=0,{texts['city']},{counts})"
    blank = f'AND({code}="",{start}="",{end}="",{value}="")'
    unknown = f"ISERROR(MATCH({code},{codes},0))"
    line = f'IF({blank},"",IF({unknown},{texts["code"]},{cities}))'
    return f"IFERROR({line},{texts['number']})"


def _link_lines(links: LinkLayout, dataset: Dataset) -> list[tuple[str, Link]]:
    return [(code, link) for code in links.codes for link in dataset.links.get(code, ())]


def _typed_value(link: Link) -> float | str:
    return MISSING_TEXT if math.isnan(link.value) else link.value


def _line_text(code: str, link: Link) -> str:
    """Return the texts of a line's cells in one text."""
    value = _typed_value(link)
    shown = value if isinstance(value, str) else f"{value:.15g}"
    return "|".join((code, link.start, link.end, shown))
