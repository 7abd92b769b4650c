"""The file: parts, cells, formulas, patches. Knows nothing of indices."""
