"""What a report can be written of: an index or a workbook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlcity.errors import UsageError, require_known
from xlcity.messages import Message

# Whoever imports the class may never write a report: what that needs is loaded by its methods.
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import pandas as pd

    from xlcity.model.dataset import Unit
    from xlcity.report.make import MadeReport
    from xlcity.report.source import ReportSource

#: What `language` may be -> the languages that are written.
LANGUAGES = {"zh": ("zh",), "en": ("en",), "both": ("zh", "en")}


class Reportable:
    """What a report can be written of."""

    def source(self) -> ReportSource:
        """Return what a report is taken from."""
        raise NotImplementedError

    def report(
        self,
        folder: str | Path,
        language: str = "",
        *,
        only: Sequence[str] = (),
        annex: bool = False,
        half: bool = False,
        cities: Sequence[str] = (),
        template: str | Path | None = None,
        series: str | Path | None = None,
        style: str | Path | None = None,
        fill: str | Path | None = None,
        progress: Callable[[str], None] = lambda _: None,
    ) -> MadeReport:
        """Write tables, figures and sentences into a folder.

        Of a workbook the index is computed from its inputs.

        Parameters
        ----------
        folder
            Where to. A file that changes is kept as .bak; one that does not is not touched.
        language
            "zh", "en" or "both"; by default "zh" where a node or a city has a Chinese name, else
            "en".
        only
            Ids of tables and figures, or "chapter", "profiles", "html", "slide", "picture" (of the
            ranking), "tables", "figures", "sentences"; none: everything.
        annex
            Whether the chapter has every table and figure, those that it does not choose in an
            annex.
        half
            Whether the text of the chapter has half the length.
        cities
            Ids of the cities that have a profile; none: all that are ranked.
        template
            A Word document whose styles, page and header the documents take.
        series
            A CSV file of further series: unit, series, key, value.
        style
            A TOML file of colours, fonts and sizes of figures; what it leaves out stays.
        fill
            A Word document of your own: fields such as {{ score.beijing }} become numbers. It is
            written alone, unless `only` names more.
        progress
            Gets a line of text before each longer step.

        Raises
        ------
        XlcityError
            If no city has a score, a name is unknown, a library or a font is missing, or a file
            cannot be written.
        """
        from dataclasses import replace
        from pathlib import Path

        from xlcity.api.given import language_of
        from xlcity.figures.style import styled
        from xlcity.recalc.engines.soffice import print_documents
        from xlcity.report.declared import with_series
        from xlcity.report.make import ReportMaker, ReportOptions
        from xlcity.xlsx.save import output_problems, write_files

        source = self.source() if series is None else with_series(self.source(), series)
        result = source.result
        language = language or language_of(result.framework, result.dataset)
        require_known("kind.language", language, LANGUAGES)
        _require_scores(source)
        path = Path(template) if template is not None else None
        manuscript = Path(fill) if fill is not None else None
        if manuscript is not None:
            target = Path(folder) / manuscript.name
            UsageError.raise_for(output_problems(target, [manuscript]))
        languages = LANGUAGES[language]
        options = ReportOptions(
            languages,
            only,
            cities,
            path,
            progress=progress,
            annex=annex,
            half=half,
            folder=Path(folder),
            manuscript=manuscript,
            printed=print_documents,
        )
        with styled(style):
            report = ReportMaker(source, options).make()
        backups = write_files(
            Path(folder), {file.file: file.content for file in report.files}
        )
        return replace(
            report, folder=str(folder), kept=tuple(backups), synthetic=source.synthetic
        )

    def ratings(self, language: str = "en") -> pd.DataFrame:
        """Return the levels that the step *rate* gives, in words: a row per city id.

        Columns are (node, "level"), and (node, "trend") where trends are cut from the change of
        the score since the previous edition. "" where a city has none.

        Raises
        ------
        UsageError
            If the recipe rates nothing, or there is no such language.
        """
        import pandas as pd

        from xlcity.report.tables import node_ratings

        require_known("kind.language", language, ("zh", "en"))
        source = self.source()
        columns = {}
        for rating in node_ratings(source):
            for kind in ("level", "trend") if rating.step.get("trend") else ("level",):
                levels = (rating.rating(kind, row) for row in range(len(source.units)))
                columns[rating.node, kind] = [
                    getattr(level, language, "") for level in levels
                ]
        if not columns:
            raise UsageError.of("XC100.nothing_rated")
        return pd.DataFrame(columns, index=self._labels_of(source.units))

    def _labels_of(self, units: Sequence[Unit]) -> pd.Index:
        """Return what rows of tables are called: the ids of cities."""
        from xlcity.api.labels import index_of

        return index_of(units)


def _require_scores(source: ReportSource) -> None:
    """Refuse an index whose first group of cities has no score: a report begins with it."""
    import numpy as np

    from xlcity.assess.statistics import population_rows
    from xlcity.errors import DataError, Problem

    group = next(iter(source.result.populations), "")
    rows = population_rows(source.result, group)
    if not np.isfinite(source.result.column(source.root)[rows]).any():
        hint = Message("hint.check_what_is_missing")
        message = Message("XC293.no_scores")
        if len(source.result.populations) > 1:
            message = Message("XC293.no_scores_of_group", group=group)
        raise DataError(Problem("XC293", message, hint))
