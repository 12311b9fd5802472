"""Operations on identifiers as transactions carry them: reading, writing, the signed bytes, fees (morpheus 10).

An asset is a list of attempts: a before-proof, or a block of signables with one signer. Reading is as strict as the original's second
layer; what it refuses leaves no trace in the registry. Texts of refusals follow the original without the position in the text.
"""

from __future__ import annotations

from iop.codec.canonical import encode_canonical
from iop.codec.json import encode_json
from iop.codec.varint import encode_varint
from iop.did.identifier import PREFIX, parse_did
from iop.errors import DataError, DecodeError, SchemaError
from iop.keys.multicipher import PublicKey, compute_key_id, parse_auth, sign
from iop.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iop.codec.json import Json
    from iop.keys.multicipher import SecretKey

ADD_KEY = "addKey"
REVOKE_KEY = "revokeKey"
ADD_RIGHT = "addRight"
REVOKE_RIGHT = "revokeRight"
TOMBSTONE = "tombstoneDid"
OPERATIONS = (ADD_KEY, REVOKE_KEY, ADD_RIGHT, REVOKE_RIGHT, TOMBSTONE)

BEFORE_PROOF = "registerBeforeProof"
SIGNED = "signed"

BASE58 = "z"  # multibase code of base58btc, morpheus 1
MAX_HEIGHT = (1 << 32) - 1
MAX_ASSET = 1 << 20  # bytes of JSON, morpheus 16.4
FEE_OFFSET = 15  # bytes, morpheus 16.4
FEE_PER_BYTE = 3000  # flakes, morpheus 16.4


@value
class Signable:
    """One operation on one identifier, texts in their base58btc form.

    `auth` and `key_id` (of that authentication) are empty for a tombstone, `right` for all but the two operations on rights.
    """

    operation: str
    did: str
    last_txid: str | None
    auth: str = ""
    key_id: str = ""
    expires: int | None = None
    right: str = ""


@value
class BeforeProof:
    """An attempt to register a content id, which may be any text."""

    content_id: str


@value
class Signed:
    """Signables of one signer. Key and signature are texts, read only when the block is executed.

    What they read as, and whether the signature is right, are worked out once (`iop.did.trial`) and stay with the block.
    """

    __memo__ = ("claim", "is_signed")

    signables: tuple[Signable, ...]
    signer: str
    signature: str


# Reading.


def parse_asset(asset: Json) -> tuple[BeforeProof | Signed, ...]:
    """The attempts of a transaction's asset. Raises SchemaError or DecodeError."""
    if not isinstance(asset, dict):
        raise SchemaError(f"invalid type: {_describe(asset)}, expected struct MorpheusAsset")
    if "operationAttempts" not in asset:
        raise SchemaError("missing field `operationAttempts`")
    return parse_attempts(asset["operationAttempts"])


def parse_attempts(attempts: Json) -> tuple[BeforeProof | Signed, ...]:
    """The attempts of a list. Raises SchemaError or DecodeError."""
    if not isinstance(attempts, list):
        raise SchemaError(f"invalid type: {_describe(attempts)}, expected a sequence")
    return tuple([parse_attempt(attempt) for attempt in attempts])


def parse_attempt(attempt: Json) -> BeforeProof | Signed:
    """One attempt. Raises SchemaError or DecodeError."""
    if not isinstance(attempt, dict):
        raise SchemaError(
            f"invalid type: {_describe(attempt)}, expected internally tagged enum OperationAttempt"
        )
    kind = _take_variant(attempt, (BEFORE_PROOF, SIGNED))
    if kind == BEFORE_PROOF:
        if "contentId" not in attempt:
            raise SchemaError("missing field `contentId`")
        return BeforeProof(_check_text(attempt["contentId"]))
    signables: tuple[Signable, ...] = ()
    signer = signature = ""
    for name, item in attempt.items():
        if name == "signables":
            signables = parse_signables(item)
        elif name == "signerPublicKey":
            signer = _check_text(item)
        elif name == "signature":
            signature = _check_text(item)
    for name in ("signables", "signerPublicKey", "signature"):
        if name not in attempt:
            raise SchemaError(f"missing field `{name}`")
    return Signed(signables, signer, signature)


