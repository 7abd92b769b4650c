"""Verbs to start with: what there is, a first workbook, a team's own table, an index."""

from __future__ import annotations

from itertools import starmap
from typing import TYPE_CHECKING

from xlcity.api.texts import language, say, text_of, told
from xlcity.api.verb import verb
from xlcity.cli.progress import step
from xlcity.cli.result import Result, TextTable, head_text, listing, ranking_table
from xlcity.messages import Message

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any, Literal

    from xlcity.api import arguments as take
    from xlcity.api.index import Index
    from xlcity.api.templates import NewTemplate
    from xlcity.cli.result import Blocks
    from xlcity.errors import Problem
    from xlcity.index import IndexResult
    from xlcity.index.panel import EditionScores

#: The report of the guided run, and the cities of it that are shown.
REPORT = "image2025"
FIRST = 10
#: Cells that a note lists: without a value; where routes do not agree.
_BLANK = 12
_DIFFERING = 5


@verb("start", timed=False)
def demo(*, outdir: take.Folder = "demo") -> Result:
    """Guided run of the main workflow on real data.

    A workbook is built, recalculated, checked and compared with print, by the verbs that are shown.
    The workbooks are kept for you to open.

    Parameters
    ----------
    outdir : D
        folder for the workbooks (default: {default})

    Examples
    --------
    xlcity demo
    """
    import time
    from pathlib import Path

    from xlcity.api.arguments import AS_JSON, run_verb
    from xlcity.cli.parser import parser_of

    folder = Path(outdir)
    folder.mkdir(parents=True, exist_ok=True)
    book = str(folder / f"{REPORT}.xlsx")
    fresh = str(folder / f"{REPORT}-recalculated.xlsx")
    commands = [
        ["new", REPORT, "-o", book],
        ["recalc", book, "-o", fresh],
        ["check", fresh],
        ["results", fresh, "--top", str(FIRST)],
        ["reproduce", REPORT],
    ]
    steps: list[dict[str, Any]] = []
    result = Result({"steps": steps})
    start = time.perf_counter()

    def run_in_turn() -> Blocks:
        for name, *words in commands:
            yield f"\n$ xlcity {' '.join([name, *words])}"
            args = parser_of(name).parse_args(words)
            done: Result = run_verb(args.verb, {**vars(args), AS_JSON: False})
            yield from done.blocks
            yield from (note for note in done.notes if isinstance(note, str))
            steps.append({"verb": name, "exit": done.code, "document": done.document})
            result.code = max(
                result.code, done.code if name in ("new", "recalc", "check") else 0
            )
        yield say("demo.done", seconds=time.perf_counter() - start, file=fresh)

    result.blocks = run_in_turn()
    return result


@verb("start", "list", timed=False)
def list_reports() -> Result:
    """List the reports and systems: id, edition, cities, indicators and what data they come with.

    A system is a set of indicators that the literature describes. All its values are invented.

    Examples
    --------
    xlcity list
    """
    from xlcity.reports import summaries

    columns = "id kind edition cities=units nodes indicators data name_zh name_en"
    entries = summaries()
    # The kinds of entries and of data, in words.
    shown = []
    for entry in entries:
        kind = text_of(f"list.{entry['kind']}")
        data = text_of(f"list.{entry['data']}")
        shown.append({**entry, "kind": kind, "data": data})
    return Result({"reports": entries}, [listing(shown, *columns.split())])


