"""Whatever people do to workbooks, in whatever order: all they typed is there, or is listed.

A machine types values, formulas, notes and columns, formats cells, adds rules and sheets, sorts,
inserts and cuts, and sends the workbook through the verbs. After each verb everything that stood in
the workbook stands where its city and indicator are now, or on the sheet of leftovers.
"""

import contextlib
import functools
import io
import json
import random
import tempfile
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.helpers.desk import LATER as LATER_EDITS
from tests.helpers.desk import LOG, PAGES, SHEETS, Desk, standing
from xlcity.cli import main

CITIES = ("a0", "b1", "c2", "d3", "e4")
CODES = ("A1", "A2", "B1", "B2")
LONG = 300
#: From this seed on people also type sources, exceptions and names, and three copies are merged.
LATER = 5000
#: From this seed on they also set tabs, panes and filters.
SHEETS_TOO = 7000
#: From this seed on they set up pages, groups of rows, turned and framed cells.
PAGES_TOO = 9000
#: From this seed on pages on demand come and go.
ON_DEMAND_TOO = 11000
ON_DEMAND = {
    "intake": "Intake",
    "review": "Review",
    "whatif": "WhatIf",
    "statistics": "Statistics",
}


class NoIndexError(Exception):
    """Weights of 0 all round were typed, or there is no value: a verb that needs scores says so."""


def verb(*words: object) -> dict:
    """Run a verb; return its document."""
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
        code = main([*map(str, words), "--json"])
    out.seek(0)
    document = json.loads(out.read())
    if {error["code"] for error in document.get("errors", ())} in (
        {"XC211"},
        {"XC446"},
    ):
        raise NoIndexError
    assert code in (0, 1), (words, document)
    return document


def tables(folder: Path, codes: tuple[str, ...] = CODES) -> None:
    nodes = [
        "code,parent,weight,direction,name_en",
        "X,,1,1,Index",
        "A,X,1,1,One",
        "B,X,1,1,Two",
    ]
    nodes += [f"{code},{code[0]},1,1,Indicator {code}" for code in codes]
    (folder / "fw.csv").write_text("\n".join(nodes) + "\n")
    rows = [
        f"{city},{','.join(str(10 * i + j) for j in range(len(codes)))}"
        for i, city in enumerate(CITIES, 1)
    ]
    (folder / "data.csv").write_text(
        "\n".join(["unit," + ",".join(codes), *rows]) + "\n"
    )


@functools.cache
def template() -> bytes:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tables(folder)
        verb(
            "new",
            "--framework",
            folder / "fw.csv",
            "--data",
            folder / "data.csv",
            "--no-udf",
            "--pages",
            "review",
            "-o",
            folder / "own.xlsx",
        )
        return (folder / "own.xlsx").read_bytes()


