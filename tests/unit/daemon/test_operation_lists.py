"""Long lists of operations: in turn with other work, and bounded."""

import asyncio
import contextlib
import json

from iop.daemon.http.dispatch import Interface, Request, settle
from iop.daemon.http.reply import Reply
from iop.daemon.routes import morpheus as morpheus_routes
from iop.daemon.routes.table import make_router
from iop.did.identifier import compute_did
from iop.did.operation import make_asset, make_signable, sign_signables
from iop.did.registry import Registry
from iop.errors import VerifyError
from iop.keys.multicipher import SecretKey

SECRET = SecretKey("e", b"1" * 32)
DID = str(compute_did(SECRET.public()))
AUTH = "iezqztJ6XX6GDxdSgdiySiT3J"
BATCH = 60


class View:
    """A registry in which one DID was attempted to be changed again and again."""

    def __init__(self, transactions):
        self.registry = Registry()
        signable = make_signable("addKey", DID, None, auth=AUTH)
        self.asset = make_asset((sign_signables((signable,) * BATCH, SECRET),))
        self.registry.apply_block(1)
        for number in range(transactions):
            with contextlib.suppress(VerifyError):  # the first one did it
                self.registry.apply_transaction(f"{number:064x}", self.asset)

    def find_asset(self, _txid):
        return self.asset


def ask(view, path):
    return Interface(make_router(), view).answer(Request("GET", f"/morpheus/v1/did/{DID}/{path}"))


def test_a_short_list_is_answered_at_once():
    reply = ask(View(3), "operation-attempts/0")
    assert isinstance(reply, Reply)
    assert len(json.loads(reply.body)) == 3 * BATCH


def test_a_long_list_lets_others_in_between():
    view = View(100)
    turns = 0

    async def count():
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async def main():
        other = asyncio.create_task(count())
        reply = await settle(ask(view, "operation-attempts/0"))
        other.cancel()
        return reply

    reply = asyncio.run(main())
    rows = json.loads(reply.body)
    assert (reply.status, len(rows)) == (200, 100 * BATCH)
    assert rows == view.registry.operations(DID, True, 0, None, view.find_asset)
    assert turns >= 100 * BATCH // morpheus_routes.ROWS_AT_ONCE - 1


def test_a_list_without_end_is_refused(monkeypatch):
    monkeypatch.setattr(morpheus_routes, "MAX_LIST", 100_000)
    reply = asyncio.run(settle(ask(View(100), "operation-attempts/0")))
    assert reply.status == 422
    assert "ask for fewer heights" in json.loads(reply.body)["message"]
