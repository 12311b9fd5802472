"""Shell: life cycle, HTTP, control socket and health of the long-running programs.

- any daemon: lifecycle notify activation control log metrics unit
- HTTP: serve http router dispatch reply payload rate height_text
- the ledger node: ledger_home ledger_node ledger_chain ledger_service ledger_routes layer1_routes morpheus_routes writer
"""
