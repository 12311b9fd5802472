"""Many signatures at once: the verdicts of the single checks, whatever the rule, the place, the number of threads."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iop.codec import kernel
from iop.crypto import batch, ed25519, secp256k1
from iop.crypto.hash import sha256
from iop.errors import ConfigError

Item = tuple[str, bytes, bytes, bytes]
SINGLE: dict[str, Callable[[bytes, bytes, bytes], bool]] = {
    batch.ED25519: ed25519.is_valid,
    batch.ED25519_DALEK: ed25519.is_valid_dalek,
    batch.ECDSA: secp256k1.is_valid_ecdsa,
    batch.ECDSA_DER: secp256k1.is_valid_der,
    batch.SCHNORR_ARK: secp256k1.is_valid_schnorr_ark,
}
RULES = sorted(SINGLE)
IDENTITY = b"\x01" + bytes(31)


@pytest.fixture(autouse=True, params=["c", "py"])
def implementation(request: pytest.FixtureRequest) -> Iterator[str]:
    try:
        kernel.choose(request.param)
    except ConfigError:
        pytest.skip("the kernel is not built here")
    yield request.param
    kernel.choose(None)


def make_item(rule: str, number: int) -> Item:
    secret = sha256(b"secret %d" % number)
    digest = sha256(b"message %d" % number)
    if rule in (batch.ED25519, batch.ED25519_DALEK):
        message = digest * (number % 70)
        return rule, ed25519.compute_public_key(secret), message, ed25519.sign(secret, message)
    public = secp256k1.compute_public_key(secret)
    if rule == batch.SCHNORR_ARK:
        return rule, public, digest, secp256k1.sign_schnorr_ark(secret, digest)
    made = secp256k1.sign_ecdsa(secret, digest)
    return rule, public, digest, secp256k1.encode_der(made) if rule == batch.ECDSA_DER else made


def judge(item: Item) -> bool:
    return SINGLE[item[0]](*item[1:])


def spoil(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


@pytest.mark.parametrize("threads", [1, 2, 7, 200])
def test_good_ones(threads: int) -> None:
    items = [make_item(RULES[n % len(RULES)], n) for n in range(60)]
    assert batch.verify_many(items, threads) == [True] * 60
    assert batch.verify_many(iter(items[:3]), threads) == [True] * 3
    assert batch.verify_many([], threads) == []


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("rule", RULES)
def test_a_bad_one_in_every_position(rule: str, threads: int) -> None:
    items = [make_item(rule, n) for n in range(1, 14)]
    for at, (_, public, message, signature) in enumerate(items):
        wrong = [*items]
        wrong[at] = (rule, public, spoil(message, 3), signature)
        assert batch.verify_many(wrong, threads) == [n != at for n in range(len(items))]


@pytest.mark.parametrize("rule", RULES)
def test_a_bad_bit_anywhere(rule: str) -> None:
    _, public, message, signature = make_item(rule, 5)
    items = [(rule, spoil(public, at), message, signature) for at in range(len(public))]
    items += [(rule, public, spoil(message, at), signature) for at in range(len(message))]
    items += [(rule, public, message, spoil(signature, at)) for at in range(len(signature))]
    assert batch.verify_many(items, 2) == [judge(item) for item in items] == [False] * len(items)


@pytest.mark.parametrize("rule", RULES)
def test_wrong_lengths(rule: str) -> None:
    _, *parts = make_item(rule, 6)
    items = []
    for place, part in enumerate(parts):
        for wrong in (b"", part[:-1], part + b"\0", part * 2, b"\0" + part):
            changed = [*parts]
            changed[place] = wrong
            items.append((rule, *changed))
    assert batch.verify_many(items) == [judge(item) for item in items] == [False] * len(items)


def test_where_the_two_rules_of_ed25519_differ() -> None:
    """Keys of small order: the original's rule lets the neutral element sign whatever R = sB says."""
    good = ed25519.sign(bytes(32), b"")
    s = good[32:]
    base = ed25519.expand_seed(bytes(32))
    nonce = next(
        r
        for r in (ed25519._multiply_base(int.from_bytes(s, "little")), base[32:])
        if ed25519.is_valid_dalek(IDENTITY, b"any", r + s)
    )
    cases = [
        (IDENTITY, b"any", nonce + s),
        (IDENTITY, b"", nonce + s),
        (IDENTITY, b"any", IDENTITY + bytes(32)),
        (IDENTITY, b"any", nonce + spoil(s, 0)),
        (b"\xee" + b"\xff" * 30 + b"\x7f", b"any", nonce + s),
        (b"\xff" * 32, b"any", nonce + s),
    ]
    lenient = [(batch.ED25519_DALEK, *case) for case in cases]
    strict = [(batch.ED25519, *case) for case in cases]
    verdicts = batch.verify_many(lenient + strict, 2)
    assert verdicts == [judge(item) for item in lenient + strict]
    assert verdicts[:4] == [True, True, True, False]
    assert verdicts[len(cases) :] == [False] * len(cases)


