"""What native cells can show of a step, and whether functions answer at all."""

from __future__ import annotations

from xlcity.errors import Problem, RecipeError, Where


def not_loaded(call: str) -> str:
    """Return a condition: the program does not have the functions, as a cell with a call shows.

    It is #NAME? where they are not known, and another error where a saved link to the add-in leads
    nowhere (#REF!), is still being followed or was blocked. No function answers with one of these.

    >>> not_loaded("B3")
    'IFERROR(CHOOSE(ERROR.TYPE(B3),0,0,0,1,1,0,0,1,0,1,1,1),0)=1'
    """
    return f"IFERROR(CHOOSE(ERROR.TYPE({call}),0,0,0,1,1,0,0,1,0,1,1,1),0)=1"


def no_native_problem(message: str, hint: str, code: str = "") -> Problem:
    """Return the problem of a step that has no native form, of a node if one is named."""
    return Problem("XC259", message, hint, Where(indicator=code or None))


def no_native(code: str, message: str, hint: str) -> RecipeError:
    """Return the error of a node whose step has no native form."""
    return RecipeError(no_native_problem(message, hint, code))
