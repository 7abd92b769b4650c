"""Statements about own indices, written before the patterns that find them; half are false."""

import csv
import functools
import json
import re
from pathlib import Path

import pytest

from tests.helpers.liveable import REPORT, write_liveable
from tests.helpers.rivers import REPORT as RIVERS
from tests.helpers.rivers import write_rivers
from xlcity.api.audits import audit_text, text_evidence
from xlcity.api.index import Index
from xlcity.audit.text.audit import audit_passages
from xlcity.audit.text.manuscript import Passage
from xlcity.audit.text.names import normalised
from xlcity.cli import main
from xlcity.reports import load_report

STATEMENTS = [
    *csv.DictReader((Path(__file__).parent / "statements.csv").open(encoding="utf-8"))
]


@pytest.fixture(scope="module")
def liveable(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(
            "XLCITY_REPORTS", str(write_liveable(tmp_path_factory.mktemp("r")).parent)
        )
        return text_evidence(REPORT)


def verdict(evidence, *sentences):
    """Return what is said of a text as a whole: the worst verdict, None without a claim."""
    passages = [Passage(1, normalised(text)) for text in sentences]
    found = audit_passages(passages, evidence, "en")
    verdicts = {one.verdict for one in found.findings} | {"true" for _ in found.true}
    return next(
        (word for word in ("false", "unsure", "true") if word in verdicts), None
    )


#: What is not read against a report's tables: cities above the mean, who is ahead of whom, changes
#: in per cent, and two numbers with words between them.
UNREAD = re.compile(
    "above (it|the mean)|高于平均|ahead of (Copenhagen|Paris)|领先(哥本哈根|巴黎)"
    "|from 40% to 50%|由40%|times Lis|gap between|里斯本（|相差7"
)


@pytest.mark.parametrize("row", STATEMENTS, ids=lambda row: row["text"][:40])
def test_a_statement_is_called_what_it_is(liveable, row):
    wanted = None if UNREAD.search(row["text"]) else row["truth"]
    assert verdict(liveable, row["text"]) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        # Fourth in mobility, first in the index.
        ("Helsinki ranks fourth in the European Liveable Cities Index.", "false"),
        ("Overall, Helsinki ranks fourth.", "false"),
        ("赫尔辛基综合排名第四。", "false"),
        ("赫尔辛基在欧洲宜居城市指数中位列第四。", "false"),
        (
            "In the European Liveable Cities Index, Helsinki ranks fourth in Mobility.",
            "true",
        ),
        ("Helsinki is joint first overall.", "false"),
        ("The three parts sum to 0.4 + 0.4 + 0.2 = 1.0.", "true"),
        ("权重合计为40%+40%+30%=100%。", "false"),
    ],
)
def test_relatives(liveable, text, wanted):
    assert verdict(liveable, text) == wanted


@pytest.mark.parametrize(("place", "wanted"), [("一", "true"), ("二", "false")])
def test_a_place_among_cities_that_the_sentence_before_lists(liveable, place, wanted):
    listed = "入选的是赫尔辛基、哥本哈根、奥斯陆、布拉格。"
    text = f"在这四座城市中，赫尔辛基的环境得分排名第{place}。"
    assert verdict(liveable, listed, text) == wanted
    # Five are listed: which four are meant, the text does not say.
    assert (
        verdict(liveable, listed.replace("布拉格", "布拉格、里斯本"), text) != "false"
    )


@pytest.mark.parametrize(
    ("heading", "is_below"),
    [
        ("Results by city", True),
        ("Comparison with earlier editions", False),
        ("The previous edition", False),
        ("与以往各届比较", False),
    ],
)
def test_a_comparison_of_editions_leaves_the_part_above_it(heading, is_below):
    folder = Path(__file__).parent / "own" / "a-en"
    evidence = text_evidence(Index(folder / "framework.csv", folder / "data.csv"))
    headings = [Passage(1, "Mobility", heading=True), Passage(2, heading, heading=True)]
    for code, is_right in (("MOB", is_below), (evidence.root, True)):
        text = f"Farrowdale scores {evidence.exact['scores'][code]['u05']:.1f} points."
        audited = audit_passages([*headings, Passage(3, text)], evidence, "en")
        assert ([f.verdict for f in audited.findings] == []) == is_right


