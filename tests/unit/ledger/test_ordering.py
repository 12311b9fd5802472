"""Keys in buckets against a plain sorted list."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iop.ledger import ordering
from iop.ledger.ordering import Ordering

keys = st.binary(max_size=3)
steps = st.lists(st.tuples(st.sampled_from(["add", "discard"]), keys), max_size=60)


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    """Makes every path of a large order one of a small one."""
    monkeypatch.setattr(ordering, "BUCKET", 2)
    monkeypatch.setattr(ordering, "SLICE", 3)


@given(st.sets(keys), steps, st.integers(0, 20), st.integers(0, 20))
def test_against_a_sorted_list(first, changes, start, size):
    made = Ordering()
    for _ in made.build(sorted(first, key=hash), lambda key: key or None):
        pass
    model = {key for key in first if key}
    for verb, key in changes:
        getattr(made, verb)(key)
        getattr(model, verb)(key)
    wanted = sorted(model)
    assert len(made) == len(wanted)
    assert made.page(start, start + size) == wanted[start : start + size]
    for key in (b"", b"a", b"\xff" * 4, *wanted[:3]):
        assert made.rank(key) == sum(other < key for other in wanted)


def test_building_pauses():
    made = Ordering()
    pauses = sum(1 for _ in made.build(range(100), lambda n: n))
    assert pauses >= 100 / ordering.SLICE
    assert made.page(0, 100) == list(range(100))


def test_clearing_pauses():
    made = Ordering()
    for n in range(100):
        made.add(n)
    assert sum(1 for _ in made.clear()) > 5
    assert len(made) == 0 and made.page(0, 5) == []
    made.add(7)
    assert made.page(0, 5) == [7]


def test_an_empty_one():
    made = Ordering()
    assert list(made.build([], lambda n: n)) == []
    assert made.page(0, 5) == [] and made.rank(b"x") == 0
    made.discard(b"x")
    made.add(b"x")
    assert made.page(0, 5) == [b"x"]
