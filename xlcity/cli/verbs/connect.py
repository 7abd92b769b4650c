"""Verbs that connect: the companion page, the function library, whose functions may run."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from xlcity.api.texts import own_language, say
from xlcity.api.verb import verb
from xlcity.cli.result import Result, TextTable
from xlcity.errors import Where
from xlcity.messages import Message

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import Any, Literal

    from xlcity.api import arguments as take
    from xlcity.functions.declare import Argument, Function
    from xlcity.hosts.cells import CellRows
    from xlcity.hosts.sheet_call import SheetCall

#: What the document of a function has of an argument, beside its help in both languages.
_OF_ARGUMENT = ("name", "kind", "optional", "default", "choices")


@verb("connect", at_most_one="form cell", timed=False)
def desk(
    shown: take.File | None = None,
    *,
    port: int = 0,
    browser: bool = True,
    form: take.Form | None = None,
    cell: take.Text | None = None,
    shortcut: bool = False,
    as_json: bool = False,
) -> Result:
    """Open the companion page: checks, changes and traces in the browser, fresh at every save.

    The page is served on this machine alone. It watches the workbook while you work on it in Excel,
    WPS or LibreOffice. Forms on the page make, fill, merge and report workbooks.

    Parameters
    ----------
    shown
        a template workbook, or a folder of them (default: this folder)
    port : N
        the port on 127.0.0.1 (default: a free one)
    browser
        print the address only; serve until interrupted
    form : A
        show the form of a verb first: {choices}
    cell : CELL
        show first where this cell comes from, such as Index!T16
    shortcut
        put a starter on the desktop that opens the page on F

    Examples
    --------
    xlcity desk image.xlsx
    xlcity desk books/ --no-browser
    xlcity desk books/ --shortcut
    """
    import sys
    from pathlib import Path

    from xlcity.cli.result import json_text
    from xlcity.desk.shortcut import require_server, write_shortcut
    from xlcity.errors import UsageError

    require_server()
    if shortcut:
        # Without a name it opens a folder of its own at home.
        folder = Path(shown or Path.home() / "xlcity").resolve()
        if shown is None:
            folder.mkdir(exist_ok=True)
        elif not folder.exists():
            raise UsageError.of("XC100.no_file_or_folder")
        starter = write_shortcut(folder)
        text = say("desk.shortcut", file=starter, folder=folder)
        return Result({"path": starter, "opens": folder}, [text])
    from xlcity.desk.server import serve

    def tell(url: str) -> None:
        line = json_text({"url": url}) if as_json else url
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()

    serve(
        Path(shown or "."),
        port=port,
        browser=browser,
        first=form or cell or "",
        announce=tell,
    )
    return Result(None)


@verb("connect")
def functions(
    names: take.Texts = (), *, lang: Literal["en", "zh"] | None = None
) -> Result:
    """List the formula library, or show some functions in full.

    Parameters
    ----------
    names : NAME
        functions to show in full (default: list all)
    lang
        language of the help (default: that of the messages)

    Examples
    --------
    xlcity functions
    xlcity functions ZSCORE_WINSOR --lang zh
    """
    from xlcity.errors import Problem, UsageError, did_you_mean
    from xlcity.functions.registry import FUNCTIONS

    wanted = [name.upper() for name in names]
    UsageError.raise_for(
        Problem.of(
            "XC100.unknown_function", hint=did_you_mean(name, FUNCTIONS), name=name
        )
        for name in wanted
        if name not in FUNCTIONS
    )
    chosen = [FUNCTIONS[name] for name in wanted] or list(FUNCTIONS.values())
    shown = lang or own_language()
    table = TextTable(
        (), [(function.name, function.summary[shown]) for function in chosen]
    )
    blocks = [_in_full(function, shown) for function in chosen] if names else [table]
    return Result({"functions": [_document(function) for function in chosen]}, blocks)


def _in_full(function: Function, lang: str) -> str:
    rows = []
    for argument in function.arguments:
        default = f" [{argument.default_label(lang)}]" if argument.optional else ""
        rows.append((argument.name, argument.describe(lang) + default))
    lines = [function.syntax, f"  {function.summary[lang]}"]
    lines += [f"  {line}" for line in function.formula[lang].splitlines()]
    return "\n".join([*lines, "", f"{TextTable((), rows, '  ')}"])


def _document(function: Function) -> dict[str, Any]:
    from xlcity.hosts.sheet_call import HOSTS

    return {
        "name": function.name,
        "category": function.category,
        "syntax": function.syntax,
        "returns": function.returns,
        "summary": function.summary["en"],
        "summary_zh": function.summary["zh"],
        "formula": function.formula["en"],
        "arguments": list(map(_argument_document, function.arguments)),
        "hosts": HOSTS,
    }


def _argument_document(argument: Argument) -> dict[str, Any]:
    document = {name: getattr(argument, name) for name in _OF_ARGUMENT}
    document["help"] = argument.help["en"]
    document["help_zh"] = argument.help["zh"]
    return document


@verb("connect")
def call(
    name: take.Text,
    *,
    args: take.Text,
    host: take.Host = "python",
) -> Result:
    """Run one function of the library in one host.

    Parameters
    ----------
    name : NAME
        function, as `xlcity functions` lists them
    args : JSON
        list of arguments; a matrix is a list of rows, null is blank, "#N/A" is that error; - reads
        it from stdin
    host : HOST
        one of {choices}

    Examples
    --------
    xlcity call ZSCORE_WINSOR --args '[[[1],[2],[9]]]'
    xlcity call MINMAX_SCALE --args '[[[1],[2],[null]]]' --host formulas --json
    """
    import sys

    from xlcity.hosts.cells import JSON
    from xlcity.hosts.sheet_call import run_call
    from xlcity.recalc.engines.registry import ENGINE_NAMES, engine_named

    if host in ENGINE_NAMES:
        engine_named(host)  # one that is not installed is refused

    def in_office(sheet_call: SheetCall) -> CellRows:
        from xlcity.recalc.office_calls import run_calls

        return run_calls([sheet_call])[0]

    arguments = _json_arguments(sys.stdin.read() if args == "-" else args)
    rows = run_call(name, arguments, host, dialect=JSON, office=in_office)
    document = {"name": name.upper(), "host": host, "result": rows}
    texts = [list(map(_cell_text, row)) for row in rows]
    return Result(document, [TextTable((), texts)])


def _cell_text(cell: object) -> str:
    """Return a cell as text, a number with 15 digits."""
    return f"{cell:.15g}" if isinstance(cell, float) else str(cell)


def _json_arguments(text: str) -> list[object]:
    import json

    from xlcity.errors import UsageError

    def refuse(value: object) -> object:
        raise ValueError(Message("json.no_rows"))

    try:
        arguments = json.loads(text, parse_constant=refuse, object_pairs_hook=refuse)
    except json.JSONDecodeError as error:
        fault = Message(
            "json.fault_at",
            said=error.msg,
            line=error.lineno,
            column=error.colno,
            position=error.pos,
        )
        raise UsageError.of("XC100.args_no_json", error=fault) from None
    except ValueError as error:
        raise UsageError.of("XC100.args_no_json", error=error) from None
    if not isinstance(arguments, list):
        raise UsageError.of("XC100.args_no_list")
    return arguments


@verb("connect", at_most_one="remove list", timed=False)
def trust(
    files: take.Texts = (), *, remove: bool = False, list: bool = False
) -> Result:
    """Allow Python files with your own functions to be run.

    A folder's xlcity.toml may name files with functions. They run only after you trust their
    content, so read them first. A changed file must be trusted again. Files named in your own
    configuration, in XLCITY_FUNCTIONS or with --functions need no trust.

    Parameters
    ----------
    files : FILE
        Python files, or a folder or xlcity.toml that names them (default: this folder)
    remove
        withdraw the trust
    list
        list the files that are trusted

    Examples
    --------
    xlcity trust
    xlcity trust own_functions.py --remove
    xlcity trust --list
    """
    from pathlib import Path

    from xlcity.functions import settings
    from xlcity.xlsx.atomic import write_atomic

    trusted = settings.trusted_files()
    shown = sorted(trusted)
    target = settings.trust_list_file()
    if not list:
        words = map(Path, files or ["."])
        chosen = [*chain.from_iterable(map(_named_files, words))]
        shown = [str(settings.trust_key(path)) for path in chosen]
        if remove:
            trusted = {n: value for n, value in trusted.items() if n not in shown}
        else:
            trusted = settings.add_trusted(trusted, chosen)
        target.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(target, settings.trust_list_text(trusted).encode("utf-8"))
    entries = sorted(trusted.items())
    listed = [{"file": name, "sha256": value} for name, value in entries]
    key = "trust.removed" if remove else "trust.done"
    document = {"path": target, "trusted": listed}
    return Result(document, [say(key, file=name) for name in shown])


def _named_files(path: Path) -> Sequence[Path]:
    """Return the Python files that a word of the command line stands for."""
    from xlcity.errors import UsageError
    from xlcity.functions.settings import SETTINGS_NAME, read_named_files

    if path.suffix == ".py":
        return (path,)
    settings = path / SETTINGS_NAME if path.is_dir() else path
    files = read_named_files(settings)
    if not files:
        raise UsageError.of(
            "XC100.no_functions_named",
            Where(file=str(settings)),
            settings_name=SETTINGS_NAME,
        )
    return files