class Sequence:
    """One sequence of edits and verbs."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.rng = random.Random(seed)
        self.folder = folder
        self.later = seed >= LATER
        self.without = frozenset() if self.later else LATER_EDITS
        self.without |= frozenset() if seed >= SHEETS_TOO else SHEETS
        self.without |= frozenset() if seed >= PAGES_TOO else PAGES
        self.book = folder / "book0.xlsx"
        self.book.write_bytes(template())
        self.names = [
            "fill",
            "merge",
            "rebuild",
            "rebuild_more",
            "rebuild_less",
            "roll",
            "release",
            "export",
            "diff",
        ]
        if seed >= ON_DEMAND_TOO:
            self.names += ["pages"] * 5
        self.number = 0
        self.step = 0
        self.story: list[str] = []

    def run(self, edits: int, verbs: int) -> None:
        for _ in range(verbs):
            self.step += 1
            before = self.book
            content = self.book.read_bytes()
            self.edit(self.book, self.rng.randrange(1, edits + 1))
            name = self.rng.choice(self.names)
            self.story.append(name)
            try:
                getattr(self, name)()
            except NoIndexError:
                # The person takes the last edits back and goes on.
                self.book = before
                self.book.write_bytes(content)

    def edit(self, path: Path, times: int) -> None:
        desk = Desk(path.read_bytes(), self.rng, self.number, self.without)
        for _ in range(times):
            desk.edit()
        desk.save(path)
        self.number = desk.number
        self.story += desk.done

    def new(self) -> Path:
        return self.folder / f"book{self.step}.xlsx"

    # -- verbs ---------------------------------------------------------------------------------
    def fill(self) -> None:
        before = standing(self.book)
        units = [unit for kind, unit, code in [k for k in before if k[0] == "value"]]
        if not units:
            return  # every city was cut
        unit = self.rng.choice(units)
        code = self.rng.choice(sorted(before.codes))
        value = 1000.5 + self.step
        (self.folder / "more.csv").write_text(f"unit,{code}\n{unit},{value}\n")
        before.pop(("value", unit, code), None)
        if str(before.pop(("entry", unit, code), "")).startswith("="):
            # A formula is not written over.
            return
        verb("fill", self.book, "--data", self.folder / "more.csv", "-o", self.new())
        self.book = self.new()
        self.hold(before | {("value", unit, code): value})

    def diff(self) -> None:
        """Log what was edited since the last verb, and what is edited after that."""
        for _ in range(2):
            base = self.folder / "base.xlsx"
            base.write_bytes(self.book.read_bytes())
            self.edit(self.book, 3)
            before = standing(self.book)
            old = standing(base)
            verb("diff", base, self.book, "--into", self.book, "--who", "Li")
            self.hold(before)
            logged = {
                key[2:4]: key[5:7] for key in standing(self.book) if key[0] == "logged"
            }
            for key, value in before.items():
                if key[0] == "value" and key in old and old[key] != value:
                    told = logged[key[1:]]
                    assert [*map(float, told)] == [old[key], value], (
                        self.story,
                        key,
                        told,
                    )

    def rebuild(self) -> None:
        before = standing(self.book)
        verb("rebuild", self.book, "-o", self.new())
        self.book = self.new()
        self.hold(before)

    def pages(self) -> None:
        before = standing(self.book)
        page = self.rng.choice(sorted(ON_DEMAND))
        there = ON_DEMAND[page] in load_workbook(self.book, read_only=True).sheetnames
        verb(
            "pages", self.book, "--remove" if there else "--add", page, "-o", self.new()
        )
        self.book = self.new()
        self.hold(before)

    def rebuild_more(self) -> None:
        before = standing(self.book)
        codes = {code for kind, *rest in before if kind == "value" for code in rest[1:]}
        tables(self.folder, tuple(sorted({*codes, *CODES, f"A{3 + self.step}"})))
        more = f"z{self.step}"
        (self.folder / "cities.csv").write_text(f"id,name_en\n{more},New {more}\n")
        verb(
            "rebuild",
            self.book,
            "-o",
            self.new(),
            "--framework",
            self.folder / "fw.csv",
            "--cities",
            self.folder / "cities.csv",
        )
        self.book = self.new()
        # The framework given says what weights are.
        self.hold({k: v for k, v in before.items() if k[0] != "weight"})

    def rebuild_less(self) -> None:
        before = standing(self.book)
        codes = {code for kind, *rest in before if kind == "value" for code in rest[1:]}
        tables(self.folder, tuple(sorted(({*codes, *CODES}) - {"B2"})))
        verb(
            "rebuild",
            self.book,
            "-o",
            self.new(),
            "--framework",
            self.folder / "fw.csv",
        )
        self.book = self.new()
        self.hold({k: v for k, v in before.items() if k[0] != "weight"})

    def merge(self) -> None:
        base = self.folder / "base.xlsx"
        base.write_bytes(self.book.read_bytes())
        copies = []
        for name in ("left", "right", "middle")[: 3 if self.later else 2]:
            copy = self.folder / f"{name}.xlsx"
            copy.write_bytes(base.read_bytes())
            self.edit(copy, self.rng.randrange(1, 4))
            copies.append(copy)
        before = standing(base)
        document = verb("merge", base, *copies, "-o", self.new())
        self.book = self.new()
        disputed = json.dumps(document["conflicts"], ensure_ascii=False)
        every = [standing(copy) for copy in copies]
        for stands in every:
            # What one hand left as it was, another one may have changed.
            own = {k: v for k, v in stands.items() if before.get(k) != v}
            # After sorting, an old formula of one's own sheet or an old name reads other cities.
            own = {
                k: v
                for k, v in own.items()
                if k[0] not in ("reads", "sums", "name") or k not in before
            }
            # Each copy has its order of tabs.
            own.pop(("order",), None)
            for key, value in own.items():
                if isinstance(value, frozenset) and key in before:
                    # Where the workbook has a rule it stays: after sorting or inserting rows in a
                    # copy other cities stand under it, and another hand may have taken it from one.
                    taken = frozenset().union(
                        *(before[key] - s.get(key, set()) for s in every)
                    )
                    own[key] = value & before[key] - taken
            self.hold(own, disputed)

    def roll(self) -> None:
        before = standing(self.book)
        kept = {
            k: v for k, v in before.items() if k[0] not in ("value", "reads", "sums")
        }
        verb("roll", self.book, "--edition", f"20{30 + self.step}", "-o", self.new())
        self.book = self.new()
        self.hold(kept)

    def release(self) -> None:
        before = standing(self.book)
        fresh = self.folder / "fresh.xlsx"
        verb("recalc", self.book, "-o", fresh)
        document = verb("release", fresh, "-o", self.folder / "public.xlsx")
        said = "\n".join(" | ".join(line.values()) for line in document["left_out"])
        # Names of cities are public.
        public = load_workbook(self.folder / "public.xlsx")["Ranking"]
        said += "\n".join(
            str(c.value) for row in public.iter_rows() for c in row if c.value
        )
        for key, value in before.items():
            # Values, and words for them, are what a public workbook has not.
            beside = (
                key[0] not in ("value", "reads", "sums", "weight", "order")
                and value != "缺"
            )
            # The tables of sources and of other names stay with the team as they are.
            beside = beside and value not in (("Sources",), ("Cities",))
            assert not beside or self.told(key, value, said), (self.story, key, value)

    def export(self) -> None:
        before = standing(self.book)
        folder = self.folder / f"tables{self.step}"
        verb("export", self.book, "-o", folder)
        said = "\n".join(
            path.read_text().replace('""', '"') for path in folder.iterdir()
        )
        for key, value in before.items():
            # A word for a value stands in data.csv, where `new` reads it.
            if (
                key[0] not in ("value", "reads", "sums", "weight", "order")
                and value != "缺"
            ):
                assert self.told(key, value, said), (self.story, key, value)
        again = self.folder / f"again{self.step}.xlsx"
        verb(
            "new",
            "--framework",
            folder,
            "--data",
            folder,
            "--recipe",
            folder / "recipe.toml",
            "--no-udf",
            "-o",
            again,
        )
        there = standing(again)
        for key, value in before.items():
            if key[0] == "value":
                assert there.get(key) == value, (self.story, key, value, there.get(key))

    # -- judged --------------------------------------------------------------------------------
    def hold(self, before: dict, disputed: str = "") -> None:
        """Hold the workbook to what stood there before."""
        after = standing(self.book)
        left = after.left
        for key, value in before.items():
            found = after.get(key)
            if found == value or self.told(key, value, left + disputed):
                continue
            if (
                key[0] in ("reads", "sums")
                and "#REF!" in str(found)
                and self.told(("page", key[1]), "", left)
            ):
                # The cell that it read is gone; the sheet and the address are listed.
                continue
            if isinstance(value, frozenset) and found is not None and value <= found:
                # New cities and rows between others are covered as well.
                continue
            if isinstance(value, frozenset) and found is not None:
                lost = {pair for pair in value - found if pair[1] in after.codes}
                if not lost:
                    continue
            raise AssertionError((self.story, key, value, found, left))

    @staticmethod
    def told(key: tuple, value: object, text: str) -> bool:
        """Tell whether a list of leftovers has something."""
        kind, *about = key
        lines = text.splitlines()

        def line(*words: object) -> bool:
            return any(all(str(word) in one for word in words) for one in lines)

        if kind == "value":
            return line(*about, f"{value:.15g}")
        if kind == "text" and value[0].startswith("tok"):
            # On a sheet of one's own, which is named as a whole.
            return line(value[0])
        if kind == "text" and value[0] == LOG:
            return line(*about) or line("page", LOG)
        if kind in ("text", "comment", "page", "name", "rule", "check"):
            return line(about[0].split(" 表")[0])
        if kind == "entry":
            return line(*about, value)
        if kind == "points":
            return True
        if kind == "remark":
            return line(about[0], value[2] or "")
        if kind == "logged":
            parts = [part for part in about if part != "None"]
            return line(*parts) or line("page", LOG)
        if kind in ("number", "fill", "font"):
            return line(about[1], value[0] if kind == "font" else value)
        if kind == "tab":
            return line(*about, value)
        if kind in ("header", "zoom", "margins", "protection"):
            return line(
                *about, kind, str(value).rstrip("0") if kind == "margins" else value
            )
        if kind in ("turned", "frame"):
            return line(about[1], value)
        if kind == "group":
            return line(about[0], "group level")
        if kind in ("panes", "filter"):
            return line("Data", {"panes": "frozen panes"}.get(kind, kind))
        if kind == "hidden":
            return line(about[0], "hidden")
        return line(value) if isinstance(value, str) else False


#: 1048: a text that got under the heading of another column.
@pytest.mark.slow
@pytest.mark.parametrize(
    "seed",
    [
        0,
        *(
            pytest.param(seed, marks=pytest.mark.slow)
            for seed in (1048, LATER, PAGES_TOO, ON_DEMAND_TOO)
        ),
    ],
)
def test_nothing_typed_is_lost(tmp_path, seed):
    Sequence(seed, tmp_path).run(edits=8, verbs=1)


@pytest.mark.long
@pytest.mark.parametrize(
    "seed",
    [
        *range(1000, 1000 + LONG),
        *range(LATER, LATER + LONG),
        *range(SHEETS_TOO, SHEETS_TOO + LONG),
        *range(PAGES_TOO, PAGES_TOO + LONG),
        *range(ON_DEMAND_TOO, ON_DEMAND_TOO + LONG),
    ],
)
def test_nothing_typed_is_lost_in_long_sequences(tmp_path, seed):
    Sequence(seed, tmp_path).run(edits=8, verbs=1 + (seed % 3 == 0))


@pytest.mark.long
@pytest.mark.parametrize(
    "seed", [*range(LATER + 1000, LATER + 1003), SHEETS_TOO + 1000, PAGES_TOO + 1000]
)
def test_nothing_typed_is_lost_over_many_editions(tmp_path, seed):
    """Two hundred steps, more or less."""
    Sequence(seed, tmp_path).run(edits=8, verbs=25)
