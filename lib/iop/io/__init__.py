"""Shell: streams, terminals, secrets, configuration and clocks.

- records and talk: stream output report config paths
- secrets: secret harden keyring keystore vault_file text_cipher key_listing key_record key_text
- other programs: node_client
"""
