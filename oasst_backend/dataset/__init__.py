"""The dataset as files: trees, prompts and stories as JSON lines, read and written in streams."""
