"""City indices computed and audited inside spreadsheets."""

import importlib

# As in `typing`, which takes longer to import than all else that the command needs to start.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from xlcity import functions as functions
    from xlcity.api.audits import audit_tables as audit_tables
    from xlcity.api.audits import audit_text as audit_text
    from xlcity.api.data import Data as Data
    from xlcity.api.data import read_data as read_data
    from xlcity.api.index import Index as Index
    from xlcity.api.remarks import DataWarning as DataWarning
    from xlcity.api.workbook import Workbook as Workbook
    from xlcity.errors import XlcityError as XlcityError
    from xlcity.functions.decorator import function as function
    from xlcity.model.framework import Framework as Framework
    from xlcity.reports import load_report as load_report

__version__ = "0.1.0"

#: Name -> module it is loaded from when it is asked for: the command line must start without numpy.
_LAZY = {
    "Data": "xlcity.api.data",
    "DataWarning": "xlcity.api.remarks",
    "Framework": "xlcity.model.framework",
    "Index": "xlcity.api.index",
    "Workbook": "xlcity.api.workbook",
    "XlcityError": "xlcity.errors",
    "audit_tables": "xlcity.api.audits",
    "audit_text": "xlcity.api.audits",
    "function": "xlcity.functions.decorator",
    "load_report": "xlcity.reports",
    "read_data": "xlcity.api.data",
}


def __getattr__(name: str) -> "Any":
    if name == "functions":
        return importlib.import_module("xlcity.functions")
    if name in _LAZY:
        return getattr(importlib.import_module(_LAZY[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), *_LAZY, "functions"]
