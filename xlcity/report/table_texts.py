"""A table with the texts of its kind: title, note, source and what the marks in it mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xlcity.figures.contents import Label
from xlcity.report.contents import NOTHING, Field, ReportCell, ReportTable
from xlcity.report.notes import cell_marks, dash_note, gap_note, joined
from xlcity.report.source import ReportSource
from xlcity.report.texts import filled, population_name, report_texts, say, with_article


def table(
    source: ReportSource,
    name: str,
    fields: Sequence[Field],
    rows: Sequence[Sequence[ReportCell]],
    *,
    kind: str = "",
    units: Sequence[str] = (),
    across: int = 1,
    invented: bool = True,
    texts: Mapping[str, object] | None = None,
    notes: Sequence[Label] = (),
) -> ReportTable:
    """Return a table with the texts of its kind, `KIND.title` and `KIND.note`; `notes` follow."""
    kind = kind or name
    synthetic = source.synthetic if invented else 0
    words = dict(texts or {})
    if isinstance(node := words.get("node"), Label):
        words["the_node"] = with_article(node)
    title, note = (filled(report_texts()[f"{kind}.{part}"], words) for part in ("title", "note"))
    dash = NOTHING if "—" in note.en else dash_note(rows)
    derived = source.derived_note if invented else NOTHING
    note = joined(note, *notes, dash, gap_note(cell_marks(rows)), derived)
    origin = say("source", name=Label(source.spec.name_zh, source.spec.name_en))
    return ReportTable(name, title, fields, rows, note, origin, synthetic, across, units)


def group_suffix(source: ReportSource, population: str) -> tuple[str, Label]:
    """Return what follows the id and the title of what one group of cities has of its own."""
    groups = source.result.populations
    if len(groups) < 2:
        return "", NOTHING
    name = "" if population == groups[0] else f"-{population}"
    word = population_name(population)
    return name, Label(f"（{word.zh}）", f" ({word.en})")
