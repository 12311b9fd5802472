from __future__ import annotations

import pytest

from iop.claim.jwt import parse_token, sign_token
from iop.claim.signed import Signer
from iop.codec.base64 import encode_base64url, parse_base64url
from iop.codec.json import encode_json
from iop.errors import DataError, LimitError, VerifyError
from iop.keys.multicipher import SecretKey

SECRET = SecretKey("e", b"\x05" * 32)
NOW = 1_600_000_000_123
START = NOW // 1000


def forge(header=None, claims=None, signature=None):
    """A token with parts of one's own, signed rightly unless said otherwise."""
    signer = Signer(SECRET)
    default = {"alg": "Multicipher", "kid": str(signer.public)}
    parts = [
        default if header is None else header,
        {"exp": START + 9, "nbf": START} if claims is None else claims,
    ]
    texts = [part if isinstance(part, str) else encode_json(part) for part in parts]
    signed = ".".join(encode_base64url(text.encode()) for text in texts)
    text = str(signer.sign(signed.encode())) if signature is None else signature
    return f"{signed}.{encode_base64url(text.encode())}"


def refusal(token, now=NOW, **rest):
    with pytest.raises((DataError, VerifyError)) as caught:
        parse_token(token, now, **rest)
    return caught.value.message


def test_a_token_says_who_and_when():
    token = sign_token(SECRET, NOW, "cjuX", 60)
    found = parse_token(token, NOW)
    assert (found.public, found.created_at, found.time_to_live, found.content_id) == (
        SECRET.public(), START, 60, "cjuX",
    )  # fmt: skip
    header, claims, _ = (parse_base64url(part).decode() for part in token.split("."))
    assert header == f'{{"alg":"Multicipher","kid":"{SECRET.public()}"}}'
    assert claims == f'{{"exp":{START + 60},"nbf":{START},"jti":"cjuX"}}'
    assert parse_token(sign_token(SECRET, NOW), NOW).content_id is None
    assert parse_token(sign_token(SecretKey("s", b"\x05" * 32), NOW), NOW).public.suite == "s"


def test_no_leeway_to_the_millisecond():
    token = sign_token(SECRET, NOW, None, 60)
    start, end = START * 1000, (START + 60) * 1000
    assert refusal(token, start - 1) == "Token is not yet ready"
    assert parse_token(token, start)
    assert parse_token(token, end)
    assert refusal(token, end + 1) == "Token has expired"


def test_old_peers_have_a_minute_on_both_sides():
    token = sign_token(SECRET, NOW, None, 60)
    start, end = START * 1000 - 60_000, (START + 120) * 1000
    assert parse_token(token, start, old_peer=True)
    assert parse_token(token, end, old_peer=True)
    assert refusal(token, start - 1, old_peer=True) == "Token is not yet ready"
    assert refusal(token, end + 1, old_peer=True) == "Token has expired"


def test_padding_is_for_old_peers_only():
    parts = sign_token(SECRET, NOW).split(".")
    padded = ".".join((parts[0], parts[1], parts[2] + "=" * (-len(parts[2]) % 4)))
    assert padded != ".".join(parts)
    assert refusal(padded) == "invalid base64 decoding"
    assert parse_token(padded, NOW, old_peer=True)


def test_stray_bits_are_for_old_peers_only():
    token = sign_token(SECRET, NOW)
    assert len(token.rpartition(".")[2]) % 4 == 2
    stray = token[:-1] + chr(ord(token[-1]) + 1)
    assert refusal(stray) == "invalid base64 decoding"
    assert parse_token(stray, NOW, old_peer=True)


@pytest.mark.parametrize(
    ("claims", "text"),
    [
        ({"nbf": START}, "Claim `exp` requested during validation is not present in the token"),
        ({"exp": START + 9}, "Claim `nbf` requested during validation is not present in the token"),
        ({"exp": START - 1, "nbf": START + 9}, "Token has expired"),
        ("nope", "Cannot deserialize claims: expected a JSON value at line 1 column 1"),
        ([], "Cannot deserialize claims: invalid type: sequence, expected struct Claims"),
        (
            {"exp": None, "nbf": START},
            "Cannot deserialize claims: invalid type: null, expected UTC timestamp",
        ),
        (
            {"exp": "9", "nbf": START},
            'Cannot deserialize claims: invalid type: string "9", expected UTC timestamp',
        ),
        (
            {"exp": True, "nbf": START},
            "Cannot deserialize claims: invalid type: boolean `true`, expected UTC timestamp",
        ),
        (
            {"exp": START, "nbf": START, "jti": 5},
            "Cannot deserialize claims: invalid type: integer `5`, expected a string",
        ),
        (
            {"exp": START, "nbf": START, "iat": "x"},
            'Cannot deserialize claims: invalid type: string "x", expected UTC timestamp',
        ),
        (
            {"exp": 1 << 63, "nbf": START},
            "Cannot deserialize claims: invalid value: integer `9223372036854775808`, expected UTC timestamp",
        ),
    ],
)
def test_claims_that_do_not_serve(claims, text):
    assert refusal(forge(claims=claims)) == text


PUBLIC = str(SECRET.public())


@pytest.mark.parametrize(
    ("header", "text"),
    [
        ({"alg": "Multicipher"}, "Publickey is missing from JWT kid header"),
        ({"alg": "none"}, "Publickey is missing from JWT kid header"),
        ({"alg": "none", "kid": "x"}, "Public keys must start with 'p'"),
        (
            {"alg": "none", "kid": PUBLIC},
            "Token algorithm (none) differs from expected (Multicipher)",
        ),
        ({"kid": PUBLIC}, "Malformed token header: missing field `alg`"),
        ({"alg": "Multicipher", "kid": PUBLIC, "cty": "JWT"}, "Unsupported content type: JWT"),
        (
            {"alg": "Multicipher", "kid": PUBLIC, "typ": 5},
            "Malformed token header: invalid type: integer `5`, expected a string",
        ),
        ("nope", "Malformed token header: expected a JSON value at line 1 column 1"),
    ],
)
def test_headers_that_do_not_serve(header, text):
    assert refusal(forge(header=header)) == text


def test_headers_may_say_more():
    header = {"typ": "JWT", "kid": PUBLIC, "alg": "Multicipher", "cty": "json", "crit": 5}
    assert parse_token(forge(header=header), NOW)


@pytest.mark.parametrize(
    ("signature", "text"),
    [
        ("", "Malformed token signature: Signatures must start with 's'"),
        ("sezX", "Malformed token signature: Signature length is not 65"),
        (str(Signer(SECRET).sign(b"other")), "Signature has failed verification"),
    ],
)
def test_signatures_that_do_not_serve(signature, text):
    assert refusal(forge(signature=signature)) == text


def test_a_signature_that_is_no_text():
    token = forge().rpartition(".")[0] + "." + encode_base64url(b"\xff\xfe")
    assert refusal(token).startswith("Malformed token signature: ")


@pytest.mark.parametrize("token", ["", "a.b", "a.b.c.d", "...."])
def test_structure(token):
    assert refusal(token) == "Invalid token structure"


@pytest.mark.parametrize("token", ["Bearer a.b.c", "a b.c.d", "é.b.c", "a.b.c\n"])
def test_base64(token):
    assert refusal(token) == "invalid base64 decoding"


def test_tokens_have_a_limit():
    with pytest.raises(LimitError):
        parse_token("a" * ((1 << 20) + 1), NOW)
