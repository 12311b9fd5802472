"""Snapshots: the whole state at a height as lines of JSON, from which a node starts without the blocks before.

    {"type":"iop.snapshot/1","network":name,"nethash":hex,"height":h,"stateHash":hex,"header":hex | null}
    ["table","key",row]          every row of the state (iop.ledger.row), those of parents first
    ["events",height,[event…]]   what became of transactions on layer 2, by block (iop.ledger.history)
    {"type":"iop.snapshot-end/1","rows":n,"events":n,"sha256":hex}      over all bytes before this line

Nothing in it has to be believed: the rows give the state hash, the events the hash over outcomes in the head's row, and the header,
that of block h + 1 with its signature, carries the state hash. Only that header must be trusted.
"""

from __future__ import annotations

from iop.codec.json import encode_json, parse_json
from iop.did.registry import Registry
from iop.did.row import parse_fact
from iop.errors import SchemaError, VerifyError
from iop.keys.multicipher import parse_public_key
from iop.ledger.block import (
    FIRST_VERSION,
    ID_SIZE,
    compute_header_id,
    is_header_signed,
    parse_header,
)
from iop.ledger.book import Book
from iop.ledger.coeus.name import parse_name
from iop.ledger.coeus.registry import Registry as NameRegistry
from iop.ledger.coeus.row import parse_domain
from iop.ledger.history import History, parse_event
from iop.ledger.layer2 import Layer2
from iop.ledger.row import (
    ACCOUNT,
    BINARY,
    BOOK,
    DID,
    HEAD,
    NAME,
    NONCE,
    PROOF,
    parse_head,
    parse_nonce,
    parse_proof,
    read_key,
    show_key,
)
from iop.ledger.state import State
from iop.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from iop.codec.json import Json
    from iop.ledger.account import Account
    from iop.ledger.block import Header
    from iop.ledger.genesis import Genesis

RECORD = "iop.snapshot/1"
END = "iop.snapshot-end/1"
_BOOK_TABLES = {row: (name, parse) for name, (row, _, parse) in BOOK.items()}


@value
class Preface:
    """The first line: what the snapshot is of. header: of the block after it, None when there was none yet."""

    network: str
    nethash: bytes
    height: int
    state_hash: bytes
    header: Header | None


def write_snapshot(state: State, following: bytes = b"") -> Iterator[bytes]:
    """The lines of a snapshot of the state as it is, each with its line feed. The state must not change meanwhile.

    following: the bytes of block height + 1, where there is one, for its header.
    """
    from hashlib import sha256 as start

    digest = start()
    rows = 0
    header = parse_header(following) if following else None
    record = {
        "type": RECORD,
        "network": state.params.name,
        "nethash": state.params.nethash.hex(),
        "height": state.height,
        "stateHash": state.state_hash.hex(),
        "header": None if header is None else (header.data + header.signature).hex(),
    }
    line = _line(encode_json(record))
    digest.update(line)
    yield line
    for table, key, text in state.all_rows():
        shown = show_key(table, key) if isinstance(key, bytes) else key
        line = _line(f'["{table}",{encode_json(shown)},{text}]')
        rows += 1
        digest.update(line)
        yield line
    for height, events in state.history.blocks():
        line = _line(f'["events",{height},{events}]')
        digest.update(line)
        yield line
    counts = {"rows": rows, "events": state.history.count, "sha256": digest.hexdigest()}
    yield _line(encode_json({"type": END, **counts}))


def read_preface(line: bytes) -> Preface:
    """The first line of a snapshot. Raises SchemaError, DecodeError."""
    record = parse_json(line)
    if not isinstance(record, dict) or record.get("type") != RECORD:
        raise SchemaError(f"a snapshot begins with a record of type {RECORD}")
    height = record.get("height")
    if type(height) is not int or height < 0:
        raise SchemaError("the first line of the snapshot names no height")
    try:
        header = record["header"]
        return Preface(
            record["network"],
            bytes.fromhex(record["nethash"]),
            height,
            bytes.fromhex(record["stateHash"]),
            None if header is None else parse_header(bytes.fromhex(header)),
        )
    except (KeyError, TypeError, ValueError) as exc:
        raise SchemaError("the first line of the snapshot is malformed") from exc


def check_preface(preface: Preface, genesis: Genesis, trusted: bytes | None = None) -> None:
    """Nothing when a snapshot is of this network and, with `trusted`, stands on a trusted header; else VerifyError.

    trusted: the id of block height + 1 (32 bytes), or the key of its producer (33 bytes).
    """
    if preface.nethash != genesis.params.nethash:
        raise VerifyError(
            f"snapshot is of network {preface.network} ({preface.nethash.hex()[:16]}…), "
            f"not of {genesis.params.name}"
        )
    if trusted is None:
        return
    header = preface.header
    if header is None:
        raise VerifyError("snapshot has no header that attests it, make one a block later")
    if header.height != preface.height + 1 or header.state != preface.state_hash:
        raise VerifyError("the header of the snapshot attests another state")
    if len(trusted) == ID_SIZE:
        if compute_header_id(header, preface.nethash) != trusted:
            raise VerifyError(f"snapshot does not stand on block {trusted.hex()}")
    elif header.producer != trusted or not is_header_signed(header, preface.nethash):
        raise VerifyError(f"snapshot is not attested by {trusted.hex()}")


