"""An index read out of the formulas of a team's own workbook, and proved."""
