"""Edits workbooks in LibreOffice as a person would; run by the Python that LibreOffice comes with.

Reads one JSON document from stdin: `soffice`, `profile` (a folder of its own) and `jobs`, each with
`source`, `target` and `steps`, and whether to calculate everything at the end (`hard`). Rows and
columns count from 1, as on the screen.
"""

import contextlib
import json
import os
import pathlib
import subprocess
import sys
import time

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.table import TableSortField

XLSX = "Calc MS Excel 2007 XML"


class NotLoadedError(Exception):
    """A module is not among the functions of a profile."""


def properties(**values):
    return tuple(
        PropertyValue(Name=name, Value=value) for name, value in values.items()
    )


def connect(pipe, process):
    context = uno.getComponentContext()
    resolver = context.ServiceManager.createInstanceWithContext(
        "com.sun.star.bridge.UnoUrlResolver", context
    )
    while process.poll() is None:
        try:
            there = resolver.resolve(
                f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext"
            )
        except Exception:
            time.sleep(0.1)
            continue
        manager = there.ServiceManager
        desktop = manager.createInstanceWithContext("com.sun.star.frame.Desktop", there)
        return desktop, manager, there
    raise SystemExit(f"LibreOffice ended with {process.returncode}")


def load_functions(manager, context, module):
    """Load the profile's Basic functions: a workbook opened before them shows #NAME?.

    `module` is the one that must be among them, "" for none.

    Raises
    ------
    NotLoadedError
        If it isn't: a LibreOffice reached while it starts may have listed its libraries too early.
    """
    name = "com.sun.star.script.ApplicationScriptLibraryContainer"
    for _ in range(100):
        libraries = manager.createInstanceWithContext(name, context)
        if libraries is not None and libraries.hasByName("Standard"):
            libraries.loadLibrary("Standard")
            if not module or libraries.getByName("Standard").hasByName(module):
                return
        if not module:
            return
        time.sleep(0.1)
    raise NotLoadedError(f"LibreOffice has not loaded the Basic module {module}")


def set_cell(sheet, cell, value):
    """Put a value into a cell; None empties it."""
    found = sheet.getCellRangeByName(cell)
    if value is None:
        found.setFormula("")  # also where the sheet is protected
    elif isinstance(value, str):
        found.setString(value)
    else:
        found.setValue(value)


def type_in(sheet, cell, text):
    """Type a text into a cell: 3.5% is a number in per cent then."""
    sheet.getCellRangeByName(cell).setPropertyValue("FormulaLocal", text)


def insert_rows(sheet, row, count=1):
    sheet.Rows.insertByIndex(row - 1, count)


def delete_rows(sheet, row, count=1):
    sheet.Rows.removeByIndex(row - 1, count)


def sort(sheet, cells, column, ascending=True):
    field = TableSortField()
    field.Field = column - 1
    field.IsAscending = ascending
    fields = uno.Any("[]com.sun.star.table.TableSortField", (field,))
    sheet.getCellRangeByName(cells).sort(
        properties(SortFields=fields, ContainsHeader=False, IsSortColumns=False)
    )


def press(document, context, sheet, cell, command):
    """Put the cursor in a cell and press a button, such as .uno:SortAscending."""
    controller = document.getCurrentController()
    controller.setActiveSheet(document.Sheets.getByName(sheet))
    dispatcher = context.createInstance("com.sun.star.frame.DispatchHelper")
    frame = controller.Frame
    dispatcher.executeDispatch(frame, ".uno:GoToCell", "", 0, properties(ToPoint=cell))
    dispatcher.executeDispatch(frame, command, "", 0, ())


def cut(sheet, cells, to):
    """Cut cells and paste them with their left upper corner at `to`."""
    source = sheet.getCellRangeByName(cells).getRangeAddress()
    sheet.moveRange(sheet.getCellRangeByName(to).getCellAddress(), source)


def copy(sheet, cells, to):
    source = sheet.getCellRangeByName(cells).getRangeAddress()
    sheet.copyRange(sheet.getCellRangeByName(to).getCellAddress(), source)


def move_row(sheet, row, to, columns):
    """Cut the cells of a row and insert them before the row `to`; the gap they leave is closed."""
    insert_rows(sheet, to)
    source = row + 1 if row >= to else row
    cut(sheet, f"A{source}:{columns}{source}", f"A{to}")
    delete_rows(sheet, source)


ACTIONS = {
    "set": set_cell,
    "type": type_in,
    "insert_rows": insert_rows,
    "delete_rows": delete_rows,
    "sort": sort,
    "cut": cut,
    "copy": copy,
    "move_row": move_row,
}


def work(desktop, manager, job):
    url = pathlib.Path(job["source"]).as_uri()
    document = desktop.loadComponentFromURL(url, "_blank", 0, properties(Hidden=True))
    if document is None:
        raise SystemExit(f"LibreOffice cannot load {job['source']}")
    for action, sheet, *arguments in job["steps"]:
        # Many entries are calculated at once.
        document.enableAutomaticCalculation(action != "set" or job["hard"])
        if action == "remove_sheet":
            document.Sheets.removeByName(sheet)
        elif action == "press":
            press(document, manager, sheet, *arguments)
        elif action == "store":
            store(document, sheet)
        else:
            ACTIONS[action](document.Sheets.getByName(sheet), *arguments)
    if job["hard"]:
        document.calculateAll()
    store(document, job["target"])
    document.close(True)


def store(document, path):
    document.enableAutomaticCalculation(True)
    document.storeToURL(pathlib.Path(path).as_uri(), properties(FilterName=XLSX))


def main():
    try:
        run(json.load(sys.stdin), f"xlcity{os.getpid()}")
    except NotLoadedError as error:
        raise SystemExit(f"{error}.") from None


def run(task, pipe):
    """Start LibreOffice, do the jobs and end it."""
    profile = pathlib.Path(task["profile"]).as_uri()
    process = subprocess.Popen(
        [
            task["soffice"],
            f"-env:UserInstallation={profile}",
            "--headless",
            "--norestore",
            "--nolockcheck",
            "--nodefault",
            "--nofirststartwizard",
            f"--accept=pipe,name={pipe};urp;",
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        desktop, manager, context = connect(pipe, process)
        try:
            load_functions(manager, context, task["module"])
            for job in task["jobs"]:
                work(desktop, manager, job)
        finally:
            with contextlib.suppress(Exception):  # it is gone before it has answered
                desktop.terminate()
            process.wait(20)
    finally:
        if process.poll() is None:
            process.kill()


if __name__ == "__main__":
    main()
