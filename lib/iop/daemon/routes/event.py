"""The event stream under /iop/v1; handlers as in `iop.daemon.routes.morpheus`."""

from __future__ import annotations

from iop.codec.form import parse_form
from iop.daemon.http.description import NATURAL, TEXT, describe
from iop.daemon.http.reply import EVENTS_TYPE, Reply, Stream, refuse
from iop.daemon.ledger.event_stream import EVENT, KINDS, Wish
from iop.did.identifier import parse_did
from iop.errors import DataError, MissingError
from iop.ledger.coeus.name import parse_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    from iop.codec.json import Json
    from iop.daemon.http.router import Params, Router
    from iop.daemon.ledger.event_stream import EventStreams

    class View(Protocol):
        """What the handler reads."""

        streams: EventStreams


PATH = "/iop/v1/events"
MEMBERS = ("after", "did", "kind", "name")


def register(router: Router) -> None:
    """Add the route."""
    router.add("GET", PATH, get_events)


@describe(
    {"type": "string", "contentMediaType": EVENTS_TYPE.decode(), "contentSchema": EVENT},
    query={"after": NATURAL, "did": TEXT, "name": TEXT, "kind": {"enum": list(KINDS)}},
    errors=(404, 422),
    kind=EVENTS_TYPE.decode(),
)
def get_events(view: View, params: Params, _body: Json) -> Reply | Stream:
    """What happens on the chain, as server-sent events: `transaction` for each, then `block`, whose id is the height.

    It goes on for ever. With Last-Event-ID (or `after`) it begins behind that height, else with the next block. `did` and `name`
    (and all names below) choose transactions, `kind` (once or more) blocks, transactions, or kinds of these. A comment comes at
    least every 15 seconds. An `end` event tells why the stream ends: `stopping`, `slow` (1000 blocks behind) or `pruned`.
    """
    try:
        wish, after = _parse(params)
        after = view.streams.first() if after is None else after
        view.streams.check(after)
    except MissingError as error:
        return refuse(404, error.message)
    except DataError as error:
        return refuse(422, error.message)
    return Stream(view.streams.run(wish, after))


def _parse(params: Params) -> tuple[Wish, int | None]:
    given: dict[str, list[str]] = {}
    for name, text in parse_form(params.query):
        if name not in MEMBERS:
            raise DataError(f"no parameter {name[:40]!r}, there are {', '.join(MEMBERS)}")
        given.setdefault(name, []).append(text)
    twice = next((n for n, texts in given.items() if n != "kind" and len(texts) > 1), None)
    if twice is not None:
        raise DataError(f"{twice} is given twice")
    wrong = [kind for kind in given.get("kind", ()) if kind not in KINDS]
    if wrong:
        raise DataError(f"no kind {wrong[0][:40]!r}, there are {', '.join(KINDS)}")
    did, name = (given.get(member, [""])[0] for member in ("did", "name"))
    wish = Wish(
        frozenset(given.get("kind", ())),
        str(parse_did(did)) if did else "",
        str(parse_name(name)) if name else "",
    )
    after = params.last_event or given.get("after", [""])[0]
    if not after:
        return wish, None
    if not (after.isascii() and after.isdigit() and len(after) < 16):
        raise DataError(f"height {after[:20]!r} is no whole number")
    return wish, int(after)
