"""Verbs that bring values and other entries into a workbook, or write them out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlcity.api.texts import say
from xlcity.api.verb import verb
from xlcity.cli.progress import step
from xlcity.cli.result import Result, headed_table
from xlcity.messages import Message

if TYPE_CHECKING:
    from xlcity.api import arguments as take
    from xlcity.workbook.migrate.merge import Conflict


@verb(
    "fill",
    one_of="out in_place",
    book="file",
    form={"data": "", "map": "", "clear": "", "out": "{book}-filled.xlsx"},
)
def fill(
    file: take.Template,
    *,
    data: take.Table,
    map: take.File | None = None,
    target: take.Destination,
    clear: bool = False,
    recalc: bool = True,
) -> Result:
    """Put values from a file into a workbook's input cells and recalculate it.

    Cells that are absent or blank in the file are not changed. The rest of the workbook (comments,
    formats, your own sheets) is kept byte for byte.

    A team's own table, with several rows of headings, totals or notes, is read as `adopt` would
    propose it, its columns by their names; --map names the map that it was adopted with.

    Parameters
    ----------
    data
        CSV, folder or xlsx
    map : M
        the map that the team's table was adopted with (TOML)
    clear
        empty the cells that the file has blank
    recalc
        leave the results as they were

    Examples
    --------
    xlcity fill image.xlsx --data late.csv --in-place
    xlcity fill image.xlsx --data survey.xlsx -o filled.xlsx --clear
    xlcity fill own.xlsx --data team2026.xlsx --map team.map.toml -o own2026.xlsx
    """
    from xlcity.api.workbook import Workbook
    from xlcity.cli.notes import (
        doubt_notes,
        kept_notes,
        reading_document,
        reading_notes,
    )

    path = target.out or file
    book = Workbook.open(file)
    step(Message("step.filling"))
    filled = book.fill(data, map=map, clear=clear, recalculate=recalc)
    book.save(path, backup=target.backup)
    fields = ("written", "cleared", "skipped", "unlisted", "unverified")
    document = {
        "path": path,
        **{name: getattr(filled, name) for name in fields},
        "recalculated": recalc,
        "kept": book.kept,
    }
    notes = [
        *kept_notes(book.kept),
        *(say("fill.unlisted", code=code) for code in filled.unlisted),
        *(Message("note.skipped", what=line) for line in filled.skipped),
        *reading_notes(filled.notes, unused=False),
        *doubt_notes(filled.unverified, path),
    ]
    text = say("fill.done" if recalc else "fill.not_computed", **document)
    return Result({**document, **reading_document(filled.notes)}, [text], notes=notes)


@verb(
    "fill",
    book="base",
    form={
        "copies": "",
        "prefer": "",
        "decide": "",
        "remarks": "=yes",
        "out": "{book}-merged.xlsx",
    },
    seconds=(5, 30),
)
def merge(
    base: take.Book,
    copies: take.Books,
    *,
    out: take.Save,
    prefer: take.Book | None = None,
    decide: take.Repeated = (),
    remarks: bool = False,
) -> Result:
    """Combine copies of one workbook that several people filled.

    BASE is the workbook from which all copies were made. Values, sources, exceptions, comments,
    remarks, weights and your own sheets are compared by city and indicator. Sorted sheets and added
    cities are not a problem.

    A change in one copy, or the same change in several, is accepted. Conflicts are listed and
    marked in the workbook with the value of each copy; the old value stays, or that of --prefer.
    Other entries are copied as by `rebuild`; what cannot be copied is listed on the sheet
    `Leftovers`.

    Two tables that were keyed in from an empty workbook are compared in the same way.

    Parameters
    ----------
    base : BASE
        the workbook the copies were made from
    copies : A
        the copies
    out : F
        the workbook to write
    prefer : A
        the copy that wins in a conflict
    decide : CELL=WORD
        what counts in the cell of a conflict: the short name of a copy, a value, or nothing: it
        stays as it was (repeatable)
    remarks
        say in a comment on each value that changed who changed it

    Examples
    --------
    xlcity merge base.xlsx li.xlsx wang.xlsx -o merged.xlsx
    xlcity merge base.xlsx li.xlsx wang.xlsx --prefer wang.xlsx -o merged.xlsx
    xlcity merge base.xlsx li.xlsx wang.xlsx --decide Data!D12=li -o merged.xlsx
    """
    from xlcity.api.remake import merge_workbooks
    from xlcity.cli.notes import remade
    from xlcity.workbook.migrate.merge import Decisions

    step(Message("step.combining"))
    words = dict(text.partition("=")[::2] for text in decide)
    decisions = Decisions(words, remarks)
    done = merge_workbooks(base, copies, out, prefer, decisions=decisions)
    merged = done.merged
    document = {
        "copies": [
            {
                "path": path,
                "changes": merged.taken[name],
                "rowless": merged.rowless.get(name, ()),
            }
            for path, name in zip(copies, done.names, strict=True)
        ],
        "agreed": merged.agreed,
        "conflicts": merged.conflicts,
        "decided": merged.decided,
    }
    rowless = ((name, [*units]) for name, units in merged.rowless.items())
    lines = [
        *(
            say("merge.changes", name=name, changes=merged.taken[name])
            for name in done.names
        ),
        *(say("merge.rowless", name=name, units=units) for name, units in rowless),
        say("merge.agreed", agreed=merged.agreed),
        say("merge.conflicts", path=done.path, conflicts=len(merged.conflicts)),
        *map(_conflict_line, merged.conflicts),
    ]
    return remade(
        "merge.done", done, document, lines, code=1 if merged.conflicts else 0
    )


def _conflict_line(conflict: Conflict) -> str:
    """Return what a conflict is about, each copy's value, and the one that stays."""
    from xlcity.workbook.migrate.leftovers import shown_value

    cells = "" if conflict.unit or conflict.indicator else conflict.cells
    parts = (conflict.sheet, conflict.unit, conflict.indicator, conflict.field, cells)
    return say(
        "merge.conflict",
        about=" · ".join([say(f"conflict.{conflict.kind}"), *filter(None, parts)]),
        base=shown_value(conflict.base),
        values=" | ".join(
            f"{name}: {shown_value(value)}" for name, value in conflict.said.items()
        ),
        chosen=shown_value(conflict.kept),
    )


