"""`Framework`: the tree with its weights and definitions, parameters, and the record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product, zip_longest
from typing import Any

from xlcity.functions.arguments import EVERYONE
from xlcity.functions.links import DOMESTIC
from xlcity.functions.normalise import BOUNDS
from xlcity.index.compute import rank_settings
from xlcity.index.prepare import screen_groups
from xlcity.methods.normalise.record import OWN, POOL
from xlcity.model.framework import SHARE_TOLERANCE
from xlcity.model.nodes import Ingredient, Node
from xlcity.model.recipe import Recipe
from xlcity.workbook.drawing.canvas import Book, Canvas, titled_sheet
from xlcity.workbook.drawing.grid import Fix, cell
from xlcity.workbook.drawing.number_formats import AS_TEXT, GENERAL
from xlcity.workbook.drawing.styles import (
    CENTER,
    INPUT_CENTER,
    PUBLISHED_CENTER,
    SMALL,
    STUB_CENTER,
)
from xlcity.workbook.labels import shown_name
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.rows import (
    BEST_WIDTHS,
    FRAMEWORK_FIRST,
    FRAMEWORK_HEADER,
    FRAMEWORK_WIDTHS,
    TREE_NAME,
)
from xlcity.workbook.live_recipe import screen_cells
from xlcity.workbook.sheets.calculation.constructed import draw_parameters
from xlcity.workbook.sheets.inputs.methods import (
    as_built,
    draw_method_columns,
    method_widths,
    parameters_as_built,
)
from xlcity.workbook.sheets.inputs.record import draw_foot
from xlcity.workbook.sheets.table import NOTHING
from xlcity.workbook.spec import TemplateSpec
from xlcity.workbook.steps.method_table import shared_values
from xlcity.workbook.steps.nodes import weighs_by_leaves
from xlcity.workbook.steps.weigh import weight_formula

#: Columns of the parameters as built, and of the missing codes beside them.
BUILT_COLUMN = 5
MISSING_COLUMN = 7
MISSING_ROWS = 4
MISSING_SPARE = 1
BOUND_COLUMNS = ("valid_low", "valid_high", "no_data")
#: Columns of text that a user may edit.
TEXTS = ("name_zh", "name_en", "uom_zh", "uom", "definition_zh", "definition", "notes")
#: How far numbers may be off, in printed units, that are computed from rounded ones.
TOLERANCE_OF_ROUNDED = 0.01
#: What a cell holds, its role and its number format.
_Content = tuple[object, str] | tuple[object, str, str]


def draw(book: Book) -> None:
    """Draw the sheet and define the names of its parameters and columns."""
    canvas = titled_sheet(book, "Framework")
    layout = book.layout
    last = _draw_tree(book, canvas)
    for codes, table in (
        (layout.variables, "variables"),
        (layout.ingredients, "ingredients"),
    ):
        if codes:
            last = _draw_below_tree(book, canvas, codes, table)
    if any(
        "guideline" in layout.construction_of(code).names for code in layout.constructed
    ):
        last = draw_parameters(book, canvas, last + 2)
    last = _draw_parameters(book, canvas, last + 2)
    draw_foot(book, canvas, last + 2)
    names = layout.framework_columns.index("display") + 1
    titles = FRAMEWORK_HEADER - 1, FRAMEWORK_HEADER
    canvas.close(FRAMEWORK_HEADER, names, titles=titles)
    canvas.sheet.freeze_panes(FRAMEWORK_HEADER, 1)


def method_parameters(book: Book) -> dict[str, float | str]:
    """Return the parameters of a recipe that all indicators, or all nodes, share: name -> value."""
    spec = book.spec
    recipe = book.spec.recipe
    values = shared_values(spec)
    for step in recipe.steps_doing("construct"):
        if step.get("group"):
            values.setdefault("domestic", step.text("domestic"))
    for group in screen_groups(spec.framework, recipe):
        for name, (area, _) in screen_cells(group).items():
            values[area.removeprefix("par_")] = group.step.number(name)
    values |= _rescaling_parameters(recipe)
    rank = rank_settings(recipe, spec.framework.root.code)
    values["rank_digits"] = rank.number("digits")
    places = rank.optional("round_to")
    if places is not None:
        values["rank_round"] = places
    if spec.apart:
        for step in recipe.steps_doing("normalise"):
            if POOL.name in step.record.names:
                values.setdefault("pool", step.text(POOL.name))
    return values


def _rescaling_parameters(recipe: Recipe) -> dict[str, float | str]:
    """Return the parameters of rescaling that all nodes share and that have a value."""
    values: dict[str, float | str] = {}
    for step in recipe.steps_doing("rescale"):
        for parameter in step.record.parameters:
            given = step.get(parameter.name, parameter.default)
            if parameter.is_shared and given is not None:
                name = parameter.defined_name.removeprefix("par_")
                values[name] = step.number(parameter.name)
    return values


def _checking_parameters(book: Book) -> dict[str, float]:
    """Return the parameters of checks likewise."""
    spec = book.spec
    parameters = {
        "slip": (0.2, spec.last is not None),
        "share_tolerance": (SHARE_TOLERANCE, spec.recipe.weights == "shares"),
        "udf_tolerance": (1e-9, True),
        "print_tolerance": (print_tolerance(spec), bool(spec.printed)),
    }
    return {name: value for name, (value, is_used) in parameters.items() if is_used}


def print_tolerance(spec: TemplateSpec) -> float:
    """Return how far a computed number may be from the printed one, in printed units.

    Data that were chosen inside the rounding of print give each number to half its last digit;
    others are computed from rounded numbers themselves.
    """
    decimals = [
        printed.decimals
        for printed in spec.printed
        if printed.by_construction and not printed.is_given
    ]
    if not decimals:
        return TOLERANCE_OF_ROUNDED
    return 0.5 * 10.0 ** -max(decimals)


def _draw_parameters(book: Book, canvas: Canvas, title: int) -> int:
    """Write the parameters and the missing codes below the tree; return the last row."""
    canvas.section(title, "framework.parameters", 1, MISSING_COLUMN - 2)
    first = title + 1
    of_method = method_parameters(book)
    words = {
        "bounds": BOUNDS,
        "domestic": DOMESTIC,
        "pool": (OWN, EVERYONE, *book.spec.populations),
    }
    screened = {}
    for group in screen_groups(book.spec.framework, book.spec.recipe):
        if group.number:
            for name, (area, _) in screen_cells(group).items():
                about = (f"screen_{name}", f" ({group.node})")
                screened[area.removeprefix("par_")] = about
    last = first - 1
    for name, value in (of_method | _checking_parameters(book)).items():
        last += 1
        key, node = screened.get(name, (name, ""))
        label = book.labels.text(f"par.{key}") + node
        canvas.put(last, 1, f"par_{name}", "stub")
        canvas.input(last, 2, value, INPUT_CENTER, number=GENERAL)
        if name in words:
            canvas.choices(canvas.area(last, 2), words[name])
        canvas.put(last, 3, label, indent=1)
        book.define(f"par_{name}", canvas.area(last, 2))
        if name in of_method:
            canvas.put(last, BUILT_COLUMN, value, PUBLISHED_CENTER, number=GENERAL)
            book.parameters[name] = label
    names = ("xl_parameters", 2), ("xl_parameters_built", BUILT_COLUMN)
    for name, column in names:
        book.define(name, canvas.area(first, column, first + len(of_method) - 1))
    codes = book.spec.recipe.missing_codes
    spare = 0 if book.spec.missing_columns else MISSING_SPARE
    columns = max(-(-(len(codes) + spare) // MISSING_ROWS), book.spec.missing_columns)
    canvas.section(
        title, "framework.missing", MISSING_COLUMN, MISSING_COLUMN + columns - 1
    )
    _draw_missing_codes(canvas, first, columns, codes)
    return max(last, first + MISSING_ROWS - 1)


def _draw_missing_codes(
    canvas: Canvas, first: int, columns: int, codes: Sequence[str]
) -> None:
    """Write the missing codes, column by column; cells behind them are free."""
    last = first + MISSING_ROWS - 1
    right = MISSING_COLUMN + columns - 1
    places = product(range(MISSING_COLUMN, right + 1), range(first, last + 1))
    for (column, row), code in zip_longest(places, codes):
        canvas.input(row, column, code, INPUT_CENTER, number=AS_TEXT)
    canvas.book.define("par_missing", canvas.area(first, MISSING_COLUMN, last, right))


def _draw_tree(book: Book, canvas: Canvas) -> int:
    """Write the tree below the title and return its last row."""
    framework = book.spec.framework
    layout = book.layout
    width_of = FRAMEWORK_WIDTHS | BEST_WIDTHS | method_widths(book.spec)
    columns = layout.framework_columns
    canvas.widths([width_of[name] for name in columns])
    for column, name in enumerate(columns, 1):
        own = {**FRAMEWORK_WIDTHS, **BEST_WIDTHS}
        page = "framework" if name in own else "methods"
        canvas.label(FRAMEWORK_HEADER - 1, column, f"{page}.{name}", "header")
        canvas.put(FRAMEWORK_HEADER, column, name, "stub_code", number=NOTHING)
    canvas.gap(FRAMEWORK_HEADER)
    for node in framework.tree_order:
        _draw_node(canvas, node)
    last = FRAMEWORK_FIRST + len(framework.nodes) - 1
    book.define(TREE_NAME, canvas.area(FRAMEWORK_HEADER, 1, last, len(columns)))
    weights, sums, changed = (
        layout.framework_column(name) for name in ("weight", "children_sum", "changed")
    )
    book.define("in_weights", weights)
    canvas.mark(changed, f"{cell(changed.r1, changed.c1)}=1", "note")
    if book.spec.recipe.weights == "shares":
        first = cell(sums.r1, sums.c1, Fix.COLUMN)
        wrong = f"AND(ISNUMBER({first}),ABS({first}-1)>par_share_tolerance)"
        canvas.mark(sums, wrong, "bad")
    message = "权重是不小于 0 的数 / a weight is 0 or more"
    canvas.validate(
        weights,
        {
            "validate": "decimal",
            "criteria": ">=",
            "value": 0,
            "error_title": "xlcity",
            "error_message": message,
        },
    )
    draw_method_columns(book, canvas, last)
    return last


def _effective_weight(layout: Layout, node: Node) -> _Content:
    """Return the share that a node has in the total, as the recipe weighs it: 1 of the root."""
    spec = layout.spec
    parent = node.parent
    look = (CENTER, "0.0000")

    def address(code: str, name: str) -> str:
        return layout.framework_cell(code, name, Fix.NONE, "Framework")

    weight = address(node.code, "weight")
    if parent is None:
        return 1, STUB_CENTER, "0.0000"
    if weighs_by_leaves(spec, parent):
        below, beside = (
            len(spec.framework.leaves_below(code)) for code in (node.code, parent)
        )
        weight = f"{below}/{beside}"
    elif spec.recipe.weights == "relative":
        weight = f"{weight}/{address(parent, 'children_sum')}"
    return f'IFERROR({address(parent, "effective")}*{weight},"")', *look


def _draw_node(canvas: Canvas, node: Node) -> None:
    """Write the row of a node; what methods have of it is left empty."""
    framework = canvas.book.spec.framework
    layout = canvas.book.layout
    leaf = framework.is_indicator(node.code)
    depth = framework.depth(node.code)

    def address(name: str) -> str:
        return layout.framework_cell(node.code, name, Fix.NONE, "Framework")

    def column_cells(name: str) -> str:
        return layout.framework_column(name).ref(home="Framework")

    formula = weight_formula(layout, node.code)
    weight_role = INPUT_CENTER
    if formula:
        weight_role = CENTER
    elif node.parent is not None and weighs_by_leaves(canvas.book.spec, node.parent):
        # A node weighs as much as it has indicators: nothing reads what is given.
        weight_role = STUB_CENTER
    built = parameters_as_built(canvas.book.spec, node.code) if leaf else []
    if not formula and node.parent is not None:
        built.append(as_built(address("weight"), address("report_weight")))
    changed = f"IF(AND({','.join(built)}),0,1)"
    children = (
        f"SUMIF({column_cells('parent')},{address('code')},{column_cells('weight')})"
    )
    decimals = "0.######"
    contents: dict[str, _Content] = {
        "parent": (node.parent, "stub"),
        "level": (depth, STUB_CENTER),
        "weight": (formula or node.weight, weight_role, decimals),
        "children_sum": (None, "stub") if leaf else (children, CENTER, decimals),
        "effective": _effective_weight(layout, node),
        "direction": (int(node.direction), STUB_CENTER),
        "report_weight": (None, "published")
        if formula
        else (node.weight, PUBLISHED_CENTER),
        "changed": (changed, CENTER, "0") if built else (0, STUB_CENTER),
    }
    if not leaf:
        empty = (*BOUND_COLUMNS, *method_widths(canvas.book.spec))
        contents |= dict.fromkeys(empty, (None, "stub"))
    _draw_row(canvas, node, contents, depth)


def _draw_below_tree(
    book: Book, canvas: Canvas, codes: tuple[str, ...], table: str
) -> int:
    """Write a table below the tree, in its columns; return the last row."""
    layout = book.layout
    first = layout.framework_row(codes[0])
    last = layout.framework_row(codes[-1])
    canvas.heading(first - 1, 1, f"framework.{table}")
    for code in codes:
        parent = (code.rpartition(".")[0], "stub")
        _draw_row(canvas, book.spec.framework.inputs[code], {"parent": parent})
    book.define(
        f"xl_{table}", canvas.area(first, 1, last, len(layout.framework_columns))
    )
    return last


def _draw_row(
    canvas: Canvas,
    measured: Node | Ingredient,
    contents: Mapping[str, _Content],
    depth: int = 0,
) -> None:
    """Write code, names, texts and plausible range of what is measured, and further cells."""
    layout = canvas.book.layout
    language = canvas.book.spec.language
    row = layout.framework_row(measured.code)
    column = layout.framework_columns.index
    code, zh, en = (
        cell(row, column(name) + 1) for name in ("code", "name_zh", "name_en")
    )
    shown = shown_name(code, zh, en, language)
    canvas.formula(
        row, column("display") + 1, shown, "name", indent=depth, text_wrap=True
    )
    for name in filter(layout.framework_columns.__contains__, (*TEXTS, *BEST_WIDTHS)):
        text = getattr(measured, name, "")
        canvas.input(row, column(name) + 1, text, text_wrap=True, **SMALL)
    no_number = measured.no_data is None
    in_row: dict[str, _Content] = {
        "code": (measured.code, "stub"),
        **{
            name: (getattr(measured, name), INPUT_CENTER, "General")
            for name in BOUND_COLUMNS
        },
        **({"no_data": (None, "stub")} if no_number else {}),
        **contents,
    }
    for name, (content, role, *number) in in_row.items():
        write: Any = canvas.input if role.startswith("input") else canvas.put
        if role.startswith("calculation"):
            write = canvas.formula
        write(row, column(name) + 1, content, role, *number)
