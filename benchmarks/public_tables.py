"""Public rankings with known weights: method, false alarms, three slips, wrong methods stated.

    python -m benchmarks.public_tables FOLDER [NAME…]

FOLDER holds the files named in `TABLES` under the names given there; where each comes from stands
beside it. Most have no licence that lets us keep them here. Prints a line per table: rows; the
method found; other causes of alarm; slips located and restored of three; the number of findings
with each of several wrong methods stated.
"""

from __future__ import annotations

import csv
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from xlcity.audit.tables.constraints.relations import Severity
from xlcity.audit.tables.finding import TableFinding
from xlcity.audit.tables.run import audit
from xlcity.audit.tables.spec.read import spec_of

#: Rows of a table that take part, at most: the first ones.
MOST = 200
Row = dict[str, str]
Weights = Mapping[str, float]


@dataclass(frozen=True)
class Table:
    """A ranking: its file, the columns of name and total, and the stated weights by column."""

    name: str
    file: str
    source: str
    unit: str
    total: str
    weights: Weights
    method: str = "arithmetic"
    #: Column and value of the rows that belong to the table.
    only: tuple[str, str] = ("", "")
    separator: str = ","


def _equal(*columns: str) -> Weights:
    return dict.fromkeys(columns, 1.0)


_KAGGLE = "github.com/GianlucaSimionato/FoCS 2dd4586, kaggle.com/datasets/mylesoneill"
_TIMES_2011 = {
    "teaching": 30,
    "international": 5,
    "research": 30,
    "citations": 32.5,
    "income": 2.5,
}
_TIMES = {
    "teaching": 30,
    "international": 7.5,
    "research": 30,
    "citations": 30,
    "income": 2.5,
}
_ARWU = {"alumni": 10, "award": 20, "hici": 20, "ns": 20, "pub": 20, "pcp": 10}
_HAPPY = (
    "Economy (GDP per Capita)",
    "Family",
    "Health (Life Expectancy)",
    "Freedom",
    "Trust (Government Corruption)",
    "Generosity",
    "Dystopia Residual",
)
_HERITAGE = (
    "Property Rights",
    "Judical Effectiveness",
    "Government Integrity",
    "Tax Burden",
    "Gov't Spending",
    "Fiscal Health",
    "Business Freedom",
    "Labor Freedom",
    "Monetary Freedom",
    "Trade Freedom",
    "Investment Freedom ",
    "Financial Freedom",
)
_GAP = (
    "Economic Participation and Opportunity",
    "Educational Attainment",
    "Health and Survival",
    "Political Empowerment",
)
_FRAGILE = (
    "C1: Security Apparatus",
    "C2: Factionalized Elites",
    "C3: Group Grievance",
    "E1: Economy",
    "E2: Economic Inequality",
    "E3: Human Flight and Brain Drain",
    "P1: State Legitimacy",
    "P2: Public Services",
    "P3: Human Rights",
    "S1: Demographic Pressures",
    "S2: Refugees and IDPs",
    "X1: External Intervention",
)
_HFI = "github.com/AnnaSargsyan/datavis ee25926, Cato and Fraser Institutes"
_EFW = tuple(
    f"ef_{part}" for part in ("government", "legal", "money", "trade", "regulation")
)
TABLES = (
    *(
        Table(
            f"THE {year}",
            "times.csv",
            _KAGGLE,
            "university_name",
            "total_score",
            _TIMES_2011 if year == 2011 else _TIMES,
            only=("year", str(year)),
        )
        for year in range(2011, 2017)
    ),
    Table(
        "THE 2023",
        "the2023.csv",
        "github.com/zanmark00/UniversityRanking 897af9b",
        "Name of University",
        "OverAll Score",
        {
            "Teaching Score": 30,
            "Research Score": 30,
            "Citations Score": 30,
            "Industry Income Score": 2.5,
            "International Outlook Score": 7.5,
        },
    ),
    *(
        Table(
            f"ARWU {year}",
            "shanghai.csv",
            _KAGGLE,
            "university_name",
            "total_score",
            _ARWU,
            only=("year", str(year)),
        )
        for year in range(2005, 2016)
    ),
    Table(
        "QS 2023",
        "qs2023.csv",
        "github.com/zanmark00/UniversityRanking 897af9b",
        "institution",
        "score scaled",
        {
            "ar score": 40,
            "er score": 10,
            "fsr score": 20,
            "cpf score": 20,
            "ifr score": 5,
            "isr score": 5,
        },
    ),
    *(
        Table(
            f"World Happiness {year}",
            f"whr{year}.csv",
            "github.com/KristiKo/WorldHappinessAnalysis2015-2019 3b22e9e",
            "Country",
            "Happiness Score",
            _equal(*_HAPPY),
        )
        for year in (2015, 2016)
    ),
    Table(
        "SDG Index 2023",
        "sdg2023.csv",
        "github.com/ramonferrari/mpgc_ti eeedf3c, SDSN",
        "country",
        "overall_score",
        _equal(*(f"goal_{n}_score" for n in range(1, 18))),
    ),
    Table(
        "Human Freedom 2016",
        "hfi2018.csv",
        _HFI,
        "countries",
        "hf_score",
        _equal("pf_score", "ef_score"),
        only=("year", "2016"),
    ),
    Table(
        "Economic Freedom of the World 2016",
        "hfi2018.csv",
        _HFI,
        "countries",
        "ef_score",
        _equal(*_EFW),
        only=("year", "2016"),
    ),
    Table(
        "Index of Economic Freedom 2019",
        "heritage2019.csv",
        "github.com/kjclarkson624/EconomicFreedomIndex 9cd3baf, Heritage Foundation",
        "Country Name",
        "2019 Score",
        _equal(*_HERITAGE),
    ),
    Table(
        "Global Health Security 2021",
        "ghs2021.csv",
        "github.com/mchxo/157_data 726e70b, ghsindex.org",
        "Country",
        "OVERALL SCORE",
        {},
        only=("Year", "2021"),
    ),
    Table(
        "Global Gender Gap 2024",
        "ggg.csv",
        "github.com/Sadullah4535/Global-Gender-Gap-Index-2024-Data 612f342, WEF",
        "Country",
        "GGGI Score",
        _equal(*_GAP),
        separator=";",
    ),
    Table(
        "Fragile States Index 2010",
        "fsi2010.csv",
        "github.com/sanzder24/Analysis-on-Fragile-States 32edb9b, Fund for Peace",
        "Country",
        "Total",
        _equal(*_FRAGILE),
    ),
    Table(
        "Inequality-adjusted HDI 2015",
        "ihdi.csv",
        "github.com/iyadaqel/Human-Development-Index-dataset 8005b97, UNDP",
        "Country",
        "HDI",
        _equal("Life_Expectancy_Index", "Education_Index", "Income_Index"),
        "geometric",
    ),
)


