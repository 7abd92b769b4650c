"""The contract: every formula is the template's, and only inputs differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

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
from xlcity.workbook.spec.from_template import spec_of
from xlcity.xlsx.cells import Position
from xlcity.xlsx.formulas.formula import changed_part
from xlcity.xlsx.formulas.graph import Place
from xlcity.xlsx.formulas.tokens import NormalisedFormula

#: Longer formulas are cut in messages.
_LONGEST = 200
#: Blocks of scores, codes above them, that are drawn for the direction of each indicator.
_SCORED = ("out_normalised", "xl_oriented")


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
    for finding, formulas in (
        _turned_directions(subject, differing) if differing else ()
    ):
        yield finding
        explained |= formulas
    for difference in differing:
        if (difference.sheet, difference.position) not in explained:
            yield _formula_finding(subject, difference)


def _lone_ranges(subject: Subject, expected: Expected) -> Iterator[Difference]:
    """Yield the template's formulas that alone read other rows of a sheet whose rows move."""
    book = subject.book
    forms = subject.graph.forms
    fixed = {
        name: texts
        for name, texts in expected.formulas.items()
        if name in book.sheets and name not in MOVABLE
    }
    if all(has_drawn_formulas(book, name, texts) for name, texts in fixed.items()):
        return  # as in most
    both = [(name, drawn, drawn_texts(book, name)) for name, drawn in fixed.items()]
    texts = {
        (sheet, position): (text, here[position])
        for sheet, drawn, here in both
        for position, text in drawn.items()
        # Spares the many that read no range of such a sheet.
        if ":" in text and any(name in text for name in MOVABLE) and position in here
    }
    if all(drawn_text == text for drawn_text, text in texts.values()):
        return
    formulas = {
        place: [
            fingerprint_with_rows(forms.normalised(t, *place[1]), place[1])
            for t in pair
        ]
        for place, pair in texts.items()
    }
    moved_rows = MovedRows((before, now) for before, now in formulas.values())
    for (name, position), (before, now) in formulas.items():
        if moved_rows.is_alone(before, now):
            cell = book.sheets[name].cells.get(position)
            yield Difference(name, position, texts[name, position][0], cell)


def _turned_directions(
    subject: Subject, differing: Sequence[Difference]
) -> Iterator[tuple[Finding, set[Place]]]:
    """Yield the directions that were turned, with the formulas that score by the former ones.

    Formulas are drawn for the direction of their indicator. Where all scores of one have another
    formula, the template is drawn with the opposite direction: it explains what is the same there.
    """
    if (template := subject.template) is None:
        return
    columns = [
        (plain_text(head), replace(area, c1=column, c2=column))
        for area in map(subject.area, _SCORED)
        if area is not None
        for heads in [
            template.book.block(replace(area, r1=area.r1 - 1, r2=area.r1 - 1))[0]
        ]
        for column, head in enumerate(heads, area.c1)
    ]
    differing_cells = {
        (d.sheet, d.position) for d in differing if d.position is not None
    }
    cells = template.framework_cells("direction")
    spec = spec_of(template)
    for code, area in columns:
        scored = {(area.sheet, position) for position in area.positions}
        if (
            not scored <= differing_cells
            or code not in cells
            or code not in spec.framework
        ):
            continue
        now = spec.framework[code].direction
        nodes = {node.code: node for node in spec.framework.nodes}
        nodes[code] = replace(nodes[code], direction=Direction(-now))
        framework = replace(spec.framework, nodes=tuple(nodes.values()))
        try:
            drawn = draw_expected(replace(spec, framework=framework))
        except (XlcityError, ValueError):
            continue
        left = differences(subject.book, drawn.formulas, subject.graph.forms)
        same = differing_cells - {(d.sheet, d.position) for d in left}
        if scored <= same:
            differing_cells -= same
            message = Message(
                "lint.turned",
                code=code,
                now=int(now),
                area=str(area),
                former=-int(now),
            )
            fix = Message("hint.restore_direction")
            region = f"{cells[code][1]}, {area}"
            fault = f"direction of {code}"
            yield Finding("E08", *cells[code], message, fix, region, fault), same


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
        subject, sheet, position, difference.expected, cell.formula
    )
    forms = subject.graph.forms
    expected, actual = (
        forms.normalised(f, *position) for f in (difference.expected, cell.formula)
    )
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
    subject: Subject, sheet: str, position: Position, expected: str, actual: str
) -> tuple[str, str]:
    """Return the rule that a formula breaks, and what of the expected one went and what came.

    The rule is E04 where only the extent of ranges differs, else E03.
    """
    went, came = map(_cut, changed_part(expected, actual))
    if went and came:
        message = Message("phrase.replaced", came=came, went=went)
    elif came:
        message = Message("phrase.added", came=came)
    else:
        message = Message("phrase.left_out", went=went)
    forms = [
        subject.graph.forms.normalised(text, *position) for text in (expected, actual)
    ]
    same_number = len(forms[0].tokens) == len(forms[1].tokens)
    pairs = zip(forms[0].tokens, forms[1].tokens, strict=True) if same_number else ()
    changed = [(a, b) for a, b in pairs if a.text != b.text]
    if not changed or not all(a.ref and b.ref for a, b in changed):
        return "E03", message
    areas = [
        tuple(t.ref.area(sheet, *position) for t in pair if t.ref) for pair in changed
    ]
    moved = [
        (old, new) for old, new in areas if old != new
    ]  # of others only a $ differs
    is_extent = all(
        o.meets(n) and (o.rows, o.columns) != (n.rows, n.columns) for o, n in moved
    )
    return ("E04" if moved and is_extent else "E03"), message


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
