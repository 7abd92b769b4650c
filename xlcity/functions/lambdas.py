"""LAMBDA twins: functions of the library as formulas that Excel 365 computes with no add-in.

Each is written as a person would type it into the Name Manager, composed of a few pieces that say
what every function of the library says: an error in an argument is the whole result, a blank or a
missing code is #N/A in its own cell, other text #VALUE!, an option is one value or one per column.
Only what engines with LAMBDA compute alike is used: scalar functions inside MAKEARRAY, BYCOL and
REDUCE.
"""

from __future__ import annotations

from xlcity.functions.missing import MISSING_CODES
from xlcity.functions.options import DIRECTIONS

_CODES = (
    "{" + ",".join(f'"{code}"' for code in {c.upper(): c for c in MISSING_CODES}.values()) + "}"
)
_MISSING = f"SUMPRODUCT((TRIM(x)={_CODES})*1)>0"
#: What a cell x without a number shows for itself.
_GAP = f'IF(x="",NA(),IF({_MISSING},NA(),#VALUE!))'

_POSITIVE = "IF(v<=0,#NUM!,v)"
_DIRECTION = "IF(ABS(v)=1,v,#NUM!)"


def _words(sign: float) -> str:
    """Return the spellings of a direction as an array."""
    return "{" + ",".join(f'"{word}"' for word, value in DIRECTIONS.items() if value == sign) + "}"


#: A direction in words, as a number.
_SPELT = (
    f"IF(SUMPRODUCT((TRIM(v)={_words(1.0)})*1)>0,1,"
    f"IF(SUMPRODUCT((TRIM(v)={_words(-1.0)})*1)>0,-1,#VALUE!))"
)


def _at(block: str, row: str = "r", column: str = "c") -> str:
    """Return one cell of a block; INDEX wants more than one cell in some engines."""
    return f"IF(IFERROR(ROWS({block})*COLUMNS({block}),1)=1,{block},INDEX({block},{row},{column}))"


def _in_row(row: str, column: str = "c") -> str:
    """Return one value of a row made by MAKEARRAY or BYCOL."""
    return f"INDEX({row},1,{column})"


def _first_error(block: str) -> str:
    """Return the first error of a block, or 0."""
    return f"REDUCE(0,{block},LAMBDA(a,b,IF(ISERROR(a),a,IF(ISERROR(b),b,0))))"


def _option(name: str, default: str, check: str = "v", other: str = "#VALUE!") -> str:
    """Return an option as a row of k values: its own, or the default where it is blank.

    `check` says what a number v is, `other` what is no number.
    """
    return (
        f'LET(g,IF(ISOMITTED({name}),"",{name}),h,IFERROR(ROWS(g),1),w,IFERROR(COLUMNS(g),1),'
        f"IF(OR(h>1,AND(w>1,w<>k)),#VALUE!,MAKEARRAY(1,k,LAMBDA(i,j,LET(v,"
        f'IF(w=1,g,INDEX(g,1,j)),IF(v="",{default},IF(ISNUMBER(v),{check},{other})))))))'
    )


_TURN = _option("direction", "1", _DIRECTION, f"IF(ISTEXT(v),{_SPELT},#VALUE!)")


def _lambda(
    parameters: str,
    cell: str,
    *,
    blocks: tuple[str, ...] = ("values",),
    options: dict[str, str] | None = None,
    checks: tuple[str, ...] = (),
    columns: dict[str, str] | None = None,
    width: str = "k",
) -> str:
    """Return a whole LAMBDA.

    Parameters
    ----------
    parameters
        As Excel lists them: optional ones in brackets.
    cell
        The result at row r and column c.
    blocks
        Arguments in which an error is the result.
    options
        Variable -> row of an option.
    checks
        Further expressions that are an error where the call is wrong, else 0.
    columns
        Variable -> row of statistics.
    width
        Columns of the result.
    """
    rows = options or {}
    lines = ["n,IFERROR(ROWS(values),1)", "k,IFERROR(COLUMNS(values),1)"]
    lines += [f"e_{place},{_first_error(block)}" for place, block in enumerate(blocks, start=1)]
    lines += [f"{name},{text}" for name, text in rows.items()]
    lines += [f"o_{place},{_first_error(name)}" for place, name in enumerate(rows, start=1)]
    lines += [f"q_{place},{check}" for place, check in enumerate(checks, start=1)]
    wrong = [f"e_{place}" for place in range(1, len(blocks) + 1)]
    wrong += [f"o_{place}" for place in range(1, len(rows) + 1)]
    wrong += [f"q_{place}" for place in range(1, len(checks) + 1)]
    body = f"MAKEARRAY(n,{width},LAMBDA(r,c,{cell}))"
    if columns:
        body = f"LET({','.join(f'{name},{text}' for name, text in columns.items())},{body})"
    for name in reversed(wrong):
        body = f"IF(ISERROR({name}),{name},{body})"
    return f"LAMBDA({parameters},LET({','.join(lines)},{body}))"


