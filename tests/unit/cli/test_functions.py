import json

from xlcity.cli import main
from xlcity.functions.registry import FUNCTIONS


def test_json_lists_every_function_with_its_arguments(capsys):
    assert main(["functions", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == 1
    assert [entry["name"] for entry in document["functions"]] == list(FUNCTIONS)
    for entry in document["functions"]:
        assert {"summary", "category", "arguments", "returns", "hosts"} <= set(entry)
        assert {"python", "formulas", "formualizer"} <= set(entry["hosts"])
        for argument in entry["arguments"]:
            assert {"name", "help", "optional", "default"} <= set(argument)
    (zscore,) = [f for f in document["functions"] if f["name"] == "ZSCORE_WINSOR"]
    assert [(a["name"], a["optional"], a["default"]) for a in zscore["arguments"]] == [
        ("values", False, None),
        ("limit", True, 1.96),
        ("direction", True, 1.0),
        ("ddof", True, 0.0),
        ("groups", True, None),
        ("pools", True, None),
        ("constant", True, None),
    ]


def test_the_list_has_a_line_per_function(capsys):
    assert main(["functions"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(FUNCTIONS)


def test_a_named_function_is_told_in_full_in_either_language(capsys):
    function = FUNCTIONS["WEIGHTED_INDEX"]
    for language in ("en", "zh"):
        assert main(["functions", "weighted_index", "--lang", language]) == 0
        out = capsys.readouterr().out
        assert function.syntax in out
        assert all(
            argument.describe(language) in out for argument in function.arguments
        )


def test_an_unknown_name_is_a_usage_error(capsys):
    assert main(["functions", "NOPE", "--json"]) == 2
    assert "NOPE" in json.loads(capsys.readouterr().out)["errors"][0]["message"]
