"""Normalising each indicator by a method of its own: parameters, native formula and call.

The parameters stand on the sheet `Methods`, a row per indicator; formulas name those cells.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from xlcity.model.recipe import Step
from xlcity.workbook.grid import Area, Block, cell, deviation, rank, varies
from xlcity.workbook.layout import (
    ROW_HIGH,
    ROW_LOW,
    ROW_MAX,
    ROW_MEAN,
    ROW_MIN,
    ROW_N,
    ROW_RANGE,
    ROW_SD,
    Layout,
)
from xlcity.workbook.spec import TemplateSpec
from xlcity.workbook.steps import prepare
from xlcity.workbook.steps.known import no_native, no_step, require_known

SHEET, HEADER, FIRST_ROW = "Methods", 5, 6
#: Columns of `Methods` behind code and name.
COLUMNS = ("method", "direction", "a", "b", "base", "scale", "rule")
LEFT = 3
#: Method -> the parameters it shows: recipe name -> column, and what it means where not named.
PARAMETERS: dict[str, dict[str, tuple[str, float | str | None]]] = {
    "minmax": {"lower": ("a", None), "upper": ("b", None), "base": ("base", 0.0),
               "scale": ("scale", 100.0)},
    "goalposts": {"low": ("a", None), "high": ("b", None), "base": ("base", 0.0),
                  "scale": ("scale", 100.0)},
    "efficacy": {"low": ("a", None), "high": ("b", None), "omega": ("scale", 40.0)},
    "standard": {"mean": ("a", 0.0), "sd": ("b", 1.0), "ddof": ("base", 1.0)},
    "zscore": {"limit": ("a", 1.96), "ddof": ("base", 0.0)},
    "percentile": {"scale": ("scale", 1.0), "ties": ("rule", "min")},
    "borda": {"base": ("base", 0.0), "ties": ("rule", "min")},
    "dist2max": {"scale": ("scale", 1.0)},
    "dist2target": {"target": ("a", None), "scale": ("scale", 1.0), "cap": ("rule", "no")},
    "fracmax": {"scale": ("scale", 1.0)},
    "above_mean": {"threshold": ("a", 0.0)},
    "rating": {"max": ("b", 5.0), "scale": ("scale", 100.0)},
    "rank": {"ties": ("rule", "min")},
    "dist2ref": {"unit": ("a", ""), "scale": ("scale", 1.0), "cap": ("rule", "no")},
    "bands": {"by": ("rule", "value")},
    "none": {},
}  # fmt: skip
#: Parameters of `bands` that are lists; each has columns of its own behind all others.
LISTS = ("cuts", "scores")
#: Parameters that the framework gives where the step does not.
_OF_NODE = {("goalposts", "low"): "goalpost_low", ("goalposts", "high"): "goalpost_high",
            ("dist2target", "target"): "target"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Way:
    """How one indicator is normalised.

    Attributes
    ----------
    method
        Of the recipe.
    direction
        1 or -1.
    values
        Column of `Methods` -> what stands there.
    row
        Its row on `Methods`.
    """

    method: str
    direction: int
    values: dict[str, float | str]
    row: int
    #: Cut points and scores of `bands`, and the first column of the cuts, cut values and scores.
    cuts: tuple[float, ...] = ()
    scores: tuple[float, ...] = ()
    lists: tuple[int, int, int] = (0, 0, 0)

    def at(self, name: str) -> str:
        """Return the address of a parameter, for use on another sheet."""
        return f"{SHEET}!{cell(self.row, LEFT + COLUMNS.index(name), 'rc')}"

    def listed(self, which: int) -> str:
        """Return the cells of the cuts (0), the values they mean (1) or the scores (2)."""
        size = len(self.scores) if which == 2 else len(self.cuts)
        first = self.lists[which]
        return Area(SHEET, self.row, first, self.row, first + size - 1).ref()

    def bounds(self, column: int, values: str, units: str = "") -> tuple[str, str, str]:
        """Return the formulas of low bound, high bound and the span that a score needs.

        The span is "" where the column has no result. `units` are the ids beside the values.
        """
        n, sd, low, high = (cell(row, column) for row in (ROW_N, ROW_SD, ROW_MIN, ROW_MAX))
        here = tuple(cell(row, column) for row in (ROW_LOW, ROW_HIGH))
        if self.method in ("minmax", "goalposts", "efficacy"):
            a, b = self.at("a"), self.at("b")
            room = f'IF({varies(*here)},{here[1]}-{here[0]},"")'
            if self.method == "efficacy":
                # Bounds that run downward score a reverse indicator: the span is negative.
                given = f"AND(COUNT({a},{b})=2,{varies(here[1], here[0])})"
                room = f'IF(OR({varies(*here)},{given}),{here[1]}-{here[0]},"")'
            span = f'IF(COUNT({here[0]}:{here[1]})=2,{room},"")'
            return f'IF({a}<>"",{a},{low})', f'IF({b}<>"",{b},{high})', span
        if self.method in ("standard", "zscore"):
            ddof = self.at("base")
            spread = f"{sd}*SQRT({n}/({n}-{ddof}))"
            span = f'IF({n}>{ddof},IF({varies(low, high)},{spread},""),"")'
            return cell(ROW_MEAN, column), '""', span
        if self.method in ("dist2max", "dist2target", "dist2ref"):
            worst, best = (low, high) if self.direction > 0 else (high, low)
            city = f"INDEX({values},MATCH({self.at('a')},{units},0))"
            goal = {
                "dist2max": best,
                "dist2target": self.at("a"),
                # "" would be no reference at all to the function, which then takes the best city.
                "dist2ref": f'IF(ISNUMBER({city}),{city},"NA")',
            }[self.method]
            ahead = varies(*here) if self.direction > 0 else varies(here[1], here[0])
            span = f'IF({n}>0,IF({ahead},{here[1]}-{here[0]},""),"")'
            if self.method == "dist2ref":
                span = f'IF(ISNUMBER({here[1]}),{span},"")'
            return worst, goal, span
        if self.method == "rating":
            return "0", self.at("b"), f'IF({n}>0,{self.at("b")},"")'
        if self.method == "percentile":
            return low, high, f'IF({n}>1,{n}-1,"")'
        if self.method == "fracmax":
            best = high if self.direction > 0 else low
            return low, high, f'IF({n}>0,IF({low if self.direction < 0 else high}>0,{best},""),"")'
        return low, high, f'IF({n}>0,1,"")'

    def native(self, column: int, value: str, values: str) -> str:
        """Return the formula of one cell: `value` is the input, `values` its whole column."""
        span = cell(ROW_RANGE, column, "r")
        score = self._score(column, value, values, span)
        # A column that fails has no result for any city; in one without numbers gaps stay gaps.
        none = f'IF({cell(ROW_N, column, "r")}=0,{value},"")'
        return f'IF(ISNUMBER({span}),IF({value}="NA","NA",IF({value}="","",{score})),{none})'

    def _score(self, column: int, x: str, values: str, span: str) -> str:
        low, high = (cell(row, column, "r") for row in (ROW_LOW, ROW_HIGH))
        a, b, base, scale = (self.at(name) for name in ("a", "b", "base", "scale"))
        way = f"({x}-{low})/{span}" if self.direction > 0 else f"({high}-{x})/{span}"
        sign = "" if self.direction > 0 else "-"
        if self.method == "minmax":
            return f"{base}+({scale}-{base})*{way}"
        if self.method == "goalposts":
            return f"{base}+({scale}-{base})*MAX(0,MIN(1,{way}))"
        if self.method == "efficacy":
            if self.direction < 0:
                way = f"IF({span}<0,{x}-{low},{high}-{x})/{span}"
            return f"{way}*{scale}+(100-{scale})"
        if self.method == "standard":
            return f"{a}+{b}*({sign}{deviation(x, low, span)})"
        if self.method == "zscore":
            z = f"{sign}{deviation(x, low, span)}"
            return f"IF({a}>0,MAX(-{a},MIN({a},{z})),{z})"
        if self.method in ("percentile", "borda", "rank"):
            n, *extremes = (cell(at, column, "r") for at in (ROW_N, ROW_MIN, ROW_MAX))
            up = "1" if self.direction > 0 else "0"
            place = rank(x, values, (extremes[0], extremes[1]), up, str(self.values["rule"]))
            if self.method == "rank":
                return f"100/{n}*{place}"
            if self.method == "borda":
                return f"{place}-1+{base}"
            return f"({place}-1)/{span}*{scale}"
        if self.method == "rating":
            return f"{x}/{span}*{scale}"
        if self.method == "dist2max":
            return f"(1-({high}-{x})/{span})*{scale}"
        if self.method == "bands":
            turn = ">=" if self.direction > 0 else "<="
            passed = f"SUMPRODUCT(({x}{turn}{self.listed(1)})*1)"
            return f"INDEX({self.listed(2)},1,{passed}+1)"
        if self.method in ("dist2target", "dist2ref"):
            reached = f"1-({high}-{x})/{span}"
            capped = f"MIN(1,{reached})" if self.values["rule"] == "yes" else f"({reached})"
            return f"{capped}*{scale}"
        if self.method == "fracmax":
            share = f"{x}/{span}" if self.direction > 0 else f"{span}/{x}"
            return f"{share}*{scale}"
        if self.method == "above_mean":
            mean = cell(ROW_MEAN, column, "r")
            least, most = (cell(row, column, "r") for row in (ROW_MIN, ROW_MAX))
            # A value that meets the band but for rounding is inside it.
            band = f"{a}*ABS({mean})+1E-10*({most}-{least})"
            return f"{sign}(IF({x}>{mean}+({band}),1,0)-IF({x}<{mean}-({band}),1,0))"
        return f"{sign}{x}" if sign else x

    def udf(self, values: str, high: str = "") -> str | None:
        """Return the call over the column, None where no function of the library says the same.

        `high` is the cell of the upper bound, where the value of a reference city stands.
        """
        a, b, base, scale, turn = (
            self.at(name) for name in ("a", "b", "base", "scale", "direction")
        )
        rule = self.at("rule")
        plain = self.values["base"] == 0
        calls: dict[str, str | None] = {
            "minmax": f'MINMAX_SCALE({values},{a},{b},{scale},"",{turn})' if plain else None,
            "goalposts": f"GOALPOST_SCALE({values},{a},{b},{scale},{turn})" if plain else None,
            "efficacy": (
                f"EFFICACY_SCALE({values},{scale},{a},{b})" if self.direction > 0 else None
            ),
            "standard": f"ZSCORE_SCALE({values},{a},{b},{turn},{base})",
            "zscore": f"ZSCORE_WINSOR({values},{a},{turn},{base})",
            "percentile": f"PERCENTILE_SCALE({values},{turn},{scale},{rule})",
            "borda": f"RANK_BORDA({values},{turn},{rule},{base})",
            "dist2max": f'DIST_REFERENCE({values},"",{turn},"no",{scale})',
            "dist2target": f"DIST_REFERENCE({values},{a},{turn},{rule},{scale})",
            "dist2ref": f"DIST_REFERENCE({values},{high},{turn},{rule},{scale})",
            "bands": (
                f"CATEGORY_SCALE({values},{self.listed(0)},{self.listed(2)},{rule},{turn})"
                if self.cuts
                else None
            ),
            "fracmax": f"FRACTION_MAX({values},{turn},{scale})",
            "rating": f"RATING_SCALE({values},{b},{scale})",
            "rank": f"RANK_UNIFORM({values},{turn},{rule})",
            "above_mean": f"ABOVE_MEAN({values},{a},{turn})",
        }
        return calls.get(self.method)


def way_for(spec: TemplateSpec, code: str) -> Way:
    """Return how an indicator is normalised.

    Raises
    ------
    RecipeError
        If the recipe has no step for it, or one that has no native form here.
    """
    step = spec.recipe.step_for("normalise", code)
    if step is None:
        raise no_step(spec, code, "normalise")
    known = {method: set(names) for method, names in PARAMETERS.items()}
    known["bands"] |= {*LISTS}
    require_known(step, known, code)
    row = FIRST_ROW + [n.code for n in spec.framework.indicators].index(code)
    direction = int(spec.framework[code].direction)
    if step.method == "rating" and direction < 0:
        raise no_native(
            code,
            f"{code} is a rating with the direction -1, which templates cannot show.",
            "Turn the rating before it is entered, or normalise it by minmax.",
        )
    way = Way(step.method, direction, _values(spec, step, code), row)
    if step.method != "bands":
        return way
    cuts = step.numbers("cuts") or ()
    even = tuple(100.0 * at / len(cuts) for at in range(len(cuts) + 1)) if cuts else ()
    wide, first = most_cuts(spec), LEFT + len(columns(spec)) + 1
    return replace(
        way,
        cuts=cuts,
        scores=step.numbers("scores") or even,
        lists=(first, first + wide, first + 2 * wide),
    )


def columns(spec: TemplateSpec) -> tuple[str, ...]:
    """Return the columns of `Methods` behind code and name; the meaning stands behind them."""
    return (*COLUMNS, *(prepare.COLUMNS if spec.prepares else ()))


def most_cuts(spec: TemplateSpec) -> int:
    """Return the number of cut points of the indicator that has most."""
    steps = (s for s in spec.recipe.steps_doing("normalise") if s.method == "bands")
    return max((len(step.numbers("cuts") or ()) for step in steps), default=0)


def method_address(spec: TemplateSpec, code: str, name: str) -> str:
    """Return the address of an indicator's entry on `Methods`."""
    row = FIRST_ROW + [n.code for n in spec.framework.indicators].index(code)
    return f"{SHEET}!{cell(row, LEFT + columns(spec).index(name), 'rc')}"


def _values(spec: TemplateSpec, step: Step, code: str) -> dict[str, float | str]:
    found: dict[str, float | str] = dict.fromkeys(COLUMNS[2:], "")
    for name, (column, default) in PARAMETERS[step.method].items():
        value = step.get(name)
        if value is None and (step.method, name) in _OF_NODE:
            value = getattr(spec.framework[code], _OF_NODE[step.method, name])
        if value is None:
            value = default
        if isinstance(value, (int, float)):
            found[column] = float(value)
        elif isinstance(value, str):
            found[column] = value
    return found


def general_udfs(layout: Layout, values: Block) -> list[tuple[tuple[str, ...], Area, str]]:
    """Return (code, native cells, call) of every indicator that a function can repeat.

    `values` are what is normalised.
    """
    found: list[tuple[tuple[str, ...], Area, str]] = []
    made = layout.oriented
    for code in layout.indicators:
        high = Area(made.sheet, ROW_HIGH, made.column(code), ROW_HIGH, made.column(code)).ref()
        call = way_for(layout.spec, code).udf(values.span((code,)).ref(), high)
        if call is not None:
            found.append(((code,), made.span((code,)), call))
    return found