@verb(
    "start",
    form={
        "report": "",
        "framework": "",
        "recipe": "",
        "data": "",
        "empty": "",
        "pages": "",
        "functions_inside": "",
        "lang": "{lang}",
        "out": "{new}.xlsx",
    },
    seconds=(3, 20),
)
def new(
    inputs: take.IndexArguments,
    *,
    out: take.Save,
    from_tables: take.Folder | None = None,
    empty: bool = False,
    cities: take.Table | None = None,
    lang: take.Language = "zh",
    cells: Literal["native", "functions", "both"] | None = None,
    udf: bool = True,
    functions_inside: Literal["lite"] | None = None,
    pages: take.Pages = (),
) -> Result:
    """Make a template workbook.

    REPORT is an id from `xlcity list`. Without --data, the template contains the report's own
    values, each with its status. With --data it contains your values, with --empty none.

    With --framework and --empty, the cities come from --cities or from the rows of --data.

    With --from-tables, inputs are chosen inside the rounding of printed scores, so that all scores
    and their order come out. Scores that cannot be are named as misprints. The data, and the range
    of each value, are written beside the workbook.

    Parameters
    ----------
    out : F
        the workbook to write
    from_tables : FOLDER
        framework.csv, recipe.toml and printed tables, in place of values
    empty
        leave the inputs blank
    cities : C
        with --empty: the list of cities (CSV)
    lang
        language of labels and tabs (default: zh); rebuild --lang changes it
    cells
        formulas, calls of functions in their place, or formulas and calls beside them (default:
        both for a report, formulas for your own framework)
    udf
        the same as --cells native
    functions_inside
        lite: the workbook carries the functions for xlwings Lite, which computes them in Excel
        without Python on the machine
    pages
        pages on demand: all, or names with commas; none leaves out those of every workbook

    Examples
    --------
    xlcity new image2025 -o image.xlsx
    xlcity new image2025 --data survey.csv --lang en -o image.xlsx
    xlcity new --framework tree.csv --data data.csv --normalise zscore -o own.xlsx
    xlcity new --from-tables printed -o printed.xlsx
    """
    from xlcity.api.templates import new_template
    from xlcity.cli.notes import reading_document
    from xlcity.errors import UsageError
    from xlcity.model.reading.units import read_units_csv
    from xlcity.workbook.spec import NATIVE

    if empty and inputs.data and inputs.report is not None:
        raise UsageError.of("XC100.empty_and_data")
    if cities and not empty:
        raise UsageError.of("XC100.cities_without_empty")
    tables = None
    if from_tables:
        from xlcity.api.from_tables import inputs_from_tables

        if inputs.report or inputs.framework or inputs.data:
            raise UsageError.of("XC100.from_tables_alone")
        step(Message("step.choosing_inputs"))
        tables = inputs_from_tables(from_tables, out, inputs.chosen)
    given = inputs.read(empty=empty) if tables is None else tables.inputs
    # A system is known for its cities.
    shipped = None if given.report is None else given.report.folder / "named_cities.csv"
    named = cities or (shipped if shipped is not None and shipped.is_file() else None)
    step(Message("step.building"))
    template = new_template(
        given,
        out,
        language=lang,
        cells=(cells or "") if udf else NATIVE,
        empty=empty,
        cities=read_units_csv(named) if empty and named else None,
        pages=pages,
        functions_inside=functions_inside or "",
    )
    document = template.as_dict()
    text = say(
        "new.done",
        **{**document, "sheets": len(document["sheets"])},
        kind=say(f"data.{document['data']}"),
    )
    code = 1 if template.differing else 0
    document |= reading_document(given.notes)
    lines = [text]
    notes = [*_notes_on_new(template)]
    if tables is not None:
        document |= tables.as_dict()
        lines.append(_chosen_line(document))
        notes += [say("new.misprint", **line) for line in document["misprints"]]
    return Result(document, lines, notes=notes, code=code)


def _chosen_line(document: dict[str, Any]) -> str:
    """Return how inputs were chosen from printed tables."""
    return say(
        "new.from_tables",
        files=document["files"],
        tables=document["by_construction"],
        misprints=len(document["misprints"]),
        margin=document["margin"],
    )


def _notes_on_new(template: NewTemplate) -> Iterator[str | Problem]:
    from xlcity.cli.notes import consistency_notes, kept_notes, reading_notes

    spec = template.spec
    finished = template.finished
    yield from consistency_notes(template.as_dict()["consistency"])
    yield from kept_notes(template.kept)
    yield from reading_notes(template.inputs.notes)
    yield from template.doubts
    if spec.kind in ("partial", "synthetic"):
        yield spec.note_zh if language() == "zh" else spec.note_en
    if spec.calls_in_place:
        yield say("new.calls", calls=finished.counts.calls)
    for check in finished.routes:
        yield say(f"new.{check.name}", detail=told(check.detail))
    for check in template.differing:
        cells = f": {', '.join(check.cells[:_DIFFERING])}" if check.cells else ""
        what = say(f"new.differ.{check.name}")
        yield say("new.differ", what=what, detail=told(check.detail), cells=cells)


