"""Results and problems as every face shows them: plain data for JSON, sentences for people."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xlcity.api.evidence_texts import translated
from xlcity.api.texts import language, told
from xlcity.messages import find_message

if TYPE_CHECKING:
    from xlcity.audit.diff.changes import CellChange
    from xlcity.audit.lint.finding import Finding
    from xlcity.errors import Problem, Where


#: Most of a document is of these, which JSON holds as they are.
_AS_IT_IS = frozenset((str, int, bool, type(None)))
#: A part of the evidence of an audit of tables, and how it ends; the Chinese signs for the ends.
_EVIDENCE_PART = re.compile(r"(.+?)(?:([;.])(?: |$)|$)")
_CHINESE_ENDS = {";": "；", ".": "。", "": ""}

#: Kinds of differences whose texts are people's own, or the names of a method's parameters.
_TYPED = frozenset(
    (
        "input",
        "list",
        "weight",
        "recipe",
        "framework",
        "definition",
        "sample",
        "source",
        "formula",
        "constant",
        "result",
        "note",
        "name",
    )
)


def plain(value: Any) -> Any:
    """Return a value as JSON can hold it: NaN is null, a spreadsheet error its text.

    A record is what its `as_dict` returns, or its fields by name.
    """
    kind = type(value)
    if kind in _AS_IT_IS:
        return value
    if kind is float:
        return value if math.isfinite(value) else None
    fields = _fields_of(value)
    if fields is not None:
        return {str(name): plain(item) for name, item in fields.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return _plain_scalar(value)


def _plain_scalar(value: Any) -> Any:
    """Return a value without parts as JSON can hold it."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Path):
        return str(value)
    if hasattr(value, "item") and not isinstance(value, (str, bytes)):
        return plain(value.item())
    return value


def _fields_of(value: Any) -> Mapping[Any, Any] | None:
    """Return what a record or mapping has by name, None of anything else."""
    if hasattr(value, "as_dict"):
        found: Mapping[Any, Any] = value.as_dict()
        return found
    if isinstance(value, Mapping):
        return value
    names = getattr(type(value), "__dataclass_fields__", ())
    if not names:
        return None
    return {name: getattr(value, name) for name in names}


def evidence_text(evidence: str) -> str:
    """Return what an audit of printed tables has found in the user's language, part by part."""
    if language() != "zh":
        return evidence
    parts = _EVIDENCE_PART.findall(evidence)
    return "".join(
        translated(part, "tables") + _CHINESE_ENDS[end] for part, end in parts
    )


def finding_words(finding: Finding) -> tuple[str, str]:
    """Return message and remedy of a finding in the user's language."""
    return told(finding.message), told(finding.remedy)


def describe_change(change: CellChange) -> dict[str, str]:
    """Return "kind", "from" and "to" of a difference in the user's language.

    What a person typed is left as it is.
    """
    from xlcity.model.reading.tables import as_text
    from xlcity.xlsx.shown import Shown

    sides = {"from": as_text(change.before), "to": as_text(change.after)}
    if change.kind not in _TYPED:
        sides = {side: told(Shown(text)) for side, text in sides.items()}
    return {"kind": kind_text(change.kind), **sides}


def kind_text(kind: str) -> str:
    """Return a kind of differences, such as "merged cells", in the user's language."""
    return told(find_message(f"difference.{kind.replace(' ', '_')}", {}) or kind)


def mark_text(mark: str) -> str:
    """Return what happened to a value, such as "imputed", in the user's language."""
    return told(find_message(f"mark.{mark}", {}) or mark)


def place_text(where: Where) -> str:
    """Return an address in the user's language."""
    return ", ".join(map(told, where.parts()))


def sentence(problem: Problem) -> str:
    """Return address, message and hint of a problem in the user's language."""
    message = told(problem.message)
    hint = told(problem.hint)
    gap = "" if message.endswith(("。", "？")) else " "
    text = f"{message}{gap}{hint}".rstrip()
    address = place_text(problem.where)
    return f"{address}: {text}" if address else text