def test_the_upper_half_of_s() -> None:
    _, public, digest, made = make_item(batch.ECDSA, 8)
    high = secp256k1.ORDER - int.from_bytes(made[32:], "big")
    turned = made[:32] + high.to_bytes(32, "big")
    items = [
        (batch.ECDSA, public, digest, turned),
        (batch.ECDSA_DER, public, digest, secp256k1.encode_der(turned)),
        (batch.ECDSA_DER, public, digest, secp256k1.encode_der(made)),
    ]
    assert batch.verify_many(items) == [judge(item) for item in items] == [True, False, True]


@pytest.mark.parametrize("number", [0, 1, secp256k1.ORDER - 1, secp256k1.ORDER, 2**256 - 1])
def test_numbers_at_the_edges(number: int) -> None:
    _, public, digest, made = make_item(batch.ECDSA, 9)
    data = number.to_bytes(32, "big")
    items = [
        (rule, public, digest, signature)
        for rule in (batch.ECDSA, batch.SCHNORR_ARK)
        for signature in (data + made[32:], made[:32] + data, data + data)
    ]
    body = data.lstrip(b"\0") or b"\0"
    body = b"\0" * (body[0] >> 7) + body
    number_der = b"\x02" + bytes([len(body)]) + body
    items.append(
        (batch.ECDSA_DER, public, digest, b"\x30" + bytes([2 * len(number_der)]) + number_der * 2)
    )
    assert batch.verify_many(items) == [judge(item) for item in items] == [False] * len(items)


@settings(max_examples=300)
@given(data=st.data())
def test_any_der(data: st.DataObject) -> None:
    _, public, digest, der = make_item(batch.ECDSA_DER, data.draw(st.integers(0, 9)))
    changed = bytearray(der)
    for _ in range(data.draw(st.integers(0, 2))):
        at = data.draw(st.integers(0, len(changed) - 1))
        how = data.draw(st.sampled_from(["set", "cut", "insert"]))
        fresh = data.draw(
            st.sampled_from([0, 1, 2, 0x20, 0x21, 0x30, 0x44, 0x45, 0x46, 0x7F, 0x80, 0xFF])
        )
        if how == "set":
            changed[at] = fresh
        elif how == "cut":
            del changed[at : at + 1 + fresh % 3]
        else:
            changed.insert(at, fresh)
        if not changed:
            break
    if data.draw(st.booleans()) and len(changed) > 2:
        changed[1] = (len(changed) - 2) & 255
    item = (batch.ECDSA_DER, public, digest, bytes(changed))
    assert batch.verify_many([item]) == [judge(item)]


@settings(max_examples=100)
@given(
    rule=st.sampled_from(RULES),
    public=st.binary(min_size=31, max_size=34),
    message=st.binary(min_size=31, max_size=33),
    signature=st.binary(min_size=60, max_size=73),
)
def test_any_bytes(rule: str, public: bytes, message: bytes, signature: bytes) -> None:
    item = (rule, public, message, signature)
    assert batch.verify_many([item]) == [judge(item)]


def test_a_long_mix_over_threads() -> None:
    rnd = random.Random(3)
    pool = [make_item(rule, n) for rule in RULES for n in range(12)]
    pool += [(rule, public, message + b"!", made) for rule, public, message, made in pool]
    verdicts = {item: judge(item) for item in pool}
    items = rnd.choices(pool, k=400)
    assert batch.verify_many(items, 4) == [verdicts[item] for item in items]


@pytest.mark.parametrize(
    "bad", [("rsa", b"", b"", b""), (batch.ECDSA, b"", b""), (batch.ECDSA, None, b"", b"")]
)
def test_what_is_no_item_is_a_bug(bad: tuple[object, ...]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        batch.verify_many([bad])
