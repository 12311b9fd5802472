"""What each layer-1 route may be asked, as the original's route schemas have it: a table (morpheus ch. 13).

A route without a schema for its query takes any query and ignores it. The order of the members is the order in which they are
judged, which decides what a request with two mistakes is told.
"""

from __future__ import annotations

from iop.daemon.http.parameter import (
    any_of,
    between,
    block_id_text,
    flag,
    height_text,
    ip,
    list_of,
    number,
    object_of,
    one_of,
    order_by,
    text,
)
from iop.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iop.daemon.http.parameter import Rule, Rules

MAX_LIMIT = 100  # rows of a page, and how many there are when nobody asks
ACTIVE_DELEGATES = 53  # of the original's networks: bounds the list of names that one search takes


@value
class Schema:
    """Rules of a route: for the parameters of its path, its query and its body; None takes anything. is_paged: it answers pages."""

    params: Rules | None = None
    query: Rules | None = None
    body: Rules | None = None
    is_paged: bool = False


BLOCK_ORDERS = (
    "height",
    "numberOfTransactions",
    "reward",
    "timestamp",
    "totalAmount",
    "totalFee",
    "version",
)
TRANSACTION_ORDERS = (
    "amount",
    "fee",
    "nonce",
    "timestamp",
    "type",
    "typeGroup",
    "vendorField",
    "version",
)
WALLET_ORDERS = (
    "address",
    "balance",
    "resigned",
    "lockedBalance",
    "nonce",
    "publicKey",
    "secondPublicKey",
    "username",
    "vote",
    "voteBalance",
)
DELEGATE_ORDERS = (
    "approval",
    "forgedFees",
    "forgedRewards",
    "forgedTotal",
    "producedBlocks",
    "publicKey",
    "rank",
    "resigned",
    "username",
    "voteBalance",
    "votes",
)
LOCK_ORDERS = (
    "amount",
    "expirationType",
    "expirationValue",
    "isExpired",
    "lockId",
    "recipientId",
    "secretHash",
    "senderPublicKey",
    "timestamp",
    "vendorField",
)
PEER_ORDERS = ("height", "ip", "latency", "version")
ENTITY_ORDERS = ("address", "isResigned", "id", "publicKey", "type", "subType")

_COUNT = number(0)
_POSITIVE = number(positive=True)
_WHOLE = number()
_ID = text(hexadecimal=True, size=64)
_ADDRESS = text(alphanumeric=True, size=34)
_KEY = text(hexadecimal=True, size=66)
_NAME = text(name=True, most=20)
_SLUG = text(slug=True, most=40)
_HEX = text(hexadecimal=True)
_BLOCK_ID = any_of(height_text, block_id_text)
_WALLET_ID = any_of(_NAME, _ADDRESS, _KEY)
_VENDOR = text(most_bytes=255)
_EXPIRATION = one_of("EpochTimestamp", "BlockHeight", 1, 2)
_RANGE = between(_COUNT)
_HEIGHTS = between(_POSITIVE)
_BALANCES = between(_WHOLE)
_PERCENTAGES = between(number(0, 100, whole=False, digits=2))

