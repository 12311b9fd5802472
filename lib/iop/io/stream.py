"""Record streams in: JSON texts one after another, or a CBOR sequence (RFC 8742), one record at a time.

A JSON record usually is one line, and that is the fast way; a record that goes on over several lines is taken as a whole.
Memory holds one record and one read buffer, however long the stream is.
"""

from __future__ import annotations

import os

from iop.errors import DecodeError, HostError, LimitError, MissingError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from iop.codec.json import Json

BUFFER = 1 << 18  # bytes, one read
MAX_RECORD = (
    16 << 20
)  # bytes, one record; small numbers in it take sixty times as much memory once parsed
_SPACE = b" \t\r\n"
_CLOSINGS = (b"}", b"]")


class Item:
    """One record as it came: `number` counts from 1, `line` is its first line (JSON) or 0 (CBOR)."""

    __slots__ = ("_text", "_value", "line", "number")

    def __init__(self, number: int, line: int, text: bytes | None, value: Json = None) -> None:
        self.number = number
        self.line = line
        self._text = text
        self._value = value

    @property
    def value(self) -> Json:
        """The record as a JSON value, parsed when first asked for; CBOR is brought into that model. Raises DataError."""
        if self._text is None:
            from iop.codec.conversion import check_json

            return check_json(self._value)
        if self._value is None:
            from iop.codec.json import parse_json

            self._value = parse_json(self._text)
        return self._value

    @property
    def native(self) -> Any:
        """The record as it was decoded: a CBOR value keeps its byte strings and tags."""
        return self._value if self._text is None else self.value

    @property
    def strict_value(self) -> Json:
        """The record; a member that occurs twice in one object makes it a DecodeError, since readers differ in which counts."""
        if self._text is None:
            return self.value  # the CBOR reader refuses them already
        from iop.codec.json import parse_json

        return parse_json(self._text, unique_names=True)

    @property
    def text(self) -> bytes:
        """The record as JSON text: as it came, or written anew when it came as CBOR."""
        if self._text is None:
            from iop.codec.json import encode_json

            self._text = encode_json(self.value).encode()
        return self._text


def open_input(path: bytes | str | None) -> int:
    """A descriptor to read from: a file's, or 0 for None and `-`. Raises MissingError or HostError."""
    if path in (None, "-", b"-"):
        return 0
    assert path is not None
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError as exc:
        raise MissingError(f"no such file: {os.fsdecode(path)}") from exc
    except OSError as exc:
        raise HostError(f"{os.fsdecode(path)}: {exc.strerror}") from exc
    if os.path.isdir(fd):
        os.close(fd)
        raise HostError(f"{os.fsdecode(path)}: is a directory")
    return fd


def read_chunk(fd: int) -> bytes:
    """Up to BUFFER bytes, empty at the end."""
    try:
        return os.read(fd, BUFFER)
    except OSError as exc:
        raise HostError(f"cannot read input: {exc.strerror}") from exc


def read_all(fd: int, limit: int = 1 << 30) -> bytes:
    """Everything up to the end. Raises LimitError past `limit` bytes."""
    parts = []
    size = 0
    while chunk := read_chunk(fd):
        size += len(chunk)
        if size > limit:
            raise LimitError(f"input is larger than {limit} bytes")
        parts.append(chunk)
    return b"".join(parts)


def read_items(fd: int, form: str = "auto", limit: int = MAX_RECORD) -> Iterator[Item]:
    """The records of a stream. `form` is auto, json or cbor; auto decides by the first byte. `limit`: bytes of one record."""
    chunk = read_chunk(fd)
    if form == "auto":
        head = chunk.lstrip(_SPACE)[:1]
        form = "cbor" if chunk[:1] >= b"\x80" and head == chunk[:1] else "json"
    return (_read_cbor if form == "cbor" else _read_json)(fd, chunk, limit)


