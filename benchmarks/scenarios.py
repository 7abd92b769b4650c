"""Weight scenarios with a loaded model against as many recalculations in this process."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from benchmarks.timing import seconds
from xlcity.errors import CellValue
from xlcity.recalc.compare import agree
from xlcity.recalc.scenarios import ScenarioResults, run_scenarios
from xlcity.recalc.workbook import patch_results, recalculate
from xlcity.workbook.reading.addressing import Addresses
from xlcity.workbook.reading.template import read_template
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.editing.patch import write_inputs
from xlcity.xlsx.formulas.graph import Place
from xlcity.xlsx.package import Package

SAMPLE = 6


def measure(source: Path, count: int) -> dict[str, Any]:
    """Time random weightings; some of them are recalculated from the file, for time and values."""
    package = Package.read(source)
    book = read_book(package)
    addresses = Addresses(book, read_template(package, book, str(source)))
    template = read_template(package, book, str(source))
    codes = [node.code for node in template.framework.nodes if node.parent is not None]
    places = addresses.inputs(codes, None)  # type: ignore[arg-type]
    outputs = [output.place for output in addresses.outputs([])]
    rng = random.Random(1)
    scenarios: list[dict[Place, CellValue]] = [
        {place: round(rng.uniform(0.5, 2), 3) for place in places.values()}
        for _ in range(count)
    ]
    done: list[ScenarioResults] = []
    fast = seconds(lambda: done.append(run_scenarios(package, scenarios, outputs))).cpu
    chosen = rng.sample(range(count), SAMPLE)
    slow = []
    wrong = 0
    for index in chosen:
        wanted: dict[str, dict[tuple[int, int], CellValue]] = {}
        for (sheet, position), value in scenarios[index].items():
            wanted.setdefault(sheet, {})[position] = value
        changed = write_inputs(package, wanted, book)
        found = []

        def recalc(changed: Package = changed, found: list[Any] = found) -> None:
            result = recalculate(changed, "formualizer")
            patch_results(changed, result).to_bytes()
            found.append(result)

        slow.append(seconds(recalc).cpu)
        wrong += sum(
            not agree(value, found[0].value(sheet, *position))
            for (sheet, position), value in zip(
                outputs, done[0].rows[index], strict=True
            )
        )
    return {
        "scenarios": count,
        "cpu": fast,
        "one recalc, cpu": min(slow),
        "ratio": count * min(slow) / fast,
        "formulas kept": done[0].formula_cells,
        "values compared": SAMPLE * len(outputs),
        "wrong": wrong,
    }
