"""Descriptions of the layer-1 routes: what they take, from the rules that judge it; what they answer, as `iop.ledger.answer` makes it."""

from __future__ import annotations

from iop.daemon.http.description import (
    ANYTHING,
    BOOLEAN,
    HEX_ID,
    INTEGER,
    NATURAL,
    NULL,
    NUMBER_TEXT,
    TEXT,
    describe,
    either,
    list_of,
    map_of,
    object_of,
    text_like,
)
from iop.daemon.http.parameter import shape_of, shape_of_members
from iop.daemon.layer1.schema import SCHEMAS
from iop.daemon.layer1.schema import Schema as Rules

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from iop.daemon.http.description import Schema

    F = TypeVar("F", bound=Callable[..., object])

_HEX = text_like("^([0-9a-f]{2})*$", "00")
_ADDRESS = text_like("^[1-9A-HJ-NP-Za-km-z]{34}$", "tYkupfpnXHR9xtvWowscsWhyxvJLafb8ik")
_KEY = text_like("^[0-9a-f]{66}$", f"02{'00' * 32}")
_TIMESTAMP = object_of("Timestamp", epoch=INTEGER, unix=INTEGER, human=TEXT)
_LINK = either(TEXT, NULL)
_META = object_of(
    "PageMeta",
    optional={"totalCountIsEstimate": BOOLEAN},
    count=NATURAL,
    pageCount=NATURAL,
    totalCount=NATURAL,
    next=_LINK,
    previous=_LINK,
    self=_LINK,
    first=_LINK,
    last=_LINK,
)

_BLOCK = object_of(
    "Block",
    id=HEX_ID,
    version=NATURAL,
    height=NATURAL,
    previous=TEXT,
    forged=object_of(reward=NUMBER_TEXT, fee=NUMBER_TEXT, total=NUMBER_TEXT, amount=NUMBER_TEXT),
    payload=object_of(hash=HEX_ID, length=NATURAL),
    generator=object_of(optional={"username": TEXT}, address=_ADDRESS, publicKey=_KEY),
    signature=_HEX,
    confirmations=NATURAL,
    transactions=NATURAL,
    timestamp=_TIMESTAMP,
)
_KEPT_BLOCK = object_of(
    "KeptBlock",
    id=HEX_ID,
    version=NATURAL,
    timestamp=INTEGER,
    previousBlock=TEXT,
    height=NATURAL,
    numberOfTransactions=NATURAL,
    totalAmount=NUMBER_TEXT,
    totalFee=NUMBER_TEXT,
    reward=NUMBER_TEXT,
    payloadLength=NATURAL,
    payloadHash=HEX_ID,
    generatorPublicKey=_KEY,
    blockSignature=_HEX,
)
_TRANSACTION = object_of(
    "Transaction",
    optional={
        "blockId": HEX_ID,
        "signature": _HEX,
        "signSignature": _HEX,
        "signatures": list_of(_HEX),
        "vendorField": TEXT,
        "asset": ANYTHING,
        "timestamp": _TIMESTAMP,
    },
    id=HEX_ID,
    version=NATURAL,
    type=NATURAL,
    typeGroup=NATURAL,
    amount=NUMBER_TEXT,
    fee=NUMBER_TEXT,
    sender=_ADDRESS,
    senderPublicKey=_KEY,
    recipient=_ADDRESS,
    confirmations=NATURAL,
    nonce=NUMBER_TEXT,
)
# The form in which clients send transactions; which members there are depends on the kind.
_KEPT_TRANSACTION: Schema = {
    "title": "SignedTransaction",
    "type": "object",
    "properties": {
        "id": HEX_ID,
        "version": NATURAL,
        "type": NATURAL,
        "typeGroup": NATURAL,
        "nonce": NUMBER_TEXT,
        "senderPublicKey": TEXT,
        "fee": either(NUMBER_TEXT, NATURAL),
        "amount": either(NUMBER_TEXT, NATURAL),
        "signature": TEXT,
    },
    "required": ["type", "senderPublicKey", "fee", "amount"],
}
_WALLET = object_of(
    "Wallet",
    optional={
        "publicKey": _KEY,
        "lockedBalance": NUMBER_TEXT,
        "vote": _KEY,
        "multiSignature": object_of(publicKeys=list_of(_KEY), min=NATURAL),
        "username": TEXT,
        "secondPublicKey": _KEY,
    },
    address=_ADDRESS,
    nonce=NUMBER_TEXT,
    balance=NUMBER_TEXT,
    attributes={"type": "object"},
    isDelegate=BOOLEAN,
    isResigned=BOOLEAN,
)
_DELEGATE = object_of(
    "Delegate",
    optional={"rank": NATURAL},
    username=TEXT,
    address=_ADDRESS,
    publicKey=_KEY,
    votes=NUMBER_TEXT,
    isResigned=BOOLEAN,
    blocks=object_of(
        optional={"last": object_of(id=HEX_ID, height=NATURAL, timestamp=_TIMESTAMP)},
        produced=NATURAL,
    ),
    production=object_of(approval={"type": "number"}),
    forged=object_of(fees=NUMBER_TEXT, rewards=NUMBER_TEXT, total=NUMBER_TEXT),
)
_LOCK = object_of(
    "Lock",
    optional={"vendorField": TEXT},
    lockId=HEX_ID,
    amount=NUMBER_TEXT,
    secretHash=HEX_ID,
    senderPublicKey=_HEX,
    recipientId=_ADDRESS,
    timestamp=_TIMESTAMP,
    expirationType=NATURAL,
    expirationValue=NATURAL,
    isExpired=BOOLEAN,
)
_NOTHING: Schema = {"not": {}}  # rows of lists that are always empty
_FEE_SUMS = object_of(avg=NUMBER_TEXT, max=NUMBER_TEXT, min=NUMBER_TEXT, sum=NUMBER_TEXT)
_IDS = list_of(HEX_ID)
_TAKEN = object_of(
    "Submission",
    optional={"errors": map_of(list_of(object_of(type=TEXT, message=TEXT)))},
    data=object_of(accept=list_of(TEXT), broadcast=_IDS, excess=_IDS, invalid=list_of(TEXT)),
)
SUBMISSION: Schema = {
    "type": "object",
    "properties": {"transactions": {**list_of(_KEPT_TRANSACTION), "minItems": 1, "maxItems": 40}},
    "required": ["transactions"],
}

