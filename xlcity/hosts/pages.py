"""Reference pages of the formula library, one per function and language, from the registry.

``python -m xlcity.hosts.pages DIRECTORY`` writes them. Results of the worked examples are computed.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from xlcity.errors import CellError, CellValue
from xlcity.functions.declare import CATEGORY_NAMES, Argument, Example, Function, Returns, Text
from xlcity.functions.missing import MISSING_CODES
from xlcity.functions.registry import FUNCTIONS
from xlcity.functions.rounding import round_excel
from xlcity.hosts.cells import call
from xlcity.xlsx.address import cell_name, column_letters
from xlcity.xlsx.atomic import write_atomic

LANGUAGES = ("en", "zh")
#: Decimals shown in worked examples.
_SHOWN_DIGITS = 4

_TITLE = Text("Functions", "函数")
_INTRODUCTION = Text(
    "Every function takes whole blocks of cells and gives a whole block back. The same code "
    "answers in every spreadsheet program and engine.",
    "每个函数都读取整块单元格，并返回整块结果。各电子表格软件和计算引擎调用的是同一份代码。",
)
_OTHER_LANGUAGE = {"en": "中文", "zh": "English"}
_SYNTAX = Text("Syntax", "语法")
_ARGUMENTS = Text("Arguments", "参数")
_REMARKS = Text("Remarks", "说明")
_ERRORS = Text("Errors", "错误值")
_FORMULA = Text("Formula", "公式")
_SOURCE = Text("Source", "出处")
_EXAMPLE = Text("Example", "示例")
_SEE_ALSO = Text("See also", "另请参阅")
_RESULT = Text("Result", "结果")
_ARGUMENT_HEAD = Text("Argument | Default | What it is", "参数 | 默认值 | 含义")
_ERROR_HEAD = Text("Error | When", "错误值 | 出现情形")
_FUNCTION_HEAD = Text("Function | Step | What it does", "函数 | 步骤 | 作用")
_REQUIRED = Text("required", "必填")
_ONE_OF = Text("One of {}.", "取值：{}。")
_COLON = Text(":", "：")

#: Codes that differ in case only are told once.
_CODES = " ".join(f"`{code}`" for code in {code.upper(): code for code in MISSING_CODES})

_SHAPE = {
    Returns.BLOCK: Text(
        "The result has the shape of {}.",
        "结果与 {} 形状相同。",
    ),
    Returns.COLUMN: Text(
        "The result is one column, with a row for each row of {}.",
        "结果为一列，与 {} 行数相同。",
    ),
    Returns.SQUARE: Text(
        "The result is a square: a row and a column for each column of {}.",
        "结果为方阵，{} 的每一列对应一行和一列。",
    ),
    Returns.ROW: Text(
        "The result is one row, with a column for each column of {}.",
        "结果为一行，与 {} 列数相同。",
    ),
    Returns.SINGLE: Text(
        "The result is one cell.",
        "结果为一个单元格。",
    ),
    Returns.NODES: Text(
        "The result has a row for each row of {} and a column for each of the nodes asked for.",
        "结果与 {} 行数相同，每个所求节点一列。",
    ),
    Returns.PAIRS: Text(
        "A square block with a row and a column for each row of {}.",
        "方阵：{} 的每一行对应一行和一列。",
    ),
    Returns.INTERVALS: Text(
        "The result has five columns and a row for each column of {}.",
        "结果有五列，{} 的每一列对应一行。",
    ),
    Returns.COEFFICIENTS: Text(
        "The result has six columns and a row for each column of {}; one column gives one row.",
        "结果有六列，{} 的每一列对应一行；只有一列时结果为一行。",
    ),
}
_COMMON_REMARKS = (
    Text(
        "An option that is omitted or blank has its default. Options with one value per column are "
        "given as a row as wide as values.",
        "选项省略或为空白时取默认值。逐列给出选项时，用与 values 等宽的一行。",
    ),
    Text(
        f"Missing codes, in any case: {_CODES}. They say that there is no value; a blank says that "
        "none has been filled in yet.",
        f"缺失代码（不分大小写）：{_CODES}。缺失代码表示确认没有数据；空白表示尚未填写。",
    ),
    Text(
        "An empty text counts as a blank. Numbers typed as text (also full-width digits) are text.",
        "空文本视为空白。以文本形式输入的数字（包括全角数字）视为文本。",
    ),
)
_PROPAGATED = Text(
    "for the whole call if a cell of an argument holds that error",
    "参数中任一单元格为该错误值时为整个结果",
)
_NO_SOURCE = Text(
    "The definition above; it needs no other source.",
    "以上即为定义，无其他出处。",
)
_PAGE = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*(\.zh)?\.md\Z")
_ANY_ERROR = Text("any error", "任意错误值")


def pages() -> dict[str, str]:
    """Return every page: file name -> text."""
    made = {}
    for language in LANGUAGES:
        made[file_name("README", language)] = _overview(language)
        for function in FUNCTIONS.values():
            made[file_name(function.name, language)] = page(function, language)
    return made


def page(function: Function, language: str) -> str:
    """Return the page of one function."""
    shape = _SHAPE[function.returns][language].format(function.arguments[0].name)
    remarks = (*function.remarks, *_COMMON_REMARKS)
    errors = [(str(error), text) for error, text in function.errors.items()] + [
        (_ANY_ERROR[language], _PROPAGATED)
    ]
    parts = [
        f"# {function.name}",
        _switch(function.name, language),
        function.summary[language],
        f"## {_SYNTAX[language]}",
        f"```\n{function.syntax}\n```",
        f"## {_ARGUMENTS[language]}",
        _table(
            _ARGUMENT_HEAD[language].split(" | "),
            [_argument_row(argument, language) for argument in function.arguments],
        ),
        f"## {_REMARKS[language]}",
        "\n".join(f"- {remark}" for remark in (shape, *(text[language] for text in remarks))),
        f"## {_ERRORS[language]}",
        _table(
            _ERROR_HEAD[language].split(" | "),
            [(error, text[language]) for error, text in errors],
        ),
        f"## {_FORMULA[language]}",
        f"```\n{function.formula[language]}\n```",
        f"## {_SOURCE[language]}",
        source(function) or _NO_SOURCE[language],
        f"## {_EXAMPLE[language]}",
        *_example(function, function.example, language),
    ]
    if function.see_also:
        others = (f"[{name}]({file_name(name, language)})" for name in function.see_also)
        parts += [f"## {_SEE_ALSO[language]}", ", ".join(others)]
    return "\n\n".join(parts) + "\n"


def source(function: Function) -> str:
    """Return where a function comes from: the references in the docstring of its core."""
    text = inspect.getdoc(function.core) or ""
    _, _, rest = text.partition("References\n----------\n")
    return " ".join(rest.split("\n\n")[0].split())


def file_name(name: str, language: str) -> str:
    """Return the file of a page; English is the plain name."""
    return f"{name}.md" if language == "en" else f"{name}.{language}.md"


def write(directory: Path) -> list[Path]:
    """Write all pages, remove those of functions that are gone, and return what was written."""
    directory.mkdir(parents=True, exist_ok=True)
    made = pages()
    for path in directory.glob("*.md"):
        # Only pages of ours are named like functions.
        if path.name not in made and _PAGE.match(path.name):
            path.unlink()
    for name, text in made.items():
        write_atomic(directory / name, text.encode("utf-8"))
    return [directory / name for name in made]


def _overview(language: str) -> str:
    rows = [
        (
            f"[{function.name}]({file_name(function.name, language)})",
            CATEGORY_NAMES[function.category][language],
            function.summary[language],
        )
        for function in FUNCTIONS.values()
    ]
    parts = [
        f"# {_TITLE[language]}",
        _switch("README", language),
        _INTRODUCTION[language],
        _table(_FUNCTION_HEAD[language].split(" | "), rows),
    ]
    return "\n\n".join(parts) + "\n"


def _switch(name: str, language: str) -> str:
    other = LANGUAGES[1 - LANGUAGES.index(language)]
    return f"[{_OTHER_LANGUAGE[language]}]({file_name(name, other)})"


def _argument_row(argument: Argument, language: str) -> tuple[str, str, str]:
    text = argument.described(language)
    if argument.choices:
        joined = ", ".join(f"`{choice}`" for choice in argument.choices)
        text += ("" if language == "zh" else " ") + _ONE_OF[language].format(joined)
    default = argument.default_label(language) if argument.optional else _REQUIRED[language]
    return f"`{argument.name}`", default, text


def _example(function: Function, example: Example, language: str) -> Iterator[str]:
    """Show blocks as cells of a sheet, one below the other, and single values in the formula."""
    sheet: list[Sequence[CellValue]] = []
    words: list[str] = []
    for rows in example.arguments:
        if len(rows) == len(rows[0]) == 1:
            words.append(_literal(rows[0][0]))
            continue
        if sheet:
            sheet.append(())
        words.append(f"A{len(sheet) + 1}:{cell_name(len(sheet) + len(rows), len(rows[0]))}")
        sheet.extend(rows)
    yield _grid(sheet)
    yield f"`={function.name}({', '.join(words)})`"
    yield f"{_RESULT[language]}{_COLON[language]}"
    yield _grid(call(function.name, example.arguments))
    yield example.note[language]


def _grid(rows: Sequence[Sequence[CellValue]]) -> str:
    width = max(map(len, rows))
    head = ["", *(column_letters(column) for column in range(1, width + 1))]
    return _table(
        head,
        [
            (f"**{place}**", *map(_shown, row), *[""] * (width - len(row)))
            for place, row in enumerate(rows, start=1)
        ],
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _shown(cell: CellValue) -> str:
    if cell is None:
        return ""
    if isinstance(cell, (str, CellError)):
        return str(cell)
    return f"{float(round_excel(cell, _SHOWN_DIGITS)):.10g}"


def _literal(cell: CellValue) -> str:
    return f'"{cell}"' if isinstance(cell, str) else _shown(cell)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
