"""People: what they see, and what they do."""
