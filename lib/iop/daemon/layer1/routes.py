"""The layer-1 HTTP interface under /api (morpheus ch. 13), as the original's node 2.7 of the Internet of People has it.

Routes here, what may be asked in `layer1_schema`, the answers in the modules beside. A chain whose blocks come from one engine has
no peers to name and no rounds of delegates, and its transactions know no entities: those lists are empty and what is asked
for by name is not found. /node/debug, which shows log files, is not there.
"""

from __future__ import annotations

from iop import __version__
from iop.daemon.http.pagination import Rows
from iop.daemon.http.payload import Foreign
from iop.daemon.http.reply import Reply, encode, refuse
from iop.daemon.layer1 import accounts, blocks, transactions
from iop.daemon.layer1.ask import judge
from iop.daemon.layer1.description import describe_route, describe_submission
from iop.daemon.layer1.schema import SCHEMAS
from iop.errors import MissingError, SchemaError
from iop.ledger import answer
from iop.ledger.submission import check_body

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable

    from iop.codec.json import Json
    from iop.daemon.http.router import Params, Router
    from iop.daemon.layer1.ask import Ask, Handler, View

PREFIX = "/api"
# Beginnings of paths whose answers are the same until the next block; what waits is not among them.
LASTING = (
    "/blockchain",
    "/blocks",
    "/delegates",
    "/locks",
    "/node/configuration",
    "/node/fees",
    "/transactions/fees",
    "/transactions/schemas",
    "/transactions/types",
    "/votes",
    "/wallets",
)
FEE_DAYS = 7  # that fee statistics look back when nobody says


def register(router: Router) -> None:
    """Add the routes."""
    for route, handler in ROUTES.items():
        method, _, path = route.partition(" ")
        judged = describe_route(route, judge(route, handler), handler.__doc__)
        router.add(method, PREFIX + path, judged)
    router.add("POST", PREFIX + "/transactions", post_transactions)


def get_configuration(view: View, _ask: Ask) -> Json:
    """Names and constants of the network."""
    return answer.answer_configuration(view.state, __version__)


def get_crypto(view: View, _ask: Ask) -> Json:
    """What a client needs to build transactions for this network."""
    return answer.answer_crypto(view.state.genesis)


def get_node_status(view: View, _ask: Ask) -> Json:
    """A node that makes all blocks itself is always in step."""
    return answer.answer_status(view.state, view.state.params.epoch + view.state.timestamp)


def get_syncing(view: View, _ask: Ask) -> Json:
    """As above."""
    return answer.answer_syncing(view.state)


async def get_node_fees(view: View, ask: Ask) -> Reply:
    """Least, greatest, mean and sum of the fees of each kind, in the last days before the newest block."""
    days: int = ask.query.get("days", FEE_DAYS)
    sums = await view.listing.sum_fees(days)
    shown = answer.answer_fee_sums(
        (s.type_group, s.type, s.count, s.total, s.least, s.most) for s in sums
    )
    return encode({"meta": {"days": days}, "data": shown})


def get_blockchain(view: View, _ask: Ask) -> Json:
    """The newest block and the supply."""
    return answer.answer_blockchain(view.state)


def get_fees(view: View, _ask: Ask) -> Json:
    """The published fees of the kinds of transactions."""
    return answer.answer_fees(view.state)


def get_types(view: View, _ask: Ask) -> Json:
    """The kinds of transactions by name."""
    return answer.answer_types(view.state)


def get_schemas(view: View, _ask: Ask) -> Json:
    """The forms of the kinds of transactions."""
    return answer.answer_schemas(view.state)


def list_none(_view: View, _ask: Ask) -> Rows:
    """A list of what does not exist here."""
    return Rows([], 0)


def _missing(what: str) -> Handler:
    def get_none(_view: View, _ask: Ask) -> Json:
        """What does not exist here."""
        raise MissingError(f"{what} not found")

    return get_none


@describe_submission
def post_transactions(
    view: View, _params: Params, body: Json | Foreign
) -> Reply | Awaitable[Reply]:
    """Take transactions into the pool."""
    try:
        records = check_body(None if isinstance(body, Foreign) else body, view.state)
    except SchemaError as error:
        return refuse(422, error.message)
    return view.submit(records)


ROUTES: dict[str, Handler] = {
    "GET /blockchain": get_blockchain,
    "GET /blocks": blocks.list_blocks,
    "GET /blocks/first": blocks.get_first,
    "GET /blocks/last": blocks.get_last,
    "GET /blocks/{id}": blocks.get_block,
    "GET /blocks/{id}/transactions": transactions.list_of_block,
    "POST /blocks/search": blocks.list_blocks,
    "GET /delegates": accounts.list_delegates,
    "GET /delegates/{id}": accounts.get_delegate,
    "GET /delegates/{id}/blocks": blocks.list_forged,
    "GET /delegates/{id}/voters": accounts.list_voters,
    "POST /delegates/search": accounts.list_delegates,
    "GET /entities": list_none,
    "GET /entities/{id}": _missing("Entity"),
    "POST /entities/search": list_none,
    "GET /locks": accounts.list_locks,
    "GET /locks/{id}": accounts.get_lock,
    "POST /locks/search": accounts.list_locks,
    "POST /locks/unlocked": transactions.list_unlocked,
    "GET /node/configuration": get_configuration,
    "GET /node/configuration/crypto": get_crypto,
    "GET /node/fees": get_node_fees,
    "GET /node/status": get_node_status,
    "GET /node/syncing": get_syncing,
    "GET /peers": list_none,
    "GET /peers/{ip}": _missing("Peer"),
    "GET /rounds/{id}/delegates": _missing("Round"),
    "GET /transactions": transactions.list_transactions,
    "GET /transactions/fees": get_fees,
    "GET /transactions/schemas": get_schemas,
    "GET /transactions/types": get_types,
    "GET /transactions/unconfirmed": transactions.list_unconfirmed,
    "GET /transactions/unconfirmed/{id}": transactions.get_unconfirmed,
    "GET /transactions/{id}": transactions.get_transaction,
    "POST /transactions/search": transactions.search_transactions,
    "GET /votes": transactions.list_votes,
    "GET /votes/{id}": transactions.get_vote,
    "GET /wallets": accounts.list_wallets,
    "GET /wallets/top": accounts.list_top,
    "GET /wallets/{id}": accounts.get_wallet,
    "GET /wallets/{id}/locks": accounts.list_locks_of_wallet,
    "GET /wallets/{id}/transactions": transactions.list_of_wallet,
    "GET /wallets/{id}/transactions/received": transactions.list_received,
    "GET /wallets/{id}/transactions/sent": transactions.list_sent,
    "GET /wallets/{id}/votes": transactions.list_votes_of_wallet,
    "POST /wallets/search": accounts.list_wallets,
}
assert set(SCHEMAS) <= set(ROUTES), "a schema without a route"
