"""A whole index in one call: values, a framework as cells, scores of any nodes."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from xlcity.errors import CellError, CellValue, FunctionError
from xlcity.functions.aggregate import weighted_index
from xlcity.functions.arguments import (
    CellColumn,
    CellTable,
    LabelPerColumn,
    Missing,
    as_label,
    is_blank,
    one_of,
)
from xlcity.functions.block import (
    DIRECTIONS,
    CellArray,
    CellState,
    Codes,
    ErrorCode,
    Matrix,
    States,
    as_numbers,
    make_block,
    state_errors,
)
from xlcity.functions.decorator import function
from xlcity.functions.normalise import minmax_scale, zscore_winsor
from xlcity.functions.rank import rank_uniform
from xlcity.functions.scale import percentile_scale, zscore_scale

#: Columns of a framework block without a header, in order.
BRANCH_COLUMNS = ("code", "parent", "weight", "direction")
#: How indicators are put on one scale; see `index_scores`.
NORMALISERS = ("minmax", "zscore", "winsor", "rank", "percentile", "none")

Cells = Sequence[Sequence[CellValue]]


@dataclass(frozen=True, slots=True)
class Branch:
    """One row of a framework block: a node, its parent's code ("" for the root), its weight there.

    `direction` is 1 where more is better, -1 where less is.
    """

    code: str
    parent: str
    weight: float
    direction: float


def read_branches(rows: Cells) -> tuple[Branch, ...]:
    """Return the nodes of a block of cells that describes a framework, parents before children.

    Parameters
    ----------
    rows
        Rows of code, parent, weight and direction, with or without these headings; with headings in
        any order. A row without a code is skipped.

    Raises
    ------
    FunctionError
        #VALUE! if the rows are no tree or a cell holds what it cannot; #NUM! for a negative weight;
        #DIV/0! where all children of a node weigh 0.
    """
    # The first row may be a header; without one the columns stand in the order of BRANCH_COLUMNS.
    header = [as_label(cell).casefold() for cell in rows[0]]
    columns = dict(zip(BRANCH_COLUMNS, range(len(header)), strict=False))
    if "code" in header:
        columns = {
            name: header.index(name) for name in BRANCH_COLUMNS if name in header
        }
        rows = rows[1:]
    if not {"code", "parent"} <= columns.keys():
        raise FunctionError("a framework has the columns code and parent")
    branches: dict[str, Branch] = {}
    for row in rows:
        code = as_label(row[columns["code"]])
        if not code:
            continue
        if code in branches:
            raise FunctionError(f"the code {code} is used twice")
        branches[code] = _read_branch(code, row, columns)
    return _order_branches(branches)


def _read_branch(
    code: str, row: Sequence[CellValue], columns: Mapping[str, int]
) -> Branch:
    """Return the node with a code from its row; `columns` maps names to positions in it."""
    weight = row[columns["weight"]] if "weight" in columns else None
    direction = row[columns["direction"]] if "direction" in columns else None
    return Branch(
        code,
        parent=as_label(row[columns["parent"]]),
        weight=_read_weight(weight),
        direction=_direction_of_branch(direction),
    )


def _read_weight(cell: CellValue) -> float:
    """Return a cell as a weight, 1 for a blank; raise #VALUE! for text, #NUM! below 0."""
    if is_blank(cell):
        return 1.0
    if isinstance(cell, (bool, str, CellError)) or cell is None:
        raise FunctionError(f"the weight {cell!r} is not a number")
    if cell < 0:
        raise FunctionError(f"the weight {cell} is negative", CellError.NUM)
    return float(cell)


def _direction_of_branch(cell: CellValue) -> float:
    """Return a cell as 1 or -1, 1 for a blank; raise #VALUE! for any other."""
    text = "1" if is_blank(cell) else as_label(cell).casefold()
    if text not in DIRECTIONS:
        raise FunctionError(f"{cell!r} is not a direction")
    return DIRECTIONS[text]


