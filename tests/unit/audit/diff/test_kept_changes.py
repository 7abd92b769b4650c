"""What differs between a workbook and a later state of it, as its log, its seal and its check say.

All is kept as text.
"""

from datetime import date
from pathlib import Path

import pytest

from tests.helpers.kept import as_text, outcome, without, without_counts
from tests.helpers.own import Edited, own_bytes
from xlcity.audit.check.check import check_workbook
from xlcity.audit.check.seal import changes_since, read_seal, seal, seal_from
from xlcity.audit.diff.change_lines import log_changes
from xlcity.audit.diff.compare import compare
from xlcity.errors import Where
from xlcity.recalc.workbook import patch_results, recalculate
from xlcity.workbook.migrate.change_log import read_log
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.package import Package


def edited_book(path: Path, *edits) -> Path:
    """Write the workbook with edits, calculated."""
    edited = Edited(own_bytes(udf=False))
    for edit in edits:
        edit(edited)
    edited.save(path)
    package = Package.read(path)
    patch_results(package, recalculate(package)).write(path)
    return path


def type_values(edited: Edited) -> None:
    """Type over values, blank one, mark one as missing; name periods of sources."""
    typed = {
        ("city03", "A0"): 500.0,
        ("city04", "A1"): None,
        ("city05", "A2"): "NA",
        ("city06", "B0"): "about 7",
    }
    for place, value in typed.items():
        edited.cell(*place).value = value
    edited.source("A0", "period", "2024")
    edited.exception(0, city="city03", indicator="A0", year="2023")


def change_the_rest(edited: Edited) -> None:
    """Change a weight, a name, a formula, a width, a format; add a sheet and a cell."""
    sheet = edited.book["Framework"]
    weights = next(
        cell for line in sheet.iter_rows() for cell in line if cell.value == "weight"
    )
    sheet.cell(weights.row + 3, weights.column).value = 2.0
    scores = edited.cell("city02", "A", "out_scores")
    scores.value = 50.0
    edited.book["Data"].column_dimensions["C"].width = 33.0
    edited.cell("city01", "B1").number_format = "0.000"
    edited.colour("city01", "B2", "FFFF00")
    edited.comment("city02", "B2", "Is this right?")
    edited.free_cell("in_units").value = "=1+1"
    edited.book.create_sheet("Notes")["A1"].value = "mine"


@pytest.fixture(scope="module")
def books(tmp_path_factory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("changes")
    return {
        "before": edited_book(folder / "before.xlsx"),
        "typed": edited_book(folder / "typed.xlsx", type_values),
        "changed": edited_book(folder / "changed.xlsx", type_values, change_the_rest),
    }


def log_lines(path: Path) -> list[tuple]:
    return [tuple(line) for line in read_log(read_book(Package.read(path)))]


def test_what_is_logged(require_kept, books, tmp_path):
    """Of two states: each difference once, and what is said already never again."""
    compared = compare(books["before"], books["changed"])
    first, second, third = (tmp_path / f"{name}.xlsx" for name in ("a", "b", "c"))
    counts = [log_changes(compared, first, "Li", "yearbook")]
    again = compare(books["before"], first)
    counts.append(log_changes(again, second, "Wang", "again"))
    slipped = Edited(second.read_bytes())
    slipped.cell("city03", "A0").value = 400.0
    slipped.save(second)
    counts.append(
        log_changes(compare(books["before"], second), third, "Wang", "a slip")
    )
    assert counts[1] == 0
    kept = {
        "new": counts,
        "cells": [
            (c.kind, c.sheet, c.cell, c.unit, c.indicator, c.before, c.after)
            for c in compared.cells
        ],
        "log": log_lines(first),
        "after a slip": log_lines(third)[len(log_lines(first)) :],
        "over the first": outcome(
            lambda: log_changes(compared, books["before"], "Li", "x")
        ),
    }
    text = without(as_text(kept), tmp_path, books["before"].parent)
    require_kept("logged", text.replace(date.today().isoformat(), "DATE"))


def test_what_a_seal_notices(require_kept, books, tmp_path):
    package = Package.read(books["before"])
    sealed = seal(package, read_book(package))
    text = sealed.text("before.xlsx")
    (tmp_path / "s.seal.txt").write_text(text, encoding="utf-8")
    read = read_seal(tmp_path / "s.seal.txt")
    kept: dict[str, object] = {"counts": sealed.counts}
    for name, path in books.items():
        later = Package.read(path)
        changes = [*changes_since(read, later, read_book(later))]
        # The last digits of results are those of the machine.
        kept[name] = [change for change in changes if change.kind != "result"]
        results = [change.cell for change in changes if change.kind == "result"]
        kept[f"results of {name}"] = " ".join(results)
        kept[f"findings of {name}"] = [
            c.finding() for c in changes if c.kind != "result"
        ][:12]
    lines = text.splitlines()
    wrong = {
        "nothing": "",
        "another text": "hello",
        "a line less": "\n".join(lines[:3] + lines[4:]),
        "another code": "\n".join([*lines[:-1], "seal: 0"]),
        "no code": "\n".join(lines[:-1]),
    }
    for name, content in wrong.items():
        kept[name] = outcome(
            lambda content=content: seal_from(content, Where(file="s"))
        )
    (tmp_path / "binary.seal.txt").write_bytes(b"\xff\xfe\x00")
    kept["binary"] = outcome(lambda: read_seal(tmp_path / "binary.seal.txt"))
    kept["absent"] = outcome(lambda: read_seal(tmp_path / "absent.seal.txt"))
    require_kept("sealed", without_counts(without(as_text(kept), tmp_path)))


def test_what_a_check_with_seal_and_other_template_says(require_kept, books, tmp_path):
    package = Package.read(books["before"])
    sealed = seal(package, read_book(package))
    text = sealed.text("before.xlsx")
    (tmp_path / "s.seal.txt").write_text(text, encoding="utf-8")
    kept = {}
    for name, path in books.items():
        for given in (
            {},
            {"sealed": tmp_path / "s.seal.txt"},
            {"template": books["before"]},
        ):
            checked = outcome(
                lambda path=path, given=given: check_workbook(path, **given)
            )
            if isinstance(checked, dict):
                kept[f"{name} {[*given]}"] = checked
                continue
            kept[f"{name} {[*given]}"] = {
                "verdict": checked.verdict,
                "summary": checked.summary,
                "checks": [
                    f"{c.name} {c.status}: {c.detail.partition(', largest')[0]}"
                    for c in checked.checks
                    if c.status != "pass"
                ],
                "findings": [
                    (f.rule, f.sheet, f.cell, f.message) for f in checked.findings
                ][:30],
            }
    require_kept("checked", without(as_text(kept), tmp_path, books["before"].parent))
