"""`python -m tools.function_errors [TURNS]`: print the table."""

from __future__ import annotations

import sys

from tools.function_errors.compare import compared
from tools.function_errors.references import REFERENCES

if __name__ == "__main__":
    _TURNS = int(sys.argv[1]) if sys.argv[1:] else 400
    sys.stdout.write("| function | largest relative error | numbers |\n| --- | --- | --- |\n")
    for _name in REFERENCES:
        _error, _count = compared(_name, _TURNS)
        sys.stdout.write(f"| {_name} | {_error:.1e} | {_count:,} |\n")
        sys.stdout.flush()
