"""What all tests have: their language and cache, one LibreOffice, kept texts, small books."""

import atexit
import functools
import gc
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from xlcity.functions import session
from xlcity.recalc.engines.soffice import open_shared_office, shared_office
from xlcity.workbook import tab_titles
from xlcity.workbook.checking import contract
from xlcity.xlsx import user_cache
from xlcity.xlsx.formulas import formula_cache

# tools/ and the helpers of tests stand beside the package and are not installed.
sys.path.insert(0, str(Path(__file__).parents[1]))

# As the command line does: the many cells of workbooks are searched for circles less often.
gc.set_threshold(100_000, 20)

# Messages are compared in English, whatever the locale of the machine.
os.environ["XLCITY_LANG"] = "en"


@pytest.fixture(autouse=True)
def _in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take back the language that the panel or the page has set for its reader."""
    monkeypatch.setenv("XLCITY_LANG", "en")


@pytest.fixture(autouse=True)
def _forget_functions() -> Iterator[None]:
    """Forget the functions that a test has declared in its session."""
    yield
    session.forget()


# The program's own cache, empty at the beginning: the workers of a run draw the templates that
# workbooks are compared with, and compile their formulas, once for all.
if "PYTEST_XDIST_WORKER" not in os.environ:
    os.environ["XLCITY_CACHE"] = tempfile.mkdtemp(prefix="xlcity-tests-")
    atexit.register(shutil.rmtree, os.environ["XLCITY_CACHE"], ignore_errors=True)
_CACHE = os.environ["XLCITY_CACHE"]

# How long an example takes hangs on the machine. Each run draws others, so that half of the usual
# number finds as much in two runs.
settings.register_profile("xlcity", deadline=None, max_examples=50)
settings.load_profile("xlcity")

# Test workbooks have the same bytes whether lxml is there or not.
os.environ["OPENPYXL_LXML"] = "False"


# What a test writes need not outlast a power cut: nothing waits for the disk.
os.fsync = lambda handle: None

# Tabs are named as the contract does, in Chinese books too: what tests look up has one name.
# Modules with CHINESE_TABS see the titles as they are.
_CHINESE_TITLES = tab_titles.chinese_titles
_NAMES = {name: name for name in _CHINESE_TITLES("")}
tab_titles.chinese_titles = lambda report: _NAMES
# What is drawn with them is kept apart.
_CODE = user_cache.code_digest
user_cache.code_digest = lambda: (
    f"{_CODE()} {tab_titles.chinese_titles is _CHINESE_TITLES}"
)

# Most tests read the formulas of the same few templates.
formula_cache.normalise_formula = functools.lru_cache(20_000)(
    formula_cache.normalise_formula
)

# A program that a test changes neither takes nor leaves what is kept.
_SETATTR = pytest.MonkeyPatch.setattr


def _setattr_without_cache(
    patch: pytest.MonkeyPatch, target: object, *args: object, **options: object
) -> None:
    places = target, getattr(target, "__module__", ""), getattr(target, "__name__", "")
    of_program = any(str(place).startswith("xlcity") for place in places)
    if of_program and os.environ.get("XLCITY_CACHE") == _CACHE:
        patch.setenv("XLCITY_CACHE", "")
    _SETATTR(patch, target, *args, **options)


pytest.MonkeyPatch.setattr = _setattr_without_cache


#: Files that take longest, by the time of their tests: workers begin with them, so that none is
#: left with one at the end.
LONGEST = (
    "golden/test_calc_keeps_values.py",
    "unit/workbook/test_tab_titles.py",
    "unit/test_recipes_followed.py",
    "unit/desk/test_page.py",
    "golden/test_template_engines.py",
    "golden/test_ties_shuffled.py",
    "unit/workbook/test_dead_inputs.py",
    "unit/workbook/test_pages.py",
    "unit/cli/test_untidy_walk.py",
    "golden/test_template_calc.py",
    "golden/test_template_parts.py",
    "unit/workbook/test_prepared.py",
    "property/test_migrate_sequences.py",
    "unit/desk/test_saves.py",
    "unit/workbook/test_seal.py",
    "golden/test_buttons.py",
    "golden/test_functions_in_calc.py",
    "published/test_iecc2024.py",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add what keeps products as text anew."""
    parser.addoption(
        "--refresh-kept", action="store_true", help="keep what tests make as text"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Refuse to keep texts in CI, where no person reads what changed."""
    if config.getoption("--refresh-kept") and os.environ.get("CI"):
        raise pytest.UsageError(
            "--refresh-kept is for people, who read the difference."
        )


@pytest.fixture
def require_kept(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Return what holds a value, as text, against that of its name in `kept/` by the test."""
    from tests.helpers.kept import require_kept

    folder = request.path.with_name("kept")
    refresh = request.config.getoption("--refresh-kept")

    def require(name: str, value: object, *, whole: bool = False) -> None:
        require_kept(folder / f"{name}.txt", value, refresh=refresh, whole=whole)

    return require


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by the programs they need, before `-m` chooses; begin with the longest files."""
    from tests.helpers.machine import skip_without_programs

    for item in items:
        skip_without_programs(item)
    _put_longest_first(items)


def _put_longest_first(items: list[pytest.Item]) -> None:
    """Put the tests of the longest files first where workers share them."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return
    root = Path(__file__).parent
    places = {root / name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path, len(LONGEST)))


