from __future__ import annotations

import base64
import json

import pytest

from iop.crypto import jwa, jwk, jws, nist, rsa
from iop.errors import DataError, LimitError, VerifyError

ALL = tuple(name for names in jwa.ALGORITHMS.values() for name in names)
ED25519 = jwk.from_record(
    {
        "kty": "OKP",
        "crv": "Ed25519",
        "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    }
)
# RFC 8037 A.4.
RFC_8037 = (
    "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
)


def make(kind: str, number: int = 7) -> jwk.Jwk:
    if kind == "oct":
        return jwk.Jwk("oct", b"", bytes(range(64)))
    size = {"P-384": 48, "P-521": 66, "Ed448": 57, "X448": 56}.get(kind, 32)
    secret = bytes(size - 1) + bytes([number])
    return jwk.Jwk(kind, jwk.compute_public_key(kind, secret), secret)


KEYS = {
    kind: make(kind) for kind in ("Ed25519", "Ed448", "secp256k1", "P-256", "P-384", "P-521", "oct")
}
PAIRS = [(kind, name) for kind in KEYS for name in jwa.ALGORITHMS[kind]]


def b64(data: bytes | dict[str, object] | str) -> str:
    if isinstance(data, dict):
        data = json.dumps(data)
    if isinstance(data, str):
        data = data.encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def forge(
    header: object, payload: bytes = b"x", key: jwk.Jwk = ED25519, algorithm: str = "EdDSA"
) -> str:
    """A signature that is right over a header as it stands, odd or not."""
    text = header if isinstance(header, str) else json.dumps(header)
    signed = f"{b64(text)}.{b64(payload)}"
    return f"{signed}.{b64(jwa.sign(algorithm, key, signed.encode()))}"


def test_rfc_8037() -> None:
    assert jws.sign_jws(ED25519, b"Example of Ed25519 signing") == RFC_8037
    assert jws.check_jws(RFC_8037, ED25519).payload == b"Example of Ed25519 signing"


@pytest.mark.parametrize(("kind", "algorithm"), PAIRS)
def test_round_trip(kind: str, algorithm: str) -> None:
    key = KEYS[kind]
    text = jws.sign_jws(key, b"payload", {"typ": "JWT", "kid": "1"}, algorithm=algorithm)
    parsed = jws.check_jws(text, key, algorithms=ALL)
    assert parsed.header == {"alg": algorithm, "typ": "JWT", "kid": "1"}
    assert parsed.payload == b"payload"
    assert jws.sign_jws(key, b"payload", {"typ": "JWT", "kid": "1"}, algorithm=algorithm) == text
    other = make(kind, 8) if kind != "oct" else jwk.Jwk("oct", b"", bytes(64))
    with pytest.raises(VerifyError):
        jws.check_jws(text, other, algorithms=ALL)


@pytest.mark.parametrize(("kind", "algorithm"), PAIRS)
@pytest.mark.parametrize("other", KEYS)
def test_a_key_of_another_kind_never_verifies(kind: str, algorithm: str, other: str) -> None:
    if other == kind:
        return
    text = jws.sign_jws(KEYS[kind], b"payload", algorithm=algorithm)
    assert not jws.is_valid(jws.parse_jws(text), KEYS[other], algorithms=ALL)


def test_the_profile_is_what_iop_writes() -> None:
    text = jws.sign_jws(KEYS["P-384"], b"payload")
    with pytest.raises(VerifyError):
        jws.check_jws(text, KEYS["P-384"])
    assert jws.check_jws(text, KEYS["P-384"], algorithms=("ES384",))


def test_ed25519_is_the_newer_name() -> None:
    text = jws.sign_jws(ED25519, b"x", algorithm="Ed25519")
    assert jws.check_jws(text, ED25519).algorithm == "Ed25519"
    assert jwa.list_algorithms(jwk.Jwk("Ed25519", ED25519.public, None, "EdDSA")) == (
        "EdDSA",
        "Ed25519",
    )
    assert jwa.list_algorithms(jwk.Jwk("Ed25519", ED25519.public, None, "ES256")) == ()


def test_no_symmetric_confusion() -> None:
    """The public key's bytes as an HMAC secret: the header asks for it, the key's kind does not allow it."""
    for stolen in (ED25519.public, json.dumps(jwk.to_record(ED25519)).encode()):
        text = forge({"alg": "HS256"}, key=jwk.Jwk("oct", b"", stolen), algorithm="HS256")
        with pytest.raises(VerifyError):
            jws.check_jws(text, ED25519, algorithms=ALL)


def test_short_symmetric_keys() -> None:
    short = jwk.Jwk("oct", b"", bytes(31))
    with pytest.raises(DataError):
        jws.sign_jws(short, b"x")
    text = jws.sign_jws(KEYS["oct"], b"x", algorithm="HS256")
    assert not jws.is_valid(jws.parse_jws(text), short, algorithms=ALL)


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "", "HS256", "ES256", "eddsa", "EdDSA "])
def test_other_algorithms(alg: str) -> None:
    text = forge({"alg": alg})
    with pytest.raises((VerifyError, DataError)):
        jws.check_jws(text, ED25519, algorithms=ALL)
    unsigned = text.rsplit(".", 1)[0] + "."
    with pytest.raises((VerifyError, DataError)):
        jws.check_jws(unsigned, ED25519, algorithms=(*ALL, "none"))


