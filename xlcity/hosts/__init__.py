"""What makes a registry entry callable: cell values, and one binding per host."""
