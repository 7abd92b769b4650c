"""The folder `udfs/`: current, and each file read by its program or by a double of it."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tools.udfs import generated
from xlcity.functions.registry import BUILT_IN
from xlcity.hosts.cells import JSON, call
from xlcity.hosts.excel.lite import functions_in_lite, lite_text

FOLDER = Path(__file__).parents[3] / "udfs"


@pytest.mark.parametrize("name", sorted(generated()))
def test_a_generated_file_is_current(name):
    """`make udfs` writes them again."""
    assert (FOLDER / name).read_text(encoding="utf-8") == generated()[name]


def test_each_function_is_in_each_file():
    files = (path for path in FOLDER.iterdir() if path.is_file())
    texts = {path.name: path.read_text(encoding="utf-8") for path in files}
    lite = {function.name for function in functions_in_lite()}
    for name in BUILT_IN:
        assert f"\nFunction {name}(" in texts["xlcity_calc.bas"]
        assert f"\ndef {name}(" in texts["xlcity_udfs.py"]
        assert (f"\ndef {name}(" in texts["main.py"]) == (name in lite)
    assert texts.keys() == {
        *generated(),
        "four_functions.py",
        "README.md",
        "README.zh.md",
    }


def test_the_readme_names_each_file():
    for name in ("README.md", "README.zh.md"):
        text = (FOLDER / name).read_text(encoding="utf-8")
        assert all(f"`{file}`" in text for file in (*generated(), "four_functions.py"))


def test_main_is_plain_source_that_needs_numpy_alone(tmp_path):
    text = lite_text()
    assert len(text.encode()) < 230_000
    assert not re.search("base64|zlib|zipfile|exec\\(|eval\\(", text)
    assert re.findall(r"^ +from (\S+) import", text, re.MULTILINE) == ["scipy.special"]
    # Without the package, from the file alone.
    done = subprocess.run(
        [
            *(sys.executable, "-P", "-c"),
            f"import sys; sys.path.insert(0, {str(FOLDER)!r}); import main\n"
            "print(main.RATING_SCALE([[4.0], [None], ['#N/A']]),"
            " main.RATING_SCALE([[4.0], ['NA']]))\n"
            "print([name for name in sys.modules if name.startswith(('xlcity', 'scipy'))])",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == [
        "[[80.0], ['#N/A'], ['#N/A']] [[80.0], ['#N/A']]",
        "[]",
    ]


def test_the_text_is_the_same_each_time_and_in_chinese_too():
    assert "载入函数" in lite_text("zh")
    compile(lite_text("zh"), "main.py", "exec")
    assert lite_text.__wrapped__("en") == lite_text("en")


def test_help_names_the_page_of_each_function_once_there_is_an_address(monkeypatch):
    assert "help_url=" not in lite_text().partition("FUNCTIONS |= {")[2]
    monkeypatch.setattr(
        "xlcity.hosts.excel.lite.FUNCTION_PAGES", "https://example.org/f/"
    )
    for language, page in (("en", "MINMAX_SCALE.html"), ("zh", "MINMAX_SCALE.zh.html")):
        text = lite_text.__wrapped__(language)
        assert f'help_url="https://example.org/f/{page}"' in text
        assert text.count("    help_url=") == len(functions_in_lite())


@pytest.fixture
def four(monkeypatch):
    monkeypatch.syspath_prepend(FOLDER)
    sys.modules.pop("four_functions", None)
    import four_functions

    yield four_functions
    del sys.modules["four_functions"]


def random_block(rng, columns):
    block = rng.normal(50, 20, (rng.integers(2, 40), columns)).round(3)
    cells = [[*map(float, row)] for row in block]
    for _ in range(rng.integers(0, 3)):
        cells[rng.integers(len(cells))][0] = [None, "NA", "#N/A"][rng.integers(3)]
    return cells


@pytest.mark.filterwarnings("ignore::xlcity.functions.frames.FunctionWarning")
def test_the_four_functions_equal_the_library(four):
    rng = np.random.default_rng(2026)
    for _ in range(25):
        block = random_block(rng, int(rng.integers(1, 4)))
        weights = [[float(w) for w in rng.integers(1, 9, len(block[0]))]]
        groups = [[str(rng.integers(2))] for _ in block]
        calls = {
            "ZSCORE_WINSOR": [
                (),
                (1.5,),
                (1.96, -1.0, 1.0),
                (None, None, None, groups),
            ],
            "EFFICACY_SCALE": [(), (20.0,), (None, 10.0, 90.0)],
            "RANK_UNIFORM": [(), (-1.0,), (1.0, "average", "lowest")],
            "WEIGHTED_INDEX": [(weights,), (weights, "arithmetic", "renormalise")],
        }
        for name, options in calls.items():
            for given in options:
                rows = call(name, [block, *given], JSON)
                expected = [
                    [cell if isinstance(cell, float) else "#N/A" for cell in row]
                    for row in rows
                ]
                assert getattr(four, name)(block, *given) == expected, (name, given)


def test_a_wrong_option_of_the_four_is_an_error_of_the_cell(four):
    assert four.RANK_UNIFORM([[1.0], [2.0]], 1.0, "none") == [["#VALUE!"]]


def test_the_four_have_the_arguments_of_the_registry(four):
    for name in ("ZSCORE_WINSOR", "EFFICACY_SCALE", "RANK_UNIFORM", "WEIGHTED_INDEX"):
        code = getattr(four, name).__code__
        names = code.co_varnames[: code.co_argcount]
        assert names == tuple(argument.name for argument in BUILT_IN[name].arguments)
