"""All paths of the ledger node, put together."""

from __future__ import annotations

from iop.daemon import (
    board_routes,
    event_routes,
    layer1_routes,
    morpheus_routes,
    names_routes,
    openapi,
    own_routes,
    state_routes,
)
from iop.daemon.router import Router

# Prefixes of answers that hold until the next block.
CACHED = (
    f"{morpheus_routes.PREFIX}/",
    f"{names_routes.PREFIX}/",
    *(
        f"{layer1_routes.PREFIX}{version}{path}"
        for version in ("", "/v2")
        for path in layer1_routes.LASTING
    ),
)


def make_router() -> Router:
    """The routes of both layers, and our own."""
    router = Router()
    layer1_routes.register(router)
    morpheus_routes.register(router)
    names_routes.register(router)
    own_routes.register(router)
    board_routes.register(router)
    state_routes.register(router)
    event_routes.register(router)
    openapi.register(router)
    return router
