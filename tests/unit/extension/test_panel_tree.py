"""The panel in Calc and what it reads, with stand-ins for what LibreOffice gives."""

import importlib.util
import re
import sys
import types
from itertools import pairwise
from pathlib import Path
from unittest.mock import MagicMock

import pytest

import xlcity.extension

OFFICE = Path(xlcity.extension.__file__).parent / "office"


class AnyModule(types.ModuleType):
    """A module that has every class."""

    def __getattr__(self, name: str) -> type:
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (), {"ignore": None})


class Node:
    """A node of a tree, with those below it."""

    def __init__(self, text: str, on_demand: bool) -> None:
        self.text = text
        self.on_demand = on_demand
        self.DataValue = None
        self.children: list[Node] = []
        self.parent: Node | None = None

    def appendChild(self, child: "Node") -> None:
        child.parent = self
        self.children.append(child)

    def getChildCount(self) -> int:
        return len(self.children)

    def getParent(self) -> "Node | None":
        return self.parent

    def setHasChildrenOnDemand(self, on_demand: bool) -> None:
        self.on_demand = on_demand

    def shown(self, depth: int = 0) -> list[str]:
        """Return the texts below it, deeper ones further in; + has more."""
        lines = []
        for child in self.children:
            lines.append("  " * depth + child.text + " +" * child.on_demand)
            lines += child.shown(depth + 1)
        return lines


class Control:
    """A part of the panel that remembers what it was told."""

    def __init__(self) -> None:
        self.text = "?"
        self.visible = True
        self.Model = types.SimpleNamespace(DataModel=None)
        self.expanded: list[str] = []
        self.selected: Node | None = None

    def setText(self, text: str) -> None:
        self.text = text

    def setVisible(self, visible: bool) -> None:
        self.visible = visible

    def expandNode(self, node: Node) -> None:
        self.expanded.append(node.text)

    def getSelection(self) -> Node | None:
        return self.selected


class Session:
    """Keeps what is asked, to be answered later, and where the cursor goes."""

    def __init__(self) -> None:
        self.asked: list[tuple] = []
        self.jumps: list[str] = []

    def ask(self, *asked) -> None:
        self.asked.append(asked)

    def jump(self, cell: str) -> None:
        self.jumps.append(cell)


def load(monkeypatch, name: str) -> types.ModuleType:
    """Return a module that runs in LibreOffice."""
    path = OFFICE / f"{name}.py"
    source = path.read_text(encoding="utf-8")
    names = re.findall(r"^(?:from|import) ((?:com|uno)[\w.]*)", source, re.MULTILINE)
    parts = {
        name.rsplit(".", n)[0] for name in names for n in range(name.count(".") + 1)
    }
    for part in (*parts, "xlcity_office"):
        monkeypatch.setitem(sys.modules, part, AnyModule(part))
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def panel(monkeypatch):
    """Return a panel without a window."""
    module = load(monkeypatch, "xlcity_panel")

    def model(_context, _name):
        made = types.SimpleNamespace(root=None, createNode=Node)
        made.setRoot = lambda root: setattr(made, "root", root)
        return made

    monkeypatch.setattr(module, "create", model)
    made = module.SidebarPanel.__new__(module.SidebarPanel)
    made.context = None
    made.session = Session()
    made.data = None
    made.rows = {}
    made.sections = {}
    made.drawing = False
    made.width = 250
    made.measure = lambda text: sum(1 + (sign >= "\u2e80") for sign in text) * 8
    made.tree = Control()
    made.headline = Control()
    made.status = Control()
    made.lay_out = lambda: None
    made.module = module
    return made


def row(text: str, cell: str = "", rows=(), **details) -> dict[str, object]:
    """Return a row as the helper answers with it."""
    return {"text": text, "cell": cell, "rows": [*rows], **details}


