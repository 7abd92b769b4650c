"""Changes in a file's parts: cells, formats, comments, charts, whole sheets."""
