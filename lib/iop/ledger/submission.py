"""What happens to transactions that somebody posts to a node: one verdict each, in the words of the original (morpheus ch. 13).

A body whose transactions do not have the form of any kind is refused as a whole (`check_body`). Then each one is judged alone, in
the original's order: duplicate, sender's share of the pool, expiry and conflicts, layer-2 fee, bytes, size, signature, pool's
fee; what passes is offered to the pool at the end. `Submission.to_record` is the node's answer.

Signatures are most of the work and need no state. The verdicts stay with the transactions, so a node may have those of
`list_signed` judged in bulk (`iop.ledger.signatures`), beside its event loop, before it calls `submit`.
"""

from __future__ import annotations

from iop.errors import DataError, IopError, SchemaError, VerifyError
from iop.ledger.board import check_signatures, read_batch
from iop.ledger.fee import check_layer2_fee, check_pool_fee
from iop.ledger.forms import make_context
from iop.ledger.kind import BOARD_GROUP, find_kind
from iop.ledger.mempool import make_entry
from iop.ledger.plain import read_plain
from iop.ledger.record import build_transaction, find_form_faults
from iop.ledger.rules import check_active, refuse
from iop.ledger.seal import is_multi_valid, is_signature_valid
from iop.ledger.wire import compute_id_bytes
from iop.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from iop.codec.json import Json
    from iop.ledger.mempool import Entry, Mempool
    from iop.ledger.state import State
    from iop.ledger.wire import Transaction

    IsForged = Callable[[bytes], bool]

_HEX = frozenset("0123456789abcdefABCDEF")


@value
class Candidate:
    """A posted record that has the form of its kind, with its transaction where one look was enough to tell."""

    record: dict[str, Json]
    tx: Transaction | None = None


@value
class Submission:
    """The verdicts: ids as the original lists them, errors by id as (type, message), and what joined the pool."""

    accept: tuple[str, ...]
    broadcast: tuple[str, ...]
    excess: tuple[str, ...]
    invalid: tuple[str, ...]
    errors: dict[str, tuple[tuple[str, str], ...]]
    taken: tuple[Transaction, ...]

    def to_record(self) -> dict[str, Json]:
        """The answer to POST /transactions; `errors` only when there are any."""
        lists = ("accept", "broadcast", "excess", "invalid")
        record: dict[str, Json] = {"data": {name: list(getattr(self, name)) for name in lists}}
        if self.errors:
            record["errors"] = {
                txid: [{"type": type_, "message": message} for type_, message in found]
                for txid, found in self.errors.items()
            }
        return record


def check_body(body: Json, state: State) -> list[Candidate]:
    """The transactions of a request body. Raises SchemaError with the text of the original's 422 answer.

    One record that fits no kind's form fails the whole body; of the forms, only that of its own kind is quoted.
    """
    if not isinstance(body, dict):
        raise SchemaError("should be object")
    if "transactions" not in body:
        raise SchemaError("should have required property 'transactions'")
    records = body["transactions"]
    if not isinstance(records, list):
        raise SchemaError("should be array")
    if not records:
        raise SchemaError("should NOT have fewer than 1 items")
    most = state.params.limits.per_request
    if len(records) > most:
        raise SchemaError(f"should NOT have more than {most} items")
    context = make_context(state.params, state.height)
    candidates = []
    for record in records:
        tx = read_plain(record, context)
        faults = [] if tx else find_form_faults(record, state.params, state.height)
        if faults:
            words = [fault.partition(" ")[2] for fault in faults]
            raise SchemaError(",".join([*words, "should match some schema in anyOf"]))
        candidates.append(Candidate(record, tx))
    return candidates


def list_signed(candidates: Sequence[Candidate], mempool: Mempool) -> list[Transaction]:
    """Those whose signatures `submit` will ask for, as far as can be told: the pool does not answer before."""
    return [
        candidate.tx
        for candidate in candidates
        if candidate.tx is not None
        and compute_id_bytes(candidate.tx) not in mempool
        and not mempool.is_full_for(candidate.tx.sender)
    ]


def submit(
    candidates: Sequence[Candidate],
    state: State,
    mempool: Mempool,
    *,
    is_forged: IsForged = lambda _: False,
) -> Submission:
    """Judge what `check_body` let pass and put the good ones into the pool.

    is_forged: whether a transaction id is in a block already, which only the store knows.
    """
    intake = _Intake(state, mempool)
    for candidate in candidates:
        intake.judge(candidate)
    return intake.finish(is_forged)


