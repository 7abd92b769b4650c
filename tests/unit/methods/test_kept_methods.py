"""Every method as a whole, kept as text: what it takes, refuses, computes and writes into cells."""

from collections.abc import Iterator
from itertools import chain, product

import numpy as np
import pytest

from tests.helpers.kept import as_text
from xlcity.functions.block import CellArray
from xlcity.index.steps import span_of
from xlcity.methods.aggregate.record import Aggregation, NodeCells
from xlcity.methods.normalise.record import (
    ColumnCells,
    Extent,
    Indicator,
    Normalisation,
)
from xlcity.methods.record import Method
from xlcity.methods.registry import (
    METHODS,
    OPTIONS,
    describe_word_parts,
    words_of_option,
)
from xlcity.methods.rescale.record import Rescaling
from xlcity.methods.treat.record import Treatment
from xlcity.methods.weight.record import Weighting
from xlcity.model.dataset import State
from xlcity.model.framework import Framework
from xlcity.model.recipe import Step

RECORDS = [method for methods in METHODS.values() for method in methods.values()]
NODE = Framework.read("code,parent,direction,target\nT,,,\na,T,1,\n")["a"]
NA = "NA"
BLANK = None
#: Columns that methods go wrong about.
COLUMNS: dict[str, list[float | str | None]] = {
    "plain": [1.0, 2.0, 4.0, 4.0, 9.0],
    "gaps": [3.0, NA, 1.0, BLANK, 2.0],
    "signed": [-2.0, 0.0, 0.0, 5.0, 1.0],
    "alike": [3.0, 3.0, NA, 3.0, 3.0],
    "one": [NA, NA, 7.0, NA, NA],
    "none": [NA, BLANK, NA, NA, BLANK],
    "far": [1.0, 1.1, 0.9, 1.0, 900.0],
}
#: Step and method -> further parameters to try it with, after those that it has by itself.
TRIED: dict[tuple[str, str], list[dict]] = {
    ("normalise", "minmax"): [
        {"base": 1.0, "scale": 10.0},
        {"constant": 50.0},
        {"lower": 0.0, "upper": 3.0},
        {"lower": 9.0, "constant": 50.0},
        {"bounds": "max"},
        {"bounds": "mean", "floor": 25.0},
    ],
    ("normalise", "zscore"): [
        {"ddof": 0, "mean": 100.0, "sd": 10.0},
        {"clip": 1.0},
        {"constant": 7.0},
        {"clip": 1.0, "again": "yes"},
        {"mean": 100.0, "clip": 1.0},
        {"sd": 10.0, "constant": 7.0},
    ],
    ("normalise", "goalposts"): [
        {"low": 1.0, "high": 4.0},
        {"low": "p25", "high": "mean of best 2"},
        {"low": 4.0, "high": 4.0, "constant": 1.0},
        {"low": 0.0, "high": 10.0, "base": 1.0, "scale": 7.0},
    ],
    ("normalise", "efficacy"): [
        {"omega": 30.0},
        {"low": 0.0, "high": 5.0},
        {"constant": 1.0},
    ],
    ("normalise", "rank"): [{"ties": "max"}, {"ties": "average", "missing": "lowest"}],
    ("normalise", "percentile"): [{"ties": "average"}, {"scale": 10.0}],
    ("normalise", "borda"): [{"ties": "average", "base": 1.0}],
    ("normalise", "bands"): [
        {"cuts": (1.0, 2.0, 4.0)},
        {"cuts": (2.0,), "scores": (5.0, 1.0)},
    ],
    ("normalise", "above_mean"): [{"threshold": 0.5}],
    ("normalise", "dist2target"): [{"target": 3.0}, {"target": 3.0, "cap": "yes"}],
    ("normalise", "dist2max"): [{"constant": 2.0}],
    ("normalise", "rating"): [{"max": 4.0}, {"max": 4.0, "unrated": 1.0}],
    ("treat", "log"): [{"log": "ln", "when": "skewed"}],
    ("treat", "winsor"): [{"points": 1.0, "kurt": 1.0}],
    ("treat", "winsor_log"): [{"points": 0.0}],
    ("treat", "boxcox"): [{"power": 0.5}, {"power": 0.5, "when": "skewed"}],
    ("aggregate", "power"): [{"power": -1.0}, {"power": 2.0}],
    ("aggregate", "mpi"): [{"penalty": "plus"}],
}


def tried(method: Method) -> Iterator[dict]:
    """Yield parameters to try a method with."""
    if not {"cuts", "target", "judgements"} & {*method.names}:
        yield {}
    yield from TRIED.get((method.step, method.name), [])


def states_of(values: list) -> np.ndarray:
    words = {NA: State.MISSING, BLANK: State.BLANK}
    return np.array([words.get(value, State.VALUE) for value in values], dtype=np.uint8)


