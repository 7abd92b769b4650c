"""What makes files of the project: invented data, workbooks, generated modules, counts of code."""
