"""Runs tests with the lowest versions that pyproject.toml allows: a bound that is false fails here.

``python tools/test_lowest.py [OPTION OF PYTEST …]`` makes an environment in a folder of its own,
which it removes again; `make test-lowest` calls it. uv, which chooses the versions, comes from the
package index. Where a version has no wheel for this Python, the next one is taken.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import tomllib
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
#: What people install; the tools of `dev` are the newest, as they are no part of the product.
EXTRAS = ("fast", "cluster", "figures", "desk", "report")
TOOLS = ("pytest", "pytest-xdist", "hypothesis", "networkx")
TESTS = (
    *("functions", "methods", "index", "api"),
    "workbook/test_xlsxwriter_members.py",
)
MARKED = "not slow and not long and not libreoffice"
#: Of wheels alone: to compile old versions tests the compiler of the machine.
_WHEELS = ("--only-binary", ":all:", "--quiet")


def make_environment(folder: Path) -> Path:
    """Make an environment; return its Python."""
    venv.create(folder, clear=True, with_pip=True)
    programs = folder / ("Scripts" if sys.platform == "win32" else "bin")
    return programs / "python"


def lowest_versions(python: Path, uv: list[str], into: Path) -> list[str]:
    """Write the lowest versions into a file; return the lines that pyproject.toml asks for."""
    extras = [word for extra in EXTRAS for word in ("--extra", extra)]
    choose = ("--resolution", "lowest-direct", "--python", str(python))
    project = str(ROOT / "pyproject.toml")
    subprocess.run(
        [*uv, "pip", "compile", project, *choose, *extras, *_WHEELS, "-o", str(into)],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    lines = into.read_text(encoding="utf-8").splitlines()
    pins = (line.split(" ")[0] for line in lines if "==" in line)
    return [pin for pin in pins if pin.partition("==")[0] in asked_for()]


def asked_for() -> frozenset[str]:
    """Return the names of the packages that pyproject.toml asks for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    optional = project["optional-dependencies"]
    requirements = list(project["dependencies"])
    for extra in EXTRAS:
        requirements += optional[extra]
    names = (re.match(r"[\w-]+", requirement) for requirement in requirements)
    return frozenset(name[0].lower() for name in names if name)


def run_tests(folder: Path, options: list[str]) -> int:
    """Install the lowest versions into a folder and run the tests; return pytest's exit code."""
    installer = make_environment(folder / "uv")
    subprocess.run([installer, "-m", "pip", "install", "--quiet", "uv"], check=True)
    uv = [str(installer), "-m", "uv"]
    python = make_environment(folder / "lowest")
    listed = folder / "lowest.txt"
    versions = lowest_versions(python, uv, listed)
    install = (*uv, "pip", "install", "--python", str(python), *_WHEELS)
    subprocess.run([*install, "-r", str(listed), *TOOLS], check=True)
    sys.stdout.write(f"lowest versions: {', '.join(versions)}\n")
    sys.stdout.flush()
    tests = [f"tests/unit/{name}" for name in TESTS]
    words = ["-q", "-p", "no:cacheprovider", "-m", MARKED, *options, *tests]
    done = subprocess.run(
        [python, "-m", "pytest", *words],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    return done.returncode


def main(options: list[str]) -> int:
    """Run the tests; return the exit code."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            return run_tests(Path(folder), options)
        except subprocess.CalledProcessError as error:
            sys.stderr.write(
                f"{' '.join(map(str, error.cmd))} ended with {error.returncode}\n"
            )
            return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
