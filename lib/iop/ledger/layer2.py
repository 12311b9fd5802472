"""Layer 2 behind the blocks: the DID registry and the registry of names, fed and taken back together (morpheus ch. 17).

Both see every block, and the transactions of their kind in it, only after layer 1 has taken the block as a whole. A rejection there
changes nothing on layer 1: the transaction stays in the block and its fee is paid. Taking a block back restores both exactly;
the original's way of doing that leaves names corrupt and nonces used (morpheus ch. 18), so it is not followed.
"""

from __future__ import annotations

from iop.did.registry import Registry, find_dids
from iop.did.row import encode_fact
from iop.errors import DataError, VerifyError
from iop.keys.multicipher import PublicKey, parse_public_key
from iop.ledger import kind as kinds
from iop.ledger.asset import attempts_of
from iop.ledger.coeus.bundle import asset_from_record
from iop.ledger.coeus.execution import PlaceUndo, find
from iop.ledger.coeus.name import Name
from iop.ledger.coeus.registry import Registry as NameRegistry
from iop.ledger.coeus.row import encode_domain, walk
from iop.ledger.history import Event
from iop.ledger.row import DID, NAME, NONCE, PROOF, encode_nonce, encode_proof
from iop.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from iop.codec.json import Json
    from iop.did.state import Fact
    from iop.ledger.coeus.bundle import Bundle
    from iop.ledger.wire import Transaction

    Nonces = dict[tuple[str, bytes], int | None]
    Texts = dict[tuple[str, str], str | None]


@value
class Outcome:
    """What layer 2 said to a transaction: `error` is None when it was confirmed, the reason of the rejection otherwise.

    is_recorded: False when the asset could not even be read, which leaves no trace. dids: those that it tried to change, None for
    a transaction on names.
    """

    txid: bytes
    error: str | None = None
    is_recorded: bool = True
    dids: tuple[str, ...] | None = None


@value
class Trace:
    """One block on layer 2: the outcomes in order, what stood there before it, and what it takes to undo the part of the names.

    facts: of DIDs. texts: rows of names, by (table, key). Both hold what was touched, changed or not. proved: content ids.
    """

    outcomes: tuple[Outcome, ...]
    height: int  # before the block
    nonces: Nonces
    version: int  # of the names, before the block
    facts: dict[str, Fact]
    texts: Texts
    proved: tuple[str, ...]

    def events(self) -> Iterator[Event]:
        """What goes into the history."""
        for outcome in self.outcomes:
            if outcome.is_recorded:
                yield Event(outcome.txid.hex(), outcome.error is None, outcome.dids)


