"""Programs that some tests need and that a machine may lack: their markers, and what is missing."""

import shutil
from collections.abc import Callable
from functools import cache

import pytest

from tests.helpers import browser, calc_session
from xlcity.recalc.engines.soffice import find_soffice


def _no_libreoffice() -> str:
    return "" if find_soffice() else "LibreOffice is not installed"


def _no_uno() -> str:
    if calc_session.available():
        return ""
    return "LibreOffice or its Python (Debian: python3-uno) is not installed"


def _no_screen() -> str:
    return "" if shutil.which("Xvfb") else "Xvfb is not installed"


def _no_browser() -> str:
    return browser.MISSING


def _no_gnumeric() -> str:
    return "" if shutil.which("ssconvert") else "Gnumeric is not installed"


#: Marker of tests -> what says why this machine cannot run them, "" where it can.
OBSTACLES: dict[str, Callable[[], str]] = {
    "libreoffice": _no_libreoffice,
    "uno": _no_uno,
    "screen": _no_screen,
    "browser": _no_browser,
    "gnumeric": _no_gnumeric,
}


@cache
def obstacle(marker: str) -> str:
    """Return why tests with a marker cannot run here; what is there is looked for once."""
    return OBSTACLES[marker]()


def skip_without_programs(item: pytest.Item) -> None:
    """Mark a test that needs a program of the machine; skip it where that is absent."""
    needed = [marker for marker in OBSTACLES if item.get_closest_marker(marker)]
    if not needed:
        return
    item.add_marker("machine")
    for reason in filter(None, map(obstacle, needed)):
        item.add_marker(pytest.mark.skip(reason=reason))
