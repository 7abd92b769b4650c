"""The companion page in the Chromium of the machine: what people see there, and what is wrong."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
#: Why the page cannot be opened here, or "".
MISSING = (
    "chromium is not installed"
    if CHROMIUM is None
    else ""
    if find_spec("playwright") and find_spec("axe_playwright_python")
    else "playwright and axe-playwright-python are not installed"
)
#: Milliseconds that anything on the page may take.
PATIENCE = 90_000
#: Address -> the secret that it was exchanged for; it works once.
_SECRETS: dict[str, str] = {}
#: What a window does before all else: it has the secret of another one.
_KNOWN = "sessionStorage.setItem('xlcity.secret', {})"


@contextlib.contextmanager
def served(place: Path, *words: str, **environment: str):
    """Serve a place; yield the address. Nothing is left running."""
    command = [
        sys.executable,
        "-m",
        "xlcity",
        "desk",
        str(place),
        "--no-browser",
        "--json",
        *words,
    ]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, **environment}
    )
    try:
        yield json.loads(process.stdout.readline())["url"]
    finally:
        process.terminate()
        assert process.wait(60) == 0


@contextlib.contextmanager
def browser():
    """Yield a browser."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            yield found
        finally:
            found.close()


class Window:
    """A window on the page.

    Attributes
    ----------
    page
        What playwright drives.
    wrong
        Messages of the console, errors, and requests that left this machine.
    """

    def __init__(self, browser, url, *, width=1280, locale="en-US", scheme="light"):
        size = {"width": width, "height": 900}
        context = browser.new_context(viewport=size, locale=locale, color_scheme=scheme)
        context.set_default_timeout(PATIENCE)
        self.page = context.new_page()
        self.wrong = []
        self.page.on("console", self.note)
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("request", lambda request: self._request(request.url))
        if url in _SECRETS:
            context.add_init_script(_KNOWN.format(json.dumps(_SECRETS[url])))
        self.page.goto(url)
        self.page.wait_for_selector(".cards button[data-action]", state="attached")
        _SECRETS[url] = self.page.evaluate("sessionStorage.getItem('xlcity.secret')")

    def note(self, message):
        """Keep what the console says is wrong."""
        # What the server refuses (422) is shown on the page; the browser notes it all the same.
        if message.type in ("error", "warning") and "422" not in message.text:
            self.wrong.append(message.text)

    def _request(self, url):
        # What the page has fetched it shows as a blob of its own.
        if urlsplit(url.removeprefix("blob:")).hostname != "127.0.0.1":
            self.wrong.append(url)

    def barriers(self, page=None):
        """Return what axe finds that bars people from the page."""
        page = page or self.page
        from axe_playwright_python.base import AXE_FILE_PATH

        # Evaluated, not loaded: the page takes no script from elsewhere.
        page.evaluate(Path(AXE_FILE_PATH).read_text(encoding="utf-8"))
        found = page.evaluate("axe.run()")
        return [
            (one["id"], node["html"])
            for one in found["violations"]
            for node in one["nodes"]
        ]

    def verdict(self, word):
        """Wait for a verdict."""
        self.page.wait_for_selector(f"#verdict.{word}")

    def choose(self, action):
        """Open the form of an action, behind its door."""
        button = f".cards button[data-action={action}]"
        # In one go: the buttons are drawn anew when files have come into the folder.
        asked = "one => document.querySelector(one).closest('[data-actions]').dataset.actions"
        self.open_door(self.page.evaluate(asked, button))
        opened = "one => document.querySelector(one).closest('details')?.setAttribute('open', '')"
        self.page.evaluate(opened, button)  # what is not the next step is in a menu
        self.page.click(button)

    def open_door(self, door):
        """Show one of the main parts of the page."""
        self.page.click(f"#doors button[data-door={door}]")

    def begin(self, step=""):
        """Start what the form describes; return its state when it is done, and the files.

        The page names the step on the way.
        """
        self.page.click("#form button.main")
        self.page.wait_for_selector("#stop", state="visible")
        if step:
            self.page.wait_for_selector(f"#run-time >> text={step}")
        self.page.wait_for_selector("#stop", state="hidden")
        files = self.page.locator("#run-result .files a").all_text_contents()
        return self.page.inner_text("#run-head"), files
