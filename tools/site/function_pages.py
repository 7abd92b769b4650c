"""Reference pages of the formula library, one per function and language, from the registry.

Results of the worked examples are computed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xlcity.errors import CellError, CellValue
from xlcity.functions.block import MISSING_CODES
from xlcity.functions.declare import (
    LANGUAGES,
    Argument,
    Example,
    Function,
    shared_text,
    text_tables,
)
from xlcity.functions.registry import FUNCTIONS
from xlcity.functions.rounding import round_excel
from xlcity.hosts.cells import call
from xlcity.xlsx.address import cell_name, column_letters

#: Decimals shown in worked examples.
_SHOWN_DECIMALS = 4
_LANGUAGE_NAMES = {"en": "English", "zh": "中文"}
#: Codes that differ in case only are listed once.
_MISSING_CODES_TEXT = " ".join(
    f"`{code}`" for code in {code.upper(): code for code in MISSING_CODES}
)


def _page_text(name: str, language: str) -> str:
    """Return a text of the pages, such as a heading, by its key, in a language ("en" or "zh")."""
    text: str = text_tables()["pages"][name][language]
    return text


def function_pages() -> dict[str, str]:
    """Return the pages of all functions and the overviews: file name -> Markdown."""
    texts = {}
    for language in LANGUAGES:
        texts[page_file_name("README", language)] = _overview_page(language)
        for function in FUNCTIONS.values():
            texts[page_file_name(function.name, language)] = function_page(
                function, language
            )
    return texts


def function_page(function: Function, language: str) -> str:
    """Return the reference page of one function in a language ("en" or "zh"), in Markdown."""
    remarks = [
        _shape_remark(function, language),
        *(text[language] for text in function.remarks),
        _page_text("defaults", language),
        _page_text("missing_codes", language).format(_MISSING_CODES_TEXT),
        _page_text("blanks", language),
    ]
    errors = [(str(error), text[language]) for error, text in function.errors.items()]
    errors.append(
        (_page_text("any_error", language), _page_text("propagated", language))
    )
    sections = {
        "syntax": [f"```\n{function.syntax}\n```"],
        "arguments": [
            _titled_table(
                "argument_head",
                [_argument_row(a, language) for a in function.arguments],
                language,
            )
        ],
        "remarks": ["\n".join(f"- {remark}" for remark in remarks)],
        "errors": [_titled_table("error_head", errors, language)],
        "formula": [f"```\n{function.formula[language]}\n```"],
        "source": [
            function.texts.docstring.references or _page_text("no_source", language)
        ],
        "example": [*_example_parts(function, function.example, language)],
    }
    if function.see_also:
        links = (
            f"[{name}]({page_file_name(name, language)})" for name in function.see_also
        )
        sections["see_also"] = [", ".join(links)]
    parts = [
        f"# {function.name}",
        _language_links(function.name, language),
        function.summary[language],
    ]
    for name, section in sections.items():
        parts += [f"## {_page_text(name, language)}", *section]
    return "\n\n".join(parts) + "\n"


def _shape_remark(function: Function, language: str) -> str:
    """Return the sentence on the rows and columns of a function's result."""
    shapes = text_tables()["pages"]["shapes"]
    text: str = shapes[function.returns.name.lower()][language]
    return text.format(function.arguments[0].name)


def page_file_name(name: str, language: str) -> str:
    """Return the file name of the page `name` in a language; English has the plain name."""
    return f"{name}.md" if language == "en" else f"{name}.{language}.md"


def _overview_page(language: str) -> str:
    """Return the Markdown page that lists all functions, in a language ("en" or "zh")."""
    rows = [
        (
            f"[{name}]({page_file_name(name, language)})",
            function.category.label[language],
            function.summary[language],
        )
        for name, function in FUNCTIONS.items()
    ]
    parts = [
        f"# {_page_text('title', language)}",
        _language_links("README", language),
        _page_text("introduction", language),
        _titled_table("function_head", rows, language),
    ]
    return "\n\n".join(parts) + "\n"


def _language_links(name: str, language: str) -> str:
    """Return Markdown links to the page `name` in the other languages."""
    others = [other for other in LANGUAGES if other != language]
    links = (
        f"[{_LANGUAGE_NAMES[other]}]({page_file_name(name, other)})" for other in others
    )
    return " ".join(links)


def _argument_row(argument: Argument, language: str) -> tuple[str, str, str]:
    """Return name, default and description of an argument, for a table."""
    text = argument.describe(language)
    if argument.choices:
        joined = ", ".join(f"`{choice}`" for choice in argument.choices)
        text += shared_text("space")[language] + _page_text("one_of", language).format(
            joined
        )
    default = (
        argument.default_label(language)
        if argument.optional
        else _page_text("required", language)
    )
    return f"`{argument.name}`", default, text


def _example_parts(
    function: Function, example: Example, language: str
) -> Iterator[str]:
    """Yield the parts of a worked example in Markdown: a sheet, the formula, the result, a note.

    Arguments of several cells stand one below the other in the sheet; single values are written
    into the formula. The result is computed.
    """
    sheet: list[Sequence[CellValue]] = []
    arguments: list[str] = []
    for rows in example.arguments:
        if len(rows) == len(rows[0]) == 1:
            arguments.append(_formula_literal(rows[0][0]))
            continue
        if sheet:
            sheet.append(())  # a blank row between the blocks
        arguments.append(
            f"A{len(sheet) + 1}:{cell_name(len(sheet) + len(rows), len(rows[0]))}"
        )
        sheet.extend(rows)
    yield _sheet_table(sheet)
    yield f"`={function.name}({', '.join(arguments)})`"
    yield f"{_page_text('result', language)}{_page_text('colon', language)}"
    yield _sheet_table(call(function.name, example.arguments))
    yield example.note[language]


def _sheet_table(rows: Sequence[Sequence[CellValue]]) -> str:
    """Return cells as a table with row numbers and column letters."""
    width = max(map(len, rows))
    head = ["", *(column_letters(column) for column in range(1, width + 1))]
    return _markdown_table(
        head,
        [
            (f"**{number}**", *map(_cell_text, row), *[""] * (width - len(row)))
            for number, row in enumerate(rows, start=1)
        ],
    )


def _titled_table(titles_key: str, rows: Sequence[Sequence[str]], language: str) -> str:
    """Return a Markdown table; its column titles are the page text of a key, divided by " | "."""
    return _markdown_table(_page_text(titles_key, language).split(" | "), rows)


def _markdown_table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table: titles of columns, and the texts of the cells, row by row."""
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell_text(cell: CellValue) -> str:
    """Return what a cell of an example shows; numbers are rounded."""
    if cell is None:
        return ""
    if isinstance(cell, (str, CellError)):
        return str(cell)
    return f"{float(round_excel(cell, _SHOWN_DECIMALS)):.10g}"


def _formula_literal(cell: CellValue) -> str:
    """Return a cell's value as a formula writes it: texts in quotes, numbers rounded."""
    return f'"{cell}"' if isinstance(cell, str) else _cell_text(cell)
