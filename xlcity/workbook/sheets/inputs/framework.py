"""`Framework`: the tree with its weights and definitions, parameters, and the record."""

from __future__ import annotations

from collections.abc import Sequence

from xlcity.functions.arguments import EVERYONE
from xlcity.functions.links import DOMESTIC
from xlcity.functions.normalise import BOUNDS
from xlcity.index.compute import rank_settings
from xlcity.index.prepare import screen_groups
from xlcity.methods.normalise.scales import OWN
from xlcity.model.framework import SHARE_TOLERANCE, Framework
from xlcity.model.nodes import Ingredient, Node
from xlcity.model.recipe import Recipe
from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import cell
from xlcity.workbook.drawing.titled_sheet import titled_sheet
from xlcity.workbook.labels import name_in, shown_name
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.rows import (
    FRAMEWORK_FIRST,
    FRAMEWORK_HEADER,
    FRAMEWORK_WIDTHS,
)
from xlcity.workbook.live_recipe import screen_cells
from xlcity.workbook.sheets.calculation.constructed import draw_parameters
from xlcity.workbook.sheets.inputs.methods import draw_method_columns, method_widths
from xlcity.workbook.sheets.inputs.record import draw_foot
from xlcity.workbook.steps.method_table import methods_of, shared_values, step_of
from xlcity.workbook.steps.nodes import weighs_by_leaves
from xlcity.workbook.steps.weigh import weight_formula

MISSING_COLUMN = 7  # the missing codes stand beside the parameters
MISSING_ROWS = 4
MISSING_SPARE = 3
#: Parameters that are words, and which.
TEXT_PARAMETERS = {"bounds": BOUNDS, "domestic": DOMESTIC}
BOUND_COLUMNS = ("valid_low", "valid_high", "no_data")
#: Columns of text that a user may edit.
TEXTS = ("name_zh", "name_en", "uom_zh", "uom", "definition_zh", "definition", "notes")


def draw(book: Book) -> None:
    """Draw the sheet and define the names of its parameters and columns."""
    canvas = titled_sheet(book, "Framework")
    last = _draw_tree(book, canvas)
    if book.layout.variables:
        last = _draw_below_tree(book, canvas, book.layout.variables, "variables")
    if book.layout.ingredients:
        last = _draw_ingredients(book, canvas)
    last = _draw_parameters(book, canvas, last + 2)
    last = draw_foot(book, canvas, last + 2)
    # Two sheets of paper side by side: numbers on the first, texts on the second.
    columns = book.layout.framework_columns
    names = columns.index("display") + 1
    canvas.frame(FRAMEWORK_HEADER, names, titles=(FRAMEWORK_HEADER - 1, FRAMEWORK_HEADER))
    canvas.sheet.freeze_panes(FRAMEWORK_HEADER, 1)
    area = canvas.area(1, 1, last, len(columns) - 1)
    canvas.page(area, a3=True, split=(columns.index("valid_low") + 1,))
    canvas.protect()


def parameter_values(book: Book) -> dict[str, float | str]:
    """Return the live parameters of the recipe: name -> value."""
    recipe = book.spec.recipe
    values = {**shared_values(book.spec), **recipe_parameters(recipe, book.spec.framework)}
    values["neighbour"] = 20
    if book.spec.last is not None:
        values["slip"] = 0.2
    if recipe.weights == "shares":
        values["share_tolerance"] = SHARE_TOLERANCE
    values["udf_tolerance"] = 1e-9
    if book.spec.printed:
        values["print_tolerance"] = 0.01
    return values


def recipe_parameters(recipe: Recipe, framework: Framework) -> dict[str, float | str]:
    """Return the parameters of a recipe that all indicators, or all nodes, share: name -> value."""
    values: dict[str, float | str] = {}
    grouped = [step for step in recipe.steps_doing("construct") if step.get("group")]
    if grouped:
        values["domestic"] = str(grouped[0].get("domestic", "exclude"))
    for group in screen_groups(framework, recipe):
        for name, area in screen_cells(group).items():
            values[area.removeprefix("par_")] = group.step.number(name)
    for step in recipe.steps_doing("rescale"):
        if step.method == "efficacy":
            values["omega"] = step.number("omega", 40.0)
        if step.get("constant") is not None:
            values["constant"] = step.number("constant", 100.0)
    rank = rank_settings(recipe, framework.root.code)
    values["rank_digits"] = rank.number("digits")
    if (places := rank.optional("round_to")) is not None:
        values["rank_round"] = places
    return values


