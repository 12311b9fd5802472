"""An identifier's state opened for change, and the rules of the five operations on it (morpheus 11).

A draft is made from an immutable state, changed by the signables of one transaction, and either closed into a new state or dropped.
Every refusal has the original's text.
"""

from __future__ import annotations

from iop.did.entry import RIGHTS, UPDATE, DidState, KeyEntry
from iop.did.operation import ADD_KEY, ADD_RIGHT, REVOKE_KEY, TOMBSTONE
from iop.errors import VerifyError
from iop.value import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iop.did.operation import Signable

FIRST_HEIGHT = 2  # keys change from this height on, morpheus 11
INDEXED = 32  # keys from which a look-up table pays


class Signer:
    """Who signed a block: texts of the public key and of its key id."""

    __slots__ = ("key_id", "text")

    def __init__(self, text: str, key_id: str) -> None:
        self.text = text
        self.key_id = key_id


class Draft:
    """The keys and the tombstone of one identifier, changeable."""

    __slots__ = ("_places", "did", "keys", "tombstoned")

    def __init__(self, did: str, state: DidState) -> None:
        self.did = did
        self.keys = list(state.keys)
        self.tombstoned = state.tombstoned
        self._places: dict[str, list[int]] | None = None

    def close(self) -> DidState:
        """The state as it stands."""
        return DidState(tuple(self.keys), self.tombstoned)

    def find_all(self, auth: str, key_id: str) -> list[int]:
        """Places of the keys that match an authentication, oldest first."""
        keys = self.keys
        if len(keys) < INDEXED:
            return [
                i
                for i, key in enumerate(keys)
                if key.key_id == key_id and key.is_same(auth, key_id)
            ]
        if self._places is None:
            self._places = {}
            for i, key in enumerate(keys):
                self._places.setdefault(key.key_id, []).append(i)
        return [i for i in self._places.get(key_id, ()) if keys[i].is_same(auth, key_id)]

    def find_last(self, auth: str, key_id: str) -> int:
        """Place of the newest key that matches an authentication, -1 if none does."""
        places = self.find_all(auth, key_id)
        return places[-1] if places else -1

    def append(self, key: KeyEntry) -> None:
        """Add a key as the newest."""
        if self._places is not None:
            self._places.setdefault(key.key_id, []).append(len(self.keys))
        self.keys.append(key)

    def pop(self) -> KeyEntry:
        """Take the newest key away."""
        key = self.keys.pop()
        if self._places is not None:
            self._places[key.key_id].pop()
        return key

    def has_update_at(self, signer: Signer, height: int) -> bool:
        """Whether the first key of the signer that is valid at a height has the right to update then."""
        for place in self.find_all(signer.text, signer.key_id):
            key = self.keys[place]
            if key.is_valid_at(height, self.tombstoned):
                return key.has_right_at(UPDATE, height)
        return False


def apply_signable(draft: Draft, signable: Signable, signer: Signer, height: int) -> None:
    """Change the draft as the signable says. Raises VerifyError and leaves the draft as it was (steps 2 to 4)."""
    if draft.tombstoned is not None and draft.tombstoned <= height:
        raise VerifyError(
            f"{signer.text} cannot update {draft.did} at height {height}. The DID is tombstoned"
        )
    if not draft.has_update_at(signer, height):
        raise VerifyError(f"{signer.text} has no right to update {draft.did} at height {height}")
    operation = signable.operation
    if operation == ADD_KEY:
        _check_height(height)
        _check_not_tombstoned(draft)
        _add_key(draft, signable, height)
    elif operation == TOMBSTONE:
        _check_not_tombstoned(draft)
        draft.tombstoned = height
    else:
        _check_other(signable, signer)
        if operation == REVOKE_KEY:
            _check_height(height)
            _check_not_tombstoned(draft)
            _revoke_key(draft, signable, height)
        else:
            _check_not_tombstoned(draft)
            _set_right(draft, signable, height, granted=operation == ADD_RIGHT)


def revert_signable(draft: Draft, signable: Signable, signer: Signer, height: int) -> None:
    """Take back what the signable changed at this height. Raises VerifyError when the draft does not show that change."""
    operation = signable.operation
    if operation == ADD_KEY:
        _check_height(height)
        _check_not_tombstoned(draft)
        _unadd_key(draft, signable, height)
    elif operation == TOMBSTONE:
        if draft.tombstoned is None:
            raise VerifyError(
                f"Failed to revert tombstoning DID {draft.did}. It was not tombstoned yet."
            )
        draft.tombstoned = None
    else:
        _check_other(signable, signer)
        if operation == REVOKE_KEY:
            _check_height(height)
            _check_not_tombstoned(draft)
            _unrevoke_key(draft, signable, height)
        else:
            _check_not_tombstoned(draft)
            _unset_right(draft, signable, height, granted=operation == ADD_RIGHT)


def _check_height(height: int) -> None:
    if height < FIRST_HEIGHT:
        raise VerifyError(f"Keys cannot be added before height {FIRST_HEIGHT}")


