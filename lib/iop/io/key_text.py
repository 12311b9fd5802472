"""Any text about a key, recognised and told in records: what `iop-key inspect` shows."""

from __future__ import annotations

from iop.errors import DataError, DecodeError, UsageError
from iop.io.key_record import describe_public, describe_secret
from iop.io.stream import read_all
from iop.keys import multicipher
from iop.keys.address import find_address_networks, find_wif_networks, parse_address, parse_wif
from iop.keys.extended import find_xprv_networks, find_xpub_networks, parse_xprv, parse_xpub
from iop.keys.multicipher import ED25519, SECP256K1, KeyId, PublicKey, SecretKey

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from iop.codec.json import Json
    from iop.keys.network import Network

    Reader = Callable[[str], dict[str, Json]]

TEXT_LIMIT = 4096  # characters of one text
INPUT_LIMIT = 256 << 20  # bytes of stdin
_SUITES = {"Ed25519": ED25519, "secp256k1": SECP256K1}


def describe_text(text: str, *, secret: bool) -> dict[str, Json]:
    """The record of a key text: multicipher, DID, Multikey, extended key, WIF, address, or a public key in hex.

    `secret` lets the record of a secret show secret forms; without it only public ones. Raises DecodeError for any other text.
    """
    if len(text) > TEXT_LIMIT:
        raise DecodeError(f"key text has at most {TEXT_LIMIT} characters, got {len(text)}")
    # Addresses first: those of one network start like public keys, but have a checksum.
    found: dict[str, Json] | None
    for attempt in (_read_address, _read_hex, _read_xpub, _read_multikey):
        found = _try(attempt, text)
        if found is not None:
            return found
    for starts, reader in _READERS:
        if text.startswith(starts):
            return reader(text)
    for kind, parse in _SECRETS.items():
        found_secret = _try(parse, text)
        if found_secret is not None:
            return _tell_secret(kind, *found_secret, secret=secret)
    raise DecodeError("text is no key in any form that is known")


def read_texts(given: tuple[str, ...], warn: Callable[[str, str], None]) -> Iterator[str]:
    """The texts of a command line, or the lines of stdin when there are none.

    Raises UsageError for a secret on the command line, where everybody can read it; warns of what may be one.
    """
    for text in given:
        if is_secret_text(text):
            raise UsageError("a secret stands on the command line", hint="give it on stdin instead")
        if _may_be_secret(text):
            warn(
                "so much hex may be a secret, and others see the command line",
                "give it on stdin; if it was one, take another key",
            )
        yield text
    if not given:
        for line in read_all(0, INPUT_LIMIT).splitlines():
            if line.strip():
                yield line.strip().decode("utf-8", "replace")


def is_secret_text(text: str) -> bool:
    """True for a secret in one of the forms that `describe_text` reads: it must not stand on a command line."""
    return any(_try(parse, text[:TEXT_LIMIT]) is not None for parse in _SECRETS.values())


def _may_be_secret(text: str) -> bool:
    """True for hex of the size of a secret key, which a public key may have too, or of a seed."""
    return len(text) in (64, 128) and not text.strip("0123456789abcdefABCDEF")


def _try(reader: Callable[[str], Any], text: str) -> Any:
    try:
        return reader(text)
    except DataError:
        return None


def _read_public(text: str) -> dict[str, Json]:
    return describe_public(multicipher.parse_public_key(text), form="publicKey")


def _tell_id(key_id: KeyId, form: str) -> dict[str, Json]:
    from iop.did.identifier import compute_did

    return {
        "type": "iop.keyid/1",
        "form": form,
        "suite": multicipher.SUITES[key_id.suite],
        "keyId": str(key_id),
        "did": str(compute_did(key_id)),
        "keyIdHex": key_id.data.hex(),
    }


def _read_id(text: str) -> dict[str, Json]:
    return _tell_id(multicipher.parse_key_id(text), "keyId")


def _read_signature(text: str) -> dict[str, Json]:
    signature = multicipher.parse_signature(text)
    return {
        "type": "iop.signature/1",
        "form": "signature",
        "suite": multicipher.SUITES[signature.suite],
        "signature": str(signature),
        "signatureHex": signature.data.hex(),
    }


def _read_did(text: str) -> dict[str, Json]:
    from iop.did.identifier import parse_did

    return _tell_id(parse_did(text).key_id, "did")


def _read_multikey(text: str) -> dict[str, Json]:
    from iop.crypto.multikey import parse_multikey

    form = "didKey" if text.startswith("did:key:") else "multikey"
    found = parse_multikey(text.removeprefix("did:key:").split("#", 1)[0])
    if found.kind in _SUITES:
        return describe_public(PublicKey(_SUITES[found.kind], found.data), form=form)
    return {
        "type": "iop.key/1",
        "form": form,
        "suite": found.kind,
        "multikey": str(found),
        "didKey": f"did:key:{found}",
        "publicKeyHex": found.data.hex(),
    }


def _read_hex(text: str) -> dict[str, Json]:
    from iop.codec.hex import parse_hex

    data = parse_hex(text)
    suite = ED25519 if len(data) == 32 else SECP256K1
    multicipher.check_public_bytes(suite, data)
    return describe_public(PublicKey(suite, data), form="publicKeyHex")


def _name_all(networks: tuple[Network, ...]) -> list[Json]:
    return [network.name for network in networks]


def _read_address(text: str) -> dict[str, Json]:
    networks = find_address_networks(text)
    hashed = parse_address(networks[0], text)
    return {
        "type": "iop.address/1",
        "form": "address",
        "address": text,
        "networks": _name_all(networks),
        "hash": hashed.hex(),
    }


def _read_xpub(text: str) -> dict[str, Json]:
    networks = find_xpub_networks(text)
    node = parse_xpub(networks[0], text)
    record = describe_public(
        PublicKey(SECP256K1, node.key),
        networks,
        form="xpub",
        networks=_name_all(networks),
        depth=node.depth,
        index=node.index,
        parentFingerprint=node.parent.hex(),
    )
    return record | {"chainCode": node.chain.hex()}


def _parse_wif(text: str) -> tuple[SecretKey, tuple[Network, ...]]:
    networks = find_wif_networks(text)
    return SecretKey(SECP256K1, parse_wif(networks[0], text)[0]), networks


def _parse_xprv(text: str) -> tuple[SecretKey, tuple[Network, ...]]:
    networks = find_xprv_networks(text)
    return SecretKey(SECP256K1, parse_xprv(networks[0], text).secret), networks


def _parse_secret_multikey(text: str) -> tuple[SecretKey, tuple[Network, ...]]:
    from iop.crypto.multikey import parse_secret_multikey

    kind, data = parse_secret_multikey(text)
    if kind not in _SUITES:
        raise DecodeError(f"secret keys are of {', '.join(_SUITES)} here, got {kind}")
    return SecretKey(_SUITES[kind], data), ()


_SECRETS = {"wif": _parse_wif, "xprv": _parse_xprv, "secretMultikey": _parse_secret_multikey}


def _tell_secret(
    form: str, key: SecretKey, networks: tuple[Network, ...], *, secret: bool
) -> dict[str, Json]:
    if secret:
        return describe_secret(key, networks, form=form)
    return describe_public(key.public(), networks, form=form)


_READERS: tuple[tuple[tuple[str, ...], Reader], ...] = (
    (("pe", "ps"), _read_public),
    (("ie", "is"), _read_id),
    (("se", "ss"), _read_signature),
    (("did:morpheus:",), _read_did),
    (("did:key:",), _read_multikey),
)
