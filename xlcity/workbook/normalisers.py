"""How each method of normalising is written in cells: parameters, formulas and call.

Formulas name what stands above a column (`Column`) and the parameters on the sheet `Methods`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from xlcity.model.recipe import Step
from xlcity.workbook.grid import deviation, rank, settled, varies

#: An argument of a call that is left to its default; an omitted one differs between engines.
SKIPPED = '""'


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter's cell on `Methods`.

    Attributes
    ----------
    column
        Where it stands.
    default
        What it means where the recipe does not name it; None = it may be left empty.
    named
        Whether it has a cell only where the recipe names it.
    shared
        The name `par_*` of the cell that holds it for all indicators.
    live
        Whether formulas follow a change: what they are made of follows a rebuild.
    needed
        Whether it must not be left empty.
    """

    column: str
    default: float | str | None = None
    named: bool = False
    shared: str = ""
    live: bool = True
    needed: bool = True


@dataclass(frozen=True, slots=True)
class Column:
    """What formulas about one indicator name: parameters, statistics, and the cell they are for."""

    #: Column of `Methods` -> address; only parameters that the indicator has.
    at: Mapping[str, str]
    #: Column of `Methods` -> the word that formulas are made of.
    words: Mapping[str, str]
    rises: bool
    values: str = ""
    n: str = ""
    mean: str = ""
    sd: str = ""
    least: str = ""
    most: str = ""
    #: Bounds and divisor of the method, above the column.
    low: str = ""
    high: str = ""
    span: str = ""
    #: The value in this row; what the working step makes of it, and the whole working column, ""
    #: for a step that has none.
    x: str = ""
    made: str = ""
    working: str = ""
    #: Ids of the cities beside the values.
    units: str = ""
    #: Addresses of band limits as values, as typed, and of the scores.
    limits: str = ""
    cuts: str = ""
    scores: str = ""

    @property
    def sign(self) -> str:
        """A minus where less is better."""
        return "" if self.rises else "-"

    @property
    def share(self) -> str:
        """The way from the worse bound to the better one."""
        return (
            f"({self.x}-{self.low})/{self.span}"
            if self.rises
            else f"({self.high}-{self.x})/{self.span}"
        )

    def has(self, name: str) -> bool:
        """Tell whether the indicator has a parameter of that column."""
        return name in self.at

    def given(self, name: str, otherwise: str) -> str:
        """Return a parameter that may be empty, or what stands for it."""
        return f"IF(ISNUMBER({self.at[name]}),{self.at[name]},{otherwise})"

    def place(self, x: str) -> str:
        """Return the ascending rank of a value, the worst first."""
        up = "1" if self.rises else "0"
        return rank(x, self.values, (self.least, self.most), up, self.words["rule"])


Formula = Callable[[Column], str]


def _mean_or_most(c: Column) -> str:
    mean = settled(f"SUM({c.values})", c.n, c.values)
    return f'IF({c.n}=0,"",IF({c.at["rule"]}="mean",{mean},{c.most}))'


def _based(c: Column, share: str) -> str:
    base, scale = c.at.get("base"), c.at["scale"]
    return f"{share}*{scale}" if base is None else f"{base}+({scale}-{base})*{share}"


def _room(c: Column) -> str:
    return f'IF(COUNT({c.low}:{c.high})=2,IF({varies(c.low, c.high)},{c.high}-{c.low},""),"")'


def _ahead(c: Column) -> str:
    """Return the span from the worst value to one that is better."""
    ahead = varies(c.low, c.high) if c.rises else varies(c.high, c.low)
    return f'IF({c.n}>0,IF({ahead},{c.high}-{c.low},""),"")'


def _minmax(c: Column) -> str:
    score = _based(c, c.share)
    return f"MAX({score},{c.at['floor']})" if c.has("floor") else score


def _efficacy(c: Column) -> str:
    way = c.share
    if not c.rises:
        # Bounds that run downward score a reverse indicator by themselves.
        way = f"IF({c.span}<0,{c.x}-{c.low},{c.high}-{c.x})/{c.span}"
    return f"{way}*{c.at['scale']}+(100-{c.at['scale']})"


