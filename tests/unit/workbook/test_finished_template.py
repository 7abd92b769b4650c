"""A template that was built before is the same file again; anything else is built anew."""

from dataclasses import replace
from unittest.mock import Mock

import pytest

from tests.helpers.templates import small_spec
from xlcity.api import templates as module
from xlcity.api.templates import finish_template
from xlcity.workbook.build import build
from xlcity.workbook.spec import spec_digest


@pytest.fixture
def built(monkeypatch):
    """Return the calls of `build`."""
    counted = Mock(wraps=build)
    monkeypatch.setattr(module, "build", counted)
    return counted.call_args_list


def test_the_same_is_taken_and_other_things_are_built(tmp_path, monkeypatch, built):
    monkeypatch.setenv("XLCITY_CACHE", str(tmp_path / "cache"))
    spec = small_spec()
    first = finish_template(spec, "a.xlsx")
    assert finish_template(small_spec(), "b.xlsx") == first
    assert len(built) == 1
    values = spec.dataset.values.copy()
    values[0, 0] += 1
    other = replace(spec, dataset=replace(spec.dataset, values=values))
    assert (
        len(
            {
                spec_digest(spec),
                spec_digest(other),
                spec_digest(replace(spec, cells="native")),
            }
        )
        == 3
    )
    monkeypatch.setenv("XLCITY_REPORTS", str(tmp_path))
    assert spec_digest(spec) is None


def test_what_does_not_agree_is_not_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("XLCITY_CACHE", str(tmp_path / "cache"))
    wrong = (module.CheckResult("python-native", "fail", "1 of 2 cells differs"),)
    monkeypatch.setattr(module, "check_routes", lambda built, file: wrong)
    assert finish_template(small_spec(), "a.xlsx").routes == wrong
    assert not [*(tmp_path / "cache").glob("workbook-*")]
