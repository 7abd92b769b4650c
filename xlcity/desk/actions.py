"""What a person can have made: declared once for every face, carried out by the verb of that name.

An action makes files out of files. It runs as a program of its own, so that it can be cancelled at
any moment and its memory is given back; what it writes, refuses or keeps as .bak is the verb's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from xlcity.errors import Problem, UsageError
from xlcity.reports import known_ids
from xlcity.workbook.checking.seal import SUFFIX

#: In place of another workbook that a command compares with: the save before the last one.
BEFORE = "before"
#: What was given: id of a need -> text, or texts where there may be several.
Given = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Need:
    """Something that an action has to be given.

    Attributes
    ----------
    id
        Its name; its text stands under `need.ID`, its help under `need.ID.help` where it has one.
    kind
        How it is asked for: "book" (a workbook), "table" (a file with a table), "file", "text",
        "number", "choice", "save" (a file to write), "folder" (a folder to write into).
    required
        Whether it may be left out.
    many
        Whether there may be several.
    default
        What stands there first; `{book}` is the name of the workbook that is shown.
    options
        Of a choice: what can be chosen; texts stand under `option.ID`.
    """

    id: str
    kind: str
    required: bool = True
    many: bool = False
    default: str = ""
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Action:
    """Something a person can have made.

    Attributes
    ----------
    id
        Its name; texts stand under `command.ID`.
    words
        What is given -> the words of the command line.
    needs
        What it has to be given.
    on_book
        Whether it works on the workbook that is shown (`given["book"]`).
    seconds
        How long it takes with a report of a hundred cities, from and to.
    writes
        The file that it writes where no place is given; `{book}` is the workbook.
    """

    id: str
    words: Callable[[Given], list[str]]
    needs: tuple[Need, ...] = ()
    on_book: bool = True
    seconds: tuple[int, int] = (2, 10)
    writes: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return what a face has to know."""
        needs = [asdict(need) for need in self.needs]
        return {"id": self.id, "needs": needs, "on_book": self.on_book, "seconds": self.seconds}


def _new(given: Given) -> list[str]:
    report, framework = given.get("report"), given.get("framework")
    if bool(report) == bool(framework):
        message = "give either a report or a framework of your own."
        raise UsageError(message, "Choose one of the two.")
    return [
        "new",
        *_option("framework", framework),
        *_option("data", given.get("data")),
        *(["--empty"] if given["content"] == "empty" else []),
        *_option("lang", given.get("lang")),
        *_option("out", given["out"]),
        *([str(report)] if report else []),
    ]


def _fill(given: Given) -> list[str]:
    out = given.get("out")
    to = _option("out", out) if out else ["--in-place"]
    return ["fill", *_option("data", given["data"]), *to, *_word(given["book"])]


def _roll(given: Given) -> list[str]:
    options = [
        word for name in ("edition", "cities", "framework", "out")
        for word in _option(name, given.get(name))
    ]  # fmt: skip
    return ["roll", *options, *_word(given["book"])]


def _log(given: Given) -> list[str]:
    into = _option("into", given.get("out") or given["book"])
    told = [word for name in ("who", "why") for word in _option(name, given.get(name))]
    return ["diff", *into, *told, *_word(given["earlier"]), *_word(given["book"])]


def _assess(given: Given) -> list[str]:
    options = [
        word for name in ("n", "node", "figures", "lang") for word in _option(name, given.get(name))
    ]
    return ["assess", *options, *_word(given["book"])]


def _tables(given: Given) -> list[str]:
    tables = [word for table in given["tables"] for word in _option("table", table)]
    options = [*tables, *_option("spec", given["spec"]), *_option("html", given["page"])]
    return ["audit", "tables", *options]


def _option(name: str, value: object) -> list[str]:
    """Return an option in one word: a value that begins with a dash stays a value."""
    return [f"--{name}={value}"] if value not in (None, "") else []


def _word(value: object) -> list[str]:
    """Return a word that is no option, whatever it begins with."""
    text = str(value)
    return [f"./{text}" if text.startswith("-") else text]


_LANG = Need("lang", "choice", default="{lang}", options=("zh", "en", "both"))

