"""The tables and figures of a report, as tests ask for them."""

from xlcity.report.contents import ReportTable
from xlcity.report.items import report_items


def tables_of(source):
    """Return every table that an index has data for, by id."""
    made = {name: item.make() for name, item in report_items(source).items()}
    return {name: one for name, one in made.items() if isinstance(one, ReportTable)}


def makers_of(source):
    """Return what makes each table and figure, by id."""
    return {name: item.make for name, item in report_items(source).items()}
