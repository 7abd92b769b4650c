"""List the formula library, or show some functions in full.

Examples
--------
xlcity functions
xlcity functions ZSCORE_WINSOR --lang zh
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from xlcity.api.text_table import TextTable
from xlcity.cli.parser import VerbParser
from xlcity.cli.result import Result
from xlcity.errors import Problem, UsageError, counted, did_you_mean
from xlcity.functions.declare import Argument, Function
from xlcity.functions.registry import FUNCTIONS
from xlcity.hosts.pages import write_function_pages
from xlcity.hosts.sheet_call import HOSTS


def configure(parser: VerbParser) -> None:
    """Declare the options."""
    parser.add_value("names", "NAME", "functions to show in full (default: list all)", nargs="*")
    parser.add_value("--pages", "DIR", "write the reference pages there, with your own functions")
    parser.add_argument("--lang", choices=("en", "zh"), default="en", help="language of the help")


def run(args: argparse.Namespace) -> Result:
    """List the library, or show some functions in full."""
    names = [name.upper() for name in args.names]
    if unknown := [name for name in names if name not in FUNCTIONS]:
        raise UsageError(
            Problem("XC100", f"unknown function {name!r}.", did_you_mean(name, FUNCTIONS))
            for name in unknown
        )
    chosen = [FUNCTIONS[name] for name in names] or list(FUNCTIONS.values())
    notes = []
    if args.pages:
        written = write_function_pages(Path(args.pages))
        notes = [f"{counted(len(written), 'page')} written to {args.pages}."]
    table = TextTable((), [(f.name, f.summary[args.lang]) for f in chosen])
    blocks = [_in_full(f, args.lang) for f in chosen] if names else [table]
    return Result({"functions": [_function(function) for function in chosen]}, blocks, notes=notes)


def _in_full(function: Function, language: str) -> str:
    rows = []
    for argument in function.arguments:
        default = f" [{argument.default_label(language)}]" if argument.optional else ""
        rows.append((argument.name, argument.described(language) + default))
    lines = [function.syntax, f"  {function.summary[language]}"]
    lines += [f"  {line}" for line in function.formula[language].splitlines()]
    return "\n".join([*lines, "", f"{TextTable((), rows, '  ')}"])


def _function(function: Function) -> dict[str, Any]:
    return {
        "name": function.name,
        "summary": function.summary["en"],
        "summary_zh": function.summary["zh"],
        "category": function.category.value,
        "syntax": function.syntax,
        "formula": function.formula["en"],
        "arguments": [_argument(argument) for argument in function.arguments],
        "returns": function.returns.value,
        "hosts": list(HOSTS),
    }


def _argument(argument: Argument) -> dict[str, Any]:
    return {
        "name": argument.name,
        "help": argument.help["en"],
        "help_zh": argument.help["zh"],
        "kind": argument.kind.value,
        "optional": argument.optional,
        "default": argument.default,
        "choices": list(argument.choices),
    }
