"""Audits: of printed tables, and of workbooks."""
