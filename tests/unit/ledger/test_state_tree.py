"""The state hash over random chains: rows, proofs at every remembered height, snapshots, blocks that stand on another state."""

from __future__ import annotations

import random

import pytest
from ledger_chain import (
    COIN,
    KEYS,
    NAMES,
    PRODUCER,
    SECRETS,
    core,
    forge,
    make_chain,
    morpheus,
    pay,
)

from iop.codec.json import encode_json, parse_json
from iop.crypto.hash import sha256
from iop.crypto.secp256k1 import compute_public_key
from iop.crypto.sparse_tree import EMPTY
from iop.did.operation import parse_signable, sign_signables
from iop.did.operation import to_record as show_attempt
from iop.errors import DataError, MissingError, SchemaError, VerifyError
from iop.keys.multicipher import SecretKey, compute_key_id
from iop.ledger.block import compute_block_id, encode_block, parse_block, sign_block
from iop.ledger.coeus.bundle import bundle_to_record, sign_bundle
from iop.ledger.coeus.operation import from_record as read_operation
from iop.ledger.engine import Solo
from iop.ledger.mempool import Mempool
from iop.ledger.proof import check_proof, from_record, newest_provable, prove, to_record
from iop.ledger.row import ACCOUNT, DID, NAME, PROOF, compute_place, encode_key, read_key
from iop.ledger.seal import sign_ecdsa
from iop.ledger.snapshot import read_snapshot, write_snapshot
from iop.ledger.state import State
from iop.ledger.wire import Transaction, encode_transaction, parse_transaction
from iop.value import replace

PERSONS = [SecretKey("e", bytes((n + 1,)) * 32) for n in range(3)]
OWNERS = [SecretKey("s", SECRETS[n]) for n in range(2)]


def did_of(person: SecretKey) -> str:
    return "did:morpheus:" + str(compute_key_id(person.public()))[1:]


