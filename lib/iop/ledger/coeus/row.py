"""A name's row of the state: what the state hash covers and a proof carries of one name.

A row is a JSON array without blanks:

    [owner, expiration policy | null, [schema] | [], anybody registers below it, expires at height, data]

Schema and data stand as they were registered, members in their order.
"""

from __future__ import annotations

from iop.codec.json import encode_json
from iop.errors import IopError, SchemaError
from iop.ledger.coeus.domain import Domain
from iop.ledger.coeus.name import Name
from iop.ledger.coeus.operation import (
    HEIGHT_MAX,
    Policies,
    check_whole,
    encode_principal,
    parse_principal,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from iop.codec.json import Json
    from iop.ledger.coeus.operation import Record


def encode_domain(domain: Domain) -> str:
    """The row of a domain, whatever stands below it."""
    expiration = "null" if domain.expiration is None else str(domain.expiration)
    anybody = "true" if domain.any_registers else "false"
    return (
        f'["{encode_principal(domain.owner)}",{expiration},[{domain.schema_text or ""}],'
        f"{anybody},{domain.expires_at_height},{domain.data_text}]"
    )


def parse_domain(row: Json) -> Domain:
    """The domain of a row, nothing below it. Raises SchemaError."""
    try:
        owner, expiration, schema, anybody, expires, data = row
        if type(anybody) is not bool or type(schema) is not list or len(schema) > 1:
            raise SchemaError("not the row of a name")
        if expiration is not None:
            check_whole(expiration, HEIGHT_MAX, "u32")
        policies = Policies(expiration, schema[0], True) if schema else Policies(expiration)
        return Domain(
            parse_principal(owner),
            policies,
            anybody,
            encode_json(data),
            check_whole(expires, HEIGHT_MAX, "u32"),
            is_paid=True,
        )
    except (TypeError, ValueError, IopError) as exc:
        raise SchemaError("not the row of a name") from exc


def show_domain(row: Json) -> Record:
    """What a row tells, under the members of the original's answers: metadata and `data`. Raises SchemaError."""
    domain = parse_domain(row)
    return {**domain.metadata(), "data": domain.data()}


def walk(top: Domain, edges: tuple[str, ...] = ()) -> Iterator[tuple[Name, Domain]]:
    """A domain that stands at `edges` and all below it, parents first; on a stack of its own, names may be thousands of edges deep."""
    waiting = [(edges, top)]
    while waiting:
        at, domain = waiting.pop()
        yield Name(at), domain
        children = domain.children or {}
        waiting += [((*at, edge), children[edge]) for edge in sorted(children, reverse=True)]
