"""A composite index for Python: framework and data in, scores, ranks and reasons out."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from numbers import Real
from typing import TYPE_CHECKING, Any, overload

from xlcity.api.data import Data, ids_by_name
from xlcity.api.report import Reportable
from xlcity.errors import UsageError, require_known
from xlcity.messages import Message

# Whoever imports the class may never compute an index, or not yet: numpy, methods and readers are
# loaded by what needs them.
if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
    from pathlib import Path

    import pandas as pd

    from xlcity.api.assessment import Assessment
    from xlcity.api.inputs import Inputs, Method
    from xlcity.api.remarks import Problems
    from xlcity.api.steps import ScoreStep
    from xlcity.assess.choices import Choice
    from xlcity.assess.editions import Trajectories
    from xlcity.figures.figure import Figure
    from xlcity.index.panel import EditionScores
    from xlcity.index.result import IndexResult
    from xlcity.model.dataset import Dataset, Unit
    from xlcity.model.framework import Framework
    from xlcity.model.panel import Panel
    from xlcity.model.recipe import Recipe
    from xlcity.report.source import ReportSource
    from xlcity.reports.report import Report


class Index(Reportable):
    r"""An index, computed when it is made.

    Parameters
    ----------
    framework
        A framework, or the file or frame of one; or a report (see `load_report`).
    data
        A file, a frame, or what `read_data` returned. A report has values of its own.
    normalise, treat, impute, denominate, screen, aggregate
        A method in the words of the command line ("zscore", "minmax:0:100", "minmax:scale=1"), or
        with parameters by name (("minmax", {"scale": 1})), or a mapping from codes to methods for
        exceptions. Without it: min-max 0 to 100 and weighted means. To treat, normalise and
        aggregate a function of Python will do: it takes a Series of values, turned so that more is
        better (to aggregate: a frame of the children's scores), NaN where there is none, and
        returns as many numbers as there are cities; `weights` or `direction` are given to it if it
        has an argument of that name.
    weights
        A method ("equal", "pca", …), or a mapping or Series from codes to numbers.
    judgements
        Files of pairwise judgements (AHP).
    recipe
        A recipe, its file, or the id of a system that is shipped.
    options
        Ids of options of the recipe.
    groups
        City (label, id or name) -> the group that it is scored and ranked in, as a mapping or
        Series; or the name of a column or level of the frame. A blank or NaN leaves the city out.
        Without it: the groups of the data.
    missing
        What stands for "confirmed missing" beside NA: texts, numbers, or NaN for all that is blank;
        one of them, or several.
    functions
        Functions that are methods by the names that they have in Python.
    skip_totals
        Whether rows are left out that the index of a frame calls a total, a mean or a note.

    Raises
    ------
    XlcityError
        With everything that is wrong with framework, methods and data, all at once.

    Examples
    --------
    >>> import pandas as pd
    >>> import xlcity as xc
    >>> framework = xc.Framework.read("code,parent,weight\nX,,\nA,X,3\nB,X,1\n")
    >>> frame = pd.DataFrame({"A": [1.0, 2.0, 3.0], "B": [4.0, 0.0, 2.0]}, index=["p", "q", "r"])
    >>> index = xc.Index(framework, frame)
    >>> index.scores["X"].tolist()
    [25.0, 37.5, 87.5]
    >>> index.ranks["X"].tolist()
    [3, 2, 1]
    """

    def __init__(
        self,
        framework: Framework | Report | str | Path | pd.DataFrame,
        data: Data | Dataset | pd.DataFrame | str | Path | None = None,
        *,
        normalise: Method | None = None,
        treat: Method | None = None,
        impute: Method | None = None,
        denominate: Method | None = None,
        screen: Method | None = None,
        weights: Method | Mapping[str, float] | pd.Series[Any] | None = None,
        aggregate: Method | None = None,
        judgements: Iterable[str | Path] | str | Path = (),
        recipe: Recipe | str | Path | None = None,
        options: Iterable[str] | str = (),
        groups: Mapping[Any, Any] | pd.Series[Any] | str | None = None,
        missing: Iterable[str | float] | str | float = (),
        functions: Iterable[Callable[..., Any]] | Callable[..., Any] = (),
        skip_totals: bool = False,
    ) -> None:
        from xlcity.api.given import as_paths, as_several, require_type
        from xlcity.api.inputs import (
            DATA_TYPES,
            FRAMEWORK_TYPES,
            RECIPE_TYPES,
            MethodChoice,
            keep_functions,
            method_words,
            numbers_or_methods,
            read_inputs,
            with_groups,
            with_groups_of_column,
        )
        from xlcity.api.remarks import DataWarning, absent_indicators
        from xlcity.reports.report import Report

        require_type(
            "framework", framework, FRAMEWORK_TYPES, Message("given.framework")
        )
        require_type("data", data, DATA_TYPES, Message("given.table"))
        require_type("recipe", recipe, RECIPE_TYPES, Message("given.recipe"))
        require_type("groups", groups, (str, Mapping), Message("given.groups"))
        if data is None and not isinstance(framework, Report):
            raise UsageError.of("XC100.framework_needs_data")
        keep_functions(functions)
        numbers, by_method = numbers_or_methods(weights)
        methods = {
            "denominate": denominate,
            "screen": screen,
            "treat": treat,
            "impute": impute,
            "normalise": normalise,
            "aggregate": aggregate,
            "weights": by_method,
        }
        words = {
            option: method_words(option, m)
            for option, m in methods.items()
            if m is not None
        }
        chosen = MethodChoice(
            recipe,
            words,
            judgements=as_paths("judgements", judgements, Message("given.paths")),
            options=as_several("options", options),
            missing=as_paths("missing", missing, Message("given.codes"), (str, Real)),
            numbers=numbers,
        )
        inputs = read_inputs(framework, data, chosen, skip_totals=skip_totals)
        if isinstance(groups, str):
            inputs = with_groups_of_column(inputs, data, groups)
        elif groups is not None:
            inputs = with_groups(inputs, groups)
        self.inputs = inputs
        result = self.result  # what cannot be computed is refused at once
        for problem in absent_indicators(inputs, result):
            warnings.warn(str(problem), DataWarning, stacklevel=2)

    @classmethod
    def of(cls, inputs: Inputs, result: IndexResult | None = None) -> Index:
        """Return the index of inputs that were put together already."""
        index = cls.__new__(cls)
        index.inputs = inputs
        if result is not None:
            index.result = result
        return index

    @cached_property
    def result(self) -> IndexResult:
        """The index with every step's numbers, marks and bounds."""
        from xlcity.index.compute import compute

        return compute(self.inputs.framework, self.inputs.recipe, self.inputs.filled)

    @property
    def framework(self) -> Framework:
        """The tree of nodes, with weights that follow from data where the method finds them."""
        return self.result.framework

    @property
    def data(self) -> Data:
        """The values that the index was computed from."""
        inputs = self.inputs
        return Data(inputs.dataset, inputs.notes, inputs.panel, inputs.labels)

    @property
    def scores(self) -> pd.DataFrame:
        """Scores of the composite nodes: a row per city, a column per code; NaN has none.

        Rows have the labels of the frame that was read, else the cities' ids. Every frame of an
        index is a copy: editing it changes nothing here.
        """
        return self._labelled(self.result.scores, self.result.node_codes)

    @property
    def ranks(self) -> pd.DataFrame:
        """Ranks inside each group of cities, as nullable integers; <NA> has none."""
        import numpy as np
        import pandas as pd

        ranks = np.where(self.result.ranks > 0, self.result.ranks, np.nan)
        frame = self._labelled(ranks, self.result.node_codes)
        return frame.astype(pd.Int64Dtype())

    @property
    def normalised(self) -> pd.DataFrame:
        """Scores of the indicators on the common scale, after imputation."""
        return self._labelled(self.result.normalised, self.result.leaf_codes)

    def _labelled(self, values: Any, codes: Sequence[str]) -> pd.DataFrame:
        from xlcity.api.labels import labelled

        units = self.result.dataset.units
        return labelled(values, units, codes, labels=self.inputs.labels)

    @property
    def problems(self) -> Problems:
        """What could not be computed, and what a reader should know of data and results.

        All that the command line remarks: rows that are no cities, indicators without a column,
        inputs that are not filled, and what rules did to gaps and outliers.
        """
        from xlcity.api.remarks import Problems, problems_of

        return Problems(problems_of(self.inputs, self.result))

    @overload
    def contributions(  # type: ignore[overload-overlap]  # None is hashable, too
        self, unit: None = None, node: str | None = None
    ) -> pd.DataFrame: ...

    @overload
    def contributions(
        self, unit: Hashable, node: str | None = None
    ) -> pd.Series[float]: ...

    def contributions(
        self, unit: Hashable = None, node: str | None = None
    ) -> pd.Series[float] | pd.DataFrame:
        """Return the points that each indicator adds to a city's score.

        Parameters
        ----------
        unit
            Label, id or name of a city. None: a frame with a row for each city.
        node
            Code of a composite; None is the root.

        Raises
        ------
        UsageError
            If there is no such city or node, or the score is not a sum of parts: only arithmetic
            means are.
        """
        from xlcity.index.analysis import contributions

        code = self._composite(node)
        row = None if unit is None else self.result.dataset.row(self._unit(unit))
        try:
            parts = contributions(self.result, code)
        except ValueError as error:
            raise UsageError.of("XC100.no_contributions", reason=error) from None
        below = {leaf.code for leaf in self.framework.leaves_below(code)}
        columns = [
            column
            for column, leaf in enumerate(self.result.leaf_codes)
            if leaf in below
        ]
        leaves = [self.result.leaf_codes[column] for column in columns]
        frame = self._labelled(parts[:, columns], leaves)
        if frame.columns.name is None:
            frame.columns.name = "indicator"
        return frame if row is None else frame.iloc[row].rename(code)

    def trace(self, unit: Hashable, node: str | None = None) -> ScoreStep:
        """Return how a score came about, down to the raw values; print it to read it.

        `unit` is the label, id or name of a city.

        Raises
        ------
        UsageError
            If there is no such city or node.
        """
        from xlcity.api.labels import index_of
        from xlcity.api.steps import score_step, with_label

        unit_id = self._unit(unit)
        step = score_step(self.result, unit_id, self._node(node))
        if self.inputs.labels is None:
            return step
        dataset = self.result.dataset
        index = index_of(dataset.units, self.inputs.labels)
        return with_label(step, index[dataset.row(unit_id)])

    def to_frame(self, node: str | None = None) -> pd.DataFrame:
        """Return the ranking by a node (None: the root) with the scores of the nodes below it.

        Cities without a score come last.
        """
        import numpy as np
        import pandas as pd

        from xlcity.api.labels import index_of

        code = self._composite(node)
        result = self.result
        units = result.dataset.units
        shown = [code, *(child.code for child in self.framework.children(code))]
        groups = {group: place for place, group in enumerate(result.populations)}
        group_of = np.array(
            [groups.get(unit.population, len(groups)) for unit in units]
        )
        positions = result.positions[:, result.node_codes.index(code)]
        places = np.where(positions > 0, positions, len(units) + 1)
        order = np.lexsort((places, group_of))
        ranks = result.rank(code)
        whole_ranks = pd.array(np.where(ranks > 0, ranks, np.nan), dtype="Int64")
        columns = {
            "population": [unit.population for unit in units],
            "rank": whole_ranks,
            "name_zh": [unit.name_zh for unit in units],
            "name_en": [unit.name_en for unit in units],
            **{code: result.column(code) for code in shown},
        }
        if len(groups) < 2:
            del columns["population"]
        labels = self.inputs.labels
        frame = pd.DataFrame(columns, index=index_of(units, labels))
        frame.columns.name = None if labels is None else labels.columns_name
        return frame.iloc[order]

    def to_workbook(
        self,
        path: str | Path,
        *,
        language: str = "",
        cells: str = "",
        pages: Sequence[str] = (),
    ) -> Path:
        """Write the template workbook of this index, computed and with its checks.

        What functions of Python gave stands as values, marked as derived; those that `function`
        declares are called by their names.

        Parameters
        ----------
        path
            The .xlsx file. A file of that name is kept beside it as .bak.
        language
            Language of labels and tabs: "zh", "en" or "both"; by default "zh" where a node or a
            city has a Chinese name, else "en".
        cells
            "native", "functions" or "both"; by default native, unless the method needs functions.
        pages
            Pages beside those that every template has; "none" leaves these out, "all" is
            every page.

        Raises
        ------
        XlcityError
            If the method has no cells, or the file cannot be written.
        """
        from xlcity.api.given import language_of
        from xlcity.api.templates import new_template
        from xlcity.index.fixed import fix_plain

        inputs = self.inputs
        fixed = fix_plain(self.result)
        if fixed.functions:
            inputs = replace(
                inputs,
                framework=fixed.framework,
                recipe=fixed.recipe,
                dataset=fixed.dataset,
                panel=None,
            )
        spoken = language or language_of(inputs.framework, inputs.dataset)
        return new_template(
            inputs, path, language=spoken, cells=cells, pages=pages
        ).path

    @property
    def consistency(self) -> dict[str, float]:
        """Consistency ratio of the pairwise judgements under each node that has them."""
        from xlcity.index.steps import consistency_ratios

        return consistency_ratios(self.inputs.framework, self.inputs.recipe)

    def editions(self, *, together: bool = False) -> pd.DataFrame:
        """Return scores and ranks of every edition of the data; no row without editions.

        Rows are named by the city, its labels as in `scores`, and "year"; columns by "score" or
        "rank", and the code of the node.

        Parameters
        ----------
        together
            Take bounds, means and deviations over all editions, so that scores can be compared
            between them.
        """
        from xlcity.api.labels import frame_of_editions

        editions = self.edition_results(together=together)
        units = self.inputs.dataset.units
        codes = self.result.node_codes
        return frame_of_editions(editions, units, codes, self.inputs.labels)

    def edition_results(self, *, together: bool = False) -> tuple[EditionScores, ...]:
        """Return every edition of the data with its index, and the values that others filled in.

        `together` as in `editions`; none without editions.
        """
        from xlcity.index.panel import compute_panel

        inputs = self.inputs
        if inputs.panel is None:
            return ()
        return compute_panel(
            inputs.framework, inputs.recipe, inputs.panel, together=together
        )

    def growth(self, kind: str = "compound") -> pd.DataFrame:
        """Return growth rates over the editions: of values of indicators and of scores of nodes.

        `kind` is "compound", per unit of the editions' times (CAGR), or "change", over all of them.

        Raises
        ------
        UsageError
            If the data have no editions, or there is no such kind.
        """
        from xlcity.index.panel import growth_rates

        inputs = self.inputs
        codes, rates = growth_rates(inputs.framework, inputs.recipe, self._panel, kind)
        return self._labelled(rates, codes)

    def by_size(
        self,
        size: str,
        node: str | None = None,
        group: str | None = None,
        *,
        log: bool = True,
    ) -> pd.DataFrame:
        """Return scores against what size lets expect: an analysis, which changes no score.

        A row per city id: size, score, expected (the line of least squares by the logarithm of
        size), residual, rank of the residual, and the cities next in size. `attrs` has slope,
        intercept, r2 and n of the line.

        Parameters
        ----------
        size
            An attribute of the cities, a column of the data, or a node, such as population.
        node, group
            Code of a node and a group of cities; None: the root, the first.
        log
            False fits the line by size itself.

        Raises
        ------
        XlcityError
            If there is no such measure, node or group, or a size is not a number.
        """
        import pandas as pd

        from xlcity.assess.regression import compare_with_size, measures_of

        groups = self.result.populations
        measures = measures_of(self.result)
        require_known("kind.measure", size, measures)
        require_known("kind.group", group or groups[0], groups)
        code = self._node(node)
        compared = compare_with_size(
            self.result, size, group or groups[0], code, log=log
        )
        names = ("size", "score", "expected", "residual", "rank", "smaller", "larger")
        columns = {name: getattr(compared, name) for name in names}
        frame = pd.DataFrame(columns, index=self._index_of(compared.units))
        frame["rank"] = frame["rank"].astype(pd.Int64Dtype())
        for name in ("slope", "intercept", "r2", "n"):
            frame.attrs[name] = getattr(compared.fit, name)
        return frame

    def trajectories(self, node: str | None = None) -> Trajectories:
        """Return how scores developed over the editions: growth, ranks, convergence, breaks.

        Bounds are those that the recipe states, as numbers or by an edition, else those of all
        editions together. `node` is the code of a composite; None is the root.

        Raises
        ------
        UsageError
            If the data have no editions, or there is no such node.
        """
        from xlcity.assess.editions import measure_development

        inputs = self.inputs
        code = self._composite(node)
        traced = measure_development(inputs.framework, inputs.recipe, self._panel, code)
        return replace(traced, index=self._index_of(unit.unit for unit in traced.units))

    def _labels_of(self, units: Sequence[Unit]) -> pd.Index:
        """Return what rows of tables are called: the labels of cities."""
        return self._index_of(unit.id for unit in units)

    def _index_of(self, unit_ids: Iterable[str]) -> pd.Index:
        """Return the labels of cities by their ids."""
        from xlcity.api.labels import index_of

        dataset = self.inputs.dataset
        index = index_of(dataset.units, self.inputs.labels)
        return index[[dataset.row(unit_id) for unit_id in unit_ids]]

    @property
    def _panel(self) -> Panel:
        """The data of all editions; a `UsageError` where there are none."""
        if self.inputs.panel is None:
            raise UsageError.of("XC100.no_editions")
        return self.inputs.panel

    def assess(
        self,
        n: int = 1000,
        seed: int = 0,
        *,
        vary: Iterable[str] | str = (),
        compared: Iterable[str] | str = (),
        node: str | None = None,
        peers: int | None = None,
        outside: Iterable[str] | str = (),
        jobs: int = 1,
        progress: Callable[[int, int], None] = lambda done, of: None,
    ) -> Assessment:
        """Assess how robust the ranks are.

        Parameters
        ----------
        n, seed
            How many replicates, and the number that everything random follows from.
        vary
            What varies, as on the command line: "weights=noise:25%", "data=normal:10%".
        compared
            Variants side by side, in the same words.
        node
            The node whose ranks are assessed; None: the root.
        peers, outside
            Number of peer groups (None: the clearest), and measures to compare with scores:
            attributes of the units, columns of the data or nodes.
        jobs
            Processes at the same time. Results do not depend on them.
        progress
            Called with the number of replicates done, and that of all.

        Raises
        ------
        XlcityError
            With everything that is wrong with what is to vary, all at once.
        """
        from xlcity.api.assessment import assess
        from xlcity.api.given import as_several, require_type, require_whole
        from xlcity.assess.plan import make_plan
        from xlcity.assess.read_choices import ChoiceReader
        from xlcity.index.steps import resolve_named_weights

        require_whole("n", n)
        require_whole("seed", seed)
        require_type("node", node, (str,), Message("given.code"))
        inputs = self.inputs
        given = *resolve_named_weights(inputs.framework, inputs.recipe), inputs.filled
        plan = make_plan(*given, as_several("vary", vary), seed=seed, node=node)
        variants_asked = as_several("compared", compared)
        variants: tuple[Choice, ...] = ()
        if variants_asked:
            variants = ChoiceReader(*given, seed).read(variants_asked)
        measures = as_several("outside", outside)
        assessment = assess(
            plan,
            n,
            variants,
            peers,
            outside=measures,
            panel=inputs.panel,
            jobs=jobs,
            progress=progress,
        )
        return replace(assessment, labels=inputs.labels)

    def source(self) -> ReportSource:
        """Return what a report is taken from."""
        from xlcity.api.templates import index_spec
        from xlcity.report.source import source_of

        return source_of(index_spec(self.inputs), self.result, self.inputs.report)

    def plot(
        self, kind: str = "ranking", node: str | None = None, group: str | None = None
    ) -> Figure:
        """Return a figure of a node: a notebook shows it, `draw(language, form)` gives its file.

        Parameters
        ----------
        kind
            "ranking", "contributions" of the nodes below, or "heat-map" of their scores.
        node
            Code of a composite; None is the root.
        group
            The group of cities; None is the first.

        Raises
        ------
        UsageError
            If there is no such kind, node or group, or the index has no data for it.
        """
        from xlcity.report.figures import ReportFigures

        groups = self.result.populations
        require_known("kind.group", group or groups[0], groups)
        figures = ReportFigures(
            self.source(), self._composite(node), group or groups[0]
        )
        makers = {
            "ranking": figures.bars,
            "contributions": figures.contributions,
            "heat-map": figures.heat_map,
        }
        require_known("kind.figure", kind, makers)
        if not len(figures.rows) or (figure := makers[kind]()) is None:
            raise UsageError.of("XC100.no_data_for_named_figure", kind=kind)
        return figure

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON document of the command line: scores, ranks and what rules did."""
        from xlcity.index.analysis import remarks_document, results_document
        from xlcity.index.steps import effective_weights

        report = self.inputs.report
        return {
            **results_document(self.result, None if report is None else report.id),
            "option": ",".join(self.inputs.options) or None,
            **remarks_document(self.result),
            # Those of the framework, or in their place those that the step weight found.
            "weights": {node.code: node.weight for node in self.framework.nodes},
            "effective_weights": effective_weights(self.framework, self.inputs.recipe),
            "consistency": self.consistency,
        }

    def column(self, code: str) -> pd.Series[float]:
        """Return the scores of a node, or the normalised values of an indicator, by city.

        Raises
        ------
        UsageError
            If there is no such node; the message names the nearest code, or those there are.
        """
        node = self._node(code)
        scores = self.result.column(node)[:, None]
        return self._labelled(scores, [node])[node]

    def _unit(self, label: Hashable) -> str:
        """Return the id of a city by its label, id or name."""
        units = self.result.dataset.units
        labels = self.inputs.labels
        position = None if labels is None else labels.position(label)
        if position is not None:
            return units[position].id
        ids = ids_by_name(units)
        name = str(label)
        if name not in ids:
            require_known("kind.city", name, [unit.id for unit in units])
        return ids[name]

    def _node(self, code: str | None) -> str:
        from xlcity.api.given import wrong_type

        if code is None:
            return self.framework.root.code
        if not isinstance(code, str):
            raise wrong_type("node", code, Message("given.code"))
        require_known("kind.node", code, [node.code for node in self.framework.nodes])
        return code

    def _composite(self, code: str | None) -> str:
        node_code = self._node(code)
        if self.framework.is_indicator(node_code):
            raise UsageError.of("XC100.is_indicator", node_code=node_code)
        return node_code

    def __len__(self) -> int:
        """Return the number of cities."""
        return len(self.result.dataset.units)

    def __iter__(self) -> Iterator[str]:
        """Yield the codes of the nodes, as a frame yields its columns."""
        return iter(node.code for node in self.framework.nodes)

    def __getitem__(self, code: str) -> pd.Series[float]:
        """Return `column(code)`."""
        return self.column(code)

    def __repr__(self) -> str:
        units = len(self.result.dataset.units)
        leaves = len(self.result.leaf_codes)
        draft = ", draft: some inputs are not filled yet" if self.result.draft else ""
        return f"<Index {self.framework.root.code}: {units} cities x {leaves} indicators{draft}>"

    def _repr_html_(self) -> str:
        return str(self.to_frame().to_html(notebook=True, max_rows=60))
