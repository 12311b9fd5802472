"""Bundles: operations of one key under one nonce and one signature; assets: the bundles of one transaction (morpheus 18)."""

from __future__ import annotations

from iop.codec.canonical import encode_canonical, encode_sorted
from iop.codec.json import encode_json, parse_json
from iop.errors import DataError, DecodeError, LimitError, SchemaError
from iop.keys import multicipher
from iop.keys.multicipher import (
    PublicKey,
    SecretKey,
    Signature,
    parse_public_key,
    parse_signature,
)
from iop.ledger.coeus import operation
from iop.ledger.coeus.operation import check_whole, get_member
from iop.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iop.codec.json import Json
    from iop.ledger.coeus.operation import Operation, Record

ASSET_LIMIT = 1024 * 1024  # bytes, morpheus 16.4
FEE_PER_BYTE_FLAKES = 3000
NONCE_MAX = (1 << 64) - 1


@value
class Bundle:
    """Operations that stand or fall together, the signer's nonce (last used plus one) and signature."""

    operations: tuple[Operation, ...]
    nonce: int
    public_key: PublicKey
    signature: Signature


@value
class Asset:
    """What a Coeus transaction (4242/2) carries."""

    bundles: tuple[Bundle, ...]


def encode_signing_text(operations: tuple[Operation, ...], nonce: int) -> str:
    """The text whose UTF-8 bytes are signed: canonical JSON of `nonce` and `operations`, without length or digest.

    Raises DataError: data or schema with member names that are not in NFKD.
    """
    records = [operation.to_record(item) for item in operations]
    return encode_canonical({"nonce": nonce, "operations": records})


def sign_bundle(secret: SecretKey, operations: tuple[Operation, ...], nonce: int) -> Bundle:
    """The bundle signed by a key. nonce: 0 … 2^64−1. Raises DataError as `encode_signing_text` does."""
    check_whole(nonce, NONCE_MAX, "u64")
    text = encode_signing_text(operations, nonce)
    signature = multicipher.sign(secret, text.encode())
    return Bundle(operations, nonce, secret.public(), signature)


def is_signature_valid(bundle: Bundle) -> bool:
    """True if the key signed exactly these operations and this nonce; text that cannot be made canonical is never valid."""
    try:
        text = encode_signing_text(bundle.operations, bundle.nonce)
    except DataError:
        return False
    return is_text_signed(bundle, text)


def is_text_signed(bundle: Bundle, text: str) -> bool:
    """`is_signature_valid` for a caller that has made the signing text already; the original's verdicts (morpheus 2)."""
    return multicipher.is_valid(bundle.public_key, text.encode(), bundle.signature, strict=False)


def compute_price(bundle: Bundle) -> int:
    """Flakes to pay for the operations of a bundle besides their bytes."""
    return sum([operation.compute_price(item) for item in bundle.operations])


def bundle_from_record(record: Json) -> Bundle:
    """The bundle of a record; unknown members are dropped. Raises DecodeError or SchemaError with the original's text."""
    if not isinstance(record, dict):
        raise SchemaError("invalid type: expected struct SignedBundle")
    operations = get_member(record, "operations")
    if not isinstance(operations, list):
        raise SchemaError("invalid type: expected a sequence of operations")
    nonce = check_whole(get_member(record, "nonce"), NONCE_MAX, "u64")
    public_key = get_member(record, "publicKey")
    signature = get_member(record, "signature")
    if not (isinstance(public_key, str) and isinstance(signature, str)):
        raise SchemaError("invalid type: expected a string for publicKey and signature")
    return Bundle(
        tuple([operation.from_record(item) for item in operations]),
        nonce,
        parse_public_key(public_key),
        parse_signature(signature),
    )


def bundle_to_record(bundle: Bundle) -> Record:
    """The record of a bundle, members in the original's order."""
    return {
        "operations": [operation.to_record(item) for item in bundle.operations],
        "nonce": bundle.nonce,
        "publicKey": str(bundle.public_key),
        "signature": str(bundle.signature),
    }


def asset_from_record(record: Json) -> Asset:
    """The asset of a record. Raises DecodeError or SchemaError with the original's text."""
    if not isinstance(record, dict):
        raise SchemaError("invalid length 0, expected struct CoeusAsset with 1 element")
    bundles = get_member(record, "bundles")
    if not isinstance(bundles, list):
        raise SchemaError("invalid type: expected a sequence of bundles")
    return Asset(tuple([bundle_from_record(item) for item in bundles]))


def asset_to_record(asset: Asset) -> Record:
    """The record of an asset."""
    return {"bundles": [bundle_to_record(bundle) for bundle in asset.bundles]}


def parse_asset(data: bytes) -> Asset:
    """The asset of its bytes in a transaction, which have to be canonical JSON.

    At most 1 MiB (LimitError). Raises DecodeError or SchemaError: not JSON, not an asset, not canonical (morpheus 18).
    """
    if len(data) > ASSET_LIMIT:
        raise LimitError(f"CoeusAsset max size is {ASSET_LIMIT} bytes")
    asset = asset_from_record(parse_json(data))
    if encode_asset(asset) != data:
        raise DecodeError("Attempt to construct CoeusAsset from non-canonical bytes")
    return asset


def encode_asset(asset: Asset) -> bytes:
    """The bytes of an asset in a transaction. Raises DataError: member names that are not in NFKD."""
    return encode_canonical(asset_to_record(asset)).encode()


def compute_fee(asset: Asset) -> int:
    """Least fee of a transaction with this asset, in flakes: 3000 a byte and the prices of the operations (morpheus 16.4).

    Bytes are counted before normalisation, as the original does; for an asset that is on a chain that makes no difference.
    """
    record = asset_to_record(asset)
    try:
        text = encode_sorted(record, "")
    except DataError:
        # Such an asset has no canonical form and will not be forged; the original prices it all the same.
        text = encode_json(record)
    prices = sum([compute_price(bundle) for bundle in asset.bundles])
    return min(len(text.encode()) * FEE_PER_BYTE_FLAKES + prices, (1 << 64) - 1)
