"""The buttons and the panel in LibreOffice Calc: collects what is asked, draws what is answered.

Runs in LibreOffice's own Python (3.7 and later), standard library only. All thinking is done by
the helper, see `xlcity_pipe`; texts come from `texts.json` beside this file.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Callable

import uno
import unohelper
from com.sun.star.awt import XCallback
from com.sun.star.frame import XDispatch, XDispatchProvider
from com.sun.star.lang import XInitialization
from com.sun.star.ui import XUIElementFactory
from com.sun.star.util import XModifyListener
from com.sun.star.view import XSelectionChangeListener
from xlcity_office import Listener, cells, create, setting, user_file
from xlcity_panel import SidebarPanel
from xlcity_pipe import Pipe

IDENTIFIER = "org.xlcity.buttons"
HANDLER = IDENTIFIER + ".Handler"
FACTORY = IDENTIFIER + ".PanelFactory"
DECK = "XlcityDeck"

_sessions: list[Session] = []
_pipe: Pipe | None = None


class Session:
    """One window of Calc: its panel, and what was asked last."""

    def __init__(self, context: Any, frame: Any) -> None:
        self.context = context
        self.frame = frame
        self.language = str(setting(context, "/org.openoffice.Setup/L10N", "ooLocale"))[
            :2
        ]
        texts = json.loads(
            Path(__file__).with_name("texts.json").read_text(encoding="utf-8")
        )
        self.texts: dict[str, str] = texts.get(self.language, texts["en"])
        self.panel: SidebarPanel | None = None
        #: Documents for a panel that is not open yet.
        self.waiting: list[dict[str, Any]] = []
        #: Counts changes of the workbook, and which of these the helper has seen.
        self.state = 0
        self.sent = -1
        self.model: Any = None
        self.follows = self.jumps = self.reading = False

    @property
    def pipe(self) -> Pipe:
        """The helper of all windows."""
        global _pipe
        if _pipe is None:
            _pipe = Pipe(user_file(self.context, "xlcity.json"))
        return _pipe

    def press(self, verb: str) -> None:
        """Answer a button."""
        if verb == "cancel":
            if self.reading:
                self.reading = False
                self.draw({"problem": self.texts["fault.cancelled"]})
            else:
                self.pipe.cancel()
            return
        self.show_panel()
        if verb.startswith("form."):
            self.ask("page", {"form": verb[len("form.") :]})
        elif verb != "panel":
            self.end_entry()
            if verb == "trace":
                self.follows = True
            self.ask(verb, {"cell": self.selected()})

    def ask(
        self,
        verb: str,
        given: dict[str, Any],
        receive: Callable[[Any], None] | None = None,
        again: bool = True,
    ) -> None:
        """Ask the helper; what it answers is drawn, or given to `receive`.

        A helper that has ended meanwhile is started and asked `again`, once.
        """
        if self.pipe.busy or self.reading:
            self.draw({"note": self.texts["busy"]})
            return
        screen = self.screen()
        if screen is None:
            self.draw({"problem": self.texts["unsaved"]})
            return
        question = {"ask": verb, "language": self.language, "screen": screen}
        question |= given
        self.draw({"note": self.texts.get("busy." + verb, self.texts["busy.ask"])})
        callback = create(self.context, "com.sun.star.awt.AsyncCallback")

        def later(document: dict[str, Any]) -> None:
            # Called in a thread: nothing of LibreOffice is touched but this.
            def draw() -> None:
                if again and document.get("fault") == "ended":
                    self.sent = -1
                    self.ask(verb, given, receive, again=False)
                else:
                    self._received(document, receive)

            callback.addCallback(_Later(draw), None)

        if "sheets" in screen:
            self.reading = True
            self._read(
                list(screen["sheets"]), screen, lambda: self.pipe.ask(question, later)
            )
        else:
            self.pipe.ask(question, later)

    def _read(
        self, names: list[str], screen: dict[str, Any], ask: Callable[[], None]
    ) -> None:
        """Read one sheet after the other, then ask: between them the window is free."""
        if not self.reading:
            return  # cancelled
        try:
            if screen["state"] != self.state:  # something was typed meanwhile
                screen["state"], names = self.state, list(screen["sheets"])
            if names:
                screen["sheets"][names[0]] = cells(
                    self.model.Sheets.getByName(names[0])
                )
                again = _Later(lambda: self._read(names[1:], screen, ask))
                callback = create(self.context, "com.sun.star.awt.AsyncCallback")
                callback.addCallback(again, None)
                return
        except Exception:  # the workbook was closed, or a sheet removed
            self.reading = False
            self.draw({"problem": self.texts["fault.ended"]})
            return
        self.reading = False
        self.sent = self.state
        ask()

    def _received(
        self, document: dict[str, Any], receive: Callable[[Any], None] | None
    ) -> None:
        if "fault" in document:
            document = {"problem": self.texts["fault." + document["fault"]]}
        if "problem" in document:
            self.sent = -1  # the helper has no workbook to go on with
        if receive is not None and "rows" in document:
            self.draw({"note": ""})
            receive(document["rows"])
        else:
            self.draw(document)

    def draw(self, document: dict[str, Any]) -> None:
        """Show a document, or keep it until there is a panel."""
        if self.panel is None:
            self.waiting.append(document)
        else:
            self.panel.draw(document)

    def screen(self) -> dict[str, Any] | None:
        """Return what is on the screen; None for a workbook without a file."""
        model = self.frame.Controller.Model
        if self.model is None or self.model != model:
            self.model = model
            self.state = 0
            self.sent = -1
            model.addModifyListener(_Changed(self))
            self.frame.Controller.addSelectionChangeListener(_Selected(self))
        if not model.URL.startswith("file:"):
            return None
        shown: dict[str, Any] = {
            "file": uno.fileUrlToSystemPath(model.URL),
            "state": self.state,
        }
        if model.isModified() and not (self.pipe.alive and self.sent == self.state):
            shown["sheets"] = dict.fromkeys(model.Sheets.ElementNames)
        elif model.isModified():
            shown["same"] = True
        self.sent = self.state
        return shown

    def selected_range(self) -> Any:
        """Return where the selection is; None where it is several ranges, or a chart."""
        try:
            return self.frame.Controller.getSelection().getRangeAddress()
        except AttributeError:
            return None

    def selected(self) -> str:
        """Return the selected cell as `Sheet!C16`."""
        address = self.selected_range()
        if address is None:
            return ""
        sheet = self.frame.Controller.ActiveSheet
        column = sheet.Columns.getByIndex(address.StartColumn).Name
        name = sheet.Name
        if not re.match(r"[A-Za-z_]\w*\Z", name):
            name = "'" + name.replace("'", "''") + "'"
        return f"{name}!{column}{address.StartRow + 1}"

    def end_entry(self) -> None:
        """Take what is being typed into a cell: until the cursor moves, only Calc knows it."""
        controller = self.frame.Controller
        selected = controller.getSelection()
        address = self.selected_range()
        if address is None:
            return  # nothing is being typed
        helper = create(self.context, "com.sun.star.frame.DispatchHelper")
        first = controller.getVisibleRange().StartRow
        away = "GoUp" if address.StartRow > first else "GoDown"
        self.jumps = True
        try:
            helper.executeDispatch(self.frame, ".uno:" + away, "", 0, ())
            controller.select(selected)
        finally:
            self.jumps = False

    def jump(self, address: str) -> None:
        """Select a cell or range, `Sheet!A1:B2`."""
        name, _, cells = address.rpartition("!")
        if name.startswith("'"):
            name = name[1:-1].replace("''", "'")
        controller = self.frame.Controller
        self.jumps = True
        try:
            sheet = controller.Model.Sheets.getByName(name)
            controller.setActiveSheet(sheet)
            controller.select(sheet.getCellRangeByName(cells.split(",")[0]))
        except Exception:  # the sheet is gone, or hidden
            self.draw({"note": self.texts["no_cell"].format(address)})
        finally:
            self.jumps = False

    def follow(self) -> None:
        """Trace the cell that was selected, where that needs no reading of the workbook."""
        if self.jumps or not self.follows:
            return
        model = self.frame.Controller.Model
        if model.isModified() and self.sent != self.state:
            return
        if self.pipe.busy or not self.pipe.alive:
            return
        cell = self.selected()
        if cell:
            self.ask("trace", {"cell": cell})

    def show_panel(self) -> None:
        """Open the sidebar at the panel."""
        try:
            sidebar = self.frame.Controller.getSidebar()
            sidebar.setVisible(True)
            sidebar.showDecks(True)
            deck = sidebar.getDecks().getByName(DECK)
            if not deck.isActive():
                deck.activate(True)
        except Exception:
            return  # without a window there is no sidebar; answers wait for one


def session_of(context: Any, frame: Any) -> Session:
    """Return what is known of a window."""
    for session in _sessions:
        if session.frame == frame:
            return session
    session = Session(context, frame)
    _sessions.append(session)
    return session


class _Later(unohelper.Base, XCallback):
    """Runs something in LibreOffice's own thread."""

    def __init__(self, run: Callable[[], None]) -> None:
        self.run = run

    def notify(self, _: Any) -> None:
        self.run()


