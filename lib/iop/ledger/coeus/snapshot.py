"""The whole state of Coeus as records, one at a time, and back.

Records: `iop.coeus-state/1` (first), `iop.coeus-domain/1` (parents before children, edges sorted), `iop.coeus-nonce/1` (by key),
`iop.coeus-transaction/1` (by id), `iop.coeus-undo/1` (oldest first). Equal states give equal records.
"""

from __future__ import annotations

from iop.codec.json import encode_json
from iop.errors import SchemaError
from iop.keys.multicipher import PublicKey, parse_public_key
from iop.ledger.coeus.bundle import NONCE_MAX
from iop.ledger.coeus.domain import Domain
from iop.ledger.coeus.execution import (
    BlockUndo,
    DataUndo,
    ExpiryUndo,
    OwnerUndo,
    PlaceUndo,
    find,
)
from iop.ledger.coeus.name import Name, parse_name
from iop.ledger.coeus.operation import (
    HEIGHT_MAX,
    check_whole,
    encode_principal,
    get_member,
    parse_any_registers,
    parse_policies,
    parse_principal,
)
from iop.ledger.coeus.registry import Registry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from iop.codec.json import Json
    from iop.ledger.coeus.execution import Undo
    from iop.ledger.coeus.operation import Record

STATE = "iop.coeus-state/1"
DOMAIN = "iop.coeus-domain/1"
NONCE = "iop.coeus-nonce/1"
TRANSACTION = "iop.coeus-transaction/1"
UNDO = "iop.coeus-undo/1"


def to_records(registry: Registry) -> Iterator[Record]:
    """The records of a state, which must not change before the last has been taken."""
    yield {
        "type": STATE,
        "height": registry.last_seen_height,
        "corrupted": registry.is_corrupted,
        "firstVersion": registry.first_version,
    }
    for record in _walk(registry.root, ()):
        yield {"type": DOMAIN, **record}
    keys = {str(PublicKey(*key)): nonce for key, nonce in registry.nonces.items()}
    for text in sorted(keys):
        yield {"type": NONCE, "publicKey": text, "nonce": keys[text]}
    for txid in sorted(registry.statuses):
        before, confirmed = registry.statuses[txid]
        yield {"type": TRANSACTION, "id": txid, "versionBefore": before, "confirmed": confirmed}
    for entry in registry.journal:
        yield {"type": UNDO, **_encode_undo(entry)}


def from_records(records: Iterable[Json]) -> Registry:
    """The state of its records. Raises SchemaError or DecodeError: a record malformed, of another type or out of place."""
    registry = Registry()
    rooted = False
    first = True
    for record in records:
        if not isinstance(record, dict):
            raise SchemaError(f"state record of kind {type(record).__name__}, expected an object")
        kind = get_member(record, "type")
        if first is not (kind == STATE):
            raise SchemaError(f"{STATE} has to come first and once, got {kind!r}")
        first = False
        if kind == DOMAIN and not rooted:
            registry.root = _load_root(record)
            rooted = True
        elif kind == DOMAIN:
            _put_domain(registry.root, (), record)
        elif isinstance(kind, str) and kind in _LOADERS:
            _LOADERS[kind](registry, record)
        else:
            raise SchemaError(f"state record of type {kind!r} is not known")
    if first or not rooted:
        raise SchemaError(f"{STATE} and the root {DOMAIN} are missing")
    return registry


def _walk(top: Domain, edges: tuple[str, ...]) -> Iterator[Record]:
    """A domain and all below it, on a stack of its own: names may be thousands of edges deep."""
    waiting = [(edges, top)]
    while waiting:
        at, domain = waiting.pop()
        yield {"name": str(Name(at)), **domain.metadata(), "data": domain.data()}
        children = domain.children or {}
        waiting += [((*at, edge), children[edge]) for edge in sorted(children, reverse=True)]


def _encode_undo(entry: Undo) -> Record:
    match entry:
        case BlockUndo():
            return {"kind": "block", "height": entry.height}
        case PlaceUndo():
            old = None if entry.old is None else list(_walk(entry.old, entry.name.edges))
            return {"kind": entry.kind, "name": str(entry.name), "old": old}
        case DataUndo():
            return {"kind": "update", "name": str(entry.name), "text": entry.text}
        case ExpiryUndo():
            return {"kind": "renew", "name": str(entry.name), "height": entry.height}
        case OwnerUndo():
            owner = encode_principal(entry.owner)
            return {"kind": "transfer", "name": str(entry.name), "owner": owner}


