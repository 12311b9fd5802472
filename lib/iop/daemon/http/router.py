"""Paths to handlers: an exact router with the original server's manners.

A template is a path of literals, `{name}` (one non-empty segment) and, at the end, `{name?}` (also empty or absent). A literal
wins over a parameter. Dot segments are resolved and segments percent-decoded before matching; everything else is exact: case,
trailing slashes, empty segments.
"""

from __future__ import annotations

from iop.errors import DecodeError
from iop.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Handler = Callable[..., Any]


class Params(dict[str, str]):
    """The parameters of a path, decoded; beside them `path`, resolved but not decoded, `query` and `last_event` as the request has them."""

    __slots__ = ("last_event", "path", "query")
    path: str
    query: str
    last_event: str

    def __init__(self, path: str = "", query: str = "") -> None:
        super().__init__()
        self.path, self.query, self.last_event = path, query, ""


@value
class Match:
    """What a path leads to."""

    handler: Handler
    params: Params


class _Node:
    __slots__ = ("handlers", "literals", "name", "param")

    def __init__(self) -> None:
        self.literals: dict[str, _Node] = {}
        self.param: _Node | None = None
        self.name = ""
        self.handlers: dict[str, Handler] = {}


class Router:
    """Templates, each with a method. HEAD is answered by GET's handler."""

    def __init__(self) -> None:
        self._root = _Node()
        self.routes: list[
            tuple[str, str, Handler]
        ] = []  # method, template, handler, as they were added

    def add(self, method: str, template: str, handler: Handler) -> None:
        """Register one route."""
        self.routes.append((method, template, handler))
        node = self._root
        for segment in template.split("/")[1:]:
            if segment[-2:] == "?}":
                node.handlers[method] = handler  # the last segment left out
                node = self._param(node, segment[1:-2])
                node.name = f"{node.name}?"
            elif segment[:1] == "{":
                node = self._param(node, segment[1:-1])
            else:
                node = node.literals.setdefault(segment, _Node())
        node.handlers[method] = handler

    def find(self, method: str, path: str) -> Match | None:
        """The handler for a raw (still percent-encoded) path, None when there is none. Raises DecodeError."""
        raw = resolve_dots(path)
        segments = [decode_segment(segment) for segment in raw] if "%" in path else raw
        params = Params("/" + "/".join(raw))
        handler = self._descend(
            self._root, segments, 0, "GET" if method == "HEAD" else method, params
        )
        return None if handler is None else Match(handler, params)

    def _descend(
        self, node: _Node, segments: list[str], depth: int, method: str, params: dict[str, str]
    ) -> Handler | None:
        if depth == len(segments):
            return node.handlers.get(method)
        segment = segments[depth]
        literal = node.literals.get(segment)
        if literal is not None:
            found = self._descend(literal, segments, depth + 1, method, params)
            if found is not None:
                return found
        if node.param is None:
            return None
        optional = node.param.name[-1:] == "?"
        if not segment and not (optional and depth == len(segments) - 1):
            return None
        found = self._descend(node.param, segments, depth + 1, method, params)
        if found is not None and segment:
            params[node.param.name.rstrip("?")] = segment
        return found

    @staticmethod
    def _param(node: _Node, name: str) -> _Node:
        if node.param is None:
            node.param = _Node()
            node.param.name = name
        return node.param


def resolve_dots(path: str) -> list[str]:
    """Segments of a path with `.` and `..` resolved, as the URL standard does; a backslash counts as a slash."""
    if "/." not in path and "%2" not in path and "\\" not in path:
        return path.split("/")[1:]  # what nearly all paths are
    segments: list[str] = []
    parts = path.replace("\\", "/").split("/")[1:]
    for index, part in enumerate(parts):
        plain = part.replace("%2e", ".").replace("%2E", ".") if "%" in part else part
        if plain not in (".", ".."):
            segments.append(part)
            continue
        if plain == ".." and segments:
            segments.pop()
        if index == len(parts) - 1:
            segments.append("")
    return segments


def decode_segment(segment: str) -> str:
    """One segment percent-decoded (ECMA-262 19.2.6.2). Raises DecodeError for a bad escape or bytes that are not UTF-8."""
    if "%" not in segment:
        return segment
    head, *rest = segment.split("%")
    out = [head.encode()]
    for part in rest:
        try:
            code = bytes.fromhex(part[:2])
        except ValueError:
            code = b""
        if len(code) != 1:
            raise DecodeError(f"bad percent escape in {segment!r}")
        out += [code, part[2:].encode()]
    try:
        return b"".join(out).decode()
    except UnicodeDecodeError as exc:
        raise DecodeError(f"{segment!r} is not UTF-8") from exc
