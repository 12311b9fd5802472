"""The `format` keyword of schemas: the formats that the original checks, by name (morpheus 18).

Unknown formats are satisfied by everything, as in the original. Hosts with characters beyond ASCII are taken as they stand instead of
being looked up in the tables of international domain names, which change from year to year.
"""

from __future__ import annotations

from iop.codec.expression import parse_expression
from iop.errors import DataError
from iop.ledger.coeus_schema.pattern import RUST

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_DIGITS = frozenset("0123456789")
_HEX = frozenset("0123456789abcdefABCDEF")
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_SCHEME = _LETTERS | _DIGITS | frozenset("+-.")
_LOCAL = _LETTERS | _DIGITS | frozenset("!#$%&'*+/=?^_`{|}~-.")
_SPECIAL = frozenset(("http", "https", "ws", "wss", "ftp"))
_BLANK = "".join([chr(code) for code in range(33)])  # C0 controls and space
_HOST_BAD = frozenset(_BLANK + "#/:<>?@[\\]^|")
_DOMAIN_BAD = _HOST_BAD | frozenset("%\x7f")
_DOMAIN_LIMIT = 255
_LABELS_LIMIT = 127
_MONTH_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def is_date(text: str) -> bool:
    """`2020-02-29`."""
    if len(text) != 10 or text[4] != "-" or text[7] != "-":
        return False
    parts = [_read_number(part) for part in (text[:4], text[5:7], text[8:])]
    year, month, day = parts
    if year < 0 or not 1 <= month <= 12 or not 1 <= day <= _MONTH_DAYS[month - 1]:
        return False
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return leap or (month, day) != (2, 29)


def is_date_time(text: str) -> bool:
    """RFC 3339: `2020-02-29T23:59:60.5Z`; a leap second is taken at any minute."""
    if len(text) < 20 or not is_date(text[:10]) or text[10] not in "Tt":
        return False
    clock, zone = text[11:19], text[19:]
    if clock[2] != ":" or clock[5] != ":" or not _is_clock(clock.split(":"), 2):
        return False
    if zone.startswith("."):
        rest = zone[1:].lstrip("0123456789")
        if len(rest) == len(zone) - 1:
            return False
        zone = rest
    if zone in ("Z", "z"):
        return True
    if len(zone) != 6 or zone[0] not in "+-" or zone[3] != ":":
        return False
    return 0 <= _read_number(zone[1:3]) < 24 and 0 <= _read_number(zone[4:]) < 60


def is_time(text: str) -> bool:
    """`23:59:59.125`: hours, minutes and seconds of one or two digits, no zone."""
    whole, point, fraction = text.partition(".")
    if point and not (fraction and _DIGITS.issuperset(fraction)):
        return False
    parts = whole.split(":")
    return len(parts) == 3 and _is_clock(parts, 1)


def is_hostname(text: str) -> bool:
    """Labels of letters, digits and inner hyphens; the last is not a number; a dot may end it."""
    if not text or len(text) > _DOMAIN_LIMIT or text.startswith("."):
        return False
    labels = text.removesuffix(".").split(".")
    if len(labels) > _LABELS_LIMIT or _is_number(labels[-1]):
        return False
    return all(_is_label(label) for label in labels)


def is_email(text: str) -> bool:
    """A local part of dotted atoms, or in quotes, and a host name or an address in brackets."""
    local, at, domain = text.rpartition("@")
    if not at or not local or len(local) > _DOMAIN_LIMIT:
        return False
    if len(local) > 1 and local[0] == local[-1] == '"':
        if '"' in local[1:-1].replace('\\"', ""):
            return False
    elif not all(char in _LOCAL or not char.isascii() for char in local) or "" in local.split("."):
        return False
    if domain.startswith("[") and domain.endswith("]"):
        return is_ipv4(domain[1:-1]) or is_ipv6(domain[1:-1].removeprefix("IPv6:"))
    return is_hostname(domain)


