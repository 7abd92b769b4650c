"""No input is dead: what may be typed reaches a score, a rank, a check or a text that is shown."""

import functools
from dataclasses import replace

import numpy as np
import pytest

from tests.helpers.few_cities import of_cities
from tests.helpers.threefold import dataset
from xlcity.methods.registry import METHODS
from xlcity.model.dataset import State
from xlcity.model.framework import Framework
from xlcity.model.nodes import Node
from xlcity.model.recipe import Recipe, Step
from xlcity.recalc.scenarios import run_scenarios
from xlcity.reports import load_report, report_ids
from xlcity.workbook.build import draw
from xlcity.workbook.layout import Layout
from xlcity.workbook.preparations import columns
from xlcity.workbook.spec.from_report import own_spec, template_spec
from xlcity.workbook.tabs import with_pages
from xlcity.xlsx.cells import read_book, resolve
from xlcity.xlsx.formulas.graph import Graph

#: Columns that hold text by design, by sheet and heading: what cities and indicators are (shown in
#: chapters), where a value comes from and who typed it, what reviewers write.
TEXT = {
    "Cities": {
        "admin_level",
        "capital",
        "country",
        "country_zh",
        "gdp",
        "other_rank",
        "population_group",
        "province",
        "province_zh",
    },
    "Framework": {"uom", "uom_zh", "definition", "definition_zh", "notes"},
    "Sources": {
        "source",
        "source_zh",
        "period",
        "scope",
        "url",
        "remark",
        "year",
        "entered_by",
        "checked_by",
    },
    "Review": {"city", "node", "cell", "who", "date", "answer"},
}
SCORES = ("out_scores", "out_ranks", "out_pair_scores", "out_pair_ranks", "chk_table")


def of_report(report_id):
    report = load_report(report_id)
    units = report.dataset.units
    groups = dict.fromkeys(unit.population for unit in units if unit.population)
    keep = [
        u.id for name in groups for u in [u for u in units if u.population == name][:4]
    ]
    spec = with_pages(template_spec(report), ["all"])
    return replace(spec, dataset=of_cities(spec.dataset, keep), spare_units=1)


def of_methods():
    """Return an index of every method of normalising, with every parameter, imputed."""
    params = {
        "minmax": {"floor": 1, "constant": 30, "bounds": "max", "base": 2},
        "goalposts": {"low": 45.0, "high": 60.0, "base": 1, "constant": 7},
        "dist2target": {"target": 70.0},
        "dist2ref": {"unit": "u01"},
        "bands": {"cuts": (45.0, 52.0), "scores": (0.0, 5.0, 9.0)},
        "rating": {"unrated": 1},
        "zscore": {"again": "yes", "clip": 1.0},
        "rank": {"missing": "lowest", "ties": "average"},
    }
    steps = [Step("impute_scores", "dimension_mean", {})]
    steps += [
        Step("normalise", method, params.get(method, {}), (f"C{at:02d}",))
        for at, method in enumerate(METHODS["normalise"])
    ]
    steps += [
        Step("normalise", method, {"constant": 30}, (f"E{at}",))
        for at, method in enumerate(("minmax", "goalposts"))
    ]
    steps.append(
        Step("normalise", "zscore", {"mean": 50, "sd": 10, "clip": 1.0}, ("E2",))
    )
    codes = [step.codes[0] for step in steps if step.codes]
    return _own("methods", codes, steps, values={"E0": [50.0] * 14, "E1": [50.0] * 14})


def of_prepared():
    """Return an index of values that are divided and treated before they are normalised."""
    steps = [
        Step("denominate", "by", {"denominator": "C00", "scale": 2.0}, ("C01",)),
        Step("treat", "clip", {"limit": 1.0}, ("C02",)),
        Step("treat", "boxcox", {"power": 0.5}, ("C03",)),
        Step("treat", "percentile", {}, ("C04",)),
        Step("normalise", "efficacy", {}),
    ]
    skewed = [*range(50, 63), 500.0]
    return _own(
        "prepared", [f"C{at:02d}" for at in range(5)], steps, values={"C03": skewed}
    )