_PAGED: Rules = {"page": _POSITIVE, "offset": _COUNT, "limit": number(1, MAX_LIMIT)}
_TRANSFORM: Rules = {"transform": flag}
_BLOCK: Rules = {
    "orderBy": order_by(*BLOCK_ORDERS),
    "id": _BLOCK_ID,
    "version": _COUNT,
    "timestamp": _COUNT,
    "previousBlock": _BLOCK_ID,
    "height": _POSITIVE,
    "numberOfTransactions": _COUNT,
    "totalAmount": _COUNT,
    "totalFee": _COUNT,
    "reward": _COUNT,
}
_TRANSACTION: Rules = {
    "orderBy": order_by(*TRANSACTION_ORDERS),
    "id": _ID,
    "blockId": _BLOCK_ID,
    "type": _COUNT,
    "typeGroup": _COUNT,
    "version": _POSITIVE,
    "senderPublicKey": _KEY,
    "senderId": _ADDRESS,
    "recipientId": _ADDRESS,
    "timestamp": _COUNT,
    "nonce": _COUNT,
    "amount": _COUNT,
    "fee": _COUNT,
    "vendorField": _VENDOR,
    "transform": flag,
}
_WALLET: Rules = {
    "orderBy": order_by(*WALLET_ORDERS),
    "address": _ADDRESS,
    "publicKey": _KEY,
    "secondPublicKey": _KEY,
    "vote": _KEY,
    "username": _NAME,
    "balance": _COUNT,
    "voteBalance": _COUNT,
    "producedBlocks": _COUNT,
}
_ENTITY: Rules = {
    "publicKey": _KEY,
    "type": _WHOLE,
    "subType": _WHOLE,
    "name": _SLUG,
    "isResigned": flag,
}


def _without(rules: Rules, *names: str) -> dict[str, Rule]:
    return {name: rule for name, rule in rules.items() if name not in names}


def _paged(query: Rules, *, body: Rules | None = None, params: Rules | None = None) -> Schema:
    return Schema(params, {**_PAGED, **query}, body, is_paged=True)


_OF_WALLET: Rules = {"id": _WALLET_ID}
_OF_ID: Rules = {"id": _ID}

