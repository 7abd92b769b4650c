"""The keys of the documents that scripts read: what stands here is never dropped or renamed."""

import pytest

from tests.helpers.cli import codes, run_json
from tests.helpers.own import Edited, own_bytes, write_tables
from xlcity.workbook.spec import PAGES

#: Keys of records that several verbs have.
UNIT = "unit name_zh name_en population scores normalised ranks"
CHECK = "name status detail cells"
FINDING = "rule severity sheet cell message fix"
#: Words -> the keys of the document, and of the first record below each list or mapping in it.
DOCUMENTS = {
    "list": {
        "": "reports",
        "reports": "id name_en name_zh edition units nodes indicators data",
    },
    "functions": {
        "": "functions",
        "functions": "name summary category arguments returns hosts",
        "functions arguments": "name help optional default",
    },
    "call RANK_UNIFORM --args [[1,3,2]]": {"": "name host result"},
    "new --framework fw.csv --data data.csv --pages intake -o new.xlsx": {
        "": "path sheets pages input_cells formula_cells udf_cells data"
    },
    "pages book.xlsx": {"": "path pages", "pages": "name title present"},
    "pages book.xlsx --add intake -o more.xlsx": {
        "": "path pages",
        "pages": "name title present",
    },
    "fill book.xlsx --data data.csv -o filled.xlsx": {
        "": "path written skipped converted"
    },
    "recalc book.xlsx -o out.xlsx --verify formualizer": {
        "": "workbooks ok unverified failed",
        "workbooks": "in out engine udf_by formula_cells udf_cells seconds errors unverified "
        "verified status",
        "workbooks verified": "engine cells max_diff differing",
    },
    "results book.xlsx": {"": "report draft units pairs", "units": UNIT},
    "check book.xlsx": {
        "": "workbooks",
        "workbooks": "path verdict summary checks findings",
        "workbooks checks": CHECK,
    },
    "index --framework fw.csv --data data.csv": {
        "": "report draft units pairs",
        "units": UNIT,
    },
    "check slip.xlsx --findings": {"": "path findings summary", "findings": FINDING},
    "check slip.xlsx": {"workbooks findings": f"{FINDING} cells"},
    "trace book.xlsx city03": {"": "cell value formula label unit node inputs source"},
    "diff book.xlsx slip.xlsx": {
        "": "cells ranks",
        "ranks": "unit node from to because",
    },
    "udf status": {"": "hosts", "hosts": "host state detail remedy"},
    "assess book.xlsx --n 20 --seed 1": {
        "": "replicates seed seconds choices units leave_one_out sensitivity statistics "
        "correlations alpha pca",
        "units": "unit rank median low high top",
        "leave_one_out": "node mean_shift max_shift kendall",
        "sensitivity": "first total",
        "statistics": "indicator n mean sd skew kurt missing outliers",
        "correlations": "a b pearson spearman kendall p flag",
        "pca": "variance loadings",
    },
    "audit text text.md --against book.xlsx": {
        "": "claims checked findings",
        "findings": "line quote says expected verdict table unit node",
    },
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder with tables, their workbook, one in which a value is text, and a text."""
    folder = tmp_path_factory.mktemp("contract")
    write_tables(folder)
    (folder / "book.xlsx").write_bytes(own_bytes())
    edited = Edited(own_bytes())
    edited.cell("city03", "A0").value = "about 12"
    edited.save(folder / "slip.xlsx")
    (folder / "text.md").write_text(
        "city03 ranks 13th in Pillar A.\n", encoding="utf-8"
    )
    return folder


@pytest.mark.parametrize("words", DOCUMENTS)
def test_the_documents_of_the_verbs_have_their_keys(capsys, monkeypatch, folder, words):
    monkeypatch.chdir(folder)
    code, document = run_json(capsys, *words.split())
    assert code in (0, 1), document
    for path, keys in DOCUMENTS[words].items():
        record = document
        for key in path.split():
            record = record[key]
            # Of a list, or of a mapping by code, the first record.
            record = record[0] if isinstance(record, list) else record
            record = (
                next(iter(record.values())) if key in ("sensitivity", "pca") else record
            )
        assert set(keys.split()) <= set(record), (path, sorted(record))


def test_pages_lists_what_a_workbook_has_and_can_have(capsys, monkeypatch, folder):
    monkeypatch.chdir(folder)
    before = (folder / "book.xlsx").read_bytes()
    assert (
        run_json(capsys, "pages", "book.xlsx", "--add", "peers", "-o", "peers.xlsx")[0]
        == 0
    )
    for book, present in (
        ("book.xlsx", set()),
        ("peers.xlsx", {"peers", "assessment"}),
    ):
        code, document = run_json(capsys, "pages", book)
        assert code == 0
        assert document["path"] == book
        assert {
            page["name"] for page in document["pages"] if page["present"]
        } == present
        assert {page["name"] for page in document["pages"]} <= set(PAGES)
    assert ("peers", "Peers") in [
        (page["name"], page["title"]) for page in document["pages"]
    ]
    assert (folder / "book.xlsx").read_bytes() == before
    for words in (("--add", "peers"), ("-o", "none.xlsx")):
        code, document = run_json(capsys, "pages", "book.xlsx", *words)
        assert (code, codes(document)) == (2, {"XC100"})
