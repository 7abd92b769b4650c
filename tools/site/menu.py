"""The menu of the site: what the index pages list, by reader, in their order."""

from __future__ import annotations

import re
from pathlib import Path
from posixpath import normpath

LANGUAGES = {"en": "", "zh": ".zh"}
_LINK = re.compile(r"\]\(([\w/.-]+\.md)\)")


def language_of(name: str) -> str:
    """Return the language of a page by its file name."""
    return "zh" if name.endswith(".zh.md") else "en"


def menu_of(root: Path, lang: str) -> list[dict[str, list[str]]]:
    """Return the sections of a language: each has a title and pages, and no further level."""
    ending = LANGUAGES[lang]
    index = f"docs/index{ending}.md"
    sections = [{"xlcity": [f"README{ending}.md", index]}]
    for part in (root / index).read_text(encoding="utf-8").split("\n## ")[1:]:
        title, _, body = part.partition("\n")
        links = dict.fromkeys(_LINK.findall(body))
        pages = [normpath(f"docs/{link}") for link in links]
        sections.append({title: [page for page in pages if language_of(page) == lang]})
    return sections