class _Changed(Listener, XModifyListener):
    """Counts the changes of a workbook."""

    def modified(self, _: Any) -> None:
        self.owner.state += 1

    def disposing(self, _: Any) -> None:
        """Forget a window that is closed."""
        if self.owner in _sessions:
            _sessions.remove(self.owner)
        if not _sessions and _pipe is not None:
            _pipe.stop()


class _Selected(Listener, XSelectionChangeListener):
    """Follows the selected cell."""

    def selectionChanged(self, _: Any) -> None:
        self.owner.follow()


class Handler(unohelper.Base, XDispatchProvider, XDispatch, XInitialization):
    """Answers menu and toolbar."""

    def __init__(self, context: Any) -> None:
        self.context = context
        self.frame = None

    def initialize(self, arguments: Any) -> None:
        if arguments:
            self.frame = arguments[0]

    def queryDispatch(self, url: Any, _name: str, _flags: int) -> Any:
        return self if url.Protocol == IDENTIFIER + ":" else None

    def queryDispatches(self, requests: Any) -> Any:
        return tuple(
            self.queryDispatch(
                request.FeatureURL, request.FrameName, request.SearchFlags
            )
            for request in requests
        )

    def dispatch(self, url: Any, _: Any) -> None:
        session_of(self.context, self.frame).press(url.Path)

    def addStatusListener(self, *_: Any) -> None:
        pass

    def removeStatusListener(self, *_: Any) -> None:
        pass


class PanelFactory(unohelper.Base, XUIElementFactory):
    """Makes the panel when the sidebar asks for it."""

    def __init__(self, context: Any) -> None:
        self.context = context

    def createUIElement(self, url: str, arguments: Any) -> Any:
        given = {argument.Name: argument.Value for argument in arguments}
        session = session_of(self.context, given["Frame"])
        panel = SidebarPanel(
            self.context, given["ParentWindow"], given["Frame"], url, session
        )
        session.panel = panel
        panel.draw({"headline": session.texts["verdict."]})
        waiting, session.waiting = session.waiting, []
        for document in waiting:
            panel.draw(document)
        return panel.element


g_ImplementationHelper = unohelper.ImplementationHelper()  # noqa: N816
g_ImplementationHelper.addImplementation(
    Handler, HANDLER, ("com.sun.star.frame.ProtocolHandler",)
)
g_ImplementationHelper.addImplementation(PanelFactory, FACTORY, (FACTORY,))
