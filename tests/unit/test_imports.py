"""Imports point one way. Read from the syntax trees, so that lazy imports count too."""

import ast
import functools
from pathlib import Path

import pytest

import xlcity

HOME = Path(xlcity.__file__).parent

#: Room -> the rooms it may import from, besides itself.
ALLOWED = {
    "errors": set(),
    "functions": {"errors"},
    "xlsx": {"errors"},
    "methods": {"errors", "functions", "xlsx"},
    "model": {"errors", "functions", "methods", "xlsx"},
    "index": {"errors", "functions", "methods", "model"},
    "assess": {"errors", "functions", "methods", "model", "index"},
    "figures": {"errors"},
    "hosts": {"errors", "functions", "xlsx"},
    "recalc": {"errors", "functions", "xlsx", "hosts"},
    "reports": {"errors", "functions", "methods", "model", "index", "assess", "xlsx"},
    "adoption": {
        "errors",
        "functions",
        "methods",
        "model",
        "index",
        "xlsx",
        "reports",
    },
    "proof": {
        "errors",
        "functions",
        "methods",
        "model",
        "index",
        "xlsx",
        "recalc",
        "adoption",
    },
    "workbook": {
        "errors",
        "functions",
        "methods",
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
        "methods",
        "model",
        "index",
        "hosts",
        "xlsx",
        "recalc",
        "workbook",
        "reports",
        "proof",
    },
    "report": {
        "errors",
        "functions",
        "methods",
        "model",
        "index",
        "assess",
        "figures",
        "xlsx",
        "reports",
        "workbook",
    },
    "api": {
        "errors",
        "functions",
        "methods",
        "model",
        "index",
        "assess",
        "hosts",
        "xlsx",
        "recalc",
        "workbook",
        "reports",
        "adoption",
        "proof",
        "audit",
        "figures",
        "report",
    },
}
# What knows nothing of the package may be used by all of it.
for rooms in ALLOWED.values():
    rooms |= {"data_files", "grouping", "messages"}
ALLOWED["data_files"], ALLOWED["grouping"] = {"errors", "messages"}, set()
ALLOWED["errors"], ALLOWED["messages"] = {"messages"}, set()
ALLOWED["desk"] = (ALLOWED["api"] | {"api"}) - {"report"}
ALLOWED["extension"] = ALLOWED["desk"] | {"desk"}
#: The folder of one report, loaded by its id: nothing else imports it.
ONE_REPORT = "reports/<id>"
ALLOWED[ONE_REPORT] = ALLOWED["workbook"] | {"audit", "figures", "report", "workbook"}
#: The module that alone may import a heavy or optional package when it is itself imported.
LAZY = (
    "pandas",
    "scipy",
    "openpyxl",
    "formulas",
    "formualizer",
    "xlwings",
    "xlsxwriter",
    "matplotlib",
    "starlette",
    "uvicorn",
    "docx",
    "lxml",
)


def modules():
    for path in sorted(HOME.rglob("*.py")):
        parts = path.relative_to(HOME).with_suffix("").parts
        yield path, parts


@functools.cache
def tree_of(path):
    return ast.parse(path.read_text(encoding="utf-8"))


@functools.cache
def imported(path, parts):
    """Return (dotted name, time: "start", "late" or "never") of everything a module imports."""
    imports = []
    for node, time in import_statements(tree_of(path)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            assert node.level == 0, f"{'.'.join(parts)}: relative import"
            names = [
                node.module or "",
                *(f"{node.module}.{alias.name}" for alias in node.names),
            ]
        imports += [(name, time) for name in names]
    return imports


def import_statements(node, time="start"):
    """Yield the statements below a node that import, each with its time; expressions have none."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        time = "late"
    elif isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
        time = "never"
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.Import, ast.ImportFrom)):
            yield child, time
        elif not isinstance(child, ast.expr):
            yield from import_statements(child, time)


def room_of(parts):
    """Return the room of a module: its package, or that of the folders of reports."""
    in_folder = (
        parts[0] == "reports"
        and len(parts) > 1
        and (HOME / "reports" / parts[1]).is_dir()
    )
    return ONE_REPORT if in_folder else parts[0]


def test_a_module_imports_only_what_stands_before_it():
    wrong = []
    for path, parts in modules():
        room = room_of(parts)
        if room in ("cli", "__init__", "__main__"):
            continue
        assert room in ALLOWED, f"the room {room} has no place in the order of imports"
        allowed = ALLOWED[room] | {room, "__version__"}
        names = (
            name for name, _ in imported(path, parts) if name.startswith("xlcity.")
        )
        wrong += [
            (".".join(parts), name)
            for name in names
            if room_of(name.split(".")[1:]) not in allowed
        ]
    assert wrong == []


def test_nothing_imports_the_command_line():
    for path, parts in modules():
        if parts[0] in ("cli", "__main__"):
            continue
        for name, _ in imported(path, parts):
            assert not name.startswith("xlcity.cli"), path


@pytest.mark.parametrize(
    "room",
    [
        "errors",
        "functions",
        "methods",
        "model",
        "index",
        "reports",
        "figures",
        "report",
        "api",
        "cli",
    ],
)
def test_heavy_packages_wait_for_the_verb_that_needs_them(room):
    for path, parts in modules():
        if room_of(parts) != room:
            continue
        for name, time in imported(path, parts):
            if time == "start":
                assert name.split(".")[0] not in LAZY, f"{path}: {name}"


def test_the_order_of_rooms_has_no_cycle():
    placed = set()
    waiting = dict(ALLOWED)
    while waiting:
        ready = {room for room, before in waiting.items() if before <= placed}
        assert ready, f"cycle among {sorted(waiting)}"
        placed |= ready
        waiting = {
            room: before for room, before in waiting.items() if room not in ready
        }


def dependencies():
    """Return module -> modules of the package that it imports, at its start or later."""
    paths = {}
    for path, parts in modules():
        named = parts[:-1] if parts[-1] == "__init__" else parts
        paths[".".join(("xlcity", *named))] = path, parts
    used_by_module = {}
    for name, (path, parts) in paths.items():
        # Of `from package import name` only what is a module counts, else the package itself.
        used = {
            word
            for word, time in imported(path, parts)
            if time != "never" and word in paths
        }
        inner = {
            node.module
            for node in ast.walk(tree_of(path))
            if isinstance(node, ast.ImportFrom)
            and all(f"{node.module}.{alias.name}" in paths for alias in node.names)
        }
        # A module runs the packages that it stands in, those of the module that imports it apart.
        within = {package for word in used for package in packages_of(word)}
        used_by_module[name] = (used - inner | within & paths.keys()) - {
            name,
            *packages_of(name),
        }
    return used_by_module


def packages_of(name):
    """Return the packages that a module stands in, "xlcity" apart."""
    words = name.split(".")
    return {".".join(words[:length]) for length in range(2, len(words))}


def test_no_modules_import_one_another_in_a_circle():
    waiting = dependencies()
    while waiting:
        ready = {name for name, used in waiting.items() if not used & waiting.keys()}
        assert ready, f"circle among {sorted(waiting)}"
        waiting = {name: used for name, used in waiting.items() if name not in ready}