def is_ipv4(text: str) -> bool:
    """Four numbers of 0 to 255 without leading zeros."""
    parts = text.split(".", 4)
    return len(parts) == 4 and all(_is_octet(part) for part in parts)


def is_ipv6(text: str) -> bool:
    """Eight groups of up to four hexadecimal digits, one run of zeros left out, an IPv4 tail allowed; no zone."""
    if len(text) > 45:
        return False
    head, gap, tail = text.partition("::")
    if gap and "::" in tail:
        return False
    front = head.split(":") if head else []
    back = tail.split(":") if tail else []
    groups = front + back
    size = len(groups)
    if groups and "." in groups[-1] and (back or not gap):
        if not is_ipv4(groups.pop()):
            return False
        size += 1
    if not all(0 < len(group) <= 4 and _HEX.issuperset(group) for group in groups):
        return False
    return size <= 7 if gap else size == 8


def is_url(text: str) -> bool:
    """An absolute URL as browsers read one (WHATWG URL): a scheme, and a host where the scheme needs one."""
    text = _strip_url(text)
    scheme, colon, rest = text.partition(":")
    if not (colon and scheme and scheme[0] in _LETTERS and _SCHEME.issuperset(scheme)):
        return False
    scheme = scheme.lower()
    if scheme in _SPECIAL:
        return _is_authority(rest.lstrip("/\\"), special=True)
    if scheme == "file":
        rest = rest.replace("\\", "/")
        return not rest.startswith("//") or _is_file_host(rest[2:])
    return not rest.startswith("//") or _is_authority(rest[2:], special=False)


def is_url_reference(text: str) -> bool:
    """A URL, or a reference to be joined with one of the scheme `http`."""
    text = _strip_url(text)
    scheme, colon, rest = text.partition(":")
    if colon and scheme and scheme[0] in _LETTERS and _SCHEME.issuperset(scheme):
        if scheme.lower() == "http" and not rest.startswith(("/", "\\")):
            return True
        return is_url(text)
    if text[:1] in ("/", "\\") and text[1:2] in ("/", "\\"):
        return _is_authority(text.lstrip("/\\"), special=True)
    return True


def is_pointer(text: str) -> bool:
    """A JSON pointer (RFC 6901), or one as a URL fragment; relative pointers are judged by the same rule."""
    body = text.removeprefix("#")
    if body and not body.startswith("/"):
        return False
    return all(part[:1] in ("0", "1") for part in body.split("~")[1:])


def is_regex(text: str) -> bool:
    """A pattern; `\\/` stands for `/`."""
    try:
        parse_expression(text.replace("\\/", "/"), RUST)
    except DataError:
        return False
    return True


def is_uuid(text: str) -> bool:
    """32 hexadecimal digits, plain or in groups of 8, 4, 4, 4 and 12, with or without `urn:uuid:`."""
    body = text.removeprefix("urn:uuid:")
    if len(body) == 36:
        groups = body.split("-")
        if [len(group) for group in groups] != [8, 4, 4, 4, 12]:
            return False
        body = "".join(groups)
    return len(body) == 32 and _HEX.issuperset(body)


FORMATS: dict[str, Callable[[str], bool]] = {
    "date": is_date,
    "date-time": is_date_time,
    "email": is_email,
    "hostname": is_hostname,
    "idn-email": is_email,
    "idn-hostname": is_hostname,
    "ipv4": is_ipv4,
    "ipv6": is_ipv6,
    "iri": is_url,
    "iri-reference": is_url_reference,
    "json-pointer": is_pointer,
    "regex": is_regex,
    "relative-json-pointer": is_pointer,
    "time": is_time,
    "uri": is_url,
    "uri-reference": is_url_reference,
    "uuid": is_uuid,
}


def _read_number(digits: str) -> int:
    return int(digits) if _DIGITS.issuperset(digits) else -1


