"""Canonical text, content ids, masks and nonces (morpheus 6), with the kernel and without."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from iop.codec import kernel
from iop.codec.canonical import encode_canonical
from iop.codec.digest import compute_bytes_id, compute_content_id, compute_content_id_text
from iop.codec.json import encode_json, parse_json
from iop.codec.mask import apply_mask, apply_mask_text, encode_mask, parse_keep
from iop.codec.nonce import encode_nonce, wrap_nonce
from iop.codec.text import encode_canonical_text
from iop.errors import ConfigError, DataError, DecodeError, LimitError

TWO = "cjumTq1s6Tn6xkXolxHj4LmAo7DAb-zoPLhEa1BvpovAFU"  # {"a":2,"b":1}


@pytest.fixture(params=["py", "c"])
def which(request: pytest.FixtureRequest) -> Iterator[str]:
    try:
        kernel.choose(request.param)
    except ConfigError:
        pytest.skip("the kernel is not built here")
    yield request.param
    kernel.choose(None)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ('{"b":1,"a":{}}', '{"a":{},"b":1}'),
        ('{"a":1,"a":2}', '{"a":2}'),
        ('{"\\u00e9":0}', DataError),
        ('{"z":"\\u00e1"}', '{"z":"a\u0301"}'),
        ('{"z":"\uff02"}', '{"z":"""}'),
        ('[1.0,1e3,-0,"\\/"]', '[1.0,1000.0,-0.0,"/"]'),
        ('{"\U00010000":1,"\uffff":2}', '{"\uffff":2,"\U00010000":1}'),
        ('"\\u0000\\u001f\x7f"', '"\\u0000\\u001f\x7f"'),
        ("[1e400]", DecodeError),
    ],
)
def test_canonical(which: str, text: str, canonical: object) -> None:
    if isinstance(canonical, str):
        assert encode_canonical(parse_json(text)) == canonical
        assert encode_canonical_text(text.encode()).decode() == canonical
    else:
        with pytest.raises(canonical):  # type: ignore[call-overload]
            encode_canonical_text(text.encode())


def test_ids(which: str) -> None:
    assert compute_content_id({"b": 1, "a": 2}) == TWO
    assert compute_content_id_text(b' { "b" : 1 , "a" : 2 } ') == TWO
    assert compute_content_id_text(b'{"a":3,"b":1,"a":2}') == TWO
    assert compute_content_id_text(b'"any text"') == "any text"
    open_, closed = b'{"x":{"a":2,"b":1},"y":[0]}', b'{"x":"' + TWO.encode() + b'","y":[0]}'
    assert compute_content_id_text(open_) == compute_content_id_text(closed)
    assert compute_bytes_id(b"") == "cbup__G-L8e12ZRwUdWoGHWYvWA_03kO0n6gtgKS4D4Q0o"


@pytest.mark.parametrize("text", [b"5", b"null", b"true", b"1.5"])
def test_bare_scalars_have_no_id(which: str, text: bytes) -> None:
    with pytest.raises(
        DataError, match="Json digest is currently implemented only for composite types"
    ):
        compute_content_id_text(text)


def test_names_must_be_normalized(which: str) -> None:
    with pytest.raises(DataError, match="Data to be digested must contain field names normalized"):
        compute_content_id_text('{"á":1}'.encode())
    with pytest.raises(
        DataError, match="Data for canonical JSON serialization must contain field names"
    ):
        apply_mask_text('{"a":{"á":1}}'.encode(), ".a")
    with pytest.raises(DataError, match="Data to be digested must contain field names normalized"):
        apply_mask_text('{"a":1,"b":{"á":1}}'.encode(), ".a")


DOCUMENT = b'{"s":1,"name":{"value":"Ann","nonce":"u1"},"address":{"city":{"v":"B"},"zip":9},"list":[{"a":1}],"":{"":0}}'


@pytest.mark.parametrize(
    ("keep", "open_"),
    [
        (".name", {"name"}), (".name,.address", {"name", "address"}), (" .name ,\t.address,", {"name", "address"}),
        (".address.city", {"address"}), (".address.nope", set()), (".list", {"list"}), (".", {""}), (".list.a", set()),
    ],
)  # fmt: skip
def test_masks(which: str, keep: str, open_: set[str]) -> None:
    text = apply_mask_text(DOCUMENT, keep)
    value = parse_json(DOCUMENT)
    masked = apply_mask(value, keep)
    assert (
        text.decode() == encode_mask(value, keep) == encode_json(masked) == encode_canonical(masked)
    )
    assert {name for name, member in masked.items() if not isinstance(member, str | int)} == open_
    assert masked["s"] == 1
    assert compute_content_id(masked) == compute_content_id(value)


