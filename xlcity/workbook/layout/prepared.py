"""Where the steps before normalising stand: blocks side by side on `Index`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

from xlcity.index.prepare import ScreenGroup, screen_groups
from xlcity.workbook import preparations
from xlcity.workbook.drawing.grid import Area, Block, cell
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.rows import INDEX
from xlcity.workbook.preparations import KEPT, MEDIANS
from xlcity.workbook.spec import denominator_of
from xlcity.workbook.steps.method_table import method_address


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

    def calls(self) -> list[tuple[str, Area, str, tuple[Area, ...]]]:
        """Return (code, native cells, call, what it reads) of all that a function can repeat."""
        calls = []
        for do in self.doing:
            for code in self.layout.indicators:
                if (call := self._twin(do, code)) is not None:
                    area, sources = self.blocks[do].span((code,)), self._sources(do, code)
                    calls.append((code, area, call, sources))
        return calls

    def _sources(self, do: str, code: str) -> tuple[Area, ...]:
        """Return the columns that such a call reads."""
        xs = self.before(do).span((code,))
        if do != "denominate":
            return (xs,)
        of = denominator_of(self.layout.spec, code)
        return xs, self.below(of).span((of,))

    def _twin(self, do: str, code: str) -> str | None:
        step = preparations.step_of(self.layout.spec, do, code)
        if step is None or preparations.by_function(self.layout.spec, do, code):
            return None
        xs = self.before(do).span((code,)).ref()

        def address(name: str) -> str:
            return self.parameter(code, name)

        if do == "denominate":
            of = denominator_of(self.layout.spec, code)
            return f"DENOMINATE({xs},{self.below(of).span((of,)).ref()},{address('factor')})"
        if do == "impute_raw":
            groups = preparations.group_of(self.layout.spec, code)
            group_argument = f",{self.groups(code).ref()}" if groups else ""
            return f"IMPUTE_MEAN({xs},{address('impute_raw')}{group_argument})"
        calls = {
            "log": f"TREAT_LOG({xs},{','.join(map(address, ('kind', 'when', 'skew', 'kurt')))})",
            "percentile": f"CLIP_PERCENTILE({xs},{address('t1')},{address('t2')})",
            "clip": f"CLIP_SD({xs},{address('t1')},{address('t2')})",
        }
        if step.method == "boxcox" and str(step.get("when", "always")) == "always":
            return f"TREAT_BOXCOX({xs},{address('t1')},{address('kind')})"
        return calls.get(step.method)

    def function(self, part: str, code: str) -> str:
        """Return the call of a step that has no native form."""

        def address(name: str) -> str:
            return self.parameter(code, name)

        if part == MEDIANS:
            xs = self.before("impute_raw").over(code, INDEX)
            return f"IMPUTE_MEAN({xs},{address('impute_raw')},{self.groups(code).ref()})"
        xs = self.before("treat").over(code, INDEX)
        return f"WINSOR_SKEW({xs},{address('t1')},{address('skew')},{address('kurt')})"


@lru_cache(maxsize=4)
def prepare_layout(layout: Layout) -> PrepareLayout:
    """Return the blocks of a template, laid out once: every cell may ask for them."""
    return PrepareLayout(layout)
