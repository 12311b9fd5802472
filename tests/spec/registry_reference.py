"""The registry of morpheus 9 to 11, slow and obvious: written from the text, sharing nothing with the library.

The whole state is copied for every transaction, every question is answered by looking at everything. ed25519 only.
"""

from __future__ import annotations

import copy
import functools
import hashlib
import json

import base58
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

CORRUPT = "Morpheus state is corrupt. All incoming changes will be ignored."


class Unreadable(Exception):
    """The asset does not parse."""


class Refused(Exception):
    """A rule says no."""


@functools.cache
def key_id_of(public_text: str) -> str:
    raw = base58.b58decode(public_text[3:])
    digest = hashlib.blake2b(raw, key=b"open social graph", digest_size=16).digest()
    return "iez" + base58.b58encode(b"\x01" + digest).decode()


def same(a: str, b: str) -> bool:
    """One authentication: equal, or one is the id of the other."""
    if a == b:
        return True
    if a[0] == "p" and b[0] == "i":
        return key_id_of(a) == b
    if a[0] == "i" and b[0] == "p":
        return a == key_id_of(b)
    return False


def signed_bytes(signables: list[dict]) -> bytes:
    """LEB128 length, canonical JSON; enough for ASCII texts and whole numbers."""
    text = json.dumps(signables, sort_keys=True, separators=(",", ":")).encode()
    length, out = len(text), b""
    while length >= 128:
        out += bytes([length % 128 + 128])
        length //= 128
    return out + bytes([length]) + text


def parse(asset: dict) -> list[dict]:
    if not isinstance(asset, dict) or not isinstance(asset.get("operationAttempts"), list):
        raise Unreadable
    attempts = []
    for attempt in asset["operationAttempts"]:
        if attempt.get("operation") == "registerBeforeProof":
            if not isinstance(attempt.get("contentId"), str):
                raise Unreadable
            attempts.append({"operation": "registerBeforeProof", "contentId": attempt["contentId"]})
        elif attempt.get("operation") == "signed":
            if not all(isinstance(attempt.get(m), str) for m in ("signerPublicKey", "signature")):
                raise Unreadable
            attempts.append(
                {
                    "operation": "signed",
                    "signables": [parse_signable(s) for s in attempt["signables"]],
                    "signerPublicKey": attempt["signerPublicKey"],
                    "signature": attempt["signature"],
                }
            )
        else:
            raise Unreadable
    return attempts


def parse_signable(item: dict) -> dict:
    operation = item.get("operation")
    if operation not in ("addKey", "revokeKey", "addRight", "revokeRight", "tombstoneDid"):
        raise Unreadable
    if not str(item.get("did", "")).startswith("did:morpheus:ez"):
        raise Unreadable
    out = {"did": item["did"], "lastTxId": item.get("lastTxId"), "operation": operation}
    if operation != "tombstoneDid":
        if str(item.get("auth"))[:3] not in ("iez", "pez"):
            raise Unreadable
        out["auth"] = item["auth"]
    if operation == "addKey" and item.get("expiresAtHeight") is not None:
        if not 0 <= item["expiresAtHeight"] < 2**32:
            raise Unreadable
        out["expiresAtHeight"] = item["expiresAtHeight"]
    if operation.endswith("Right"):
        if not isinstance(item.get("right"), str):
            raise Unreadable
        out["right"] = item["right"]
    return out


def valid_until(key: dict, tombstone: int | None) -> int | None:
    ends = [end for end in (key["expires"], key["revoked"], tombstone) if end is not None]
    return min(ends, default=None)


def key_valid(key: dict, tombstone: int | None, h: int) -> bool:
    until = valid_until(key, tombstone)
    return (key["from"] is None or key["from"] <= h) and (until is None or h < until)


def right_valid(history: list, h: int) -> bool:
    value = None
    for at, flag in history:
        if at is None or at <= h:
            value = flag
    return value


def new_document(did: str) -> dict:
    return {
        "tombstone": None,
        "keys": [
            {
                "auth": "i" + did.removeprefix("did:morpheus:"),
                "from": None,
                "expires": None,
                "revoked": None,
                "rights": {"update": [(None, True)], "impersonate": [(None, True)]},
            }
        ],
    }


