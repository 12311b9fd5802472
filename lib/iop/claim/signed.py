"""Signed JSON and signed bytes: who signed what, and whether the signature holds (morpheus 7).

A signed document is `{"signature": {"publicKey", "bytes"}, "content", "nonce"?}`. The signature covers the 46 ASCII characters
of the content's id, so it outlives any masking of the content. The outer nonce is not signed.

Two rules of validity: the strict one (libsodium's, the default) and, with `strict=False`, the original's, which lets ed25519
keys of small order verify.
"""

from __future__ import annotations

from iop.claim.shape import (
    DROPPED,
    Member,
    Shape,
    read_any,
    read_integer,
    read_record,
    read_text,
    reader,
    refuse,
)
from iop.codec.json import encode_json
from iop.codec.text import compute_content_id_text
from iop.crypto import ed25519
from iop.errors import DataError, SchemaError
from iop.keys.multicipher import (
    ED25519,
    KeyId,
    PublicKey,
    SecretKey,
    Signature,
    compute_key_id,
    is_valid,
    parse_public_key,
    parse_signature,
    sign,
)
from iop.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iop.codec.json import Json

CONTENT_ID_SIZE = 46  # characters: "cju" and 43 of base64url


def _read_public_key(given: Json) -> PublicKey:
    if not isinstance(given, str):
        raise refuse(given, "valid regular expression")
    return parse_public_key(given)


def _read_signature(given: Json) -> Signature:
    if not isinstance(given, str):
        raise refuse(given, "valid regular expression")
    return parse_signature(given)


_PAIR = Shape(
    "SignatureTuple", (Member("publicKey", _read_public_key), Member("bytes", _read_signature))
)
_SIGNED = Shape(
    "SignatureSerializationFormat",
    (
        Member("signature", reader(_PAIR)),
        Member("content", read_any),
        Member("nonce", read_text, DROPPED),
    ),
)
AFTER_PROOF = Shape(
    "AfterProof", (Member("blockHeight", read_integer), Member("blockHash", read_text))
)


@value
class SignedJson:
    """A content with its signer and signature; `content` may be masked, or be its own content id."""

    public: PublicKey
    content: Json
    signature: Signature
    nonce: str | None = None


@value
class AfterProof:
    """A block that existed before the signature: its height and its hash (text as the chain gives it)."""

    height: int
    block_hash: str


class Signer:
    """A secret key made ready for many signatures: its public key is computed once.

    The instance is as secret as the key; `wipe()` overwrites what it holds as far as Python allows.
    """

    __slots__ = ("_expanded", "_head", "_secret", "public")

    def __init__(self, secret: SecretKey) -> None:
        self.public = secret.public()
        self._secret: SecretKey | None = secret
        self._head = str(self.public)
        self._expanded = bytearray(
            ed25519.expand_seed(secret.data) if secret.suite == ED25519 else b""
        )

    def __repr__(self) -> str:
        return f"Signer({self._head})"

    def sign(self, message: bytes) -> Signature:
        """The multicipher signature over the message (morpheus 2)."""
        if self._expanded:
            return Signature(ED25519, ed25519.sign_expanded(bytes(self._expanded), message))
        if self._secret is None:
            raise DataError("the signer was wiped")
        return sign(self._secret, message)

    def sign_json(self, content: Json, nonce: str | None = None) -> dict[str, Json]:
        """The signed document of a content, the content itself unchanged inside. See `sign_json`."""
        document: dict[str, Json] = {
            "signature": {"publicKey": self._head, "bytes": self._sign_id(_compute_id(content))},
            "content": content,
        }
        if nonce is not None:
            document["nonce"] = nonce
        return document

    def sign_text(self, content: Json) -> bytes:
        """The JSON text of `sign_json(content)`, the content written once for digest and document."""
        if not isinstance(content, dict | list):
            return encode_json(self.sign_json(content)).encode()
        text = encode_json(content).encode()
        signature = self._sign_id(compute_content_id_text(text)).encode()
        head = self._head.encode()
        return b'{"signature":{"publicKey":"%b","bytes":"%b"},"content":%b}' % (
            head,
            signature,
            text,
        )

    def _sign_id(self, content_id: str) -> str:
        if not is_content_id(content_id):
            raise SchemaError(
                "a text that is no content id would sign itself, which is refused here"
            )
        return str(self.sign(content_id.encode()))

    def wipe(self) -> None:
        """Forget the key; the signer is of no use afterwards."""
        self._expanded[:] = bytes(len(self._expanded))
        self._expanded.clear()
        self._secret = None


