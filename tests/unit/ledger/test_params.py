"""Networks, milestones, genesis files, points in time."""

from __future__ import annotations

import json

import pytest
from ledger_chain import ADDRESSES, KEYS

from iop.errors import ConfigError, DecodeError, MissingError
from iop.ledger.answer import answer_crypto
from iop.ledger.block import compute_block_id
from iop.ledger.epoch import format_instant, parse_instant
from iop.ledger.genesis import (
    compute_genesis_block,
    from_record,
    make_genesis,
    parse_genesis,
    read_configuration,
)
from iop.ledger.params import DEVNET, MAINNET, TESTNET, find_params
from iop.value import replace

WALLETS = [{"address": ADDRESSES[0], "balance": "5"}]
SMALL = {"type": "iop.genesis/1", "name": "mini", "wallets": WALLETS}


def test_milestones() -> None:
    assert not MAINNET.rules_at(1_579_999).aip11 and MAINNET.rules_at(1_580_000).morpheus
    assert not MAINNET.rules_at(3_295_499).coeus and MAINNET.rules_at(3_295_500).coeus
    assert DEVNET.rules_at(1_147_100).htlc and DEVNET.rules_at(2_488_500).coeus
    assert not TESTNET.rules_at(1).aip11 and TESTNET.rules_at(2).aip11
    assert not TESTNET.rules_at(49).morpheus and TESTNET.rules_at(50).coeus
    assert TESTNET.rules_at(0) == TESTNET.rules_at(1)
    assert MAINNET.rules_at(5).static_fees["delegateRegistration"] == 25 * 10**8
    assert (TESTNET.rules_at(5).multi_payment_limit, MAINNET.rules_at(5).multi_payment_limit) == (
        256,
        500,
    )


def test_rewards_begin_at_their_milestone() -> None:
    assert TESTNET.rewards_until(7200) == 0
    assert TESTNET.rewards_until(7202) == 2 * 8 * 10**8
    assert MAINNET.rewards_until(201_610) == 10 * 8 * 10**8


def test_constants_are_merged_deeply() -> None:
    constants = TESTNET.constants_at(60)
    assert constants["height"] == 50 and constants["aip11"] is True
    assert constants["block"]["maxTransactions"] == 250


def test_unknown_network() -> None:
    with pytest.raises(MissingError):
        find_params("nope")
    with pytest.raises(MissingError):
        make_genesis("nope")


@pytest.mark.parametrize(
    "milestones",
    [
        (),
        ({"height": 2},),
        ({"height": 1},),
        (*TESTNET.milestones, {"height": 50}),
        (*TESTNET.milestones, {"height": 9000, "reward": "x"}),
        (*TESTNET.milestones, {"height": 9000, "blocktime": 0}),
        (*TESTNET.milestones, {"height": 9000, "fees": 5}),
        (*TESTNET.milestones, {"height": 9000, "fees": {"staticFees": []}}),
    ],
)
def test_wrong_milestones(milestones: tuple) -> None:
    with pytest.raises(ConfigError):
        replace(TESTNET, milestones=milestones)


def test_local_testnet_is_on_from_the_start_and_funded() -> None:
    genesis = make_genesis("testnet")
    rules = genesis.params.rules_at(1)
    assert rules.aip11 and rules.htlc and rules.morpheus and rules.coeus
    document = answer_crypto(genesis)
    assert document["genesisBlock"]["totalAmount"] == "33500000000000000"
    assert document["network"] == TESTNET.network_record()
    assert read_configuration(json.loads(json.dumps(document))).rules_at(
        9000
    ) == genesis.params.rules_at(9000)


def test_genesis_file() -> None:
    genesis = parse_genesis(
        json.dumps(
            SMALL
            | {
                "like": "devnet",
                "epoch": "2024-02-29T12:00:00.000Z",
                "network": {"pubKeyHash": 128, "client": {"token": "MINI"}, "bip32": {"public": 7}},
                "milestones": [
                    {"height": 1, "reward": 5, "blocktime": 1},
                    {"height": 4, "reward": 0},
                ],
                "fees": {"perByte": 1, "addonBytes": {"transfer": 0}},
                "wallets": [
                    *WALLETS,
                    {"publicKey": KEYS[1].hex(), "balance": 7, "username": "first"},
                ],
            }
        ).encode()
    )
    params = genesis.params
    assert (params.ticker, params.bip32_public, params.bip32_private) == (
        "MINI",
        7,
        DEVNET.bip32_private,
    )
    assert (
        params.epoch == 1709208000 and params.milestones[0]["epoch"] == "2024-02-29T12:00:00.000Z"
    )
    assert params.rewards_until(10) == 15 and params.rules_at(1).blocktime == 1
    assert params.fees.per_byte == 1 and params.fees.addon_bytes["transfer"] == 0
    assert genesis.total == 12 and genesis.wallets[1].username == "first"


