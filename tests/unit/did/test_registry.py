"""The registry's answers beside its rules: queries, heights, repetitions, reverts, corruption."""

from __future__ import annotations

import pytest

from iop.codec.base58 import encode_base58
from iop.did.operation import (
    ADD_KEY,
    ADD_RIGHT,
    REVOKE_KEY,
    TOMBSTONE,
    BeforeProof,
    Signed,
    make_asset,
    make_signable,
    sign_signables,
)
from iop.did.registry import CORRUPT, Registry
from iop.errors import DataError, DecodeError, IopError, VerifyError
from iop.keys.multicipher import SecretKey, compute_key_id

SECRETS = [SecretKey("e", bytes([n]) * 32) for n in range(1, 4)]
IDS = [str(compute_key_id(secret.public())) for secret in SECRETS]
NO_POINT = "pez" + encode_base58(b"\x02" + bytes(31))
DIDS = ["did:morpheus:" + text[1:] for text in IDS]


def sign(signer: int, *signables: object) -> Signed:
    return sign_signables(tuple(signables), SECRETS[signer])


def proof(content_id: str) -> tuple[BeforeProof]:
    return (BeforeProof(content_id),)


def refusal(call, *args: object) -> str:
    with pytest.raises(VerifyError) as caught:
        call(*args)
    return caught.value.message


@pytest.fixture
def registry() -> Registry:
    made = Registry()
    made.apply_block(5)
    return made


def test_empty_registry() -> None:
    empty = Registry()
    assert empty.last_height() == 0
    assert not empty.is_corrupted
    assert empty.is_confirmed("t") is None
    assert not empty.before_proof_exists_at("x")
    assert empty.last_txid(DIDS[0]) is None
    assert empty.last_transaction(DIDS[0]) is None
    assert empty.transaction_history(DIDS[0], True, 0) == []
    assert empty.document_at(DIDS[0])["queriedAtHeight"] == 0


def test_before_proofs(registry: Registry) -> None:
    registry.apply_transaction("t1", make_asset(proof("c")))
    registry.apply_block(7)
    assert registry.before_proof_exists_at("c")
    assert registry.before_proof_exists_at("c", 5)
    assert not registry.before_proof_exists_at("c", 4)
    assert registry.before_proof_history("c") == {
        "contentId": "c",
        "existsFromHeight": 5,
        "txid": "t1",
        "queriedAtHeight": 7,
    }
    said = refusal(registry.apply_transaction, "t2", (*proof("d"), *proof("c")))
    assert said == "Before proof c is already registered at 5 by txn t1"
    assert not registry.before_proof_exists_at("d")
    assert registry.is_confirmed("t2") is False


def test_one_transaction_registers_a_content_once(registry: Registry) -> None:
    attempts = (*proof("c"), *proof("c"))
    message = "Before proof c is already registered at 5 by txn dry_run"
    assert registry.dry_run(attempts) == [
        {
            "invalidOperationAttempt": {"operation": "registerBeforeProof", "contentId": "c"},
            "message": message,
        }
    ]


def rows_of(registry: Registry) -> tuple:
    state = registry.state
    logs = {did: list(log) for did, log in state.logs.items()}
    return state.height, dict(state.status), dict(state.proofs), dict(state.dids), logs


def test_unreadable_assets_leave_no_trace(registry: Registry) -> None:
    before = rows_of(registry)
    for call in (registry.apply_transaction, registry.revert_transaction):
        with pytest.raises(DataError):
            call("t", {"operationAttempts": [{"operation": "x"}]})
    with pytest.raises(DataError):
        registry.dry_run({})
    assert rows_of(registry) == before


@pytest.mark.parametrize("height", [-1, 1 << 31, (1 << 32) - 1])
def test_heights_out_of_range(registry: Registry, height: int) -> None:
    message = f"Blockheight cannot be negative: {height}"
    for call in (
        registry.apply_block,
        registry.revert_block,
        lambda h: registry.before_proof_exists_at("x", h),
        lambda h: registry.document_at(DIDS[0], h),
        lambda h: registry.transaction_history(DIDS[0], True, 0, h),
        lambda h: registry.operations(DIDS[0], True, 0, h, lambda _: ()),
    ):
        assert refusal(call, height) == message
    assert registry.last_height() == 5
    assert not registry.is_corrupted
    # Where a history starts is not checked.
    assert registry.transaction_history(DIDS[0], True, (1 << 32) - 1) == []


