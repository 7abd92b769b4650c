"""A file that is too large is refused before git keeps it for ever."""

import subprocess

import pytest

from tools import large_files


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    monkeypatch.setattr(large_files, "ROOT", tmp_path)
    return tmp_path


def _add(checkout, name, size):
    path = checkout / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"0" * size)
    subprocess.run(["git", "add", name], cwd=checkout, check=True)
    return path


def test_a_large_file_is_named_with_its_size(checkout, capsys):
    _add(checkout, "tests/表.csv", large_files.LARGEST + 1)
    assert large_files.main() == 1
    assert capsys.readouterr().err == "tests/表.csv: 500,001 bytes, at most 500,000\n"


def test_small_files_and_the_workbooks_are_accepted(checkout, capsys):
    _add(checkout, "tests/table.csv", large_files.LARGEST)
    _add(checkout, "workbooks/index.xlsx", large_files.LARGEST + 1)
    (checkout / "not-added.csv").write_bytes(b"0" * (large_files.LARGEST + 1))
    assert large_files.main() == 0
    _add(checkout, "gone.csv", large_files.LARGEST + 1).unlink()
    assert large_files.main() == 0
    assert capsys.readouterr().err == ""


def test_without_git_nothing_is_compared(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(large_files, "ROOT", tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert large_files.main() == 0
    assert "no git checkout" in capsys.readouterr().err