def _compute_id(content: Json) -> str:
    """The content id, by way of the text: writing it and the kernel's digest take less than a walk over the value."""
    if isinstance(content, dict | list):
        return compute_content_id_text(encode_json(content).encode())
    from iop.codec.digest import compute_content_id

    return compute_content_id(content)


def is_content_id(text: str) -> bool:
    """True for a text of the form of a content id: `cju` and 43 characters of base64url (morpheus 6.3)."""
    return (
        len(text) == CONTENT_ID_SIZE
        and text.startswith("cju")
        and text.isascii()
        and text.replace("-", "a").replace("_", "a").isalnum()
    )


def sign_json(secret: SecretKey, content: Json, nonce: str | None = None) -> dict[str, Json]:
    """The signed document of a content: the signature covers the content id (morpheus 7).

    Raises DataError for a scalar that has no content id, and SchemaError for a text that is no content id: the original
    signs such a text as it stands, which would let a caller obtain signatures over anything, tokens included.
    """
    return Signer(secret).sign_json(content, nonce)


def from_record(record: Json) -> SignedJson:
    """The signed document of a record, content as it came.

    Raises SchemaError (`missing field …`, `invalid type: …`) or DecodeError (key and signature texts of morpheus 1), with the
    original's texts but without line and column. Members it does not know are ignored.
    """
    found = read_record(_SIGNED, record)
    pair = found["signature"]
    return SignedJson(pair["publicKey"], found["content"], pair["bytes"], found.get("nonce"))


def to_record(signed: SignedJson) -> dict[str, Json]:
    """The document of a signed value, keys and signatures in base58btc."""
    record: dict[str, Json] = {
        "signature": {"publicKey": str(signed.public), "bytes": str(signed.signature)},
        "content": signed.content,
    }
    if signed.nonce is not None:
        record["nonce"] = signed.nonce
    return record


def is_valid_signed(
    signed: SignedJson, key_id: KeyId | None = None, *, strict: bool = True
) -> bool:
    """True if the signature matches the content and, when an id is given, the key hashes to it.

    A content that has no content id (a scalar, member names that are not NFKD) gives False.
    """
    try:
        message = _compute_id(signed.content).encode()
    except (DataError, UnicodeEncodeError):
        return False
    if not is_valid(signed.public, message, signed.signature, strict=strict):
        return False
    return key_id is None or compute_key_id(signed.public) == key_id


def is_signed_valid(document: Json, key_id: KeyId | None = None, *, strict: bool = True) -> bool:
    """`is_valid_signed` of a record. Raises DataError if it is no signed document at all."""
    return is_valid_signed(from_record(document), key_id, strict=strict)


def is_bytes_valid(
    public: PublicKey,
    content: bytes,
    signature: Signature,
    key_id: KeyId | None = None,
    *,
    strict: bool = True,
) -> bool:
    """True if the signature covers the bytes themselves and, when an id is given, the key hashes to it."""
    if not is_valid(public, content, signature, strict=strict):
        return False
    return key_id is None or compute_key_id(public) == key_id


def wrap_after(content: Json, proof: AfterProof) -> dict[str, Json]:
    """The after-envelope: a content tied to a block, to be signed in the content's place (morpheus 8)."""
    return {
        "content": content,
        "afterProof": {"blockHeight": proof.height, "blockHash": proof.block_hash},
    }


def open_envelope(content: Json) -> tuple[Json, AfterProof | None]:
    """The payload of a signed content, and its after-proof if it is an envelope. Raises SchemaError for a malformed proof."""
    if not isinstance(content, dict) or not content.get("afterProof"):
        return content, None
    if "content" not in content:
        raise SchemaError("missing field `content`")
    found = read_record(AFTER_PROOF, content["afterProof"])
    return content["content"], AfterProof(found["blockHeight"], found["blockHash"])
