"""Running verbs in this process, as scripts do."""

import json
import time
from collections.abc import Callable

from xlcity.cli import main


def run(capsys, *words: object) -> tuple[int, str, str]:
    """Return (exit code, stdout, stderr) of a verb."""
    code = main([str(word) for word in words])
    return code, *capsys.readouterr()


def run_json(capsys, *words: object) -> tuple[int, dict]:
    """Return (exit code, document); stdout is that one document and nothing else."""
    code, out, _ = run(capsys, *words, "--json")
    document = json.loads(out)
    assert out.count("\n") == 1
    assert document["schema"] == 1
    return code, document


def codes(document: dict) -> set[str]:
    """Return the codes of a document of errors."""
    for error in document["errors"]:
        assert set(error) == {"code", "message", "hint", "where"}
        assert set(error["where"]) <= {"file", "sheet", "cell", "indicator", "unit"}
    return {error["code"] for error in document["errors"]}


def wait_until(is_so: Callable[[], bool], seconds: float) -> bool:
    """Return whether something becomes so within some seconds."""
    deadline = time.monotonic() + seconds
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.05)
    return is_so()
