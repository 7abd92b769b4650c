"""Sentences about six ports whose numbers are round: each true one with its nearest false one."""

from dataclasses import replace

import pytest

from xlcity.audit.text.audit import audit_passages
from xlcity.audit.text.evidence import SourcedNumber, TextEvidence
from xlcity.audit.text.manuscript import Passage
from xlcity.audit.text.sentence_words import StatedNumber, Stretch
from xlcity.model.dataset import Unit
from xlcity.model.framework import Framework
from xlcity.reports.report import Group, GroupType

TREE = Framework.read(
    "code,parent,name_zh,name_en,weight,direction,uom,uom_zh\n"
    "X,,港口指数,Port Index,1,,,\n"
    "a,X,吞吐量,Throughput,5,1,million tonnes,百万吨\n"
    "b,X,等待时间,Waiting time,3,-1,hours,小时\n"
    "c,X,铁路比重,Rail share,2,1,%,%\n"
)
PORTS = ("Aalborg", "Bremen", "Cork", "Dover", "Emden", "Faro")
NAMES_ZH = ("奥尔堡", "不来梅", "科克", "多佛", "埃姆登", "法鲁")
#: Of Aalborg to Faro, in this edition and in the one before; None is not known.
NUMBERS = {
    ("scores", "X"): ((90, 75, 60, 45, 40, 20), (85, 80, 66, 40, 44, None)),
    ("values", "a"): ((80, 60, 40, 30, 20, 10), (64, 60, 50, 20, 25, 10)),
    ("values", "b"): ((12, 6, 9, 24, 8, None), (15, 6, 6, 20, 10, None)),
    ("values", "c"): ((40, 25, 10, 15, 30, 0.5), (38, 25.004, 15, 15, 20, 0.6)),
}


def ports():
    """Return what is known of them."""
    seas = ("north", "north", "west", "west", "north", "west")
    rows = zip(PORTS, NAMES_ZH, seas, strict=True)
    units = tuple(Unit(en, zh, en, attributes={"sea": sea}) for en, zh, sea in rows)
    groups = (
        Group("north", "北海港口", "North Sea ports"),
        Group("west", "大西洋港口", "Atlantic ports"),
    )
    exact = {}
    ranks = ({}, {})
    for (series, code), editions in NUMBERS.items():
        sign = -1 if TREE[code].direction < 0 else 1
        for ranks_then, edition, numbers in zip(
            ranks, ("", "earlier "), editions, strict=True
        ):
            by_port = {
                port: x for port, x in zip(PORTS, numbers, strict=True) if x is not None
            }
            exact.setdefault(edition + series, {})[code] = by_port
            for port, x in by_port.items():
                rank = 1 + sum(sign * other > sign * x for other in by_port.values())
                ranks_then[code, port] = SourcedNumber(str(rank), "ranks")
    kinds = (GroupType("sea", "海域", "Sea", groups),)
    return TextEvidence(
        "ports", TREE, units, kinds, ranks=ranks[0], earlier=ranks[1], exact=exact
    )


EVIDENCE = ports()


def verdict(text, evidence=EVIDENCE):
    found = audit_passages([Passage(1, text)], evidence, "en")
    verdicts = {one.verdict for one in found.findings} | {"true" for _ in found.true}
    return next(
        (word for word in ("false", "unsure", "true") if word in verdicts), None
    )


