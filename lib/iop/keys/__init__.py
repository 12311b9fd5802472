"""Mnemonics, derivation, multicipher keys, coin addresses, key files, vaults."""
