"""Bounds by rule in place of numbers: a percentile, or the mean of the best or worst cities."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from xlcity.functions.block import CellState, Matrix, States
from xlcity.functions.treat import quantile

_RULE = re.compile(
    r"p(?P<percent>\d+(?:\.\d+)?)|mean of (?P<end>best|worst) (?P<count>\d+)"
)
#: Most cities in a mean: each is a term of the formula.
_MOST = 20
#: What a rule looks like, for messages.
RULE_EXAMPLES = '"p5" or "mean of best 5"'


@dataclass(frozen=True, slots=True)
class BoundRule:
    """A bound that follows from the numbers of an indicator.

    Attributes
    ----------
    percent
        The percentile, 0 to 100; None for a mean.
    of_best
        Whether the mean is of the best cities, not of the worst.
    count
        How many cities it is of; all of them where there are fewer.
    """

    percent: float | None = None
    of_best: bool = True
    count: int = 0

    @classmethod
    def parse(cls, text: str) -> BoundRule | None:
        """Return the rule that a text says, None for any other text.

        >>> BoundRule.parse("p5"), BoundRule.parse("mean of worst 3").count, BoundRule.parse("p101")
        (BoundRule(percent=5.0, of_best=True, count=0), 3, None)
        """
        if (match := _RULE.fullmatch(text.strip())) is None:
            return None
        if match["percent"]:
            percent = float(match["percent"])
            return cls(percent=percent) if percent <= 100 else None
        count = int(match["count"])
        return cls(None, match["end"] == "best", count) if 1 <= count <= _MOST else None

    def compute(
        self, values: Matrix, states: States, direction: float
    ) -> float | Matrix:
        """Return the bound of (n,) values, or the (m,) bounds of (n, m); NaN without a number.

        `states` says what each cell holds, `direction` is 1 where more is better.
        """
        numbers = np.where(states == CellState.NUMBER, values, np.nan)
        if numbers.ndim > 1:
            bounds = [self._of_column(column, direction) for column in numbers.T]
            return np.array(bounds)
        return self._of_column(numbers, direction)

    def _of_column(self, column: Matrix, direction: float) -> float:
        """Return the bound of the numbers of a column with NaN between them; NaN without any."""
        numbers = column[~np.isnan(column)]
        if not numbers.size:
            return np.nan
        if self.percent is not None:
            return quantile(numbers, self.percent / 100)
        ascending = np.sort(numbers)
        is_high = self.of_best == (direction > 0)
        return float(
            ascending[-self.count :].mean()
            if is_high
            else ascending[: self.count].mean()
        )

    def formula(self, values: str, n: str, *, more_is_better: bool) -> str:
        """Return the formula of the bound; `n` is the cell with how many numbers there are."""
        if self.percent is not None:
            return f'IF({n}=0,"",PERCENTILE({values},{self.percent:.15g}/100))'
        name = "LARGE" if self.of_best == more_is_better else "SMALL"
        total = "+".join(f"{name}({values},{k})" for k in range(1, self.count + 1))
        of_all = f"AVERAGE({values})"
        return f'IF({n}=0,"",IF({n}<{self.count},{of_all},({total})/{self.count}))'
