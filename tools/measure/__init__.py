"""Measures which ways of using functions an engine computes as the others and Excel do."""
