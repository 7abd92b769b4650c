"""Verbs that say how far ranks and printed numbers can be relied on."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from xlcity.api.texts import own_language, say
from xlcity.api.verb import verb
from xlcity.cli.progress import step
from xlcity.cli.result import Result, TextTable, json_text, listing
from xlcity.errors import Problem, first_of
from xlcity.messages import Message

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from xlcity.api import arguments as take
    from xlcity.api.assessment import Assessment
    from xlcity.cli.result import Blocks

#: The file beside the pictures of an assessment that holds what they show.
NUMBERS = "assessment.json"
#: Lines of a table, and names of a list, that are shown; --json has all.
_SHOWN = 10
_NAMED = 40


@verb(
    "check",
    book="report",
    form={
        "n": "1000",
        "node": "",
        "lang": "{lang}",
        "into": "{book}.xlsx",
        "figures": "{book}-robustness",
    },
    seconds=(10, 60),
)
def assess(
    inputs: take.IndexArguments,
    *,
    n: int = 1000,
    seed: int = 0,
    vary: take.Texts = (),
    compare: take.Texts = (),
    node: take.Code | None = None,
    peers: int | None = None,
    outside: take.Repeated = (),
    jobs: int = 1,
    into: take.SaveBeside | None = None,
    figures: take.Folder | None = None,
    lang: take.Language | None = None,
    formats: take.Listed = (),
) -> Result:
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

    Parameters
    ----------
    n : N
        replicates (default: {default})
    seed : S
        seed of all that is random (default: 0)
    vary : CHOICE
        what varies: NAME=OPTION,OPTION
    compare : CHOICE
        variants side by side, in the words of --vary
    node
        the node whose ranks are assessed (default: the root)
    peers : K
        peer groups (default: the clearest of 2 to 8)
    outside : NAME
        compare scores with this attribute, column or node
    jobs : N
        processes; 0 = one per processor
    into : F2
        write the workbook with its sheets of an assessment, Assessment and others, to F2, which may
        be the workbook itself; while a program has it open, to a copy beside it
    figures
        draw figures into this folder
    lang
        language of figures (default: yours)
    formats
        formats of figures: svg,png,pdf (default: svg,png)

    Examples
    --------
    xlcity assess image2025
    xlcity assess --framework tree.csv --data data.csv --vary data=normal:10% weights=noise:25%
    xlcity assess book.xlsx --n 10000 --jobs 2 --compare normalise=zscore,rank aggregate=geometric
    xlcity assess image2025 --figures pictures --lang both
    xlcity assess book.xlsx --into assessed.xlsx
    """
    import os
    import time
    from pathlib import Path

    from xlcity.api.index import Index
    from xlcity.api.report import LANGUAGES
    from xlcity.cli.notes import (
        kept_notes,
        reading_document,
        reading_notes,
        synthetic_notes,
    )
    from xlcity.cli.target import write_figures, write_tables
    from xlcity.errors import UsageError
    from xlcity.figures.figure import read_formats
    from xlcity.figures.fonts import require_drawing
    from xlcity.workbook.reading.stored_assessment import SETTINGS
    from xlcity.xlsx.save import unlocked_copy

    if jobs < 0:
        raise UsageError.of("XC100.jobs")
    if formats and not figures:
        raise UsageError.of("XC100.formats_without_figures")
    drawn = read_formats(formats)
    languages = LANGUAGES[lang or own_language()]
    if figures is not None:
        require_drawing(languages)
    start = time.monotonic()

    def tell(done: int, total: int) -> None:
        left = (time.monotonic() - start) * (total - done) / done
        step(Message("step.replicates_left", done=done, total=total, left=left))

    book = inputs.workbook()
    if into is not None:
        if book is None:
            raise UsageError.of("XC100.into_without_workbook")
        if SETTINGS not in book.template.book.names:
            book.pages(add=("assessment", "peers"))
    index = Index.of(inputs.read()) if book is None else book.index
    assessment = index.assess(
        n,
        seed,
        vary=vary,
        compared=compare,
        node=node,
        peers=peers,
        outside=outside,
        jobs=jobs or os.cpu_count() or 1,
        progress=tell,
    )
    reading = index.inputs.notes
    notes: list[str | Problem] = []
    document = {**assessment.as_dict(), **reading_document(reading)}
    if figures is not None:
        # What the pictures show, as numbers; how long it took is not part of that.
        numbers = {name: entry for name, entry in document.items() if name != "seconds"}
        listed, backups = write_figures(
            assessment.figures(), figures, languages, formats=drawn, progress=step
        )
        document["figures"] = listed
        count = len({figure["id"] for figure in listed})
        forms = ", ".join(drawn).upper()
        notes += kept_notes(backups)
        notes.append(
            say("figures.written", number=count, folder=figures, formats=forms)
        )
        notes += kept_notes(write_tables(figures, {NUMBERS: json_text(numbers)}))
    if book is not None and into is not None:
        book.store(assessment)
        target = str(unlocked_copy(Path(into), "robustness"))
        if target != into:
            notes.append(say("assess.open", file=into, copy=Path(target).name))
        book.save(target)
        notes += [*kept_notes(book.kept), say("assess.into", file=target)]
        document["into"] = target
    if assessment.plan.base.draft:
        notes.append(say("draft", unfilled=len(assessment.plan.base.unfilled)))
    notes += synthetic_notes(assessment.plan.dataset.synthetic)
    notes += reading_notes(reading)
    return Result(document, _blocks(assessment), notes=notes)


