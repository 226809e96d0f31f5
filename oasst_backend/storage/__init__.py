"""Where the backend keeps everything: tables, the writer, reads, and migrations."""
