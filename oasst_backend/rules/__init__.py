"""How trees grow, are reviewed, ranked and scored: pure functions without I/O, clock or global randomness."""
