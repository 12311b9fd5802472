"""Export and import: the same chain comes out, whatever is wrong is refused at its place, what was good stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from operations_chain import KEY, PRODUCER, extend, make, opened

from iop.codec.cbor import encode_cbor, parse_cbor_item
from iop.codec.json import encode_json, parse_json
from iop.daemon.ledger.exporting import export
from iop.daemon.ledger.importing import Import
from iop.daemon.ledger.replay import replay
from iop.errors import DataError, DecodeError, MissingError, SchemaError, UsageError
from iop.ledger.archive import read_archive
from iop.ledger.block import compute_block_id
from iop.ledger.genesis import compute_genesis_block, make_genesis
from iop.ledger.state import State

GENESIS = make_genesis("testnet")
START = compute_block_id(compute_genesis_block(GENESIS), GENESIS.params)
BLOCKS = 8


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    home = make(tmp_path_factory.mktemp("source") / "home")
    return home, extend(home, BLOCKS, waiting=3)


@pytest.fixture(scope="module")
def archive(source):
    with opened(source[0], writes=False) as (store, genesis):
        return list(export(store, genesis))


def bring(home, records, producer=PRODUCER):
    """Import records; the import and the state after it."""
    with opened(home) as (store, genesis):
        state = State(genesis)
        for _ in replay(store, state):
            pass
        work = Import(store, state, producer)
        try:
            work.run(read_archive(records, genesis.params, START))
        finally:
            head = store.head()
        return work, state, head


def heights(home):
    with opened(home, writes=False) as (store, _):
        store.check()
        return [entry.height for entry in store.blocks()]


def test_an_archive_announces_what_it_holds(archive):
    assert archive[0] == {
        "type": "iop.archive/1",
        "network": "testnet",
        "genesis_block": START.hex(),
        "first": 2,
        "last": BLOCKS + 1,
        "waiting": 3,
    }
    assert [record["type"] for record in archive[1:]] == ["iop.block/1"] * BLOCKS + [
        "iop.waiting/1"
    ] * 3


@pytest.mark.parametrize("binary", [False, True])
def test_round_trip(source, tmp_path, binary):
    home, there = source
    with opened(home, writes=False) as (store, genesis):
        records = list(export(store, genesis, binary=binary))
    carried = (
        [parse_cbor_item(encode_cbor(record), 0)[0] for record in records]
        if binary
        else [parse_json(encode_json(record)) for record in records]
    )
    target = make(tmp_path / "target", None)
    work, state, head = bring(target, carried)
    assert (work.blocks, work.waiting, work.refused, head) == (BLOCKS, 3, [], BLOCKS + 1)
    assert (state.block_id, state.state_hash) == (there.block_id, there.state_hash)
    with (
        opened(home, writes=False) as (one, _),
        opened(target, writes=False) as (other, _),
    ):
        assert list(one.blocks()) == list(other.blocks())
        assert one.pool() == other.pool()
        other.check()


def test_a_range_and_what_is_none(source, tmp_path):
    with opened(source[0], writes=False) as (store, genesis):
        part = list(export(store, genesis, first=4, until=6))
        assert [record.get("height") for record in part] == [None, 4, 5, 6]
        assert part[0]["waiting"] == 0
        assert len(list(export(store, genesis, first=BLOCKS + 2, until=BLOCKS + 1))) == 1
        for first, until in ((1, 3), (6, 4), (0, None), (BLOCKS + 3, None)):
            with pytest.raises(UsageError):
                list(export(store, genesis, first=first, until=until))
        with pytest.raises(MissingError, match=f"no block {BLOCKS + 2} yet"):
            list(export(store, genesis, until=BLOCKS + 2))


def test_archives_after_one_another_are_one_stream(source, tmp_path):
    with opened(source[0], writes=False) as (store, genesis):
        parts = [list(export(store, genesis, first=a, until=b)) for a, b in ((2, 4), (4, 7))]
    work, state, _ = bring(make(tmp_path / "t", None), parts[0] + parts[1])
    assert (work.blocks, state.height) == (6, 7)


def test_import_goes_on_where_it_stopped(archive, tmp_path):
    target = make(tmp_path / "target", None)
    with pytest.raises(DecodeError, match="ends too early: block 6 of 9"):
        bring(target, archive[:5])
    assert heights(target) == [2, 3, 4, 5]
    work, state, _ = bring(target, archive)
    assert (work.blocks, state.height) == (BLOCKS - 4, BLOCKS + 1)
    assert bring(target, archive)[0].blocks == 0


@pytest.mark.parametrize("cut", range(BLOCKS + 4))
def test_a_stream_that_ends_too_early_keeps_what_came(archive, tmp_path, cut):
    target = make(tmp_path / "target", None)
    with pytest.raises(DataError):
        bring(target, archive[:cut])
    assert heights(target) == list(range(2, min(cut, BLOCKS + 1) + 1))


def damaged(archive, place, **change):
    return [*archive[:place], archive[place] | change, *archive[place + 1 :]]


def flipped(record, at):
    data = bytearray.fromhex(record["data"])
    data[at] ^= 1
    return {"data": data.hex()}


@pytest.mark.parametrize("at", [0, 1, 2, 10, 30, 60, 100, 130, 150, 210, 212, 300, -1])
def test_a_changed_byte_is_refused_at_its_block(archive, tmp_path, at):
    target = make(tmp_path / "target", None)
    with pytest.raises(DataError):
        bring(target, damaged(archive, 4, **flipped(archive[4], at)))
    assert heights(target) == [2, 3, 4]


def test_a_block_signed_by_nobody_is_refused(archive, tmp_path):
    """Everything fits but the producer's signature, which the id does not cover."""
    target = make(tmp_path / "target", None)
    with pytest.raises(DataError, match="not signed by its producer"):
        bring(target, damaged(archive, 4, **flipped(archive[4], 150)))


