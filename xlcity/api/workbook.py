"""A template workbook for Python: opened, filled, recalculated, checked, traced, saved."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from xlcity.api.data import first_lines
from xlcity.api.report import Reportable
from xlcity.errors import Where
from xlcity.xlsx.process import DEFAULT_TIMEOUT

# What a method alone needs is loaded by it: to show the results of a file takes half the time.
if TYPE_CHECKING:
    from collections.abc import Sequence

    import openpyxl
    import pandas as pd

    from xlcity.api.assessment import Assessment
    from xlcity.api.data import Data
    from xlcity.api.index import Index
    from xlcity.api.stored_results import StoredResults
    from xlcity.audit.check.check import Checked
    from xlcity.audit.diff.compare import WorkbookDiff
    from xlcity.audit.lint.subject import Subject
    from xlcity.audit.trace.trace import Trace
    from xlcity.recalc.workbook import Recalculated
    from xlcity.report.source import ReportSource
    from xlcity.reports.report import GroupType, TierRule
    from xlcity.workbook.filling.template import Filled
    from xlcity.workbook.migrate.rebuild import Rebuilt
    from xlcity.workbook.reading.template import Template
    from xlcity.xlsx.cells import ReadBook
    from xlcity.xlsx.package import Package


@dataclass(frozen=True)
class Verdict:
    """What the checks of a workbook found; true unless one failed.

    Attributes
    ----------
    checked
        The checks.
    """

    checked: Checked

    @property
    def verdict(self) -> str:
        """One of "pass", "draft" (all is right, some inputs are not filled yet) and "fail"."""
        return self.checked.verdict

    def __bool__(self) -> bool:
        return self.verdict != "fail"

    @property
    def summary(self) -> str:
        """One sentence: whether the scores can be used, and why not."""
        return self.checked.summary

    @property
    def findings(self) -> pd.DataFrame:
        """What is wrong, one line for each cause: rule, severity, sheet, cell, cells, message, fix.

        Those come first on which most ranks hang (`hanging`).
        """
        import pandas as pd

        names = [
            "rule",
            "severity",
            "sheet",
            "cell",
            "cells",
            "message",
            "fix",
            "hanging",
        ]
        return pd.DataFrame(
            [finding.as_dict() for finding in self.checked.findings], columns=names
        )

    @property
    def checks(self) -> pd.DataFrame:
        """The checks: name, status ("pass", "fail", "note", "skipped"), detail and cells."""
        import pandas as pd

        rows = []
        for check in self.checked.checks:
            cells = list(check.cells)
            rows.append([check.name, check.status, check.detail, cells])
        return pd.DataFrame(rows, columns=["name", "status", "detail", "cells"])

    def __repr__(self) -> str:
        return first_lines(str(self))

    def __str__(self) -> str:
        lines = [f"<Verdict: {self.verdict}, {len(self.checked.checks)} checks>"]
        lines += [self.summary] if self.checked.findings else []
        return "\n  ".join(
            [*lines, *(finding.message for finding in self.checked.findings)]
        )

    def _repr_html_(self) -> str:
        return str(self.findings.to_html(notebook=True, max_rows=60))


class Workbook(Reportable):
    r"""A template workbook in memory; nothing is written before `save_workbook`.

    Examples
    --------
    >>> import tempfile
    >>> import pandas as pd
    >>> import xlcity as xc
    >>> framework = xc.Framework.read("code,parent\nX,\nA,X\nB,X\n")
    >>> frame = pd.DataFrame({"A": [1.0, 2.0, 3.0], "B": [4.0, 0.0, 2.0]}, index=["p", "q", "r"])
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = xc.Index(framework, frame).to_workbook(f"{folder.name}/book.xlsx")
    >>> book = xc.Workbook.open(path)
    >>> book.results.ranks["X"].tolist()
    [2, 3, 1]
    >>> changed = pd.DataFrame({"A": [9.0]}, index=["p"])
    >>> filled = book.fill(changed)
    >>> book.results.ranks["X"].tolist()
    [1, 3, 2]
    >>> bool(book.check())
    True
    >>> folder.cleanup()
    """

    def __init__(self, template: Template) -> None:
        #: None once the workbook has changed, until it is asked for.
        self._template: Template | None = template
        self._file = template.file
        self._package = self._saved = template.package
        #: Where `save` has kept the file that it replaced.
        self.kept: Path | None = None

    @classmethod
    def open(
        cls, source: str | Path | bytes | BinaryIO | openpyxl.Workbook
    ) -> Workbook:
        """Read a template workbook.

        Parameters
        ----------
        source
            A path, the bytes of a file, a file object, or a workbook of openpyxl. The latter has
            formulas without values: `recalculate` computes them.

        Raises
        ------
        WorkbookError
            If it is not a workbook or not a template.
        """
        from xlcity.workbook.reading.template import open_template, template_of
        from xlcity.xlsx.package import Package

        if isinstance(source, (str, Path)):
            return cls(open_template(source))
        import openpyxl

        if isinstance(source, bytes):
            content = source
        elif isinstance(source, openpyxl.Workbook):
            written = BytesIO()
            source.save(written)
            content = written.getvalue()
        else:
            content = source.read()
        return cls(template_of(Package.from_bytes(content), ""))

    def to_openpyxl(self) -> openpyxl.Workbook:
        """Return a copy as a workbook of openpyxl, with formulas.

        What openpyxl does not know is not in it: form controls, data bars of Excel 2010 and later,
        parts of charts. `save_workbook` writes the workbook whole.
        """
        import openpyxl

        return openpyxl.load_workbook(BytesIO(self._package.to_bytes()))

    @property
    def path(self) -> Path:
        """The file that was opened; of a workbook that was opened from memory `Path("")`."""
        return Path(self._file)

    @property
    def template(self) -> Template:
        """What the sheets hold: framework, recipe, data."""
        from xlcity.workbook.reading.template import read_template

        if self._template is None:
            self._template = read_template(self._package, self._book, self._file)
        return self._template

    @property
    def _book(self) -> ReadBook:
        from xlcity.xlsx.cells import read_book

        return (
            read_book(self._package) if self._template is None else self._template.book
        )

    def _set(self, package: Package) -> None:
        self._package = package
        self._template = None

    def recalculate(
        self,
        engine: str = "auto",
        *,
        verify: str | None = None,
        timeout: float = DEFAULT_TIMEOUT,
    ) -> Recalculated:
        """Compute every formula cell afresh and take the results over.

        Parameters
        ----------
        engine
            "auto", "compiled", "formualizer", "libreoffice" or "formulas".
        verify
            A second engine to compute everything again and compare.
        timeout
            Seconds an engine may take.

        Raises
        ------
        EngineError
            If it cannot be computed.
        """
        from xlcity.recalc.workbook import patch_results, recalculate

        result = recalculate(
            self._package, engine, timeout, verify=verify, book=self._book
        )
        new = patch_results(self._package, result)
        if new is not self._package:
            self._set(new)
        return result

    def check(
        self,
        engines: Sequence[str] = (),
        *,
        timeout: float = DEFAULT_TIMEOUT,
        seal: str | Path | None = None,
    ) -> Verdict:
        """Run all checks, on values that are computed afresh.

        Parameters
        ----------
        engines
            The first computes; each further one computes again and must agree.
        timeout
            Seconds an engine may take.
        seal
            The file that `xlcity seal` wrote; None takes the one beside the workbook, if any.
        """
        from xlcity.audit.check.check import check_workbook

        return Verdict(check_workbook(self.template, engines, timeout, seal))

    @property
    def results(self) -> StoredResults:
        """Scores and ranks as the cells hold them.

        Raises
        ------
        WorkbookError
            If no results are stored: a program that does not calculate has saved the workbook.
        """
        from xlcity.api.stored_results import StoredResults
        from xlcity.errors import WorkbookError
        from xlcity.workbook.reading.results import stored_results

        document = stored_results(self.template)
        if self.template.dataset.units and not document["units"]:
            raise WorkbookError.of("XC448.no_results", Where(file=self._file))
        return StoredResults(document, self.template.framework)

    @property
    def index(self) -> Index:
        """The index, computed by Python from the inputs of the workbook alone.

        Raises
        ------
        XlcityError
            If the inputs allow no index.
        """
        from xlcity.api.index import Index
        from xlcity.api.inputs import Inputs
        from xlcity.model.reading.values import Notes
        from xlcity.reports import known_ids, load_report

        template = self.template
        report = (
            load_report(template.report) if template.report in known_ids() else None
        )
        inputs = Inputs(
            report,
            template.framework,
            template.recipe,
            template.dataset,
            notes=Notes(),
        )
        return Index.of(inputs, template.index)

    @property
    def inputs(self) -> pd.DataFrame:
        """The values in the input cells; NaN is a blank or a value that is confirmed missing."""
        return self.data.frame

    @property
    def data(self) -> Data:
        """The input cells with their states and statuses."""
        from xlcity.api.data import Data

        return Data(self.template.dataset)

    def fill(
        self,
        data: str | Path | pd.DataFrame,
        *,
        map: str | Path | None = None,
        clear: bool = False,
        recalculate: bool = True,
    ) -> Filled:
        """Put values into the input cells and recalculate.

        Parameters
        ----------
        data
            A file or a frame as `read_data` takes it. What is blank or absent there stays as it is.
        map
            The map (TOML) that the team's table was adopted with, if `data` is laid out so.
        clear
            Empty the cells that are blank in `data`.
        recalculate
            False leaves the results as they were.

        Raises
        ------
        DataError
            With every cell, city and column that cannot be used; nothing is changed then.
        """
        from xlcity.adoption.reading import read_values
        from xlcity.reports import known_ids
        from xlcity.reports.groups import read_groups
        from xlcity.reports.tiers import read_tiers
        from xlcity.workbook.filling.template import fill

        own = self.template
        units = own.dataset.units
        read, notes = read_values(data, own.framework, units, own.recipe, map_path=map)
        groups: tuple[GroupType, ...] = ()
        tiers: tuple[TierRule, ...] = ()
        if isinstance(data, (str, Path)) and own.report not in known_ids():
            groups = read_groups(Path(data), units)
            tiers = read_tiers(Path(data))
        filled = fill(
            own,
            read,
            notes,
            groups=groups,
            tiers=tiers,
            clear=clear,
            recalculated=recalculate,
        )
        if filled.package is not self._package:
            self._set(filled.package)
        return filled

    def store(self, assessment: Assessment) -> None:
        """Put an assessment of this workbook's index on its sheets `Assessment` and `Peers`.

        Everything else stays as it is. The sheets compare what the assessment rests on with what
        the workbook holds, and are grey as soon as an input differs.

        Raises
        ------
        WorkbookError
            If the workbook has no such sheets.
        """
        from xlcity.api.assessment_document import stored_form
        from xlcity.workbook.filling.template import with_assessment

        self._set(with_assessment(self._package, stored_form(assessment)))

    def pages(
        self,
        add: Sequence[str] = (),
        remove: Sequence[str] = (),
    ) -> Rebuilt:
        """Add or remove pages on demand; the workbook is remade, with everything typed in it.

        Parameters
        ----------
        add, remove
            Pages such as "whatif", or "all".

        Returns
        -------
        Rebuilt
            What was copied, and what had no place any more.

        Raises
        ------
        UsageError
            If there is no such page, or another one reads a page that is removed.
        """
        from xlcity.workbook.migrate.content import read_content
        from xlcity.workbook.migrate.rebuild import rebuild, with_chosen_pages

        built = rebuild(with_chosen_pages(read_content(self.template), add, remove))
        self._set(built.package)
        return built

    def source(self) -> ReportSource:
        """Return what a report is taken from: its inputs, computed by Python."""
        from dataclasses import replace

        from xlcity.report.source import source_of
        from xlcity.workbook.reading.stored_assessment import read_assessment
        from xlcity.workbook.spec.from_template import shipped_report, spec_of

        template = self.template
        report = shipped_report(template.report, template.text("xl_edition"))
        spec = replace(spec_of(template), assessed=read_assessment(template.book))
        return source_of(spec, template.index, report)

    def trace(
        self,
        cell: str,
        depth: int | None = None,
        *,
        node: str = "",
    ) -> Trace:
        """Return where a cell's number comes from.

        Parameters
        ----------
        cell
            Sheet and cell ("Index!T20"), or a defined name of one cell; in a template also a city:
            its id, name or alias.
        depth
            Steps to follow; None follows all.
        node
            Code of the city's score; the total, if it is empty.
        """
        from xlcity.audit.trace.trace import trace

        return trace(self._subject(), cell, depth, node=node)

    def diff(self, other: Workbook | str | Path) -> WorkbookDiff:
        """Return what changes from this workbook to another, and why ranks move."""
        from xlcity.audit.diff.compare import compare

        after = other if isinstance(other, Workbook) else Workbook.open(other)
        return compare(self._subject(), after._subject())

    def audit(self, *, template: str | Path | None = None) -> Verdict:
        """Return what `check` does, with formulas compared with another workbook's if it is named.

        Parameters
        ----------
        template
            The workbook to compare with; None takes the template drawn afresh.
        """
        from xlcity.audit.check.check import check_workbook

        return Verdict(check_workbook(self._subject(), template=template))

    def save(
        self,
        path: str | Path | None = None,
        *,
        backup: bool = True,
    ) -> Path:
        """Write the workbook; a file that is replaced is kept as .bak, and `kept` names it.

        Parameters
        ----------
        path
            Where to; None is the file that was opened.
        backup
            Keep the file that is replaced.

        Raises
        ------
        UsageError
            If the workbook was opened from memory and no path is given.
        """
        from xlcity.errors import UsageError
        from xlcity.xlsx.save import save_workbook

        if path is None and not self._file:
            raise UsageError.of("XC100.no_path")
        target = self.path if path is None else Path(path)
        self.kept = save_workbook(
            self._package, self._saved, self.path, target, backup=backup
        )
        return target

    def _subject(self) -> Subject:
        from xlcity.audit.lint.subject import Subject

        return Subject(self._package, self._file)

    def __repr__(self) -> str:
        units = len(self.template.dataset.units)
        leaves = len(self.template.framework.indicators)
        return f"<Workbook {self.path.name}: {units} cities x {leaves} indicators>"

    def _repr_html_(self) -> str:
        return str(self.inputs.to_html(notebook=True, max_rows=60))
