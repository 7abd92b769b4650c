"""Random formulas over small grids, held against written rules and against LibreOffice."""
