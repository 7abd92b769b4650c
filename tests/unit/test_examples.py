"""The examples in the docstrings of all modules."""

import doctest
import importlib
from pathlib import Path

import pytest

CHINESE_TABS = True
ROOT = Path(__file__).resolve().parents[2]
#: LibreOffice imports these, with modules of its own.
OFFICE = ROOT / "xlcity/extension/office"
MODULES = [
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for path in sorted((ROOT / "xlcity").rglob("*.py"))
    if OFFICE not in path.parents and ">>> " in path.read_text(encoding="utf-8")
]


@pytest.mark.parametrize("module", MODULES)
def test_the_examples_of_a_module_run(module):
    result = doctest.testmod(importlib.import_module(module.removesuffix(".__init__")))
    assert result.attempted > 0
    assert result.failed == 0
