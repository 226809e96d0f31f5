"""A stand-in for Discord: REST and gateway over real sockets, actors, and a page for people."""