def of_leaves():
    """Return an index whose nodes weigh as much as they have indicators."""
    steps = [Step("normalise", "zscore", {}), Step("rescale", "efficacy", {})]
    return _own("leaves", ["C00", "C01", "C02", "C03"], steps, weights="leaves")


def _own(name, codes, steps, values=None, **how):
    nodes = [
        Node("X", None, "", "Index"),
        Node("P", "X", "", "P"),
        Node("Q", "X", "", "Q"),
    ]
    nodes += [Node(c, "PQ"[at % 2], "", c, 1.0 + at % 3) for at, c in enumerate(codes)]
    more = (
        Step("aggregate", "arithmetic", how),
        Step("rank", "competition", {"digits": 9}),
    )
    recipe = Recipe(name, (*steps, *more), weights="relative", blank="missing")
    data = dataset(codes)
    for code, column in (values or {}).items():
        at = data.column(code)
        data.values[:, at] = np.where(data.states[:, at] == State.VALUE, column, np.nan)
    return with_pages(own_spec(Framework(tuple(nodes)), recipe, data), ["all"])


SPECS = {name: functools.partial(of_report, name) for name in report_ids()}
OWN = {"methods": of_methods, "prepared": of_prepared, "leaves": of_leaves}
SPECS |= OWN
#: Those that take long.
LARGE = {"gihi2023", "bri2021", "iecc2024", "methods", "prepared"}
#: The large reports take minutes: they are among the long tests.
SLOW = {
    name: pytest.param(
        name, marks=pytest.mark.long if name in report_ids() else pytest.mark.slow
    )
    for name in LARGE
}


@functools.cache
def drawn(name):
    package = draw(SPECS[name]())[0]
    return package, read_book(package)


def unlocked(package, book):
    """Return the cells that may be typed in.

    The codes of the fields of `Cities` are unlocked for sorting alone: what is typed is refused.
    """
    styles = package.styles
    cities = resolve(book, "xl_cities")
    return {
        (name, position)
        for name, sheet in book.sheets.items()
        for position, cell in sheet.cells.items()
        if styles.look(cell.style).get("unlocked")
        and (name, position[0]) != (cities.sheet, cities.r1)
    }


def reached(book, targets):
    """Return the cells from which the targets follow."""
    graph = Graph(book)
    seen = set()
    areas = set()
    todo = list(targets)
    while todo:
        place = todo.pop()
        if place in seen:
            continue
        seen.add(place)
        for area in set(graph.reads(*place)) - areas:
            areas.add(area)
            cells = book.sheets[area.sheet].cells
            todo += (
                (area.sheet, (row, column))
                for row in range(area.r1, area.r2 + 1)
                for column in range(area.c1, area.c2 + 1)
                if (row, column) in cells
            )
    return seen


def named(book, *names):
    return [
        (area.sheet, (row, column))
        for area in (resolve(book, name) for name in names if name in book.names)
        for row in range(area.r1, area.r2 + 1)
        for column in range(area.c1, area.c2 + 1)
    ]


def heading(book, inputs, sheet, position):
    """Return the nearest static text above an input that is not an input."""
    cells = book.sheets[sheet].cells
    column = position[1]
    above = (
        cells.get((row, column))
        for row in range(position[0] - 1, 3, -1)
        if (sheet, (row, column)) not in inputs
    )
    texts = (cell.value for cell in above if cell is not None and cell.formula is None)
    return next((text for text in texts if isinstance(text, str) and text), "")


@pytest.mark.parametrize("name", [SLOW.get(name, name) for name in SPECS])
def test_every_input_is_read(name):
    package, book = drawn(name)
    inputs = unlocked(package, book)
    formulas = [
        (sheet, position)
        for sheet, content in book.sheets.items()
        for position, cell in content.cells.items()
        if cell.formula is not None
    ]
    dead = {
        (sheet, heading(book, inputs, sheet, position))
        for sheet, position in inputs - reached(book, formulas)
    }
    assert dead <= {
        (sheet, title) for sheet, titles in TEXT.items() for title in titles
    }


