"""Each check of an audit, on small tables made for it."""

from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from xlcity.audit.tables.checks.clusters import agreement
from xlcity.audit.tables.constraints.build import _orders, misfits
from xlcity.audit.tables.constraints.relations import Severity, plain
from xlcity.audit.tables.diagnosis.findings import Audit
from xlcity.audit.tables.diagnosis.misprints import MisprintKind, edits
from xlcity.audit.tables.finding import TableFinding
from xlcity.audit.tables.methods import PrintedMethod, free_method
from xlcity.audit.tables.run import audit
from xlcity.audit.tables.spec.read import read_spec
from xlcity.errors import DataError
from xlcity.functions.implied import WeightRegion


def audited(folder: Path, spec: str, **tables: str) -> Audit:
    """Audit tables given as text: rows on lines, cells apart by blanks."""
    paths = {}
    for name, text in tables.items():
        paths[name] = folder / f"{name}.csv"
        rows = [",".join(line.split()) for line in text.strip().splitlines()]
        paths[name].write_text("\n".join(rows) + "\n", encoding="utf-8")
    (folder / "spec.toml").write_text(spec, encoding="utf-8")
    return audit(read_spec(folder / "spec.toml"), paths)


def alarms(result: Audit) -> list[TableFinding]:
    return [f for f in result.findings if f.severity is not Severity.NOTE]


SUM = """
[[table]]
name = "t"
scores = { a = "A", b = "B", total = "T" }
[[aggregate]]
parent = "T"
children = { A = 0.3, B = 0.7 }
"""


@pytest.mark.parametrize(
    ("total", "fine"),
    # 0.3 x 10.15 + 0.7 x 20.25 = 17.22; its parts move it by at most 0.005, itself by as much.
    [
        ("17.21", True),
        ("17.22", True),
        ("17.23", True),
        ("17.20", False),
        ("17.24", False),
    ],
)
def test_rounding_alone_raises_no_alarm(tmp_path: Path, total: str, fine: bool) -> None:
    table = f"unit a b total\nx 10.15 20.25 {total}\ny 50.00 50.00 50.00"
    assert (alarms(audited(tmp_path, SUM, t=table)) == []) is fine


def three_parts(weights: list[float], best: float | None = None) -> list[list[str]]:
    """Return thirty rows of three printed scores and their weighted sum, and a slip in one."""
    rng = np.random.default_rng(11)
    scores = np.round(rng.uniform(20, 95, (30, 3)), 1)
    total = scores @ np.array(weights)
    total *= 1 if best is None else best / total.max()
    rows = [
        [f"u{at}", *map(str, row), f"{y:.1f}"]
        for at, (row, y) in enumerate(zip(scores, total, strict=True))
    ]
    rows[17][4] = f"{float(rows[17][4]) + 20:.1f}"
    return rows


THREE = """
[[table]]
name = "t"
scores = { a = "A", b = "B", c = "C", total = "T" }
[[aggregate]]
parent = "T"
children = { A = 0.3, B = 0.3, C = 0.4 }
"""


@pytest.mark.parametrize(
    ("weights", "best", "kind", "says"),
    [
        ([0.3, 0.3, 0.4], None, "", ""),
        ([0.5, 0.3, 0.2], None, "other weights", "A 0.5"),
        ([0.3, 0.3, 0.4], 100.0, "rescaled", "the stated weights times 1."),
    ],
)
def test_a_wrong_method_is_one_finding_and_slips_are_found_beside_it(
    tmp_path: Path, weights: list[float], best: float | None, kind: str, says: str
) -> None:
    rows = three_parts(weights, best)
    table = "\n".join(map(" ".join, [["unit", "a", "b", "c", "total"], *rows]))
    found = alarms(audited(tmp_path, THREE, t=table))
    if kind:
        first = found.pop(0)
        assert (first.check, first.kind, first.node) == ("stated-method", kind, "T")
        assert says in first.evidence
    assert {finding.group for finding in found} == {1}
    assert "u17" in {finding.unit for finding in found}
    assert len(found) <= 4


