"""Watching what happens: who waits is woken, and what came to pass is kept and told."""