def _blocks(assessment: Assessment) -> Blocks:
    """Yield what is shown: ranks, what they depend on, and what the data are like."""
    from dataclasses import asdict

    plan = assessment.plan
    yield _ranks(assessment)
    several = [group for group in assessment.uncertainty.groups if len(group) > 1]
    explained = [
        {**asdict(e), "alone": e.alone[plan.node]} for e in assessment.explanations
    ]
    growth, convergence = assessment.editions
    changed = [gain for gain in growth if gain.change is not None]
    gains = sorted(changed, key=attrgetter("change"), reverse=True)
    left_out = sorted(
        assessment.leave_one_out, key=attrgetter("mean_shift"), reverse=True
    )
    shifts = ("mean shift=mean_shift:.2f", "largest=max_shift")
    tables: list[tuple[str, Sequence[Any], tuple[str, ...]]] = [
        (
            "groups",
            [{"cities": _names(assessment, group)} for group in several],
            ("cities",),
        ),
        (
            "shares",
            _shares(assessment),
            ("choice", "alone=first:.2f", "with interactions=total:.2f"),
        ),
        (
            "left_out",
            left_out[:_SHOWN],
            ("node", *shifts, "kendall:.3f"),
        ),
        ("reversals", assessment.reversals[:_SHOWN], ("unit", "pairs")),
        (
            "decisive",
            assessment.decisive_data,
            ("unit", "indicator", "from=low:.4g", "to=high:.4g", *shifts),
        ),
        (
            "sizes",
            [size for size in assessment.sizes if not size.divided],
            ("indicator", "variable", "pearson:.2f"),
        ),
        ("audit", _audited(assessment), ("node", "beyond limits=remarks")),
        ("variants", assessment.comparisons, ("variant", *shifts, "kendall:.3f")),
        ("peers", [*_peers(assessment)], ("peers=group", "cities")),
        (
            "explained",
            explained,
            ("measure", "group=population", "n", "R2=r2:.3f", "p:.2g", "r=alone:.3f"),
        ),
        (
            "coefficients",
            _coefficients(assessment),
            (
                "measure",
                "group",
                "node",
                "coefficient:.4g",
                "error:.3g",
                "p:.2g",
                "VIF=vif:.1f",
            ),
        ),
        ("editions", convergence, ("group=population", "n", "slope=beta:.3g", "p:.2g")),
        (
            "gains",
            gains[:_SHOWN],
            ("unit", "change:+.2f", "against the sample=against_sample:+.2f"),
        ),
    ]
    for name, rows, columns in tables:
        if rows:
            yield say(f"assess.{name}")
            yield listing(rows, *columns)
    yield from _margins(assessment)
    count, median, ends_moved = assessment.uncertainty.convergence[-2:][0]
    yield say(
        "assess.done",
        replicates=assessment.replicates,
        seed=plan.seed,
        seconds=assessment.seconds,
        count=count,
        median=median,
        ends=ends_moved,
    )


def _shares(assessment: Assessment) -> list[dict[str, object]]:
    """Return what share of the ranks' variance each choice has, alone and with others."""
    sobol = assessment.sobol
    if sobol is None:
        return []
    shares = zip(assessment.plan.choices, sobol.first, sobol.total, strict=True)
    return [
        {"choice": choice.name, "first": first, "total": total}
        for choice, first, total in shares
    ]


