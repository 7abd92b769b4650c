"""An audit as a workbook and as a page."""
