"""Build the documentation as a site.

Examples
--------
python -m tools.site build/site
"""

from __future__ import annotations

import argparse
import logging
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

from tools.site.function_pages import function_pages

ROOT = Path(__file__).resolve().parents[2]
#: Pages beside docs/ that its pages link to.
PAGES = (
    "*.md",
    "LICENSE",
    "docs/**/*",
    "tools/nightly/*",
    "udfs/*",
    "workbooks/**/*",
    "xlcity/reports/*/README*.md",
    "xlcity/reports/*/reproducing*.md",
)
#: What leads from the hand-written page of the functions to those that are generated.
OVERVIEW = {".md": "All functions, a page for each", ".zh.md": "全部函数，各有一页"}
_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_FOLDER_LINK = re.compile(r"(\]\((?![a-z]+:)([^)\s#]+)/)\)")


def stage(target: Path) -> None:
    """Copy all pages and what they show, in the places where their links expect them.

    Pages of the functions are written. A link to a folder leads to a page that lists its files.
    """
    for pattern in PAGES:
        for path in ROOT.glob(pattern):
            if path.is_file():
                copy = target / path.relative_to(ROOT)
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, copy)
    reference = target / "docs" / "reference"
    functions = reference / "functions"
    functions.mkdir()
    for name, text in function_pages().items():
        (functions / name).write_text(text, encoding="utf-8")
    for ending, link_text in OVERVIEW.items():
        with (reference / f"functions{ending}").open(
            "a", encoding="utf-8"
        ) as page_file:
            page_file.write(f"\n[{link_text}](functions/README{ending})\n")
    for page in target.rglob("*.md"):
        text = page.read_text(encoding="utf-8")
        for _, link in _FOLDER_LINK.findall(_FENCE.sub("", text)):
            folder = page.parent / link
            files = (
                path
                for path in folder.rglob("*")
                if path.is_file() and path.suffix != ".md"
            )
            names = sorted(path.relative_to(folder).as_posix() for path in files)
            lines = [f"- [{name}]({name})" for name in names]
            (folder / "index.md").write_text(
                "\n".join([f"# {link}", "", *lines, ""]), "utf-8"
            )
        page.write_text(_FOLDER_LINK.sub(r"\1index.md)", text), encoding="utf-8")


def build(target: Path) -> int:
    """Build the site; return 0, or 1 if there were warnings."""
    # Names the end of the theme's maintenance on every run.
    os.environ["NO_MKDOCS_2_WARNING"] = "1"
    from mkdocs.commands.build import build as build_site
    from mkdocs.config import load_config
    from mkdocs.exceptions import Abort

    with tempfile.TemporaryDirectory(prefix="xlcity-") as name:
        stage(Path(name))
        settings = Path(__file__).with_name("mkdocs.yml")
        try:
            build_site(
                load_config(
                    str(settings), docs_dir=name, site_dir=str(target.resolve())
                )
            )
        except Abort as error:
            print(error, file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    logging.basicConfig(format="%(message)s", level=logging.WARNING)
    sys.exit(build(parser.parse_args().folder))
