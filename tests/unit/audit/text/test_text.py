"""Claims in prose: found, checked against printed tables and computed ones, and told apart."""

import json
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from xlcity.api.audits import audit_text, text_evidence
from xlcity.api.index import Index
from xlcity.audit.text import patterns
from xlcity.audit.text.audit import audit_passages
from xlcity.audit.text.evidence import SourcedNumber, TextEvidence
from xlcity.audit.text.manuscript import Passage, read_manuscript
from xlcity.audit.text.outcome import UNKNOWN
from xlcity.audit.text.patterns import claim_patterns
from xlcity.audit.text.rank_checks import _not_within
from xlcity.cli import main
from xlcity.errors import DataError
from xlcity.model.dataset import Unit
from xlcity.model.framework import Framework
from xlcity.reports import load_report


@pytest.fixture(scope="module")
def image():
    return text_evidence("image2025")


@pytest.fixture(scope="module")
def exchange():
    return text_evidence("iecc2024")


def verdicts(evidence, *sentences, lang="zh"):
    """Return (kind, verdict) of every claim, in the order of the text."""
    passages = [Passage(n, text) for n, text in enumerate(sentences, 1)]
    found = audit_passages(passages, evidence, lang)
    right = [(line, kind, "true") for line, kind, _ in found.true]
    wrong = [(one.line, one.kind, one.verdict) for one in found.findings]
    return [(kind, verdict) for _, kind, verdict in sorted(right + wrong)]


#: A true sentence, and the same with one slip.
PAIRS = [
    ("北京在国际传播力维度位列全国第一。", "北京在国际传播力维度位列全国第二。"),
    ("上海在总榜中位列第二。", "上海在总榜中位列第三。"),
    ("昆明位居特大城市第二，全国排名第九。", "昆明位居特大城市第二，全国排名第八。"),
    ("5座超大城市进入总榜全国前十。", "6座超大城市进入总榜全国前十。"),
    (
        "北京、上海、深圳等20座城市位列国际传播力第一方阵。",
        "北京、上海、深圳等21座城市位列国际传播力第一方阵。",
    ),
    ("得分为100/46*4=8.70分。", "得分为100/46*4=9.52分。"),
]


@pytest.mark.parametrize(("true", "false"), PAIRS, ids=lambda text: text[:12])
def test_a_slip_is_found_and_the_true_sentence_is_not_reported(image, true, false):
    assert {verdict for _, verdict in verdicts(image, true)} == {"true"}
    assert "false" in {verdict for _, verdict in verdicts(image, false)}


ENGLISH = [
    ("Beijing ranks first in International communication power.", "true"),
    ("Beijing ranks third in International communication power.", "false"),
    ("Wenzhou ranks eleventh in International communication power.", "true"),
    ("Wenzhou ranks twelfth in International communication power.", "false"),
    ("Beijing remains in 1st place in International communication power.", "true"),
    # The first tier is no first place.
    ("The first tier consists of Beijing, Shanghai and Yiwu.", "true"),
    ("The first tier consists of Shanghai and Shenzhen.", "true"),
    (
        "Beijing has kept its position as 3rd in International communication power.",
        "false",
    ),
    (
        "Fuzhou, Yiwu and Nantong take the 1st, 2nd and 3rd place in International influence.",
        "true",
    ),
    (
        "Fuzhou, Yiwu and Nantong take the 1st, 3rd and 2nd place in International influence.",
        "false",
    ),
]


@pytest.mark.parametrize(("text", "wanted"), ENGLISH, ids=lambda text: text[-30:])
def test_english_claims(image, text, wanted):
    assert {verdict for _, verdict in verdicts(image, text, lang="en")} == {wanted}


def test_a_province_is_not_taken_for_its_city_of_the_same_name(image):
    zh = (
        "长春在吉林省内排名第一。",
        "吉林市在吉林省排名第二。",
        "吉林在吉林省内居第一位。",
    )
    en = (
        "Changchun ranks first in Jilin Province.",
        "Jilin City ranks second in Jilin Province.",
    )
    ranked = [verdicts(image, sentence) for sentence in (*zh, *en)]
    assert [verdict for [(_, verdict)] in ranked] == [
        "true",
        "true",
        "false",
        "true",
        "true",
    ]
    # In English either may be meant.
    assert verdicts(image, "Changchun ranks first in Jilin.") == []


