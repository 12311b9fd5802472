from __future__ import annotations

import json

import pytest

from iop.errors import AccessError, DataError, IopError, LimitError, SchemaError
from iop.keys import keyfile
from iop.keys.keyfile import (
    COSTS,
    Cost,
    encode_keyfile,
    make_open_keyfile,
    open_keyfile,
    parse_keyfile,
    seal_keyfile,
)
from iop.keys.secret import Secret, decode_secret, encode_secret, import_phrase, make_secret
from iop.value import replace

SECRETS = [
    Secret("seed", bytes(range(64))),
    Secret("phrase", bytes(range(16)), "en"),
    Secret("phrase", bytes(range(32)), "ja", "pässwörd"),
    Secret("ed25519", bytes(range(32))),
    Secret("secp256k1", bytes(range(1, 33))),
]


def seal(secret: Secret, passphrase: bytes = b"pw") -> keyfile.KeyFile:
    return seal_keyfile(
        secret,
        passphrase,
        salt=bytes(16),
        nonce=bytes(24),
        created=7,
        label="mine",
        cost=COSTS["fast"],
    )


@pytest.mark.parametrize("secret", SECRETS, ids=lambda secret: secret.kind)
def test_sealed_and_opened(secret: Secret) -> None:
    file = seal(secret)
    data = encode_keyfile(file)
    assert parse_keyfile(data) == file
    assert open_keyfile(parse_keyfile(data), b"pw") == secret
    assert secret.data not in data and secret.data.hex().encode() not in data
    assert file.public == secret.public()
    unsealed = make_open_keyfile(secret, created=7)
    assert b'"encryption": "none"' in encode_keyfile(unsealed)
    assert open_keyfile(parse_keyfile(encode_keyfile(unsealed)), None) == secret


def test_wrong_passphrase() -> None:
    for passphrase in (b"pW", b"", b"pw\n", None):
        with pytest.raises(AccessError):
            open_keyfile(seal(SECRETS[0]), passphrase)
    with pytest.raises(AccessError, match="empty"):
        seal(SECRETS[0], b"")


def test_the_default_cost_is_the_strong_one() -> None:
    assert Cost() == Cost(3, 65536) == COSTS["strong"]


def test_a_file_cut_anywhere_is_refused() -> None:
    for file in (seal(SECRETS[2]), make_open_keyfile(SECRETS[2], created=0)):
        data = encode_keyfile(file).rstrip(b"\n")
        for size in range(len(data)):
            with pytest.raises(DataError):
                parse_keyfile(data[:size])


def test_no_byte_of_the_protected_part_can_be_changed() -> None:
    file = seal(SECRETS[2])
    data = encode_keyfile(file)
    label = range(data.index(b'"label"'), data.index(b'"secret"'))
    for place in range(len(data)):
        if place in label:
            continue
        for bit in (0x01, 0x10):
            changed = data[:place] + bytes([data[place] ^ bit]) + data[place + 1 :]
            try:
                found = parse_keyfile(changed)
                opened = open_keyfile(found, b"pw")
            except IopError:
                continue
            # White space may differ, and nothing else.
            assert opened == SECRETS[2] and found == file


def test_the_label_may_be_edited() -> None:
    record = json.loads(encode_keyfile(seal(SECRETS[0])))
    record["label"] = "renamed"
    file = parse_keyfile(json.dumps(record).encode())
    assert file.label == "renamed" and open_keyfile(file, b"pw") == SECRETS[0]


@pytest.mark.parametrize(
    ("member", "content"),
    [
        ("type", "iop.keyfile/2"),
        ("type", 1),
        ("kind", "x25519"),
        ("kind", None),
        ("publicKey", "pez"),
        ("publicKey", 5),
        ("created", -1),
        ("created", True),
        ("created", 1.5),
        ("created", 1 << 60),
        ("language", 5),
        ("label", "x" * 257),
        ("label", "\x1b[31m"),
        ("label", None),
        ("encryption", "NONE"),
        ("encryption", None),
        ("encryption", {}),
        ("secret", "f"),
        ("secret", "!"),
        ("secret", None),
        ("extra", 1),
    ],
)
def test_members_are_checked(member: str, content: object) -> None:
    record = json.loads(encode_keyfile(make_open_keyfile(SECRETS[1], created=7))) | {
        member: content
    }
    with pytest.raises(DataError):
        open_keyfile(parse_keyfile(json.dumps(record).encode()), None)