def _coefficients(assessment: Assessment) -> list[dict[str, object]]:
    """Return the coefficients of all regressions, with the measure and group of each."""
    from dataclasses import asdict

    rows: list[dict[str, object]] = []
    for fit in assessment.explanations:
        of_fit = {"measure": fit.measure, "group": fit.population}
        rows += [{**asdict(part), **of_fit} for part in fit.coefficients]
    return rows


def _margins(assessment: Assessment) -> Blocks:
    """Yield by how much weights may move before the first cities change: of all, of children."""
    framework = assessment.plan.framework
    node = assessment.plan.node
    if not assessment.top_sizes:
        return
    if not assessment.top_margins:
        yield say("assess.no_margins", node=node)
        return
    children = [child.code for child in framework.children(node)]
    has_levels = not all(map(framework.is_indicator, children))
    if has_levels and assessment.all_margins:
        nodes = framework.tree_order
        top = framework[node]
        below = [each for each in nodes if top in framework.path(each.code)[:-1]]
        yield say("assess.all_margins", n=len(below), node=node)
        yield _margin_table(assessment.all_margins)
    yield say("assess.margins", children=first_of(children, _NAMED))
    yield _margin_table(assessment.top_margins)
    if has_levels and not assessment.all_margins:
        yield say("assess.margins_unknown", node=node)


def _margin_table(margins: Mapping[int, float]) -> TextTable:
    """Return the margins of the first k, a column for each k."""
    shown = [f"{margin:.1%}" if margin < 1 else "≥100%" for margin in margins.values()]
    return TextTable([say("assess.top", k=k) for k in margins], [shown])


def _audited(assessment: Assessment) -> list[dict[str, str]]:
    """Return the nodes on which the statistical audit remarks, and its remarks."""
    from xlcity.workbook.labels import label_text

    is_english = own_language() == "en"
    rows = []
    for audit in assessment.audits:
        if not audit.findings:
            continue
        labels = [label_text(f"audit.is_{finding}") for finding in audit.findings]
        if is_english:
            remarks = " ".join(english for _, english in labels)
        else:
            remarks = "".join(chinese for chinese, _ in labels)
        rows.append({"node": audit.node, "remarks": remarks})
    return rows


def _peers(assessment: Assessment) -> Iterator[dict[str, str]]:
    """Yield the peer groups of each group of cities."""
    populations = assessment.plan.base.populations
    for population in populations:
        peers = assessment.peers(population)
        if peers is None:
            continue
        prefix = f"{population} " if len(populations) > 1 else ""
        for number in range(1, peers.k + 1):
            units = [unit for unit, group in peers.groups.items() if group == number]
            cities = _names(assessment, units)
            yield {"group": f"{prefix}{number}", "cities": cities}


def _names(assessment: Assessment, units: Iterable[str]) -> str:
    """Return the names of cities in the user's language, of very many the first."""
    from xlcity.workbook.labels import in_language

    dataset = assessment.plan.dataset
    language = own_language()
    cities = (dataset.units[dataset.rows[unit]] for unit in units)
    names = [in_language(c.name_zh, c.name_en, language) or c.id for c in cities]
    return first_of(names, _NAMED)


def _ranks(assessment: Assessment) -> TextTable:
    """Return the ranks of the cities, the first one first."""
    sizes = [k for k in assessment.top_sizes if k in (1, 3, 10)]
    rows = []
    for ranked in assessment.ranked_rows():
        row = {**ranked, "name": _names(assessment, [ranked["unit"]])}
        row["unranked"] = ranked["unranked"] / assessment.replicates
        row |= {f"top {k}": ranked["top"][k] for k in sizes}
        rows.append(row)
    several = ["group=population"] if len(assessment.plan.base.populations) > 1 else []
    tops = [f"{say('assess.top', k=k)}=top {k}:.0%" for k in sizes]
    # Ranks are those of the replicates in which the city has a score.
    if any(row["unranked"] for row in rows):
        tops.append(f"{say('assess.unranked')}=unranked:.1%")
    return listing(
        rows, *several, "rank", "unit", "name", "median:g", "low:.0f", "high:.0f", *tops
    )