# What stands under `data`: a record, or the rows of a page. Beside the first shape the one that `transform=false` asks for.
_BLOCKS, _TRANSACTIONS = either(_BLOCK, _KEPT_BLOCK), either(_TRANSACTION, _KEPT_TRANSACTION)
ANSWERS: dict[str, Schema] = {
    "GET /blockchain": object_of(
        "Blockchain", block=object_of(height=NATURAL, id=HEX_ID), supply=NUMBER_TEXT
    ),
    "GET /blocks": _BLOCKS,
    "GET /blocks/first": _BLOCKS,
    "GET /blocks/last": _BLOCKS,
    "GET /blocks/{id}": _BLOCKS,
    "GET /blocks/{id}/transactions": _TRANSACTIONS,
    "POST /blocks/search": _BLOCKS,
    "GET /delegates": _DELEGATE,
    "GET /delegates/{id}": _DELEGATE,
    "GET /delegates/{id}/blocks": _BLOCKS,
    "GET /delegates/{id}/voters": _WALLET,
    "POST /delegates/search": _DELEGATE,
    "GET /entities": _NOTHING,
    "GET /entities/{id}": _NOTHING,
    "POST /entities/search": _NOTHING,
    "GET /locks": _LOCK,
    "GET /locks/{id}": _LOCK,
    "POST /locks/search": _LOCK,
    "POST /locks/unlocked": _TRANSACTIONS,
    "GET /node/configuration": {"title": "NodeConfiguration", "type": "object"},
    "GET /node/configuration/crypto": object_of(
        "CryptoConfiguration",
        network={"type": "object"},
        exceptions={"type": "object"},
        milestones=list_of({"type": "object"}),
        genesisBlock={"type": "object"},
    ),
    "GET /node/fees": map_of(map_of(_FEE_SUMS)),
    "GET /node/status": object_of(
        "NodeStatus", synced=BOOLEAN, now=NATURAL, blocksCount=INTEGER, timestamp=INTEGER
    ),
    "GET /node/syncing": object_of(
        "NodeSyncing", syncing=BOOLEAN, blocks=INTEGER, height=NATURAL, id=HEX_ID
    ),
    "GET /peers": _NOTHING,
    "GET /peers/{ip}": _NOTHING,
    "GET /rounds/{id}/delegates": _NOTHING,
    "GET /transactions": _TRANSACTIONS,
    "GET /transactions/fees": map_of(map_of(NUMBER_TEXT)),
    "GET /transactions/schemas": map_of(map_of({"type": "object"})),
    "GET /transactions/types": map_of(map_of(NATURAL)),
    "GET /transactions/unconfirmed": _TRANSACTIONS,
    "GET /transactions/unconfirmed/{id}": _TRANSACTION,
    "GET /transactions/{id}": _TRANSACTIONS,
    "POST /transactions/search": _TRANSACTIONS,
    "GET /votes": _TRANSACTIONS,
    "GET /votes/{id}": _TRANSACTIONS,
    "GET /wallets": _WALLET,
    "GET /wallets/top": _WALLET,
    "GET /wallets/{id}": _WALLET,
    "GET /wallets/{id}/locks": _LOCK,
    "GET /wallets/{id}/transactions": _TRANSACTIONS,
    "GET /wallets/{id}/transactions/received": _TRANSACTIONS,
    "GET /wallets/{id}/transactions/sent": _TRANSACTIONS,
    "GET /wallets/{id}/votes": _TRANSACTIONS,
    "POST /wallets/search": _WALLET,
}


def describe_route(route: str, handler: F, summary: str | None) -> F:
    """The handler of a route of the table with its description; summary: what it answers, in words."""
    rules = SCHEMAS.get(route, Rules())
    names = [part[1:-1] for part in route.split("/") if part[:1] == "{"]
    params = dict.fromkeys(names, TEXT) | _shapes(rules.params)
    errors = (404, 422) if names else (422,)
    body = None
    if route.startswith("POST "):
        body = {"type": "object"} if rules.body is None else shape_of_members(rules.body)
    answer = ANSWERS[route]
    if rules.is_paged:
        framed = object_of(meta=_META, data=list_of(answer))
    elif route == "GET /node/fees":
        framed = object_of(meta=object_of(days=NATURAL), data=answer)
    else:
        framed = object_of(data=answer)
    handler.__doc__ = summary
    decorate = describe(framed, params=params, query=_shapes(rules.query), body=body, errors=errors)
    return decorate(handler)


def describe_submission(handler: F) -> F:
    """The handler that takes transactions, described."""
    return describe(_TAKEN, body=SUBMISSION, errors=(422,))(handler)


def _shapes(rules: object) -> dict[str, Schema]:
    return {name: shape_of(rule) for name, rule in rules.items()} if isinstance(rules, dict) else {}