def test_masks_that_close_everything(which: str) -> None:
    whole = compute_content_id_text(DOCUMENT)
    for keep in ("", ".nope", ".nope.name", ".s.x.y"):
        masked = apply_mask_text(DOCUMENT, keep).decode()
        assert masked == whole or keep == ".s.x.y"
    assert apply_mask(parse_json(DOCUMENT), "") == whole
    assert apply_mask_text(b"[1]", "bad") == compute_content_id([1]).encode()
    assert apply_mask_text(b'"text"', ".a") == b"text"


def test_a_shorter_path_is_lost_beside_a_longer(which: str) -> None:
    assert apply_mask_text(DOCUMENT, ".address,.address.city") == apply_mask_text(
        DOCUMENT, ".address.city"
    )


@pytest.mark.parametrize("keep", ["name", ",", " ", ".name,,.s", "$.name", ", .name", "\x1c.name"])
def test_paths_without_their_dot(which: str, keep: str) -> None:
    with pytest.raises(DataError, match=r"Path must start with '\.' but it's: "):
        apply_mask_text(DOCUMENT, keep)


def test_keep_lists() -> None:
    assert parse_keep("") == []
    assert parse_keep(".a,") == [".a"]
    assert parse_keep("\u3000.a\u2003,\x1c.b") == [".a", "\x1c.b"]


def test_a_mask_normalizes_what_it_shows(which: str) -> None:
    masked = apply_mask({"a": {"x": "\u00e1"}, "b": ["\u00e1"]}, ".a")
    assert masked["a"] == {"x": "a\u0301"}
    assert apply_mask_text('{"a":{"x":"á"},"b":["á"]}'.encode(), ".a").decode() == encode_json(
        masked
    )


def test_deep_values_are_an_error_not_a_crash() -> None:
    value: object = {}
    for _ in range(50_000):
        value = [value]
    for function in (compute_content_id, encode_canonical):
        with pytest.raises(LimitError):
            function(value)
    with pytest.raises(LimitError):
        apply_mask({"a": value}, ".a")
    while isinstance(value, list):
        value = value[0]


@pytest.mark.parametrize("value", [{"a": b"x"}, [{1: 2}], ["\ud800"], [float("nan")]])
def test_values_json_does_not_have(value: object) -> None:
    with pytest.raises(DataError):
        compute_content_id(value)
    with pytest.raises(DataError):
        encode_canonical(value)


def test_nonces() -> None:
    random33 = bytes(range(33))
    assert encode_nonce(random33) == "uAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g"
    assert list(wrap_nonce(7, random33).items()) == [
        ("nonce", encode_nonce(random33)),
        ("value", 7),
    ]
    with pytest.raises(DataError):
        encode_nonce(bytes(32))


def test_choosing_a_kernel() -> None:
    assert kernel.choose("py") == "py"
    assert kernel.choose(None) in ("py", "c")
    with pytest.raises(ConfigError):
        kernel.choose("rust")


@pytest.mark.parametrize(
    "text",
    [
        b'{"a":1,"a":2}',
        b'[{"b":{"a":1,"\\u0061":1}}]',
        b"{" + b",".join(b'"%d":1' % (i % 20) for i in range(21)) + b"}",
    ],
)
def test_a_name_that_occurs_twice_counts_last_or_is_refused(text: bytes) -> None:
    assert compute_content_id_text(text) == compute_content_id(parse_json(text))
    with pytest.raises(DecodeError, match="occurs twice"):
        compute_content_id_text(text, unique_names=True)


def test_the_kernel_answers_only_where_no_name_occurs_twice() -> None:
    kernel = pytest.importorskip("iop_cext._codec")
    assert kernel.compute_content_id(b'{"a":1,"b":{"a":1}}') is not None
    assert kernel.compute_content_id(b'{"a":1,"b":{"c":1,"\\u0063":1}}') is None
    assert kernel.encode_canonical(b'{"a":1,"a":1}') is None
    assert kernel.apply_mask(b'{"a":1,"a":1}', b".a") is None
