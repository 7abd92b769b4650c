"""A whole index in one call: values, a framework as cells, scores of any nodes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from xlcity.errors import CellError, CellValue, FunctionError
from xlcity.functions.aggregate import weighted_index
from xlcity.functions.block import (
    ERROR_CODES,
    NA,
    NO_ERROR,
    VALUE,
    Block,
    Codes,
    Matrix,
    State,
    States,
    as_matrix,
    as_states,
    block,
)
from xlcity.functions.normalise import minmax_scale, zscore_winsor
from xlcity.functions.options import DIRECTIONS, as_label, is_blank
from xlcity.functions.rank import rank_uniform
from xlcity.functions.scale import percentile_scale, zscore_scale

#: Columns of a framework block without a header, in order.
COLUMNS = ("code", "parent", "weight", "direction")
#: How indicators are put on one scale; see `index_scores`.
NORMALISERS = ("minmax", "zscore", "winsor", "rank", "percentile", "none")

Cells = Sequence[Sequence[CellValue]]


@dataclass(frozen=True, slots=True)
class Branch:
    """One row of a framework block."""

    code: str
    parent: str
    weight: float
    direction: float


def read_branches(rows: Cells) -> tuple[Branch, ...]:
    """Return the nodes of a framework block, every parent before its children.

    Raises
    ------
    FunctionError
        #VALUE! if the rows are no tree or a cell holds what it cannot; #NUM! for a negative weight;
        #DIV/0! where all children of a node weigh 0.
    """
    header = [as_label(cell).casefold() for cell in rows[0]]
    at = dict(zip(COLUMNS, range(len(header)), strict=False))
    if "code" in header:
        rows, at = rows[1:], {name: header.index(name) for name in COLUMNS if name in header}
    if not {"code", "parent"} <= at.keys():
        raise FunctionError("a framework has the columns code and parent")
    found: dict[str, Branch] = {}
    for row in rows:
        code = as_label(row[at["code"]])
        if not code:
            continue
        if code in found:
            raise FunctionError(f"the code {code} is used twice")
        weight, direction = (row[at[n]] if n in at else None for n in ("weight", "direction"))
        found[code] = Branch(code, as_label(row[at["parent"]]), _weight(weight), _sign(direction))
    return _ordered(found)


def _weight(cell: CellValue) -> float:
    if is_blank(cell):
        return 1.0
    if isinstance(cell, (bool, str, CellError)) or cell is None:
        raise FunctionError(f"the weight {cell!r} is not a number")
    if cell < 0:
        raise FunctionError(f"the weight {cell} is negative", CellError.NUM)
    return float(cell)


def _sign(cell: CellValue) -> float:
    text = "1" if is_blank(cell) else as_label(cell).casefold()
    if text not in DIRECTIONS:
        raise FunctionError(f"{cell!r} is no direction")
    return DIRECTIONS[text]


def _ordered(found: dict[str, Branch]) -> tuple[Branch, ...]:
    roots = [branch for branch in found.values() if not branch.parent]
    if len(roots) != 1 or any(b.parent and b.parent not in found for b in found.values()):
        raise FunctionError("a framework is one tree: one node without a parent")
    ordered = list(roots)
    for branch in ordered:
        below = [other for other in found.values() if other.parent == branch.code]
        if below and not any(other.weight for other in below):
            raise FunctionError(f"all weights under {branch.code} are 0", CellError.DIV0)
        ordered += below
    if len(ordered) != len(found):
        raise FunctionError("a node stands under itself")
    return tuple(ordered)


def index_scores(
    values: ArrayLike,
    codes: Sequence[str],
    framework: Cells,
    nodes: Sequence[CellValue] | None = None,
    normalise: str = "minmax",
    aggregate: str = "arithmetic",
    missing: str = "renormalise",
    *,
    states: States | None = None,
) -> Block:
    """Return the scores of nodes of an index.

    Parameters
    ----------
    values
        (n, k) values of indicators, any uom; NaN = no value.
    codes
        (k,) code of each column; columns that are no indicator of the framework are not used.
    framework
        Rows of code, parent, weight, direction, with or without a header; the root has no parent,
        an empty weight is 1, an empty direction 1.
    nodes
        (m,) codes of the nodes whose scores are returned; None = the root.
    normalise
        One of `NORMALISERS`: `minmax` 0 to 100, `zscore` with n - 1, `winsor` with n and clipped at
        1.96, `rank` 100/N times the rank, `percentile` 0 to 1, `none` (times the direction).
    aggregate
        Mean at every node: `arithmetic`, `geometric` or `harmonic`.
    missing
        What a missing code does: `na`, `renormalise` or `zero`, as in `weighted_index`.
    states
        (n, k) `State` of each cell; without it NaN is a blank, and `missing` meets nothing.

    Returns
    -------
    Block
        (n, m) scores; those of an indicator are its normalised ones.

    Notes
    -----
    A blank leaves all nodes above it #N/A in its row. An indicator without a column, a node that
    the framework does not have and a framework that is no tree are #VALUE! for the whole call.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, steps 5 and 6.

    Examples
    --------
    >>> tree = [["T", "", 1, 1], ["a", "T", 3, 1], ["b", "T", 1, -1]]
    >>> index_scores([[1.0, 8.0], [3.0, 9.0]], ["a", "b"], tree).values.ravel().tolist()
    [25.0, 75.0]
    """
    x = as_matrix(values)
    state = as_states(x, states)
    branches = read_branches(framework)
    known = {branch.code for branch in branches}
    wanted = [branches[0].code] if nodes is None else [as_label(node) for node in nodes]
    if unknown := set(wanted) - known:
        raise FunctionError(f"the framework has no node {', '.join(sorted(unknown))}")
    children: dict[str, list[Branch]] = {branch.code: [] for branch in branches}
    for branch in branches[1:]:
        children[branch.parent].append(branch)
    done: dict[str, _Column] = {}
    for branch in reversed(branches):
        below = children[branch.code]
        if below:
            parts = [done[child.code] for child in below]
            weights = [child.weight for child in below]
            done[branch.code] = _combined(parts, weights, aggregate, missing)
        elif codes.count(branch.code) == 1:
            at = list(codes).index(branch.code)
            done[branch.code] = _scaled(x[:, [at]], state[:, [at]], branch.direction, normalise)
        else:
            raise FunctionError(f"{branch.code} has {codes.count(branch.code)} columns of values")
    columns = [done[code] for code in wanted]
    return block(
        np.column_stack([column.values for column in columns]),
        np.column_stack([column.errors for column in columns]),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Column:
    """(n,) scores of a node, the error of each, and which of them are not filled yet."""

    values: Matrix
    errors: Codes
    blank: np.ndarray


def _scaled(x: Matrix, state: States, direction: float, method: str) -> _Column:
    if method == "none":
        made = block(direction * x, _own(state))
    else:
        made = _NORMALISERS[method](x, direction=direction, states=state)
    return _Column(made.values[:, 0], made.errors[:, 0], state[:, 0] == State.BLANK)


def _own(state: States) -> Codes:
    errors = np.where(state == State.NUMBER, NO_ERROR, NA)
    return np.where(state == State.TEXT, VALUE, errors).astype(np.uint8)


def _combined(parts: Sequence[_Column], weights: list[float], method: str, missing: str) -> _Column:
    values = np.column_stack([part.values for part in parts])
    errors = np.column_stack([part.errors for part in parts])
    blank = np.asarray(np.column_stack([part.blank for part in parts]).any(axis=1))
    state = np.where(errors == NO_ERROR, State.NUMBER, State.MISSING).astype(np.uint8)
    made = weighted_index(values, weights, method, missing, states=state)
    found = made.errors[:, 0].copy()
    # What broke below is shown above it: a person has to mend that, not this node.
    for error in (ERROR_CODES[CellError.NUM], ERROR_CODES[CellError.DIV0], VALUE):
        found[(errors == error).any(axis=1)] = error
    found[blank & (found != VALUE)] = NA
    return _Column(made.values[:, 0], found, blank)


_NORMALISERS: dict[str, Callable[..., Block]] = {
    "minmax": minmax_scale,
    "zscore": partial(zscore_scale, ddof=1.0),
    "winsor": zscore_winsor,
    "rank": rank_uniform,
    "percentile": percentile_scale,
}
