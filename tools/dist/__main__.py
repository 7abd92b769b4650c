"""Makes a release: wheel, starters, .oxt, templates, SBOM, checksums; always the same bytes.

`python -m tools.dist dist` (`make dist`). The wheel is installed, with the locked packages that
it needs and no others, into a new environment, where it makes and checks a template. With
`--offline` (`make dist-offline`) the folder also has all that the starter of Windows would download.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.request
import venv
import zipfile
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import xlcity
from tools.licences import licence_of
from tools.workbooks import books_of, write_books
from xlcity.extension.build import FILE, extension
from xlcity.hosts.self_test import build_self_test

ROOT = Path(__file__).resolve().parents[2]
#: Moment of every entry of the zip: the earliest that the format knows.
ZIP_TIME = (1980, 1, 1, 0, 0, 0)
#: Starter, the file that it is made from, and whether it has been tried.
STARTERS = (
    ("start-on-linux.sh", "start.sh", "Tried on Debian."),
    ("start-on-macos.command", "start.sh", "Not tried on macOS."),
    ("start-on-windows.bat", "start.bat", "Not tried on Windows."),
)
#: The Python that the starter of Windows brings: the embeddable one of python.org, and its digest.
RELEASE = "3.12.10"
PYTHON = f"python-{RELEASE}-embed-amd64.zip"
PYTHON_DIGEST = "4acbed6dd1c744b0376e3b1cf57ce906f9dc9e95e68824584c8099a63025a3c3"
#: It comes without pip, which runs from its wheel.
PIP = "pip==26.1"
PIP_DIGEST = "4e8486d821d814b77319acb7b9e8bf5a4ee7590a643e7cb21029f209be8573c1"
#: Extras that the starters install.
EXTRAS = ("desk", "fast", "report")
#: What markers of requirements say on Windows.
WINDOWS = {
    "os_name": "nt",
    "sys_platform": "win32",
    "platform_system": "Windows",
    "platform_machine": "AMD64",
    "python_version": RELEASE.rpartition(".")[0],
    "python_full_version": RELEASE,
}
#: What pip leaves in a new environment.
INSTALLERS = frozenset(("pip", "setuptools"))


def _run(*command: str | Path) -> None:
    subprocess.run([str(word) for word in command], cwd=ROOT, check=True)


def wheel(folder: Path) -> Path:
    """Build the wheel."""
    _run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder)
    (built,) = folder.glob("*.whl")
    return built


def packed(files: Iterable[Path], base: Path, target: Path) -> Path:
    """Write files into a zip, sorted and without the times of this machine."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(files):
            entry = zipfile.ZipInfo(path.relative_to(base).as_posix(), ZIP_TIME)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)
    return target


def pins(lock: str) -> str:
    """Return the versions of a lock file, without hashes and comments: constraints for pip."""
    lines = (line.split("\\")[0].strip() for line in lock.splitlines())
    return "".join(f"{line}\n" for line in lines if "==" in line and not line.startswith("#"))


def templates(folder: Path) -> list[Path]:
    """Write templates and the self-test workbook in both languages, and the practice tables."""
    written: list[Path] = []
    for lang in ("zh", "en"):
        written += write_books(books_of(lang), folder / lang)
        written.append(folder / lang / "self-test.xlsx")
        written[-1].write_bytes(build_self_test(lang))
    practice = folder / "practice"
    practice.mkdir()
    tables = (ROOT / "docs" / "tutorials" / "data").glob("*.csv")
    return [*written, *(Path(shutil.copy(path, practice)) for path in tables)]


def starters(folder: Path, built: Path, constraints: Path) -> list[Path]:
    """Write what a double-click installs the wheel with: for Linux, macOS and Windows."""
    given = {
        "VERSION": xlcity.__version__,
        "WHEEL": built.name,
        "CONSTRAINTS": constraints.name,
        "DIGEST": hashlib.sha256(built.read_bytes()).hexdigest(),
        "RELEASE": RELEASE,
        "PYTHON": PYTHON,
        "PYTHONDIGEST": PYTHON_DIGEST,
        "LIBRARY": f"python{''.join(RELEASE.split('.')[:2])}",
        "EXTRAS": ",".join(EXTRAS),
        "PIP": f"{PIP.replace('==', '-')}-py3-none-any.whl",
    }
    written = []
    for name, source, tried in STARTERS:
        text = Path(__file__).with_name(source).read_text(encoding="utf-8")
        for key, value in {**given, "TRIED": tried}.items():
            text = text.replace(f"@{key}@", value)
        path = folder / name
        line_end = "\r\n" if name.endswith(".bat") else "\n"
        path.write_text(text, encoding="utf-8", newline=line_end)
        path.chmod(0o755)
        written.append(path)
    return written


