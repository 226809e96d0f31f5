"""What goes wrong on demand, by rule and count."""
