"""The library inside Excel: the xlwings module, its way on Windows, the xlwings Lite script."""
