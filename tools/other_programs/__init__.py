"""What other programs say of our files: Microsoft's Open XML validator and Gnumeric.

See `python -m tools.other_programs` for the commands.
"""
