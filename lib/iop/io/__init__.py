"""Shell: streams, terminals, secrets, configuration and clocks."""
