"""The engines by name, and which one to take."""

from __future__ import annotations

from xlcity.errors import EngineError, UsageError
from xlcity.recalc.formualizer import PINNED, Formualizer
from xlcity.recalc.formulas import Formulas
from xlcity.recalc.ironcalc import MEASURED, IronCalc
from xlcity.recalc.libreoffice import LibreOffice
from xlcity.recalc.protocol import Engine

_ENGINES: dict[str, Engine] = {
    "formualizer": Formualizer(),
    "formulas": Formulas(),
    "ironcalc": IronCalc(),
    "libreoffice": LibreOffice(),
}
NAMES = tuple(_ENGINES)

_REMEDY = {
    "formualizer": f"pip install formualizer=={PINNED}",
    "formulas": "pip install 'formulas>=1.3.4'",
    "ironcalc": "pip install 'xlcity[ironcalc]'",
    "libreoffice": "Install LibreOffice Calc (Debian: apt install libreoffice-calc).",
}


#: The versions whose behaviour was measured; `auto` passes over others.
_MEASURED = {"formualizer": f"{PINNED}.", "ironcalc": f"{MEASURED}."}
#: For ``auto``, the fastest first; the reference engine takes minutes.
_BY_SPEED = ("formualizer", "ironcalc", "libreoffice", "formulas")
#: For second opinions: what costs little and is no relative of the default engine first.
_SECOND = ("ironcalc", "libreoffice", "formualizer", "formulas")


def choose(name: str) -> Engine:
    """Return the engine of a name.

    Raises
    ------
    UsageError
        If there is no engine of that name.
    EngineError
        If it is not installed.
    """
    if name not in _ENGINES:
        hint = f"Engines: auto, {', '.join(NAMES)}."
        raise UsageError(f"there is no engine {name!r}.", hint)
    engine = _ENGINES[name]
    if not engine.available():
        raise EngineError(f"the engine {name} is not installed.", _REMEDY[name])
    return engine


def by_speed() -> tuple[list[Engine], list[str]]:
    """Return the engines ``auto`` may take, the fastest first, and why the usual one is absent.

    What was measured holds for one version; an engine of another version is passed over.

    Raises
    ------
    EngineError
        If there is none.
    """
    engines, notes = [], []
    for name in _BY_SPEED:
        version = _ENGINES[name].version() if _ENGINES[name].available() else None
        series = _MEASURED.get(name, "")
        if version is None:
            if name == _BY_SPEED[0]:
                notes.append(f"{name} is not installed")
        elif not f"{version}.".startswith(series):
            notes.append(f"{name} is {version}, not the measured {series.rstrip('.')}")
        else:
            engines.append(_ENGINES[name])
    if not engines:
        raise EngineError(
            f"{'; '.join(notes)}, and LibreOffice is not installed.",
            f"{_REMEDY['formualizer']}, or: {_REMEDY['libreoffice']}",
        )
    return engines, notes


def independent(name: str) -> list[Engine]:
    """Return the other engines that can be used here, for a second opinion.

    The reference engine is asked only where there is no other: it takes minutes.
    """
    found = [_ENGINES[n] for n in _SECOND if n != name and _ENGINES[n].available()]
    return [engine for engine in found if engine.name != "formulas"] or found


def available() -> list[str]:
    """Return the names of the engines that can be used here."""
    return [name for name, engine in _ENGINES.items() if engine.available()]
