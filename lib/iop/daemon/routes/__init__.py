"""The other paths of the ledger node, put together in `table`: morpheus names own state board event."""
