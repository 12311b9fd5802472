"""Text and binary encodings: canonical JSON, content ids, CBOR, multibase, base58, bech32.

More than a dozen modules, because each is one format:

- JSON: json number unicode canonical digest mask nonce jcs text kernel
- CBOR: cbor cbor_kind cbor_reader conversion
- bytes as text: hex base64 base58 radix multibase emoji bech32
- self-describing bytes: varint multicodec multihash
- query strings: form
- patterns in linear time: pattern expression dialect charset
"""
