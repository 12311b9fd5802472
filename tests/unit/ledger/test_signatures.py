"""Signatures judged in bulk have the verdicts of those judged one by one."""

import pytest
from ledger_chain import SECRETS, make_chain, morpheus, pay

from iop.did.identifier import compute_did
from iop.did.operation import ADD_KEY, make_signable, sign_signables, to_record
from iop.errors import VerifyError
from iop.keys.multicipher import SecretKey
from iop.ledger.asset import attempts_of
from iop.ledger.seal import is_signature_valid, sign_schnorr
from iop.ledger.signatures import judge_signatures
from iop.value import replace

OWNER = SecretKey("e", bytes(range(32)))
OTHER = SecretKey("e", bytes(32))
SECP = SecretKey("s", SECRETS[4])


def add_key(secret=OWNER, **altered):
    """An operation of a DID's own key, members of the record altered."""
    did = str(compute_did(secret.public()))
    signable = make_signable(ADD_KEY, did, None, auth=str(OTHER.public()))
    return to_record(sign_signables((signable,), secret)) | altered


TEXTS = {
    "good": {},
    "signature of another": {"signature": add_key(OTHER)["signature"]},
    "key of another": {"signerPublicKey": add_key(OTHER)["signerPublicKey"]},
    "suite of secp256k1": {"signature": add_key(SECP)["signature"]},
    "suite of ed25519": {"signature": add_key()["signature"]},
    "no key": {"signerPublicKey": "pez1"},
    "no point": {"signerPublicKey": "pez" + "1" * 31 + "3"},
    "no signature": {"signature": "sez1"},
}


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("secret", [OWNER, SECP])
def test_did_operations(name, secret, threads) -> None:
    record = add_key(secret, **TEXTS[name])
    verdicts = []
    for in_bulk in (False, True):
        state, _, engine = make_chain()
        tx = morpheus([record])
        if in_bulk:
            judge_signatures([tx], threads)
        block = engine.propose([tx], state.params.epoch)
        verdicts.append(engine.commit(block, verify=False).outcomes)
    assert verdicts[0] == verdicts[1]
    is_own = TEXTS[name].get("signature") == add_key(secret)["signature"]
    assert (verdicts[0][0].error is None) == (name == "good" or is_own)


def test_senders() -> None:
    good, schnorr = pay(), sign_schnorr(replace(pay(), signature=b""), SECRETS[0])
    bad = replace(pay(), amount=6)
    none = replace(pay(), signature=b"")
    odd = replace(pay(), signature=b"\x30\x01\x00")
    transactions = [good, schnorr, bad, none, odd]
    judge_signatures(transactions, 2)
    found = [is_signature_valid(tx) for tx in transactions]
    assert found == [True, True, False, False, False]
    assert found == [is_signature_valid(replace(tx)) for tx in transactions]


def test_what_layer_1_has_taken_is_left_out() -> None:
    tx = replace(morpheus([add_key()]), signature=pay().signature)
    judge_signatures([tx], senders=False)
    assert not hasattr(tx, "is_signed")
    assert attempts_of(tx)[0].is_signed


def test_verdicts_do_not_follow_a_changed_copy() -> None:
    tx = pay()
    judge_signatures([tx])
    assert is_signature_valid(tx) and not is_signature_valid(replace(tx, nonce=2))
    state, _, _ = make_chain()
    with pytest.raises(VerifyError):
        state.check_transaction(replace(tx, fee=tx.fee + 1))
