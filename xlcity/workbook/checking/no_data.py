"""For which inputs a workbook was drawn with a number that means no data.

Formulas ask for that number where there is one. Where it was deleted or typed since, the template
that the workbook is compared with has to be drawn as before.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from xlcity.workbook.layout.rows import CODE, ROW_RANGE
from xlcity.workbook.reading.records import plain_text
from xlcity.workbook.reading.template import Template
from xlcity.workbook.spec import TemplateSpec
from xlcity.xlsx.address import column_letters
from xlcity.xlsx.cells import find_area

#: The row above the typed values with the number that means no data.
_ROW_REFUSED = ROW_RANGE
#: What stands for a number that was deleted: formulas name its cell.
_SOME_NUMBER = 0.0


def find_changed_no_data(template: Template) -> dict[str, bool]:
    """Return the inputs whose number was deleted, or typed, since: code -> whether it had one."""
    inputs = template.framework.inputs
    return {
        code: had_number
        for code, had_number in _drawn_columns(template)
        if code in inputs and had_number == (inputs[code].no_data is None)
    }


def _drawn_columns(template: Template) -> Iterator[tuple[str, bool]]:
    """Yield the columns of typed values: code and whether formulas ask for a number.

    A column in which one formula alone was typed over says nothing.
    """
    book = template.book
    if (area := find_area(book, "xl_typed")) is None:
        return
    texts = book.sheets[area.sheet].cells.texts()
    for column in area.column_numbers:
        number_cell = f"{column_letters(column)}${_ROW_REFUSED}"
        names_number = (_ROW_REFUSED, column) in texts
        reads_number = number_cell in texts.get((area.r1, column), "")
        if names_number == reads_number:
            code = plain_text(book.value(area.sheet, CODE, column))
            yield code, names_number


def as_drawn(spec: TemplateSpec, template: Template) -> TemplateSpec:
    """Return a specification with numbers for no data where the workbook was drawn with one."""
    changed = find_changed_no_data(template)
    if not changed:
        return spec
    from xlcity.workbook.migrate.content import with_fields  # it imports all that draws

    fields = {
        code: {"no_data": _SOME_NUMBER if had_number else None}
        for code, had_number in changed.items()
    }
    return replace(spec, framework=with_fields(spec.framework, fields))
