"""The folder that a verb writes into."""

from __future__ import annotations

from pathlib import Path

from xlcity.errors import UsageError


def make_folder(path: Path) -> None:
    """Make the folder of --outdir, if it is not there yet.

    Raises
    ------
    UsageError
        If it cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        why = "a file has that name" if path.is_file() else error.strerror or str(error)
        raise UsageError(
            f"the folder {path} cannot be made: {why}.", "Name another --outdir."
        ) from error
