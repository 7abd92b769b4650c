"""Names of cities and indicators that a workbook lacks in one language."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from xlcity.model.dataset import Unit
from xlcity.model.reading.units import is_chinese
from xlcity.reports.known_cities import with_known_names
from xlcity.workbook.reading.records import CellReader
from xlcity.workbook.reading.template import Template


@dataclass(frozen=True, slots=True)
class MissingName:
    """A name that is not there: its cell, what is named, and the name if it is known here."""

    cell: str
    shown: str
    known: str = ""


def missing_names(template: Template, language: str) -> Iterator[MissingName]:
    """Yield the names that a workbook lacks in a language, "zh" or "en"."""
    reader = CellReader(template.book, template.file)
    column = f"name_{language}"
    other = "name_zh" if language == "en" else "name_en"
    for area, key in (("xl_cities", "id"), ("xl_framework", "code")):
        for row in reader.records(area):
            named = row.text(key)
            if not named or row.text(column):
                continue
            shown = row.text(other) or named
            if is_chinese(shown) == (language == "zh"):
                continue  # it serves in this language, too
            where = row[column][1]
            cell = f"{where.sheet}!{where.cell}"
            known = _known_name(shown, language) if key == "id" else ""
            yield MissingName(cell, shown, known)


def _known_name(shown: str, language: str) -> str:
    """Return the name of a city in a language, "" where it is not known here."""
    unit = with_known_names(Unit("", shown))
    name = unit.name_en if language == "en" else unit.name_zh
    return "" if name == shown else name
