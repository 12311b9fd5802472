"""Runs the recorded conversation of the original SDK with a node against our handlers, without a socket.

The chain is brought to the height where the recording starts; then every posted transaction is submitted and, when it is accepted,
put into a block of its own, as the recording node did. Answers of layer 2 are the original's and must be equal. Answers of layer 1
came from a stand-in: what it made up itself (block ids, time stamps, the genesis block of the configuration) is compared
by its shape, the rest must be equal.
"""

from __future__ import annotations

from iop.codec.json import parse_json
from iop.conform.case import Case, compare
from iop.conform.node import arrange, is_same, to_request
from iop.daemon.http.dispatch import Interface
from iop.daemon.http.reply import Reply, encode
from iop.daemon.layer1.listing import Listing
from iop.daemon.routes.table import make_router
from iop.errors import HostError
from iop.ledger.address import compute_address_hash, parse_address
from iop.ledger.block import compute_block_id
from iop.ledger.engine import Solo
from iop.ledger.genesis import Genesis, Wallet
from iop.ledger.mempool import Mempool
from iop.ledger.params import find_params
from iop.ledger.state import State
from iop.ledger.submission import submit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from iop.codec.json import Json
    from iop.ledger.block import Block
    from iop.ledger.wire import Transaction

    Document = dict[str, Any]

_SEQUENCER = b"\x01" * 32
_EPOCH_STEP_S = 8  # between the blocks we make; any number will do
# Members of layer-1 answers that the stand-in left out although the original has them (morpheus ch. 13).
_OPTIONAL = frozenset(
    (
        "vote",
        "username",
        "secondPublicKey",
        "multiSignature",
        "lockedBalance",
        "signSignature",
        "signatures",
    )
)


def _no_store() -> Any:
    raise HostError("there is no store here")


class ChainView:
    """A node without a disk: state, pool and engine, and the blocks made so far."""

    def __init__(self, genesis: Genesis) -> None:
        self.state = State(genesis)
        self.mempool = Mempool(self.state)
        self.chain = self
        self.listing = Listing(self.state, _no_store)
        self._engine = Solo(self.state, self.mempool, secret=_SEQUENCER)
        self._blocks: dict[int, Block] = {}
        self._places: dict[bytes, tuple[Transaction, Block]] = {}

    @property
    def registry(self) -> Any:
        """The DID registry."""
        return self.state.registry

    def find(self, txid: bytes) -> tuple[Transaction, Block] | None:
        """A transaction in a block."""
        return self._places.get(txid)

    def block_at(self, height: int) -> Block | None:
        """A block that was made here."""
        return self._blocks.get(height)

    def find_block(self, block_id: bytes) -> int | None:
        """The height of a block that was made here."""
        params = self.state.params
        found = (h for h, b in self._blocks.items() if compute_block_id(b, params) == block_id)
        return next(found, None)

    def find_asset(self, txid: str) -> Json:
        """The asset of a transaction in a block."""
        return self._places[bytes.fromhex(txid)][0].asset

    def submit(self, records: list[Json]) -> Reply:
        """Judge, and put what is accepted into a block at once."""
        found = submit(records, self.state, self.mempool, is_forged=self._places.__contains__)
        if found.taken:
            self.forge()
        return encode(found.to_record())

    def forge(self) -> None:
        """One block of what waits."""
        now = self.state.params.epoch + _EPOCH_STEP_S * self.state.height
        block = self._engine.propose(self.mempool.transactions(), now)
        changes = self._engine.commit(block)
        self._blocks[block.height] = block
        for txid, tx in zip(changes.txids, block.transactions, strict=True):
            self._places[txid] = tx, block


def run_sdk_http_transcript(document: Document) -> Iterator[Case]:
    """Every exchange, in order, each with the height the recording node was at afterwards."""
    exchanges = document["exchanges"]
    view = ChainView(_make_genesis(exchanges))
    while view.state.height < exchanges[0]["at_height"]:
        view.forge()
    interface = Interface(make_router(), view)
    for number, exchange in enumerate(exchanges):
        request = exchange["request"]
        label = f"exchanges[{number}] {request['method']} {request['path']}"[:120]
        if set(exchange) != {"at_height", "request", "response"}:
            yield Case(label, False, f"unknown members in {sorted(exchange)}")
            continue
        reply = interface.answer(to_request(request))
        yield _judge(label, reply, exchange, view.state.height)


