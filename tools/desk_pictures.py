"""Take the pictures of the tutorial on the companion page, in both languages.

A browser does what the tutorial says, in a new folder, with the practice tables.

Examples
--------
python -m tools.desk_pictures docs/tutorials/pictures
"""

from __future__ import annotations

import argparse
import io
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

PRACTICE = Path(__file__).parents[1] / "docs" / "tutorials" / "data"
#: Milliseconds that a step may take.
PATIENCE = 600_000


class Walk:
    """The steps of the tutorial in one language.

    Parameters
    ----------
    page
        What playwright drives.
    folder
        The folder that the page shows.
    target
        Where the pictures go.
    lang
        "zh" or "en".
    """

    def __init__(self, page: Any, folder: Path, target: Path, lang: str) -> None:
        self.page, self.folder, self.target, self.lang = page, folder, target, lang

    def take(self, name: str, places: str = "body") -> None:
        """Take a picture of the window, scrolled to a place."""
        from PIL import Image

        # Where the practice folder stands does not matter to readers.
        hide = "([id, from, to]) => {const one = document.getElementById(id);" + (
            "one.textContent = one.textContent.replace(from, to)}"
        )
        self.page.evaluate(hide, ["folder", str(self.folder), "xlcity"])
        self.page.locator(places).first.scroll_into_view_if_needed()
        taken = self.page.screenshot()
        path = self.target / f"desk-{name}.{self.lang}.png"
        Image.open(io.BytesIO(taken)).convert("RGB").quantize(48).save(path, optimize=True)

    def begin(self, **given: str) -> None:
        """Fill in the form, start, and wait for the end."""
        for need, value in given.items():
            box = self.page.locator(f"#need-{need}")
            if box.evaluate("one => one.tagName") == "SELECT":
                box.select_option(value)
            else:
                box.fill(value)
        self.page.click("#form button.main")
        self.page.wait_for_selector("#stop", state="visible")
        self.page.wait_for_selector("#stop", state="hidden")

    def choose(self, action: str) -> None:
        """Open the form of an action."""
        self.page.click(f"#make-buttons button[data-action={action}]")

    def walk(self) -> None:
        """Do every step and take the pictures."""
        self.take("empty")
        self.choose("new")
        self.begin(report="image2025", content="empty", out="image.xlsx")
        self.take("new")
        self.page.click("#run-result button.main")
        self.page.wait_for_selector("#verdict.draft")
        self.take("draft")
        self.choose("fill")
        self.begin(data="survey.csv", out="")
        self.take("refused", "#run-result")
        for table in ("survey-mended.csv", "late.csv"):
            self.choose("fill")
            self.begin(data=table, out="")
        self.page.wait_for_selector("#verdict.pass")
        self.page.click("#run-close")
        self.take("checked")
        self.page.locator("#ranking button.link").first.click()
        self.page.wait_for_selector("#trace .tree")
        self.page.locator("#trace button.fold[aria-expanded=false]").first.click()
        self.page.wait_for_selector("#trace ul ul ul li")
        self.take("traced", "#trace")
        self.choose("report")
        self.begin(lang=self.lang, out="report")
        self.take("report", "#run")


def take_pictures(target: Path, languages: list[str]) -> None:
    """Take all pictures."""
    from playwright.sync_api import sync_playwright

    target.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as driver:
        chromium = shutil.which("chromium")
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for lang in languages:
            with tempfile.TemporaryDirectory(prefix="xlcity-") as name:
                folder = Path(name) / "cities"
                shutil.copytree(PRACTICE, folder)
                words = ["-m", "xlcity", "desk", str(folder), "--no-browser", "--json"]
                server = subprocess.Popen(
                    [sys.executable, *words], stdout=subprocess.PIPE, text=True
                )
                assert server.stdout is not None
                try:
                    page = browser.new_page(viewport={"width": 1000, "height": 760}, locale=lang)
                    page.set_default_timeout(PATIENCE)
                    page.goto(json.loads(server.stdout.readline())["url"])
                    page.wait_for_selector("#make-buttons button")
                    Walk(page, folder, target, lang).walk()
                finally:
                    server.terminate()
                    server.wait()
        browser.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--lang", nargs="+", default=["en", "zh"])
    options = parser.parse_args()
    take_pictures(options.folder, options.lang)
