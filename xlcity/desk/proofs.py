"""What the page shows of an index that was read from a team's formulas."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from xlcity.api.documents import plain
from xlcity.api.texts import told
from xlcity.desk.sent import read_names
from xlcity.desk.texts import in_each_language, page_sentence
from xlcity.messages import Message, catalogue
from xlcity.model.nodes import Node
from xlcity.proof.columns import SlipKind
from xlcity.proof.document import index_document
from xlcity.proof.reading import NoIndexError, read_index
from xlcity.proof.workbook_map import map_path, read_workbook_map

#: Readings that are kept: what a person chooses back and forth.
_KEPT = 8
#: Largest scale of scores that says nothing new.
_USUAL_SCALES = ((0.0, 1.0), (0.0, 100.0))

#: How far an index is explained -> the sentence above all others.
_LEADS = {
    "explained": "proof.explained",
    "part": "proof.part",
    "refuted": "proof.refuted",
}
#: How a cell breaks the pattern of its column -> the sentence about it.
_SLIPS = {
    SlipKind.TYPED: "proof.slip.typed",
    SlipKind.OTHER_CITY: "proof.slip.other_city",
    SlipKind.SHORT_RANGE: "proof.slip.short_range",
    SlipKind.OTHER_FORMULA: "proof.slip.other_formula",
}
#: How a node counts gaps -> words for it, where it is not by having no score.
_GAPS = {"renormalise": "step.gaps.renormalise", "zero": "step.gaps.zero"}
#: Language -> text.
Texts = dict[str, str]
Document = dict[str, Any]


def prove(table: str, total: str, keep: str) -> dict[str, Any]:
    """Return the index that the formulas of a workbook tell of, and its proof.

    Parameters
    ----------
    table
        The workbook.
    total
        A cell or the column of its total; "" for what its map says, or the likeliest one.
    keep
        Cells that are meant as they stand (a list in JSON); they count where `total` is given.

    Returns
    -------
    dict
        The document of `xlcity adopt --json`, with sentences in each language; where formulas
        tell of no index, `refused` alone: why.
    """
    stamps = _stamp(Path(table)), _stamp(map_path(table))
    return _read(table, stamps, total, tuple(read_names(keep)))


def _stamp(path: Path) -> tuple[int, int] | None:
    """Return what tells states of a file apart, None where there is none."""
    if not path.exists():
        return None
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns


@lru_cache(maxsize=_KEPT)
def _read(
    table: str, _: tuple[object, ...], total: str, keep: tuple[str, ...]
) -> dict[str, Any]:
    # Who names the total decides anew which cells stay as they stand.
    known = None if total else read_workbook_map(table)
    try:
        read = read_index(table, total or None, keep, known)
    except NoIndexError as error:
        (problem,) = error.problems
        return {"refused": in_each_language(partial(page_sentence, problem))}
    nodes = {node.code: node for node in read.tables.framework.nodes}
    return _with_texts(index_document(read), nodes)


def _with_texts(document: Document, nodes: Mapping[str, Node]) -> Document:
    """Return a document whose messages stand in each language."""
    slips = {slip["cell"] for slip in document["slips"]}
    questions = [one for one in document["questions"] if one["cell"] not in slips]
    shown = {
        **document,
        "lead": _texts(_lead(document)),
        "facts": [*map(_texts, _facts(document))],
        "tree": [*_parts(document["tree"], nodes)],
        "slips": [*map(_slip, document["slips"])],
        "not_explained": [*map(_unexplained, document["not_explained"])],
        "questions": [_question(one) for one in questions],
    }
    answer: Document = plain(shown)
    return answer


def _unexplained(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a column that stays as given values, with the reason."""
    return {**row, "texts": _texts(row["why"])}


def _question(one: Mapping[str, Any]) -> dict[str, Any]:
    """Return a question; `total`: whether it is answered by taking its column for the total."""
    is_total = one["text"].key == "question.total"
    return {**one, "texts": _texts(one["text"]), "total": is_total}


def _texts(message: str) -> Texts:
    return in_each_language(partial(told, message))