@pytest.mark.slow
@pytest.mark.parametrize(
    ("stated", "used", "factor", "kind", "says"),
    [
        ("geometric", "geometric", 1.0, "", ""),
        ("geometric", "geometric", 1.1, "rescaled", "times 1.1"),
        (
            "geometric",
            "arithmetic",
            1.0,
            "another mean",
            "the arithmetic mean with A 0.3",
        ),
        (
            "arithmetic",
            "geometric",
            1.0,
            "another mean",
            "the geometric mean with A 0.3",
        ),
    ],
)
def test_the_other_mean_is_one_finding(
    tmp_path: Path, stated: str, used: str, factor: float, kind: str, says: str
) -> None:
    rng = np.random.default_rng(3)
    scores = np.round(rng.uniform(0.2, 0.95, (30, 3)), 3)
    weights = np.array([0.3, 0.3, 0.4])
    mean = (
        scores @ weights if used == "arithmetic" else np.exp(np.log(scores) @ weights)
    )
    lines = [["unit", "a", "b", "c", "total"]]
    lines += [
        [f"u{at}", *(f"{x:.3f}" for x in row), f"{factor * y:.3f}"]
        for at, (row, y) in enumerate(zip(scores, mean, strict=True))
    ]
    lines[18][4] = f"{float(lines[18][4]) + 0.2:.3f}"
    spec = f'{THREE}method = "{stated}"\n'
    found = alarms(audited(tmp_path, spec, t="\n".join(map(" ".join, lines))))
    if kind:
        first = found.pop(0)
        assert (first.check, first.kind) == ("stated-method", kind)
        assert says in first.evidence
    assert {finding.unit for finding in found} == {"u17"}


@pytest.mark.slow
@pytest.mark.parametrize("seed", [208, 110, 210, 112])
def test_equal_weights_in_the_other_mean_come_before_odd_ones(
    tmp_path: Path, seed: int
) -> None:
    """Scores near each other, of which a mean with weights such as 0.325 and 0.35 fits as well."""
    rng = np.random.default_rng(seed)
    scores = np.round(rng.uniform(51, 69, (30, 3)), 1)
    lines = [
        " ".join(
            [f"u{at}", *(f"{x:.1f}" for x in row), f"{np.prod(row) ** (1 / 3):.1f}"]
        )
        for at, row in enumerate(scores)
    ]
    for children in ("A = 1, B = 1, C = 1", "A = 0.3, B = 0.3, C = 0.4"):
        spec = THREE.replace("A = 0.3, B = 0.3, C = 0.4", children)
        (told,) = alarms(
            audited(tmp_path, spec, t="\n".join(["unit a b c total", *lines]))
        )
        assert told.suggestion == "the geometric mean with A 0.3333, B 0.3333, C 0.3333"
        assert "30 of 30 rows follow" in told.evidence


