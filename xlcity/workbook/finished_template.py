"""Finished templates: built, compared by all routes, and kept for who asks for the same again.

That saves `new` 2.2 s of processor for image2025, 3.2 s for iecc2024.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from xlcity.workbook.build import build
from xlcity.workbook.checking.routes import CheckResult, check_routes
from xlcity.workbook.drawing.canvas import Counts
from xlcity.workbook.spec import TemplateSpec
from xlcity.workbook.spec.digest import spec_digest
from xlcity.xlsx.user_cache import find_entry, keep_entry

_KIND = "workbook"


@dataclass(frozen=True, slots=True)
class FinishedTemplate:
    """A template as a file.

    Attributes
    ----------
    content
        The file.
    sheets, counts
        What is in it.
    routes
        Whether cells, functions and index agree.
    """

    content: bytes
    sheets: Sequence[str]
    counts: Counts
    routes: tuple[CheckResult, ...]


def finish_template(spec: TemplateSpec, file: str) -> FinishedTemplate:
    """Build a template, or take the one that was built from the same before.

    Parameters
    ----------
    spec
        What it shows.
    file
        The file's name, for messages.

    Raises
    ------
    EngineError
        If the engine leaves a formula cell without a value.
    """
    digest = spec_digest(spec)
    stored = None if digest is None else find_entry(_KIND, digest)
    if stored is not None:
        return _parse_entry(stored)
    built = build(spec)
    routes = check_routes(built, file)
    finished = FinishedTemplate(built.package.to_bytes(), built.sheets, built.counts, routes)
    computed = built.computed
    plain = all(check.status in ("pass", "skipped") and not check.problems for check in routes)
    if digest is not None and plain and computed.ok and not computed.notes:
        keep_entry(_KIND, digest, _entry_bytes(finished))
    return finished


def _entry_bytes(finished: FinishedTemplate) -> bytes:
    routes = [(check.name, check.status, check.detail) for check in finished.routes]
    head = json.dumps([finished.sheets, asdict(finished.counts), routes])
    return head.encode() + b"\n" + finished.content


def _parse_entry(content: bytes) -> FinishedTemplate:
    head, _, workbook = content.partition(b"\n")
    sheets, counts, routes = json.loads(head)
    return FinishedTemplate(
        workbook, tuple(sheets), Counts(**counts), tuple(CheckResult(*route) for route in routes)
    )
