"""What was made of the workbook that is shown: where it is, when, and whether it is out of date."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from xlcity.desk.desk import Desk


class Publication(NamedTuple):
    """A kind of file that an action makes, and where it stands, with {book} for the stem."""

    kind: str
    action: str
    pattern: str


#: In the order in which they are listed.
_KINDS = (
    Publication("chapter", "report", "{book}-report/chapter.*.docx"),
    Publication("slide", "report", "{book}-report/slide.*.pptx"),
    Publication("picture", "report", "{book}-report/ranking.*.svg"),
    Publication("page", "report", "{book}-report/report.*.html"),
    Publication("profiles", "report", "{book}-report/profiles.*.docx"),
    Publication("tables", "report", "{book}-report/tables.*.xlsx"),
    Publication("public", "release", "{book}-public.xlsx"),
    Publication("seal", "seal", "{book}.xlsx.seal.txt"),
)


def list_made(desk: Desk) -> list[dict[str, Any]]:
    """Return the files that were made of the workbook, as far as they stand where they are made.

    Returns
    -------
    list of dict
        kind; action and `out`, by which it is made again; name in the folder and number by which
        it is asked for; `saved` in seconds, and whether it is older than the workbook (`stale`).
    """
    if desk.file is None or not desk.file.is_file():
        return []
    last_save = desk.file.stat().st_mtime
    listed = []
    for kind, path in _found(desk):
        if path not in desk.runs.made:
            desk.runs.made.append(path)
        name = os.path.relpath(path, desk.folder)
        about: dict[str, Any] = {"kind": kind.kind, "action": kind.action, "name": name}
        is_folder = kind.kind != "seal"
        about["out"] = Path(name).parts[0] if is_folder else ""
        saved = path.stat().st_mtime
        about |= {"number": desk.runs.made.index(path), "saved": saved}
        listed.append({**about, "stale": saved < last_save})
    return listed


def _found(desk: Desk) -> Iterator[tuple[Publication, Path]]:
    """Yield the files of each kind: one in each language."""
    assert desk.file is not None
    book = glob.escape(desk.file.stem)
    for kind in _KINDS:
        for path in sorted(desk.folder.glob(kind.pattern.format(book=book))):
            if path.is_file() and desk.places.holds(path):
                yield kind, path