class Life:
    """A chain on which much happens, by a seed; remembers all rows at every height."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.state, self.pool, self.engine = make_chain()
        self.nonces = dict.fromkeys(range(3), 0)
        self.names: list[str] = []
        self.count = 0
        self.rows = {self.state.height: rows_of(self.state)}
        self.blocks = []

    def next(self, sender: int) -> int:
        self.nonces[sender] += 1
        return self.nonces[sender]

    def block(self) -> None:
        made = [self.transaction() for _ in range(self.random.randrange(5))]
        changes = forge(self.engine, *made)
        self.blocks.append(changes.block)
        self.rows[self.state.height] = rows_of(self.state)

    def transaction(self) -> Transaction:
        sender = self.random.randrange(3)
        kind = self.random.choice(["pay", "did", "did", "proof", "name", "name", "ipfs", "many"])
        self.count += 1
        if kind == "pay":
            return pay(sender, self.next(sender), to=self.random.randrange(5), amount=COIN)
        if kind == "ipfs":
            digest = b"\x12\x20" + sha256(b"%d" % self.count)
            from iop.codec.base58 import encode_base58

            return core(5, sender, self.next(sender), asset={"ipfs": encode_base58(digest)})
        if kind == "proof":
            content = f"proof {self.random.randrange(6)}"
            attempt = {"operation": "registerBeforeProof", "contentId": content}
            return morpheus([attempt], sender, self.next(sender))
        if kind == "did":
            return morpheus([self.attempt()], sender, self.next(sender))
        if kind == "name":
            return self.coeus(sender)
        from iop.ledger.address import encode_address

        payments = [{"amount": "5", "recipientId": encode_address(128, NAMES[n])} for n in range(2)]
        return core(6, sender, self.next(sender), asset={"payments": payments})

    def attempt(self) -> dict:
        person = self.random.choice(PERSONS)
        did = did_of(person)
        last = self.state.registry.last_txid(did)
        other = self.random.choice(PERSONS).public()
        operation = self.random.choice(
            [
                {"operation": "addKey", "auth": str(other)},
                {"operation": "addRight", "auth": str(other), "right": "update"},
                {"operation": "revokeKey", "auth": str(other)},
            ]
        )
        signable = parse_signable({"did": did, "lastTxId": last, **operation})
        return show_attempt(sign_signables((signable,), person))

    def coeus(self, sender: int) -> Transaction:
        owner = self.random.choice(OWNERS)
        public = owner.public()
        name = self.random.choice([".schema.a", ".schema.a.b", ".schema.a.b.c", ".schema.d"])
        operation: dict = self.random.choice(
            [
                {
                    "type": "register",
                    "name": name,
                    "owner": str(public),
                    "subtreePolicies": {"expiration": 500} if self.count % 2 else {},
                    "registrationPolicy": "any",
                    "data": {"title": f"é {self.count}"},
                    "expiresAtHeight": self.state.height + 400,
                },
                {"type": "update", "name": name, "data": {}},
                {"type": "renew", "name": name, "expiresAtHeight": self.state.height + 300},
                {"type": "delete", "name": name},
            ]
        )
        nonce = self.state.names.last_nonce(public) + 1
        record = bundle_to_record(sign_bundle(owner, (read_operation(operation),), nonce))
        tx = Transaction(
            128,
            4242,
            2,
            self.next(sender),
            KEYS[sender],
            10 * COIN,
            asset={"bundles": [record]},
        )
        # as a node takes it: the bytes say what counts, and names' data are canonical there
        return parse_transaction(encode_transaction(sign_ecdsa(tx, SECRETS[sender])))


def rows_of(state: State) -> dict:
    found = {}
    for table, key, text in state.all_rows():
        at = (table, encode_key(key))
        assert at not in found
        found[at] = text
    return found


def root_of(rows: dict) -> bytes:
    places = {compute_place(*at): sha256(text.encode()) for at, text in rows.items()}
    return EMPTY.update(places).root


@pytest.fixture(scope="module", params=[1, 2, 3])
def life(request: pytest.FixtureRequest) -> Life:
    made = Life(request.param)
    for _ in range(60):
        made.block()
    assert len(made.state.registry.state.dids) == 3
    assert sum(at[0] == NAME for at in rows_of(made.state)) > 2
    return made


def test_what_grew_block_by_block_is_the_tree_of_all_rows(life: Life) -> None:
    assert life.state.state_hash == root_of(rows_of(life.state))


def test_headers_carry_the_state_after_their_parent(life: Life) -> None:
    for block in life.blocks:
        assert block.state == root_of(life.rows[block.height - 1])


def test_the_same_blocks_give_the_same_state_hash(life: Life) -> None:
    other = State(life.state.genesis)
    for block in life.blocks:
        other.apply_block(parse_block(encode_block(block)))
    assert other.state_hash == life.state.state_hash
    assert rows_of(other) == rows_of(life.state)


def test_taking_back_gives_the_hashes_back(life: Life) -> None:
    state = State(life.state.genesis)
    hashes = [state.state_hash]
    for block in life.blocks:
        state.apply_block(block, verify=False)
        hashes.append(state.state_hash)
    for block in reversed(life.blocks):
        assert state.state_hash == hashes.pop()
        assert root_of(rows_of(state)) == state.state_hash
        state.revert_block()
        assert state.height == block.height - 1
    for block in life.blocks:
        state.apply_block(block, verify=False)
    assert state.state_hash == life.state.state_hash


def test_every_row_is_proven_at_every_remembered_height(life: Life) -> None:
    state = life.state
    everything = {at for rows in life.rows.values() for at in rows}
    newest = newest_provable(state)
    assert newest == state.height - 1
    ids = {block.height: compute_block_id(block, state.params) for block in life.blocks}
    producer = compute_public_key(PRODUCER)
    for height in (1, 2, 7, 30, newest - 1, newest):
        for table, key in everything:
            proof = prove(state, table, key, height)
            assert proof.text == life.rows[height].get((table, key))
            again = from_record(parse_json(encode_json(to_record(proof))))
            assert again == proof
            check_proof(again, ids[height + 1])
        check_proof(again, producer)
        with pytest.raises(VerifyError, match="not on the trusted one"):
            check_proof(again, bytes(32))
        with pytest.raises(VerifyError, match="who is not trusted"):
            check_proof(again, KEYS[0])


def test_changed_proofs_are_refused(life: Life) -> None:
    state = life.state
    did = did_of(PERSONS[0])
    record = to_record(prove(state, DID, did.encode()))
    trusted = state.block_id
    check_proof(from_record(record), trusted)

    def refuse(**change: object) -> None:
        with pytest.raises((DataError, VerifyError)):
            check_proof(from_record({**record, **change}), trusted)

    for change in (
        {"value": None},
        {"value": [[], None, None, 0]},
        {"key": did_of(PERSONS[1])},
        {"table": PROOF},
        {"siblings": record["siblings"][:-1]},
        {"siblings": [*record["siblings"], ""]},
        {"siblings": [""] * 257},
        {"siblings": 5},
        {"siblings": [5]},
        {"other": ["00" * 32, "00" * 32]},
        {"other": ["00"]},
        {"height": record["height"] + 1},
        {"nethash": "00" * 32},
        {"nethash": "xx" * 32},
        {"header": record["header"][:-2]},
        {"header": "03" + record["header"][2:]},
        {"type": "x"},
        {"extra": 1},
        {"key": 5},
        {"table": "x"},
    ):
        refuse(**change)
    header = bytearray.fromhex(record["header"])
    header[60] ^= 1
    refuse(header=header.hex())
    # whoever signs the header decides, if only the producer is trusted
    forged = bytearray.fromhex(record["header"])
    forged[-1] ^= 1
    with pytest.raises(VerifyError, match="not signed"):
        check_proof(from_record({**record, "header": forged.hex()}), compute_public_key(PRODUCER))


def test_what_is_too_old_or_too_new_is_not_proven() -> None:
    state, _, engine = make_chain()
    with pytest.raises(MissingError, match="no height"):
        prove(state, ACCOUNT, NAMES[0])
    assert newest_provable(state) is None
    for _ in range(70):
        forge(engine)
    for height in (state.height, state.height + 1, state.height - 65, 1):
        with pytest.raises(MissingError, match="cannot be proven"):
            prove(state, ACCOUNT, NAMES[0], height)
    assert prove(state, ACCOUNT, NAMES[0], state.height - 64).text


def test_absence_is_proven() -> None:
    state, _, engine = make_chain()
    forge(engine)
    proof = prove(state, NAME, b".schema.nobody")
    assert proof.row is None
    check_proof(proof, state.block_id)


@pytest.mark.parametrize(
    ("table", "text"),
    [
        ("head", "x"),
        ("account", ""),
        ("account", "02" * 33),
        ("lock", "ab"),
        ("statement", "zz"),
        ("name", "schema.hotel"),
    ],
)
def test_a_key_that_no_row_can_have_is_refused(table: str, text: str) -> None:
    """Its absence could be proven, and somebody would take that for an answer."""
    with pytest.raises(SchemaError, match=f"not a key of table {table}"):
        read_key(table, text)


def test_blocks_on_another_state_are_refused() -> None:
    state, _, engine = make_chain()
    good = engine.propose([], state.params.epoch + 20)
    wrong = sign_block(replace(good, state=bytes(32)), state.params, PRODUCER)
    with pytest.raises(VerifyError, match="block 2 stands on state 0000"):
        state.apply_block(wrong)
    with pytest.raises(VerifyError, match="stands on state"):
        state.apply_block(wrong, verify=False)
    state.apply_block(good)


def test_blocks_of_version_1_come_before_those_of_version_2() -> None:
    state, _, engine = make_chain()
    old = replace(engine.propose([], state.params.epoch + 20), state=bytes(32), version=1)
    state.apply_block(sign_block(old, state.params, PRODUCER))
    assert newest_provable(state) is None
    forge(engine)
    assert newest_provable(state) == 2
    old = replace(engine.propose([], state.params.epoch + 50), version=1)
    with pytest.raises(VerifyError, match="block of version 2 expected, got 1"):
        state.apply_block(sign_block(old, state.params, PRODUCER))


def test_snapshots(life: Life) -> None:
    lines = list(write_snapshot(life.state))
    again = read_snapshot(lines, life.state.genesis)
    assert rows_of(again) == rows_of(life.state)
    assert again.state_hash == life.state.state_hash
    assert again.book.votes.get(KEYS[0]) == life.state.book.votes.get(KEYS[0])
    old, new = life.state.registry.state, again.registry.state
    assert new.status == old.status
    assert {did: list(log) for did, log in new.logs.items()} == old.logs
    assert list(write_snapshot(again)) == list(write_snapshot(again))
    # both go on alike
    block = Solo(life.state, Mempool(life.state), secret=PRODUCER).propose(
        [pay(0, life.nonces[0] + 1)], life.state.params.epoch + life.state.timestamp + 5
    )
    life.state.apply_block(block)
    again.apply_block(block)
    assert again.state_hash == life.state.state_hash
    life.state.revert_block()
    again.revert_block()
    with pytest.raises(VerifyError, match="cannot be taken back"):
        again.revert_block()


def test_snapshots_stand_on_a_trusted_header(life: Life) -> None:
    state = State(life.state.genesis)
    for block in life.blocks[:-1]:
        state.apply_block(block, verify=False)
    following = life.blocks[-1]
    lines = list(write_snapshot(state, encode_block(following)))
    block_id = compute_block_id(following, state.params)
    producer = compute_public_key(PRODUCER)
    for trusted in (block_id, producer):
        assert read_snapshot(lines, state.genesis, trusted).height == state.height
    for trusted in (bytes(32), KEYS[0]):
        with pytest.raises(VerifyError, match="snapshot"):
            read_snapshot(lines, state.genesis, trusted)
    # what comes next may not fall back behind the header that attests
    old = sign_block(replace(following, version=1, transactions=()), state.params, PRODUCER)
    with pytest.raises(VerifyError, match="block of version 2 expected"):
        read_snapshot(lines, state.genesis, producer).apply_block(old)
    with pytest.raises(VerifyError, match="no header that attests it"):
        read_snapshot(write_snapshot(state), state.genesis, block_id)
    with pytest.raises(VerifyError, match="attests another state"):
        read_snapshot(write_snapshot(state, encode_block(life.blocks[0])), state.genesis, block_id)


def test_broken_snapshots_are_refused(life: Life) -> None:
    lines = list(write_snapshot(life.state))
    genesis = life.state.genesis
    step = max(len(lines) // 40, 1)
    for at in (*range(0, len(lines), step), len(lines) - 1):
        with pytest.raises((DataError, VerifyError)):
            read_snapshot([*lines[:at], *lines[at + 1 :]], genesis)
        with pytest.raises((DataError, VerifyError)):
            read_snapshot(
                [*lines[:at], lines[at][: len(lines[at]) // 2], *lines[at + 1 :]], genesis
            )
        with pytest.raises((DataError, VerifyError)):
            read_snapshot(
                [*lines[:at], lines[at].replace(b"1", b"2", 1), *lines[at + 1 :]]
                if b"1" in lines[at]
                else [],
                genesis,
            )
    with pytest.raises(SchemaError, match="cut off"):
        read_snapshot([], genesis)
    with pytest.raises(SchemaError, match="goes on after its end"):
        read_snapshot([*lines, lines[-1]], genesis)
    other = make_chain(name="other")[0]
    with pytest.raises(VerifyError, match="is of network"):
        read_snapshot(lines, other.genesis)
