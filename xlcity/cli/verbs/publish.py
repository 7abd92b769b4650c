"""Verbs that make what others read: a report, a workbook for the public, a fingerprint."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from xlcity.api.texts import ON_PAGE, own_language, say, told
from xlcity.api.verb import verb
from xlcity.cli.progress import step
from xlcity.cli.result import Result
from xlcity.messages import Message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xlcity.api import arguments as take
    from xlcity.report.make import MadeReport


@verb(
    "publish",
    book="report",
    form={
        "lang": "{lang}",
        "only": "",
        "template": "",
        "out": "{book}-report",
    },
    seconds=(10, 180),
)
def report(
    inputs: take.IndexArguments,
    *,
    out: take.Folder,
    lang: take.Language | None = None,
    only: take.Outputs = (),
    cities: take.Texts = (),
    annex: bool = False,
    half: bool = False,
    template: take.File | None = None,
    fill: take.File | None = None,
    series: take.File | None = None,
    style: take.File | None = None,
) -> Result:
    """Write a report: tables, figures, a Word chapter, city profiles, an HTML page, one slide.

    F is a template workbook, REPORT the id of a report; --framework with --data is an index of your
    own. Everything goes into the folder DIR. The same input gives the same bytes. What cannot be
    made is listed with the data that it needs. What you wrote into the places of a chapter that
    lies in DIR is taken over; the old file is kept as .bak.

    Parameters
    ----------
    out
        the folder to write into
    lang
        language of what is written (default: yours)
    only : ID
        tables and figures by id, or chapter, profiles, html, slide, picture (of the ranking),
        tables, figures
    cities : ID
        cities that have a profile (default: all that are ranked)
    annex
        every table and figure, those that a chapter does not choose in an annex
    half
        a chapter of half the length
    template : DOCX
        Word document whose styles, page and header are taken
    fill : DOCX
        your own Word document: fill its fields, such as {{ score.beijing }}, and write it into DIR
    series : CSV
        values of further series (unit, series, key, value)
    style : S
        colours, fonts and sizes of figures (TOML)

    Examples
    --------
    xlcity report image2025 -o book --lang both
    xlcity report image.xlsx -o book --only chapter html
    xlcity report image.xlsx -o book --only slide picture
    xlcity report image2025 -o book --only ranking-IMG bars-IMG
    xlcity report image2025 -o book --only profiles --cities beijing shanghai
    xlcity report --framework tree.csv --data data.csv -o book --template house.docx
    xlcity report image2025 -o book --style house.toml
    xlcity report image2025 -o book --fill article.docx
    """
    from xlcity.api.index import Index
    from xlcity.api.report import LANGUAGES
    from xlcity.cli.notes import kept_notes, synthetic_notes
    from xlcity.figures.fonts import require_drawing

    chosen = lang or own_language()
    require_drawing(LANGUAGES[chosen], "report")
    written = (inputs.workbook() or Index.of(inputs.read())).report(
        out,
        chosen,
        only=only,
        annex=annex,
        half=half,
        cities=cities,
        template=template,
        fill=fill,
        series=series,
        style=style,
        progress=step,
    )
    notes = [*kept_notes(list(written.kept)), *synthetic_notes(written.synthetic)]
    notes += _place_notes(written)
    return Result(written.as_dict(), _written(written), notes=notes)


def _place_notes(written: MadeReport) -> Iterator[str]:
    """Yield what became of the author's text in the chapters that lay in the folder."""
    for found in written.places:
        if found.taken:
            yield say("report.taken", file=found.file, places=[*found.taken])
        if found.left:
            yield say("report.left", file=found.file, places=[*found.left])
        if found.lost:
            yield say("report.no_places", file=found.file)
    fields = written.fields
    if fields is not None:
        yield say("report.filled", file=fields.name, number=fields.filled)
        if fields.unknown:
            unknown = [*fields.unknown]
            yield say("report.unknown_fields", file=fields.name, fields=unknown)


