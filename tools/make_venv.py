"""Makes the environment of a checkout: the locked packages and xlcity itself, on any system.

``python tools/make_venv.py [FOLDER]`` makes `.venv`, or FOLDER; `make venv` calls it. It needs
Python 3.11 or newer and nothing else; an older one ends with a sentence.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
#: Written last, so that an interrupted installation is made again from the start.
STAMP = ".made-from-lock"
_PIP = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")


def obstacle() -> str:
    """Return why this Python cannot make the environment, "" if it can."""
    if sys.version_info < (3, 11):  # noqa: UP036 - an older Python is to say so
        found = ".".join(map(str, sys.version_info[:2]))
        return "xlcity needs Python 3.11 or newer; {} is {}. Take another: {}".format(
            sys.executable,
            found,
            "make venv PYTHON=python3.12, or on Windows: py -3.12",
        )
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        return f"{sys.executable} cannot make environments; on Debian: apt-get install python3-venv"
    return ""


def make(folder: Path) -> Path:
    """Make the environment and return the folder of its programs."""
    import venv

    venv.create(folder, clear=True, with_pip=True)
    programs = folder / ("Scripts" if sys.platform == "win32" else "bin")
    python = str(programs / "python")
    lock = str(ROOT / "requirements.lock")
    for words in (
        ("--require-hashes", "-r", lock),
        ("--no-deps", "--no-build-isolation", "-e", "."),
    ):
        subprocess.run([python, *_PIP, *words], cwd=ROOT, check=True)
    name_checkout_in_ascii(folder)
    (folder / STAMP).touch()
    return programs


def name_checkout_in_ascii(folder: Path) -> None:
    """Let the environment find the checkout by a relative path, whatever its folder is called.

    pip writes the whole path into a .pth file. Python reads that in the encoding of the locale,
    and with `LC_ALL=C` does not start where the path has Chinese letters.
    """
    for file in folder.rglob("*.pth"):
        if file.read_text(encoding="utf-8").strip() == str(ROOT):
            checkout = os.path.relpath(ROOT, file.parent)
            file.write_text(checkout, encoding="utf-8")


def main(words: "list[str]") -> int:
    """Make it and say what to do next."""
    problem = obstacle()
    if problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    named = Path(words[0] if words else ".venv")
    if named.is_symlink():
        sys.stderr.write(
            f"{named} is a link: the environment there is another checkout's.\n"
        )
        return 1
    folder = named.resolve()
    try:
        programs = make(folder)
    except subprocess.CalledProcessError as error:
        sys.stderr.write(f"{' '.join(error.cmd)} ended with {error.returncode}\n")
        return error.returncode
    sys.stdout.write(f"{programs / 'xlcity'} is ready.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
