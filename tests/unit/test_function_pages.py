import re

import pytest

from tools.site.__main__ import stage
from tools.site.function_pages import function_pages, page_file_name
from xlcity.errors import CellError
from xlcity.functions.registry import FUNCTIONS
from xlcity.hosts.cells import call
from xlcity.hosts.sheet_call import IN_PROCESS, run_call


def test_links_of_the_pages_lead_to_pages():
    written = function_pages()
    links = {
        link
        for text in written.values()
        for link in re.findall(r"\]\(([^)\s]+)\)", text)
    }
    assert len(links) > 2 * len(FUNCTIONS)
    assert links <= written.keys()


def test_the_site_has_every_page_and_a_link_to_the_overview(tmp_path):
    stage(tmp_path)
    reference = tmp_path / "docs" / "reference"
    folder = reference / "functions"
    assert {
        path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()
    } == function_pages()
    for ending in ("", ".zh"):
        text = (reference / f"functions{ending}.md").read_text(encoding="utf-8")
        assert f"](functions/README{ending}.md)" in text


def test_every_function_has_a_page_in_both_languages_that_lists_its_arguments():
    made = function_pages()
    for function in FUNCTIONS.values():
        for language in ("en", "zh"):
            text = made[page_file_name(function.name, language)]
            assert function.syntax in text
            for argument in function.arguments:
                assert f"| `{argument.name}` |" in text
                assert argument.describe(language) in text


def test_tables_are_not_broken_by_their_own_text():
    for name, text in function_pages().items():
        table: list[int] = []
        for line in [*text.splitlines(), ""]:
            if line.startswith("|"):
                table.append(line.count("|"))
            elif table:
                assert len(set(table)) == 1, name
                table = []


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=lambda f: f.name)
def test_every_host_computes_the_example_alike(function):
    expected = call(function.name, function.example.arguments)
    assert any(not isinstance(cell, CellError) for row in expected for cell in row)
    for host in IN_PROCESS:
        assert run_call(function.name, function.example.arguments, host) == expected
