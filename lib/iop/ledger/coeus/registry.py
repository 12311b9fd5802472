"""The registry of names: a state machine of blocks and transactions with an undo journal (morpheus 18).

Nothing is cloned: every change leaves behind what takes it back, so a transaction costs what it touches however many names there
are. Error texts and the quirks of reverts are the original's.
"""

from __future__ import annotations

from iop.errors import DataError, LimitError, MissingError, VerifyError
from iop.ledger.coeus.bundle import encode_signing_text, is_text_signed
from iop.ledger.coeus.domain import Domain, create_root
from iop.ledger.coeus.execution import BlockUndo, check_right, execute, find, undo
from iop.ledger.coeus.operation import HEIGHT_MAX
from iop.ledger.coeus_schema.work import STEPS_PER_BYTE, Work

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iop.codec.json import Json
    from iop.keys.multicipher import PublicKey
    from iop.ledger.coeus.bundle import Asset, Bundle
    from iop.ledger.coeus.execution import Undo
    from iop.ledger.coeus.name import Name
    from iop.ledger.coeus.operation import Record

CORRUPT = "Coeus state is corrupt. All incoming changes will be ignored."
_U64_MAX = (1 << 64) - 1


class Registry:
    """The state of Coeus.

    last_seen_height: of the last block, 0 at the start. is_corrupted: a revert went wrong; queries still answer, changes are refused.
    first_version: of the oldest change that can be taken back. journal: what takes the changes back, newest last. nonces: last used,
    by suite and bytes of the key. statuses: by transaction id, the version before it and whether it was confirmed.
    """

    def __init__(self) -> None:
        self.root = create_root()
        self.last_seen_height = 0
        self.is_corrupted = False
        self.first_version = 0
        self.journal: list[Undo] = []
        self.nonces: dict[tuple[str, bytes], int] = {}
        self.statuses: dict[str, tuple[int, bool]] = {}

    @property
    def version(self) -> int:
        """How many changes stand: a block is one, and so is each operation."""
        return self.first_version + len(self.journal)

    def apply_block(self, height: int) -> None:
        """Opens the block of a height of 32 bits, which has to be above the last. Raises VerifyError, DataError."""
        self._check_sound()
        if not 0 <= height <= HEIGHT_MAX:
            raise DataError(f"block height has 32 bits, got {height}")
        last = self.last_seen_height
        if height <= last:
            raise VerifyError(f"Already seen height {last}, cannot set it to {height}")
        self.journal.append(BlockUndo(last))
        self.last_seen_height = height

    def revert_block(self, height: int) -> None:
        """Takes back the newest block, whose transactions have been reverted. Any failure (VerifyError) corrupts."""
        self._check_sound()
        last = self.last_seen_height
        self.is_corrupted = True  # unless the end is reached
        if last != height:
            raise VerifyError(
                f"Cannot revert block at height {height}, "
                f"because currently the state is at height {last}"
            )
        self._undo_last()
        if last <= self.last_seen_height:
            raise VerifyError(
                f"Cannot revert block at height {height}, "
                "because the operation undone was not reducing the block height."
            )
        self.is_corrupted = False

    def apply_transaction(self, txid: str, asset: Asset) -> None:
        """Applies the bundles in order, all or none of their operations, and remembers the outcome under the id.

        Raises VerifyError if the transaction is rejected; nonces of bundles that had succeeded stay used, as in the original.
        """
        self._check_sound()
        before = self.version
        confirmed = False
        try:
            self._apply_bundles(asset, Work(), STEPS_PER_BYTE)
            confirmed = True
        finally:
            if not confirmed:
                self._undo_to(before)
            self.statuses[txid] = (before, confirmed)

    def check_transaction(self, asset: Asset, steps: int | None = None) -> None:
        """Nothing if a transaction with this asset would be confirmed now, else VerifyError; the state stays as it is.

        steps: of work that the schemas may take, where that is to be less than a transaction pays for; LimitError beyond.
        """
        self._check_sound()
        work = Work() if steps is None else Work(steps)
        before = self.version
        nonces = {key: self.nonces.get(key) for key in map(_get_signer, asset.bundles)}
        try:
            self._apply_bundles(asset, work, STEPS_PER_BYTE if steps is None else 0)
        except VerifyError as exc:
            if steps is not None and work.left < 0:
                raise LimitError("it takes too much work to foresee this") from exc
            raise
        finally:
            self._undo_to(before)
            for key, nonce in nonces.items():
                if nonce is None:
                    self.nonces.pop(key, None)
                else:
                    self.nonces[key] = nonce

    def revert_transaction(self, txid: str, asset: Asset) -> None:
        """Takes back the newest transaction; its nonces stay used. Any failure (VerifyError) corrupts.

        The original compares no more than the count of operations, so reverting a rejected transaction that has any corrupts.
        """
        self._check_sound()
        self.is_corrupted = True  # unless the end is reached
        before, _ = self.statuses.pop(txid, (-1, False))
        if before < 0:
            raise VerifyError("Transaction has not been applied previously.")
        if before + sum([len(bundle.operations) for bundle in asset.bundles]) != self.version:
            raise VerifyError(
                "Number of operations in transaction do not match our previous records."
            )
        self._undo_to(before)
        self.is_corrupted = False

    def changes_since(self, version: int) -> list[Undo]:
        """What takes back the changes after a version, oldest first."""
        return self.journal[max(version - self.first_version, 0) :]

    def forget_undo(self, version: int) -> None:
        """Gives up taking back the changes before a version, and the memory that costs."""
        count = min(max(version - self.first_version, 0), len(self.journal))
        del self.journal[:count]
        self.first_version += count

    def resolve(self, name: Name) -> Json:
        """The data of a name. Raises MissingError: an edge of it is not there, or expired."""
        domain = self.root
        for edge in name.edges:
            below = domain.child(edge)
            if below is None:
                raise MissingError(f"Edge {edge} was not found for domain {name}")
            if below.is_expired_at(self.last_seen_height):
                raise MissingError(f"Edge {edge} in domain {name} expired")
            domain = below
        return domain.data()

    def metadata_of(self, name: Name) -> Record:
        """Owner, policies and expiry of a name, expired or not. Raises MissingError."""
        return self._find(name).metadata()

    def children_of(self, name: Name) -> list[str]:
        """The edges right below a name, expired or not, sorted. Raises MissingError."""
        return sorted(self._find(name).children or ())

    def last_nonce(self, key: PublicKey) -> int:
        """The last nonce that a key has used; 0 if none."""
        return self.nonces.get((key.suite, key.data), 0)

    def is_confirmed(self, txid: str) -> bool:
        """True if the transaction was confirmed, False if it was rejected. Raises MissingError."""
        if txid not in self.statuses:
            raise MissingError(f"Cannot find txn with id {txid}")
        return self.statuses[txid][1]

    def _find(self, name: Name) -> Domain:
        domain = find(self.root, name)
        if domain is None:
            raise MissingError(f"Cannot find domain with name {name}")
        return domain

    def _check_sound(self) -> None:
        if self.is_corrupted:
            raise VerifyError(CORRUPT)

    def _apply_bundles(self, asset: Asset, work: Work, steps_per_byte: int) -> None:
        for bundle in asset.bundles:
            try:
                text = encode_signing_text(bundle.operations, bundle.nonce)
            except DataError:
                text = ""  # what has no canonical text cannot have been signed
            if not text or not is_text_signed(bundle, text):
                raise VerifyError("Invalid signature or the operations were tampered with")
            work.left += steps_per_byte * len(text)
            # All of them before any runs: hence an operation on a name that the same bundle registers is refused.
            for operation in bundle.operations:
                check_right(self.root, operation, bundle.public_key)
            signer = _get_signer(bundle)
            expected = self.nonces.get(signer, 0) + 1
            if bundle.nonce != expected:
                raise VerifyError(f"Invalid nonce {bundle.nonce}, expected {expected}")
            for operation in bundle.operations:
                self.journal.append(execute(self.root, operation, self.last_seen_height, work))
            self.nonces[signer] = expected

    def _undo_to(self, version: int) -> None:
        while self.version > version:
            self._undo_last()

    def _undo_last(self) -> None:
        if not self.journal:
            raise VerifyError(f"Cannot undo to version {(self.version - 1) & _U64_MAX} anymore")
        entry = self.journal.pop()
        if isinstance(entry, BlockUndo):
            self.last_seen_height = entry.height
        else:
            undo(self.root, entry)


def _get_signer(bundle: Bundle) -> tuple[str, bytes]:
    return bundle.public_key.suite, bundle.public_key.data
