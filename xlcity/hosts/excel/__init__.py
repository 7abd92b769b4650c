"""The library inside Excel: the xlwings module, the Windows add-in, the xlwings Lite script."""
