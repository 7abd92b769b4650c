"""What other programs say of our files: Microsoft's Open XML validator, Gnumeric and ironcalc.

See `python -m tools.other_programs` for the commands.
"""
