"""Columns of `Framework`: the methods of each indicator and their parameters."""

from __future__ import annotations

from collections.abc import Iterator

from xlcity.functions.normalise import BOUNDS
from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import Area, cell
from xlcity.workbook.layout.method_columns import PREPARATIONS, columns, framework_columns
from xlcity.workbook.layout.prepared import prepare_layout
from xlcity.workbook.layout.rows import FRAMEWORK_FIRST, FRAMEWORK_HEADER
from xlcity.workbook.normalisers import NATIVE, is_live, shown
from xlcity.workbook.spec import TemplateSpec
from xlcity.workbook.steps import prepare
from xlcity.workbook.steps.method_table import (
    SHEET,
    Bands,
    method_row,
    most_cuts,
    shared_values,
    step_of,
    value_of,
)

#: Widths of an entry, of a method and of its description.
ENTRY, METHOD, MEANING = 12, 14, 48
#: Prefix of the column of a parameter as the template was built.
BUILT = "built_"


def method_widths(spec: TemplateSpec) -> dict[str, float]:
    """Return the widths of these columns among those of the tree."""
    return {"method": METHOD, **dict.fromkeys(columns(spec), ENTRY), "meaning": MEANING}


def _columns_behind(spec: TemplateSpec) -> tuple[str, ...]:
    """Return the columns behind those of the tree: bands, parameters as built, flags."""
    wide = most_cuts(spec)
    lists = (*["cuts"] * wide, *["values"] * wide, *["scores"] * (wide + 1)) if wide else ()
    own = (name for name in columns(spec) if name not in PREPARATIONS)
    return (*lists, *(BUILT + name for name in own), "method_changed", "wrong")


def _column(spec: TemplateSpec, name: str) -> int:
    """Return one of the columns behind those of the tree."""
    return len(framework_columns(spec)) + 1 + _columns_behind(spec).index(name)


def draw_method_columns(book: Book, canvas: Canvas, last: int) -> None:
    """Write methods and parameters into the rows of the tree, down to its last one."""
    spec, left = book.spec, len(framework_columns(book.spec)) + 1
    behind = _columns_behind(spec)
    right = left + len(behind) - 1
    canvas.columns(left, right, ENTRY)
    for column, name in enumerate(behind, left):
        label = "built" if name.startswith(BUILT) else name.removeprefix("method_")
        canvas.label(FRAMEWORK_HEADER - 1, column, f"methods.{label}", "header")
        canvas.put(FRAMEWORK_HEADER, column, name, "stub_code")
    for code in book.layout.indicators:
        _draw_row(book, canvas, code)
    meaning = framework_columns(spec).index("meaning") + 1
    book.define("xl_methods", Area(SHEET, FRAMEWORK_HEADER, 1, last, meaning - 1))
    book.define("xl_methods_built", Area(SHEET, FRAMEWORK_HEADER, left, last, right))
    for column, mark in ((right - 1, "note"), (right, "bad")):
        area = Area(SHEET, FRAMEWORK_FIRST, column, last, column)
        canvas.mark(area, f"{cell(FRAMEWORK_FIRST, column)}>0", mark)


def flag_cells(book: Book, which: str) -> str:
    """Return the cells that flag indicators with a `changed` or `wrong` parameter."""
    column = _column(book.spec, {"changed": "method_changed"}.get(which, which))
    tree = book.layout.framework_column("code")
    return Area(SHEET, tree.r1, column, tree.r2, column).ref()


def built_address(book: Book, code: str, name: str) -> str:
    """Return the address of a parameter as the template was built."""
    column = _column(book.spec, BUILT + name)
    return f"{SHEET}!{cell(method_row(book.spec, code), column, 'rc')}"


def _draw_row(book: Book, canvas: Canvas, code: str) -> None:
    """Write the method of one indicator."""
    spec, row, step = book.spec, method_row(book.spec, code), step_of(book.spec, code)
    column_of = {name: column for column, name in enumerate(framework_columns(spec), 1)}
    canvas.put(row, column_of["method"], step.method, "stub_center")
    canvas.band(row, [column_of[name] for name in columns(spec)], "stub_center")
    same, wrong = _draw_parameters(book, canvas, code)
    if step.method == "bands":
        _draw_bands(book, canvas, Bands.of(spec, code), code)
    canvas.label(
        row, column_of["meaning"], f"method.{step.method}", "stub", font_size=9, text_wrap=True
    )
    differs = f"IF(AND({','.join(same)}),0,1)" if same else "0"
    for name, formula in (("method_changed", differs), ("wrong", wrong)):
        canvas.formula(row, _column(spec, name), formula, "calculation_center", "0")


