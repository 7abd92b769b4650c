"""Claims in prose, checked against the tables of a report or a workbook."""
