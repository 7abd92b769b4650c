"""How cells, styles, charts and pages are written into a workbook."""
