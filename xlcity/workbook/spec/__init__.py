"""What a template is built from, free of where it came from (a report or a user's own tables)."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from xlcity.index import prepare
from xlcity.index.compute import tie_rule
from xlcity.index.steps import overall_reading
from xlcity.methods.impute_raw.record import RawImputation
from xlcity.methods.rescale.record import MEAN_OF_SCALED
from xlcity.model.dataset import Dataset, Unit
from xlcity.model.recipe import Step
from xlcity.reports import HOMES_VARIABLE
from xlcity.reports.report import (
    GroupTable,
    GroupType,
    IndexData,
    PublishedScores,
    SourceException,
    TierRule,
)
from xlcity.workbook.reading.recorded_values import Recorded
from xlcity.workbook.reading.stored_assessment import NOTHING, StoredAssessment
from xlcity.workbook.spec.previous_edition import NO_PAST, LastEdition, Past
from xlcity.xlsx.user_cache import cache_folder, digest_of

#: How the index stands in cells: as formulas, as calls of functions, or as formulas with calls
#: beside them.
NATIVE = "native"
FUNCTIONS = "functions"
BOTH = "both"
CELLS = (NATIVE, FUNCTIONS, BOTH)

#: Pages on demand that the package has, as they are typed.
PAGES = (
    "intake",
    "whatif",
    "statistics",
    "correlation",
    "robustness",
    "assessment",
    "audit",
    "peers",
    "ratings",
    "size",
    "trajectories",
    "groups",
    "subtables",
    "review",
)


@dataclass(frozen=True, slots=True)
class Remark:
    """One line of `Review`, as typed; `cell` is an address such as Index!T20, if any."""

    city: str = ""
    node: str = ""
    cell: str = ""
    remark: str = ""
    who: str = ""
    date: str = ""
    answer: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True)
class Tab:
    """One sheet: its name, what draws it, whether a template has it, and what it is for.

    `draw` takes the book (`xlcity.workbook.drawing.canvas.Book`), `wanted` its layout. `prints`
    says whether the sheet is printed with the book, as what readers get. `on_demand` is the page on
    demand that it belongs to; a sheet without one is in every template that wants it. `needs` are
    the pages on demand whose cells it reads.
    """

    name: str
    draw: Callable[[Any], None]
    wanted: Callable[[Any], bool] = lambda layout: True
    family: str = "calculation"
    prints: bool = False
    on_demand: str = ""
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Page(Tab):
    """A sheet that a report has of its own.

    Its labels are `NAME.title` and `NAME.note` in lower case, and `contents.Name`; the sheet is
    drawn before the sheet `before`. As far as it is an output it is printed, unless `prints` says
    otherwise. `step` is the label of what `README` says of a sheet that people fill, and `invented`
    returns the formula that counts its invented values, "" without any.
    """

    family: str = "output"
    prints: bool = True
    before: str = "UDF"
    step: str = ""
    invented: Callable[[Any], str] = lambda layout: ""


@dataclass(frozen=True)
class TemplateSpec(IndexData):
    """Everything a template shows.

    `dataset` carries the units; `filled` says whether its values go into the input cells, and
    `defaults` holds the values that a report ships with, by which the sheets recognise them.
    """

    defaults: Dataset | None = None
    kind: str = "own"
    note_zh: str = ""
    note_en: str = ""
    attributes: tuple[str, ...] = ()
    group_types: tuple[GroupType, ...] = ()
    #: Groups of an index of one's own with their names, as typed beside its data.
    named_groups: tuple[GroupType, ...] = ()
    #: Lines of the table of their names, the free ones too; 0 for what is there and some more.
    group_lines: int = 0
    subtables: tuple[GroupTable, ...] = ()
    tiers: tuple[TierRule, ...] = ()
    printed: tuple[PublishedScores, ...] = ()
    exceptions: tuple[SourceException, ...] = ()
    remarks: tuple[Remark, ...] = ()
    #: Lines of `Review`, the free ones too.
    remark_rows: int = 80
    #: Lines of `Items`, the free ones too; 0 for what is there and some more.
    item_rows: int = 0
    pages: tuple[Page, ...] = ()
    #: Pages on demand that are drawn: see `xlcity.workbook.tabs`.
    chosen_pages: tuple[str, ...] = ()
    #: Indicators whose network is typed as a matrix.
    matrices: tuple[str, ...] = ()
    #: Labels of a report's own pages: key, Chinese, English.
    labels: tuple[tuple[str, str, str], ...] = ()
    #: Cities in the order of their rows on `Data`, the others behind them.
    data_order: tuple[str, ...] = ()
    #: The previous edition, where the workbook was rolled on from one.
    last: LastEdition | None = None
    #: Editions before this one, where they are stored.
    past: Past = NO_PAST
    #: What the book recorded of its values, where it is drawn again with the values it has.
    recorded: Recorded | None = None
    #: The assessment that the book keeps.
    assessed: StoredAssessment = NOTHING
    spare_units: int = 10
    #: Bars of the chart of `Ranking`, and columns of missing codes; 0 for what there is to show.
    bars: int = 0
    missing_columns: int = 0
    language: str = "zh"
    #: Language of the titles of tabs, "" for that of the labels.
    tab_language: str = ""
    #: One of `CELLS`.
    cells: str = BOTH

    @property
    def udf(self) -> bool:
        """Whether the sheet `UDF` repeats the native cells by function calls."""
        return self.cells == BOTH

    @property
    def calls_in_place(self) -> bool:
        """Whether the cells of `Index` are calls themselves, as far as functions compute them."""
        return self.cells == FUNCTIONS

    @cached_property
    def preparing(self) -> tuple[str, ...]:
        """The steps before normalising that do something to any indicator, in their order."""
        codes = [node.code for node in self.framework.indicators]
        steps = prepare.PREPARATION_STEPS

        def acts_on_any(do: str) -> bool:
            return any(acts(self, do, code) for code in codes)

        return tuple(filter(acts_on_any, steps))

    @property
    def populations(self) -> tuple[str, ...]:
        """The groups of units that are scored apart."""
        return self.recipe.populations

    @property
    def apart(self) -> bool:
        """Whether there are several populations, each with statistics of its own."""
        return len(self.populations) > 1

    @property
    def imputes(self) -> bool:
        """Whether missing values are imputed."""
        return any(
            not step.is_idle for step in self.recipe.steps_doing("impute_scores")
        )

    @property
    def rescales(self) -> bool:
        """Whether composite nodes are rescaled after aggregating."""
        return bool(self.recipe.steps_doing("rescale"))

    @property
    def means_of_scaled(self) -> bool:
        """Whether the root is a mean of its children's scaled scores that has to be computed."""
        root = self.framework.root.code
        if overall_reading(self.recipe.step_for("rescale", root)) != MEAN_OF_SCALED:
            return False
        step = self.recipe.step_for("aggregate", root)
        # An aggregate that is made from scores is that mean.
        return self.rescales and not (
            step is not None and step.get("children") == "scores"
        )

    @property
    def consecutive_ranks(self) -> bool:
        """Whether tied units are numbered one after the other instead of sharing a rank."""
        return tie_rule(self.recipe, self.framework.root.code) == "ordinal"

    @cached_property
    def direct_nodes(self) -> tuple[str, ...]:
        """Composite nodes that may be given a value of their own."""
        given = {*self.dataset.codes}
        if self.defaults is not None:
            given.update(self.defaults.codes)
        return tuple(n.code for n in self.framework.composites if n.code in given)

    @cached_property
    def nodes_alone(self) -> bool:
        """Whether a report ships values of nodes and none of the indicators below them."""
        if self.defaults is None or not self.direct_nodes:
            return False
        leaves = {node.code for node in self.framework.indicators}
        columns = zip(self.defaults.codes, self.defaults.values.T, strict=True)
        shipped = (code for code, column in columns if np.isfinite(column).any())
        return leaves.isdisjoint(shipped)

    @property
    def published_units(self) -> tuple[Unit, ...]:
        """Units that the shipped and printed values belong to."""
        return (self.defaults or self.dataset).units

    @property
    def slots(self) -> int:
        """Unit rows on every sheet: the units and the spare rows."""
        return len(self.dataset.units) + self.spare_units


