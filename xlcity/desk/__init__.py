"""The companion page: a workbook's checks, changes and traces in the browser, at every save."""
