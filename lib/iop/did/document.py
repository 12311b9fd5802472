"""DID documents as JSON: shape, keys, and the rights they give at a height (morpheus 9).

Two judges exist and differ in corner cases: the one of the registry and of the validators (`has_right_at`), and the one of the
original's client library (`has_right_at_client`), which leaves the tombstone to the keys' own end and says other words. All heights
are block heights, 0 … 2^32-1. A document is hostile until `check_document` has passed it.
"""

from __future__ import annotations

from iop.did.entry import implicit_state, to_document
from iop.did.identifier import parse_did
from iop.errors import DataError, IopError, SchemaError, VerifyError
from iop.keys.multicipher import is_same_auth, parse_auth

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from iop.codec.json import Json
    from iop.did.identifier import Did
    from iop.keys.multicipher import KeyId, PublicKey

    Record = dict[str, Any]
    Document = dict[str, Any]
    Member = dict[str, Any]

MAX_HEIGHT = (1 << 32) - 1


def implicit_document(did: Did, height: int = 0) -> dict[str, Json]:
    """The document of an identifier that has no transactions."""
    text = str(did)
    return to_document(text, implicit_state(text), height)


def check_document(document: Json) -> Document:
    """The document itself when it has the shape of one; raises SchemaError or DecodeError otherwise.

    Checked are the members that judgements rest on: DID, keys with authentications and heights, right lists with key links and
    histories, the tombstone, the queried height. Unknown members are allowed everywhere.
    """
    body = _check_object(document, "DID document")
    parse_did(_check_text(body.get("did"), "did"))
    for index, key in enumerate(_check_list(body.get("keys"), "keys")):
        entry = _check_object(key, f"key {index}")
        parse_auth(_check_text(entry.get("auth"), f"auth of key {index}"))
        _check_height(entry.get("validFromHeight"), f"validFromHeight of key {index}")
        _check_height(entry.get("validUntilHeight"), f"validUntilHeight of key {index}")
    rights = _check_object(body.get("rights", {}), "rights")
    for right, entries in rights.items():
        for item in _check_list(entries, f"right {right!r}"):
            entry = _check_object(item, f"entry of right {right!r}")
            _check_text(entry.get("keyLink"), "keyLink")
            for point in _check_list(entry.get("history"), "history"):
                at = _check_object(point, "history point")
                _check_height(at.get("height"), "height of a history point")
                if not isinstance(at.get("valid"), bool):
                    raise SchemaError("valid of a history point must be true or false")
    _check_height(body.get("tombstonedAtHeight"), "tombstonedAtHeight")
    queried = body.get("queriedAtHeight")
    _check_height(queried, "queriedAtHeight")
    if queried is None:
        raise SchemaError("missing field `queriedAtHeight`")
    return body


def find_key(document: Document, key_link: str) -> Member:
    """The key a link inside the document points to. Raises DataError with the original's text."""
    if not key_link.startswith("#"):
        raise DataError("Key links for remote DIDs are not supported yet")
    digits = key_link[1:]
    # The original's number parser also takes one leading plus sign.
    digits = digits.removeprefix("+")
    if not digits:
        raise DataError(
            "cannot parse integer from empty string"
            if key_link == "#"
            else "invalid digit found in string"
        )
    if not (digits.isascii() and digits.isdigit()):
        raise DataError("invalid digit found in string")
    digits = digits.lstrip("0") or "0"
    if len(digits) > 20 or int(digits) >= 1 << 64:
        raise DataError("number too large to fit in target type")
    keys = document["keys"]
    if int(digits) >= len(keys):
        raise DataError(f"No key found for link {key_link}")
    key: Member = keys[int(digits)]
    return key


def is_key_valid_at(key: Member, height: int) -> bool:
    """True if a key of a document is valid: from its first height on, before its last."""
    start, end = key.get("validFromHeight"), key.get("validUntilHeight")
    return (start is None or start <= height) and (end is None or height < end)


def is_key_of(key: Member, auth: KeyId | PublicKey) -> bool:
    """True if a key of a document and an authentication name one key."""
    return is_same_auth(parse_auth(key["auth"]), auth)