def _order_branches(branches: dict[str, Branch]) -> tuple[Branch, ...]:
    """Return the nodes of a framework with every parent before its children.

    Parameters
    ----------
    branches
        Code -> node, in any order.

    Raises
    ------
    FunctionError
        #VALUE! for what is not one tree; #DIV/0! where all children of a node weigh 0.
    """
    nodes = branches.values()
    roots = [node for node in nodes if not node.parent]
    parents = {node.parent for node in nodes if node.parent}
    if len(roots) != 1 or not parents <= branches.keys():
        raise FunctionError("a framework is one tree: one node without a parent")
    ordered = list(roots)
    # The list grows by the children of each node, which are visited in turn.
    for node in ordered:
        ordered += _weighted_children(node, nodes)
    if len(ordered) != len(branches):
        raise FunctionError("a node is below itself")
    return tuple(ordered)


def _weighted_children(node: Branch, nodes: Iterable[Branch]) -> list[Branch]:
    """Return the children of a node among all; raise #DIV/0! where none of them has a weight."""
    children = [other for other in nodes if other.parent == node.code]
    if children and not any(child.weight for child in children):
        raise FunctionError(f"all weights under {node.code} are 0", CellError.DIV0)
    return children


@dataclass(frozen=True, slots=True, eq=False)
class _NodeScores:
    """(n,) scores of a node, the error of each, and which of them are not filled yet."""

    values: Matrix
    errors: Codes
    blank: np.ndarray


@function(category="aggregate", returns="nodes")
def index_scores(  # noqa: PLR0913, PLR0917
    values: ArrayLike,
    codes: LabelPerColumn,
    framework: CellTable,
    nodes: CellColumn | None = None,
    normalise: Annotated[str, one_of(*NORMALISERS)] = "minmax",
    aggregate: Annotated[
        str, one_of("arithmetic", "geometric", "harmonic")
    ] = "arithmetic",
    missing: Missing = "renormalise",
    *,
    states: States | None = None,
) -> CellArray:
    """Return scores of any nodes of an index, from data and a framework in one call.

    Parameters
    ----------
    values : (n, k)
        Values of indicators, any uom; NaN = no value.
    codes : (k,)
        Code of each column of values, in a row; columns that are not an indicator are ignored.
    framework
        Rows of code, parent, weight, direction, with or without these headings. The root has no
        parent; an empty weight is 1, an empty direction 1.
    nodes : (m,), default the root
        Codes of the nodes whose scores are wanted, one column of results each: for instance the
        headings above the formula.
    normalise
        minmax (0 to 100), zscore (n - 1), winsor (n, clipped at 1.96), rank (100/N times the rank),
        percentile (0 to 1) or none.
    aggregate
        Mean at every node: arithmetic, geometric or harmonic.
    missing
        What a missing code does: na (no result in its row), renormalise (its weight is shared among
        the rest), zero (counts as 0) or refuse (no result in its whole group, nor with a blank). A
        blank always gives #N/A.

    See Also
    --------
    minmax_scale, weighted_index, contributions

    Notes
    -----
    ``normalise each indicator, then at each node SUM(w * child) / SUM(w)``

    - Weights are relative inside their parent. The score of an indicator is its normalised value.
    - A blank leaves all nodes above it without a result in its row.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, steps 5 and 6.

    Examples
    --------
    >>> tree = [["T", "", 1, 1], ["a", "T", 3, 1], ["b", "T", 1, -1]]
    >>> index_scores([[1.0, 8.0], [3.0, 9.0]], ["a", "b"], tree).values.ravel().tolist()
    [25.0, 75.0]
    """
    x, state = as_numbers(values, states)
    branches = read_branches(framework)
    methods = _Methods(normalise=normalise, aggregate=aggregate, missing=missing)
    node_scores = _score_nodes(branches, x, state, codes=codes, methods=methods)
    columns = [node_scores[code] for code in _requested_codes(branches, nodes)]
    scores = np.column_stack([column.values for column in columns])
    return make_block(scores, np.column_stack([column.errors for column in columns]))


