"""The engines by name, and which one to take."""

from __future__ import annotations

from dataclasses import dataclass

from xlcity.errors import EngineError, UsageError
from xlcity.recalc.formualizer import PINNED, Formualizer
from xlcity.recalc.formulas import Formulas
from xlcity.recalc.ironcalc import IronCalc
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


@dataclass(frozen=True, slots=True)
class Choice:
    """An engine and, where it is not the usual one, why."""

    engine: Engine
    note: str = ""


def choose(name: str = "auto") -> Choice:
    """Return the engine of a name.

    ``auto`` is formualizer in the version that was measured; else LibreOffice, and it says so.

    Raises
    ------
    UsageError
        If there is no engine of that name.
    EngineError
        If it is not installed.
    """
    if name == "auto":
        return _choose_auto()
    if name not in _ENGINES:
        hint = f"Engines: auto, {', '.join(NAMES)}."
        raise UsageError(f"there is no engine {name!r}.", hint)
    engine = _ENGINES[name]
    if not engine.available():
        raise EngineError(f"the engine {name} is not installed.", _REMEDY[name])
    return Choice(engine)


def _choose_auto() -> Choice:
    fast, office = _ENGINES["formualizer"], _ENGINES["libreoffice"]
    version = fast.version()
    if version == PINNED:
        return Choice(fast)
    why = (
        "formualizer is not installed"
        if version is None
        else f"formualizer is {version}, not the measured {PINNED}"
    )
    if office.available():
        return Choice(office, f"{why}: LibreOffice computes instead.")
    raise EngineError(
        f"{why}, and LibreOffice is not installed.",
        f"{_REMEDY['formualizer']}, or: {_REMEDY['libreoffice']}",
    )


def available() -> list[str]:
    """Return the names of the engines that can be used here."""
    return [name for name, engine in _ENGINES.items() if engine.available()]
