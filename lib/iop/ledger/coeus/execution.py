"""What operations do to the tree of names, and what takes them back (morpheus 18)."""

from __future__ import annotations

from iop.codec.json import encode_json
from iop.errors import VerifyError
from iop.ledger.coeus.domain import Domain
from iop.ledger.coeus.name import Name
from iop.ledger.coeus.operation import (
    Delete,
    Register,
    Renew,
    Transfer,
    Update,
    encode_principal,
)
from iop.ledger.coeus.policy import check_policies
from iop.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from iop.keys.multicipher import PublicKey
    from iop.ledger.coeus.operation import Operation
    from iop.ledger.coeus_schema.work import Work


@value
class BlockUndo:
    """A block was opened; the last height was another."""

    height: int


@value
class PlaceUndo:
    """A domain was put at a name or taken away (`kind` register or delete); `old` stood there, with all below it."""

    kind: str
    name: Name
    old: Domain | None


@value
class DataUndo:
    """The data were others; JSON text."""

    name: Name
    text: str


@value
class ExpiryUndo:
    """The height of expiry was another."""

    name: Name
    height: int


@value
class OwnerUndo:
    """The owner was another; never the system."""

    name: Name
    owner: PublicKey


if TYPE_CHECKING:
    Undo: TypeAlias = BlockUndo | PlaceUndo | DataUndo | ExpiryUndo | OwnerUndo


def find(root: Domain, name: Name) -> Domain | None:
    """The domain of a name, expired or not; None if there is none."""
    domain: Domain | None = root
    for edge in name.edges:
        if domain is None:
            return None
        domain = domain.child(edge)
    return domain


def check_right(root: Domain, operation: Operation, key: PublicKey) -> None:
    """Nothing if `key` may do this: own the new domain, or be the owner of the one that stands. Else VerifyError."""
    owner = (
        operation.owner if isinstance(operation, Register) else _demand(root, operation.name).owner
    )
    if owner is None:
        raise VerifyError("System principal cannot be impersonated")
    if owner != key:
        raise VerifyError(f"PublicKey principal {owner} cannot be impersonated by {key}")


def execute(root: Domain, operation: Operation, height: int, work: Work) -> Undo:
    """Changes the tree at the height of the last block; gives what takes it back. VerifyError leaves nothing behind."""
    match operation:
        case Register():
            return _register(root, operation, height, work)
        case Update():
            return _update(root, operation, height, work)
        case Renew():
            # No rule at all: also an expired domain, to a past height or one that no policy would allow.
            domain = _demand(root, operation.name)
            undo = ExpiryUndo(operation.name, domain.expires_at_height)
            domain.expires_at_height = operation.expires_at_height
            return undo
        case Transfer():
            return _transfer(root, operation, height)
        case Delete():
            return _delete(root, operation.name)


def undo(root: Domain, entry: DataUndo | ExpiryUndo | OwnerUndo | PlaceUndo) -> None:
    """Takes a change back; the tree has to be as the change left it."""
    match entry:
        case PlaceUndo():
            _demand(root, _parent_of(entry.name)).put_child(entry.name.edges[-1], entry.old)
        case DataUndo():
            _demand(root, entry.name).data_text = entry.text
        case ExpiryUndo():
            _demand(root, entry.name).expires_at_height = entry.height
        case OwnerUndo():
            _demand(root, entry.name).owner = entry.owner


def _register(root: Domain, operation: Register, height: int, work: Work) -> Undo:
    name = operation.name
    if not name.edges:
        raise VerifyError("Cannot register root domain")
    path = _walk(root, _parent_of(name))
    parent = path[-1]
    if not parent.any_registers and operation.owner != parent.owner:
        owner = encode_principal(parent.owner)
        raise VerifyError(f"Only {owner} can register a child of {_parent_of(name)}")
    old = parent.child(name.edges[-1])
    if old is not None:
        if not old.is_expired_at(height):
            raise VerifyError(f"Valid domain {name} exists")
        if not old.is_grace_over_at(height):
            raise VerifyError(f"Expired domain {name} in grace period exists")
    made = Domain(
        operation.owner,
        operation.policies,
        operation.any_registers,
        encode_json(operation.data),
        operation.expires_at_height,
    )
    check_policies([*path, made], name, operation.data, height, work)
    parent.put_child(name.edges[-1], made)
    return PlaceUndo("register", name, old)


def _update(root: Domain, operation: Update, height: int, work: Work) -> Undo:
    name = operation.name
    path = _walk(root, name)
    domain = path[-1]
    if domain.is_expired_at(height):
        raise VerifyError(f"Domain {name} expired")
    check_policies(path, name, operation.data, height, work)
    entry = DataUndo(name, domain.data_text)
    domain.data_text = encode_json(operation.data)
    return entry


def _transfer(root: Domain, operation: Transfer, height: int) -> Undo:
    if operation.to_owner is None:
        raise VerifyError("Cannot transfer a domain to 'system'")
    domain = _demand(root, operation.name)
    if domain.owner is None:
        raise VerifyError("Cannot transfer a system domain")
    if domain.is_expired_at(height):
        raise VerifyError(f"Domain {operation.name} expired")
    entry = OwnerUndo(operation.name, domain.owner)
    domain.owner = operation.to_owner
    return entry


def _delete(root: Domain, name: Name) -> Undo:
    if not name.edges:
        raise VerifyError("Cannot delete root domain")
    old = _demand(root, _parent_of(name)).put_child(name.edges[-1], None)
    if old is None:
        raise VerifyError(f"Attempt to delete nonexisting child: {name.edges[-1]}")
    return PlaceUndo("delete", name, old)


def _parent_of(name: Name) -> Name:
    return Name(name.edges[:-1])


def _demand(root: Domain, name: Name) -> Domain:
    domain = find(root, name)
    if domain is None:
        raise VerifyError(f"Cannot find domain with name {name}")
    return domain


def _walk(root: Domain, name: Name) -> list[Domain]:
    """The domains from the root down to a name."""
    path = [root]
    for edge in name.edges:
        below = path[-1].child(edge)
        if below is None:
            raise VerifyError(f"Cannot find domain with name {name}")
        path.append(below)
    return path
