"""Statements and batches: form, limits, ids, bytes; and the board they stand on."""

from __future__ import annotations

import pytest
from board_bench import ANN, BOB, DID, build, carry, say, say_sized
from ledger_chain import (
    COIN,
    KEYS,
    PRODUCER,
    forge,
    make_chain,
    make_state,
    pay,
    snapshot,
)

from iop.codec.digest import compute_bytes_id, compute_content_id
from iop.codec.json import encode_json, parse_json
from iop.crypto import secp256k1
from iop.crypto.hash import sha256
from iop.crypto.sparse_tree import is_proven
from iop.daemon.http.payload import MAX_BODY
from iop.errors import DataError, DecodeError, LimitError, SchemaError, VerifyError
from iop.keys.multicipher import SecretKey, Signature
from iop.ledger import board
from iop.ledger.block import sign_block
from iop.ledger.board import (
    MAX_BATCH,
    MAX_STATEMENT,
    MAX_STATEMENTS,
    check_signatures,
    encode_id,
    is_statement_valid,
    judge,
    make_batch,
    parse_batch,
    parse_id,
    read_batch,
    read_statement,
    split,
    statements_of,
)
from iop.ledger.board_row import Posting, encode_posting, parse_posting
from iop.ledger.board_row import to_record as posting_to_record
from iop.ledger.engine import Solo
from iop.ledger.fee import compute_minimum_fee, compute_pool_fee
from iop.ledger.forms import make_context
from iop.ledger.mempool import Mempool
from iop.ledger.params import MAINNET, NETWORKS, TESTNET, Limits
from iop.ledger.plain import read_plain
from iop.ledger.record import from_record, to_record
from iop.ledger.row import STATEMENT, compute_place
from iop.ledger.signatures import judge_signatures
from iop.ledger.snapshot import read_snapshot, write_snapshot
from iop.ledger.submission import check_body, submit
from iop.ledger.wire import compute_id_bytes, encode_transaction, parse_transaction
from iop.value import replace


def post(state, pool, *transactions):
    records = [parse_json(encode_json(to_record(tx))) for tx in transactions]
    return submit(check_body({"transactions": records}, state), state, pool)


def refusal(record, kind: type[Exception] = SchemaError) -> str:
    with pytest.raises(kind) as caught:
        read_statement(record)
    return caught.value.message


# One statement.


def test_what_a_statement_says() -> None:
    record = say(7, issuer=f"{DID}#2")
    found = read_statement(record)
    text = encode_json({"content": record["content"], "publicKey": str(ANN.public)})
    canonical = (
        f'{{"content":{{"issuer":"{DID}#2","n":7,"type":"iop.vote/1"}},"publicKey":"{ANN.public}"}}'
    )
    assert sorted(text) == sorted(canonical)
    assert encode_id(found.id) == compute_bytes_id(canonical.encode())
    assert parse_id(encode_id(found.id)) == found.id
    assert (found.type, found.issuer, found.public) == ("iop.vote/1", DID, ANN.public)
    assert found.content_id() == compute_content_id(record["content"])
    assert is_statement_valid(found) and parse_json(found.data) == record
    assert list(parse_json(found.data)) == ["content", "signature"]


@pytest.mark.parametrize("signer", [ANN, BOB], ids=["ed25519", "secp256k1"])
def test_both_suites(signer) -> None:
    found = read_statement(say(signer=signer))
    assert is_statement_valid(found) and found.issuer == str(signer.public)


def test_an_id_is_of_content_and_signer_and_of_nothing_else() -> None:
    content = {"type": "a", "x": {"y": 1}}
    ann = read_statement(ANN.sign_json(content))
    assert read_statement(ANN.sign_json(dict(reversed(content.items())))).id == ann.id
    assert read_statement(BOB.sign_json(content)).id != ann.id
    forged = ANN.sign_json(content)
    forged["signature"] = forged["signature"] | {"bytes": say(1)["signature"]["bytes"]}
    assert read_statement(forged).id == ann.id and not is_statement_valid(read_statement(forged))
    # the signature holds for a masked copy, which is another statement all the same
    masked = ANN.sign_json(content) | {"content": {"type": "a", "x": compute_content_id({"y": 1})}}
    copy = read_statement(masked)
    assert is_statement_valid(copy) and copy.content_id() == ann.content_id() and copy.id != ann.id