def numbers_of(values: list) -> np.ndarray:
    return np.array([np.nan if v in (NA, BLANK) else v for v in values], dtype=float)


def cells_of(block: CellArray) -> list:
    """Return the cells of the first column: numbers, or the text of errors."""
    assert block.values.shape == block.errors.shape
    cells = []
    for row, value in enumerate(block.values[:, 0].tolist()):
        error = block.error(row, 0)
        cells.append(value if error is None else error.value)
    return cells


def row_of(cells: list) -> str:
    return as_text([cells]).removeprefix("- ")


def heading(method: Method, params: dict) -> str:
    return f"{method.step} {method.name} " + ", ".join(
        f"{k}={v}" for k, v in params.items()
    )


def test_what_every_method_takes(require_kept):
    lines = []
    for method in RECORDS:
        lines.append(
            f"{method.step} {method.name}: " + " ".join(w.spelled for w in method.words)
        )
        lines[-1] += (
            f" ({', '.join(method.names)}; reads the framework: {method.reads_framework})"
        )
        for one in method.parameters:
            limits = (
                f" from {one.limits[0]:g} to {one.limits[1]:g}" if one.limits else ""
            )
            above = "" if one.above is None else f" above {one.above:g}"
            lines.append(f"  {one.name} = {one.default!r}{limits}{above}")
    for option in OPTIONS:
        lines.append(f"--{option}: " + ", ".join(words_of_option(option)))
        for language in ("en", "zh"):
            meanings = describe_word_parts(option, language).split("; ")
            lines += [f"  {language} {meaning}" for meaning in meanings]
    require_kept("records", "\n".join(lines))


WRONG = (
    True,
    "x",
    "",
    (),
    (1.0, "x"),
    ("a", ""),
    [2],
    None,
    1.5,
    "p5",
    "p101",
    "mean-2sd",
    np.nan,
)


def test_what_parameters_refuse(require_kept):
    """One parameter of each kind, and the name of none."""
    seen = set()
    lines = []
    for method in RECORDS:
        lines += [] if method.names else [method.problem("scale", 1.0)]
        for parameter in method.parameters:
            kind = (
                type(parameter.kind)
                if isinstance(parameter.kind, tuple)
                else parameter.kind
            )
            if kind not in seen:
                seen.add(kind)
                lines += [
                    method.problem(parameter.name, value) or f"ok {value!r}"
                    for value in WRONG
                ]
    lines.append(METHODS["normalise"]["minmax"].problem("scales", 1.0))
    require_kept("refused", "\n".join(lines))


#: Parameters that contradict each other, by step; all methods of the step are asked about them.
CONTRADICTIONS = {
    "normalise": [
        {},
        {"low": 3.0, "high": 3.0},
        {"low": 1.0},
        {"low": 4.0, "high": 1.0},
        {"again": 1.0},
        {"cuts": (3.0, 1.0)},
        {"cuts": (1.0, 1.0)},
        {"cuts": (1.0,), "scores": (1.0,)},
        {"cuts": (1.0, 2.0), "scores": (9.0, 8.0, 7.0)},
        {"cuts": (1.0, 2.0), "scores": (9.0,)},
        {"cuts": (1.0,), "scores": (9.0, 8.0, 7.0)},
        {"low": "p95", "high": 1.0},
        {"high": 1.0},
        {"bounds": "editions", "lower": 1.0},
        {"again": "yes", "clip": 1.0},
        {"target": 0.0},
    ],
    "treat": [
        {},
        {"low": 90.0, "high": 10.0},
        {"low": -1.0},
        {"high": 101.0},
        {"low": 0.0, "high": 100.0},
        {"low": 9.0, "high": 9.0},
    ],
    "impute_raw": [
        {},
        {"level": "x"},
        {"number": 0.0},
        {"number": 1.5},
        {"seed": -1.0},
    ],
    "screen": [
        {},
        {"data": 1.5},
        {"data": 1.0, "nonzero": 0.0},
        {"nonzero": -0.1},
        {"keep": ("a",), "drop": ("b", "a")},
    ],
    "aggregate": [
        {},
        {"indifference": 3.0, "preference": 1.0},
        {"low": 0.9, "high": 0.2},
        {"low": 0.5, "high": 0.5},
        {"low": 0.5, "high": 1.5},
        {"low": -0.1, "high": 1.0},
        {"indifference": 1.0, "preference": 1.0},
        {"power": 0.0},
    ],
    "rate": [
        {},
        {"cuts": (1.0, 3.0, 2.0)},
        {"cuts": (3.0, 1.0)},
        {"cuts": (1.0,) * 2},
        {"cuts": (1.0,), "words_en": ("a",)},
        {"cuts": (1.0,), "colours": ("red", "#00FF00")},
        {"cuts": (1.0,), "trend": (0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0)},
        {"cuts": tuple(map(float, range(12)))},
        # Eleven rows with the two of the target are as many as there may be.
        {"cuts": tuple(map(float, range(8))), "target": 5.0},
        {"cuts": tuple(map(float, range(9))), "target": 5.0},
    ],
}


