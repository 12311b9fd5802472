"""Layer 2 behind the blocks: the DID registry and the registry of names, fed and taken back together (morpheus ch. 17).

Both see every block, and the transactions of their kind in it, only after layer 1 has taken the block as a whole. A rejection there
changes nothing on layer 1: the transaction stays in the block and its fee is paid. Taking a block back restores both exactly;
the original's way of doing that leaves names corrupt and nonces used (morpheus ch. 18), so it is not followed.
"""

from __future__ import annotations

from iop.did.registry import Registry
from iop.errors import DataError, VerifyError
from iop.ledger import kind as kinds
from iop.ledger.coeus.bundle import Asset, asset_from_record
from iop.ledger.coeus.registry import Registry as NameRegistry
from iop.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from iop.codec.json import Json
    from iop.ledger.wire import Transaction

    Nonces = dict[tuple[str, bytes], int | None]


@value
class Outcome:
    """What layer 2 said to a transaction: `error` is None when it was confirmed, the reason of the rejection otherwise.

    is_recorded: False when the asset could not even be read, which leaves no trace.
    """

    txid: bytes
    error: str | None = None
    is_recorded: bool = True


@value
class Trace:
    """One block on layer 2: the outcomes in order, and what it takes to undo the part of the names."""

    outcomes: tuple[Outcome, ...]
    height: int  # before the block
    nonces: Nonces
    version: int  # of the names, before the block


class Layer2:
    """The two registries. They are only changed through `apply` and `revert`."""

    def __init__(self, registry: Registry | None = None, names: NameRegistry | None = None) -> None:
        self.registry = Registry() if registry is None else registry
        self.names = NameRegistry() if names is None else names

    def open(self, height: int) -> None:
        """Begin at the height of the genesis block."""
        self.registry.apply_block(height)
        self.names.apply_block(height)

    def apply(self, height: int, transactions: Iterable[tuple[bytes, Transaction]]) -> Trace:
        """Show a block's transactions (id and transaction, in order) to the registries."""
        before, version = self.names.last_seen_height, self.names.version
        nonces: Nonces = {}
        self.registry.apply_block(height)
        self.names.apply_block(height)
        outcomes = []
        for txid, tx in transactions:
            if tx.type_group == kinds.MORPHEUS_GROUP:
                outcomes.append(self._apply_one(txid, tx, nonces))
        return Trace(tuple(outcomes), before, nonces, version)

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
                self.registry.revert_transaction(txid.hex(), tx.asset)
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

    def _apply_one(self, txid: bytes, tx: Transaction, nonces: Nonces) -> Outcome:
        try:
            if tx.type == kinds.MORPHEUS.type:
                self.registry.apply_transaction(txid.hex(), tx.asset)
            else:
                self._apply_names(txid, tx.asset, nonces)
        except DataError as exc:
            return Outcome(txid, exc.message, is_recorded=False)
        except VerifyError as exc:
            return Outcome(txid, exc.message)
        return Outcome(txid)

    def _apply_names(self, txid: bytes, record: Json, nonces: Nonces) -> None:
        asset: Asset = asset_from_record(record)
        for bundle in asset.bundles:
            signer = (bundle.public_key.suite, bundle.public_key.data)
            nonces.setdefault(signer, self.names.nonces.get(signer))
        self.names.apply_transaction(txid.hex(), asset)
