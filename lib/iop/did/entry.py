"""What the registry keeps of one identifier, and the document it shows of it at a height (morpheus 9).

Only facts with their heights are kept, never a derived flag: a key's heights of addition, expiry and revocation, the heights at
which a right changed, the height of the tombstone. Values are immutable and shared, so keeping an old state costs nothing.
"""

from __future__ import annotations

from iop.did.identifier import PREFIX
from iop.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iop.codec.json import Json

UPDATE = "update"
IMPERSONATE = "impersonate"
RIGHTS = (UPDATE, IMPERSONATE)


@value
class KeyEntry:
    """A key of a document: texts of the authentication and of its key id, and heights (None: never).

    `update` and `impersonate` hold the growing heights at which the right flipped. It starts as true for the default key, the only
    one that was never added, and as false for every other.
    """

    auth: str
    key_id: str
    added: int | None = None
    expires: int | None = None
    revoked: int | None = None
    update: tuple[int, ...] = ()
    impersonate: tuple[int, ...] = ()

    def is_same(self, auth: str, key_id: str) -> bool:
        """True if the entry and an authentication name one key: equal texts, or a key and its id."""
        if self.key_id != key_id:
            return False
        return auth in (self.auth, key_id) or self.auth == key_id

    def valid_until(self, tombstoned: int | None) -> int | None:
        """The first height at which the key is not valid any more, None if there is none."""
        heights = [h for h in (self.expires, self.revoked, tombstoned) if h is not None]
        return min(heights) if heights else None

    def is_valid_at(self, height: int, tombstoned: int | None = None) -> bool:
        """True if the key was added by that height and has not ended at it."""
        return (
            (self.added is None or self.added <= height)
            and (self.expires is None or height < self.expires)
            and (self.revoked is None or height < self.revoked)
            and (tombstoned is None or height < tombstoned)
        )

    def flips(self, right: str) -> tuple[int, ...]:
        """The heights at which a right of this key changed."""
        return self.update if right == UPDATE else self.impersonate

    def has_right_at(self, right: str, height: int) -> bool:
        """The last value of a right at or before a height; the key's own validity is not looked at."""
        return (self.added is None) ^ (count_until(self.flips(right), height) % 2 == 1)


@value
class DidState:
    """Keys of an identifier in order of addition, and the height of its tombstone."""

    keys: tuple[KeyEntry, ...]
    tombstoned: int | None = None

    def is_implicit(self) -> bool:
        """True if nothing but the default key is known, so that nothing needs to be kept."""
        if len(self.keys) != 1 or self.tombstoned is not None:
            return False
        key = self.keys[0]
        return key.revoked is None and not key.update and not key.impersonate


def implicit_state(did: str) -> DidState:
    """The state of an identifier (in base58btc) without transactions: its default key with both rights."""
    text = "i" + did[len(PREFIX) :]
    return DidState((KeyEntry(text, text),))


def count_until(heights: tuple[int, ...], height: int) -> int:
    """How many of the growing heights are at or before one."""
    if not heights or heights[-1] <= height:
        return len(heights)
    low, high = 0, len(heights)
    while low < high:
        middle = (low + high) // 2
        if heights[middle] <= height:
            low = middle + 1
        else:
            high = middle
    return low


def forget_after(state: DidState, height: int) -> DidState:
    """The state as it was known at a height: nothing that was set later, except expiries, which were announced."""

    def known(at: int | None) -> int | None:
        return at if at is None or at <= height else None

    keys = tuple(
        KeyEntry(
            key.auth,
            key.key_id,
            key.added,
            key.expires,
            known(key.revoked),
            key.update[: count_until(key.update, height)],
            key.impersonate[: count_until(key.impersonate, height)],
        )
        for key in state.keys
        if key.added is None or key.added <= height
    )
    return DidState(keys, known(state.tombstoned))


def to_document(did: str, state: DidState, height: int) -> dict[str, Json]:
    """The document of an identifier as shown at a height, members in the order of the original.

    Keys added later are left out and `valid` is judged at the height, but ends of validity, histories and the tombstone are
    those of the given state (morpheus 9, view at height). For the document that was shown at that time, pass the state through
    `forget_after` first.
    """
    shown = [key for key in state.keys if key.added is None or key.added <= height]
    rights: dict[str, Json] = {
        right: [_show_right(key, right, index, height) for index, key in enumerate(shown)]
        for right in RIGHTS
    }
    return {
        "did": did,
        "keys": [
            {
                "auth": key.auth,
                "validFromHeight": key.added,
                "validUntilHeight": key.valid_until(state.tombstoned),
                "index": index,
                "valid": key.is_valid_at(height, state.tombstoned),
            }
            for index, key in enumerate(shown)
        ],
        "rights": rights,
        "tombstonedAtHeight": state.tombstoned,
        "tombstoned": state.tombstoned is not None,
        "queriedAtHeight": height,
    }


def _show_right(key: KeyEntry, right: str, index: int, height: int) -> dict[str, Json]:
    granted = key.added is None
    history: list[Json] = [{"height": None, "valid": granted}]
    for at in key.flips(right):
        granted = not granted
        history.append({"height": at, "valid": granted})
    return {
        "history": history,
        "keyLink": f"#{index}",
        "valid": key.has_right_at(right, height),
    }