def _efficacy_span(c: Column) -> str:
    down = f"AND(COUNT({c.at['a']},{c.at['b']})=2,{varies(c.high, c.low)})"
    return (
        f"IF(COUNT({c.low}:{c.high})=2,"
        f'IF(OR({varies(c.low, c.high)},{down}),{c.high}-{c.low},""),"")'
    )


def _deviation_span(c: Column) -> str:
    ddof = c.at["base"]
    spread = f"{c.sd}*SQRT({c.n}/({c.n}-{ddof}))"
    return f'IF({c.n}>{ddof},IF({varies(c.least, c.most)},{spread},""),"")'


def _clipped(c: Column) -> str:
    limit, z = c.at["a"], c.made
    if not c.working:
        return f"{c.sign}{z}"
    return f"{c.sign}IF({limit}>0,MAX(-{limit},MIN({limit},{z})),{z})"


def _clippings(c: Column) -> str:
    if not c.working:
        return '""'
    limit = c.at["a"]
    return f'IF({limit}>0,COUNTIF({c.working},">"&{limit})+COUNTIF({c.working},"<"&-{limit}),0)'


def _near(c: Column) -> str:
    return f"8E-16*MAX({c.most},-{c.least})"


def _worst_place(c: Column) -> str:
    """Return the rank that the worst value has, with the missing codes that join it."""
    ties, codes = c.words["rule"], c.low
    if ties == "min":
        return f'IF({c.n}>0,1,"")'
    of = f"{c.values}<={c.least}+{_near(c)}" if c.rises else f"{c.values}>={c.most}-{_near(c)}"
    same = f"SUMPRODUCT(({of})*1)+{codes}"
    place = same if ties == "max" else f"({same}+1)/2"
    return f'IF({c.n}>0,{place},"")'


def _rank(c: Column) -> str:
    if c.words["missing"] != "lowest":
        return f"100/{c.high}*{c.made}"
    # The codes join the tie of the worst value; all others move up by their number.
    worst = {"min": "1", "max": f"{c.span}-{c.low}", "average": f"{c.span}-{c.low}/2"}
    return f"100/{c.high}*IF({c.made}={worst[c.words['rule']]},{c.span},{c.made}+{c.low})"


def _joined(c: Column) -> str:
    return f"100/{c.high}*{c.span}" if c.words["missing"] == "lowest" else ""


def _capped(c: Column) -> str:
    reached = f"1-({c.high}-{c.x})/{c.span}"
    cap = c.words["rule"] == "yes"
    return f"{f'MIN(1,{reached})' if cap else f'({reached})'}*{c.at['scale']}"


def _reference(c: Column) -> str:
    city = f"INDEX({c.values},MATCH({c.at['a']},{c.units},0))"
    # "" would be no reference at all to the function, which then takes the best city.
    return f'IF(ISNUMBER({city}),{city},"NA")'


def _fraction_span(c: Column) -> str:
    best = c.most if c.rises else c.least
    return f'IF({c.n}>0,IF({best}>0,{best},""),"")'


def _band(c: Column) -> str:
    passed = f"SUMPRODUCT(({c.x}{'>=' if c.rises else '<='}{c.limits})*1)"
    return f"INDEX({c.scores},1,{passed}+1)"


def _above_mean(c: Column) -> str:
    # A value that meets the band but for rounding is inside it.
    band = f"{c.at['a']}*ABS({c.mean})+1E-10*({c.most}-{c.least})"
    return f"{c.sign}(IF({c.x}>{c.mean}+({band}),1,0)-IF({c.x}<{c.mean}-({band}),1,0))"


def _rating(c: Column) -> str:
    score = f"{c.x}/{c.span}*{c.at['scale']}"
    return score if c.rises else f"{c.at['scale']}-{score}"


def _unrated(c: Column) -> str:
    return f"{c.at['missing']}/{c.span}*{c.at['scale']}" if c.has("missing") else ""


