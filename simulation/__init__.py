"""A simulated community that plays tasks through what it sees."""
