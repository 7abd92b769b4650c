"""What native cells can show of a step."""

from __future__ import annotations

from collections.abc import Mapping

from xlcity.errors import RecipeError
from xlcity.model.recipe import Step


def require_known(step: Step, known: Mapping[str, set[str]], what: str) -> None:
    """Refuse a step that has no native form, before anything is drawn."""
    if step.method not in known:
        raise RecipeError(
            f"templates cannot {what} by {step.method!r} yet.",
            f"With native cells: {', '.join(sorted(known))}. `xlcity index` knows more methods.",
        )
    unknown = sorted(set(step.params) - known[step.method])
    if unknown:
        raise RecipeError(f"templates cannot show {', '.join(unknown)} of {step.method} ({what}).")