def read_snapshot(lines: Iterable[bytes], genesis: Genesis, trusted: bytes | None = None) -> State:
    """The state of a snapshot; it is exactly the one whose hash the first line names.

    trusted: as for `check_preface`; None when the caller compares the hash with a header of its own. Raises SchemaError, DecodeError
    (malformed, cut off), VerifyError (another network, another state than promised, not trusted).
    """
    from hashlib import sha256 as start

    digest = start()
    loader = _Loader(genesis)
    preface: Preface | None = None
    ended = False
    for line in lines:
        if ended:
            raise SchemaError("the snapshot goes on after its end")
        if preface is None:
            preface = read_preface(line)
            check_preface(preface, genesis, trusted)
        else:
            item = parse_json(line)
            if isinstance(item, dict):
                loader.check_end(item, digest.hexdigest())
                ended = True
            else:
                loader.take(item)
        digest.update(line)
    if preface is None or not ended:
        raise SchemaError("the snapshot is cut off")
    return loader.finish(preface)


class _Loader:
    """The state on its way: rows go into tables as they come."""

    def __init__(self, genesis: Genesis) -> None:
        self.genesis = genesis
        self.book = Book()
        self.registry = Registry()
        self.names = NameRegistry()
        self.history = History()
        self.head: Any = None
        self.rows = 0
        self._tables = {table.name: table for table in self.book.tables()}

    def take(self, item: Json) -> None:
        if not isinstance(item, list) or len(item) != 3:
            raise SchemaError(f"line of 3 members expected, got {item!r:.80}")
        table, key, row = item
        if table == "events":
            self._take_events(key, row)
            return
        if not isinstance(table, str) or not isinstance(key, str):
            raise SchemaError(f"a row's table and key must be text, got {item[:2]!r:.80}")
        self.rows += 1
        if table in _BOOK_TABLES:
            name, parse = _BOOK_TABLES[table]
            stored = read_key(table, key) if table in BINARY else key
            if table == ACCOUNT:
                self._put_account(stored, parse(row))
            else:
                self._tables[name].put(stored, parse(row))
        elif table == HEAD:
            self.head = parse_head(row)
        else:
            self._take_layer2(table, key, row)

    def check_end(self, record: Json, digest: str) -> None:
        found = {"type": END, "rows": self.rows, "events": self.history.count, "sha256": digest}
        if record != found:
            raise SchemaError("the last line of the snapshot does not fit what came before")

    def finish(self, preface: Preface) -> State:
        if self.head is None or self.head.height != preface.height:
            raise VerifyError(f"the rows are not those of height {preface.height}")
        if self.head.outcomes != self.history.digest:
            raise VerifyError("the events are not those that the state knows")
        self.book.take_changes()
        self.registry.apply_block(self.head.height)
        self.names.last_seen_height = self.head.height
        state = State(self.genesis)
        version = FIRST_VERSION if preface.header is None else preface.header.version
        layer2 = Layer2(self.registry, self.names)
        state.load(self.head, self.book, layer2, self.history, version=version)
        if state.state_hash != preface.state_hash:
            raise VerifyError(
                f"the rows give state {state.state_hash.hex()}, not {preface.state_hash.hex()}"
            )
        if len(state.tree) != self.rows:
            # the state hash knows only the last of them, but what follows from rows, as user names, would know them all
            raise VerifyError("a row of the snapshot stands there twice, or is none")
        return state

    def _put_account(self, name: Any, account: Account) -> None:
        self.book.put_account(name, account)
        if account.delegate is not None:
            self.book.usernames.put(account.delegate.username, name)

    def _take_layer2(self, table: str, key: str, row: Json) -> None:
        state = self.registry.state
        if table == DID:
            did, _ = parse_fact(row)
            if did is not None:
                state.dids[key] = did
        elif table == PROOF:
            state.proofs[key] = parse_proof(row)
        elif table == NAME:
            self._put_domain(key, row)
        elif table == NONCE:
            public = parse_public_key(key)
            self.names.nonces[public.suite, public.data] = parse_nonce(row)
        else:
            raise SchemaError(f"table {table!r:.40} is not known")

    def _put_domain(self, key: str, row: Json) -> None:
        from iop.ledger.coeus.execution import find
        from iop.ledger.coeus.name import Name

        name, domain = parse_name(key), parse_domain(row)
        if not name.edges:
            self.names.root = domain
            return
        parent = find(self.names.root, Name(name.edges[:-1]))
        if parent is None:
            raise SchemaError(f"name {name} stands before the one above it")
        parent.put_child(name.edges[-1], domain)

    def _take_events(self, height: Json, rows: Json) -> None:
        if type(height) is not int or height < 0 or not isinstance(rows, list):
            raise SchemaError("events need a height and a list")
        events = [parse_event(row) for row in rows]
        state = self.registry.state
        state.height = height
        for event in events:
            if event.dids is None:
                self.names.statuses[event.txid] = (0, event.is_confirmed)
                continue
            for did in event.dids:
                state.register(did, event.txid)
            state.set_status(event.txid, event.dids, confirmed=event.is_confirmed)
        self.history.append(height, events)


def _line(text: str) -> bytes:
    return text.encode() + b"\n"
