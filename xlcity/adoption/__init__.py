"""A team's own table: read by a map of its columns, or by one that is proposed from its cells."""
