"""Measure the engines and write the verified list.

``python -m tools.measure`` measures all functions and rewrites the list in the package;
with names it measures those functions and prints their lines. It takes some minutes.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tools.measure.lines import measured
from xlcity.recalc.support.catalogue import catalogue

LIST = Path(__file__).parents[2] / "xlcity/recalc/support/data/list.tsv"


def main(argv: list[str] | None = None) -> int:
    """Run the measurement."""
    parser = argparse.ArgumentParser(prog="python -m tools.measure", description=__doc__)
    parser.add_argument("functions", nargs="*", metavar="NAME", help="functions; all by default")
    parser.add_argument("-o", "--out", type=Path, help="write here and not into the package")
    args = parser.parse_args(argv)
    unknown = [name for name in args.functions if name not in catalogue()]
    if unknown:
        parser.error(f"not in the catalogue: {', '.join(unknown)}")
    text = measured(args.functions or None, lambda line: print(line, file=sys.stderr))
    if args.functions and args.out is None:
        sys.stdout.write(text)
    else:
        (args.out or LIST).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