def _rows(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was compared -> how it agrees, of the whole index."""
    return {row["what"]: row for row in reversed(document["proof"])}


def _lead(document: Mapping[str, Any]) -> str:
    """Return the sentence above all others."""
    totals = _rows(document)["totals"]
    values = {name: totals[name] for name in ("equal", "cells")}
    columns = len(document["not_explained"])
    slips = len(document["slips"])
    key = _LEADS[document["status"]]
    if key == "proof.explained" and slips:
        key = "proof.slips"
    return Message(key, **values, columns=columns, slips=slips)


def _facts(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield what was compared, in numbers."""
    rows = _rows(document)
    totals = rows["totals"]
    key = "proof.mended" if document["slips"] else "proof.totals"
    largest = f"{totals['max_diff']:.0e}" if totals["max_diff"] else "0"
    yield Message(key, equal=totals["equal"], cells=totals["cells"], largest=largest)
    missing = sum(row["formulas"] for row in document["not_explained"])
    yield Message("proof.formulas", explained=document["explained"], missing=missing)
    others = [row for row in document["proof"] if row["what"].endswith("other data")]
    whole = sum(row["equal"] == row["cells"] for row in others)
    yield Message("proof.other", whole=whole, sets=len(others))
    stored = rows["stored totals"]
    if document["slips"] or stored["equal"] != stored["cells"]:
        effect = document["slip_effect"]
        key = "proof.rounded" if document["rounded"] else "proof.stored"
        yield Message(key, **effect, equal=stored["equal"], cells=stored["cells"])


def _slip(slip: Mapping[str, Any]) -> dict[str, Any]:
    """Return a cell with how it breaks the pattern of its column."""
    message = Message(_SLIPS[slip["kind"]], cities=slip["cities"])
    return {**slip, "texts": _texts(message)}


def _parts(
    tree: Sequence[Mapping[str, Any]], nodes: Mapping[str, Node]
) -> Iterator[dict[str, Any]]:
    """Yield the parts of a tree, each with its name, its share and its step in words."""
    groups: defaultdict[str, float] = defaultdict(float)
    for part in tree:
        groups[part["parent"]] += part["weight"]
    for part in tree:
        node = nodes[part["code"]]
        yield {
            **part,
            "zh": node.name_zh,
            "en": node.name_en,
            "uom": node.uom,
            "share": part["weight"] / groups[part["parent"]],
            "step": _texts(step_name(part["method"])),
            "details": [*map(_texts, _details(part))],
        }


def step_name(method: str) -> str:
    """Return what a method is called; its own name where the catalogue has none."""
    key = f"step.name.{method}"
    return Message(key) if key in catalogue() else method


def _details(part: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a step has beside its name."""
    yield from _details_of_bounds(part)
    if "ddof" in part:
        yield Message("step.sample" if part["ddof"] else "step.population")
    if part.get("clip"):
        yield Message("step.clip", clip=part["clip"])
    if "treat" in part:
        yield Message("step.treated", step=step_name(part["treat"]["method"]))
    if part.get("missing") in _GAPS:
        yield Message(_GAPS[part["missing"]])
    if "rescale" in part:
        yield from _details_of_rescaling(part["rescale"])
    if "why" in part:
        yield part["why"]


def _details_of_bounds(part: Mapping[str, Any]) -> Iterator[str]:
    low = part.get("lower", part.get("low"))
    high = part.get("upper", part.get("high"))
    if low is not None and high is not None:
        yield Message("step.bounds", low=_short(low), high=_short(high))
    scale = part.get("base"), part.get("scale")
    if None not in scale and scale not in _USUAL_SCALES:
        yield Message("step.scale", base=_short(scale[0]), scale=_short(scale[1]))


def _details_of_rescaling(rescale: Mapping[str, Any]) -> Iterator[str]:
    if rescale["method"] == "linear":
        values = {name: _short(rescale[name]) for name in ("factor", "shift")}
        key = "step.factor" if not rescale["shift"] else "step.shifted"
        yield Message(key, **values)
        return
    yield Message("step.then", step=step_name(rescale["method"]))
    yield from _details_of_bounds(rescale)


def _short(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, (int, float)) else str(value)
