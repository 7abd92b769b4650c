"""What a report ships with: kept, it gives values the status that its tables give them."""

from dataclasses import replace
from unittest import mock

import numpy as np
import pytest

from xlcity.model.dataset import Status
from xlcity.reports import load_report
from xlcity.workbook.reading import shipped_values as module
from xlcity.workbook.reading.shipped_values import shipped_values


@pytest.mark.parametrize("report_id", ["bri2021", "iecc2024"])
def test_the_kept_values_give_the_status_of_the_tables(report_id, tmp_path, monkeypatch):
    monkeypatch.setenv("XLCITY_CACHE", str(tmp_path))
    report = load_report(report_id)
    found = []
    for read in (load_report, mock.Mock(side_effect=AssertionError)):
        monkeypatch.setattr(module, "load_report", read)
        module._of_folder.cache_clear()
        found.append(shipped_values(report_id))
    module._of_folder.cache_clear()
    shipped = report.dataset
    basis = np.where(shipped.basis == "", "", Status.ENTERED).astype(shipped.basis.dtype)
    items = {code: tuple(replace(i, basis="") for i in of) for code, of in shipped.items.items()}
    links = {code: tuple(replace(i, basis="") for i in of) for code, of in shipped.links.items()}
    typed = replace(shipped, basis=basis, items=items, links=links)
    assert found[1].edition == report.edition
    for kept in found:
        made = typed.with_basis_of(kept.dataset)
        assert np.array_equal(made.basis, shipped.basis)
        assert made.items == shipped.items
        assert made.links == shipped.links
