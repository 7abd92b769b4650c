"""The buttons in Excel: the ribbon, what a press hands over, the helper, the sheet of results."""
