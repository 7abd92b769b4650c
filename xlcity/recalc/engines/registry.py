"""The engines by name, found in the modules of this package, and which one to take."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module

import xlcity.recalc.engines
from xlcity.errors import EngineError, UsageError
from xlcity.messages import Message, joined
from xlcity.recalc.engines.protocol import Engine, require_installed


@cache
def engines() -> dict[str, Engine]:
    """Return the engines by name: one of each class with `name` and `evaluate` in this package."""
    by_name: dict[str, Engine] = {}
    for info in pkgutil.iter_modules(
        xlcity.recalc.engines.__path__, "xlcity.recalc.engines."
    ):
        if info.name == __name__:
            continue
        for member in vars(import_module(info.name)).values():
            is_own = isinstance(member, type) and member.__module__.startswith(
                info.name
            )
            name = getattr(member, "name", None)
            if is_own and hasattr(member, "evaluate") and isinstance(name, str):
                by_name[name] = member()
    return dict(sorted(by_name.items()))


ENGINE_NAMES = tuple(engines())


def engine_named(name: str) -> Engine:
    """Return the engine of a name.

    Raises
    ------
    UsageError
        If there is no engine of that name.
    EngineError
        If it is not installed.
    """
    if (engine := engines().get(name)) is None:
        raise UsageError.of("XC100.unknown_engine", name=name, engines=[*engines()])
    require_installed(engine)
    return engine


def engines_by_speed() -> tuple[list[Engine], list[str]]:
    """Return the engines ``auto`` may take, the fastest first, and why others are not used.

    What was measured holds for one version; an engine of another version is not used.

    Raises
    ------
    EngineError
        If there is none.
    """
    with_turn = [engine for engine in engines().values() if engine.turn]
    automatic = sorted(with_turn, key=lambda engine: engine.turn)
    usable = []
    notes: list[str] = []
    for engine in automatic:
        # Asked only where it matters: to learn LibreOffice's is to start it.
        version = engine.version() if engine.measured else ""
        if version is None or not engine.available():
            # Without a slower one nothing is lost.
            if engine is automatic[0]:
                notes.append(_not_installed_note(engine))
        elif not f"{version}.".startswith(f"{engine.measured}."):
            notes.append(_not_measured_note(engine, version))
        else:
            usable.append(engine)
    if not usable:
        raise _no_engine_error(automatic, notes)
    return usable, notes


def _no_engine_error(automatic: list[Engine], notes: list[str]) -> EngineError:
    *others, last = [engine.remedy for engine in automatic]
    return EngineError.of(
        "XC500.no_other_engine",
        notes=joined(notes),
        remedy=joined(others),
        libreoffice=last,
    )


def _not_installed_note(engine: Engine) -> Message:
    return Message(
        "engine.faster_not_installed", engine=engine.name, remedy=engine.remedy
    )


def _not_measured_note(engine: Engine, version: str) -> Message:
    return Message(
        "engine.not_measured",
        engine=engine.name,
        version=version,
        measured=engine.measured,
    )


def available_engines() -> list[str]:
    """Return the names of the engines that are installed."""
    return [name for name, engine in engines().items() if engine.available()]
