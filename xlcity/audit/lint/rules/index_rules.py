"""Rules about an index: weights, directions, ranks, plausible values, names of cities."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from xlcity.audit.lint.finding import LintFinding, finding_at
from xlcity.audit.lint.registry import finds
from xlcity.audit.lint.subject import Subject, is_number
from xlcity.errors import CellValue, Problem
from xlcity.functions.rank import rank_competition
from xlcity.index.compute import rank_keys
from xlcity.model.dataset import State
from xlcity.reports import known_ids, load_report
from xlcity.workbook.checking.former_inputs import input_slips
from xlcity.workbook.checking.method_changes import method_changes
from xlcity.workbook.reading.records import plain_text
from xlcity.workbook.reading.template import Template
from xlcity.xlsx.address import Range

#: Problems of reading a template -> the rule that says so.
_RULES = {
    "XC301": "W02",
    "XC305": "W08",
    "XC310": "W06",
    "XC311": "W06",
    "XC313": "W06",
    "XC318": "W06",
    "XC223": "W02",
    "XC224": "W02",
    "XC225": "W02",
    "XC226": "W02",
}
#: Cities by which a direction is judged, and the correlation against it from which it is wrong.
_ENOUGH, _CLEAR = 5, 0.2
#: Slips of a unit: 10 for a lost point, 10^4 and 10^8 for 万 and 亿, 100 and 1000 for % and k.
_JUMPS = (10.0, 100.0, 1000.0, 1e4, 1e8)


@finds(
    "E08 scores run against the declared direction | Correct the direction or the formula.",
    "E10 a library function disagrees with the cells | Compare the two step by step.",
    "E12 ranks are not those of the scores | Rank all scores by one rule, unrounded.",
    "W08 a value is not plausible | Check the value and its unit.",
    "W31 an input is not what it was, by a slip | Compare it with its source.",
    order=70,
)
def index_rules(subject: Subject) -> Iterator[LintFinding]:
    """Yield what is wrong with the index of a template; nothing for other workbooks."""
    template = subject.template
    if template is None:
        return
    for problem in template.problems:
        yield from _reading_problem(problem)
    yield from _changed_method(template)
    yield from _wrong_directions(subject, template)
    yield from _wrong_ranks(template)
    yield from _differing_functions(subject, template)
    yield from _implausible_values(template)
    for slip in input_slips(template):
        yield LintFinding("W31", slip.sheet, slip.cell, slip.message, region=slip.region)


def _reading_problem(problem: Problem) -> Iterator[LintFinding]:
    where = problem.where
    rule = _RULES.get(problem.code)
    if rule and where.sheet and where.cell:
        yield LintFinding(rule, where.sheet, where.cell, problem.message, problem.hint)


def _framework_cells(template: Template, column: str) -> dict[str, tuple[Range, CellValue]]:
    """Return code -> (cell, value) of a column of the framework table."""
    area = template.area("xl_framework")
    header, *rows = template.book.block(area)
    if column not in header:
        return {}
    codes, value_column = header.index("code"), header.index(column)
    cells = {}
    for row_number, row in enumerate(rows, area.r1 + 1):
        position = row_number, area.c1 + value_column
        cells[plain_text(row[codes])] = Range(area.sheet, *position, *position), row[value_column]
    return cells


def _changed_method(template: Template) -> Iterator[LintFinding]:
    """Yield what of the method was changed; a weight that makes a group's sum wrong is E06."""
    weights = list(_wrong_weights(template))
    yield from weights
    reported = {(finding.sheet, finding.cell) for finding in weights}
    for sheet, cell, what, was, now in method_changes(template):
        if (sheet, cell) not in reported:
            message = f"{what}: {plain_text(now)} instead of {plain_text(was)} when it was built."
            yield LintFinding("W21", sheet, cell, message, fault=what)