def _draw_parameters(book: Book, canvas: Canvas, code: str) -> tuple[list[str], str]:
    """Write the parameters of an indicator.

    Returns
    -------
    list of str, str
        Conditions under which they are as built, and the formula that counts unusable ones.
    """
    spec, row, step = book.spec, method_row(book.spec, code), step_of(book.spec, code)
    column_of = {name: column for column, name in enumerate(framework_columns(spec), 1)}
    shared = shared_values(spec)
    same: list[str] = []
    numbers: list[str] = []
    needed: list[str] = []
    for name, parameter in shown(step).items():
        column, value = column_of[parameter.column], value_of(spec, code, name)
        if not is_live(parameter, spec.apart):
            canvas.put(row, column, value, "stub_center", "General")
            continue
        if parameter.shared and value == shared[parameter.shared]:
            shared_name = f"par_{parameter.shared}"
            canvas.formula(row, column, shared_name, "input_center", "General", unlocked=True)
        else:
            canvas.input(row, column, value, "input_center", "General")
        cell_now, built = cell(row, column), _column(spec, BUILT + parameter.column)
        canvas.put(row, built, value, "published_center", "General")
        same.append(f"COUNT({cell_now})=COUNT({cell(row, built)}),{cell_now}={cell(row, built)}")
        if (step.method, name) == ("minmax", "bounds"):
            canvas.choices(Area(SHEET, row, column, row, column), list(BOUNDS))
        elif (step.method, name) != ("dist2ref", "unit"):
            (needed if parameter.needed else numbers).append(cell_now)
    if spec.prepares:
        for name, entry in prepare.values_of(spec, code).items():
            if isinstance(entry, float):
                canvas.input(row, column_of[name], entry, "input_center", "General")
                needed.append(cell(row, column_of[name]))
            else:
                canvas.put(row, column_of[name], entry, "stub_center", "General")
    return same, "+".join(_count_unusable(numbers, needed)) or "0"


def _count_unusable(numbers: list[str], needed: list[str]) -> Iterator[str]:
    """Yield formulas that count unusable cells: texts, and blanks where a number is needed."""
    if numbers:
        yield f"COUNTA({','.join(numbers)})-COUNT({','.join(numbers)})"
    for cells in needed:
        # One cell is 1, which is shorter to read than its COLUMNS.
        size = f"COLUMNS({cells})" if ":" in cells else "1"
        yield f"{size}-COUNT({cells})"


def _draw_bands(book: Book, canvas: Canvas, bands: Bands, code: str) -> None:
    """Write cut points, the values at them, and the scores of the bands."""
    cuts, values, scores = bands.left
    raw = prepare_layout(book.layout).last.over(code, SHEET, "rc")
    step = step_of(book.spec, code)
    for index, cut in enumerate(bands.cuts):
        canvas.input(bands.row, cuts + index, cut, "input_center", "General")
        cut_cell = cell(bands.row, cuts + index)
        formula = cut_cell
        if step.get("by") == "percentile":
            formula = f'IF(COUNT({raw})=0,"",PERCENTILE({raw},{cut_cell}/100))'
        canvas.formula(bands.row, values + index, formula, "calculation_center", "General")
    for index, score in enumerate(bands.scores):
        if step.get("scores") is None:
            canvas.put(bands.row, scores + index, score, "stub_center", "General")
        else:
            canvas.input(bands.row, scores + index, score, "input_center", "General")


def labels_of_bounds(book: Book) -> tuple[str, str, str]:
    """Return the labels of bounds and span above the columns; general ones where they differ."""
    head_sets = {NATIVE[step_of(book.spec, code).method].heads for code in book.layout.indicators}
    first, second, third = ({heads[position] for heads in head_sets} for position in range(3))
    return (
        first.pop() if len(first) == 1 else "from",
        second.pop() if len(second) == 1 else "to",
        third.pop() if len(third) == 1 else "span",
    )