def test_what_parameters_contradict(require_kept):
    lines = []
    for method in RECORDS:
        for params in CONTRADICTIONS.get(method.step, ()):
            fitting = {k: v for k, v in params.items() if k in method.names}
            if len(fitting) == len(params):
                said = method.check(
                    Step(method.step, method.name, fitting).settings(NODE)
                )
                lines.append(f"{heading(method, fitting)}: {'; '.join(said) or 'ok'}")
    for method in METHODS["weight"].values():
        assert isinstance(method, Weighting)
        for params in (
            {},
            {"targets": (1.0, 2.0)},
            {"targets": (1.0, 0.0, 2.0)},
            {"targets": (1.0, 2.0, 4.0)},
            {"judgements": (3.0,)},
            {"judgements": (3.0, 5.0, 3.0)},
            {"judgements": (9.0, 1 / 9, 9.0)},
            {"judgements": (0.0, 1.0, 1.0)},
        ):
            if set(params) <= set(method.names):
                settings = Step("weight", method.name, params).settings(NODE)
                said = [*method.check(settings), *method.check_children(settings, 3)]
                lines.append(
                    f"{heading(method, params)} of 3: {'; '.join(said) or 'ok'}"
                )
    for method in METHODS["construct"].values():
        given: list[dict] = [
            {"weights": (1.0, 2.0)} if "weights" in method.names else {}
        ]
        if method.name == "zscore_index":
            given += [
                {},
                *(
                    {"weights": w}
                    for w in ((0.25, 0.75), (0.0, 1.0), (0.0, 0.0), (-1.0, 2.0))
                ),
            ]
        if method.name == "bands":
            given += [{}, {"lists": ("the", "qs")}, {"lists": ("the", "qs", "arwu")}]
        for params, count in product(given, (0, 1, 2, 3)):
            settings = Step("construct", method.name, params).settings(NODE)
            said = [*method.check(settings), *method.check_ingredients(settings, count)]
            lines.append(
                f"{heading(method, params).strip()} of {count}: {'; '.join(said) or 'ok'}"
            )
    require_kept("contradictions", "\n".join(lines))


def kept_normalisation(method: Normalisation, params: dict) -> Iterator[str]:
    settings = Step("normalise", method.name, params).settings(NODE)
    for name, values in COLUMNS.items():
        for direction in (1.0, -1.0) if len({*values}) > 3 else (1.0,):
            x = numbers_of(values)
            states = states_of(values)
            span = span_of(x, states)
            column = Indicator(x, states, direction, span, reference=x[2])
            done = method.kernel(column, settings)
            advice = method.advice(
                Extent("a", int((states == 0).sum()), float(span[0]), float(span[1])),
                done.block.values[:, 0],
                settings,
            )
            texts = [(problem.message, problem.hint) for problem in advice]
            bounds = (
                "" if np.isnan(done.low) else f" bounds {row_of([done.low, done.high])}"
            )
            yield (
                f"  {name} {direction:+g}: {row_of(cells_of(done.block))}{bounds}"
                f" {list(done.marks) or ''} {'; '.join(chain.from_iterable(texts))}"
            )


def kept_treatment(method: Treatment, params: dict) -> Iterator[str]:
    settings = Step("treat", method.name, params).settings(NODE)
    for name, values in COLUMNS.items():
        if method.kernel is not None:
            done = method.kernel(numbers_of(values), states_of(values), settings)
            yield f"  {name}: {row_of(cells_of(done))}"


#: Scores of children, a row per city.
ROWS = [
    [1.0, 5.0, 9.0],
    [4.0, NA, 2.0],
    [0.0, 3.0, 3.0],
    [NA, NA, NA],
    [-1.0, 2.0, 8.0],
    [7.0, BLANK, 1.0],
    [1.0, 5.0, 9.0],
]


def blocks() -> tuple[np.ndarray, np.ndarray]:
    return np.array([numbers_of(row) for row in ROWS]), np.array(
        [states_of(row) for row in ROWS]
    )


def kept_aggregation(method: Aggregation, params: dict) -> Iterator[str]:
    rules = method.parameter("missing").kind if "missing" in method.names else ("",)
    for rule in rules:
        for weights in ((1.0, 1.0, 1.0), (3.0, 2.0, 0.0)):
            given = {**params, **({"missing": rule} if rule else {})}
            settings = Step("aggregate", method.name, given).settings()
            done = method.kernel(*blocks(), weights, settings)
            yield f"  {rule} {weights}: {row_of(cells_of(done))}"


