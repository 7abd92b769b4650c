"""Everything that the page is told of two saves of a book, and every form, kept as text."""

import json

import pytest

from tests.helpers.kept import as_text, without
from tests.helpers.own import Edited, own_bytes
from tests.helpers.team_table import team_book
from xlcity.api.texts import in_language
from xlcity.desk.commands import Books, answer
from xlcity.desk.forms import command_words, form_of, forms, help_text, written_paths
from xlcity.errors import XlcityError
from xlcity.recalc.workbook import patch_results, recalculate
from xlcity.xlsx.package import Package


@pytest.fixture(scope="module")
def books(tmp_path_factory):
    folder = tmp_path_factory.mktemp("saves")
    first = folder / "before.xlsx"
    second = folder / "after.xlsx"
    first.write_bytes(own_bytes(udf=False))
    edited = Edited(own_bytes(udf=False))
    typed = {"A0": 500.0, "B1": "１２", "A1": None, "A2": "约7", "B0": "3O"}
    for number, (code, value) in enumerate(typed.items(), 3):
        unit = f"city{number:02d}"
        edited.cell(unit, code).value = value
    edited.save(second)
    package = Package.read(second)
    patch_results(package, recalculate(package)).write(second)
    found = Books()
    for path in (first, second):
        found.open(path.read_bytes(), "index.xlsx")
    return found


ASKED = [
    ("overview", {}),
    ("check", {}),
    ("moves", {}),
    ("trace", {"cell": "Index!AC18"}),
    ("trace", {"cell": "city03", "node": "A"}),
    ("trace", {"cell": "Nowhere!A1"}),
]


def test_what_the_page_is_told(require_kept, books):
    """Its sentences are in both languages."""
    lines = []
    with in_language("en"):
        for name, given in ASKED:
            try:
                told = as_text(
                    json.loads(json.dumps(answer(books, name, given), default=str))
                )
            except XlcityError as error:
                told = as_text(list(error.problems))
            lines += [f"== {name} {given}", told]
    require_kept("answers", without("\n".join(lines)))


def test_what_the_page_is_told_of_a_table(require_kept, tmp_path):
    team_book(tmp_path / "team.xlsx")
    chosen = {"columns": {"PM2.5": {"direction": -1}}, "title": "Index"}
    given = {
        "table": str(tmp_path / "team.xlsx"),
        "choices": json.dumps(chosen),
        "lang": "en",
    }
    told = as_text(json.loads(json.dumps(answer(Books(), "look", given), default=str)))
    require_kept("table", without(told, tmp_path))


def test_every_form(require_kept):
    lines = []
    for key, verb in forms().items():
        form = json.loads(json.dumps(form_of(verb), default=str))
        lines += [f"== {key}: {help_text(verb)}", as_text(form)]
        names = [need["id"] for need in form["needs"]]
        given = dict.fromkeys(names[:2], "x.xlsx")
        try:
            lines.append(
                f"words {command_words(key, given)} writes {written_paths(key, given)}"
            )
        except XlcityError as error:
            lines.append(as_text(list(error.problems)))
    require_kept("forms", "\n".join(lines))
