"""What a line of a stream names: the identifier of a DID, public key, key id or record, or a content id."""

from __future__ import annotations

from iop.codec.json import parse_json
from iop.did.identifier import PREFIX, compute_did, parse_did
from iop.errors import DataError, DecodeError, SchemaError
from iop.keys.multicipher import parse_auth

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iop.codec.json import Json

DID_KEY = "did:key:"
MEMBERS = ("did", "publicKey", "keyId")  # of a record, the first that is there
ID_DIGITS = 43  # of base64url in a content id
_JSON_STARTS = (b"{", b'"', b"[")


def parse_naming(data: bytes) -> str:
    """The DID named by one line of a stream: a JSON record, a JSON string, or bare text. Raises DataError."""
    bare = data.strip()
    if bare.startswith(_JSON_STARTS):
        return find_did(parse_json(bare))
    try:
        return find_did(bare.decode("ascii"))
    except UnicodeDecodeError as exc:
        raise DecodeError("a DID, key or key id is ASCII") from exc


def parse_content_id(data: bytes, *, strict: bool = False) -> str:
    """The content id on one line of a stream: a JSON string, or bare ASCII text; strict: no other text. Raises DataError."""
    bare = data.strip()
    if bare.startswith(_JSON_STARTS):
        item = parse_json(bare)
        if not isinstance(item, str):
            raise SchemaError("a content id is a text", hint="iop-digest makes them from records")
    else:
        try:
            item = bare.decode("ascii")
        except UnicodeDecodeError as exc:
            raise DecodeError("a content id is ASCII") from exc
    if strict and not is_content_id(item):
        raise SchemaError(f"no content id: {item[:80]!r}", hint="iop-digest makes them")
    return item


def is_content_id(text: str) -> bool:
    """True for a text of the form of a content id: `cju`, or `cbu` for bytes, and 43 of base64url (morpheus 6.3)."""
    body = text[3:] if text.startswith(("cju", "cbu")) else ""
    is_base64url = body.isascii() and body.replace("-", "a").replace("_", "a").isalnum()
    return len(body) == ID_DIGITS and is_base64url


def find_did(item: Json) -> str:
    """The DID of a text (`did:morpheus:…`, `did:key:…`, `p…`, `i…`) or of a record, did:morpheus in base58btc.

    Raises DecodeError for a text that is none of these, SchemaError for a record without any.
    """
    if isinstance(item, dict):
        for name in MEMBERS:
            if name in item:
                return find_did(item[name])
        raise SchemaError(f"record names no DID: it has none of {', '.join(MEMBERS)}")
    if not isinstance(item, str):
        raise SchemaError("a DID is a text, or a record that has one")
    if item.startswith(PREFIX):
        return str(parse_did(item))
    if item.startswith(DID_KEY):
        from iop.did.did_key import parse_did_key

        parse_did_key(item)
        return item
    if item.startswith("did:"):
        raise DataError(f"no method of ours: {item[:64]!r}, did:morpheus and did:key are")
    try:
        return str(compute_did(parse_auth(item)))
    except DataError as exc:
        raise DecodeError(f"no DID, public key or key id: {item[:64]!r}") from exc
