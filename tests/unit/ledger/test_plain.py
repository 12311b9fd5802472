"""What is read at one look is what a close look makes of it; everything else is left to the close look."""

from copy import deepcopy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_chain import pay

from iop.codec.json import Real, encode_json, parse_json
from iop.ledger.forms import make_context
from iop.ledger.params import TESTNET
from iop.ledger.plain import read_plain
from iop.ledger.record import build_transaction, find_form_faults, to_record
from iop.ledger.wire import encode_transaction, parse_transaction
from iop.value import replace

HEIGHT = 100
CONTEXT = make_context(TESTNET, HEIGHT)
KEY = "pez2CLkBUjHB8w8G87D3YkREjpRuiqPu6BrRsgHMQy2Pzt6"
SIGNABLE = {"operation": "addKey", "did": "did:morpheus:ez", "lastTxId": None, "auth": KEY}
SIGNED = {
    "operation": "signed",
    "signables": [SIGNABLE, {"operation": "tombstoneDid", "did": "x", "lastTxId": "y"}],
    "signerPublicKey": KEY,
    "signature": "sez",
}
PROOF = {"operation": "registerBeforeProof", "contentId": "cju"}


def transfer(**members):
    return to_record(pay()) | members


def morpheus(*attempts, **members):
    record = to_record(pay()) | {"typeGroup": 4242, "type": 1, "amount": "0"}
    del record["recipientId"]
    return record | {"asset": {"operationAttempts": list(attempts)}} | members


def without(record, name):
    return {member: value for member, value in record.items() if member != name}


def agree(record):
    """The plain reading, after checking that the close one says the same."""
    tx = read_plain(record, CONTEXT)
    if tx is not None:
        assert find_form_faults(record, TESTNET, HEIGHT) == []
        other = build_transaction(record, TESTNET)[0]
        assert tx == other
        data = encode_transaction(tx)
        assert data == encode_transaction(replace(other))
        read_back = parse_transaction(data)
        assert tx == read_back and encode_json(tx.asset) == encode_json(read_back.asset)
    return tx


@pytest.mark.parametrize(
    "record",
    [
        transfer(),
        without(transfer(), "network"),
        without(transfer(), "typeGroup"),
        transfer(amount=7, nonce=3, fee=2**53),
        transfer(amount="007"),
        transfer(vendorField="gr\u00fc\u00df"),
        transfer(vendorField=None),
        transfer(vendorField=""),
        transfer(expiration=2**32 - 1),
        transfer(expiration=0),
        transfer(signature="ab" * 64),
        transfer(senderPublicKey=transfer()["senderPublicKey"].upper()),
        morpheus(PROOF),
        morpheus(SIGNED, PROOF),
        morpheus(),
        morpheus({**SIGNED, "signables": [{**SIGNABLE, "expiresAtHeight": 5}]}),
        morpheus(
            {**SIGNED, "signables": [{**SIGNABLE, "operation": "addRight", "right": "update"}]}
        ),
        morpheus({**PROOF, "contentId": 'a\u0007"\\'}),
        morpheus(PROOF, amount=0),
    ],
)
def test_plain(record) -> None:
    assert agree(record) is not None


