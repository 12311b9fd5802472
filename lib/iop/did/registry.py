"""The registry's state machine: blocks and transactions in, verdicts and documents out (morpheus 11).

A transaction is all or nothing. Its attempts run on drafts of the rows they touch; only success carries them into the state, so the
cost of a transaction is that of its own rows. The machine is a function of the calls it has seen: no clock, no randomness.
Refusals of rules are VerifyError with the original's text; assets that cannot be read are DataError and leave no trace.
"""

from __future__ import annotations

from iop.did.entry import forget_after, implicit_state, to_document
from iop.did.identifier import parse_did
from iop.did.operation import Signed, parse_asset, parse_attempts, signable_to_record, to_record
from iop.did.state import State
from iop.did.trial import Trial, is_valid_lenient
from iop.errors import IopError, VerifyError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from iop.codec.json import Json
    from iop.did.operation import BeforeProof, Signable
    from iop.did.trial import Verifier

    Attempts = tuple[BeforeProof | Signed, ...]

MAX_HEIGHT = (1 << 31) - 1
CORRUPT = "Morpheus state is corrupt. All incoming changes will be ignored."
DRY_RUN = "dry_run"


class Registry:
    """Identifiers, before-proofs and the transactions that made them, at the height of the last block seen.

    `verifier` judges signatures; a node that has verified a block's signatures in bulk passes one that only looks them up.
    """

    def __init__(self, state: State | None = None, verifier: Verifier = is_valid_lenient) -> None:
        self.state = State() if state is None else state
        self._verifier = verifier

    @property
    def is_corrupted(self) -> bool:
        """True after a call that cannot happen on a consistent chain; nothing is answered any more."""
        return self.state.corrupted

    # Changes.

    def apply_block(self, height: int) -> None:
        """Begin a block. Heights may repeat but not fall: a fall corrupts."""
        _check_height(height)
        self._check_sound()
        if height < self.state.height:
            self.state.corrupted = True
            raise VerifyError(
                f"The applied height ({height}) is < last seen height ({self.state.height})"
            )
        self.state.height = height

    def revert_block(self, height: int) -> None:
        """Go back to a height, that of the block that is the last one now. A rise corrupts."""
        _check_height(height)
        self._check_sound()
        if height > self.state.height:
            self.state.corrupted = True
            raise VerifyError(
                f"The reverted height ({height}) is > last seen height ({self.state.height})"
            )
        self.state.height = height

    def apply_transaction(self, txid: str, asset: Json | Attempts) -> None:
        """Run a transaction at the current height; when this returns, it is confirmed.

        Raises DataError when the asset cannot be read (no trace), VerifyError when it is rejected (the attempt and the verdict stay).
        A txid with a verdict changes no document, but a failing repetition turns the verdict to rejected.
        """
        attempts = asset if isinstance(asset, tuple) else parse_asset(asset)
        self._check_sound()
        state = self.state
        touched = find_dids(attempts)
        for did in touched:
            state.register(did, txid)
        trial = Trial(state, txid, self._verifier)
        seen = txid in state.status
        try:
            for attempt in attempts:
                trial.apply(attempt)
        except IopError as exc:
            state.set_status(txid, touched, confirmed=False)
            if seen:
                raise VerifyError(f"Transaction {txid} was already confirmed") from exc
            if isinstance(exc, VerifyError):
                raise
            raise VerifyError(exc.message) from exc
        if seen:
            raise VerifyError(f"Transaction {txid} was already confirmed")
        trial.commit()
        state.set_status(txid, touched, confirmed=True)

    def revert_transaction(self, txid: str, asset: Json | Attempts) -> None:
        """Take back a transaction at the height it was applied at, newest first.

        Raises DataError when the asset cannot be read; any VerifyError corrupts the registry.
        """
        attempts = asset if isinstance(asset, tuple) else parse_asset(asset)
        self._check_sound()
        state = self.state
        confirmed = state.status.get(txid)
        if confirmed is None:
            state.corrupted = True
            raise VerifyError(f"Transaction {txid} has not been applied, cannot revert.")
        state.drop_status(txid)
        if confirmed:
            trial = Trial(state, txid, self._verifier)
            try:
                for attempt in reversed(attempts):
                    trial.revert(attempt)
            except IopError as exc:
                state.set_status(txid, (), confirmed=True)
                state.corrupted = True
                if isinstance(exc, VerifyError):
                    raise
                raise VerifyError(exc.message) from exc
            trial.commit()
        for did in find_dids(attempts):
            state.forget(did, txid)

    def dry_run(self, attempts: Json | Attempts, *, height: int | None = None) -> list[Json]:
        """What would be wrong with a list of attempts: nothing, or the first failure with its message.

        `height` is the one that counts as theirs, by default the last one, as in the original; what is sent now stands one higher.
        Raises DataError when the list cannot be read. Nothing changes, whatever happens.
        """
        parsed = attempts if isinstance(attempts, tuple) else parse_attempts(attempts)
        if self.is_corrupted:
            return [{"invalidOperationAttempt": None, "message": CORRUPT}]
        trial = Trial(self.state, DRY_RUN, self._verifier, height)
        for attempt in parsed:
            try:
                trial.apply(attempt)
            except IopError as exc:
                return [{"invalidOperationAttempt": to_record(attempt), "message": exc.message}]
        return []

    # Queries. All raise VerifyError when the state is corrupted.

    def last_height(self) -> int:
        """Height of the last block seen, 0 at the start."""
        return self._sound().height

    def is_confirmed(self, txid: str) -> bool | None:
        """True confirmed, False rejected, None never seen."""
        return self._sound().status.get(txid)

    def before_proof_exists_at(self, content_id: str, height: int | None = None) -> bool:
        """Whether a content id was registered at or before a height; at any height if none is given."""
        if height is not None:
            _check_height(height)
        proof = self._sound().proofs.get(content_id)
        return proof is not None and (height is None or proof[0] <= height)

    def before_proof_history(self, content_id: str) -> dict[str, Json]:
        """The history answer on a content id (morpheus 8)."""
        state = self._sound()
        height, txid = state.proofs.get(content_id, (None, None))
        return {
            "contentId": content_id,
            "existsFromHeight": height,
            "txid": txid,
            "queriedAtHeight": state.height,
        }

    def transaction_history(
        self, did: str, attempts: bool, start: int, end: int | None = None
    ) -> list[Json]:
        """`transactionId` and `height` of transactions on a DID, newest first, both ends inclusive.

        The DID is looked up by its text, so that only its base58btc spelling finds anything.
        """
        if end is not None:
            _check_height(end)
        rows = self._sound().read_log(did, start, end, attempts=attempts)
        return [{"transactionId": txid, "height": height} for txid, height in rows]

    def last_transaction(self, did: str) -> dict[str, Json] | None:
        """`transactionId` and `height` of the newest confirmed transaction on a DID, looked up by text."""
        found = self._sound().find_confirmed(did)
        return found and {"transactionId": found[0], "height": found[1]}

    def last_txid(self, did: str) -> str | None:
        """The newest confirmed transaction on a DID, the one that its next operation must name."""
        found = self._sound().find_confirmed(did)
        return found and found[0]

    def document_at(
        self, did: str, height: int | None = None, *, hindsight: bool = True
    ) -> dict[str, Json]:
        """The document of a DID, at the last height if none is given. Raises DecodeError for a malformed DID.

        With `hindsight`, ends of validity and histories are those of today, as the original shows them; without, the answer is the
        one that was given when that block was the last. The state is looked up by the text given (morpheus 11).
        """
        if height is not None:
            _check_height(height)
        state = self._sound()
        at = state.height if height is None else height
        known = state.dids.get(did)
        shown = str(parse_did(did)) if known is None else did  # rows are filed under base58btc
        known = known or implicit_state(shown)
        return to_document(shown, known if hindsight else forget_after(known, at), at)

    def operations(
        self,
        did: str,
        attempts: bool,
        start: int,
        end: int | None,
        find_asset: Callable[[str], Json | Attempts],
    ) -> list[Json]:
        """The operations on a DID with their transactions, newest first (morpheus 12).

        `find_asset` gives the asset of a txid: the registry keeps verdicts, not transactions.
        """
        return [
            row
            for rows in self.walk_operations(did, attempts, start, end, find_asset)
            for row in rows
        ]

    def walk_operations(
        self,
        did: str,
        attempts: bool,
        start: int,
        end: int | None,
        find_asset: Callable[[str], Json | Attempts],
    ) -> Iterator[list[Json]]:
        """As `operations`, transaction by transaction; blocks may come in between."""
        if end is not None:
            _check_height(end)
        state = self._sound()
        for txid, height in state.read_log(did, start, end, attempts=attempts):
            asset = find_asset(txid)
            parsed = asset if isinstance(asset, tuple) else parse_asset(asset)
            signables = [s for a in parsed if isinstance(a, Signed) for s in a.signables]
            valid = state.status.get(txid, False)
            yield [
                {
                    "transactionId": txid,
                    "blockHeight": height,
                    "data": _show_signable(signable),
                    "valid": valid,
                }
                for signable in reversed(signables)
                if signable.did == did
            ]

    def _check_sound(self) -> None:
        if self.state.corrupted:
            raise VerifyError(CORRUPT)

    def _sound(self) -> State:
        self._check_sound()
        return self.state


def find_dids(attempts: Attempts) -> list[str]:
    """The identifiers that attempts name, each once, in order of appearance."""
    return list(
        dict.fromkeys(s.did for a in attempts if isinstance(a, Signed) for s in a.signables)
    )


def _show_signable(signable: Signable) -> dict[str, Json]:
    shown = signable_to_record(signable, "ts")
    if signable.expires == 0:
        # The original's listing leaves an expiry of 0 out.
        del shown["expiresAtHeight"]
    return shown


def _check_height(height: int) -> None:
    if not 0 <= height <= MAX_HEIGHT:
        raise VerifyError(f"Blockheight cannot be negative: {height}")
