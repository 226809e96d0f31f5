"""The command line: the one place that puts bot, backend, stand-in and simulation together."""
