"""Frozen values: construction, equality, hash, refusals."""

from __future__ import annotations

import pickle

import pytest

from iop.value import replace, value


@value
class Point:
    x: int
    y: int = 2
    _hidden: int = 0

    def __check__(self) -> None:
        if self.x < 0:
            raise ValueError("x")

    @property
    def total(self) -> int:
        return self.x + self.y


def test_construction_equality_hash() -> None:
    assert Point(1) == Point(1, 2) == Point(x=1, y=2, _hidden=0)
    assert Point(1) != Point(2)
    assert Point(1) != (1, 2, 0)
    assert len({Point(1), Point(1), Point(2)}) == 2
    assert repr(Point(1, _hidden=9)) == "Point(x=1, y=2)"
    assert Point(1).total == 3


def test_replace_and_pickle_run_the_check() -> None:
    assert replace(Point(1), x=4) == Point(4)
    with pytest.raises(ValueError, match="x"):
        replace(Point(1), x=-1)
    assert pickle.loads(pickle.dumps(Point(3))) == Point(3)


@pytest.mark.parametrize(
    "wrong",
    [lambda: Point(), lambda: Point(1, 2, 3, 4), lambda: Point(1, z=1), lambda: Point(1, x=1)],
)
def test_wrong_fields_are_refused(wrong: object) -> None:
    with pytest.raises(TypeError):
        wrong()  # type: ignore[operator]


def test_values_are_frozen_and_slotted() -> None:
    point = Point(1)
    with pytest.raises(AttributeError):
        point.x = 2  # type: ignore[misc]
    with pytest.raises(AttributeError):
        del point.x
    with pytest.raises(AttributeError):
        point.z = 2  # type: ignore[attr-defined]
    assert not hasattr(point, "__dict__")
