"""Assess how robust the ranks of an index are, and what they depend on.

Thousands of replicates vary what is a matter of judgement or of error, all at once: methods,
parameters, weights, data, nodes left out. `low` and `high` are the 5th and 95th percentile of a
city's rank. The same seed gives the same result, whatever --jobs is.

--vary takes NAME=OPTION,OPTION: a method (normalise=own,zscore,rank; treat, impute, weights,
aggregate), a parameter of the recipe (clip=1.5,1.96,3 or clip=1.5..3), weights=noise:25% (or
dirichlet:20, judgements:20%), data=normal:10% (also lognormal, uniform, triangular; absolute
without %; CODE=normal:5% for one indicator; a third part widens invented and imputed values,
default 2), omit=indicators, pillars, level2 or CODE. Without it the normalisation, the weights
(noise:25%) and one indicator left out vary.

Examples
--------
xlcity assess image2025
xlcity assess --framework tree.csv --data data.csv --vary data=normal:10% weights=noise:25%
xlcity assess book.xlsx --n 10000 --jobs 2 --compare normalise=zscore,rank aggregate=geometric
xlcity assess image2025 --replicate 17 -o again
xlcity assess image2025 --figures pictures --lang both
xlcity assess book.xlsx --into assessed.xlsx
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from xlcity.api.assessment import REPLICATES, Assessment, assess
from xlcity.api.text_table import TextTable
from xlcity.assess.statistics import LEAST_AVAILABLE, available
from xlcity.cli.figures import add_figures, require_figures, write_figures
from xlcity.cli.inputs import add_inputs, opened_workbook, read_inputs
from xlcity.cli.notes import kept_notes, reading_document, reading_notes, synthetic_notes
from xlcity.cli.parser import VerbParser
from xlcity.cli.progress import step
from xlcity.cli.result import Result, json_text
from xlcity.cli.target import require_folder, write_tables
from xlcity.errors import UsageError, counted
from xlcity.xlsx.save import require_output

if TYPE_CHECKING:
    from xlcity.api.workbook import Workbook

#: The file beside the pictures that holds what they show.
NUMBERS = "assessment.json"
#: Lines of a table that is shown in part; --json has all.
_SHOWN = 10


def configure(parser: VerbParser) -> None:
    """Declare the options."""
    add_inputs(parser)
    parser.add_value("--n", "N", "replicates (default: %(default)d)", type=int, default=REPLICATES)
    parser.add_value("--seed", "S", "seed of all that is random (default: 0)", type=int, default=0)
    for name, text in (
        ("--vary", "what varies: NAME=OPTION,OPTION"),
        ("--compare", "variants side by side, in the words of --vary"),
    ):
        parser.add_value(name, "CHOICE", text, nargs="+", action="extend", default=[])
    parser.add_value("--node", "CODE", "the node whose ranks are assessed (default: the root)")
    parser.add_value("--peers", "K", "peer groups (default: the clearest of 2 to 8)", type=int)
    parser.add_list("--outside", "NAME", "compare scores with this attribute, column or node")
    parser.add_jobs("processes")
    parser.add_value("--replicate", "NUMBER", "write one replicate, from 0, to -o", type=int)
    parser.add_value(
        "--into", "F2", "write the workbook with its sheets Robustness, Peers and Correlation to F2"
    )
    parser.add_value("-o", "DIR", "folder for --replicate: `index` computes it again from there")
    add_figures(parser)


def run(args: argparse.Namespace) -> Result:
    """Assess."""
    if (args.replicate is None) != (args.o is None):
        raise UsageError("--replicate and -o need each other.", "Write --replicate 0 -o again.")
    if args.jobs < 0:
        raise UsageError("--jobs must be 0 or more.", "--jobs 0 takes all processors.")
    folder = Path(args.o) if args.o else None
    if folder is not None:
        require_folder(folder)
    require_figures(args)
    book = _workbook(args)
    inputs = read_inputs(args) if book is None else book.index.inputs
    assessment = assess(
        inputs,
        args.n,
        args.seed,
        vary=args.vary,
        compared=args.compare,
        node=args.node,
        peers=args.peers,
        outside=args.outside,
        jobs=args.jobs or os.cpu_count() or 1,
        progress=_progress(),
    )
    notes: list[str] = []
    document = {**assessment.as_dict(), **reading_document(inputs.notes)}
    if folder is not None:
        tables = assessment.replicate_tables(args.replicate)
        notes += kept_notes(write_tables(folder, tables))
        again = f"xlcity index --framework {folder} --data {folder} --recipe {folder}/recipe.toml"
        notes.append(f"Replicate {args.replicate} is in {folder}. Compute it: {again}")
        document["written"] = [str(folder / name) for name in tables]
    if args.figures is not None:
        # What the pictures show, as numbers; how long it took is not part of that.
        numbers = {name: entry for name, entry in document.items() if name != "seconds"}
        document["figures"], figure_notes = write_figures(args, assessment.figures())
        notes += figure_notes
        notes += kept_notes(write_tables(Path(args.figures), {NUMBERS: json_text(numbers)}))
    if book is not None and args.into:
        book.store(assessment)
        book.save(args.into)
        notes += kept_notes(book.kept)
        notes.append(f"Written: {args.into}, sheets Robustness, Peers and Correlation.")
        document["into"] = args.into
    if assessment.plan.base.draft:
        count = counted(len(assessment.plan.base.unfilled), "input is", "inputs are")
        notes.append(f"Draft: {count} not filled yet.")
    notes += synthetic_notes(assessment.plan.dataset.synthetic)
    notes += [str(note) for note in reading_notes(inputs.notes)]
    return Result(document, _blocks(assessment), notes=notes)


def _workbook(args: argparse.Namespace) -> Workbook | None:
    """Return the workbook that is assessed, if it is one."""
    book = opened_workbook(args)
    if not args.into:
        return book
    if book is None:
        message = "--into needs a workbook to assess."
        raise UsageError(message, "Write xlcity assess F.xlsx --into F2.xlsx.")
    from xlcity.workbook.filling.assessment import require_robustness

    require_output(Path(args.into), [args.report])
    require_robustness(book.template.book, args.report)
    return book


def _progress() -> Callable[[int, int], None]:
    """Return what shows how many replicates are done, and the time left."""
    start = time.monotonic()

    def show(done: int, total: int) -> None:
        left = (time.monotonic() - start) * (total - done) / done
        step(f"{done:,} of {total:,} replicates, about {left:.0f} s left")

    return show


def _blocks(assessment: Assessment) -> Iterator[str | TextTable]:
    """Yield what is shown: ranks, what they depend on, and what the data are like."""
    rows: list[list[object]]
    yield _ranks(assessment)
    several = [group for group in assessment.uncertainty.groups if len(group) > 1]
    if several:
        yield "\nCities that cannot be told apart (the first is above the last in under 95 %):"
        yield from (f"  {', '.join(group)}" for group in several)
    if assessment.sobol is not None:
        rows = [
            [choice.name, f"{first:.2f}", f"{total:.2f}"]
            for choice, first, total in zip(
                assessment.plan.choices, assessment.sobol.first, assessment.sobol.total, strict=True
            )
        ]
        yield "\nShares of the variance of the mean shift of ranks:"
        yield TextTable(["choice", "alone", "with interactions"], rows)
    out = sorted(assessment.leave_one_out, key=lambda effect: -effect.mean_shift)[:_SHOWN]
    yield "\nNodes that move ranks most when left out:"
    rows = [[o.node, f"{o.mean_shift:.2f}", o.max_shift, f"{o.kendall:.3f}"] for o in out]
    yield TextTable(["node", "mean shift", "largest", "kendall"], rows)
    if assessment.decisive_data:
        yield "\nValues that move ranks most within their errors:"
        rows = [
            [
                d.unit,
                d.indicator,
                f"{d.low:.4g}",
                f"{d.high:.4g}",
                f"{d.mean_shift:.2f}",
                d.max_shift,
            ]
            for d in assessment.decisive_data
        ]
        yield TextTable(["unit", "indicator", "from", "to", "mean shift", "largest"], rows)
    if assessment.comparisons:
        yield "\nVariants beside the index as it is:"
        rows = [
            [c.variant, f"{c.mean_shift:.2f}", c.max_shift, f"{c.kendall:.3f}"]
            for c in assessment.comparisons
        ]
        yield TextTable(["variant", "mean shift", "largest", "kendall"], rows)
    yield from _alike(assessment)
    yield from _explained(assessment)
    yield from _developed(assessment)
    if assessment.top_margins:
        yield "\nAll weights below the node may move by this share before the first k change:"
        shown = {k: f"{m:.1%}" if m < 1 else "≥100%" for k, m in assessment.top_margins.items()}
        yield TextTable([f"top {k}" for k in shown], [list(shown.values())])
    count, median, ends = assessment.uncertainty.convergence[-2:][0]
    yield (
        f"\n{assessment.replicates:,} replicates, seed {assessment.plan.seed}, "
        f"{assessment.seconds:.1f} s. From {count:,} on, no median moved by more than {median:g} "
        f"and no end of an interval by more than {ends:g}."
    )


def _alike(assessment: Assessment) -> Iterator[str]:
    """Yield the peer groups, and cities with few values."""
    for population in assessment.plan.base.populations:
        if (peers := assessment.peers(population)) is not None:
            clear = peers.silhouettes[peers.k]
            yield f"\nPeer groups of {population} (mean silhouette {clear:.2f}):"
            for group in range(1, peers.k + 1):
                units = [unit for unit, of in peers.groups.items() if of == group]
                yield f"  {group}: {', '.join(units)}"
    few = [city.unit for city in available(assessment.plan.base)[0] if city.few]
    if few:
        yield f"\nCities with under {LEAST_AVAILABLE:.0%} of the values, in all or below one node:"
        rest = [] if len(few) <= _SHOWN else [f"and {len(few) - _SHOWN} more"]
        yield f"  {', '.join([*few[:_SHOWN], *rest])}"


def _explained(assessment: Assessment) -> Iterator[str | TextTable]:
    """Yield how far scores explain outside measures."""
    for fit in assessment.explanations:
        explained = f"R2 {fit.r2:.3f}, p {fit.p:.2g}" if fit.coefficients else "not determined"
        alone = f"r with {assessment.plan.node} {fit.alone[assessment.plan.node]:.3f}"
        yield f"\n{fit.measure} by scores ({fit.population}, n {fit.n}): {explained}, {alone}"
        if fit.coefficients:
            rows = [
                [c.node, f"{c.coefficient:.4g}", f"{c.error:.3g}", f"{c.p:.2g}", f"{c.vif:.1f}"]
                for c in fit.coefficients
            ]
            yield TextTable(["node", "coefficient", "error", "p", "VIF"], rows)


def _developed(assessment: Assessment) -> Iterator[str | TextTable]:
    """Yield whether scores converge over the editions, and the cities that gained most."""
    growth, convergence = assessment.editions
    for group in convergence:
        if group.n < 3:
            continue
        spread = ", ".join(f"{edition} {sd:.3g}" for edition, sd in group.sd.items())
        yield f"\nEditions, bounds in common ({group.population}, n {group.n}): deviation {spread}"
        catching = "cities with low scores catch up" if group.beta < 0 else "no city catches up"
        yield f"Growth on the first score: {group.beta:.3g}, p {group.p:.2g}: {catching}"
    gains = sorted((g for g in growth if g.change is not None), key=lambda g: -(g.change or 0.0))
    if gains:
        rows: list[list[object]] = [
            [g.unit, f"{g.change:+.2f}", f"{g.against_sample:+.2f}"] for g in gains[:_SHOWN]
        ]
        yield TextTable(["unit", "change", "against the sample"], rows)


def _ranks(assessment: Assessment) -> TextTable:
    """Return the ranks of the cities, the first one first."""
    units = {unit.id: unit for unit in assessment.plan.dataset.units}
    sizes = [k for k in assessment.top_sizes if k in (1, 3, 10)]
    rows = []
    several = len(assessment.plan.base.populations) > 1
    for row in assessment.ranked_rows():
        unit = units[row["unit"]]
        group = [unit.population] if several else []
        places = [f"{row['median']:g}", *(f"{row[end]:.0f}" for end in ("low", "high"))]
        top = [f"{row['top'][k]:.0%}" for k in sizes]
        rows.append([*group, row["rank"], unit.id, unit.name_zh or unit.name_en, *places, *top])
    heads = [
        *(["group"] if several else []),
        "rank",
        "unit",
        "name",
        "median",
        "low",
        "high",
        *(f"top {k}" for k in sizes),
    ]
    return TextTable(heads, rows)
