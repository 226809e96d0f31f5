"""The HTTP side of the backend: it reads a call, runs one transaction, and puts the result into words."""