def _call(name: str, *arguments: str) -> Callable[[Column], tuple[str, ...] | None]:
    """Return a call: columns of `Methods` (those that an indicator lacks are skipped) and texts."""

    def made(c: Column) -> tuple[str, ...] | None:
        known = {*c.at, *_MORE}
        return (name, *(a if a in known or a[0] == '"' else SKIPPED for a in arguments))

    return made


#: Arguments that are no parameters: the direction, the upper bound, cuts and scores, and the
#: populations that cities belong to and are standardised by.
_MORE = ("direction", "high", "cuts", "scores", "groups", "pools")


def _unless(
    call: Callable[[Column], tuple[str, ...] | None], *lacking: str
) -> Callable[[Column], tuple[str, ...] | None]:
    """Return a call that no function makes where the indicator has one of some parameters."""
    return lambda c: None if any(c.has(name) for name in lacking) else call(c)


def _no_call(c: Column) -> None:
    return None


def _of_least(c: Column) -> str:
    return c.least


def _of_most(c: Column) -> str:
    return c.most


def _of_any(c: Column) -> str:
    return f'IF({c.n}>0,1,"")'


@dataclass(frozen=True, slots=True)
class Native:
    """One method in cells.

    Attributes
    ----------
    score
        A city's score, from the value or from what `working` made of it.
    call
        Function and arguments: columns of `Methods`, `direction`, or texts as they stand.
    parameters
        Recipe name -> its cell.
    low, high, span
        What stands above the column. Without a number in `span` no city has a result.
    heads
        Labels of these three.
    working
        A step before the score that has a column of its own.
    gap
        The score of a missing code, "" = none.
    form
        Number format of the scores.
    """

    score: Formula
    call: Callable[[Column], tuple[str, ...] | None] = _no_call
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    low: Formula = _of_least
    high: Formula = _of_most
    span: Formula = _of_any
    heads: tuple[str, str, str] = ("from", "to", "span")
    working: Formula | None = None
    gap: Formula = lambda c: ""
    form: str = "0.00"


_CONSTANT = Parameter("constant", named=True)
_TIES = Parameter("rule", "min", live=False)
_CAP = Parameter("rule", "no", live=False)
_FULL = Parameter("scale", 100.0, shared="scale")
_ONE = Parameter("scale", 1.0)
_BASE = Parameter("base", 0.0, named=True)
_LOW, _HIGH = (Parameter(name, needed=False) for name in "ab")

