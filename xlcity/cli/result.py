"""What a verb returns, and the one place that writes it: data to stdout, remarks to stderr."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from xlcity.api.documents import plain, sentence
from xlcity.api.text_table import TextTable
from xlcity.api.texts import translated
from xlcity.cli.progress import cleared

if TYPE_CHECKING:
    from xlcity.errors import Problem

SCHEMA = 1


class Result:
    """What a verb found.

    Attributes
    ----------
    document
        The JSON document, without `schema`: a mapping or a record, see `plain`. None where the
        verb has written it itself.
    blocks
        Lines and tables for stdout. They are written as they come, and read to the end for JSON
        as well: what a verb computes on the way may complete `document` and `code`.
    problems
        Errors that stopped a part of the work.
    notes
        Remarks for stderr.
    code
        Exit code.
    """

    def __init__(
        self,
        document: Any,
        blocks: Iterable[str | TextTable] = (),
        problems: Sequence[Problem] = (),
        notes: Sequence[str | Problem] = (),
        code: int = 0,
    ) -> None:
        self.document, self.blocks, self.problems = document, blocks, problems
        self.notes, self.code = notes, code

    def write(self, verb: str, *, as_json: bool) -> int:
        """Write the result as JSON or as text; return the exit code."""
        for block in self.blocks:
            if not as_json:
                cleared()
                text = str(_in_language(block, verb))
                sys.stdout.write(text if text.endswith("\n") else f"{text}\n")
                sys.stdout.flush()
        if as_json and self.document is not None:
            emit(self.document)
        tell_problems(verb, self.problems)
        for note in self.notes:
            talk(note if isinstance(note, str) else f"[{note.code}] {sentence(note)}")
        return self.code


def _in_language(block: str | TextTable, verb: str) -> str | TextTable:
    """Return a line or a table with its heads in the user's language, as the verb's texts say."""
    if isinstance(block, TextTable):
        header = [translated(head, verb) for head in block.header]
        return TextTable(header, block.rows, block.indent)
    return "\n" * block.startswith("\n") + translated(block.removeprefix("\n"), verb)


def emit(document: Any) -> None:
    """Print one JSON document on stdout."""
    text = json_text(document)
    # Pipes on Windows default to a legacy code page; JSON is UTF-8.
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    sys.stdout.write(text + "\n")


def json_text(document: Any) -> str:
    """Return a document as JSON."""
    import json

    versioned = {"schema": SCHEMA, **plain(document)}
    return json.dumps(versioned, ensure_ascii=False, allow_nan=False)


def talk(text: str) -> None:
    """Write a remark to stderr, in the user's language."""
    cleared()
    sys.stderr.write(f"{translated(text, 'note')}\n")


def tell_problems(verb: str, problems: Iterable[Problem]) -> None:
    """Write problems to stderr."""
    for problem in problems:
        talk(f"xlcity {verb}".rstrip() + f": [{problem.code}] {sentence(problem)}")
