"""What each report has of its own, kept as text: tables recomputed, its own tables and figures."""

import pytest

from tests.helpers.cli import run_json
from tests.helpers.kept import as_text, marked
from xlcity.api.index import Index
from xlcity.figures.figure import Figure
from xlcity.report.declared import inventory
from xlcity.report.items import report_items
from xlcity.reports import load_report

#: The report that is shown; of the others there are marks, which change with anything.
FIRST = "bri2021"


def test_what_there_is(require_kept, capsys):
    code, document = run_json(capsys, "list")
    require_kept("list", {"exit": code, **document})


@pytest.mark.parametrize(
    "report", ["bri2021", "gihi2023", "iecc2024", "image2025", "vitality2014"]
)
def test_what_is_recomputed_of_print(require_kept, report, capsys):
    code, document = run_json(capsys, "reproduce", report)
    document.pop("schema")
    if report != FIRST:
        document = {key: marked(value) for key, value in document.items()}
    require_kept(f"reproduced_{report}", {"exit": code, **document})


@pytest.mark.parametrize("report", ["bri2021", "vitality2014", "gihi2023", "iecc2024"])
def test_what_only_its_chapter_shows(require_kept, report):
    source = Index(load_report(report)).source()
    items = report_items(source)
    kept = {}
    usual = (
        "ranking-",
        "children-",
        "bars-",
        "groups-",
        "means-",
        "slopes-",
        "sentences",
    )
    # Of the two largest only what their own code makes, and a matrix of shares.
    own_code = {"gihi2023": ("t7", "f14", "f21", "f28"), "iecc2024": ("af1",)}
    own = own_code.get(report, [item.made for item in inventory(report)])
    for name in own:
        if (
            name in items
            and not name.startswith(usual)
            and (made := items[name].make()) is not None
        ):
            kept[name] = made.content if isinstance(made, Figure) else made
    if report != FIRST:
        kept = {name: marked(value) for name, value in kept.items()}
    require_kept(f"own_{report}", as_text(kept))
