"""Sentences of the sheet `Text` are those of the report; they follow cells and language."""

import re
from dataclasses import replace

import pytest
from templates import (
    ATTRACT,
    FAVOUR,
    MAIN,
    MEDIA,
    SEARCH,
    SOCIAL,
    UNITS,
    cell_name,
    data_cell,
    edited,
    named_cell,
    parse_cell,
    require_agreement,
    seen,
    small_read,
    small_spec,
    small_template,
)

from xlcity.api.report import workbook_source
from xlcity.report.city_facts import CityFacts
from xlcity.report.facts import node_sentences
from xlcity.report.group_facts import GroupFacts
from xlcity.workbook.build import build
from xlcity.workbook.drawing.number_formats import value_format
from xlcity.workbook.sheets.results import text

ROW, COLUMN = parse_cell(named_cell("xl_ranking_column"))
NODE = cell_name(ROW - 1, COLUMN)


def parts(sentence):
    """Return the parts of a sentence; groups stand in another order."""
    return sorted(re.split(r"[、：。；]|, |: |\. ?$", sentence.strip()))


def ordinal_template(language):
    """Return a template whose cities all tie, and are numbered in their order."""
    params = {"ties": "ordinal", "round_to": -2}
    spec = small_spec(language=language)
    steps = [replace(s, params=params) if s.do == "rank" else s for s in spec.recipe.steps]
    return build(replace(spec, recipe=replace(spec.recipe, steps=tuple(steps)))).package


@pytest.mark.parametrize(
    ("language", "node", "value", "template"),
    [
        ("zh", "IMG", None, small_template),
        ("en", "IMG_COM", 3, small_template),
        ("en", "IMG", 3, ordinal_template),
    ],
)
def test_the_sentences_are_those_of_the_report(language, node, value, template):
    edits = {"Ranking": {NODE: node}}
    if value is not None:
        # Two cities alike share their place.
        edits["Data"] = {data_cell(unit, SEARCH): value for unit in ("beijing", "xiamen")}
    book = seen(edited(template(language=language), edits))
    require_agreement(book)
    source = workbook_source(book.template)
    facts = GroupFacts(source, node, "main")
    said = [*node_sentences(source, node, "main"), *CityFacts(source, 0).sentences()]
    for kind in source.group_types[:2]:
        said += facts.composition(kind)
    gap = " " if language == "en" else ""
    ties = gap.join(one.text.text(language) for one in said if one.fact == "ties")
    wanted = [one.text.text(language) for one in said if one.fact in {*text.FACTS} - {"ties"}]
    shown = [
        str(shown).strip()
        for (row, column), shown in sorted(book.fresh.values[text.SHEET].items())
        if row > text.HEADER and column == 2 and shown
    ]
    ties_apart = template is ordinal_template
    assert len(wanted) > (3 if ties_apart else 5)
    assert ties_apart == (not {"first", "range"} & {one.fact for one in said})
    assert source.spec.tiers
    assert sorted(map(parts, shown)) == sorted(map(parts, [*wanted, *([ties] if ties else [])]))


@pytest.mark.parametrize(
    ("language", "words"), [("zh", "，与平均值持平。"), ("en", ", level with the mean.")]
)
def test_a_score_that_is_the_mean_is_not_above_it(language, words):
    codes = (SEARCH, MEDIA, MAIN, SOCIAL, FAVOUR, ATTRACT)
    alike = {data_cell(unit, code): 3 for unit in UNITS for code in codes}
    book = seen(edited(small_template(language=language), {"Data": alike}))
    said = next(CityFacts(workbook_source(book.template), 0).place()).text.text(language)
    assert said.endswith(words)
    shown = [str(value) for value in book.fresh.values[text.SHEET].values()]
    assert sum(said in value for value in shown) == 1


def test_a_person_can_read_each_formula():
    cells = small_read().book.sheets[text.SHEET].cells
    formulas = [cell.formula for cell in cells.values() if cell.formula]
    assert len(formulas) > 60
    # The sentence itself reads as it stands.
    assert max(len(re.sub(r'"[^"]*"', "", formula)) for formula in formulas) < 250


@pytest.mark.parametrize(
    ("unit", "typed", "shown"),
    [
        (("percent", "%"), 'General"%"', '0.0#"%"'),
        (("year", "年份"), "0", "0"),
        (("applications a year", "件/年"), "[<1000]General;", "[<1000]#,##0;"),
        (("count", ""), "[<1000]General;", "[<1000]#,##0;"),
        (("Mbps", ""), "[<1000]General;", "[<1000]#,##0.0###;"),
    ],
)
def test_numbers_are_shown_by_their_unit(unit, typed, shown):
    framework = small_read().framework
    nodes = [replace(node, uom=unit[0], uom_zh=unit[1]) for node in framework.nodes]
    changed = replace(framework, nodes=tuple(nodes))
    assert value_format(changed, SEARCH, typed=True).startswith(typed)
    assert value_format(changed, SEARCH).startswith(shown)
