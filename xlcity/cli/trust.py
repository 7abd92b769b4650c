"""Allow Python files with your own functions to be run.

A folder's xlcity.toml may name files with functions. They run only after you trust their content,
so read them first. A changed file must be trusted again. Files named in your own configuration, in
XLCITY_FUNCTIONS or with --functions need no trust.

Examples
--------
xlcity trust
xlcity trust own_functions.py --remove
xlcity trust --list
"""

from __future__ import annotations

import argparse
from pathlib import Path

from xlcity.cli.parser import VerbParser
from xlcity.cli.result import Result
from xlcity.errors import UsageError
from xlcity.functions.settings import (
    SETTINGS,
    read_named_files,
    trust_key,
    trust_list_file,
    trust_list_text,
    trusted_files,
    with_trusted,
)
from xlcity.xlsx.atomic import write_atomic


def configure(parser: VerbParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "files",
        metavar="FILE",
        nargs="*",
        help=f"Python files, or a folder or {SETTINGS} that names them (default: this folder)",
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--remove", action="store_true", help="withdraw the trust")
    what.add_argument("--list", action="store_true", help="list the files that are trusted")


def run(args: argparse.Namespace) -> Result:
    """Change or show the list."""
    files = trusted_files()
    shown = sorted(files)
    if not args.list:
        chosen = [path for word in args.files or ["."] for path in _meant(Path(word))]
        shown = [str(trust_key(path)) for path in chosen]
        if args.remove:
            files = {name: value for name, value in files.items() if name not in shown}
        else:
            files = with_trusted(files, chosen)
        target = trust_list_file()
        target.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(target, trust_list_text(files).encode("utf-8"))
    listed = [{"file": name, "sha256": value} for name, value in sorted(files.items())]
    word = "no longer trusted" if args.remove else "trusted"
    document = {"path": str(trust_list_file()), "trusted": listed}
    return Result(document, [f"{name}: {word}" for name in shown])


def _meant(path: Path) -> tuple[Path, ...]:
    """Return the Python files that a word of the command line stands for."""
    if path.suffix == ".py":
        return (path,)
    settings = path / SETTINGS if path.is_dir() else path
    files = read_named_files(settings)
    if not files:
        hint = "Name a Python file, or a folder whose xlcity.toml has functions = [...]."
        raise UsageError(f"{SETTINGS} names no functions here.", hint, file=str(settings))
    return files
