"""Request bodies: what is JSON, what is something else, what is refused."""

import pytest

from iop.daemon.http.payload import FOREIGN, MAX_BODY, parse_payload
from iop.errors import DecodeError


@pytest.mark.parametrize(
    "kind", ["", "application/json", "Application/JSON; charset=utf-8", "a/b+json"]
)
def test_json(kind):
    assert parse_payload(b'{"a":[1]}', kind) == {"a": [1]}


def test_empty_is_null():
    assert parse_payload(b"", "application/json") is None


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "text/html; x", "application/octet-stream", "multipart/form-data; boundary=x"],
)
def test_foreign(kind):
    assert parse_payload(b"[]", kind) is FOREIGN


def test_too_deep_is_foreign():
    assert parse_payload(b"[" * 200 + b"]" * 200, "") is FOREIGN
    assert parse_payload(b"[" * 400_000 + b"]" * 400_000, "") is FOREIGN


@pytest.mark.parametrize(
    "body", [b"[}", b"{", b"nul", b"\xff", b"\xef\xbb\xbf[]", b"[1,]", b"NaN", b"[] []", b"'a'"]
)
def test_malformed(body):
    with pytest.raises(DecodeError, match="^Invalid request payload JSON format$"):
        parse_payload(body, "application/json")


@pytest.mark.parametrize("body", [b'{"__proto__":1}', b'[{"a":{"\\u005f_proto__":1}}]'])
def test_prototype_is_malformed(body):
    with pytest.raises(DecodeError, match="^Invalid request payload JSON format$"):
        parse_payload(body, "")


def test_prototype_as_text_is_fine():
    assert parse_payload(b'["__proto__"]', "") == ["__proto__"]


def test_types():
    with pytest.raises(DecodeError, match="^Unsupported Media Type$"):
        parse_payload(b"[]", "application/xml")
    with pytest.raises(DecodeError, match="^Invalid content-type header$"):
        parse_payload(b"[]", "json")
    with pytest.raises(DecodeError, match="^Unsupported Media Type$"):
        parse_payload(b"[]", "", "gzip")


def test_too_large():
    with pytest.raises(DecodeError, match=f"greater than maximum allowed: {MAX_BODY}$"):
        parse_payload(b" " * (MAX_BODY + 1), "")
