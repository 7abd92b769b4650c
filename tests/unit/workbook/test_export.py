"""Inputs as plain tables that make the same template again, and remarks as a list."""

from tests.helpers.cli import run_json
from tests.helpers.own import Edited, own_bytes
from xlcity.workbook.read import open_template


def edited_book(folder):
    edited = Edited(own_bytes())
    edited.cell("city01", "A0").value = 1 / 3
    edited.cell("city02", "A1").value = None
    edited.cell("city03", "A2").value = "缺"
    edited.comment("city05", "A1", "from the yearbook")
    edited.exception(0, city="city02", indicator="A1", basis="substituted", remark="of 2022")
    page, row, left, _, right = edited.named("in_review")
    heads = [page.cell(row, c).value for c in range(left, right + 1)]
    for line, said in enumerate(
        (
            {"city": "city02", "node": "A1", "remark": "why empty?", "who": "Wang"},
            {"city": "city00", "node": "X", "remark": "too low", "who": "Wang",
             "answer": "is right", "status": "closed"},
        ),
        1,
    ):  # fmt: skip
        for name, text in said.items():
            page.cell(row + line, left + heads.index(name)).value = text
    return edited.save(folder / "城市 book.xlsx")


def test_tables_make_the_same_inputs_again(tmp_path, capsys):
    book, folder = edited_book(tmp_path), tmp_path / "tables"
    code, document = run_json(capsys, "export", book, "-o", folder)
    assert code == 0
    assert document["tables"] == sorted(path.name for path in folder.iterdir())
    assert {"exceptions.csv", "review.csv", "comments.csv"} <= set(document["tables"])
    again = tmp_path / "again.xlsx"
    words = ["--framework", folder, "--data", folder, "--recipe", folder / "recipe.toml"]
    code, _ = run_json(capsys, "new", *words, "-o", again)
    assert code == 0
    old, new = open_template(book), open_template(again)
    assert old.framework.nodes == new.framework.nodes
    assert old.recipe == new.recipe
    assert old.dataset.digest() == new.dataset.digest()


def test_older_files_are_kept(tmp_path, capsys):
    book, folder = edited_book(tmp_path), tmp_path / "tables"
    folder.mkdir()
    (folder / "data.csv").write_text("mine")
    code, document = run_json(capsys, "export", book, "-o", folder)
    assert (code, document["kept"]) == (0, ["data.csv.bak"])
    assert (folder / "data.csv.bak").read_text() == "mine"


def test_remarks_are_listed_by_city_and_node(tmp_path, capsys):
    book = edited_book(tmp_path)
    code, document = run_json(capsys, "comments", book)
    assert code == 0
    told = [(c["unit"], c["node"], c["kind"], c["status"]) for c in document["comments"]]
    assert told == [
        ("city00", "X", "review", "closed"),
        ("city02", "A1", "review", "open"),
        ("city05", "A1", "comment", ""),
    ]
    assert document["comments"][0]["answer"] == "is right"
    _, document = run_json(capsys, "comments", book, "--open")
    assert [c["unit"] for c in document["comments"]] == ["city02", "city05"]