@pytest.mark.parametrize(
    ("true", "false"),
    [
        # Cities and places named in turn.
        (
            "Aalborg, Bremen and Cork rank first, second and third.",
            "Aalborg, Bremen and Cork rank first, third and second.",
        ),
        (
            "Aalborg, Bremen, Cork and Dover take the first, second, third, and fourth place.",
            "Aalborg, Bremen, Cork and Dover take the first, second, fourth, and third place.",
        ),
        ("Aalborg and Bremen lead.", "Aalborg and Cork lead."),
        (
            "It is Aalborg that leads, not Bremen.",
            "It is Bremen that leads, not Aalborg.",
        ),
        ("Aalborg is first.", "Aalborg is joint first."),
        (
            "Aalborg and Bremen are first and second.",
            "Aalborg and Bremen are joint first.",
        ),
        (
            "With a share of 40% Aalborg ranks first in Rail share.",
            "With a share of 40% Aalborg is tied for first place in Rail share.",
        ),
        (
            "Dover ranks fourth, and Cork, Emden and Faro are far away.",
            "Dover ranks second, and Cork, Emden and Faro are far away.",
        ),
        ("前三名分别为奥尔堡、不来梅和科克。", "前三名分别为奥尔堡、科克和不来梅。"),
        (
            "The top three are, in order, Aalborg, Bremen and Cork.",
            "The top three are, in order, Aalborg, Cork and Bremen.",
        ),
        # Of what a multiple is one; a share of cities, which a weight may equal.
        ("奥尔堡的吞吐量约为平均水平的两倍。", "奥尔堡的吞吐量约为平均水平的三倍。"),
        ("法鲁得分为20分，不到榜首的四分之一。", "法鲁得分为20分，不到榜首的一成。"),
        (
            "A third of the cities have a Rail share above 28%.",
            "A fifth of the cities have a Rail share above 28%.",
        ),
        # Which of two cities a multiple is of, and who is right below whom.
        (
            "Cork has half of the Throughput of Aalborg.",
            "Aalborg has half of the Throughput of Cork.",
        ),
        ("埃姆登的吞吐量不到奥尔堡的三成。", "奥尔堡的吞吐量不到埃姆登的三成。"),
        ("多佛的吞吐量仅次于科克。", "科克的吞吐量仅次于多佛。"),
        (
            "Dover climbed to fourth, overtaking Emden.",
            "Dover climbed to fourth, overtaking Cork.",
        ),
        (
            "Bremen has the second-highest score and the shortest Waiting time.",
            "Bremen has the third-highest score and the shortest Waiting time.",
        ),
        # Whose places changed, and what was a year ago.
        ("多佛的名次上升1位，科克不变。", "科克的名次上升1位，多佛不变。"),
        (
            "Throughput of Aalborg is 80.0 million tonnes, up from 64.0 a year earlier.",
            "Throughput of Aalborg is 80.0 million tonnes, up from 67.0 a year earlier.",
        ),
        # Cities and numbers named in turn.
        (
            "Aalborg and Bremen: 80 million tonnes and 60 million tonnes.",
            "Aalborg and Bremen: 60 million tonnes and 80 million tonnes.",
        ),
        (
            "Aalborg and Bremen handle 80 million tonnes and 60 million tonnes and together 140 "
            "million tonnes.",
            "Aalborg and Bremen handle 80 million tonnes and 60 million tonnes and together 150 "
            "million tonnes.",
        ),
        (
            "Dover and Emden score 45 and 40 points, 5 points apart.",
            "Dover and Emden score 45 and 40 points, 10 points apart.",
        ),
        # What other numbers of the sentence give.
        (
            "Cork handles 40 million tonnes, and Emden handled 25 million tonnes in the previous "
            "edition, 37.5% less.",
            "Cork handles 40 million tonnes, and Emden handled 25 million tonnes in the previous "
            "edition, 47.5% less.",
        ),
        # Who moved.
        ("Aalborg and Dover gained points.", "Aalborg and Cork gained points."),
        (
            "On average Aalborg and Cork lost points.",
            "On average Aalborg and Cork gained points.",
        ),
        ("Throughput improved in two cities.", "Throughput improved in three cities."),
        ("Waiting time rose in two cities.", "Waiting time rose in three cities."),
        # Who meets a condition.
        (
            "Two cities, Aalborg and Bremen, handle more than 50 million tonnes.",
            "Two cities, Aalborg and Cork, handle more than 50 million tonnes.",
        ),
        (
            "两座城市（奥尔堡、不来梅）的吞吐量高于50百万吨。",
            "两座城市（奥尔堡、科克）的吞吐量高于50百万吨。",
        ),
        ("北海港口中有三个得分高于30分。", "北海港口中有两个得分高于30分。"),
        (
            "Three North Sea ports score above 30 points.",
            "Two North Sea ports score above 30 points.",
        ),
        # Eight times is the throughput.
        ("奥尔堡的得分是法鲁的4.5倍。", "奥尔堡的得分是法鲁的8倍。"),
        (
            "Aalborg scores 4.5 times as much as Faro.",
            "Aalborg scores eight times as much as Faro.",
        ),
    ],
)
def test_a_true_sentence_and_a_false_one(true, false):
    assert (verdict(true), verdict(false)) == ("true", "false")


