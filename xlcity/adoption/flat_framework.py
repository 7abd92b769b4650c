"""The framework of a map that names none: its columns, below groups where it names them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import chain

from xlcity.adoption.cells import NOTE_MARKS, without_translation, without_year
from xlcity.adoption.maps import OF_COLUMN, Entry
from xlcity.model.reading.tables import FileTable
from xlcity.model.reading.units import is_chinese

#: The top of a framework that is made of columns alone.
_ROOT = "INDEX"
_BRACKETS = re.compile(r"\s*\([^()]*\)$")
#: Columns that every framework has.
_USUAL = ("code", "parent", "weight", "direction")


def code_of(heading: str) -> str:
    """Return a heading as a code: without blanks and brackets."""
    return "".join(letter if letter.isalnum() else "_" for letter in heading).strip("_")


def default_title(headings: str) -> str:
    """Return the title of an index whose map has none, in the language of its headings."""
    return "综合指数" if is_chinese(headings) else "Composite Index"


def name_field(text: str) -> str:
    """Return the column of a framework for a name in its language.

    >>> name_field("GDP 总量"), name_field("GDP per head")
    ('name_zh', 'name_en')
    """
    return "name_zh" if is_chinese(text) else "name_en"


class FlatFramework:
    """Makes the nodes of a framework of what a map says.

    Parameters
    ----------
    columns, groups
        What the map says of each heading, and of each group.
    titles
        "title" and "title_en" of the index, as far as the map has them.
    """

    def __init__(
        self,
        columns: Mapping[str, Entry],
        groups: Mapping[str, Entry],
        titles: Mapping[str, str],
    ) -> None:
        parents = [entry["parent"] for entry in columns.values() if entry.get("parent")]
        self.groups = {**dict.fromkeys(parents, Entry()), **groups}
        self.columns = columns
        #: Group -> its code.
        self.codes = {
            name: entry.get("code") or code_of(name)
            for name, entry in self.groups.items()
        }
        #: The column of names, in the language of the headings.
        self.name_field = name_field("".join(columns))
        self.root = {"code": _ROOT, **self._root_names(titles)}

    def _root_names(self, titles: Mapping[str, str]) -> Entry:
        if not titles:
            return {self.name_field: default_title("".join(self.columns))}
        fields = {"title": name_field(titles.get("title", "")), "title_en": "name_en"}
        return {fields[name]: title for name, title in titles.items()}

    def table(self, file: str, sheet: str | None, header_row: int) -> FileTable:
        """Return the framework as a table; all its rows are addressed by the row of headings."""
        nodes = [self.root, *self._group_nodes(), *self._indicator_nodes()]
        _add_weights(nodes)
        header = [*_USUAL, self.name_field]
        given = {*chain.from_iterable(nodes)} - {*header}
        header += [name for name in OF_COLUMN if name in given]
        rows = []
        for node in nodes:
            rows.append(tuple(node.get(name, "") for name in header))
        return FileTable(
            file,
            sheet,
            header=tuple(header),
            rows=tuple(rows),
            numbers=(header_row,) * len(rows),
        )

    def _group_nodes(self) -> Iterable[Entry]:
        for name, entry in self.groups.items():
            named = {"parent": _ROOT, self.name_field: name}
            yield {**named, **entry, "code": self.codes[name]}

    def _indicator_nodes(self) -> Iterable[Entry]:
        undated = {heading: without_year(heading) for heading in self.columns}
        times = Counter(undated.values())
        for heading, entry in self.columns.items():
            title = undated[heading]
            # The year stays in a name where it alone tells columns apart.
            names = self._indicator_names(
                title if times[title] == 1 else heading, entry
            )
            parent = entry.get("parent", "")
            yield {**names, **entry, "parent": self.codes.get(parent, parent or _ROOT)}

    def _indicator_names(self, heading: str, entry: Entry) -> Entry:
        """Return the name of a column's indicator, and the English one below a Chinese one."""
        name, translation = without_translation(heading)
        names = {self.name_field: _strip_uom(name, entry.get("uom", ""))}
        if translation:
            names["name_en"] = _BRACKETS.sub("", translation)
        return names


def _add_weights(nodes: Iterable[Entry]) -> None:
    """Give each node a weight and a direction, in place."""
    nodes = [*nodes]
    # A weight that was forgotten beside others is for the reader to refuse, not 1.
    weighed = {node.get("parent", "") for node in nodes if node.get("weight")}
    for node in nodes:
        is_forgotten = node.get("parent", "") in weighed
        node.setdefault("weight", "" if is_forgotten else "1")
        node.setdefault("direction", "1")


def _strip_uom(heading: str, uom: str) -> str:
    """Return a heading without marks of footnotes, and its measure, which has its own column.

    >>> _strip_uom("Exports [m EUR]¹", "m EUR"), _strip_uom("GDP①", "")
    ('Exports', 'GDP')
    """
    measure = re.escape(uom or "\n")
    return re.sub(
        rf"(?:\s*[（(\[]\s*{measure}\s*[)）\]][¹²³⁴⁵]*)?{NOTE_MARKS}\Z", "", heading
    )
