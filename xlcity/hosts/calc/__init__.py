"""The library inside LibreOffice Calc: a Basic module, a Python script and a helper process."""