def fills_from_editions(step: Step) -> bool:
    """Tell whether a step fills gaps from other editions: within one it changes nothing."""
    return isinstance(step.record, RawImputation) and step.record.series is not None


def acts(spec: TemplateSpec, do: str, code: str) -> bool:
    """Tell whether a step before normalising does anything to an indicator."""
    if do == "screen":
        return bool(prepare.screen_groups(spec.framework, spec.recipe))
    step = spec.recipe.step_for(do, code)
    if step is None or step.is_idle or fills_from_editions(step):
        return False
    return do != "denominate" or bool(denominator_of(spec, code))


def denominator_of(spec: TemplateSpec, code: str) -> str:
    """Return the code of what an indicator is divided by, "" if nothing."""
    return prepare.denominator_of(
        spec.recipe.step_for("denominate", code), spec.framework[code]
    )


def spec_digest(spec: TemplateSpec) -> str | None:
    """Return the digest; None where nothing is kept, or reports from elsewhere may be drawn."""
    if cache_folder() is None or os.environ.get(HOMES_VARIABLE):
        return None
    # How a page is drawn is a matter of the code that is installed.
    pages = []
    for page in spec.pages:
        pages.append((page.name, page.before, page.family, page.prints))
    return digest_of((replace(spec, pages=()), pages))