def test_the_largest_statement() -> None:
    assert len(read_statement(say_sized(MAX_STATEMENT)).data) == MAX_STATEMENT == 65_536
    message = refusal(say_sized(MAX_STATEMENT - 1) | _grown(say_sized(MAX_STATEMENT)), LimitError)
    assert "65536 bytes expected, got 65537" in message


def _grown(record: dict) -> dict:
    content = record["content"] | {"pad": record["content"]["pad"] + "x"}
    return ANN.sign_json(content)


@pytest.mark.parametrize("record", [None, [], "cjuX", 1, {}, {"content": {"type": "a"}}])
def test_no_statement(record) -> None:
    assert "exactly the members content and signature" in refusal(record)


def test_unknown_members() -> None:
    assert "got content, nonce, signature" in refusal(say() | {"nonce": "u" * 45})
    assert "content, signature, type" in refusal(say() | {"type": "x"})
    record = say()
    record["signature"] |= {"time": 1}
    assert "exactly the members publicKey and bytes" in refusal(record)
    del record["signature"]["time"], record["signature"]["bytes"]
    assert "publicKey and bytes" in refusal(record)
    assert "publicKey and bytes" in refusal(say() | {"signature": "sez"})


@pytest.mark.parametrize("content", ["cju" + "A" * 43, [{"type": "a"}], None, 5])
def test_content_is_an_object(content) -> None:
    assert "must be an object" in refusal(say() | {"content": content})


@pytest.mark.parametrize(
    "type_", [None, 1, "", "1a", "-a", "a b", "a\n", "日", "a" * 65, ["a"], "a?b", "a%20"]
)
def test_types_that_are_none(type_) -> None:
    assert "must have a type" in refusal(ANN.sign_json({"type": type_}))


@pytest.mark.parametrize("type_", ["a", "iop.vote/1", "A" * 64, "org_x-y.Z/12"])
def test_types(type_) -> None:
    assert read_statement(ANN.sign_json({"type": type_})).type == type_


def test_a_type_is_demanded() -> None:
    assert "must have a type" in refusal(ANN.sign_json({"n": 1}))


@pytest.mark.parametrize(
    "issuer",
    [None, 1, {}, "", "ann", "did:key:z6Mk", DID + "#", DID + "#x", DID + "#01", DID + "#1#2", DID + "/a"],
)  # fmt: skip
def test_issuers_that_are_none(issuer) -> None:
    assert "issuer" in refusal(say(issuer=issuer))


def test_an_issuer_has_one_spelling() -> None:
    from iop.codec.multibase import encode_multibase
    from iop.did.identifier import parse_did

    data = b"\x01" + parse_did(DID).key_id.data
    other = "did:morpheus:e" + encode_multibase(data, "base64url")
    assert str(parse_did(other)) == DID
    assert "issuer must be a DID" in refusal(say(issuer=other))
    assert read_statement(say(issuer=DID)).issuer == DID


def test_keys_have_one_spelling() -> None:
    from iop.codec.multibase import encode_multibase

    record = say()
    record["signature"]["publicKey"] = "pe" + encode_multibase(ANN.public.data, "base64url")
    assert "base58btc" in refusal(record, DecodeError)
    record["signature"]["publicKey"] = "pez1"
    refusal(record, DecodeError)
    record["signature"]["publicKey"] = 5
    refusal(record)


@pytest.mark.parametrize("text", ["1.5", "1.0", "1e3", "-0", "9007199254740992", "-9007199254740992", "1e99"])  # fmt: skip
def test_numbers_that_readers_read_differently(text) -> None:
    record = parse_json(f'{{"content":{{"type":"a","n":[{text}]}},"signature":{{}}}}')
    record["signature"] = say()["signature"]
    assert "whole and at most 2^53 - 1" in refusal(record)


def test_numbers() -> None:
    for number in (0, -1, 2**53 - 1, 1 - 2**53):
        assert is_statement_valid(read_statement(say(number)))
    assert "whole" in refusal(say() | {"content": {"type": "a", "n": 1.0}})
    assert "whole" in refusal(say() | {"content": {"type": "a", "n": b"x"}})


