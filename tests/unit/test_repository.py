"""What is in the repository serves everyone: no traces of one machine, a lock that fits."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import xlcity
from tools.licences import written

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "requirements.lock"
#: What may lie in the root: a test or a verb that writes where it runs adds to it.
FILES_OF_ROOT = {
    ".git-blame-ignore-revs",
    ".gitignore",
    ".pre-commit-config.yaml",
    "CHANGELOG.md",
    "CITATION.cff",
    "CONTRIBUTING.md",
    "LICENSE",
    "Makefile",
    "README.md",
    "README.zh.md",
    "SECURITY.md",
    "pyproject.toml",
    "requirements.lock",
}
FOLDERS_OF_ROOT = {
    ".ci",
    ".github",
    "benchmarks",
    "docs",
    "tests",
    "tools",
    "udfs",
    "workbooks",
    "xlcity",
}

LICENCES = ROOT / "docs" / "explanation" / "licences.md"

#: Folders of one machine, and where packages come from. Written so that no pattern matches itself.
TRACES = re.compile(
    rb"/ro[o]t/|/home/[a-z]|/Users/[A-Za-z]|[A-Z]:\\+Users\\|/tmp/[A-Za-z]|/work/(?:main|shared)"
    rb"|/opt/(?:pypi|wheels)|pypi[.]org|python[h]osted|registry[.]npmjs|[-]-(?:extra-)?index-url\s"
    rb"|[-]-find-links\s|\bartifactory|\bdevpi"
)
#: What each of them has in it, without the marks that keep it from being found here. Most files
#: have none of these, which is found out much faster.
_MARKED = (
    rb"/ro~ot/ /ho~me/ /Us~ers/ \Us~ers\ /t~mp/ /wo~rk/ /o~pt/ py~pi. python~hosted "
    rb"reg~istry.npmjs index~-url find~-links artif~actory dev~pi"
)
HINTS = tuple(_MARKED.replace(b"~", b"").split())
#: Office files are zips: what Excel and XlsxWriter note about paths stands in their parts.
PACKED = (".xlsx", ".xlsm", ".ods", ".docx", ".zip", ".whl")


def _git(*arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    ).stdout


@pytest.fixture(scope="module")
def tracked() -> list[Path]:
    """Return what is committed or about to be: known to git, or new and not ignored."""
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        pytest.skip("not a git checkout")
    names = _git("ls-files", "-z", "--cached", "--others", "--exclude-standard").split(
        "\0"
    )
    files = [ROOT / name for name in names if name]
    return [path for path in files if path.is_file()]


def _contents(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    yield name, content
    if name.endswith(PACKED) and zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for part in archive.namelist():
                yield f"{name}!{part}", archive.read(part)


def _traces(name: str, content: bytes) -> list[str]:
    return [
        f"{place}: {match.group().decode()}"
        for place, text in _contents(name, content)
        if any(hint in text for hint in HINTS)
        for match in TRACES.finditer(text)
    ]


def test_no_file_tells_where_it_was_made(tracked: list[Path]) -> None:
    found = [
        trace
        for path in tracked
        for trace in _traces(path.relative_to(ROOT).as_posix(), path.read_bytes())
    ]
    assert found == []


@pytest.mark.parametrize(
    "text",
    [
        "cd /ro" + "ot/x",
        "C:" + r"\Users\me",
        "https://py" + "pi.org/simple",
        "/wo" + "rk/main/x",
    ],
)
def test_traces_are_seen_in_text_and_inside_office_files(text: str) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", f"<absPath url='{text}'/>" * 9)
    assert _traces("notes.md", text.encode())
    assert [
        trace.split(":")[0] for trace in _traces("book.xlsx", packed.getvalue())
    ] == (["book.xlsx!xl/workbook.xml"] * 9)


def test_nothing_strange_lies_in_the_root(tracked: list[Path]) -> None:
    names = {path.relative_to(ROOT).parts[0] for path in tracked}
    assert names - FOLDERS_OF_ROOT == FILES_OF_ROOT


def test_nothing_ignored_is_tracked(tracked: list[Path]) -> None:
    assert _git("ls-files", "--cached", "--ignored", "--exclude-standard") == ""


def _locked() -> list[tuple[Requirement, int]]:
    """Return every pin of the lock with the number of its hashes."""
    pins: list[tuple[Requirement, int]] = []
    for line in LOCK.read_text(encoding="utf-8").splitlines():
        stripped = line.strip()
        if stripped.startswith("--hash=sha256:"):
            pins[-1] = (pins[-1][0], pins[-1][1] + 1)
        elif stripped and not stripped.startswith("#"):
            pins.append((Requirement(stripped.removesuffix("\\").strip()), 0))
    return pins


def test_lock_holds_pins_with_hashes_and_nothing_else() -> None:
    pins = _locked()
    assert len(pins) > 20
    for requirement, hashes in pins:
        (pin,) = requirement.specifier
        assert pin.operator == "=="
        assert requirement.url is None
        assert hashes > 0, requirement.name


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
@pytest.mark.parametrize("system", ["linux", "darwin", "win32"])
def test_lock_pins_what_the_project_asks_for(python: str, system: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = [
        *project["build-system"]["requires"],
        *project["project"]["dependencies"],
        *(
            one
            for extra in project["project"]["optional-dependencies"].values()
            for one in extra
        ),
    ]
    here = {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "sys_platform": system,
        "os_name": "nt" if system == "win32" else "posix",
    }
    chosen = {
        canonicalize_name(requirement.name): next(iter(requirement.specifier)).version
        for requirement, _ in _locked()
        if requirement.marker is None or requirement.marker.evaluate(here)
    }
    for text in asked:
        requirement = Requirement(text)
        version = chosen.get(canonicalize_name(requirement.name))
        assert version is not None, f"{requirement.name} is not locked: make lock"
        assert version in requirement.specifier, (
            f"{text} has {version} locked: make lock"
        )


def test_licence_page_names_every_dependency_in_both_languages() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))[
        "project"
    ]
    rows = [
        line
        for line in LICENCES.read_text(encoding="utf-8").splitlines()
        if line.startswith("| `")
    ]
    extras = project["optional-dependencies"]
    installed = {Requirement(line).name for line in project["dependencies"]}
    installed |= {
        Requirement(line).name
        for name in extras
        if name != "dev"
        for line in extras[name]
    }
    listed = [
        name for row in rows for name in re.findall("`([^`]+)`", row.split("|")[1])
    ]
    # Once in each language; two come with formulas and Jinja2; an extra is no name.
    names = [n for n in listed if n not in ("schedula", "MarkupSafe") and "[" not in n]
    assert sorted(names) == sorted([*installed, *installed])


def test_licence_page_lists_the_lock_as_the_script_writes_it() -> None:
    page = LICENCES.read_text(encoding="utf-8")
    assert page == written(page), "python -m tools.licences"
    rows = dict(re.findall(r"^\| ([\w-]+) \| (.+) \|$", page, re.MULTILINE))
    assert {canonicalize_name(pin.name) for pin, _ in _locked()} <= rows.keys()
    assert rows["jinja2"] == "BSD License"


def test_no_module_imports_the_licence_bound_part_of_xlwings() -> None:
    bound = re.compile(
        r"xlwings[.](?:pro|server)\b|from xlwings import .*\b(?:pro|server)\b"
    )
    named = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "xlcity").rglob("*.py")
        if bound.search(path.read_text(encoding="utf-8"))
    ]
    assert named == []


def test_the_citation_names_this_version():
    text = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {xlcity.__version__}\n" in text
