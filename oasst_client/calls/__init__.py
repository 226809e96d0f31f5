"""The protocol's calls, grouped by what they are about."""
