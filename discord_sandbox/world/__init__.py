"""The little Discord: what exists in it, and how each thing changes."""
