"""Breaks workbooks at random, as no spreadsheet program would write them, and runs verbs on them.

`python -m tools.fuzz_files 20000 out.jsonl` is the long run; `make test` does a short one. Every
file is made from its number alone, so that a number in a report is the file again.
"""
