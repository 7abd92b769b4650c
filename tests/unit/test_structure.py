"""Names in the package: a class name means one thing."""

import ast
from collections import defaultdict
from pathlib import Path

import xlcity

HOME = Path(xlcity.__file__).parent


def test_no_class_name_is_used_twice():
    places = defaultdict(list)
    for path in sorted(HOME.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(f"{path.relative_to(HOME)}:{node.lineno}")
    assert len(places) > 300
    assert not {name: found for name, found in places.items() if len(found) > 1}