SCHEMAS: dict[str, Schema] = {
    "GET /blocks": _paged({**_BLOCK, "generatorPublicKey": _KEY, **_TRANSFORM}),
    "GET /blocks/first": Schema(query=_TRANSFORM),
    "GET /blocks/last": Schema(query=_TRANSFORM),
    "GET /blocks/{id}": Schema({"id": _BLOCK_ID}, _TRANSFORM),
    "GET /blocks/{id}/transactions": _paged(
        _without(_TRANSACTION, "typeGroup", "nonce") | {"version": _COUNT}, params={"id": text()}
    ),
    "POST /blocks/search": _paged(
        _TRANSFORM,
        body={
            "orderBy": order_by(*BLOCK_ORDERS),
            "id": _BLOCK_ID,
            "version": _COUNT,
            "previousBlock": _BLOCK_ID,
            "generatorPublicKey": _KEY,
            "timestamp": _RANGE,
            "height": _HEIGHTS,
            "numberOfTransactions": _RANGE,
            "totalAmount": _RANGE,
            "totalFee": _RANGE,
            "reward": _RANGE,
        },
    ),
    "GET /delegates": _paged(
        {
            "orderBy": order_by(*DELEGATE_ORDERS),
            "type": one_of("resigned", "never-forged"),
            **_without(_WALLET, "orderBy"),
        }
    ),
    "GET /delegates/{id}": Schema(_OF_WALLET),
    "GET /delegates/{id}/blocks": _paged(
        {
            **_BLOCK,
            "payloadLength": _COUNT,
            "payloadHash": _HEX,
            "generatorPublicKey": _KEY,
            "blockSignature": _HEX,
            **_TRANSFORM,
        },
        params=_OF_WALLET,
    ),
    "GET /delegates/{id}/voters": _paged({**_WALLET, **_TRANSFORM}, params=_OF_WALLET),
    "POST /delegates/search": _paged(
        {"orderBy": order_by(*DELEGATE_ORDERS)},
        body={
            "address": _ADDRESS,
            "publicKey": _KEY,
            "username": _NAME,
            "usernames": list_of(_NAME, ACTIVE_DELEGATES),
            "approval": _PERCENTAGES,
            "forgedFees": _RANGE,
            "forgedRewards": _RANGE,
            "forgedTotal": _RANGE,
            "producedBlocks": _RANGE,
            "voteBalance": _RANGE,
        },
    ),
    "GET /locks": _paged(
        {
            "orderBy": order_by(*LOCK_ORDERS),
            "recipientId": _ADDRESS,
            "senderPublicKey": _KEY,
            "lockId": _ID,
            "secretHash": _ID,
            "amount": _COUNT,
            "expirationValue": _COUNT,
            "expirationType": _EXPIRATION,
            "isExpired": flag,
        }
    ),
    "GET /locks/{id}": Schema(_OF_ID),
    "POST /locks/search": _paged(
        {"orderBy": order_by(*LOCK_ORDERS)},
        body={
            "recipientId": _ADDRESS,
            "senderPublicKey": _KEY,
            "lockId": _ID,
            "secretHash": _ID,
            "amount": _RANGE,
            "timestamp": _RANGE,
            "vendorField": text(most=255),
            "expirationType": _EXPIRATION,
            "expirationValue": _RANGE,
            "isExpired": flag,
        },
    ),
    "POST /locks/unlocked": _paged(
        {"orderBy": order_by(*TRANSACTION_ORDERS)}, body={"ids": list_of(_ID, 25)}
    ),
    "GET /node/fees": Schema(query={"days": number(1, 30)}),
    "GET /peers": _paged({"ip": ip, "version": text(), "orderBy": order_by(*PEER_ORDERS)}),
    "GET /peers/{ip}": Schema({"ip": ip}),
    "GET /rounds/{id}/delegates": Schema({"id": number(1)}),
    "GET /transactions": _paged(_TRANSACTION),
    "GET /transactions/{id}": Schema(_OF_ID, _TRANSFORM),
    "GET /transactions/unconfirmed": _paged(_TRANSFORM),
    "GET /transactions/unconfirmed/{id}": Schema(_OF_ID),
    "POST /transactions/search": _paged(
        _TRANSFORM,
        body={
            **_without(_TRANSACTION, "timestamp", "amount", "fee", "vendorField", "nonce"),
            "addresses": list_of(_ADDRESS, 50),
            "vendorField": _VENDOR,
            "timestamp": _RANGE,
            "nonce": _COUNT,
            "amount": _RANGE,
            "fee": _RANGE,
            "asset": object_of,
        },
    ),
    "GET /votes": _paged(_without(_TRANSACTION, "type", "typeGroup", "nonce")),
    "GET /votes/{id}": Schema(_OF_ID, _TRANSFORM),
    "GET /wallets": _paged({**_WALLET, "balance": _WHOLE}),
    "GET /wallets/top": _paged({**_WALLET, "balance": _WHOLE}),
    "GET /wallets/{id}": Schema(_OF_WALLET),
    "GET /wallets/{id}/transactions": _paged(
        _without(_TRANSACTION, "senderPublicKey", "senderId", "recipientId"), params=_OF_WALLET
    ),
    "GET /wallets/{id}/transactions/sent": _paged(
        _without(_TRANSACTION, "senderPublicKey", "senderId"), params=_OF_WALLET
    ),
    "GET /wallets/{id}/transactions/received": _paged(
        _without(_TRANSACTION, "recipientId"), params=_OF_WALLET
    ),
    "GET /wallets/{id}/votes": _paged(_TRANSFORM, params=_OF_WALLET),
    "GET /wallets/{id}/locks": _paged(
        {"isExpired": flag, "orderBy": order_by(*LOCK_ORDERS)}, params=_OF_WALLET
    ),
    "POST /wallets/search": _paged(
        {"orderBy": order_by(*WALLET_ORDERS)},
        body={
            "address": _ADDRESS,
            "addresses": list_of(_ADDRESS, 50),
            "publicKey": _KEY,
            "secondPublicKey": _KEY,
            "vote": _KEY,
            "username": _NAME,
            "producedBlocks": _COUNT,
            "balance": _BALANCES,
            "voteBalance": _RANGE,
            "lockedBalance": _RANGE,
        },
    ),
    "GET /entities": _paged({"orderBy": order_by(*ENTITY_ORDERS), **_ENTITY}),
    "GET /entities/{id}": Schema(_OF_ID),
    "POST /entities/search": _paged({"orderBy": order_by(*ENTITY_ORDERS)}, body=_ENTITY),
}