NATIVE: dict[str, Native] = {
    "minmax": Native(
        _minmax,
        _unless(_call("MINMAX_SCALE", "a", "b", "scale", "floor", "direction", "rule", "constant"),
                "base"),
        {
            "lower": _LOW,
            "upper": _HIGH,
            "base": _BASE,
            "scale": _FULL,
            "bounds": Parameter("rule", named=True, shared="bounds"),
            "floor": Parameter("floor", named=True, shared="floor"),
            "constant": Parameter("constant", named=True, shared="flat"),
        },
        lambda c: c.given("a", c.least if not c.has("rule") else
                          f'IF({c.n}=0,"",IF({c.at["rule"]}="minmax",{c.least},0))'),
        lambda c: c.given("b", c.most if not c.has("rule") else _mean_or_most(c)),
        _room,
        ("low", "high", "range"),
    ),
    "goalposts": Native(
        lambda c: _based(c, f"MAX(0,MIN(1,{c.share}))"),
        _unless(_call("GOALPOST_SCALE", "a", "b", "scale", "direction"), "base", "constant"),
        {
            "low": Parameter("a"),
            "high": Parameter("b"),
            "base": _BASE,
            "scale": _FULL,
            "constant": _CONSTANT,
        },
        lambda c: c.at["a"],
        lambda c: c.at["b"],
        _room,
        ("low", "high", "range"),
    ),
    "efficacy": Native(
        _efficacy,
        lambda c: _call("EFFICACY_SCALE", "scale", "a", "b", "constant")(c) if c.rises else None,
        {
            "low": _LOW,
            "high": _HIGH,
            "omega": Parameter("scale", 40.0),
            "constant": _CONSTANT,
        },
        lambda c: c.given("a", c.least),
        lambda c: c.given("b", c.most),
        _efficacy_span,
        ("low", "high", "range"),
    ),
    "standard": Native(
        lambda c: f"{c.at['a']}+{c.at['b']}*({c.sign}{deviation(c.x, c.low, c.span)})",
        _unless(_call("ZSCORE_SCALE", "a", "b", "direction", "base"), "constant"),
        {
            "mean": Parameter("a", 0.0),
            "sd": Parameter("b", 1.0),
            "ddof": Parameter("base", 1.0),
            "constant": _CONSTANT,
        },
        lambda c: c.mean,
        lambda c: SKIPPED,
        _deviation_span,
    ),
    "zscore": Native(
        _clipped,
        _call("ZSCORE_WINSOR", "a", "direction", "base", "groups", "pools", "constant"),
        {
            "limit": Parameter("a", 1.96, shared="limit"),
            "ddof": Parameter("base", 0.0, shared="ddof"),
            "constant": Parameter("constant", named=True, shared="zscore_constant"),
            "again": Parameter("rule", "no", named=True, live=False),
        },
        lambda c: c.mean,
        _clippings,
        _deviation_span,
        ("from", "clipped", "span"),
        lambda c: deviation(c.x, c.low, c.span),
        form="0.000",
    ),
    "percentile": Native(
        lambda c: f"({c.made}-1)/{c.span}*{c.at['scale']}",
        _unless(_call("PERCENTILE_SCALE", "direction", "scale", "rule"), "constant"),
        {"scale": _ONE, "ties": _TIES, "constant": _CONSTANT},
        span=lambda c: f'IF({c.n}>1,{c.n}-1,"")',
        working=lambda c: c.place(c.x),
    ),
    "borda": Native(
        lambda c: f"{c.made}-1+{c.at['base']}",
        _call("RANK_BORDA", "direction", "rule", "base"),
        {"base": Parameter("base", 0.0), "ties": _TIES},
        working=lambda c: c.place(c.x),
    ),
    "rank": Native(
        _rank,
        _call("RANK_UNIFORM", "direction", "rule", "missing"),
        {"ties": _TIES, "missing": Parameter("missing", "na", live=False)},
        lambda c: f'COUNTIF({c.values},"NA")' if c.words["missing"] == "lowest" else "0",
        lambda c: f"{c.n}+{c.low}",
        _worst_place,
        ("codes", "units", "worst"),
        lambda c: c.place(c.x),
        _joined,
    ),
    "dist2max": Native(
        lambda c: f"(1-({c.high}-{c.x})/{c.span})*{c.at['scale']}",
        _unless(_call("DIST_REFERENCE", SKIPPED, "direction", '"no"', "scale"), "constant"),
        {"scale": _ONE, "constant": _CONSTANT},
        lambda c: c.least if c.rises else c.most,
        lambda c: c.most if c.rises else c.least,
        _ahead,
    ),
    "dist2target": Native(
        _capped,
        _unless(_call("DIST_REFERENCE", "a", "direction", "rule", "scale"), "constant"),
        {"target": Parameter("a"), "scale": _ONE, "cap": _CAP, "constant": _CONSTANT},
        lambda c: c.least if c.rises else c.most,
        lambda c: c.at["a"],
        _ahead,
    ),
    "dist2ref": Native(
        _capped,
        _unless(_call("DIST_REFERENCE", "high", "direction", "rule", "scale"), "constant"),
        {"unit": Parameter("a"), "scale": _ONE, "cap": _CAP, "constant": _CONSTANT},
        lambda c: c.least if c.rises else c.most,
        _reference,
        lambda c: f'IF(ISNUMBER({c.high}),{_ahead(c)},"")',
    ),
    "fracmax": Native(
        lambda c: f"{f'{c.x}/{c.span}' if c.rises else f'{c.span}/{c.x}'}*{c.at['scale']}",
        _unless(_call("FRACTION_MAX", "direction", "scale"), "constant"),
        {"scale": _ONE, "constant": _CONSTANT},
        span=_fraction_span,
    ),
    "bands": Native(
        _band,
        lambda c: ("CATEGORY_SCALE", "cuts", "scores", "rule", "direction") if c.cuts else None,
        {"by": Parameter("rule", "value", live=False)},
    ),
    "above_mean": Native(
        _above_mean,
        _call("ABOVE_MEAN", "a", "direction"),
        {"threshold": Parameter("a", 0.0)},
    ),
    "rating": Native(
        _rating,
        lambda c: _call("RATING_SCALE", "b", "scale", "missing")(c) if c.rises else None,
        {
            "max": Parameter("b", 5.0),
            "scale": _FULL,
            "unrated": Parameter("missing", named=True, shared="unrated"),
        },
        lambda c: "0",
        lambda c: c.at["b"],
        lambda c: f'IF(ISNUMBER({c.high}),IF({c.high}>0,{c.high},""),"")',
        ("low", "high", "range"),
        gap=_unrated,
    ),
    "none": Native(lambda c: f"{c.sign}{c.x}"),
}  # fmt: skip


