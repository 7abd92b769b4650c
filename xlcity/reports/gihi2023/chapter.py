"""What the chapter shows that no other report does: the hubs of disciplines."""

from __future__ import annotations

from xlcity.figures.contents import Label
from xlcity.index.satellites import score_satellites
from xlcity.model.satellites import FIELD, of_kind
from xlcity.report.contents import Field, ReportCell
from xlcity.report.declared import Declaration
from xlcity.report.declared_tables import DeclaredTables, TableContent
from xlcity.report.texts import head

FIELDS = Label("进入前十名的学科数", "Fields among the first ten")
SHARE = Label("高被引论文比例均值（%）", "Mean share of highly cited papers (%)")


def hubs(tables: DeclaredTables, rule: Declaration) -> TableContent | None:
    """Return cities among the first ten of a field: their place and rank in each field."""
    source, satellites = tables.source, score_satellites(tables.source.result)
    tree = source.result.framework
    fields_of = of_kind(tree, FIELD)
    if not fields_of:
        return None
    top, share = satellites.codes.index("DTOP"), satellites.codes.index("DSHARE")
    rows = [row for row in range(len(source.units)) if satellites.scores[row, top] > 0]
    rows.sort(key=lambda row: satellites.ranks[row, top])
    fields = [
        head("rank", "rank"),
        head("city"),
        Field(FIELDS, "count"),
        Field(SHARE, "score"),
    ]
    fields += [Field(Label(field.name_zh, field.name_en), "rank") for field in fields_of]
    columns = [satellites.codes.index(field.code) for field in fields_of]
    cells: list[list[ReportCell]] = [
        [
            position, source.city(row), float(satellites.scores[row, top]),
            float(satellites.scores[row, share]),
            *(int(satellites.ranks[row, column]) for column in columns),
        ]
        for position, row in enumerate(rows, 1)
    ]  # fmt: skip
    return TableContent(fields, cells, units=tables.unit_ids(rows))
