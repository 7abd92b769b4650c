"""Where the steps before normalising stand: blocks side by side on `Index`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from xlcity.index.prepare import ScreenGroup, screen_groups
from xlcity.workbook import preparations
from xlcity.workbook.drawing.grid import Area, Block, cell
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.rows import INDEX
from xlcity.workbook.preparations import DRAWN, KEPT, MEDIANS
from xlcity.workbook.spec import denominator_of
from xlcity.workbook.steps.method_table import method_address

#: Step, or method of treating, that a function can repeat -> the function, and the columns of
#: `Framework` that it takes behind the values.
_REPEATED = {
    "denominate": ("DENOMINATE", "factor"),
    "impute_raw": ("IMPUTE_MEAN", "impute_raw"),
    "log": ("TREAT_LOG", "kind", "when", "skew", "kurt"),
    "boxcox": ("TREAT_BOXCOX", "t1", "kind"),
    "percentile": ("CLIP_PERCENTILE", "t1", "t2"),
    "clip": ("CLIP_SD", "t1", "t2"),
}
#: What only a function can do -> its step, and such a function.
_ALONE = {
    MEDIANS: ("impute_raw", ("IMPUTE_MEAN", "impute_raw")),
    DRAWN: ("treat", ("WINSOR_SKEW", "t1", "skew", "kurt")),
}


@dataclass(frozen=True)
class PrepareLayout:
    """The blocks of these steps."""

    layout: Layout

    @cached_property
    def doing(self) -> tuple[str, ...]:
        """The steps that have a block, in order."""
        return preparations.doing(self.layout.spec)

    @cached_property
    def blocks(self) -> dict[str, Block]:
        """Step, or what it needs beside it, -> its columns."""
        layout_blocks = self.layout.blocks
        blocks = ((name, layout_blocks[name]) for name, _ in preparations.columns(self.layout.spec))
        return {name: block for name, block in blocks if block.codes}

    @cached_property
    def screens(self) -> tuple[ScreenGroup, ...]:
        """The groups of indicators that cities are screened by."""
        return screen_groups(self.layout.spec.framework, self.layout.spec.recipe)

    def before(self, do: str) -> Block:
        """Return the block that a step acts on."""
        position = self.doing.index(do)
        return self.blocks[self.doing[position - 1]] if position else self.layout.raw

    @property
    def last(self) -> Block:
        """The values that are normalised."""
        return self.blocks[self.doing[-1]] if self.doing else self.layout.raw

    def parameter(self, code: str, name: str) -> str:
        """Return the address of an indicator's parameter on `Framework`."""
        return method_address(self.layout.spec, code, name)

    def below(self, code: str) -> Block:
        """Return the block that holds a denominator."""
        return self.layout.raw if code in self.layout.indicators else self.layout.typed

    def groups(self, code: str) -> Area:
        """Return the column of `Cities` with the groups by which an indicator is filled."""
        return self.layout.city(preparations.group_of(self.layout.spec, code))

    def kept(self, row: int) -> str:
        """Return the cell that tells whether a city is kept."""
        return cell(row, self.blocks[KEPT].left, "c")

    def calls(self) -> Iterator[tuple[str, Area, str, tuple[Area, ...]]]:
        """Yield (code, native cells, call, what it reads) of all that a function can repeat."""
        spec = self.layout.spec
        for do in self.doing:
            for code in self.layout.indicators:
                step = preparations.step_of(spec, do, code)
                if step is None or preparations.by_function(spec, do, code):
                    continue
                function = _REPEATED.get(step.method if do == "treat" else do)
                if function is None or (step.method == "boxcox" and step.get("when") == "skewed"):
                    continue
                sources = [self.before(do).span((code,))]
                if do == "denominate":
                    of = denominator_of(spec, code)
                    sources.append(self.below(of).span((of,)))
                values = ",".join(source.ref() for source in sources)
                call = self._call(code, values, function, do == "impute_raw")
                yield code, self.blocks[do].span((code,)), call, tuple(sources)

    def function(self, part: str, code: str) -> str:
        """Return the call of a step that has no native form."""
        do, function = _ALONE[part]
        return self._call(code, self.before(do).over(code, INDEX), function, do == "impute_raw")

    def _call(self, code: str, values: str, function: tuple[str, ...], by_groups: bool) -> str:
        """Return a call with an indicator's parameters, and with groups of cities if it has any."""
        name, *parameters = function
        arguments = [values, *(self.parameter(code, parameter) for parameter in parameters)]
        if by_groups and preparations.group_of(self.layout.spec, code):
            arguments.append(self.groups(code).ref())
        return f"{name}({','.join(arguments)})"


@lru_cache(maxsize=4)
def prepare_layout(layout: Layout) -> PrepareLayout:
    """Return the blocks of a template, laid out once: every cell may ask for them."""
    return PrepareLayout(layout)