@verb(
    "fill",
    at_most_one="out in_place",
    book="file",
    form={"add": "", "remove": "", "out": "{book}-pages.xlsx"},
    seconds=(5, 30),
)
def pages(
    file: take.Template,
    *,
    target: take.Destination,
    add: take.Pages = (),
    remove: take.Pages = (),
) -> Result:
    """List the pages of a template workbook, add or remove some.

    Workbooks are made with whatif, statistics, correlation and groups. On demand there are intake,
    robustness, assessment, audit, peers, ratings, size, trajectories, subtables and review, as far
    as the index has what they show. Without --add and --remove all of these are listed, and nothing
    is changed.

    Otherwise the workbook is remade as by `rebuild`: everything that you typed is copied. What you
    typed on a page that is removed is listed on the sheet `Leftovers`.

    Parameters
    ----------
    add
        add these pages: all, or names with commas
    remove
        remove these pages: all, or names with commas

    Examples
    --------
    xlcity pages image.xlsx
    xlcity pages image.xlsx --add intake,review --in-place
    xlcity pages image.xlsx --remove review -o slim.xlsx
    """
    from xlcity.api.remake import list_pages, remake_workbook
    from xlcity.cli.notes import remade
    from xlcity.errors import UsageError
    from xlcity.workbook.migrate.content import read_content
    from xlcity.workbook.reading.template import open_template

    if target.out or target.in_place:
        if not (add or remove):
            raise UsageError.of("XC100.no_page_named")
        rebuilt = remake_workbook(
            file, target.out, add=add, remove=remove, backup=target.backup
        )
        spec = rebuilt.content.spec
        names = [*spec.chosen_pages] or say("pages.none")
        return remade("pages.done", rebuilt, {"pages": list_pages(spec)}, listed=names)
    if add or remove:
        raise UsageError.of("XC100.no_target_named")
    entries = list_pages(read_content(open_template(file)).spec)
    rows = [
        (e["name"], e["title"], say(f"pages.present.{e['present']}")) for e in entries
    ]
    return Result(
        {"path": file, "pages": entries}, [headed_table("name, title, present", rows)]
    )