def test_uses_of_keys() -> None:
    for change in ({"use": "enc"}, {"operations": ("encrypt",)}):
        bad = jwk.Jwk("Ed25519", ED25519.public, ED25519.secret, **change)
        with pytest.raises(VerifyError):
            jws.check_jws(RFC_8037, bad)
        with pytest.raises(DataError):
            jws.sign_jws(bad, b"x")


@pytest.mark.parametrize(
    "header",
    [
        "[]",
        "1",
        '"EdDSA"',
        "",
        "{",
        "{}",
        '{"alg":1}',
        '{"alg":""}',
        '{"alg":"EdDSA","alg":"EdDSA"}',
        '{"alg":"EdDSA","x":{"a":1,"a":1}}',
        '{"alg":"EdDSA"}{}',
        '\ufeff{"alg":"EdDSA"}',
        '{"alg":"EdDSA",}',
        '{"alg":"EdDSA","crit":[]}',
        '{"alg":"EdDSA","crit":null}',
        '{"alg":"EdDSA","crit":"b64"}',
        '{"alg":"EdDSA","crit":{}}',
        '{"alg":"EdDSA","crit":[1]}',
        '{"alg":"EdDSA","crit":["exp"],"exp":1}',
        '{"alg":"EdDSA","crit":["alg"]}',
        '{"alg":"EdDSA","crit":["b64"]}',
        '{"alg":"EdDSA","crit":["b64","b64"],"b64":true}',
        '{"alg":"EdDSA","b64":false}',
        '{"alg":"EdDSA","b64":0,"crit":["b64"]}',
        '{"alg":"EdDSA","b64":"false","crit":["b64"]}',
        '{"alg":"EdDSA","b64":null,"crit":["b64"]}',
    ],
)
def test_bad_headers(header: str) -> None:
    with pytest.raises(DataError):
        jws.check_jws(forge(header), ED25519)


def test_b64_true_needs_no_crit() -> None:
    for header in ({"alg": "EdDSA", "b64": True}, {"alg": "EdDSA", "b64": True, "crit": ["b64"]}):
        assert jws.check_jws(forge(header), ED25519).payload == b"x"


HEAD, BODY, TAIL = RFC_8037.split(".")


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "..",
        "...",
        HEAD,
        f"{HEAD}.{BODY}",
        f"{RFC_8037}.",
        f".{RFC_8037}",
        f"{HEAD}=.{BODY}.{TAIL}",
        f"{HEAD}.{BODY}=.{TAIL}",
        f"{HEAD}.{BODY}.{TAIL}==",
        f" {RFC_8037}",
        f"{RFC_8037}\n",
        f"{HEAD}.{BODY[:-1]}h.{TAIL}",
        f"{HEAD}.{BODY}.{TAIL[:-1]}h",
        f"{HEAD}.{BODY}.{TAIL.replace('_', '/')}",
        f"{HEAD}.{BODY}.{TAIL}\u00e9",
        f"{HEAD}.{BODY}.{TAIL[:-1]}\U0001f600",
    ],
    ids=range(18),
)
def test_bad_texts(text: str) -> None:
    with pytest.raises(DataError):
        jws.check_jws(text, ED25519)


@pytest.mark.parametrize(
    "text",
    [
        f"{HEAD}.{BODY}.",
        f"{HEAD}.{BODY}.{TAIL[:-6]}",
        f"{HEAD}..{TAIL}",
        f"{HEAD}.{BODY}.{b64(bytes(64))}",
    ],
)
def test_bad_signatures(text: str) -> None:
    with pytest.raises(VerifyError):
        jws.check_jws(text, ED25519)


