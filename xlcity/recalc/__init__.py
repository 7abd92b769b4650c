"""Computes a workbook with no spreadsheet program open: engines behind one protocol."""

from xlcity.recalc.workbook import Recalculated as Recalculated
from xlcity.recalc.workbook import patched as patched
from xlcity.recalc.workbook import recalculate as recalculate
