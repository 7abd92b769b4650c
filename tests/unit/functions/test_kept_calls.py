"""Calls of every function, good ones and each way to go wrong, with their results kept as text.

Exact arithmetic judges many of them (tests/property/test_rounding_noise.py); here nothing changes
without a line that shows it. Of a long result the first rows stand, and what all of it sums to.
"""

import re

import numpy as np
import pytest

from tests.helpers.generated_calls import generated_calls
from xlcity.errors import FunctionError
from xlcity.functions.declare import Kind
from xlcity.functions.entry import evaluate
from xlcity.functions.registry import BUILT_IN, FUNCTIONS

_ROWS = 3


def shown(value: object) -> str:
    return f"{value + 0.0:.6g}" if isinstance(value, float) else str(value)


def limits(argument) -> str:
    """Return which numbers an option takes, as an interval."""
    low = f"{'(' if argument.open_minimum else '['}{argument.minimum}"
    return f"{low}, {argument.maximum}]"


def test_what_arguments_take_and_what_leaving_them_out_means(require_kept):
    lines = []
    for name in BUILT_IN:
        lines.append(name)
        for argument in BUILT_IN[name].read_arguments():  # as they are declared now
            words = [argument.kind.value]
            if argument.kind is Kind.OPTION:
                words = [
                    argument.accepts.value,
                    "/".join(argument.choices) or limits(argument),
                ]
                words += ["one or per column" if argument.per_column else "one"]
            words += [f"default {argument.default}"] if argument.optional else []
            lines.append(f"  {argument.name}: {', '.join(words)}")
    require_kept("arguments", "\n".join(lines))


def told(function, arguments: list) -> str:
    """Return the result of a call: its first rows and the sum of its numbers, or its error."""
    try:
        block = evaluate(function, arguments)
    except FunctionError as error:
        return f"{error.value}: {error}"
    rows = ["[" + " ".join(map(shown, row)) + "]" for row in block.cells()[:_ROWS]]
    if len(block.values) > _ROWS:
        rows.append(f"… {len(block.values)} rows, sum {np.nansum(block.values):.6g}")
    return " ".join(rows)


_NAMES = re.compile(r"'[^']*'|[\w.-]*\d[\w.-]*|\b[A-Z]+_[A-Z_]+|(?<=: )\w+ (?=is|has)")


def without_repeated(results: list[str], refusals: set[str]) -> list[str]:
    """Return results without refusals that are as one before but for names and numbers."""
    kept = []
    for result in results:
        said = result.partition(": ")[2]
        pattern = _NAMES.sub("", said)
        if said.startswith("#") and pattern in refusals:
            continue
        refusals.add(pattern)
        kept.append(result)
    if len(kept) < len(results):
        kept.append(f"  … {len(results) - len(kept)} refusals as before")
    return kept


CATEGORIES = list(dict.fromkeys(FUNCTIONS[name].category for name in BUILT_IN))


@pytest.mark.parametrize(
    "category", CATEGORIES, ids=lambda category: category.name.lower()
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_every_call_of_a_function(require_kept, category):
    lines = []
    refusals: set[str] = set()
    for name in BUILT_IN:
        function = FUNCTIONS[name]
        if function.category is category:
            seen = set()
            results = []
            for made in generated_calls(function):
                result = told(function, made.arguments)
                if result not in seen or made.what == "example":
                    results.append(f"  {made.what}: {result}")
                seen.add(result)
            lines += [name, *without_repeated(results, refusals)]
    require_kept(f"calls_{category.name.lower()}", "\n".join(lines))
