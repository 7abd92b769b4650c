"""Write the licences of all locked packages into the licence page: `python -m tools.licences`.

The names come from `requirements.lock`, the licences from the metadata of the packages installed
here. What only another system or another Python installs keeps the line that the page has.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "explanation" / "licences.md"
_HEAD = "| package | licence as its metadata has it |\n|---|---|\n"
#: Metadata may have the whole text of a licence where others have its name.
_LONGEST_NAME = 80


def licence_of(about: Mapping[str, object]) -> str:
    """Return the licence that metadata name: an expression, a name, or classifiers."""
    name = str(about.get("license_expression") or about.get("license") or "")
    if name and name != "UNKNOWN" and len(name) < _LONGEST_NAME:
        return name
    classifiers = about.get("classifier")
    listed = (
        [str(text) for text in classifiers] if isinstance(classifiers, list) else []
    )
    return ", ".join(
        text.split(" :: ")[-1] for text in listed if text.startswith("License")
    )


def table(page: str) -> str:
    """Return the table of all locked packages."""
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    installed = {canonicalize_name(d.name): d for d in metadata.distributions()}
    # Of several versions the first is that of the oldest Python.
    pins = reversed(re.findall(r"^([\w.-]+).*==([^\s;]+)", lock, re.MULTILINE))
    rows = []
    for name, version in sorted(
        {canonicalize_name(n): version for n, version in pins}.items()
    ):
        if name in installed and installed[name].version == version:
            licence = licence_of(installed[name].metadata.json)
        else:
            kept = re.search(rf"^\| {name} \| (.*) \|$", page, re.MULTILINE)
            licence = kept[1] if kept else ""
        rows.append(f"| {name} | {licence or 'not stated'} |\n")
    return _HEAD + "".join(rows)


def written(page: str) -> str:
    """Return the page with the table as it is now, at its end."""
    return page.partition(_HEAD)[0] + table(page)


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
