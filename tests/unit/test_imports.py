"""Imports point one way. Read from the syntax trees, so that lazy imports count too."""

import ast
from pathlib import Path

import pytest

import xlcity

HOME = Path(xlcity.__file__).parent

#: Room -> the rooms it may import from, besides itself.
ALLOWED = {
    "errors": set(),
    "functions": {"errors"},
    "xlsx": {"errors"},
    "model": {"errors", "functions", "xlsx"},
    "index": {"errors", "functions", "model"},
    "assess": {"errors", "functions", "model", "index"},
    "hosts": {"errors", "functions", "xlsx"},
    "recalc": {"errors", "functions", "xlsx", "hosts"},
    "reports": {"errors", "functions", "model", "index", "assess"},
    "workbook": {
        "errors",
        "functions",
        "model",
        "index",
        "assess",
        "hosts",
        "xlsx",
        "recalc",
        "reports",
    },
    "audit": {
        "errors",
        "functions",
        "model",
        "index",
        "hosts",
        "xlsx",
        "recalc",
        "workbook",
        "reports",
    },
    "api": {
        "errors",
        "functions",
        "model",
        "index",
        "assess",
        "hosts",
        "xlsx",
        "recalc",
        "workbook",
        "reports",
        "audit",
    },
}
#: The module that alone may import a heavy or optional package when it is itself imported.
LAZY = ("pandas", "scipy", "openpyxl", "formulas", "formualizer", "xlwings", "xlsxwriter")


def modules():
    for path in sorted(HOME.rglob("*.py")):
        parts = path.relative_to(HOME).with_suffix("").parts
        yield path, parts


def imported(tree, parts):
    """Yield (dotted name, at import time) of everything a module imports."""
    inside = {
        child
        for node in ast.walk(tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        or (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
        for child in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{'.'.join(parts)}: relative import"
            names = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
        else:
            continue
        for name in names:
            yield name, node not in inside


@pytest.mark.parametrize(
    ("path", "parts"), [pytest.param(p, q, id=".".join(q)) for p, q in modules()]
)
def test_a_module_imports_only_what_stands_before_it(path, parts):
    room = parts[0]
    if room in ("cli", "__init__", "__main__"):
        return
    assert room in ALLOWED, f"the room {room} has no place in the order of imports"
    allowed = ALLOWED[room] | {room}
    if room == "reports" and len(parts) > 2 and parts[-1].startswith("template"):
        # Its own sheets (template, template_…) are loaded by id, by the room that draws templates.
        allowed |= ALLOWED["workbook"] | {"workbook"}
    for name, _ in imported(ast.parse(path.read_text(encoding="utf-8")), parts):
        if name.startswith("xlcity."):
            target = name.split(".")[1]
            assert target == "__version__" or target in allowed, name


def test_nothing_imports_the_command_line():
    for path, parts in modules():
        if parts[0] in ("cli", "__main__"):
            continue
        for name, _ in imported(ast.parse(path.read_text(encoding="utf-8")), parts):
            assert not name.startswith("xlcity.cli"), path


@pytest.mark.parametrize("room", ["errors", "functions", "model", "index", "reports", "api", "cli"])
def test_heavy_packages_wait_for_the_verb_that_needs_them(room):
    for path, parts in modules():
        if parts[0] != room:
            continue
        for name, at_import in imported(ast.parse(path.read_text(encoding="utf-8")), parts):
            if at_import:
                assert name.split(".")[0] not in LAZY, f"{path}: {name}"


def test_the_order_of_rooms_has_no_cycle():
    placed = set()
    waiting = dict(ALLOWED)
    while waiting:
        ready = {room for room, before in waiting.items() if before <= placed}
        assert ready, f"cycle among {sorted(waiting)}"
        placed |= ready
        waiting = {room: before for room, before in waiting.items() if room not in ready}
