"""`Ranking` offers nodes by their names, and finds them by name or code."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.helpers.own_books import own_book_spec
from xlcity.model.framework import Framework
from xlcity.recalc.workbook import recalculate
from xlcity.workbook.build import draw
from xlcity.workbook.sheets.results.ranking import HEADER, offered_name
from xlcity.workbook.spec import TemplateSpec
from xlcity.xlsx.cells import read_book, resolve
from xlcity.xlsx.editing.patch import write_inputs

CHOOSER = (4, 4)
TITLE = (4, 5)


def spec_of_nodes(language: str) -> TemplateSpec:
    """Return a book in which two dimensions have one name, and the total's has a wildcard."""
    spec = own_book_spec("three cities")
    named = {"X": ("总*分", "Tot*l"), "P": ("规模", "Size"), "Q": ("规模", "Size")}
    nodes = []
    for node in spec.framework.nodes:
        zh, en = named.get(node.code, ("", ""))
        nodes.append(replace(node, name_zh=zh, name_en=en))
    framework = Framework(tuple(nodes))
    return replace(spec, framework=framework, language=language, tab_language="en")


@pytest.mark.parametrize("language", ["zh", "en", "both"])
def test_what_is_offered_is_found(language):
    spec = spec_of_nodes(language)
    package, _ = draw(spec)
    first = recalculate(package).as_book()
    codes = [str(code) for code in first.block(resolve(first, "out_nodes"))[0]]
    texts = [offered_name(spec, code) for code in codes]
    assert len({*texts}) == len(texts)
    assert texts[-1] == "X"
    assert all(
        text.endswith(f" ({code})") for text, code in zip(texts, "PQ", strict=False)
    )
    column = resolve(first, "xl_ranking_column").c1
    listed = [
        first.value("Ranking", HEADER + 1 + at, column) for at in range(len(codes))
    ]
    assert listed == texts
    assert first.value("Ranking", *CHOOSER) == texts[-1]
    for at, code in enumerate(codes):
        for typed in (texts[at], code):
            cells = {"Ranking": {CHOOSER: typed}}
            book = recalculate(write_inputs(package, cells)).as_book()
            place = resolve(book, "xl_ranking_column")
            assert book.value("Ranking", place.r1, place.c1) == at + 1
            assert not str(book.value("Ranking", *TITLE)).startswith("?")


def test_names_that_are_changed_are_offered_as_they_are():
    package, _ = draw(spec_of_nodes("en"))
    book = read_book(package)
    tree = resolve(book, "xl_framework")
    heads, *rows = book.block(tree)
    codes = [str(code) for code in book.block(resolve(book, "out_nodes"))[0]]
    line = [row[heads.index("code")] for row in rows].index(codes[0])
    place = (tree.r1 + 1 + line, tree.c1 + heads.index("name_en"))
    typed = {"Framework": {place: "Girth"}, "Ranking": {CHOOSER: "Girth"}}
    computed = recalculate(write_inputs(package, typed)).as_book()
    column = resolve(book, "xl_ranking_column").c1
    assert computed.value("Ranking", HEADER + 1, column) == "Girth"
    assert computed.value("Ranking", *TITLE) == "Girth"
    # The other one is alone now.
    assert computed.value("Ranking", HEADER + 2, column) == "Size"


def test_a_blank_or_unknown_choice_shows_the_total_and_says_so():
    package, _ = draw(spec_of_nodes("en"))
    for typed in (None, "Size", "nothing of that name", "S*"):
        cells = {"Ranking": {CHOOSER: typed}}
        book = recalculate(write_inputs(package, cells)).as_book()
        title = str(book.value("Ranking", *TITLE))
        # A name that two nodes have means the first, as it did.
        assert title.startswith("? →") != (typed == "Size")
