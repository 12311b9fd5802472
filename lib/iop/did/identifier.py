"""Decentralised identifiers of the method `morpheus` (morpheus 9).

`did:morpheus:` and the text of a key id without its leading `i`. The identifier names its default key, so it exists without any
registration.
"""

from __future__ import annotations

from iop.errors import DecodeError
from iop.keys.multicipher import KeyId, PublicKey, compute_key_id, parse_key_id
from iop.value import value

PREFIX = "did:morpheus:"


@value
class Did:
    """An identifier: the key id of its default key."""

    key_id: KeyId

    def __str__(self) -> str:
        return PREFIX + str(self.key_id)[1:]


def parse_did(text: str) -> Did:
    """The identifier of a text in any multibase; no key link may follow. Raises DecodeError with the original's text."""
    if not text.startswith(PREFIX):
        raise DecodeError(f"{text} is not a valid DID: must start with {PREFIX}")
    return Did(parse_key_id("i" + text[len(PREFIX) :]))


def compute_did(auth: KeyId | PublicKey) -> Did:
    """The identifier whose default key is the given key or key id."""
    return Did(compute_key_id(auth) if isinstance(auth, PublicKey) else auth)


def parse_key_link(text: str) -> tuple[str, int]:
    """DID text and key index of a key link, `did:morpheus:ez…#0`; the DID text is empty inside a document (`#0`).

    The index is decimal digits, at most ten. Raises DecodeError (morpheus 8).
    """
    did, mark, index = text.partition("#")
    if not mark or not (index.isascii() and index.isdigit() and len(index) <= 10):
        raise DecodeError("key link is a DID, # and a number")
    if did:
        did = str(parse_did(did))
    return did, int(index)
