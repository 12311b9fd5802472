"""Every phase of an identifier times every operation on it: the registry says and does what the reference says and does."""

from __future__ import annotations

import functools
import itertools
import json

import pytest

from iop.did.registry import Registry
from iop.did.trial import is_valid_lenient
from iop.errors import VerifyError

from .registry_rows import rows_of
from .test_registry_model import DIDS, IDS, PUBLIC, reference
from .test_registry_model import make_block as sign_block

DID = DIDS[0]
OWN, OTHER, THIRD = 0, 1, 2

# A phase: transactions as (height, signer, operations), all of them confirmed.
ADD = {"operation": "addKey", "auth": IDS[OTHER]}
ADD_PUBLIC = {"operation": "addKey", "auth": PUBLIC[OTHER]}
GRANT = {"operation": "addRight", "auth": IDS[OTHER], "right": "update"}
WITHDRAW = {"operation": "revokeRight", "auth": IDS[OTHER], "right": "update"}
REVOKE = {"operation": "revokeKey", "auth": IDS[OTHER]}
REVOKE_OWN = {"operation": "revokeKey", "auth": PUBLIC[OWN]}
WITHDRAW_OWN = {"operation": "revokeRight", "auth": IDS[OWN], "right": "update"}
TOMBSTONE = {"operation": "tombstoneDid"}

PHASES = {
    "implicit": [],
    "key added": [(5, OWN, [ADD])],
    "public key added": [(5, OWN, [ADD_PUBLIC])],
    "key expires at 6": [(5, OWN, [ADD | {"expiresAtHeight": 6}])],
    "key was never valid": [(5, OWN, [ADD | {"expiresAtHeight": 5}])],
    "right granted": [(5, OWN, [ADD, GRANT])],
    "right granted later": [(4, OWN, [ADD]), (5, OWN, [GRANT])],
    "right withdrawn": [(4, OWN, [ADD, GRANT]), (5, OWN, [WITHDRAW])],
    "key revoked": [(4, OWN, [ADD]), (5, OWN, [REVOKE])],
    "key revoked at once": [(5, OWN, [ADD, REVOKE])],
    "key revoked and added again": [(4, OWN, [ADD, GRANT, REVOKE]), (5, OWN, [ADD_PUBLIC])],
    "handed over": [(4, OWN, [ADD, GRANT]), (5, OTHER, [WITHDRAW_OWN])],
    "owner revoked": [(4, OWN, [ADD, GRANT]), (5, OTHER, [REVOKE_OWN])],
    "owner revoked, then added again": [
        (3, OWN, [ADD, GRANT]),
        (4, OTHER, [REVOKE_OWN]),
        (5, OTHER, [{"operation": "addKey", "auth": PUBLIC[OWN]}]),
    ],
    "tombstoned": [(4, OWN, [ADD, GRANT]), (5, OTHER, [TOMBSTONE])],
}

EVENTS = [TOMBSTONE, ADD | {"expiresAtHeight": 6}]
for auth in (IDS[OWN], PUBLIC[OWN], IDS[OTHER], PUBLIC[OTHER], IDS[THIRD]):
    EVENTS.append({"operation": "addKey", "auth": auth})
    EVENTS.append({"operation": "revokeKey", "auth": auth})
    for operation in ("addRight", "revokeRight"):
        EVENTS.append({"operation": operation, "auth": auth, "right": "update"})
        EVENTS.append({"operation": operation, "auth": auth, "right": "fly"})

MARK = {"operation": "registerBeforeProof", "contentId": "mark"}


remember = functools.cache(is_valid_lenient)
make_block = functools.cache(lambda signer, text: sign_block(signer, json.loads(text), ""))


def sign(signer: int, last: str | None, operations: list[dict]) -> dict:
    return make_block(
        signer, json.dumps([{"did": DID, "lastTxId": last} | operation for operation in operations])
    )


