"""The router: literals before parameters, optional ends, dot segments, escapes."""

import pytest

from iop.daemon.http.router import Router, decode_segment, resolve_dots
from iop.errors import DecodeError


@pytest.fixture
def router():
    made = Router()
    for template in (
        "/a/{id}/doc/{h?}",
        "/a/{id}/list/last",
        "/a/{id}/list/{from}/{until?}",
        "/status",
    ):
        made.add("GET", template, template)
    made.add("POST", "/status", "post")
    return made


@pytest.mark.parametrize(
    ("path", "handler", "params"),
    [
        ("/a/x/doc", "/a/{id}/doc/{h?}", {"id": "x"}),
        ("/a/x/doc/", "/a/{id}/doc/{h?}", {"id": "x"}),
        ("/a/x/doc/5", "/a/{id}/doc/{h?}", {"id": "x", "h": "5"}),
        ("/a/x/list/last", "/a/{id}/list/last", {"id": "x"}),
        ("/a/x/list/7", "/a/{id}/list/{from}/{until?}", {"id": "x", "from": "7"}),
        ("/a/x/list/7/", "/a/{id}/list/{from}/{until?}", {"id": "x", "from": "7"}),
        ("/a/x/list/7/9", "/a/{id}/list/{from}/{until?}", {"id": "x", "from": "7", "until": "9"}),
        (
            "/a/x/list/last/9",
            "/a/{id}/list/{from}/{until?}",
            {"id": "x", "from": "last", "until": "9"},
        ),
        ("/a/x%20%C3%A9%2Fy/doc", "/a/{id}/doc/{h?}", {"id": "x é/y"}),
        ("/b/../a/x/./doc", "/a/{id}/doc/{h?}", {"id": "x"}),
        ("/%61/x/d%6fc", "/a/{id}/doc/{h?}", {"id": "x"}),
        ("/status", "/status", {}),
    ],
)
def test_found(router, path, handler, params):
    match = router.find("GET", path)
    assert (match.handler, match.params) == (handler, params)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "/a",
        "/a/",
        "/a//doc",
        "/a/x",
        "/a/x/Doc",
        "/A/x/doc",
        "/a/x/doc//",
        "/a/x/doc/5/",
        "/a/x/doc/5/6",
        "/a/x/list",
        "/a/x/list/",
        "/a/x/list//9",
        "/status/",
        "//status",
        "/a/x/doc/..",
        "/../../etc/passwd",
        "/status%2f",
        "/status%00",
    ],
)
def test_not_found(router, path):
    assert router.find("GET", path) is None


def test_methods(router):
    assert router.find("POST", "/status").handler == "post"
    assert router.find("HEAD", "/status").handler == "/status"
    assert router.find("PUT", "/status") is None


@pytest.mark.parametrize("segment", ["%", "%4", "%zz", "a%+1", "%C3", "%ff", "%ED%A0%80", "%1"])
def test_bad_escapes(segment):
    with pytest.raises(DecodeError):
        decode_segment(segment)


def test_escape_is_two_hex_digits_only():
    assert decode_segment("%200") == " 0"
    with pytest.raises(DecodeError):
        decode_segment("% 20")


@pytest.mark.parametrize(
    ("path", "segments"),
    [
        ("/a/b", ["a", "b"]),
        ("/a/b/", ["a", "b", ""]),
        ("/a/./b", ["a", "b"]),
        ("/a/.", ["a", ""]),
        ("/a/..", [""]),
        ("/a/%2e%2E/b", ["b"]),
        ("/../a", ["a"]),
        ("/a\\b", ["a", "b"]),
        ("/.a/..b/...", [".a", "..b", "..."]),
    ],
)
def test_dots(path, segments):
    assert resolve_dots(path) == segments
