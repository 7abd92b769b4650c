"""A whole report of a small index, kept as text: tables, figures as data, documents, pages."""

import csv
import io
import re
import zipfile
import zlib
from types import SimpleNamespace

import docx
import pandas as pd
import pytest

from tests.helpers.kept import as_text, markup_lines, one_of_each_kind, without
from tests.helpers.liveable import REPORT, write_liveable
from xlcity.api.index import Index
from xlcity.figures.figure import Figure
from xlcity.model.framework import Framework
from xlcity.report.contents import ReportTable
from xlcity.report.earlier_editions import EarlierEditions
from xlcity.report.items import report_items
from xlcity.report.make import ReportMaker, ReportOptions
from xlcity.reports import load_report

_PICTURE = re.compile(r"data:[\w/+-]+;base64,[\w+/=]+")


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(
            "XLCITY_REPORTS", str(write_liveable(tmp_path_factory.mktemp("r")).parent)
        )
        yield Index(load_report(REPORT)).source()


def kept_items(source, kind: type) -> dict:
    kept = {}
    for name, item in report_items(source).items():
        made = item.make()
        if isinstance(made, kind):
            head = f"{name} ({item.section}, {item.importance})"
            kept[head] = made.content if isinstance(made, Figure) else made
            if isinstance(made, Figure):
                kept[f"{head} texts"] = [
                    made.title,
                    made.subtitle,
                    made.note,
                    made.source,
                ]
    return one_of_each_kind(kept, kind_of)


def kind_of(name: str) -> str:
    """Return what an item is of: the bars of a node are as those of another."""
    stem = name.partition(" (")[0].partition("-")[0]
    return stem + " texts" * name.endswith(" texts")


def test_every_table(require_kept, source):
    require_kept("tables", kept_items(source, ReportTable))


def test_every_figure_as_data(require_kept, source):
    require_kept("figures", kept_items(source, Figure))


def png() -> bytes:
    """Return a picture of one point."""
    parts = [
        (b"IHDR", b"\0\0\0\1\0\0\0\1\x08\0\0\0\0"),
        (b"IDAT", zlib.compress(b"\0\0")),
        (b"IEND", b""),
    ]
    chunks = [
        len(data).to_bytes(4, "big")
        + name
        + data
        + zlib.crc32(name + data).to_bytes(4, "big")
        for name, data in parts
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@pytest.fixture
def made(source, monkeypatch):
    """Return the files of the report, without drawing its figures."""
    picture = {
        "svg": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
        "png": png(),
        "chart.png": png(),
    }
    monkeypatch.setattr(
        Figure,
        "files",
        lambda self, lang, forms: {f: picture.get(f, png()) for f in forms},
    )
    options = ReportOptions(
        languages=("zh", "en"), cities=("oslo", "paris", "rome", "lisbon")
    )
    return {file.file: file for file in ReportMaker(source, options).make().files}


def _begins_page(paragraph) -> bool:
    return bool(paragraph.paragraph_format.page_break_before)


def test_the_documents(require_kept, made):
    lines = [
        as_text(
            {"files": [f"{f.file} {f.kind} {f.id} {f.title}" for f in made.values()]}
        )
    ]
    for name, file in made.items():
        if file.kind == "docx":
            document = docx.Document(io.BytesIO(file.content))
            lines.append(f"== {name}")
            lines += [
                f"{p.style.name}: {p.text}" + " (new page)" * _begins_page(p)
                for p in document.paragraphs
                if p.text
            ]
            lines += [
                " | ".join(cell.text for cell in row.cells)
                for table in document.tables[:4]
                for row in table.rows[:6]
            ]
            xml = (
                zipfile.ZipFile(io.BytesIO(file.content))
                .read("word/document.xml")
                .decode()
            )
            lines.append(" ".join(sorted({*re.findall(r"<(w[p14]*:\w+)", xml)})))
            fills = [row.count('w:fill="') for row in xml.split("<w:tr>")]
            lines.append("cells with a colour, by row: " + " ".join(map(str, fills)))
            lines.append(
                "widths " + " ".join(re.findall(r"<w:gridCol w:w=\"(\d+)\"", xml))
            )
    require_kept("documents", without("\n".join(lines)))


def test_the_tables_and_the_page_as_files(require_kept, made):
    lines = []
    for name in [name for name in made if name.endswith(".csv")][::6]:
        head, *rows = made[name].content.decode("utf-8-sig").splitlines()
        cells = [" | ".join(row) for row in csv.reader(rows)]
        lines += [f"== {name}", head, *cells]
    page = next(f for f in made.values() if f.kind == "html")
    html = page.content.decode()
    lines += [
        "== page",
        *markup_lines(_PICTURE.sub("DATA", html[html.index("<body") :])),
    ]
    require_kept("files", without("\n".join(lines)))


@pytest.mark.parametrize(
    ("ranks", "cities", "moved"),
    [
        ({0: (1, 1)}, "ax", {0: 0}),
        ({0: (1, 2), 1: (2, 1)}, "abx", {0: -1, 1: 1}),
        # Nobody came or went; nobody continues; a rank is not known.
        ({0: (1, 2), 1: (2, 1), 2: (3, 3)}, "abc", {}),
        ({}, "xyz", {}),
        ({0: (1, 1)}, "abx", {}),
    ],
)
def test_places_among_cities_that_continue(ranks, cities, moved):
    units = tuple(SimpleNamespace(id=name) for name in "abc")
    editions = SimpleNamespace(
        continuing=lambda code, rows: ranks,
        last=SimpleNamespace(units=set(cities)),
        result=SimpleNamespace(dataset=SimpleNamespace(units=units)),
    )
    assert EarlierEditions.changes_among(editions, "T", range(3)) == moved


def test_short_profiles_are_two_on_a_page():
    framework = Framework.read("code,parent,name_en\nT,,Total\na,T,A\nb,T,B\n")
    columns = {"a": [5.0, 4, 3, 2, 1], "b": [1.0, 2, 3, 4, 9]}
    source = Index(framework, pd.DataFrame(columns, index=[*"uvwxy"])).source()
    options = ReportOptions(languages=("en",), only=("profiles",))
    (file,) = ReportMaker(source, options).make().files
    document = docx.Document(io.BytesIO(file.content))
    heads = [p for p in document.paragraphs if p.style.name == "Heading 1"]
    assert [_begins_page(head) for head in heads] == [True, False, True, False, True]
