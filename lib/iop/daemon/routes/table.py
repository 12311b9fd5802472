"""All paths of the ledger node, put together."""

from __future__ import annotations

from iop.daemon.http import openapi
from iop.daemon.http.router import Router
from iop.daemon.layer1 import routes as layer1_routes
from iop.daemon.routes import board as board_routes
from iop.daemon.routes import event as event_routes
from iop.daemon.routes import morpheus as morpheus_routes
from iop.daemon.routes import names as names_routes
from iop.daemon.routes import own as own_routes
from iop.daemon.routes import state as state_routes

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
