"""The text of a query string, as browsers and the original server read and write it.

Reading is that of the URL standard's `application/x-www-form-urlencoded` parser, which refuses nothing: a plus sign is a space, a
bad escape stands for itself, bytes that are not UTF-8 become U+FFFD. Writing escapes as ECMA-262's `encodeURIComponent`.
"""

from __future__ import annotations

_KEPT = "-_.!~*'()"  # beside letters and digits


def parse_form(text: str) -> list[tuple[str, str]]:
    """Names and values of a query string without its question mark, in order."""
    pairs = []
    for part in text.split("&"):
        if part:
            name, _, given = part.partition("=")
            pairs.append((_decode(name), _decode(given)))
    return pairs


def group_form(pairs: list[tuple[str, str]]) -> dict[str, str | list[str]]:
    """Each name once, where it stood first; the value of a repeated one is the list of its values."""
    grouped: dict[str, str | list[str]] = {}
    for name, given in pairs:
        known = grouped.get(name)
        if known is None:
            grouped[name] = given
        elif isinstance(known, list):
            known.append(given)
        else:
            grouped[name] = [known, given]
    return grouped


def encode_form(members: dict[str, str]) -> str:
    """The query string of names and values."""
    from urllib.parse import quote

    return "&".join(f"{quote(n, safe=_KEPT)}={quote(v, safe=_KEPT)}" for n, v in members.items())


def _decode(text: str) -> str:
    text = text.replace("+", " ")
    if "%" not in text:
        return text
    head, *rest = text.split("%")
    out = bytearray(head.encode())
    for part in rest:
        digits = part[:2]
        is_escape = len(digits) == 2 and _HEX.issuperset(digits)
        out += bytes.fromhex(digits) + part[2:].encode() if is_escape else b"%" + part.encode()
    return out.decode(errors="replace")


_HEX = frozenset("0123456789abcdefABCDEF")
