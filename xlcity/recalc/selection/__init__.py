"""Which engine computes a workbook, and how far its values are confirmed."""