def rows_of(table: Table, folder: Path) -> tuple[list[Row], dict[str, float]]:
    """Return the rows in which all parts and the total are printed, and the weights."""
    found: dict[str, Row] = {}
    weights = dict(table.weights)
    for row in _lines(table, folder):
        if not weights:
            # The six categories of health security: "1) PREVENTION …".
            weights = _equal(
                *(key for key in row if key[:2] in {f"{n})" for n in range(1, 7)})
            )
        cells = {key: (row.get(key) or "").strip() for key in (*weights, table.total)}
        column, value = table.only
        if (not column or row[column] == value) and all(
            map(_is_number, cells.values())
        ):
            names = (*(f"p{n}" for n in range(len(weights))), "total")
            found[row[table.unit]] = {
                "unit": row[table.unit],
                **dict(zip(names, cells.values(), strict=True)),
            }
    return list(found.values())[:MOST], {
        f"p{n}": w for n, w in enumerate(weights.values())
    }


def _lines(table: Table, folder: Path) -> Iterator[Row]:
    if table.file == "ihdi.csv":
        yield from _ihdi(folder)
        return
    with (folder / table.file).open(
        encoding="utf-8-sig", errors="replace", newline=""
    ) as stream:
        yield from csv.DictReader(stream, delimiter=table.separator)


def _ihdi(folder: Path) -> Iterator[Row]:
    """Yield the four printed columns of 2015, which are files of their own."""
    columns = ("Life_Expectancy_Index", "Education_Index", "Income_Index", "HDI")
    found: dict[str, Row] = {}
    for name in columns:
        with (folder / f"ihdi_{name}.csv").open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                found.setdefault(row["Country"], {"Country": row["Country"]})[name] = (
                    row["2015"]
                )
    yield from found.values()


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdigit()


