"""Base58: the kernel against the reference and the reference against another package, answers and errors alike."""

from __future__ import annotations

from collections.abc import Callable

import base58 as package
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from iop.codec import kernel
from iop.codec.base58 import LONGEST, encode_base58, parse_base58
from iop.codec.multibase import parse_multibase
from iop.errors import DataError

ALPHABET = package.BITCOIN_ALPHABET.decode()
pytestmark = pytest.mark.skipif(kernel.active is None, reason="the kernel is not built here")


def answer(call: Callable[[], object]) -> object:
    try:
        return call()
    except DataError as exc:
        return type(exc), exc.message


def both(call: Callable[[], object]) -> object:
    """The one answer of both implementations."""
    answers = []
    for name in ("py", "c"):
        kernel.choose(name)
        answers.append(answer(call))
    kernel.choose(None)
    assert answers[0] == answers[1]
    return answers[0]


data = st.builds(
    lambda zeros, rest, ones: bytes(zeros) + rest + b"\xff" * ones,
    st.integers(0, 300),
    st.binary(max_size=300),
    st.integers(0, 80),
)


@given(data=st.one_of(st.binary(max_size=90), data))
@example(data=b"\xff" * 256)
@example(data=b"\xff" * 257)
@example(data=bytes(256))
@example(data=bytes(255) + b"\x01")
@example(data=(58**350 - 1).to_bytes(257, "big"))
def test_encode(data: bytes) -> None:
    text = both(lambda: encode_base58(data))
    assert isinstance(text, str) and text.encode() == package.b58encode(data)
    assert both(lambda: parse_base58(text)) == data


@given(
    text=st.one_of(
        st.text(ALPHABET, max_size=400),
        st.text(max_size=60),
        st.text(ALPHABET + "0OIl \n\x00\x7f\xe9Ā\ud800", max_size=100),
    )
)
@example(text="z" * 350)
@example(text="z" * 351)
@example(text="1" * 350)
@example(text="1" * 349 + "z")
@example(text="1" * 349 + "0")
def test_parse(text: str) -> None:
    found = both(lambda: parse_base58(text))
    if isinstance(found, bytes):
        assert both(lambda: encode_base58(found)) == text
        assert package.b58decode(text) == found
    both(lambda: parse_multibase("z" + text))


@pytest.mark.parametrize("size", [LONGEST - 1, LONGEST, LONGEST + 1])
def test_limits(size: int) -> None:
    both(lambda: parse_base58("2" * size))
    both(lambda: encode_base58(bytes(size)))
    both(lambda: encode_base58(b"\1" * size))


def test_every_group_of_digits_carries() -> None:
    for power in range(1, 351):
        for number in (58**power - 1, 58**power, 58**power + 1):
            data = number.to_bytes((number.bit_length() + 7) // 8, "big")
            text = both(lambda data=data: encode_base58(data))
            assert both(lambda text=text: parse_base58(text)) == data


def test_every_word_of_bytes_carries() -> None:
    for bits in range(1, 2049):
        for number in (2**bits - 1, 2**bits, 2**bits + 1):
            data = number.to_bytes((number.bit_length() + 7) // 8, "big")
            assert parse_base58(encode_base58(data)) == data