def pytest_collection_finish() -> None:
    """Leave thousands of tests out of the search for circles among objects."""
    gc.freeze()


@pytest.fixture(scope="module", autouse=True)
def chinese_tabs(request: pytest.FixtureRequest) -> Iterator[None]:
    """Give tabs their Chinese titles where a module asks for them."""
    if not getattr(request.module, "CHINESE_TABS", False):
        yield
        return
    with pytest.MonkeyPatch.context() as patch:
        _SETATTR(patch, tab_titles, "chinese_titles", _CHINESE_TITLES)
        _forget_titles()
        yield
    _forget_titles()


def _forget_titles() -> None:
    """Forget what was named or drawn with the titles of before."""
    tab_titles.contract_name.cache_clear()
    contract._DRAWN.clear()


#: Tests of LibreOffice itself, which start their own.
OWN_OFFICE = ("unit/recalc/", "unit/hosts/", "unit/extension/", "golden/", "property/")


def _starts_own_office(request: pytest.FixtureRequest) -> bool:
    folder = request.path.relative_to(Path(__file__).parent).as_posix()
    return folder.startswith(OWN_OFFICE)


@pytest.fixture(scope="session", autouse=True)
def _end_office() -> Iterator[None]:
    """End the LibreOffice that tests share when all have run."""
    yield
    with shared_office():
        pass


@pytest.fixture(scope="module", autouse=True)
def _own_office(request: pytest.FixtureRequest) -> None:
    """End the LibreOffice that other tests share before those that start their own."""
    if _starts_own_office(request):
        with shared_office():
            pass


@pytest.fixture(autouse=True)
def _one_office(request: pytest.FixtureRequest, _own_office: None) -> None:
    """Let one LibreOffice compute for all tests: each start is two seconds of processor."""
    if not _starts_own_office(request):
        open_shared_office()


@pytest.fixture(scope="module")
def one_office() -> Iterator[None]:
    """Let one LibreOffice compute all workbooks of a module, not one for each."""
    with shared_office():
        yield


@pytest.fixture
def no_machine_fonts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Leave Matplotlib the fonts that come with it, as on a machine without others."""
    import matplotlib
    from matplotlib import font_manager

    from xlcity.figures import fonts

    def forget() -> None:
        fonts._installed.cache_clear()
        fonts._packaged_families.cache_clear()
        fonts._characters.cache_clear()
        fonts._letter_width.cache_clear()

    manager = font_manager.fontManager
    own = matplotlib.get_data_path()
    kept = [entry for entry in manager.ttflist if entry.fname.startswith(own)]
    monkeypatch.setattr(manager, "ttflist", kept)
    monkeypatch.setattr(font_manager, "findSystemFonts", list)
    forget()
    yield
    forget()


@pytest.fixture
def small_reports(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the verbs find the report image2025 with eight cities."""
    from tests.helpers.templates import small_report
    from xlcity.reports import load_report
    from xlcity.reports.report import Report

    def find(report_id: str) -> Report:
        return small_report() if report_id == "image2025" else load_report(report_id)

    for module in ("xlcity.workbook.spec.from_template", "xlcity.reports"):
        _SETATTR(monkeypatch, f"{module}.load_report", find)


@pytest.fixture
def small_file(tmp_path: Path, small_reports: None) -> Callable[..., Path]:
    """Return a maker of a file with the small template, without pages, cells edited as asked."""
    from tests.helpers.templates import edited, small_template

    def make(
        name: str = "book.xlsx",
        option: str | None = None,
        pages: str = "none",
        **edits: dict,
    ) -> Path:
        path = tmp_path / name
        edited(small_template(option, pages=pages), edits).write(path)
        return path

    return make
