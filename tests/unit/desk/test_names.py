"""Messages on the page say cities and indicators by their names, in the reader's language."""

from xlcity.api.texts import in_language, told
from xlcity.desk.names import NamedParts
from xlcity.errors import Problem, Where
from xlcity.messages import Message
from xlcity.model.dataset import Unit
from xlcity.model.nodes import Node

NAMES = NamedParts(
    [
        Unit("beijing", name_zh="北京", name_en="Beijing"),
        Unit("suzhou-js", name_zh="苏州", name_en="Suzhou"),
        Unit("suzhou-ah", name_zh="宿州", name_en="Suzhou"),
        Unit("nowhere"),
    ],
    [Node("01", "", name_zh="国际航线", name_en="International routes")],
)


def said(message):
    texts = []
    for language in ("en", "zh"):
        with in_language(language):
            texts.append(told(NAMES.named(message)))
    return texts


def test_ids_and_codes_are_said_by_their_names():
    cell = Message("lint.cell_of", code="01", unit="beijing")
    assert said(cell) == ["International routes of Beijing", "北京 的 国际航线"]
    message = Message("lint.zero_for_gap", about=cell, source="01")
    assert said(message)[0] == "International routes of Beijing is 0, and NA in 01."
    # The name in the workbook's language is said in the reader's.
    assert said(Message("lint.cell_of", code="01", unit="北京"))[0].endswith("Beijing")


def test_where_names_are_alike_the_id_is_said_too():
    cities = ["suzhou-js", "suzhou-ah", "nowhere", "elsewhere"]
    message = Message("lint.line_of", code="01", names=cities)
    english, chinese = said(message)
    assert "Suzhou (suzhou-js), Suzhou (suzhou-ah), nowhere, elsewhere" in english
    assert "苏州、宿州、nowhere、elsewhere" in chinese


def test_addresses_of_problems_have_names_and_the_problem_keeps_its_ids():
    where = Where(sheet="Data", cell="B7", unit="beijing", indicator="01")
    problem = Problem("XC304", "a text", "", where)
    parts = [*NAMES.named_problem(problem).where.parts()]
    assert [said(part)[1] for part in parts[1:]] == ["城市 北京", "指标 国际航线"]
    assert problem.where.unit == "beijing"