ACTIONS: dict[str, Action] = {
    action.id: action
    for action in (
        Action(
            "new", _new,
            (
                Need("report", "choice", required=False, options=("", *known_ids())),
                Need("framework", "table", required=False),
                Need("data", "table", required=False),
                Need("content", "choice", options=("filled", "empty")),
                _LANG,
                Need("out", "save", default="{new}.xlsx"),
            ),
            on_book=False, seconds=(3, 20),
        ),
        Action(
            "adopt",
            lambda given: ["adopt", *_option("map", given["map"]), *_option("out", given["out"]),
                           *_word(given["table"])],
            (
                Need("table", "table"),
                Need("map", "file", default="{table}.map.toml"),
                Need("out", "folder", default="{table}-tables"),
            ),
            on_book=False, seconds=(2, 10),
        ),
        Action(
            "fill", _fill,
            (
                Need("data", "table"),
                Need("out", "save", required=False, default="{book}-filled.xlsx"),
            ),
            writes="{book}",
        ),
        Action(
            "merge",
            lambda given: [
                "merge", *_option("prefer", given.get("prefer")), *_option("out", given["out"]),
                *_word(given["book"]), *(w for copy in given["copies"] for w in _word(copy)),
            ],
            (
                Need("copies", "book", many=True),
                Need("prefer", "book", required=False),
                Need("out", "save", default="{book}-merged.xlsx"),
            ),
            seconds=(5, 30),
        ),
        Action(
            "roll", _roll,
            (
                Need("edition", "text"),
                Need("cities", "table", required=False),
                Need("framework", "table", required=False),
                Need("out", "save", default="{book}-next.xlsx"),
            ),
            seconds=(5, 30),
        ),
        Action(
            "assess", _assess,
            (
                Need("n", "number", default="1000"),
                Need("node", "text", required=False),
                _LANG,
                Need("figures", "folder", default="{book}-robustness"),
            ),
            seconds=(10, 60),
        ),
        Action(
            "report",
            lambda given: ["report", *_option("lang", given.get("lang")),
                           *_option("template", given.get("template")),
                           *_option("out", given["out"]), *_word(given["book"])],
            (
                _LANG,
                Need("template", "file", required=False),
                Need("out", "folder", default="{book}-report"),
            ),
            seconds=(30, 180),
        ),
        Action(
            "release",
            lambda given: ["release", *_option("out", given["out"]), *_word(given["book"])],
            (Need("out", "save", default="{book}-public.xlsx"),),
        ),
        Action(
            "seal",
            lambda given: ["seal", *_option("into", given.get("copy")), *_word(given["book"])],
            (Need("copy", "save", required=False),),
            seconds=(1, 3), writes=f"{{book}}{SUFFIX}",
        ),
        Action(
            "log", _log,
            (
                Need("earlier", "book"),
                Need("who", "text", required=False),
                Need("why", "text", required=False),
                Need("out", "save", required=False, default="{book}-logged.xlsx"),
            ),
            seconds=(3, 15), writes="{book}",
        ),
        Action(
            "tables", _tables,
            (
                Need("tables", "table", many=True),
                Need("spec", "file"),
                Need("page", "save", default="audit.html"),
            ),
            on_book=False, seconds=(2, 60),
        ),
    )
}  # fmt: skip


def words_of(name: str, given: Given) -> list[str]:
    """Return the words of the command line that carry an action out.

    Raises
    ------
    UsageError
        If there is no such action or it is not given what it needs.
    """
    action = ACTIONS.get(name)
    if action is None:
        raise UsageError(f"unknown command {name!r}.", f"Known: {', '.join(ACTIONS)}.")
    lacking = [need.id for need in action.needs if need.required and not given.get(need.id)]
    if action.on_book and not given.get("book"):
        lacking.insert(0, "book")
    problems = [Problem("XC100", f"{name} needs: {one}.", "Fill it in.") for one in lacking]
    for need in action.needs:
        value = given.get(need.id)
        if value and need.kind == "choice" and value not in need.options:
            problems.append(Problem("XC100", f"{value!r} cannot be chosen.", "Choose another."))
    if problems:
        raise UsageError(problems)
    return action.words(given)


def results_of(name: str, given: Given) -> Sequence[tuple[str, str]]:
    """Return what an action writes: kind of the need ("save", "folder") and the path given."""
    action = ACTIONS[name]
    found = [
        (need.kind, str(given[need.id]))
        for need in action.needs
        if need.kind in ("save", "folder") and given.get(need.id)
    ]
    if not found and action.writes:
        return [("save", action.writes.format(book=given["book"]))]
    return found