def draw_sections(panel) -> None:
    """Draw findings, which are shown at once, and a trace of which more can be asked for."""
    leaf = row("A0", cell="Data!B2")
    panel.draw({"section": "unknown", **row("Never shown")})
    trace = [row("T", more="Index!T9")]
    panel.draw({"section": "trace", **row("Trace", rows=trace)})
    panel.draw({"section": "failed", **row("Nothing in it")})
    found = [leaf, row("no place")]
    panel.draw({"section": "findings", **row("Findings", rows=found, expanded=True)})
    panel.tree.expanded.clear()


def draw_again(panel) -> None:
    """Draw a section anew, and with it the tree."""
    panel.draw({"section": "unknown", **row("Never shown")})


def drawn(panel) -> list[str]:
    return panel.tree.Model.DataModel.root.shown()


def node_of(panel, text: str) -> Node:
    nodes = [panel.tree.Model.DataModel.root]
    for node in nodes:
        nodes += node.children
    return next(node for node in nodes if node.text == text)


def test_what_is_closed_is_drawn_when_it_is_opened(panel):
    draw_sections(panel)
    draw_again(panel)
    assert drawn(panel) == ["Findings +", "  A0", "  no place", "Trace +"]
    assert (panel.tree.expanded, panel.drawing) == (["Findings"], False)
    trace = node_of(panel, "Trace")
    for _ in range(2):  # opened again nothing is added
        panel.opened(trace)
    panel.opened(node_of(panel, "no place"))
    panel.opened(Node("strange", False))
    assert drawn(panel)[3:] == ["Trace +", "  T +"]


@pytest.mark.parametrize("found", [[row("A"), row("B", more="x")], []])
def test_more_rows_are_asked_for_and_shown_where_the_tree_is_still_there(panel, found):
    draw_sections(panel)
    panel.opened(node_of(panel, "Trace"))
    node = node_of(panel, "T")
    panel.opened(node)
    ((what, given, then),) = panel.session.asked
    assert (what, given) == ("open", {"cell": "Index!T9"})
    then(found)
    assert node.shown() == (["A", "B +"] if found else [])
    assert (node.on_demand, panel.tree.expanded) == (
        bool(found),
        ["T"] if found else [],
    )


def test_rows_that_come_after_the_tree_was_drawn_anew_wait_in_their_section(panel):
    draw_sections(panel)
    panel.opened(node_of(panel, "Trace"))
    old = node_of(panel, "T")
    panel.opened(old)
    draw_again(panel)
    panel.session.asked[0][2]([row("A")])
    assert (old.shown(), panel.sections["trace"]["rows"][0]["rows"]) == (
        [],
        [row("A")],
    )
    panel.opened(node_of(panel, "Trace"))
    panel.opened(node_of(panel, "T"))
    assert drawn(panel)[3:] == ["Trace +", "  T +", "    A"]
    assert len(panel.session.asked) == 1


def test_the_cell_of_a_chosen_row_is_gone_to(panel):
    draw_sections(panel)
    for text in ("A0", "no place", "Findings", None):
        panel.tree.selected = node_of(panel, text) if text else None
        panel.chosen()
    assert panel.session.jumps == ["Data!B2"]
    panel.drawing = True
    panel.tree.selected = node_of(panel, "A0")
    panel.chosen()
    assert panel.session.jumps == ["Data!B2"]


@pytest.mark.parametrize(
    ("text", "depth", "lines"),
    [
        ("", 0, [""]),
        ("one line", 0, ["one line"]),
        ("a sentence of more words", 0, ["a sentence of more ", "\u2003words"]),
        ("a sentence of more words", 2, ["a sentence of ", "\u2003more words"]),
        ("共有十二个中文的字。", 1, ["共有十二个中文的", "\u2003字。"]),
        ("共有十二个中文的字（啊）！", 0, ["共有十二个中文的字（", "\u2003啊）！"]),
        ("=" + 30 * "x", 0, ["=" + 23 * "x", "\u2003" + 7 * "x"]),
    ],
)
def test_a_row_is_as_many_lines_as_its_text_needs(panel, text, depth, lines):
    node = Node("", True)
    for _ in range(depth):
        below = Node("", True)
        node.appendChild(below)
        node = below
    panel.width = 220
    assert panel._lines(text, node) == lines


