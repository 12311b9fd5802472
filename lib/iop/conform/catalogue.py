"""Which runner reads which conformance file.

Key: the file's `name` member (files recorded from the original software), or `area/stem` where `area` is the file's member
and `stem` its file name without the extension (files of public standards). Value: `module:function`; the function takes the
decoded document and yields `iop.conform.case.Case` values, one for every result the file states.
"""

from __future__ import annotations

CATALOGUE: dict[str, str] = {
    "json_digest": "iop.conform.codec:run_json_digest",
    "json_masks": "iop.conform.codec:run_json_masks",
    "base58/base58": "iop.conform.standards_codec:run_base58",
    "base58/base58check": "iop.conform.standards_codec:run_base58check",
    "bech32/bech32_strings": "iop.conform.standards_codec:run_bech32_strings",
    "bech32/bech32m_strings": "iop.conform.standards_codec:run_bech32_strings",
    "bech32/segwit_0173": "iop.conform.standards_codec:run_segwit_0173",
    "bech32/segwit_0350": "iop.conform.standards_codec:run_segwit_0350",
    "multiformats/multibase": "iop.conform.standards_codec:run_multibase",
    "multiformats/multihash": "iop.conform.standards_codec:run_multihash",
    "multiformats/unsigned_varint": "iop.conform.standards_codec:run_unsigned_varint",
    "multiformats/multicodec-keys-and-hashes": "iop.conform.standards_codec:run_multicodec",
    "jcs/es6_numbers": "iop.conform.standards_codec:run_es6_numbers",
    "jcs/jcs_files": "iop.conform.standards_codec:run_jcs",
    "jcs/jcs_objects": "iop.conform.standards_codec:run_jcs",
    "jcs/jcs_reject": "iop.conform.standards_codec:run_jcs_reject",
    "cbor/rfc8949_appendix_a": "iop.conform.standards_codec_cbor:run_appendix_a",
    "cbor/deterministic_map_order": "iop.conform.standards_codec_cbor:run_map_order",
    "cbor/deterministic_reject": "iop.conform.standards_codec_cbor:run_reject",
    "multicipher": "iop.conform.keys:run_multicipher",
    "bip39": "iop.conform.keys:run_bip39",
    "morpheus_keys": "iop.conform.keys:run_morpheus_keys",
    "encryption": "iop.conform.keys:run_encryption",
    "secp_keys": "iop.conform.keys_coins:run_secp_keys",
    "vaults": "iop.conform.keys_vaults:run_vaults",
    "bip39/bip39_all_languages": "iop.conform.standards_keys:run_bip39_all_languages",
    "bip39/bip39_japanese_passphrase": "iop.conform.standards_keys:run_bip39_japanese_passphrase",
    "bip39/bip39_validity": "iop.conform.standards_keys:run_bip39_validity",
    "bip32/bip32_derivation": "iop.conform.standards_keys:run_bip32_derivation",
    "bip32/bip32_invalid": "iop.conform.standards_keys:run_bip32_invalid",
    "slip10/slip10": "iop.conform.standards_keys:run_slip10",
    "claims": "iop.conform.claim:run_claims",
    "signed_json": "iop.conform.claim_signed:run_signed_json",
    "jwt": "iop.conform.claim_signed:run_jwt",
    "did_operations": "iop.conform.did:run_operations",
    "did_document_rights": "iop.conform.did:run_document_rights",
    "registry_scenarios": "iop.conform.did:run_scenarios",
    "registry_http": "iop.conform.node:run_registry_http",
    # Parts of one long random run, numbered.
    **{f"registry_random_{part}": "iop.conform.did:run_scenarios" for part in range(1, 10)},
}
