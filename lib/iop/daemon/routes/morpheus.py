"""The registry's HTTP interface under /morpheus/v1 (morpheus ch. 12), as pure functions of a registry.

Every handler takes the view (what it may read), the path parameters and the parsed body, and gives a `Reply`. Errors of the
registry surface as the original's 500 answer; the caller turns them into it.
"""

from __future__ import annotations

import asyncio

from iop.codec.json import encode_json, encode_plain
from iop.daemon.http.description import (
    ANYTHING,
    BOOLEAN,
    HEX_ID,
    NATURAL,
    NULL,
    TEXT,
    describe,
    either,
    list_of,
    map_of,
    object_of,
    text_like,
)
from iop.daemon.http.height_text import parse_height, parse_height_or
from iop.daemon.http.payload import Foreign
from iop.daemon.http.reply import INTERNAL, Reply, encode, refuse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Generator, Iterator
    from typing import Protocol

    from iop.codec.json import Json
    from iop.daemon.http.router import Router
    from iop.did.registry import Registry

    class View(Protocol):
        """What the handlers read."""

        @property
        def registry(self) -> Registry:
            """The registry at the last block."""

        def find_asset(self, txid: str) -> Json:
            """The asset of a transaction that the registry has seen."""

    Params = dict[str, str]

PREFIX = "/morpheus/v1"
MAX_LIST = 16 * 2**20  # characters of a list of operations
ROWS_AT_ONCE = 500
_TOO_HIGH = 2**31  # heights from here on are negative in the original's signed 32 bits

_MAYBE_HEIGHT = either(NATURAL, NULL)
_MAYBE_TEXT = either(TEXT, NULL)
DID = text_like("^did:morpheus:", "did:morpheus:ezqztJ6XX6GDxdSgdiySiT3J")
# What ECMAScript's Number() makes of it counts: empty, not a number or 0 is "not given", and it is taken modulo 2^32.
HEIGHT = text_like("", "1")
_KEY = object_of(
    "DidKey",
    auth=TEXT,
    index=NATURAL,
    valid=BOOLEAN,
    validFromHeight=_MAYBE_HEIGHT,
    validUntilHeight=_MAYBE_HEIGHT,
)
_POINT = object_of(height=_MAYBE_HEIGHT, valid=BOOLEAN)
_RIGHT = object_of("DidRight", history=list_of(_POINT), keyLink=TEXT, valid=BOOLEAN)
DOCUMENT = object_of(
    "DidDocument",
    did=DID,
    keys=list_of(_KEY),
    rights=map_of(list_of(_RIGHT)),
    tombstoned=BOOLEAN,
    tombstonedAtHeight=_MAYBE_HEIGHT,
    queriedAtHeight=NATURAL,
)
_DID = {"did": DID}
_HEIGHTS = {"did": DID, "from": HEIGHT, "until": HEIGHT}
_PROOF = {"id": text_like("", "cju"), "height": HEIGHT}
_PLACES = list_of(object_of("DidTransaction", transactionId=HEX_ID, height=NATURAL))
_SIGNABLE = {
    "title": "DidOperation",
    "type": "object",
    "properties": {
        "operation": TEXT,
        "did": TEXT,
        "lastTxId": _MAYBE_TEXT,
        "auth": TEXT,
        "right": TEXT,
        "expiresAtHeight": _MAYBE_HEIGHT,
    },
    "required": ["operation", "did", "lastTxId"],
}
_OPERATIONS = list_of(
    object_of(
        "DidOperationEntry",
        transactionId=HEX_ID,
        blockHeight=NATURAL,
        data=_SIGNABLE,
        valid=BOOLEAN,
    )
)
ATTEMPTS = {
    "title": "OperationAttempts",
    "type": "array",
    "items": {"type": "object", "properties": {"operation": TEXT}, "required": ["operation"]},
    "examples": [[{"operation": "registerBeforeProof", "contentId": "cju"}]],
}
FAULTS = list_of(object_of("AttemptFault", invalidOperationAttempt=ANYTHING, message=TEXT))
_PROOF_HISTORY = object_of(
    "BeforeProofHistory",
    contentId=TEXT,
    existsFromHeight=_MAYBE_HEIGHT,
    txid=_MAYBE_TEXT,
    queriedAtHeight=NATURAL,
)


def register(router: Router) -> None:
    """Add the routes."""
    for method, path, handler in (
        ("GET", "/did/{did}/document/{height?}", get_document),
        ("GET", "/did/{did}/transactions/last", get_last_transaction),
        ("GET", "/did/{did}/transactions/{from}/{until?}", get_transactions),
        ("GET", "/did/{did}/transaction-attempts/{from}/{until?}", get_transaction_attempts),
        ("GET", "/did/{did}/operations/{from}/{until?}", get_operations),
        ("GET", "/did/{did}/operation-attempts/{from}/{until?}", get_operation_attempts),
        ("POST", "/check-transaction-validity", check_validity),
        ("GET", "/before-proof/{id}/exists/{height?}", get_proof_exists),
        ("GET", "/before-proof/{id}/history", get_proof_history),
        ("GET", "/txn-status/{txid}", get_status),
    ):
        router.add(method, PREFIX + path, handler)


