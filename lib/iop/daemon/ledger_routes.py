"""All paths of the ledger node, put together."""

from __future__ import annotations

from iop.daemon import layer1_routes, morpheus_routes, own_routes, state_routes
from iop.daemon.reply import Reply, encode
from iop.daemon.router import Router
from iop.ledger.coeus.answer import PREFIX as NAMES_PREFIX
from iop.ledger.coeus.answer import answer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    from iop.ledger.state import State

    class View(Protocol):
        """What the names' interface reads."""

        state: State


# Prefixes of answers that hold until the next block.
CACHED = (
    f"{morpheus_routes.PREFIX}/",
    f"{NAMES_PREFIX}/",
    *(
        f"{layer1_routes.PREFIX}{version}{path}"
        for version in ("", "/v2")
        for path in ("/blockchain", "/wallets/", "/node/configuration")
    ),
)


def make_router() -> Router:
    """The routes of both layers, and our own."""
    router = Router()
    layer1_routes.register(router)
    morpheus_routes.register(router)
    own_routes.register(router)
    state_routes.register(router)
    return router


def names_answer(view: View, method: str, path: str) -> Reply:
    """The answer to a path under /coeus/v1, which the name registry's own module reads."""
    status, body = answer(view.state.names, method, path)
    return encode(body, status)
