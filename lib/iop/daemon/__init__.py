"""Shell: life cycle, HTTP, control socket and health of the long-running programs.

- any daemon: lifecycle notify activation control log metrics unit tuning interpreter
- `http`: the server and its limits, from a request to a handler
- `layer1`, `routes`: the paths that a ledger node answers
- `ledger`: the running ledger node, its replicas and its upkeep
"""
