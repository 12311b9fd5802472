"""The registry against its slow reference: random blocks, transactions, repetitions, reverts and dry runs."""

from __future__ import annotations

import importlib.util
import os

import base58
import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from nacl.signing import SigningKey

from iop.did.registry import Registry
from iop.errors import DataError, VerifyError

from .registry_rows import rows_of


def load_reference():
    path = os.path.join(os.path.dirname(__file__), "..", "spec", "registry_reference.py")
    spec = importlib.util.spec_from_file_location("registry_reference", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


reference = load_reference()

KEYS = [SigningKey(bytes([n]) * 32) for n in range(1, 6)]
PUBLIC = ["pez" + base58.b58encode(bytes(key.verify_key)).decode() for key in KEYS]
IDS = [reference.key_id_of(text) for text in PUBLIC]
DIDS = ["did:morpheus:" + text[1:] for text in IDS[:3]]
AUTHS = IDS + PUBLIC
FEW = [IDS[3], PUBLIC[3], IDS[4]]
HEIGHTS = st.sampled_from([0, 1, 1, 1, 2, 3])


def make_block(signer: int, signables: list[dict], flaw: str) -> dict:
    message = reference.signed_bytes(signables)
    signature = KEYS[signer].sign(message).signature
    if flaw == "signature":
        signature = signature[:5] + bytes([signature[5] ^ 1]) + signature[6:]
    return {
        "operation": "signed",
        "signables": signables,
        "signerPublicKey": "garbage" if flaw == "signer" else PUBLIC[signer],
        "signature": "garbage"
        if flaw == "text"
        else "sez" + base58.b58encode(b"\x01" + signature).decode(),
    }


@st.composite
def signables(draw: st.DrawFn, home: int) -> dict:
    """An operation, mostly on the home identifier, mostly about another one's key."""
    operation = draw(
        st.sampled_from(
            ["addKey"] * 4
            + ["revokeKey"] * 2
            + ["addRight"] * 4
            + ["revokeRight"] * 3
            + ["tombstoneDid"]
        )
    )
    did = DIDS[home] if draw(st.integers(0, 5)) else draw(st.sampled_from(DIDS))
    item = {"did": did, "operation": operation}
    if operation != "tombstoneDid":
        item["auth"] = draw(st.sampled_from(FEW if draw(st.integers(0, 4)) else AUTHS))
    if operation == "addKey":
        item["expiresAtHeight"] = draw(st.sampled_from([None, None, None, 0, 3, 5, 9]))
    if operation.endswith("Right"):
        item["right"] = draw(st.sampled_from(["update", "update", "impersonate"] * 4 + ["fly"]))
    return item


@st.composite
def blocks(draw: st.DrawFn) -> tuple:
    home = draw(st.integers(0, 1))
    signer = home if draw(st.integers(0, 3)) else draw(st.integers(0, len(KEYS) - 1))
    items = draw(st.lists(signables(home), min_size=0 if signer else 1, max_size=3))
    return signer, items, draw(st.sampled_from([""] * 20 + ["signature", "signer", "text"]))


PROOFS = st.sampled_from([f"proof{n}" for n in range(9)])
ATTEMPTS = st.one_of(
    st.lists(blocks(), min_size=1, max_size=2), st.lists(st.one_of(blocks(), PROOFS), max_size=3)
)
STALE = st.sampled_from([False] * 9 + [True])


class Machine(RuleBasedStateMachine):
    """Both registries take the same calls; outcomes, questions and exported states must agree."""

    def __init__(self) -> None:
        super().__init__()
        self.model = reference.Reference()
        self.real = Registry()
        self.real.state.track()
        self.facts: dict = {}
        self.proofs: set[str] = set()
        self.reverting = False
        self.applied: list[tuple[str, dict, int]] = []
        self.seen: list[tuple[str, dict]] = []
        self.count = 0
        self.reckless = False

    def both(self, wanted, given) -> object:
        """The outcome of a call on both, which must be the same."""

        def outcome(call):
            try:
                return ("ok", call())
            except reference.Unreadable:
                return ("unreadable", "")
            except DataError:
                return ("unreadable", "")
            except (reference.Refused, VerifyError) as no:
                return ("refused", str(no))

        got, expected = outcome(given), outcome(wanted)
        assert got == expected
        return got

    def make_asset(self, attempts: list, stale: bool) -> dict:
        made = []
        for attempt in attempts:
            if isinstance(attempt, str):
                made.append({"operation": "registerBeforeProof", "contentId": attempt})
                continue
            signer, items, flaw = attempt
            full = []
            for item in items:
                last = None if self.model.corrupted else self.model.last_txid(item["did"])
                last = "nope" if stale else last
                item = {"lastTxId": last} | item
                full.append({k: v for k, v in item.items() if k == "lastTxId" or v is not None})
            made.append(make_block(signer, full, flaw))
        return {"operationAttempts": made}

    @initialize(start=st.sampled_from([0, 1, 2, 5]), reckless=st.sampled_from([False] * 5 + [True]))
    def begin(self, start: int, reckless: bool) -> None:
        self.reckless = reckless
        self.both(lambda: self.model.block_applying(start), lambda: self.real.apply_block(start))

    @rule(step=HEIGHTS)
    def pass_blocks(self, step: int) -> None:
        self.block(step)

    def block(self, step: int) -> None:
        h = self.model.s["height"] + step
        self.both(lambda: self.model.block_applying(h), lambda: self.real.apply_block(h))

    @rule(first=ATTEMPTS, second=ATTEMPTS, step=HEIGHTS)
    def two_blocks(self, first: list, second: list, step: int) -> None:
        self.transaction(first, False)
        self.block(step)
        self.transaction(second, False)

    @rule(attempts=ATTEMPTS, stale=STALE)
    def enter(self, attempts: list, stale: bool) -> None:
        self.transaction(attempts, stale)

    def transaction(self, attempts: list, stale: bool) -> None:
        self.count += 1
        txid = f"tx{self.count}"
        asset = self.make_asset(attempts, stale)
        self.apply(txid, asset)

    def apply(self, txid: str, asset: dict) -> None:
        height = self.model.s["height"]
        self.both(
            lambda: self.model.apply_transaction(txid, asset),
            lambda: self.real.apply_transaction(txid, asset),
        )
        self.seen.append((txid, asset))
        self.applied.append((txid, asset, height))

    @precondition(lambda self: len(self.seen) > 5)
    @rule(data=st.data())
    def repetition(self, data: st.DataObject) -> None:
        """A txid again, with its own or with another's content.

        That may turn the verdict of the first, on whatever it was; no chain holds a transaction twice.
        """
        self.reverting = True
        txid, _ = data.draw(st.sampled_from(self.seen))
        _, asset = data.draw(st.sampled_from(self.seen))
        self.both(
            lambda: self.model.apply_transaction(txid, asset),
            lambda: self.real.apply_transaction(txid, asset),
        )

    @rule(attempts=ATTEMPTS, stale=STALE)
    def rehearsal(self, attempts: list, stale: bool) -> None:
        asset = self.make_asset(attempts, stale)
        before = rows_of(self.real.state)
        self.both(
            lambda: self.model.dry_run(asset),
            lambda: self.real.dry_run(asset["operationAttempts"]),
        )
        assert rows_of(self.real.state) == before

    @precondition(lambda self: self.applied)
    @rule(back=st.integers(0, 2))
    def reorganisation(self, back: int) -> None:
        """Take back the newest transaction at its own height, then step back."""
        txid, asset, height = self.applied.pop()
        self.reverting = True
        if self.model.corrupted or self.model.s["height"] < height:
            return
        self.seen = [row for row in self.seen if row[0] != txid]
        self.both(
            lambda: self.model.block_reverting(height), lambda: self.real.revert_block(height)
        )
        self.both(
            lambda: self.model.revert_transaction(txid, asset),
            lambda: self.real.revert_transaction(txid, asset),
        )
        if not self.model.corrupted:
            lower = max(0, height - back)
            self.both(
                lambda: self.model.block_reverting(lower), lambda: self.real.revert_block(lower)
            )

    @precondition(lambda self: self.reckless and len(self.seen) > 4)
    @rule(data=st.data())
    def wrong_revert(self, data: st.DataObject) -> None:
        """Take back anything, with anything's content: mostly corrupts."""
        self.reverting = True
        txid, _ = data.draw(st.sampled_from(self.seen))
        _, asset = data.draw(st.sampled_from(self.seen))
        self.both(
            lambda: self.model.revert_transaction(txid, asset),
            lambda: self.real.revert_transaction(txid, asset),
        )

    @precondition(lambda self: self.reckless and len(self.seen) > 6)
    @rule(h=st.integers(0, 4), forward=st.booleans())
    def wrong_height(self, h: int, forward: bool) -> None:
        if forward:
            self.both(lambda: self.model.block_applying(h), lambda: self.real.apply_block(h))
        else:
            self.both(lambda: self.model.block_reverting(h), lambda: self.real.revert_block(h))

    @rule()
    def unreadable(self) -> None:
        asset = {"operationAttempts": [{"operation": "signed", "signables": [{}]}]}
        before = rows_of(self.real.state)
        self.both(
            lambda: self.model.apply_transaction("bad", asset),
            lambda: self.real.apply_transaction("bad", asset),
        )
        assert rows_of(self.real.state) == before

    @invariant()
    def same_answers(self) -> None:
        assert self.real.is_corrupted == self.model.corrupted
        height = self.model.s["height"]
        for did in DIDS:
            for h in (height, max(0, height - 1), max(0, height - 3), height + 2):
                self.both(
                    lambda d=did, h=h: self.model.document(d, h),
                    lambda d=did, h=h: self.real.document_at(d, h),
                )
            self.both(lambda d=did: self.model.last_txid(d), lambda d=did: self.real.last_txid(d))
            for attempts in (True, False):
                self.both(
                    lambda d=did, a=attempts: self.model.history(d, a, 0, height),
                    lambda d=did, a=attempts: self.real.transaction_history(d, a, 0, height),
                )
        for txid, _ in self.seen[-3:]:
            self.both(
                lambda t=txid: self.model.is_confirmed(t), lambda t=txid: self.real.is_confirmed(t)
            )
        for content_id in ("proof0", "proof1", "proof2"):
            self.both(
                lambda c=content_id: self.model.before_proof_history(c),
                lambda c=content_id: self.real.before_proof_history(c),
            )

    @invariant()
    def followed(self) -> None:
        """What `take_touched` tells is what stood there before, and nothing else has changed."""
        state = self.real.state
        touched, proved = state.take_touched()
        for did, fact in touched.items():
            assert self.facts.get(did, (None, None)) == fact
        now = {did: state.fact_of(did) for did in {*self.facts, *state.dids, *state.logs}}
        changed = {did for did, fact in now.items() if self.facts.get(did, (None, None)) != fact}
        assert self.reverting or changed <= set(touched)
        assert self.reverting or set(state.proofs) - self.proofs == set(proved)
        self.facts, self.proofs, self.reverting = now, set(state.proofs), False


Machine.TestCase.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
TestRegistry = Machine.TestCase
