"""Sparse Merkle trees: the definition, both implementations against each other, and proofs that say no."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iop.codec import kernel
from iop.crypto.sparse_tree import BITS, EMPTY, NOTHING, Proof, Tree, is_proven
from iop.errors import ConfigError, DataError, DecodeError
from iop.value import replace

Contents = dict[bytes, bytes]


@pytest.fixture(autouse=True, params=["c", "c:portable", "py"])
def implementation(request: pytest.FixtureRequest) -> Iterator[str]:
    try:
        kernel.choose(request.param)
    except ConfigError:
        pytest.skip("the kernel is not built here")
    yield request.param
    kernel.choose(None)


def hash32(number: int) -> bytes:
    return hashlib.sha256(number.to_bytes(8, "big")).digest()


def flip(key: bytes, bit: int) -> bytes:
    return (int.from_bytes(key, "big") ^ 1 << (BITS - 1 - bit)).to_bytes(32, "big")


def define_root(held: Contents, depth: int = 0) -> bytes:
    """The root by the words of the definition."""
    if not held:
        return bytes(32)
    if len(held) == 1:
        ((key, found),) = held.items()
        return hashlib.sha256(b"\0" + key + found).digest()
    sides: list[Contents] = [{}, {}]
    for key, found in held.items():
        sides[int.from_bytes(key, "big") >> (BITS - 1 - depth) & 1][key] = found
    left, right = (define_root(side, depth + 1) for side in sides)
    return hashlib.sha256(b"\1" + left + right).digest()


def check_tree(tree: Tree, held: Contents, absent: list[bytes]) -> None:
    assert tree.root == define_root(held)
    assert len(tree) == len(held)
    for key, found in held.items():
        assert tree.get(key) == found
        assert is_proven(tree.root, key, found, tree.prove(key))
    for key in absent:
        assert tree.get(key) is None
        assert is_proven(tree.root, key, None, tree.prove(key))


# Keys near one another: few bits, at the top, in the middle and at the end.
near = st.builds(
    lambda high, middle, low: high << 248 | middle << 100 | low,
    st.integers(0, 5),
    st.integers(0, 5),
    st.integers(0, 5),
).map(lambda number: number.to_bytes(32, "big"))
keys = st.one_of(near, st.integers(0, 40).map(hash32))
batches = st.lists(
    st.dictionaries(keys, st.one_of(st.none(), st.integers(0, 3).map(hash32)), max_size=24),
    max_size=6,
)


@given(batches=batches, probes=st.lists(keys, max_size=4))
def test_any_history_gives_the_tree_of_its_contents(
    batches: list[dict[bytes, bytes | None]], probes: list[bytes]
) -> None:
    tree, held = EMPTY, {}
    history = [(tree, dict(held))]
    for batch in batches:
        tree = tree.update(batch)
        held = {k: v for k, v in (held | batch).items() if v is not None}
        history.append((tree, held))
    for older, contents in history:
        check_tree(older, contents, [key for key in probes if key not in contents])


@settings(max_examples=30)
@given(batches=batches)
def test_both_implementations_agree(batches: list[dict[bytes, bytes | None]]) -> None:
    trees = []
    for name in ("py", None):
        kernel.choose(name)
        tree = EMPTY
        for batch in batches:
            tree = tree.update(batch)
        trees.append(tree)
    one, other = trees
    assert one.root == other.root and len(one) == len(other)
    for key in {key for batch in batches for key in batch} | {hash32(99)}:
        assert one.get(key) == other.get(key)
        assert one.prove(key) == other.prove(key)


def test_the_empty_tree() -> None:
    check_tree(EMPTY, {}, [hash32(1)])
    assert NOTHING == EMPTY.root == EMPTY.update({}).root == EMPTY.update({hash32(1): None}).root
    assert EMPTY.prove(hash32(1)) == Proof(())


def test_one_leaf_stands_at_the_root() -> None:
    key, found = hash32(1), hash32(2)
    tree = EMPTY.update({key: found})
    assert tree.root == hashlib.sha256(b"\0" + key + found).digest()
    assert tree.prove(key) == Proof(())
    assert tree.prove(hash32(3)) == Proof((), (key, found))


def test_keys_that_share_255_bits() -> None:
    one, other = hash32(1), flip(hash32(1), 255)
    tree = EMPTY.update({one: hash32(5), other: hash32(6)})
    check_tree(tree, {one: hash32(5), other: hash32(6)}, [flip(one, bit) for bit in range(255)])
    assert len(tree.prove(one).siblings) == 256
    assert tree.update({other: None}).root == EMPTY.update({one: hash32(5)}).root


def test_a_comb_of_every_depth() -> None:
    start = hash32(7)
    held = {flip(start, bit): hash32(bit) for bit in range(256)} | {start: hash32(300)}
    tree = EMPTY
    for key, found in held.items():
        tree = tree.update({key: found})
    check_tree(tree, held, [flip(flip(start, 3), bit) for bit in range(4, 256)])
    assert tree.update(dict.fromkeys(held)).root == NOTHING


def test_many_versions_stay_as_they_were() -> None:
    versions: list[tuple[Tree, bytes]] = []
    tree = EMPTY.update({hash32(n): hash32(n) for n in range(500)})
    for step in range(200):
        tree = tree.update({hash32(step): None, hash32(1000 + step): hash32(step)})
        versions.append((tree, tree.root))
        del versions[:-64]
    for older, root in versions:
        assert older.root == root
    oldest = versions[0][0]
    assert oldest.get(hash32(136)) is None and oldest.get(hash32(137)) == hash32(137)


def test_an_update_without_effect_gives_the_same_root() -> None:
    tree = EMPTY.update({hash32(n): hash32(n) for n in range(50)})
    assert tree.update({hash32(3): hash32(3), hash32(77): None}).root == tree.root


@pytest.mark.parametrize("bad", [b"", bytes(31), bytes(33), bytearray(32), "0" * 32, None])
def test_wrong_keys_and_values(bad: object) -> None:
    tree = EMPTY.update({hash32(1): hash32(2)})
    for call in (tree.get, tree.prove, EMPTY.get, EMPTY.prove):
        with pytest.raises(DataError, match="a tree's key is 32 bytes, got"):
            call(bad)
    for work in (tree, EMPTY):
        if bad is not None:
            with pytest.raises(DataError, match="a tree's value is 32 bytes, got"):
                work.update({hash32(1): bad})
        if not isinstance(bad, bytearray):
            with pytest.raises(DataError, match="a tree's key is 32 bytes, got"):
                work.update({bad: hash32(1)})
    assert len(tree) == 1


def test_any_mapping_will_do() -> None:
    class Own(dict):
        pass

    assert (
        EMPTY.update(Own({hash32(1): hash32(2)})).root == EMPTY.update({hash32(1): hash32(2)}).root
    )


# Proofs that say no.

HELD = {hash32(n): hash32(n + 500) for n in range(20)}
KEY = hash32(3)
ABSENT = hash32(21)


def test_every_change_of_a_proof_fails() -> None:
    tree = EMPTY.update(HELD)
    for key, found in ((KEY, HELD[KEY]), (ABSENT, None)):
        proof = tree.prove(key)
        assert is_proven(tree.root, key, found, proof)
        assert not is_proven(tree.root, key, None if found else hash32(9), proof)
        assert not is_proven(tree.root, key, hash32(8), proof)
        assert not is_proven(flip(tree.root, 9), key, found, proof)
        for at, sibling in enumerate(proof.siblings):
            head, tail = proof.siblings[:at], proof.siblings[at + 1 :]
            for wrong in (
                (*head, flip(sibling, 77), *tail),
                head + tail,
                (*head, NOTHING, sibling, *tail),
                (*head, sibling, NOTHING, *tail),
            ):
                assert not is_proven(tree.root, key, found, replace(proof, siblings=wrong))
        for other in (None, (KEY, HELD[KEY]), (key, hash32(1)), (ABSENT, NOTHING)):
            if other != proof.other:
                assert not is_proven(tree.root, key, found, replace(proof, other=other))


def test_one_keys_proof_is_not_anothers() -> None:
    tree = EMPTY.update(HELD)
    for key, found in HELD.items():
        if key != KEY:
            assert not is_proven(tree.root, KEY, found, tree.prove(key))
            assert not is_proven(tree.root, KEY, None, tree.prove(key))


def test_another_leaf_off_the_path() -> None:
    """The hashes fit, and yet that leaf says nothing about a key that parts from it higher up."""
    low, high = bytes(32), b"\x80" + bytes(31)
    tree = EMPTY.update({low: hash32(1), high: hash32(2)})
    proof = Proof(tree.prove(low).siblings, (low, hash32(1)))
    assert is_proven(tree.root, b"\x01" + bytes(31), None, proof)
    assert not is_proven(tree.root, b"\x81" + bytes(31), None, proof)
    assert not is_proven(tree.root, high, None, proof)
    assert not is_proven(tree.root, low, None, proof)


def test_a_leaf_may_not_stand_alone_below_a_node() -> None:
    """Trees of another shape are none, whatever their root."""
    leaf = hashlib.sha256(b"\0" + bytes(32) + hash32(1)).digest()
    root = hashlib.sha256(b"\1" + leaf + NOTHING).digest()
    assert not is_proven(root, bytes(32), hash32(1), Proof((NOTHING,)))
    assert not is_proven(root, b"\x01" + bytes(31), None, Proof((NOTHING,), (bytes(32), hash32(1))))
    assert not is_proven(root, bytes(32), None, Proof((NOTHING,)))


def test_sizes_of_roots_keys_and_values() -> None:
    tree = EMPTY.update({KEY: hash32(1)})
    assert is_proven(tree.root, KEY, hash32(1), Proof(()))
    assert not is_proven(tree.root + b"\0", KEY, hash32(1), Proof(()))
    assert not is_proven(tree.root, KEY[:31], hash32(1), Proof(()))
    assert not is_proven(tree.root, KEY, hash32(1) + b"\0", Proof(()))
    assert not is_proven(tree.root, KEY + hash32(1)[:1], hash32(1)[1:], Proof(()))


def test_a_present_key_needs_no_other_leaf() -> None:
    tree = EMPTY.update({KEY: hash32(1)})
    assert not is_proven(tree.root, KEY, hash32(1), Proof((), (ABSENT, hash32(2))))


@pytest.mark.parametrize(
    ("siblings", "other"),
    [
        ((NOTHING,) * 257, None),
        ((bytes(31),), None),
        ((bytes(33),), None),
        ((bytearray(32),), None),
        (("0" * 32,), None),
        ((), (bytes(32), bytes(31))),
        ((), (bytes(31), bytes(32))),
        ((), (bytes(32),)),
        ((), (bytes(32),) * 3),
    ],
)
def test_proofs_of_wrong_sizes(siblings: tuple[bytes, ...], other: tuple[bytes, bytes]) -> None:
    with pytest.raises(DecodeError):
        Proof(siblings, other)


@given(
    siblings=st.lists(st.binary(min_size=32, max_size=32), max_size=256).map(tuple),
    other=st.none()
    | st.tuples(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32)),
    claimed=st.none() | st.binary(max_size=40),
    key=st.binary(max_size=40),
)
def test_any_proof_is_judged(
    siblings: tuple[bytes, ...],
    other: tuple[bytes, bytes] | None,
    claimed: bytes | None,
    key: bytes,
) -> None:
    assert is_proven(hash32(0), key, claimed, Proof(siblings, other)) is False
