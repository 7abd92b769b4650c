"""What was typed where no place exists any more, and the sheet that lists it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from xlcity.workbook.migrate.listing import KEYS, ListHead, in_language, list_book
from xlcity.workbook.reading.records import plain_text
from xlcity.xlsx.cells import ReadBook
from xlcity.xlsx.package import Package

SHEET = "Leftovers"

#: Why something has no place: key -> Chinese, English.
REASONS = {
    "gone": ("该城市、指标或行列已不存在", "its city, indicator, row or column is gone"),
    "formula": ("该单元格是模板的公式", "the template has a formula there"),
    "taken": ("该单元格已有其他内容", "the cell is used for something else"),
    "edition": ("属于上一届的数值", "it belongs to a value of the last edition"),
    "conflict": ("合并时有分歧，未采用", "copies disagree, and this was not taken"),
    "reference": ("引用的单元格已不存在", "a cell it refers to is gone"),
    "kind": ("此类对象不能带入新工作簿", "such an object cannot be copied into a new workbook"),
    "unread": ("没有公式读取该参数", "no formula reads this parameter"),
    "private": ("不对外公布", "it is not for the public"),
}
#: Kinds of what is listed: key -> Chinese, English.
KINDS = {
    "cell": ("内容", "content"),
    "formula": ("公式", "formula"),
    "value": ("数值", "value"),
    "comment": ("批注", "comment"),
    "format": ("单元格格式", "cell format"),
    "conditional format": ("条件格式", "conditional format"),
    "validation": ("数据验证", "validation"),
    "setting": ("工作表设置", "sheet setting"),
    "line": ("隐藏或行高列宽", "hidden row or column"),
    "merged": ("合并单元格", "merged cells"),
    "link": ("超链接", "hyperlink"),
    "filter": ("筛选", "filter"),
    "object": ("图片、图表或表格", "picture, chart or table"),
    "page": ("工作表", "sheet"),
    "name": ("名称", "name"),
    "exception": ("例外来源", "exception"),
    "review": ("审阅意见", "remark"),
    "change": ("修改记录", "line of the change log"),
    "city": ("城市信息", "city"),
    "attribute": ("城市属性", "attribute of cities"),
    "node": ("指标信息", "node"),
    "recipe": ("方法", "method"),
    "item": ("条目", "line of a list"),
    "link of cities": ("城市联系", "link of cities"),
    "leftover": ("遗留", "leftover"),
}
_HEADS = {
    "what": ListHead("类别", "kind", 18),
    "sheet": ListHead("原工作表", "old sheet", 16),
    "cell": ListHead("原单元格", "old cell", 12),
    "at": ListHead("新单元格", "new cell", 18),
    "unit": ListHead("城市", "city", 16),
    "code": ListHead("指标", "indicator", 20),
    "content": ListHead("内容", "content", 60),
    "reason": ListHead("原因", "reason", 40),
    "source": ListHead("文件", "file", 24),
}
_TITLE = ("遗留", "Leftovers")
_NOTE = (
    "以下内容在新工作簿中没有位置。处理后可删去该行，或删去整张表。",
    "The following has no place in this workbook. Delete each line, or the sheet, once it is done.",
)


@dataclass(frozen=True, slots=True)
class Leftover:
    """Something typed that has no place any more.

    Attributes
    ----------
    what
        Its kind, a key of `KINDS`.
    sheet, cell
        Where it stood.
    at
        Where that is now, if the cell still exists.
    unit, code
        The city and the node or heading it is about.
    content
        What it says; formulas begin with "=".
    reason
        A key of `REASONS`.
    source
        The workbook it comes from, where there were several.
    """

    what: str
    sheet: str = ""
    cell: str = ""
    at: str = ""
    unit: str = ""
    code: str = ""
    content: str = ""
    reason: str = "gone"
    source: str = ""

    def __str__(self) -> str:
        """Return the line for people at a terminal."""
        place = "!".join(filter(None, (self.sheet, self.cell)))
        about = " · ".join(filter(None, (place, self.unit, self.code)))
        what = KINDS.get(self.what, ("", self.what))[1]
        text = f": {self.content}" if self.content else ""
        now = f", now {self.at}" if self.at else ""
        why = REASONS.get(self.reason, ("", self.reason))[1]
        origin = f" [{self.source}]" if self.source else ""
        return f"{what} on {about}{text}{now} ({why}){origin}" if about else f"{what}{text} ({why})"


def leftovers_book(lines: Sequence[Leftover], language: str) -> Package:
    """Return a workbook with the sheet that lists what has no place."""

    def known(texts: Mapping[str, tuple[str, str]], key: str) -> str:
        return in_language(*texts[key], language) if key in texts else key

    def entries(line: Leftover) -> list[str]:
        said = asdict(line)
        said |= {"what": known(KINDS, line.what), "reason": known(REASONS, line.reason)}
        return [said[key] for key in _HEADS]

    title, note = (in_language(*texts, language) for texts in (_TITLE, _NOTE))
    return list_book(SHEET, title, note, _HEADS, map(entries, lines), language)


def has_leftovers(book: ReadBook) -> bool:
    """Tell whether a workbook has such a sheet, and not one of the user's own of that name."""
    return {"what", "content", "reason"} <= _heads(book).keys()


def _heads(book: ReadBook) -> dict[str, int]:
    cells = book.sheets[SHEET].cells if SHEET in book.sheets else {}
    return {plain_text(cell.value): place[1] for place, cell in cells.items() if place[0] == KEYS}


def read_leftovers(book: ReadBook) -> tuple[Leftover, ...]:
    """Return the lines of an older sheet of leftovers, and what was typed beside them."""
    if not has_leftovers(book):
        return ()
    sheet, head = book.sheets[SHEET], _heads(book)
    kinds, reasons = _keys(KINDS), _keys(REASONS)
    found, ours = [], {head[name] for name in _HEADS if name in head}
    for row in sorted({row for row, _ in sheet.cells if row > KEYS}):
        entries = {
            name: plain_text(sheet.value(row, head[name])) for name in _HEADS if name in head
        }
        if any(entries.values()):
            entries["what"] = kinds.get(entries["what"], entries["what"])
            entries["reason"] = reasons.get(entries["reason"], entries["reason"])
            found.append(Leftover(**entries))
    for (_, column), cell in sorted(sheet.cells.items()):
        content = f"={cell.formula}" if cell.formula else plain_text(cell.value)
        if content and column not in ours:
            found.append(Leftover("leftover", SHEET, "", content=content, reason="kind"))
    return tuple(found)


def _keys(texts: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    return {
        shown: key for key, (zh, en) in texts.items() for shown in (zh, en, f"{zh} / {en}", key)
    }


def kind_words(kind: str) -> tuple[str, str]:
    """Return what one and several of a kind are called."""
    word = KINDS.get(kind, ("", kind))[1]
    many = {
        "city": "cities",
        "attribute of cities": "attributes of cities",
        "merged cells": word,
        "hidden row or column": "hidden rows or columns",
        "content": "typed cells",
    }
    return ("typed cell" if word == "content" else word), many.get(word, f"{word}s")
