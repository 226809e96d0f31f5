"""What the backend does, one function per transaction; each takes a `Connection` and a `Context`."""