def _written(written: MadeReport) -> Iterator[str]:
    """Yield how many files of each kind there are, the documents, and what waits for data."""
    from collections import Counter

    kinds = Counter(file.kind for file in written.files)
    counts = [say(f"report.{kind}", number=number) for kind, number in kinds.items()]
    gap = "，" if own_language() == "zh" else ", "
    yield say(
        "report.done",
        folder=written.folder,
        files=kinds.total(),
        counts=gap.join(counts),
    )
    # The page lists the documents, and does not know tables and figures by their ids.
    needs = [told(file.needs.text(own_language())) for file in written.waiting]
    if ON_PAGE not in os.environ:
        yield from (
            f"  {file.file}"
            for file in written.files
            if file.kind in ("docx", "html", "pptx")
        )
        needs = [
            f"{file.id}  {text}"
            for file, text in zip(written.waiting, needs, strict=True)
        ]
    if needs:
        yield say("report.waiting")
        yield from (f"  {text}" for text in dict.fromkeys(needs))


@verb("publish", book="file", form={"out": "{book}-public.xlsx"})
def release(file: take.Template, *, out: take.Save) -> Result:
    """Write a workbook for the public: scores, ranks, framework and method, and no raw data.

    The file is written from the stored results only. It contains no raw values, no charts with
    cached raw values, no comments and no names of authors. Other entries are left out and listed.

    Parameters
    ----------
    file
        the template workbook, recalculated
    out : G
        the workbook to write

    Examples
    --------
    xlcity release image.xlsx -o image-public.xlsx
    """
    from collections import Counter
    from pathlib import Path

    from xlcity.api.remake import release_workbook
    from xlcity.cli.notes import doubt_notes, kept_notes
    from xlcity.workbook.migrate.leftovers import count_of_kind

    document = release_workbook(file, Path(out), step)
    kinds = Counter(line.what for line in document["left_out"])
    words = [
        count_of_kind(kind, number, own_language()) for kind, number in kinds.items()
    ]
    notes: list[str] = []
    if words:
        notes.append(say("release.left_out", words=words))
    notes += kept_notes(document["kept"])
    notes += doubt_notes(document["unverified"], out)
    marks = [mark for mark in ("draft", "synthetic") if document[mark]]
    notes += [say(f"release.{mark}", **document) for mark in marks]
    return Result(document, [say("release.done", **document)], notes=notes)


@verb("publish", book="file", form={"into": ""}, seconds=(1, 3))
def seal(
    file: take.Book,
    *,
    into: take.Save | None = None,
    out: take.Save | None = None,
) -> Result:
    """Record a fingerprint of a finished workbook. `check` uses it to find later changes.

    The fingerprint is a text beside the workbook; with --into also on the sheet `Seal` of a copy.

    Parameters
    ----------
    file
        any workbook; it is not changed
    into : F2
        write the workbook with its seal on the sheet Seal to F2
    out : SEAL
        the file to write (default: F.seal.txt)

    Examples
    --------
    xlcity seal image.xlsx
    xlcity seal image.xlsx --into sealed.xlsx
    xlcity check image.xlsx
    """
    from dataclasses import replace
    from pathlib import Path

    from xlcity.audit.check.seal import SUFFIX, file_code
    from xlcity.audit.check.seal import seal as fingerprint_of
    from xlcity.cli.notes import kept_notes
    from xlcity.workbook.checking.seal_sheet import with_seal
    from xlcity.workbook.reading.template import require_format
    from xlcity.xlsx.cells import read_book, resolve
    from xlcity.xlsx.package import Package
    from xlcity.xlsx.save import require_output, write_output

    source = into or file
    target = Path(out or f"{source}{SUFFIX}")
    require_output(target, [file, source])
    step(Message("step.reading_of_two"))
    package = Package.read(file)
    book = read_book(package)
    require_format(book, file)
    step(Message("step.fingerprinting"))
    fingerprint = fingerprint_of(package, book)
    if into:
        lang = (
            str(book.block(resolve(book, "xl_lang"))[0][0])
            if "xl_lang" in book.names
            else ""
        )
        write_output(
            Path(into), with_seal(package, fingerprint.text(Path(into).name), lang)
        )
    fingerprint = replace(fingerprint, file_code=file_code(source))
    text = fingerprint.text(Path(source).name)
    counts = fingerprint.counts
    document = {
        "path": file,
        "manifest": target,
        "code": text.rsplit(maxsplit=1)[-1],
        **counts,
    }
    notes = kept_notes(write_output(target, text.encode("utf-8")))
    lines = [say("seal.done", **document), say("seal.code", **document)]
    if into:
        document["into"] = into
        lines.append(say("seal.into", file=into))
    return Result(document, lines, notes=notes)
