"""What an index is made of: framework, recipe and dataset, and their readers. No arithmetic."""
