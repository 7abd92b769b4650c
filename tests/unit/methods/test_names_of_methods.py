"""What is peculiar to a method stands in its record: nobody else asks for a method by its name."""

import ast
from pathlib import Path

import pytest

import xlcity
from xlcity.methods.registry import METHODS

HOME = Path(xlcity.__file__).parent
#: Packages that methods and what they compute stand in.
OWNERS = ("methods", "functions")
NAMES = frozenset(name for methods in METHODS.values() for name in methods)
#: Names that are words for other things, too, such as statistics, steps, parameters, marks and
#: styles: they are looked at beside a method only.
OTHER_MEANINGS = frozenset(
    (
        *("above_mean", "arithmetic", "availability", "by", "clip", "constant", "cuts"),
        *("cv", "draw", "equal", "given", "linear", "log", "mean", "median", "minimum"),
        *("named", "none", "pca", "power", "rank", "ratio", "regression", "sum"),
        *("trend",),
    )
)
_CONTAINERS = (ast.Tuple, ast.List, ast.Set)


def texts_in(node):
    """Yield the texts that a literal is or holds, also inside a call such as frozenset(...)."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, _CONTAINERS):
        for item in node.elts:
            yield from texts_in(item)
    elif isinstance(node, ast.Starred):
        yield from texts_in(node.value)
    elif isinstance(node, ast.Call):
        for argument in node.args:
            yield from texts_in(argument)


def names_a_method(node):
    """Tell whether an expression is the name of a method, such as `step.method`."""
    if isinstance(node, ast.Call):
        function = node.func
        name = getattr(function, "attr", getattr(function, "id", ""))
        return name in ("method_of", "mean_of", "methods_of")
    if isinstance(node, ast.Attribute) and node.attr == "name":
        return names_a_method(node.value)
    return getattr(node, "attr", getattr(node, "id", "")) in ("method", "methods")


def lookups(tree):
    """Yield (texts, whether they are beside a method) of what is compared, looked up or a key."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            texts = {text for side in sides for text in texts_in(side)}
            yield texts, any(map(names_a_method, sides))
        elif isinstance(node, ast.Subscript):
            yield {*texts_in(node.slice)}, names_a_method(node.value)
            if isinstance(node.value, ast.Dict):
                yield _keys(node.value), names_a_method(node.slice)
        elif isinstance(node, ast.Dict):
            yield _keys(node), False
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr == "get" and node.args:
                yield {*texts_in(node.args[0])}, names_a_method(node.func.value)
                if isinstance(node.func.value, ast.Dict):
                    yield _keys(node.func.value), names_a_method(node.args[0])
        elif isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value:
            # A constant that holds names is there to be looked into.
            yield _held_texts(node.value), False


def _held_texts(node):
    """Return the texts that a container holds."""
    if isinstance(node, (*_CONTAINERS, ast.Call)):
        return {*texts_in(node)}
    return set()


def _keys(node):
    """Return the texts among the keys of a dictionary, and inside keys that are tuples."""
    return {text for key in node.keys if key is not None for text in texts_in(key)}


def found_in(source):
    """Return the names of methods that a module's text asks for."""
    found = set()
    for texts, beside_method in lookups(ast.parse(source)):
        found |= texts & (NAMES if beside_method else NAMES - OTHER_MEANINGS)
    return found


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ('if step.method == "zscore":\n    pass', "zscore"),
        ('pooled = [s for s in steps if s.method != "mean"]', "mean"),
        ('if settings.method.name not in ("none", "rating"):\n    pass', "none"),
        ('scaled = methods_of(spec) <= {"minmax"}', "minmax"),
        ('RANKED = frozenset(("percentile", "borda"))', "borda"),
        ('part = {"trend": "now"}.get(step.method)', "trend"),
        ('CELLS = {("construct", "pm25_grade"): 1}', "pm25_grade"),
        ('formula = {"efficacy": a, "minmax": b}[method]', "efficacy"),
        ('if method_of(spec, code) == "linear":\n    pass', "linear"),
    ],
)
def test_a_name_that_is_asked_for_is_found(source, name):
    assert name in found_in(source)


def test_words_with_other_meanings_pass_where_no_method_is_meant():
    assert not found_in('if name == "mean":\n    rows["rank"] = {"none": 0}')


def test_nobody_asks_for_a_method_by_its_name():
    found = {}
    for path in sorted(HOME.rglob("*.py")):
        place = path.relative_to(HOME)
        if place.parts[0] in OWNERS:
            continue
        if names := found_in(path.read_text(encoding="utf-8")):
            found[str(place)] = sorted(names)
    assert not found, (
        f"{found}: ask the method's record for the property that the place needs"
    )


def test_words_with_other_meanings_are_names_of_methods():
    assert OTHER_MEANINGS <= NAMES
