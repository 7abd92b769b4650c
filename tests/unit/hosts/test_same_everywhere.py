"""Every function of the registry, on generated calls: the same matrix from every host."""

from __future__ import annotations

import functools
import math

import pytest

from tests.helpers.generated_calls import GeneratedCall, generated_calls
from xlcity.errors import CellError, CellValue
from xlcity.functions.declare import Kind, Returns
from xlcity.functions.registry import FUNCTIONS
from xlcity.hosts.cells import CellRows, call
from xlcity.hosts.sheet_call import IN_PROCESS, lay_out_call, run_call
from xlcity.recalc.office_calls import run_calls

pytestmark = pytest.mark.slow

RELATIVE = 1e-12
CALLS = [made for function in FUNCTIONS.values() for made in generated_calls(function)]


def same(found: CellValue, expected: CellValue) -> bool:
    if isinstance(found, float) and isinstance(expected, float):
        return math.isclose(found, expected, rel_tol=RELATIVE, abs_tol=1e-15)
    return found == expected


def differences(made: GeneratedCall, expected: CellRows, found: CellRows) -> list[str]:
    if [len(row) for row in found] != [len(row) for row in expected]:
        return [f"{made}\n  shape: {found} is not {expected}"]
    return [
        f"{made}\n  row {r + 1}, column {c + 1}: {found[r][c]} is not {cell}"
        for r, row in enumerate(expected)
        for c, cell in enumerate(row)
        if not same(found[r][c], cell)
    ]


@functools.cache
def answers(host: str) -> list[CellRows]:
    """Return what a host gives for every call."""
    if host == "libreoffice":
        return run_calls([lay_out_call(made.name, made.arguments) for made in CALLS])
    if host == "python":
        return [call(made.name, made.arguments) for made in CALLS]
    return [run_call(made.name, made.arguments, host) for made in CALLS]


def expected_of(made: GeneratedCall, plain: CellRows, host: str) -> CellRows:
    """Return what a host must give: LibreOffice calls nothing with an error in a range."""
    if host != "libreoffice":
        return plain
    kinds = [argument.kind for argument in FUNCTIONS[made.name].arguments]
    for rows, kind in zip(made.arguments, kinds, strict=False):
        if kind in (Kind.VALUES, Kind.BLOCK) and any(
            CellError.NA in row for row in rows
        ):
            return [[CellError.NA]]
    return plain


@functools.cache
def wrong_answers(host: str) -> dict[str, list[str]]:
    """Return where a host gives something else than Python, by function."""
    wrong: dict[str, list[str]] = {}
    for made, expected, found in zip(
        CALLS, answers("python"), answers(host), strict=True
    ):
        if told := differences(made, expected_of(made, expected, host), found):
            wrong.setdefault(made.name, []).extend(told)
    return wrong


ENGINES = [
    *(host for host in IN_PROCESS if host != "python"),
    pytest.param("libreoffice", marks=pytest.mark.libreoffice),
]


@pytest.mark.parametrize("host", ENGINES)
def test_every_host_gives_what_python_gives(host: str) -> None:
    assert wrong_answers(host) == {}


def test_generated_calls_reach_results_and_errors_of_every_function() -> None:
    """The calls are worth comparing: numbers, gaps and the errors of options all occur."""
    given: dict[str, list[CellValue]] = {}
    for made, rows in zip(CALLS, answers("python"), strict=True):
        given.setdefault(made.name, []).extend(cell for row in rows for cell in row)
    for name, function in FUNCTIONS.items():
        cells = given[name]
        errors = {cell for cell in cells if isinstance(cell, CellError)}
        least = 3 if function.returns is Returns.SINGLE else 5
        assert sum(not isinstance(cell, CellError) for cell in cells) >= least, name
        # Weights that follow from complete rows know no gap.
        assert {CellError.VALUE, CellError.NA} & {
            *function.errors,
            CellError.VALUE,
        } <= errors, name


@pytest.mark.libreoffice
def test_what_libreoffice_is_given_arrives_as_it_is() -> None:
    """Texts that look like formulas or errors, the last digit, and one known difference."""
    texts = [["=1+1"], ['a"b'], ["#REF!"], ["{1}"], [3.0], ["0.1"], [0.1 + 0.2]]
    given = [
        ("RANK_COMPETITION", [texts]),
        ("RANK_COMPETITION", [[[0.1 + 0.2], [0.3]]]),
        ("RATING_SCALE", [[[True, 4.0]]]),
    ]
    ranked, digits, logical = run_calls(
        [lay_out_call(name, arguments) for name, arguments in given]
    )
    assert ranked == [*[[CellError.VALUE]] * 4, [1.0], [CellError.VALUE], [2.0]]
    assert digits == [[1.0], [2.0]]
    # Calc hands TRUE over as the number 1; everywhere else it is #VALUE! in its own cell.
    assert logical == [[20.0, 80.0]]
