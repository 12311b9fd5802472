"""Frozen values: construction, equality, hash, refusals."""

from __future__ import annotations

import pickle

import pytest

from iop.value import _MANY, replace, value


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


@pytest.fixture(autouse=True, params=["first", "after many"])
def _age(request: pytest.FixtureRequest) -> None:
    """Each test also with the constructor that a class gets after many instances."""
    if request.param == "after many":
        for number in range(_MANY + 1):
            Point(number)
        assert Point.__init__.__code__.co_argcount == 4


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


def test_a_default_before_other_fields() -> None:
    @value
    class Odd:
        x: int = 1
        check: int
        set_x: int = 3

    for number in range(2 * _MANY):
        assert Odd(check=number) == Odd(1, number, 3)
    with pytest.raises(TypeError):
        Odd()  # type: ignore[call-arg]


def test_fields_of_any_name() -> None:
    @value
    class Named:
        check: int
        default: int = 2
        set_check: int = 3

        def __check__(self) -> None:
            if self.check < 0:
                raise ValueError("check")

    for number in range(2 * _MANY):
        assert Named(number).check == number
        with pytest.raises(ValueError, match="check"):
            Named(-1)
