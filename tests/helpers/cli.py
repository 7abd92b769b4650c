"""Running verbs in this process, as scripts do."""

import json

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