@pytest.mark.slow
def test_weights_that_are_nearly_right_are_one_finding(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    scores = np.round(rng.uniform(60, 90, (80, 3)), 1)
    totals = scores @ [0.305, 0.3, 0.395]
    lines = [
        " ".join([f"u{at}", *(f"{x:.1f}" for x in row), f"{total:.1f}"])
        for at, (row, total) in enumerate(zip(scores, totals, strict=True))
    ]
    table = "\n".join(["unit a b c total", *lines])
    found = alarms(audited(tmp_path, THREE, t=table))
    assert [(one.check, one.kind) for one in found] == [
        ("stated-method", "other weights")
    ]
    broken = int(found[0].evidence.split()[0])
    assert 8 < broken < 40
    # A few rows that other weights do not explain are slips.
    slips = [line.rpartition(" ")[0] + " 40.0" for line in lines[:12]]
    table = "\n".join(["unit a b c total", *slips, *lines[12:]])
    right = THREE.replace("A = 0.3, B = 0.3, C = 0.4", "A = 0.305, B = 0.3, C = 0.395")
    found = alarms(audited(tmp_path, right, t=table))
    assert {one.unit for one in found} == {f"u{at}" for at in range(12)}


@pytest.mark.slow
def test_a_method_near_the_stated_one_is_named(tmp_path: Path) -> None:
    def found(
        scores: np.ndarray, weights: list[float], spec: str
    ) -> list[TableFinding]:
        rows = zip(scores, scores @ weights, strict=True)
        lines = [" ".join(f"{x:.2f}" for x in (*row, total)) for row, total in rows]
        head = " ".join(["unit", *"abcdef"[: len(weights)], "total"])
        table = "\n".join([head, *(f"u{at} {line}" for at, line in enumerate(lines))])
        return alarms(audited(tmp_path, spec, t=table))

    def alike(seed: int, spread: float, parts: int) -> np.ndarray:
        rng = np.random.default_rng(seed)
        return np.round(
            rng.uniform(2, 4.3, 120)[:, None] + rng.normal(0, spread, (120, parts)), 2
        )

    # Scores so near each other that a geometric mean with other weights fits most of them.
    (one,) = found(alike(3, 0.25, 3), [0.3, 0.3, 0.4], THREE + 'method = "geometric"\n')
    assert (one.kind, one.suggestion) == (
        "another mean",
        "the arithmetic mean with A 0.3, B 0.3, C 0.4",
    )
    # Each stated weight alone is possible, all together are not: that is no factor.
    spec = THREE.replace('c = "C",', 'c = "C", d = "D", e = "E", f = "F",')
    spec = spec.replace(
        "{ A = 0.3, B = 0.3, C = 0.4 }",
        "{ A = 40, B = 41, C = 40, D = 42, E = 42, F = 41 }",
    )
    used = np.array([46, 35, 47, 43, 33, 42]) / 246
    for seed in range(3):
        (one,) = found(alike(seed, 0.08, 6), used.tolist(), spec)
        assert one.kind == "other weights"


def test_weights_that_never_were_are_one_finding(tmp_path: Path) -> None:
    rows = three_parts([0.3, 0.3, 0.4])
    totals = [row[4] for row in rows]
    table = [
        [*row[:4], other]
        for row, other in zip(rows, totals[7:] + totals[:7], strict=True)
    ]
    text = "\n".join(map(" ".join, [["unit", "a", "b", "c", "total"], *table]))
    (found,) = alarms(audited(tmp_path, THREE, t=text))
    assert (found.check, found.kind, found.suggestion) == (
        "stated-method",
        "no weights fit",
        "",
    )


def test_a_sum_of_parts_is_named_as_such(tmp_path: Path) -> None:
    rows = three_parts([1, 1, 1])
    text = "\n".join(map(" ".join, [["unit", "a", "b", "c", "total"], *rows]))
    spec = THREE.replace("A = 0.3, B = 0.3, C = 0.4", "A = 1, B = 1, C = 1")
    first, *_ = alarms(audited(tmp_path, spec, t=text))
    assert first.suggestion.startswith("the sum of the parts, not their mean")


def test_ranks_are_read_as_they_are_printed_and_few_other_words_are_listed(
    tmp_path: Path,
) -> None:
    spec = '[[table]]\nname = "t"\nscores = { s = "T" }\nranks = { r = "T" }\n[[ranking]]\n'
    spec += 'nodes = ["T"]\n'
    printed = "unit s r\na 9 {}\nb 8 {}\nc 8 {}\nd 6 {}\ne 3 {}"
    ranked = printed.format("1st", "=2", "2=", "第4名", "3rd")
    assert "e" in {found.unit for found in alarms(audited(tmp_path, spec, t=ranked))}
    with pytest.raises(DataError) as raised:
        audited(tmp_path, spec, t=printed.format(*"xxxxx"))
    assert [problem.message for problem in raised.value.problems[2:]] == [
        "'x' in the column r is not a number.",
        "2 more cells of this column are not numbers.",
    ]


def test_swapped_digits_in_a_part(tmp_path: Path) -> None:
    table = (
        "unit a b total\nx 12.00 40.00 31.60\ny 30.00 71.00 20.90\nz 80.00 20.00 38.00"
    )
    found = alarms(audited(tmp_path, SUM, t=table))
    first = found[0]
    # 0.3 x 30 + 0.7 x 17 = 20.9
    assert (first.unit, first.node, first.published, first.suggestion) == (
        "y",
        "B",
        "71.00",
        "17.00",
    )
    assert (first.kind, first.resolves) == ("swapped digits", True)
    assert {f.group for f in found} == {first.group}


def test_geometric_means(tmp_path: Path) -> None:
    spec = SUM + 'method = "geometric"\n'
    right = f"{10**0.3 * 20**0.7:.2f}"
    assert (
        alarms(audited(tmp_path, spec, t=f"unit a b total\nx 10.00 20.00 {right}"))
        == []
    )
    assert (
        alarms(audited(tmp_path, spec, t="unit a b total\nx 10.00 20.00 17.00")) != []
    )


def test_equal_weights_are_a_list_of_names(tmp_path: Path) -> None:
    spec = SUM.replace("{ A = 0.3, B = 0.7 }", '["A", "B"]')
    assert alarms(audited(tmp_path, spec, t="unit a b total\nx 10.0 20.0 15.0")) == []


TWICE = """
[[table]]
name = "one"
scores = { a = "A" }
[[table]]
name = "two"
scores = { a = "A" }
"""


def test_the_same_number_with_other_digits_is_no_disagreement(tmp_path: Path) -> None:
    result = audited(
        tmp_path, TWICE, one="unit a\nx 10.146\ny 7.25", two="unit a\nx 10.1\ny 7.3"
    )
    assert result.findings == ()


def test_the_same_number_twice_and_not_the_same(tmp_path: Path) -> None:
    result = audited(
        tmp_path, TWICE, one="unit a\nx 10.14\ny 7.25", two="unit a\nx 11.14\ny 7.25"
    )
    assert {f.severity for f in result.findings} == {Severity.WARNING}
    assert {(f.table, f.published, f.suggestion) for f in result.findings} == {
        ("one", "10.14", "11.14"),
        ("two", "11.14", "10.14"),
    }


def test_one_last_digit_is_told_as_a_note(tmp_path: Path) -> None:
    result = audited(tmp_path, TWICE, one="unit a\nx 10.14", two="unit a\nx 10.15")
    assert {f.severity for f in result.findings} == {Severity.NOTE}


RANKS = """
[[table]]
name = "t"
scores = { s = "S" }
ranks = { r = "S" }
[[ranking]]
nodes = ["S"]
complete = true
"""


def test_a_rank_twice_and_one_missing(tmp_path: Path) -> None:
    table = "unit r s\nu 1 9.0\nv 2 8.0\nw 3 7.0\nx 2 6.0\ny 5 5.0"
    found = alarms(audited(tmp_path, RANKS, t=table))
    assert (found[0].unit, found[0].published, found[0].suggestion) == ("x", "2", "4")


def test_ranks_against_scores_and_rows_exchanged(tmp_path: Path) -> None:
    table = "unit r s\nu 1 9.00\nv 2 6.41\nw 3 7.58\nx 4 5.27\ny 5 4.16"
    found = alarms(audited(tmp_path, RANKS, t=table))
    assert {f.kind for f in found} >= {"swapped rows"}
    assert {f.unit for f in found if f.kind == "swapped rows"} == {"v", "w"}
    assert any(
        "v is ranked 2 before w (3) with 6.41 against 7.58" in f.evidence for f in found
    )


def test_equal_printed_scores_may_stand_in_any_order(tmp_path: Path) -> None:
    table = "unit r s\nu 1 9.0\nv 2 6.4\nw 3 6.4\nx 4 5.2"
    assert alarms(audited(tmp_path, RANKS, t=table)) == []


def test_growth_between_rounded_numbers(tmp_path: Path) -> None:
    spec = """
    [[table]]
    name = "t"
    read = [
      { column = "old", node = "x", quantity = "old" },
      { column = "new", node = "x", quantity = "new" },
      { column = "growth", node = "x", quantity = "growth" },
    ]
    [[formula]]
    table = "t"
    formula = "{growth} = 100 * ({new} / {old} - 1)"
    """
    # 21 over 20, each within half a unit: -0.5 % ... 10.3 %.
    assert alarms(audited(tmp_path, spec, t="unit old new growth\na 20 21 10.2")) == []
    found = alarms(audited(tmp_path, spec, t="unit old new growth\na 20.0 21.0 15.0"))
    # (21 -+ 0.05) / (20 +- 0.05) - 1 = 4.489 % to 5.514 %
    growth = next(f for f in found if f.node == "x" and f.published == "15.0")
    assert growth.expected == (4.5, 5.5)
    assert growth.suggestion in ("5.0", "4.5")


def test_changes_of_rank(tmp_path: Path) -> None:
    spec = """
    [[table]]
    name = "t"
    read = [
      { column = "old", node = "x", quantity = "rank", edition = "before" },
      { column = "new", node = "x", quantity = "rank" },
      { column = "move", node = "x", quantity = "move", exact = true },
    ]
    [[formula]]
    table = "t"
    formula = "{move} = {old} - {new}"
    """
    assert (
        alarms(
            audited(tmp_path, spec, t="unit old new move\na 1 2 -1\nb 3 1 2\nc 2 3 -1")
        )
        == []
    )
    found = alarms(
        audited(tmp_path, spec, t="unit old new move\na 1 2 -1\nb 3 1 3\nc 2 3 -1")
    )
    assert {f.unit for f in found} == {"b"}


def test_shares_of_a_total(tmp_path: Path) -> None:
    spec = """
    [[table]]
    name = "t"
    read = [{ column = "count", node = "x", quantity = "count", exact = true }]
    [[formula]]
    table = "t"
    formula = "{share} = 100 * {count} / 40"
    """
    table = "unit count share\na 17 42.50\nb 12 30.00\nc 11 27.50"
    assert alarms(audited(tmp_path, spec, t=table)) == []
    found = alarms(audited(tmp_path, spec, t=table.replace("27.50", "25.70")))
    assert (found[0].published, found[0].suggestion) == ("25.70", "27.50")


def test_points_by_a_formula_and_by_a_table_of_marks(tmp_path: Path) -> None:
    spec = """
    [[table]]
    name = "t"
    read = [
      { column = "points", node = "run", quantity = "points", exact = true },
      { column = "place", node = "run", quantity = "place", exact = true },
      { column = "cup", node = "run", quantity = "cup", exact = true },
    ]
    [[formula]]
    table = "t"
    formula = "{points} = floor(25.4347 * (18 - {m100}) ** 1.81)"
    [[formula]]
    table = "t"
    formula = "{cup} = grade({place}, 1, 25, 2, 18, 3, 15, 4, 12)"
    """
    # 100 metres of the decathlon: 10.55 s are 963 points, 10.94 s are 874, 11.34 s are 786.
    right = "unit m100 points place cup\na 10.55 963 1 25\nb 10.94 874 2 18\nc 11.34 786 3 15"
    assert alarms(audited(tmp_path, spec, t=right)) == []
    found = alarms(audited(tmp_path, spec, t=right.replace("10.94", "10.49")))
    assert (found[0].unit, found[0].suggestion) == ("b", "10.94")
    found = alarms(audited(tmp_path, spec, t=right.replace("3 15", "3 51")))
    assert (found[0].published, found[0].suggestion) == ("51", "15")


def test_dominance_without_any_weights(tmp_path: Path) -> None:
    spec = """
    [[table]]
    name = "t"
    ranks = { total = "T", a = "A", b = "B" }
    [[dominance]]
    parent = "T"
    children = ["A", "B"]
    quantity = "rank"
    """
    assert alarms(audited(tmp_path, spec, t="unit total a b\nx 1 1 2\ny 2 2 1")) == []
    found = alarms(
        audited(tmp_path, spec, t="unit total a b\nx 2 1 1\ny 1 2 2\nz 3 3 3")
    )
    assert {f.check for f in found} == {"dominance"}


def test_squares_and_significance_of_coefficients(tmp_path: Path) -> None:
    spec = """
    [[table]]
    name = "t"
    unit = "node"
    [[formula]]
    table = "t"
    formula = "{r2} = {r} ** 2"
    [[table]]
    name = "c"
    unit = "a"
    [[correlations]]
    table = "c"
    row = "a"
    column = "b"
    r = "r"
    p = "p"
    n = "n"
    """
    found = alarms(
        audited(
            tmp_path,
            spec,
            t="node r r2\nA .847 .717\nB .75 .57\nC .75 .75",
            c="a b r p n\nA B .30 .043 46\nA C .30 .430 46",
        )
    )
    # 0.30 with 46 units: t = 2.086, p = 0.0428; 0.75 squared is 0.5625 to 0.570.
    significance = [f for f in found if f.check == "significance"]
    assert [(f.node, f.published) for f in significance] == [("A-C", ".430")]
    squares = [f for f in found if f.check == "formula"]
    assert {f.unit for f in squares} == {"C"}
    assert {(f.node, f.published, f.expected) for f in squares} >= {
        ("r2", ".75", (0.56, 0.57))
    }


def test_means_of_whole_numbers(tmp_path: Path) -> None:
    spec = """
    [[table]]
    name = "t"
    scores = { m = "M" }
    [[lattice]]
    nodes = { M = 1 }
    units = 28
    top = 1
    """
    # 5.18 is 145 / 28 rounded; nothing over 28 is 5.19.
    (found,) = alarms(audited(tmp_path, spec, t="unit m\nx 5.18\ny 5.19"))[:1]
    assert (found.unit, found.expected) == ("y", (5.18, 5.21))


def test_slips_of_typing() -> None:
    made = {text: kind for text, kind, _ in edits("4.05")}
    # The likeliest kinds first.
    assert list(dict.fromkeys(made.values())) == [
        MisprintKind.SWAP,
        MisprintKind.SIGN,
        MisprintKind.DIGIT,
        MisprintKind.POINT,
        MisprintKind.DROPPED,
    ]
    assert made["4.50"] is MisprintKind.SWAP
    assert made["7.05"] is MisprintKind.DIGIT
    assert made["40.50"] is MisprintKind.POINT
    assert made["-4.05"] is MisprintKind.SIGN
    assert "04.5" not in made
    assert "4.05" not in made


def test_misfits_of_ties() -> None:
    assert misfits([1, 2, 3]) == {"distinct": 0, "shared": 0, "dense": 0}
    assert misfits([1, 2, 2, 3])["dense"] == 0


def codes(folder: Path, spec: str, **tables: str) -> list[str]:
    with pytest.raises(DataError) as caught:
        audited(folder, spec, **tables)
    return sorted(problem.code for problem in caught.value.problems)


def test_everything_wrong_with_a_spec_is_told_at_once(tmp_path: Path) -> None:
    spec = """
    [audit]
    rounding = "up"
    unitz = 3
    [[table]]
    name = "t"
    scores = ["a"]
    [[ranking]]
    ties = "none"
    nodes = ["S"]
    [[aggregat]]
    parent = "T"
    """
    assert codes(tmp_path, spec) == ["XC341"] * 5
    assert codes(tmp_path, "[audit") == ["XC340"]
    with pytest.raises(DataError, match="cannot be read"):
        read_spec(tmp_path / "absent.toml")


def test_tables_columns_and_numbers_that_are_not_there(tmp_path: Path) -> None:
    spec = """
    [[table]]
    name = "t"
    scores = { a = "A", b = "B" }
    [[table]]
    name = "other"
    scores = { a = "A" }
    """
    assert codes(tmp_path, spec, t="unit a\nx about12\ny 3.1") == [
        "XC342",
        "XC342",
        "XC343",
    ]


LISTS = """
[audit]
cities = "cities.csv"
[[table]]
name = "t"
ranks = { r = "N" }
[[ranking]]
nodes = ["N"]
complete = true
[[table]]
name = "text"
"""
CITIES = "id,region\na,east\nb,east\nc,west\nd,west\ne,west\n"
FIVE = "unit r\na 1\nb 2\nc 2\nd 4\ne 5"


def listed(folder: Path, rule: str, text: str) -> list[tuple[str, str]]:
    (folder / "cities.csv").write_text(CITIES, encoding="utf-8")
    found = alarms(audited(folder, LISTS + rule, t=FIVE, text=text))
    return [(f.unit, f.kind) for f in found]


def test_names_in_order_and_any_order_inside_a_tie(tmp_path: Path) -> None:
    rule = '[[list]]\ntable = "text"\nkind = "places"\nnode = "N"\nposition = "k"\n'
    assert listed(tmp_path, rule, "unit k\na 1\nc 2\nb 3") == []
    assert listed(tmp_path, rule, "unit k\na 1\nd 2\nb 3") == [
        ("d", "text against table")
    ]


def test_members_and_joint_places(tmp_path: Path) -> None:
    first = '[[list]]\ntable = "text"\nkind = "members"\nnode = "N"\nfirst = 3\n'
    assert listed(tmp_path, first, "unit\nb\nc") == []
    assert listed(tmp_path, first, "unit\nb\ne") == [("e", "text against table")]
    joint = '[[list]]\ntable = "text"\nkind = "joint"\nnode = "N"\nplace = 2\n'
    assert listed(tmp_path, joint, "unit\nb\nc") == []
    assert listed(tmp_path, joint, "unit\na") == [("a", "text against table")]


def test_tiers_name_their_members_once_and_in_order(tmp_path: Path) -> None:
    rule = """
    [[list]]
    table = "text"
    kind = "tiers"
    node_column = "node"
    position = "tier"
    names = "names"
    size = "n"
    """
    assert listed(tmp_path, rule, "node tier names n\nN 1 a|c|b 3\nN 2 d|e 2") == []
    assert listed(tmp_path, rule, "node tier names n\nN 1 a|b|d 3\nN 2 c|e|e 2") == [
        ("d", "not in this tier"),
        ("c", "not in this tier"),
        ("e", "named twice"),
    ]
    assert listed(tmp_path, rule, "node tier names n\nN 1 b|a|c 3\nN 2 d|e 2") in (
        [("a", "out of order")],
        [("b", "out of order")],
    )


def test_counts_of_a_group_among_the_first(tmp_path: Path) -> None:
    rule = '[[count]]\ntable = "text"\nvalue = "n"\nnode = "N"\nfirst_column = "top"\n'
    rule += 'member_columns = ["region"]\n'
    assert (
        listed(
            tmp_path, rule, "what top region n\nx 2 east 2\nx 2 west 1\nx 5 east|west 5"
        )
        == []
    )
    assert listed(tmp_path, rule, "what top region n\nx 4 west 3") == [
        ("", "text against table")
    ]


def test_subtables_list_the_first_of_their_group(tmp_path: Path) -> None:
    rule = """
    [[list]]
    table = "text"
    kind = "rows"
    node = "N"
    position = "k"
    group_columns = ["attribute", "word"]
    """
    head = "attribute word k unit\n"
    spec = rule
    west = "region west 1 c\nregion west 2 d"
    (tmp_path / "cities.csv").write_text(CITIES, encoding="utf-8")
    tables = LISTS.replace('name = "text"', 'name = "text"\nunit = "unit"')
    assert alarms(audited(tmp_path, tables + spec, t=FIVE, text=head + west)) == []
    wrong = "region west 1 d\nregion west 2 b"
    found = alarms(audited(tmp_path, tables + spec, t=FIVE, text=head + wrong))
    assert [(f.unit, f.kind) for f in found] == [
        ("d", "text against table"),
        ("b", "membership"),
    ]


def test_rules_about_what_is_not_there_are_refused(tmp_path: Path) -> None:
    spec = SUM + '[[list]]\ntable = "t"\nkind = "tiers"\nnames = "old"\nsize = "new"\n'
    spec += 'node_column = "g"\n'
    spec += '[[words]]\ntable = "elsewhere"\ncolumn = "x"\nallowed = ["y"]\n'
    spec += "[[lattice]]\nunits = 9\nnodes = { Q = 3 }\n"
    assert codes(tmp_path, spec, t="unit a b total\nx 1.0 2.0 1.7") == ["XC342"] * 4 + [
        "XC344"
    ]


def test_percent_signs_full_width_digits_and_commas_are_read(tmp_path: Path) -> None:
    table = "unit a b total\nx １０.15% 20.25% 17.22％\ny 50.00 50.00 50.00"
    assert alarms(audited(tmp_path, SUM, t=table)) == []


@pytest.mark.slow
def test_long_rankings_are_compared_with_their_neighbours(tmp_path: Path) -> None:
    rows = [f"u{k} {k} {1000 - k}.5" for k in range(1, 401)]
    rows[199] = "u200 200 700.5"
    found = alarms(audited(tmp_path, RANKS, t="unit r s\n" + "\n".join(rows)))
    assert (found[0].unit, found[0].published, found[0].suggestion) == (
        "u200",
        "700.5",
        "800.5",
    )


def test_one_entry_per_check_and_table(tmp_path: Path) -> None:
    checked = audited(tmp_path, SUM, t="unit a b total\nx 10.0 20.0 17.0").checked
    assert [(done.check, done.table, done.cells) for done in checked] == [
        ("aggregate", "t", 3)
    ]


def test_rules_that_say_too_little_are_refused(tmp_path: Path) -> None:
    table = "unit a b total\nx 1.0 2.0 1.7"
    start = SUM.partition("[[aggregate]]")[0]
    for rule in (
        '[[aggregate]]\nparent = "T"\n',
        '[[aggregate]]\nparent = "T"\nchildren = { A = 0, B = 0 }\n',
        "[[lattice]]\nnodes = { A = 3 }\n",
        '[[weights]]\nparent = "T"\nchildren = ["A", "B"]\nreadings = { none = { C = 1 } }\n',
    ):
        assert codes(tmp_path, start + rule, t=table) == ["XC341"], rule
    # Neither a parent nor its parts.
    assert codes(tmp_path, start + "[[aggregate]]\n", t=table) == ["XC341"] * 2


def test_statements_with_texts_for_numbers_are_refused(tmp_path: Path) -> None:
    (tmp_path / "cities.csv").write_text(CITIES, encoding="utf-8")
    rule = '[[count]]\ntable = "text"\nvalue = "n"\nnode = "N"\nfirst = 3\n'
    text = "unit n\na about3\nb 3.5\nc 3\nd -"
    assert codes(tmp_path, LISTS + rule, t=FIVE, text=text) == ["XC343"] * 2


def test_classes_are_matched_whatever_they_are_called() -> None:
    one = {"a": 1, "b": 1, "c": 2, "d": 2, "e": 3}
    other = {"a": 9, "b": 9, "c": 4, "d": 9, "e": 5, "x": 5}
    found = agreement(one, other)
    assert dict(found.classes) == {1: 9, 2: 4, 3: 5}
    assert (found.agreeing, found.units) == (4, 5)


def test_a_class_may_be_left_without_a_match() -> None:
    found = agreement({"a": 1, "b": 1, "c": 2}, {"a": 3, "b": 3, "c": 3})
    assert (dict(found.classes), found.agreeing) == ({1: 3}, 2)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("2.50", "2.5"),
        ("100", "100"),
        ("0.00", "0"),
        ("-0.00001", "0"),
        ("1.23456", "1.2346"),
    ],
)
def test_sentences_have_numbers_without_trailing_zeros(number: str, text: str) -> None:
    assert plain(Decimal(number)) == text


