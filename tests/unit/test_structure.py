"""Sizes, names and repetition in the package: what may grow no further."""

import ast
import re
from collections import defaultdict
from pathlib import Path

import xlcity

HOME = Path(xlcity.__file__).parent
MOST_FUNCTION, MOST_FILE = 60, 400
#: As many equal lines are one thing written twice.
SHARED = 6


def trees():
    for path in sorted(HOME.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        yield path.relative_to(HOME).as_posix(), text, ast.parse(text)


def test_no_class_name_is_used_twice():
    places = defaultdict(list)
    for name, _, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(f"{name}:{node.lineno}")
    twice = {name: found for name, found in places.items() if len(found) > 1}
    assert not twice


def test_functions_fit_on_a_page():
    found = [
        (f"{name}:{node.name}", node.end_lineno - node.lineno + 1)
        for name, _, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    assert len(found) > 1000
    assert not [one for one in found if one[1] > MOST_FUNCTION]


def test_files_can_be_read_in_one_go():
    assert not [name for name, text, _ in trees() if text.count("\n") > MOST_FILE]


def significant(text, tree):
    """Return (line number, line) of what counts: no blanks, comments, imports, lone punctuation."""
    imports = {
        number
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for number in range(node.lineno, node.end_lineno + 1)
    }
    for number, line in enumerate(text.splitlines(), 1):
        words = " ".join(line.split())
        if number not in imports and not words.startswith("#") and re.search(r"\w", words):
            yield number, words


def test_no_two_places_share_six_lines():
    places = defaultdict(list)
    for name, text, tree in trees():
        lines = list(significant(text, tree))
        for at in range(len(lines) - SHARED + 1):
            run = lines[at : at + SHARED]
            places[tuple(words for _, words in run)].append(f"{name}:{run[0][0]}-{run[-1][0]}")
    assert not [found for found in places.values() if len(found) > 1]
