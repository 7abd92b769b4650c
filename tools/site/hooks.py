"""What the site adds to mkdocs: two languages side by side, and nothing loaded from elsewhere.

Pages of both languages stand in one site and one search. Each shows the menu, the words and the
switch of its own language. The menu is what the index pages list, in their order.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import rjieba
from material.plugins.search import plugin as search_plugin
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page

from tools.site.menu import LANGUAGES, language_of, menu_of

#: The script that the theme loads from elsewhere, so that a site on a disk can search.
SHIM = re.compile(r'<script src="https://unpkg\.com/iframe-worker/shim"></script>')


class Segmenter:
    """Split Chinese text into words, under the name that the search of the theme calls."""

    @staticmethod
    def cut(text: bytes) -> list[str]:
        """Return the words of a text."""
        return list(rjieba.cut(text.decode("utf-8")))


search_plugin.jieba = Segmenter


def anchor(heading: str, separator: str) -> str:
    """Return the anchor of a heading, as code hosts make it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", separator)


def twin_of(name: str, files: Files) -> str:
    """Return the page's other language, or the index of it where a page has only one."""
    if name.endswith(".zh.md"):
        other = name.removesuffix(".zh.md") + ".md"
        return other if files.get_file_from_path(other) else "docs/index.md"
    other = name.removesuffix(".md") + ".zh.md"
    return other if files.get_file_from_path(other) else "docs/index.zh.md"


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Make the menu of each language from its index page."""
    root = Path(config.docs_dir)
    config.nav = [{lang: menu_of(root, lang)} for lang in LANGUAGES]
    config.mdx_configs.setdefault("toc", {})["slugify"] = anchor
    return config


def on_page_context(
    context: dict[str, Any], page: Page, config: MkDocsConfig, nav: Navigation
) -> dict[str, Any]:
    """Show a page in its own language: menu, words of the theme, switch."""
    name = page.file.src_uri
    lang = language_of(name)
    config.theme["language"] = lang
    files = _FILES[0]
    links = {
        lang: page.url,
        "zh" if lang == "en" else "en": _url(twin_of(name, files), files),
    }
    for alternate in config.extra["alternate"]:
        alternate["link"] = links[alternate["lang"]]
    config.extra["homepage"] = _url(f"README{LANGUAGES[lang]}.md", files)
    place = list(LANGUAGES).index(lang)
    return {**context, "nav": Navigation(nav.items[place].children or [], nav.pages)}


_FILES: list[Files] = []


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Keep the files, so that pages find their twins."""
    _FILES[:] = [files]
    return files


def _url(name: str, files: Files) -> str:
    found = files.get_file_from_path(name)
    assert found is not None, name
    return found.url


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Load the shim from the site itself, and refuse whatever else would be loaded."""
    up = "../" * page.url.count("/")
    output = SHIM.sub(f'<script src="{up}assets/worker.js"></script>', output)
    loaded = re.findall(
        r'<(?:script|img|iframe|source)[^>]* src="https?://[^"]+|@import[^;]+', output
    )
    loaded += re.findall(
        r'<link[^>]* rel="(?:stylesheet|preconnect)"[^>]*https?://[^"]+', output
    )
    if loaded:
        raise RuntimeError(f"{page.file.src_uri} loads {loaded[0]}")
    return output
