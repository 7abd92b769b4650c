"""Draws and reads a template workbook: one module per sheet; contract, styles and layout shared."""
