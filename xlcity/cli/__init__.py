"""The command line: one module per verb, loaded only when its verb is used."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from xlcity import __version__
from xlcity.cli.output import emit, talk
from xlcity.errors import Problem, UsageError, XlcityError

#: verb -> one line of help. Each verb is the module of the same name with `configure` and `run`.
VERBS = {
    "list": "the reports",
    "functions": "the formula library",
    "call": "run one function in one host",
    "new": "make a template workbook",
    "fill": "put values into a workbook's input cells",
    "rebuild": "remake a workbook from its own framework, recipe and data",
    "merge": "put copies filled by several people together",
    "roll": "make the next edition's workbook from this one",
    "comments": "list comments on cells and remarks of reviewers",
    "export": "write the inputs of a workbook as plain tables",
    "adopt": "read a team's own workbook into tables of framework and data",
    "release": "write a workbook for the public, without raw data",
    "recalc": "recalculate workbooks with no spreadsheet program",
    "scenarios": "calculate variations of one workbook, loaded once",
    "results": "scores and ranks stored in a workbook",
    "check": "run all checks on workbooks, recalculated afresh",
    "seal": "write down what a finished workbook holds, for `check` to verify",
    "index": "compute an index with no workbook",
    "reproduce": "recompute every printed table that the printed data allow",
    "audit": "audit of printed tables, or of a workbook",
    "diff": "what changed between two workbooks, and why the ranks moved",
    "trace": "where a number of a workbook comes from",
    "trust": "allow Python files with functions of your own to be run",
    "udf": "make the functions available in a spreadsheet program",
    "demo": "the main job on real data, told as it happens",
}

#: Verbs that need no time limit, or have one of their own.
_UNTIMED = frozenset(("audit", "demo", "list", "trust", "udf"))
#: Seconds that a verb may take, unless --timeout says otherwise.
_SECONDS = 1200.0


def _overview() -> str:
    width = max(map(len, VERBS))
    rows = "\n".join(f"  {verb:<{width}}  {text}" for verb, text in VERBS.items())
    return (
        "usage: xlcity VERB [options]\n\n"
        "City indices computed and audited inside spreadsheets.\n\n"
        f"{rows}\n\n"
        "xlcity VERB --help tells the options of a verb; every verb takes --json.\n"
        "Exit: 0 fine, 1 findings, 2 usage, 3 bad input, 4 some or all files failed.\n"
    )


class _Parser(argparse.ArgumentParser):
    """Says what is wrong through the contract's JSON when the caller asked for JSON."""

    def error(self, message: str) -> None:  # type: ignore[override]
        raise _UsageError(message, self.format_usage())


class _UsageError(Exception):
    def __init__(self, message: str, usage: str) -> None:
        self.usage = usage
        super().__init__(message)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    # Not list(): the verb module of that name becomes an attribute of this package.
    words = [*(sys.argv[1:] if argv is None else argv)]
    if not words or words[0] in ("-h", "--help", "help"):
        sys.stdout.write(_overview())
        return 0 if words else 2
    if words[0] in ("-V", "--version"):
        sys.stdout.write(f"xlcity {__version__}\n")
        return 0
    verb, as_json = words[0], "--json" in words
    if verb not in VERBS:
        return _fail_usage(f"there is no verb {verb!r}.", _overview(), as_json)
    module = importlib.import_module(f"xlcity.cli.{verb}")
    parser = _Parser(prog=f"xlcity {verb}", description=module.__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    parser.add_argument(
        "--functions",
        action="append",
        default=[],
        metavar="PY",
        help="a Python file with functions of your own; it is run (may be repeated)",
    )
    module.configure(parser)
    if verb not in _UNTIMED and "--timeout" not in parser._option_string_actions:
        parser.add_argument(
            "--timeout",
            type=float,
            metavar="S",
            dest="seconds",
            default=_SECONDS,
            help="seconds this may take (default: %(default)g)",
        )
    try:
        args = parser.parse_args(words[1:])
        if args.functions:
            _add_functions(args.functions)
        try:
            code = _run(module, args)
        finally:
            _tell_functions(verb)
        sys.stdout.flush()
    except _UsageError as error:
        message = f"{error}." if not str(error).endswith(".") else str(error)
        return _fail_usage(message, error.usage, as_json, verb)
    except XlcityError as error:
        if as_json:
            emit({"errors": [problem.as_dict() for problem in error.problems]})
        for problem in error.problems:
            talk(f"xlcity {verb}: [{problem.code}] {problem}")
        return error.exit_code
    except BrokenPipeError:
        # The reader went away (head, less): no error of ours, and nothing left to say to it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        talk("xlcity: interrupted")
        return 130
    except Exception as error:
        return _fail_internally(verb, error, as_json)
    return code


def _run(module: ModuleType, args: argparse.Namespace) -> int:
    """Run a verb, within its time limit if it has one for all that it does."""
    seconds = getattr(args, "seconds", None)
    if seconds is None:
        return module.run(args)  # type: ignore[no-any-return]
    if seconds <= 0:
        raise UsageError("--timeout must be above 0.", "It counts seconds.")
    from xlcity.xlsx.limit import time_limit

    with time_limit(seconds):
        return module.run(args)  # type: ignore[no-any-return]


def _add_functions(files: list[str]) -> None:
    """Name files with functions as the environment does, so that all processes have them."""
    from xlcity.functions.settings import VARIABLE, own_files

    found = [*own_files(), *(Path(file).resolve() for file in files)]
    os.environ[VARIABLE] = os.pathsep.join(dict.fromkeys(map(str, found)))


def _tell_functions(verb: str) -> None:
    """Say which files with functions were run, and which were not, if the verb uses functions."""
    if "xlcity.functions.registry" not in sys.modules or verb == "trust":
        return
    from xlcity.functions.settings import own_settings

    try:
        own = own_settings()
    except XlcityError:
        return  # the verb has said so, if it mattered
    if own.files:
        talk(f"Functions of your own: {', '.join(map(str, own.files))}.")
    for refused in own.refused:
        talk(f"Not run: {refused.file}: {refused.why}.")
    if any(refused.file.suffix == ".py" for refused in own.refused):
        talk("This folder's xlcity.toml names it. If you trust the code, allow it: xlcity trust")


def _fail_internally(verb: str, error: Exception, as_json: bool) -> int:
    """Tell of a fault of ours in the form of the contract; the trace goes to stderr."""
    import traceback

    message = f"xlcity itself failed: {type(error).__name__}: {error}."
    hint = "Please report this with the trace and, if you can, the file."
    if as_json:
        emit({"errors": [Problem("XC999", message, hint).as_dict()]})
    talk("".join(traceback.format_exception(error)))
    talk(f"xlcity {verb}: [XC999] {message} {hint}")
    return 4


def _fail_usage(message: str, usage: str, as_json: bool, verb: str = "") -> int:
    if as_json:
        emit({"errors": [Problem("XC100", message, usage.strip()).as_dict()]})
    who = f"xlcity {verb}".rstrip()
    talk(f"{usage}{who}: [XC100] {message} `{who} --help` tells more.")
    return 2