@verb(
    "start",
    at_most_one="map propose",
    form={
        "file": "",
        "map": "{file}.map.toml",
        "out": "{file}-tables",
        "total": "",
        "keep": "",
    },
    seconds=(2, 20),
)
def adopt(
    file: take.Table,
    *,
    map: take.File | None = None,
    propose: take.Save | None = None,
    sheet: take.Text | None = None,
    total: take.Text | None = None,
    keep: take.Repeated = (),
    out: take.Folder | None = None,
) -> Result:
    """Read a team's own workbook into tables that `new --framework` takes.

    A workbook with formulas needs nothing else: they are followed from the total back to the typed
    values, and each column is measured with invented values. Framework, recipe and data are
    written, and proved: every score, total and rank is compared with those of the workbook. Cells
    that break the pattern of their column are listed, and replaced by what the column does; --keep
    names those that are meant. TEAM.map.toml keeps what was read, for `check` and for next year.
    What no method computes stays as given values.

    --map is a TOML file. It names the sheet and row of the column names, the column of the city,
    and the indicator of each heading. The framework may come from a sheet as well. Both tables are
    checked before anything is written.

    --propose writes such a file from what the table looks like: read it, correct it, and replace
    each direction = "?" by 1 where larger is better, or -1 where smaller is better. Its section
    [cities] lists names that are nearly those of known cities: replace each "?" by the right name.
    It also has the title, the methods and the weights of the index. What an earlier file of that
    name says is kept.

    Parameters
    ----------
    file : TEAM
        the team's workbook
    map : M
        where everything is (TOML)
    propose : M
        write a proposal of the map to this file
    sheet : NAME
        the sheet that --propose looks at (default: the likeliest)
    total : CELL
        a cell of the total, such as Index!J5 (default: the likeliest column)
    keep : CELL
        a cell that breaks its column's pattern and is meant so (repeatable)
    out : FOLDER
        the folder to write to (with formulas, default: TEAM-tables)

    Examples
    --------
    xlcity adopt team.xlsx -o tables
    xlcity adopt team.xlsx --propose map.toml
    xlcity adopt team.xlsx --map map.toml -o tables
    """
    from xlcity.errors import UsageError

    if propose is not None:
        return _propose_map(file, propose, sheet)
    if map is None:
        return _adopt_by_formulas(file, out, total=total, keep=keep)
    if not out:
        raise UsageError.of("XC100.map_without_folder")
    return _adopt_by_map(file, map, out)


def _adopt_by_formulas(
    file: str, out: str | None, *, total: str | None, keep: Sequence[str]
) -> Result:
    """Write the tables of an index that formulas tell of, and how they are proved."""
    from pathlib import Path
    from shlex import quote

    from xlcity.adoption.maps import map_parts
    from xlcity.cli.notes import kept_notes
    from xlcity.cli.target import write_tables
    from xlcity.errors import UsageError, Where
    from xlcity.model.reading.tables import csv_text, decode_text, read_bytes
    from xlcity.proof.document import index_document, workbook_map_text
    from xlcity.proof.reading import read_index
    from xlcity.proof.workbook_map import map_path, read_workbook_map
    from xlcity.xlsx.package import is_workbook_name
    from xlcity.xlsx.save import write_output

    if not is_workbook_name(file):
        # Another kind of file is refused as such.
        decode_text(read_bytes(Path(file)), file)
        raise UsageError.of("XC100.table_without_map", Where(file=file))
    folder = out or str(Path(file).with_suffix("")) + "-tables"
    step(Message("step.following_formulas"))
    # Who names the total decides anew which cells stay as they stand.
    known = read_workbook_map(file) if total is None else None
    read = read_index(file, total, keep, known)
    document = index_document(read)
    tables = {
        "framework.csv": csv_text(read.tables.framework_rows),
        "data.csv": csv_text(read.tables.data_rows),
        "recipe.toml": read.tables.recipe_text,
    }
    document |= {
        "path": folder,
        "files": sorted(tables),
        "map": str(map_path(file)),
        "kept": write_tables(folder, tables),
    }
    parts = map_parts(map_path(file))._replace(formulas=workbook_map_text(read))
    backup = write_output(map_path(file), parts.text.encode("utf-8"))
    document["kept"] += filter(None, [backup])
    lines = [say("adopt.done", **document), *_proof_lines(document)]
    lines.append(say("adopt.map", map=document["map"]))
    method = f"--recipe {quote(folder + '/recipe.toml')} "
    lines.append(say("adopt.next", folder=quote(folder), method=method))
    notes = [*kept_notes(document["kept"]), *_notes_on_proof(document)]
    return Result(document, lines, notes=notes, code=int(read.status == "refuted"))


