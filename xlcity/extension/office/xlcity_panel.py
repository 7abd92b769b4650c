"""The panel in the sidebar: headline, buttons, status, and a tree of what was found.

Part of the extension: runs in LibreOffice's own Python (3.7 and later), standard library only.
"""

from __future__ import annotations

import re
from typing import Any

import unohelper
from com.sun.star.awt import FontDescriptor, Size, XActionListener, XWindowListener
from com.sun.star.awt.PosSize import POSSIZE
from com.sun.star.awt.tree import XTreeExpansionListener
from com.sun.star.ui import LayoutSize, XSidebarPanel, XToolPanel, XUIElement
from com.sun.star.ui.UIElementType import TOOLPANEL
from com.sun.star.view import XSelectionChangeListener
from com.sun.star.view.SelectionType import SINGLE
from xlcity_office import Listener, create

#: The sections of the tree, in their order.
SECTIONS = (
    "findings",
    "failed",
    "passed",
    "changed",
    "missing_count",
    "trace",
    "command.moves",
)
#: Button -> its text.
BUTTONS = {
    "check": "command.check",
    "trace": "command.trace",
    "moves": "command.moves",
    "page": "command.page",
    "cancel": "cancel",
}
_GAP = 4
_BUTTON = 26
_BOLD = 150.0
#: Before the second and further lines of a row of the tree.
LATER_LINE = "\u2003"
#: How far rows of the first level are from the edge, and each further level from the one above.
_EDGE = 56
_LEVEL = 22
#: What stays in one line: a Chinese sign with the marks behind it, or a word. The longest formula
#: has no spaces, so words end somewhere.
_PIECES = re.compile(
    r"[\u2e80-\uffff][\u3001\u3002\u201d\uff01\uff09\uff0c\uff1a\uff1b\uff1f]*"
    r"|[^\s\u2e80-\uffff]{1,24}\s*|\s"
)
_COLOURS = {"pass": 0x2E7D32, "draft": 0x8A6D00, "fail": 0xB71C1C}


