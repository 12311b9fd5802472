"""A domain in the tree of names. Data and schemas are kept as JSON text: small, and safe from whoever reads them."""

from __future__ import annotations

from iop.codec.json import encode_json, parse_json
from iop.ledger.coeus.operation import (
    HEIGHT_MAX,
    Policies,
    encode_any_registers,
    encode_policies,
    encode_principal,
)
from iop.ledger.coeus_schema.metaschema import DRAFT6
from iop.ledger.coeus_schema.schema import Schema
from iop.ledger.coeus_schema.work import Work

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iop.codec.json import Json
    from iop.keys.multicipher import PublicKey
    from iop.ledger.coeus.operation import Record

SCHEMA_EDGE = "schema"
YEAR_BLOCKS = 2_628_000  # at 12 seconds
ROOT_EXPIRATION_BLOCKS = 2 * YEAR_BLOCKS
GRACE_BLOCKS = 5 * 60 * 24 * 30  # about a month
_NOTHING = "{}"
_NO_LIMIT = 1 << 62  # steps


class Domain:
    """Owner (None is the system), policies, data and children of a name; the only thing here that changes in place.

    is_paid: its schema was compiled when it was registered, so compiling it again is at nobody's cost, or verdicts near the limit of
    work would differ between a node that has seen the registration and one that started from a snapshot.
    """

    __slots__ = (
        "_is_paid",
        "_schema",
        "any_registers",
        "children",
        "data_text",
        "expiration",
        "expires_at_height",
        "owner",
        "schema_text",
    )

    def __init__(
        self,
        owner: PublicKey | None,
        policies: Policies,
        any_registers: bool,
        data_text: str,
        expires_at_height: int,
        *,
        is_paid: bool = False,
    ) -> None:
        self._is_paid = is_paid
        self.owner = owner
        self.expiration = policies.expiration
        self.schema_text = encode_json(policies.schema) if policies.has_schema else None
        self.any_registers = any_registers
        self.data_text = data_text
        self.expires_at_height = expires_at_height
        self.children: dict[str, Domain] | None = None  # most names have none
        self._schema: Schema | None = None

    def child(self, edge: str) -> Domain | None:
        """The domain below, or None."""
        return None if self.children is None else self.children.get(edge)

    def put_child(self, edge: str, domain: Domain | None) -> Domain | None:
        """Sets a child, or takes it away (None); gives the one that was there."""
        if domain is None:
            if self.children is None:
                return None
            old = self.children.pop(edge, None)
            if not self.children:
                self.children = None
            return old
        if self.children is None:
            self.children = {}
        old = self.children.get(edge)
        self.children[edge] = domain
        return old

    def is_expired_at(self, height: int) -> bool:
        """True from the height of expiry on."""
        return self.expires_at_height <= height

    def is_grace_over_at(self, height: int) -> bool:
        """True when an expired name is free for others. The original's sum wraps at 2^32, which leaves no grace at all."""
        return self.expires_at_height + GRACE_BLOCKS <= height

    def policies(self) -> Policies:
        """The policies, with a schema of the caller's own."""
        if self.schema_text is None:
            return Policies(self.expiration)
        return Policies(self.expiration, parse_json(self.schema_text), True)

    def schema(self, work: Work) -> Schema:
        """The compiled subtree schema. Raises SchemaError or LimitError; asked for only if there is one."""
        if self._schema is None:
            assert self.schema_text is not None
            purse = Work(_NO_LIMIT) if self._is_paid else work
            purse.spend(len(self.schema_text) // 8)
            self._schema = Schema(parse_json(self.schema_text), purse)
        return self._schema

    def data(self) -> Json:
        """The data, a value of the caller's own."""
        return parse_json(self.data_text)

    def metadata(self) -> Record:
        """What is known of the domain besides data and children, members in the original's order."""
        return {
            "owner": encode_principal(self.owner),
            "subtreePolicies": encode_policies(self.policies()),
            "registrationPolicy": encode_any_registers(self.any_registers),
            "expiresAtHeight": self.expires_at_height,
        }


def create_root() -> Domain:
    """The root with `.schema` below it, as they are before the first block (morpheus 18)."""
    root = Domain(None, Policies(ROOT_EXPIRATION_BLOCKS), False, _NOTHING, HEIGHT_MAX)
    schemas = Domain(None, Policies(None, DRAFT6, True), True, _NOTHING, HEIGHT_MAX, is_paid=True)
    root.put_child(SCHEMA_EDGE, schemas)
    return root
