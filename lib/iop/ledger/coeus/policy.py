"""Policies: what every domain on the way from the root to a name, and the name itself, ask of it (morpheus 18)."""

from __future__ import annotations

from iop.errors import LimitError, SchemaError, VerifyError
from iop.ledger.coeus.name import Name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iop.codec.json import Json
    from iop.ledger.coeus.domain import Domain
    from iop.ledger.coeus_schema.work import Work


def check_policies(path: list[Domain], name: Name, data: Json, height: int, work: Work) -> None:
    """Nothing if the last domain of a path satisfies all of them, itself included, else VerifyError.

    path: from the root to the domain called `name`, whose data are `data`. height: of the last block. In each domain expiration
    comes before schema. A schema that takes more steps than `work` has left counts as not satisfied; the original knows no limit.
    """
    domain = path[-1]
    for depth, policy in enumerate(path):
        if policy.expiration is not None:
            _check_expiration(policy.expiration, Name(name.edges[:depth]), domain, name, height)
        if policy.schema_text is not None:
            _check_schema(policy, Name(name.edges[:depth]), name, data, work)


def _check_expiration(
    blocks: int, policy_name: Name, domain: Domain, name: Name, height: int
) -> None:
    if domain.expiration is not None and blocks > domain.expiration:
        # The words say the opposite of what is compared; so does the original.
        raise VerifyError(
            f"Cannot make expiration of {policy_name} longer than what {name} defined"
        )
    if domain.is_expired_at(height):
        raise VerifyError(f"Domain {name} expired")
    # The original's sum wraps at 2^32, which would freeze a name with a long policy once the chain is high enough.
    if height + blocks < domain.expires_at_height:
        raise VerifyError(f"Domain {name} would expire too late based on policy in {policy_name}")


def _check_schema(policy: Domain, policy_name: Name, name: Name, data: Json, work: Work) -> None:
    try:
        if policy.schema(work).is_valid(data, work):
            return
    except SchemaError as exc:
        raise VerifyError(f"Domain {policy_name} has invalid schema") from exc
    except LimitError as exc:
        raise VerifyError(
            f"Domain {name} data is too much work for schema of {policy_name}"
        ) from exc
    raise VerifyError(f"Domain {name} data does not match schema of {policy_name}")