def _check_not_tombstoned(draft: Draft) -> None:
    if draft.tombstoned is not None:
        raise VerifyError(
            f"did is tombstoned at height {draft.tombstoned}, cannot be updated anymore"
        )


def _check_other(signable: Signable, signer: Signer) -> None:
    if signable.key_id == signer.key_id and signable.auth in (signer.text, signer.key_id):
        raise VerifyError(f"{signer.text} cannot modify its own authorization (as {signable.auth})")


def _add_key(draft: Draft, signable: Signable, height: int) -> None:
    place = draft.find_last(signable.auth, signable.key_id)
    if place >= 0 and draft.keys[place].is_valid_at(height):
        raise VerifyError(f"DID {draft.did} already has a still valid key matching {signable.auth}")
    draft.append(KeyEntry(signable.auth, signable.key_id, height, signable.expires))


def _unadd_key(draft: Draft, signable: Signable, height: int) -> None:
    newest = draft.keys[-1]
    reason = ""
    if not newest.is_same(signable.auth, signable.key_id):
        reason = "the key does not match the last added one"
    elif newest.added != height:
        reason = "it was not added at the specified height"
    elif newest.expires != signable.expires:
        reason = "it was not added with the same expiration"
    if reason:
        raise VerifyError(f"Cannot revert addKey in DID {draft.did}, because {reason}.")
    draft.pop()


def _revoke_key(draft: Draft, signable: Signable, height: int) -> None:
    place = draft.find_last(signable.auth, signable.key_id)
    if place < 0:
        raise VerifyError(f"DID {draft.did} does not have a key matching {signable.auth}")
    key = draft.keys[place]
    if not key.is_valid_at(height):
        raise VerifyError(
            f"DID {draft.did} has a key matching {signable.auth}, but it's already invalidated"
        )
    if key.revoked is not None:
        # Only after the height went back below that of the revocation.
        raise VerifyError(f"key matching {signable.auth} in DID {draft.did} was already revoked")
    draft.keys[place] = replace(key, revoked=height)


def _unrevoke_key(draft: Draft, signable: Signable, height: int) -> None:
    place = draft.find_last(signable.auth, signable.key_id)
    if place < 0:
        raise VerifyError(
            f"Cannot revert revokeKey in DID {draft.did} because it does not have a key matching {signable.auth}"
        )
    key = draft.keys[place]
    if key.revoked is None:
        raise VerifyError(
            f"Cannot revert revokeKey in DID {draft.did} because key matching {signable.auth} was not revoked"
        )
    restored = replace(key, revoked=None)
    if not restored.is_valid_at(height):
        raise VerifyError(
            f"Failed to revert revokeKey in DID {draft.did} for key matching {signable.auth}. "
            "It's still invalid after reverted revoking."
        )
    draft.keys[place] = restored


def _find_right(draft: Draft, signable: Signable, height: int) -> int:
    if signable.right not in RIGHTS:
        raise VerifyError(f"unknown variant `{signable.right}`, expected `update` or `impersonate`")
    place = draft.find_last(signable.auth, signable.key_id)
    if place < 0:
        raise VerifyError(f"DID {draft.did} has no key matching {signable.auth}")
    if not draft.keys[place].is_valid_at(height, draft.tombstoned):
        raise VerifyError(
            f"Key matching {signable.auth} of DID {draft.did} is invalid at height {height}"
        )
    return place


def _set_right(draft: Draft, signable: Signable, height: int, *, granted: bool) -> None:
    place = _find_right(draft, signable, height)
    key = draft.keys[place]
    flips = key.flips(signable.right)
    what = f"Validity of key {signable.auth} in DID {draft.did}"
    if flips and flips[-1] >= height:
        raise VerifyError(f"{what} was already set at height {height}")
    if _latest(key, signable.right) == granted:
        raise VerifyError(f"{what} was already set to {_word(granted)} at height {height}")
    draft.keys[place] = _with_flips(key, signable.right, (*flips, height))


def _unset_right(draft: Draft, signable: Signable, height: int, *, granted: bool) -> None:
    place = _find_right(draft, signable, height)
    key = draft.keys[place]
    flips = key.flips(signable.right)
    what = f"Validity of key {signable.auth} in DID {draft.did}"
    if not flips:
        raise VerifyError(f"{what} has nothing to unset")
    if flips[-1] != height:
        raise VerifyError(f"{what} was set at height {flips[-1]}, cannot unset at height {height}")
    latest = _latest(key, signable.right)
    if latest != granted:
        raise VerifyError(
            f"{what} was set to {_word(latest)} at height {height}, cannot unset it from {_word(granted)}"
        )
    draft.keys[place] = _with_flips(key, signable.right, flips[:-1])


def _latest(key: KeyEntry, right: str) -> bool:
    return (key.added is None) ^ (len(key.flips(right)) % 2 == 1)


def _with_flips(key: KeyEntry, right: str, flips: tuple[int, ...]) -> KeyEntry:
    return replace(key, update=flips) if right == UPDATE else replace(key, impersonate=flips)


def _word(granted: bool) -> str:
    return "true" if granted else "false"
