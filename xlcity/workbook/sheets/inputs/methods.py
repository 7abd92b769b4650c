"""`Methods`: how each indicator is normalised and prepared, a row each, and its parameters."""

from __future__ import annotations

from xlcity.functions.normalise import BOUNDS
from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import Area, cell
from xlcity.workbook.drawing.titled_sheet import titled_sheet
from xlcity.workbook.layout.prepared import prepare_layout
from xlcity.workbook.normalisers import NATIVE, is_live, shown
from xlcity.workbook.steps import prepare
from xlcity.workbook.steps.method_table import (
    FIRST_ROW,
    FIXED,
    HEADER,
    LEFT,
    SHEET,
    Bands,
    columns,
    method_row,
    most_cuts,
    shared_values,
    step_of,
    value_of,
)

#: Widths of code and name, of an entry, and of what the method means.
WIDTHS, ENTRY, MEANING = (22, 36), 12, 64


def draw(book: Book) -> None:
    """Draw the sheet."""
    canvas, spec = titled_sheet(book, SHEET), book.spec
    entries = columns(spec)
    meaning, wide = LEFT + len(entries), most_cuts(spec)
    lists = (*["cuts"] * wide, *["values"] * wide, *["scores"] * (wide + 1)) if wide else ()
    own = [name for name in entries if name not in FIXED and name not in prepare.COLUMNS]
    more = (*(f"built_{name}" for name in own), "changed", "wrong")
    heads = ("code", "name", *entries, "meaning", *lists, *more)
    widths = (*WIDTHS, *[ENTRY] * len(entries), MEANING, *[ENTRY] * (len(lists) + len(more)))
    canvas.widths(widths)
    labels = ["built" if head.startswith("built_") else head for head in heads]
    canvas.fit_labels(
        HEADER - 1, [(f"methods.{h}", w) for h, w in zip(labels, widths, strict=True)]
    )
    for column, (name, label) in enumerate(zip(heads, labels, strict=True), 1):
        canvas.label(HEADER - 1, column, f"methods.{label}", "header")
        canvas.text(HEADER, column, name, "stub_code")
    for code in book.layout.indicators:
        _row(book, canvas, code, {name: at for at, name in enumerate(heads, 1)})
    last = FIRST_ROW + len(book.layout.indicators) - 1
    changed = meaning + len(lists) + len(own) + 1
    book.define("xl_methods", Area(SHEET, HEADER, 1, last, meaning - 1))
    book.define("xl_methods_built", Area(SHEET, HEADER, meaning + 1, last, changed + 1))
    for column, mark in ((changed, "note"), (changed + 1, "bad")):
        area = Area(SHEET, FIRST_ROW, column, last, column)
        canvas.mark(area, f"{cell(FIRST_ROW, column)}>0", mark)
    canvas.frame(HEADER, 2, titles=(HEADER - 1, HEADER))
    canvas.page(Area(SHEET, 1, 1, last, meaning + len(lists)), a3=True)
    canvas.protect()


def flags(book: Book, which: str) -> str:
    """Return the cells that tell which indicators have a `changed` or `wrong` parameter."""
    entries, wide = columns(book.spec), most_cuts(book.spec)
    own = [name for name in entries if name not in FIXED and name not in prepare.COLUMNS]
    column = LEFT + len(entries) + 1 + (3 * wide + 1 if wide else 0) + len(own)
    column += which == "wrong"
    last = FIRST_ROW + len(book.layout.indicators) - 1
    return Area(SHEET, FIRST_ROW, column, last, column).ref()


def codes_beside(book: Book) -> str:
    """Return the cells of the indicators' codes."""
    last = FIRST_ROW + len(book.layout.indicators) - 1
    return Area(SHEET, FIRST_ROW, 1, last, 1).ref()


def built_address(book: Book, code: str, name: str) -> str:
    """Return the address of a parameter as the template was built."""
    entries, wide = columns(book.spec), most_cuts(book.spec)
    own = [name for name in entries if name not in FIXED and name not in prepare.COLUMNS]
    column = LEFT + len(entries) + 1 + (3 * wide + 1 if wide else 0) + own.index(name)
    return f"{SHEET}!{cell(method_row(book.spec, code), column, 'rc')}"