#: What is said of whom, and what else would be false.
WORDS = [
    ("{} has the highest Throughput.", "Aalborg", "Bremen"),
    ("{} has the lowest Rail share.", "Faro", "Emden"),
    ("{} has the longest Waiting time.", "Dover", "Aalborg"),
    ("{} is best in Waiting time.", "Bremen", "Aalborg"),
    ("{} is worst in Waiting time.", "Dover", "Cork"),
    ("{}'s Throughput rose most.", "Aalborg", "Dover"),
    ("{} is ahead of Cork.", "Bremen", "Emden"),
    ("{} is behind Cork.", "Dover", "Bremen"),
    ("{}'s Waiting time is lower than that of Cork.", "Emden", "Dover"),
    (
        "{} ports.",
        "North Sea ports score more than Atlantic",
        "Atlantic ports score more than North Sea",
    ),
    ("Aalborg's Throughput is {} times that of Dover.", "2.7", "3.2"),
    ("Aalborg leads, followed by {}.", "Bremen and Cork", "Cork and Bremen"),
    ("Dover climbed {}.", "one place", "two places"),
    ("Emden slipped from {} to fifth.", "fourth", "third"),
    ("{} of the cities score above 50 points.", "Half", "A third"),
    ("Cork scores {} points above Faro.", "40", "30"),
    ("Emden's Rail share rose by {}.", "half", "a third"),
    ("The top three score {} points on average.", "75", "70"),
    ("{} is second to last.", "Emden", "Dover"),
    ("The top three are Aalborg, Bremen and {}.", "Cork", "Dover"),
    ("Cork's Throughput {} by 20%.", "fell", "rose"),
    ("{} cities score above the mean.", "Three", "Four"),
    ("{} cities score above 50 points, and two above 65 points.", "Three", "Two"),
    ("Rail share is unchanged in {} cities.", "two", "three"),
    ("Waiting time improved in {} cities.", "two", "three"),
    ("Of the {} cities in both editions, two gained points.", "five", "four"),
    ("Five of the six cities, or {}%, handle Throughput.", "83.3", "73.3"),
    ("Emden's Rail share is {} times that of Faro.", "60", "50"),
    ("{} lost points and comes last.", "Cork", "Bremen"),
    ("Dover's Waiting time is the longest, {} times that of Aalborg.", "two", "three"),
    ("{}得分仅高于法鲁。", "埃姆登", "多佛"),
    ("{}的等待时间最长。", "多佛", "科克"),
    ("多佛上升{}位。", "一", "两"),
    ("埃姆登由第{}位降至第5位。", "4", "3"),
    ("科克的吞吐量下降{}%。", "20", "30"),
    ("奥尔堡的吞吐量是科克的{}倍。", "两", "三"),
    ("奥尔堡居首，{}分列第二、三位。", "不来梅、科克", "科克、不来梅"),
    ("北海港口平均得分为{}分。", "68.3", "58.3"),
    ("科克得分比法鲁高{}分。", "40", "30"),
    ("仅有{}座城市的得分有所上升。", "两", "三"),
    ("{}城市的得分高于50分。", "一半", "三分之一的"),
    ("等待时间缩短的城市有{}座。", "两", "三"),
    ("奥尔堡、不来梅、{}的吞吐量位列前三。", "科克", "多佛"),
    (
        "Only {} score above 50 points.",
        "Aalborg, Bremen and Cork",
        "Aalborg and Bremen",
    ),
    ("得分高于50分的只有{}。", "奥尔堡、不来梅和科克", "奥尔堡和不来梅"),
    ("Only {} score more than Cork.", "Aalborg and Bremen", "Aalborg and Dover"),
    ("{} points.", "Faro comes last with 20", "Emden comes last with 40"),
    ("{} of the three best-placed cities are North Sea ports.", "Two", "One"),
    ("Aalborg scores 90 points, {} points more than the second.", "15", "25"),
    ("奥尔堡得分90分，比第二名高出{}分。", "15", "25"),
    ("Faro scores 20 points, {} points adrift of the leader.", "70", "60"),
    ("{}是得分降幅最大的两座城市。", "不来梅、科克", "不来梅、埃姆登"),
    ("Bremen's Rail share is {}.", "a quarter", "a half"),
    ("奥尔堡、不来梅、科克得分之和为{}分。", "225", "215"),
    ("吞吐量前三的城市为奥尔堡、不来梅、{}。", "科克", "多佛"),
]


@pytest.mark.parametrize(("text", "true", "false"), WORDS, ids=lambda word: word[:12])
def test_one_word_makes_it_false(text, true, false):
    assert (verdict(text.format(true)), verdict(text.format(false))) == (
        "true",
        "false",
    )