def _proof_lines(document: dict[str, Any]) -> Iterator[str]:
    """Yield what was proved, in sentences."""
    by_what = {row["what"]: row for row in reversed(document["proof"])}
    totals = by_what["totals"]
    not_explained = sum(row["formulas"] for row in document["not_explained"])
    yield say(
        f"adopt.proof.{document['status']}",
        total=document["total"],
        equal=totals["equal"],
        cells=totals["cells"],
        largest=totals["max_diff"],
        explained=document["explained"],
        missing=not_explained,
    )
    if document["recalculated"]:
        yield say("adopt.proof.recalculated")
    # Rounded totals equal ours before they are rounded; those of the file are compared as rounded.
    of_totals = "rounded" if "rounded totals" in by_what else "stored"
    for what in (f"{of_totals} totals", "stored ranks"):
        if what in by_what and not document["recalculated"]:
            row = by_what[what]
            key = "adopt.proof." + what.replace(" ", "_")
            yield say(key, equal=row["equal"], cells=row["cells"])
    yield from _lines_on_data(document)


def _lines_on_data(document: dict[str, Any]) -> Iterator[str]:
    """Yield how other data agree, and of which indicators less is better."""
    others = [row for row in document["proof"] if row["what"].endswith("other data")]
    whole = sum(row["equal"] == row["cells"] for row in others)
    yield say("adopt.proof.other", whole=whole, sets=len(others))
    turned = [part for part in document["tree"] if part.get("direction") == -1]
    if turned:
        yield say("adopt.reversed", listed=[part["code"] for part in turned])


def _notes_on_proof(document: dict[str, Any]) -> Iterator[str]:
    """Yield slips with their effect, columns that stay as given, and questions."""
    yield from _notes_on_slips(document)
    for row in document["not_explained"]:
        why = told(row["why"])
        yield say("adopt.given", cell=row["column"], heading=row["heading"], why=why)
    if document["rounded"]:
        yield say("adopt.rounded", listed=[*document["rounded"]])
    cells = {slip["cell"] for slip in document["slips"]}
    for question in document["questions"]:
        if question["cell"] not in cells:
            yield told(question["text"])


def _notes_on_slips(document: dict[str, Any]) -> Iterator[str]:
    """Yield the cells off the pattern of their column, and what mending them changes."""
    mended = [slip for slip in document["slips"] if not slip["kept"]]
    for slip in mended:
        yield say("about", name=slip["cell"], text=told(slip["message"]))
    if mended:
        yield say("adopt.slips", number=len(mended), **document["slip_effect"])
    if kept := [slip["cell"] for slip in document["slips"] if slip["kept"]]:
        yield say("adopt.kept", listed=kept)