def _per_cell(number: str) -> str:
    """Return what a cell shows: an expression of its number x, or its own error."""
    return f"LET(x,{_at('values')},IF(ISNUMBER(x),{number},{_GAP}))"


def _column(statistic: str) -> str:
    return f"BYCOL(values,LAMBDA(y,{statistic}))"


def _bounded(result: str) -> str:
    """Return a result of the share p of a cell between two bounds, given or the column's own."""
    low, high = _in_row("low_"), _in_row("high_")
    return _per_cell(
        f"LET(l,{low},u,{high},b,IF(ISNUMBER(l),l,{_in_row('least')}),"
        f"t,IF(ISNUMBER(u),u,{_in_row('most')}),IF(b>=t,IF(OR(ISNUMBER(l),ISNUMBER(u)),#NUM!,"
        f"#DIV/0!),LET(p,(x-b)/(t-b),{result})))"
    )


_BOUNDS = {"low_": _option("low", '""'), "high_": _option("high", '""')}
_IN_ORDER = (
    "IF(SUM(MAKEARRAY(1,k,LAMBDA(i,j,LET("
    f"l,{_in_row('low_', 'j')},u,{_in_row('high_', 'j')},"
    "IF(AND(ISNUMBER(l),ISNUMBER(u)),IF(l>=u,1,0),0)))))>0,#NUM!,0)"
)
_OWN_BOUNDS = {"least": _column("MIN(y)"), "most": _column("MAX(y)")}

RATING_SCALE = _lambda(
    "values,[max],[scale],[unrated]",
    f"LET(x,{_at('values')},z,{_in_row('unrated_')},m,{_in_row('max_')},s,{_in_row('scale_')},"
    f'IF(ISNUMBER(x),x/m*s,IF(AND(x<>"",ISNUMBER(z)),IF({_MISSING},z/m*s,{_GAP}),{_GAP})))',
    options={
        "max_": _option("max", "5", _POSITIVE),
        "scale_": _option("scale", "100", _POSITIVE),
        "unrated_": _option("unrated", '""'),
    },
)

MINMAX_SCALE = _lambda(
    "values,[low],[high],[scale],[floor],[direction]",
    _bounded(
        f"LET(s,IF({_in_row('direction_')}<0,1-p,p)*{_in_row('scale_')},f,{_in_row('floor_')},"
        "IF(ISNUMBER(f),MAX(s,f),s))"
    ),
    options={
        **_BOUNDS,
        "scale_": _option("scale", "100", _POSITIVE),
        "floor_": _option("floor", '""'),
        "direction_": _TURN,
    },
    checks=(
        _IN_ORDER,
        "IF(SUM(MAKEARRAY(1,k,LAMBDA(i,j,LET("
        f"f,{_in_row('floor_', 'j')},IF(ISNUMBER(f),IF(f>{_in_row('scale_', 'j')},1,0),0)))))>0,"
        "#NUM!,0)",
    ),
    columns=_OWN_BOUNDS,
)

GOALPOST_SCALE = _lambda(
    "values,[low],[high],[scale],[direction]",
    _bounded(f"LET(s,MIN(MAX(p,0),1),IF({_in_row('direction_')}<0,1-s,s)*{_in_row('scale_')})"),
    options={
        **_BOUNDS,
        "scale_": _option("scale", "100", _POSITIVE),
        "direction_": _TURN,
    },
    checks=(_IN_ORDER,),
    columns=_OWN_BOUNDS,
)

EFFICACY_SCALE = _lambda(
    "values,[omega],[low],[high]",
    _bounded(f"LET(w,{_in_row('omega_')},p*w+(100-w))"),
    options={"omega_": _option("omega", "40", "IF(OR(v<0,v>100),#NUM!,v)"), **_BOUNDS},
    checks=(_IN_ORDER,),
    columns=_OWN_BOUNDS,
)