@pytest.mark.parametrize("member", keyfile._MEMBERS)
def test_members_are_required(member: str) -> None:
    record = json.loads(encode_keyfile(seal(SECRETS[1])))
    del record[member]
    with pytest.raises(SchemaError, match=member):
        parse_keyfile(json.dumps(record).encode())


@pytest.mark.parametrize(
    ("member", "content"),
    [
        ("cipher", "aes"),
        ("kdf", "argon2i"),
        ("lanes", 2),
        ("passes", 0),
        ("passes", 65),
        ("passes", "3"),
        ("kib", 7),
        ("kib", (1 << 20) + 1),
        ("kib", 1 << 62),
        ("salt", "00"),
        ("nonce", "00" * 25),
        ("nonce", "zz" * 24),
        ("extra", 1),
    ],
)
def test_encryption_is_checked_before_anything_is_spent(member: str, content: object) -> None:
    record = json.loads(encode_keyfile(seal(SECRETS[1])))
    record["encryption"][member] = content
    with pytest.raises(DataError):
        parse_keyfile(json.dumps(record).encode())


def test_limits_of_cost() -> None:
    assert Cost(8, 1 << 20)
    for passes, kib in ((9, 1 << 20), (64, 1 << 18), (0, 8), (1, 0)):
        with pytest.raises(LimitError):
            Cost(passes, kib)


def test_repeated_names_and_long_files_are_refused() -> None:
    data = encode_keyfile(seal(SECRETS[0]))
    with pytest.raises(DataError):
        parse_keyfile(data.replace(b'"kind": "seed"', b'"kind": "seed", "kind": "phrase"'))
    with pytest.raises(LimitError):
        parse_keyfile(data + b" " * 20_000)
    for other in (b"", b"[]", b"null", b"{}", b"\xff"):
        with pytest.raises(DataError):
            parse_keyfile(other)


def test_an_open_file_with_another_public_key_is_refused() -> None:
    file = make_open_keyfile(SECRETS[3], created=0)
    with pytest.raises(SchemaError, match="does not belong"):
        open_keyfile(replace(file, public=SECRETS[0].public()), None)


def test_reprs_show_no_secret() -> None:
    for secret in SECRETS:
        assert repr(secret) == f"Secret({secret.kind}, {len(secret.data)} bytes)"
        shown = repr(make_open_keyfile(secret, created=0))
        assert str(secret.data) not in shown and secret.data.hex() not in shown


@pytest.mark.parametrize(
    ("kind", "data", "language", "password"),
    [
        ("seed", bytes(63), "", ""),
        ("seed", bytes(64), "en", ""),
        ("seed", bytes(64), "", "x"),
        ("phrase", bytes(15), "en", ""),
        ("phrase", bytes(16), "", ""),
        ("phrase", bytes(16), "EN", ""),
        ("ed25519", bytes(31), "", ""),
        ("secp256k1", bytes(32), "", ""),
        ("x", bytes(32), "", ""),
    ],
)
def test_secrets_are_well_formed(kind: str, data: bytes, language: str, password: str) -> None:
    with pytest.raises(DataError):
        Secret(kind, data, language, password)


def test_sealed_phrases_that_are_none() -> None:
    assert decode_secret("phrase", encode_secret(SECRETS[2]), "ja") == SECRETS[2]
    for data in (b"", b"\x10", b"\x11" + bytes(17), b"\x10" + bytes(16) + b"\xff"):
        with pytest.raises(DataError):
            decode_secret("phrase", data, "en")


def test_secrets_are_made() -> None:
    drawn: list[int] = []

    def random(size: int) -> bytes:
        drawn.append(size)
        # The first draw is no secp256k1 key.
        return bytes(size) if len(drawn) == 1 else bytes([len(drawn)]) * size

    assert make_secret("secp256k1", random).data == bytes([2]) * 32
    assert make_secret("seed", random).kind == "seed"
    assert [len(make_secret("phrase", random, words=n).data) for n in (12, 15, 18, 21, 24)] == [
        16,
        20,
        24,
        28,
        32,
    ]
    with pytest.raises(DataError, match="words"):
        make_secret("phrase", random, words=13)
    phrase = "legal winner thank year wave sausage worth useful legal winner thank yellow"
    assert import_phrase(phrase, None, "x") == Secret("phrase", b"\x7f" * 16, "en", "x")
    with pytest.raises(DataError, match="nothing is derived"):
        SECRETS[3].seed()
