"""Results and problems as every face shows them: plain data for JSON, sentences for people."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xlcity.api.texts import language, translated, translated_list
from xlcity.messages import Message

if TYPE_CHECKING:
    from xlcity.audit.diff.changes import CellChange
    from xlcity.audit.lint.finding import Finding
    from xlcity.errors import Problem, Where
    from xlcity.model.reading.values import Conversion


#: Most of a document is of these, which JSON holds as they are.
_AS_IT_IS = frozenset((str, int, bool, type(None)))
#: A part of the evidence of an audit of tables, and how it ends; the Chinese signs for the ends.
_EVIDENCE_PART = re.compile(r"(.+?)(?:([;.])(?: |$)|$)")
_CHINESE_ENDS = {";": "；", ".": "。", "": ""}
#: Rules about what a workbook shows beside the content of cells, whose messages are put together.
_RULES_OF_LOOKS = ("E16", "W18", "W19", "W20")
#: How messages about cells that were sealed begin, whose values are people's own.
_SEALED_CELLS = tuple(
    f"the sealed {kind} was" for kind in ("input", "formula", "result", "note")
)
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
    if hasattr(value, "as_dict"):
        value = value.as_dict()
    elif fields := getattr(type(value), "__dataclass_fields__", ()):
        value = {name: getattr(value, name) for name in fields}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Path):
        return str(value)
    if hasattr(value, "item") and not isinstance(value, (str, bytes)):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def detail_text(detail: str) -> str:
    """Return what a check has found in the user's language."""
    from xlcity.workbook.reader_labels import in_chinese

    keys = ("check", "message", "lint")
    if isinstance(detail, Message):
        return translated(detail)
    parts = detail.split("; ")
    if language() != "zh":
        return "; ".join(translated(part, *keys) for part in parts)
    return "；".join(translated(in_chinese(part), *keys) for part in parts)


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
    keys = _rule_keys(finding.rule, finding.message)
    message = finding.message
    if finding.fault.startswith("sheet:"):
        row = message.removeprefix(f"{finding.fault}: ").removesuffix(".")
        message = f"{finding.fault}: {detail_text(row)}."
    if finding.code:
        keys = (finding.code, "message", "lint")
    return translated(message, *keys), translated(finding.remedy, "hint", *keys)


def _rule_keys(rule: str, message: str) -> tuple[str, ...]:
    """Return the keys of the texts of a rule, by its message."""
    is_look = rule in _RULES_OF_LOOKS and not message.startswith(_SEALED_CELLS)
    return ("look", "lint") if is_look else ("lint",)


def describe_change(change: CellChange) -> dict[str, str]:
    """Return "kind", "from" and "to" of a difference in the user's language.

    What a person typed is left as it is.
    """
    from xlcity.model.reading.tables import as_text

    sides = {"from": as_text(change.before), "to": as_text(change.after)}
    if change.kind not in _TYPED:
        sides = {side: translated_list(text, "shown") for side, text in sides.items()}
    return {"kind": translated(change.kind, "difference"), **sides}


def summary_text(summary: str) -> str:
    """Return the first sentence of a check in the user's language."""
    start, colon, parts = summary.removesuffix(".").partition(": ")
    if language() != "zh":
        return summary
    words = "，".join(translated(part, "summary") for part in parts.split(", "))
    return f"{translated(start, 'summary')}{'：' if colon else ''}{words}。"


def place_text(where: Where) -> str:
    """Return an address in the user's language."""
    texts = []
    for part in where.parts():
        # A row of a text file, say, is still looked for by its English name.
        pieces = [part] if isinstance(part, Message) else part.split(", ")
        texts += [translated(piece, "place") for piece in pieces]
    return ", ".join(texts)


def conversion_text(conversion: Conversion) -> str:
    """Return why a text was read as something else, in the user's language."""
    text = translated(conversion.note, "conversion")
    if text != conversion.note or language() != "zh":
        return text
    return "，".join(
        translated(part, "conversion") for part in conversion.note.split(", ")
    )


def sentence(problem: Problem) -> str:
    """Return address, message and hint of a problem in the user's language."""
    is_problem = problem.code.startswith("XC")
    keys = (
        (problem.code, "note")
        if is_problem
        else _rule_keys(problem.code, problem.message)
    )
    message = translated(problem.message, *keys, "message")
    hint = translated(problem.hint, *keys, "hint")
    address = place_text(problem.where)
    gap = "" if message.endswith(("。", "？")) else " "
    return f"{address}{': ' if address else ''}{message}{gap}{hint}".rstrip()
