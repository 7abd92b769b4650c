"""Audit of published tables and of workbooks."""
