"""Printed tables without a specification: the method, the misprints, and silence where all fits."""

from __future__ import annotations

import csv
import random
from decimal import Decimal
from pathlib import Path

import pytest

import xlcity as xc
from xlcity.audit.tables.constraints.relations import Severity
from xlcity.audit.tables.diagnosis.findings import Audit
from xlcity.audit.tables.guess import Columns, guess_spec

TABLES = Path(__file__).with_name("guessed")
#: Table -> how it is made, and misprints: row, column, as it should be, as it is misprinted.
CASES = {
    "airports": (
        "Change % is 100 * ({Passengers 2019} / {Passengers 2018} - 1): 15 of 15 rows fit.",
        [
            (6, "Passengers 2018", "87,098,683", "78,098,683"),
            (4, "Passengers 2019", "88,068,013", "81,068,013"),
            (13, "Change %", "0.9", "5.2"),
        ],
    ),
    "basketball": (
        "PCT is {W} / ({W} + {L}): 15 of 15 rows fit.",
        [(9, "W", "41", "14"), (15, "PCT", ".280", ".210"), (3, "L", "15", "9")],
    ),
    "cities": (
        "Overall rating is the mean of 0.25 x Stability, 0.2 x Healthcare, 0.25 x Culture and "
        "environment, 0.1 x Education, 0.2 x Infrastructure: 17 of 17 rows fit.",
        [
            (7, "Infrastructure", "92.9", "29.9"),
            (18, "Healthcare", "29.2", "19.2"),
            (13, "Culture and environment", "48.4", "54.2"),
        ],
    ),
    "contest": (
        "Total points is the sum of Jury, Televoting: 26 of 26 rows fit.",
        [
            (15, "Total points", "107", "170"),
            (27, "Televoting", "3", "1"),
            (3, "Jury", "219", "237"),
        ],
    ),
    "countries": (
        "Human Development Index is the geometric mean of Health index, Education index, Income "
        "index: 20 of 20 rows fit.",
        [
            (3, "Human Development Index", "0.956", "0.965"),
            (18, "Health index", "0.906", "0.806"),
            (6, "Education index", "0.879", "0.927"),
        ],
    ),
    "decathlon": (
        "Points is the sum of 100 m, Long jump, Shot put, High jump, 400 m, 110 m hurdles, Discus, "
        "Pole vault, Javelin, 1500 m: 14 of 14 rows fit.",
        [
            (14, "400 m", "911", "191"),
            (13, "110 m hurdles", "903", "103"),
            (5, "Discus", "843", "827"),
        ],
    ),
    "football": (
        "Pts is the sum of 3 x W, 1 x D: 20 of 20 rows fit.",
        [(7, "Pts", "63", "36"), (10, "W", "14", "12"), (3, "L", "7", "3")],
    ),
    "medals": (
        "Total is the sum of Gold, Silver, Bronze: 20 of 20 rows fit.",
        [(7, "Total", "41", "14"), (10, "Gold", "8", "2"), (3, "Silver", "23", "37")],
    ),
    "skating": (
        "Total is the sum of Short programme, Free skating: 21 of 21 rows fit.",
        [
            (12, "Total", "239.57", "235.97"),
            (5, "Free skating", "194.45", "164.45"),
            (3, "Short programme", "104.17", "111.68"),
        ],
    ),
    "universities": (
        "Aggregate score is the sum of QS, THE, ARWU: 20 of 20 rows fit.",
        [
            (7, "Aggregate score", "18", "81"),
            (11, "QS", "7", "3"),
            (6, "ARWU", "7", "3"),
        ],
    ),
}


