"""LibreOffice as a person at the screen: rows sorted, inserted, deleted, cut and pasted."""

import functools
import json
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from xlcity.hosts.calc.profile import MODULE, install_bridge
from xlcity.recalc.engines.soffice import (
    find_soffice,
    make_profile,
    program_environment,
)

SCRIPT = Path(__file__).with_name("calc_script.py")


@functools.cache
def python_with_uno() -> str | None:
    """Return a Python that can talk to LibreOffice."""
    for program in ("/usr/bin/python3", shutil.which("python3", path=os.defpath)):
        if program and Path(program).exists():
            probe = subprocess.run(
                [program, "-c", "import uno"],
                capture_output=True,
                check=False,
                env=program_environment(),
            )
            if probe.returncode == 0:
                return program
    return None


def available() -> bool:
    """Return whether LibreOffice and its Python are there."""
    return find_soffice() is not None and python_with_uno() is not None


def reading_only(folder: Path) -> tuple[str, ...]:
    """Return what starts a program for which a folder may only be read, even by root."""
    script = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"'
    return ("unshare", "--mount", "sh", "-c", script, str(folder))


def run_script(
    script: Path, task: dict, timeout: float, before: tuple[str, ...] = ()
) -> tuple[str, str]:
    """Give a script a task in JSON, in a Python that can talk to LibreOffice; return its talk.

    `before` is what starts it, such as `reading_only`.
    """
    process = subprocess.Popen(
        [*before, python_with_uno(), str(script)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=program_environment(),
        start_new_session=True,  # LibreOffice is in its group and ends with it
        text=True,
    )
    try:
        out, errors = process.communicate(json.dumps(task), timeout=timeout)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
    assert process.returncode == 0, out + errors
    return out, errors


def edit_in_calc(
    jobs: list[tuple[Path, Path, list[list]]],
    timeout: float = 120,
    *,
    functions: bool = False,
    hard: bool = True,
) -> None:
    """Edit workbooks in one LibreOffice: (source, target, steps), see `calc_script.py`.

    With `functions`, its profile has the library, put there as `xlcity udf install` does. Without
    `hard` only what an edit changes is calculated, as while a person types.
    """
    for attempt in range(1, 4):
        try:
            talk = _edit_with_new_profile(jobs, timeout, functions, hard)
            break
        except AssertionError as error:
            # One reached too early may have saved the profile without the functions.
            if attempt == 3 or "has not loaded the Basic module" not in str(error):
                raise
    for _, target, _ in jobs:
        assert target.exists(), talk


def _edit_with_new_profile(
    jobs: list[tuple[Path, Path, list[list]]],
    timeout: float,
    functions: bool,
    hard: bool,
) -> str:
    """Edit workbooks in a LibreOffice with a profile of its own, and return its talk."""
    with tempfile.TemporaryDirectory(
        prefix="xlcity-", ignore_cleanup_errors=True
    ) as profile:
        if functions:
            make_profile(Path(profile))
            install_bridge(Path(profile) / "user")
        task = {
            "soffice": find_soffice(),
            "profile": profile,
            "module": MODULE if functions else "",
            "jobs": [
                {
                    "source": str(source),
                    "target": str(target),
                    "steps": steps,
                    "hard": hard,
                }
                for source, target, steps in jobs
            ],
        }
        return "".join(run_script(SCRIPT, task, timeout))