def _is_clock(parts: list[str], least: int) -> bool:
    if not all(least <= len(part) <= 2 and _DIGITS.issuperset(part) for part in parts):
        return False
    hours, minutes, seconds = map(int, parts)
    return hours < 24 and minutes < 60 and seconds <= 60


def _is_octet(part: str) -> bool:
    if not (0 < len(part) <= 3 and _DIGITS.issuperset(part)):
        return False
    return int(part) < 256 and (part == "0" or part[0] != "0")


def _is_label(label: str) -> bool:
    if not label or label[0] == "-" or label[-1] == "-":
        return False
    return all(
        char in _LETTERS or char in _DIGITS or char == "-" or char > "\x7f" for char in label
    )


def _is_number(label: str) -> bool:
    try:
        float(label)
    except ValueError:
        return False
    return "_" not in label


def _strip_url(text: str) -> str:
    text = text.strip(_BLANK)
    for char in "\t\n\r":
        text = text.replace(char, "")
    return text


def _is_authority(text: str, *, special: bool) -> bool:
    """User, host and port up to the path. `special`: the schemes of the web, whose host is a domain and must be there."""
    for end in "/?#\\" if special else "/?#":
        text = text.partition(end)[0]
    user, at, place = text.rpartition("@")
    if place.startswith("["):
        host, closed, port = place[1:].partition("]")
        if not closed or not is_ipv6(host) or (port and not port.startswith(":")):
            return False
        port = port[1:]
    else:
        host, colon, port = place.partition(":")
        if not host:
            return not special and not (at or user or colon)
        if special and not _is_domain(host):
            return False
        if not special and not _HOST_BAD.isdisjoint(host):
            return False
    digits = port.lstrip("0")
    return _DIGITS.issuperset(port) and len(digits) <= 5 and int(digits or "0") <= 0xFFFF


def _is_file_host(text: str) -> bool:
    host = text
    for end in "/?#":
        host = host.partition(end)[0]
    if host.startswith("["):
        return host.endswith("]") and is_ipv6(host[1:-1])
    return not host or _is_domain(host)


def _is_domain(host: str) -> bool:
    """A host of the web: percent-decoded, without forbidden characters, an IPv4 address if its last label is a number."""
    plain = _decode_percent(host)
    if not plain or not _DOMAIN_BAD.isdisjoint(plain):
        return False
    labels = plain.removesuffix(".").split(".")
    last = labels[-1].lower()
    if not last or not (
        _DIGITS.issuperset(last) or (last[:2] == "0x" and _HEX.issuperset(last[2:]))
    ):
        return True
    numbers = [_read_ipv4_part(label.lower()) for label in labels[-5:]]
    if len(labels) > 4 or min(numbers) < 0 or max([0, *numbers[:-1]]) > 255:
        return False
    return numbers[-1] < 1 << 8 * (5 - len(numbers))


def _read_ipv4_part(label: str) -> int:
    """A number in the three notations of old; −1 for anything else, and for what is larger than any address."""
    base, digits, allowed = 10, label, _DIGITS
    if label.startswith("0x"):
        base, digits, allowed = 16, label[2:], _HEX
    elif len(label) > 1 and label[0] == "0":
        base, digits, allowed = 8, label[1:], frozenset("01234567")
    if not label or not allowed.issuperset(digits):
        return -1
    digits = digits.lstrip("0")
    return int(digits or "0", base) if len(digits) <= 11 else 1 << 40


def _decode_percent(text: str) -> str:
    head, *parts = text.split("%")
    out = [head.encode("utf-8", "replace")]
    for part in parts:
        if len(part) >= 2 and _HEX.issuperset(part[:2]):
            out.append(bytes([int(part[:2], 16)]) + part[2:].encode("utf-8", "replace"))
        else:
            out.append(b"%" + part.encode("utf-8", "replace"))
    return b"".join(out).decode("utf-8", "replace")