def download(requirements: Iterable[str], folder: Path, *options: str) -> None:
    """Download wheels of requirements with their hashes, and nothing that these need."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as listed:
        listed.writelines(f"{requirement}\n" for requirement in requirements)
        listed.flush()
        _run(
            sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
            "--no-deps", "--only-binary", ":all:", "--require-hashes", "--dest", folder,
            *options, "--requirement", listed.name,
        )


def needed_on_windows() -> set[str]:
    """Return the names of the packages that the starter of Windows installs beside xlcity."""
    needed: set[str] = set()
    waiting = ["xlcity"]
    while waiting:
        name = waiting.pop()
        try:
            asked = [Requirement(text) for text in metadata.requires(name) or ()]
        except metadata.PackageNotFoundError:
            continue  # a package of Windows alone; that of pywin32 needs no other
        extras = EXTRAS if name == "xlcity" else ("",)
        new = {
            canonicalize_name(one.name)
            for one in asked
            if one.marker is None
            or any(one.marker.evaluate({**WINDOWS, "extra": extra}) for extra in extras)
        }
        waiting += new - needed
        needed |= new
    return needed


def pins_for_windows(lock: str) -> list[str]:
    """Return the requirements of a lock file that Windows takes, with their hashes."""
    needed = needed_on_windows()
    chosen = []
    for block in re.findall(r"(?m)^[^\s#].*(?:\n    --hash.*)*", lock):
        requirement = Requirement(block.partition("\\\n")[0])
        wanted = requirement.marker is None or requirement.marker.evaluate({**WINDOWS, "extra": ""})
        if wanted and canonicalize_name(requirement.name) in needed:
            # pip would ask this machine what the marker says.
            chosen.append(re.sub(r" ;[^\\]*", " ", block, count=1))
    return chosen


def offline(folder: Path, lock: str) -> None:
    """Lay what the starter of Windows would download beside it: Python, and wheels of packages."""
    target = ("--platform", "win_amd64", "--implementation", "cp")
    download(pins_for_windows(lock), folder / "wheels", *target, "--python-version",
             WINDOWS["python_version"])
    address = f"https://www.python.org/ftp/python/{RELEASE}/{PYTHON}"
    with urllib.request.urlopen(address) as answer:
        content = answer.read()
    if hashlib.sha256(content).hexdigest() != PYTHON_DIGEST:
        raise SystemExit(f"{address} has another content than is known.")
    (folder / PYTHON).write_bytes(content)


def install(built: Path, environment: Path, constraints: Path) -> Path:
    """Install the wheel into a new environment; return the folder of its packages.

    It makes and checks a template there before the packages come that the starters add.
    """
    venv.create(environment, with_pip=True)
    scripts = environment / ("Scripts" if sys.platform == "win32" else "bin")
    pip = (scripts / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    _run(*pip, "--constraint", constraints, f"xlcity[fast] @ {built.as_uri()}")
    book = environment / "image2025.xlsx"
    _run(scripts / "xlcity", "new", "image2025", "-o", book)
    _run(scripts / "xlcity", "check", book)
    extras = ",".join(EXTRAS)
    _run(*pip, "--constraint", constraints, f"xlcity[{extras}] @ {built.as_uri()}")
    (packages,) = environment.rglob("site-packages")
    return packages


def _component(found: metadata.Distribution) -> Component:
    name = canonicalize_name(found.name)
    about = found.metadata.json
    licence = licence_of(about)
    named = [LicenseFactory().make_from_string(licence)] if licence else ()
    url = PackageURL("pypi", None, name, found.version)
    return Component(
        name=name,
        version=found.version,
        type=ComponentType.LIBRARY,
        bom_ref=str(url),
        purl=url,
        licenses=named,
        description=str(about.get("summary", "")),
    )


def _needed(found: metadata.Distribution) -> set[str]:
    """Return the names of what a package needs here, without its extras."""
    asked = [Requirement(text) for text in found.requires or ()]
    return {
        canonicalize_name(one.name)
        for one in asked
        if one.marker is None or one.marker.evaluate({"extra": ""})
    }


def sbom(packages: Path) -> str:
    """Return the software bill of materials (CycloneDX) of what a folder of packages holds."""
    found: dict[str, metadata.Distribution] = {
        canonicalize_name(one.name): one
        for one in metadata.distributions(path=[str(packages)])
        if one.name not in INSTALLERS
    }
    components: dict[str, Component] = {name: _component(found[name]) for name in sorted(found)}
    bom = Bom(components=[part for name, part in components.items() if name != "xlcity"])
    bom.metadata.component = components["xlcity"]
    for name, component in components.items():
        asked = sorted(_needed(found[name]) & found.keys())
        bom.register_dependency(component, [components[one] for one in asked])
    made = JsonV1Dot6(bom)
    made.generate()
    document = json.loads(made.output_as_string())
    # They differ from run to run and say nothing about what is in the wheel.
    del document["serialNumber"], document["metadata"]["timestamp"]
    return json.dumps(document, indent=2, sort_keys=True) + "\n"


def main(folder: Path, *options: str) -> None:
    """Make a release in a folder, which must be empty or new."""
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise SystemExit(f"{folder} is not empty.")
    built = wheel(folder)
    stem = f"xlcity-{xlcity.__version__}"
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        made = work / "templates"
        packed(templates(made), made, folder / f"{stem}-templates.zip")
        constraints = folder / f"{stem}-constraints.txt"
        locked = (ROOT / "requirements.lock").read_text(encoding="utf-8")
        constraints.write_text(pins(locked), encoding="utf-8", newline="\n")
        starters(folder, built, constraints)
        download([f"{PIP} --hash=sha256:{PIP_DIGEST}"], folder)
        if "--offline" in options:
            offline(folder, locked)
        listed = sbom(install(built, work / "environment", constraints))
    (folder / FILE).write_bytes(extension())
    (folder / f"{stem}.cdx.json").write_text(listed, encoding="utf-8", newline="\n")
    sums = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder).as_posix()}\n"
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    ]
    (folder / "SHA256SUMS").write_text("".join(sums), encoding="utf-8", newline="\n")
    sys.stdout.write("".join(sums))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