def failing(c: Column, method: str) -> str:
    """Return what stands where a column has no result.

    No city has one then, also none without a value: a node would else be computed for just these.
    In a column without numbers gaps stay gaps.
    """
    nothing = f'IF({c.n}=0,{c.x},"")'
    if not c.has("constant"):
        return nothing
    if not c.least:
        # The deviation says whether values are equal.
        return f"IF(ISNUMBER({c.x}),{c.at['constant']},{c.x})"
    # N: a column without any number has no extremes.
    other = varies(f"N({c.least})", f"N({c.most})")
    if method == "minmax":
        other = f"OR({other},COUNT({c.at['a']},{c.at['b']})>0)"
    return f"IF({other},{nothing},IF(ISNUMBER({c.x}),{c.at['constant']},{c.x}))"


def scored(c: Column, method: str) -> str:
    """Return the formula of one score."""
    native = NATIVE[method]
    gap = native.gap(c)
    other = f'IF({c.x}="NA",{gap},{c.x})' if gap else c.x
    fails = failing(c, method)
    if method == "zscore" and c.working:
        # The working column has no number where there is no result.
        other = f"IF(ISNUMBER({c.span}),{c.x},{fails})" if c.has("constant") else c.made
        return f"IF(ISNUMBER({c.made}),{native.score(c)},{other})"
    return f"IF(ISNUMBER({c.span}),IF(ISNUMBER({c.x}),{native.score(c)},{other}),{fails})"


def worked(c: Column, method: str) -> str:
    """Return the formula of the working step of one value."""
    working = NATIVE[method].working
    assert working is not None
    made = f"IF(ISNUMBER({c.x}),{working(c)},{c.x})"
    if method != "zscore":
        return made
    return f'IF(ISNUMBER({c.span}),{made},IF({c.n}=0,{c.x},""))'


def has_working_column(step: Step | None, apart: bool) -> bool:
    """Tell whether the working step of an indicator has a column: its z-score or its place.

    Populations scored apart (`apart`) have one only where z-scores are clipped.
    """
    if step is None or step.method not in NATIVE or NATIVE[step.method].working is None:
        return False
    if step.method != "zscore":
        return True
    return not (apart and step.number("limit", 1.96) == 0)


#: Parameters that the framework gives where the step does not: the attribute of the node.
OF_NODE = {
    ("goalposts", "low"): "goalpost_low",
    ("goalposts", "high"): "goalpost_high",
    ("dist2target", "target"): "target",
}


def shown(step: Step) -> dict[str, Parameter]:
    """Return the parameters of a step that have cells, by their names in the recipe.

    Which these are depends on what the recipe names, never on values: those are typed.
    """
    return {
        name: parameter
        for name, parameter in NATIVE[step.method].parameters.items()
        if not parameter.named or step.get(name) is not None
    }


def is_live(step: Step, name: str, parameter: Parameter, apart: bool) -> bool:
    """Tell whether formulas follow what is typed in the cell of a parameter."""
    # Populations scored apart have a column for clipped scores only where these are clipped.
    return parameter.live and not (apart and (step.method, name) == ("zscore", "limit"))