@pytest.mark.parametrize("down", [True, False])
def test_wrong_heights_corrupt(registry: Registry, down: bool) -> None:
    if down:
        said = refusal(registry.apply_block, 4)
        assert said == "The applied height (4) is < last seen height (5)"
    else:
        said = refusal(registry.revert_block, 6)
        assert said == "The reverted height (6) is > last seen height (5)"
    assert registry.is_corrupted
    for call in (
        lambda: registry.apply_block(9),
        lambda: registry.revert_block(1),
        lambda: registry.apply_transaction("t", ()),
        lambda: registry.revert_transaction("t", ()),
        registry.last_height,
        lambda: registry.is_confirmed("t"),
        lambda: registry.before_proof_exists_at("x"),
        lambda: registry.before_proof_history("x"),
        lambda: registry.transaction_history(DIDS[0], True, 0),
        lambda: registry.last_transaction(DIDS[0]),
        lambda: registry.last_txid(DIDS[0]),
        lambda: registry.document_at(DIDS[0]),
        lambda: registry.operations(DIDS[0], True, 0, None, lambda _: ()),
    ):
        assert refusal(call) == CORRUPT
    assert registry.dry_run(()) == [{"invalidOperationAttempt": None, "message": CORRUPT}]


def test_a_repeated_txid(registry: Registry) -> None:
    registry.apply_transaction("t", proof("c"))
    assert refusal(registry.apply_transaction, "t", proof("d")) == (
        "Transaction t was already confirmed"
    )
    assert registry.is_confirmed("t") is True
    assert not registry.before_proof_exists_at("d")
    # A repetition that fails turns the verdict.
    refusal(registry.apply_transaction, "t", proof("c"))
    assert registry.is_confirmed("t") is False
    assert registry.before_proof_exists_at("c")
    # And one that succeeds does not turn it back.
    refusal(registry.apply_transaction, "t", proof("e"))
    assert registry.is_confirmed("t") is False


def test_a_turned_verdict_counts_for_the_last_transaction(registry: Registry) -> None:
    add = make_signable(ADD_KEY, DIDS[0], None, auth=IDS[1])
    registry.apply_transaction("t1", (sign(0, add), *proof("c")))
    assert registry.last_txid(DIDS[0]) == "t1"
    refusal(registry.apply_transaction, "t1", proof("c"))
    assert registry.last_txid(DIDS[0]) is None
    assert len(registry.document_at(DIDS[0])["keys"]) == 2


def test_a_repeated_txid_may_reach_another_identifier(registry: Registry) -> None:
    registry.apply_transaction("t1", proof("c"))
    add = make_signable(ADD_KEY, DIDS[0], None, auth=IDS[1])
    refusal(registry.apply_transaction, "t1", (sign(0, add),))
    # Its attempt is on the list, and the verdict of the first content made it confirmed until its own failed.
    assert registry.transaction_history(DIDS[0], True, 0) == [{"transactionId": "t1", "height": 5}]
    assert registry.is_confirmed("t1") is False


def test_attempts_are_listed_whatever_becomes_of_them(registry: Registry) -> None:
    add = make_signable(ADD_KEY, DIDS[0], None, auth=IDS[1])
    forged = Signed((add,), sign(0).signer, sign(0).signature)
    assert refusal(registry.apply_transaction, "t1", (forged,)) == "Invalid signature"
    registry.apply_block(6)
    registry.apply_transaction("t2", (sign(0, add),))
    both = [{"transactionId": "t2", "height": 6}, {"transactionId": "t1", "height": 5}]
    assert registry.transaction_history(DIDS[0], True, 0) == both
    assert registry.transaction_history(DIDS[0], False, 0) == both[:1]
    assert registry.transaction_history(DIDS[0], True, 0, 5) == both[1:]
    assert registry.transaction_history(DIDS[0], True, 6, 6) == both[:1]
    assert registry.last_transaction(DIDS[0]) == both[0]


