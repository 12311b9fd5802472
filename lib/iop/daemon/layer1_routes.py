"""The layer-1 HTTP interface under /api (morpheus ch. 13): the part the original's clients use.

As in `iop.daemon.morpheus_routes`, handlers take the view, the path parameters and the parsed body. Parameters are judged as the
original's validator judges them, and refused in its words.
"""

from __future__ import annotations

from iop import __version__
from iop.daemon.payload import Foreign
from iop.daemon.reply import Reply, encode, refuse
from iop.errors import MissingError, SchemaError
from iop.ledger import answer
from iop.ledger.submission import check_body
from iop.ledger.wire import encode_transaction

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable
    from typing import Protocol

    from iop.codec.json import Json
    from iop.daemon.router import Router
    from iop.ledger.block import Block
    from iop.ledger.mempool import Mempool
    from iop.ledger.state import State
    from iop.ledger.wire import Transaction

    class Blocks(Protocol):
        """Forged transactions with their blocks, and blocks by height."""

        def find(self, txid: bytes) -> tuple[Transaction, Block] | None: ...
        def block_at(self, height: int) -> Block | None: ...

    class View(Protocol):
        """What the handlers read, and how a submission is taken."""

        state: State
        mempool: Mempool

        @property
        def chain(self) -> Blocks: ...
        def submit(self, records: list[Json]) -> Reply | Awaitable[Reply]: ...

    Params = dict[str, str]

PREFIX = "/api"
_HEX = frozenset("0123456789abcdefABCDEF")
_NAME = frozenset("abcdefghijklmnopqrstuvwxyz0123456789!@$&_.")
_ALPHANUMERIC = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")


def register(router: Router) -> None:
    """Add the routes."""
    for method, path, handler in (
        ("GET", "/node/configuration", get_configuration),
        ("GET", "/node/configuration/crypto", get_crypto),
        ("GET", "/node/status", get_node_status),
        ("GET", "/node/syncing", get_syncing),
        ("GET", "/blockchain", get_blockchain),
        ("GET", "/blocks/{height}", get_block),
        ("GET", "/wallets/{id}", get_wallet),
        ("GET", "/transactions/fees", get_fees),
        ("GET", "/transactions/unconfirmed/{id}", get_unconfirmed),
        ("GET", "/transactions/{id}", get_transaction),
        ("POST", "/transactions", post_transactions),
    ):
        router.add(method, PREFIX + path, handler)


def get_configuration(view: View, _params: Params, _body: Json) -> Reply:
    """Names and constants of the network."""
    return _data(answer.answer_configuration(view.state, __version__))


def get_crypto(view: View, _params: Params, _body: Json) -> Reply:
    """What a client needs to build transactions for this network."""
    return _data(answer.answer_crypto(view.state.genesis))


def get_node_status(view: View, _params: Params, _body: Json) -> Reply:
    """A node that makes all blocks itself is always in step."""
    return _data(answer.answer_status(view.state, view.state.params.epoch + view.state.timestamp))


def get_syncing(view: View, _params: Params, _body: Json) -> Reply:
    """As above."""
    return _data(answer.answer_syncing(view.state))


def get_blockchain(view: View, _params: Params, _body: Json) -> Reply:
    """The newest block and the supply."""
    return _data(answer.answer_blockchain(view.state))


def get_fees(view: View, _params: Params, _body: Json) -> Reply:
    """The published fees of the kinds of transactions."""
    return _data(answer.answer_fees(view.state))


def get_block(view: View, params: Params, _body: Json) -> Reply:
    """A block by height, the genesis block too, which is in no log; ours are not filed by id."""
    text = params["height"]
    block = None
    if text.isascii() and text.isdigit() and len(text) < 16:
        height = int(text)
        genesis = view.state.genesis_block
        block = genesis if height == genesis.height else view.chain.block_at(height)
    if block is None:
        return refuse(404, "Block not found")
    return _data(answer.answer_block(block, view.state))


def get_wallet(view: View, params: Params, _body: Json) -> Reply:
    """An account by address, public key or delegate name."""
    if not _is_wallet_id(params["id"]):
        return refuse(422, 'child "id" fails because ["id" does not name a wallet]')
    try:
        found = answer.find_wallet(view.state, params["id"])
    except MissingError as error:
        return refuse(404, error.message)
    return _data(answer.answer_wallet(view.state, *found))


def get_transaction(view: View, params: Params, _body: Json) -> Reply:
    """A forged transaction."""
    txid, refusal = _parse_txid(params["id"])
    if refusal is not None:
        return refusal
    found = view.chain.find(txid)
    if found is None:
        return refuse(404, "Transaction not found")
    return _data(answer.answer_transaction(found[0], view.state, found[1]))


def get_unconfirmed(view: View, params: Params, _body: Json) -> Reply:
    """A waiting transaction: its id and bytes."""
    txid, refusal = _parse_txid(params["id"])
    if refusal is not None:
        return refusal
    tx = view.mempool.find(txid)
    if tx is None:
        return refuse(404, "Transaction not found")
    return _data({"id": txid.hex(), "serialized": encode_transaction(tx).hex()})


def post_transactions(
    view: View, _params: Params, body: Json | Foreign
) -> Reply | Awaitable[Reply]:
    """Take transactions into the pool."""
    try:
        records = check_body(None if isinstance(body, Foreign) else body, view.state)
    except SchemaError as error:
        return refuse(422, error.message)
    return view.submit(records)


def _data(record: Json) -> Reply:
    return encode({"data": record})


def _parse_txid(text: str) -> tuple[bytes, Reply | None]:
    """The bytes of an id, or the refusal. Ids are filed in lower case only."""
    reason = ""
    if not _HEX.issuperset(text):
        reason = "must only contain hexadecimal characters"
    elif len(text) != 64:
        reason = "length must be 64 characters long"
    if reason:
        return b"", refuse(422, f'child "id" fails because ["id" {reason}]')
    return (bytes.fromhex(text) if text == text.lower() else b""), None


def _is_wallet_id(text: str) -> bool:
    if len(text) == 66 and _HEX.issuperset(text):
        return True
    if len(text) == 34 and _ALPHANUMERIC.issuperset(text):
        return True
    return 0 < len(text) <= 20 and _NAME.issuperset(text)
