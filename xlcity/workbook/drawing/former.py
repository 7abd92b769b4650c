# ruff: noqa: D102
"""Calls that pages of reports still make."""

from __future__ import annotations

from typing import Any


class FormerCalls:
    """To be dropped."""

    def text(
        self: Any, row: int, column: int, text: str, role: str = "plain", **style: Any
    ) -> None:
        self.put(row, column, text, role, **style)

    def number(
        self: Any, row: int, column: int, value: Any, role: str, number: str = "", **style: Any
    ) -> None:
        self.put(row, column, value, role, number, **style)

    static = number

    def blank(self: Any, row: int, column: int, role: str, **style: Any) -> None:
        self.put(row, column, None, role, **style)

    def printed(
        self: Any, row: int, column: int, text: str, number: str = "0", role: str = "published"
    ) -> None:
        self.put(row, column, float(text) if text else None, role, number)

    def fit(self: Any, *args: Any, **kw: Any) -> None: ...

    fit_names = fit_labels = thin = fit

    def label_heads(self: Any, row: int, code_row: int, keys: Any, **style: Any) -> None:
        for column, key in enumerate(keys, 1):
            self.label(row, column, key, "header", **style)
            self.label(code_row, column, key, "stub_code")

    def finish(
        self: Any,
        bottom: int,
        right: int,
        rows: int,
        columns: int = 0,
        titles: Any = None,
        a3: Any = 0,
        split: Any = (),
        cuts: Any = (),
        **page: Any,
    ) -> None:
        self.bottom, self.right = bottom, right
        self.close(rows, columns, titles, **page)
