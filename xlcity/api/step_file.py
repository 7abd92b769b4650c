"""The step that a long computation is at, for the program that has started it and waits."""

from __future__ import annotations

import os
from contextlib import suppress

#: Environment variable with the file that the last step is written to.
STEP_FILE = "XLCITY_STEP_FILE"


def write_step(text: str) -> None:
    """Write what is being done to the file that the waiting program has named, if it has."""
    if STEP_FILE in os.environ:
        with suppress(OSError), open(os.environ[STEP_FILE], "w", encoding="utf-8") as file:  # noqa: PTH123
            file.write(text)
