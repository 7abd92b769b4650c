"""Programs that compute a workbook, behind one protocol."""
