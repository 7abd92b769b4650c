"""Where a program cannot carry errors of functions they are texts: checks read them alike."""

import functools

import pytest

from tests.helpers.templates import (
    MAIN,
    SEARCH,
    UNITS,
    data_cell,
    edited,
    read,
    seen,
    small_report,
)
from xlcity.errors import CellError
from xlcity.hosts import formualizer as host
from xlcity.workbook.build import build
from xlcity.workbook.spec.from_report import template_spec


@functools.cache
def template():
    """Return the small template without pages on demand."""
    return build(template_spec(small_report())).package


def with_gaps():
    book = read(template())
    gaps = (UNITS[0], SEARCH), (UNITS[2], MAIN)
    return edited(template(), {"Data": {data_cell(*gap, book): "NA" for gap in gaps}})


@pytest.fixture
def texts(monkeypatch):
    """An engine that shows errors of functions as texts, as Excel may through COM."""
    as_it_is = host.to_host
    monkeypatch.setattr(
        host, "to_host", lambda v: str(v) if isinstance(v, CellError) else as_it_is(v)
    )


def test_a_missing_result_that_is_a_text_is_missing(texts):
    book = seen(with_gaps(), "formualizer")
    shown = [value for cells in book.fresh.values.values() for value in cells.values()]
    assert "#N/A" in shown
    assert book.checks["udf-native"] == "pass"


def test_a_number_where_a_text_should_be_is_a_difference(texts, monkeypatch):
    monkeypatch.setattr(
        host, "to_host", lambda v: 0.0 if isinstance(v, CellError) else v
    )
    assert seen(with_gaps(), "formualizer").checks["udf-native"] == "fail"


def answer_with(monkeypatch, value):
    """Let every call of a function fill its block with one value."""
    call = host.call_filled
    monkeypatch.setattr(
        host, "call_filled", lambda *args: [[value for _ in r] for r in call(*args)]
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("error", "status"),
    [
        (CellError.REF, "skipped"),
        (CellError.NAME, "skipped"),
        (CellError.VALUE, "fail"),
    ],
)
def test_a_link_to_the_add_in_that_leads_nowhere_is_no_difference(
    monkeypatch, error, status
):
    answer_with(monkeypatch, error)
    book = seen(template(), "formualizer")
    assert book.checks["udf-native"] == status
    assert book.verdict == ("pass" if status == "skipped" else "fail")


def test_a_text_where_a_number_should_be_is_a_difference(monkeypatch):
    """Such as the message that xlwings writes into the cell when Python breaks down."""
    answer_with(monkeypatch, "Traceback: no such module")
    book = seen(template(), "formualizer")
    assert book.checks["udf-native"] == "fail"
    assert book.verdict == "fail"
