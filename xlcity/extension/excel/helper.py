"""The helper behind Excel's buttons: a line of JSON per press; answers go into a sheet of results.

``python -m xlcity.extension.excel.helper`` is started by the first press and ends when its pipe
closes. It is not the Python that answers functions: a check must not keep cells waiting.
"""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from xlcity.extension.answers import PanelAnswers
from xlcity.extension.excel.task_sheet import draw


def serve(source: BinaryIO, app_of: Callable[[int], Any]) -> None:
    """Answer presses until the pipe closes.

    Parameters
    ----------
    source
        The pipe.
    app_of
        Gives the Excel of a process id.
    """
    answers = PanelAnswers()
    for line in source:
        question = json.loads(line)
        documents = [*answers.answer(question)]
        app = app_of(question["pid"])
        try:
            if question["ask"] != "page" or any("problem" in document for document in documents):
                draw(app, question["book"], documents, question["language"])
        finally:
            app.status_bar = False
            with contextlib.suppress(KeyError, OSError):
                Path(question["screen"]["copy"]).unlink()


def main() -> None:
    """Serve on this process's pipe."""
    import xlwings

    serve(sys.stdin.buffer, lambda pid: xlwings.apps[pid])


if __name__ == "__main__":
    main()
