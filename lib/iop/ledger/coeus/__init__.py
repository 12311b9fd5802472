"""Coeus, the registry of domain names (morpheus 18): names, operations, bundles, policies, state, answers."""
