"""Makes the inputs of an index from printed tables alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from xlcity.api.inputs import Inputs, MethodChoice, read_inputs
from xlcity.model.framework import Framework
from xlcity.model.reading.tables import csv_text
from xlcity.model.reading.units import read_units_csv
from xlcity.proof.printed import ChosenInputs, choose_inputs, read_printed
from xlcity.xlsx.save import write_files

#: The file of a folder that says its method.
_RECIPE = "recipe.toml"
_CITIES = "cities.csv"


@dataclass(frozen=True)
class TableInputs:
    """Inputs that give printed tables, and the files that they were written to."""

    inputs: Inputs
    chosen: ChosenInputs
    files: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "files": list(self.files),
            "by_construction": list(self.chosen.tables),
            "margin": self.chosen.margin,
            "given": list(self.chosen.given),
            "misprints": [misprint._asdict() for misprint in self.chosen.misprints],
            "ranges": [bounds._asdict() for bounds in self.chosen.ranges],
        }


def inputs_from_tables(
    folder: str | Path, out: str | Path, chosen: MethodChoice
) -> TableInputs:
    """Choose inputs inside the rounding of printed tables.

    The data and the bounds of each value are written beside the workbook to be made: a framework
    and a method are all that the folder must have but the tables.

    Parameters
    ----------
    folder
        `framework.csv`, the tables, `recipe.toml` and `cities.csv` if there are any.
    out
        The workbook that will be made.
    chosen
        What is chosen of the method.

    Raises
    ------
    XlcityError
        With what is wrong with framework, method or tables, or if nothing gives them.
    """
    home = Path(folder)
    recipe = home / _RECIPE
    if chosen.recipe is None and recipe.is_file():
        chosen = replace(chosen, recipe=recipe)
    framework = Framework.read(home)
    method = read_inputs(framework, None, chosen, empty=True).recipe
    found = choose_inputs(framework, method, read_printed(home, framework))
    target = Path(out)
    data = target.with_name(f"{target.stem}-inputs.csv")
    bounds = target.with_name(f"{target.stem}-ranges.csv")
    ranges = [["unit", "code", "low", "high"]]
    for one in found.ranges:
        bounds_of_one = (f"{end:.9g}" for end in (one.low, one.high))
        ranges.append([one.unit, one.code, *bounds_of_one])
    files = {data.name: _named(found, home), bounds.name: ranges}
    texts = {name: csv_text(rows).encode("utf-8") for name, rows in files.items()}
    write_files(target.parent, texts)
    inputs = read_inputs(framework, data, chosen)
    return TableInputs(inputs, found, (str(data), str(bounds)))


def _named(found: ChosenInputs, home: Path) -> list[list[str]]:
    """Return the data with the names of the cities, as far as the folder has them."""
    cities = home / _CITIES
    units = read_units_csv(cities) if cities.is_file() else ()
    named = {unit.id: unit for unit in units}
    rows = found.rows
    if not named:
        return rows
    header = [rows[0][0], "name_zh", "name_en", *rows[0][1:]]
    body = []
    for unit, *values in rows[1:]:
        city = named.get(unit)
        names = ["", ""] if city is None else [city.name_zh, city.name_en]
        body.append([unit, *names, *values])
    return [header, *body]
