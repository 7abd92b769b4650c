"""Judges all statements of chapters and profiles, of the five reports and of indices of one's own.

`python -m tests.helpers.judged_chapters [NAME …]` writes the chapters, recomputes what they state
by a program that knows only the values, and prints a line for each document: statements judged,
false and unread ones, bounds, distances, numbers in tables, and tables that nobody judges.
"""

import argparse
import os
import random
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))
    os.environ.setdefault("XLCITY_LANG", "en")

from tests.helpers.chapter_claims import ChapterClaims, Checked, Said
from tests.helpers.index_truth import IndexTruth
from xlcity.api.index import Index
from xlcity.api.workbook import Workbook
from xlcity.cli import main
from xlcity.figures.figure import Figure
from xlcity.report.contents import ReportTable
from xlcity.report.items import report_items
from xlcity.report.make import ReportMaker, ReportOptions
from xlcity.report.source import ReportSource
from xlcity.reports import load_report

LANGUAGES = ("zh", "en")
CITIES = [
    "赫尔辛基 Helsinki",
    "伦敦 London",
    "维也纳 Vienna",
    "米兰 Milan",
    "波尔图 Porto",
    "奥斯陆 Oslo",
    "里昂 Lyon",
    "根特 Ghent",
    "格拉茨 Graz",
    "布尔诺 Brno",
    "科克 Cork",
    "卑尔根 Bergen",
    "塔尔图 Tartu",
]
#: Relative weights, reverse indicators, a first place on two of three, and a city that is new.
LIVEABLE = """code,parent,weight,direction,name_zh,name_en
X,,1,1,宜居指数,Liveability Index
E,X,2,1,环境,Environment
M,X,1,1,出行,Mobility
pm,E,1,-1,PM2.5年均浓度,PM2.5 concentration
green,E,3,1,绿地率,Green space
waste,E,1,1,垃圾回收率,Recycling rate
bus,M,1,1,公共交通分担率,Public transport
toll,M,1,-1,通行费,Tolls
crime,M,2,-1,凶杀率,Homicide rate
"""
#: z-scores cut at a limit, reverse indicators alone in a node, an estimated value.
SAFE = (
    LIVEABLE.replace(
        "bus,M,1,1,公共交通分担率,Public transport", "bus,M,1,-1,交通噪声,Traffic noise"
    )
    .replace("X,2,1", "X,0.5,1")
    .replace("X,1,1,出行,Mobility", "X,0.5,1,治安,Safety")
)
OWN = [(LIVEABLE, {}), (SAFE, {"normalise": "winsor:1.2", "impute": "mean"})]
#: More of them, so that quartiles and correlations are stated.
MORE = [
    "哥本哈根 Copenhagen",
    "斯德哥尔摩 Stockholm",
    "慕尼黑 Munich",
    "都柏林 Dublin",
    "布鲁塞尔 Brussels",
    "巴黎 Paris",
    "布拉格 Prague",
    "华沙 Warsaw",
    "罗马 Rome",
    "马德里 Madrid",
    "雅典 Athens",
    "布达佩斯 Budapest",
]


def made_index(folder, tree, **methods):
    """Return an index of 13 cities of which Helsinki lacks a value, 12 of them known before."""
    (folder / "tree.csv").write_text(tree, encoding="utf-8")
    rows = []
    before = []
    for at, name in enumerate(CITIES):
        chinese, english = name.split()
        codes = {
            "pm": 5 + at * at % 17,
            "green": 70 - 3 * (at * 4 % 13),
            "waste": 20 + 7 * at % 41,
            "bus": 30 + 5 * (at * 5 % 11),
            "toll": 1 + at * 3 % 7,
            "crime": 9.5 - at * 2 % 9,
        }
        values = [*codes.values()]
        if at == 0:
            values[2] = "NA"
        side = "north" if at % 3 else "south"
        rows.append([english.lower(), chinese, english, side, *values])
        if at != 4:
            moved = [
                round(value * (0.8 + at * 7 % 5 / 10), 3) for value in codes.values()
            ]
            before.append([english.lower(), *moved])
    heads = ["unit", "name_zh", "name_en", "Group_region", *codes]
    pd.DataFrame(rows, columns=heads).to_csv(folder / "data.csv", index=False)
    old = pd.DataFrame(before, columns=["unit", *codes])
    old.to_csv(folder / "previous.csv", index=False)
    index = Index(folder / "tree.csv", folder, **methods)
    previous = Index(folder / "tree.csv", old.set_index("unit"), **methods)
    ranks = previous.ranks
    earlier = {
        (unit, code): int(ranks.loc[unit, code])
        for unit in ranks.index
        for code in ranks
    }
    values = {
        (row[0], code): row[at] for row in before for at, code in enumerate(codes, 1)
    }
    return index, IndexTruth(index, earlier=earlier, before=values, previous=previous)


