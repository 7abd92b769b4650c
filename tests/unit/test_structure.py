"""Names in the package: a class name means one thing; its tests stand where it does."""

import ast
from collections import defaultdict
from pathlib import Path

import xlcity

HOME = Path(xlcity.__file__).parent
TESTS = Path(__file__).parents[1]


def statements(node):
    """Yield all statements below a node; expressions have none."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.expr):
            yield child
            yield from statements(child)


def test_no_class_name_is_used_twice():
    places = defaultdict(list)
    for path in sorted(HOME.rglob("*.py")):
        for node in statements(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(f"{path.relative_to(HOME)}:{node.lineno}")
    assert len(places) > 300
    assert not {name: found for name, found in places.items() if len(found) > 1}


def test_folders_of_tests_are_those_of_the_package():
    folders = {path.parent for path in TESTS.glob("unit/**/test_*.py")}
    names = {folder.relative_to(TESTS / "unit") for folder in folders}
    assert len(names) > 15
    assert not [name for name in names if not (HOME / name).is_dir()]


def test_helpers_of_tests_are_imported_in_one_way():
    helpers = {path.stem for path in TESTS.glob("helpers/*.py")}
    found = []
    for path in sorted(TESTS.rglob("*.py")):
        for node in statements(ast.parse(path.read_text(encoding="utf-8"))):
            modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            found += [f"{path}: {name}" for name in modules if name in helpers]
    assert len(helpers) > 40
    assert not found