class _Intake:
    """One request on its way: what was accepted so far, and what was not."""

    def __init__(self, state: State, mempool: Mempool) -> None:
        self.state = state
        self.mempool = mempool
        self.rules = state.scene.rules
        self.passed: dict[str, Entry] = {}
        self.excess: list[str] = []
        self.errors: dict[str, list[tuple[str, str]]] = {}

    def judge(self, candidate: Candidate) -> None:
        given = str(candidate.record["id"])
        try:
            entry = self._judge(candidate, given)
        except IopError as exc:
            self._refuse(given, exc)
            return
        if entry is not None:
            self.passed[entry.txid.hex()] = entry

    def finish(self, is_forged: IsForged) -> Submission:
        taken = []
        accept, broadcast = [], []
        for txid, entry in self.passed.items():
            try:
                if self._may_be_forged(entry.tx) and is_forged(entry.txid):
                    raise refuse("Already forged.", "ERR_FORGED")
                self.mempool.add_entry(entry)
            except VerifyError as exc:
                self._refuse(txid, exc)
                if exc.detail.get("type") == "ERR_POOL_FULL":
                    broadcast.append(txid)
            else:
                accept.append(txid)
                broadcast.append(txid)
                taken.append(entry.tx)
        return Submission(
            tuple(accept),
            tuple(broadcast),
            tuple(self.excess),
            tuple(self.errors),
            {txid: tuple(found) for txid, found in self.errors.items()},
            tuple(taken),
        )

    def _refuse(self, txid: str, exc: IopError) -> None:
        type_ = str(exc.detail.get("type", "ERR_UNKNOWN"))
        self.errors.setdefault(txid, []).append((type_, exc.message))

    def _may_be_forged(self, tx: Transaction) -> bool:
        """Whether the sender has used the nonce: without that the transaction is in no block, and nobody needs to look."""
        return tx.nonce <= self.state.book.account_of(tx.sender).nonce

    def _judge(self, candidate: Candidate, given: str) -> Entry | None:
        """The entry for the pool, or None for one too many of its sender; else VerifyError."""
        state, pool, record = self.state, self.mempool, candidate.record
        if _is_hex_id(given) and bytes.fromhex(given) in pool:
            raise refuse(f"Duplicate transaction {given}", "ERR_DUPLICATE")
        tx = candidate.tx
        if pool.is_full_for(tx.sender if tx else bytes.fromhex(record["senderPublicKey"])):
            self.excess.append(given)
            return None
        if tx is None:
            tx = self._build(record)
        self._check_statements(tx)
        check_active(find_kind(tx.type_group, tx.type), self.rules)
        pool.check_entry(tx)
        check_layer2_fee(tx)
        entry = make_entry(tx)
        self._check_size(entry.size, given)
        if not self._is_sealed(tx):
            raise refuse("Transaction didn't pass the verification process.", "ERR_BAD_DATA")
        check_pool_fee(tx, state.params, entry.size)
        return entry

    def _build(self, record: dict[str, Json]) -> Transaction:
        params = self.state.params
        try:
            return build_transaction(record, params)[0]
        except SchemaError as exc:
            raise refuse(
                exc.message, str(exc.detail.get("type", "ERR_TRANSACTION_SCHEMA"))
            ) from exc
        except DataError as exc:
            type_ = str(exc.detail.get("type", "ERR_UNKNOWN"))
            message = exc.message
            if type_ == "ERR_INVALID_RECIPIENT":
                recipient, byte = record["recipientId"], params.byte
                message = f"Recipient {recipient} is not on the same network: {byte}"
            raise refuse(message, type_) from exc

    def _check_statements(self, tx: Transaction) -> None:
        if tx.type_group == BOARD_GROUP:
            try:
                check_signatures(read_batch(tx.asset))
            except DataError as exc:
                raise refuse(exc.message, "ERR_INVALID_TX") from exc

    def _check_size(self, size: int, given: str) -> None:
        most = self.state.params.rules_at(self.state.height).max_transaction_bytes
        if size > most:
            raise refuse(f"Transaction {given} is larger than {most} bytes.", "ERR_TOO_LARGE")

    def _is_sealed(self, tx: Transaction) -> bool:
        rule = self.mempool.account(tx.sender).multi_signature
        return is_signature_valid(tx) if rule is None else is_multi_valid(tx, rule)


def _is_hex_id(text: str) -> bool:
    return len(text) == 64 and _HEX.issuperset(text)