class SidebarPanel:
    """Draws documents, see `xlcity.extension.answers`."""

    def __init__(
        self, context: Any, parent: Any, frame: Any, url: str, session: Any
    ) -> None:
        self.context = context
        self.session = session
        self.rows: dict[str, dict[str, Any]] = {}
        self.drawing = False
        self.width = 0
        self.sections: dict[str, dict[str, Any]] = {}
        toolkit = create(self.context, "com.sun.star.awt.Toolkit")
        self.window = create(self.context, "com.sun.star.awt.UnoControlContainer")
        self.window.setModel(
            create(self.context, "com.sun.star.awt.UnoControlContainerModel")
        )
        self.window.createPeer(toolkit, parent)
        self.headline = self._add(
            "FixedText", "headline", FontWeight=_BOLD, MultiLine=True
        )
        action = _Pressed(session)
        self.buttons = [self._button(verb, action) for verb in BUTTONS]
        self.status = self._add("FixedText", "status", MultiLine=True)
        self.data: Any = None
        self.tree = self._add(
            "tree.TreeControl",
            "tree",
            RootDisplayed=False,
            ShowsHandles=True,
            ShowsRootHandles=True,
            SelectionType=SINGLE,
            Editable=False,
        )
        self.tree.addSelectionChangeListener(_Chosen(self))
        self.tree.addTreeExpansionListener(_Opened(self))
        self.window.addWindowListener(_Resized(self))
        self.element = _Element(self, frame, url)
        self.window.setVisible(True)

    def _add(self, kind: str, name: str, **values: Any) -> Any:
        name_of_kind = (
            "com.sun.star.awt." + ("" if "." in kind else "UnoControl") + kind
        )
        model = create(self.context, name_of_kind + "Model")
        for key, value in values.items():
            model.setPropertyValue(key, value)
        control = create(self.context, name_of_kind)
        control.setModel(model)
        self.window.addControl(name, control)
        return control

    def _button(self, verb: str, action: Any) -> Any:
        button = self._add("Button", verb, Label=self.session.texts[BUTTONS[verb]])
        button.setActionCommand(verb)
        button.addActionListener(action)
        return button

    def lay_out(self) -> None:
        """Give each control its place."""
        size = self.window.getPosSize()
        width = max(60, size.Width - 2 * _GAP)
        room = Size()
        room.Width = width
        rows = [
            (self.headline, self.headline.calcAdjustedSize(room).Height),
            *((button, _BUTTON) for button in self.buttons),
            (self.status, self.status.calcAdjustedSize(room).Height),
            (self.tree, 0),
        ]
        taken = sum(height + _GAP for _, height in rows)
        y = _GAP
        for control, fixed in rows:
            height = fixed or max(80, size.Height - taken - _GAP)
            control.setPosSize(_GAP, y, width, height, POSSIZE)
            y += height + _GAP
        if width != self.width:
            self.width = width
            self._draw_tree()  # its lines are as long as it is wide

    def draw(self, document: dict[str, Any]) -> None:
        """Show a document."""
        if "headline" in document:
            self.headline.setText(document["headline"])
            self.headline.Model.TextColor = _COLOURS.get(document.get("verdict", ""), 0)
            self.lay_out()
        text = document.get("problem", document.get("note"))
        if text is not None:
            self.status.setText(text)
            self.lay_out()  # a long text takes more lines
        if "section" in document:
            self._section(document)

    def _section(self, document: dict[str, Any]) -> None:
        if document.get("expanded"):  # it is to be seen without scrolling
            for other in self.sections.values():
                other["expanded"] = False
        self.sections[document["section"]] = document
        self._draw_tree()

    def _draw_tree(self) -> None:
        """Draw the sections in which there is something."""
        # A tree is filled before it is shown: LibreOffice does not draw what is added to a root
        # that is hidden, and draws a thousand nodes one by one in seconds.
        self.drawing = True
        self.rows.clear()
        data = create(self.context, "com.sun.star.awt.tree.MutableTreeDataModel")
        root = data.createNode("", True)
        self.data = data
        expanded: list[Any] = []
        sections = (self.sections.get(name) for name in SECTIONS)
        self._append(root, [one for one in sections if one and one["rows"]], expanded)
        data.setRoot(root)
        self.tree.Model.DataModel = data
        for node in expanded:
            self.tree.expandNode(node)
        self.drawing = False

    def _append(
        self, node: Any, rows: list[dict[str, Any]], expanded: list[Any]
    ) -> None:
        """Put rows below a node, and below these what is to be seen at once."""
        for row in rows:
            key = str(len(self.rows))
            self.rows[key] = row
            *others, last = self._lines(row["text"], node)
            for text in others:
                self._add_line(node, text, key, has_more=False)
            has_more = bool(row["rows"] or row.get("more"))
            child = self._add_line(node, last, key, has_more=has_more)
            if row.get("expanded") and row["rows"]:
                expanded.append(child)
                self._append(child, row["rows"], expanded)

    def _add_line(self, node: Any, text: str, key: str, *, has_more: bool) -> Any:
        child = self.data.createNode(text, has_more)
        child.DataValue = key
        node.appendChild(child)
        return child

    def _lines(self, text: str, node: Any) -> list[str]:
        """Return a text in lines that are no wider than the tree is for rows below a node."""
        room = self.width - _EDGE
        while node.getParent() is not None:
            node = node.getParent()
            room -= _LEVEL
        lines = [""]
        for piece in _PIECES.findall(text):
            longer = lines[-1] + piece
            if lines[-1].strip() and self.measure(longer.rstrip()) > room:
                longer = LATER_LINE + piece
                lines.append("")
            lines[-1] = longer
        return lines

    def measure(self, text: str) -> int:
        """Return how wide a text is in the tree, in pixels."""
        font = self.tree.getPeer().getFont(FontDescriptor())  # the tree's own
        width: int = font.getStringWidth(text)
        return width

    def opened(self, node: Any) -> None:
        """Fill a node that is opened for the first time."""
        row = self.rows.get(node.DataValue or "")
        if row is None or node.getChildCount():
            return
        if row["rows"]:
            self._append(node, row["rows"], [])
        elif row.get("more"):
            data = self.data
            self.session.ask(
                "open",
                {"cell": row["more"]},
                lambda rows: self._arrived(data, node, row, rows),
            )

    def _arrived(
        self, data: Any, node: Any, row: dict[str, Any], rows: list[Any]
    ) -> None:
        row["rows"] = rows
        if self.data is not data:
            return  # the tree was drawn anew meanwhile
        self._append(node, rows, [])
        if rows:
            self.tree.expandNode(node)
        else:
            node.setHasChildrenOnDemand(False)

    def chosen(self) -> None:
        """Go to the cell of the chosen row."""
        if self.drawing:
            return  # LibreOffice chooses the first row by itself
        node = self.tree.getSelection()
        row = self.rows.get(node.DataValue or "") if node else None
        if row and row["cell"]:
            self.session.jump(row["cell"])


class _Element(unohelper.Base, XUIElement, XToolPanel, XSidebarPanel):
    """The panel as the sidebar sees it."""

    def __init__(self, panel: SidebarPanel, frame: Any, url: str) -> None:
        self.panel = panel
        self.Frame = frame
        self.ResourceURL = url
        self.Type = TOOLPANEL
        self.Window = panel.window

    def getRealInterface(self) -> Any:
        return self

    def createAccessible(self, _: Any) -> Any:
        return self.panel.window.getPeer()

    def getHeightForWidth(self, _: int) -> Any:
        return LayoutSize(360, -1, 560)

    def getMinimalWidth(self) -> int:
        return 250


class _Pressed(Listener, XActionListener):
    def actionPerformed(self, event: Any) -> None:
        self.owner.press(event.ActionCommand)


class _Chosen(Listener, XSelectionChangeListener):
    def selectionChanged(self, _: Any) -> None:
        self.owner.chosen()


class _Opened(Listener, XTreeExpansionListener):
    def requestChildNodes(self, event: Any) -> None:
        self.owner.opened(event.Node)

    treeExpanding = treeExpanded = Listener.ignore  # noqa: N815
    treeCollapsing = treeCollapsed = Listener.ignore  # noqa: N815


class _Resized(Listener, XWindowListener):
    def windowResized(self, _: Any) -> None:
        self.owner.lay_out()

    def windowShown(self, _: Any) -> None:
        self.owner.lay_out()

    windowMoved = windowHidden = Listener.ignore  # noqa: N815

    def disposing(self, _: Any) -> None:
        """Forget a panel that is closed."""
        if self.owner.session.panel is self.owner:
            self.owner.session.panel = None
