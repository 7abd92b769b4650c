"""Audit of printed tables: whether the numbers can be right, and which method they follow."""
