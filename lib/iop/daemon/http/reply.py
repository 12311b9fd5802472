"""Answers of the HTTP interface, and the error bodies of the original server (morpheus ch. 12, 13)."""

from __future__ import annotations

from iop.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from iop.codec.json import Json

JSON_TYPE = b"application/json; charset=utf-8"
TEXT_TYPE = b"text/plain; charset=utf-8"
EVENTS_TYPE = b"text/event-stream"

_REASONS = {
    400: "Bad Request",
    404: "Not Found",
    408: "Request Time-out",
    413: "Request Entity Too Large",
    422: "Unprocessable Entity",
    429: "Too Many Requests",
    431: "Request Header Fields Too Large",
    500: "Internal Server Error",
    503: "Service Unavailable",
}


@value
class Reply:
    """Status, body and content type of one answer."""

    status: int
    body: bytes
    kind: bytes = JSON_TYPE

    @property
    def reason(self) -> str:
        """The reason phrase of a refusal."""
        return _REASONS[self.status]


@value
class Stream:
    """A good answer that comes in parts and may go on for ever."""

    parts: AsyncIterator[bytes]
    kind: bytes = EVENTS_TYPE


def encode(answer: Json, status: int = 200) -> Reply:
    """A JSON answer."""
    from iop.codec.json import encode_json

    return Reply(status, encode_json(answer).encode())


def refuse(status: int, message: str = "") -> Reply:
    """An error answer in the original's shape; without a message the reason phrase stands in."""
    reason = _REASONS[status]
    return encode({"statusCode": status, "error": reason, "message": message or reason}, status)


NOT_FOUND = refuse(404)
INTERNAL = refuse(500, "An internal server error occurred")
BAD_PATH = refuse(400)
