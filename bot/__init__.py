"""The Discord front end: it fetches tasks, shows them, takes answers and hands them in."""