def _draw_ingredients(book: Book, canvas: Canvas) -> int:
    """Write the table of ingredients, and parameters of theirs; return the last row."""
    layout = book.layout
    last = _draw_below_tree(book, canvas, layout.ingredients, "ingredients")
    if any(layout.construct_method(code) == "pm25_grade" for code in layout.constructed):
        return draw_parameters(book, canvas, last + 2)
    return last


def _draw_below_tree(book: Book, canvas: Canvas, codes: tuple[str, ...], table: str) -> int:
    """Write a table below the tree, in its columns; return the last row."""
    layout = book.layout
    inputs = book.spec.framework.inputs
    first = layout.framework_row(codes[0])
    canvas.label(first - 1, 1, f"framework.{table}", "section")

    def column(name: str) -> int:
        return layout.framework_columns.index(name) + 1

    for code in codes:
        row, node = layout.framework_row(code), inputs[code]
        named = name_in(book.spec.language, node)
        canvas.fit(row, [(named, FRAMEWORK_WIDTHS["display"])], least=30)
        canvas.text(row, column("code"), code, "stub")
        canvas.text(row, column("parent"), code.rpartition(".")[0], "stub")
        zh, en = cell(row, column("name_zh")), cell(row, column("name_en"))
        show = shown_name(cell(row, column("code")), zh, en, book.spec.language)
        canvas.formula(row, column("display"), show, "name", text_wrap=True)
        for name in TEXTS:
            canvas.input(row, column(name), getattr(node, name), "input", text_wrap=True,
                         font_size=9)  # fmt: skip
        _draw_bounds(canvas, row, node)
    last = layout.framework_row(codes[-1])
    book.define(f"xl_{table}", canvas.area(first, 1, last, len(layout.framework_columns)))
    return last


