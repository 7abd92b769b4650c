"""Tabs as readers meet them: what is for them first, all in sight, and printed without the rest."""

import re
from dataclasses import replace

from tests.helpers.kept_books import hubs
from tests.helpers.templates import small_read, small_template
from xlcity.workbook.drawing.styles import TABS
from xlcity.workbook.layout import Layout
from xlcity.workbook.tabs import tabs
from xlcity.xlsx.address import column_number

PRINTED = {"README", "Data", "Checks", "Ranking", "Profile", "Figures", "Tiers"} | {
    "Statistics",
    "Correlation",
    "Groups",
    "Robustness",
}


def main_part():
    return small_template().parts["xl/workbook.xml"].decode()


def sheets():
    return re.findall(r'<sheet name="([^"]+)"([^>]*)/>', main_part())


def colour(sheet):
    xml = small_template().parts[small_read().book.sheets[sheet].part].decode()
    return "#" + re.search(r'<tabColor rgb="FF(\w+)"', xml)[1]


FIRST = (
    "README",
    "Data",
    "Checks",
    "Ranking",
    "Profile",
    "Index",
    "Statistics",
    "Correlation",
    "Robustness",
    "Groups",
    "WhatIf",
    "Framework",
    "Cities",
    "Sources",
)


def test_what_people_type_and_read_stands_first_and_machinery_last():
    assert all("state=" not in rest for _, rest in sheets())
    names = [name for name, _ in sheets()]
    assert tuple(name for name in names if name in FIRST) == FIRST
    colours = {name: colour(name) for name in names}
    behind = names[names.index("Sources") + 1 :]
    assert not {colours[name] for name in behind} & {
        TABS[kind] for kind in ("guide", "input")
    }
    assert colours[names[-1]] == TABS["udf"]
    # Further inputs stand behind Data.
    assert all(
        colours[name] == TABS["input"] for name in names[1 : names.index("Checks")]
    )


def test_the_two_lists_of_sheets_have_all_in_the_order_of_the_tabs():
    names = [name for name, _ in sheets()]
    cells = small_read().book.sheets["README"].cells
    rows = [
        (row, cell.value)
        for (row, column), cell in sorted(cells.items())
        if column == 1 and cell.value in names
    ]
    gap = next(at for at in range(1, len(rows)) if rows[at][0] > rows[at - 1][0] + 1)
    lists = [[name for _, name in part] for part in (rows[:gap], rows[gap:])]
    assert sorted(lists[0] + lists[1]) == sorted(names[1:])
    for listed in lists:
        assert listed == sorted(listed, key=names.index)


def test_the_book_prints_what_is_for_readers():
    names = [name for name, _ in sheets()]
    areas = dict(
        re.findall(
            r'_xlnm.Print_Area" localSheetId="(\d+)">\'?([^<]+)</definedName>',
            main_part(),
        )
    )
    assert len(areas) == len(names)
    shown = {names[int(at)] for at, area in areas.items() if "$XFD$1048576" not in area}
    assert shown == PRINTED & set(names)
    for at, area in areas.items():
        assert area.startswith(names[int(at)])


def test_helper_cells_of_the_ranking_are_not_printed():
    at = [name for name, _ in sheets()].index("Ranking")
    area = re.search(
        rf'Print_Area" localSheetId="{at}">Ranking!\S+:\$([A-Z]+)', main_part()
    )
    assert column_number(area[1]) < small_read().area("xl_bars").c1


def test_a_report_without_fields_has_no_sheets_of_fields():
    spec = hubs()
    joint = tuple(one for one in spec.framework.supplementary if one.kind == "joint")
    framework = replace(spec.framework, supplementary=joint, supplementary_inputs=())
    names = [tab.name for tab in tabs(Layout(replace(spec, framework=framework)))]
    assert "Satellites" in names
    assert not {"Fields", "Disciplines"} & {*names}
    assert {"Fields", "Disciplines"} <= {tab.name for tab in tabs(Layout(spec))}