def test_ranks_of_the_previous_edition(exchange):
    true = "香港的综合排名从第6名升至第4名。"
    assert {verdict for _, verdict in verdicts(exchange, true)} == {"true"}
    for false in (
        true.replace("第6", "第7"),
        true.replace("第4", "第5"),
        true.replace("升", "降"),
    ):
        assert ("move", "false") in verdicts(exchange, false)
    text = "香港的综合排名{}至第4位。"
    assert verdicts(exchange, text.format("升")) == [("rank", "true")]
    assert verdicts(exchange, text.format("降")) == [("rank", "false")]


def test_a_sentence_that_names_no_node_is_about_what_its_neighbours_are_about(image):
    text = "昆明位居特大城市第三，全国排名第九。"
    assert verdicts(image, text) == [("rank", "false"), ("rank", "true")]
    # Without neighbours it is about the index, or about a node that the text has named.
    alone = "昆明位居特大城市第三。"
    assert verdicts(image, alone) == [("rank", "false")]
    assert verdicts(image, "国际搜索量是其中一项。", alone) == [("rank", "true")]


UNSURE = [
    "根据某智库发布的全球榜单，上海位列第九。",
    "北京的专利数量排名第八。",
    "以上四座城市中，深圳排名第二。",
    "北京并未位列第二。",
    "北京的国际传播力位居倒数第二。",
    "Beijing ranks second from the bottom in International communication power.",
    "Beijing ranks second to last in International communication power.",
    "此前北京位列国际传播力第二。",
    "除了北京，位列国际传播力第三的还有深圳。",
    "Neither Beijing nor Shanghai ranks third in International communication power.",
    "Beijing no longer ranks third in International communication power.",
]


@pytest.mark.parametrize("text", UNSURE)
def test_what_the_tables_cannot_settle_is_never_false(image, text):
    assert "false" not in {verdict for _, verdict in verdicts(image, text)}


def test_nothing_is_false_because_of_invented_values():
    evidence = text_evidence(Index(load_report("iecc2024")))
    first = evidence.order(evidence.root)[0]
    texts = [f"{evidence.unit[first].name_zh}的综合排名第{n}。" for n in "一九"]
    assert [verdicts(evidence, text) for text in texts] == [
        [("rank", "true")],
        [("rank", "unsure")],
    ]
    known = replace(evidence, invented=frozenset())
    assert verdicts(known, texts[1]) == [("rank", "false")]


@pytest.mark.parametrize(
    ("ties", "ranks", "depth"),
    [
        ("min", [1, 1, 3], 4),
        ("max", [2, 2, 3], 4),
        ("dense", [1, 1, 2], 4),
        ("ordinal", [1, 2, 3], 4),
    ],
)
def test_ranks_inside_a_group_follow_the_rule_for_ties(ties, ranks, depth):
    places = {"min": [1, 2, 2, 4], "max": [1, 3, 3, 4], "dense": [1, 2, 2, 3]}.get(ties)
    units = tuple(
        Unit(name, attributes={"region": "n" if name == "a" else "s"})
        for name in "abcde"
    )
    known = zip("abcd", places or [1, 2, 3, 4], strict=True)
    cells = {("X", name): SourcedNumber(str(place), "ranks") for name, place in known}
    tree = Framework.read("code,parent\nX,\na,X\n")
    found = TextEvidence("own", tree, units, ranks=cells, ties=ties)
    # The last city has no rank: nothing below the others is known, all above it is.
    assert found.depth("X") == depth
    assert list(found.ranks_in("X", (("region", "s"),)).values()) == ranks


def test_every_pattern_compiles_and_names_what_its_check_reads():
    kinds = {options["kind"] for _, options in claim_patterns()}
    assert {"rank", "tier", "count", "move", "equation"} == kinds
    for pattern, options in claim_patterns():
        if options.get("subject") != "before" and options["kind"] == "rank":
            assert "who" in pattern.groupindex


