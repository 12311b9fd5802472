"""Text and binary encodings: canonical JSON, content ids, CBOR, multibase, base58, bech32; and patterns over text."""
