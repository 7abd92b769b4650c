"""The command line: runs a verb with the words that are given, and reports what went wrong.

`xlcity --help` and `xlcity list` are to start at once: what one of them does not need is imported
where it is used.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext

from xlcity import __version__
from xlcity.api.texts import say, text_of
from xlcity.api.verb import GROUPS, heads
from xlcity.messages import Message, sentences

TYPE_CHECKING = False
if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from typing import NoReturn


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    if argv is None:
        # Threads of numpy's linear algebra take a third of its import; matrices here are small.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
            signal.signal(signal.SIGTERM, _terminate)
    # Not list(): the verb module of that name becomes an attribute of this package.
    words = [*(sys.argv[1:] if argv is None else argv)]
    if not words or words[0] in ("-h", "--help", "help"):
        sys.stdout.write(_overview())
        return 0 if words else 2
    if words[0] in ("-V", "--version"):
        sys.stdout.write(f"xlcity {__version__}\n")
        return 0
    verb = words[0]
    as_json = "--json" in words
    _prepare_streams()
    try:
        code = _run(verb, words[1:])
    except BrokenPipeError:
        # The reader went away (head, less): not an error, and no place to write to is left.
        _discard_output()
        return 0
    except KeyboardInterrupt as error:
        from xlcity.api.texts import told

        how, code = how_ended(error)
        sys.stderr.write(f"xlcity: {told(how)}\n")
        return code
    except Exception as error:
        return _failed(verb, error, as_json=as_json)
    if argv is None:
        gc.freeze()  # or Python looks for circles before it ends: 0.25 s of `new`, 0.15 s of `diff`
    return code


def _terminate(*_: object) -> NoReturn:
    from xlcity.errors import TerminatedError

    raise TerminatedError


def how_ended(error: KeyboardInterrupt) -> tuple[str, int]:
    """Return in words what ended a run, and the exit code: 128 and the number of the signal."""
    from xlcity.errors import TerminatedError

    if isinstance(error, TerminatedError):
        return Message("ended.terminated"), 128 + signal.SIGTERM
    return Message("ended.interrupted"), 128 + signal.SIGINT


def _prepare_streams() -> None:
    """Let no character and no closed stream stop a run."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed by whoever started this
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(
                errors="backslashreplace"
            )  # C locale, halves of characters


def _discard_output() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(name: str, words: Sequence[str]) -> int:
    """Run a verb, within its time limit if it has one for all that it does."""
    from xlcity.api.arguments import AS_JSON, run_verb
    from xlcity.cli import progress
    from xlcity.cli.parser import parser_of
    from xlcity.cli.target import require_files

    if name not in first_words():
        from xlcity.errors import UsageError, closest

        hint = sentences(closest(name, first_words()), Message("hint.see_verbs"))
        raise UsageError.of("XC100.unknown_verb", hint=hint, name=name)
    args = parser_of(name).parse_args(words)
    as_json = "json" in args
    if args.functions:
        _add_functions(args.functions)
    seconds = getattr(args, "seconds", None)
    limit: AbstractContextManager[None] = nullcontext()
    if seconds is not None:
        from xlcity.xlsx.process import time_limit

        limit = time_limit(seconds)
    try:
        with progress.shown(name), limit, _reading_as(args.encoding):
            require_files(args.verb, vars(args))
            result = run_verb(args.verb, {**vars(args), AS_JSON: as_json})
            code: int = result.write(name, as_json=as_json)
    finally:
        _tell_functions(name)
    sys.stdout.flush()
    return code


def first_words() -> dict[str, str]:
    """Return the first word of each verb -> its group."""
    groups = {}
    for name, (group, *_) in heads().items():
        word, _, _ = name.partition(" ")
        groups[word] = group
    return groups


def _overview() -> str:
    words = first_words()
    width = max(map(len, words))

    def row(word: str) -> str:
        summary = text_of(word).partition("\n")[0] or heads()[word][2]
        return f"  {word:<{width}}  {summary.rstrip('.。')}"

    sections = []
    for group in GROUPS:
        rows = [row(word) for word, own_group in words.items() if own_group == group]
        sections.append("\n".join([f"{say(f'cli.{group}')}:", *rows]))
    usage = f"{say('cli.usage')}xlcity VERB [options]"
    parts = [usage, say("cli.about"), *sections, say("cli.exits")]
    return "\n\n".join(parts) + "\n"


def _failed(verb: str, error: Exception, *, as_json: bool) -> int:
    """Report what ended a run; return the exit code."""
    from xlcity.cli.result import emit, tell_problems
    from xlcity.errors import XlcityError, problem_of

    if isinstance(error, XlcityError):
        problems = error.problems
        code = error.exit_code
    else:
        problems = (problem_of(error, "XC999"),)
        code = 4
        if os.environ.get("XLCITY_TRACE"):
            import traceback

            sys.stderr.write("".join(traceback.format_exception(error)))
    try:
        sys.stdout.flush()
        if as_json:
            emit({"errors": problems})
            sys.stdout.flush()
    except OSError:  # a full disk behind stdout
        _discard_output()
    tell_problems(verb if verb in first_words() else "", problems)
    return code


def _add_functions(files: Sequence[str]) -> None:
    """Name files with functions as the environment does, so that all processes have them."""
    from pathlib import Path

    from xlcity.data_files import require_regular
    from xlcity.errors import RegistryError, Where
    from xlcity.functions.settings import FUNCTIONS_VARIABLE, own_files

    for file in files:
        require_regular(file)
        if not Path(file).is_file():
            raise RegistryError.of("XC612.no_file", Where(file=file))
    given = map(os.path.realpath, files)
    distinct = dict.fromkeys([*map(str, own_files()), *given])
    os.environ[FUNCTIONS_VARIABLE] = os.pathsep.join(distinct)


@contextmanager
def _reading_as(encoding: str | None) -> Iterator[None]:
    """Read texts by another encoding, in this process and in those that a verb starts."""
    if encoding is None:
        yield
        return
    from xlcity.model.reading.tables import ENCODING_VARIABLE

    before = os.environ.get(ENCODING_VARIABLE)
    os.environ[ENCODING_VARIABLE] = encoding
    try:
        yield
    finally:
        if before is None:
            del os.environ[ENCODING_VARIABLE]
        else:
            os.environ[ENCODING_VARIABLE] = before


def _tell_functions(verb: str) -> None:
    """List the files with functions that were run, and those that were not."""
    if "xlcity.functions.registry" not in sys.modules or verb == "trust":
        return
    from xlcity.cli.result import talk
    from xlcity.errors import XlcityError
    from xlcity.functions.settings import find_own_files

    try:
        own = find_own_files()
    except XlcityError:
        return  # the verb has reported it, if it mattered
    if own.files:
        talk(Message("note.own_functions", files=[*map(str, own.files)]))
    for refused in own.refused:
        talk(Message("note.not_run", file=refused.file, why=refused.why))
    if any(refused.file.suffix == ".py" for refused in own.refused):
        talk(Message("note.trust"))