def test_genesis_block_commits_to_balances_and_network() -> None:
    one, two = (
        from_record(SMALL),
        from_record(SMALL | {"wallets": [{**WALLETS[0], "balance": "6"}]}),
    )
    ids = {
        compute_block_id(compute_genesis_block(genesis), genesis.params)
        for genesis in (one, two, make_genesis("testnet"), make_genesis("mainnet"))
    }
    assert len(ids) == 4
    fixed = {"nethash": "ab" * 32}
    assert (
        compute_genesis_block(from_record(SMALL | fixed)).state
        != compute_genesis_block(
            from_record(SMALL | fixed | {"wallets": [{**WALLETS[0], "balance": 6}]})
        ).state
    )


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"type": "x"}, "type"),
        ({"extra": 1}, "extra"),
        ({"name": "A"}, "name"),
        ({"name": ""}, "name"),
        ({"name": 5}, "name"),
        ({"like": "moon"}, "like"),
        ({"network": []}, "network"),
        ({"network": {"x": 1}}, "'x'"),
        ({"network": {"pubKeyHash": 256}}, "pubKeyHash"),
        ({"network": {"pubKeyHash": True}}, "pubKeyHash"),
        ({"network": {"client": {"token": "x" * 17}}}, "token"),
        ({"network": {"pubKeyHash": 100}}, "network byte 100 expected"),
        ({"nethash": "ab"}, "nethash"),
        ({"nethash": "xy" * 32}, "nethash"),
        ({"epoch": "yesterday"}, "epoch"),
        (
            {
                "epoch": "2024-01-01T00:00:00.000Z",
                "milestones": [{"height": 1, "epoch": "2023-01-01T00:00:00.000Z"}],
            },
            "differ",
        ),
        ({"milestones": [5]}, "milestones"),
        ({"milestones": [{"height": 3}]}, "height 1"),
        ({"fees": {"perByte": -1}}, "perByte"),
        ({"fees": {"addonBytes": {"x": 1}}}, "'x'"),
        ({"wallets": []}, "wallets"),
        ({"wallets": [5]}, "wallets[0]"),
        ({"wallets": [{"balance": 1}]}, "address"),
        ({"wallets": [{"address": "t1"}]}, "address"),
        ({"wallets": WALLETS * 2}, "twice"),
        ({"wallets": [{"address": ADDRESSES[0], "balance": "-1"}]}, "balance"),
        ({"wallets": [{"address": ADDRESSES[0], "balance": 1.5}]}, "balance"),
        (
            {
                "wallets": [
                    {"address": ADDRESSES[0], "balance": 2**63 - 1},
                    {"address": ADDRESSES[1], "balance": 1},
                ]
            },
            "more than",
        ),
        ({"wallets": [{"address": ADDRESSES[0], "username": "a"}]}, "publicKey"),
        ({"wallets": [{"address": ADDRESSES[0], "publicKey": KEYS[1].hex()}]}, "belong together"),
        (
            {"wallets": [{"publicKey": k.hex(), "username": "a"} for k in KEYS[:2]]},
            "user name twice",
        ),
    ],
)
def test_refused_genesis(change: dict, word: str) -> None:
    with pytest.raises(ConfigError) as caught:
        from_record(SMALL | change)
    assert word in caught.value.message


def test_genesis_file_that_is_no_json() -> None:
    for wrong in (b"", b"[]", b"{", b'{"type":1,"type":2}', b" " * (5 * 2**20)):
        with pytest.raises(ConfigError):
            parse_genesis(wrong)


def test_configuration_of_a_node_that_is_none() -> None:
    for wrong in (None, {}, {"network": {"pubKeyHash": "x"}}):
        with pytest.raises(ConfigError):
            read_configuration(wrong)


def test_instants() -> None:
    assert parse_instant("2019-09-01T08:00:00.000Z") == 1567324800 == MAINNET.epoch
    assert format_instant(1795167288) == "2026-11-20T09:34:48.000Z"
    assert format_instant(0) == "1970-01-01T00:00:00.000Z"
    assert parse_instant("2000-02-29T23:59:59Z") == 951868799
    for wrong in (
        "",
        "2019",
        "2019-02-29T00:00:00Z",
        "2019-01-01T24:00:00Z",
        "2019-01-01 00:00:00Z",
        "1969-12-31T00:00:00Z",
    ):
        with pytest.raises(DecodeError):
            parse_instant(wrong)