def make_asset(signer: int, last: str | None, operations: list[dict]) -> dict:
    # The before-proof shows that a refusal undoes, or leaves, its companions too.
    return {"operationAttempts": [MARK, sign(signer, last, operations)]}


def enter(phase: str) -> tuple[reference.Reference, Registry, str | None]:
    model, real = reference.Reference(), Registry(verifier=remember)
    last = None
    for number, (height, signer, operations) in enumerate(PHASES[phase]):
        asset = {"operationAttempts": [sign(signer, last, operations)]}
        last = f"setup{number}"
        model.block_applying(height)
        real.apply_block(height)
        model.apply_transaction(last, asset)
        real.apply_transaction(last, asset)
    return model, real, last


def outcome(call, *args: object) -> str:
    try:
        call(*args)
    except (reference.Refused, VerifyError) as no:
        return str(no)
    return "done"


def check_same(model: reference.Reference, real: Registry) -> None:
    assert real.is_corrupted == model.corrupted
    if model.corrupted:
        return
    for height in range(3, 9):
        assert real.document_at(DID, height) == model.document(DID, height)
    assert real.last_txid(DID) == model.last_txid(DID)
    assert real.before_proof_history("mark") == model.before_proof_history("mark")
    assert real.transaction_history(DID, True, 0) == model.history(DID, True, 0, None)


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("step", ["same height", "next height", "one back", "far back"])
def test_apply(phase: str, step: str) -> None:
    for event, signer in itertools.product(EVENTS, (OWN, OTHER)):
        model, real, last = enter(phase)
        move(model, real, step)
        asset = make_asset(signer, last, [event])
        before = rows_of(real.state)
        rehearsed = real.dry_run(asset["operationAttempts"])
        assert rehearsed == model.dry_run(asset)
        assert rows_of(real.state) == before
        said = outcome(real.apply_transaction, "event", asset)
        assert said == outcome(model.apply_transaction, "event", asset), (event, signer)
        assert said == (rehearsed[0]["message"] if rehearsed else "done")
        check_same(model, real)
        if said != "done":
            check_untouched(before, rows_of(real.state))
            continue
        # A change taken back at its own height leaves what was there, to the last row.
        real.revert_transaction("event", asset)
        assert rows_of(real.state) == before


def check_untouched(before: list[tuple], after: list[tuple]) -> None:
    """A rejection adds a verdict and an attempt, nothing else."""
    added = [row for row in after if row not in before]
    assert [row[0] for row in added] == ["status", "attempt"]
    assert [row for row in after if row not in added] == before


@pytest.mark.parametrize("phase", [p for p in PHASES if p != "implicit"])
@pytest.mark.parametrize("step", ["same height", "next height", "one back", "far back"])
def test_revert_of_something_else(phase: str, step: str) -> None:
    """The last transaction is taken back with another content: it fits by chance, or the registry is corrupt."""
    for event, signer in itertools.product(EVENTS, (OWN, OTHER)):
        model, real, last = enter(phase)
        move(model, real, step)
        newest = model.history(DID, False, 0, None)
        earlier = newest[1]["transactionId"] if len(newest) > 1 else None
        asset = {"operationAttempts": [sign(signer, earlier, [event])]}
        before = rows_of(real.state)
        said = outcome(real.revert_transaction, last, asset)
        assert said == outcome(model.revert_transaction, last, asset), (event, signer)
        check_same(model, real)
        if said != "done":
            # Corrupt, and nothing else: an operator may still look at what was there.
            real.state.corrupted = False
            assert rows_of(real.state) == before


def move(model: reference.Reference, real: Registry, step: str) -> None:
    height = model.s["height"]
    if step == "next height" or not height:
        model.block_applying(max(height + 1, 5))
        real.apply_block(max(height + 1, 5))
    elif step != "same height":
        lower = height - 1 if step == "one back" else 1
        model.block_reverting(lower)
        real.revert_block(lower)
