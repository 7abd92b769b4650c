"""What the process of ironcalc runs: a workbook and positions in, values out as JSON.

Run by its path, with ironcalc and the standard library alone, so that it starts at once; it can
be ended when ironcalc takes too long, which ironcalc itself cannot.
"""

from __future__ import annotations

import contextlib
import json
import sys
from datetime import datetime, timedelta
from pathlib import Path


def timezone() -> str:
    """Return a time zone with the clock of this machine, for TODAY and NOW."""
    offset = datetime.now().astimezone().utcoffset() or timedelta()
    hours, rest = divmod(offset, timedelta(hours=1))
    # The names count westward.
    return f"Etc/GMT{-hours:+d}" if hours and not rest else "UTC"


def limit(what: str, most: int) -> None:
    """Let the process end when it takes more of something: `AS` bytes, `CPU` seconds.

    The seconds are for one that nobody waits for any more: whoever does has ended it by then.
    """
    with contextlib.suppress(ImportError, ValueError, OSError):  # Windows; a lower limit is set
        import resource

        kind = getattr(resource, f"RLIMIT_{what}")
        resource.setrlimit(kind, (most, resource.getrlimit(kind)[1]))


def main(arguments: list[str]) -> None:
    """Compute the first path, at the positions in the second, and write values to the third.

    A value is itself, or ``[text]`` for an error. The last arguments are how many seconds and how
    many bytes of memory may be taken, 0 for any number.
    """
    source, wanted, target = map(Path, arguments[:3])
    limit("CPU", int(arguments[3]) + 1)
    if most := int(arguments[4]):
        limit("AS", most)
    import ironcalc

    model = ironcalc.load_from_xlsx(str(source), "en", timezone(), "en")
    model.evaluate()
    tabs = {sheet["name"]: i for i, sheet in enumerate(model.get_worksheets_properties())}
    error = ironcalc.CellType.ErrorValue
    found = {}
    for sheet, positions in json.loads(wanted.read_text(encoding="utf-8")).items():
        if sheet not in tabs:
            raise SystemExit(f"it did not load the sheet {sheet}")
        tab = tabs[sheet]
        values: list[object] = []
        for row, column in positions:
            value: object = model.get_cell_value(tab, row, column)
            if isinstance(value, str) and value[:1] == "#":
                value = [value] if model.get_cell_type(tab, row, column) == error else value
            values.append(value)
        found[sheet] = values
    target.write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
