"""What an engine is: something that computes every formula cell of a workbook, or says why not."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import Protocol

from xlcity.errors import CellValue, EngineError, Where
from xlcity.errors import TimeLimitError as TimeLimitError
from xlcity.messages import Message, joined
from xlcity.xlsx.address import Range, cell_name, full_address
from xlcity.xlsx.cells import Position, ReadBook
from xlcity.xlsx.formulas.circles import find_circles
from xlcity.xlsx.formulas.graph import Graph, Place
from xlcity.xlsx.package import Package

#: Sheet -> position -> value, for every cell a formula gives the value of.
Values = dict[str, dict[Position, CellValue]]


def each_value(values: Values) -> Iterator[tuple[Place, CellValue]]:
    """Yield each cell and its value."""
    for sheet, cells in values.items():
        for position, value in cells.items():
            yield (sheet, position), value


#: Most addresses in a message; all of them would be a screenful.
_MOST_LISTED = 12


@dataclass(frozen=True, slots=True)
class Task:
    """A workbook to be computed.

    Attributes
    ----------
    package, book
        The workbook and its cells.
    udf_cells
        Sheet -> the cells whose formula calls a function of the library.
    timeout
        Seconds the engine may take.
    parallel
        Whether the engine may use several threads (not inside a pool of processes).
    partial
        Whether cells the engine cannot compute may stay without a value.
    """

    package: Package
    book: ReadBook
    udf_cells: dict[str, frozenset[Position]]
    timeout: float
    parallel: bool = True
    partial: bool = False


class Engine(Protocol):
    """Computes workbooks.

    Attributes
    ----------
    name
        As `--engine` spells it.
    udf_by
        What computes the library's functions: the name of the engine, or ``xlcity``.
    remedy
        How to install it.
    measured
        The series of versions whose behaviour was measured; "" where any will do.
    turn
        When ``auto`` tries it, the lowest first; 0 where only ``--engine`` does.
    """

    name: str
    udf_by: str
    remedy: str
    measured: str
    turn: int

    def version(self) -> str | None:
        """Return the version of the engine that is installed, or ``None``."""
        ...

    def available(self) -> bool:
        """Return whether the engine can be used here."""
        ...

    def evaluate(self, task: Task) -> Values:
        """Return the value of every formula cell, members of array ranges included.

        Raises
        ------
        EngineError
            If the engine cannot load the workbook, fails, or takes too long.
        """
        ...


class PythonEngine:
    """An engine in Python; as a rule it is a package of its own name."""

    name: str
    remedy: str
    measured = ""
    turn = 0

    def version(self) -> str | None:
        """Return the version installed, or ``None``."""
        from importlib import metadata

        try:
            return metadata.version(self.name)
        except metadata.PackageNotFoundError:
            return None

    def available(self) -> bool:
        """Return whether it is installed, in whatever version."""
        return self.version() is not None


def require_installed(engine: Engine) -> None:
    """Raise `EngineError` if an engine is not installed."""
    if not engine.available():
        raise EngineError.of(
            "XC500.engine_not_installed", hint=engine.remedy, engine=engine.name
        )


class CannotComputeError(EngineError):
    """The engine lacks something the workbook uses; another engine may have it."""

    code = "XC510"


class CircleError(EngineError):
    """Formulas read each other in a circle, which another engine may find open, by an IF."""

    code = "XC512"


def cannot_compute_error(
    task: Task, engine: str, reason: str, hint: str = ""
) -> CannotComputeError:
    """Return the error for a workbook that an engine, given by name, cannot compute, and why."""
    return CannotComputeError.of(
        "XC510.cannot_compute",
        Where(file=task.book.file),
        hint=hint or Message("hint.use_libreoffice"),
        engine=engine,
        reason=reason,
    )


def late_error(task: Task, engine: str, hint: str = "") -> TimeLimitError:
    """Return the error for a calculation by an engine, given by name, that took too long."""
    return TimeLimitError.of(
        "XC520.engine_too_long",
        Where(file=task.book.file),
        hint=hint or Message("hint.give_more_time"),
        engine=engine,
        timeout=task.timeout,
    )


def list_addresses(cells: list[tuple[str, Position]]) -> str:
    """Return the addresses of cells for a message: the first `_MOST_LISTED`, and how many more."""
    names = [
        f"{sheet}!{cell_name(*position)}" for sheet, position in cells[:_MOST_LISTED]
    ]
    rest = len(cells) - len(names)
    if not rest:
        return Message("list.all", words=names)
    return Message("list.and_more", words=names, number=rest)


def require_complete(book: ReadBook, values: Values, engine: str) -> None:
    """Refuse results in which a formula cell has no value.

    Raises
    ------
    CannotComputeError
        Naming the cells.
    """
    missing: list[Place] = []
    for name, table in book.sheets.items():
        answers = values.get(name, {})
        positions = table.cells.computed()
        # Of most sheets all cells have a value, which is known without a look at each.
        if list(answers) == positions and None not in answers.values():
            continue
        missing += [(name, p) for p in positions if answers.get(p) is None]
    if missing:
        sheet, position = missing[0]
        raise CannotComputeError.of(
            "XC510.cells_without_value",
            Where(book.file, sheet, cell_name(*position)),
            engine=engine,
            number=len(missing),
            cells=list_addresses(missing),
        )


# -- circles of formulas -------------------------------------------------------------------------
#: Cells from which a loop is searched; from every one of thousands it would take minutes.
_MOST_STARTS = 100
#: Cells shown of a loop; of a longer one only the beginning is.
_MOST_SHOWN = 12


def make_circle_error(
    book: ReadBook, engine: str, circular: Sequence[Place]
) -> EngineError:
    """Return the error for cells that an engine takes for circular: the shortest circle.

    Where there is none (``ROW(A1)`` in A1), it is that the engine cannot compute the workbook.

    Parameters
    ----------
    book
        The workbook.
    engine
        The engine's name.
    circular
        The cells that it names: those of a circle, and all that read them.
    """
    graph = Graph(book)
    groups = find_circles(graph)
    if not groups:
        return CannotComputeError.of(
            "XC510.takes_for_circle",
            Where(file=book.file),
            engine=engine,
            cells=list_addresses(list(circular)),
        )
    loop = _find_shortest_loop(graph, min(groups, key=len))
    names = [full_address(*cell) for cell in loop]
    rest = [names[0]] if len(loop) <= _MOST_SHOWN else ["…", names[0]]
    readers = len(set(circular) - set(loop))
    loop_text = " → ".join([*names[:_MOST_SHOWN], *rest])
    parts = [loop_text]
    if readers:
        parts.append(Message("circle.readers", number=readers))
    if len(groups) > 1:
        parts.append(Message("circle.smallest", number=len(groups)))
    sheet, position = loop[0]
    where = Where(book.file, sheet, cell_name(*position))
    return CircleError.of("XC512.circle", where, circle=joined(parts))


def _find_shortest_loop(graph: Graph, group: Collection[Place]) -> list[Place]:
    """Return the shortest loop of cells in a circle, each followed by a cell that it reads.

    `group` are the cells of the circle. Loops are searched from `_MOST_STARTS` of them only; all of
    the group is returned if none of these has a shorter one.
    """
    circle = sorted(group)

    @cache
    def cells_in_area(area: Range) -> list[Place]:
        """Return the cells of the circle that an area holds."""
        return [cell for cell in circle if area.holds(*cell)]

    shortest = circle
    for start in circle[:_MOST_STARTS]:
        paths = deque([[start]])
        reached: set[Place] = set()
        while paths and len(paths[0]) < len(shortest):
            path = paths.popleft()
            areas = graph.needs(*path[-1])
            read_cells = dict.fromkeys(chain.from_iterable(map(cells_in_area, areas)))
            if start in read_cells:
                shortest = path
                break
            paths += [[*path, cell] for cell in read_cells if cell not in reached]
            reached.update(read_cells)
    return shortest
