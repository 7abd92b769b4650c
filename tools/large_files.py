"""Which files are too large for git, which keeps every version of them for ever.

``python -m tools.large_files`` names those of the checkout that are over the limit and fails.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
#: Largest file, in bytes: texts and tables that people compare are smaller.
LARGEST = 500_000
#: Data of a report, and the workbooks that people open without installing anything.
ALLOWED = ("workbooks/*.xlsx", "xlcity/reports/gihi2023/inputs.csv")


def files_in_git() -> list[Path]:
    """Return the files of the checkout that are in git, or will be with the next commit."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True
    )
    names = listed.stdout.decode("utf-8").split("\0")
    paths = [ROOT / name for name in names if name]
    return [path for path in paths if path.is_file()]


def is_too_large(path: Path) -> bool:
    """Tell whether a file is over the limit, and none of those that may be."""
    if path.stat().st_size <= LARGEST:
        return False
    name = path.relative_to(ROOT)
    return not any(name.match(pattern) for pattern in ALLOWED)


def main() -> int:
    """Name the files that are too large; return 1 if there are any."""
    try:
        paths = files_in_git()
    except (OSError, subprocess.CalledProcessError):
        print("no git checkout: sizes of files are not compared", file=sys.stderr)
        return 0
    found = [path for path in paths if is_too_large(path)]
    for path in found:
        size = path.stat().st_size
        name = path.relative_to(ROOT).as_posix()
        print(f"{name}: {size:,} bytes, at most {LARGEST:,}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
