"""The helper behind the panel: a line of JSON per question, and some per answer.

``python -m xlcity.extension.server`` is started by the extension inside LibreOffice and ends when
its pipe closes. It is not the helper of the functions: a check must not keep cells waiting.
"""

from __future__ import annotations

import json
from typing import BinaryIO

from xlcity.extension.answers import PanelAnswers
from xlcity.hosts.calc.server import serve_on_pipes


def serve(source: BinaryIO, target: BinaryIO) -> None:
    """Answer questions until the pipe closes; the last line of each answer is `{"end": true}`."""
    answers = PanelAnswers()
    for question in source:
        for document in answers.answer(json.loads(question)):
            _send(target, document)
        _send(target, {"end": True})


def _send(target: BinaryIO, document: object) -> None:
    target.write(json.dumps(document).encode("ascii") + b"\n")
    target.flush()


def main() -> None:
    """Serve on this process's pipes."""
    serve_on_pipes(serve)


if __name__ == "__main__":
    main()