def _adopt_by_map(file: str, map_file: str, folder: str) -> Result:
    """Write the tables that a map makes of a team's workbook."""
    from shlex import quote

    from xlcity.adoption.adopt import adopt as read_by_map
    from xlcity.adoption.adopt import table_rows
    from xlcity.adoption.proposal import misspelt_note
    from xlcity.cli.notes import kept_notes, reading_document, reading_notes
    from xlcity.cli.target import write_tables
    from xlcity.index.method_options import default_recipe, with_method_words
    from xlcity.model.framework import Framework
    from xlcity.model.panel import read_latest
    from xlcity.model.reading.tables import csv_text
    from xlcity.model.recipe_toml import recipe_lines
    from xlcity.reports.known_cities import misspelt_cities

    step(Message("step.reading_of_two"))
    adopted = read_by_map(file, map_file)
    read_tables = {"framework.csv": adopted.framework, "data.csv": adopted.table}
    tables = {name: csv_text(table_rows(table)) for name, table in read_tables.items()}
    step(Message("step.checking_framework"))
    framework = Framework.from_table(adopted.framework)
    names = {n.code: n.name_zh or n.name_en or n.code for n in framework.nodes}
    words = {option: [text] for option, text in adopted.methods.items()}
    recipe = with_method_words(default_recipe(), framework, words)
    if words:
        tables["recipe.toml"] = "\n".join([*recipe_lines(recipe), ""])
    dataset, reading = read_latest(adopted.table, framework, recipe)
    city_names = [unit.name_zh or unit.name_en or unit.id for unit in dataset.units]
    misspelt = {
        name: meant
        for name, meant in misspelt_cities(city_names).items()
        if name not in adopted.settled
    }
    document = {
        **reading_document(reading),
        "path": folder,
        "tables": sorted(tables),
        "units": len(dataset.units),
        "indicators": len(framework.indicators),
        "kept": write_tables(folder, tables),
        "unused": list(adopted.unused),
        "bare": list(adopted.bare),
        "below": list(adopted.below),
        "misspelt": misspelt,
        "blank": [f"{unit} · {names[code]}" for unit, code in reading.blanks],
    }
    method = f"--recipe {quote(folder + '/recipe.toml')} " if words else ""
    lines = [
        say("adopt.done", **document),
        say("adopt.next", folder=quote(folder), method=method),
    ]
    lists = {**document, "blank": document["blank"][:_BLANK]}
    filled = [name for name in ("unused", "bare", "blank", "below") if lists[name]]
    notes: list[str | Problem] = [*kept_notes(document["kept"])]
    notes += [say(f"adopt.{name}", listed=[*lists[name]]) for name in filled]
    notes += starmap(misspelt_note, misspelt.items())
    notes += reading_notes(reading, unused=False)
    return Result(document, lines, notes=notes)


def _propose_map(file: str, propose: str, sheet: str | None) -> Result:
    """Write a proposal of the map, around what an earlier map of that name says of the sheet."""
    from pathlib import Path
    from shlex import quote

    from xlcity.adoption.maps import map_parts
    from xlcity.adoption.proposal import propose_map
    from xlcity.adoption.reading import choices_in_map, describe_left_out, map_text
    from xlcity.api.documents import plain
    from xlcity.api.table_preview import preview
    from xlcity.cli.notes import kept_notes
    from xlcity.errors import first_of
    from xlcity.grouping import grouped
    from xlcity.model.reading.sheets import read_sheets
    from xlcity.model.reading.tables import decode_text, read_bytes
    from xlcity.xlsx.save import write_output

    target = Path(propose)
    step(Message("step.reading_of_two"))
    sheets = read_sheets(file)
    step(Message("step.looking_for_headings"))
    chosen = (
        choices_in_map(decode_text(read_bytes(target), propose))
        if target.is_file()
        else {}
    )
    if sheet not in (None, chosen.get("sheet")):
        chosen = {"sheet": sheet}
    proposal = propose_map(sheets, chosen)
    parts = map_parts(target)._replace(table=map_text(proposal))
    read = preview(file, sheets, proposal)
    document = {
        "path": propose,
        "kept": write_output(target, parts.text.encode("utf-8")),
        **plain(proposal),
        **{name: read[name] for name in ("cities", "undirected", "problems")},
    }
    values = {
        "path": propose,
        "units": read["cities"],
        "indicators": len(proposal.indicators),
    }
    notes = [*kept_notes(document["kept"]), *proposal.doubts]
    notes += describe_left_out(proposal)
    unused_by_reason = grouped(
        (f"adopt.unused.{column.why}".rstrip("."), column.name)
        for column in proposal.columns
        if column.role == "none"
        and column.why != "total"
        and column.column != proposal.year
    )
    notes += [say(reason, listed=names) for reason, names in unused_by_reason.items()]
    lines = [say("adopt.done", **values)]
    if proposal.city >= 0 and proposal.indicators:
        if read["names"]:
            headings = [
                column.title or column.heading or column.name
                for column in proposal.indicators
            ]
            first = {
                "names": first_of(read["names"], 3),
                "headings": first_of(headings, 3),
            }
            lines.append(say("adopt.read", **first))
        lines.append(say("adopt.next_map", file=quote(file), path=quote(propose)))
        if read["undirected"]:
            notes.append(
                say("adopt.undirected", number=len(read["undirected"]), path=propose)
            )
    problems = [
        say("about", name=problem["cell"], text=problem["text"])
        for problem in read["problems"]
    ]
    notes += problems[:_BLANK]
    if unlisted := len(problems[_BLANK:]) + read.get("more", 0):
        notes.append(say("check.more", number=unlisted).strip())
    return Result(document, lines, notes=notes)