def rolled_index(folder):
    """Return a workbook that was rolled, filled and assessed, what is true of it, and its chapters.

    Of 25 cities one is gone and one is new; three values are missing, one was before.
    """
    random = np.random.default_rng(4)
    codes = ["pm", "green", "waste", "bus", "toll", "crime"]
    base = random.uniform(20, 60, (len(CITIES + MORE), len(codes)))
    base[CITIES.index("奥斯陆 Oslo")] = [15, 75, 75, 75, 15, 15]
    names = [name.split() for name in CITIES + MORE]
    moved = (base * random.normal(1.02, 0.08, base.shape)).round(2)
    gaps = {("Helsinki", "waste"), ("Milan", "bus"), ("Athens", "pm")}
    heads = ["unit", "name_zh", "name_en", "Group_region", *codes]

    def write(name, block, without, gaps):
        rows = [
            [
                english.lower(),
                chinese,
                english,
                "north" if at % 3 else "south",
                *(
                    "NA" if (english, code) in gaps else x
                    for code, x in zip(codes, row, strict=True)
                ),
            ]
            for at, ((chinese, english), row) in enumerate(
                zip(names, block, strict=True)
            )
            if english != without
        ]
        pd.DataFrame(rows, columns=heads).to_csv(folder / name, index=False)

    write("2025.csv", base.round(2), "Vienna", {("Prague", "green")})
    write("2026.csv", moved, "Porto", gaps)
    (folder / "tree.csv").write_text(LIVEABLE, encoding="utf-8")
    (folder / "cities.csv").write_text(
        "id,name_zh,name_en,population,Group_region\nvienna,维也纳,Vienna,main,north\n"
        "porto,波尔图,Porto,,north\n",
        encoding="utf-8",
    )
    for words in (
        "new --framework tree.csv --data 2025.csv -o 2025.xlsx",
        "roll 2025.xlsx --edition 2026 --cities cities.csv -o 2026.xlsx",
        "fill 2026.xlsx --data 2026.csv --in-place",
        "pages 2026.xlsx --add assessment --in-place",
    ):
        files = [str(folder / word) if "." in word else word for word in words.split()]
        assert main(files) == 0
    book = Workbook.open(folder / "2026.xlsx")
    assessment = book.index.assess(n=200, seed=1)
    book.store(assessment)
    counts = assessment.uncertainty.counts.ranks
    simulated = {
        unit.id: np.repeat(np.arange(len(row)), row)
        for unit, row in zip(assessment.plan.dataset.units, counts, strict=True)
    }
    previous = Index(folder / "tree.csv", folder / "2025.csv")
    ranks = previous.ranks
    old = pd.read_csv(folder / "2025.csv").set_index("unit")[codes]
    truth = IndexTruth(
        book.index,
        earlier={
            (u, code): int(ranks.loc[u, code]) for u in ranks.index for code in ranks
        },
        before={
            (u, c): float(old.loc[u, c])
            for u in old.index
            for c in codes
            if np.isfinite(old.loc[u, c])
        },
        previous=previous,
        simulated=pd.DataFrame(simulated).replace(0, np.nan),
    )
    source = book.source()
    return source, truth, [*written(source, folder)]


def written(source, folder):
    """Yield the chapter and the profiles in both languages, without their figures."""
    options = ReportOptions(LANGUAGES, ["chapter", "profiles"], annex=True)
    maker = ReportMaker(source, options)
    maker.shown = [n for n in maker.shown if isinstance(maker.content(n), ReportTable)]
    for file in maker.make().files:
        path = folder / file.file
        path.write_bytes(file.content)
        yield path


def checked_document(truth: IndexTruth, path: Path) -> Checked:
    """Return what is judged of a document, its statements and its tables."""
    claims = ChapterClaims(truth, path.suffixes[0].removeprefix("."))
    checked = claims.check(path)
    checked += claims.check_tables(path)
    return checked


