"""What is asked of LibreOffice itself: its services, settings and cells.

Part of the extension: runs in LibreOffice's own Python (3.7 and later), standard library only.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import uno
import unohelper


class Listener(unohelper.Base):
    """Base of the listeners: each kind receives one sort of event from LibreOffice."""

    def __init__(self, owner: Any) -> None:
        self.owner = owner

    def ignore(self, _: Any) -> None:
        pass

    disposing = ignore


def create(context: Any, service: str) -> Any:
    """Return a service of LibreOffice."""
    return context.ServiceManager.createInstanceWithContext(service, context)


def setting(context: Any, node: str, name: str) -> Any:
    """Return a value of LibreOffice's settings."""
    provider = create(context, "com.sun.star.configuration.ConfigurationProvider")
    path = uno.createUnoStruct(
        "com.sun.star.beans.PropertyValue", "nodepath", 0, node, 0
    )
    access = "com.sun.star.configuration.ConfigurationAccess"
    return provider.createInstanceWithArguments(access, (path,)).getByName(name)


def user_file(context: Any, name: str) -> str:
    """Return the path of a file in the user's profile."""
    places = create(context, "com.sun.star.util.PathSubstitution")
    folder = uno.fileUrlToSystemPath(places.substituteVariables("$(user)", True))
    return str(Path(folder) / name)


def cells(sheet: Any) -> dict[str, Any]:
    """Return all cells of a sheet as they are."""
    cursor = sheet.createCursor()
    cursor.gotoEndOfUsedArea(False)
    end = cursor.RangeAddress
    used = sheet.getCellRangeByPosition(0, 0, end.EndColumn, end.EndRow)
    values = used.getDataArray()
    errors = [
        (row + 1, column + 1, sheet.getCellByPosition(column, row).getError())
        for row, line in enumerate(values)
        if None in line
        for column, value in enumerate(line)
        if value is None
    ]
    return {"formulas": used.getFormulaArray(), "values": values, "errors": errors}