def parse_signables(items: Json) -> tuple[Signable, ...]:
    """The signables of a block. Raises SchemaError or DecodeError."""
    if not isinstance(items, list):
        raise SchemaError(f"invalid type: {_describe(items)}, expected a sequence")
    return tuple([parse_signable(item) for item in items])


def parse_signable(item: Json) -> Signable:
    """One signable. Raises SchemaError or DecodeError.

    The identifier and the last transaction are judged first, in the order in which they stand, then the operation's own members.
    """
    if not isinstance(item, dict):
        raise SchemaError(
            f"invalid type: {_describe(item)}, expected struct SignableOperationAttempt"
        )
    did = None
    last_txid = None
    for name, member in item.items():
        if name == "did":
            if not isinstance(member, str):
                raise SchemaError(
                    f"invalid type: {_describe(member)}, expected valid regular expression"
                )
            did = normalize_did(member)
        elif name == "lastTxId" and member is not None:
            last_txid = _check_text(member)
    if did is None:
        raise SchemaError("missing field `did`")
    operation = _take_variant(item, OPERATIONS)
    if operation == TOMBSTONE:
        return Signable(TOMBSTONE, did, last_txid)
    takes_right = operation in (ADD_RIGHT, REVOKE_RIGHT)
    auth = key_id = right = ""
    expires = None
    for name, member in item.items():
        if name == "auth":
            auth, key_id = normalize_auth(member)
        elif name == "right" and takes_right:
            right = _check_text(member)
        elif name == "expiresAtHeight" and operation == ADD_KEY:
            expires = check_expiry(member)
    if not auth:
        raise SchemaError("missing field `auth`")
    if takes_right and "right" not in item:
        raise SchemaError("missing field `right`")
    return Signable(operation, did, last_txid, auth, key_id, expires, right)


def normalize_did(text: str) -> str:
    """The base58btc form of an identifier. Raises DecodeError."""
    did = parse_did(text)
    # Base58btc has one text for given bytes, so a text that was read needs no writing anew.
    return text if text[len(PREFIX) + 1] == BASE58 else str(did)


def normalize_auth(member: Json) -> tuple[str, str]:
    """Base58btc forms of an authentication and of its key id. Raises DecodeError with one text for every flaw."""
    try:
        if not isinstance(member, str):
            raise SchemaError("authentication must be a text")
        auth = parse_auth(member)
    except DataError as exc:
        raise DecodeError("data did not match any variant of untagged enum Authentication") from exc
    text = member if member[2] == BASE58 else str(auth)
    return text, str(compute_key_id(auth)) if isinstance(auth, PublicKey) else text


def check_expiry(member: Json) -> int | None:
    """A height of 32 bits, or None for null. Raises SchemaError with the original's text."""
    if member is None:
        return None
    if (
        isinstance(member, bool)
        or not isinstance(member, int)
        or not -(1 << 63) <= member < 1 << 64
    ):
        raise SchemaError(f"invalid type: {_describe(member)}, expected u32")
    if not 0 <= member <= MAX_HEIGHT:
        raise SchemaError(f"invalid value: integer `{member}`, expected u32")
    return int(member)


def _take_variant(item: dict[str, Json], names: tuple[str, ...]) -> str:
    if "operation" not in item:
        raise SchemaError("missing field `operation`")
    name = item["operation"]
    if not isinstance(name, str):
        raise SchemaError(f"invalid type: {_describe(name)}, expected variant identifier")
    if name not in names:
        known = [f"`{n}`" for n in names]
        listed = " or ".join(known) if len(known) == 2 else "one of " + ", ".join(known)
        raise SchemaError(f"unknown variant `{name}`, expected {listed}")
    return name


def _check_text(member: Json) -> str:
    if not isinstance(member, str):
        raise SchemaError(f"invalid type: {_describe(member)}, expected a string")
    if not member.isascii():
        try:
            member.encode()
        except UnicodeEncodeError as exc:
            raise DecodeError("text holds a lone surrogate") from exc
    return member


def _describe(item: Json) -> str:
    """What was found, in the words of the original's reader."""
    if item is None:
        return "null"
    if isinstance(item, bool):
        return f"boolean `{'true' if item else 'false'}`"
    if isinstance(item, int) and -(1 << 63) <= item < 1 << 64:
        return f"integer `{item}`"
    if isinstance(item, int | float):
        return f"floating point `{float(item) if abs(item) < 1 << 1023 else item}`"
    if isinstance(item, str):
        return f"string {encode_json(item)}"
    return "sequence" if isinstance(item, list) else "map"