def _wrong_weights(template: Template) -> Iterator[LintFinding]:
    """Yield groups whose shares do not sum to 1, at the weights that are not the report's."""
    if template.recipe.weights != "shares":
        return
    cells, printed = (_framework_cells(template, c) for c in ("weight", "report_weight"))
    for problem in template.framework.share_problems():
        children = [c.code for c in template.framework.children(problem.where.indicator or "")]
        weighted = [c for c in children if is_number(printed.get(c, (None, None))[1])]
        changed = [c for c in weighted if printed[c][1] != cells[c][1]]
        for code in changed or children[:1]:
            area, _ = cells[code]
            message = problem.message
            if code in changed:
                message += f" {code} was built with {plain_text(printed[code][1])}."
            yield finding_at("E06", area.sheet, (area.r1, area.c1), message)


def _columns_by_code(template: Template, name: str, heads: str) -> dict[str, list[CellValue]]:
    """Return code -> values of a block, whose codes are in the range `heads`.

    A name that was repointed is reported as such, and has no values here.
    """
    area, head = template.area(name), template.area(heads)
    if area.columns != head.columns:
        return {}
    codes = [plain_text(value) for value in template.book.block(head)[0]]
    rows = template.book.block(area)
    return {code: [row[column] for row in rows] for column, code in enumerate(codes) if code}


def _wrong_directions(subject: Subject, template: Template) -> Iterator[LintFinding]:
    """Yield indicators whose scores fall as the typed values rise, or the reverse."""
    scores = subject.area("out_normalised")
    if scores is None:
        return
    codes = [plain_text(v) for v in template.book.block(template.area("out_leaves"))[0]]
    ids = [plain_text(row[0]) for row in template.book.block(template.area("out_units"))]
    dataset = template.dataset
    dataset_row = {unit.id: number for number, unit in enumerate(dataset.units)}
    after = np.array([[_number(v) for v in row] for row in template.book.block(scores)])
    if after.shape != (len(ids), len(codes)):
        return
    rows = [row for row, unit in enumerate(ids) if unit in dataset_row]
    units = [dataset_row[ids[row]] for row in rows]
    for column, code in enumerate(codes):
        if code not in template.framework or code not in dataset.codes:
            continue
        x, y = dataset.values[units, dataset.column(code)], after[rows, column]
        both = ~np.isnan(x) & ~np.isnan(y)
        if both.sum() < _ENOUGH or np.ptp(x[both]) == 0 or np.ptp(y[both]) == 0:
            continue
        correlation = float(np.corrcoef(x[both], y[both])[0, 1])
        direction = int(template.framework[code].direction)
        if correlation * direction < -_CLEAR:
            message = f"{code} has direction {direction:+d}, raw and score correlate at "
            message += f"{correlation:.2f}."
            cell, fault = (scores.r1, scores.c1 + column), f"direction {code}"
            yield finding_at("E08", scores.sheet, cell, message, fault=fault)


def _number(value: CellValue) -> float:
    return float(value) if is_number(value) else math.nan  # type: ignore[arg-type]


def _wrong_ranks(template: Template) -> Iterator[LintFinding]:
    """Yield ranks that are not those of the stored scores."""
    area, ids = template.area("out_ranks"), template.area("out_units")
    populations = {unit.id: unit.population for unit in template.dataset.units}
    order = [populations.get(plain_text(row[0]), "") for row in template.book.block(ids)]
    scores = _columns_by_code(template, "out_scores", "out_nodes")
    ranks = _columns_by_code(template, "out_ranks", "out_nodes")
    for right, (code, column) in enumerate(ranks.items()):
        if code not in template.framework or code not in scores:
            continue
        if not len(scores[code]) == len(order) == len(column):
            continue
        expected = _ranks_of(template, code, scores[code], order)
        stored = [_number(value) for value in column]
        wrong = [
            row
            for row, (a, b) in enumerate(zip(expected, stored, strict=True))
            if order[row] and not (a == b or (math.isnan(a) and math.isnan(b)))
        ]
        for row in wrong[:3]:
            message = f"the rank is {stored[row]:g}, the scores give {expected[row]:g}."
            message += f" ({len(wrong)} ranks of {code} differ.)" if len(wrong) > 1 else ""
            cell, fault = (area.r1 + row, area.c1 + right), f"ranks {code}"
            yield finding_at("E12", area.sheet, cell, message, fault=fault)


