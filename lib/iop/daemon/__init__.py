"""Shell: life cycle, HTTP, control socket and health of the long-running programs.

- any daemon: lifecycle notify activation control log metrics unit tuning
- HTTP: serve connection http body router dispatch reply payload height_text · client quota rate
- layer 1 over HTTP: layer1_routes layer1_schema layer1_ask layer1_description layer1_filter layer1_blocks layer1_transactions
  layer1_accounts · parameter pagination listing
- the ledger node: ledger_home ledger_node ledger_chain ledger_service ledger_routes morpheus_routes writer
"""
