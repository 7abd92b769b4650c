"""Formulas: tokens, structure, references, and the graph of cells that they make."""