class Layer2:
    """The two registries. They are only changed through `apply` and `revert`."""

    def __init__(self, registry: Registry | None = None, names: NameRegistry | None = None) -> None:
        self.registry = Registry() if registry is None else registry
        self.names = NameRegistry() if names is None else names

    def open(self, height: int) -> None:
        """Begin at the height of the genesis block."""
        self.registry.apply_block(height)
        self.names.apply_block(height)
        self.registry.state.track()

    def apply(self, height: int, transactions: Iterable[tuple[bytes, Transaction]]) -> Trace:
        """Show a block's transactions (id and transaction, in order) to the registries."""
        before, version = self.names.last_seen_height, self.names.version
        nonces: Nonces = {}
        texts: Texts = {}
        self.registry.apply_block(height)
        self.names.apply_block(height)
        outcomes = []
        for txid, tx in transactions:
            if tx.type_group == kinds.MORPHEUS_GROUP:
                is_did = tx.type == kinds.MORPHEUS.type
                outcomes.append(
                    self._apply_dids(txid, tx)
                    if is_did
                    else self._apply_names(txid, tx.asset, nonces, texts)
                )
        facts, proved = self.registry.state.take_touched()
        return Trace(tuple(outcomes), before, nonces, version, facts, texts, proved)

    def rows(self, trace: Trace) -> Iterator[tuple[str, str, str | None]]:
        """Table, key and value (None: gone) of the rows that the newest block may have changed."""
        state = self.registry.state
        for did, old in trace.facts.items():
            new = state.fact_of(did)
            if new != old:
                yield DID, did, encode_fact(new)
        for content_id in trace.proved:
            yield PROOF, content_id, encode_proof(state.proofs[content_id])
        for table, key in trace.texts:
            yield table, key, self.find_row(table, key)

    def find_row(self, table: str, key: str) -> str | None:
        """The row of a key in a table of layer 2 as it stands; None when there is none."""
        if table == DID:
            return encode_fact(self.registry.state.fact_of(key))
        if table == PROOF:
            proof = self.registry.state.proofs.get(key)
            return None if proof is None else encode_proof(proof)
        if table == NAME:
            domain = find(self.names.root, Name(tuple(key.split(".")[1:])))
            return None if domain is None else encode_domain(domain)
        public = parse_public_key(key)
        nonce = self.names.nonces.get((public.suite, public.data))
        return None if nonce is None else encode_nonce(nonce)

    def all_rows(self) -> Iterator[tuple[str, str, str]]:
        """All rows of layer 2, table by table, in no order that means anything but parents before children."""
        state = self.registry.state
        dids = dict.fromkeys(state.dids)
        dids.update(dict.fromkeys(state.logs))
        for did in dids:
            row = encode_fact(state.fact_of(did))
            if row is not None:
                yield DID, did, row
        for content_id, proof in state.proofs.items():
            yield PROOF, content_id, encode_proof(proof)
        for name, domain in walk(self.names.root):
            yield NAME, str(name), encode_domain(domain)
        for signer, nonce in self.names.nonces.items():
            yield NONCE, str(PublicKey(*signer)), encode_nonce(nonce)

    def revert(
        self, height: int, transactions: Iterable[tuple[bytes, Transaction]], trace: Trace
    ) -> None:
        """Take the newest block back: transactions newest first at their own height, then the height."""
        said = {outcome.txid: outcome for outcome in trace.outcomes}
        for txid, tx in reversed(list(transactions)):
            outcome = said.get(txid)
            if outcome is None or not outcome.is_recorded:
                continue
            if tx.type == kinds.MORPHEUS.type:
                self.registry.revert_transaction(txid.hex(), attempts_of(tx))
            elif outcome.error is None:
                self.names.revert_transaction(txid.hex(), asset_from_record(tx.asset))
            else:
                del self.names.statuses[txid.hex()]
        self.registry.revert_block(trace.height)
        self.names.revert_block(height)
        for signer, nonce in trace.nonces.items():
            if nonce is None:
                self.names.nonces.pop(signer, None)
            else:
                self.names.nonces[signer] = nonce

    def forget(self, trace: Trace) -> None:
        """Give up what only taking back the blocks before this one would need."""
        self.names.forget_undo(trace.version)

    def _apply_dids(self, txid: bytes, tx: Transaction) -> Outcome:
        try:
            attempts = attempts_of(tx)
        except DataError as exc:
            return Outcome(txid, exc.message, is_recorded=False, dids=())
        dids = tuple(find_dids(attempts))
        try:
            self.registry.apply_transaction(txid.hex(), attempts)
        except VerifyError as exc:
            return Outcome(txid, exc.message, dids=dids)
        return Outcome(txid, dids=dids)

    def _apply_names(self, txid: bytes, record: Json, nonces: Nonces, texts: Texts) -> Outcome:
        try:
            asset = asset_from_record(record)
        except DataError as exc:
            return Outcome(txid, exc.message, is_recorded=False)
        for bundle in asset.bundles:
            self._note(bundle, nonces, texts)
        before = self.names.version
        try:
            self.names.apply_transaction(txid.hex(), asset)
        except VerifyError as exc:
            return Outcome(txid, exc.message)
        for entry in self.names.changes_since(before):
            if isinstance(entry, PlaceUndo) and entry.old is not None:
                # what stood there went with all that was below it
                for at, below in walk(entry.old, entry.name.edges):
                    texts.setdefault((NAME, str(at)), encode_domain(below))
        return Outcome(txid)

    def _note(self, bundle: Bundle, nonces: Nonces, texts: Texts) -> None:
        """Write down what stands where a bundle may change it."""
        signer = (bundle.public_key.suite, bundle.public_key.data)
        nonce = nonces.setdefault(signer, self.names.nonces.get(signer))
        texts.setdefault(
            (NONCE, str(bundle.public_key)), None if nonce is None else encode_nonce(nonce)
        )
        for operation in bundle.operations:
            at = (NAME, str(operation.name))
            if at not in texts:
                texts[at] = self.find_row(*at)
