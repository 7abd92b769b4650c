"""Tables of several editions, the edition before, and where series break, kept as text."""

import pytest

from tests.helpers.kept import outcomes_text
from xlcity.model.framework import Framework
from xlcity.model.panel import edition_times, is_panel, read_panel, read_previous
from xlcity.model.reading.tables import parse_csv

FRAMEWORK = Framework.read("code,parent\nT,\na,T\nb,T\n")
#: Files -> what is in them; a name with a slash is a folder with files.
TABLES = {
    "years.csv": "unit,year,a,b\nu,2021,1,2\nv,2021,3,\nu,2019,5,6\nw,2019,7,NA\n",
    "chinese.csv": "unit,年份,a\nu,2020年,1\nu,2022年,2\nv,2022年,3\n",
    "words.csv": "unit,edition,a\nu,first,1\nu,second,2\n",
    "once.csv": "unit,year,a\nu,2019,1\nv,2020,2\n",
    "plain.csv": "unit,a,b\nu,1,2\n",
    "wrong.csv": "unit,year,a\nu,2019,many\nu,2020,few\nv,2020,1\nv,2020,2\n",
    "folder/2020.csv": "unit,a,b\nu,1,2\nv,3,4\n",
    "folder/2018.csv": "unit,b\nv,5\nx,6\n",
    "folder/notes.csv": "unit,a\nu,9\n",
    "folder/breaks.csv": "code,year,note\na,2020,Another survey.\na,2020,Another survey.\n",
    "folder/previous.csv": "unit,year,a\nu,2017,8\n",
    "broken/2020.csv": "unit,a\nu,1\n",
    "broken/breaks.csv": "code,year\nz,2020\na,1999\n",
    "broken/previous.csv": "unit,a\nu,8\nv,x\n",
    "alone/data.csv": "unit,a\nu,1\n",
    "alone/previous.csv": "unit,a\nu,8\n",
}


@pytest.fixture
def folder(tmp_path):
    for name, text in TABLES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def read(source, breaks=None) -> object:
    panel, notes = read_panel(source, FRAMEWORK, breaks=breaks)
    return {
        "editions": panel.editions,
        "times": panel.times,
        "breaks": panel.breaks,
        "values": {
            edition: {
                u.id: row.tolist() for u, row in zip(d.units, d.values, strict=True)
            }
            for edition, d in zip(panel.editions, panel.datasets, strict=True)
        },
        "states": [d.states.tolist() for d in panel.datasets],
        "unused": [note.unused for note in notes],
    }


def test_editions_are_read(require_kept, folder):
    breaks = {"a": 2021, "b": [2019, "2021"]}
    table = parse_csv(TABLES["years.csv"], "years.csv")
    makers = {
        **{
            name: lambda name=name: read(folder / name)
            for name in (
                "years.csv",
                "chinese.csv",
                "words.csv",
                "plain.csv",
                "wrong.csv",
                "folder",
                "broken",
            )
        },
        "a table": lambda: read(table),
        "breaks": lambda: read(table, breaks),
        "wrong breaks": lambda: read(table, {"a": 2020, "z": 2019}),
        "panels": lambda: {
            name: is_panel(folder / name, FRAMEWORK)
            for name in ("years.csv", "once.csv", "plain.csv", "folder", "alone")
        },
        "previous": lambda: [
            previous and [previous[0], previous[1].values.tolist()]
            for previous in (
                read_previous(folder / name, FRAMEWORK, None)
                for name in ("folder", "alone", "plain.csv")
            )
        ],
        "wrong previous": lambda: read_previous(folder / "broken", FRAMEWORK, None),
        "times": lambda: [
            edition_times(names)
            for names in (
                ["2020", "2018.5"],
                ["2023年", "2020年"],
                ["first", "second"],
                ["2020 a", "2020 b"],
                ["2019-2020", "2021"],
                [],
            )
        ],
    }
    require_kept("panels", outcomes_text(makers, folder))
