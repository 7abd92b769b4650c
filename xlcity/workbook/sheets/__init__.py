"""One module per sheet (or family of sheets); each has a function that draws it on a book."""
