"""The state of the ledger, and the one function that changes it: a block.

Layer 1 (the book) refuses a block as a whole when one of its transactions may not be; layer 2 (the registries of DIDs and names)
sees the transactions of a block that layer 1 took, and records rejections without harm (morpheus ch. 17). Nothing here knows
where blocks come from, what time it is or where they are stored; the same blocks give the same state, and the same state hash: the
root of the tree of all rows (`iop.ledger.row`). Trees are immutable and share what is equal, so those of the newest blocks are kept.
"""

from __future__ import annotations

from iop.crypto.hash import sha256
from iop.crypto.sparse_tree import EMPTY
from iop.errors import IopError, VerifyError
from iop.ledger import kind as kinds
from iop.ledger import rules
from iop.ledger.account import Account, Delegate
from iop.ledger.address import compute_address_hash
from iop.ledger.block import FIRST_VERSION, Block, compute_block_id, is_block_signed
from iop.ledger.book import Book
from iop.ledger.genesis import Genesis, compute_genesis_block
from iop.ledger.history import History
from iop.ledger.layer2 import Layer2
from iop.ledger.record import check_form
from iop.ledger.row import BOOK, HEAD, Head, compute_place, encode_head, encode_key
from iop.ledger.rules import Scene, refuse
from iop.ledger.seal import is_signature_valid
from iop.ledger.wire import Transaction, compute_id_bytes, encode_transaction
from iop.value import replace, value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from iop.crypto.sparse_tree import Tree
    from iop.did.registry import Registry
    from iop.ledger.book import Tables
    from iop.ledger.coeus.registry import Registry as NameRegistry
    from iop.ledger.layer2 import Outcome, Trace

    Row = tuple[str, bytes | str, str | None]

UNDO_BLOCKS = 64  # how many of the newest blocks can be taken back


@value
class Changes:
    """One applied block: its id, those of its transactions, the touched rows of every table (key → old, new), layer 2.

    before: where the chain stood; `tree` and `version` (of the block there) are also of that time.
    """

    block: Block
    block_id: bytes
    txids: tuple[bytes, ...]
    tables: Tables
    layer2: Trace
    before: Head
    tree: Tree
    version: int
    state_hash: bytes  # after the block

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """What layer 2 said to the block's transactions of its kinds, in order."""
        return self.layer2.outcomes


