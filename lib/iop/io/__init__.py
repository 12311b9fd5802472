"""Shell: streams, terminals, secrets, configuration and clocks.

- records and talk: stream output report config paths
- secrets: secret harden text_cipher
- kept keys: keyring keystore vault_file vault_key key_listing key_record key_show key_text
- other programs: node_client
"""