def is_granted_at(entry: Member, height: int) -> bool:
    """The value of a right entry: its last history point at or before the height.

    Raises DataError when the heights of the history fall.
    """
    history = entry["history"]
    heights = [point.get("height") or 0 for point in history]
    if heights != sorted(heights):
        raise DataError("Height of key history items must be strictly increasing")
    value = False
    for at, point in zip(heights, history, strict=True):
        if at > height:
            break
        value = point["valid"]
    return value


def has_right_at(document: Document, auth: KeyId | PublicKey, right: str, height: int) -> bool:
    """Whether an authentication holds a right at a height, as the registry and the validators judge it.

    Raises VerifyError for a height after the one the document was queried at, DataError for broken key links.
    """
    if is_tombstoned_at(document, height):
        return False
    for entry in document.get("rights", {}).get(right, ()):
        key = find_key(document, entry["keyLink"])
        if is_key_valid_at(key, height) and is_key_of(key, auth):
            return is_granted_at(entry, height)
    return False


def is_tombstoned_at(document: Document, height: int) -> bool:
    """Whether the identifier was given up at or before a height. Raises VerifyError for an unknown height."""
    queried = document["queriedAtHeight"]
    if queried < height:
        raise VerifyError(f"Queried future height {height}, present is {queried}")
    tombstoned = document.get("tombstonedAtHeight")
    return tombstoned is not None and tombstoned <= height


def judge_right(document: Json, auth: str, right: str, height: int | None = None) -> Record:
    """The verdict `iop.right/1` on a document that nobody has checked yet, at its queried height if none is given.

    Raises DataError for what is no document or no authentication, VerifyError for a height that the document does not know.
    """
    body = check_document(document)
    at: int = body["queriedAtHeight"] if height is None else height
    granted = has_right_at(body, parse_auth(auth), right, at)
    return {
        "type": "iop.right/1",
        "did": body["did"],
        "auth": auth,
        "right": right,
        "height": at,
        "granted": granted,
    }


def has_right_at_client(
    document: Document, auth: KeyId | PublicKey, right: str, height: int
) -> bool:
    """As `has_right_at`, judged as the original's client library does: the tombstone counts through the keys' end only."""
    _check_known(document, height)
    for entry in document.get("rights", {}).get(right, ()):
        link = entry["keyLink"]
        if not link.startswith("#"):
            raise DataError(f"Only did-internal keyLinks are supported yet. Found {link}")
        try:
            key = find_key(document, link)
        except IopError as exc:
            raise DataError(f"Invalid did-internal keyLink found: {link}") from exc
        if is_key_valid_at(key, height) and is_key_of(key, auth):
            return _is_granted_client(entry["history"], height)
    return False


def is_tombstoned_at_client(document: Document, height: int) -> bool:
    """As `is_tombstoned_at`, judged as the original's client library does: a tombstone at height 0 is none."""
    _check_known(document, height)
    tombstoned: int = document.get("tombstonedAtHeight") or 0
    return 0 < tombstoned <= height


def _is_granted_client(history: list[Member], height: int) -> bool:
    value = False
    for point in history:
        at = point.get("height")
        if at and at > height:
            break
        value = point["valid"]
    return value


def _check_known(document: Document, height: int) -> None:
    queried = document["queriedAtHeight"]
    if height > queried:
        raise VerifyError(f"Cannot query at {height}, latest block seen was {queried}")


def _check_object(item: Json, noun: str) -> dict[str, Any]:
    if not isinstance(item, dict):
        raise SchemaError(f"{noun} must be an object")
    return item


def _check_list(item: Json, noun: str) -> list[Any]:
    if not isinstance(item, list):
        raise SchemaError(f"{noun} must be a list")
    return item


def _check_text(item: Json, noun: str) -> str:
    if not isinstance(item, str):
        raise SchemaError(f"{noun} must be a text")
    return item


def _check_height(item: Json, noun: str) -> None:
    if item is None:
        return
    if isinstance(item, bool) or not isinstance(item, int) or not 0 <= item <= MAX_HEIGHT:
        raise SchemaError(f"{noun} must be a block height or null")
