"""Answers of the project before it was made smaller, to hold later work against.

python tests/golden/before/answers.py record PART             writes the answers of this checkout
python tests/golden/before/answers.py compare PART [WORD ...]  exits with 1 where an answer differs

PART is `values` or `verbs`.

`values.json.xz` holds what `tools.same_values` records: scores, ranks, normalised, typed values by
the contract's names of every template, option, system and framework of one's own, as built and
after five values were typed. `verbs.json.xz` holds the JSON of every verb on small inputs. WORDs
choose books and verbs whose name holds one of them. Numbers agree within 1e-12.
"""

from __future__ import annotations

import contextlib
import io
import json
import lzma
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[2]), str(HERE.parents[1] / "helpers")]


from contract_cells import score_cell  # noqa: E402

from tools import same_values  # noqa: E402
from xlcity.cli import main  # noqa: E402
from xlcity.xlsx.cells import read_book  # noqa: E402
from xlcity.xlsx.package import Package  # noqa: E402

#: Keys whose values tell of a run, not of an answer.
_OF_A_RUN = frozenset({"seconds", "version", "engine", "kept", "path", "file", "in", "out", "hash"})
#: Keys of a trace that tell where cells are, not what they hold.
_OF_PLACES = frozenset({"cell", "formula", "step"})

FRAMEWORK = """code,parent,weight,direction,name_en,name_zh,uom
T,,,,Total,总分,
P,T,2,,Pillar P,领域P,
Q,T,1,,Pillar Q,领域Q,
A,P,1,1,Access,可达性,%
B,P,3,-1,Burden,负担,yuan
C,Q,1,1,Culture,文化,items
D,Q,1,-1,Dust,粉尘,ug/m3
"""
DATA = """unit,name_en,A,B,C,D
beijing,Beijing,71.5,320,40,35
lyon,Lyon,64,280,NA,12.5
oslo,Oslo,88.25,510,31,8
quito,Quito,42,150,18,21
perth,Perth,55,290,22,9
turin,Turin,64,260,27,30
"""
NEXT = """unit,A,B,C,D
beijing,73,330,42,33
oslo,86,505,30,8.5
quito,45,155,18,20
"""
#: Verb and its words; {f}: the framework, {d}, {n}: data, {b}: a book, {c}: another, {o}: output,
#: {score}: the cell of a total in the book.
VERBS: tuple[tuple[str, ...], ...] = (
    ("list",),
    ("functions",),
    ("call", "EFFICACY_SCALE", "--args", "[[[1],[2],[null],[4]], 40]"),
    ("call", "WEIGHTED_INDEX", "--args", "[[[1,2],[3,4]], [1,3]]", "--host", "formulas"),
    ("index", "image2025"),
    ("index", "vitality2014", "--option", "ties-average"),
    ("index", "--framework", "{f}", "--data", "{d}"),
    ("index", "--framework", "{f}", "--data", "{d}", "--normalise", "zscore,B=rank"),
    ("index", "--framework", "{f}", "--data", "{bad}"),
    ("new", "--framework", "{f}", "--data", "{d}", "-o", "{o}"),
    ("results", "{b}"),
    ("recalc", "{b}", "-o", "{o}"),
    ("check", "{b}"),
    ("check", "{c}"),
    ("fill", "{b}", "--data", "{n}", "-o", "{o}"),
    ("fill", "{b}", "--data", "{bad}", "-o", "{o}"),
    ("diff", "{b}", "{c}"),
    ("trace", "{b}", "{score}"),
    ("audit", "workbook", "{b}"),
    ("audit", "tables", "image2025"),
    ("reproduce", "image2025", "vitality2014"),
    ("assess", "--framework", "{f}", "--data", "{d}", "--n", "60", "--seed", "3"),
    ("seal", "{b}", "-o", "{o}.txt"),
    ("export", "{b}", "-o", "{o}"),
    ("roll", "{b}", "--edition", "2027", "-o", "{o}"),
    ("rebuild", "{b}", "-o", "{o}"),
    ("merge", "{b}", "{c}", "-o", "{o}"),
    ("release", "{b}", "-o", "{o}"),
    ("report", "{b}", "-o", "{o}", "--only", "tables", "--only", "sentences"),
    ("udf", "status"),
)


