"""The script that makes the environment of a checkout, on systems and Pythons that are played."""

from __future__ import annotations

import ast
import ensurepip  # noqa: F401 - before another system is played
import os
import sys
import venv  # noqa: F401
from pathlib import Path

import pytest

from tools import make_venv

SOURCE = Path(make_venv.__file__).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("platform", "programs"),
    [("win32", "Scripts"), ("linux", "bin"), ("darwin", "bin")],
)
def test_the_locked_packages_and_then_the_checkout(
    monkeypatch, tmp_path, platform, programs
):
    ran = []
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr("venv.create", lambda folder, **options: Path(folder).mkdir())
    monkeypatch.setattr(
        make_venv.subprocess, "run", lambda words, **options: ran.append(words)
    )
    folder = tmp_path / "a venv"
    assert make_venv.main([str(folder)]) == 0
    assert {Path(words[0]) for words in ran} == {folder / programs / "python"}
    locked, checkout = (words[words.index("install") :] for words in ran)
    assert locked[-3:] == [
        "--require-hashes",
        "-r",
        str(make_venv.ROOT / "requirements.lock"),
    ]
    assert checkout[-2:] == ["-e", "."]
    assert (folder / make_venv.STAMP).exists()


def test_python_starts_in_a_folder_with_letters_that_the_locale_lacks(
    monkeypatch, tmp_path
):
    """pip notes the whole path of the checkout, which Python reads in the locale's encoding."""
    checkout = tmp_path / "有 空格"
    packages = checkout / ".venv" / "lib" / "site-packages"
    packages.mkdir(parents=True)
    (checkout / "of_checkout.py").touch()
    (packages / "checkout.pth").write_text(str(checkout), encoding="utf-8")
    (packages / "other.pth").write_text("import sys", encoding="utf-8")
    monkeypatch.setattr(make_venv, "ROOT", checkout)
    make_venv.name_checkout_in_ascii(checkout / ".venv")
    assert (packages / "other.pth").read_text(encoding="utf-8") == "import sys"
    program = "import os, site; site.addsitedir(os.getcwd()); import of_checkout"
    make_venv.subprocess.run(
        [sys.executable, "-I", "-c", program],
        cwd=packages,
        env={**os.environ, "LC_ALL": "C"},
        check=True,
    )


def test_an_installation_that_fails_is_made_again(monkeypatch, tmp_path, capsys):
    def fail(words, **options):
        raise make_venv.subprocess.CalledProcessError(7, words)

    monkeypatch.setattr("venv.create", lambda folder, **options: Path(folder).mkdir())
    monkeypatch.setattr(make_venv.subprocess, "run", fail)
    assert make_venv.main([str(tmp_path / "v")]) == 7
    assert "ended with 7" in capsys.readouterr().err
    assert not (tmp_path / "v" / make_venv.STAMP).exists()


def test_an_old_python_reads_the_script_and_says_what_is_needed(monkeypatch, capsys):
    ast.parse(SOURCE, feature_version=(3, 7))
    monkeypatch.setattr(sys, "version_info", (3, 9, 1))
    assert make_venv.main([]) == 1
    assert "needs Python 3.11 or newer" in capsys.readouterr().err
    monkeypatch.undo()
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    assert "python3-venv" in make_venv.obstacle()


def test_an_environment_behind_a_link_is_not_made_anew(tmp_path, capsys):
    """Another checkout may use it."""
    other = tmp_path / "other"
    other.mkdir()
    (other / "kept").touch()
    link = tmp_path / "link"
    link.symlink_to(other)
    assert make_venv.main([str(link)]) == 1
    assert "is a link" in capsys.readouterr().err
    assert (other / "kept").exists()
