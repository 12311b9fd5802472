"""Runs the recorded HTTP transcripts of the original node against our handlers, without a socket.

`registry_http`, `coeus_http`: steps feed blocks or are request and response; status, content type and body (as JSON value) must be
equal. The two lists that have no order in the original (`children`, the members of `rights`) are compared without it.
"""

from __future__ import annotations

from iop.codec.json import encode_json, parse_json
from iop.conform.case import Case, compare
from iop.daemon.http.dispatch import Interface, Request
from iop.daemon.http.reply import Reply
from iop.daemon.http.router import Router
from iop.daemon.routes import morpheus as morpheus_routes
from iop.did.registry import Registry
from iop.errors import DataError, IopError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from iop.codec.json import Json

    Document = dict[str, Any]


class RegistryView:
    """A registry and the assets it was fed."""

    def __init__(self) -> None:
        self.registry = Registry()
        self._assets: dict[str, Json] = {}

    def find_asset(self, txid: str) -> Json:
        """The asset of a transaction that was fed."""
        return self._assets[txid]

    def feed(self, height: int, transactions: list[Document]) -> None:
        """One block; what the registry refuses is recorded there and no matter here."""
        self.registry.apply_block(height)
        for transaction in transactions:
            self._assets[transaction["id"]] = transaction["asset"]
            try:
                self.registry.apply_transaction(transaction["id"], transaction["asset"])
            except IopError:
                continue


def run_registry_http(document: Document) -> Iterator[Case]:
    """Every request of every session."""
    router = Router()
    morpheus_routes.register(router)
    for session in document["sessions"]:
        view = RegistryView()
        interface = Interface(router, view)
        for number, step in enumerate(session["steps"]):
            if "block" in step:
                view.feed(step["block"], step["transactions"])
                continue
            label = f"sessions[{session['name']}][{number}] {_name(step)}"
            yield compare_exchange(label, interface, step)


def compare_exchange(label: str, interface: Interface, step: Document) -> Case:
    """The case of one recorded request and response."""
    request = to_request(step["request"])
    reply = interface.answer(request)
    if not isinstance(reply, Reply):
        return Case(label, False, "no answer without a server")
    expected = step["response"]
    got = (reply.status, reply.kind.decode(), arrange(parse_json(reply.body)))
    wanted = (
        expected["status"],
        expected["content_type"],
        arrange(parse_json(expected["body"])),
    )
    case = compare(label, got, wanted)
    return case if not case.ok or is_same(got, wanted) else Case(label, False, "true is not 1")


def is_same(one: Json, other: Json) -> bool:
    """Equality of JSON values that tells true from 1."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(is_same(one[name], other[name]) for name in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        pairs = zip(one, other, strict=False)
        return len(one) == len(other) and all(is_same(a, b) for a, b in pairs)
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)


def to_request(record: Document) -> Request:
    """The request of a recorded one: a body that is text goes as it is, any other as JSON. Raises DataError for an odd record."""
    unknown = set(record) - {"method", "path", "headers", "body", "content_type", "accept"}
    if unknown:
        raise DataError(f"request has unknown members {sorted(unknown)}")
    headers = {name.lower(): text for name, text in record.get("headers", {}).items()}
    body = record.get("body", "")
    return Request(
        record["method"],
        record["path"].partition("?")[0],
        headers.get("content-type", str(record.get("content_type", ""))),
        headers.get("content-encoding", ""),
        (body if isinstance(body, str) else encode_json(body)).encode(),
    )


def arrange(item: Json) -> Json:
    """A JSON value with the lists that have no order put into one."""
    if isinstance(item, dict):
        return {
            name: sorted(member) if name == "children" and _are_texts(member) else arrange(member)
            for name, member in item.items()
        }
    return [arrange(member) for member in item] if isinstance(item, list) else item


def _are_texts(item: Json) -> bool:
    return isinstance(item, list) and all(isinstance(member, str) for member in item)


def _name(step: Document) -> str:
    return f"{step['request']['method']} {step['request']['path']}"[:120]
