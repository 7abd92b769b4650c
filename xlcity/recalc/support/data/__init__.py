"""Data: the catalogue of functions and the verified list."""
