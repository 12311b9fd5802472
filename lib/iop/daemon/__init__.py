"""Shell: life cycle, HTTP, control socket and health of the long-running programs.

- any daemon: lifecycle notify activation control log metrics unit tuning
- HTTP: serve connection http body router dispatch reply payload height_text · client quota rate
- the ledger node: ledger_home ledger_node ledger_chain ledger_service ledger_routes layer1_routes morpheus_routes writer
"""
