"""A workbook for the public: scores, ranks and method, and nothing that they were made from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

from xlcity import __version__
from xlcity.hosts.excel.embedded import MAIN, carried_main
from xlcity.model.framework import Framework
from xlcity.model.nodes import Node
from xlcity.model.recipe_toml import recipe_lines
from xlcity.workbook.build import CREATED
from xlcity.workbook.drawing.styles import CENTER, OUTPUT_CENTER, Styles
from xlcity.workbook.migrate.content import Content
from xlcity.workbook.migrate.leftovers import Leftover, texts
from xlcity.workbook.migrate.rebuild import leftover_of_remark
from xlcity.workbook.migrate.roll import leftover_of_exception
from xlcity.workbook.reading.template import Template
from xlcity.xlsx.new_book import close_to_bytes, new_book

#: Columns of a node on `Framework` with their widths; of some there is a Chinese one, too.
_NODE = {
    "code": 20,
    "name_zh": 26,
    "name_en": 34,
    "parent": 18,
    "weight": 10,
    "direction": 10,
    "uom": 18,
    "definition": 60,
    "source": 40,
    "period": 14,
    "scope": 20,
    "url": 40,
}
_IN_BOTH = ("definition", "source", "uom")
_NUMBERS = dict.fromkeys(("weight", "direction"), (CENTER, "0.####"))
#: Columns of a city on `Ranking` with their widths, behind the total rank.
_CITY = {"id": 16, "name_zh": 16, "name_en": 22, "population": 11}
#: A column: its heading, its width, the role of its style, and a number format.
_Column = tuple[str, int, str, str]


def public_book(
    template: Template, framework: Framework, results: dict[str, Any]
) -> bytes:
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
    styles = Styles(workbook)
    nodes = list(framework.composites)
    ranking: list[_Column] = [(_label("rank"), 8, OUTPUT_CENTER, "0")]
    for name, width in _CITY.items():
        ranking.append((_label(name), width, "name", ""))
    for node in nodes:
        ranking.append((_title_of(node), 13, "calculation", "0.00"))
        ranking.append((_label("rank"), 8, CENTER, "0"))
    tree: list[_Column] = [
        (_label(name), width, *_NUMBERS.get(name, ("stub", "")))
        for name, width in _NODE.items()
    ]
    about: list[_Column] = [
        ("", 26, "stub", ""),
        ("", 90, "stub", ""),
    ]
    method: list[_Column] = [("", 110, "toml", "")]
    recipe = ([line] for line in recipe_lines(template.recipe))
    for name, columns, frozen, rows in (
        ("About", about, 0, _about(template, framework, results)),
        ("Ranking", ranking, 4, _ranking(results, nodes)),
        ("Framework", tree, 1, _tree(framework)),
        ("Method", method, 0, recipe),
    ):
        _draw_table(workbook.add_worksheet(name), styles, columns, frozen, rows=rows)
    return close_to_bytes(workbook)


def _draw_table(
    sheet: Any,
    styles: Styles,
    columns: Sequence[_Column],
    frozen: int,
    rows: Iterable[Sequence[Any]],
) -> None:
    """Draw a sheet; headings, if there are any, and columns to the left stay in sight."""
    heads = [head for head, *_ in columns if head]
    sheet.hide_gridlines(2)
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    if heads:
        sheet.set_landscape()
        sheet.set_row(0, 44)
        sheet.write_row(0, 0, heads, styles.get("header"))
        sheet.freeze_panes(1, frozen)
        sheet.repeat_rows(0)
    for column, (_, width, *_) in enumerate(columns):
        sheet.set_column(column, column, width)
    formats = [
        styles.get(role, number, {"text_wrap": not number})
        for _, _, role, number in columns
    ]
    for row, values in enumerate(rows, bool(heads)):
        for column, value in enumerate(values):
            sheet.write(row, column, value, formats[column])


def _label(key: str) -> str:
    return " ".join(texts("public")[key].values())


def _title_of(node: Node) -> str:
    return " ".join(filter(None, (node.name_zh, node.name_en))) or node.code


def _about(
    template: Template, framework: Framework, results: dict[str, Any]
) -> Iterator[tuple[str, str]]:
    """Yield what the file is and what it is not."""
    yield _label("about"), _title_of(framework.root)
    yield _label("index"), template.report
    yield _label("edition"), template.text("xl_edition") or "—"
    yield _label("cities"), str(len(results["units"]))
    yield _label("made"), f"xlcity {__version__}"
    for text in texts("public")["holds"].values():
        yield "", text
    for key in ("draft", "synthetic"):
        for text in texts("public")[key].values() if results[key] else ():
            yield "⚠", text.format(n=results[key])


#: Cells of a row: numbers and texts.
_Row = list[Any]


def _ranking(results: dict[str, Any], nodes: Sequence[Node]) -> Iterator[_Row]:
    """Yield a row per city, in the order of ranks, with scores and ranks of every node."""
    root = nodes[0].code
    far = len(results["units"]) + 1
    units = [unit for unit in results["units"] if unit["population"]]
    order = list(dict.fromkeys(unit["population"] for unit in units))

    def by_group_and_rank(unit: dict[str, Any]) -> tuple[int, Any]:
        return order.index(unit["population"]), unit["ranks"].get(root) or far

    units.sort(key=by_group_and_rank)
    for unit in units:
        ranks = unit["ranks"]
        row = [ranks.get(root), unit["unit"], unit["name_zh"], unit["name_en"]]
        row.append(unit["population"])
        for node in nodes:
            row += (unit["scores"].get(node.code), ranks.get(node.code))
        yield row


def _tree(framework: Framework) -> Iterator[list[Any]]:
    """Yield the tree with weights, definitions and sources."""
    for node in framework.tree_order:
        row = {name: getattr(node, name) for name in _NODE} | {
            "direction": int(node.direction)
        }
        for name in _IN_BOTH:
            row[name] = " / ".join(
                filter(None, (getattr(node, f"{name}_zh"), row[name]))
            )
        yield [*row.values()]


def list_private(content: Content) -> tuple[Leftover, ...]:
    """Return what a workbook for the public, or plain tables, have no place for."""
    edits, left = ([], []) if content.source is None else content.source.edits
    pages = () if content.source is None else content.source.pages
    lines = [edit.leftover("private") for edit in edits]
    lines += [Leftover("page", page, content=page, reason="private") for page in pages]
    lines += [leftover_of_remark(remark, "private") for remark in content.spec.remarks]
    if content.source and carried_main(content.source.template.package) is not None:
        lines.append(Leftover("functions", content=MAIN, reason="kind"))
    return (*lines, *left)


def list_unpublished(content: Content) -> tuple[Leftover, ...]:
    """Return what is not for the public, of the tables of inputs too; values in one line."""
    spec = content.spec
    attributes = dict.fromkeys(
        chain.from_iterable(unit.attributes for unit in spec.dataset.units)
    )
    return (
        *list_private(content),
        *(leftover_of_exception(line, "private") for line in spec.exceptions),
        *(
            Leftover("attribute", "Cities", content=name, reason="private")
            for name in attributes
        ),
    )