@pytest.mark.parametrize(("off", "fits"), [(0, True), (3, False)])
def test_weights_fit_within_rounding_only(off, fits):
    """Half a unit of the last digit either way, of the total and of its parts."""
    parts = [
        (10, 80),
        (25, 60),
        (40, 15),
        (55, 90),
        (70, 35),
        (85, 50),
        (95, 5),
        (60, 75),
    ]

    def cell(number):
        return SimpleNamespace(value=Decimal(number), half=Decimal("0.5"))

    rows = [
        (cell(round(0.3 * a + 0.7 * b) + off * (-1) ** k), [cell(a), cell(b)])
        for k, (a, b) in enumerate(parts)
    ]
    assert (free_method(rows) is not None) is fits


@pytest.mark.parametrize(("total", "slack"), [("0.5", "0.000004"), ("2000", "0.008")])
def test_weights_that_were_found_are_as_exact_as_the_search_for_numbers_of_any_size(
    total, slack
):
    one = np.ones(1)
    region = WeightRegion(one, one, one, np.zeros(3), np.array([[0.0, 1.0]]), (), 3)
    row = SimpleNamespace(value=Decimal(total)), ()
    (relation,) = PrintedMethod((Fraction(1),), region=region).relations([row])
    assert relation.slack == Decimal(slack)


def test_of_a_long_ranking_every_unit_is_compared_with_the_sixty_behind_it():
    names = [f"u{number}" for number in range(300)]
    ranks = {
        name: SimpleNamespace(value=number) for number, name in enumerate(names, 1)
    }
    fine = SimpleNamespace(broken=lambda _: False)
    compared = []

    def order(*units: str) -> SimpleNamespace:
        compared.append(units)
        return fine

    assert len([*_orders(ranks, order, ())]) == sum(
        min(60, 299 - place) for place in range(300)
    )
    assert [second for first, second in compared if first == "u5"] == names[6:66]