def recorded(part: str, words: Sequence[str] = ()) -> dict[str, Any]:
    """Return the answers of this checkout: values of books, or documents of verbs."""
    with tempfile.TemporaryDirectory() as name:
        if part == "verbs":
            return dict(_verbs(Path(name), words))
        target = Path(name) / "values.json"
        same_values.record(target, words)
        return dict(json.loads(target.read_text(encoding="utf-8")))


def _verbs(folder: Path, words: Sequence[str]) -> Iterator[tuple[str, Any]]:
    files = {"f": folder / "f.csv", "d": folder / "d.csv", "n": folder / "n.csv"}
    files |= {"bad": folder / "bad.csv", "b": folder / "b.xlsx", "c": folder / "c.xlsx"}
    for key, text in (("f", FRAMEWORK), ("d", DATA), ("n", NEXT)):
        files[key].write_text(text, encoding="utf-8")
    files["bad"].write_text(DATA.replace("280", "about 280").replace("oslo", "osloo"), "utf-8")
    _run(["new", "--framework", str(files["f"]), "--data", str(files["d"]), "--pages", "all",
          "-o", str(files["b"])])  # fmt: skip
    _run(["fill", str(files["b"]), "--data", str(files["n"]), "-o", str(files["c"])])
    score = score_cell(read_book(Package.read(files["b"])))
    for number, verb in enumerate(VERBS):
        title = " ".join(verb)
        if not any(word in title for word in words or ("",)):
            continue
        output = folder / f"out{number}.xlsx"
        given = [
            word.format(o=output, score=score, **files) if "{" in word[:1] else word
            for word in verb
        ]
        code, document = _run(given)
        left_out = _OF_A_RUN | _OF_PLACES if verb[0] == "trace" else _OF_A_RUN
        yield title, {"exit": code, "document": _lasting(document, str(folder), left_out)}
        sys.stderr.write(f"{title}: exit {code}\n")


def _run(words: list[str]) -> tuple[int, Any]:
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
        code = main([*words, "--json"])
    out.seek(0)
    return code, json.loads(out.read() or "null")


def _lasting(value: Any, folder: str, left_out: frozenset[str]) -> Any:
    """Return a document without some keys and without names of files."""
    if isinstance(value, dict):
        return {k: _lasting(v, folder, left_out) for k, v in value.items() if k not in left_out}
    if isinstance(value, list):
        return [_lasting(entry, folder, left_out) for entry in value]
    if isinstance(value, str):
        return re.sub(rf"{re.escape(folder)}|\b[0-9a-f]{{64}}\b", "", value)
    return value


def differences(old: Any, new: Any, place: str = "") -> Iterator[str]:
    """Yield where two documents differ; keys that are new are no difference."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in old:
            yield from differences(old[key], new.get(key), f"{place}/{key}")
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for number, (before, after) in enumerate(zip(old, new, strict=True)):
            yield from differences(before, after, f"{place}/{number}")
    elif isinstance(old, (int, float)) and isinstance(new, (int, float)):
        if abs(old - new) > same_values.TOLERANCE * max(1.0, abs(old), abs(new)):
            yield f"{place}: {old!r} -> {new!r}"
    elif old != new:
        yield f"{place}: {str(old)[:80]!r} -> {str(new)[:80]!r}"


def stored(name: str) -> Any:
    """Return answers that were recorded: "values" or "verbs"."""
    return json.loads(lzma.decompress((HERE / f"{name}.json.xz").read_bytes()))


def run(do: str, part: str, *words: str) -> int:
    """Record or compare; return 1 where an answer differs."""
    answers = recorded(part, words)
    if do == "record":
        text = json.dumps(answers, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        (HERE / f"{part}.json.xz").write_bytes(lzma.compress(text.encode(), preset=9))
        return 0
    before = stored(part)
    differing = 0
    for title in sorted(answers.keys() & before.keys()):
        lines = [*differences(before[title], answers[title])]
        differing += bool(lines)
        if lines:
            sys.stdout.write("\n  ".join([f"{title}: {len(lines)} differ", *lines[:8]]) + "\n")
    sys.stdout.write(f"{part}: {len(answers)} compared, {differing} differ\n")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(run(*sys.argv[1:]))
