"""Signatures: both kinds, second ones, shared accounts."""

from __future__ import annotations

import pytest
from ledger_chain import KEYS, SECRETS, core, pay

from iop.crypto.secp256k1 import ORDER, encode_der, parse_der, sign_schnorr_ark
from iop.errors import DataError
from iop.ledger.seal import (
    MultiSignature,
    compute_shared_key,
    is_multi_valid,
    is_second_valid,
    is_signature_valid,
    sign_ecdsa,
    sign_part,
    sign_schnorr,
    sign_second,
)
from iop.value import replace

BARE = replace(pay(), signature=b"")
RULE = MultiSignature(2, tuple(KEYS[:3]))


def test_both_kinds() -> None:
    assert is_signature_valid(sign_ecdsa(BARE, SECRETS[0]))
    schnorr = sign_schnorr(BARE, SECRETS[0])
    assert len(schnorr.signature) == 64 and is_signature_valid(schnorr)
    assert not is_signature_valid(BARE)
    assert not is_signature_valid(replace(schnorr, nonce=9))
    assert not is_signature_valid(replace(schnorr, sender=KEYS[1]))


def test_high_s_and_padding_are_refused() -> None:
    signed = sign_ecdsa(BARE, SECRETS[0])
    compact = parse_der(signed.signature)
    high = compact[:32] + (ORDER - int.from_bytes(compact[32:], "big")).to_bytes(32, "big")
    assert not is_signature_valid(replace(signed, signature=encode_der(high)))
    der = signed.signature
    padded = bytes([0x30, der[1] + 1, 2, der[3] + 1, 0]) + der[4:]
    assert not is_signature_valid(replace(signed, signature=padded))
    assert not is_signature_valid(replace(signed, signature=der + b"\0"))
    assert not is_signature_valid(replace(signed, signature=b"\x30"))


def test_second_signature_covers_the_first() -> None:
    tx = sign_second(sign_schnorr(BARE, SECRETS[0]), SECRETS[1])
    assert is_second_valid(tx, KEYS[1]) and not is_second_valid(tx, KEYS[0])
    assert not is_second_valid(replace(tx, signature=bytes(64)), KEYS[1])
    assert not is_second_valid(BARE, KEYS[1])
    assert is_second_valid(
        sign_second(sign_ecdsa(BARE, SECRETS[0]), SECRETS[1], schnorr=False), KEYS[1]
    )


def test_parts_count_to_the_least() -> None:
    one = sign_part(BARE, SECRETS[2], 2)
    two = sign_part(one, SECRETS[0], 0)
    assert not is_multi_valid(one, RULE)
    assert is_multi_valid(two, RULE)
    assert is_multi_valid(sign_part(two, SECRETS[1], 1), RULE)
    assert not is_multi_valid(sign_part(one, SECRETS[0], 1), RULE)  # wrong key for its number
    assert not is_multi_valid(sign_part(one, SECRETS[0], 7), RULE)  # no such key
    assert not is_multi_valid(replace(two, signatures=(two.signatures[0],) * 2), RULE)
    assert not is_multi_valid(BARE, RULE)


def test_a_wrong_part_is_forgiven_while_enough_are_left() -> None:
    wrong = b"\x01" + sign_schnorr_ark(SECRETS[4], bytes(32))
    two = sign_part(sign_part(BARE, SECRETS[0], 0), SECRETS[2], 2)
    assert is_multi_valid(replace(two, signatures=(wrong, *two.signatures)), RULE)
    assert not is_multi_valid(replace(two, signatures=(wrong, two.signatures[0])), RULE)


def test_sender_signs_the_parts_too() -> None:
    asset = {"multiSignature": {"publicKeys": [k.hex() for k in KEYS[:2]], "min": 1}}
    tx = replace(core(4, asset=asset), signature=b"")
    signed = sign_schnorr(sign_part(tx, SECRETS[1], 1), SECRETS[0])
    assert is_signature_valid(signed)
    assert not is_signature_valid(replace(signed, signatures=()))


def test_shared_key() -> None:
    # recorded: PublicKey.fromMultiSignatureAsset of @arkecosystem/crypto 2.7.26
    assert (
        compute_shared_key(RULE).hex()
        == "02cba56c80610f391d22191236b58424f12b41b44f641a408af6f1b71d3e36fa26"
    )
    with pytest.raises(DataError):
        compute_shared_key(MultiSignature(1, (b"\x02" + b"\xff" * 32,)))


def test_key_number_out_of_range() -> None:
    with pytest.raises(DataError):
        sign_part(BARE, SECRETS[0], 16)