def test_lines_that_a_page_broke_are_one_sentence(tmp_path, image):
    path = tmp_path / "page.txt"
    lines = [
        "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳。",
        "在国际传播力这一维度上，北京的排名位",
        "列第一。",
        "",
        "表 1",
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    passages = read_manuscript(path)
    assert [one.line for one in passages] == [1, 2, 5]
    assert passages[1].text == "在国际传播力这一维度上，北京的排名位列第一。"


def test_a_bullet_of_word_is_no_name(tmp_path):
    """Its sign is of the range whose signs stand for names in a sentence."""
    path = tmp_path / "bullets.md"
    text = "\uf0b7 北京在国际传播力维度位列全国第二。\n\n\ue001\uf441\uf8f1上海在总榜中位列第二。"
    path.write_text(text, encoding="utf-8")
    found = audit_text(path, "image2025")
    assert [one.says for one in found.of("false")] == [
        "北京在国际传播力维度位列全国第二"
    ]
    assert found.claims == 2


def test_no_pattern_has_a_sign_for_private_use():
    texts = Path(patterns.__file__).parent.glob("*.toml")
    for text in (file.read_text(encoding="utf-8") for file in texts):
        assert not re.search(r"[\ue000-\uf8ff]|\\u[eEfF]\w{3}", text)


@pytest.mark.parametrize("between", ["\n\n", " "])
def test_a_quoted_sentence_ends_at_its_mark(tmp_path, between):
    path = tmp_path / "quoted.md"
    sentences = [
        '"Beijing ranks first in total."',
        "Shanghai ranks second in influence.",
    ]
    path.write_text(between.join(sentences), encoding="utf-8")
    assert [one.text for one in read_manuscript(path)] == sentences


def document(path, *paragraphs):
    w = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    body = "".join(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in paragraphs)
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(
            "word/document.xml",
            f'<w:document xmlns:w="{w}"><w:body>{body}</w:body></w:document>',
        )


def test_word_and_markdown_and_text_say_the_same(tmp_path):
    text = "上海在国际传播力维度位列第三。"
    for name in ("a.md", "a.txt"):
        (tmp_path / name).write_text(f"引言。\n\n{text}\n", encoding="utf-8")
    document(tmp_path / "a.docx", "引言。", text)
    found = {
        name: audit_text(tmp_path / name, "image2025")
        for name in ("a.md", "a.txt", "a.docx")
    }
    assert {(one.claims, len(one.of("false"))) for one in found.values()} == {(1, 1)}
    assert [found[name].findings[0].line for name in found] == [3, 3, 2]


@pytest.mark.parametrize(
    "name", ["none.md", "a.pdf", "empty.txt", "broken.docx", "binary.txt"]
)
def test_what_is_no_manuscript_is_refused(tmp_path, name):
    content = {
        "a.pdf": b"%PDF",
        "empty.txt": b" \n",
        "broken.docx": b"PK",
        "binary.txt": b"\0\1",
    }
    if name in content:
        (tmp_path / name).write_bytes(content[name])
    with pytest.raises(DataError) as caught:
        audit_text(tmp_path / name, "image2025")
    assert [problem.code for problem in caught.value.problems] == ["XC370"]


def test_the_command_and_its_json(tmp_path, capsys, monkeypatch):
    path = tmp_path / "a.md"
    path.write_text(
        "上海在国际传播力维度位列第三。北京位列国际传播力第一。\n", encoding="utf-8"
    )
    words = ["audit", "text", str(path), "--against", "image2025"]
    assert main([*words, "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["claims"], found["checked"], found["true"]) == (2, 2, 1)
    finding = found["findings"][0]
    assert (finding["line"], finding["verdict"], finding["unit"]) == (
        1,
        "false",
        "shanghai",
    )
    assert (finding["node"], finding["table"]) == ("IMG_COM", "communication")
    assert (
        finding["expected"] == "Shanghai ranks 2 in International communication power"
    )
    monkeypatch.setenv("XLCITY_LANG", "zh")
    assert main(words) == 1
    assert "上海的国际传播力排名第2" in capsys.readouterr().out
    path.write_text("没有说法。", encoding="utf-8")
    assert main(words) == 0


def test_cities_whose_places_are_not_known_are_neither_right_nor_wrong():
    class Scope:
        def __init__(self, known):
            self.known = known

        def is_within(self, unit, low, high):
            return low <= self.known[unit] <= high if unit in self.known else None

        def refuted(self, unit):
            return unit

    scope = Scope({"a": 1, "b": 9})
    assert _not_within(scope, ["a", "c"], 1, 3) == UNKNOWN
    assert _not_within(scope, ["a", "c", "b"], 1, 3) == "b"
    assert _not_within(scope, ["a"], 1, 3) is None


def moved_ports():
    """Return evidence of two ports: Savannah's throughput rose, and both fell in Green port."""
    tree = Framework.read(
        "code,parent,name_zh,name_en\nX,,港口指数,Port Index\na,X,吞吐量,Throughput\n"
        "b,X,绿色港口,Green port\n"
    )
    units = (Unit("s", "萨凡纳", "Savannah"), Unit("q", "青岛", "Qingdao"))
    exact = {
        "values": {"a": {"s": 21988944.0, "q": 3e6}},
        "earlier values": {"a": {"s": 18260000.0, "q": 3e6}},
        "scores": {"X": {"s": 40.0, "q": 60.0}, "b": {"s": 50.0, "q": 40.0}},
        "earlier scores": {"X": {"s": 50.0, "q": 61.0}, "b": {"s": 51.0, "q": 49.8}},
    }
    return TextEvidence("own", tree, units, exact=exact)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("萨凡纳的吞吐量从1826万标准箱增至约2199万标准箱，增长两成左右。", "true"),
        ("萨凡纳的吞吐量从1826万标准箱增至约2200万标准箱。", "true"),
        ("萨凡纳的吞吐量从1826万标准箱增至2399万标准箱。", "false"),
        (
            "Savannah's Throughput rose from 18.26 million to about 22 million TEU.",
            "true",
        ),
        (
            "Savannah's Throughput rose from 18.26 million to 23.99 million TEU.",
            "false",
        ),
        (
            "Qingdao suffered the steepest drop in Green port, shedding 9.8 points.",
            "true",
        ),
        ("Savannah suffered the steepest drop in Green port.", "false"),
    ],
)
def test_a_change_is_read_with_its_scale_and_its_node(text, wanted):
    said = {verdict for _, verdict in verdicts(moved_ports(), text, lang="en")}
    assert ("false" if "false" in said else "true" if "true" in said else "") == wanted


@pytest.mark.parametrize(
    "text",
    [
        "Savannah is not ahead of Qingdao.",
        "Savannah failed to beat Qingdao.",
        "Qingdao's score did not rise.",
        "萨凡纳未能超越青岛。",
        "青岛得分不低于58.5分。",
        "Savannah scores no more than 43.5 points.",
        "二十三十座城市的得分高于萨凡纳。",
        "Savannah is second only to Qingdao.",
        "Qingdao, with 1,200 sailing boats, is a port.",
    ],
)
def test_what_is_denied_bounded_or_of_something_else_is_not_false(text):
    assert "false" not in {verdict for _, verdict in verdicts(moved_ports(), text)}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("上海居倒数第二。", "true"),
        ("南京居倒数第一。", "true"),
        ("北京列倒数第二。", "false"),
        ("Shanghai is second from the bottom.", "true"),
        ("Nanjing is last but one.", "false"),
        ("Beijing is third from the bottom.", "true"),
    ],
)
def test_places_are_counted_from_the_last_one(text, wanted):
    tree = Framework.read("code,parent,name_zh,name_en\nX,,指数,Index\n")
    names = (
        ("b", "北京", "Beijing"),
        ("s", "上海", "Shanghai"),
        ("n", "南京", "Nanjing"),
    )
    exact = {"scores": {"X": {"b": 9.0, "s": 6.0, "n": 3.0}}}
    ranks = {
        ("X", unit): SourcedNumber(str(n), "ranks") for n, unit in enumerate("bsn", 1)
    }
    units = tuple(Unit(*name) for name in names)
    evidence = TextEvidence("own", tree, units, ranks=ranks, exact=exact)
    assert dict(verdicts(evidence, text, lang="en"))["rank"] == wanted


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_count_among_all_cities_is_held_against_all(image, lang):
    text = "在{}座城市中，前十位占{}席。".format(len(image.members(())), "{}")
    assert verdicts(image, text.format(9), lang=lang) == [("count", "false")]
    assert verdicts(image, text.format(10), lang=lang) == [("count", "true")]
