"""Identifiers, documents, operations and the registry's state machine."""
