"""Outputs that exist, are special files, links or folders: one rule for every verb that writes."""

import contextlib
import json
import os
import shutil
import stat
import sys
from pathlib import Path

import openpyxl
import pytest

from tests.helpers.own import UNITS, write_tables
from xlcity.cli import main

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="pipes and links as on Unix"
)

#: Verb -> its words; {} is the output.
VERBS = {
    "new": "new --framework fw.csv --data data.csv -o {}",
    "fill": "fill b.xlsx --data more.csv -o {}",
    "rebuild": "rebuild b.xlsx -o {}",
    "pages": "pages b.xlsx --add review -o {}",
    "merge": "merge b.xlsx c.xlsx -o {}",
    "roll": "roll b.xlsx --edition 2 -o {}",
    "release": "release b.xlsx -o {}",
    "recalc": "recalc b.xlsx -o {}",
    "results --xlsx": "results b.xlsx --xlsx {}",
    "results --csv": "results b.xlsx --csv {}",
    "scenarios": "scenarios b.xlsx --table s.csv -o {}",
    "seal": "seal b.xlsx -o {}",
    "trace --html": "trace b.xlsx chk_verdict --html {}",
    "audit tables --html": "audit tables image2025 --html {}",
    "udf export": "udf export --host lite -o {}",
}
#: Verbs that write tables into a folder -> one of the tables.
FOLDERS = {
    "export": ("export b.xlsx -o {}", "data.csv"),
    "adopt": ("adopt team.xlsx --map map.toml -o {}", "data.csv"),
    "recalc --outdir": ("recalc b.xlsx --outdir {}", "b.xlsx"),
}
#: Those that write to the standard output where the file is "-".
STREAMS = {"results --csv", "scenarios"}
SLOW = {"audit tables --html"}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Return a folder with everything that the verbs read, made once."""
    folder = tmp_path_factory.mktemp("made")
    write_tables(folder, units=UNITS[:3])
    with contextlib.chdir(folder):
        assert (
            run("new --framework fw.csv --data data.csv -o {} --no-udf", "b.xlsx") == 0
        )
        shutil.copy("b.xlsx", "c.xlsx")
        Path("more.csv").write_text("unit,A0\ncity00,41\n", encoding="utf-8")
        Path("s.csv").write_text("scenario,city00|A0\none,40\n", encoding="utf-8")
    return folder


@pytest.fixture
def place(made, tmp_path, monkeypatch):
    for path in made.iterdir():
        if path.is_file():
            shutil.copy(path, tmp_path / path.name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def suffix(verb: str) -> str:
    words = {
        "csv": ".csv",
        "html": ".html",
        "seal": ".json",
        "udf": ".py",
        "scenarios": ".csv",
    }
    return next((end for word, end in words.items() if word in verb), ".xlsx")


def run(words: str, target: object) -> int:
    return main([word.format(target) for word in words.split()])


@pytest.mark.parametrize("verb", sorted(set(VERBS) - SLOW))
def test_what_is_there_is_kept_and_links_stay(place, capsys, verb):
    real = place / "real"
    target = place / f"out{suffix(verb)}"
    real.write_bytes(b"mine")
    real.chmod(0o640)
    target.symlink_to(real)
    assert run(VERBS[verb], target) in (0, 1), capsys.readouterr().err
    assert target.is_symlink()
    assert len(real.read_bytes()) > len(b"mine")
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    kept = place / f"{target.name}.bak"
    assert kept.read_bytes() == b"mine"
    assert kept.name in "".join(capsys.readouterr())


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_what_must_not_be_replaced_is_refused_before_the_work(place, capsys, verb):
    end = suffix(verb)
    pipe, folder, loop, link = (
        place / f"{n}{end}" for n in ("pipe", "folder", "loop", "link")
    )
    os.mkfifo(pipe)
    folder.mkdir()
    loop.symlink_to(loop)
    link.symlink_to(pipe)
    open_book = place / f"open{end}"
    open_book.write_bytes(b"open")
    (place / f"~$open{end}").touch()
    before = sorted(path.name for path in place.iterdir())
    for target, code in (
        (pipe, "XC109"),
        (link, "XC109"),
        (folder, "XC102"),
        (open_book, "XC424"),
        (place / "nowhere" / f"x{end}", "XC420"),
        (loop, "XC420"),
    ):
        assert run(VERBS[verb], target) in (2, 3, 4), target
        assert f"[{code}]" in capsys.readouterr().err, target
    assert sorted(path.name for path in place.iterdir()) == before
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@pytest.mark.parametrize(
    "verb", ["fill", "results --csv", "scenarios", "seal", "trace --html"]
)
def test_a_device_stays_a_device(place, capsys, verb):
    # As root, renaming over it would work.
    assert run(VERBS[verb], "/dev/null") == 2
    assert "[XC109] /dev/null: this is a device" in capsys.readouterr().err
    # It leads to whatever file a shell sends the output to.
    assert run(VERBS[verb], "/dev/stdout") == 2
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


@pytest.mark.parametrize("verb", sorted({*VERBS, *FOLDERS}))
def test_a_file_called_as_the_standard_output_is_never_written(place, capsys, verb):
    capsys.readouterr()
    words = VERBS[verb] if verb in VERBS else FOLDERS[verb][0]
    code = run(words, "-")
    found = capsys.readouterr()
    assert not Path("-").exists()
    if verb in STREAMS:
        assert code == 0
        assert "city00" in found.out
    else:
        assert code == 2
        assert "[XC102]" in found.err or "[XC100]" in found.err


@pytest.mark.parametrize("verb", sorted(v for v in VERBS if "b.xlsx" in VERBS[v]))
def test_no_output_is_an_input(place, capsys, verb):
    before = (place / "b.xlsx").read_bytes()
    (place / "link.xlsx").symlink_to(place / "b.xlsx")
    for name in ("b.xlsx", "link.xlsx", str(place / "." / "b.xlsx")):
        assert run(VERBS[verb], name) == 2
        assert "[XC102]" in capsys.readouterr().err
    assert (place / "b.xlsx").read_bytes() == before


@pytest.mark.parametrize("verb", ["export", "recalc --outdir"])
def test_a_folder_keeps_what_is_in_it(place, capsys, verb):
    words, name = FOLDERS[verb]
    folder = place / "out"
    folder.mkdir()
    (folder / name).write_bytes(b"mine")
    (folder / "other.txt").write_bytes(b"other")
    assert run(words, folder) in (0, 1)
    assert (folder / f"{name}.bak").read_bytes() == b"mine"
    assert (folder / "other.txt").read_bytes() == b"other"
    # A pipe or a folder of that name is refused, and nothing else is written.
    other = place / "other"
    other.mkdir()
    os.mkfifo(other / name)
    assert run(words, other) == 2
    assert "[XC109]" in capsys.readouterr().err
    assert [path.name for path in other.iterdir()] == [name]
    (place / "file").write_bytes(b"file")
    assert run(words, place / "file") in (2, 3)
    assert (place / "file").read_bytes() == b"file"


def test_in_place_keeps_every_older_file(place):
    first = (place / "b.xlsx").read_bytes()
    for words in (
        "fill b.xlsx --data more.csv --no-backup --no-recalc",
        "recalc b.xlsx",
    ):
        before = (place / "b.xlsx").read_bytes()
        assert main([*words.split(), "--in-place"]) in (0, 1)
    assert (place / "b.xlsx.bak").read_bytes() == before
    (place / "b.xlsx").write_bytes(first)
    assert main(["rebuild", "b.xlsx", "--data", "more.csv", "--in-place"]) in (0, 1)
    assert (place / "b.xlsx.bak").read_bytes() == before
    assert (place / "b.xlsx.bak2").read_bytes() == first


def test_the_owner_stays(place, monkeypatch):
    if os.geteuid():
        pytest.skip("only root writes files of others")
    target = place / "out.xlsx"
    target.write_bytes(b"mine")
    os.chown(target, 1234, 1235)
    assert run(VERBS["fill"], target) == 0
    assert (target.stat().st_uid, target.stat().st_gid) == (1234, 1235)


def test_a_book_without_results_or_with_old_ones_is_not_released(place, capsys):
    assert (
        main(["fill", "b.xlsx", "--data", "more.csv", "-o", "old.xlsx", "--no-recalc"])
        == 0
    )
    assert main(["release", "old.xlsx", "-o", "public.xlsx"]) == 3
    assert "[XC447]" in capsys.readouterr().err
    openpyxl.load_workbook("b.xlsx").save(
        "next.xlsx"
    )  # no results, as before a calculation
    assert main(["release", "next.xlsx", "-o", "public.xlsx"]) == 3
    said = capsys.readouterr().err
    assert "[XC446] next.xlsx: the workbook has no scores and no ranks." in said
    assert not Path("public.xlsx").exists()
    assert main(["recalc", "old.xlsx", "--in-place"]) in (0, 1)
    assert main(["release", "old.xlsx", "-o", "public.xlsx", "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["kept"] is None