class State:
    """All that the chain has agreed on, at its newest block. Mutated only by `apply_block` and `revert_block`."""

    def __init__(
        self,
        genesis: Genesis,
        *,
        registry: Registry | None = None,
        names: NameRegistry | None = None,
    ) -> None:
        self.genesis = genesis
        self.params = genesis.params
        self.book = Book()
        self.layer2 = Layer2(registry, names)
        self.registry = self.layer2.registry
        self.names = self.layer2.names
        block = self.genesis_block = compute_genesis_block(genesis)
        self.history = History()
        self.head = Head(
            block.height,
            block.timestamp,
            compute_block_id(block, self.params),
            self.history.digest,
        )
        self.tree = EMPTY
        self._version = block.version
        self._scene: Scene | None = None
        self._undo: list[Changes] = []
        self._open(genesis)

    @property
    def height(self) -> int:
        """Height of the newest block."""
        return self.head.height

    @property
    def timestamp(self) -> int:
        """Time stamp of the newest block, seconds since the network's epoch."""
        return self.head.timestamp

    @property
    def block_id(self) -> bytes:
        """Id of the newest block."""
        return self.head.block_id

    @property
    def state_hash(self) -> bytes:
        """The state hash after the newest block; the header of the next one carries it."""
        return self.tree.root

    @property
    def recent(self) -> tuple[Changes, ...]:
        """The newest blocks that can be taken back, oldest first."""
        return tuple(self._undo)

    @property
    def supply(self) -> int:
        """Flakes in existence: the first balances and the rewards of all blocks so far."""
        return self.genesis.total + self.params.rewards_until(self.height)

    @property
    def scene(self) -> Scene:
        """What the next transaction is judged by."""
        scene, head = self._scene, self.head
        if scene is None or scene.height != head.height or scene.timestamp != head.timestamp:
            rules_ = self.params.rules_at(head.height + 1)
            scene = self._scene = Scene(head.height, head.timestamp, rules_)
        return scene

    def account(self, name: bytes) -> Account | None:
        """The account of a 20-byte hash; None when nobody has used it."""
        return self.book.accounts.get(name)

    def check_transaction(self, tx: Transaction, *, book: Book | None = None) -> None:
        """Nothing when the transaction can come next; VerifyError with the pool's `type` and text otherwise.

        `book`: a fork that holds what is to come before it. The whole form and the first signature are judged, too.
        """
        check_form(tx, self.params, self.height)
        if not self._is_sealed(tx, book or self.book):
            raise refuse("Transaction didn't pass the verification process.", "ERR_BAD_DATA")
        self.check_effect(tx, book=book)

    def check_effect(self, tx: Transaction, *, book: Book | None = None) -> None:
        """As `check_transaction`, for a transaction whose form and first signature were judged already."""
        height = self.height + 1
        if 0 < tx.expiration <= height and tx.type_group == kinds.CORE and tx.type == 0:
            since = self.height - tx.expiration
            txid = compute_id_bytes(tx).hex()
            raise refuse(f"Transaction {txid} is expired since {since} blocks.", "ERR_EXPIRED")
        rules.check(book or self.book, tx, self.scene)

    def apply_block(
        self, block: Block, *, verify: bool = True, book: Book | None = None
    ) -> Changes:
        """Advance by one block. Raises VerifyError and changes nothing when the block may not follow.

        verify: False leaves out signatures and forms, for blocks that were judged before (one's own, or from one's own log).
        book: a fork of this state's book on which the block's transactions were judged and carried out already, to be taken over.
        """
        block_id = compute_block_id(block, self.params)
        self._check_header(block, verify=verify)
        txids = tuple(compute_id_bytes(tx) for tx in block.transactions)
        try:
            self._apply_layer1(block, block_id, txids, verify=verify, done=book)
        except IopError:
            self.book.rollback()
            raise
        tables = self.book.take_changes()
        trace = self.layer2.apply(block.height, zip(txids, block.transactions, strict=True))
        before, tree, version = self.head, self.tree, self._version
        self.history.append(block.height, trace.events())
        self.head = Head(block.height, block.timestamp, block_id, self.history.digest)
        self._version = block.version
        self._grow(self._changed_rows(tables, trace))
        changes = Changes(
            block, block_id, txids, tables, trace, before, tree, version, self.state_hash
        )
        self._undo.append(changes)
        if len(self._undo) > UNDO_BLOCKS:
            del self._undo[0]
            self.layer2.forget(self._undo[0].layer2)
        return changes

    def revert_block(self) -> Block:
        """Take the newest block back and return it. Raises VerifyError when it is too old to be remembered."""
        if not self._undo:
            raise VerifyError(f"block {self.height} cannot be taken back any more")
        changes = self._undo.pop()
        block = changes.block
        pairs = zip(changes.txids, block.transactions, strict=True)
        self.layer2.revert(block.height, pairs, changes.layer2)
        self.history.pop(block.height)
        self.book.restore(changes.tables)
        self.head, self.tree, self._version = changes.before, changes.tree, changes.version
        return block

    def load(
        self, head: Head, book: Book, layer2: Layer2, history: History, *, version: int
    ) -> None:
        """Become the state of these contents, as a snapshot has them; nothing can be taken back before the next block.

        version: the lowest that the next block may have.
        """
        self._version = version
        self.head, self.book, self.layer2, self.history = head, book, layer2, history
        self.registry, self.names = layer2.registry, layer2.names
        self.registry.state.track()
        self._undo = []
        self.tree = EMPTY
        self._grow(self.all_rows())

    def all_rows(self) -> Iterator[Row]:
        """Table, key and value of every row, table by table; equal states give equal sets of rows."""
        yield HEAD, "", encode_head(self.head)
        for table in self.book.tables():
            if table.name in BOOK:
                name, encode, _ = BOOK[table.name]
                for key, item in table.items():
                    yield name, key, encode(item)
        yield from self.layer2.all_rows()

    def _open(self, genesis: Genesis) -> None:
        for wallet in genesis.wallets:
            delegate = Delegate(wallet.username) if wallet.username else None
            account = Account(wallet.public_key, wallet.balance, delegate=delegate)
            self.book.put_account(wallet.name, account)
            if wallet.username:
                self.book.usernames.put(wallet.username, wallet.name)
        self.book.take_changes()
        self.layer2.open(self.height)
        self._grow(self.all_rows())

    def _changed_rows(self, tables: Tables, trace: Trace) -> Iterator[Row]:
        yield HEAD, "", encode_head(self.head)
        for name, changed in tables.items():
            if name in BOOK:
                table, encode, _ = BOOK[name]
                for key, (_, new) in changed.items():
                    yield table, key, None if new is None else encode(new)
        yield from self.layer2.rows(trace)

    def _grow(self, rows: Iterable[Row]) -> None:
        self.tree = self.tree.update(
            {
                compute_place(table, encode_key(key)): None
                if text is None
                else sha256(text.encode())
                for table, key, text in rows
            }
        )

    def _check_header(self, block: Block, *, verify: bool) -> None:
        if block.network != self.params.byte:
            raise VerifyError(f"block of network {self.params.byte} expected, got {block.network}")
        if block.height != self.height + 1:
            raise VerifyError(f"block of height {self.height + 1} expected, got {block.height}")
        if block.parent != self.block_id:
            raise VerifyError(
                f"block after {self.block_id.hex()} expected, got {block.parent.hex()}"
            )
        if block.timestamp < self.timestamp:
            raise VerifyError(
                f"block time stamp of at least {self.timestamp} expected, got {block.timestamp}"
            )
        if block.version < self._version:
            raise VerifyError(f"block of version {self._version} expected, got {block.version}")
        if block.version > FIRST_VERSION and block.state != self.state_hash:
            raise VerifyError(
                f"block {block.height} stands on state {block.state.hex()}, "
                f"here it is {self.state_hash.hex()}"
            )
        limits = self.params.rules_at(block.height)
        if len(block.transactions) > limits.max_transactions:
            raise VerifyError(
                f"block of at most {limits.max_transactions} transactions expected, "
                f"got {len(block.transactions)}"
            )
        if verify:
            payload = sum(len(encode_transaction(tx)) for tx in block.transactions)
            if payload > limits.max_payload:
                raise VerifyError(
                    f"block payload of at most {limits.max_payload} bytes expected, got {payload}"
                )
            if not is_block_signed(block, self.params):
                raise VerifyError("block is not signed by its producer")

    def _is_sealed(self, tx: Transaction, book: Book) -> bool:
        """A multi-signature account's parts are judged by the rules; everybody else signs first of all."""
        return bool(book.account_of(tx.sender).multi_signature) or is_signature_valid(tx)

    def _apply_layer1(
        self,
        block: Block,
        block_id: bytes,
        txids: tuple[bytes, ...],
        *,
        verify: bool,
        done: Book | None,
    ) -> None:
        if done is not None:
            self.book.adopt(done)
        else:
            for tx, txid in zip(block.transactions, txids, strict=True):
                if verify:
                    self.check_transaction(tx)
                else:
                    self.check_effect(tx)
                rules.apply(self.book, tx, txid, block.timestamp, height=block.height)
        self._reward(block, block_id, sum(tx.fee for tx in block.transactions))

    def _reward(self, block: Block, block_id: bytes, fees: int) -> None:
        reward = self.params.rules_at(block.height).reward
        name = compute_address_hash(block.producer)
        account = self.book.account(name)
        delegate = account.delegate
        if not (fees or reward or delegate):
            return
        if delegate is not None:
            delegate = replace(
                delegate,
                produced=delegate.produced + 1,
                fees=delegate.fees + fees,
                rewards=delegate.rewards + reward,
                last_block=block_id,
                last_height=block.height,
                last_timestamp=block.timestamp,
            )
        earned = replace(account, balance=account.balance + fees + reward, delegate=delegate)
        self.book.put_account(name, earned)
