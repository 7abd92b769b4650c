"""A workbook for the public: scores, ranks and method, and nothing that they were made from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from xlcity import __version__
from xlcity.model.framework import Framework
from xlcity.model.recipe_toml import recipe_lines
from xlcity.workbook.build import CREATED
from xlcity.workbook.drawing.styles import Styles
from xlcity.workbook.migrate.listing import texts
from xlcity.workbook.reading.template import Template
from xlcity.xlsx.new_book import close_to_bytes, new_book


def public_book(template: Template, framework: Framework, results: dict[str, Any]) -> bytes:
    """Return a workbook with the results of a template.

    Parameters
    ----------
    template
        The workbook.
    framework
        Its framework, with sources.
    results
        What `stored_results` says of it.

    Notes
    -----
    The file is written anew: no part of the template, no chart cache and no name of an author is
    in it. Normalised values are left out as well, since the raw ones can be worked out from them.
    """
    nodes = list(framework.composites)
    workbook = new_book()
    workbook.set_properties({"author": "", "created": CREATED.replace(tzinfo=None)})
    draw = _PublicSheets(workbook)
    draw.about(template, results, framework)
    draw.ranking(results, nodes)
    draw.framework(framework)
    draw.method(template)
    return close_to_bytes(workbook)


class _PublicSheets:
    """Draws the sheets."""

    def __init__(self, workbook: Any) -> None:
        self.workbook, self.styles = workbook, Styles(workbook)

    def _label(self, key: str) -> str:
        return " ".join(texts("public")[key].values())

    def _add_sheet(self, name: str, widths: list[float], landscape: bool = True) -> Any:
        sheet = self.workbook.add_worksheet(name)
        sheet.hide_gridlines(2)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        sheet.set_paper(9)
        if landscape:
            sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        return sheet

    def about(self, template: Template, results: dict[str, Any], framework: Framework) -> None:
        """Say what the file is and what it is not."""
        sheet = self._add_sheet("About", [26, 90], landscape=False)
        root = framework.root
        title = " ".join(filter(None, (root.name_zh, root.name_en))) or root.code
        sheet.write_string(0, 0, title, self.styles.get("title"))
        lines = [
            ("index", template.report),
            ("edition", template.text("xl_edition") or "—"),
            ("cities", str(len(results["units"]))),
            ("made", f"xlcity {__version__}"),
        ]
        for row, (key, text) in enumerate(lines, 2):
            sheet.write_string(row, 0, self._label(key), self.styles.get("stub"))
            sheet.write_string(row, 1, text, self.styles.get("calculation"))
        row = len(lines) + 3
        for text in texts("public")["holds"].values():
            sheet.write_string(row, 0, text)
            row += 1
        row += 1
        warned: list[str] = []
        if results["draft"]:
            warned += texts("public")["draft"].values()
        if results["synthetic"]:
            invented = texts("public")["synthetic"].values()
            warned += [text.format(n=results["synthetic"]) for text in invented]
        for text in warned:
            sheet.write_string(row, 0, f"⚠ {text}", self.styles.get("warning"))
            row += 1

    def ranking(self, results: dict[str, Any], nodes: list[Any]) -> None:
        """Write a row per city, in the order of ranks, with scores and ranks of every node."""
        sheet = self._add_sheet("Ranking", [8, 16, 16, 22, 11, *[13, 8] * len(nodes)])
        heads = [self._label(k) for k in ("rank", "id", "name_zh", "name_en", "population")]
        for node in nodes:
            name = " ".join(filter(None, (node.name_zh, node.name_en))) or node.code
            heads += [name, self._label("rank")]
        self._write_heads(sheet, heads, 44)
        root = nodes[0].code
        far = len(results["units"]) + 1
        units = [unit for unit in results["units"] if unit["population"]]
        order = {
            name: number
            for number, name in enumerate(dict.fromkeys(u["population"] for u in units))
        }
        units.sort(key=lambda u: (order[u["population"]], u["ranks"].get(root) or far))
        for row, unit in enumerate(units, 1):
            texts = (unit[name] for name in ("unit", "name_zh", "name_en", "population"))
            cells = [(unit["ranks"].get(root), "output_center", "0")]
            cells += [(text, "name", "") for text in texts]
            for code in (node.code for node in nodes):
                cells.append((unit["scores"].get(code), "calculation", "0.00"))
                cells.append((unit["ranks"].get(code), "calculation_center", "0"))
            for column, (value, role, form) in enumerate(cells):
                self._write_value(sheet, row, column, value, role, form)
        sheet.freeze_panes(1, 4)
        sheet.repeat_rows(0)

    def _write_heads(self, sheet: Any, heads: Iterable[str], height: float) -> None:
        for column, head in enumerate(heads):
            sheet.write_string(0, column, head, self.styles.get("header"))
        sheet.set_row(0, height)

    def _write_value(
        self, sheet: Any, row: int, column: int, value: Any, role: str, form: str
    ) -> None:
        style = self.styles.get(role, form)
        if isinstance(value, (int, float)):
            sheet.write_number(row, column, value, style)
        else:
            sheet.write_string(row, column, "" if value is None else str(value), style)

    def framework(self, framework: Framework) -> None:
        """Write the tree with weights, definitions and sources."""
        heads = ("code", "name_zh", "name_en", "parent", "weight", "direction", "uom",
                 "definition", "source", "period", "scope", "url")  # fmt: skip
        sheet = self._add_sheet("Framework", [20, 26, 34, 18, 10, 10, 18, 60, 40, 14, 20, 40])
        self._write_heads(sheet, map(self._label, heads), 32)
        for row, node in enumerate(framework.tree_order, 1):
            for column, key in enumerate(heads):
                value = getattr(node, key)
                if key in ("definition", "source", "uom"):
                    value = " / ".join(filter(None, (getattr(node, f"{key}_zh"), value)))
                style = self.styles.get("stub" if column < 4 else "calculation", text_wrap=True)
                if key in ("weight", "direction"):
                    self._write_value(
                        sheet, row, column, float(value), "calculation_center", "0.####"
                    )
                else:
                    sheet.write_string(row, column, value or "", style)
        sheet.freeze_panes(1, 1)
        sheet.repeat_rows(0)

    def method(self, template: Template) -> None:
        """Write the recipe."""
        sheet = self._add_sheet("Method", [110], landscape=False)
        for row, line in enumerate(recipe_lines(template.recipe)):
            sheet.write_string(row, 0, line, self.styles.get("toml"))
