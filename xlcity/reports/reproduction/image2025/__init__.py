"""China city international online image index, 2025: figures that only this report has."""
