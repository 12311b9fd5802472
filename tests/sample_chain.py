"""Blocks for tests of stores: linked and indexed as real ones, unsigned, with transactions told apart by a number."""

from iop.crypto.hash import sha256
from iop.ledger.address import compute_address_hash, encode_address
from iop.ledger.block import Block, compute_block_id, encode_block
from iop.ledger.chain import encode_chain, read_chain
from iop.ledger.index import index_block
from iop.ledger.wire import Transaction, compute_id_bytes, encode_transaction
from iop.store.ledger import BlockEntry, Change, PoolEntry

CHAIN = encode_chain("testnet")
PARAMS = read_chain(CHAIN).params
PRODUCER = b"\x02" + sha256(b"producer")
SENDERS = [b"\x03" + sha256(b"sender %d" % number) for number in range(3)]
NAMES = [compute_address_hash(key) for key in SENDERS]


def transfer(number, **more):
    """Transaction `number`: from the sender of that number to the next one."""
    fields = {"amount": number, "recipient": NAMES[(number + 1) % 3]} | more
    return Transaction(128, 1, 0, number, SENDERS[number % 3], 10 + number, **fields)


def payments(number, *recipients):
    """A multi-payment."""
    listed = [{"amount": "1", "recipientId": encode_address(128, name)} for name in recipients]
    return Transaction(128, 1, 6, number, SENDERS[0], 5, asset={"payments": listed})


def txid(tx):
    return compute_id_bytes(tx)


def waiting(tx):
    return PoolEntry(txid(tx), encode_transaction(tx))


class Chain:
    """Blocks one after the other, from height 2 on, twelve seconds apart."""

    def __init__(self, height=1):
        self.height = height
        self.parent = bytes(32)
        self.blocks = []

    def grow(self, *transactions):
        """The change that appends the next block."""
        self.height += 1
        block = Block(
            128, self.height, 12 * self.height, self.parent, PRODUCER, tuple(transactions)
        )
        self.parent = compute_block_id(block, PARAMS)
        self.blocks.append(block)
        return Change(
            block=BlockEntry(block.height, encode_block(block)), rows=index_block(block, PARAMS)
        )