def _ranks_of(
    template: Template, code: str, scores: Sequence[CellValue], order: Sequence[str]
) -> list[float]:
    values = np.array([[_number(value)] for value in scores])
    columns, ties = rank_keys(template.recipe, [code], values)
    keys = columns[:, 0]
    ranks = np.full(len(keys), math.nan)
    for population in set(order) - {""}:
        rows = np.array([name == population for name in order])
        if rows.any():
            states = np.where(np.isnan(keys[rows]), State.BLANK, State.VALUE).astype(np.uint8)
            ranks[rows] = rank_competition(
                keys[rows][:, None], ties=ties, states=states[:, None]
            ).values[:, 0]
    return [float(rank) for rank in ranks]


def _differing_functions(subject: Subject, template: Template) -> Iterator[LintFinding]:
    """Yield the blocks where the library's functions disagree with the cells."""
    area = template.area("chk_table")
    for down in range(1, area.rows):
        row = area.r1 + down
        if template.book.value(area.sheet, row, area.c1) != "udf-native":
            continue
        cells = [(row, column) for column in range(area.c1, area.c2 + 1)]
        # A list beside the checks repeats the verdicts of the blocks.
        cells += [
            (down, read.c1)
            for cell in cells
            for read in subject.graph.reads(area.sheet, cell)
            if read.sheet == area.sheet and read.c1 > area.c2
            for down in range(read.r1, read.r2 + 1)
        ]
        reads = (read for cell in cells for read in subject.graph.reads(area.sheet, cell))
        for sheet, cell in dict.fromkeys((read.sheet, (read.r1, read.c1)) for read in reads):
            if sheet != area.sheet and subject.value(sheet, cell) == "fail":
                yield finding_at("E10", sheet, cell, "the functions and the cells disagree.")


def _implausible_values(template: Template) -> Iterator[LintFinding]:
    """Yield values outside their indicator's bounds, or off the shipped one by a unit's factor."""
    dataset, inputs = template.dataset, template.framework.inputs
    area = template.area("in_data")
    shipped = load_report(template.report).dataset if template.report in known_ids() else None
    shipped_rows = {} if shipped is None else shipped.rows
    for column, code in enumerate(dataset.codes):
        node = inputs.get(code)
        if node is None or code not in template.columns:
            continue
        for row, unit in enumerate(dataset.units):
            value = float(dataset.values[row, column])
            if math.isnan(value) or unit.id not in template.rows:
                continue
            message = ""
            if node.valid_low is not None and value < node.valid_low:
                message = f"{value:g} is below {node.valid_low:g}, the least {code} can be."
            elif node.valid_high is not None and value > node.valid_high:
                message = f"{value:g} is above {node.valid_high:g}, the most {code} can be."
            elif shipped is not None and unit.id in shipped_rows and code in shipped.codes:
                before = float(shipped.values[shipped_rows[unit.id], shipped.column(code)])
                factor = _unit_factor(value, before)
                if factor:
                    message = f"{value:g} is {factor} of {before:g}, the value that was shipped."
            if message:
                position = template.rows[unit.id], template.columns[code]
                yield finding_at("W08", area.sheet, position, f"{unit.id}: {message}")


def _unit_factor(value: float, before: float) -> str:
    if not before or math.isnan(before) or value == before:
        return ""
    ratio = value / before
    for jump in _JUMPS:
        if math.isclose(ratio, jump, rel_tol=1e-9):
            return f"{jump:g} times"
        if math.isclose(ratio, 1 / jump, rel_tol=1e-9):
            return f"one {jump:g}th"
    return "the negative" if ratio == -1 else ""