def alarms(rows: Sequence[Row], weights: Weights, method: str) -> list[TableFinding]:
    """Audit a table whose text states these weights; return what is not a note."""
    columns = [key for key in rows[0] if key != "unit"]
    spec = {
        "table": [{"name": "t", "scores": {key: key for key in columns}}],
        "aggregate": [{"parent": "total", "children": dict(weights), "method": method}],
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.csv"
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, [*rows[0]])
            writer.writeheader()
            writer.writerows(rows)
        result = audit(spec_of(spec, "spec.toml", Path(folder)), {"t": path})
    return [found for found in result.findings if found.severity is not Severity.NOTE]


def slipped(
    rows: Sequence[Row], weights: Weights, seed: int, wrong: set[str]
) -> tuple[list[Row], dict[tuple[str, str], str]]:
    """Return the rows with three slips: two digits exchanged, a digit wrong, a total off."""
    rng = random.Random(seed)
    changed = [dict(row) for row in rows]
    made = {}
    heavy = [
        key for key, weight in weights.items() if weight >= max(weights.values()) / 4
    ]
    sound = [row for row in changed if row["unit"] not in wrong]
    for kind, row in enumerate(rng.sample(sound, 3)):
        key = "total" if kind == 2 else rng.choice(heavy)
        made[row["unit"], key] = row[key]
        row[key] = _wrong(row[key], exchanged=kind == 0)
    return changed, made


def _wrong(text: str, *, exchanged: bool) -> str:
    """Return a number with its first two digits exchanged, or its first one another."""
    first = next(at for at, letter in enumerate(text) if letter in "123456789")
    second = next(
        (at for at in range(first + 1, len(text)) if text[at].isdigit()), first
    )
    one = text[first]
    other = text[second]
    if exchanged and abs(int(one) - int(other)) >= 3:
        swapped = [*text]
        swapped[first], swapped[second] = other, one
        return "".join(swapped)
    return f"{text[:first]}{(int(one) + 5) % 10 or 3}{text[first + 1 :]}"


def wrong_methods(weights: Weights, method: str) -> dict[str, tuple[Weights, str]]:
    """Return methods that the text might state instead."""
    names = [*weights]
    values = [*weights.values()]
    equal = len(set(values)) == 1
    other = "arithmetic" if method == "geometric" else "geometric"
    first = {**weights, names[0]: values[0] * 2}
    return {
        "equal weights" if not equal else "first part twice": (
            (first if equal else dict.fromkeys(names, 1.0)),
            method,
        ),
        "weights moved by one": (
            dict(
                zip(
                    names,
                    [*range(1, len(names) + 1)] if equal else values[1:] + values[:1],
                    strict=True,
                )
            ),
            method,
        ),
        "last part left out": (dict(zip(names[:-1], values[:-1], strict=True)), method),
        f"{other} mean": (weights, other),
    }


def main(folder: Path, names: Sequence[str]) -> None:
    """Audit each table and print the numbers."""
    for seed, table in enumerate(TABLES):
        if names and not any(name in table.name for name in names):
            continue
        started = time.perf_counter()
        rows, weights = rows_of(table, folder)
        clean = alarms(rows, weights, table.method)
        method = next(
            (f.suggestion for f in clean if f.check == "stated-method"), "as stated"
        )
        sound = [f for f in clean if f.check != "stated-method"]
        known = {(f.unit, f.node) for f in sound}
        changed, made = slipped(rows, weights, seed, {f.unit for f in sound})
        found = [
            f
            for f in alarms(changed, weights, table.method)
            if (f.unit, f.node) not in known
        ]
        located = {(f.unit, f.node) for f in found if (f.unit, f.node) in made}
        restored = {
            place
            for place in located
            if any(
                (f.unit, f.node) == place and f.suggestion == made[place] for f in found
            )
        }
        counts = []
        for name, (stated, mean) in wrong_methods(weights, table.method).items():
            told = alarms(rows, stated, mean)
            kinds = ", ".join(f.kind for f in told if f.check == "stated-method")
            counts.append(f"{name}: {len(told)} ({kinds})")
        print(
            f"{table.name}\t{len(rows)} rows\tmethod: {method}\t"
            f"other causes {len({f.group for f in sound})}\tslips located {len(located)}, "
            f"restored {len(restored)} of 3\t{'; '.join(counts)}\t"
            f"{time.perf_counter() - started:.0f} s",
            flush=True,
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
