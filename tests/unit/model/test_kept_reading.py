"""What people write into tables, and all that is read of it or said about it, kept as text."""

import tomllib
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.helpers.kept import as_text, outcome
from xlcity.errors import CellError
from xlcity.model.dataset import State
from xlcity.model.framework import Framework
from xlcity.model.reading.data import read_dataset
from xlcity.model.reading.judgements import read_judgements
from xlcity.model.reading.tables import (
    csv_rows,
    guard_formula,
    parse_fraction,
    unguard_formula,
)
from xlcity.model.reading.units import (
    UnitMatcher,
    close_gaps,
    find_near_names,
    fold_name,
    is_note,
    is_total,
    is_units_header,
    read_units_csv,
)
from xlcity.model.reading.values import describe_fault, read_value
from xlcity.model.recipe_toml import read_recipe, recipe_lines

WRITTEN = tomllib.loads(
    Path(__file__).with_name("written.toml").read_text(encoding="utf-8")
)


def test_every_way_to_write_a_number(require_kept):
    lines = []
    for cell in (
        *WRITTEN["cells"],
        0,
        3,
        -1.5,
        float("inf"),
        True,
        CellError.NA,
        CellError.DIV0,
        None,
    ):
        readings = [read_value(cell, uom) for uom in ("", "%", "万元")]
        said = " | ".join(
            as_text(reading).replace("\n", " ") for reading in dict.fromkeys(readings)
        )
        fault = describe_fault("" if cell is None else cell)[0]
        lines.append(f"{cell!r}: {said} | as a fault: {fault}")
    require_kept("numbers", "\n".join(lines))


FRACTIONS = ("1/3", "2", "1/0", "a/b", "1/2/3", "-1/4", "1_0", "1_0/3", "٣")
HEADERS = (
    ("id", "name_zh"),
    ("ID", "Population"),
    ("city_id", "x"),
    ("name_zh", "x"),
    ("unit", "aliases"),
)


def test_every_way_to_name_a_city(require_kept, tmp_path):
    (tmp_path / "units.csv").write_text(WRITTEN["units"], encoding="utf-8")
    units = read_units_csv(tmp_path / "units.csv", ("Group_x",))
    matcher = UnitMatcher(units)
    typed = (*WRITTEN["cities"], 3.0)
    kept = {
        "units": units,
        "typed": {repr(text): plain_match(matcher.match(text)) for text in typed},
        "names": [
            f"{n!r} folded {fold_name(n)!r} closed {close_gaps(n)!r}"
            f" total {is_total(n)} note {is_note(n)}"
            for n in WRITTEN["names"]
        ],
        "near": find_near_names(
            [
                ("a", "Turkey"),
                ("b", "Türkiye"),
                ("c", "Oslo"),
                ("d", "Osló"),
                ("e", "北京"),
                ("f", "北京市"),
                ("g", "Bonn"),
                ("h", "Bern"),
            ]
        ),
        "headers": [is_units_header(header) for header in HEADERS],
        "rows": csv_rows('a;b\n\n"x;y";" z"\n1;;\n'),
        "guarded": [
            f"{c} {(safe := guard_formula(c))} {unguard_formula(str(safe))}"
            for c in ("=1", "+1", "-1", "@a", "a=", "'=1", "\tx", "", "-a")
        ],
        "fractions": [*map(parse_fraction, FRACTIONS)],
    }
    require_kept("cities", kept)


def plain_match(match: object) -> str:
    unit = getattr(match, "unit", None)
    return (
        f"{unit.id} exact {match.is_exact}"
        if unit
        else f"{match.code} {match.message} > {match.hint}"
    )


def outcome_lines(read: Callable[[], object], folder: Path) -> str:
    """Return what was read as text, or the problems."""
    text = as_text(outcome(read)).replace(str(folder), "…")
    return "\n".join(f"  {line}" for line in text.splitlines())


def read_framework(text: str) -> object:
    tree = Framework.read(text)
    fields = (
        "code",
        "parent",
        "weight",
        "direction",
        "name_zh",
        "name_en",
        "uom",
        "valid_low",
        "valid_high",
        "no_data",
        "target",
        "goalpost_low",
        "goalpost_high",
        "denominator",
    )
    return {
        "nodes": [
            {name: getattr(node, name) for name in fields} for node in tree.nodes
        ],
        "leaves": [node.code for node in tree.indicators],
        "weights that do not sum to 1": tree.share_problems(),
        "sets": tree.weight_sets,
        "variables": [node.code for node in tree.variables],
        "undirected": tree.undirected,
        "paths": {
            node.code: [n.code for n in tree.path(node.code)]
            for node in tree.indicators
        },
    }


def test_every_kind_of_framework(require_kept, tmp_path):
    lines = [
        f"{name}\n{outcome_lines(partial(read_framework, text), tmp_path)}"
        for name, text in WRITTEN["frameworks"].items()
    ]
    require_kept("frameworks", "\n".join(lines))


def test_every_kind_of_recipe(require_kept, tmp_path):
    lines = [
        f"{name}\n{outcome_lines(lambda text=text: recipe_lines(read_recipe(text)), tmp_path)}"
        for name, text in WRITTEN["recipes"].items()
    ]
    require_kept("recipes", "\n".join(lines))


@pytest.mark.parametrize("listed", [True, False])
def test_every_kind_of_table(require_kept, listed, tmp_path):
    (tmp_path / "units.csv").write_text(WRITTEN["units"], encoding="utf-8")
    units = read_units_csv(tmp_path / "units.csv") if listed else None
    framework = Framework.read(WRITTEN["frameworks"]["as it should be"])

    def read(text: str) -> object:
        (tmp_path / "data.csv").write_text(text, encoding="utf-8")
        data, notes = read_dataset(tmp_path / "data.csv", framework, units)
        return {
            "codes": data.codes,
            "rows": [
                f"{unit.id} ({unit.population}) {dict(unit.attributes)} {as_text([row])[2:]}"
                f" {states} {basis}"
                for unit, row, states, basis in zip(
                    data.units,
                    data.values.tolist(),
                    data.states.tolist(),
                    data.basis.tolist(),
                    strict=True,
                )
                if set(states) != {State.BLANK}
            ],
            "links": data.links,
            "converted": [
                f"{c.where.cell} {c.where.unit} {c.raw} -> {c.result} ({c.note})"
                for c in notes.converted
            ],
            "unused": notes.unused,
            "said": list(notes.problems),
            "left out": [f"{row.cell}: {row.text}" for row in notes.left_out],
            "blank": notes.blanks,
        }

    lines = [
        f"{name}\n{outcome_lines(partial(read, text), tmp_path)}"
        for name, text in WRITTEN["tables"].items()
    ]
    require_kept(f"tables_{'listed' if listed else 'alone'}", "\n".join(lines))


def test_every_kind_of_judgements(require_kept, tmp_path):
    lines = []
    for name, text in WRITTEN["judgements"].items():
        (tmp_path / "j.csv").write_text(text)
        read = partial(
            read_judgements,
            [tmp_path / "j.csv"],
            Framework.read(WRITTEN["frameworks"]["as it should be"]),
        )
        lines.append(f"{name}\n{outcome_lines(read, tmp_path)}")
    require_kept("judgements", "\n".join(lines))
