"""Pieces of cell formulas that decide by the limits of `functions.rounding`, as texts."""

from __future__ import annotations

#: Criterion that every number fulfils, and no text in any program.
ANY_NUMBER = '"<1E+300"'


def varies_condition(low: str, high: str) -> str:
    """Return the condition that numbers with this minimum and maximum are not all equal.

    They are equal where they differ by rounding alone: see `functions.rounding.EQUAL_WITHIN`.
    `low` and `high` are formulas or addresses.
    """
    return f"{high}-{low}>4E-15*MAX({high},-{low})"


def rank_formula(
    x: str, values: str, tied_within: str, ascending: str, ties: str
) -> str:
    """Return the formula of the ascending rank of a number in a column.

    Parameters
    ----------
    x, values
        Addresses of the number and of the column.
    tied_within
        How little numbers differ that are tied.
    ascending
        Formula of the condition that the smallest is first: "1" always, "0" never.
    ties
        min, max or average: which of their places equal numbers share.
    """
    count_below = f"SUMPRODUCT(({values}<{x}-{tied_within})*1)"
    count_not_above = f"SUMPRODUCT(({values}<={x}+{tied_within})*1)"
    n = f"COUNT({values})"
    # Each a pair: counted from the smallest number, and from the largest.
    lowest = f"({count_below}+1)", f"({n}-{count_not_above}+1)"
    highest = count_not_above, f"({n}-{count_below})"
    average = (
        f"(({count_below}+1+{count_not_above})/2)",
        f"({n}-({count_below}+{count_not_above}-1)/2)",
    )
    rising, falling = {"min": lowest, "max": highest, "average": average}[ties]
    # A constant condition needs no IF.
    return {"1": rising, "0": falling}.get(
        ascending
    ) or f"IF({ascending},{rising},{falling})"


def mean_formula(total: str, weight: str, values: str) -> str:
    """Return the formula of a mean that is 0 where values cancel but for rounding.

    The limit is `functions.rounding.ZERO_WITHIN`, a share of the largest value.

    Parameters
    ----------
    total, weight
        Weighted sum, and sum of the weights.
    values
        Address of the values.
    """
    largest = f"MAX(MAX({values}),-MIN({values}))"
    return f"IF(ABS({total})<1E-10*{weight}*{largest},0,{total}/{weight})"


def spread_formula(low: str, high: str) -> str:
    """Return the formula of high less low, "" for mere rounding or a missing number."""
    difference = f'IF({varies_condition(low, high)},{high}-{low},"")'
    return f'IF(COUNT({low},{high})=2,{difference},"")'


def missing_count_formula(values: str) -> str:
    """Return the formula of how many cells hold "NA"; `values` is the address of one or more."""
    return f'COUNTIF({values},"NA")' if ":" in values else f'IF({values}="NA",1,0)'


def missing_weight_formula(values: str, weights: str) -> str:
    """Return the formula of what "NA" cells weigh together: 0 where none of them counts.

    `values` and `weights` are addresses of the same shape. A cell alone has all the weight.
    """
    if ":" in values:
        return f'SUMIF({values},"NA",{weights})'
    return missing_count_formula(values)


def no_blank_condition(values: str, number: str) -> str:
    """Return the condition that none of `number` children is blank, but a number or "NA".

    `values` is the children's address, `number` a formula of how many there are.
    """
    return f"COUNT({values})+{missing_count_formula(values)}={number}"


def gap_formula(cell: str) -> str:
    """Return the formula of what a step makes of a cell without a number: "NA", or "".

    What was typed and is no number, "?", goes no further.
    """
    return f'IF({cell}="NA","NA","")'


def usable_formula(cell: str) -> str:
    """Return the formula of a cell as it is, "" for what was typed and is no number, "?"."""
    return f'IF({cell}="?","",{cell})'


def text_condition(cells: str) -> str:
    """Return the condition that cells of an array hold a text, an empty one too.

    formualizer takes ISTEXT and ISNUMBER of several cells for one question.
    """
    return f'{cells}&""={cells}'


def gap_formula_of_two(first: str, second: str) -> str:
    """Return the formula of what replaces a result of two values that are not both numbers.

    "NA" where each is a number or confirmed missing; "" where one is blank or cannot be used.
    """
    return f'IF(COUNT({first},{second})+({first}="NA")+({second}="NA")=2,"NA","")'


def number_or_zero_formula(cell: str) -> str:
    """Return the formula of a cell's number, else 0; not N(), which Gnumeric refuses of a blank."""
    return f"IF(ISNUMBER({cell}),{cell},0)"
