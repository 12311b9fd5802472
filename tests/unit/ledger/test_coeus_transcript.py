"""What the published SDK asked of Coeus in a recorded run, answered by the registry fed with the transactions of that run."""

from __future__ import annotations

from pathlib import Path

from iop.codec.json import parse_json
from iop.conform.coeus import open_names
from iop.daemon.http.dispatch import Request
from iop.errors import VerifyError
from iop.ledger.coeus.bundle import asset_from_record, asset_to_record, compute_fee
from iop.ledger.coeus.registry import Registry

TRANSCRIPT = Path(__file__).parents[2] / "vectors/morpheus/sdk_http_transcript.json"


def answer(registry: Registry, method: str, path: str):
    reply = open_names(registry).answer(Request(method, path))
    return reply.status, parse_json(reply.body)


def test_exchanges_with_the_sdk() -> None:
    registry = Registry()
    asked = sent = 0
    for exchange in parse_json(TRANSCRIPT.read_bytes())["exchanges"]:
        request, response = exchange["request"], exchange["response"]
        if exchange["at_height"] > registry.last_seen_height:
            registry.apply_block(exchange["at_height"])
        if request["path"].startswith("/coeus/v1/"):
            asked += 1
            got = answer(registry, request["method"], request["path"])
            assert got == (response["status"], response["body"]), request["path"]
        body = request.get("body")
        for record in body.get("transactions", []) if isinstance(body, dict) else []:
            if (record.get("typeGroup"), record["type"]) == (4242, 2):
                sent += 1
                asset = asset_from_record(record["asset"])
                assert asset_to_record(asset) == record["asset"]
                assert int(record["fee"]) >= compute_fee(asset)
                try:
                    registry.apply_transaction(record["id"], asset)
                except VerifyError:
                    assert not registry.is_confirmed(record["id"])
    assert (asked, sent) == (13, 2)