class Reference:
    """The registry. Calls raise Unreadable or Refused."""

    def __init__(self) -> None:
        self.corrupted = False
        self.s = {"height": 0, "status": {}, "proofs": {}, "documents": {}, "attempts": {}}

    def sound(self) -> None:
        if self.corrupted:
            raise Refused(CORRUPT)

    def block_applying(self, h: int) -> None:
        self.sound()
        if h < self.s["height"]:
            self.corrupted = True
            raise Refused(f"The applied height ({h}) is < last seen height ({self.s['height']})")
        self.s["height"] = h

    def block_reverting(self, h: int) -> None:
        self.sound()
        if h > self.s["height"]:
            self.corrupted = True
            raise Refused(f"The reverted height ({h}) is > last seen height ({self.s['height']})")
        self.s["height"] = h

    def apply_transaction(self, txid: str, asset: dict) -> None:
        attempts = parse(asset)
        self.sound()
        for attempt in attempts:
            for signable in attempt.get("signables", []):
                rows = self.s["attempts"].setdefault(signable["did"], [])
                if txid not in [row[0] for row in rows]:
                    rows.insert(0, (txid, self.s["height"]))
        copied = copy.deepcopy(self.s)
        try:
            for attempt in attempts:
                execute(copied, txid, attempt)
        except Refused:
            known = txid in self.s["status"]
            self.s["status"][txid] = False
            if known:
                raise Refused(f"Transaction {txid} was already confirmed") from None
            raise
        if txid in self.s["status"]:
            raise Refused(f"Transaction {txid} was already confirmed")
        copied["status"][txid] = True
        self.s = copied

    def revert_transaction(self, txid: str, asset: dict) -> None:
        attempts = parse(asset)
        self.sound()
        if txid not in self.s["status"]:
            self.corrupted = True
            raise Refused(f"Transaction {txid} has not been applied, cannot revert.")
        copied = copy.deepcopy(self.s)
        try:
            if copied["status"].pop(txid):
                for attempt in reversed(attempts):
                    undo(copied, txid, attempt)
        except Refused:
            self.corrupted = True
            raise
        for attempt in attempts:
            for signable in attempt.get("signables", []):
                rows = copied["attempts"].get(signable["did"], [])
                rows[:] = [row for row in rows if row[0] != txid]
        self.s = copied

    def dry_run(self, asset: dict) -> list:
        attempts = parse(asset)
        if self.corrupted:
            return [{"invalidOperationAttempt": None, "message": CORRUPT}]
        copied = copy.deepcopy(self.s)
        for attempt in attempts:
            try:
                execute(copied, "dry_run", attempt)
            except Refused as no:
                return [{"invalidOperationAttempt": attempt, "message": str(no)}]
        return []

    def is_confirmed(self, txid: str) -> bool | None:
        self.sound()
        return self.s["status"].get(txid)

    def before_proof_history(self, content_id: str) -> dict:
        self.sound()
        h, txid = self.s["proofs"].get(content_id, (None, None))
        return {
            "contentId": content_id,
            "existsFromHeight": h,
            "txid": txid,
            "queriedAtHeight": self.s["height"],
        }

    def history(self, did: str, include_attempts: bool, start: int, until: int | None) -> list:
        self.sound()
        return [
            {"transactionId": txid, "height": h}
            for txid, h in self.s["attempts"].get(did, [])
            if (include_attempts or self.s["status"].get(txid))
            and start <= h
            and (until is None or h <= until)
        ]

    def last_txid(self, did: str) -> str | None:
        self.sound()
        found = newest_confirmed(self.s, did)
        return found and found[0]

    def document(self, did: str, h: int) -> dict:
        self.sound()
        doc = self.s["documents"].get(did) or new_document(did)
        keys = [key for key in doc["keys"] if key["from"] is None or key["from"] <= h]
        return {
            "did": did,
            "keys": [
                {
                    "index": i,
                    "auth": key["auth"],
                    "validFromHeight": key["from"],
                    "validUntilHeight": valid_until(key, doc["tombstone"]),
                    "valid": key_valid(key, doc["tombstone"], h),
                }
                for i, key in enumerate(keys)
            ],
            "rights": {
                right: [
                    {
                        "keyLink": f"#{i}",
                        "history": [
                            {"height": at, "valid": flag} for at, flag in key["rights"][right]
                        ],
                        "valid": right_valid(key["rights"][right], h),
                    }
                    for i, key in enumerate(keys)
                ]
                for right in ("update", "impersonate")
            },
            "tombstonedAtHeight": doc["tombstone"],
            "tombstoned": doc["tombstone"] is not None,
            "queriedAtHeight": h,
        }


