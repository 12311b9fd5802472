"""JSON schemas of domains: draft 6 as the original of Coeus judges it, in counted work (morpheus 18)."""
