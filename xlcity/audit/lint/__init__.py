"""The lint of a workbook."""