def test_other_spellings_find_nothing(registry: Registry) -> None:
    add = make_signable(ADD_KEY, DIDS[0], None, auth=IDS[1])
    registry.apply_transaction("t1", (sign(0, add),))
    spelled = "did:morpheus:ef01" + compute_key_id(SECRETS[0].public()).data.hex()
    assert registry.document_at(spelled)["did"] == DIDS[0]
    assert len(registry.document_at(spelled)["keys"]) == 1
    assert registry.last_txid(spelled) is None
    with pytest.raises(DecodeError):
        registry.document_at("did:x")


def test_a_document_as_it_was_shown_then(registry: Registry) -> None:
    did = DIDS[0]
    steps = [
        (
            5,
            0,
            [
                (ADD_KEY, {"auth": IDS[1], "expires": 90}),
                (ADD_RIGHT, {"auth": IDS[1], "right": "update"}),
            ],
        ),
        (8, 0, [(ADD_RIGHT, {"auth": IDS[1], "right": "impersonate"})]),
        (9, 0, [(ADD_KEY, {"auth": IDS[2]})]),
        (11, 1, [(REVOKE_KEY, {"auth": IDS[0]})]),
        (15, 1, [(TOMBSTONE, {})]),
    ]
    shown = {4: registry.document_at(did, 4)}
    last = None
    for height, signer, operations in steps:
        registry.apply_block(height)
        made = [make_signable(name, did, last, **parts) for name, parts in operations]
        last = f"t{height}"
        registry.apply_transaction(last, (sign(signer, *made),))
        for at in (height, height + 1):
            shown[at] = registry.document_at(did, at)
    for at, document in shown.items():
        if at not in (9, 10, 12, 16):
            assert registry.document_at(did, at, hindsight=False) == document
    assert registry.document_at(did, 4)["tombstoned"] is True
    assert registry.document_at(did, 4, hindsight=False)["tombstoned"] is False


def test_operations(registry: Registry) -> None:
    first = make_signable(ADD_KEY, DIDS[0], None, auth=IDS[1], expires=0)
    second = make_signable(ADD_KEY, DIDS[0], None, auth=IDS[2])
    foreign = make_signable(ADD_KEY, DIDS[1], None, auth=IDS[2])
    assets = {
        "t1": (sign(0, first, second), *proof("c"), sign(1, foreign)),
        "t2": (sign(1, second),),
    }
    registry.apply_transaction("t1", assets["t1"])
    refusal(registry.apply_transaction, "t2", assets["t2"])
    rows = registry.operations(DIDS[0], True, 0, None, assets.__getitem__)
    assert [(r["transactionId"], r["valid"], r["data"]["auth"]) for r in rows] == [
        ("t2", False, IDS[2]),
        ("t1", True, IDS[2]),
        ("t1", True, IDS[1]),
    ]
    # An expiry of 0 is not shown, as by the original.
    assert rows[2] == {
        "transactionId": "t1",
        "blockHeight": 5,
        "data": {"operation": "addKey", "did": DIDS[0], "lastTxId": None, "auth": IDS[1]},
        "valid": True,
    }
    assert len(registry.operations(DIDS[0], False, 0, 5, lambda t: make_asset(assets[t]))) == 2


def test_a_long_tail_of_rejected_attempts(registry: Registry) -> None:
    """The newest confirmed transaction is found behind any number of rejected ones, also after reverts."""
    did = DIDS[0]
    add = make_signable(ADD_KEY, did, None, auth=IDS[1])
    registry.apply_transaction("good", (sign(0, add),))
    bad = (sign(1, make_signable(TOMBSTONE, did, "wrong")),)
    for number in range(100):
        refusal(registry.apply_transaction, f"bad{number}", bad)
        if number % 9 == 0:
            assert registry.last_txid(did) == "good"
    assert registry.last_txid(did) == "good"
    right = (sign(0, make_signable(ADD_KEY, did, "good", auth=IDS[2])),)
    registry.apply_transaction("better", right)
    assert registry.last_txid(did) == "better"
    for number in range(100, 150):
        refusal(registry.apply_transaction, f"bad{number}", bad)
    assert registry.last_txid(did) == "better"
    for number in reversed(range(100, 150)):
        registry.revert_transaction(f"bad{number}", bad)
    registry.revert_transaction("better", right)
    assert registry.last_txid(did) == "good"
    for number in reversed(range(100)):
        registry.revert_transaction(f"bad{number}", bad)
    registry.revert_transaction("good", (sign(0, add),))
    assert registry.last_txid(did) is None
    assert rows_of(registry) == (5, {}, {}, {}, {})