def newest_confirmed(s: dict, did: str) -> tuple[str, int] | None:
    for txid, h in s["attempts"].get(did, []):
        if s["status"].get(txid):
            return txid, h
    return None


def check_signature(attempt: dict) -> None:
    signer, signature = attempt["signerPublicKey"], attempt["signature"]
    if signer[:1] != "p":
        raise Refused("Public keys must start with 'p'")
    if signature[:1] != "s":
        raise Refused("Signatures must start with 's'")
    if not verifies(signer, signed_bytes(attempt["signables"]), signature):
        raise Refused("Invalid signature")


@functools.cache
def verifies(signer: str, message: bytes, signature: str) -> bool:
    try:
        VerifyKey(base58.b58decode(signer[3:])).verify(message, base58.b58decode(signature[3:])[1:])
    except BadSignatureError:
        return False
    return True


def open_document(s: dict, signable: dict) -> dict:
    did, h, named = signable["did"], s["height"], signable["lastTxId"]
    found = newest_confirmed(s, did)
    if named != (found[0] if found else None):
        tried = f"after txn {named}" if named is not None else "on an implicit document"
        fact = (
            f"it last changed at height {found[1]} by txn {found[0]}"
            if found
            else "it never changed yet"
        )
        raise Refused(f"Operation on {did} at height {h} was attempted {tried}, but {fact}")
    return s["documents"].setdefault(did, new_document(did))


def execute(s: dict, txid: str, attempt: dict) -> None:
    h = s["height"]
    if attempt["operation"] == "registerBeforeProof":
        content_id = attempt["contentId"]
        if content_id in s["proofs"]:
            at, by = s["proofs"][content_id]
            raise Refused(f"Before proof {content_id} is already registered at {at} by txn {by}")
        s["proofs"][content_id] = (h, txid)
        return
    check_signature(attempt)
    signer = attempt["signerPublicKey"]
    for signable in attempt["signables"]:
        did = signable["did"]
        doc = open_document(s, signable)
        if doc["tombstone"] is not None and doc["tombstone"] <= h:
            raise Refused(f"{signer} cannot update {did} at height {h}. The DID is tombstoned")
        may = False
        for key in doc["keys"]:
            if key_valid(key, doc["tombstone"], h) and same(key["auth"], signer):
                may = right_valid(key["rights"]["update"], h)
                break
        if not may:
            raise Refused(f"{signer} has no right to update {did} at height {h}")
        operate(doc, signable, signer, h)


def not_tombstoned(doc: dict) -> None:
    if doc["tombstone"] is not None:
        raise Refused(f"did is tombstoned at height {doc['tombstone']}, cannot be updated anymore")


def high_enough(h: int) -> None:
    if h < 2:
        raise Refused("Keys cannot be added before height 2")


def not_self(signer: str, auth: str) -> None:
    if same(signer, auth):
        raise Refused(f"{signer} cannot modify its own authorization (as {auth})")


def newest(doc: dict, auth: str) -> dict | None:
    matching = [key for key in doc["keys"] if same(key["auth"], auth)]
    return matching[-1] if matching else None


def operate(doc: dict, signable: dict, signer: str, h: int) -> None:
    operation, did, auth = signable["operation"], signable["did"], signable.get("auth")
    if operation == "addKey":
        high_enough(h)
        not_tombstoned(doc)
        key = newest(doc, auth)
        if key and key_valid(key, None, h):
            raise Refused(f"DID {did} already has a still valid key matching {auth}")
        doc["keys"].append(
            {
                "auth": auth,
                "from": h,
                "expires": signable.get("expiresAtHeight"),
                "revoked": None,
                "rights": {"update": [(None, False)], "impersonate": [(None, False)]},
            }
        )
    elif operation == "revokeKey":
        not_self(signer, auth)
        high_enough(h)
        not_tombstoned(doc)
        key = newest(doc, auth)
        if key is None:
            raise Refused(f"DID {did} does not have a key matching {auth}")
        if not key_valid(key, None, h):
            raise Refused(f"DID {did} has a key matching {auth}, but it's already invalidated")
        if key["revoked"] is not None:
            raise Refused(f"key matching {auth} in DID {did} was already revoked")
        key["revoked"] = h
    elif operation == "tombstoneDid":
        not_tombstoned(doc)
        doc["tombstone"] = h
    else:
        not_self(signer, auth)
        not_tombstoned(doc)
        history = find_history(doc, signable, h)
        wanted = operation == "addRight"
        if history[-1][0] is not None and history[-1][0] >= h:
            raise Refused(f"Validity of key {auth} in DID {did} was already set at height {h}")
        if history[-1][1] == wanted:
            raise Refused(
                f"Validity of key {auth} in DID {did} was already set to {str(wanted).lower()} at height {h}"
            )
        history.append((h, wanted))