def _judge(label: str, reply: object, exchange: Document, height: int) -> Case:
    expected = exchange["response"]
    if not isinstance(reply, Reply):
        return Case(label, False, "no answer without a server")
    if (reply.status, height) != (expected["status"], exchange["at_height"]):
        got = f"status {reply.status} at height {height}"
        return Case(
            label, False, f"{got}, expected {expected['status']} at {exchange['at_height']}"
        )
    body, wanted = arrange(parse_json(reply.body)), arrange(expected["body"])
    if exchange["request"]["path"].startswith("/api/"):
        fault = _find_difference(body, wanted, "")
        return Case(label, not fault, fault)
    if is_same(body, wanted):
        return Case(label, True)
    return compare(label, body, wanted)


def _find_difference(got: Json, wanted: Json, path: str) -> str:
    """Where a layer-1 answer departs from the recorded one, or nothing."""
    name = path.rpartition(".")[2]
    if name in ("blockId", "timestamp") or path in (".data.block.id", ".data.genesisBlock"):
        fits = _has_shape(got, wanted, path)
        return "" if fits else f"{path}: got {got!r:.80}, expected something like {wanted!r:.80}"
    if isinstance(wanted, dict) and isinstance(got, dict):
        if name == "attributes":
            return ""
        if "isDelegate" in wanted and got.get("username"):
            wanted = wanted | {"isDelegate": True}  # a delegate of our making, see _make_genesis
        surplus = set(got) - set(wanted) - _OPTIONAL
        missing = set(wanted) - set(got)
        if surplus or missing:
            return f"{path}: surplus {sorted(surplus)}, missing {sorted(missing)}"
        found = (
            _find_difference(got[member], wanted[member], f"{path}.{member}") for member in wanted
        )
        return next((fault for fault in found if fault), "")
    return "" if is_same(got, wanted) else f"{path}: got {got!r:.80}, expected {wanted!r:.80}"


def _has_shape(got: Json, wanted: Json, path: str) -> bool:
    if path == ".data.genesisBlock":
        return isinstance(got, dict) and got.get("transactions") == wanted["transactions"]
    if isinstance(wanted, dict):
        return (
            isinstance(got, dict)
            and got.keys() == wanted.keys()
            and all(type(got[member]) is type(wanted[member]) for member in wanted)
            and got["unix"] - got["epoch"] == wanted["unix"] - wanted["epoch"]
        )
    return isinstance(got, str) and len(got) == len(wanted) and set(got) <= set("0123456789abcdef")


def _make_genesis(exchanges: list[Document]) -> Genesis:
    """The published test network as the recording node had it: one rich account, and delegates for all keys that are voted for."""
    rich = next(
        exchange["response"]["body"]["data"]
        for exchange in exchanges
        if "/wallets/" in exchange["request"]["path"] and exchange["response"]["status"] == 200
    )
    balances = {parse_address(rich["address"])[1]: int(rich["balance"])}
    names = sorted({compute_address_hash(key) for key in _find_votes(exchanges)})
    titles = {name: f"delegate{number}" for number, name in enumerate(names)}
    wallets = [
        Wallet(name, balances.get(name, 0), b"", titles.get(name, ""))
        for name in (*balances, *(name for name in names if name not in balances))
    ]
    return Genesis(find_params("testnet"), tuple(wallets))


def _find_votes(exchanges: list[Document]) -> Iterator[bytes]:
    """Public keys that are voted for: the stand-in took votes for anybody."""
    for exchange in exchanges:
        for record in _posted(exchange):
            for vote in (record.get("asset") or {}).get("votes", ()):
                yield bytes.fromhex(vote[1:])


def _posted(exchange: Document) -> list[Document]:
    body = exchange["request"].get("body")
    if not isinstance(body, dict):
        return []
    records: list[Document] = body.get("transactions", [])
    return records