def test_a_reverted_transaction_left_on_a_list_may_come_again(registry: Registry) -> None:
    """A revert with a shorter content forgets the verdict, not every attempt; a later verdict counts for those too."""
    add = make_signable(ADD_KEY, DIDS[0], None, auth=IDS[1])
    wrong = (sign(1, add),)
    refusal(registry.apply_transaction, "t1", wrong)
    for number in range(40):
        refusal(registry.apply_transaction, f"bad{number}", wrong)
    registry.revert_transaction("t1", ())
    assert registry.is_confirmed("t1") is None
    assert registry.last_txid(DIDS[0]) is None
    registry.apply_transaction("t1", proof("c"))
    assert registry.last_txid(DIDS[0]) == "t1"


def test_many_keys_on_one_identifier(registry: Registry) -> None:
    """Beyond a few dozen keys a look-up table takes over, with the same answers."""
    did = DIDS[0]
    others = ["ief01" + number.to_bytes(16, "big").hex() for number in range(1, 100)]
    adds = [make_signable(ADD_KEY, did, None, auth=auth) for auth in others]
    registry.apply_transaction("t1", (sign(0, *adds),))
    assert len(registry.document_at(did)["keys"]) == 100
    again = make_signable(ADD_KEY, did, "t1", auth=others[50])
    assert "already has a still valid key" in refusal(
        registry.apply_transaction, "t2", (sign(0, again),)
    )
    gone = [
        make_signable(REVOKE_KEY, did, "t1", auth=others[50]),
        again,
        make_signable(ADD_KEY, did, "t1", auth=IDS[1]),
    ]
    attempts = (sign(0, *gone),)
    registry.apply_transaction("t3", attempts)
    document = registry.document_at(did)
    assert document["keys"][51]["validUntilHeight"] == 5
    assert [key["index"] for key in document["keys"]] == list(range(102))
    registry.revert_transaction("t3", attempts)
    assert registry.document_at(did)["keys"][51]["validUntilHeight"] is None


def test_the_verifier_decides(registry: Registry) -> None:
    seen = []

    def note(public, message, signature) -> bool:
        seen.append((public, message, signature))
        return len(seen) == 1

    trusting = Registry(verifier=note)
    trusting.apply_block(5)
    add = make_signable(ADD_KEY, DIDS[0], None, auth=IDS[1])
    trusting.apply_transaction("t1", (sign(0, add),))
    assert refusal(trusting.apply_transaction, "t2", (sign(0),)) == "Invalid signature"
    assert seen[0][0] == SECRETS[0].public()


@pytest.mark.parametrize(
    ("signer", "signature", "message"),
    [
        ("garbage", None, "Public keys must start with 'p'"),
        ("garbage", "garbage", "Public keys must start with 'p'"),
        (IDS[0], None, "Public keys must start with 'p'"),
        ("pez" + "1" * 32, None, "Invalid signature"),
        (NO_POINT, "garbage", "signature error: Cannot decompress Edwards point"),
        (NO_POINT, None, "signature error: Cannot decompress Edwards point"),
        ("pez11", None, "signature error: PublicKey must be 32 bytes in length"),
        ("pez0", None, "Invalid base string"),
        ("pgz11", None, "Unknown crypto suite 'g'"),
        (None, "garbage", "Signatures must start with 's'"),
        (None, "sez11", "Signature length is not 65"),
    ],
)
def test_texts_of_signer_and_signature(
    registry: Registry, signer: str | None, signature: str | None, message: str
) -> None:
    good = sign(0)
    block = Signed((), signer or good.signer, signature or good.signature)
    assert refusal(registry.apply_transaction, "t", (block,)) == message
    assert registry.is_confirmed("t") is False


def test_every_refusal_is_of_the_family(registry: Registry) -> None:
    long = Signed((), "pez" + "1" * 5000, "sez" + "1" * 5000)
    with pytest.raises(IopError):
        registry.apply_transaction("t", (long,))
    assert registry.is_confirmed("t") is False
