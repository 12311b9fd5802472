"""Mnemonics, derivation, multicipher keys, coin addresses, key files, vaults.

- from words to keys: mnemonic phrase24 derivation morpheus account
- keys and their texts: multicipher address extended network
- kept secrets: secret keyfile encryption vault vault_record selector
"""