def test_limits() -> None:
    with pytest.raises(LimitError):
        jws.parse_jws("x" * (jws.LONGEST + 1))
    with pytest.raises(LimitError):
        jws.parse_jws("A" * (jws.LONGEST_HEADER + 1) + "..")


def test_detached() -> None:
    text = jws.sign_jws(ED25519, b"payload", detached=True)
    assert text.split(".")[1] == ""
    assert jws.check_jws(text, ED25519, payload=b"payload").payload == b"payload"
    with pytest.raises(VerifyError):
        jws.check_jws(text, ED25519, payload=b"other")
    with pytest.raises(VerifyError):
        jws.check_jws(text, ED25519)
    with pytest.raises(DataError):
        jws.check_jws(RFC_8037, ED25519, payload=b"Example of Ed25519 signing")


def test_unencoded() -> None:
    header = {"b64": False, "crit": ["b64"]}
    text = jws.sign_jws(ED25519, b"$02", header)
    assert text.split(".")[1] == "$02"
    assert jws.check_jws(text, ED25519).payload == b"$02"
    for payload in (b"$.02", b"\n", "é".encode()):
        with pytest.raises(DataError):
            jws.sign_jws(ED25519, payload, header)
        apart = jws.sign_jws(ED25519, payload, header, detached=True)
        assert jws.check_jws(apart, ED25519, payload=payload).payload == payload
    encoded = jws.sign_jws(ED25519, b"$02")
    assert encoded.split(".")[2] != text.split(".")[2]


def test_sign_refuses() -> None:
    public = jwk.Jwk("Ed25519", ED25519.public)
    for call in (
        lambda: jws.sign_jws(public, b"x"),
        lambda: jws.sign_jws(ED25519, b"x", algorithm="ES256"),
        lambda: jws.sign_jws(ED25519, b"x", {"alg": "ES256"}),
        lambda: jws.sign_jws(ED25519, b"x", {"alg": "Ed25519"}, algorithm="EdDSA"),
        lambda: jws.sign_jws(ED25519, b"x", {"crit": ["exp"], "exp": 1}),
        lambda: jws.sign_jws(make("X25519"), b"x"),
    ):
        with pytest.raises(DataError):
            call()


def flat(text: str, **more: object) -> dict[str, object]:
    head, body, tail = text.split(".")
    return {"protected": head, "payload": body, "signature": tail} | more


def test_json_serialisation() -> None:
    (one,) = jws.parse_jws_json(flat(RFC_8037))
    assert jws.is_valid(one, ED25519)
    other = jws.sign_jws(KEYS["P-256"], b"Example of Ed25519 signing").split(".")
    both = {
        "payload": BODY,
        "signatures": [
            {"protected": HEAD, "signature": TAIL, "header": {"kid": "one"}},
            {"protected": other[0], "signature": other[2]},
        ],
    }
    first, second = jws.parse_jws_json(both)
    assert jws.is_valid(first, ED25519) and first.header["kid"] == "one"
    assert jws.is_valid(second, KEYS["P-256"]) and not jws.is_valid(second, ED25519)


def test_an_unprotected_algorithm() -> None:
    """RFC 7520 4.7: nothing protected at all; the key still decides."""
    signature = b64(jwa.sign("EdDSA", ED25519, b"." + BODY.encode()))
    (one,) = jws.parse_jws_json(
        {"payload": BODY, "header": {"alg": "EdDSA"}, "signature": signature}
    )
    assert jws.is_valid(one, ED25519)


@pytest.mark.parametrize(
    "document",
    [
        [],
        {},
        {"payload": BODY},
        flat(RFC_8037, signatures=[]),
        {"payload": BODY, "signatures": []},
        {"payload": BODY, "signatures": {}},
        {"payload": BODY, "signatures": [1]},
        {"payload": BODY, "signatures": [{}] * 65},
        {
            "payload": BODY,
            "protected": HEAD,
            "signatures": [{"protected": HEAD, "signature": TAIL}],
        },
        {"protected": HEAD, "signature": TAIL},
        flat(RFC_8037, payload=1),
        flat(RFC_8037, protected=1),
        flat(RFC_8037, signature=1),
        flat(RFC_8037, header=[]),
        flat(RFC_8037, header={"alg": "EdDSA"}),
        flat(RFC_8037, header={"crit": ["b64"], "b64": True}),
        flat(RFC_8037, header={"b64": False}),
        {"payload": BODY, "signature": TAIL},
        {
            "payload": "x",
            "signatures": [
                {"protected": HEAD, "signature": TAIL},
                {
                    "protected": b64({"alg": "EdDSA", "b64": False, "crit": ["b64"]}),
                    "signature": TAIL,
                },
            ],
        },
    ],
    ids=range(19),
)
def test_bad_json_serialisations(document: object) -> None:
    with pytest.raises(DataError):
        jws.parse_jws_json(document)