@verb("start")
def index(inputs: take.IndexArguments, *, together: bool = False) -> Result:
    """Compute an index without a workbook: scores, normalised values and ranks of every city.

    Specify a report, or your own framework (CSV: code, parent, weight, direction, name_zh, name_en,
    uom). Without a recipe, your own framework is oriented, scaled by min-max to 0-100 and averaged.
    Weights of missing children are shared among the others.

    Parameters
    ----------
    together
        data with a column of editions: bounds and means over all of them

    Examples
    --------
    xlcity index image2025
    xlcity index --framework tree.csv --data data.csv --normalise zscore --weights equal
    xlcity index --framework tree.csv --data data.csv --normalise minmax,GDP=rank --json
    """
    from dataclasses import asdict

    from xlcity.api.index import Index
    from xlcity.cli.notes import consistency_notes, reading_document, reading_notes

    computed = Index.of(inputs.read())
    given = computed.inputs
    result = computed.result
    editions = computed.edition_results(together=together)
    notes: list[str | Problem] = [*consistency_notes(computed.consistency)]
    notes += [*_notes_on_index(result), *reading_notes(given.notes), *_marks(result)]
    document = {**computed.as_dict(), **reading_document(given.notes)}
    if editions:
        rates = computed.growth()
        document["editions"] = [_edition_document(edition) for edition in editions]
        document["growth"] = dict(
            zip(rates.index, rates.to_dict("records"), strict=True)
        )
        document["breaks"] = given.panel.breaks if given.panel else ()
        notes += [say("index.break", **asdict(line)) for line in document["breaks"]]
    blocks = [_by_edition(editions)] if editions else _by_group(computed, document)
    return Result(document, blocks, notes=notes, code=1 if result.failures else 0)


def _edition_document(edition: EditionScores) -> dict[str, Any]:
    """Return scores and ranks of an edition's cities, and what other editions filled in."""
    from xlcity.index.analysis import mark_documents

    units = []
    for unit, scores, ranks in zip(
        edition.units, edition.scores, edition.ranks, strict=True
    ):
        by_node = dict(zip(edition.nodes, scores.tolist(), strict=True))
        ranked = {
            node: int(rank) or None
            for node, rank in zip(edition.nodes, ranks, strict=True)
        }
        units.append({"unit": unit, "scores": by_node, "ranks": ranked})
    return {
        "edition": edition.edition,
        "units": units,
        "marks": mark_documents(edition.marks),
    }


def _by_edition(editions: Sequence[EditionScores]) -> TextTable:
    """Return the root's score and rank of every city, one edition beside the other."""
    header = [head_text("unit")]
    for edition in editions:
        header += [edition.edition, head_text("rank")]
    rows: list[list[Any]] = [[unit] for unit in editions[0].units]
    for edition in editions:
        for row, score, rank in zip(
            rows, edition.scores[:, 0], edition.ranks[:, 0], strict=True
        ):
            row += ["" if score != score else f"{score:.2f}", int(rank) or None]
    return TextTable(header, rows)


def _by_group(computed: Index, document: dict[str, Any]) -> Blocks:
    """Yield the cities of each group in the order of the root, with the two top levels."""
    from xlcity.api.stored_results import StoredResults

    ranked = StoredResults(document, computed.framework).selected()
    for number, population in enumerate(computed.result.populations):
        if number:
            yield ""
        yield ranking_table(*ranked.ranking(population=population))


def _notes_on_index(result: IndexResult) -> Iterator[str | Problem]:
    if not result.dataset.units:
        yield say("draft.no_cities")
    elif result.draft:
        yield say("draft", unfilled=len(result.unfilled))
    if result.dataset.synthetic:
        yield say("index.synthetic", invented=result.dataset.synthetic)
    yield from (*result.failures, *result.notes)


def _marks(result: IndexResult) -> Iterator[str]:
    from xlcity.api.documents import mark_text

    for kind in sorted({mark.kind for mark in result.marks}):
        hit = [f"{mark.unit} {mark.code}" for mark in result.marks if mark.kind == kind]
        more = " …" if len(hit) > 10 else ""
        text = ", ".join(hit[:10]) + more
        yield say("about", name=mark_text(kind), text=text)


