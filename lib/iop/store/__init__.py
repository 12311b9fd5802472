"""Shell: files and databases, the only code that writes to disk."""