@verb(
    "fill",
    one_of="out in_place",
    book="file",
    form=dict.fromkeys(
        ("normalise", "treat", "impute", "weights", "aggregate", "out"), ""
    ),
    seconds=(5, 30),
)
def rebuild(
    file: take.Template,
    *,
    target: take.Destination,
    framework: take.Table | None = None,
    recipe: take.File | None = None,
    cities: take.Table | None = None,
    data: take.Table | None = None,
    lang: take.Language | None = None,
    treat: take.Method = (),
    impute: take.Method = (),
    normalise: take.Method = (),
    weights: take.Method = (),
    aggregate: take.Method = (),
) -> Result:
    """Remake a template workbook from its own framework, recipe and data.

    Use it when a framework has grown. Type a new indicator directly below the tree on `Framework`
    (or insert a row there) and its code after the last one on `Data`. Or give a changed framework,
    recipe, list of cities or more data here.

    Everything that you typed is copied with its city and indicator: values, formulas, additional
    columns, notes, comments, formats, rules, hidden rows, sources and your own sheets. Entries that
    have no place any more are listed on the sheet `Leftovers` with their old address.

    Parameters
    ----------
    framework : T
        take this framework (CSV, folder, xlsx)
    recipe : R
        take this method (TOML)
    cities : C
        add or change these cities (CSV)
    data
        fill in these values (CSV, folder or xlsx)
    lang
        language of labels and tabs (default: the workbook's)

    Examples
    --------
    xlcity rebuild image.xlsx --in-place
    xlcity rebuild image.xlsx --framework tree.csv --data more.csv -o next.xlsx
    xlcity rebuild image.xlsx --lang en -o english.xlsx
    xlcity rebuild image.xlsx --normalise zscore --treat percentile -o zscore.xlsx
    """
    from xlcity.api.remake import remake_workbook
    from xlcity.cli.notes import remade

    rebuilt = remake_workbook(
        file,
        target.out,
        framework=framework,
        recipe=recipe,
        cities=cities,
        data=data,
        language=lang,
        words={
            "treat": treat,
            "impute": impute,
            "normalise": normalise,
            "weights": weights,
            "aggregate": aggregate,
        },
        backup=target.backup,
    )
    before = set(rebuilt.drawn_codes)
    spec = rebuilt.content.spec
    after = [node.code for node in spec.framework.nodes]
    document = {
        "units": len(spec.dataset.units),
        "added": [code for code in after if code not in before],
        "dropped": sorted(before - set(after)),
    }
    indicators = len(spec.framework.indicators)
    return remade("rebuild.done", rebuilt, document, indicators=indicators)


@verb("fill")
def export(file: take.Template, *, out: take.Folder) -> Result:
    """Write the inputs of a template as plain tables into a folder.

    The tables are framework.csv, cities.csv, data.csv and recipe.toml. Where the workbook has such
    entries, there are also ingredients.csv, items.csv, links.csv, exceptions.csv, review.csv,
    comments.csv and leftovers.csv (formulas, formats, notes, additional columns, with their
    addresses).

    `new --framework FOLDER --data FOLDER --recipe FOLDER/recipe.toml` makes the template again from
    them.

    Parameters
    ----------
    out : FOLDER
        the folder to write to

    Examples
    --------
    xlcity export image.xlsx -o tables
    """
    from xlcity.cli.notes import kept_notes
    from xlcity.cli.target import write_tables
    from xlcity.workbook.migrate.content import read_content
    from xlcity.workbook.migrate.tables import tables_of
    from xlcity.workbook.reading.template import open_template

    content = read_content(open_template(file))
    tables = tables_of(content)
    backups = write_tables(out, tables)
    document = {"path": out, "tables": sorted(tables), "kept": backups}
    line = say("about", name=out, text=sorted(tables))
    exchanged = [] if content.source is None else content.source.exchanged_goalposts
    return Result(document, [line], notes=[*exchanged, *kept_notes(backups)])
