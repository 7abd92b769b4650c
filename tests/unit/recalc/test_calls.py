"""Calls laid out for LibreOffice, with a stand-in for LibreOffice."""

import pytest

from xlcity.errors import CellError, EngineError
from xlcity.hosts.cells import call
from xlcity.hosts.sheet_call import lay_out_call
from xlcity.recalc import office_calls as calls
from xlcity.recalc.workbook import patch_results, recalculate
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.editing.patch import patch_values
from xlcity.xlsx.package import Package

GIVEN = [
    ("RANK_UNIFORM", [[[3.0], ["NA"], [0.1 + 0.2]]]),
    ("RATING_SCALE", [[[4.0, "a<b"], [None, 1.0]], [[10.0]]]),
    ("WEIGHTED_INDEX", [[[1.0, 3.0]]]),
    ("RATING_SCALE", [[[CellError.DIV0]]]),
    ("RATING_SCALE", []),
]


@pytest.fixture
def office(monkeypatch):
    """LibreOffice played by formualizer."""
    seen = []

    def recalculate_in_office(data, timeout):
        package = Package.from_bytes(data)
        seen.append(package)
        return patch_results(package, recalculate(package, "formualizer")).to_bytes()

    monkeypatch.setattr(calls, "recalculate_in_office", recalculate_in_office)
    return seen


def test_many_calls_take_one_workbook_and_come_back_in_order(office):
    found = calls.run_calls(
        [lay_out_call(name, arguments) for name, arguments in GIVEN]
    )
    assert found == [call(name, arguments) for name, arguments in GIVEN]
    assert len(office) == 1


def test_the_sheet_holds_numbers_to_the_last_digit_and_texts_as_they_are(office):
    calls.run_calls([lay_out_call(name, arguments) for name, arguments in GIVEN])
    book = read_book(office[0])
    assert book.value("Calls", 3, 1) == 0.1 + 0.2
    assert book.value("Calls", 4, 2) == "a<b"


def test_a_libreoffice_that_knows_no_function_is_told(monkeypatch):
    def recalculate_in_office(data, timeout):
        package = Package.from_bytes(data)
        computed = read_book(package).sheets["Calls"].cells.computed()
        values = dict.fromkeys(computed, CellError.NAME)
        return patch_values(package, {"Calls": values}).to_bytes()

    monkeypatch.setattr(calls, "recalculate_in_office", recalculate_in_office)
    with pytest.raises(EngineError, match="Python scripting does not run") as caught:
        calls.run_calls([lay_out_call("RATING_SCALE", [[[4.0]]])])
    assert "python3-uno" in caught.value.problems[0].hint
    # An unknown name among the arguments is a value like any other.
    assert calls.run_calls([lay_out_call("RATING_SCALE", [[[CellError.NAME]]])])[0] == [
        [CellError.NAME]
    ]


def test_an_error_of_the_whole_call_stands_for_its_block(monkeypatch):
    """In LibreOffice an array formula shows it in each of its cells."""
    argument = [[4.0], [2.0]]
    in_cells = {
        "one error": [[CellError.NUM], [CellError.NUM]],
        "two errors": [[CellError.NUM], [CellError.NA]],
        "an error and a value": [[CellError.NUM], [1.0]],
    }

    def office_showing(block):
        def recalculate_in_office(data, timeout):
            package = Package.from_bytes(data)
            formulas = read_book(package).sheets["Calls"].cells.computed()
            values = dict(
                zip(
                    sorted(formulas),
                    [value for row in block for value in row],
                    strict=True,
                )
            )
            return patch_values(package, {"Calls": values}).to_bytes()

        return recalculate_in_office

    found = {}
    for name, block in in_cells.items():
        monkeypatch.setattr(calls, "recalculate_in_office", office_showing(block))
        found[name] = calls.run_calls([lay_out_call("RANK_UNIFORM", [argument])])[0]
    assert found == in_cells | {"one error": [[CellError.NUM]]}
    expected = call("RANK_UNIFORM", [[["NA"], ["NA"]]])
    assert expected == [[CellError.NA], [CellError.NA]]
    monkeypatch.setattr(calls, "recalculate_in_office", office_showing(expected))
    assert (
        calls.run_calls([lay_out_call("RANK_UNIFORM", [[["NA"], ["NA"]]])])[0]
        == expected
    )
