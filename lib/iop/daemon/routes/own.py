"""What our nodes tell beyond the original's interfaces, under /iop/v1; handlers as in `iop.daemon.routes.morpheus`."""

from __future__ import annotations

from iop.daemon.http.description import HEX_ID, TEXT, describe, record_of
from iop.daemon.http.height_text import parse_height_or
from iop.daemon.http.payload import Foreign
from iop.daemon.http.reply import Reply, encode, refuse
from iop.daemon.routes.morpheus import ATTEMPTS, DID, DOCUMENT, FAULTS, HEIGHT
from iop.errors import DataError, DecodeError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    from iop.codec.json import Json
    from iop.daemon.http.router import Router
    from iop.daemon.ledger.rejections import Rejections
    from iop.did.registry import Registry

    class View(Protocol):
        """What the handlers read."""

        rejections: Rejections

        @property
        def registry(self) -> Registry:
            """The registry at the last block."""

    Params = dict[str, str]

PREFIX = "/iop/v1"
_HEX = frozenset("0123456789abcdef")


def register(router: Router) -> None:
    """Add the routes."""
    router.add("GET", PREFIX + "/rejection/{txid}", get_rejection)
    router.add("POST", PREFIX + "/check", check_next)
    router.add("GET", PREFIX + "/did/{did}/document/{height}", get_document_then)


@describe(record_of("rejection", id=HEX_ID, reason=TEXT), params={"txid": HEX_ID}, errors=(404,))
def get_rejection(view: View, params: Params, _body: Json) -> Reply:
    """Why layer 2 rejected a transaction."""
    txid = params["txid"]
    is_id = len(txid) == 64 and _HEX.issuperset(txid)
    reason = view.rejections.find(bytes.fromhex(txid)) if is_id else None
    if reason is None:
        return refuse(404, f"no rejection of transaction {txid[:64]} is known")
    return encode({"type": "iop.rejection/1", "id": txid, "reason": reason})


@describe(FAULTS, body=ATTEMPTS, errors=(422,))
def check_next(view: View, _params: Params, body: Json | Foreign) -> Reply:
    """What would become of these attempts in the next block; the original's question is about the newest one."""
    if isinstance(body, Foreign):
        return refuse(422, "a list of operation attempts as JSON expected")
    try:
        return encode(view.registry.dry_run(body, height=view.registry.last_height() + 1))
    except DataError as error:
        return refuse(422, error.message)


@describe(DOCUMENT, params={"did": DID, "height": HEIGHT}, errors=(404, 422))
def get_document_then(view: View, params: Params, _body: Json) -> Reply:
    """The document of a DID as it was answered when the block of that height was the newest."""
    last = view.registry.last_height()
    height = parse_height_or(params["height"], last)
    if height > last:
        return refuse(404, f"height {height} is not reached, the newest block is {last}")
    try:
        return encode(view.registry.document_at(params["did"], height, hindsight=False))
    except DecodeError as error:
        return refuse(422, error.message)
