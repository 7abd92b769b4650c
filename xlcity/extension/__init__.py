"""The extension of LibreOffice Calc: menu, toolbar and panel, and the helper that answers them."""
