"""What several packages go by is declared once: suffixes, names of cities, engines, kinds."""

import ast
from pathlib import Path

import pytest

import xlcity
from xlcity.data_files import text_beside
from xlcity.model.dataset import Unit
from xlcity.recalc.engines.registry import engines
from xlcity.recalc.support import formula_rules
from xlcity.report.declared_figures import DeclaredFigures

HOME = Path(xlcity.__file__).parent


def nodes_of(*words):
    """Yield (module, node) of the modules in whose text one of some words stands."""
    for path in sorted(HOME.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if any(word in text for word in words):
            for node in ast.walk(ast.parse(text)):
                yield str(path.relative_to(HOME)), node


def places_of(texts):
    """Return the modules in which a literal is one of some texts."""
    return {
        place
        for place, node in nodes_of(*texts)
        if isinstance(node, ast.Constant) and node.value in texts
    }


def test_suffixes_of_workbooks_are_spelled_once():
    assert places_of((".xlsm", ".xltx", ".xltm")) == {"xlsx/package.py"}


def test_what_a_city_is_called_is_gathered_once():
    # Others read or write the column of aliases itself.
    owners = {
        "model/dataset.py",
        "model/reading/units.py",
        "workbook/migrate/tables.py",
    }
    owners |= {"workbook/sheets/inputs/cities.py", "index/compute.py"}
    found = {
        place
        for place, node in nodes_of("aliases")
        if isinstance(node, ast.Attribute) and node.attr == "aliases"
    }
    assert found <= owners
    unit = Unit("c1", name_en="City", aliases=("Town",))
    assert unit.names == ("City", "Town")
    assert unit.spellings == ("City", "Town", "c1")


def test_engines_with_a_letter_are_those_that_are_tried():
    automatic = sorted((e for e in engines().values() if e.turn), key=lambda e: e.turn)
    assert tuple(engine.name for engine in automatic) == formula_rules.ENGINES
    # Their letters are explained at the head of the table.
    head = text_beside(formula_rules.__file__, "functions.tsv").splitlines()[0]
    assert all(f"={name}" in head for name in formula_rules.ENGINES)


def test_kinds_of_declared_figures_are_methods(monkeypatch):
    monkeypatch.setattr(
        DeclaredFigures, "draw_gauge", lambda self, rule: None, raising=False
    )
    figures = object.__new__(DeclaredFigures)
    assert {"bars", "dendrogram", "gauge", "map"} <= figures.kinds.keys()


@pytest.mark.parametrize("kind", ["bars", "map", "positions", "framework"])
def test_kinds_are_listed_nowhere(kind):
    source = (HOME / "report/declared_figures.py").read_text(encoding="utf-8")
    assert f'"{kind}": self' not in source
