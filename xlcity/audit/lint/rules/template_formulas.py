"""The contract: every formula is the template's, and only inputs differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from xlcity.audit.lint.finding import Finding, finding_at
from xlcity.audit.lint.movable_formulas import movable_differences
from xlcity.audit.lint.moved_rows import MovedRows, fingerprint_with_rows
from xlcity.audit.lint.registry import finds
from xlcity.audit.lint.subject import Subject
from xlcity.errors import XlcityError
from xlcity.messages import Message
from xlcity.model.nodes import Direction
from xlcity.workbook.checking.contract import (
    MOVABLE,
    Difference,
    Expected,
    differences,
    draw_expected,
    drawn_texts,
    has_drawn_formulas,
)
from xlcity.workbook.reading.records import plain_text
from xlcity.workbook.reading.template import Template
from xlcity.workbook.spec import TemplateSpec
from xlcity.workbook.spec.from_template import spec_of
from xlcity.xlsx.address import Range
from xlcity.xlsx.cells import Position, ReadBook
from xlcity.xlsx.formulas.formula import changed_part
from xlcity.xlsx.formulas.graph import Place
from xlcity.xlsx.formulas.tokens import NormalisedFormula, Token

#: Longer formulas are cut in messages.
_LONGEST = 200
#: Blocks of scores, codes above them, that are drawn for the direction of each indicator.
_SCORED = ("out_normalised", "xl_oriented")


class _Score(NamedTuple):
    """The scores of an indicator.

    Attributes
    ----------
    area
        Its column in a block of scores.
    code
        What stands above it.
    """

    code: str
    area: Range


@finds(order=10)
def changed_formulas(subject: Subject) -> Iterator[Finding]:
    """Yield E02, E03, E04 and E08 of a workbook that is compared with a template."""
    if subject.expected is None:
        return
    forms = subject.graph.forms
    differing = list(differences(subject.book, subject.expected.formulas, forms))
    differing += _lone_ranges(subject, subject.expected)
    differing += movable_differences(subject.book, subject.expected, forms)
    explained: set[Place] = set()
    for finding, formulas in _turned_directions(subject, differing):
        yield finding
        explained |= formulas
    for difference in differing:
        if (difference.sheet, difference.position) not in explained:
            yield _formula_finding(subject, difference)


def _lone_ranges(subject: Subject, expected: Expected) -> Iterator[Difference]:
    """Yield the template's formulas that alone read other rows of a sheet whose rows move."""
    book = subject.book
    texts = _texts_over_movable(book, expected)
    if all(drawn == text for drawn, text in texts.values()):
        return
    forms = subject.graph.forms
    fingerprints = {}
    for (sheet, position), own in texts.items():
        before, now = (
            fingerprint_with_rows(forms.normalised(text, *position), position)
            for text in own
        )
        fingerprints[sheet, position] = (before, now)
    moved_rows = MovedRows(fingerprints.values())
    for (sheet, position), (before, now) in fingerprints.items():
        if moved_rows.is_alone(before, now):
            drawn = texts[sheet, position][0]
            cell = book.sheets[sheet].cells.get(position)
            yield Difference(sheet, position, drawn, cell)


def _texts_over_movable(
    book: ReadBook, expected: Expected
) -> dict[Place, tuple[str, str]]:
    """Return the formulas that may read sheets whose rows move, as drawn and as they are.

    None where all formulas of the fixed sheets are as drawn, as in most workbooks.
    """
    fixed = expected.formulas.keys() & book.sheets.keys() - MOVABLE
    drawn_on = {
        name: drawn for name, drawn in expected.formulas.items() if name in fixed
    }
    if all(has_drawn_formulas(book, name, drawn) for name, drawn in drawn_on.items()):
        return {}
    texts: dict[Place, tuple[str, str]] = {}
    for sheet, drawn in drawn_on.items():
        here = drawn_texts(book, sheet)
        for position, text in drawn.items():
            if position in here and _may_read_movable(text):
                texts[sheet, position] = (text, here[position])
    return texts


def _may_read_movable(text: str) -> bool:
    """Tell whether a formula may read a range of a sheet whose rows move; most do not."""
    return ":" in text and any(name in text for name in MOVABLE)


def _turned_directions(
    subject: Subject, differing: Sequence[Difference]
) -> Iterator[tuple[Finding, set[Place]]]:
    """Yield the directions that were turned, with the formulas that score by the former ones.

    Formulas are drawn for the direction of their indicator. Where all scores of one have another
    formula, the template is drawn with the opposite direction: it explains what is the same there.
    """
    template = subject.template
    if template is None or not differing:
        return
    differing_cells = _places_of(differing)
    cells = template.framework_cells("direction")
    spec = spec_of(template)
    for code, area in _list_scores(subject, template):
        scored = {(area.sheet, position) for position in area.positions}
        is_node = code in cells and code in spec.framework
        if not is_node or not scored <= differing_cells:
            continue
        now = spec.framework[code].direction
        try:
            drawn = draw_expected(_with_direction(spec, code, Direction(-now)))
        except (XlcityError, ValueError):
            continue
        left = differences(subject.book, drawn.formulas, subject.graph.forms)
        same = differing_cells - _places_of(left)
        if scored <= same:
            differing_cells -= same
            yield _report_turned(cells[code], code, now, area), same


