"""The running ledger node: home service node chain writer batch signatures · replica forward · keeper snapshots prune · exporting importing
replay check backup report · rejections event_stream."""
