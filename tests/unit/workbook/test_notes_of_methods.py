"""What sheets say of the method is true of the method that the book has."""

import numpy as np
import pytest

from xlcity.model.dataset import State, Unit
from xlcity.model.framework import Framework
from xlcity.model.reading.data import empty_dataset
from xlcity.model.recipe_toml import read_recipe
from xlcity.workbook.build import build
from xlcity.workbook.layout.rows import CODE
from xlcity.workbook.spec.from_report import own_spec
from xlcity.xlsx.cells import read_book

RECIPE = """
id = "x"
weights = "relative"
[[step]]
do = "normalise"
method = "{normalise}"
[[step]]
do = "aggregate"
method = "{aggregate}"
{rescale}
[[step]]
do = "rank"
method = "competition"
"""
LINEAR = '[[step]]\ndo = "rescale"\nmethod = "linear"\nfactor = 10\n'


@pytest.mark.parametrize(
    ("normalise", "aggregate", "rescale", "named", "sums"),
    [
        ("minmax", "arithmetic", "", "arithmetic mean", True),
        ("borda", "sum", "", "sum", False),
        ("rating", "geometric", "", "geometric mean", False),
        ("minmax", "arithmetic", LINEAR, "arithmetic mean, linear", False),
    ],
)
def test_notes_follow_the_method(tmp_path, normalise, aggregate, rescale, named, sums):
    (tmp_path / "f.csv").write_text("code,parent,weight\nR,,1\nA,R,1\nB,R,1\n", "utf-8")
    framework = Framework.read(tmp_path / "f.csv")
    data = empty_dataset(
        tuple(Unit(f"c{i}", population="main") for i in range(4)), ("A", "B")
    )
    data.values[:] = np.array([[1.0, 2], [4, 3], [2, 5], [3, 1]])
    data.states[:] = State.VALUE
    recipe = RECIPE.format(normalise=normalise, aggregate=aggregate, rescale=rescale)
    spec = own_spec(framework, read_recipe(recipe), data, language="en", cells="native")
    book = read_book(build(spec).package)
    assert str(book.value("Index", 2, 3)).endswith(f"the one below:\u00a0{named}")
    above = [
        cell.value
        for (row, _), cell in book.sheets["Index"].cells.items()
        if row < CODE
    ]
    assert above.count(f"{normalise} ↑") == 2
    texts = [str(cell.value) for cell in book.sheets["Profile"].cells.values()]
    assert ("Sum of contributions = total" in texts) is sums
