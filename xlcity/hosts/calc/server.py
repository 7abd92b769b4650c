"""The helper behind Calc: reads calls from its pipe, a line of JSON each, and answers likewise.

``python -m xlcity.hosts.calc.server`` is started by the bridge inside LibreOffice and ends when its
pipe closes.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import BinaryIO

from xlcity.errors import CellError, CellValue
from xlcity.hosts.cells import call

#: Numbers of errors in Calc.
CALC_NUMBER_OF_ERROR = {
    CellError.NULL: 521,
    CellError.DIV0: 532,
    CellError.VALUE: 519,
    CellError.REF: 524,
    CellError.NAME: 525,
    CellError.NUM: 503,
    CellError.NA: 32767,
}
#: The errors by these numbers.
ERROR_OF_CALC_NUMBER = {number: error for error, number in CALC_NUMBER_OF_ERROR.items()}


def answer_question(question: bytes) -> bytes:
    """Call the function that a line of JSON names, and return its result as JSON.

    >>> answer_question(b'["RATING_SCALE", [[[4], ["NA"]], 10]]')
    b'[[40.0], [{"error": 32767}]]'
    """
    name, arguments = json.loads(question)
    rows = call(name, [_read_argument(value) for value in arguments])
    encoded = [[*map(_encode_result_cell, row)] for row in rows]
    return json.dumps(encoded).encode("ascii")


def answer_questions(source: BinaryIO, answers: BinaryIO) -> None:
    """Answer the calls of one pipe through another, a line each, until the first closes."""
    for question in source:
        answers.write(answer_question(question) + b"\n")
        answers.flush()


def _read_argument(value: object) -> object:
    """Return an argument from JSON; an error, there a dictionary with a number, as `CellError`."""
    if isinstance(value, list):
        return [_read_argument(part) for part in value]
    if isinstance(value, dict):
        return ERROR_OF_CALC_NUMBER.get(value["error"], CellError.VALUE)
    return value


def _encode_result_cell(cell: CellValue) -> object:
    """Return a cell for JSON: an error as a dictionary with Calc's number, a blank as ""."""
    if isinstance(cell, CellError):
        return {"error": CALC_NUMBER_OF_ERROR[cell]}
    return "" if cell is None else cell


def serve_on_pipes(serve: Callable[[BinaryIO, BinaryIO], None]) -> None:
    """Call `serve` with this process's stdin and stdout, as binary files.

    What is printed meanwhile goes to stderr, so that no line of a package gets among the answers.
    """
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    serve_on_pipes(answer_questions)
