"""Writes what every verb writes as a workbook, from templates, own frameworks and used copies."""

from __future__ import annotations

import contextlib
import csv
import io
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import openpyxl
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.formatting.rule import ColorScaleRule
from openpyxl.worksheet.datavalidation import DataValidation

from tools.fuzz_files.seeds import MAP, everything
from tools.same_values import TREE, books, write_values
from xlcity.cli import main
from xlcity.reports import report_ids
from xlcity.workbook.reading.template import open_template
from xlcity.xlsx.address import quote_sheet

#: Output -> words of the verb; `{0}` is a finished workbook, `{1}` the copy that was worked on.
_VERBS = {
    "filled": "fill {0} --data one.csv",
    "cleared": "fill {0} --data one.csv --clear",
    "recalculated": "recalc {0}",
    "on_load": "recalc {0} --full-calc-on-load",
    "rebuilt": "rebuild {0}",
    "rolled": "roll {0} --edition 2031",
    "released": "release {0}",
    "worked_recalculated": "recalc {1}",
    "worked_filled": "fill {1} --data two.csv",
    "worked_rebuilt": "rebuild {1}",
    "worked_rolled": "roll {1} --edition 2031",
    "worked_released": "release worked_recalculated.xlsx",
    "merged": "merge {0} filled.xlsx worked_filled.xlsx",
    "preferred": "merge {0} filled.xlsx worked_filled.xlsx --prefer filled.xlsx",
}
#: File -> words of the verb that writes it.
_FILES = {
    "table.xlsx": "results {0} --xlsx table.xlsx",
    "assessed.xlsx": "assess {0} --n 50 --into assessed.xlsx",
}
_OFFICE = (".docx", ".xlsx")


def run(*words: str) -> int:
    """Run a verb in silence; return its exit code."""
    with (
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        return main(list(words))


def _values(path: Path, book: Path, value: float) -> None:
    """Write a table with one value for each of the first three cities."""
    template = open_template(book)
    code = template.framework.indicators[0].code
    rows = [[unit.id, value + at] for at, unit in enumerate(template.dataset.units[:3])]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["unit", code], *rows])


def work_on(source: Path, target: Path) -> None:
    """Save a copy with what people add: comments, rules, a chart, a sheet, names."""
    book = openpyxl.load_workbook(source)
    # Tabs are in the language of the workbook; names are not.
    ((title, _),) = book.defined_names["in_data"].destinations
    data = book[title]
    data["C8"].comment = Comment("why <this> & that?", "Li")
    # Not drawn by openpyxl as it stands in a template: the chart is one of a person's own.
    for sheet in book:
        sheet._charts = []
    own = book.create_sheet("Notes 备注")
    for row in range(1, 6):
        own.append(
            [f"line {row}", row, f"=B{row}*2", f"=SUM({quote_sheet(title)}!C:C)"]
        )
    chart = BarChart()
    chart.add_data(Reference(own, min_col=2, min_row=1, max_row=5))
    own.add_chart(chart, "G2")
    own["A1"].hyperlink = "https://example.org/"
    own.merge_cells("A8:C9")
    own.conditional_formatting.add(
        "B1:B5", ColorScaleRule("min", None, "FF0000", "max", None, "00FF00")
    )
    rule = DataValidation("list", formula1='"a,b"')
    own.add_data_validation(rule)
    rule.add("E1:E5")
    book.save(target)


def _verbs(folder: Path, name: str) -> Iterator[Path]:
    """Write into a folder, which becomes the current one, what verbs make of one workbook."""
    os.chdir(folder)
    book = f"{name}.xlsx"
    worked = "worked.xlsx"
    _values(Path("one.csv"), Path(book), 1.25)
    _values(Path("two.csv"), Path(book), 2.5)
    work_on(Path(book), Path(worked))
    for made, words in _VERBS.items():
        target = folder / f"{made}.xlsx"
        code = run(*words.format(book, worked).split(), "-o", str(target))
        if code > 1 or not target.exists():
            raise SystemExit(f"{name}, {words}: exit {code}")
        yield target
    for made, words in _FILES.items():
        if (code := run(*words.format(book).split())) > 1:
            raise SystemExit(f"{name}, {words}: exit {code}")
        yield folder / made
    if (code := run("report", book, "-o", "report", "--lang", "both")) > 1:
        raise SystemExit(f"{name}, report: exit {code}")
    yield from (
        path for path in sorted(folder.glob("report/*")) if path.suffix in _OFFICE
    )
    if soffice := shutil.which("soffice"):
        subprocess.run(
            [
                soffice,
                f"-env:UserInstallation=file://{folder}/profile",
                "--headless",
                "--convert-to",
                "xlsx",
                "--outdir",
                "office",
                book,
            ],
            capture_output=True,
            check=True,
            timeout=300,
        )
        for made in ("recalculated", "rebuilt", "rolled"):
            given = _VERBS[made].format(f"office/{book}").split()
            target = folder / f"office_{made}.xlsx"
            if run(*given, "-o", str(target)) <= 1:
                yield target


def outputs(folder: Path, chosen: list[str]) -> Iterator[Path]:
    """Write all outputs; with words, those whose title has one of them."""

    def wanted(title: str) -> bool:
        return any(word in title for word in chosen or [""])

    (folder / "tree.csv").write_text(TREE, encoding="utf-8")
    write_values(folder / "tree.data.csv", list("ABCDEF"))
    for at, (title, words) in enumerate(books()):
        if wanted(f"new {title}"):
            given = [
                str(folder / word) if word.startswith("tree.") else word
                for word in words
            ]
            target = folder / f"new_{at}.xlsx"
            if run("new", *given, "-o", str(target)) <= 1:
                yield target
    for report in report_ids():
        for title, option in (("zh", "--lang zh"), ("empty", "--empty")):
            if wanted(f"new {report} {title}"):
                target = folder / f"{report}_{title}.xlsx"
                run("new", report, *option.split(), "-o", str(target))
                yield target
        if wanted(f"verbs {report}"):
            made = folder / report
            made.mkdir()
            run("new", report, "-o", str(made / f"{report}.xlsx"))
            yield from _verbs(made, report)
    if wanted("verbs tree"):
        made = folder / "tree"
        made.mkdir()
        tables = [
            f"--framework={folder / 'tree.csv'}",
            f"--data={folder / 'tree.data.csv'}",
        ]
        run("new", *tables, "-o", str(made / "tree.xlsx"))
        yield from _verbs(made, "tree")
    if wanted("team"):
        yield from _team(folder)


def _team(folder: Path) -> Iterator[Path]:
    """Write what is made of a team's own workbook."""
    made = folder / "team"
    made.mkdir()
    os.chdir(made)
    Path("team.xlsx").write_bytes(everything())
    Path("map.toml").write_text(MAP, encoding="utf-8")
    for line in (
        "recalc team.xlsx -o recalculated.xlsx",
        "adopt team.xlsx --map map.toml -o tables",
        "new --framework tables --data tables -o adopted.xlsx",
    ):
        if (code := run(*line.split())) > 1:
            raise SystemExit(f"{line}: exit {code}")
    yield from (made / f"{name}.xlsx" for name in ("recalculated", "adopted"))
