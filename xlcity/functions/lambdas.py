"""LAMBDA twins: functions of the library as formulas that Excel 365 computes with no add-in.

Each is written as a person would type it into the Name Manager, composed of a few pieces that say
what every function of the library says: an error in an argument is the whole result, a blank, a
missing code or #N/A among numbers is #N/A in its own cell, other text #VALUE!, an option is one
value or one per column, a single row a column that lies down.
Only what engines with LAMBDA compute alike is used: scalar functions inside MAKEARRAY, BYCOL and
REDUCE.

Letters in the formulas: n, k rows and columns of the values; r, c row and column of a result (s its
column in a series that lies down); x the number of a cell, y those of a column; v the number of an
option; l, u bounds as given, b, t as used, p the share between them.
"""

from __future__ import annotations

from collections.abc import Iterable

from xlcity.functions.block import DIRECTIONS, MISSING_CODES

_CODES = (
    "{" + ",".join(f'"{code}"' for code in {c.upper(): c for c in MISSING_CODES}.values()) + "}"
)
_MISSING = f"SUMPRODUCT((TRIM(x)={_CODES})*1)>0"
#: What a cell x without a number shows for itself.
_GAP = f'IF(x="",NA(),IF({_MISSING},NA(),#VALUE!))'

_POSITIVE = "IF(v<=0,#NUM!,v)"
_DIRECTION = "IF(ABS(v)=1,v,#NUM!)"


def _direction_words(sign: float) -> str:
    """Return the spellings of a direction as an array."""
    return "{" + ",".join(f'"{word}"' for word, value in DIRECTIONS.items() if value == sign) + "}"


#: A direction in words, as a number.
_SPELT = (
    f"IF(SUMPRODUCT((TRIM(v)={_direction_words(1.0)})*1)>0,1,"
    f"IF(SUMPRODUCT((TRIM(v)={_direction_words(-1.0)})*1)>0,-1,#VALUE!))"
)


def _cell_at(block: str, row: str = "r", column: str = "c") -> str:
    """Return the formula of one cell of a block; INDEX wants more than one cell in some engines."""
    return f"IF(IFERROR(ROWS({block})*COLUMNS({block}),1)=1,{block},INDEX({block},{row},{column}))"


def _row_value(row: str, column: str = "c") -> str:
    """Return the formula of one value of a row made by MAKEARRAY or BYCOL."""
    return f"INDEX({row},1,{column})"


def _first_error(block: str, test: str = "ISERROR") -> str:
    """Return the formula of the first error of a block, 0 without one.

    Parameters
    ----------
    test
        ISERROR, or ISERR, which lets #N/A pass.
    """
    return f"REDUCE(0,{block},LAMBDA(a,b,IF(ISERROR(a),a,IF({test}(b),b,0))))"


def _option_row(name: str, default: str, check: str = "v", other: str = "#VALUE!") -> str:
    """Return the formula of an option as a row of k values, with the default where it is blank.

    Parameters
    ----------
    check
        Value of a number v: itself, or an error outside the limits.
    other
        Value of what is not a number.
    """
    return (
        f'LET(g,IF(ISOMITTED({name}),"",{name}),h,IFERROR(ROWS(g),1),w,IFERROR(COLUMNS(g),1),'
        f"IF(OR(h>1,AND(w>1,w<>k)),#VALUE!,MAKEARRAY(1,k,LAMBDA(i,j,LET(v,"
        f'IF(w=1,g,INDEX(g,1,j)),IF(v="",{default},IF(ISNUMBER(v),{check},{other})))))))'
    )


_TURN = _option_row("direction", "1", _DIRECTION, f"IF(ISTEXT(v),{_SPELT},#VALUE!)")


