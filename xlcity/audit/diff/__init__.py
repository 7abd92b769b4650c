"""What changed between two workbooks, and why the ranks moved."""