def find_history(doc: dict, signable: dict, h: int) -> list:
    did, auth, right = signable["did"], signable["auth"], signable["right"]
    if right not in ("update", "impersonate"):
        raise Refused(f"unknown variant `{right}`, expected `update` or `impersonate`")
    key = newest(doc, auth)
    if key is None:
        raise Refused(f"DID {did} has no key matching {auth}")
    if not key_valid(key, doc["tombstone"], h):
        raise Refused(f"Key matching {auth} of DID {did} is invalid at height {h}")
    return key["rights"][right]


def undo(s: dict, txid: str, attempt: dict) -> None:
    h = s["height"]
    if attempt["operation"] == "registerBeforeProof":
        content_id = attempt["contentId"]
        if content_id not in s["proofs"]:
            raise Refused(
                f"Before proof {content_id} was not registered, therefore cannot be reverted"
            )
        at, by = s["proofs"].pop(content_id)
        if at != h:
            raise Refused(
                f"Before proof {content_id} was registered at {at}, cannot be reverted at {h}"
            )
        if by != txid:
            raise Refused(
                f"Before proof {content_id} was registered by txn {by}, cannot be reverted by txn {txid}"
            )
        return
    check_signature(attempt)
    signer = attempt["signerPublicKey"]
    for signable in reversed(attempt["signables"]):
        undo_one(open_document(s, signable), signable, signer, h)


def undo_one(doc: dict, signable: dict, signer: str, h: int) -> None:
    operation, did, auth = signable["operation"], signable["did"], signable.get("auth")
    if operation == "tombstoneDid":
        if doc["tombstone"] is None:
            raise Refused(f"Failed to revert tombstoning DID {did}. It was not tombstoned yet.")
        doc["tombstone"] = None
        return
    if operation != "addKey":
        not_self(signer, auth)
    if operation.endswith("Key"):
        high_enough(h)
    not_tombstoned(doc)
    if operation == "addKey":
        key = doc["keys"][-1]
        for fits, reason in (
            (same(key["auth"], auth), "the key does not match the last added one"),
            (key["from"] == h, "it was not added at the specified height"),
            (
                key["expires"] == signable.get("expiresAtHeight"),
                "it was not added with the same expiration",
            ),
        ):
            if not fits:
                raise Refused(f"Cannot revert addKey in DID {did}, because {reason}.")
        doc["keys"].pop()
    elif operation == "revokeKey":
        key = newest(doc, auth)
        if key is None:
            raise Refused(
                f"Cannot revert revokeKey in DID {did} because it does not have a key matching {auth}"
            )
        if key["revoked"] is None:
            raise Refused(
                f"Cannot revert revokeKey in DID {did} because key matching {auth} was not revoked"
            )
        key["revoked"] = None
        if not key_valid(key, None, h):
            raise Refused(
                f"Failed to revert revokeKey in DID {did} for key matching {auth}. "
                "It's still invalid after reverted revoking."
            )
    else:
        history = find_history(doc, signable, h)
        wanted = operation == "addRight"
        at, value = history[-1]
        what = f"Validity of key {auth} in DID {did}"
        if at is None:
            raise Refused(f"{what} has nothing to unset")
        if at != h:
            raise Refused(f"{what} was set at height {at}, cannot unset at height {h}")
        if value != wanted:
            raise Refused(
                f"{what} was set to {str(value).lower()} at height {at}, cannot unset it from {str(wanted).lower()}"
            )
        history.pop()