def test_each_line_of_a_row_leads_to_its_cell_and_the_last_to_what_is_below(panel):
    long = row("a sentence of more words", "Data!B2", [row("below")])
    panel.draw({"section": "findings", **row("Findings", rows=[long], expanded=True)})
    panel.width = 160
    panel._draw_tree()
    lines = ["a sentence ", "\u2003of more ", "\u2003words +"]
    assert [line.strip(" ") for line in drawn(panel)[1:]] == [
        line.strip(" ") for line in lines
    ]
    for text in ("a sentence ", "\u2003words"):
        panel.tree.selected = node_of(panel, text)
        panel.chosen()
    assert panel.session.jumps == ["Data!B2"] * 2
    panel.opened(node_of(panel, "\u2003words"))
    assert drawn(panel)[-1].strip() == "below"


def test_the_panel_is_a_column_of_controls_that_fill_the_window(panel, monkeypatch):
    created: list[str] = []
    monkeypatch.setattr(
        panel.module, "create", lambda _, name: created.append(name) or MagicMock()
    )
    for listener in ("_Pressed", "_Chosen", "_Opened", "_Resized"):
        monkeypatch.setattr(panel.module, listener, MagicMock())
    made = panel.module.SidebarPanel(None, None, None, "", MagicMock())
    kinds = {name.removesuffix("Model") for name in created} - {
        "com.sun.star.awt.Toolkit"
    }
    names = (
        "UnoControlContainer",
        "UnoControlFixedText",
        "UnoControlButton",
    )
    assert kinds == {
        f"com.sun.star.awt.{name}" for name in (*names, "tree.TreeControl")
    }
    made.window.getPosSize.return_value = types.SimpleNamespace(Width=300, Height=600)
    column = [
        made.headline,
        *made.buttons,
        made.status,
        made.tree,
    ]
    made.headline.calcAdjustedSize.return_value.Height = 34
    for height in (17, 85):
        made.status.calcAdjustedSize.return_value.Height = height
        made.lay_out()
        places = [control.setPosSize.call_args.args for control in column]
        gaps = [below[1] - above[1] - above[3] for above, below in pairwise(places)]
        assert gaps == [4] * 7
        assert (places[0][3], places[-2][3]) == (34, height)
        assert places[-1][1] + places[-1][3] == 600 - 4
        assert made.width == 300 - 2 * 4


def test_what_a_document_says_is_shown(panel):
    panel.draw({"note": "Reading."})
    panel.draw({"headline": "Do not use it.", "verdict": "fail"})
    assert (panel.status.text, panel.headline.text) == ("Reading.", "Do not use it.")
    colours = [panel.headline.Model.TextColor]
    for verdict in ("pass", "draft", "other"):
        panel.draw({"headline": verdict, "verdict": verdict})
        colours.append(panel.headline.Model.TextColor)
    assert (len({*colours}), colours[-1]) == (4, 0)
    panel.draw({"problem": "No.", "note": "Never said."})
    assert panel.status.text == "No."
    panel.draw({"note": "Saved."})
    assert panel.status.text == "Saved."
    draw_sections(panel)
    # What is shown closes the others.
    shown = row("Trace", rows=[row("T")], expanded=True)
    panel.draw({"section": "trace", **shown})
    assert [panel.sections[name]["expanded"] for name in ("findings", "trace")] == [
        False,
        True,
    ]
    again = row("Again", rows=[row("U")], expanded=True)
    panel.draw({"section": "trace", **again})
    assert drawn(panel) == ["Findings +", "Again +", "  U"]


def test_cells_without_a_value_are_read_with_their_error(monkeypatch):
    sheet = MagicMock()
    used = sheet.getCellRangeByPosition.return_value
    used.getDataArray.return_value = ((1.0, None), ("", 2.0), (None, None))
    sheet.getCellByPosition = lambda column, row: MagicMock(
        getError=lambda: 500 + 10 * row + column
    )
    errors = load(monkeypatch, "xlcity_office").cells(sheet)["errors"]
    assert errors == [(1, 2, 501), (3, 1, 520), (3, 2, 521)]
