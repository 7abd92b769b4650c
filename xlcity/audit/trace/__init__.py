"""Where a number of a workbook comes from."""
