"""Where the steps before normalising stand: blocks side by side on the sheet `Prepared`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

from xlcity.index.prepare import ScreenGroup, screen_groups
from xlcity.workbook.drawing.grid import Area, Block, cell
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.rows import FIRST
from xlcity.workbook.spec import denominator_of
from xlcity.workbook.steps import prepare
from xlcity.workbook.steps.method_table import method_address

SHEET = "Prepared"
#: Blocks of function calls before the block that reads them.
MEDIANS, DRAWN, HELD, KEPT = "medians", "drawn", "held", "kept"


@dataclass(frozen=True)
class PrepareLayout:
    """The blocks of `Prepared`."""

    layout: Layout

    @cached_property
    def doing(self) -> tuple[str, ...]:
        """The steps that have a block, in order."""
        return prepare.doing(self.layout.spec)

    @cached_property
    def blocks(self) -> dict[str, Block]:
        """Step, or what it needs beside it, -> its columns."""
        codes = self.layout.indicators
        found: dict[str, Block] = {}
        left = 3
        beside = {"screen": (KEPT,), "impute_raw": (MEDIANS,), "treat": (DRAWN, HELD)}
        for do in self.doing:
            parts = {
                KEPT: (KEPT, *self.screened),
                MEDIANS: tuple(c for c in codes if self.by_function("impute_raw", c)),
                DRAWN: tuple(c for c in codes if self.by_function("treat", c)),
                HELD: tuple(c for c in codes if self.tries_twice(c)),
            }
            for part in beside.get(do, ()):
                if parts[part]:
                    found[part] = Block(SHEET, left, parts[part], FIRST, self.layout.last)
                    left = found[part].right + 2
            found[do] = Block(SHEET, left, codes, FIRST, self.layout.last)
            left = found[do].right + 2
        return found

    @cached_property
    def screens(self) -> tuple[ScreenGroup, ...]:
        """The groups of indicators that cities are screened by."""
        return screen_groups(self.layout.spec.framework, self.layout.spec.recipe)

    @cached_property
    def screened(self) -> tuple[str, ...]:
        """Their columns beside the one that joins them; none where there is one group."""
        several = len(self.screens) > 1
        return tuple(f"{KEPT} {at}" for at in range(len(self.screens)) if several)

    def tries_twice(self, code: str) -> bool:
        """Tell whether an indicator's logarithm is taken where drawing in is not enough."""
        step = prepare.step_of(self.layout.spec, "treat", code)
        return step is not None and step.method == "winsor_log"

    def by_function(self, do: str, code: str) -> bool:
        """Tell whether only a function of the library can do a step for an indicator."""
        spec = self.layout.spec
        if (step := prepare.step_of(spec, do, code)) is None:
            return False
        if do == "impute_raw":
            return step.method == "median" and bool(prepare.group_of(spec, code))
        return do == "treat" and step.method in prepare.BY_FUNCTION

    def before(self, do: str) -> Block:
        """Return the block that a step acts on."""
        at = self.doing.index(do)
        return self.blocks[self.doing[at - 1]] if at else self.layout.raw

    @property
    def last(self) -> Block:
        """The values that are normalised."""
        return self.blocks[self.doing[-1]] if self.doing else self.layout.raw

    def parameter(self, code: str, name: str) -> str:
        """Return the address of an indicator's parameter on `Methods`."""
        return method_address(self.layout.spec, code, name)

    def below(self, code: str) -> Block:
        """Return the block that holds a denominator."""
        return self.layout.raw if code in self.layout.indicators else self.layout.cleaned

    def groups(self, code: str) -> Area:
        """Return the column of `Cities` with the groups by which an indicator is filled."""
        return self.layout.city(prepare.group_of(self.layout.spec, code))

    def kept(self, row: int) -> str:
        """Return the cell that tells whether a city is kept."""
        return cell(row, self.blocks[KEPT].left, "c")

    def calls(self) -> list[tuple[str, Area, str]]:
        """Return (code, native cells, call) of every step that a function can repeat."""
        found = []
        for do in self.doing:
            for code in self.layout.indicators:
                if (call := self._twin(do, code)) is not None:
                    found.append((code, self.blocks[do].span((code,)), call))
        return found

    def _twin(self, do: str, code: str) -> str | None:
        step = prepare.step_of(self.layout.spec, do, code)
        if step is None or self.by_function(do, code):
            return None
        xs = self.before(do).span((code,)).ref()

        def at(name: str) -> str:
            return self.parameter(code, name)

        if do == "denominate":
            of = denominator_of(self.layout.spec, code)
            return f"DENOMINATE({xs},{self.below(of).span((of,)).ref()},{at('factor')})"
        if do == "impute_raw":
            groups = prepare.group_of(self.layout.spec, code)
            more = f",{self.groups(code).ref()}" if groups else ""
            return f"IMPUTE_MEAN({xs},{at('impute_raw')}{more})"
        calls = {
            "log": f"TREAT_LOG({xs},{at('kind')},{at('when')},{at('skew')},{at('kurt')})",
            "percentile": f"CLIP_PERCENTILE({xs},{at('t1')},{at('t2')})",
            "clip": f"CLIP_SD({xs},{at('t1')},{at('t2')})",
        }
        if step.method == "boxcox" and str(step.get("when", "always")) == "always":
            return f"TREAT_BOXCOX({xs},{at('t1')},{at('kind')})"
        return calls.get(step.method)

    def function(self, part: str, code: str) -> str:
        """Return the call of a step that has no native form."""

        def at(name: str) -> str:
            return self.parameter(code, name)

        if part == MEDIANS:
            xs = self.before("impute_raw").over(code, SHEET)
            return f"IMPUTE_MEAN({xs},{at('impute_raw')},{self.groups(code).ref()})"
        xs = self.before("treat").over(code, SHEET)
        return f"WINSOR_SKEW({xs},{at('t1')},{at('skew')},{at('kurt')})"


@lru_cache(maxsize=4)
def prepare_layout(layout: Layout) -> PrepareLayout:
    """Return the blocks of a template, laid out once: every cell may ask for them."""
    return PrepareLayout(layout)
