"""Statements that reports print are regenerated for each of them, lists of indicators too."""

import pytest

from tools.printed_statements import OWN, statements


@pytest.mark.slow
@pytest.mark.parametrize("report", sorted(OWN))
def test_statements_of_every_report_come_out(report):
    found = statements(report)
    assert sum(one.is_same for one in found) > 0.8 * len(found)
