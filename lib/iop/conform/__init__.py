"""Conformance: runs vector files against this installation."""