def kept_weighting(method: Weighting, params: dict) -> Iterator[str]:
    values, states = blocks()
    for rows in (slice(None), slice(0, 3), slice(0, 1), slice(3, 4)):
        if method.kernel is not None:
            settings = Step("weight", method.name, params).settings()
            done = method.kernel(values[rows], states[rows], settings)
            weights = row_of(
                cells_of(
                    CellArray(done.values.reshape(-1, 1), done.errors.reshape(-1, 1))
                )
            )
            yield f"  {rows.start or 0} to {rows.stop or 7}: {weights}"


def kept_rescaling(method: Rescaling, params: dict) -> Iterator[str]:
    settings = Step("rescale", method.name, params).settings()
    for name, values in COLUMNS.items():
        done = method.kernel(
            numbers_of(values)[:, None], states_of(values)[:, None], settings
        )
        yield f"  {name}: {row_of(cells_of(done))}"


KINDS = {
    "normalise": kept_normalisation,
    "treat": kept_treatment,
    "aggregate": kept_aggregation,
    "weight": kept_weighting,
    "rescale": kept_rescaling,
}
TRIED_ALSO = {
    ("weight", "ahp"): [{"judgements": (3.0, 5.0, 2.0)}],
    ("weight", "balance"): [{"targets": (1.0, 2.0, 4.0)}],
}


@pytest.mark.parametrize("step", KINDS)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_what_every_method_computes(require_kept, step):
    lines = []
    for method in METHODS[step].values():
        for params in [*tried(method), *TRIED_ALSO.get((step, method.name), [])]:
            if not set(params) <= set(method.names):
                raise AssertionError(heading(method, params), method.names)
            lines.append(heading(method, params))
            lines += KINDS[step](method, params)
    require_kept(f"computed_{step}", "\n".join(lines))


def column_cells(method: Normalisation, params: dict, up: bool) -> ColumnCells:
    """Return names in place of addresses for the parameters that a recipe names."""
    cells = {}
    words = {}
    for parameter in method.parameters:
        cell = parameter.cell
        value = params.get(parameter.name, parameter.default)
        if cell is None or (cell.named and parameter.name not in params):
            continue
        if isinstance(value, str):
            words[cell.column] = value
        if cell.live or not isinstance(value, str):
            cells[cell.column] = parameter.name.upper()
    names = (
        "values",
        "n",
        "mean",
        "sd",
        "minimum",
        "maximum",
        "low",
        "high",
        "span",
        "tie_score",
        "tied_within",
        "x",
        "computed",
        "computed_column",
        "units",
        "limits",
        "cuts",
        "scores",
    )
    return ColumnCells(
        cells, words, up, **{name: f"<{name}>" for name in names}, exact_zero=up
    )


def tied_within(native, cells):
    return native.tied_within(cells) if native.counts_places else ""


def test_what_every_method_writes_into_cells(require_kept):
    lines = []
    for method in METHODS["normalise"].values():
        native = method.native
        for params in tried(method) if native else ():
            for up in (True, False):
                cells = column_cells(method, params, up)
                lines += [
                    f"{heading(method, params)} {'+' if up else '-'}",
                    f"  score {native.cell_formula(cells)}",
                    f"  low {native.low(cells)} high {native.high(cells)}",
                    f"  span {native.divisor_formula(cells)}",
                    f"  tied {tied_within(native, cells)} equal {native.tie_formula(cells)}",
                    f"  call {native.call(cells)}",
                ]
    for method in METHODS["aggregate"].values():
        native = method.native
        named = "missing" in method.names
        rules = method.parameter("missing").kind if named else ("na", "renormalise")
        for rule in rules if native else ():
            if native.turn_child and rule not in ("na", "renormalise"):
                continue  # no template has such a mean
            for cancels in (False, True) if native.formula else (False,):
                settings = Step(
                    "aggregate", method.name, {"missing": rule} if named else {}
                ).settings()
                node = NodeCells(
                    "<values>",
                    "<weights>",
                    settings,
                    cancels,
                    "<power>",
                    "<n>" if cancels else "",
                )
                texts = [
                    make(node) if make else "-"
                    for make in (native.formula, native.call, native.call_for_all)
                ]
                turns = [
                    t("<child>", "<power>")
                    for t in (native.turn_child, native.turn_back)
                    if t
                ]
                lines += [
                    f"{heading(method, {'missing': rule})} {cancels}",
                    *("  " + t for t in [*texts, *turns]),
                ]
    require_kept("cells", "\n".join(lines))