def _write_lambda(
    parameters: str,
    cell: str,
    *,
    blocks: tuple[str, ...] = ("values",),
    options: dict[str, str] | None = None,
    checks: tuple[str, ...] = (),
    columns: dict[str, str] | None = None,
    width: str = "k",
    gaps: tuple[str, ...] = ("values",),
    series: bool = False,
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
    gaps
        Blocks in which #N/A is a gap.
    series
        Whether a single row is a column that lies down.
    """
    rows = options or {}
    lines = _size_variables(rows, series)
    errors = [_first_error(name, "ISERR" if name in gaps else "ISERROR") for name in blocks]
    wrong = {f"e_{number}": text for number, text in enumerate(errors, start=1)}
    lines += [f"{name},{text}" for name, text in (wrong | rows).items()]
    later = {f"o_{number}": _first_error(name) for number, name in enumerate(rows, start=1)}
    later |= {f"q_{number}": check for number, check in enumerate(checks, start=1)}
    lines += [f"{name},{text}" for name, text in later.items()]
    body = f"MAKEARRAY(n,{width},LAMBDA(r,c,{cell}))"
    if series:
        # Of a row, places in the result are counted along it.
        body = f"MAKEARRAY(down,wide,LAMBDA(r,s,LET(c,IF(lies,1,s),{cell})))"
    if columns:
        body = f"LET({','.join(f'{name},{text}' for name, text in columns.items())},{body})"
    for name in reversed([*wrong, *later]):
        body = f"IF(ISERROR({name}),{name},{body})"
    return f"LAMBDA({parameters},LET({','.join(lines)},{body}))"


def _size_variables(options: Iterable[str], series: bool) -> list[str]:
    """Return the definitions of n and k, rows and columns of the values, for LET.

    In a series that lies down they are the other way round; `options` end with an underscore.
    """
    if not series:
        return ["n,IFERROR(ROWS(values),1)", "k,IFERROR(COLUMNS(values),1)"]
    names = [name[:-1] for name in options]
    single = [f"IF(ISOMITTED({name}),1,IFERROR(COLUMNS({name}),1))" for name in names]
    return [
        "down,IFERROR(ROWS(values),1)",
        "wide,IFERROR(COLUMNS(values),1)",
        f"lies,AND(down=1,wide>1,MAX({','.join(single)})=1)",
        "n,IF(lies,wide,down)",
        "k,IF(lies,1,wide)",
    ]


def _per_cell(number: str) -> str:
    """Return the formula of a cell: an expression of its number x, or its own error.

    The place of a cell is row r and column s; c is the column of its statistics and options.
    """
    return f"LET(x,{_cell_at('values', 'r', 's')},IF(ISNUMBER(x),{number},{_GAP}))"


def _column_statistic(statistic: str) -> str:
    """Return the formula of a row: for each column a statistic of its numbers y."""
    numbers = 'MAP({},LAMBDA(b,IF(ISNUMBER(b),b,"")))'
    single = f"MAKEARRAY(1,1,LAMBDA(i,j,LET(y,{numbers.format('values')},{statistic})))"
    each = f"BYCOL(values,LAMBDA(q,LET(y,{numbers.format('q')},{statistic})))"
    return f"IF(lies,{single},{each})"


#: Whether a column has one value only, but for rounding (`noise.FLAT`).
_FLAT = "MAX(y)-MIN(y)<=4E-15*MAX(MAX(y),-MIN(y))"


def _bound_share(result: str, *, reverse: bool = False) -> str:
    """Return the formula of a cell: an expression of its share p between two bounds.

    Bounds are given or the column's own. With `reverse`, a given low may lie above a given high.
    """
    no_room = "t-b<=4E-15*MAX(t,-b)"
    if reverse:
        both = "AND(ISNUMBER(l),ISNUMBER(u))"
        no_room = f"IF({both},ABS(t-b)<=4E-15*MAX(ABS(t),ABS(b)),{no_room})"
    low, high = _row_value("low_"), _row_value("high_")
    return _per_cell(
        f"LET(l,{low},u,{high},b,IF(ISNUMBER(l),l,{_row_value('least')}),"
        f"t,IF(ISNUMBER(u),u,{_row_value('most')}),IF({no_room},IF(OR(ISNUMBER(l),ISNUMBER(u)),#NUM!,"
        f"#DIV/0!),LET(p,(x-b)/(t-b),{result})))"
    )


_BOUNDS = {"low_": _option_row("low", '""'), "high_": _option_row("high", '""')}


def _bounds_error(wrong: str) -> str:
    """Return a formula: #NUM! where a test of given bounds l and u is true in a column, else 0."""
    return (
        "IF(SUM(MAKEARRAY(1,k,LAMBDA(i,j,LET("
        f"l,{_row_value('low_', 'j')},u,{_row_value('high_', 'j')},"
        f"IF(AND(ISNUMBER(l),ISNUMBER(u)),IF({wrong},1,0),0)))))>0,#NUM!,0)"
    )


_IN_ORDER = _bounds_error("l>=u")
_OWN_BOUNDS = {"least": _column_statistic("MIN(y)"), "most": _column_statistic("MAX(y)")}

RATING_SCALE = _write_lambda(
    "values,[max],[scale],[unrated]",
    f'LET(x,IFERROR({_cell_at("values")},"NA"),z,{_row_value("unrated_")},m,{_row_value("max_")},s,{_row_value("scale_")},'
    f'IF(ISNUMBER(x),x/m*s,IF(AND(x<>"",ISNUMBER(z)),IF({_MISSING},z/m*s,{_GAP}),{_GAP})))',
    options={
        "max_": _option_row("max", "5", _POSITIVE),
        "scale_": _option_row("scale", "100", _POSITIVE),
        "unrated_": _option_row("unrated", '""'),
    },
)

MINMAX_SCALE = _write_lambda(
    "values,[low],[high],[scale],[floor],[direction]",
    _bound_share(
        f"LET(s,IF({_row_value('direction_')}<0,1-p,p)*{_row_value('scale_')},f,{_row_value('floor_')},"
        "IF(ISNUMBER(f),MAX(s,f),s))"
    ),
    options={
        **_BOUNDS,
        "scale_": _option_row("scale", "100", _POSITIVE),
        "floor_": _option_row("floor", '""'),
        "direction_": _TURN,
    },
    checks=(
        _IN_ORDER,
        "IF(SUM(MAKEARRAY(1,k,LAMBDA(i,j,LET("
        f"f,{_row_value('floor_', 'j')},IF(ISNUMBER(f),IF(f>{_row_value('scale_', 'j')},1,0),0)))))"
        ">0,#NUM!,0)",
    ),
    columns=_OWN_BOUNDS,
    series=True,
)

GOALPOST_SCALE = _write_lambda(
    "values,[low],[high],[scale],[direction]",
    _bound_share(
        f"LET(s,MIN(MAX(p,0),1),IF({_row_value('direction_')}<0,1-s,s)*{_row_value('scale_')})"
    ),
    options={
        **_BOUNDS,
        "scale_": _option_row("scale", "100", _POSITIVE),
        "direction_": _TURN,
    },
    checks=(_IN_ORDER,),
    columns=_OWN_BOUNDS,
    series=True,
)

EFFICACY_SCALE = _write_lambda(
    "values,[omega],[low],[high]",
    _bound_share(f"LET(w,{_row_value('omega_')},p*w+(100-w))", reverse=True),
    options={"omega_": _option_row("omega", "40", "IF(OR(v<0,v>100),#NUM!,v)"), **_BOUNDS},
    checks=(_bounds_error("l=u"),),
    columns=_OWN_BOUNDS,
    series=True,
)

ZSCORE_WINSOR = _write_lambda(
    "values,[limit],[direction],[ddof]",
    _per_cell(
        f"LET(m,{_row_value('mean')},s,{_row_value('limit_')},"
        f"f,{_row_value('count')}-{_row_value('ddof_')},q,{_row_value('squares')},"
        f"IF(OR(f<=0,{_row_value('flat')}),#DIV/0!,"
        "LET(e,(x-m)/SQRT(q/f),z,IF(ABS(e)<=1E-10,0,e),"
        f"{_row_value('direction_')}*IF(s=0,z,MIN(MAX(z,-s),s)))))"
    ),
    options={
        "limit_": _option_row("limit", "1.96", "IF(v<0,#NUM!,v)"),
        "direction_": _TURN,
        "ddof_": _option_row("ddof", "0", "IF(OR(v<0,v<>INT(v)),#NUM!,v)"),
    },
    columns={
        "mean": _column_statistic("IFERROR(AVERAGE(y),0)"),
        "count": _column_statistic("SUM(MAP(y,LAMBDA(b,IF(ISNUMBER(b),1,0))))"),
        "squares": _column_statistic("IFERROR(DEVSQ(y),0)"),
        "flat": _column_statistic(_FLAT),
    },
    series=True,
)

DENOMINATE = _write_lambda(
    "values,denominators,[scale]",
    f"LET(x,{_cell_at('values')},d,IF(COLUMNS(denominators)=1,{_cell_at('denominators', 'r', '1')},"
    f"{_cell_at('denominators')}),"
    "IF(AND(ISNUMBER(x),ISNUMBER(d)),"
    f"IF(d=0,#DIV/0!,x/d*{_row_value('scale_')}),"
    f"LET(u,IF(ISNUMBER(x),0,{_GAP}),w,IF(ISNUMBER(d),0,LET(x,d,{_GAP})),"
    "IF(ISNUMBER(u),w,IF(ISNUMBER(w),u,IF(ISNA(u),w,u))))))",
    blocks=("values", "denominators"),
    gaps=("values", "denominators"),
    options={"scale_": _option_row("scale", "1")},
    checks=(
        "IF(OR(ROWS(denominators)<>n,AND(COLUMNS(denominators)<>1,COLUMNS(denominators)<>k)),"
        "#VALUE!,0)",
    ),
)

_WORSE = (
    f"SUM(MAKEARRAY(n,1,LAMBDA(i,j,LET(y,{_cell_at('values', 'IF(lies,1,i)', 'IF(lies,i,c)')},"
    "IF(ISNUMBER(y),IF(d*y{sign},1,0),0)))))"
)

#: Less by more than rounding: `noise.TIE`.
_LESS = f"<d*x-{_row_value('near')}"

RANK_UNIFORM = _write_lambda(
    "values,[direction]",
    _per_cell(
        f"LET(d,{_row_value('direction_')},100/{_row_value('count')}*({_WORSE.format(sign=_LESS)}+1))"
    ),
    options={"direction_": _TURN},
    columns={
        "count": _column_statistic("SUM(MAP(y,LAMBDA(b,IF(ISNUMBER(b),1,0))))"),
        "near": _column_statistic("8E-16*MAX(MAX(y),-MIN(y))"),
    },
    series=True,
)

RANK_COMPETITION = _write_lambda(
    "values,[direction]",
    _per_cell(f"LET(d,{_row_value('direction_')},{_WORSE.format(sign='>d*x')}+1)"),
    options={"direction_": _TURN},
    series=True,
)

#: One weight, from a row or a column.
_WEIGHT = f"IF(ROWS(weights)=1,{_cell_at('weights', '1', 'j')},{_cell_at('weights', 'j', '1')})"

WEIGHTED_INDEX = _write_lambda(
    "values,weights",
    f"LET(g,MAX(MAKEARRAY(1,k,LAMBDA(i,j,LET(x,{_cell_at('values', 'r', 'j')},"
    f"IF(ISNUMBER(x),0,IF(ISNA({_GAP}),1,2)))))),"
    "IF(g=2,#VALUE!,IF(g=1,NA(),LET(t,SUM(MAKEARRAY(1,k,LAMBDA(i,j,"
    f"{_cell_at('values', 'r', 'j')}*{_WEIGHT})))/SUM(weights),"
    f"m,MAX(MAKEARRAY(1,k,LAMBDA(i,j,ABS({_cell_at('values', 'r', 'j')})))),"
    "IF(ABS(t)<=1E-10*m,0,t)))))",
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