def test_nist_curves() -> None:
    for curve, width in nist.WIDTHS.items():
        secret = bytes(width - 1) + b"\x05"
        public = nist.compute_public_key(curve, secret)
        signature = nist.sign(curve, secret, b"message")
        assert nist.is_valid(curve, public, b"message", signature)
        assert nist.is_valid(curve, nist.expand_point(curve, public), b"message", signature)
        for bad in (b"", signature[:-1], signature + b"\0", bytes(2 * width), b"\xff" * 2 * width):
            assert not nist.is_valid(curve, public, b"message", bad)
        assert not nist.is_valid(curve, public[:-1], b"message", signature)
        other = bytes(width - 1) + b"\x06"
        assert nist.compute_shared(
            curve, secret, nist.compute_public_key(curve, other)
        ) == nist.compute_shared(curve, other, public)
        for broken in (bytes(width), b"\xff" * width, bytes(width - 1)):
            with pytest.raises(DataError):
                nist.compute_public_key(curve, broken)
        for point in (
            b"",
            b"\x00",
            b"\x05" + public[1:],
            b"\x04" + public[1:],
            b"\x02" + b"\xff" * width,
        ):
            with pytest.raises(DataError):
                nist.compress_point(curve, point)
    with pytest.raises(DataError):
        nist.compress_point("P-192", b"")


@pytest.mark.parametrize("curve", nist.WIDTHS)
def test_orders_of_the_curves(curve: str) -> None:
    """(n − 1)·G is −G, and n is no secret any more."""
    width, order = nist.WIDTHS[curve], nist.ORDERS[curve]
    last = nist.compute_public_key(curve, (order - 1).to_bytes(width, "big"))
    first = nist.compute_public_key(curve, (1).to_bytes(width, "big"))
    assert (last[1:], last[0] ^ first[0]) == (first[1:], 1)
    with pytest.raises(DataError):
        nist.compute_public_key(curve, order.to_bytes(width, "big"))


def test_rsa() -> None:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding
    from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

    secret = generate_private_key(65537, 2048)
    numbers = secret.public_key().public_numbers()
    public = rsa.encode_public_key(numbers.n, numbers.e)
    assert rsa.parse_public_key(public) == (numbers.n, numbers.e)
    key = jwk.Jwk("RSA", public)
    digests = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}
    for size, digest in digests.items():
        plain = secret.sign(b"message", padding.PKCS1v15(), digest)
        salted = secret.sign(
            b"message", padding.PSS(padding.MGF1(digest), digest.digest_size), digest
        )
        assert jwa.is_valid(f"RS{size}", key, b"message", plain)
        assert jwa.is_valid(f"PS{size}", key, b"message", salted)
        assert not jwa.is_valid(f"PS{size}", key, b"message", plain)
        assert not jwa.is_valid(f"RS{size}", key, b"massage", plain)
    with pytest.raises(DataError):
        jwa.sign("RS256", key, b"message")


@pytest.mark.parametrize(
    "data",
    [
        "",
        "30",
        "3000",
        "3003020101",
        "30060201030201",
        "3006020103020103",
        "30820122028201",
        "02020101",
        "308200060201030201" + "03",
    ],
)
def test_bad_rsa_keys(data: str) -> None:
    with pytest.raises(DataError):
        rsa.parse_public_key(bytes.fromhex(data))
    assert not rsa.is_valid(bytes.fromhex(data), b"", b"", digest="256", pss=False)


def test_rsa_der_has_one_form() -> None:
    public = rsa.encode_public_key((1 << 2047) + 1, 65537)
    for bad in (public + b"\0", public[:-1], b"\x31" + public[1:], bytes(5000)):
        with pytest.raises(DataError):
            rsa.parse_public_key(bad)