ZSCORE_WINSOR = _lambda(
    "values,[limit],[direction],[ddof]",
    _per_cell(
        f"LET(m,{_in_row('mean')},s,{_in_row('limit_')},"
        f"f,{_in_row('count')}-{_in_row('ddof_')},q,{_in_row('squares')},"
        "IF(OR(f<=0,q=0),#DIV/0!,"
        "LET(z,(x-m)/SQRT(q/f),"
        f"{_in_row('direction_')}*IF(s=0,z,MIN(MAX(z,-s),s)))))"
    ),
    options={
        "limit_": _option("limit", "1.96", "IF(v<0,#NUM!,v)"),
        "direction_": _TURN,
        "ddof_": _option("ddof", "0", "IF(OR(v<0,v<>INT(v)),#NUM!,v)"),
    },
    columns={
        "mean": _column("IFERROR(AVERAGE(y),0)"),
        "count": _column("SUM(MAP(y,LAMBDA(b,IF(ISNUMBER(b),1,0))))"),
        "squares": _column("IFERROR(DEVSQ(y),0)"),
    },
)

DENOMINATE = _lambda(
    "values,denominators,[scale]",
    f"LET(x,{_at('values')},d,IF(COLUMNS(denominators)=1,{_at('denominators', 'r', '1')},"
    f"{_at('denominators')}),"
    "IF(AND(ISNUMBER(x),ISNUMBER(d)),"
    f"IF(d=0,#DIV/0!,x/d*{_in_row('scale_')}),"
    f"LET(u,IF(ISNUMBER(x),0,{_GAP}),w,IF(ISNUMBER(d),0,LET(x,d,{_GAP})),"
    "IF(ISNUMBER(u),w,IF(ISNUMBER(w),u,IF(ISNA(u),w,u))))))",
    blocks=("values", "denominators"),
    options={"scale_": _option("scale", "1")},
    checks=(
        "IF(OR(ROWS(denominators)<>n,AND(COLUMNS(denominators)<>1,COLUMNS(denominators)<>k)),"
        "#VALUE!,0)",
    ),
)

_WORSE = (
    f"SUM(MAKEARRAY(n,1,LAMBDA(i,j,LET(y,{_at('values', 'i', 'c')},"
    "IF(ISNUMBER(y),IF(d*y{sign}d*x,1,0),0)))))"
)

RANK_UNIFORM = _lambda(
    "values,[direction]",
    _per_cell(
        f"LET(d,{_in_row('direction_')},100/{_in_row('count')}*({_WORSE.format(sign='<')}+1))"
    ),
    options={"direction_": _TURN},
    columns={"count": _column("SUM(MAP(y,LAMBDA(b,IF(ISNUMBER(b),1,0))))")},
)

RANK_COMPETITION = _lambda(
    "values,[direction]",
    _per_cell(f"LET(d,{_in_row('direction_')},{_WORSE.format(sign='>')}+1)"),
    options={"direction_": _TURN},
)

#: One weight, from a row or a column.
_WEIGHT = f"IF(ROWS(weights)=1,{_at('weights', '1', 'j')},{_at('weights', 'j', '1')})"

WEIGHTED_INDEX = _lambda(
    "values,weights",
    f"LET(g,MAX(MAKEARRAY(1,k,LAMBDA(i,j,LET(x,{_at('values', 'r', 'j')},"
    f"IF(ISNUMBER(x),0,IF(ISNA({_GAP}),1,2)))))),"
    "IF(g=2,#VALUE!,IF(g=1,NA(),SUM(MAKEARRAY(1,k,LAMBDA(i,j,"
    f"{_at('values', 'r', 'j')}*{_WEIGHT})))/SUM(weights))))",
    blocks=("values", "weights"),
    checks=(
        "IF(OR(AND(ROWS(weights)<>1,COLUMNS(weights)<>1),ROWS(weights)*COLUMNS(weights)<>k),"
        "#VALUE!,0)",
        _first_error(f"MAP(weights,LAMBDA(x,IF(ISNUMBER(x),0,{_GAP})))"),
        "IF(MIN(weights)<0,#NUM!,0)",
        "IF(SUM(weights)=0,#DIV/0!,0)",
    ),
    width="1",
)

TEXTS = {
    name: text
    for name, text in list(globals().items())
    if name.isupper() and not name.startswith("_") and isinstance(text, str)
}