@pytest.mark.parametrize(
    "text",
    [
        "Eurostat puts the Rail share of Cork at 12.5%.",
        "据欧盟统计局数据，科克的铁路比重为12.5%。",
        "北海港口占据第一、第二和第五位。",
        "北海港口包揽第一至第二位。",
        "Bremen does not rank first.",
        # More than whom, it does not say; the number is of another clause.
        "The two cities Aalborg and Cork handle more, while 60 million tonnes pass through Bremen.",
        # Of the group two are building, not the two of a condition.
        "北海港口建两座码头。",
        # Four and a half; twice as many, not twice as high.
        "奥尔堡的得分几乎是法鲁的四倍半。",
        "得分高于30分的北海港口数量是大西洋港口的1.5倍。",
        # Others do as well.
        "奥尔堡、不来梅两座城市得分均高于50分。",
        # Of what, no table has.
        "法鲁的泊位最多。",
        "Aalborg has the fewest cranes.",
        "Aalborg loses half its Throughput to Rail share.",
        # Of cities that no table has.
        "Among the 40 European cities, Bremen leads.",
        "Of the 40 cities, Cork averages 90 points.",
        "Dover remains the best European city.",
        # Of another index, and a place that is no number.
        "Cork scored 12.3 in the Green Harbour Index.",
        "Cork slipped in the Port Index, ranking 3 out of 6 ports.",
    ],
)
def test_what_a_sentence_does_not_say_is_not_false(text):
    assert verdict(text) != "false"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "In 2021 Cork scores 60 points, as compared to 68.5 points in 2019.",
            "unsure",
        ),
        ("Cork's score fell from 68.5 to 60.", "unsure"),
        ("In 2021 Cork scores 60 points.", "true"),
        ("In 2021 Cork scores 68.5 points.", "false"),
    ],
)
def test_where_one_edition_is_known_what_compares_years_is_unsure(text, wanted):
    exact = {
        series: x
        for series, x in EVIDENCE.exact.items()
        if not series.startswith("earlier")
    }
    assert verdict(text, replace(EVIDENCE, earlier={}, exact=exact)) == wanted


def test_of_the_largest_change_the_change_is_told():
    found = audit_passages(
        [Passage(1, "Emden's score fell most.")], EVIDENCE, "en"
    ).findings
    assert [one.expected for one in found] == [
        "Emden had 44 in Port Index in the previous edition and has 40 now"
    ]


def test_an_earlier_place_counts_cities_that_have_left():
    places = dict(zip(PORTS, "12365", strict=False))  # one that has left was fourth
    earlier = {
        ("X", port): SourcedNumber(place, "ranks") for port, place in places.items()
    }
    evidence = replace(EVIDENCE, earlier=earlier)
    for place, right in (("6th", True), ("3rd", False)):
        passage = Passage(1, f"Dover rose from {place} to fourth.")
        assert bool(audit_passages([passage], evidence, "en").findings) is not right


def test_scores_of_two_nodes_are_compared():
    exact = EVIDENCE.exact["scores"]
    scores = {**exact, "a": dict.fromkeys(PORTS, 50.0), "b": dict.fromkeys(PORTS, 48.0)}
    evidence = replace(EVIDENCE, exact={**EVIDENCE.exact, "scores": scores})
    text = "The average score in Throughput, 50 points, is {} points above that for Waiting time."
    for points, right in (("2", True), ("9", False)):
        found = audit_passages(
            [Passage(1, text.format(points))], evidence, "en"
        ).findings
        assert bool(found) is not right


@pytest.mark.parametrize(
    ("bound", "number", "low", "high"),
    [
        ("over", "20", 20.0, 1.35 * 20.0),
        ("under", "20", 0.7 * 20.0, 20.0),
        ("near", "20", 0.85 * 20.0, 20.0 + 0.5),
        ("about", "20", 20.0 - 0.08 * 20.0, 20.0 + 0.08 * 20.0),
        ("about", "9", 9.0 - 2 * 0.5, 9.0 + 2 * 0.5),
        ("about", "123", 123.0 - 0.01 * 123.0, 123.0 + 0.01 * 123.0),
        ("", "20", 20.0 - 0.5, 20.0 + 0.5),
    ],
)
def test_how_far_the_words_around_a_number_reach(bound, number, low, high):
    kinds = frozenset({"value"})
    span = Stretch(0, 2)
    stated = StatedNumber(number, float(number), 0.5, kinds, span, bound=bound)
    met = [
        stated.is_met_by(x) for x in (low - 1e-6, low + 1e-9, high - 1e-9, high + 1e-6)
    ]
    assert met == [False, True, True, False]
