"""Shell: life cycle, HTTP, control socket and health of the long-running programs."""
