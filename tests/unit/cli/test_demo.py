"""The guided run, with verbs that only say how they were asked."""

import pytest

from xlcity.api import arguments
from xlcity.cli.result import Result
from xlcity.cli.verbs.start import REPORT, demo

USUAL = {"new": 0, "recalc": 0, "check": 0, "results": 0, "reproduce": 0}


@pytest.mark.parametrize(
    ("codes", "code"),
    [
        ({}, 0),
        ({"check": 1}, 1),
        ({"new": 2, "check": 1}, 2),
        ({"recalc": 4}, 4),
        ({"results": 1, "reproduce": 1}, 0),
    ],
)
def test_verbs_run_in_turn_for_people(tmp_path, monkeypatch, codes, code):
    asked = []

    def run(verb, values) -> Result:
        asked.append((verb.name, values["as_json"], values))
        done = Result(
            {"verb": verb.name},
            [f"text of {verb.name}"],
            notes=[f"note of {verb.name}"],
        )
        done.code = {**USUAL, **codes}[verb.name]
        return done

    monkeypatch.setattr(arguments, "run_verb", run)
    result = demo(outdir=str(tmp_path / "demo"))
    lines = [str(block) for block in result.blocks]
    assert [name for name, *_ in asked] == [*USUAL]
    assert not any(as_json for _, as_json, _ in asked)
    book, fresh = (
        str(tmp_path / "demo" / f"{REPORT}{end}.xlsx") for end in ("", "-recalculated")
    )
    assert asked[0][2]["out"] == book
    assert asked[1][2]["out"] == fresh
    assert result.code == code
    assert result.document["steps"] == [
        {"verb": name, "exit": {**USUAL, **codes}[name], "document": {"verb": name}}
        for name in USUAL
    ]
    for name in USUAL:
        place = next(
            i for i, line in enumerate(lines) if line.startswith(f"\n$ xlcity {name} ")
        )
        assert lines[place + 1 : place + 3] == [f"text of {name}", f"note of {name}"]
    assert fresh in lines[-1]