def _requested_codes(
    branches: Sequence[Branch], nodes: Sequence[CellValue] | None
) -> list[str]:
    """Return the codes of the nodes whose scores are asked for.

    Parameters
    ----------
    branches
        The nodes of the framework, the root first.
    nodes
        Cells with codes; None asks for the root.

    Raises
    ------
    FunctionError
        For a code that no node has.
    """
    requested = (
        [branches[0].code] if nodes is None else [as_label(node) for node in nodes]
    )
    if unknown := set(requested) - {branch.code for branch in branches}:
        raise FunctionError(f"the framework has no node {', '.join(sorted(unknown))}")
    return requested


class _Methods(NamedTuple):
    """How scores are made; see the arguments of `index_scores`."""

    normalise: str
    aggregate: str
    missing: str


def _score_nodes(
    branches: Sequence[Branch],
    x: Matrix,
    state: States,
    *,
    codes: Sequence[str],
    methods: _Methods,
) -> dict[str, _NodeScores]:
    """Return the scores of all nodes by code, children first.

    Parameters
    ----------
    branches
        The nodes, every parent before its children.
    x, state
        (n, k) values, and what each cell holds.
    codes
        Code of the indicator in each column.
    """
    node_scores: dict[str, _NodeScores] = {}
    for branch in reversed(branches):  # so that children come before parents
        children = [child for child in branches[1:] if child.parent == branch.code]
        if children:
            child_scores = [node_scores[child.code] for child in children]
            weights = [child.weight for child in children]
            node_scores[branch.code] = _combine_children(child_scores, weights, methods)
        elif codes.count(branch.code) == 1:
            column = list(codes).index(branch.code)
            node_scores[branch.code] = _scale_column(
                x[:, [column]], state[:, [column]], branch.direction, methods.normalise
            )
        else:
            raise FunctionError(
                f"{branch.code} has {codes.count(branch.code)} columns of values"
            )
    return node_scores


def _scale_column(
    x: Matrix, state: States, direction: float, method: str
) -> _NodeScores:
    """Return the scores of one indicator by a method of `NORMALISERS`.

    `x` and `state` are (n, 1): its values, and what each cell holds; `direction` is 1 or -1.
    """
    scaled = _NORMALISERS[method](x, direction=direction, states=state)
    return _NodeScores(
        values=scaled.values[:, 0],
        errors=scaled.errors[:, 0],
        blank=state[:, 0] == CellState.BLANK,
    )


def _combine_children(
    child_scores: Sequence[_NodeScores], weights: list[float], methods: _Methods
) -> _NodeScores:
    """Return the scores of a node from those of its children.

    What broke in a child (#NUM!, #DIV/0!, #VALUE!) is shown in the node, too.

    Parameters
    ----------
    child_scores, weights
        Scores of the children, and their weights.
    """
    values = np.column_stack([part.values for part in child_scores])
    errors = np.column_stack([part.errors for part in child_scores])
    blank = np.asarray(
        np.column_stack([part.blank for part in child_scores]).any(axis=1)
    )
    state = np.where(errors == ErrorCode.NONE, CellState.NUMBER, CellState.MISSING)
    combined = weighted_index(
        values, weights, methods.aggregate, methods.missing, states=state
    )
    node_errors = combined.errors[:, 0].copy()
    # What broke below is shown above it: a person has to mend that, not this node.
    for error in (ErrorCode.NUM, ErrorCode.DIV0, ErrorCode.VALUE):
        node_errors[(errors == error).any(axis=1)] = error
    node_errors[blank & (node_errors != ErrorCode.VALUE)] = ErrorCode.NA
    return _NodeScores(combined.values[:, 0], node_errors, blank)


_NORMALISERS: dict[str, Callable[..., CellArray]] = {
    "minmax": minmax_scale,
    "zscore": zscore_scale,
    "winsor": zscore_winsor,
    "rank": rank_uniform,
    "percentile": percentile_scale,
    "none": lambda x, direction, states: make_block(
        direction * x, state_errors(states)
    ),
}
