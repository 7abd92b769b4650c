"""Verbs killed at random moments; the long run is `python -m tools.kill_at_random 1000`."""

import os

import pytest

from tools import kill_at_random

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")


@pytest.mark.slow
def test_nothing_is_lost_and_nothing_is_left(monkeypatch):
    monkeypatch.setenv("XLCITY_SOFFICE", "/absent")
    assert kill_at_random.run(2, verbs=("in place", "merge")) == []


def test_half_a_file_and_a_lost_one_are_faults(tmp_path):
    (tmp_path / "half").write_bytes(b"ha")
    faults = kill_at_random._left(
        tmp_path, {"half": b"old", "gone": b""}, {"half": b"half"}
    )
    assert list(faults) == [
        "half is neither as before nor as it is when done",
        "gone is lost",
    ]