@pytest.mark.parametrize("name", [SLOW.get(name, name) for name in SPECS])
def test_every_value_weight_and_parameter_reaches_a_score_a_rank_or_a_check(name):
    package, book = drawn(name)
    parameters = [n for n in book.names if n.startswith("par_") and n != "par_missing"]
    wanted = named(book, "in_data", "in_weights", "xl_methods", *parameters)
    wanted = unlocked(package, book).intersection(wanted)
    assert wanted - reached(book, named(book, *SCORES)) == set()
    assert len(wanted) > len(parameters) >= 2


#: What parameters that are words may be, too.
OTHER_WORDS = {
    "max": "mean",
    "u01": "u07",
    "exclude": "include",
    "own": "all",
    "presence": "values",
    "values": "presence",
}
#: Parameters that no method reads: digits, tolerances.
NO_METHOD = {
    "par_rank_digits",
    "par_udf_tolerance",
    "par_share_tolerance",
    "par_print_tolerance",
}
#: Parameters for cases that none of the few cities of a report is: no rating, equal values, a band;
#: sister cities are one or none.
NO_CASE = {
    "image2025": {"par_unrated"},
    "bri2021": {"par_flat", "par_count_BRI_POL_SIS", "par_pair_count_BRI_POL_SIS"},
    "iecc2024": {"par_band_weight"},
}


def other_values(value):
    """Return what may be typed in place of a value: one of these makes a difference."""
    if isinstance(value, str) and value:
        return [OTHER_WORDS.get(value, "no")]
    number = value if isinstance(value, float) else 50.0
    return [0.0, 0.3 * number, 0.9 * number, 2 * number + 1, 80.0]


def own_parameters(name):
    """Return the cells of parameters and weights in which a number or a word stands or may stand.

    A cell of a method that follows a parameter of all indicators changes with that one.
    """
    package, book = drawn(name)
    parameters = [n for n in book.names if n.startswith("par_") and n != "par_missing"]
    kept = [n for n in parameters if n not in NO_METHOD | NO_CASE.get(name, set())]
    # The root's weight multiplies the shares that are shown.
    root, *weights = named(book, "in_weights")
    inputs = unlocked(package, book)
    return [
        (sheet, position)
        for sheet, position in (*named(book, "xl_methods", *kept), *weights)
        if (sheet, position) != root
        and (sheet, position) in inputs
        and book.sheets[sheet].cells[position].formula is None
    ]


@pytest.mark.parametrize(
    "name",
    [
        *(SLOW.get(name, name) for name in OWN if name != "methods"),
        # What takes minutes is among the long tests.
        *(
            pytest.param(name, marks=pytest.mark.long)
            for name in ("methods", *report_ids())
        ),
    ],
)
def test_every_parameter_that_is_changed_changes_a_result(name):
    package, book = drawn(name)
    inputs = unlocked(package, book)
    places = own_parameters(name)
    scenarios = [
        {place: v}
        for place in places
        for v in other_values(book.value(place[0], *place[1]))
    ]
    outputs = named(book, "out_normalised", *SCORES)
    layout = Layout(SPECS[name]())
    for block in (layout.blocks[part] for part, codes in columns(layout.spec) if codes):
        # With what is computed above its columns.
        outputs += [
            (block.sheet, p)
            for p, cell in book.sheets[block.sheet].cells.items()
            if cell.computed and block.left <= p[1] <= block.right
        ]
    result = run_scenarios(package, scenarios, outputs)

    methods, weights = (set(named(book, name)) for name in ("xl_methods", "in_weights"))
    area = resolve(book, "xl_methods")
    method = area.c1 + book.block(area)[0].index("method")

    def kind(place):
        """Return what cells have alike of which one must count: method and its parameter."""
        sheet, position = place
        if place not in methods or place in weights:
            return place
        return book.value(sheet, position[0], method), heading(
            book, inputs, sheet, position
        )

    changed = {
        kind(place)
        for scenario, row in zip(scenarios, result.rows, strict=True)
        for place in scenario
        if row != result.base
    }
    assert {kind(place) for place in places} - changed == set()