def _report_turned(
    direction_cell: tuple[str, str], code: str, now: Direction, area: Range
) -> Finding:
    """Return E08 for a direction that the scores of an indicator contradict."""
    sheet, cell = direction_cell
    message = Message(
        "lint.turned",
        code=code,
        now=int(now),
        area=str(area),
        former=-int(now),
    )
    return Finding(
        "E08",
        sheet,
        cell,
        message,
        fix=Message("hint.restore_direction"),
        region=f"{cell}, {area}",
        fault=f"direction of {code}",
    )


def _places_of(differing: Iterable[Difference]) -> set[Place]:
    return {(d.sheet, d.position) for d in differing if d.position is not None}


def _list_scores(subject: Subject, template: Template) -> Iterator[_Score]:
    """Yield the columns of the blocks of scores that are drawn for directions."""
    for area in map(subject.area, _SCORED):
        if area is None:
            continue
        above = replace(area, r1=area.r1 - 1, r2=area.r1 - 1)
        heads = template.book.block(above)[0]
        for column, head in enumerate(heads, area.c1):
            yield _Score(plain_text(head), replace(area, c1=column, c2=column))


def _with_direction(
    spec: TemplateSpec, code: str, direction: Direction
) -> TemplateSpec:
    """Return what a workbook is drawn from with another direction of one indicator."""
    nodes = {node.code: node for node in spec.framework.nodes}
    nodes[code] = replace(nodes[code], direction=direction)
    framework = replace(spec.framework, nodes=tuple(nodes.values()))
    return replace(spec, framework=framework)


def _formula_finding(subject: Subject, difference: Difference) -> Finding:
    sheet = difference.sheet
    position = difference.position
    if position is None:
        return Finding("E02", sheet, "", Message("lint.sheet_gone"))
    restored = _cut(f"={difference.expected}")
    fix = Message("hint.restore_formula", formula=restored)
    cell = difference.cell
    if cell is None or cell.formula is None:
        value = None if cell is None else cell.value
        message = Message("lint.formula_cleared")
        if value not in (None, ""):
            message = Message("lint.value_replaces", value=value)
        return finding_at("E02", sheet, position, message, fix=fix)
    rule, phrase = explain_formula(
        subject, sheet, position, expected=difference.expected, actual=cell.formula
    )
    forms = subject.graph.forms
    expected = forms.normalised(difference.expected, *position)
    actual = forms.normalised(cell.formula, *position)
    fault = f"{sheet} {expected.key} {actual.key}"
    message = Message("lint.formula", phrase=phrase)
    level = ""
    version = subject.former_version
    if version and _mask_texts(expected) == _mask_texts(actual):
        # Where a text decides something, the other ways of computing show that.
        message = Message("lint.formula_reworded", phrase=phrase, version=version)
        level = "warning"
        fault = "words"
    return finding_at(rule, sheet, position, message, fix=fix, fault=fault, level=level)


def _mask_texts(formula: NormalisedFormula) -> list[str]:
    return [
        token.kind if token.kind == "text" else token.text for token in formula.tokens
    ]


def explain_formula(
    subject: Subject,
    sheet: str,
    position: Position,
    *,
    expected: str,
    actual: str,
) -> tuple[str, Message]:
    """Return the rule that a formula breaks, and what of the expected one went and what came.

    The rule is E04 where only the extent of ranges differs, else E03.
    """
    forms = subject.graph.forms
    before = forms.normalised(expected, *position)
    now = forms.normalised(actual, *position)
    rule = "E04" if _differ_in_extent(before, now, sheet, position) else "E03"
    return rule, _phrase_change(*map(_cut, changed_part(expected, actual)))


def _phrase_change(went: str, came: str) -> Message:
    """Return what of a formula went and what came in its place."""
    if went and came:
        return Message("phrase.replaced", came=came, went=went)
    if came:
        return Message("phrase.added", came=came)
    return Message("phrase.left_out", went=went)


def differing_tokens(
    first: NormalisedFormula, second: NormalisedFormula
) -> list[tuple[Token, Token]]:
    """Return the pairs of tokens that differ; none of formulas of another length."""
    if len(first.tokens) != len(second.tokens):
        return []
    pairs = zip(first.tokens, second.tokens, strict=True)
    return [(a, b) for a, b in pairs if a.text != b.text]


def _differ_in_extent(
    before: NormalisedFormula,
    now: NormalisedFormula,
    sheet: str,
    position: Position,
) -> bool:
    """Tell whether formulas in a cell differ in the extent of ranges alone."""
    has_moved = False
    for old_token, new_token in differing_tokens(before, now):
        if not old_token.ref or not new_token.ref:
            return False
        old = old_token.ref.area(sheet, *position)
        new = new_token.ref.area(sheet, *position)
        if old == new:  # only a $ differs
            continue
        has_moved = True
        is_as_large = old.rows == new.rows and old.columns == new.columns
        if is_as_large or not old.meets(new):
            return False
    return has_moved


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
