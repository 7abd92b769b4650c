"""What is written for spreadsheet programs, and how cells are read of each, kept as text."""

import datetime as dt
import json
from decimal import Decimal
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.kept import as_text, differences, without
from xlcity.errors import CellError, XlcityError
from xlcity.functions.registry import FUNCTIONS
from xlcity.hosts import cells
from xlcity.hosts.calc.profile import basic_text, module_xml, office_pipe_suffix
from xlcity.hosts.calc.server import answer_question
from xlcity.hosts.excel.module import module_text
from xlcity.hosts.self_test import (
    build_self_test,
    check_number,
    decode_results,
    read_probes,
)
from xlcity.hosts.sheet_call import lay_out_call, literal_formula, write_out_omitted
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.package import Package

SHOWN = [FUNCTIONS[name] for name in ("ZSCORE_WINSOR", "LINK_STRENGTH")]


def module_texts(lang: str) -> str:
    """Return what is written of two functions for all programs."""
    lines = [
        "== Windows",
        module_text(SHOWN, lang),
        "== Calc",
        basic_text(SHOWN),
        "== Calc library",
        module_xml()[:600],
    ]
    return without("\n".join(lines))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_modules_of_functions(require_kept, lang):
    english = module_texts("en")
    if lang == "en":
        require_kept("modules_en", english)
    else:
        chinese = "\n".join(differences(english, module_texts(lang)))
        require_kept("modules_zh", chinese, whole=True)


def test_the_pipe_of_a_profile():
    pipe = "SingleOfficeIPC_597b654746f0763d40cfb09a8dc3e71"
    assert office_pipe_suffix(Path("/opt/office/4/user")) == pipe


GIVEN = (
    *(
        None,
        "",
        " ",
        "NA",
        "１２",
        "12,3",
        "1e3",
        "TRUE",
        "#N/A",
        "#DIV/0!",
        "缺",
        "=1",
        "-",
    ),
    *(0, -0.0, 3, 2.5, float("nan"), float("inf"), 1e308, True, False, Decimal("1.5")),
    *(CellError.REF, dt.date(2024, 2, 29), dt.datetime(1900, 1, 1, 12), dt.time(6)),
    dt.timedelta(days=1.5),
    *(
        np.float64(2.5),
        np.int64(4),
        np.nan,
        np.bool_(True),
        np.str_("x"),
        -2146826246,
        b"x",
        [1],
    ),
)


def told(make) -> object:
    try:
        return make()
    except (XlcityError, ValueError, TypeError) as error:
        return f"{type(error).__name__}: {error}"


def test_cells_are_read_in_every_dialect(require_kept):
    dialects = {
        n: value for n, value in vars(cells).items() if isinstance(value, cells.Dialect)
    }
    lines = [" ".join(dialects)]
    for value in GIVEN:
        readings = [told(partial(cells.read_cell, value, d)) for d in dialects.values()]
        lines.append(f"{value!r}: " + ", ".join(map(repr, readings)))
    require_kept("cells", "\n".join(lines))


def test_calls_and_their_layout(require_kept):
    lines = [
        as_text(
            lay_out_call("ZSCORE_WINSOR", [[[1.0], [None], [CellError.DIV0]], [[1.96]]])
        ),
        *(
            f"{v!r}: {told(partial(literal_formula, v))}"
            for v in (
                "",
                "a",
                'q"q',
                "=1",
                "x" * 300,
                CellError.NA,
                CellError.REF,
                "line\nline",
            )
        ),
        *(
            f"{f}: {write_out_omitted(f)}"
            for f in (
                "F(1,,2)",
                "F(,1)",
                "F(1,)",
                "F((1,),2)",
                'F(",,",1)',
                "F()",
                "G(F(,),)",
                "A1,,B1",
            )
        ),
    ]
    for name, arguments in (
        ("ZSCORE_WINSOR", [[[1.0], [2.0], [None], [4.0]], 1.0]),
        ("ZSCORE_WINSOR", []),
        ("NO_SUCH", [1]),
        ("WEIGHTED_INDEX", [[[1, 2], ["NA", 4]], [[1, 3]], "arithmetic", "zero"]),
        ("WEIGHTED_INDEX", [[1, 2], [[1], [3]]]),
        ("MINMAX_SCALE", [[["１"], ["x"], [3]]]),
        ("ZSCORE_WINSOR", [[1, 2, 3], "x"]),
        ("RANK_BORDA", [5]),
    ):
        lines.append(
            f"{name} {arguments} = {told(partial(cells.call, name, arguments))}"
        )
        filled = told(partial(cells.call_filled, name, arguments))
        lines.append(f"  filled {filled}")
        question = json.dumps([name, arguments]).encode()
        lines.append(f"  asked {told(partial(answer_question, question))!r}")
    require_kept("calls", without("\n".join(map(str, lines))))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_self_test(require_kept, lang):
    book = read_book(Package.from_bytes(build_self_test(lang)))
    lines = [
        f"{sheet.name}!{position} {cell.formula or ''} {cell.value!r}"
        for sheet in book.sheets.values()
        for position, cell in sheet.cells.items()
    ]
    count = len(read_probes())
    digits = [k % 3 for k in range(count)]
    code = "".join(map(str, digits))
    lines += [
        f"{code} {check_number(digits)}",
        as_text(told(partial(decode_results, code, lang))),
    ]
    check = check_number(digits)
    for wrong in ("", "12", f"{code}-{check}", f"{code}{check:02d}", "x" * count):
        lines.append(
            f"{wrong!r}: {as_text(told(partial(decode_results, wrong, lang)))[:300]}"
        )
    require_kept(f"self_test_{lang}", "\n".join(lines))
