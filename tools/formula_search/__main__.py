"""Search for formulas whose value is called ok and is wrong.

``python -m tools.formula_search [--count N] [--seed S] [--book FILE] [NAME ...]`` makes
random formulas over small grids, has every engine compute them, asks the rules of `recalc` which
cells each engine is trusted with, and holds these against what Excel's documentation says
(`oracle`) and against LibreOffice. With ``--book`` the formulas are on a sheet of their own in a
template, or in a foreign workbook with its four names, and `recalc` chooses the engines. It ends
with 1 if a cell called ok is wrong.
"""

from __future__ import annotations

import argparse
import sys

from tools.formula_search.judge import Report
from tools.formula_search.make import empty_book, formulas, functions, with_sheet
from tools.formula_search.run import ENGINES, computed
from xlcity.recalc.engines import soffice
from xlcity.recalc.support.support_check import CONTRACT_NAMES

_TOGETHER = 500
#: In a large workbook, which every engine reads each time.
_TOGETHER_IN_A_BOOK = 3000


def main(argv: list[str] | None = None) -> int:
    """Run the search."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.formula_search", description=__doc__
    )
    parser.add_argument(
        "functions", nargs="*", metavar="NAME", help="functions; all by default"
    )
    parser.add_argument("--count", type=int, default=30_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--book", help="a template's file; `names`: a workbook with its names"
    )
    args = parser.parse_args(argv)
    engines: tuple[str, ...] = ENGINES if args.book is None else ("auto", "libreoffice")
    together = _TOGETHER_IN_A_BOOK if args.book else _TOGETHER
    names_only = args.book in (None, "names")
    base = (
        empty_book(*(CONTRACT_NAMES if args.book else ()))
        if names_only
        else with_sheet(args.book)
    )
    names = args.functions or functions()
    report = Report()
    with soffice.shared_office():
        made = list(formulas(args.count, args.seed, names))
        if (
            args.book
        ):  # one huge number and our own engine computes nothing of a workbook
            made = [one for one in made if not one.is_huge]
        for start in range(0, len(made), together):
            report.add(computed(made[start : start + together], base, engines))
            print(f"{report.formulas:,} formulas", file=sys.stderr, flush=True)
    print("\n".join(report.lines()))
    return 1 if report.wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