def _draw_parameters(book: Book, canvas: Canvas, title: int) -> int:
    """Write the parameters and the missing codes below the tree; return the last row."""
    canvas.band(title, range(1, MISSING_COLUMN - 1), "section")
    canvas.label(title, 1, "framework.parameters", "section")
    first = title + 1
    parameters = parameter_values(book)
    screened = {
        area.removeprefix("par_"): group.node
        for group in screen_groups(book.spec.framework, book.spec.recipe)
        for area in screen_cells(group).values()
        if group.number
    }
    for offset, (name, value) in enumerate(parameters.items()):
        row = first + offset
        canvas.text(row, 1, f"par_{name}", "stub")
        canvas.input(row, 2, value, "input_center", "General")
        if name in TEXT_PARAMETERS:
            canvas.choices(canvas.area(row, 2), TEXT_PARAMETERS[name])
        if name in screened:
            label = book.labels.ref(f"par.{name.rpartition('_')[0]}")
            canvas.formula(row, 3, f'{label}&" ({screened[name]})"', "plain", indent=1)
        else:
            canvas.label(row, 3, f"par.{name}", "plain", indent=1)
        book.define(f"par_{name}", canvas.area(row, 2))
        book.parameters[name] = f"par_{name}"
    if book.spec.apart and "zscore" in methods_of(book.spec):
        row = first + len(parameters)
        parameters = {**parameters, "pool": 0}
        _draw_pool(book, canvas, row)
    codes = book.spec.recipe.missing_codes
    columns = -(-(len(codes) + MISSING_SPARE + 1) // MISSING_ROWS)
    canvas.band(title, range(MISSING_COLUMN, MISSING_COLUMN + columns), "section")
    canvas.label(title, MISSING_COLUMN, "framework.missing", "section")
    _draw_missing_codes(canvas, first, columns, codes)
    return first + max(len(parameters), MISSING_ROWS) - 1


def _draw_missing_codes(canvas: Canvas, first: int, columns: int, codes: Sequence[str]) -> None:
    """Write the missing codes, the text of a blank as the last of them, and a number beside each.

    The number is 1 beside the first cell with a code, 2 beside that of a blank, and 0 beside a
    repeated code or an empty cell, which equals 0.
    """
    for position in range(columns * MISSING_ROWS):
        down, right = position % MISSING_ROWS, position // MISSING_ROWS
        row, column = first + down, MISSING_COLUMN + right
        beside = column + columns
        if position == columns * MISSING_ROWS - 1:
            canvas.formula(row, column, '""', "calculation_center")
            canvas.number(row, beside, 2, "stub_center", "0")
            continue
        code = codes[position] if position < len(codes) else None
        canvas.input(row, column, code, "input_center", "@")
        code = cell(row, column)
        times = f"SUMPRODUCT(({canvas.range(first, column, row, column)}={code})*1)"
        if right:
            before = canvas.range(first, MISSING_COLUMN, first + MISSING_ROWS - 1, column - 1)
            times += f"+SUMPRODUCT(({before}={code})*1)"
        shown = f'IF({code}="",0,IF({times}=1,1,0))'
        canvas.formula(row, beside, shown, "calculation_center", "0")
    last, right = first + MISSING_ROWS - 1, MISSING_COLUMN + columns
    canvas.book.define("par_missing", canvas.area(first, MISSING_COLUMN, last, right - 1))
    canvas.book.define("xl_gap", canvas.area(first, right, last, right + columns - 1))


def _draw_pool(book: Book, canvas: Canvas, row: int) -> None:
    """Write whose mean and deviation populations after the first take."""
    steps = [s for s in book.spec.recipe.steps_doing("normalise") if s.method == "zscore"]
    canvas.text(row, 1, "par_pool", "stub")
    pools = [OWN, EVERYONE, *book.spec.populations]
    canvas.chooser(row, 2, str(steps[0].get("pool", OWN)), pools, role="input_center")
    canvas.label(row, 3, "par.pool", "plain", indent=1)
    book.define("par_pool", canvas.area(row, 2))


def _draw_tree(book: Book, canvas: Canvas) -> int:
    """Write the tree below the title and return its last row."""
    framework, layout = book.spec.framework, book.layout
    width_of = FRAMEWORK_WIDTHS | method_widths(book.spec)
    columns = layout.framework_columns
    canvas.widths([width_of[name] for name in columns])
    keys = [f"{'framework' if n in FRAMEWORK_WIDTHS else 'methods'}.{n}" for n in columns]
    canvas.heads(FRAMEWORK_HEADER - 1, keys, room=[width_of[name] for name in columns])
    for column, name in enumerate(columns, 1):
        canvas.text(FRAMEWORK_HEADER, column, name, "stub_code")
    for offset, node in enumerate(framework.tree_order):
        row = FRAMEWORK_FIRST + offset
        # The name is set larger than the texts.
        room = (FRAMEWORK_WIDTHS["display"] - 2.0 * framework.depth(node.code)) * 0.9
        texts = [
            (name_in(book.spec.language, node), room),
            *((getattr(node, name), FRAMEWORK_WIDTHS[name]) for name in TEXTS),
        ]
        if framework.is_indicator(node.code):
            method = step_of(book.spec, node.code).method
            texts.append((book.labels.text(f"method.{method}"), width_of["meaning"]))
        canvas.fit(row, texts, 9, 20)
        _draw_node(book, canvas, row, node)
    last = FRAMEWORK_FIRST + len(framework.nodes) - 1
    book.define("xl_framework", canvas.area(FRAMEWORK_HEADER, 1, last, len(columns)))
    book.define("in_weights", layout.framework_column("weight"))
    sums = layout.framework_column("children_sum")
    first = cell(sums.r1, sums.c1, "c")
    changed = layout.framework_column("changed")
    canvas.mark(changed, f"{cell(changed.r1, changed.c1)}=1", "note")
    if book.spec.recipe.weights == "shares":
        wrong = f"AND(ISNUMBER({first}),ABS({first}-1)>par_share_tolerance)"
        canvas.mark(sums, wrong, "bad")
    rule = {
        "validate": "decimal",
        "criteria": ">=",
        "value": 0,
        "error_title": "xlcity",
        "error_message": "权重是不小于 0 的数 / a weight is 0 or more",
    }
    canvas.validate(layout.framework_column("weight"), rule)
    draw_method_columns(book, canvas, last)
    return last


def _effective_weight(layout: Layout, node: Node) -> str:
    """Return the formula of the share that a node has in the total, as the recipe weighs it."""
    spec, parent = layout.spec, node.parent

    def address(code: str, name: str) -> str:
        return layout.framework_cell(code, name, "", "Framework")

    weight = address(node.code, "weight")
    if parent is None:
        return weight
    above = address(parent, "effective")
    if weighs_by_leaves(spec, parent):
        below, beside = (len(spec.framework.leaves_below(code)) for code in (node.code, parent))
        return f"{above}*{below}/{beside}"
    if spec.recipe.weights == "relative":
        return f"{above}*{weight}/{address(parent, 'children_sum')}"
    return f"{above}*{weight}"


def _draw_node(book: Book, canvas: Canvas, row: int, node: Node) -> None:
    framework, layout = book.spec.framework, book.layout
    leaf = framework.is_indicator(node.code)
    depth = framework.depth(node.code)

    def cell_of(name: str, fix: str = "") -> str:
        return cell(row, column(name), fix)

    def column(name: str) -> int:
        return layout.framework_columns.index(name) + 1

    def column_cells(name: str) -> str:
        return layout.framework_column(name).ref("rc", "Framework")

    canvas.text(row, column("code"), node.code, "stub")
    canvas.text(row, column("parent"), node.parent or "", "stub")
    canvas.number(row, column("level"), depth, "stub_center")
    show = shown_name(cell_of("code"), cell_of("name_zh"), cell_of("name_en"), book.spec.language)
    canvas.formula(row, column("display"), show, "name", indent=depth, text_wrap=True)
    for name in TEXTS:
        canvas.input(row, column(name), getattr(node, name), "input", text_wrap=True, font_size=9)
    weight = weight_formula(layout, node.code)
    if weight:
        canvas.formula(row, column("weight"), weight, "calculation_center", "0.######")
    elif node.parent is not None and weighs_by_leaves(book.spec, node.parent):
        # A node weighs as much as it has indicators: nothing reads what is given.
        canvas.number(row, column("weight"), node.weight, "stub_center", "0.######")
    else:
        canvas.input(row, column("weight"), node.weight, "input_center", "0.######")
    if leaf:
        canvas.blank(row, column("children_sum"), "stub")
    else:
        formula = f"SUMIF({column_cells('parent')},{cell_of('code')},{column_cells('weight')})"
        canvas.formula(row, column("children_sum"), formula, "calculation_center", "0.######")
    share = _effective_weight(layout, node)
    canvas.formula(row, column("effective"), f'IFERROR({share},"")', "calculation_center", "0.0000")
    canvas.number(row, column("direction"), int(node.direction), "stub_center")
    if leaf:
        _draw_bounds(canvas, row, node)
    else:
        empty = (*BOUND_COLUMNS, *method_widths(book.spec))
        canvas.band(row, [column(name) for name in empty], "stub")
    _draw_weight_as_built(book, canvas, row, None if weight else node.weight)


def _draw_bounds(canvas: Canvas, row: int, node: Node | Ingredient) -> None:
    """Write the plausible range of an input, and the number that is no data if it has one."""
    for name in BOUND_COLUMNS:
        column = canvas.book.layout.framework_columns.index(name) + 1
        if name == "no_data" and node.no_data is None:
            canvas.blank(row, column, "stub")
        else:
            canvas.input(row, column, getattr(node, name), "input_center", "General")


def _draw_weight_as_built(book: Book, canvas: Canvas, row: int, weight: float | None) -> None:
    """Write a weight as built, and whether it has changed; None for a weight by formula."""
    built, now, changed = (
        book.layout.framework_columns.index(name) + 1
        for name in ("report_weight", "weight", "changed")
    )
    if weight is None:
        canvas.blank(row, built, "published")
        canvas.formula(row, changed, "0", "calculation_center", "0")
        return
    canvas.number(row, built, weight, "published_center", "General")
    here, then = cell(row, now), cell(row, built)
    # A blank equals 0 in a comparison; counting tells them apart.
    same = f"COUNT({here})=COUNT({then}),{here}={then}"
    canvas.formula(row, changed, f"IF(AND({same}),0,1)", "calculation_center", "0")
