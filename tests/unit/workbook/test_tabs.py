"""Tabs as readers meet them: what is for them first, all in sight, and printed without the rest."""

import re

from templates import small_read, small_template

from xlcity.workbook.drawing.styles import TABS

PRINTED = {"README", "Ranking", "Profile", "Text", "Audit", "Figures", "Tiers"}


def main_part():
    return small_template().parts["xl/workbook.xml"].decode()


def sheets():
    return re.findall(r'<sheet name="([^"]+)"([^>]*)/>', main_part())


def colour(sheet):
    xml = small_template().parts[small_read().book.sheets[sheet].part].decode()
    return "#" + re.search(r'<tabColor rgb="FF(\w+)"', xml)[1]


def test_tabs_of_one_kind_stand_together_and_machinery_last():
    assert all("state=" not in rest for _, rest in sheets())
    colours = [colour(name) for name, _ in sheets()]
    found = [c for at, c in enumerate(colours) if at == 0 or c != colours[at - 1]]
    kinds = ("guide", "input", "output", "check", "published", "calculation", "udf")
    assert found == [TABS[kind] for kind in kinds]


def test_the_list_of_sheets_has_all_in_the_order_of_the_tabs():
    names = [name for name, _ in sheets()]
    cells = small_read().book.sheets["README"].cells
    listed = [cell.value for (_, column), cell in sorted(cells.items())
              if column == 1 and cell.value in names]  # fmt: skip
    assert listed == names[1:]


def test_the_book_prints_what_is_for_readers():
    names = [name for name, _ in sheets()]
    areas = dict(
        re.findall(r'_xlnm.Print_Area" localSheetId="(\d+)">\'?([^<]+)</definedName>', main_part())
    )
    assert len(areas) == len(names)
    shown = {names[int(at)] for at, area in areas.items() if "$XFD$1048576" not in area}
    assert shown == PRINTED & set(names)
    for at, area in areas.items():
        assert area.startswith(names[int(at)])
