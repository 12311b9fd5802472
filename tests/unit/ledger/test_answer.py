"""Layer-1 answers, held to the shapes of the recorded transcript."""

from __future__ import annotations

import pytest
from ledger_chain import ADDRESSES, COIN, KEYS, NAMES, core, forge, make_chain, morpheus, pay

from iop.errors import MissingError
from iop.ledger import answer
from iop.ledger.answer_chain import Forged, answer_block, answer_transaction, read_head
from iop.ledger.seal import MultiSignature
from iop.value import replace


def wallet(state, text: str):
    return answer.answer_wallet(state, *answer.find_wallet(state, text))


def test_wallets_by_address_key_and_name() -> None:
    state, _, engine = make_chain()
    assert wallet(state, ADDRESSES[0]) == {
        "address": ADDRESSES[0],
        "nonce": "0",
        "balance": str(10_000 * COIN),
        "attributes": {},
        "isDelegate": False,
        "isResigned": False,
    }
    forge(engine, pay(), core(2, 1, asset={"delegate": {"username": "d"}}))
    forge(engine, core(3, nonce=2, asset={"votes": ["+" + KEYS[1].hex()]}))
    voter = wallet(state, KEYS[0].hex())
    assert (
        list(voter)
        == "address publicKey nonce balance attributes isDelegate isResigned vote".split()
    )
    assert voter["publicKey"] == KEYS[0].hex() and voter["vote"] == KEYS[1].hex()
    delegate = wallet(state, "d")
    assert delegate["username"] == "d" and delegate["isDelegate"] is True
    assert delegate["attributes"]["delegate"]["voteBalance"] == voter["balance"]
    shown = answer.answer_delegate(state, *answer.find_wallet(state, "d"), rank=1)
    assert (
        shown["votes"] == voter["balance"]
        and shown["rank"] == 1
        and shown["production"]["approval"] > 0
    )
    with pytest.raises(MissingError, match="Delegate not found"):
        answer.answer_delegate(state, *answer.find_wallet(state, ADDRESSES[0]))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        ADDRESSES[4],
        "hMDCcdnhKM8BYcEMPJ5ruH1JtxK9gBfeJR",
        "zz" * 33,
        "1" * 34,
        KEYS[4].hex(),
    ],
)
def test_unknown_wallets(text: str) -> None:
    state, _, _ = make_chain()
    with pytest.raises(MissingError, match="Wallet not found"):
        answer.find_wallet(state, text)


def test_other_attributes() -> None:
    state, _, engine = make_chain()
    asset = {"lock": {"secretHash": "ab" * 32, "expiration": {"type": 2, "value": 99}}}
    forge(
        engine,
        core(8, amount=COIN, recipient=NAMES[3], fee=10**7, asset=asset, vendor_field="v"),
        core(5, nonce=2, asset={"ipfs": "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG"}),
        core(1, nonce=3, asset={"signature": {"publicKey": KEYS[3].hex()}}),
    )
    found = wallet(state, ADDRESSES[0])
    assert found["lockedBalance"] == str(COIN) and found["secondPublicKey"] == KEYS[3].hex()
    (lock,) = found["attributes"]["htlc"]["locks"].values()
    assert lock["recipientId"] == ADDRESSES[3] and lock["expiration"] == {"type": 2, "value": 99}
    assert list(found["attributes"]["ipfs"]["hashes"].values()) == [True]
    account = state.book.account(NAMES[2])
    state.book.put_account(
        NAMES[2], replace(account, multi_signature=MultiSignature(1, (KEYS[0],)))
    )
    assert wallet(state, ADDRESSES[2])["multiSignature"] == {
        "publicKeys": [KEYS[0].hex()],
        "min": 1,
    }


def test_transactions() -> None:
    state, _, engine = make_chain()
    changes = forge(engine, pay(vendor_field="note"), morpheus([], nonce=2))
    forge(engine)
    forged = Forged(changes.block_id, changes.block.height, changes.block.timestamp)
    shown = answer_transaction(changes.block.transactions[0], state, forged)
    assert (
        list(shown)
        == (
            "id blockId version type typeGroup amount fee sender senderPublicKey recipient signature vendorField "
            "confirmations timestamp nonce"
        ).split()
    )
    assert shown["confirmations"] == 2 and shown["sender"] == ADDRESSES[0]
    assert shown["timestamp"] == {
        "epoch": 12,
        "unix": state.params.epoch + 12,
        "human": "2019-08-01T08:00:12.000Z",
    }
    layer2 = answer_transaction(changes.block.transactions[1], state, forged)
    assert layer2["recipient"] == layer2["sender"] and layer2["asset"] == {"operationAttempts": []}
    waiting = answer_transaction(pay(nonce=3), state)
    assert waiting["confirmations"] == 0 and "blockId" not in waiting and "timestamp" not in waiting


def test_blocks() -> None:
    state, _, engine = make_chain()
    changes = forge(engine, pay(amount=7), pay(1, fee=2 * 10**7))
    shown = answer_block(*read_head(changes.block, state), state)
    assert (
        shown["id"] == changes.block_id.hex()
        and shown["height"] == 2
        and shown["transactions"] == 2
    )
    assert shown["forged"] == {
        "reward": "0",
        "fee": "30000000",
        "total": "30000000",
        "amount": "12",
    }
    assert shown["generator"]["publicKey"] == engine.producer.hex() and shown["confirmations"] == 0


def test_the_chain_and_the_node() -> None:
    state, _, engine = make_chain()
    forge(engine)
    assert answer.answer_blockchain(state) == {
        "block": {"height": 2, "id": state.block_id.hex()},
        "supply": str(30_000 * COIN),
    }
    assert answer.answer_syncing(state)["id"] == state.block_id.hex()
    assert answer.answer_status(state, state.params.epoch + 5)["timestamp"] == 5
    shown = answer.answer_configuration(state, "1")
    assert shown["constants"]["aip11"] is True and shown["version"] == 128
    fees = answer.answer_fees(state)
    assert fees["1"]["vote"] == "100000000" and fees["4242"]["morpheusTransaction"] == "10000000"
