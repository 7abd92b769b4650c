"""Computes a workbook with no spreadsheet program open: engines behind one protocol."""
