"""Pages of a list: what a request asks for, and the `meta` of the answer with its links (morpheus ch. 13).

The links are the original's to the letter: the path without `/api`, what the request gave in its own words and order, then
what was left out: `transform`, `page`, `limit`.
"""

from __future__ import annotations

from iop.codec.form import encode_form
from iop.daemon.layer1.schema import MAX_LIMIT
from iop.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from iop.codec.json import Json


@value
class Rows:
    """One page of a list that has `total` rows. is_estimate: whether `total` is one; None where that is not told."""

    rows: Sequence[Json]
    total: int
    is_estimate: bool | None = None


def get_window(query: Mapping[str, Any]) -> tuple[int, int]:
    """Offset and limit of a judged query. An offset, unless it is zero, counts more than the page."""
    limit: int = query.get("limit") or MAX_LIMIT
    return query.get("offset") or (query.get("page", 1) - 1) * limit, limit


def to_page(found: Rows, path: str, given: Mapping[str, str], query: Mapping[str, Any]) -> Json:
    """The answer. path: of the request, without `/api`; given: its query as text; query: the same judged, with defaults."""
    limit: int = query.get("limit") or MAX_LIMIT
    page: int = query.get("page", 1)
    pages = -(-found.total // limit)
    members = dict(given)
    for name, default in (
        *((n, str(v).lower()) for n, v in query.items() if n == "transform"),
        ("page", "1"),
        ("limit", str(MAX_LIMIT)),
    ):
        members.setdefault(name, default)

    def link(number: int) -> str | None:
        return f"{path}?{encode_form({**members, 'page': str(number)})}" if number else None

    meta: dict[str, Json] = {}
    if found.is_estimate is not None:
        meta["totalCountIsEstimate"] = found.is_estimate
    meta |= {
        "count": len(found.rows),
        "pageCount": pages or 1,
        "totalCount": found.total,
        "next": link(page + 1) if page < pages else None,
        "previous": link(page - 1) if found.total and 1 < page <= pages + 1 else None,
        "self": link(page),
        "first": link(1),
        "last": link(pages),
    }
    return {"meta": meta, "data": list(found.rows)}
