"""Client of a ledger node's HTTP interface: the registry's and the coin's calls (morpheus 12, 13).

Answers are what the node sent, checked for their outer shape only. What can go wrong is told by class: NetError (not reachable),
BusyError (no answer in time, rate limit, overload), MissingError (unknown there), DataError (the node refuses our input),
PeerError (an answer that the protocol does not know, as those of another kind of server). Redirects are not followed.
"""

from __future__ import annotations

import time
from urllib.parse import quote, urlsplit

from iop.codec.json import encode_json, parse_json
from iop.did.identifier import parse_did
from iop.errors import (
    BusyError,
    DataError,
    MissingError,
    NetError,
    PeerError,
    SchemaError,
    UsageError,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from requests import Response, Session

    Json = Any
    Record = dict[str, Any]

MORPHEUS = "/morpheus/v1"
LAYER1 = "/api/v2"
OWN = "/iop/v1"  # what only our nodes tell
LIMIT = 64 << 20  # bytes of one answer
CHUNK = 1 << 16
TIMEOUT_S = 10.0
BODY_TIMEOUTS = 6  # how many of them a whole answer may take
SEND_LIMIT = 40  # transactions in one request, morpheus 13


class NodeClient:
    """One node, one connection kept open. `url` is scheme, host and port; `timeout` bounds each wait in seconds."""

    def __init__(self, url: str, timeout: float = TIMEOUT_S) -> None:
        self.url = normalize_url(url)
        self._timeout = timeout
        self._session: Session | None = None

    # The registry.

    def document(self, did: str, height: int | None = None) -> Record:
        """The document of a DID, at the node's height or at a given one (0 counts as not given)."""
        found = self._object(f"{MORPHEUS}/did/{_quote(did)}/document{_tail(height)}")
        if found.get("did") != str(parse_did(did)):
            raise PeerError(f"{self.url} answered the document of another DID than {did}")
        return found

    def last_transaction(self, did: str) -> Record | None:
        """`transactionId` and `height` of the newest confirmed transaction on a DID, None if there is none."""
        path = f"{MORPHEUS}/did/{_quote(did)}/transactions/last"
        try:
            found = self._object(path)
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
        return self._rows(f"{MORPHEUS}/did/{_quote(did)}/{kind}/{start}{_tail(end)}")

    def operations_of(
        self, did: str, start: int = 0, end: int | None = None, *, attempts: bool = False
    ) -> list[Record]:
        """Operations on a DID between two heights inclusive, newest first; with `attempts` the rejected ones too."""
        kind = "operation-attempts" if attempts else "operations"
        return self._rows(f"{MORPHEUS}/did/{_quote(did)}/{kind}/{start}{_tail(end)}")

    def check_attempts(self, attempts: list[Json]) -> list[Record]:
        """What would be wrong with operation attempts at the height of the newest block: nothing, or the first failure."""
        return self._list(f"{MORPHEUS}/check-transaction-validity", attempts)

    def foresee_attempts(self, attempts: list[Json]) -> list[Record]:
        """As `check_attempts`, in the next block where the node can tell, which only ours can."""
        try:
            return self._list(f"{OWN}/check", attempts)
        except MissingError:
            return self.check_attempts(attempts)

    def before_proof_exists(self, content_id: str, height: int | None = None) -> bool:
        """Whether a content id is registered, at or before a height if one is given (0 counts as not given)."""
        path = f"{MORPHEUS}/before-proof/{_quote(content_id)}/exists{_tail(height)}"
        return self._bool(path)

    def before_proof_history(self, content_id: str) -> Record:
        """The history answer on a content id."""
        return self._object(f"{MORPHEUS}/before-proof/{_quote(content_id)}/history")

    def transaction_status(self, txid: str) -> bool | None:
        """True confirmed, False rejected by the registry, None not (yet) processed."""
        try:
            return self._bool(f"{MORPHEUS}/txn-status/{_quote(txid)}")
        except MissingError:
            return None

    def rejection(self, txid: str) -> str | None:
        """Why layer 2 rejected a transaction; None when the node does not know, as the original's never does."""
        try:
            found = self._object(f"{OWN}/rejection/{_quote(txid)}").get("reason")
        except MissingError:
            return None
        return found if isinstance(found, str) else None

    def document_then(self, did: str, height: int) -> Record:
        """The document as it was answered when the block of that height was the newest. Raises MissingError elsewhere."""
        path = f"{OWN}/did/{_quote(did)}/document/{height}"
        try:
            found = self._object(path)
        except MissingError as exc:
            hint = "height not reached, or no node of this software"
            raise MissingError(exc.message, hint=hint) from exc
        if found.get("did") != str(parse_did(did)):
            raise PeerError(f"{self.url} answered the document of another DID than {did}")
        return found

    # The coin.

    def pool_fees(self) -> Record:
        """`minFeePool` and `addonBytes`: what the node's pool asks (morpheus 16.4); empty when it does not say."""
        pool = self._data("/node/configuration").get("transactionPool")
        fees = pool.get("dynamicFees") if isinstance(pool, dict) else None
        return fees if isinstance(fees, dict) else {}

    def crypto_configuration(self) -> Record:
        """Network parameters, milestones and genesis block."""
        return self._data("/node/configuration/crypto")

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
        nonce = "0" if found is None else found.get("nonce")
        if not isinstance(nonce, str) or not (
            nonce.isascii() and nonce.isdigit() and len(nonce) < 20
        ):
            raise PeerError(f"{self.url} answered a wallet with nonce {nonce!r}")
        return int(nonce) + 1

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
        found = self._call(path, {"transactions": transactions})
        data = found.get("data") if isinstance(found, dict) else None
        names = ("accept", "broadcast", "excess", "invalid")
        if not isinstance(data, dict) or not all(isinstance(data.get(n, []), list) for n in names):
            raise PeerError(f"{self.url} answered {path} without lists of ids")
        assert isinstance(found, dict)
        return found

    def close(self) -> None:
        """Close the connection."""
        if self._session is not None:
            self._session.close()
            self._session = None

    # Answers of one shape.

    def _object(self, path: str) -> Record:
        found = self._call(path)
        if not isinstance(found, dict):
            raise PeerError(f"{self.url} answered {path} with no object")
        return found

    def _data(self, path: str) -> Record:
        found = self._object(LAYER1 + path).get("data")
        if not isinstance(found, dict):
            raise PeerError(f"{self.url} answered {path} without data")
        return found

    def _bool(self, path: str) -> bool:
        found = self._call(path)
        if not isinstance(found, bool):
            raise PeerError(f"{self.url} answered {path} with neither true nor false")
        return found

    def _rows(self, path: str) -> list[Record]:
        try:
            return self._list(path)
        except MissingError:
            return []

    def _list(self, path: str, body: Json = None) -> list[Record]:
        found = self._call(path, body)
        if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
            raise PeerError(f"{self.url} answered {path} with no list of objects")
        return found

    # One exchange.

    def _call(self, path: str, body: Json = None) -> Json:
        """The JSON of an answer: GET, or POST when there is a body."""
        import requests
        from urllib3.exceptions import HTTPError, ReadTimeoutError

        if self._session is None:
            self._session = _open_session(self.url)
        try:
            with self._session.request(
                "GET" if body is None else "POST",
                self.url + path,
                data=None if body is None else encode_json(body).encode(),
                timeout=self._timeout,
                allow_redirects=False,
                stream=True,
            ) as answer:
                return self._read(path, answer)
        except requests.exceptions.ConnectTimeout as exc:
            raise NetError(f"{self.url} cannot be reached within {self._timeout:g} s") from exc
        except requests.exceptions.Timeout as exc:
            raise BusyError(f"{self.url} did not answer within {self._timeout:g} s") from exc
        except requests.exceptions.ConnectionError as exc:
            raise NetError(f"{self.url} cannot be reached", hint="is the node running?") from exc
        except requests.exceptions.InvalidURL as exc:
            raise UsageError(f"{self.url} is no address of a node") from exc
        except ReadTimeoutError as exc:
            raise BusyError(f"{self.url} did not finish within {self._timeout:g} s") from exc
        except (requests.exceptions.RequestException, HTTPError) as exc:
            raise PeerError(f"{self.url} broke the connection's protocol") from exc

    def _read(self, path: str, answer: Response) -> Json:
        parts = []
        size = 0
        end = time.monotonic() + BODY_TIMEOUTS * self._timeout
        # read1 gives what has come so far; urllib3 before 2.1 can only wait for a whole chunk
        read = getattr(answer.raw, "read1", answer.raw.read)
        while part := read(CHUNK):
            size += len(part)
            if time.monotonic() > end:
                raise BusyError(f"{self.url} answers {path} too slowly")
            if size > LIMIT:
                raise PeerError(f"{self.url} answered {path} with more than {LIMIT} bytes")
            parts.append(part)
        status = answer.status_code
        kind = answer.headers.get("Content-Type", "application/json")
        if status == 200 and "json" not in kind.lower():
            raise self._stranger(path, f"with {kind[:60]!r} and no JSON")
        try:
            body = parse_json(b"".join(parts))
        except DataError as exc:
            if status == 200:
                raise self._stranger(path, "with no JSON") from exc
            body = None
        if status == 200:
            return body
        if status == 404 and not _is_refusal(body):
            raise self._stranger(path, "404 in words that no node has")
        raise self._refusal(status, body, answer.reason or "")

    def _stranger(self, path: str, how: str) -> PeerError:
        return PeerError(
            f"{self.url} is no ledger node: it answered {path} {how}",
            hint="is it the right port? iop-node status --home DIR tells a node's",
        )

    def _refusal(self, status: int, body: Json, reason: str) -> Exception:
        said = body.get("message") if isinstance(body, dict) else None
        text = said if isinstance(said, str) else f"{status} {reason}".rstrip()
        if status == 404:
            return MissingError(text)
        if status == 429:
            return BusyError(
                f"{self.url} limits the rate of requests", hint="try again in a minute"
            )
        if status in (502, 503, 504):
            return BusyError(f"{self.url} is not ready: {text}")
        if status in (400, 413, 422):
            return DataError(f"{self.url} refuses the request: {text}")
        return PeerError(f"{self.url} answered {status}: {text}")


def open_node(url: str | None, timeout: float = TIMEOUT_S) -> NodeClient:
    """The client of the node that an option names. Raises UsageError when none does."""
    if url is None:
        raise UsageError("this needs a ledger node", hint="--node http://127.0.0.1:4703")
    if not 0 < timeout <= 86_400:  # seconds; NaN is neither
        raise UsageError(f"--timeout takes more than 0 and at most 86400 seconds, got {timeout}")
    return NodeClient(url, timeout)


def normalize_url(url: str) -> str:
    """Scheme, host and port of a node, without path or trailing slash. Raises UsageError."""
    hint = "--node http://127.0.0.1:4703"
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - judged when read
    except ValueError as exc:
        raise UsageError(f"no address of a node: {url!r}", hint=hint) from exc
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(
            f"a node's address starts with http:// or https://, got {url!r}", hint=hint
        )
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise UsageError(f"a node's address has no path, got {url!r}", hint=hint)
    if parts.username is not None:
        raise UsageError("a node's address has no user and password", hint=hint)
    return f"{parts.scheme}://{parts.netloc}"


def _open_session(url: str) -> Session:
    import requests

    from iop import __version__

    session = requests.Session()
    # Proxies of the environment count; a netrc file's passwords do not belong to us.
    session.trust_env = False
    session.proxies.update(requests.utils.get_environ_proxies(url))
    session.headers.update(
        {
            "User-Agent": f"iop/{__version__}",
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "Content-Type": "application/json",
        }
    )
    return session


def _quote(part: str) -> str:
    return quote(part, safe=":")


def _tail(height: int | None) -> str:
    return f"/{height}" if height else ""


def _is_refusal(body: Json) -> bool:
    """The body of a node's 404: of the framework that the original uses, with status and words (morpheus 12)."""
    return (
        isinstance(body, dict)
        and body.get("statusCode") == 404
        and isinstance(body.get("message"), str)
    )


def _is_head(block: Record) -> bool:
    height = block.get("height")
    return (
        isinstance(height, int)
        and not isinstance(height, bool)
        and isinstance(block.get("id"), str)
    )
