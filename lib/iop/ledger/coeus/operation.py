"""What can be done to a domain: register, update, renew, transfer, delete (morpheus 18).

Records are read as the original's reader does: members in any order, unknown ones dropped, `null` for a policy the same as
leaving it out, keys in any multibase and printed back in base58btc.
"""

from __future__ import annotations

from iop.errors import DecodeError, SchemaError
from iop.keys.multicipher import PublicKey, parse_public_key
from iop.ledger.coeus.name import Name, parse_name
from iop.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeAlias

    from iop.codec.json import Json

    Record: TypeAlias = dict[str, Any]

HEIGHT_MAX = (1 << 32) - 1
SYSTEM = "system"
PRICE_FLAKES = 200_000  # of every operation but a register, morpheus 16.4


@value
class Policies:
    """What a domain asks of itself and of everything below it.

    `expiration`: longest life in blocks, or None. `schema`: JSON schema of the data; meaningful if `has_schema`.
    """

    expiration: int | None = None
    schema: Json = None
    has_schema: bool = False


@value
class Register:
    """A new domain. `owner` None is the system; `any_registers` lets everybody register below it, not the owner alone."""

    name: Name
    owner: PublicKey | None
    policies: Policies
    any_registers: bool
    data: Json
    expires_at_height: int


@value
class Update:
    """Other data for a domain."""

    name: Name
    data: Json


@value
class Renew:
    """Another height of expiry for a domain."""

    name: Name
    expires_at_height: int


@value
class Transfer:
    """Another owner for a domain; None is the system, which execution refuses."""

    name: Name
    to_owner: PublicKey | None


@value
class Delete:
    """The end of a domain and of everything below it."""

    name: Name


if TYPE_CHECKING:
    Operation: TypeAlias = Register | Update | Renew | Transfer | Delete


def parse_principal(text: Json) -> PublicKey | None:
    """The owner that a text names: None for `system`, else a public key. Raises DecodeError."""
    if text == SYSTEM:
        return None
    try:
        return parse_public_key(_check_text(text))
    except (DecodeError, SchemaError) as exc:
        raise DecodeError("data did not match any variant of untagged enum Principal") from exc


def encode_principal(owner: PublicKey | None) -> str:
    """`system`, or the public key's text."""
    return SYSTEM if owner is None else str(owner)


def parse_policies(record: Json) -> Policies:
    """The policies of a record with optional `expiration` (blocks) and `schema`. Raises SchemaError."""
    if not isinstance(record, dict):
        raise SchemaError(f"invalid type: {_describe(record)}, expected struct SubtreePolicies")
    expiration = record.get("expiration")
    schema = record.get("schema")
    if expiration is not None:
        _check_height(expiration)
    return Policies(expiration, schema, schema is not None)


def encode_policies(policies: Policies) -> Record:
    """The record of policies, without the members that are not set."""
    record: Record = {}
    if policies.expiration is not None:
        record["expiration"] = policies.expiration
    if policies.has_schema:
        record["schema"] = policies.schema
    return record


def parse_any_registers(text: Json) -> bool:
    """True for the registration policy `any`, False for `owner`. Raises SchemaError."""
    if not isinstance(text, str):
        raise SchemaError(f"invalid type: {_describe(text)}, expected string or map")
    if text not in ("owner", "any"):
        raise SchemaError(f"unknown variant `{text}`, expected `owner` or `any`")
    return text == "any"


def encode_any_registers(any_registers: bool) -> str:
    """The text of a registration policy."""
    return "any" if any_registers else "owner"


def from_record(record: Json) -> Operation:
    """The operation of a record. Raises DecodeError (name, key) or SchemaError (shape) with the original's text."""
    if not isinstance(record, dict):
        raise SchemaError(
            f"invalid type: {_describe(record)}, expected internally tagged enum UserOperation"
        )
    kind = get_member(record, "type")
    if not isinstance(kind, str):
        raise SchemaError(f"invalid type: {_describe(kind)}, expected variant identifier")
    if kind == "register":
        return Register(
            _parse_member_name(record),
            parse_principal(get_member(record, "owner")),
            parse_policies(get_member(record, "subtreePolicies")),
            parse_any_registers(get_member(record, "registrationPolicy")),
            get_member(record, "data"),
            _check_height(get_member(record, "expiresAtHeight")),
        )
    if kind == "update":
        return Update(_parse_member_name(record), get_member(record, "data"))
    if kind == "renew":
        return Renew(
            _parse_member_name(record), _check_height(get_member(record, "expiresAtHeight"))
        )
    if kind == "transfer":
        return Transfer(_parse_member_name(record), parse_principal(get_member(record, "toOwner")))
    if kind == "delete":
        return Delete(_parse_member_name(record))
    raise SchemaError(
        f"unknown variant `{kind}`, expected one of `register`, `update`, `renew`, `transfer`, `delete`"
    )


def to_record(operation: Operation) -> Record:
    """The record of an operation, members in the original's order."""
    name = str(operation.name)
    match operation:
        case Register():
            return {
                "type": "register",
                "name": name,
                "owner": encode_principal(operation.owner),
                "subtreePolicies": encode_policies(operation.policies),
                "registrationPolicy": encode_any_registers(operation.any_registers),
                "data": operation.data,
                "expiresAtHeight": operation.expires_at_height,
            }
        case Update():
            return {"type": "update", "name": name, "data": operation.data}
        case Renew():
            return {"type": "renew", "name": name, "expiresAtHeight": operation.expires_at_height}
        case Transfer():
            return {
                "type": "transfer",
                "name": name,
                "toOwner": encode_principal(operation.to_owner),
            }
        case Delete():
            return {"type": "delete", "name": name}


def compute_price(operation: Operation) -> int:
    """Flakes to pay for an operation besides its bytes: registers are long already and pay nothing (morpheus 16.4)."""
    return 0 if isinstance(operation, Register) else PRICE_FLAKES


def get_member(record: Record, name: str) -> Json:
    """A member that has to be there. Raises SchemaError."""
    if name not in record:
        raise SchemaError(f"missing field `{name}`")
    return record[name]


def check_whole(number: Json, limit: int, kind: str) -> int:
    """`number` if it is an integer of 0 … `limit`. Raises SchemaError naming the original's type `kind`."""
    if type(number) is not int:
        raise SchemaError(f"invalid type: {_describe(number)}, expected {kind}")
    if not 0 <= number <= limit:
        raise SchemaError(f"invalid value: {_describe(number)}, expected {kind}")
    return number


def _check_height(number: Json) -> int:
    return check_whole(number, HEIGHT_MAX, "u32")


def _check_text(text: Json) -> str:
    if not isinstance(text, str):
        raise SchemaError(f"invalid type: {_describe(text)}, expected a string")
    return text


def _parse_member_name(record: Record) -> Name:
    return parse_name(_check_text(get_member(record, "name")))


def _describe(thing: Json) -> str:
    """Kind of a JSON value, without its contents: those may be long."""
    if thing is None:
        return "null"
    if isinstance(thing, bool):
        return "boolean"
    if isinstance(thing, int):
        return "integer"
    if isinstance(thing, float):
        return "floating point"
    if isinstance(thing, str):
        return "string"
    return "map" if isinstance(thing, dict) else "sequence"