# Writing.


def to_record(attempt: BeforeProof | Signed, order: str = "wasm") -> dict[str, Json]:
    """An attempt as JSON. `order` is that of the members: `wasm` (the original's Rust side) or `ts` (its TypeScript side)."""
    if isinstance(attempt, BeforeProof):
        return {"operation": BEFORE_PROOF, "contentId": attempt.content_id}
    return {
        "operation": SIGNED,
        "signables": [signable_to_record(s, order) for s in attempt.signables],
        "signerPublicKey": attempt.signer,
        "signature": attempt.signature,
    }


def signable_to_record(signable: Signable, order: str = "wasm") -> dict[str, Json]:
    """A signable as JSON: in `ts` order the operation comes first, in `wasm` order it follows the last transaction."""
    head: dict[str, Json] = {"operation": signable.operation}
    place: dict[str, Json] = {"did": signable.did, "lastTxId": signable.last_txid}
    rest: dict[str, Json] = {}
    if signable.operation != TOMBSTONE:
        rest["auth"] = signable.auth
    if signable.expires is not None:
        rest["expiresAtHeight"] = signable.expires
    if signable.operation in (ADD_RIGHT, REVOKE_RIGHT):
        rest["right"] = signable.right
    return head | place | rest if order == "ts" else place | head | rest


def encode_signables(signables: tuple[Signable, ...]) -> bytes:
    """The bytes a signer signs: a length as LEB128, then the canonical JSON of the signables (morpheus 10, 6.1)."""
    text = ("[" + ",".join([_encode_signable(s) for s in signables]) + "]").encode()
    return encode_varint(len(text)) + text


def _encode_signable(signable: Signable) -> str:
    """Canonical JSON of a signable: its members sorted; base58 texts hold nothing to escape."""
    auth = f'"auth":"{signable.auth}",' if signable.auth else ""
    expires = "" if signable.expires is None else f'"expiresAtHeight":{signable.expires},'
    last = encode_canonical(signable.last_txid)
    right = ""
    if signable.operation in (ADD_RIGHT, REVOKE_RIGHT):
        right = f',"right":{encode_canonical(signable.right)}'
    head = f'{{{auth}"did":"{signable.did}",{expires}"lastTxId":{last}'
    return f'{head},"operation":"{signable.operation}"{right}}}'


def sign_signables(signables: tuple[Signable, ...], secret: SecretKey) -> Signed:
    """The signables signed with one key."""
    signature = sign(secret, encode_signables(signables))
    return Signed(signables, str(secret.public()), str(signature))


def make_signable(
    operation: str,
    did: str,
    last_txid: Json,
    *,
    auth: Json = None,
    expires: Json = None,
    right: Json = None,
) -> Signable:
    """A signable from its parts, checked as when read; parts the operation does not take are left out."""
    item: dict[str, Json] = {"did": did, "lastTxId": last_txid, "operation": operation}
    if operation != TOMBSTONE:
        item["auth"] = auth
    if operation == ADD_KEY:
        item["expiresAtHeight"] = expires
    if operation in (ADD_RIGHT, REVOKE_RIGHT):
        item["right"] = right
    return parse_signable(item)


def make_asset(attempts: tuple[BeforeProof | Signed, ...], order: str = "wasm") -> dict[str, Json]:
    """The asset of a transaction that carries the attempts."""
    return {"operationAttempts": [to_record(attempt, order) for attempt in attempts]}


def compute_fee(asset: dict[str, Json], builder: str = "wasm") -> int:
    """Fee in flakes for an asset of JSON values, as the `wasm` or the `ts` builder sets it (morpheus 16.4).

    The first counts the UTF-8 bytes of the whole asset, the second the UTF-16 units of the list of attempts, which is the least that
    a node accepts. Raises SchemaError when there is no list.
    """
    if builder == "wasm":
        size = len(encode_json(asset).encode())
    else:
        if not isinstance(asset.get("operationAttempts"), list):
            raise SchemaError("missing field `operationAttempts`")
        size = len(encode_json(asset["operationAttempts"]).encode("utf-16-le")) // 2
    return compute_size_fee(size)


def compute_size_fee(size: int) -> int:
    """Fee in flakes for so many bytes or units of operations."""
    return (size + FEE_OFFSET) * FEE_PER_BYTE