@pytest.mark.parametrize(
    "record",
    [
        None,
        [],
        "text",
        {},
        *(without(transfer(), name) for name in transfer() if name not in ("network", "typeGroup")),
        *(transfer(**{name: None}) for name in transfer()),
        *(transfer(**{name: []}) for name in transfer()),
        *(transfer(**{name: True}) for name in transfer()),
        *(transfer(**{name: Real("1.0")}) for name in transfer()),
        transfer(version=1),
        transfer(network=90),
        transfer(type=8),
        transfer(typeGroup=2),
        transfer(amount=0),
        transfer(amount="0"),
        transfer(amount="-1"),
        transfer(amount=" 1"),
        transfer(amount="0x1"),
        transfer(amount="\u0661"),
        transfer(amount=""),
        transfer(amount="1" * 19),
        transfer(amount=2**53 + 1),
        transfer(fee=0),
        transfer(nonce=-1),
        transfer(expiration=2**32),
        transfer(expiration="1"),
        transfer(vendorField="a" * 256),
        transfer(vendorField=1),
        transfer(recipientId="D" * 34),
        transfer(senderPublicKey="0g" * 33),
        transfer(senderPublicKey=" " * 66),
        transfer(id="0" * 63),
        transfer(id="g" * 64),
        transfer(signature="ab" * 63 + "a"),
        transfer(signature="ab" * 65),
        transfer(signature="3046" + "00" * 68),
        transfer(signature="zz"),
        transfer(signatures=[]),
        transfer(secondSignature="00"),
        transfer(timestamp=0),
        transfer(surplus=0),
        transfer(asset={}),
        morpheus(PROOF, amount="1"),
        morpheus(PROOF, vendorField=""),
        morpheus(PROOF, asset=None),
        morpheus(PROOF, asset=[]),
        morpheus(PROOF, asset={}),
        morpheus(PROOF, asset={"operationAttempts": {}}),
        morpheus(PROOF, asset={"operationAttempts": [], "more": 1}),
        morpheus([]),
        morpheus("signed"),
        morpheus({}),
        morpheus({"operation": []}),
        morpheus({"operation": "other"}),
        morpheus({**PROOF, "more": 1}),
        morpheus({**PROOF, "contentId": 1}),
        morpheus({**PROOF, "contentId": "\u00e9"}),
        morpheus({**SIGNED, "more": 1}),
        morpheus({**SIGNED, "signature": None}),
        morpheus({**SIGNED, "signerPublicKey": 1}),
        morpheus({**SIGNED, "signables": None}),
        morpheus({**SIGNED, "signables": [None]}),
        morpheus({**SIGNED, "signables": [{}]}),
        morpheus({**SIGNED, "signables": [{**SIGNABLE, "operation": "noKey"}]}),
        morpheus({**SIGNED, "signables": [{**SIGNABLE, "operation": {}}]}),
        morpheus({**SIGNED, "signables": [{**SIGNABLE, "auth": None}]}),
        morpheus({**SIGNED, "signables": [{**SIGNABLE, "lastTxId": 1}]}),
        morpheus({**SIGNED, "signables": [{**SIGNABLE, "more": ""}]}),
        morpheus({**SIGNED, "signables": [{**SIGNABLE, "expiresAtHeight": Real("5.0")}]}),
        morpheus({**SIGNED, "signables": [{**SIGNABLE, "expiresAtHeight": True}]}),
        morpheus(
            {**SIGNED, "signables": [{**SIGNABLE, "operation": "revokeKey", "expiresAtHeight": 5}]}
        ),
    ],
)
def test_not_plain(record) -> None:
    assert read_plain(record, CONTEXT) is None


ODD = st.sampled_from(
    [
        None,
        True,
        0,
        1,
        -1,
        2,
        128,
        4242,
        2**53,
        2**64,
        Real("1.5"),
        Real("1e0"),
        "",
        "0",
        "1",
        "00",
        "ab",
        "z",
        [],
        {},
    ]
    + [
        [PROOF],
        {"operationAttempts": [SIGNED]},
        "signed",
        "addKey",
        KEY,
        "a" * 34,
        "0" * 64,
        "0" * 66,
        "+1",
        "\u0661",
    ]
)


@st.composite
def altered(draw):
    """A good record with members changed, dropped and added anywhere inside."""
    record = parse_json(encode_json(draw(st.sampled_from([transfer(), morpheus(SIGNED, PROOF)]))))
    for _ in range(draw(st.integers(1, 3))):
        place = record
        while True:
            inner = [
                each
                for each in (place.values() if isinstance(place, dict) else place)
                if isinstance(each, dict | list) and each
            ]
            if not inner or draw(st.booleans()):
                break
            place = draw(st.sampled_from(inner))
        if isinstance(place, list):
            place[draw(st.integers(0, len(place) - 1))] = deepcopy(draw(ODD))
        else:
            name = draw(
                st.sampled_from(
                    [*place, "surplus", "timestamp", "7", "expiresAtHeight", "vendorField"]
                )
            )
            if draw(st.booleans()):
                place[name] = deepcopy(draw(ODD))
            else:
                place.pop(name, None)
    return record


@settings(max_examples=600)
@given(altered())
def test_both_readings_agree(record) -> None:
    agree(record)
