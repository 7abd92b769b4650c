"""The rules of the lint: a table of them, and modules that find their breaches."""