@pytest.mark.parametrize("text", ["é", "\uff02", "ﬁ", "\u212b"])
def test_text_that_is_not_nfkd(text) -> None:
    assert "NFKD" in refusal(say(x=text))
    assert "NFKD" in refusal(say() | {"content": {"type": "a", text: 1}})


def test_text_that_is_nfkd() -> None:
    assert is_statement_valid(read_statement(say(x='e\u0301 \u2028 日本 \x00 \x7f \\ "')))


def test_a_lone_surrogate() -> None:
    refusal(say() | {"content": {"type": "a", "x": "\ud800"}}, DataError)


def test_depth() -> None:
    def nested(levels: int):
        node: object = 1
        for _ in range(levels):
            node = [node]
        return {"type": "a", "x": node}

    # statement, content and 30 lists are 32
    assert board.DEEPEST == 32
    assert is_statement_valid(read_statement(ANN.sign_json(nested(30))))
    assert "32 deep" in refusal(ANN.sign_json(nested(31)), LimitError)
    deep: list = []
    for _ in range(100_000):
        deep = [deep]
    assert "32 deep" in refusal(say() | {"content": {"type": "a", "x": deep}}, LimitError)


def test_high_s_is_another_text_for_the_same_signature() -> None:
    record = say(signer=BOB)
    made = read_statement(record).signature
    high = secp256k1.ORDER - int.from_bytes(made.data[32:])
    record["signature"]["bytes"] = str(Signature("s", made.data[:32] + high.to_bytes(32)))
    assert not is_statement_valid(read_statement(record))


def test_small_order_keys_sign_nothing() -> None:
    from iop.keys.multicipher import PublicKey

    public = PublicKey("e", (1).to_bytes(32, "little"))
    record = say()
    record["signature"] = {
        "publicKey": str(public),
        "bytes": str(Signature("e", (1).to_bytes(32, "little") + bytes(32))),
    }
    assert not is_statement_valid(read_statement(record))


@pytest.mark.parametrize("text", ["", "cbu", "cju" + "A" * 43, "cbu" + "A" * 42, "cbu" + "A" * 42 + "B", "cbu" + "+" * 43, "cbu" + "é" * 43])  # fmt: skip
def test_ids_that_are_none(text) -> None:
    with pytest.raises(DecodeError, match="id of a statement expected"):
        parse_id(text)


# Batches.


def test_a_batch_and_its_bytes() -> None:
    records = [say(n) for n in range(3)]
    batch = read_batch({"statements": records})
    assert batch == {"statements": records} and read_batch(batch) is batch
    assert parse_batch(batch.data) == batch
    assert batch.data == encode_json(batch).encode()
    assert parse_batch(batch.data).statements == batch.statements


@pytest.mark.parametrize(
    "change",
    [
        lambda data: b" " + data,
        lambda data: data + b"\n",
        lambda data: data.replace(b'"n":0,"type":"iop.vote/1"', b'"type":"iop.vote/1","n":0'),
        lambda data: data.replace(b'"n":0', b'"n": 0'),
        lambda data: data.replace(b'"n":0', b'"n":1,"n":0'),
        lambda data: data.replace(b"iop.vote", b"iop\\u002evote"),
        lambda data: data.replace(b'"n":0', b'"n":0.0'),
        lambda data: data.replace(b'{"statements"', b'{"a":1,"statements"'),
        lambda data: data[:-1],
        lambda data: b"",
        lambda data: b"{}",
        lambda data: b'{"statements":{}}',
        lambda data: b'{"statements":[]}',
        lambda data: b"\xff",
    ],
)
def test_bytes_that_are_not_canonical(change) -> None:
    data = read_batch({"statements": [say()]}).data
    assert change(data) != data
    with pytest.raises(DataError):
        parse_batch(change(data))


def test_limits_of_a_batch() -> None:
    with pytest.raises(SchemaError, match="at least one"):
        make_batch([])
    with pytest.raises(SchemaError, match="twice"):
        read_batch({"statements": [say(), say()]})
    many = [read_statement(say(n)) for n in range(MAX_STATEMENTS + 1)]
    assert len(make_batch(many[:-1]).statements) == MAX_STATEMENTS == 256
    with pytest.raises(LimitError, match="at most 256"):
        make_batch(many)
    with pytest.raises(LimitError, match="at most 256"):
        read_batch({"statements": [None] * 257})
    large = [read_statement(_numbered(n)) for n in range(16)]
    with pytest.raises(LimitError, match=f"at most {MAX_BATCH} bytes"):
        make_batch(large)
    with pytest.raises(LimitError):
        parse_batch(bytes(MAX_BATCH + 1))
    make_batch(large[:15])