@describe(DOCUMENT, params={"did": DID, "height": HEIGHT}, errors=(500,))
def get_document(view: View, params: Params, _body: Json) -> Reply:
    """The document of a DID at a height."""
    height = parse_height_or(params.get("height"), view.registry.last_height())
    if height >= _TOO_HIGH:
        return INTERNAL
    document = view.registry.document_at(params["did"], height)
    return Reply(200, encode_plain(document).encode())  # of our own making throughout


@describe(
    object_of("DidLastTransaction", transactionId=HEX_ID, height=NATURAL),
    params=_DID,
    errors=(404,),
)
def get_last_transaction(view: View, params: Params, _body: Json) -> Reply:
    """The newest confirmed transaction on a DID."""
    did = params["did"]
    found = view.registry.last_transaction(did)
    return encode(found) if found else refuse(404, f"DID {did} has no transactions yet")


@describe(_PLACES, params=_HEIGHTS, errors=(500,))
def get_transactions(view: View, params: Params, _body: Json) -> Reply:
    """Confirmed transactions on a DID, newest first."""
    return _history(view, params, attempts=False)


@describe(_PLACES, params=_HEIGHTS, errors=(500,))
def get_transaction_attempts(view: View, params: Params, _body: Json) -> Reply:
    """All transactions on a DID, the rejected ones too."""
    return _history(view, params, attempts=True)


@describe(_OPERATIONS, params=_HEIGHTS, errors=(422, 500))
def get_operations(view: View, params: Params, _body: Json) -> Reply | Awaitable[Reply]:
    """Operations of confirmed transactions on a DID, newest first."""
    return _operations(view, params, attempts=False)


@describe(_OPERATIONS, params=_HEIGHTS, errors=(422, 500))
def get_operation_attempts(view: View, params: Params, _body: Json) -> Reply | Awaitable[Reply]:
    """Operations of all transactions on a DID, newest first."""
    return _operations(view, params, attempts=True)


@describe(FAULTS, body=ATTEMPTS, errors=(500,))
def check_validity(view: View, _params: Params, body: Json | Foreign) -> Reply:
    """What would become of these attempts now."""
    if isinstance(body, Foreign):
        return INTERNAL
    return encode(view.registry.dry_run(body))


@describe(BOOLEAN, params=_PROOF, errors=(500,))
def get_proof_exists(view: View, params: Params, _body: Json) -> Reply:
    """Whether a content id was registered at a height or before."""
    height = parse_height(params.get("height"))
    if height is not None and height >= _TOO_HIGH:
        return INTERNAL
    return encode(view.registry.before_proof_exists_at(params["id"], height))


@describe(_PROOF_HISTORY, params=_PROOF)
def get_proof_history(view: View, params: Params, _body: Json) -> Reply:
    """When and by which transaction a content id was registered."""
    return encode(view.registry.before_proof_history(params["id"]))


@describe(BOOLEAN, params={"txid": TEXT}, errors=(404,))
def get_status(view: View, params: Params, _body: Json) -> Reply:
    """Whether a transaction was confirmed or rejected."""
    txid = params["txid"]
    status = view.registry.is_confirmed(txid)
    if status is None:
        return refuse(404, f"Transaction {txid} is not processed by morpheus (yet)")
    return encode(status)


def _range(params: Params) -> tuple[int, int | None] | None:
    """Both ends of a range, None when the original answers 500. The lower end is not range checked there."""
    start, end = parse_height(params.get("from")), parse_height(params.get("until"))
    if start is None or (end is not None and end >= _TOO_HIGH):
        return None
    return start, end


def _history(view: View, params: Params, *, attempts: bool) -> Reply:
    ends = _range(params)
    if ends is None:
        return INTERNAL
    return encode(view.registry.transaction_history(params["did"], attempts, *ends))


def _operations(view: View, params: Params, *, attempts: bool) -> Reply | Awaitable[Reply]:
    ends = _range(params)
    if ends is None:
        return INTERNAL
    did = params["did"]
    work = _write(view.registry.walk_operations(did, attempts, *ends, view.find_asset))
    try:
        next(work)
    except StopIteration as done:
        reply: Reply = done.value
        return reply
    return _go_on(work)


def _write(found: Iterator[list[Json]]) -> Generator[None, None, Reply]:
    """The list of all rows, as JSON; pauses after every so many."""
    texts: list[str] = []
    size = told = 0
    for rows in found:
        texts += [encode_json(row) for row in rows]
        size += sum(map(len, texts[len(texts) - len(rows) :]))
        if size > MAX_LIST:
            return refuse(422, f"more than {MAX_LIST} characters, ask for fewer heights")
        if len(texts) - told >= ROWS_AT_ONCE:
            told = len(texts)
            yield
    return Reply(200, f"[{','.join(texts)}]".encode())


async def _go_on(work: Generator[None, None, Reply]) -> Reply:
    """A long list, in turn with other work: anybody may have filed it under anybody's DID."""
    while True:
        await asyncio.sleep(0)
        try:
            next(work)
        except StopIteration as done:
            reply: Reply = done.value
            return reply
