"""Random frameworks with random methods and data, through `new`, `recalc`, `check` and `index`.

Each is written twice: as it was drawn, and with the rows and columns of framework and data
shuffled. Scores and ranks of both must agree with each other and with the cells of the workbook.

Run as a script it tries many: `python -m tests.helpers.random_frameworks 0 1000`.
"""

import contextlib
import csv
import io
import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from xlcity.cli import main

#: How far two numbers may be apart, relative to the larger of 1 and themselves.
TOLERANCE = 1e-9
#: Codes of "templates cannot show this", which `index` computes all the same.
UNSUPPORTED = {"XC257", "XC258", "XC259"}
#: Checks that must be there, whatever they say.
NEEDED = ("contract", "stale", "udf-native", "python-native")


@dataclass
class Drawn:
    """A framework, a recipe in words or as TOML, and data."""

    seed: int
    nodes: list[dict[str, str]]
    units: list[str]
    columns: dict[str, list[str]]
    words: list[str] = field(default_factory=list)
    recipe: str = ""

    def write(self, folder: Path, shuffled: random.Random | None = None) -> list[str]:
        """Write the tables; return the words of a verb that reads them."""
        folder.mkdir(parents=True, exist_ok=True)
        nodes = list(self.nodes)
        heads = list(self.columns)
        order = list(range(len(self.units)))
        if shuffled is not None:
            for one in (nodes, heads, order):
                shuffled.shuffle(one)
        fields = list(dict.fromkeys(name for node in nodes for name in node))
        with (folder / "framework.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, fields, restval="")
            writer.writeheader()
            writer.writerows(nodes)
        with (folder / "data.csv").open("w", newline="", encoding="utf-8") as file:
            rows = csv.writer(file)
            rows.writerow(["unit", *heads])
            rows.writerows(
                [self.units[at], *(self.columns[c][at] for c in heads)] for at in order
            )
        words = [
            f"--framework={folder / 'framework.csv'}",
            f"--data={folder / 'data.csv'}",
        ]
        if self.recipe:
            (folder / "recipe.toml").write_text(self.recipe, encoding="utf-8")
            words.append(f"--recipe={folder / 'recipe.toml'}")
        return [*words, *self.words]


# -- drawing -------------------------------------------------------------------------------------
def draw(seed: int, most_units: int = 30, most_leaves: int = 10) -> Drawn:
    """Draw one framework; the same seed gives the same one."""
    rng = random.Random(seed)
    nodes = _tree(rng, most_leaves)
    parents = {node["parent"] for node in nodes}
    leaves = [node["code"] for node in nodes if node["code"] not in parents]
    composites = [node["code"] for node in nodes if node["code"] in parents]
    size = rng.choice([3, 3, 4, 5, 6, 8, 12, rng.randint(3, most_units)])
    units = [f"u{at:02d}" for at in range(min(size, most_units))]
    drawn = Drawn(seed, nodes, units, _data(rng, leaves, len(units)))
    _weights(rng, nodes)
    for node in nodes:
        if node["code"] in leaves:
            node["direction"] = rng.choice(["1", "1", "1", "-1"])
    if rng.random() < 0.25:
        _denominators(rng, drawn, leaves)
    drawn.columns["Group_size"] = [
        rng.choice(["small", "large", "large", ""]) for _ in units
    ]
    if rng.random() < 0.65:
        drawn.words = _words(rng, leaves, composites, units)
    else:
        drawn.recipe = _recipe(rng, leaves, composites)
    return drawn


def _tree(rng: random.Random, most_leaves: int) -> list[dict[str, str]]:
    deepest = rng.choice([1, 2, 2, 3, 3, 4])
    nodes = [{"code": "T", "parent": ""}]
    open_nodes = [("T", 0)]
    leaves = 0
    while open_nodes:
        code, depth = open_nodes.pop(0)
        wide = (
            rng.choice([1, 2, 2, 3, 3, 4])
            if depth or deepest > 1
            else rng.randint(1, 6)
        )
        for at in range(wide):
            name = f"{'' if code == 'T' else code}{'ABCDEF'[at]}{depth + 1}"
            nodes.append({"code": name, "parent": code})
            inner = depth + 1 < deepest and leaves + len(open_nodes) < most_leaves
            if inner and rng.random() < 0.6:
                open_nodes.append((name, depth + 1))
            else:
                leaves += 1
    return nodes


def _weights(rng: random.Random, nodes: list[dict[str, str]]) -> None:
    kind = rng.choice(["equal", "random", "random", "zeros"])
    for node in nodes:
        node["weight"] = (
            "1" if kind == "equal" else rng.choice(["1", "2", "0.3", "1/3", "7"])
        )
    if kind == "zeros" and len(nodes) > 3:
        siblings = [node for node in nodes if node["parent"] == nodes[-1]["parent"]]
        if len(siblings) > 1:
            siblings[-1]["weight"] = "0"


def _data(rng: random.Random, leaves: list[str], size: int) -> dict[str, list[str]]:
    gaps = rng.choice([0.0, 0.0, 0.05, 0.3])
    kinds = rng.choice([("normal",), ("normal", "skewed", "whole"), _KINDS, _KINDS])
    columns: dict[str, list[float | None]] = {}
    for code in leaves:
        columns[code] = _column(rng, rng.choice(kinds), size, list(columns.values()))
        for at in range(size):
            if rng.random() < gaps:
                columns[code][at] = None
    if gaps and rng.random() < 0.15:
        lost = rng.randrange(size)
        for column in columns.values():
            column[lost] = None
    missing = rng.choice(["NA", "NA", ""])
    return {
        code: [missing if value is None else repr(value) for value in column]
        for code, column in columns.items()
    }


_KINDS = (
    *(
        "normal",
        "normal",
        "skewed",
        "whole",
        "whole",
        "zeros",
        "large",
        "small",
        "signed",
    ),
    *(
        "constant",
        "empty",
        "lonely",
        "pair",
        "proportional",
        "shifted",
        "outlier",
        "zero",
    ),
)


def _column(
    rng: random.Random, kind: str, size: int, before: list[list[float | None]]
) -> list[float | None]:
    def each(make) -> list[float | None]:
        return [make() for _ in range(size)]

    if kind in ("proportional", "shifted") and before:
        factor = rng.choice([2.0, 0.1, 1 / 3, 7.0])
        shift = 0.0 if kind == "proportional" else 5.5
        return [None if x is None else x * factor + shift for x in rng.choice(before)]
    if kind == "skewed":
        return each(lambda: round(rng.lognormvariate(3, 1.5), 3))
    if kind == "whole":
        return each(lambda: float(rng.randint(1, 5)))
    if kind == "zeros":
        return each(lambda: float(rng.choice([0, 0, rng.randint(1, 90)])))
    if kind == "large":
        return each(lambda: float(rng.randint(10**8, 10**10)))
    if kind == "small":
        return each(lambda: rng.uniform(1e-5, 1e-3))
    if kind == "signed":
        return each(lambda: round(rng.gauss(0, 10), 2))
    if kind == "constant":
        value = rng.choice([4.0, 0.1, 37.7])
        return each(lambda: value)
    if kind == "zero":
        return each(lambda: 0.0)
    if kind == "empty":
        return each(lambda: None)
    if kind in ("lonely", "pair"):
        found: list[float | None] = [None] * size
        for at in rng.sample(range(size), 1 if kind == "lonely" else 2):
            found[at] = round(rng.uniform(1, 50), 1)
        return found
    if kind == "outlier":
        column = each(lambda: round(rng.gauss(50, 5), 1))
        column[rng.randrange(size)] = 9000.0
        return column
    return each(lambda: round(rng.gauss(50, 8), rng.choice([1, 6])))


def _denominators(rng: random.Random, drawn: Drawn, leaves: list[str]) -> None:
    """Divide some indicators by a variable whose name tables use for a description, too."""
    name = rng.choice(["Population", "Area", "Notes", "GDP"])
    for node in drawn.nodes:
        node["type"] = "Indicator" if node["code"] in leaves else "Aggregate"
        if node["code"] in leaves and rng.random() < 0.6:
            node["denominator"] = name
    drawn.nodes.append({"code": name, "parent": "", "type": "Denominator"})
    size = len(drawn.units)
    drawn.columns[name] = [repr(round(rng.uniform(1, 900), 2)) for _ in range(size)]


# -- methods in words ----------------------------------------------------------------------------
def _normalise(rng: random.Random, units: list[str]) -> str:
    return rng.choice(
        [
            *(
                "minmax",
                "minmax:1:100",
                "zscore",
                "zscore:100:15",
                "winsor:1.96",
                "winsor:1",
            ),
            *(
                "goalposts:20:80",
                "rank",
                "percentile",
                "percentile:100",
                "borda",
                "borda:1",
            ),
            *(
                "dist2max",
                f"dist2ref:{rng.choice(units)}",
                "fracmax",
                "efficacy",
                "efficacy:30",
            ),
            *("rating:100", "above_mean:0.1", "none", "minmax"),
        ]
    )


def _treat(rng: random.Random) -> str:
    return rng.choice(
        [
            *(
                "winsor",
                "winsor:2",
                "winsor_log",
                "log:ct",
                "log:gii",
                "log:ln1p",
                "log_skewed",
            ),
            *(
                "boxcox",
                "boxcox:0.5",
                "percentile:5:95",
                "percentile:10:90",
                "clip:2",
                "none",
            ),
        ]
    )


def _impute(rng: random.Random) -> str:
    return rng.choice(
        [
            *("mean", "median", "group_mean:Group_size", "group_median:Group_size"),
            *("dimension", "dimension", "dimension"),
        ]
    )


def _weigh(rng: random.Random) -> str:
    return rng.choice(["equal", "given", "pca", "entropy", "critic", "cv", "balance"])


def _mean(rng: random.Random) -> str:
    return rng.choice(
        [
            *("arithmetic", "geometric", "harmonic", "power:2", "power:0.5", "minimum"),
            *("mpi", "mpi:plus", "copeland", "sum", "arithmetic"),
        ]
    )


def _words(
    rng: random.Random, leaves: list[str], composites: list[str], units: list[str]
) -> list[str]:
    found = ["--denominate=given"] if rng.random() < 0.9 else []
    if rng.random() < 0.85:
        found.append(f"--normalise={_normalise(rng, units)}")
    for _ in range(rng.choice([0, 0, 1, 2])):
        found.append(f"--normalise={rng.choice(leaves)}={_normalise(rng, units)}")
    if rng.random() < 0.35:
        found.append(f"--treat={_treat(rng)}")
    if rng.random() < 0.2:
        found.append(f"--treat={rng.choice(leaves)}={_treat(rng)}")
    if rng.random() < 0.5:
        found.append(f"--impute={_impute(rng)}")
    if rng.random() < 0.35:
        found.append(f"--weights={_weigh(rng)}")
    if rng.random() < 0.15:
        found.append(f"--weights={rng.choice(composites)}={_weigh(rng)}")
    if rng.random() < 0.6:
        found.append(f"--aggregate={_mean(rng)}")
    if rng.random() < 0.2:
        found.append(f"--aggregate={rng.choice(composites)}={_mean(rng)}")
    # Mazziotta and Pareto subtract: of scores of 3e9 and 35 they leave 70, mostly rounding.
    if any(word.endswith(("rating:100", "normalise=none")) for word in found):
        found = [
            word.replace("mpi", "arithmetic").removesuffix(":plus") for word in found
        ]
    return found


# -- methods as a recipe -------------------------------------------------------------------------
def _recipe(rng: random.Random, leaves: list[str], composites: list[str]) -> str:
    blank = rng.choice(["missing", "missing", "draft"])
    lines = [
        "version = 2",
        'id = "drawn"',
        'weights = "relative"',
        f'blank = "{blank}"',
    ]

    def step(do: str, method: str, **params: object) -> None:
        lines.extend(["", "[[step]]", f'do = "{do}"', f'method = "{method}"'])
        lines.extend(f"{name} = {json.dumps(value)}" for name, value in params.items())

    if rng.random() < 0.15:
        step("screen", "availability", data=rng.choice([0.3, 0.5, 0.7]))
    if rng.random() < 0.2:
        step("impute_raw", rng.choice(["mean", "median"]))
    family = rng.choice(["scale", "scale", "zscore", "zscore", "rank", "general"])
    if family == "scale":
        more = rng.choice(
            [{}, {"lower": 0}, {"constant": 50}, {"bounds": "max"}, {"floor": 0}]
        )
        step("normalise", "minmax", scale=rng.choice([1, 100]), **more)
    elif family == "zscore":
        more = rng.choice([{}, {}, {"again": "yes"}])
        step(
            "normalise",
            "zscore",
            clip=rng.choice([0, 1, 1.96]),
            ddof=rng.choice([0, 1]),
            **more,
        )
    elif family == "rank":
        ties = rng.choice(["min", "average", "max"])
        missing = rng.choice(["na", "lowest"])
        step("normalise", "rank", ties=ties, missing=missing)
    elif rng.random() < 0.5:
        step("normalise", "zscore", mean=50, sd=10, ddof=rng.choice([0, 1]))
    else:
        step(
            "normalise",
            "bands",
            cuts=[20, 40, 60, 80],
            by=rng.choice(["value", "percentile"]),
        )
    if rng.random() < 0.4:
        step("impute_scores", "dimension_mean", level=rng.choice(["parent", "pillar"]))
    if rng.random() < 0.2:
        step("weight", rng.choice(["pca", "entropy", "critic", "cv", "equal"]))
    method = rng.choice(
        ["arithmetic", "arithmetic", "arithmetic", "geometric", "harmonic"]
    )
    missing = rng.choice(["na", "renormalise", "renormalise"])
    if method == "arithmetic":
        missing = rng.choice(["na", "renormalise", "zero", "refuse"])
    more = rng.choice([{}, {}, {"threshold": 0.5}, {"weights": "leaves"}])
    rescales = rng.choice(["", "", "", "efficacy", "minmax", "zscore", "linear"])
    if rescales and rng.random() < 0.4:
        more["children"] = "scores"
    step("aggregate", method, missing=missing, **more)
    if rescales:
        overall = rng.choice(["mean_of_scaled", "scaled", "unscaled"])
        step("rescale", rescales, overall=overall)
    step("rank", "competition", digits=9)
    return "\n".join(lines) + "\n"


# -- trying --------------------------------------------------------------------------------------
def run(*words: object) -> tuple[int, dict]:
    """Run a verb in this process; return its exit code and document."""
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
        code = main([*map(str, words), "--json"])
        out.flush()
    return code, json.loads(out.buffer.getvalue() or b"{}")


def problems_of(
    drawn: Drawn, folder: Path, seen: Counter | None = None
) -> Iterator[str]:
    """Yield what does not agree; `seen` counts how far frameworks came."""
    seen = Counter() if seen is None else seen
    plain = drawn.write(folder / "plain")
    turned = drawn.write(folder / "turned", random.Random(drawn.seed))
    (code, first), (other, second) = run("index", *plain), run("index", *turned)
    seen[f"index {code}"] += 1
    if code != other:
        yield f"index: exit {code}, shuffled {other}"
    if code == 3:
        if (a := _errors(first)) != (b := _errors(second)):
            yield f"index refuses {a}, shuffled {b}"
        if any(error == "XC999" for error, _ in _errors(first)):
            yield f"index breaks down: {first}"
    else:
        yield from _differences("order", first, second)
        if (a := _failures(first)) != (b := _failures(second)):
            yield f"index fails {a}, shuffled {b}"
    book = folder / "book.xlsx"
    made, document = run("new", *turned, "-o", book)
    if made not in (0, 1) or not book.exists():
        refused = _errors(document)
        seen[f"new {made} {' '.join(sorted({c for c, _ in refused}))}"] += 1
        if code != 3 and not {c for c, _ in refused} <= UNSUPPORTED:
            yield f"index computes what new refuses: {document}"
        return
    seen[f"new {made}"] += 1
    if code == 3:
        yield f"new makes what index refuses: {first}"
        return
    yield from _book(book, folder, first, document)


def _book(book: Path, folder: Path, index: dict, made: dict) -> Iterator[str]:
    for check in made["routes"]:
        if check["status"] == "fail":
            yield f"new {check['name']}: {check['detail']}"
    _, stored = run("results", book)
    yield from _differences("book", index, stored)
    _, done = run("recalc", book, "-o", folder / "again.xlsx")
    entry = done["workbooks"][0]
    if entry["status"] != "ok":
        yield f"recalc: {entry}"
    again = folder / "again.xlsx"
    if again.exists() and again.read_bytes() != book.read_bytes():
        yield "recalc changes a new workbook"
    _, checked = run("check", again if again.exists() else book)
    if "workbooks" not in checked:
        yield f"check: {checked}"
        return
    checks = {check["name"]: check for check in checked["workbooks"][0]["checks"]}
    for name, check in checks.items():
        # What the index cannot compute is red on the sheet as well.
        of_data = (
            name.startswith("sheet:")
            and name != "sheet:udf-native"
            and index["failures"]
        )
        if check["status"] == "fail" and not of_data:
            yield f"check {name}: {check['detail']} {check['cells'][:4]}"
    for name in NEEDED:
        if name not in checks:
            yield f"check {name} is absent"


def _errors(document: dict) -> set[tuple[str, str]]:
    errors = document.get("errors", ())
    return {(error["code"], error["where"].get("indicator") or "") for error in errors}


def _failures(document: dict) -> set[tuple[str, str, str]]:
    return {
        (f["code"], f["where"].get("indicator") or "", f["where"].get("unit") or "")
        for f in document.get("failures", ())
    }


def _differences(what: str, one: dict, two: dict) -> Iterator[str]:
    """Yield where scores, normalised values and ranks of the same city are not the same."""
    units = {unit["unit"]: unit for unit in two["units"]}
    found = []
    if {unit["unit"] for unit in one["units"]} != set(units):
        yield f"{what}: other cities"
        return
    for unit in one["units"]:
        for kind in ("scores", "normalised", "ranks"):
            mine = unit[kind]
            theirs = units[unit["unit"]][kind]
            for node in mine.keys() | theirs.keys():
                a = mine.get(node)
                b = theirs.get(node)
                if not _same(a, b):
                    found.append(f"{kind} {unit['unit']} {node}: {a} {b}")
    if found:
        yield f"{what}: {len(found)} differ: {'; '.join(found[:3])}"


def _same(a: object, b: object) -> bool:
    if a is None or b is None or isinstance(a, str) or isinstance(b, str):
        return a == b
    return abs(a - b) <= TOLERANCE * max(1.0, abs(a), abs(b))  # type: ignore[operator]


def try_seed(seed: int, seen: Counter | None = None, **sizes: int) -> list[str]:
    """Return what does not agree in the framework of a seed."""
    with tempfile.TemporaryDirectory() as name:
        return list(problems_of(draw(seed, **sizes), Path(name), seen))


def main_loop(first: int, last: int) -> int:
    """Try all seeds of a range; print what is found and how far it came."""
    seen: Counter = Counter()
    start = time.monotonic()
    faulty = 0
    for seed in range(first, last):
        try:
            found = try_seed(seed, seen)
        except Exception as error:
            found = [f"breaks down: {type(error).__name__}: {error}"]
        faulty += bool(found)
        for line in found:
            print(f"{seed}: {line[:600]}", flush=True)
        if (seed + 1 - first) % 50 == 0 or seed + 1 == last:
            rate = (seed + 1 - first) / (time.monotonic() - start) * 60
            print(
                f"-- {seed + 1 - first} tried, {faulty} faulty, {rate:.0f} a minute, "
                f"{dict(sorted(seen.items()))}",
                flush=True,
            )
    return 1 if faulty else 0


if __name__ == "__main__":
    sys.exit(main_loop(*(int(word) for word in sys.argv[1:3])))
