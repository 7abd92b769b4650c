"""What a report ships with gives values the status that its tables give them."""

from dataclasses import replace

import numpy as np
import pytest

from xlcity.model.dataset import Status
from xlcity.reports import load_report


@pytest.mark.parametrize("report_id", ["bri2021", "iecc2024"])
def test_shipped_values_give_the_status_of_the_tables(report_id):
    report = load_report(report_id)
    shipped = report.dataset
    basis = np.where(shipped.basis == "", "", Status.ENTERED).astype(
        shipped.basis.dtype
    )
    items = {
        code: tuple(replace(i, basis="") for i in of)
        for code, of in shipped.items.items()
    }
    links = {
        code: tuple(replace(i, basis="") for i in of)
        for code, of in shipped.links.items()
    }
    typed = replace(shipped, basis=basis, items=items, links=links)
    made = typed.with_basis_of(shipped)
    assert np.array_equal(made.basis, shipped.basis)
    assert made.items == shipped.items
    assert made.links == shipped.links