def _numbered(number: int) -> dict:
    return say(number, pad="x" * 65_000)


def test_a_bad_statement_is_named_by_its_place() -> None:
    with pytest.raises(SchemaError, match="statement 1: content must have a type"):
        read_batch({"statements": [say(), ANN.sign_json({"n": 1})]})
    with pytest.raises(LimitError, match="statement 0"):
        read_batch({"statements": [_grown(say_sized(MAX_STATEMENT))]})
    broken = say(1) | {"content": say(2)["content"]}
    with pytest.raises(DataError, match="statement 1: signature does not match"):
        check_signatures(read_batch({"statements": [say(), broken]}))
    check_signatures(read_batch({"statements": [say()]}))


def test_split() -> None:
    assert list(split([])) == []
    small = [read_statement(say(n)) for n in range(600)]
    assert [len(run) for run in split(small)] == [256, 256, 88]
    large = [read_statement(_numbered(n)) for n in range(40)]
    runs = list(split(iter(large)))
    assert [len(run) for run in runs] == [15, 15, 10]
    assert [each for run in runs for each in run] == large
    full = read_statement(say_sized(MAX_STATEMENT))
    assert list(split([full])) == [(full,)]


def test_split_fills_to_the_byte() -> None:
    count = MAX_BATCH // MAX_STATEMENT
    full = [read_statement(say_sized(MAX_STATEMENT, _signer(n))) for n in range(count)]
    frame = len(make_batch(full).data)
    room = MAX_BATCH - frame - 1
    fits, over = (read_statement(say_sized(size)) for size in (room, room + 1))
    assert [len(run) for run in split([*full, fits])] == [count + 1]
    assert len(make_batch([*full, fits]).data) == MAX_BATCH
    assert [len(run) for run in split([*full, over])] == [count, 1]


def _signer(number: int):
    from iop.claim.signed import Signer

    return Signer(SecretKey("e", bytes([number]) * 32))


def test_verdicts() -> None:
    verdict = judge(say(issuer=DID))
    assert verdict["valid"] is True and verdict["issuer"] == DID
    assert verdict["signer"] == str(ANN.public) and verdict["statementType"] == "iop.vote/1"
    broken = judge(say(1) | {"content": say(2)["content"]})
    assert broken["valid"] is False and broken["error"].startswith("signature does not match")
    assert judge({}) == {
        "type": "iop.statement-verdict/1",
        "valid": False,
        "error": "statement with exactly the members content and signature expected, got none",
    }


# Transactions.


def test_a_transaction_there_and_back() -> None:
    tx = build(say(0), say(1, BOB, issuer=DID))
    assert parse_transaction(encode_transaction(tx)) == tx
    record = parse_json(encode_json(to_record(tx)))
    assert from_record(record, TESTNET) == tx
    assert (record["typeGroup"], record["type"], record["amount"]) == (4244, 1, "0")
    rows = statements_of(tx)
    assert [row[1:4] for row in rows] == [
        (0, "iop.vote/1", str(ANN.public)),
        (1, "iop.vote/1", DID),
    ]
    assert [parse_json(row[4]) for row in rows] == record["asset"]["statements"]
    assert statements_of(replace(tx, asset=dict(tx.asset))) == rows


def test_the_largest_batch_fits_one_request() -> None:
    count = MAX_BATCH // MAX_STATEMENT
    full = [say_sized(MAX_STATEMENT, _signer(n)) for n in range(count)]
    room = MAX_BATCH - len(read_batch({"statements": full}).data) - 1
    tx = carry(*full, say_sized(room))
    record = to_record(tx) | {"signatures": ["00" * 65] * 16}
    assert len(encode_json({"transactions": [record]}).encode()) < MAX_BODY
    rules = make_state().params.rules_at(2)
    assert len(encode_transaction(tx)) < rules.max_transaction_bytes < rules.max_payload


