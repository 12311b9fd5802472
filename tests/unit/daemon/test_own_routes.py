"""What our nodes tell beyond the original: reasons of rejections, the check for the next block, documents as they were."""

import json

from iop.daemon.http.dispatch import Interface, Request
from iop.daemon.ledger.rejections import LONGEST, Rejections
from iop.daemon.routes.table import make_router
from iop.did.identifier import compute_did
from iop.did.operation import make_asset, make_signable, sign_signables
from iop.did.registry import Registry
from iop.keys.multicipher import SecretKey
from iop.ledger.layer2 import Outcome

ALICE = SecretKey("e", bytes(31) + b"\1")
BOB = SecretKey("e", bytes(31) + b"\2")
DID = str(compute_did(ALICE.public()))


class View:
    def __init__(self):
        self.registry = Registry()
        self.rejections = Rejections()


def add_key(last=None):
    signable = make_signable("addKey", DID, last, auth=str(BOB.public()))
    return make_asset((sign_signables((signable,), ALICE),))


def ask(view, path, body=None):
    request = Request(
        "GET" if body is None else "POST",
        path,
        "application/json",
        "",
        b"" if body is None else json.dumps(body).encode(),
    )
    reply = Interface(make_router(), view).answer(request)
    return reply.status, json.loads(reply.body)


def test_reasons():
    view = View()
    first, second = b"\1" * 32, b"\2" * 32
    view.rejections.note([Outcome(first), Outcome(second, "because " + "x" * 2 * LONGEST)])
    status, body = ask(view, f"/iop/v1/rejection/{second.hex()}")
    assert (status, body["type"], body["id"]) == (200, "iop.rejection/1", second.hex())
    assert body["reason"].startswith("because x") and len(body["reason"]) == LONGEST
    for text in (first.hex(), "zz", "%c3%bc"):
        assert ask(view, f"/iop/v1/rejection/{text}")[0] == 404


def test_only_the_newest_reasons_are_kept():
    kept = Rejections(2)
    kept.note(Outcome(bytes((n,)) * 32, str(n)) for n in range(4))
    assert [kept.find(bytes((n,)) * 32) for n in range(4)] == [None, None, "2", "3"]


def test_check_is_about_the_next_block():
    view = View()
    view.registry.apply_block(1)
    attempts = add_key()["operationAttempts"]
    (refusal,) = ask(view, "/morpheus/v1/check-transaction-validity", attempts)[1]
    assert refusal["message"] == "Keys cannot be added before height 2"
    assert ask(view, "/iop/v1/check", attempts) == (200, [])
    assert ask(view, "/iop/v1/check", {})[0] == 422
    view.registry.apply_block(2)
    view.registry.apply_transaction("t", add_key())
    (refusal,) = ask(view, "/iop/v1/check", attempts)[1]
    assert refusal["message"].startswith(f"Operation on {DID} at height 3 was attempted on an")


def test_documents_as_they_were():
    view = View()
    view.registry.apply_block(5)
    view.registry.apply_transaction("t", add_key())
    view.registry.apply_block(9)
    revoked = make_signable("revokeKey", DID, "t", auth=str(BOB.public()))
    view.registry.apply_transaction("u", make_asset((sign_signables((revoked,), ALICE),)))
    path = f"/iop/v1/did/{DID}/document"
    ends = [
        ask(view, tail)[1]["keys"][1]["validUntilHeight"]
        for tail in (f"/morpheus/v1/did/{DID}/document/6", f"{path}/6", f"{path}/9")
    ]
    assert ends == [9, None, 9]
    assert ask(view, f"{path}/10")[0] == 404
    assert ask(view, f"{path}/{2**31}")[0] == 404