def _read_json(fd: int, chunk: bytes, limit: int) -> Iterator[Item]:
    number = 0
    line = 1  # of the first byte not yet given out
    parts: list[bytes] = []  # an unfinished line
    size = 0
    held = _Held(limit)
    while chunk:
        end = chunk.rfind(b"\n")
        if end < 0:
            parts.append(chunk)
            size += len(chunk)
            if size + held.size > limit:
                raise LimitError(f"record is larger than {limit} bytes", line=line)
        else:
            block = b"".join((*parts, chunk[:end]))
            for text in block.split(b"\n"):
                for start, record in held.feed(text, line):
                    number += 1
                    yield Item(number, start, record)
                line += 1
            rest = chunk[end + 1 :]
            parts = [rest] if rest else []
            size = len(rest)
        chunk = read_chunk(fd)
    last = list(held.feed(b"".join(parts), line)) + list(held.finish())
    for start, record in last:
        number += 1
        yield Item(number, start, record)


class _Held:
    """Joins lines to records: a line that looks whole is one; otherwise brackets are counted until they close.

    A broken record must not swallow its followers: it ends where a string runs over the line, and before a whole
    object that starts in the first column, unless the record was opened by a bracket alone on its line.
    """

    def __init__(self, limit: int) -> None:
        self.size = 0
        self._limit = limit
        self._lines: list[bytes] = []
        self._start = 0
        self._depth = 0

    def feed(self, text: bytes, line: int) -> Iterator[tuple[int, bytes]]:
        bare = text.strip(_SPACE)
        whole = bare[-1:] in _CLOSINGS and _count_depth(bare)[0] == 0
        if self._lines and whole and text[:1] == b"{" and len(self._lines[0].strip(_SPACE)) > 1:
            yield from self.finish()
        if not self._lines:
            if not bare:
                return
            if whole:
                yield line, bare
                return
            self._start = line
        self._lines.append(text)
        self.size += len(text) + 1
        if self.size > self._limit:
            raise LimitError(f"record is larger than {self._limit} bytes", line=self._start)
        depth, quoted = _count_depth(text)
        self._depth += depth
        if quoted or self._depth <= 0:
            yield from self.finish()

    def finish(self) -> Iterator[tuple[int, bytes]]:
        if self._lines:
            record = b"\n".join(self._lines)
            self._lines = []
            self._depth = self.size = 0
            yield self._start, record


def _count_depth(text: bytes) -> tuple[int, bool]:
    """Opening less closing brackets outside strings, and whether a string is left open."""
    if b'"' in text:
        if b"\\" in text:
            text = text.replace(b"\\\\", b"").replace(b'\\"', b"")
        parts = text.split(b'"')
        quoted = len(parts) % 2 == 0
        text = b"".join(parts[::2])
    else:
        quoted = False
    return (
        text.count(b"{") + text.count(b"[") - text.count(b"}") - text.count(b"]"),
        quoted,
    )


def _read_cbor(fd: int, chunk: bytes, limit: int) -> Iterator[Item]:
    from iop.codec.cbor import Incomplete, parse_cbor_item

    number = 0
    data = chunk
    offset = 0
    want = 0
    while True:
        if offset < len(data) and len(data) - offset >= want:
            try:
                value, offset = parse_cbor_item(data, offset)
            except Incomplete:
                have = len(data) - offset
                # A small record is tried again at every byte that comes; a large one only when twice as much is there.
                want = have + 1 if have < 1 << 20 else 2 * have
                if have > limit:
                    raise LimitError(f"record is larger than {limit} bytes") from None
            else:
                number += 1
                want = 0
                yield Item(number, 0, None, value)
                continue
        chunk = read_chunk(fd)
        if not chunk:
            break
        data = data[offset:] + chunk
        offset = 0
    if offset < len(data):
        try:
            while offset < len(data):
                value, offset = parse_cbor_item(data, offset)
                number += 1
                yield Item(number, 0, None, value)
        except Incomplete as exc:
            raise DecodeError(f"input ends inside record {number + 1}") from exc
