"""Primitives over well-kept libraries: hashes, signatures, AEAD, key derivation functions."""
