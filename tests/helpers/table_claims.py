"""Judges the numbers of rankings and profiles against the values of an index."""

import re
from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

#: Headings of columns, in Chinese and in English -> what stands in them.
HEADS = {
    "名次": "rank",
    "Rank": "rank",
    "得分": "score",
    "Score": "score",
    "平均值": "mean",
    "Mean": "mean",
    "组内名次": "place",
    "Rank in group": "place",
    "总名次": "rank",
    "Overall rank": "rank",
}
#: Headings of ranks in the index, whatever node a table is about.
OVERALL = ("总名次", "Overall rank")
CITIES = ("城市", "City")
#: Marks of gaps behind names and numbers.
MARKS = "†‡"


class Column(NamedTuple):
    """What a column of a table has: of which node, by its heading, and what of it."""

    node: str
    what: str


def columns_of(rows: list[list[str]]) -> list[Column]:
    """Return the columns of a table whose heading is one row, or two with scores and ranks."""
    heads = rows[0]
    if len(rows) < 2 or rows[1][0] or not set(rows[1]) & HEADS.keys():
        # Of rankings without scores the parts have ranks.
        has_scores = any(HEADS.get(head) == "score" for head in heads)
        return [column_of(head, "score" if has_scores else "rank") for head in heads]
    above = iter(heads)
    columns: list[Column] = []
    seen: set[str] = set()
    node = ""
    for below in rows[1]:
        if not below:
            name = next(above)
            columns.append(column_of(name, ""))
            seen = set()
            continue
        if not seen or below in seen:
            node = next(above)
            seen = set()
        seen.add(below)
        columns.append(Column(node, HEADS.get(below, "")))
    return columns


def column_of(head: str, what: str) -> Column:
    """Return the column of a heading, which is the name of a node where it is no other."""
    if head in OVERALL:
        return Column("本指数" if head == OVERALL[0] else "Index", "rank")
    return Column("", HEADS[head]) if head in HEADS else Column(head, what)


def judge_ranking(claims, codes, title, rows, checked) -> None:
    """Judge the scores and ranks of each city in a ranking, of which one row may have several."""
    columns = columns_of(rows)
    starts = [at for at, column in enumerate(columns) if column.node in CITIES]
    size = len(columns) // max(len(starts), 1)
    found = []
    for row in rows[1:]:
        for start in starts:
            unit = claims.unit.get(row[start].rstrip(MARKS))
            if unit is not None:
                found.append((unit, row[start // size * size :][:size]))
    members = [unit for unit, _ in found]
    for unit, row in found:
        for cell, column in zip(row, columns, strict=False):
            nodes = named(claims, column.node) if column.node else codes
            asked = Asked(column.what, nodes, unit, members)
            judge_cell(claims, f"{title}: {unit}", cell, asked, checked)


def judge_profile(claims, title, rows, checked) -> None:
    """Judge scores, ranks and means of the nodes in the rows of a city's profile."""
    unit = claims.unit.get(re.split("[:：]", title)[0])
    if unit is None:
        checked.apart.append(f"{title}: {' | '.join(rows[0])}")
        return
    heads = [HEADS.get(head, "") for head in rows[0]]
    for row in rows[1:]:
        nodes: list[str] = []
        for what, cell in zip(heads, row, strict=True):
            if not what:
                nodes = named(claims, cell)
                if cell.strip() and not nodes:
                    checked.unread.append(f"{title}: {cell}")
                continue
            judge_cell(
                claims, f"{title}: {nodes}", cell, Asked(what, nodes, unit), checked
            )


def judge_correlations(claims, title, rows, checked) -> None:
    """Judge the correlations of scores, each with another node's."""
    truth = claims.truth
    for name, *row in rows[1:]:
        for other, printed in zip(rows[0][1:], row, strict=False):
            number = printed.rstrip("*").replace("−", "-")
            if not number or name == other:
                continue
            checked.read["correlation in a table"] += 1
            found = [
                truth.score(one).corr(truth.score(another))
                for one in named(claims, name)
                for another in named(claims, other)
            ]
            half = half_unit(number)
            if not any(abs(float(number) - r) <= half for r in found):
                checked.false.append(f"{title}: {name}, {other} {printed}, not {found}")


def named(claims, name: str) -> list[str]:
    """Return the nodes that a heading may mean; none of other columns."""
    short = re.sub(r"(?: ?[(（](?:reversed|逆向)[)）])$", "", name.strip())
    lower = short.lower()
    # A node with a single child has the child's name behind its own.
    alone = re.sub(r" ?[(（].*[)）]$", "", lower)
    return claims.lower.get(lower) or claims.lower.get(alone, [])


class Asked(NamedTuple):
    """What a number must be: what of which nodes, of which city, among which others."""

    what: str
    nodes: list[str]
    unit: str
    members: Sequence[str] = ()


def judge_cell(claims, where: str, cell: str, asked: Asked, checked) -> None:
    """Judge a number: it is that of one of the nodes which its heading may mean."""
    number = cell.rstrip(MARKS)
    if not asked.nodes or not asked.what or not number:
        return
    value = parsed(number)
    if value is None:
        return
    checked.read[f"{asked.what} in a table"] += 1
    truth = claims.truths[claims.population(asked.unit)]
    found = [expected(truth, code, asked) for code in asked.nodes]
    is_rank = asked.what in ("rank", "place")
    half = 1e-9 if is_rank else half_unit(number)
    if not any(abs(value - one) <= half for one in found):
        checked.false.append(f"{where}: {asked.what} {cell}, not {found}")


def half_unit(number: str) -> float:
    """Return half a unit of the last decimal of a number in print."""
    return 0.5 * 10.0 ** -len(number.partition(".")[2]) + 1e-9


def parsed(number: str) -> float | None:
    """Return a number in print; None of other texts."""
    try:
        return float(number.replace("−", "-").removeprefix("="))
    except ValueError:
        return None


def expected(truth, code: str, asked: Asked) -> float:
    """Return the score, the rank, the mean or the rank in a group that a table must print."""
    scores: pd.Series = truth.score(code)
    if asked.what == "mean":
        return float(scores.mean())
    values = scores if asked.what == "score" else truth.rank(code)
    own = float(values.get(asked.unit, float("nan")))
    if asked.what != "place":
        return own
    return 1.0 + int((values.reindex(asked.members) < own).sum())
