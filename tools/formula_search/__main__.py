"""Search for formulas whose value is called ok and is wrong.

``python -m tools.formula_search [--count N] [--seed S] [NAME ...]`` makes
random formulas over small grids, has every engine compute them, asks the rules of `recalc` which
cells each engine is trusted with, and holds these against what Excel's documentation says
(`oracle`) and against LibreOffice. It ends with 1 if a cell called ok is wrong.
"""

from __future__ import annotations

import argparse
import sys

from tools.formula_search.judge import Report
from tools.formula_search.make import formulas, functions
from tools.formula_search.run import computed
from xlcity.recalc.engines import soffice

_TOGETHER = 500


def main(argv: list[str] | None = None) -> int:
    """Run the search."""
    parser = argparse.ArgumentParser(prog="python -m tools.formula_search", description=__doc__)
    parser.add_argument("functions", nargs="*", metavar="NAME", help="functions; all by default")
    parser.add_argument("--count", type=int, default=30_000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args(argv)
    names = args.functions or functions()
    report = Report()
    soffice.keep_process()
    try:
        made = list(formulas(args.count, args.seed, names))
        for start in range(0, len(made), _TOGETHER):
            report.add(computed(made[start : start + _TOGETHER]))
            print(f"{report.formulas:,} formulas", file=sys.stderr, flush=True)
    finally:
        soffice.end_process()
    print("\n".join(report.lines()))
    return 1 if report.wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
