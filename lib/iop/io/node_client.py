"""Client of a ledger node's HTTP interface: the registries' and the coin's calls (morpheus 12, 13, 18).

Answers are what the node sent, checked for their outer shape only; what can go wrong is told by class, see `iop.io.node_exchange`.
"""

from __future__ import annotations

from urllib.parse import quote

from iop.did.identifier import parse_did
from iop.errors import ConfigError, MissingError, PeerError, SchemaError, UsageError
from iop.io.node_exchange import TIMEOUT_S, Exchange

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from iop.ledger.params import Params

    Json = Any
    Record = dict[str, Any]

MORPHEUS = "/morpheus/v1"
COEUS = "/coeus/v1"
LAYER1 = "/api/v2"
OWN = "/iop/v1"  # what only our nodes tell
SEND_LIMIT = 40  # transactions in one request, morpheus 13
_LONGEST_BALANCE = 40  # digits
_EDGE = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")


class NodeClient:
    """One node, one connection kept open. `url` is scheme, host and port; `timeout` bounds each wait in seconds."""

    def __init__(self, url: str, timeout: float = TIMEOUT_S) -> None:
        self._exchange = Exchange(url, timeout)
        self.url = self._exchange.url

    # The registry.

    def document(self, did: str, height: int | None = None) -> Record:
        """The document of a DID, at the node's height or at a given one (0 counts as not given)."""
        found = self._exchange.ask_object(f"{MORPHEUS}/did/{_quote(did)}/document{_tail(height)}")
        if found.get("did") != str(parse_did(did)):
            raise PeerError(f"{self.url} answered the document of another DID than {did}")
        return found

    def last_transaction(self, did: str) -> Record | None:
        """`transactionId` and `height` of the newest confirmed transaction on a DID, None if there is none."""
        path = f"{MORPHEUS}/did/{_quote(did)}/transactions/last"
        try:
            found = self._exchange.ask_object(path)
        except MissingError:
            return None
        if not isinstance(found.get("transactionId"), str):
            raise PeerError(f"{self.url} answered {path} without a transactionId")
        return found

    def last_txid(self, did: str) -> str | None:
        """The transaction that the next operation on a DID must name, None for an implicit document."""
        found = self.last_transaction(did)
        return None if found is None else str(found["transactionId"])

    def transactions_of(
        self, did: str, start: int = 0, end: int | None = None, *, attempts: bool = False
    ) -> list[Record]:
        """Transactions on a DID between two heights inclusive, newest first; with `attempts` the rejected ones too."""
        kind = "transaction-attempts" if attempts else "transactions"
        return self._exchange.ask_rows(f"{MORPHEUS}/did/{_quote(did)}/{kind}/{start}{_tail(end)}")

    def operations_of(
        self, did: str, start: int = 0, end: int | None = None, *, attempts: bool = False
    ) -> list[Record]:
        """Operations on a DID between two heights inclusive, newest first; with `attempts` the rejected ones too."""
        kind = "operation-attempts" if attempts else "operations"
        return self._exchange.ask_rows(f"{MORPHEUS}/did/{_quote(did)}/{kind}/{start}{_tail(end)}")

    def check_attempts(self, attempts: list[Json]) -> list[Record]:
        """What would be wrong with operation attempts at the height of the newest block: nothing, or the first failure."""
        return self._exchange.ask_list(f"{MORPHEUS}/check-transaction-validity", attempts)

    def foresee_attempts(self, attempts: list[Json]) -> list[Record]:
        """As `check_attempts`, in the next block where the node can tell, which only ours can."""
        try:
            return self._exchange.ask_list(f"{OWN}/check", attempts)
        except MissingError:
            return self.check_attempts(attempts)

    def before_proof_exists(self, content_id: str, height: int | None = None) -> bool:
        """Whether a content id is registered, at or before a height if one is given (0 counts as not given)."""
        path = f"{MORPHEUS}/before-proof/{_quote(content_id)}/exists{_tail(height)}"
        return self._exchange.ask_bool(path)

    def before_proof_history(self, content_id: str) -> Record:
        """The history answer on a content id."""
        return self._exchange.ask_object(f"{MORPHEUS}/before-proof/{_quote(content_id)}/history")

    def transaction_status(self, txid: str) -> bool | None:
        """True confirmed, False rejected by the registry, None not (yet) processed."""
        try:
            return self._exchange.ask_bool(f"{MORPHEUS}/txn-status/{_quote(txid)}")
        except MissingError:
            return None

    def rejection(self, txid: str) -> str | None:
        """Why layer 2 rejected a transaction; None when the node does not know, as the original's never does."""
        try:
            found = self._exchange.ask_object(f"{OWN}/rejection/{_quote(txid)}").get("reason")
        except MissingError:
            return None
        return found if isinstance(found, str) else None

    def document_then(self, did: str, height: int) -> Record:
        """The document as it was answered when the block of that height was the newest. Raises MissingError elsewhere."""
        path = f"{OWN}/did/{_quote(did)}/document/{height}"
        try:
            found = self._exchange.ask_object(path)
        except MissingError as exc:
            hint = "height not reached, or no node of this software"
            raise MissingError(exc.message, hint=hint) from exc
        if found.get("did") != str(parse_did(did)):
            raise PeerError(f"{self.url} answered the document of another DID than {did}")
        return found

    # The state.

    def prove(self, table: str, key: str, height: int | None = None) -> Record:
        """The proof of a row of the state (iop.proof/1) that was asked for, not checked further.

        Raises MissingError: no such height, or another node; PeerError.
        """
        tail = "" if height is None else f"?height={height}"
        found = self._exchange.ask_object(f"{OWN}/proof/{_quote(table)}/{_quote(key)}{tail}")
        asked = (table, key, found.get("height") if height is None else height)
        if (found.get("table"), found.get("key"), found.get("height")) != asked:
            raise PeerError(f"{self.url} gave no proof of {table} {key[:80]!r}")
        return found

    def header(self, height: int) -> Record:
        """The header of a block (iop.header/1)."""
        return self._exchange.ask_object(f"{OWN}/header/{height}")

    # Names.

    def resolve(self, name: str) -> Json:
        """The data of a name. Raises MissingError: it, or a name above it, is not there or has expired."""
        path = f"{COEUS}/resolve/{_quote(name)}"
        found = self._exchange.ask_object(path)
        if "data" not in found:
            raise PeerError(f"{self.url} answered {path} without data")
        return found["data"]

    def metadata(self, name: str) -> Record:
        """Owner, policies and height of expiry of a name, expired or not."""
        return self._exchange.ask_object(f"{COEUS}/metadata/{_quote(name)}")

    def children(self, name: str) -> list[str]:
        """The edges right below a name, expired or not."""
        path = f"{COEUS}/children/{_quote(name)}"
        found = self._exchange.ask_object(path).get("children")
        if not isinstance(found, list) or not all(isinstance(edge, str) for edge in found):
            raise PeerError(f"{self.url} answered {path} without a list of edges")
        if not all(edge and _EDGE.issuperset(edge) for edge in found):
            raise PeerError(f"{self.url} answered {path} without a list of edges that names have")
        return found

    def last_nonce(self, key: str) -> int:
        """The last nonce that a public key has used for bundles of names, 0 for none."""
        path = f"{COEUS}/last-nonce/{_quote(key)}"
        return self._parse_nonce(path, self._exchange.ask_object(path).get("nonce"))

    def bundle_status(self, txid: str) -> bool | None:
        """As `transaction_status`, of a transaction on names."""
        try:
            return self._exchange.ask_bool(f"{COEUS}/txn-status/{_quote(txid)}")
        except MissingError:
            return None

    def foresee_bundles(self, bundles: list[Json]) -> list[Record]:
        """What would be wrong with bundles of names in the next block; nothing where the node cannot tell: only ours can."""
        try:
            return self._exchange.ask_list(f"{OWN}/check-names", bundles)
        except MissingError:
            return []

    # The coin.

    def pool_fees(self) -> Record:
        """`minFeePool` and `addonBytes`: what the node's pool asks (morpheus 16.4); empty when it does not say."""
        pool = self._data("/node/configuration").get("transactionPool")
        fees = pool.get("dynamicFees") if isinstance(pool, dict) else None
        return fees if isinstance(fees, dict) else {}

    def crypto_configuration(self) -> Record:
        """Network parameters, milestones and genesis block."""
        return self._data("/node/configuration/crypto")

    def params(self) -> Params:
        """The parameters of its network."""
        from iop.ledger.genesis import read_configuration

        try:
            return read_configuration(self.crypto_configuration())
        except ConfigError as exc:
            raise PeerError(f"{self.url} tells no network's parameters: {exc.message}") from exc

    def blockchain(self) -> Record:
        """`block` with `height` and `id` of the head, and `supply`."""
        found = self._data("/blockchain")
        block = found.get("block")
        if not isinstance(block, dict) or not _is_head(block):
            raise PeerError(f"{self.url} answered /blockchain without height and id of a block")
        return found

    def block(self, height_or_id: int | str) -> Record:
        """A block by height or id."""
        return self._data(f"/blocks/{_quote(str(height_or_id))}")

    def find_block(self, height: int | None = None) -> tuple[int, str]:
        """Height and id of a block, of the head if no height is given."""
        block = self.blockchain()["block"] if height is None else self.block(height)
        if not _is_head(block) or (height is not None and block["height"] != height):
            raise PeerError(f"{self.url} answered without height and id of block {height}")
        return block["height"], block["id"]

    def wallet(self, address: str) -> Record | None:
        """A wallet by address or public key, None if the chain has not seen it."""
        try:
            return self._data(f"/wallets/{_quote(address)}")
        except MissingError:
            return None

    def next_nonce(self, address: str) -> int:
        """The nonce of the next transaction of a wallet: one above its last, 1 for an unknown wallet."""
        found = self.wallet(address)
        return 1 if found is None else self._parse_nonce("a wallet", found.get("nonce")) + 1

    def funds(self, address: str) -> tuple[int, int]:
        """Last nonce and balance in flakes of a wallet, both 0 for an unknown one."""
        found = self.wallet(address)
        if found is None:
            return 0, 0
        balance = found.get("balance")
        digits = balance.removeprefix("-") if isinstance(balance, str) else ""
        if not (digits.isascii() and digits.isdigit()) or len(digits) > _LONGEST_BALANCE:
            raise PeerError(f"{self.url} answered a wallet with balance {balance!r:.60}")
        amount = -int(digits) if digits != balance else int(digits)
        return self._parse_nonce("a wallet", found.get("nonce")), amount

    def transaction(self, txid: str) -> Record | None:
        """A forged transaction, None as long as it is not in a block."""
        try:
            return self._data(f"/transactions/{_quote(txid)}")
        except MissingError:
            return None

    def send(self, transactions: list[Record]) -> Record:
        """Hand over 1 to 40 signed transactions; the whole answer: `data` with accept, broadcast, excess, invalid, and `errors`."""
        if not 1 <= len(transactions) <= SEND_LIMIT:
            raise SchemaError(
                f"a request carries 1 to {SEND_LIMIT} transactions, got {len(transactions)}"
            )
        path = f"{LAYER1}/transactions"
        found = self._exchange.ask(path, {"transactions": transactions})
        data = found.get("data") if isinstance(found, dict) else None
        names = ("accept", "broadcast", "excess", "invalid")
        if not isinstance(data, dict) or not all(isinstance(data.get(n, []), list) for n in names):
            raise PeerError(f"{self.url} answered {path} without lists of ids")
        assert isinstance(found, dict)
        errors = found.get("errors") or {}
        if not isinstance(errors, dict) or not all(map(_has_errors, errors.values())):
            raise PeerError(f"{self.url} answered {path} with errors of another shape")
        return found

    def watch(
        self, members: list[tuple[str, str]], after: int | None, patience_s: float
    ) -> Iterator[Record]:
        """What happens on the chain, see `iop.io.node_events.watch`."""
        from iop.io.node_events import watch

        return watch(self._exchange, members, after, patience_s)

    def close(self) -> None:
        """Close the connection."""
        self._exchange.close()

    # Parts of answers.

    def _parse_nonce(self, where: str, text: Json) -> int:
        if not (isinstance(text, str) and text.isascii() and text.isdigit() and len(text) < 21):
            raise PeerError(f"{self.url} answered {where} with nonce {text!r:.60}")
        return int(text)

    def _data(self, path: str) -> Record:
        found = self._exchange.ask_object(LAYER1 + path).get("data")
        if not isinstance(found, dict):
            raise PeerError(f"{self.url} answered {path} without data")
        return found


def open_node(url: str | None, timeout: float = TIMEOUT_S) -> NodeClient:
    """The client of the node that an option names. Raises UsageError when none does."""
    if url is None:
        raise UsageError("this needs a ledger node", hint="--node http://127.0.0.1:4703")
    if not 0 < timeout <= 86_400:  # seconds; NaN is neither
        raise UsageError(f"--timeout takes more than 0 and at most 86400 seconds, got {timeout}")
    return NodeClient(url, timeout)


def _quote(part: str) -> str:
    return quote(part, safe=":")


def _tail(height: int | None) -> str:
    return f"/{height}" if height else ""


def _has_errors(found: Json) -> bool:
    return isinstance(found, list) and bool(found) and all(isinstance(e, dict) for e in found)


def _is_head(block: Record) -> bool:
    height = block.get("height")
    return (
        isinstance(height, int)
        and not isinstance(height, bool)
        and isinstance(block.get("id"), str)
    )