@pytest.fixture(scope="module")
def rivers(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(
            "XLCITY_REPORTS", str(write_rivers(tmp_path_factory.mktemp("r")).parent)
        )
        return text_evidence(Index(load_report(RIVERS)))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_of_thirty_statements_nobody_tuned_on(rivers, lang):
    """Fifteen are false: twelve or more are called so, and one true statement at most."""
    with (Path(__file__).parent / "rivers.csv").open(encoding="utf-8") as lines:
        statements = [row for row in csv.DictReader(lines) if row["lang"] == lang]
    called = [row for row in statements if verdict(rivers, row["text"]) == "false"]
    assert len(statements) == 30
    assert sum(row["truth"] == "false" for row in called) >= 12
    assert sum(row["truth"] == "true" for row in called) <= 1


@pytest.mark.parametrize(
    ("true", "false"),
    [
        (
            "Shanghai is 32.2 points ahead of Wuhan.",
            "Wuhan is 32.2 points ahead of Shanghai.",
        ),
        (
            "Nanjing and Wuhan are under one point apart.",
            "Nanjing and Wuhan are 5 points apart.",
        ),
        ("Hefei climbed from eighth to sixth.", "Hefei climbed from ninth to sixth."),
        (
            "Shanghai has more patents granted than Wuxi.",
            "Wuxi has more patents granted than Shanghai.",
        ),
        ("上海的发明专利授权量是苏州的1.6倍。", "上海的发明专利授权量是苏州的2.6倍。"),
        ("上海比武汉高32.2分。", "上海比武汉高23.2分。"),
        (
            "Suzhou comes second in Capital, behind Shanghai.",
            "Wuxi is second only to Shanghai.",
        ),
        (
            "Five of the twelve cities score above the mean.",
            "Seven of the twelve cities score above the mean.",
        ),
        ("Only Shanghai scores above 60 points.", "Only Wuhan scores above 60 points."),
        (
            "Shanghai leads, followed by Wuhan and Nanjing.",
            "Shanghai leads, followed by Nanjing and Wuhan.",
        ),
        (
            "上海居首，武汉、南京分列第二、三位。",
            "上海居首，南京、武汉分列第二、三位。",
        ),
    ],
)
def test_comparisons_and_moves(rivers, true, false):
    assert (verdict(rivers, true), verdict(rivers, false)) == ("true", "false")


OWN = sorted((Path(__file__).parent / "own").iterdir())


@pytest.mark.slow
@pytest.mark.parametrize("folder", OWN, ids=lambda folder: folder.name)
def test_statements_about_an_index_with_groups_and_a_previous_edition(folder, tmp_path):
    """Thirty of an editor, fifteen of them false: these and no others are called so.

    Percentage points are not read.
    """
    book = tmp_path / "book.xlsx"
    lang = folder.name[-2:]
    tables = ["--framework", str(folder), "--data", str(folder)]
    assert main(["new", *tables, "--lang", lang, "-o", str(book)]) == 0
    evidence = text_evidence(book)
    with (folder / "statements.csv").open(encoding="utf-8") as lines:
        statements = [*csv.DictReader(lines)]
    called = [
        row["text"] for row in statements if verdict(evidence, row["text"]) == "false"
    ]
    false = [row["text"] for row in statements if row["truth"] == "false"]
    assert len(false) == 15
    assert called == [text for text in false if "percentage points" not in text]
    # The second city need not be named.
    first, second = evidence.order(evidence.root)[:2]
    scores = evidence.exact["scores"][evidence.root]
    unit = evidence.unit[first]
    lead = scores[first] - scores[second]
    text = "{}领先{:.1f}分。" if lang == "zh" else "{} leads by {:.1f} points."
    name = unit.name_zh if lang == "zh" else unit.name_en
    assert verdict(evidence, text.format(name, lead)) == "true"
    assert verdict(evidence, text.format(name, lead + 1)) == "false"


#: Invented indices, and sixty statements on each by somebody who saw its values alone.
INDICES = sorted((Path(__file__).parent / "indices").iterdir())


@pytest.fixture(scope="module")
def invented(tmp_path_factory):
    """Return the evidence of an invented index by its folder; of two editions where it has them."""

    @functools.cache
    def evidence(folder):
        new, rolled = (
            tmp_path_factory.mktemp(folder.name) / name for name in ("a.xlsx", "b.xlsx")
        )
        first = folder / "previous.csv"
        has_two = first.exists()
        data = folder / "data.csv"
        framework = folder / "framework.csv"
        words = [
            "--framework",
            str(framework),
            "--data",
            str(first if has_two else data),
        ]
        assert main(["new", *words, "-o", str(new)]) == 0
        words = ["--edition", "2025", "--data", str(data), "-o", str(rolled)]
        assert not has_two or main(["roll", str(new), *words]) == 0
        return text_evidence(rolled if has_two else new)

    return evidence


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("folder", INDICES, ids=lambda folder: folder.name)
def test_statements_in_many_forms(invented, folder, lang):
    """Of fifteen false ones twelve or more are called so, and one true statement at most."""
    with (folder / "statements.csv").open(encoding="utf-8") as lines:
        statements = [row for row in csv.DictReader(lines) if row["lang"] == lang]
    evidence = invented(folder)
    called = [row for row in statements if verdict(evidence, row["text"]) == "false"]
    assert sum(row["truth"] == "false" for row in statements) == 15
    assert sum(row["truth"] == "false" for row in called) >= 12
    assert [row["text"] for row in called if row["truth"] == "true"][1:] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "folder",
    # Each takes twenty seconds: one of each language in every slow run.
    [
        pytest.param(
            folder, marks=() if folder.name in ("a-zh", "b-en") else pytest.mark.long
        )
        for folder in OWN
    ],
    ids=lambda folder: folder.name,
)
def test_nothing_in_its_own_chapter_is_false(folder, tmp_path, capsys):
    """Tables and notes of the Word file have numbers that are no statement about cities."""
    book = tmp_path / "book.xlsx"
    lang = folder.name[-2:]
    tables = ["--framework", str(folder), "--data", str(folder)]
    assert main(["new", *tables, "--lang", lang, "-o", str(book)]) == 0
    words = [
        "report",
        str(book),
        "-o",
        str(tmp_path / "out"),
        "--lang",
        lang,
        "--annex",
        *("--only", "chapter"),
    ]
    assert main(words) == 0
    chapter = tmp_path / "out" / f"chapter.{lang}.docx"
    capsys.readouterr()
    main(["audit", "text", str(chapter), "--against", str(book), "--json"])
    audited = json.loads(capsys.readouterr().out)
    assert audited["true"] > 20
    assert [f for f in audited["findings"] if f["verdict"] == "false"] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "false"),
    [
        (
            "a-en",
            ["Lowbridge is third.", "Marenhall is second in the Everyday City Index."],
        ),
        ("b-zh", ["安澜的经济得分排名第二。", "昆屏的环境得分列第二位。"]),
        ("b-en", ["Cullerby is third in the environment."]),
        ("a-zh", ["南汀的出行得分排名第二。"]),
    ],
)
def test_what_a_report_says_around_its_index_is_not_called_false(name, false, tmp_path):
    """Other rankings, other quantities, groups that a heading names, and sets that no table has."""
    folder = Path(__file__).parent / "own" / name
    book = tmp_path / "book.xlsx"
    tables = ["--framework", str(folder), "--data", str(folder)]
    assert main(["new", *tables, "--lang", name[-2:], "-o", str(book)]) == 0
    found = audit_text(Path(__file__).parent / "around" / f"{name}.md", book)
    assert [finding.quote for finding in found.of("false")] == false
    assert len(found.true) > 5