def _row(book: Book, canvas: Canvas, code: str, at: dict[str, int]) -> None:
    """Write the row of one indicator; `at` has the column of each entry."""
    spec, layout, row = book.spec, book.layout, method_row(book.spec, code)
    step = step_of(spec, code)
    canvas.text(row, 1, code, "stub")
    canvas.formula(row, 2, layout.framework_cell(code, "display"), "name", text_wrap=True)
    canvas.text(row, at["method"], step.method, "stub_center")
    direction = layout.framework_cell(code, "direction")
    canvas.formula(row, at["direction"], direction, "calculation_center", "0")
    canvas.band(row, [at[name] for name in columns(spec)[len(FIXED) :]], "stub_center")
    shared = shared_values(spec)
    same: list[str] = []
    numbers: list[str] = []
    needed: list[str] = []
    for name, parameter in shown(step).items():
        column, value = at[parameter.column], value_of(spec, code, name)
        if not is_live(parameter, spec.apart):
            canvas.static(row, column, value, "stub_center", "General")
            continue
        if parameter.shared and value == shared[parameter.shared]:
            name_of = f"par_{parameter.shared}"
            canvas.formula(row, column, name_of, "input_center", "General", unlocked=True)
        else:
            canvas.input(row, column, value, "input_center", "General")
        here, built = cell(row, column), at[f"built_{parameter.column}"]
        canvas.static(row, built, value, "published_center", "General")
        same.append(f"COUNT({here})=COUNT({cell(row, built)}),{here}={cell(row, built)}")
        if (step.method, name) == ("minmax", "bounds"):
            canvas.choices(Area(SHEET, row, column, row, column), list(BOUNDS))
        elif (step.method, name) != ("dist2ref", "unit"):
            (needed if parameter.needed else numbers).append(here)
    if spec.prepares:
        for name, given in prepare.values_of(spec, code).items():
            if isinstance(given, float):
                canvas.input(row, at[name], given, "input_center", "General")
                needed.append(cell(row, at[name]))
            else:
                canvas.static(row, at[name], given, "stub_center", "General")
    if step.method == "bands":
        _bands(book, canvas, Bands.of(spec, code), code)
    canvas.fit_labels(row, [(f"method.{step.method}", MEANING)], 9, 24)
    canvas.label(row, at["meaning"], f"method.{step.method}", "stub", font_size=9, text_wrap=True)
    differs = f"IF(AND({','.join(same)}),0,1)" if same else "0"
    canvas.formula(row, at["changed"], differs, "calculation_center", "0")
    wrong = [f"COUNTA({','.join(numbers)})-COUNT({','.join(numbers)})"] if numbers else []
    # One cell is 1, which is shorter to read than its COLUMNS.
    sizes = (f"COLUMNS({cells})" if ":" in cells else "1" for cells in needed)
    wrong += [f"{size}-COUNT({cells})" for size, cells in zip(sizes, needed, strict=True)]
    canvas.formula(row, at["wrong"], "+".join(wrong) or "0", "calculation_center", "0")


def _bands(book: Book, canvas: Canvas, bands: Bands, code: str) -> None:
    """Write cut points, the values that they mean, and the scores of the bands."""
    cuts, values, scores = bands.left
    raw = prepare_layout(book.layout).last.over(code, SHEET, "rc")
    step = step_of(book.spec, code)
    for at, cut in enumerate(bands.cuts):
        canvas.input(bands.row, cuts + at, cut, "input_center", "General")
        here = cell(bands.row, cuts + at)
        formula = here
        if step.get("by") == "percentile":
            formula = f'IF(COUNT({raw})=0,"",PERCENTILE({raw},{here}/100))'
        canvas.formula(bands.row, values + at, formula, "calculation_center", "General")
    for at, score in enumerate(bands.scores):
        if step.get("scores") is None:
            canvas.number(bands.row, scores + at, score, "stub_center", "General")
        else:
            canvas.input(bands.row, scores + at, score, "input_center", "General")


def heads_of(book: Book) -> tuple[str, str, str]:
    """Return the labels of bounds and span above the columns; general ones where they differ."""
    found = {NATIVE[step_of(book.spec, code).method].heads for code in book.layout.indicators}
    first, second, third = ({heads[at] for heads in found} for at in range(3))
    return (
        first.pop() if len(first) == 1 else "from",
        second.pop() if len(second) == 1 else "to",
        third.pop() if len(third) == 1 else "span",
    )
