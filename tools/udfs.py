"""Write the files that spreadsheet programs load, to be read: `python -m tools.udfs udfs`.

What `xlcity udf install`, `export` and `embed` write comes from the same functions, so that an
installed package needs no repository.
"""

from __future__ import annotations

import sys
from pathlib import Path

from xlcity.functions.registry import BUILT_IN
from xlcity.hosts.calc.profile import basic_text
from xlcity.hosts.excel.lite import lite_text
from xlcity.hosts.excel.module import MODULE, module_text


def generated() -> dict[str, str]:
    """Return the files: name -> text. Functions of one's own have no place there."""
    functions = tuple(BUILT_IN.values())
    return {
        f"{MODULE}.py": module_text(functions),
        "main.py": lite_text(),
        "xlcity_calc.bas": basic_text(functions),
    }


def write(directory: Path) -> None:
    """Write the files."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, text in generated().items():
        (directory / name).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
