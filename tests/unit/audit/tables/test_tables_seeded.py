"""Slips put into invented tables are found again; clean tables raise no alarm."""

from pathlib import Path

import numpy as np
import pytest

from tests.helpers.printed_tables import (
    PILLARS,
    Printed,
    alter,
    make,
    outcome,
    violated,
)
from xlcity.audit.tables.constraints.relations import Severity
from xlcity.audit.tables.diagnosis.findings import Audit
from xlcity.audit.tables.run import audit
from xlcity.audit.tables.spec.read import spec_of


def audited(printed: Printed, folder: Path) -> Audit:
    return audit(spec_of(printed.spec, "spec.toml", folder), printed.write(folder))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("seeds", "least"),
    [(range(6), 9), pytest.param(range(16), 25, marks=pytest.mark.slow)],
    ids=["few", "many"],
)
def test_slips_are_located_and_mostly_repaired_first(
    tmp_path: Path, seeds: range, least: int
) -> None:
    results = []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        printed = make(rng)
        alter(printed, rng, 1 + seed % 3)
        results += list(outcome(printed, audited(printed, tmp_path)))
    identifiable = [slip for slip in results if slip[1]]
    assert len(identifiable) > least
    assert sum(located for _, _, located, _, _ in identifiable) >= 0.95 * len(
        identifiable
    )
    assert sum(first for _, _, _, first, _ in identifiable) >= 0.8 * len(identifiable)


@pytest.mark.slow
def test_clean_tables_raise_no_alarm(tmp_path: Path) -> None:
    for seed in range(1000, 1008):
        printed = make(np.random.default_rng(seed))
        assert violated(printed) == []
        found = audited(printed, tmp_path).findings
        assert [f for f in found if f.severity is not Severity.NOTE] == []


@pytest.mark.parametrize("pillar", PILLARS)
def test_a_pillar_misprinted_in_one_of_two_tables(pillar: str, tmp_path: Path) -> None:
    printed = make(np.random.default_rng(5))
    header, rows = printed.tables["total"]
    column = header.index(pillar)
    old = rows[7][column]
    rows[7][column] = f"{float(old) + 1:.2f}"
    findings = audited(printed, tmp_path).findings
    assert (findings[0].table, findings[0].unit, findings[0].node) == (
        "total",
        rows[7][1],
        pillar,
    )
    assert findings[0].suggestion == old
    assert findings[0].resolves
    assert findings[0].severity is Severity.ERROR


def test_the_weighting_that_made_the_tables_is_told_from_a_wrong_one(
    tmp_path: Path,
) -> None:
    refused = 0
    for seed in range(40, 45):
        printed = make(np.random.default_rng(seed))
        true = printed.weights["T"]
        equal = len(set(true.values())) == 1
        spec = printed.spec
        del spec["aggregate"]
        spec["weights"] = [
            {
                "parent": "T",
                "children": list(PILLARS),
                "stated": "wrong",
                "readings": {
                    "right": {pillar: str(weight) for pillar, weight in true.items()},
                    "wrong": {"P1": 1, "P2": 4 if equal else 1, "P3": 1},
                },
            }
        ]
        found = audit(
            spec_of(spec, "spec.toml", tmp_path), printed.write(tmp_path)
        ).findings
        (note,) = [f for f in found if f.check == "implied-weights"]
        right, wrong = (
            next(part for part in note.evidence.split(". ") if part.startswith(name))
            for name in ("right (", "wrong (")
        )
        assert right.endswith("inside the region")
        assert note.suggestion in ("right", "")
        refused += "excluded by the region" in wrong
        assert [f for f in found if f.severity is not Severity.NOTE] == []
    assert refused == 5