def test_order_of_members_does_not_matter() -> None:
    tx = build(say(0))
    statement = say(0)
    turned = {
        "signature": statement["signature"],
        "content": dict(reversed(statement["content"].items())),
    }
    record = to_record(tx) | {"asset": {"statements": [turned]}}
    assert encode_transaction(from_record(record, TESTNET)) == encode_transaction(tx)


def test_fees() -> None:
    tx = build(say())
    assert tx.fee == compute_minimum_fee(replace(tx, signature=b""), TESTNET)
    assert tx.fee >= compute_pool_fee(tx, TESTNET)
    assert build(*[say(n) for n in range(10)]).fee > 5 * tx.fee


def form_faults(**asset) -> str:
    record = to_record(carry(say())) | {"asset": asset}
    with pytest.raises(SchemaError) as caught:
        from_record(record, TESTNET)
    return caught.value.message


def test_forms() -> None:
    assert "statements" in form_faults()
    assert "fewer than 1" in form_faults(statements=[])
    assert "more than 256" in form_faults(statements=[say()] * 257)
    assert "should be array" in form_faults(statements={})
    assert "'content'" in form_faults(statements=[{}]) or "content" in form_faults(statements=[{}])
    assert "exactly the member statements" in form_faults(statements=[say()], more=1)


def test_no_amount() -> None:
    with pytest.raises(SchemaError, match="amount"):
        from_record(to_record(carry(say())) | {"amount": "1"}, TESTNET)


# On the chain.


def test_statements_stand_on_the_board() -> None:
    state, pool, engine = make_chain()
    tx = build(say(0), say(1, issuer=DID))
    forge(engine, tx)
    ids = [read_statement(each).id for each in tx.asset["statements"]]
    found = [state.book.statements.get(each) for each in ids]
    assert found == [
        Posting(2, compute_id_bytes(tx), 0, "iop.vote/1", str(ANN.public)),
        Posting(2, compute_id_bytes(tx), 1, "iop.vote/1", DID),
    ]
    assert state.book.account_of(KEYS[0]).nonce == 1


def refused_by_state(state, tx) -> tuple[str, str]:
    with pytest.raises((VerifyError, DataError)) as caught:
        state.check_transaction(tx)
    return str(caught.value.detail.get("type")), caught.value.message


def test_what_the_state_refuses() -> None:
    state, _, engine = make_chain()
    forge(engine, build(say(0)))
    before = snapshot(state)
    again = f"Statement {judge(say(0))['id']} is on the board already."
    assert refused_by_state(state, carry(say(1), say(0), nonce=2)) == ("ERR_APPLY", again)
    broken = say(1) | {"content": say(2)["content"]}
    assert "signature does not match" in refused_by_state(state, carry(broken, nonce=2))[1]
    assert "nonce" in refused_by_state(state, carry(say(1)))[1]
    assert "Insufficient" in refused_by_state(state, carry(say(1), nonce=2, fee=10**9 * COIN))[1]
    assert "funding" in refused_by_state(state, carry(say(1), sender=4))[1]
    assert snapshot(state) == before


def test_the_same_statement_by_another_payer_is_refused() -> None:
    state, _, engine = make_chain()
    forge(engine, build(say(0)))
    assert refused_by_state(state, build(say(0), sender=1))[0] == "ERR_APPLY"
    # and twice in one block as well
    block = engine.propose(
        [build(say(1), sender=1), build(say(1), sender=2)], state.params.epoch + 99
    )
    assert len(block.transactions) == 1


def test_a_block_with_a_doubled_or_forged_statement_is_refused_as_a_whole() -> None:
    state, _, engine = make_chain()
    good = engine.propose([build(say(0)), pay(1)], state.params.epoch + 99)
    before = snapshot(state)
    for bad in (
        build(say(0), sender=2),
        carry(say(1) | {"content": say(2)["content"]}, sender=2),
    ):
        block = replace(good, transactions=(*good.transactions, bad))
        with pytest.raises((VerifyError, DataError)):
            state.apply_block(sign_block(block, state.params, PRODUCER))
        assert snapshot(state) == before
    state.apply_block(good)


