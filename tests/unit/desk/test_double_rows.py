"""A city with two rows on the page: one of them is left out by its number, not both by name."""

import json

from xlcity.desk.commands import Books, look, write_map

TABLE = "City,A,B\nBeijing,1,2\nShanghai,3,4\nBeijing,5,2\nGuangzhou,7,8\n"


def _look(tmp_path, monkeypatch, **choices):
    monkeypatch.setenv("XLCITY_LANG", "en")
    path = tmp_path / "t.csv"
    path.write_text(TABLE)
    columns = {name: {"direction": 1} for name in "AB"}
    return look(Books(), str(path), json.dumps({"columns": columns, **choices}), "en")


def test_both_rows_are_shown_with_the_cells_that_differ(tmp_path, monkeypatch):
    (double,) = _look(tmp_path, monkeypatch)["preview"]["doubles"]
    assert double["rows"] == [2, 4]
    assert double["cells"] == [{"name": "A", "values": ["1", "5"]}]


def test_one_of_two_rows_is_left_out_and_the_city_stays(tmp_path, monkeypatch):
    for left, value in ((4, 1), (2, 5)):
        read = _look(tmp_path, monkeypatch, skip_rows=[left])["preview"]
        assert (read["problems"], read["doubles"]) == ([], [])
        assert read["cities"] == 3
        assert any("eijing" in name or name == "北京" for name in read["names"])
        choices = json.dumps({"skip_rows": [left]})
        target = tmp_path / f"{value}.map.toml"
        write_map(Books(), str(tmp_path / "t.csv"), choices, str(target))
        assert f"skip_rows = [{left}]" in target.read_text()