def judged(
    source: ReportSource, truth: IndexTruth, chapters: Iterable[Path]
) -> Checked:
    """Return what is judged of documents, and of the titles of all figures of their index."""
    checked = Checked()
    for path in chapters:
        checked += checked_document(truth, path)
    readers = {lang: ChapterClaims(truth, lang) for lang in LANGUAGES}
    for name, item in report_items(source).items():
        if isinstance(figure := item.make(), Figure):
            for lang, claims in readers.items():
                checked += claims.check_title(name, figure.title.text(lang))
    return checked


#: What draws statements by chance, and how many of them.
SEED = 70
DRAWN = 200
#: The reports whose chapters are judged, and the indices of one's own, by how they are made.
REPORTS = ("bri2021", "vitality2014", "iecc2024", "image2025", "gihi2023")
OWN_INDICES = ("own-relative", "own-z-scores", "own-rolled")


class Written(NamedTuple):
    """An index with what is true of it, and the documents about it."""

    source: ReportSource
    truth: IndexTruth
    paths: Sequence[Path]


class Judged(NamedTuple):
    """What was judged of one document: its index, its name with its language, and the outcome."""

    index: str
    document: str
    checked: Checked


def written_index(name: str, folder: Path) -> Written:
    """Return a report or an index of one's own with its chapters, written to a folder."""
    if name == "own-rolled":
        return Written(*rolled_index(folder))
    if name in OWN_INDICES:
        tree, methods = OWN[OWN_INDICES.index(name)]
        index, truth = made_index(folder, tree, **methods)
    else:
        report = load_report(name)
        index = Index(report)
        truth = IndexTruth(index, report)
    source = index.source()
    return Written(source, truth, [*written(source, folder)])


def judged_documents(name: str, folder: Path) -> Iterator[Judged]:
    """Yield what is judged of each document of a report or an index of one's own."""
    made = written_index(name, folder)
    for path in made.paths:
        yield Judged(name, path.stem, checked_document(made.truth, path))


def drawn(documents: Iterable[Judged]) -> list[tuple[Judged, Said]]:
    """Return statements that are drawn by chance from all that were judged, in their order."""
    every = [(one, said) for one in documents for said in one.checked.said]
    places = random.Random(SEED).sample(range(len(every)), min(DRAWN, len(every)))
    return [every[place] for place in sorted(places)]


#: Headings of the summary -> what they count.
COUNTS: dict[str, Callable[[Checked], int]] = {
    "statements": lambda c: len(c.said),
    "false": lambda c: len(c.false),
    "unread": lambda c: len(c.unread),
    "bounds": lambda c: sum(said.bounds for said in c.said),
    "distances": lambda c: sum(said.distances for said in c.said),
    "in tables": lambda c: sum(n for kind, n in c.read.items() if "in a table" in kind),
    "tables apart": lambda c: len(c.apart),
}


def summary(documents: Sequence[Judged]) -> str:
    """Return the counts of each document, and of all of them, as a table."""
    every = Checked()
    for one in documents:
        every += one.checked
    rows = [*documents, Judged("all", "", every)]
    lines = [f"{'':13} {'':12}" + "".join(f"{head:>13}" for head in COUNTS)]
    for one in rows:
        counts = "".join(f"{count(one.checked):13,}" for count in COUNTS.values())
        lines.append(f"{one.index:13} {one.document:12}{counts}")
    return "\n".join(lines)


def judge(names: Sequence[str]) -> list[Judged]:
    """Return what is judged of all documents of some reports and indices of one's own."""
    documents: list[Judged] = []
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            documents += judged_documents(name, Path(folder))
    return documents


def program() -> int:
    """Print the summary, what is false or unread, the tables apart, and statements by chance."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=[*REPORTS, *OWN_INDICES])
    parser.add_argument(
        "--draw", action="store_true", help="print statements by chance"
    )
    parser.add_argument("--apart", action="store_true", help="print tables not judged")
    chosen = parser.parse_args()
    documents = judge(chosen.names)
    print(summary(documents))
    for one in documents:
        where = f"{one.index} {one.document}"
        for text in one.checked.false:
            print(f"false: {where}: {text}")
        for text in one.checked.unread:
            print(f"unread: {where}: {text}")
        for text in one.checked.apart if chosen.apart else ():
            print(f"apart: {where}: {text}")
    for one, said in drawn(documents) if chosen.draw else ():
        verdict = said.problem or "true"
        print(f"{one.index}\t{one.document}\t{said.heading}\t{said.text}\t{verdict}")
    return int(any(one.checked.false or one.checked.unread for one in documents))


if __name__ == "__main__":
    sys.exit(program())
