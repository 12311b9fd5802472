"""Engines order transactions into blocks; the state cannot tell which one feeds it.

Every engine has `propose(transactions, now) -> Block`, which changes nothing, and `commit(block) -> Changes`, which applies a
block to the state and lets the pool follow. `Solo` is the engine of one sequencer: whoever has its key makes every block.
"""

from __future__ import annotations

from iop.crypto.secp256k1 import compute_public_key
from iop.errors import IopError, VerifyError
from iop.ledger import rules
from iop.ledger.block import Block, sign_block
from iop.ledger.wire import compute_id_bytes, encode_transaction

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Protocol

    from iop.ledger.book import Book
    from iop.ledger.mempool import Mempool
    from iop.ledger.state import Changes, State
    from iop.ledger.wire import Transaction

    class Engine(Protocol):
        """What a node asks of an engine. `now` is unix time in seconds."""

        def propose(self, transactions: Iterable[Transaction], now: int) -> Block: ...
        def commit(self, block: Block, *, verify: bool = True) -> Changes: ...


class Solo:
    """One sequencer. With a secret it proposes; with only a public key it follows that sequencer's blocks."""

    def __init__(
        self,
        state: State,
        mempool: Mempool,
        *,
        secret: bytes | None = None,
        producer: bytes | None = None,
    ) -> None:
        if secret is not None:
            producer = compute_public_key(secret)
        if producer is None:
            raise VerifyError("a solo engine needs the sequencer's secret or its public key")
        self.state = state
        self.mempool = mempool
        self.producer = producer
        self._secret = secret
        self._proposed: tuple[Block, Book] | None = None  # and where its transactions left the book

    def is_due(self, now: int) -> bool:
        """Whether the block time of the network has passed since the newest block."""
        return now >= self.due_at()

    def due_at(self) -> int:
        """Unix time from which the next block may be made."""
        state = self.state
        newest = state.params.epoch + state.timestamp
        return newest + state.params.rules_at(state.height + 1).blocktime

    def propose(self, transactions: Iterable[Transaction], now: int) -> Block:
        """The signed block that would come next at unix time `now`: of the transactions, in order, those that can be applied.

        Raises VerifyError when this engine has no secret. The state stays as it is.
        """
        if self._secret is None:
            raise VerifyError("only the sequencer proposes blocks")
        state = self.state
        timestamp = max(now - state.params.epoch, state.timestamp)
        chosen, book = self._choose(transactions, timestamp)
        block = Block(
            state.params.byte,
            state.height + 1,
            timestamp,
            state.block_id,
            self.producer,
            chosen,
            state=state.state_hash,
        )
        signed = sign_block(block, state.params, self._secret)
        self._proposed = signed, book
        return signed

    def commit(self, block: Block, *, verify: bool = True) -> Changes:
        """Apply a block and let the pool follow. Raises VerifyError, changing nothing, when it is not the sequencer's next one."""
        if block.producer != self.producer:
            raise VerifyError(
                f"block by {self.producer.hex()} expected, got one by {block.producer.hex()}"
            )
        proposed, self._proposed = self._proposed, None
        # the very block that was chosen here has been judged and carried out; its header ties it to the state
        book = proposed[1] if proposed and proposed[0] is block and not verify else None
        changes = self.state.apply_block(block, verify=verify, book=book)
        self.mempool.update(changes)
        return changes

    def _choose(
        self, transactions: Iterable[Transaction], timestamp: int
    ) -> tuple[tuple[Transaction, ...], Book]:
        """What goes into the next block, and a fork of the book on which that is carried out."""
        state = self.state
        limits = state.params.rules_at(state.height + 1)
        book = state.book.fork()
        room = limits.max_payload
        chosen: list[Transaction] = []
        for tx in transactions:
            if len(chosen) == limits.max_transactions:
                break
            size = len(encode_transaction(tx))
            if size > room:
                continue
            try:
                state.check_effect(tx, book=book)
            except IopError:
                continue
            rules.apply(book, tx, compute_id_bytes(tx), timestamp, height=state.height + 1)
            room -= size
            chosen.append(tx)
        return tuple(chosen), book