@verb(
    "start",
    book="file",
    form={
        "edition": "",
        "data": "",
        "table_map": "",
        "cities": "",
        "framework": "",
        "add_city": "",
        "drop": "",
        "out": "{book}-next.xlsx",
    },
    seconds=(5, 30),
)
def roll(
    file: take.Book,
    *,
    edition: take.Text,
    out: take.Save,
    cities: take.Table | None = None,
    framework: take.Table | None = None,
    map: take.File | None = None,
    data: take.Table | None = None,
    table_map: take.File | None = None,
    add_city: take.Repeated = (),
    drop: take.Repeated = (),
) -> Result:
    """Make next year's workbook from this year's.

    Framework, method, cities with names and aliases, and sources are copied. `Data` is blank, or
    has the values of --data, which is read as `fill` reads it. `LastEdition` has the values, scores
    and ranks of this edition with their status; published numbers are kept as published. `Change`
    compares them with the new values.

    Other entries are copied as by `rebuild`. Comments, colours and exceptions of old values are
    listed on the sheet `Leftovers`.

    --cities adds and changes cities, --framework gives the next framework. Indicators are matched
    by code, definition and unit of measure, or by --map (columns old, code, status, note).

    Parameters
    ----------
    file : LAST
        this year's workbook
    edition : N
        name of the next edition
    out : F
        the workbook to write
    cities : C
        add or change these cities (CSV)
    framework : T
        the next framework (CSV, folder, xlsx)
    map : M
        what became of indicators (CSV)
    data
        the values of the next edition (CSV, folder or xlsx)
    table_map : M
        the map that the team's table was adopted with (TOML)
    add_city : NAME
        add this city (repeatable)
    drop : CODE
        leave this indicator out (repeatable)

    Examples
    --------
    xlcity roll image2025.xlsx --edition 2026 -o image2026.xlsx
    xlcity roll image2025.xlsx --edition 2026 --data table2026.xlsx -o image2026.xlsx
    xlcity roll image2025.xlsx --edition 2026 --framework next.csv --map map.csv -o image2026.xlsx
    """
    from collections import Counter

    from xlcity.api.remake import remake_workbook
    from xlcity.cli.notes import copied_counts, remade
    from xlcity.workbook.spec.previous_edition import STATUSES

    step(Message("step.computing_edition"))
    rolled = remake_workbook(
        file,
        out,
        edition=edition,
        cities=cities,
        framework=framework,
        mapping=map,
        data=data,
        table_map=table_map,
        new_cities=add_city,
        drop=drop,
    )
    before = rolled.before.spec
    spec = rolled.content.spec
    last = rolled.content.spec.last
    assert last is not None  # a workbook that was rolled knows it
    units = spec.dataset.units
    statuses = Counter(mapped.status for mapped in last.mapping)
    words = last.status.items()
    ranks = Counter(word for (kind, *_), word in words if kind == "ranks")
    comments = [
        line.reason for line in rolled.built.leftovers if line.what == "comment"
    ]
    added = sorted({unit.id for unit in units if unit.population} - {*last.units})
    document = {
        "edition": edition,
        "last": last.edition,
        "units": len(units),
        "new_units": added,
        "indicators": {status: statuses[status] for status in STATUSES},
        "mapping": last.mapping,
        "last_values": len(last.values),
        "last_ranks": ranks,
        "left_behind": {
            "comments": comments.count("edition"),
            "exceptions": len(before.exceptions),
            "closed_remarks": len(before.remarks) - len(spec.remarks),
        },
    }
    happened = [status for status in STATUSES if statuses[status]]
    became = [say(f"roll.{word}", number=statuses[word]) for word in happened]
    notes = [
        say("roll.ranks", number=ranks[word], status=say(f"data.{word}"))
        for word in ("synthetic", "derived")
        if ranks[word]
    ]
    notes.append(say("roll.copied", copied=copied_counts(rolled.built)))
    return remade(
        "roll.done",
        rolled,
        document,
        notes=notes,
        became=became,
        added=len(added),
        values=len(last.values),
        ranks=len(last.ranks),
    )
