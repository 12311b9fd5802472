"""The interface of names under /coeus/v1 (morpheus 18), and our dry run; handlers as in `iop.daemon.routes.morpheus`."""

from __future__ import annotations

from iop.daemon.http.description import (
    ANYTHING,
    BOOLEAN,
    NATURAL,
    NUMBER_TEXT,
    TEXT,
    describe,
    list_of,
    object_of,
    text_like,
)
from iop.daemon.http.payload import Foreign
from iop.daemon.http.reply import INTERNAL, Reply, encode, refuse
from iop.errors import DataError, LimitError, MissingError, VerifyError
from iop.keys.multicipher import parse_public_key
from iop.ledger.coeus.bundle import asset_from_record
from iop.ledger.coeus.name import parse_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    from iop.codec.json import Json
    from iop.daemon.http.router import Params, Router
    from iop.ledger.coeus.registry import Registry

    class Names(Protocol):
        """Where the registry of names is."""

        @property
        def names(self) -> Registry:
            """The registry at the last block."""

    class View(Protocol):
        """What the handlers read."""

        @property
        def state(self) -> Names:
            """The state at the last block."""


PREFIX = "/coeus/v1"
CHECK = "/iop/v1/check-names"
MAX_BUNDLES = 64  # in one question
CHECK_STEPS = 1 << 15  # of schemas, about a microsecond each

_NAME = {"name": text_like(r"^(\.[a-z0-9]+)+$", ".schema")}
_KEY = {"publicKey": text_like("^p", "pez2CLkBUjHB8w8G87D3YkREjpRuiqPu6BrRsgHMQy2Pzt6")}
_METADATA = object_of(
    "NameMetadata",
    owner=TEXT,
    subtreePolicies=object_of(optional={"expiration": NATURAL, "schema": ANYTHING}),
    registrationPolicy={"enum": ["owner", "any"]},
    expiresAtHeight=NATURAL,
)
_BUNDLE = {
    "title": "NameBundle",
    "type": "object",
    "properties": {
        "operations": list_of({"type": "object"}),
        "nonce": NATURAL,
        "publicKey": TEXT,
        "signature": TEXT,
    },
    "required": ["operations", "nonce", "publicKey", "signature"],
}


def register(router: Router) -> None:
    """Add the routes."""
    router.add("GET", PREFIX + "/resolve/{name}", get_data)
    router.add("GET", PREFIX + "/metadata/{name}", get_metadata)
    router.add("GET", PREFIX + "/children/{name}", get_children)
    router.add("GET", PREFIX + "/last-nonce/{publicKey}", get_last_nonce)
    router.add("GET", PREFIX + "/txn-status/{txid}", get_status)
    router.add("POST", CHECK, check_next)


@describe(object_of("NameData", data=ANYTHING), params=_NAME, errors=(404, 500))
def get_data(view: View, params: Params, _body: Json) -> Reply:
    """The data of a name that has not expired. 500 for what is no name."""
    text = params["name"]
    try:
        return encode({"data": view.state.names.resolve(parse_name(text))})
    except MissingError as exc:
        return refuse(404, f"Cannot resolve {text}. Error: {exc.message}")
    except DataError:
        return INTERNAL


@describe(_METADATA, params=_NAME, errors=(404, 500))
def get_metadata(view: View, params: Params, _body: Json) -> Reply:
    """Owner, policies and height of expiry of a name, expired or not. 500 for what is no name."""
    text = params["name"]
    try:
        return encode(view.state.names.metadata_of(parse_name(text)))
    except MissingError as exc:
        return refuse(404, f"Cannot get metadata for {text}. Error: {exc.message}")
    except DataError:
        return INTERNAL


@describe(object_of("NameChildren", children=list_of(TEXT)), params=_NAME, errors=(404, 500))
def get_children(view: View, params: Params, _body: Json) -> Reply:
    """The edges right below a name, sorted, expired or not. 500 for what is no name."""
    text = params["name"]
    try:
        return encode({"children": view.state.names.children_of(parse_name(text))})
    except MissingError as exc:
        return refuse(404, f"Cannot get children of {text}. Error: {exc.message}")
    except DataError:
        return INTERNAL


@describe(object_of("NameNonce", nonce=NUMBER_TEXT), params=_KEY, errors=(500,))
def get_last_nonce(view: View, params: Params, _body: Json) -> Reply:
    """The last nonce that a public key has used, as text. 500 for what is no key."""
    try:
        key = parse_public_key(params["publicKey"])
    except DataError:
        return INTERNAL
    return encode({"nonce": str(view.state.names.last_nonce(key))})


@describe(BOOLEAN, params={"txid": TEXT}, errors=(404,))
def get_status(view: View, params: Params, _body: Json) -> Reply:
    """Whether a transaction on names was confirmed or rejected."""
    txid = params["txid"]
    try:
        return encode(view.state.names.is_confirmed(txid))
    except MissingError as exc:
        message = f"Transaction {txid} is not processed by coeus (yet). Error: {exc.message}"
        return refuse(404, message)


@describe(list_of(object_of("NameFault", message=TEXT)), body=list_of(_BUNDLE), errors=(422,))
def check_next(view: View, _params: Params, body: Json | Foreign) -> Reply:
    """What would become of bundles of names in the next block: nothing, or the reason of the rejection.

    Nobody pays for this question, so it takes few bundles, and schemas that take little work.
    """
    names = view.state.names
    height = names.last_seen_height + 1
    if isinstance(body, list) and len(body) > MAX_BUNDLES:
        return refuse(422, f"at most {MAX_BUNDLES} bundles can be foreseen, got {len(body)}")
    try:
        asset = asset_from_record({"bundles": None if isinstance(body, Foreign) else body})
    except DataError as error:
        return refuse(422, error.message)
    names.apply_block(height)
    try:
        names.check_transaction(asset, CHECK_STEPS)
    except VerifyError as error:
        return encode([{"message": error.message}])
    except LimitError as error:
        return refuse(422, error.message)
    finally:
        names.revert_block(height)
    return encode([])
