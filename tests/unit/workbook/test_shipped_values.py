"""What a report ships with gives values the status that its tables give them."""

from dataclasses import replace

import numpy as np
import pytest

from xlcity.model.dataset import Status
from xlcity.reports import load_report
from xlcity.workbook.reading.template import shipped_values


@pytest.mark.parametrize("report_id", ["bri2021", "iecc2024"])
def test_shipped_values_give_the_status_of_the_tables(report_id):
    report, found = load_report(report_id), shipped_values(report_id)
    shipped = report.dataset
    basis = np.where(shipped.basis == "", "", Status.ENTERED).astype(shipped.basis.dtype)
    items = {code: tuple(replace(i, basis="") for i in of) for code, of in shipped.items.items()}
    links = {code: tuple(replace(i, basis="") for i in of) for code, of in shipped.links.items()}
    typed = replace(shipped, basis=basis, items=items, links=links)
    assert found.edition == report.edition
    made = typed.with_basis_of(found.dataset)
    assert np.array_equal(made.basis, shipped.basis)
    assert made.items == shipped.items
    assert made.links == shipped.links
