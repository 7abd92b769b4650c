"""LibreOffice Calc with a window on a virtual screen; run by a Python that has `uno`.

Reads one JSON document from stdin: `soffice`, `profile` (a folder), `file` and `steps`, each an
action with its arguments. Prints what the steps return as JSON. A person's ways are taken: buttons
are found by their label and pressed, rows of the panel are chosen, real clicks where xdotool is.
"""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

import uno
from com.sun.star.accessibility import AccessibleRole as Role
from com.sun.star.accessibility import AccessibleStateType as State

PATIENCE = 90
#: What the second and further lines of a row of the panel begin with.
LATER_LINE = "\u2003"
#: What is not looked into: each question to the other process takes its time.
_CLOSED = (
    Role.TABLE,
    Role.DOCUMENT,
    Role.DOCUMENT_SPREADSHEET,
    Role.MENU_BAR,
    Role.TREE,
    Role.PUSH_BUTTON,
    Role.TOGGLE_BUTTON,
    Role.BUTTON_DROPDOWN,
    Role.COMBO_BOX,
    Role.STATUS_BAR,
    Role.PAGE_TAB_LIST,
)


class Screen:
    """A window, and what can be done in it."""

    def __init__(self, task, display):
        self.display = display
        self._panel = None
        self.pipe = f"xlcityscreen{os.getpid()}"
        self.office = subprocess.Popen(
            [
                task["soffice"],
                f"-env:UserInstallation={pathlib.Path(task['profile']).as_uri()}",
                "--norestore",
                "--nologo",
                "--nolockcheck",
                "--nofirststartwizard",
                f"--accept=pipe,name={self.pipe};urp;",
                task["file"],
            ],
            env={**os.environ, "DISPLAY": display, "SAL_USE_VCLPLUGIN": "gen"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        context = uno.getComponentContext()
        resolver = context.ServiceManager.createInstanceWithContext(
            "com.sun.star.bridge.UnoUrlResolver", context
        )
        url = f"uno:pipe,name={self.pipe};urp;StarOffice.ComponentContext"
        there = self.until(lambda: resolver.resolve(url))
        self.manager = there.ServiceManager
        self.desktop = self.manager.createInstanceWithContext(
            "com.sun.star.frame.Desktop", there
        )
        self.document = self.until(self._loaded)
        self.frame = self.document.CurrentController.Frame

    def _loaded(self):
        # The current one is none where the window has not got the focus.
        every = self.desktop.Components.createEnumeration()
        while every.hasMoreElements():
            found = every.nextElement()
            if hasattr(found, "Sheets") and found.CurrentController:
                return found
        return None

    def until(self, ask, patience=PATIENCE):
        end = time.monotonic() + patience
        while time.monotonic() < end:
            with contextlib.suppress(Exception):
                found = ask()
                if found:
                    return found
            time.sleep(0.05)
        raise SystemExit(f"waited in vain for {ask}")

    def parts(self, role, within=None):
        """Yield what the window shows of a kind."""
        context = (within or self.frame.ContainerWindow).getAccessibleContext()
        kind = context.getAccessibleRole()
        if kind == role:
            yield context
        if kind in _CLOSED:
            return
        for number in range(min(context.getAccessibleChildCount(), 200)):
            child = context.getAccessibleChild(number)
            if child is not None:
                yield from self.parts(role, child)

    def panel(self, role):
        """Yield what the panel shows of a kind; the whole window is looked through once."""
        if self._panel is None:
            self._panel = next(self.parts(Role.TREE)).getAccessibleParent()
        return self.parts(role, self._panel)

    def cell(self, sheet, cell):
        return self.document.Sheets.getByName(sheet).getCellRangeByName(cell)

    def type(self, sheet, cell, value):
        if isinstance(value, str):
            self.cell(sheet, cell).setString(value)
        else:
            self.cell(sheet, cell).setValue(value)

    def typed(self, sheet, cell, text):
        """Type a text as a person does: 1/4 is a date then, and =1/0 a formula."""
        self.cell(sheet, cell).setPropertyValue("FormulaLocal", text)

    def hold(self, path):
        """Keep the workbook open until there is a file."""
        self.until(pathlib.Path(path).exists)

    def value(self, sheet, cell):
        (row,) = self.cell(sheet, cell).getDataArray()
        return row[0]

    def select(self, sheet, cell):
        controller = self.document.CurrentController
        controller.setActiveSheet(self.document.Sheets.getByName(sheet))
        controller.select(self.cell(sheet, cell))

    def selected(self):
        controller = self.document.CurrentController
        place = controller.getSelection().AbsoluteName.replace("$", "")
        return place.rpartition(".")[0] + "!" + place.rpartition(".")[2]

    def enter(self, sheet, cell, text):
        """Go to a cell and type into it, without leaving it."""
        self.select(sheet, cell)
        self.frame.ComponentWindow.setFocus()
        self.keys("type", text)

    def leave(self):
        """Go to the next cell with the keyboard."""
        before = self.selected()
        self.keys("key", "Down")
        self.until(lambda: self.selected() != before)

    def keys(self, *words):
        """Use the keyboard."""
        subprocess.run(
            ["xdotool", *words], env={**os.environ, "DISPLAY": self.display}, check=True
        )

    def press(self, label):
        """Press a button of the toolbar or the panel; return how long the window was busy."""
        button = self.until(lambda: next(self._buttons(label)))
        start = time.monotonic()
        button.doAccessibleAction(0)
        self.document.CurrentController.getSelection()  # answered when the window is free again
        busy = time.monotonic() - start
        time.sleep(0.5)  # the toolbar passes a press on when it has drawn it
        return busy

    def _buttons(self, label):
        """Yield the buttons of a name, those of the panel first once it is there."""
        for parts in (self.panel, self.parts) if self._panel else (self.parts,):
            for one in parts(Role.PUSH_BUTTON):
                if one.getAccessibleName() == label:
                    yield one

    def click(self, context):
        """Click in the middle of something that is shown."""
        place = context.getLocationOnScreen()
        size = context.getSize()
        x = place.X + min(30, size.Width // 2)
        y = place.Y + size.Height // 2
        subprocess.run(
            ["xdotool", "mousemove", str(x), str(y), "click", "1"],
            env={**os.environ, "DISPLAY": self.display},
            check=True,
        )

    def wait(self, text):
        """Wait until a label of the panel begins with a text."""
        return self.until(
            lambda: next(
                one.getAccessibleName()
                for one in self.panel(Role.LABEL)
                if one.getAccessibleName().startswith(text)
            )
        )

    def entries(self):
        (tree,) = self.panel(Role.TREE)
        return [*self._entries(tree)]

    def _entries(self, context):
        for number in range(context.getAccessibleChildCount()):
            child = context.getAccessibleChild(number).getAccessibleContext()
            yield child
            yield from self._entries(child)

    def rows(self):
        return [text for text, _ in self._rows(self.entries())]

    @staticmethod
    def _rows(entries):
        """Return each row's text, which may take several lines, and its last line."""
        rows = []
        for entry in entries:
            line = entry.getAccessibleName()
            if line.startswith(LATER_LINE):
                line = rows.pop()[0] + line.removeprefix(LATER_LINE)
            rows.append((line, entry))
        return rows

    def choose(self, text):
        """Choose a row of the panel: by a click where xdotool is, else as a screen reader does."""
        entry = self.until(
            lambda: next(e for t, e in self._rows(self.entries()) if text in t)
        )
        if shutil.which("xdotool"):
            self.click(entry)
        else:
            parent = entry.getAccessibleParent().getAccessibleContext()
            parent.selectAccessibleChild(entry.getAccessibleIndexInParent())
        time.sleep(0.5)
        return self.selected()

    def walk(self, text, end):
        """Open the chosen row by the keyboard, go to a row below with a text, and so on to the end.

        Returns each row with the cell that it led to; the last begins with `end`.
        """
        whole, entry = next(
            row for row in self._rows(self.entries()) if self._is_chosen(row[1])
        )
        steps = []
        while True:
            steps.append((whole, self.selected()))
            if whole.startswith(end):
                return steps
            self._open(entry)
            below = [
                entry.getAccessibleChild(number).getAccessibleContext()
                for number in range(entry.getAccessibleChildCount())
            ]
            rows = self._rows(below)
            whole, entry = next(
                (whole, line)
                for key in (end, text)
                for whole, line in rows
                if whole.startswith(key) or (key == text and key in whole)
            )
            down = [line.getAccessibleIndexInParent() for line in below].index(
                entry.getAccessibleIndexInParent()
            )
            self.keys("key", *["Down"] * (down + 1))
            self.until(lambda now=entry: self._is_chosen(now))

    def _open(self, entry):
        self.keys("key", "Right")
        try:
            self.until(entry.getAccessibleChildCount, PATIENCE / 3)
        except SystemExit:  # a key is lost while the window is busy
            self.keys("key", "Right")
            self.until(entry.getAccessibleChildCount)

    @staticmethod
    def _is_chosen(entry):
        return entry.getAccessibleStateSet().contains(State.SELECTED)

    def run(self, command):
        helper = self.manager.createInstance("com.sun.star.frame.DispatchHelper")
        helper.executeDispatch(self.frame, command, "", 0, ())

    def trace_precedents(self, sheet, cell, name):
        """Go from a cell to what it reads by Trace Precedents, until a formula has `name` in it.

        Each step goes to the first number of the same row among the precedents. Returns for each
        its cell, formula, precedents on the sheet, and how many arrows were drawn.
        """
        cells = self.document.Sheets.getByName(sheet)
        steps = []
        while True:
            self.select(sheet, cell)
            here = self.cell(sheet, cell)
            arrows = cells.DrawPage.getCount()
            self.run(".uno:ShowPrecedents")
            arrows = cells.DrawPage.getCount() - arrows
            read = here.queryPrecedents(False)
            place = here.getCellAddress()
            areas = read.getRangeAddressesAsString()
            steps.append((cell, here.getFormula(), areas, arrows))
            columns = [
                column
                for area in read.getRangeAddresses()
                if area.StartRow <= place.Row <= area.EndRow
                for column in range(area.StartColumn, area.EndColumn + 1)
                # A formula is among its own precedents.
                if column != place.Column
                and cells.getCellByPosition(column, place.Row).getValue()
            ]
            if name in here.getFormula() or not columns:
                return steps
            there = cells.getCellByPosition(min(columns), place.Row)
            cell = there.AbsoluteName.rpartition(".")[2].replace("$", "")

    def kill_helper(self):
        """End the helper from outside."""
        ended = 0
        for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):
                if b"xlcity.extension.answers" in path.read_bytes():
                    parent = (
                        (path.parent / "stat").read_text().rpartition(")")[2].split()[1]
                    )
                    ours = pathlib.Path(f"/proc/{parent}/cmdline").read_bytes()
                    if self.pipe.encode() in ours:
                        os.kill(int(path.parent.name), signal.SIGKILL)
                        ended += 1
        return ended

    def program(self, *words):
        """Run a program beside Calc; return how it ended, and its messages."""
        ended = subprocess.run(words, capture_output=True, text=True, check=False)
        return ended.returncode, ended.stderr

    def picture(self, path):
        subprocess.run(
            ["import", "-display", self.display, "-window", "root", path], check=False
        )

    def save(self):
        self.document.store()

    def save_refused(self):
        """Save where that cannot be; return whether Calc refused."""
        try:
            self.document.store()
        except Exception:
            return True
        return False

    def save_as(self, path):
        options = uno.createUnoStruct("com.sun.star.beans.PropertyValue")
        given = {one.Name: one.Value for one in self.document.getArgs()}
        options.Name = "FilterName"
        options.Value = given["FilterName"]
        self.document.storeAsURL(pathlib.Path(path).as_uri(), (options,))

    def close(self):
        with contextlib.suppress(Exception):
            self.document.setModified(False)
            self.document.close(True)
        with contextlib.suppress(Exception):
            self.desktop.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.office.wait(20)


def main():
    task = json.load(sys.stdin)
    read, write = os.pipe()
    server = subprocess.Popen(
        [
            "Xvfb",
            "-displayfd",
            str(write),
            "-screen",
            "0",
            "1400x900x24",
            "-nolisten",
            "tcp",
        ],
        pass_fds=(write,),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    others = [server]
    try:
        display = ":" + os.read(read, 16).decode().strip()
        if shutil.which("openbox"):
            others.append(
                subprocess.Popen(
                    ["openbox"],
                    env={**os.environ, "DISPLAY": display},
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
            )
        screen = Screen(task, display)
        others.append(screen.office)
        found = [getattr(screen, action)(*given) for action, *given in task["steps"]]
        screen.close()
        json.dump(found, sys.stdout)
    finally:
        for process in reversed(others):
            process.kill()
            process.wait()


main()
