"""Whether a workbook is right: every check, one list of findings, one sentence; the seal."""
