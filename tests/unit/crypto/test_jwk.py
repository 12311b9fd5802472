from __future__ import annotations

import pytest

from iop.crypto import jwk
from iop.errors import DataError

# RFC 8037 A.1 and A.3.
ED25519 = {
    "kty": "OKP",
    "crv": "Ed25519",
    "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
    "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
}
# RFC 7515 A.3.
P256 = {
    "kty": "EC",
    "crv": "P-256",
    "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    "d": "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI",
}
SECP = {
    "kty": "EC",
    "crv": "secp256k1",
    "x": "uDj_ROW8F3vyEYnQdmCC_J2EMiaIf8l2A3EQC37iCm8",
    "y": "8MnXW_unsxpryhl0SW7rVt41cHGVXYPEsbraoLIYMuk",
}
OCT = {"kty": "oct", "k": "hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYg"}
# RFC 7638 3.1.
RSA = {
    "kty": "RSA",
    "n": (
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn6"
        "4tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n9"
        "1CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
    ),
    "e": "AQAB",
    "alg": "RS256",
    "kid": "2011-04-29",
}
ALL = {"ed25519": ED25519, "p256": P256, "secp": SECP, "oct": OCT, "rsa": RSA}


@pytest.mark.parametrize("name", ALL)
def test_round_trip(name: str) -> None:
    key = jwk.from_record(ALL[name])
    assert jwk.to_record(key, secret=True) == ALL[name]
    assert not {"d", "k"} & set(jwk.to_record(key))


def test_attributes() -> None:
    record = P256 | {
        "kid": "one",
        "use": "sig",
        "alg": "ES256",
        "key_ops": ["verify", "sign"],
        "x5c": [1],
    }
    key = jwk.from_record(record)
    assert (key.name, key.use, key.algorithm, key.operations) == (
        "one",
        "sig",
        "ES256",
        ("verify", "sign"),
    )
    del record["x5c"]
    assert jwk.to_record(key, secret=True) == record


@pytest.mark.parametrize(
    ("change", "verify", "derive"),
    [
        ({}, True, True),
        ({"use": "sig"}, True, False),
        ({"use": "enc"}, False, True),
        ({"use": "other"}, False, False),
        ({"key_ops": ["verify"]}, True, False),
        ({"key_ops": ["encrypt"]}, False, False),
        ({"use": "enc", "key_ops": ["verify"]}, False, False),
    ],
    ids=str,
)
def test_uses(change: dict[str, object], verify: bool, derive: bool) -> None:
    key = jwk.from_record(P256 | change)
    assert key.may("verify") is verify
    assert key.may("deriveKey") is derive


def test_thumbprints() -> None:
    assert (
        jwk.compute_thumbprint(jwk.from_record(RSA))
        == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
    )
    assert (
        jwk.compute_thumbprint(jwk.from_record(ED25519))
        == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
    )
    with pytest.raises(DataError):
        jwk.compute_thumbprint(jwk.from_record(OCT))


def test_repr_does_not_show_the_secret() -> None:
    assert "32 bytes" in repr(jwk.from_record(ED25519))
    assert jwk.from_record(ED25519).secret.hex() not in repr(jwk.from_record(ED25519))


BAD = {
    "not an object": [1],
    "no kty": {},
    "kty is no text": {"kty": 1},
    "unknown kty": {"kty": "AKP"},
    "no curve": {"kty": "OKP", "x": ED25519["x"]},
    "unknown OKP curve": ED25519 | {"crv": "P-256"},
    "unknown EC curve": P256 | {"crv": "Ed25519"},
    "no x": {"kty": "OKP", "crv": "Ed25519"},
    "x too short": ED25519 | {"x": ED25519["x"][:-2]},
    "x too long": ED25519 | {"x": ED25519["x"] + "AA"},
    "x padded": ED25519 | {"x": ED25519["x"] + "="},
    "x not canonical": ED25519 | {"x": ED25519["x"][:-1] + "p"},
    "x in base64": ED25519 | {"x": ED25519["x"].replace("_", "/")},
    "x no point": {
        "kty": "OKP",
        "crv": "Ed25519",
        "x": "AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    },
    "foreign d": ED25519 | {"d": "AA" * 21 + "A"},
    "d too short": ED25519 | {"d": "AAAA"},
    "foreign EC d": P256 | {"d": ED25519["d"]},
    "EC d is 0": P256 | {"d": "A" * 43},
    "EC d too long": P256 | {"d": "AAA" + P256["d"][1:]},
    "off the curve": P256 | {"y": P256["x"]},
    "secp off the curve": SECP | {"y": SECP["x"]},
    "EC x too short": P256 | {"x": P256["x"][:-2]},
    "no y": {name: P256[name] for name in ("kty", "crv", "x")},
    "key_ops is no list": P256 | {"key_ops": "sign"},
    "key_ops is empty": P256 | {"key_ops": []},
    "key_ops repeats": P256 | {"key_ops": ["sign", "sign"]},
    "key_ops of numbers": P256 | {"key_ops": [1]},
    "alg is no text": P256 | {"alg": None},
    "use is no text": P256 | {"use": 1},
    "kid is no text": P256 | {"kid": 1},
    "n with leading zero": RSA | {"n": "AA" + RSA["n"]},
    "n too small": RSA | {"n": RSA["n"][:200] + "A" * 0 + RSA["n"][200:204]},
    "e is 1": RSA | {"e": "AQ"},
    "e is even": RSA | {"e": "AQAA"},
    "e too large": RSA | {"e": "AQAAAAAAAAAAAQ"},
    "e empty": RSA | {"e": ""},
    "no k": {"kty": "oct"},
    "k too long": {"kty": "oct", "k": "A" * (1 << 18)},
}


@pytest.mark.parametrize("name", BAD)
def test_refusals(name: str) -> None:
    with pytest.raises(DataError):
        jwk.from_record(BAD[name])


def test_points_of_either_library() -> None:
    for record in (P256, SECP):
        key = jwk.from_record(record)
        long = jwk.expand_point(key.kind, key.public)
        assert jwk.compress_point(key.kind, long) == key.public
    with pytest.raises(DataError):
        jwk.compute_public_key("P-192", bytes(32))
