"""Take the pictures of the README, or those of the tutorial on the companion page.

README and pages for beginners: sheets of image2025 (`sheets`: these alone), a trace and a page of
the chapter. Calc runs on a screen of its own, the trace in a browser, the Word chapter through
Writer. It needs Xvfb, LibreOffice with Writer, Chromium and Poppler. Desk: a browser does what the
tutorial says, in a new folder, with the practice tables.

Examples
--------
python -m tools.pictures readme docs/pictures
python -m tools.pictures sheets docs/pictures --lang zh
python -m tools.pictures desk docs/tutorials/pictures
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from PIL import Image, ImageGrab

from xlcity.workbook.layout.rows import IN_FIRST
from xlcity.workbook.tab_titles import tab_title

REPORT = "image2025"
#: The cell whose trace is shown, and how far it is followed.
CELL = "Index!T16"
DEPTH = 5
#: Where the blocks of normalised values and of scores begin on `Index`.
NORMALISED = "L4"
SCORES = "S4"
#: First column of values on `Data`.
FIRST_VALUE = 4
#: What is cut out of the window of Calc: formula bar, sheet and tabs.
CUT = (0, 76, 1218, 838)
#: Seconds that Calc may take to draw the workbook.
PATIENCE = 180
#: What the folder of the tutorial has.
PRACTICE = Path(__file__).parents[1] / "docs" / "tutorials" / "data"
#: Milliseconds that a step on the companion page may take.
STEP_PATIENCE = 600_000


def run(*words: str | Path) -> None:
    """Run a command; its output is of no interest unless it fails."""
    subprocess.run([str(word) for word in words], check=True, capture_output=True)


def save(picture: Image.Image, path: Path, colours: int, width: int = 0) -> None:
    """Save a picture with few colours, so that it stays small."""
    if width:
        height = round(picture.height * width / picture.width)
        picture = picture.resize((width, height), Image.Resampling.LANCZOS)
    picture.convert("RGB").quantize(colours).save(path, optimize=True)


def opened_on(book: Path, sheet: str, corner: str, copy: Path) -> None:
    """Copy a workbook so that a program opens it on a sheet, scrolled to a cell, "" for the top."""
    with (
        zipfile.ZipFile(book) as source,
        zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        listing = source.read("xl/workbook.xml").decode()
        names = re.findall(r'<sheet [^>]*?name="([^"]+)"', listing)
        place = names.index(sheet)
        view = f'<workbookView activeTab="{place}" firstSheet="{max(0, place - 3)}"/>'
        for part in source.infolist():
            content = source.read(part)
            if part.filename == "xl/workbook.xml":
                content = re.sub(rb"<workbookView [^>]*/>", view.encode(), content)
            elif part.filename.startswith("xl/worksheets/sheet"):
                content = re.sub(rb' tabSelected="[^"]*"', b"", content)
                if corner and part.filename == f"xl/worksheets/sheet{place + 1}.xml":
                    scrolled = f'topLeftCell="{corner}"'.encode()
                    content = re.sub(
                        rb'topLeftCell="[^"]*"', scrolled, content, count=1
                    )
            target.writestr(part, content)


@contextlib.contextmanager
def screen() -> Iterator[str]:
    """Run an X server without a screen."""
    read, write = os.pipe()
    words = [
        "Xvfb",
        "-displayfd",
        str(write),
        "-screen",
        "0",
        "1280x860x24",
        "-nolisten",
        "tcp",
    ]
    with subprocess.Popen(
        words, pass_fds=(write,), stderr=subprocess.DEVNULL
    ) as server:
        try:
            display = ":" + os.read(read, 16).decode().strip()
            time.sleep(2)
            yield display
        finally:
            server.terminate()


def take_sheet(book: Path, sheet: str, corner: str, profile: Path) -> Image.Image:
    """Open a workbook in Calc, scrolled to a cell, and take its window when it is still."""
    copy = profile.with_name(f"{sheet}{corner}-{book.name}")
    opened_on(book, sheet, corner, copy)
    with screen() as display:
        office = [
            f"-env:UserInstallation={profile.as_uri()}",
            "--norestore",
            "--nologo",
            "--calc",
        ]
        with subprocess.Popen(
            ["soffice", *office, str(copy)],
            env={**os.environ, "DISPLAY": display},
            stderr=subprocess.DEVNULL,
        ) as program:
            try:
                before = b""
                started = time.monotonic()
                while time.monotonic() < started + PATIENCE:
                    time.sleep(6)
                    picture = ImageGrab.grab(xdisplay=display)
                    # An empty screen and the splash have few colours.
                    if (
                        picture.tobytes() == before
                        and len(picture.getcolors(2**24) or ()) > 200
                    ):
                        break
                    before = picture.tobytes()
                else:
                    raise TimeoutError(
                        f"Calc did not show {sheet} in {PATIENCE} seconds"
                    )
            finally:
                program.terminate()
    return picture.crop(CUT)


def mistype(book: Path, target: Path, lang: str) -> None:
    """Copy a workbook with two entries on `Data` that are not numbers, and recalculate it."""
    content = load_workbook(book)
    data = content[tab_title("Data", lang)]
    data.cell(IN_FIRST + 1, FIRST_VALUE).value = "12,3"
    data.cell(IN_FIRST + 4, FIRST_VALUE + 1).value = "约12"
    content.save(target)
    run(sys.executable, "-m", "xlcity", "recalc", target, "--in-place", "--no-backup")


def take_trace(book: Path, lang: str, folder: Path) -> Image.Image:
    """Write the page of a trace and open it in the browser."""
    from playwright.sync_api import sync_playwright

    page = folder / "trace.html"
    words = ["trace", str(book), CELL, "--depth", str(DEPTH), "--html", str(page)]
    run(sys.executable, "-m", "xlcity", *words)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        shown = browser.new_page(viewport={"width": 1000, "height": 640}, locale=lang)
        shown.goto(page.as_uri())
        shown.screenshot(path=folder / "trace.png")
        browser.close()
    return Image.open(folder / "trace.png")


def take_page(lang: str, folder: Path, profile: Path) -> Image.Image:
    """Write the chapter and take the first page that has a figure."""
    words = ["report", REPORT, "-o", str(folder), "--lang", lang, "--only", "chapter"]
    run(sys.executable, "-m", "xlcity", *words)
    office = ["soffice", f"-env:UserInstallation={profile.as_uri()}", "--headless"]
    chapter = folder / f"chapter.{lang}.docx"
    run(*office, "--convert-to", "pdf", "--outdir", folder, chapter)
    printed = chapter.with_suffix(".pdf")
    pages = subprocess.run(
        ["pdftotext", str(printed), "-"], check=True, capture_output=True, text=True
    ).stdout.split("\f")
    caption = {"zh": "图 ?", "en": "Figure "}[lang]
    number = next(
        number
        for number, text in enumerate(pages, start=1)
        # In the list of figures dots follow each caption.
        if re.search(rf"^{caption}\d+ (?!.*\.\.)", text, re.MULTILINE)
    )
    base = folder / f"page.{lang}"
    only = ["-f", str(number), "-l", str(number), "-singlefile"]
    run("pdftoppm", "-r", "80", "-png", *only, printed, base)
    return Image.open(f"{base}.png")


def take_readme(
    target: Path, languages: list[str], *, sheets_alone: bool = False
) -> None:
    """Take the pictures of the README and of pages for beginners, or those of sheets alone."""
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="xlcity-") as name:
        folder = Path(name)
        for lang in languages:
            book = folder / f"{REPORT}.{lang}.xlsx"
            run(
                sys.executable,
                "-m",
                "xlcity",
                "new",
                REPORT,
                "--lang",
                lang,
                "-o",
                book,
            )
            mistyped = folder / f"mistyped.{lang}.xlsx"
            mistype(book, mistyped, lang)
            for source, sheet, corner, name in (
                (book, "Ranking", "", "sheet"),
                (book, "Index", NORMALISED, "index"),
                (book, "Index", SCORES, "scores"),
                (mistyped, "Data", "", "data"),
                (mistyped, "README", "", "readme"),
            ):
                picture = take_sheet(
                    source, tab_title(sheet, lang), corner, folder / "profile"
                )
                save(picture, target / f"{name}.{lang}.png", 48)
            if sheets_alone:
                continue
            save(
                take_page(lang, folder, folder / "profile"),
                target / f"chapter.{lang}.png",
                48,
            )
            save(take_trace(book, lang, folder), target / f"trace.{lang}.png", 32)


class DeskWalk:
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
        self.page = page
        self.folder = folder
        self.target = target
        self.lang = lang

    def take(self, name: str, selector: str = "body") -> None:
        """Take a picture of the window, scrolled to what a selector names."""
        # Where the practice folder stands does not matter to readers.
        hide = (
            "([id, from, to]) => {const node = document.getElementById(id);"
            "node.textContent = node.textContent.replace(from, to)}"
        )
        self.page.evaluate(hide, ["folder", str(self.folder), "xlcity"])
        self.page.locator(selector).first.scroll_into_view_if_needed()
        picture = Image.open(io.BytesIO(self.page.screenshot()))
        save(picture, self.target / f"desk-{name}.{self.lang}.png", 48)

    def begin(self, **given: str) -> None:
        """Fill in the form, start, and wait for the end."""
        for need, value in given.items():
            box = self.page.locator(f"#need-{need}")
            if box.evaluate("element => element.tagName") == "SELECT":
                box.select_option(value)
            elif box.get_attribute("type") == "checkbox":
                box.check()
            else:
                box.fill(value)
        self.page.click("#form button.main")
        self.page.wait_for_selector("#stop", state="visible")
        self.page.wait_for_selector("#stop", state="hidden")

    def choose(self, action: str) -> None:
        """Open the form of an action."""
        button = f".cards button[data-action={action}]"
        asked = "one => document.querySelector(one).closest('[data-actions]').dataset.actions"
        self.page.click(f"#doors button[data-door={self.page.evaluate(asked, button)}]")
        self.page.click(button)

    def walk(self) -> None:
        """Do every step and take the pictures."""
        self.take("empty")
        self.choose("new")
        self.begin(report="image2025", empty="yes", out="image.xlsx")
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


def take_desk(target: Path, languages: list[str]) -> None:
    """Take the pictures of the tutorial on the companion page."""
    from playwright.sync_api import sync_playwright

    target.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as driver:
        chromium = shutil.which("chromium")
        browser = driver.chromium.launch(
            executable_path=chromium, args=["--no-sandbox"]
        )
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
                    page = browser.new_page(
                        viewport={"width": 1000, "height": 760}, locale=lang
                    )
                    page.set_default_timeout(STEP_PATIENCE)
                    page.goto(json.loads(server.stdout.readline())["url"])
                    page.wait_for_selector(
                        ".cards button[data-action]", state="attached"
                    )
                    DeskWalk(page, folder, target, lang).walk()
                finally:
                    server.terminate()
                    server.wait()
        browser.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("subject", choices=("readme", "sheets", "desk"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--lang", nargs="+", default=["en", "zh"])
    options = parser.parse_args()
    if options.subject == "desk":
        take_desk(options.folder, options.lang)
    else:
        sheets_alone = options.subject == "sheets"
        take_readme(options.folder, options.lang, sheets_alone=sheets_alone)