def test_taking_back() -> None:
    state, pool, engine = make_chain()
    forge(engine, build(say(0)))
    middle = snapshot(state)
    forge(engine, build(say(1), say(2), nonce=2), build(say(3), sender=1))
    assert len(list(state.book.statements.items())) == 4
    state.revert_block()
    assert snapshot(state) == middle
    pool.reset()
    forge(engine, build(say(3), say(2), nonce=2))
    assert len(list(state.book.statements.items())) == 3


def test_networks_without_a_board() -> None:
    assert not any(params.rules_at(2**31 - 1).board for params in NETWORKS.values())
    assert not MAINNET.rules_at(10**9).board
    state = make_state(milestones=[{"height": 1, "board": False}, {"height": 3, "board": True}])
    assert refused_by_state(state, build(say())) == (
        "ERR_UNKNOWN",
        "Transaction type 4244/1 is deactivated.",
    )
    engine = Solo(state, Mempool(state), secret=PRODUCER)
    forge(engine)
    forge(engine, build(say()))


# In the pool.


def test_submissions() -> None:
    state, pool, engine = make_chain()
    answer = post(state, pool, build(say(0)), build(say(1), nonce=2))
    assert len(answer.accept) == 2 and not answer.errors
    # in the pool already, by the same payer and by another
    for again in (build(say(2), say(0), nonce=3), build(say(0), sender=1)):
        ((type_, message),) = next(iter(post(state, pool, again).errors.values()))
        assert type_ == "ERR_APPLY" and message.endswith("is on the board already.")
    cheap = carry(say(4), nonce=3, fee=1000)
    ((type_, _),) = next(iter(post(state, pool, cheap).errors.values()))
    assert type_ == "ERR_LOW_FEE"
    forged = carry(say(5) | {"content": say(6)["content"]}, nonce=3)
    ((type_, message),) = next(iter(post(state, pool, forged).errors.values()))
    assert type_ == "ERR_INVALID_TX" and message.startswith("statement 0: signature")
    twice = to_record(carry(say(5), nonce=3)) | {"asset": {"statements": [say(5), say(5)]}}
    answer = submit(check_body({"transactions": [twice]}, state), state, pool)
    ((type_, message),) = next(iter(answer.errors.values()))
    assert (type_, message) == ("ERR_INVALID_TX", "a statement occurs twice in the batch")
    block = engine.propose(pool.transactions(), state.params.epoch + 99)
    engine.commit(block)
    assert len(pool) == 0 and len(list(state.book.statements.items())) == 2


def test_a_statement_that_got_into_a_block_leaves_the_pool() -> None:
    state, pool, engine = make_chain()
    post(state, pool, build(say(0), sender=1), build(say(1), sender=2))
    forge(engine, build(say(0)))
    assert [tx.sender for tx in pool.transactions()] == [KEYS[2]]
    assert len(post(state, pool, build(say(2), sender=1)).accept) == 1


def test_a_statement_that_left_the_pool_may_come_back() -> None:
    state, pool, _ = make_chain()
    tx = build(say(0))
    post(state, pool, tx)
    pool.remove(compute_id_bytes(tx))
    assert len(post(state, pool, build(say(0), sender=1)).accept) == 1


def test_the_pool_follows_blocks_with_statements() -> None:
    state, pool, engine = make_chain()
    waiting = [build(say(n), say(n + 10), nonce=n) for n in (1, 2, 3)]
    post(state, pool, *waiting)
    forge(engine, *waiting[:2])
    assert list(pool.transactions()) == waiting[2:]
    # what the block took stands on the board, what waits keeps its place
    for n in (1, 12, 3, 13):
        ((_, message),) = next(iter(post(state, pool, build(say(n), sender=1)).errors.values()))
        assert message.endswith("is on the board already.")
    state.revert_block()
    pool.reset()
    assert len(post(state, pool, build(say(1), sender=1)).accept) == 1


def test_a_statement_that_is_crowded_out_may_come_back() -> None:
    state, pool, _ = make_chain()
    object.__setattr__(state.params, "limits", Limits(in_pool=2))
    post(state, pool, build(say(0)), build(say(1), nonce=2))
    assert len(post(state, pool, carry(say(2), sender=1, fee=2 * COIN)).accept) == 1
    assert [tx.nonce for tx in pool.transactions()] == [1, 1]
    answer = post(state, pool, carry(say(1), sender=2, fee=3 * COIN))
    assert len(answer.accept) == 1 and len(pool) == 2
    assert KEYS[0] not in [tx.sender for tx in pool.transactions()]


