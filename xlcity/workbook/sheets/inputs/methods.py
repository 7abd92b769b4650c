"""Columns of `Framework`: the methods of each indicator and their parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from itertools import groupby
from typing import Any

from xlcity.methods.normalise.bands import BY_PERCENTILE
from xlcity.methods.record import BOUND, NUMBER
from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import Area, Fix, cell
from xlcity.workbook.drawing.number_formats import GENERAL
from xlcity.workbook.drawing.styles import (
    CENTER,
    INPUT_CENTER,
    PUBLISHED_CENTER,
    SMALL,
    STUB_CENTER,
)
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.inputs import (
    NEAREST,
    PREPARATIONS,
    InputLayout,
    framework_columns,
    method_columns,
)
from xlcity.workbook.layout.rows import FRAMEWORK_HEADER
from xlcity.workbook.methods_in_cells import normalisation_of, step_for
from xlcity.workbook.spec import TemplateSpec
from xlcity.workbook.steps.method_table import (
    SHEET,
    Bands,
    entries,
    most_cuts,
    shared_values,
)

#: Widths of an entry, of a method and of its description.
ENTRY = 12
METHOD = 14
MEANING = 48
#: Prefix of the column of a parameter as the template was built.
BUILT = "built_"


def method_widths(spec: TemplateSpec) -> dict[str, float]:
    """Return the widths of these columns among those of the tree."""
    return {
        "method": METHOD,
        **dict.fromkeys(method_columns(spec), ENTRY),
        "meaning": MEANING,
    }


def _all_columns(spec: TemplateSpec) -> tuple[str, ...]:
    """Return the columns of the tree, and those behind: bands, parameters as built."""
    wide = most_cuts(spec)
    lists: list[str] = []
    if wide:
        lists += ["cuts"] * wide
        lists += ["values"] * wide
        lists += ["scores"] * (wide + 1)
    not_built = (*PREPARATIONS, NEAREST)
    built = (BUILT + name for name in method_columns(spec) if name not in not_built)
    return (*framework_columns(spec), *lists, *built)


def draw_method_columns(book: Book, canvas: Canvas, last: int) -> None:
    """Write methods and parameters into the rows of the tree, down to its last one."""
    spec = book.spec
    names = _all_columns(book.spec)
    left = len(framework_columns(spec)) + 1
    right = len(names)
    canvas.columns(left, right, ENTRY)
    for column, name in enumerate(names[left - 1 :], left):
        label = "built" if name.startswith(BUILT) else name
        canvas.label(FRAMEWORK_HEADER - 1, column, f"methods.{label}", "header")
        canvas.put(FRAMEWORK_HEADER, column, name, "stub_code")
    shared = shared_values(spec)
    for code in book.layout.indicators:
        _draw_row(book, canvas, code, shared)
    meaning = names.index("meaning") + 1
    book.define(
        "xl_methods", Area(SHEET, r1=FRAMEWORK_HEADER, c1=1, r2=last, c2=meaning - 1)
    )
    book.define(
        "xl_methods_built", Area(SHEET, r1=FRAMEWORK_HEADER, c1=left, r2=last, c2=right)
    )
    for needed in (True, False):
        for area, _ in _find_typed_numbers(book.layout, needed):
            canvas.mark(area, f"ISTEXT({cell(area.r1, area.c1)})", "bad")


def _find_typed_numbers(layout: Layout, needed: bool) -> Iterator[tuple[Area, int]]:
    """Yield the cells into which numbers are typed that are needed, or may be left out; how many.

    Between those of two indicators there may be empty cells: those of the nodes above.
    """
    codes = sorted(layout.indicators, key=layout.framework_row)
    entries_of = {code: entries(layout.spec, code) for code in codes}

    def is_typed(name: str, code: str) -> bool:
        entry = entries_of[code].get(name)
        if entry is None or not entry.typed or entry.kind not in (NUMBER, BOUND):
            return False
        return entry.needed == needed

    for column, name in enumerate(framework_columns(layout.spec), 1):
        for holds, run in groupby(codes, partial(is_typed, name)):
            rows = [layout.framework_row(code) for code in run]
            if holds:
                yield (
                    Area.of_column(SHEET, column, rows[0], rows[-1]),
                    len(rows),
                )


def count_wrong_parameters(book: Book) -> str:
    """Return the formula of how many parameters of the indicators cannot be used.

    Of needed ones these are all that are not numbers, of others those that are not empty either.
    """
    needed, others = (
        [*_find_typed_numbers(book.layout, is_needed)] for is_needed in (True, False)
    )
    terms = ["0"]
    if needed:
        count = ",".join(area.ref() for area, _ in needed)
        cells = sum(size for _, size in needed)
        terms = [f"{cells}-COUNT({count})"]
    if others:
        typed = ",".join(area.ref() for area, _ in others)
        terms.append(f"COUNTA({typed})-COUNT({typed})")
    return "+".join(terms)


def as_built(now: str, built: str) -> str:
    """Return the conditions that two cells hold the same: a blank equals 0 in a comparison."""
    return f"COUNT({now})=COUNT({built}),{now}={built}"


def parameters_as_built(spec: TemplateSpec, code: str) -> list[str]:
    """Return the conditions that the parameters of an indicator are as built."""
    columns_of = _all_columns(spec)
    row = InputLayout(spec).framework_row(code)

    def address(column: str) -> str:
        return cell(row, columns_of.index(column) + 1)

    return [
        as_built(address(name), address(BUILT + name))
        for name, entry in entries(spec, code).items()
        if entry.typed and BUILT + name in columns_of
    ]


def built_address(book: Book, code: str, name: str) -> str:
    """Return the address of a parameter as the template was built."""
    column = _all_columns(book.spec).index(BUILT + name) + 1
    return f"{SHEET}!{cell(book.layout.framework_row(code), column, Fix.BOTH)}"


def _draw_row(
    book: Book, canvas: Canvas, code: str, shared: Mapping[str, float | str]
) -> None:
    """Write method and parameters of one indicator; `shared` has those of all indicators."""
    spec = book.spec
    row = book.layout.framework_row(code)
    step = step_for(spec, "normalise", code)
    column_of = {name: column for column, name in enumerate(_all_columns(spec), 1)}
    canvas.put(row, column_of["method"], step.method, STUB_CENTER)
    canvas.band(row, [column_of[name] for name in method_columns(spec)], STUB_CENTER)
    for name, entry in entries(spec, code, shared).items():
        column = column_of[name]
        if not entry.typed:
            canvas.put(row, column, entry.value, STUB_CENTER, number=GENERAL)
            continue
        if entry.shared:
            canvas.formula(
                row,
                column,
                entry.shared,
                INPUT_CENTER,
                number=GENERAL,
                locked=False,
            )
        else:
            canvas.input(row, column, entry.value, INPUT_CENTER, number=GENERAL)
        if isinstance(entry.kind, tuple):
            canvas.choices(canvas.area(row, column), entry.kind)
        if built := column_of.get(BUILT + name):
            canvas.put(row, built, entry.value, PUBLISHED_CENTER, number=GENERAL)
    if normalisation_of(spec, code).native.by_bands:
        _draw_bands(book, canvas, Bands.of(spec, code), code)
    own = step.record.own
    label = f"method.{step.method}"
    meaning = own.summary[spec.language] if own else book.labels.text(label)
    canvas.put(row, column_of["meaning"], meaning, "stub", **SMALL, text_wrap=True)


def _draw_bands(book: Book, canvas: Canvas, bands: Bands, code: str) -> None:
    """Write cut points, the values at them, and the scores of the bands."""
    cuts, values, scores = bands.left
    raw = book.layout.prepared.over(code, SHEET, Fix.BOTH)
    step = step_for(book.spec, "normalise", code)
    for index, cut in enumerate(bands.cuts):
        canvas.input(bands.row, cuts + index, cut, INPUT_CENTER, number=GENERAL)
        formula = cut_cell = cell(bands.row, cuts + index)
        if step.get("by") == BY_PERCENTILE:
            formula = f'IF(COUNT({raw})=0,"",PERCENTILE({raw},{cut_cell}/100))'
        canvas.formula(bands.row, values + index, formula, CENTER, number=GENERAL)
    write: Any = canvas.input
    role = INPUT_CENTER
    if step.get("scores") is None:
        write = canvas.put
        role = STUB_CENTER
    for column, score in enumerate(bands.scores, scores):
        write(bands.row, column, score, role, number=GENERAL)


def labels_of_bounds(book: Book) -> tuple[str, ...]:
    """Return the labels of bounds and span above the columns; general ones where they differ."""
    heads = {
        normalisation_of(book.spec, code).native.bound_labels
        for code in book.layout.indicators
    }
    return tuple(
        names[0] if len(set(names)) == 1 else general
        for names, general in zip(
            zip(*heads, strict=True), ("from", "to", "span"), strict=True
        )
    )