def test_another_sequencer_is_refused(archive, tmp_path):
    target = make(tmp_path / "target", None)
    other = bytes([2]) * 33
    with pytest.raises(DataError, match=f"block 2 by {other.hex()} expected"):
        bring(target, archive, other)
    assert bring(target, archive, b"")[0].blocks == BLOCKS


def test_two_sequencers_are_refused_where_none_is_named(source, tmp_path):
    home = make(tmp_path / "two")
    extend(home, 2)
    extend(home, 1, bytes([8]) * 32)
    with opened(home, writes=False) as (store, genesis):
        records = list(export(store, genesis))
    target = make(tmp_path / "target", None)
    with pytest.raises(DataError, match="block 4 by .* expected"):
        bring(target, records, b"")
    assert heights(target) == [2, 3]


@pytest.mark.parametrize(
    ("place", "change", "error"),
    [
        (0, {"type": "iop.block/1"}, SchemaError),
        (0, {"genesis_block": "00" * 32}, DataError),
        (0, {"first": 1}, SchemaError),
        (0, {"first": 12}, SchemaError),
        (0, {"last": "9"}, SchemaError),
        (0, {"waiting": -1}, SchemaError),
        (0, {"waiting": True}, SchemaError),
        (0, {"last": 2**53}, SchemaError),
        (0, {"last": 5}, SchemaError),
        (0, {"waiting": 2}, SchemaError),
        (0, {"waiting": 4}, DecodeError),
        (3, {"height": 5}, DataError),
        (3, {"id": "00" * 32}, DataError),
        (3, {"data": 1}, SchemaError),
        (3, {"data": "0"}, DecodeError),
        (3, {"data": ""}, DataError),
        (3, {"type": "iop.waiting/1"}, SchemaError),
        (3, {"type": "iop.other/1"}, SchemaError),
        (10, {"id": "00" * 32}, DataError),
        (10, {"data": "ff"}, DataError),
        (10, {"type": "iop.block/1"}, SchemaError),
    ],
)
def test_refusals(archive, place, change, error):
    with pytest.raises(error):
        list(read_archive(damaged(archive, place, **change), GENESIS.params, START))


@pytest.mark.parametrize("records", [[], [1], ["x"], [None], [{}], [{"type": 3}]])
def test_what_is_no_archive_is_refused(records):
    with pytest.raises(DataError):
        list(read_archive(records, GENESIS.params, START))


def test_another_block_than_the_one_that_is_here(archive, tmp_path):
    home = make(tmp_path / "other", bytes([8]) * 32)
    extend(home, 2, bytes([8]) * 32)
    with pytest.raises(DataError, match="block 2 of the archive is another one"):
        bring(home, archive)


def test_a_gap_is_told(source, tmp_path):
    with opened(source[0], writes=False) as (store, genesis):
        late = list(export(store, genesis, first=5))
    with pytest.raises(DataError, match="block 2 comes next here") as caught:
        bring(make(tmp_path / "t", None), late)
    assert caught.value.hint == "iop-node export --from 2"


def test_waiting_transactions_are_judged(source, archive, tmp_path):
    target = make(tmp_path / "target", None)
    bad = parse_json(encode_json(archive[-1]))
    data = bytearray.fromhex(bad["data"])
    data[-1] ^= 1  # in the signature, so the id is another one, too
    from iop.ledger.wire import compute_id_bytes, parse_transaction

    bad["data"] = data.hex()
    bad["id"] = compute_id_bytes(parse_transaction(bytes(data))).hex()
    work, _, _ = bring(target, [*archive[:-1], bad])
    assert work.waiting == 2
    assert work.refused[0][0] == bad["id"]
    assert "verification" in work.refused[0][1]


def test_a_transaction_that_is_in_a_block_does_not_wait(archive, tmp_path):
    target = make(tmp_path / "target", KEY)
    bring(target, archive)
    extend(target, 0)
    work, _, _ = bring(target, archive)
    assert (work.waiting, work.refused) == (0, [])


@given(st.data())
def test_any_records_are_read_or_refused(archive, data):
    """Records of an archive left out, doubled, changed or put elsewhere give pieces or a DataError."""
    records = list(archive)
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(records) - 1))
        act = data.draw(st.sampled_from(["drop", "double", "swap", "change"]))
        if act == "drop" and len(records) > 1:
            del records[place]
        elif act == "double":
            records.insert(place, records[place])
        elif act == "swap":
            other = data.draw(st.integers(0, len(records) - 1))
            records[place], records[other] = records[other], records[place]
        else:
            name = data.draw(st.sampled_from(["type", "height", "id", "data", "first", "last"]))
            value = data.draw(st.none() | st.integers() | st.text(max_size=8) | st.binary())
            records[place] = records[place] | {name: value}
    try:
        list(read_archive(records, GENESIS.params, START))
    except DataError:
        return