# Rows.


def test_rows() -> None:
    posting = Posting(7, bytes(range(32)), 3, "iop.vote/1", DID)
    text = encode_posting(posting)
    assert text == f'[7,"{posting.txid.hex()}",3,"iop.vote/1","{DID}"]'
    assert parse_posting(parse_json(text)) == posting
    assert posting_to_record(b"x" * 32, posting)["id"] == encode_id(b"x" * 32)


@pytest.mark.parametrize(
    "row",
    [
        None,
        [],
        {},
        [7, "00" * 32, 0, "a"],
        [7, "00" * 31, 0, "a", "b"],
        [7, "0G" * 32, 0, "a", "b"],
        [7, "AA" * 32, 0, "a", "b"],
        [-1, "00" * 32, 0, "a", "b"],
        [True, "00" * 32, 0, "a", "b"],
        [7, "00" * 32, -1, "a", "b"],
        [7, "00" * 32, 0, None, "b"],
    ],
)
def test_rows_that_are_none(row) -> None:
    with pytest.raises(SchemaError):
        parse_posting(row)


def test_keys_sign_for_themselves_only() -> None:
    record = say()
    record["signature"]["publicKey"] = str(BOB.public)
    assert not is_statement_valid(read_statement(record))


def test_statements_go_through_a_snapshot() -> None:
    state, _, engine = make_chain()
    forge(engine, build(say(0), say(1, issuer=DID)))
    lines = list(write_snapshot(state))
    again = read_snapshot(lines, state.genesis)
    assert again.state_hash == state.state_hash
    assert dict(again.book.statements.items()) == dict(state.book.statements.items())
    assert refused_by_state(again, build(say(1, issuer=DID), nonce=2))[0] == "ERR_APPLY"


def test_a_statement_can_be_proven() -> None:
    state, _, engine = make_chain()
    forge(engine, build(say(0)))
    id_ = read_statement(say(0)).id
    place = compute_place(STATEMENT, id_)
    proof = state.tree.prove(place)
    row = sha256(encode_posting(state.book.statements.get(id_)).encode())
    assert is_proven(state.state_hash, place, row, proof)
    other = compute_place(STATEMENT, read_statement(say(1)).id)
    assert is_proven(state.state_hash, other, None, state.tree.prove(other))


def test_one_look_at_a_plain_record_is_enough() -> None:
    context = make_context(TESTNET, 2**31 - 1)
    tx = build(say(0), say(1, BOB, issuer=DID))
    record = parse_json(encode_json(to_record(tx)))
    found = read_plain(record, context)
    assert found == tx == from_record(record, TESTNET)
    assert encode_transaction(found) == encode_transaction(tx)
    for change in (
        {"asset": {"statements": [say(0), say(0)]}},
        {"asset": {"statements": [{}]}},
        {"asset": {"statements": [say(0)], "more": 1}},
        {"asset": None},
        {"amount": "1"},
        {"vendorField": "x"},
        {"type": 2},
        {"network": 1},
        {"fee": "x"},
    ):
        assert read_plain(record | change, context) is None, change


def test_verdicts_in_bulk() -> None:
    forged = say(2) | {"content": say(3)["content"]}
    high = say(4, BOB)
    s = secp256k1.ORDER - int.from_bytes(read_statement(high).signature.data[32:])
    signature = Signature("s", read_statement(high).signature.data[:32] + s.to_bytes(32))
    high["signature"] |= {"bytes": str(signature)}
    mixed = say(5)
    mixed["signature"] = {"publicKey": str(BOB.public), "bytes": mixed["signature"]["bytes"]}
    tx = parse_transaction(encode_transaction(carry(say(0), say(1, BOB), forged, high, mixed)))
    judge_signatures([tx], threads=2)
    statements = read_batch(tx.asset).statements
    assert [each.is_signed for each in statements] == [True, True, False, False, False]
    fresh = [read_statement(each) for each in tx.asset["statements"]]
    assert [is_statement_valid(each) for each in fresh] == [each.is_signed for each in statements]
    assert tx.is_signed is True
