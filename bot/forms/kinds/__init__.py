"""One module per kind of task, each with one form; the registry finds them by themselves."""
