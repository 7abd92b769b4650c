"""A workbook for the public: scores, ranks and method, and nothing that they were made from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from xlcity import __version__
from xlcity.model.framework import Framework
from xlcity.model.nodes import Node
from xlcity.model.recipe_toml import recipe_lines
from xlcity.workbook.build import CREATED
from xlcity.workbook.drawing.styles import Styles
from xlcity.workbook.migrate.content import Content
from xlcity.workbook.migrate.leftovers import Leftover, texts
from xlcity.workbook.migrate.rebuild import leftover_of_remark
from xlcity.workbook.migrate.roll import leftover_of_exception
from xlcity.workbook.reading.template import Template
from xlcity.xlsx.new_book import close_to_bytes, new_book

#: Columns of a node on `Framework` with their widths; of some there is a Chinese one, too.
_NODE = {
    "code": 20, "name_zh": 26, "name_en": 34, "parent": 18, "weight": 10, "direction": 10,
    "uom": 18, "definition": 60, "source": 40, "period": 14, "scope": 20, "url": 40,
}  # fmt: skip
_IN_BOTH = ("definition", "source", "uom")
#: Columns of a city on `Ranking` with their widths, behind the total rank.
_CITY = {"id": 16, "name_zh": 16, "name_en": 22, "population": 11}
#: A cell: its value, the role of its style, and a number format.
_Cell = tuple[Any, str, str]


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
    workbook = new_book()
    workbook.set_properties({"author": "", "created": CREATED.replace(tzinfo=None)})
    styles, nodes = Styles(workbook), list(framework.composites)
    names = [name for node in nodes for name in (_title_of(node), _label("rank"))]
    city_heads = [_label(name) for name in ("rank", *_CITY)]
    recipe = ([(line, "toml", "")] for line in recipe_lines(template.recipe))
    city_widths = (8, *_CITY.values(), *[13, 8] * len(nodes))

    def draw(
        name: str,
        widths: Iterable[int],
        rows: Iterable[Sequence[_Cell]],
        heads: Sequence[str] = (),
        frozen: int = 0,
    ) -> None:
        _draw_table(workbook.add_worksheet(name), styles, widths, rows, heads, frozen)

    draw("About", (26, 90), _about(template, framework, results))
    draw("Ranking", city_widths, _ranking(results, nodes), [*city_heads, *names], 4)
    draw("Framework", _NODE.values(), _tree(framework), list(map(_label, _NODE)), 1)
    draw("Method", (110,), recipe)
    return close_to_bytes(workbook)


def _draw_table(
    sheet: Any,
    styles: Styles,
    widths: Iterable[int],
    rows: Iterable[Sequence[_Cell]],
    heads: Sequence[str],
    frozen: int,
) -> None:
    """Draw a sheet; with headings these, and columns to the left, stay in sight."""
    sheet.hide_gridlines(2)
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    if heads:
        sheet.set_landscape()
        sheet.set_row(0, 44)
        sheet.write_row(0, 0, heads, styles.get("header"))
        sheet.freeze_panes(1, frozen)
        sheet.repeat_rows(0)
    for row, cells in enumerate(rows, bool(heads)):
        for column, (value, role, form) in enumerate(cells):
            write = sheet.write_number if isinstance(value, (int, float)) else sheet.write_string
            wrapped = {"text_wrap": True} if role in ("stub", "calculation") and not form else {}
            style = styles.get(role, form, **wrapped) if role else None
            write(row, column, "" if value is None else value, style)


def _label(key: str) -> str:
    return " ".join(texts("public")[key].values())


def _title_of(node: Node) -> str:
    return " ".join(filter(None, (node.name_zh, node.name_en))) or node.code


def _about(
    template: Template, framework: Framework, results: dict[str, Any]
) -> Iterator[list[_Cell]]:
    """Yield what the file is and what it is not."""
    yield [(_title_of(framework.root), "title", "")]
    about = {
        "index": template.report,
        "edition": template.text("xl_edition") or "—",
        "cities": str(len(results["units"])),
        "made": f"xlcity {__version__}",
    }
    yield from ([(_label(key), "stub", ""), (text, "calculation", "")]
                for key, text in about.items())  # fmt: skip
    yield []
    yield from ([(text, "", "")] for text in texts("public")["holds"].values())
    yield []
    for key in ("draft", "synthetic"):
        for text in texts("public")[key].values() if results[key] else ():
            yield [(f"⚠ {text.format(n=results[key])}", "warning", "")]


def _ranking(results: dict[str, Any], nodes: Sequence[Node]) -> Iterator[list[_Cell]]:
    """Yield a row per city, in the order of ranks, with scores and ranks of every node."""
    root, far = nodes[0].code, len(results["units"]) + 1
    units = [unit for unit in results["units"] if unit["population"]]
    order = list(dict.fromkeys(unit["population"] for unit in units))
    units.sort(key=lambda u: (order.index(u["population"]), u["ranks"].get(root) or far))
    for unit in units:
        cells: list[_Cell] = [(unit["ranks"].get(root), "output_center", "0")]
        cells += [(unit["unit" if name == "id" else name], "name", "") for name in _CITY]
        for node in nodes:
            cells.append((unit["scores"].get(node.code), "calculation", "0.00"))
            cells.append((unit["ranks"].get(node.code), "calculation_center", "0"))
        yield cells


def _tree(framework: Framework) -> Iterator[list[_Cell]]:
    """Yield the tree with weights, definitions and sources."""
    for node in framework.tree_order:
        cells: list[_Cell] = []
        for column, name in enumerate(_NODE):
            value = getattr(node, name)
            if name in _IN_BOTH:
                value = " / ".join(filter(None, (getattr(node, f"{name}_zh"), value)))
            if name in ("weight", "direction"):
                cells.append((float(value), "calculation_center", "0.####"))
            else:
                cells.append((value or "", "stub" if column < 4 else "calculation", ""))
        yield cells


def list_private(content: Content) -> tuple[Leftover, ...]:
    """Return what a workbook for the public, or plain tables, have no place for."""
    edits, left = ([], []) if content.source is None else content.source.edits
    pages = () if content.source is None else content.source.pages
    lines = [edit.leftover("private") for edit in edits]
    lines += [Leftover("page", page, content=page, reason="private") for page in pages]
    lines += [leftover_of_remark(remark, "private") for remark in content.spec.remarks]
    return (*lines, *left)


def list_unpublished(content: Content) -> tuple[Leftover, ...]:
    """Return what is not for the public, of the tables of inputs too; values in one line."""
    spec = content.spec
    attributes = dict.fromkeys(n for unit in spec.dataset.units for n in unit.attributes)
    return (
        *list_private(content),
        *(leftover_of_exception(line, "private") for line in spec.exceptions),
        *(Leftover("attribute", "Cities", content=name, reason="private") for name in attributes),
    )
