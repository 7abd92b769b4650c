"""What a program writes into cells is nobody's content, and is not carried over as such."""

import pandas as pd

from xlcity.api.index import Index
from xlcity.model.framework import Framework
from xlcity.workbook.migrate.carry import program_cells
from xlcity.workbook.migrate.content import read_content
from xlcity.workbook.migrate.rebuild import rebuild
from xlcity.workbook.reading.template import open_template

TREE = "code,parent,weight,direction\nT,,,\nP,T,2,\nQ,T,1,\na,P,1,1\nb,P,1,-1\nc,Q,1,1\nd,Q,2,1\n"
FRAME = pd.DataFrame(
    {
        "a": [1.0, 2, 3, 4, 7, 5],
        "b": [5.0, 1, 2, 9, 3, 4],
        "c": [2.0, 2, 1, 2, 3, 7],
        "d": [8.0, 6, 7, 5, 3, 1],
    },
    index=[*"uvwxyz"],
)


def test_stored_weights_are_of_the_program(tmp_path):
    path = tmp_path / "b.xlsx"
    index = Index(Framework.read(TREE), FRAME, weights="balance")
    index.to_workbook(path)
    template = open_template(path)
    cells = program_cells(template.book, ())
    sheet = template.book.sheets["Weights"].cells
    stored = {sheet[position].value for position in cells["Weights"]}
    # The weights that were found, and no heading or code beside them.
    assert all(isinstance(value, float) for value in stored)
    found = index.result.framework
    weights = {round(found[code].weight, 9) for code in ("P", "Q", "a", "b", "c", "d")}
    assert weights <= {round(value, 9) for value in stored}
    tree = template.book.sheets["Framework"].cells
    weight_column = next(
        column for (_, column), value, _ in tree.typed(str) if value == "weight"
    )
    # Weights of the framework are typed by people.
    assert not any(column == weight_column for _, column in cells["Framework"])
    made = rebuild(read_content(template))
    assert (made.carried["cells"], made.lost) == (0, ())