def audit_of(
    tmp_path: Path, name: str, misprints: list[tuple[int, str, str, str]]
) -> Audit:
    """Audit a table with misprints, without a specification."""
    rows = list(csv.reader((TABLES / f"{name}.csv").open(encoding="utf-8")))
    for row, column, right, wrong in misprints:
        cells = rows[row - 1]
        assert cells[rows[0].index(column)] == right
        cells[rows[0].index(column)] = wrong
    with (tmp_path / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return xc.audit_tables(tables=[tmp_path / f"{name}.csv"])


@pytest.mark.parametrize("name", CASES)
def test_the_method_is_guessed_and_nothing_is_held_against_a_clean_table(
    tmp_path: Path, name: str
) -> None:
    audit = audit_of(tmp_path, name, [])
    method, _ = CASES[name]
    assert method in {
        finding.evidence for finding in audit.findings if finding.check == "guessed"
    }
    assert not audit.of(Severity.ERROR)
    assert not audit.of(Severity.WARNING)


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_three_misprints_are_located(tmp_path: Path, name: str) -> None:
    _, misprints = CASES[name]
    audit = audit_of(tmp_path, name, misprints)
    errors = audit.of(Severity.ERROR)
    suggested = {
        (finding.row, finding.column, finding.suggestion) for finding in errors
    }
    assert {misprint[:3] for misprint in misprints} <= suggested
    assert {finding.row for finding in errors} == {row for row, *_ in misprints}


def test_ranks_that_start_again_and_ranks_by_the_least(tmp_path: Path) -> None:
    text = "\n".join(f.evidence for f in audit_of(tmp_path, "skating", []).findings)
    assert "Rank ranks Total, the greatest first." in text
    assert 'group_columns = ["Event"]' in (tmp_path / "skating.toml").read_text("utf-8")
    text = "\n".join(
        f.evidence for f in audit_of(tmp_path, "universities", []).findings
    )
    assert "Rank ranks Aggregate score, the least first." in text


def test_a_value_overwritten_by_a_neighbour_is_recognised(tmp_path: Path) -> None:
    audit = audit_of(
        tmp_path, "cities", [(13, "Culture and environment", "48.4", "54.2")]
    )
    kinds = {(f.suggestion, f.kind) for f in audit.findings if f.row == 13}
    assert ("48.4", "overwritten by a neighbouring row") in kinds


def test_where_no_slip_restores_a_row_any_cell_of_it_may_be_wrong(
    tmp_path: Path,
) -> None:
    audit = audit_of(tmp_path, "decathlon", [(5, "Discus", "843", "555")])
    (finding,) = audit.of(Severity.ERROR)
    assert (finding.row, finding.node, finding.kind) == (
        5,
        "Points",
        "any cell of this row",
    )
    assert finding.suggestion == ""


def test_the_specification_is_written_beside_the_table_and_counts_from_then_on(
    tmp_path: Path,
) -> None:
    first = audit_of(tmp_path, "medals", [(10, "Gold", "8", "2")])
    file = tmp_path / "medals.toml"
    assert any(f"written to {file}" in finding.evidence for finding in first.findings)
    same = xc.audit_tables(tables=[tmp_path / "medals.csv"], spec=file)
    assert [f.evidence for f in same.findings if f.severity is Severity.ERROR] == [
        f.evidence for f in first.findings if f.severity is Severity.ERROR
    ]
    file.write_text(
        file.read_text("utf-8").partition("[[aggregate]]")[0], encoding="utf-8"
    )
    corrected = xc.audit_tables(tables=[tmp_path / "medals.csv"])
    assert any(f"as {file} says" in finding.evidence for finding in corrected.findings)
    assert not corrected.of(Severity.ERROR)


def test_what_is_left_to_guess(tmp_path: Path) -> None:
    """Words, gaps and percent signs are no obstacle; rows that nothing tells apart are refused."""
    lines = [
        "Town,Share A,Share B,All",
        "Ull,30 %,10 %,40 %",
        "Voe,–,20 %,50 %",
        "Wick,5 %,5 %,10 %",
    ]
    lines += [f"T{number},{number} %,1 %,{number + 1} %" for number in range(6)]
    (tmp_path / "shares.csv").write_text("\n".join(lines), encoding="utf-8")
    findings = xc.audit_tables(tables=[tmp_path / "shares.csv"]).findings
    assert any(
        "All is the sum of Share A, Share B: 8 of 8" in f.evidence for f in findings
    )
    (tmp_path / "same.csv").write_text("a,b\n1,2\n1,2\n", encoding="utf-8")
    with pytest.raises(xc.XlcityError, match="tells the rows of same apart"):
        xc.audit_tables(tables=[tmp_path / "same.csv"])


def test_rounded_parts_that_give_the_total_by_chance_are_not_taken_as_exact(
    tmp_path: Path,
) -> None:
    """The means of eleven rows are as their printed parts give them, that of the last is not."""
    rng = random.Random(11)
    lines = ["city,a,b,c,total"]
    while len(lines) < 13:
        parts = [Decimal(rng.randint(55_000, 85_000)) / 1000 for _ in range(3)]
        printed = [round(part, 1) for part in parts]
        totals = [round(sum(of) / 3, 1) for of in (parts, printed)]
        if (totals[0] == totals[1]) == (len(lines) < 12):
            lines.append(",".join(map(str, [f"c{len(lines)}", *printed, totals[0]])))
    (tmp_path / "rounded.csv").write_text("\n".join(lines), encoding="utf-8")
    audit = xc.audit_tables(tables=[tmp_path / "rounded.csv"])
    assert any("12 of 12 rows fit" in finding.evidence for finding in audit.findings)
    assert not audit.of(Severity.ERROR)


def test_numbers_that_a_program_stored_in_full_are_no_misprints(tmp_path: Path) -> None:
    """Sums and differences of doubles are off in the last of their 15 digits."""
    rng = random.Random(3)
    lines = ["city,a,b,c,rest,total"]
    for row in range(40):
        a, b, c = (rng.uniform(20, 3000) / 7 for _ in range(3))
        numbers = (a, b, c, (a + b + c) * 3 - c, (a + b + c) * 3)
        lines.append(",".join([f"c{row}", *(f"{number:.15g}" for number in numbers)]))
    (tmp_path / "stored.csv").write_text("\n".join(lines), encoding="utf-8")
    clean = xc.audit_tables(tables=[tmp_path / "stored.csv"])
    assert any("40 of 40 rows fit" in finding.evidence for finding in clean.findings)
    assert not clean.of(Severity.ERROR)
    cells = lines[9].split(",")
    lines[9] = ",".join([*cells[:4], f"{float(cells[4]) + 1e-6:.15g}", cells[5]])
    (tmp_path / "slip.csv").write_text("\n".join(lines), encoding="utf-8")
    assert {
        f.unit
        for f in xc.audit_tables(tables=[tmp_path / "slip.csv"]).of(Severity.ERROR)
    } == {"c8"}


def test_a_quintile_with_room_for_a_third_of_the_scores_is_no_part_of_one(
    tmp_path: Path,
) -> None:
    rng = random.Random(3)
    lines = ["city,quintile,Housing score,Care score"]
    for row in range(23):
        mean = rng.uniform(0, 100)
        half_gap = rng.uniform(-17, 17)
        score = min(mean + half_gap, 100)
        other = max(mean - half_gap, 0)
        lines.append(f"c{row},{min(int(mean // 20) + 1, 5)},{score:.2f},{other:.2f}")
    (tmp_path / "bands.csv").write_text("\n".join(lines), encoding="utf-8")
    audit = xc.audit_tables(tables=[tmp_path / "bands.csv"])
    assert not any("x quintile" in finding.evidence for finding in audit.findings)
    assert not audit.of(Severity.ERROR)


def test_a_mean_that_no_name_tells_is_not_taken_for_a_part_of_its_parts(
    tmp_path: Path,
) -> None:
    rng = random.Random(5)
    lines = ["city,Green score,Social score,Civic score,gcdi"]
    for row in range(40):
        parts = [rng.randint(300, 999) / 1000 for _ in range(3)]
        mean = 0.5 * parts[0] + 0.375 * parts[1] + 0.125 * parts[2]
        lines.append(",".join(map(str, [f"c{row}", *parts, round(mean, 3)])))
    (tmp_path / "unnamed.csv").write_text("\n".join(lines), encoding="utf-8")
    audit = xc.audit_tables(tables=[tmp_path / "unnamed.csv"])
    assert [finding.evidence for finding in audit.findings][1:] == [
        "gcdi is the mean of 0.5 x Green score, 0.375 x Social score, 0.125 x Civic score: "
        "40 of 40 rows fit."
    ]


def test_a_mark_that_nearly_all_have_is_no_share_of_numbers(tmp_path: Path) -> None:
    rng = random.Random(9)
    lines = ["country,signed,emissions,development"]
    for row in range(60):
        lines.append(
            f"c{row},{float(row % 10 > 0)},{rng.uniform(200, 9e4):.1f},{rng.random():.3f}"
        )
    (tmp_path / "marks.csv").write_text("\n".join(lines), encoding="utf-8")
    assert len(xc.audit_tables(tables=[tmp_path / "marks.csv"]).findings) == 1


def test_shares_that_a_program_stored_to_nine_digits_are_no_misprints(
    tmp_path: Path,
) -> None:
    rng = random.Random(2)
    lines = ["field,men,women,share"]
    for row in range(30):
        men = rng.randint(200, 9000)
        women = rng.randint(200, 9000)
        lines.append(f"f{row},{men},{women},{women / (men + women):.9f}")
    (tmp_path / "fields.csv").write_text("\n".join(lines), encoding="utf-8")
    audit = xc.audit_tables(tables=[tmp_path / "fields.csv"])
    assert any("30 of 30 rows fit" in finding.evidence for finding in audit.findings)
    assert not audit.of(Severity.ERROR)


def test_marks_that_are_alike_are_not_made_of_one_another(tmp_path: Path) -> None:
    """Each judge's marks are the case's, a tenth or two off; most are near two others'."""
    rng = random.Random(1)
    lines = ["judge,family,oral,written"]
    for row in range(60):
        case = rng.uniform(5, 9)
        marks = [case + rng.gauss(0, 0.08) for _ in range(3)]
        lines.append(",".join([f"j{row}", *(f"{mark:.1f}" for mark in marks)]))
    (tmp_path / "marks.csv").write_text("\n".join(lines), encoding="utf-8")
    assert len(xc.audit_tables(tables=[tmp_path / "marks.csv"]).findings) == 1


def test_ranks_go_by_the_column_with_ties_that_fits_them_best(tmp_path: Path) -> None:
    """Fields of equal pay are ranked by size: size falls in most steps, pay rises in none."""
    rng = random.Random(6)
    fields = sorted(
        ((rng.randint(20, 60) * 1000, rng.randint(100, 9999)) for _ in range(150)),
        reverse=True,
    )
    lines = [f"f{row},{row},{size},{pay}" for row, (pay, size) in enumerate(fields, 1)]
    (tmp_path / "pay.csv").write_text(
        "\n".join(["field,rank,total,pay", *lines]), "utf-8"
    )
    audit = xc.audit_tables(tables=[tmp_path / "pay.csv"])
    assert [f.evidence for f in audit.findings][1:] == [
        "rank ranks pay, the greatest first."
    ]


def test_a_column_that_another_mostly_repeats_is_not_made_of_it(tmp_path: Path) -> None:
    rng = random.Random(4)
    lines = ["date,voters,allocated,total"]
    for row in range(50):
        number = rng.randint(10, 3000)
        more = 40 * (row % 11 == 0)
        lines.append(f"d{row},{rng.randint(9, 99)},{number},{number + more}")
    (tmp_path / "seats.csv").write_text("\n".join(lines), encoding="utf-8")
    assert len(xc.audit_tables(tables=[tmp_path / "seats.csv"]).findings) == 1


def test_columns_of_shares_and_of_counts_are_none_of_ranks(
    tmp_path: Path,
) -> None:
    heads = "team,third place,# of games,win"
    lines = [
        heads,
        *(f"t{row},0.{row:05},{row * row},0.1{row}" for row in range(10, 24)),
    ]
    (tmp_path / "odds.csv").write_text("\n".join(lines), encoding="utf-8")
    assert len(xc.audit_tables(tables=[tmp_path / "odds.csv"]).findings) == 1


def test_numbers_with_exponents_are_read(tmp_path: Path) -> None:
    rng = random.Random(7)
    lines = ["city,a,b,total"]
    for row in range(12):
        a = rng.random() * 1e-5
        b = rng.random()
        lines.append(f"c{row},{a!r},{b!r},{a + b!r}")
    (tmp_path / "small.csv").write_text("\n".join(lines), encoding="utf-8")
    audit = xc.audit_tables(tables=[tmp_path / "small.csv"])
    assert any(
        "total is the sum of a, b: 12 of 12" in f.evidence for f in audit.findings
    )
    assert not audit.of(Severity.ERROR)


def test_ranks_of_one_country_in_several_years_are_not_held_against_one_another(
    tmp_path: Path,
) -> None:
    ranks = (15, 18, 16, 21, 32, 30, 29, 26, 27, 27, 26, 26)
    rows = ((2014 + n, rank, 90 - 1.1 * rank + n % 3) for n, rank in enumerate(ranks))
    lines = [
        "Year,Rank,Score",
        *(f"{year},{rank},{score:.3f}" for year, rank, score in rows),
    ]
    (tmp_path / "austria.csv").write_text("\n".join(lines), encoding="utf-8")
    audit = xc.audit_tables(tables=[tmp_path / "austria.csv"])
    assert not audit.of(Severity.ERROR)
    assert not any("Rank ranks" in finding.evidence for finding in audit.findings)


#: As a page has them: a title, headings of two rows with merged cells, a note, numerals, and "=".
PASTED = {
    "medals": (
        "奥运会奖牌榜,,,,,\n名次,代表团,奖牌,,,合计\n,,金,银,铜,\n"
        "一,美国,39,41,33,113\n二,中国,38,32,18,88\n三,日本,27,14,17,58\n四,英国,22,21,22,65\n"
        "五,俄罗斯奥委会,20,28,23,71\n六,澳大利亚,17,7,22,46\n七,荷兰,10,12,14,36\n"
        "八,法国,10,12,11,33\n九,德国,10,11,16,37\n十,意大利,10,10,20,40\n"
        "十一,加拿大,7,6,11,24\n十二,巴西,7,6,8,21\n注：前12名。,,,,,\n",
        [
            "合计 is the sum of 奖牌 金, 奖牌 银, 奖牌 铜: 12 of 12 rows fit.",
            "名次 ranks 奖牌 金, the greatest first.",
        ],
    ),
    "sexes": (
        "地区,性别构成（%）,,性别比\n,男性,女性,（女=100）\n全国,51.24,48.76,105.07\n"
        "北京,51.14,48.86,104.65\n天津,51.53,48.47,106.31\n河北,50.50,49.50,102.02\n"
        "山西,50.99,49.01,104.06\n内蒙古,51.04,48.96,104.26\n黑龙江,50.09,49.91,100.35\n"
        "上海,51.77,48.23,107.33\n江苏,50.78,49.22,103.15\n",
        [
            "性别比 （女=100） is 100 * {性别构成（%） 男性} / {性别构成（%） 女性}: "
            "9 of 9 rows fit."
        ],
    ),
    "pipes": (
        "# Wards\n\n| | Men | Women | **Sum** | Budget |\n|---|--:|--:|--:|--:|\n"
        "| Ash | 312 | 428 | **740** | $1,200 |\n| [Elm](elm.md) | 2,011 | 61 | 2,072 | $900 |\n"
        "| Fir | 153 | 271 | 424 | $880 |\n| Oak | 120 | 307 | 427 | $700 |\n"
        "| Yew | 188 | 203 | 391 | $60 |\n\nCounted in May.\n",
        ["Sum is the sum of Men, Women: 5 of 5 rows fit."],
    ),
    "layout": (
        "     Table 4.  Men and women   of all wards\n\n"
        "                   Men     Women      Total\n"
        "Ward            (2010)    (2011)   (weighed)\n\n"
        "Ash                312       428        740\n"
        "Elm Park         2,011        61      2,072\n"
        "Ivy Green           77                   77\n"
        "                     12\n\f  Annual report     13\n"
        "              Men Women   Total\n"
        "Fir           153   271     424\n\n"
        "Oak           120   307     427\n"
        "Yew           188   203     391\n"
        "Notes: the wards counted men in 2010 and women in 2011.\n",
        ["Total (weighed) is the sum of Men (2010), Women (2011): 5 of 5 rows fit."],
    ),
    "blanks": (
        "Ville        Hommes  Femmes    Total   Part\n"
        "Aix en Val    1 312     428    1 740    7,2\n"
        "Bray          2 011   1 061    3 072   12,8\n"
        "Couzon          153     271      424    1,8\n"
        "Dole          5 120   4 307    9 427   39,2\n"
        "Esnes         5 188   4 203    9 391   39,0\n",
        ["Total is the sum of Hommes, Femmes: 5 of 5 rows fit."],
    ),
    "wide": (
        "附表 各地情况\n地区 排名     总分       第一产业     第二产业\n"
        "甲地    1            935.1         411.6         523.5\n"
        "乙地区  2            910.4         380.2         530.2\n"
        "丙地    3            873.3         402.9         470.4\n"
        "丁地    4            704.8         300.3         404.5\n"
        "戊地    5            650.6         299.4         351.2\n",
        [
            "总分 is the sum of 第一产业, 第二产业: 5 of 5 rows fit.",
            "排名 ranks 总分, the greatest first.",
        ],
    ),
    "index": (
        "Index,Rank,Town,Weight,Mark,Weighted\n0,1,Ash,25,88,22.0\n1,2,Elm,25,78,19.5\n"
        "2,3,Fir,20,75,15.0\n3,4,Oak,12,81,9.7\n4,5,Yew,10,82,8.2\n5,6,Ivy,8,74,5.9\n",
        [
            "Weighted is {Weight} * {Mark} / 100: 6 of 6 rows fit.",
            "Rank ranks Weighted, the greatest first.",
        ],
    ),
    "twice": (
        "Ward,May,May,Sum\nAsh,312,428,740\nElm,211,61,272\nFir,153,271,424\nOak,120,307,427\n"
        "Yew,188,203,391\n",
        ["Sum is the sum of May, May (2): 5 of 5 rows fit."],
    ),
    "thousands": (
        "Ward;Men;Women;Sum\nAsh;5 312;428;5 740\nElm;2 211;61;2 272\nFir;153;1 271;1 424\n"
        "Oak;120;1 307;1 427\nYew;1 088;203;1 291\n",
        ["Sum is the sum of Men, Women: 5 of 5 rows fit."],
    ),
}


@pytest.mark.parametrize("name", PASTED)
def test_a_table_is_read_as_it_is_pasted(tmp_path: Path, name: str) -> None:
    text, readings = PASTED[name]
    path = tmp_path / f"{name}.csv"
    path.write_text(text, encoding="utf-8")
    audit = xc.audit_tables(tables=[path])
    assert {*readings} <= {finding.evidence for finding in audit.findings}
    assert not audit.of(Severity.ERROR)


def test_a_misprint_in_a_pasted_table_has_its_row_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "medals.csv"
    path.write_text(
        PASTED["medals"][0].replace("28,23,71", "28,23,77"), encoding="utf-8"
    )
    errors = xc.audit_tables(tables=[path]).of(Severity.ERROR)
    assert {(finding.row, finding.unit) for finding in errors} == {(8, "俄罗斯奥委会")}


#: A table whose last row has the sums of the others, but for the means, and one of shares.
HARVEST = (
    "Farm,Wheat,Barley,Price\nAsh,1203,455,18.1\nElm,980,612,17.4\nFir,877,301,19.9\n"
    "Oak,1511,498,16.2\nYew,604,277,18.8\nTotal,5175,2143,17.9\n"
)
SHARES = (
    "Town,Farms,Works,Trade\nAsh,12.4,55.1,32.4\nElm,8.9,61.2,29.9\nFir,30.3,41.0,28.7\n"
    "Oak,4.7,38.8,56.5\nYew,21.6,47.7,30.8\nIvy,17.2,50.4,32.4\n"
)


@pytest.mark.parametrize(
    ("text", "reading", "right", "wrong", "nodes"),
    [
        (
            "Part,Points\nA,29\nB,23\nC,17\nD,13\nTotal,82\n",
            "Total has the sums of the other rows: 1 of 1 columns fit.",
            "",
            "",
            set(),
        ),
        (
            HARVEST,
            "Total has the sums of the other rows: 2 of 2 columns fit.",
            "Elm,980,612",
            "Elm,980,912",
            {"Barley"},
        ),
        (
            HARVEST,
            "Total has the sums of the other rows: 2 of 2 columns fit.",
            "5175",
            "5715",
            {"Wheat"},
        ),
        (
            SHARES,
            "Trade is 100 - {Farms} - {Works}: 6 of 6 rows fit.",
            "30.3,41.0",
            "30.3,47.0",
            {"Works", "Trade"},
        ),
    ],
)
def test_totals_of_columns_and_shares_of_100_are_found(
    tmp_path: Path, text: str, reading: str, right: str, wrong: str, nodes: set[str]
) -> None:
    path = tmp_path / "table.csv"
    path.write_text(text, encoding="utf-8")
    audit = xc.audit_tables(tables=[path])
    assert reading in {finding.evidence for finding in audit.findings}
    assert not audit.of(Severity.ERROR)
    path.with_suffix(".toml").unlink()
    path.write_text(text.replace(right, wrong), encoding="utf-8")
    assert {
        finding.node for finding in xc.audit_tables(tables=[path]).of(Severity.ERROR)
    } == nodes


def test_what_is_rounded_in_one_column_is_not_exact_in_another(tmp_path: Path) -> None:
    rng = random.Random(4)
    rows = ["Town,Tax,Fees,Revenue,Output,Burden"]
    for number in range(12):
        tax = rng.uniform(20, 90)
        fees = rng.randint(100, 900)
        output = rng.randint(200, 900)
        # The burden is that of the tax before it was rounded; the sum is that of the rounded.
        sums = f"{tax:.0f},{fees},{round(tax) + fees}"
        rows.append(f"T{number},{sums},{output},{100 * tax / output:.2f}")
    path = tmp_path / "burden.csv"
    path.write_text("\n".join(rows), encoding="utf-8")
    audit = xc.audit_tables(tables=[path])
    guessed = " ".join(f.evidence for f in audit.findings if f.check == "guessed")
    assert "Revenue is the sum of Tax, Fees" in guessed
    assert "Burden is 100 * {Tax} / {Output}" in guessed
    assert not audit.of(Severity.ERROR), guessed


def test_pairs_that_are_far_from_a_column_are_not_tried(tmp_path, monkeypatch):
    """A table of 60 years took minutes: three columns in a hundred ways each."""
    tried = []
    reading = Columns.reading
    monkeypatch.setattr(
        Columns,
        "reading",
        lambda *given, **keys: tried.append(0) or reading(*given, **keys),
    )
    random.seed(1)
    rows = [
        [f"city {n}", *(10**k * (1 + random.random()) for k in range(12))]
        for n in range(8)
    ]
    path = tmp_path / "t.csv"
    lines = [["unit", *map(str, range(1, 13))], *rows]
    path.write_text(
        "\n".join(",".join(map(str, line)) for line in lines), encoding="utf-8"
    )
    guess_spec(path)
    assert len(tried) < 12 * 11 * 10
