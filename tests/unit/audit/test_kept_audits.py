"""Whole audits of texts and of printed tables, kept as text: all that is called right or wrong."""

import csv
import random
from pathlib import Path

import pytest

import xlcity as xc
from tests.helpers.fresh_tables import METHODS, misprints, read
from tests.helpers.kept import as_text, markup_lines, without
from tests.helpers.liveable import REPORT, write_liveable
from tests.helpers.rivers import REPORT as RIVERS
from tests.helpers.rivers import write_rivers
from xlcity.api.audits import text_evidence
from xlcity.api.index import Index
from xlcity.audit.tables.diagnosis.findings import Audit
from xlcity.audit.tables.run import audit_page
from xlcity.audit.text.audit import audit_passages
from xlcity.audit.text.evidence import TextEvidence
from xlcity.audit.text.manuscript import Passage
from xlcity.audit.text.names import normalised
from xlcity.reports import load_report

HERE = Path(__file__).parent
TEXTS = HERE / "text"
TABLES_OF = HERE / "tables"


def claims(evidence: TextEvidence, texts: list[str], lang: str = "en") -> str:
    """Return every claim that is found in each text: true, or what is wrong with it."""
    lines = []
    for text in texts:
        audit = audit_passages([Passage(1, normalised(text))], evidence, lang)
        lines.append(text)
        lines += [f"  true: {kind} {words}" for _, kind, words in audit.true]
        lines += [
            f"  {f.verdict}: {f.kind} {f.node or '-'} {f.unit or '-'} {f.table or '-'} | {f.quote}"
            f" | {f.says} | {f.expected}"
            for f in audit.findings
        ]
    return "\n".join(lines)


def texts_of(file: Path) -> list[str]:
    with file.open(encoding="utf-8") as lines:
        return [row["text"] for row in csv.DictReader(lines)]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_statements_about_an_index_with_tiers(
    require_kept, lang, tmp_path, monkeypatch
):
    monkeypatch.setenv("XLCITY_REPORTS", str(write_liveable(tmp_path).parent))
    told = claims(text_evidence(REPORT), texts_of(TEXTS / "statements.csv"), lang)
    require_kept(f"statements_{lang}", told)


#: Numbers that a table has near others, or nowhere.
NUMBERS = (
    "London has 55 points.",
    "Helsinki scores 12.5 points.",
    "Paris has a score of 40.1.",
    "Oslo comes third among the Type II large cities with 71 points.",
    "Rome: 1.5 and 99.9 points.",
    "Bicycle lanes: 900 km in London, 250 km in Paris.",
    "Lisbon pays 1,400 euros of rent.",
    "The mean is 49.1 points, the median 3.",
    "伦敦得55分。",
    "巴黎的自行车道长度为250公里。",
)


def test_numbers_that_are_near_others(require_kept, tmp_path, monkeypatch):
    monkeypatch.setenv("XLCITY_REPORTS", str(write_liveable(tmp_path).parent))
    evidence = text_evidence(Index(load_report(REPORT)))
    require_kept("numbers", claims(evidence, [*NUMBERS]))


def test_statements_about_rivers(require_kept, tmp_path, monkeypatch):
    monkeypatch.setenv("XLCITY_REPORTS", str(write_rivers(tmp_path).parent))
    evidence = text_evidence(Index(load_report(RIVERS)))
    require_kept("rivers", claims(evidence, texts_of(TEXTS / "rivers.csv")))


FOLDERS = [
    TEXTS / "own" / "a-en",
    TEXTS / "own" / "b-zh",
    TEXTS / "indices" / "health",
    TEXTS / "indices" / "tourism",
]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_statements_about_own_indices(require_kept, folder):
    evidence = text_evidence(Index(folder, folder))
    require_kept(folder.name, claims(evidence, texts_of(folder / "statements.csv")))


def _word(value: object) -> str:
    """Return a part of a finding; the last digits of bounds differ from processor to processor."""
    if not isinstance(value, tuple):
        return str(value)
    steady = (
        float(f"{part:.9g}") if isinstance(part, float) else part for part in value
    )
    return str(tuple(steady))


def kept_audit(audit: Audit) -> dict:
    names = (
        "check",
        "severity",
        "table",
        "unit",
        "node",
        "published",
        "expected",
        "suggestion",
        "kind",
        "group",
        "resolves",
        "unique",
        "evidence",
    )
    return {
        "title": audit.title,
        "checked": [f"{c.check} {c.table}: {c.cells}" for c in audit.checked],
        "findings": [
            " | ".join(_word(getattr(finding, name)) for name in names)
            for finding in audit.findings
        ],
    }


@pytest.mark.parametrize("report", ["iecc2024", "vitality2014", "bri2021"])
def test_the_tables_of_a_report(require_kept, report):
    require_kept(f"tables_{report}", kept_audit(xc.audit_tables(report)))


#: One table of each kind: sums, weighted sums and means, products, ratios, shares, ranks by group.
TABLES = (
    *("guessed/airports", "guessed/basketball", "guessed/contest", "guessed/countries"),
    *(
        "guessed/medals",
        "guessed/skating",
        "fresh/burgers",
        "fresh/census",
        "fresh/counties",
    ),
    *("fresh/cricket", "fresh/golf", "fresh/hockey"),
)


def with_slips(file: Path) -> list[list[str]]:
    """Return a table with misprints: those drawn for it, or digits that are taken for others."""
    if file.stem in METHODS:
        rows = read(file.stem)
        for slip in misprints(file.stem):
            rows[slip.row - 1][rows[0].index(slip.column)] = slip.wrong
        return rows
    with file.open(encoding="utf-8") as lines:
        rows = [*csv.reader(lines)]
    rng = random.Random(file.stem)
    for row in rng.sample(rows[1:], 2):
        column = rng.choice(
            [k for k, text in enumerate(row) if sum(map(str.isdigit, text)) > 1]
        )
        row[column] = row[column].translate(str.maketrans("123456789", "213465798"))
    return rows


@pytest.mark.parametrize("name", TABLES)
def test_a_table_without_specification(require_kept, name, tmp_path):
    file = TABLES_OF / f"{name}.csv"
    table = tmp_path / file.name
    with table.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows(with_slips(file))
    audit = xc.audit_tables(tables=[table])
    specification = table.with_suffix(".toml").read_text(encoding="utf-8")
    text = as_text({"specification": specification.splitlines(), **kept_audit(audit)})
    require_kept(f"guessed_{file.stem}", text.replace(str(tmp_path), "…"))


def test_the_page_of_an_audit(require_kept, tmp_path):
    table = tmp_path / "golf.csv"
    with table.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows(with_slips(TABLES_OF / "fresh" / "golf.csv"))
    page = audit_page(xc.audit_tables(tables=[table]), str)
    body = "\n".join(markup_lines(page[page.index("<body") :]))
    require_kept("page", without(body, tmp_path))