def _load_state(registry: Registry, record: Record) -> None:
    corrupted = get_member(record, "corrupted")
    registry.last_seen_height = check_whole(get_member(record, "height"), HEIGHT_MAX, "u32")
    registry.first_version = check_whole(get_member(record, "firstVersion"), NONCE_MAX, "u64")
    registry.is_corrupted = _check_flag(corrupted)


def _load_root(record: Record) -> Domain:
    if get_member(record, "name") != "":
        raise SchemaError("the root has to be the first domain")
    return _load_domain(record)


def _load_domain(record: Record) -> Domain:
    return Domain(
        parse_principal(get_member(record, "owner")),
        parse_policies(get_member(record, "subtreePolicies")),
        parse_any_registers(get_member(record, "registrationPolicy")),
        encode_json(get_member(record, "data")),
        check_whole(get_member(record, "expiresAtHeight"), HEIGHT_MAX, "u32"),
    )


def _put_domain(top: Domain, edges: tuple[str, ...], record: Record) -> None:
    """Puts a domain below `top`, which stands at `edges`."""
    name = _read_name(record)
    below = name.edges[len(edges) :]
    if not below or name.edges[: len(edges)] != edges:
        raise SchemaError(f"domain {name} is out of place")
    parent = find(top, Name(below[:-1]))
    if parent is None or parent.put_child(below[-1], _load_domain(record)) is not None:
        raise SchemaError(f"domain {name} has no parent, or is there twice")


def _load_nonce(registry: Registry, record: Record) -> None:
    key = parse_public_key(_check_text(get_member(record, "publicKey")))
    nonce = check_whole(get_member(record, "nonce"), NONCE_MAX, "u64")
    registry.nonces[key.suite, key.data] = nonce


def _load_transaction(registry: Registry, record: Record) -> None:
    before = check_whole(get_member(record, "versionBefore"), NONCE_MAX, "u64")
    confirmed = _check_flag(get_member(record, "confirmed"))
    registry.statuses[_check_text(get_member(record, "id"))] = (before, confirmed)


def _load_undo(registry: Registry, record: Record) -> None:
    registry.journal.append(_parse_undo(record))


def _parse_undo(record: Record) -> Undo:
    kind = get_member(record, "kind")
    if kind == "block":
        return BlockUndo(check_whole(get_member(record, "height"), HEIGHT_MAX, "u32"))
    name = _read_name(record)
    if kind in ("register", "delete"):
        return PlaceUndo(kind, name, _load_old(name, get_member(record, "old")))
    if kind == "update":
        return DataUndo(name, _check_text(get_member(record, "text")))
    if kind == "renew":
        height = check_whole(get_member(record, "height"), HEIGHT_MAX, "u32")
        return ExpiryUndo(name, height)
    if kind == "transfer":
        return OwnerUndo(name, parse_public_key(_check_text(get_member(record, "owner"))))
    raise SchemaError(f"undo record of kind {kind!r} is not known")


def _load_old(name: Name, records: Json) -> Domain | None:
    if records is None:
        return None
    if not isinstance(records, list) or not all(isinstance(item, dict) for item in records):
        raise SchemaError("undo record: old has to be a list of domains")
    if not name.edges or not records or get_member(records[0], "name") != str(name):
        raise SchemaError("undo record: old has to start with the domain of its name")
    top = _load_domain(records[0])
    for item in records[1:]:
        _put_domain(top, name.edges, item)
    return top


def _read_name(record: Record) -> Name:
    return parse_name(_check_text(get_member(record, "name")))


def _check_text(text: Json) -> str:
    if not isinstance(text, str):
        raise SchemaError(f"state record: text expected, got {type(text).__name__}")
    return text


def _check_flag(flag: Json) -> bool:
    if not isinstance(flag, bool):
        raise SchemaError(f"state record: true or false expected, got {type(flag).__name__}")
    return flag


_LOADERS: dict[str, Callable[[Registry, Record], None]] = {
    STATE: _load_state,
    NONCE: _load_nonce,
    TRANSACTION: _load_transaction,
    UNDO: _load_undo,
}
