"""The engines by name, and which one to take."""

from __future__ import annotations

from xlcity.errors import EngineError, UsageError
from xlcity.recalc.engines.compiled.engine import Compiled
from xlcity.recalc.engines.formualizer import Formualizer
from xlcity.recalc.engines.formulas import Formulas
from xlcity.recalc.engines.libreoffice import LibreOffice
from xlcity.recalc.engines.protocol import Engine, require_installed

#: For ``auto``, the fastest first.
_BY_SPEED: tuple[Engine, ...] = (Formualizer(), LibreOffice())
_ENGINES = {engine.name: engine for engine in (Compiled(), *_BY_SPEED, Formulas())}
NAMES = tuple(sorted(_ENGINES))


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
        raise UsageError(f"unknown engine {name!r}.", f"Engines: auto, {', '.join(NAMES)}.")
    require_installed(_ENGINES[name])
    return _ENGINES[name]


def by_speed() -> tuple[list[Engine], list[str]]:
    """Return the engines ``auto`` may take, the fastest first, and why the usual one is absent.

    What was measured holds for one version; an engine of another version is not used.

    Raises
    ------
    EngineError
        If there is none.
    """
    engines, notes = [], []
    for engine in _BY_SPEED:
        # Asked only where it matters: to learn LibreOffice's is to start it.
        version = engine.version() if engine.measured else ""
        if version is None or not engine.available():
            if engine is _BY_SPEED[0]:
                speed = "which is 4 to 7 times as fast"
                notes.append(f"{engine.name}, {speed}, is not installed ({engine.remedy})")
        elif not f"{version}.".startswith(f"{engine.measured}."):
            notes.append(f"{engine.name} is {version}, not the measured {engine.measured}")
        else:
            engines.append(engine)
    if not engines:
        usual, office = _ENGINES["formualizer"], _ENGINES["libreoffice"]
        raise EngineError(
            f"{'; '.join(notes)}, and LibreOffice is not installed.",
            f"{usual.remedy}, or: {office.remedy}",
        )
    return engines, notes


def available() -> list[str]:
    """Return the names of the engines that can be used here."""
    return [name for name in NAMES if _ENGINES[name].available()]
