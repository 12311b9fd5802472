"""A DID's row of the state: what the state hash covers and a proof carries of one identifier.

A row is a JSON array without blanks:

    [[key…], tombstoned at height | null, id of the newest confirmed transaction | null, its height]

and a key is `[auth, added, expires, revoked, [flips of update], [flips of impersonate]]`, heights or null as in
`iop.did.entry.KeyEntry`. The keys of a DID that has its default key only are an empty array.
"""

from __future__ import annotations

from iop.codec.json import encode_string
from iop.did.entry import DidState, KeyEntry
from iop.errors import DecodeError, IopError, SchemaError
from iop.keys.multicipher import PublicKey, compute_key_id, parse_auth

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iop.codec.json import Json
    from iop.did.state import Fact


def encode_fact(fact: Fact) -> str | None:
    """The row of what is known of a DID; None when it has none, because nothing was ever confirmed."""
    state, confirmed = fact
    if state is None and confirmed is None:
        return None
    keys = "" if state is None else ",".join([_encode_key(key) for key in state.keys])
    tombstoned = None if state is None else state.tombstoned
    last = "null,0" if confirmed is None else f"{encode_string(confirmed[0])},{confirmed[1]}"
    return f"[[{keys}],{_height(tombstoned)},{last}]"


def parse_fact(row: Json) -> Fact:
    """What a row says. Raises SchemaError."""
    try:
        keys, tombstoned, txid, height = row
        state = None
        if keys or tombstoned is not None:
            state = DidState(tuple(_parse_key(key) for key in keys), _check_height(tombstoned))
        if txid is None:
            return state, None
        if not isinstance(txid, str):
            raise SchemaError("a transaction id must be text")
        found = _check_height(height)
    except (TypeError, ValueError, IopError) as exc:
        raise SchemaError("not the row of a DID") from exc
    return state, (txid, 0 if found is None else found)


def _encode_key(key: KeyEntry) -> str:
    flips = f"{list(key.update)},{list(key.impersonate)}".replace(" ", "")
    return (
        f'["{key.auth}",{_height(key.added)},{_height(key.expires)},{_height(key.revoked)},{flips}]'
    )


def _height(height: int | None) -> str:
    return "null" if height is None else str(height)


def _parse_key(row: Json) -> KeyEntry:
    text, added, expires, revoked, update, impersonate = row
    if not isinstance(text, str):
        raise DecodeError("a key must be text")
    auth = parse_auth(text)
    key_id = compute_key_id(auth) if isinstance(auth, PublicKey) else auth
    return KeyEntry(
        str(auth),
        str(key_id),
        _check_height(added),
        _check_height(expires),
        _check_height(revoked),
        _parse_flips(update),
        _parse_flips(impersonate),
    )


def _parse_flips(row: Json) -> tuple[int, ...]:
    flips = tuple(row)
    for before, after in zip((-1, *flips), flips, strict=False):
        if type(after) is not int or after <= before:
            raise DecodeError("heights of a right must grow")
    return flips


def _check_height(height: Json) -> int | None:
    if height is not None and (type(height) is not int or height < 0):
        raise DecodeError("a height must be a whole number")
    return height
